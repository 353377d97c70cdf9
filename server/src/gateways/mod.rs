//! gateways.
