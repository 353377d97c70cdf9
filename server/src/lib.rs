//! The central service: use cases, store, HTTP routes, live feed, workers and gateways.

pub mod app;
pub mod cli;
pub mod demo;
pub mod feed;
pub mod gateways;
pub mod http;
pub mod key_ring;
pub mod store;
pub mod vault;
pub mod worker;
