//! The one integration-test binary: every suite that needs more than one crate is a module of it.
#![expect(clippy::expect_used, reason = "these are tests")]

mod appointments;
mod case_http;
mod case_ways;
mod catalogue_app;
mod catalogue_import;
mod citizens;
mod commands;
mod crash;
mod deliveries;
mod dependencies;
mod device_sessions;
mod displays;
mod feed_cut;
mod group_failure;
mod hall_http;
mod house_rules;
mod printing;
mod rights;
mod run_devices;
mod serving_http;
mod simulation;
mod sources;
mod stage;
mod store_contract;
mod store_ports;
mod system_booking;
mod system_personal_data;
mod system_program;
mod system_serving;
mod system_shutdown;
mod system_walk;
mod timers;
mod walk_devices;
