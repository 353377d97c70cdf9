//! What the three hall devices share: the session with the server, the spool, pairing, settings and
//! the local page.
//!
//! Architecture Invariant: nothing here knows what a kiosk, a display or a printer does; it moves
//! frames and keeps them over a restart.

pub mod clock;
pub mod commands;
pub mod connect;
pub mod courier;
pub mod damage;
pub mod disk;
mod exchange;
pub mod page;
pub mod pairing;
pub mod picture;
pub mod pinyin;
pub mod problem;
pub mod program;
pub mod public_read;
pub mod questions;
pub mod seal;
pub mod session;
pub mod settings;
pub mod speech;
pub mod spool;
pub mod token;
