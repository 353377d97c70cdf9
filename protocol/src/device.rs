//! The session between a hall device and the server: one WebSocket, JSON frames in both directions.
//!
//! The device opens it with its token and says [`FromDevice::Hello`]; the server answers with
//! [`ToDevice::Config`]. Every command of a device carries an idempotency key and may be sent again
//! until it is answered; every print job is sent again until it is acknowledged.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    feed::BoardFrame,
    keeper::{FromKeeper, ToKeeper},
    layout::DisplayLayout,
    slip,
};

/// Version of these frames; a server refuses a newer one.
pub const DEVICE_PROTOCOL: u32 = 1;
/// A side that heard nothing for this long, in milliseconds, takes the line as cut.
pub const SILENCE_MS_MAX: u64 = 15_000;
/// Each side sends something at least this often, in milliseconds.
pub const HEARTBEAT_MS: u64 = 5_000;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Gives numbers.
    Kiosk,
    /// Shows calls.
    Display,
    /// Prints slips.
    Printer,
    /// Takes evaluations at one window.
    Pad,
}

impl DeviceKind {
    /// The kind as in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Display => "display",
            Self::Printer => "printer",
            Self::Pad => "pad",
        }
    }
}

/// What a device says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FromDevice {
    /// First frame of a session.
    Hello {
        /// [`DEVICE_PROTOCOL`] of the device.
        protocol: u32,
        /// Version of the program.
        version: String,
        /// Epoch and sequence of the last board frame applied, for displays.
        #[serde(default)]
        after: Option<(i64, i64)>,
        /// Files of the device that were damaged when its program started, and are kept beside the new ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        damaged: Vec<String>,
    },
    /// A command; sent again with the same key until it is answered.
    Command {
        /// Idempotency key, at most 64 characters.
        key: String,
        /// What is wanted.
        command: DeviceCommand,
    },
    /// A question; asked once, answered by [`ToDevice::Told`], written down on neither side.
    Ask {
        /// Number of the question, chosen by the device.
        id: u64,
        /// What is asked.
        question: Question,
    },
    /// The device lost the thread of its feed and wants the gap or a snapshot.
    Resync {
        /// Epoch and sequence of the last frame applied.
        after: Option<(i64, i64)>,
    },
    /// A print job lies in the device's spool: the server need not send it again.
    JobReceived {
        /// The job.
        job_id: String,
    },
    /// How a print job ended.
    JobReport {
        /// The job.
        job_id: String,
        /// The end.
        outcome: JobOutcome,
    },
    /// How the device is.
    Status {
        /// State of the printer, if it has one.
        #[serde(default)]
        printer: Option<slip::PrinterStatus>,
        /// Last error, for the person in charge.
        #[serde(default)]
        error: Option<String>,
    },
    /// What a kiosk says that can keep its hall while the line is cut.
    Keeper(FromKeeper),
    /// How much paper a printer used; told when it changed, at most once a minute.
    Paper(slip::PaperUse),
    /// Answer to a ping, and the device's own heartbeat.
    Pong,
}

/// Whose identity card was read. No log gets its content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardHolder {
    /// Name on the card.
    pub name: String,
    /// Number of the resident identity card.
    pub id_number: String,
}

impl fmt::Debug for CardHolder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CardHolder")
    }
}

/// A phone number that somebody left. No log gets its content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeftPhone(pub String);

impl fmt::Debug for LeftPhone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LeftPhone")
    }
}

/// A command of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeviceCommand {
    /// Take a number, the body of `POST /sites/{site}/tickets`.
    IssueTicket {
        /// The line, or
        #[serde(default)]
        line_id: Option<String>,
        /// the matters.
        #[serde(default)]
        matter_ids: Option<Vec<String>>,
        /// `ordinary` or `green`.
        #[serde(default)]
        priority: Option<String>,
        /// Whose identity card lay on the reader, if the number is to be theirs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder: Option<CardHolder>,
        /// Where the person is to be told that the turn comes near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<LeftPhone>,
        /// The person wants no slip: the number stands on the screen.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_slip: bool,
    },
    /// Take the number of an appointment, as `POST /appointments/{appointment}/check-in`.
    CheckIn {
        /// The appointment.
        appointment_id: String,
        /// The person wants no slip.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_slip: bool,
    },
    /// Print the test page on the printer beside it.
    TestPrint {},
    /// Print the slip of a number again, the body of `POST /tickets/{ticket}/reprint`.
    ReprintTicket {
        /// The ticket.
        ticket_id: String,
    },
    /// Rate a visit or a case, as `POST /evaluations` without own words: a kiosk has no keys for them.
    Rate {
        /// The code of the timeline.
        tracking_code: String,
        /// `visit` or `case`.
        subject: String,
        /// The case, when one is rated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case_id: Option<String>,
        /// One of the five levels.
        level: String,
        /// Codes of the reasons that were touched.
        #[serde(default)]
        reason_codes: Vec<String>,
    },
}

