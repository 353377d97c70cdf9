//! What is printed in a hall, as data: slips, the profile of a printer, the state of a printer.
//!
//! Architecture Invariant: no layout and no printer commands here (crate `slip` knows those), and no
//! personal data: no name, no ID number, no phone of a holder (UI.md §9), because a slip lies in the
//! outbox and in the printer's spool.

use chrono::{Datelike, Timelike};
use domain::time::{Millis, local};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One slip to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Slip {
    /// 号票.
    Ticket(TicketSlip),
    /// A short document on slip paper.
    Document(DocumentSlip),
}

impl Slip {
    /// The same slip, marked 补打: printed when an earlier copy may be on paper already.
    #[must_use]
    pub fn marked_reprint(mut self) -> Self {
        match &mut self {
            Self::Ticket(ticket) => ticket.reprint = true,
            Self::Document(document) => document.reprint = true,
        }
        self
    }

    /// Whether the slip is marked 补打.
    #[must_use]
    pub fn reprint(&self) -> bool {
        match self {
            Self::Ticket(ticket) => ticket.reprint,
            Self::Document(document) => document.reprint,
        }
    }
}

/// A ticket as printed (UI.md §9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketSlip {
    /// Name of the hall.
    pub hall_name: String,
    /// Name of the line or of the bundle.
    pub line_name: String,
    /// Green channel: the line's name gets ` · 优先`.
    #[serde(default)]
    pub green: bool,
    /// The number, e.g. `A017`.
    pub number: String,
    /// Tickets ahead.
    pub ahead: u32,
    /// Estimated wait in seconds, 0 for 不用等.
    pub estimated_wait_s: u32,
    /// The same when it goes well; printed as a range with it.
    #[serde(default)]
    pub estimated_wait_optimistic_s: Option<u32>,
    /// Numbers of the windows that serve the line, in any order; empty when none is known yet.
    #[serde(default)]
    pub windows: Vec<u16>,
    /// Where to wait, e.g. `进门左手边`.
    #[serde(default)]
    pub area_text: Option<String>,
    /// Address of the tracking page, printed as QR.
    pub tracking_url: String,
    /// Eight characters for typing, without a hyphen.
    pub short_code: String,
    /// What happens to a missed number, e.g. `过号后隔 3 个号或 10 分钟再叫您，最多 2 次；再没到就作废。`
    pub missed_rule: String,
    /// When the number was given, UTC milliseconds.
    pub issued_at_ms: Millis,
    /// How long it holds, e.g. `当天有效`.
    pub valid_text: String,
    /// Phone of the hall.
    #[serde(default)]
    pub phone: Option<String>,
    /// Printed again: marked 补打.
    #[serde(default)]
    pub reprint: bool,
    /// Of a practice hall: marked 练习, good for nothing.
    #[serde(default)]
    pub practice: bool,
}

/// A short document on slip paper: a title, facts, a numbered list, a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentSlip {
    /// Which document.
    pub kind: DocumentKind,
    /// Name of the hall.
    pub hall_name: String,
    /// Title, e.g. `一次性告知书`.
    pub title: String,
    /// Facts, in order.
    #[serde(default)]
    pub rows: Vec<SlipRow>,
    /// Head of the list, e.g. `还差这 2 件`.
    #[serde(default)]
    pub items_title: Option<String>,
    /// Numbered list.
    #[serde(default)]
    pub items: Vec<SlipItem>,
    /// Sentences after the list: how to supply, what follows.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Code to scan.
    #[serde(default)]
    pub qr: Option<SlipQr>,
    /// When it was made, UTC milliseconds.
    pub issued_at_ms: Millis,
    /// Phone of the hall.
    #[serde(default)]
    pub phone: Option<String>,
    /// Printed again: marked 补打.
    #[serde(default)]
    pub reprint: bool,
    /// Of a practice hall: marked 练习, good for nothing.
    #[serde(default)]
    pub practice: bool,
}

/// Which short document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 材料接收凭证.
    MaterialReceipt,
    /// 受理回执.
    AcceptanceReceipt,
    /// 一次性告知书.
    CorrectionNotice,
    /// 取证通知.
    PickupNotice,
    /// 打印机自检页.
    SelfTest,
}

/// One fact of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlipRow {
    /// What it is, e.g. `办件编号`.
    pub label: String,
    /// The fact.
    pub value: String,
}

/// One point of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlipItem {
    /// What is asked or listed.
    pub text: String,
    /// Second line, e.g. the legal basis.
    #[serde(default)]
    pub note: Option<String>,
}

/// A code to scan with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlipQr {
    /// The address.
    pub url: String,
    /// What to do, e.g. `手机扫一扫，随时看进度`.
    pub caption: String,
    /// Code for typing instead.
    #[serde(default)]
    pub code: Option<String>,
}

/// `11月24日 10:26` in UTC+08:00: how a slip writes its time.
#[must_use]
pub fn issued_text(issued_at_ms: Millis) -> String {
    let at = local(issued_at_ms);
    format!("{}月{}日 {:02}:{:02}", at.month(), at.day(), at.hour(), at.minute())
}

