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

/// Switches automatic status on (`GS a`) for on and off line, errors and paper; `ESC @` switches it off again.
pub const AUTOMATIC_ON: [u8; 3] = [0x1D, b'a', 0x0E];
/// Switches automatic status off.
pub const AUTOMATIC_OFF: [u8; 3] = [0x1D, b'a', 0];

/// What a printer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// To `DLE EOT`.
    RealTime(u8),
    /// To [`ORDERED_QUESTION`].
    Ordered,
    /// By itself (ASB), because something changed.
    Automatic(PrinterStatus),
    /// Flow control or noise.
    Other,
}

/// Tells answers apart by their fixed bits: `0xx1xx10` real time, `0xx1xx00` the first of four bytes of automatic
/// status, `0xx0xxxx` ordered, or one of the three that follow. So it must see every byte of a connection: a byte
/// of an automatic status, which some other program may have switched on, is never taken for an acknowledgement.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    /// The automatic status that has begun.
    begun: Vec<u8>,
}

impl Decoder {
    /// Takes the next byte; `None` while an automatic status is not whole.
    pub fn take(&mut self, byte: u8) -> Option<Answer> {
        if self.begun.is_empty() {
            return self.begin(byte);
        }
        if byte & 0x90 != 0 {
            // Answers in real time and flow control come between the four bytes of some models.
            let answer = single(byte);
            if !matches!(answer, Answer::Other) || is_flow_control(byte) {
                return Some(answer);
            }
            self.begun.clear();
            return self.begin(byte);
        }
        self.begun.push(byte);
        let [first, errors, paper, _] = *self.begun.as_slice() else { return None };
        self.begun.clear();
        Some(Answer::Automatic(automatic_status(first, errors, paper)))
    }

    fn begin(&mut self, byte: u8) -> Option<Answer> {
        if byte & 0x93 == 0x10 {
            self.begun.push(byte);
            return None;
        }
        Some(single(byte))
    }
}

fn is_flow_control(byte: u8) -> bool {
    matches!(byte, 0x11 | 0x13)
}

fn single(byte: u8) -> Answer {
    if byte & 0x93 == 0x12 {
        Answer::RealTime(byte)
    } else if byte & 0x90 == 0 {
        Answer::Ordered
    } else {
        Answer::Other
    }
}

/// The state from the first three of four bytes of automatic status (Epson's reference, `GS a`).
fn automatic_status(first: u8, errors: u8, paper: u8) -> PrinterStatus {
    let has = |byte: u8, bits: u8| byte & bits != 0;
    let paper_state = if has(paper, 0x0C) {
        PaperState::Out
    } else if has(paper, 0x03) {
        PaperState::NearEnd
    } else {
        PaperState::Ok
    };
    PrinterStatus { online: !has(first, 0x08), paper: paper_state, cover_open: has(first, 0x20), error: has(errors, 0x6C) }
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

    fn heard(bytes: &[u8]) -> Vec<Answer> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.take(*byte)).collect()
    }

    #[test]
    fn kinds_of_answers_are_never_mixed_up() {
        for paper in [0x00, 0x03, 0x0C, 0x0F] {
            assert_eq!(heard(&[paper]), [Answer::Ordered]);
        }
        for real_time in [0x12, 0x16, 0x1A, 0x1E, 0x32, 0x52, 0x7E] {
            assert_eq!(heard(&[real_time]), [Answer::RealTime(real_time)]);
        }
        for other in [0x11, 0x13, 0x90, 0xFF] {
            assert_eq!(heard(&[other]), [Answer::Other]);
        }
    }

    #[test]
    fn an_automatic_status_is_one_answer_and_acknowledges_nothing() {
        let dry = PrinterStatus { online: false, paper: PaperState::Out, cover_open: false, error: false };
        assert_eq!(heard(&[0x18, 0x00, 0x0C, 0x00]), [Answer::Automatic(dry)]);
        assert_eq!(heard(&[0x10, 0x00, 0x00, 0x00]), [Answer::Automatic(PrinterStatus::READY)]);
        let [Answer::Automatic(open)] = heard(&[0x38, 0x08, 0x03, 0x00])[..] else { panic!("one answer") };
        assert!(open.cover_open && open.error && open.paper == PaperState::NearEnd);
        // The real-time answer that comes in between stays what it is, and the acknowledgement behind them too.
        let mixed = heard(&[0x10, 0x00, 0x12, 0x00, 0x13, 0x00, 0x00]);
        assert_eq!(mixed, [Answer::RealTime(0x12), Answer::Other, Answer::Automatic(PrinterStatus::READY), Answer::Ordered]);
        // One that breaks off gives nothing.
        assert_eq!(heard(&[0x10, 0x00, 0x18, 0x00, 0x0C, 0x00]), [Answer::Automatic(dry)]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_taken_and_real_time_answers_are_never_lost(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let answers = heard(&bytes);
            proptest::prop_assert!(answers.len() <= bytes.len());
            let told = |answer: &&Answer| matches!(answer, Answer::RealTime(_));
            let meant = bytes.iter().filter(|byte| **byte & 0x93 == 0x12).count();
            proptest::prop_assert_eq!(answers.iter().filter(told).count(), meant);
            // Four bytes a piece at least: noise makes no status out of less.
            let automatic = answers.iter().filter(|answer| matches!(answer, Answer::Automatic(_))).count();
            proptest::prop_assert!(automatic <= bytes.iter().filter(|byte| **byte & 0x93 == 0x10).count());
        }
    }
}
