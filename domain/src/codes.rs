//! codes.
