//! Plans as text, held against what Terraform prints.
