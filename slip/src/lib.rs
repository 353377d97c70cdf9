//! Slips on paper: from the data of a slip to ESC/POS bytes for a printer's profile, and to a picture.
//!
//! Architecture Invariant: pure. No printer, no socket, no clock, no file but the fonts that the caller
//! names; nothing here knows what a ticket means.
//!
//! The few ESC/POS commands are written by hand in [`mod@escpos`]. The `escpos` crate was tried: it knows
//! neither `FS &` nor `FS !`, writes a stray CAN before `GS v 0` and four bytes for `DLE EOT`, and
//! reports an unmappable character for a whole text instead of a line; what remains of it is shorter
//! here, and only here can the type system keep text from becoming a command.

mod calibration;
pub mod clean;
pub mod escpos;
pub mod fonts;
pub mod picture;
pub mod qr;
mod text_mode;
mod words;

pub use escpos::EscPos;
pub use fonts::Fonts;
pub use picture::Picture;

use protocol::slip::{DocumentKind, PrinterProfile, SAVING_TICKET_MM_MAX, Slip, SlipLayout, TICKET_MM_MAX, TextMode};

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

/// How close everything stands on a slip. Whatever is too long for its layout is laid out closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Density {
    /// With air around it.
    Airy,
    /// Less paper, the same facts.
    Saving,
    /// As close as it can still be read: for long names, many windows, long addresses.
    Dense,
}

/// The first result that is short enough for the profile's layout, else the closest; `height_dots` tells how long one is.
/// The sheet that shows every size has one size.
pub(crate) fn short_enough<T>(
    slip: &Slip,
    profile: &PrinterProfile,
    mut make: impl FnMut(Density) -> T,
    height_dots: impl Fn(&T) -> u32,
) -> T {
    let (first, mm_max) = match profile.layout {
        SlipLayout::Standard => (Density::Airy, TICKET_MM_MAX),
        SlipLayout::Saving => (Density::Saving, SAVING_TICKET_MM_MAX),
    };
    if matches!(slip, Slip::Document(document) if document.kind == DocumentKind::SelfTest) {
        return make(Density::Airy);
    }
    let mut made = make(first);
    for closer in [Density::Saving, Density::Dense] {
        if closer as u8 > first as u8 && height_dots(&made).div_ceil(escpos::DOTS_PER_MM) > mm_max {
            made = make(closer);
        }
    }
    made
}

/// The slip as the bytes that the printer of `profile` takes, from its initialisation to the cut.
#[must_use]
pub fn escpos_bytes(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Vec<u8> {
    escpos(slip, profile, fonts).bytes
}

/// The slip as the printer of `profile` takes it, and how much paper that is.
#[must_use]
pub fn escpos(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> EscPos {
    match profile.text {
        TextMode::Raster => {
            let picture = picture::draw(slip, profile, fonts);
            let mut commands = escpos::Commands::begin(profile);
            commands.raster(&picture);
            commands.finish(profile)
        }
        TextMode::Gb18030 | TextMode::Gbk => text_mode::commands(slip, profile, fonts),
    }
}

/// The slip as it looks on paper of the profile's width in its layout, one pixel per dot.
#[must_use]
pub fn picture(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Picture {
    picture::draw(slip, profile, fonts)
}

/// The slip as it will come out of the printer of `profile`: where the printer sets the text itself, with this
/// machine's font in the places and sizes that the printer is told.
#[must_use]
pub fn preview(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Picture {
    match profile.text {
        TextMode::Raster => picture::draw(slip, profile, fonts),
        TextMode::Gb18030 | TextMode::Gbk => text_mode::preview(slip, profile, fonts),
    }
}
