//! Plans and states as JSON, in the form that tools around Terraform read.