/// A question of a device. It may hold numbers of persons, so no log gets its content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Question {
    /// Whose slip is lost, the body of `POST /sites/{site}/tickets/find`.
    FindTickets {
        /// Number of an identity document, or
        #[serde(default)]
        id_number: Option<String>,
        /// a phone number, or
        #[serde(default)]
        phone: Option<String>,
        /// the code beside the slip's QR code, or
        #[serde(default)]
        short_code: Option<String>,
        /// the code in it.
        #[serde(default)]
        tracking_code: Option<String>,
    },
    /// Who has an appointment, the body of `POST /sites/{site}/appointments/find`.
    FindAppointments {
        /// Code, QR, phone or ID number.
        text: String,
    },
    /// The address that phones open to take a number.
    PhoneCode,
    /// How far a visit and its cases are: by the code in the slip's QR code, by the short code beside it (the body of
    /// `POST /tracking/find`), or by a case's number and query code (the body of `POST /progress`).
    Track {
        /// The code in the slip's or receipt's QR code, or
        #[serde(default)]
        tracking_code: Option<String>,
        /// the code beside it, or
        #[serde(default)]
        short_code: Option<String>,
        /// the number of a case
        #[serde(default)]
        number: Option<String>,
        /// with its query code.
        #[serde(default)]
        query_code: Option<String>,
    },
}

impl fmt::Debug for Question {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FindTickets { .. } => out.write_str("FindTickets"),
            Self::FindAppointments { .. } => out.write_str("FindAppointments"),
            Self::PhoneCode => out.write_str("PhoneCode"),
            Self::Track { .. } => out.write_str("Track"),
        }
    }
}

/// How a print job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum JobOutcome {
    /// On paper; `copies_unknown` counts attempts before it whose end is not known.
    Printed {
        /// Attempts before the last whose end is not known (the last one was marked 补打).
        attempts_unknown: u32,
    },
    /// Waits for the printer.
    Waiting {
        /// Stable code: `paper_out`, `cover_open`, `offline`, `error`.
        why: String,
    },
}

/// What the server says. The content lies under `body`, because a configuration and a board frame
/// have a `kind` of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum ToDevice {
    /// Who the device is and what it works with; sent after hello and whenever it changes.
    Config(DeviceConfig),
    /// Answer to a command: an HTTP status and a body, as the route would give.
    Reply {
        /// Key of the command.
        key: String,
        /// HTTP status.
        status: u16,
        /// The body: the object or a problem document.
        body: serde_json::Value,
        /// The first outcome given again.
        replayed: bool,
    },
    /// Answer to a question: an HTTP status and a body, as the route would give.
    Told {
        /// Number of the question.
        id: u64,
        /// HTTP status.
        status: u16,
        /// The body: the object or a problem document.
        body: serde_json::Value,
    },
    /// A slip to print; sent again until received.
    PrintJob {
        /// The job.
        job_id: String,
        /// What to print.
        slip: slip::Slip,
    },
    /// A frame of the board, for displays and kiosks.
    Board(BoardFrame),
    /// The lines of the hall, for kiosks.
    Lines {
        /// Every line a number can be taken for.
        lines: Vec<KioskLine>,
        /// When the hall is open; `None` from a server that does not say.
        #[serde(default)]
        opening: Option<Opening>,
    },
    /// Matters and their materials, for kiosks.
    Matters {
        /// Every published matter of the site.
        matters: Vec<KioskMatter>,
    },
    /// State of the printer beside a kiosk, sent at the beginning and whenever it changes.
    Printer {
        /// The newest state the printer told; `None` when the hall has none.
        status: Option<slip::PrinterStatus>,
    },
    /// What a hall's keeper is told.
    Keeper(ToKeeper),
    /// What a person asks of the device; sent after the configuration and whenever it changes.
    Care(DeviceCare),
    /// The token was revoked: forget it and wait for pairing.
    Revoked,
    /// The server lives.
    Ping,
}

