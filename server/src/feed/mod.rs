//! Live feeds.

/// The live feeds of all sites.
#[derive(Debug, Default)]
pub struct Feeds;
