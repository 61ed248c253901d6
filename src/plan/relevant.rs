//! Which attributes of resources a configuration refers to.
