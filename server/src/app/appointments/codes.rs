//! The codes of an appointment: one that opens it for its holder, a short one for the kiosk. Both are made from
//! its id with the key of the blind index and stored nowhere; rows hold keyed hashes of them to be found by.
//! So whoever reads the database or a backup of it can open no appointment.

use domain::codes::{short_code, tracking_code};

use crate::app::App;

/// Codes of one appointment.
pub(super) struct Codes {
    /// 16 characters.
    pub(super) code: String,
    /// 8 characters, good at the site.
    pub(super) short: String,
}

impl App {
    pub(super) fn appointment_codes(&self, site_id: &str, id: &str) -> Codes {
        let secret = self.vault.blind_index("appointment_codes", &format!("{site_id} {id}"));
        let (mut long, mut short) = ([0; 10], [0; 5]);
        // HMAC-SHA-256 gives 32 bytes.
        long.iter_mut().chain(&mut short).zip(&secret).for_each(|(to, from)| *to = *from);
        Codes { code: tracking_code(long), short: short_code(short) }
    }

    /// What an appointment is found by when its code is told.
    pub(super) fn code_key(&self, code: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.vault.blind_index("appointment_code", code))
    }

    /// The same of the short code, which is good at one site only.
    pub(super) fn short_key(&self, site_id: &str, short: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.vault.blind_index("appointment_short_code", &format!("{site_id} {short}")))
    }
}