/// What a person asks of a device from afar. Requests are counters: a device that sees one grow does it once, also
/// when it was away meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceCare {
    /// Grows when the page is to be loaded again.
    pub reload: u32,
    /// Grows when a picture of what it shows is wanted.
    pub picture: u32,
    /// Version of the server: a device of another one is to be brought to it.
    pub version: String,
    /// Whether this display speaks: of those in one loudspeaker zone only one does.
    pub speaks: bool,
    /// How a display speaks.
    pub voice: VoiceCare,
    /// What a display shows; `None` where nobody chose.
    pub layout: Option<DisplayLayout>,
}

impl Default for DeviceCare {
    fn default() -> Self {
        Self { reload: 0, picture: 0, version: String::new(), speaks: true, voice: VoiceCare::default(), layout: None }
    }
}

/// Where a display stands, as far as its voice is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loudspeaker<'a> {
    /// The display.
    pub id: &'a str,
    /// Its loudspeaker zone; those without one are a zone too.
    pub zone: Option<&'a str>,
    /// The window it stands at.
    pub window_id: Option<&'a str>,
}

impl Loudspeaker<'_> {
    /// Whether it is the one of its zone that speaks: of the connected displays that stand at no window the first by
    /// id. The same for the server and for a hall's keeper.
    #[must_use]
    pub fn speaks(self, connected: impl IntoIterator<Item = Self>) -> bool {
        let could_speak = |one: Self| one.window_id.is_none();
        let is_before = |other: Self| other.zone == self.zone && other.id < self.id;
        could_speak(self) && !connected.into_iter().any(|other| could_speak(other) && is_before(other))
    }
}

/// Most times that a call is said.
pub const REPEATS_MAX: u8 = 3;

/// How a display speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VoiceCare {
    /// How often a call is said, 1 to [`REPEATS_MAX`]; once while others wait.
    pub repeats: u8,
    /// Loudness by time of day, in order; full before the first.
    pub volume: Vec<VolumeStep>,
}

impl Default for VoiceCare {
    fn default() -> Self {
        Self { repeats: 2, volume: Vec::new() }
    }
}

/// From a time of day on so loud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumeStep {
    /// `08:30`, legal time.
    pub from: String,
    /// 0 is silent, 100 full.
    pub percent: u8,
}

/// When a hall is open, as a kiosk shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Opening {
    /// Whether it is open now; true round the clock.
    pub is_open: bool,
    /// When it opens next, RFC 3339; `None` while it never closes, or when no opening is planned.
    pub opens_at: Option<String>,
    /// The spans of today, `08:30`–`12:00`; none where it stays closed today or never closes.
    pub today: Vec<OpeningSpan>,
}

/// A span of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpeningSpan {
    /// `08:30`, legal time.
    pub from: String,
    /// `12:00`; `24:00` is the end of the day.
    pub to: String,
}

/// What a device works with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceConfig {
    /// The device.
    pub device_id: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Its site.
    pub site_id: String,
    /// Name of the hall.
    pub site_name: String,
    /// Phone of the hall.
    #[serde(default)]
    pub site_phone: Option<String>,
    /// The window it stands at.
    #[serde(default)]
    pub window_id: Option<String>,
    /// Server time, UTC milliseconds.
    pub now_ms: i64,
    /// Profile of the printer.
    #[serde(default)]
    pub printer_profile: Option<slip::PrinterProfile>,
    /// Where the phones of citizens reach the service; a kiosk shows the code of a number with it.
    #[serde(default)]
    pub public_url: Option<String>,
    /// What happens to a number that was called in vain, as printed on its slip.
    #[serde(default)]
    pub missed_rule: Option<String>,
    /// Address of the hall's keeper on the local network, `http://host:port`: where a display or a printer
    /// goes while the server does not answer.
    #[serde(default)]
    pub keeper_url: Option<String>,
    /// Addresses of other kiosks that a person can let take over from the keeper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standby_urls: Vec<String>,
    /// Who says this is not the server but the hall's keeper, while the line is cut.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_keeper: bool,
}

