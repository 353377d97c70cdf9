//! Real-time status of ESC/POS printers: the requests and what the answers mean.
//!
//! `DLE EOT n` is three bytes for n = 1, 2, 4 (Epson's reference); a fourth would be printed.

use protocol::slip::{PaperState, PrinterStatus};

/// What is asked with `DLE EOT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// n = 1: on or off line.
    Printer,
    /// n = 2: why off line.
    Offline,
    /// n = 4: roll paper.
    Paper,
}

impl Question {
    /// The request.
    #[must_use]
    pub fn bytes(self) -> [u8; 3] {
        let n = match self {
            Self::Printer => 1,
            Self::Offline => 2,
            Self::Paper => 4,
        };
        [0x10, 0x04, n]
    }
}

/// `GS r 1`: answered only when everything before it was worked through, so it acknowledges a slip.
pub const ORDERED_QUESTION: [u8; 3] = [0x1D, b'r', 1];

/// What a byte from the printer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// To `DLE EOT`.
    RealTime(u8),
    /// To [`ORDERED_QUESTION`].
    Ordered,
    /// Flow control, automatic status or noise.
    Other,
}

impl Answer {
    /// Tells answers apart by their fixed bits: `0xx1xx10` real time, `0xx0xxxx` ordered.
    #[must_use]
    pub fn of(byte: u8) -> Self {
        if byte & 0x93 == 0x12 {
            Self::RealTime(byte)
        } else if byte & 0x90 == 0 {
            Self::Ordered
        } else {
            Self::Other
        }
    }
}

/// The state from the three answers.
#[must_use]
pub fn status_of(printer: u8, offline: u8, paper: u8) -> PrinterStatus {
    let has = |byte: u8, bits: u8| byte & bits != 0;
    let paper_state = if has(paper, 0x60) || has(offline, 0x20) {
        PaperState::Out
    } else if has(paper, 0x0C) {
        PaperState::NearEnd
    } else {
        PaperState::Ok
    };
    PrinterStatus { online: !has(printer, 0x08), paper: paper_state, cover_open: has(offline, 0x04), error: has(offline, 0x40) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_the_reference_says() {
        assert_eq!(status_of(0x12, 0x12, 0x12), PrinterStatus::READY);
        let out = status_of(0x1A, 0x32, 0x7E);
        assert_eq!((out.online, out.paper, out.cover_open), (false, PaperState::Out, false));
        assert_eq!(status_of(0x12, 0x12, 0x1E).paper, PaperState::NearEnd);
        assert!(status_of(0x1A, 0x16, 0x12).cover_open);
        assert!(status_of(0x1A, 0x52, 0x12).error);
    }

    #[test]
    fn kinds_of_answers_are_never_mixed_up() {
        for paper in [0x00, 0x03, 0x0C, 0x0F] {
            assert_eq!(Answer::of(paper), Answer::Ordered);
        }
        for real_time in [0x12, 0x16, 0x1A, 0x1E, 0x32, 0x52, 0x7E] {
            assert_eq!(Answer::of(real_time), Answer::RealTime(real_time));
        }
        for other in [0x11, 0x13, 0x10, 0x90, 0xFF] {
            assert_eq!(Answer::of(other), Answer::Other);
        }
    }
}
