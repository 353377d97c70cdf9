//! The central service: use cases, store, HTTP routes, live feed, workers and gateways.

pub mod store;
