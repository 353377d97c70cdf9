//! What a hall's keeper and the server say to each other inside the device session, and the journal of
//! what a keeper decided. What an answer promises stands in `domain::keeper`; nothing is decided here.
//!
//! An entry of the journal is a text and what proves it: `hash` is SHA-256 over number, hash of the entry
//! before and text, `signature` is Ed25519 over the hash by the device's own key. A text is signed as it
//! is, so that no second program has to write JSON the same way.

use std::fmt;

use chrono::NaiveDate;
use domain::appointment::{Appointment, Place};
use domain::hall::{Event, HallDoc, KeptDecision, Ticket, Window};
use domain::ids::AppointmentId;
use domain::time::Millis;
use serde::{Deserialize, Serialize};

use crate::device::{DeviceCare, DeviceKind, Loudspeaker};

/// Hash before the first entry of a journal, as hexadecimal digits.
pub const FIRST_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Longest text of an entry, in bytes: the end of a day with two thousand numbers.
pub const ENTRY_BYTES_MAX: usize = 384 << 10;

/// What hinders a keeper, for the person in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeeperTrouble {
    /// The machine's clock is more than two minutes off the server's.
    ClockWrong,
    /// Nothing can be written down: the disk is full or read-only.
    DiskFull,
    /// The journal on the disk is damaged; what was sent before is safe.
    JournalDamaged,
}

/// What a keeper says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromKeeper {
    /// This device can keep its hall; said after every connection.
    Ready {
        /// Ed25519 key of the journal, 64 hexadecimal digits.
        public_key: String,
        /// Where the hall reaches it, `http://host:port`.
        #[serde(default)]
        address: Option<String>,
        /// Number of the newest entry of its journal; 0 before the first.
        newest: u64,
        /// Its journal was damaged and a new one begun: numbers of the series so far may be given that nobody knows.
        #[serde(default)]
        lost: bool,
    },
    /// Answer to a beat: it decides nothing for a while.
    Beaten {
        /// Term of the beat.
        term: u64,
        /// Number of the beat.
        beat: u64,
    },
    /// It lost the thread of the hall's events and wants the whole.
    Resync,
    /// An entry of the journal; sent again until it is taken.
    Entry(Box<Entry>),
    /// An entry with a [`ClockText`](crate::keeper_clock::ClockText), said before those that it is about; in its own place it
    /// comes once more.
    Clock(Box<Entry>),
    /// By the word of a person in the hall this device took over from the keeper of a term; said before [`Self::Ready`].
    TookOver {
        /// The term of the one before.
        after_term: u64,
    },
    /// It decides nothing any more in the terms that are over: this is the newest entry of them.
    Closed {
        /// Number of the entry; 0 before the first.
        newest: u64,
    },
    /// How it is; said when it changes.
    State {
        /// Whether it decides.
        is_deciding: bool,
        /// Entries that the server has not taken.
        unsent: u64,
        /// What hinders it.
        #[serde(default)]
        trouble: Option<KeeperTrouble>,
    },
}

/// What a keeper is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "of", rename_all = "snake_case")]
pub enum ToKeeper {
    /// It is the keeper of its hall.
    Appointed {
        /// Grows with every change of keeper.
        term: u64,
        /// The letters of its own series.
        series: String,
        /// Number of the newest entry that was taken.
        taken: u64,
    },
    /// It is not the keeper, or not any more: it sends what it has and decides nothing.
    NotAppointed {
        /// Number of the newest entry that was taken.
        taken: u64,
    },
    /// It follows the hall, so that a person can let it take over; said after [`Self::NotAppointed`].
    Standby {
        /// The newest term of the hall.
        term: u64,
        /// The letters of its own series.
        series: String,
    },
    /// To be answered at once, or not at all.
    Beat {
        /// Term of the keeper.
        term: u64,
        /// Number of the beat.
        beat: u64,
    },
    /// The hall as it is.
    Hall(Box<HallSnapshot>),
    /// What the hall needs besides: accounts, devices, names.
    House(Box<House>),
    /// The appointments of today and tomorrow.
    Bookings(Vec<KeptBooking>),
    /// What happened in the hall.
    Events {
        /// Version of the hall before them.
        from_version: u64,
        /// The events in order.
        events: Vec<Event>,
    },
    /// Entries up to this number are taken or kept for review: they need not be sent again.
    Taken {
        /// The number.
        through: u64,
    },
}

/// A hall in parts, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HallSnapshot {
    /// Everything but windows and tickets.
    pub doc: HallDoc,
    /// The windows.
    pub windows: Vec<Window>,
    /// The tickets that go on.
    pub tickets: Vec<Ticket>,
}

/// What a keeper needs besides the hall.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct House {
    /// Short name of the site inside ids.
    pub site_key: String,
    /// Name of the hall.
    pub site_name: String,
    /// Phone of the hall.
    #[serde(default)]
    pub site_phone: Option<String>,
    /// Where the phones of citizens reach the service.
    pub public_url: String,
    /// Notices in force.
    #[serde(default)]
    pub notices: Vec<String>,
    /// What every board of the hall shows at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<String>,
    /// Who may work at a window of the hall, with a PIN.
    pub staff: Vec<HallStaff>,
    /// The devices that show and print.
    pub devices: Vec<HallDevice>,
}

