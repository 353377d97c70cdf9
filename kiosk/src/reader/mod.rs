//! The reader of resident identity cards beside the kiosk. A card that is laid on it is read once and kept in memory
//! for the person who stands there; which reader it is, is not known outside.

mod desk;
mod frame;
mod sam;
mod text;

use std::future::Future;

pub use desk::{CardDesk, ReaderState, SeenCard};
pub use sam::{READER_BAUD, SamReader, SerialPortPath};
pub use text::Card;

/// What a reader tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It answers.
    Ready,
    /// It does not.
    Absent,
    /// A card was laid on it and read.
    Card(Card),
    /// A card was laid on it that could not be read, or not to the end.
    Unreadable,
}

/// A reader of identity cards.
pub trait CardReader: Send + 'static {
    /// The next thing it tells. Never ends by an error: a reader that is not there is [`Heard::Absent`], and is tried
    /// again.
    fn next(&mut self) -> impl Future<Output = Heard> + Send;
}
