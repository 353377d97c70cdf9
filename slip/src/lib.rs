//! slip.
