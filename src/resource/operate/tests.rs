//! Operations against a scripted cloud.
