//! Slips on paper: from the data of a slip to ESC/POS bytes for a printer's profile, and to a picture.
//!
//! Architecture Invariant: pure. No printer, no socket, no clock, no file but the fonts that the caller
//! names; nothing here knows what a ticket means.
//!
//! The few ESC/POS commands are written by hand in [`escpos`]. The `escpos` crate was tried: it knows
//! neither `FS &` nor `FS !`, writes a stray CAN before `GS v 0` and four bytes for `DLE EOT`, and
//! reports an unmappable character for a whole text instead of a line; what remains of it is shorter
//! here, and only here can the type system keep text from becoming a command.

pub mod clean;
pub mod escpos;
pub mod fonts;
pub mod picture;
pub mod qr;
mod text_mode;
mod words;

pub use fonts::Fonts;
pub use picture::Picture;

use protocol::slip::{PaperWidth, PrinterProfile, Slip, TextMode};

/// What keeps a slip from being rendered.
#[derive(Debug, thiserror::Error)]
pub enum SlipError {
    /// None of the font files could be read.
    #[error("no font could be read from {tried:?}")]
    NoFont {
        /// The paths.
        tried: Vec<std::path::PathBuf>,
    },
    /// The picture could not be written as PNG.
    #[error("png: {0}")]
    Png(#[from] png::EncodingError),
}

/// The slip as the bytes that the printer of `profile` takes, from its initialisation to the cut.
#[must_use]
pub fn escpos_bytes(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Vec<u8> {
    match profile.text {
        TextMode::Raster => {
            let picture = picture::draw(slip, profile.width_dots, fonts);
            let mut commands = escpos::Commands::begin(profile);
            commands.raster(&picture);
            commands.finish(profile)
        }
        TextMode::Gb18030 | TextMode::Gbk => text_mode::bytes(slip, profile, fonts),
    }
}

/// The slip as it looks on paper of this width, one pixel per dot.
#[must_use]
pub fn picture(slip: &Slip, width: PaperWidth, fonts: &mut Fonts) -> Picture {
    picture::draw(slip, width, fonts)
}
