//! placeholder until the slip's types are merged.