/// A line as a kiosk offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskLine {
    /// The line.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Letter of its numbers.
    pub prefix: String,
    /// Tickets waiting.
    pub waiting: u32,
    /// Whether a number can be had now.
    pub open: bool,
    /// Estimated wait in seconds.
    pub estimated_wait_s: u32,
    /// The same when it goes well.
    #[serde(default)]
    pub estimated_wait_optimistic_s: u32,
    /// Why no number can be had.
    #[serde(default)]
    pub stopped_text: Option<String>,
    /// Whether it takes appointments: only then does the kiosk ask for them.
    #[serde(default)]
    pub bookable: bool,
    /// Whether whoever leaves a phone number is told that the turn comes: only then does the kiosk ask for one.
    #[serde(default)]
    pub reminds: bool,
}

/// A matter as a kiosk offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskMatter {
    /// The matter.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The line that takes it.
    pub line_id: Option<String>,
    /// Full pinyin and initials for the keys.
    pub search: Vec<String>,
    /// What to bring.
    pub materials: Vec<KioskMaterial>,
}

/// A material as a kiosk shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskMaterial {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Frame;

    #[test]
    fn a_question_shows_no_number_of_a_person() {
        let phone = "13800005678";
        let lost = Question::FindTickets { id_number: None, phone: Some(phone.into()), short_code: None, tracking_code: None };
        let track = Question::Track { tracking_code: None, short_code: Some(phone.into()), number: None, query_code: None };
        for question in [lost, Question::FindAppointments { text: phone.into() }, track] {
            let frame = FromDevice::Ask { id: 7, question };
            assert!(!format!("{frame:?}").contains(phone));
            let text = serde_json::to_string(&frame).unwrap_or_default();
            assert_eq!(serde_json::from_str::<FromDevice>(&text).ok(), Some(frame), "{text}");
        }
    }

    #[test]
    fn a_command_of_an_older_kiosk_asks_for_a_slip_and_one_with_a_slip_is_written_as_before() {
        let issue = r#"{"type":"issue_ticket","line_id":"l_dc_a","matter_ids":null,"priority":null}"#;
        let check_in = r#"{"type":"check_in","appointment_id":"ap_dc_1"}"#;
        for text in [issue, check_in] {
            let command: Result<DeviceCommand, _> = serde_json::from_str(text);
            assert!(
                matches!(command, Ok(DeviceCommand::IssueTicket { no_slip: false, .. } | DeviceCommand::CheckIn { no_slip: false, .. })),
                "{command:?}"
            );
            // The same bytes, since the key of a retry is bound to them.
            assert_eq!(command.ok().and_then(|command| serde_json::to_string(&command).ok()).as_deref(), Some(text));
        }
        let without = DeviceCommand::CheckIn { appointment_id: "ap_dc_1".into(), no_slip: true };
        let text = serde_json::to_string(&without).unwrap_or_default();
        assert!(text.contains(r#""no_slip":true"#), "{text}");
        assert_eq!(serde_json::from_str(&text).ok(), Some(without));
    }

    #[test]
    fn of_a_zone_the_first_display_in_the_hall_speaks() {
        let at = |id, zone, window_id| Loudspeaker { id, zone, window_id };
        let (one, two, upstairs) = (at("d1", None, None), at("d2", None, None), at("d3", Some("二楼"), None));
        let strip = at("d0", None, Some("w_dc_1"));
        let all = [two, upstairs, strip, one];
        assert_eq!([strip, one, two, upstairs].map(|own| own.speaks(all)), [false, true, false, true]);
        assert!(two.speaks([two, upstairs, strip]), "another takes over");
    }

    #[test]
    fn frames_whose_content_has_a_kind_of_its_own_come_back_as_they_went() {
        let config = DeviceConfig {
            device_id: "d_dc_1".into(),
            kind: DeviceKind::Display,
            site_id: "demo-center".into(),
            site_name: String::new(),
            site_phone: None,
            window_id: None,
            now_ms: 1,
            printer_profile: None,
            public_url: None,
            missed_rule: None,
            keeper_url: None,
            standby_urls: Vec::new(),
            from_keeper: false,
        };
        let waiting = Frame::Waiting { epoch: 1, seq: 2, prev: 1, waiting: Vec::new() };
        for frame in [ToDevice::Config(config), ToDevice::Board(waiting), ToDevice::Board(Frame::Ping), ToDevice::Ping] {
            let text = serde_json::to_string(&frame).unwrap_or_default();
            assert_eq!(serde_json::from_str::<ToDevice>(&text).ok(), Some(frame), "{text}");
        }
    }
}
