//! The card of the person who stands at the kiosk: used for one number or one look, then forgotten.

use protocol::device::CardHolder;

use super::{Answer, Kiosk, own};
use crate::reader::{CardDesk, CardReader};

impl Kiosk {
    /// Goes on with a reader of identity cards until the program ends.
    pub async fn read_cards(self, mut reader: impl CardReader) {
        self.0.view().desk = Some(CardDesk::default());
        loop {
            let heard = reader.next().await;
            let now_ms = self.0.clock.now_ms();
            if let Some(desk) = &mut self.0.view().desk {
                desk.hear(heard, now_ms);
            }
        }
    }

    /// The person went away, or does not want the card to be used.
    pub fn forget_card(&self) {
        if let Some(desk) = &mut self.0.view().desk {
            desk.forget();
        }
    }

    pub(super) fn holder(&self, with_card: bool) -> Result<Option<CardHolder>, Box<Answer>> {
        if !with_card {
            return Ok(None);
        }
        let now_ms = self.0.clock.now_ms();
        match self.0.view().desk.as_mut().and_then(|desk| desk.card(now_ms)) {
            Some(card) => Ok(Some(CardHolder { name: card.name.clone(), id_number: card.number.clone() })),
            None => Err(Box::new(own(409, "card_gone", "身份证信息已经清除", "请把身份证再放一次", ""))),
        }
    }

    /// Finds the appointments of whose card lay on the reader.
    pub async fn find_appointments_by_card(&self) -> Answer {
        match self.holder(true) {
            Ok(holder) => self.find_appointments(holder.map(|holder| holder.id_number).unwrap_or_default()).await,
            Err(gone) => *gone,
        }
    }
}