/// What a printer can do; decided per device, because clones differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrinterProfile {
    /// Printable width in dots.
    #[schema(value_type = u16)]
    pub width_dots: PaperWidth,
    /// How text reaches the paper.
    pub text: TextMode,
    /// How a QR code reaches the paper.
    pub qr: QrMode,
    /// What happens at the end.
    pub cut: CutMode,
    /// The printer's `GS !` enlarges ASCII only and 汉字 need `FS !` too (ZIJIANG and other clones).
    pub han_size_by_fs: bool,
    /// Print density −6 … +6 by `GS ( K`; 0 leaves the printer's own setting.
    pub density: i8,
    /// How a ticket is laid out.
    pub layout: SlipLayout,
    /// Length of a new roll in metres, for the forecast; 0 when nobody said.
    pub roll_m: u16,
}

/// Longest roll that is believed, in metres.
pub const ROLL_M_MAX: u16 = 500;
/// Longest ticket in the standard layout, in millimetres.
pub const TICKET_MM_MAX: u32 = 120;
/// Longest ticket in the saving layout, in millimetres.
pub const SAVING_TICKET_MM_MAX: u32 = 90;

impl Default for PrinterProfile {
    fn default() -> Self {
        Self {
            width_dots: PaperWidth::Mm80,
            text: TextMode::Gb18030,
            qr: QrMode::Native,
            cut: CutMode::Partial,
            han_size_by_fs: false,
            density: 0,
            layout: SlipLayout::Standard,
            roll_m: 0,
        }
    }
}

/// How a ticket is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlipLayout {
    /// Large number, everything with air around it: at most [`TICKET_MM_MAX`].
    #[default]
    Standard,
    /// The same facts on less paper: at most [`SAVING_TICKET_MM_MAX`].
    Saving,
}

/// Paper width, on the wire as its dots: 576 or 384.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum PaperWidth {
    /// 80 mm paper, 576 dots.
    Mm80,
    /// 58 mm paper, 384 dots.
    Mm58,
}

impl PaperWidth {
    /// Printable dots in a line.
    #[must_use]
    pub fn dots(self) -> u16 {
        match self {
            Self::Mm80 => 576,
            Self::Mm58 => 384,
        }
    }
}

impl From<PaperWidth> for u16 {
    fn from(width: PaperWidth) -> Self {
        width.dots()
    }
}

impl TryFrom<u16> for PaperWidth {
    type Error = String;

    fn try_from(dots: u16) -> Result<Self, Self::Error> {
        match dots {
            576 => Ok(Self::Mm80),
            384 => Ok(Self::Mm58),
            other => Err(format!("width_dots {other}: 576 or 384")),
        }
    }
}

/// How text reaches the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextMode {
    /// GB18030 with its four-byte characters.
    Gb18030,
    /// GBK: two-byte characters only; a line with others is sent as a picture.
    Gbk,
    /// The whole slip as a picture.
    Raster,
}

/// How a QR code reaches the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QrMode {
    /// Drawn by the printer (`GS ( k`).
    Native,
    /// Sent as a picture.
    Raster,
}

/// What happens at the end of a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutMode {
    /// Cut through.
    Full,
    /// Cut but for one point, so that the slip does not fall.
    Partial,
    /// No cutter: feed to the tear bar.
    None,
}

/// How a printer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrinterStatus {
    /// Whether the printer answers and would print.
    pub online: bool,
    /// Its paper.
    pub paper: PaperState,
    /// Whether the cover is open.
    pub cover_open: bool,
    /// Whether it reports an error (cutter, overheating, …).
    pub error: bool,
}

impl PrinterStatus {
    /// A printer that does not answer: nothing is known but that.
    pub const UNREACHABLE: Self = Self { online: false, paper: PaperState::Unknown, cover_open: false, error: false };
    /// A printer in order.
    pub const READY: Self = Self { online: true, paper: PaperState::Ok, cover_open: false, error: false };

    /// What keeps it from printing, as the code of `JobOutcome::Waiting`; `None` when it prints.
    #[must_use]
    pub fn obstacle(&self) -> Option<&'static str> {
        match self {
            Self { paper: PaperState::Out, .. } => Some("paper_out"),
            Self { cover_open: true, .. } => Some("cover_open"),
            Self { error: true, .. } => Some("error"),
            Self { online: false, .. } => Some("offline"),
            _ => None,
        }
    }
}

/// How much paper a printer used, as its own program counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct PaperUse {
    /// Printed since midnight (UTC+08:00), in millimetres.
    pub today_mm: u32,
    /// Mean of the last seven days on which it printed, today left out, in millimetres; `None` in the first days.
    pub mean_day_mm: Option<u32>,
    /// Printed since the roll was changed, in millimetres; `None` when no change was seen yet.
    pub since_roll_mm: Option<u32>,
    /// Rolls that were put in since it counts.
    pub rolls_changed: u32,
}

/// Paper in a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperState {
    /// Enough.
    Ok,
    /// 纸快没了.
    NearEnd,
    /// 缺纸.
    Out,
    /// The printer did not say.
    Unknown,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    #[test]
    fn a_profile_names_only_widths_that_exist() {
        let profile: PrinterProfile = serde_json::from_str(r#"{"width_dots":384,"text":"raster"}"#).unwrap();
        assert_eq!((profile.width_dots, profile.text, profile.cut), (PaperWidth::Mm58, TextMode::Raster, CutMode::Partial));
        assert!(serde_json::from_str::<PrinterProfile>(r#"{"width_dots":400}"#).is_err());
    }

    #[test]
    fn a_time_is_written_as_people_read_it() {
        assert_eq!(issued_text(1_795_487_160_000), "11月24日 10:26");
    }
}
