//! What the kiosk knows of a card: as long as the person stands there, and no longer.

use domain::codes::{mask_id_number, mask_name};
use domain::time::local_date;
use serde::Serialize;

use super::{Card, Heard};

/// How long a card is kept after it was read, in milliseconds.
const CARD_KEEP_MS: i64 = 90_000;
/// How long the page says that a card could not be read, in milliseconds.
const UNREADABLE_SHOWN_MS: i64 = 8_000;

/// The card as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenCard {
    /// Name, masked.
    pub name: String,
    /// Number, masked.
    pub number: String,
    /// Whether its validity is over.
    pub has_expired: bool,
    /// When it was read, UTC milliseconds: laid down again, it is another reading.
    pub read_ms: i64,
}

/// The reader as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReaderState {
    /// Whether it answers.
    pub is_ready: bool,
    /// A card lay there a moment ago that could not be read.
    pub is_unreadable: bool,
    /// The card of the person who stands there.
    pub card: Option<SeenCard>,
}

/// The reader's state and the card of the moment.
#[derive(Debug, Default)]
pub struct CardDesk {
    is_ready: bool,
    /// Card, and when it was read (UTC milliseconds).
    card: Option<(Card, i64)>,
    unreadable_ms: Option<i64>,
}

impl CardDesk {
    pub(crate) fn hear(&mut self, heard: Heard, now_ms: i64) {
        match heard {
            Heard::Ready => self.is_ready = true,
            Heard::Absent => self.is_ready = false,
            Heard::Card(card) => (self.card, self.unreadable_ms) = (Some((card, now_ms)), None),
            Heard::Unreadable => (self.card, self.unreadable_ms) = (None, Some(now_ms)),
        }
    }

    pub(crate) fn forget(&mut self) {
        (self.card, self.unreadable_ms) = (None, None);
    }

    pub(crate) fn card(&mut self, now_ms: i64) -> Option<&Card> {
        self.forget_old(now_ms);
        self.card.as_ref().map(|(card, _)| card)
    }

    fn forget_old(&mut self, now_ms: i64) {
        self.card.take_if(|(_, read_ms)| now_ms - *read_ms > CARD_KEEP_MS);
    }

    pub(crate) fn state(&mut self, now_ms: i64) -> ReaderState {
        self.forget_old(now_ms);
        let card = self.card.as_ref().map(|(card, read_ms)| SeenCard {
            name: mask_name(&card.name),
            number: mask_id_number(&card.number),
            has_expired: card.valid_to.is_some_and(|last| last < local_date(now_ms)),
            read_ms: *read_ms,
        });
        let is_unreadable = self.unreadable_ms.is_some_and(|at| now_ms - at <= UNREADABLE_SHOWN_MS);
        ReaderState { is_ready: self.is_ready, is_unreadable, card }
    }
}