/// An account of the hall while the line is cut.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HallStaff {
    /// The person.
    pub staff_id: String,
    /// Login name.
    pub username: String,
    /// Name for colleagues.
    pub name: String,
    /// Argon2id hash of the hall PIN.
    pub pin_hash: String,
    /// May call and serve.
    pub operates: bool,
    /// May act at windows of others.
    pub supervises: bool,
    /// May give numbers.
    pub issues: bool,
    /// Last day of the account or of a vendor's contract; it ends without the server too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
}

impl HallStaff {
    /// Whether the account may be used on a day.
    #[must_use]
    pub fn works_on(&self, day: NaiveDate) -> bool {
        self.last_day.is_none_or(|last| day <= last)
    }
}

impl fmt::Debug for HallStaff {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("HallStaff").field("staff_id", &self.staff_id).finish_non_exhaustive()
    }
}

/// An appointment as the keeper knows it: enough to check in, nothing of the person but opaque keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBooking {
    /// The appointment.
    pub appointment: Appointment,
    /// Opaque key of the person on the day of the slot, so that nobody waits twice in one line.
    #[serde(default)]
    pub holder_key: Option<String>,
    /// SHA-256 of [`Self::hashed`] of the code in its QR, hexadecimal digits.
    pub code_hash: String,
    /// The same of the short code.
    pub short_hash: String,
}

impl KeptBooking {
    /// The bytes that the hash of a code is made of: the codes themselves stand nowhere.
    #[must_use]
    pub fn hashed(appointment_id: &AppointmentId, code: &str) -> Vec<u8> {
        format!("{appointment_id}\n{code}").into_bytes()
    }
}

/// For which appointment a number was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCheckIn {
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// Its place as the keeper knew it.
    pub place: Place,
    /// After the time for which the place was kept.
    pub late: bool,
}

/// A device of the hall, as its keeper knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HallDevice {
    /// The device.
    pub id: String,
    /// What it is.
    pub kind: DeviceKind,
    /// SHA-256 of its token, as hexadecimal digits.
    pub token_hash: String,
    /// The window it stands at.
    #[serde(default)]
    pub window_id: Option<String>,
    /// Profile of a printer.
    #[serde(default)]
    pub printer_profile: Option<crate::slip::PrinterProfile>,
    /// Its loudspeaker zone.
    #[serde(default)]
    pub zone: Option<String>,
    /// What people ask of it; which display of a zone speaks the keeper decides by those it sees.
    #[serde(default)]
    pub care: DeviceCare,
}

impl HallDevice {
    /// Where it stands, as far as its voice is concerned.
    #[must_use]
    pub fn loudspeaker(&self) -> Loudspeaker<'_> {
        Loudspeaker { id: &self.id, zone: self.zone.as_deref(), window_id: self.window_id.as_deref() }
    }
}

/// What a keeper has not handed over, as a file that a person carries to the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalFile {
    /// [`JOURNAL_FORMAT`].
    pub format: String,
    /// The hall.
    pub site_id: String,
    /// One for each device that the machine was, the newest first.
    pub journals: Vec<DeviceJournal>,
}

/// Format of a [`JournalFile`].
pub const JOURNAL_FORMAT: &str = "yichuang-journal-1";

/// Entries of one device's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceJournal {
    /// The device.
    pub device_id: String,
    /// Of its field bag, not of the hall.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bag: bool,
    /// Entries in order; also those that cannot be read any more, with an empty text.
    pub entries: Vec<Entry>,
}

/// One entry of a journal with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JournalEntry)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub number: u64,
    /// Hash of the entry before, hexadecimal digits.
    pub previous: String,
    /// An [`EntryText`] as JSON.
    pub text: String,
    /// Hash of number, `previous` and `text`, hexadecimal digits.
    pub hash: String,
    /// Signature over the hash, hexadecimal digits.
    pub signature: String,
}

impl Entry {
    /// The bytes that the hash of an entry is made of.
    #[must_use]
    pub fn hashed(number: u64, previous: &str, text: &str) -> Vec<u8> {
        [number.to_string().as_str(), previous, text].join("\n").into_bytes()
    }
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryText {
    /// Term in which it was decided.
    pub term: u64,
    /// Who asked, for the log: a member of staff or the device.
    pub actor_id: String,
    /// The request's idempotency key.
    #[serde(default)]
    pub retry: Option<EntryRetry>,
    /// The appointment that the number is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<EntryCheckIn>,
    /// The decision.
    pub decision: KeptDecision,
}

/// The idempotency key of a request with what was answered, so that saying it again to the server gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRetry {
    /// SHA-256 of caller, method, path and key, hexadecimal digits.
    pub key_hash: String,
    /// SHA-256 of the same and the body, hexadecimal digits.
    pub body_hash: String,
    /// How long the outcome is kept, in milliseconds.
    pub keep_ms: Millis,
    /// HTTP status.
    pub status: u16,
    /// The object it was about.
    #[serde(default)]
    pub object_id: Option<String>,
    /// The answer's body.
    pub body: serde_json::Value,
}
