//! The words on a slip, the same for both ways of printing. Knows neither fonts nor commands.

use protocol::slip::{DocumentSlip, TicketSlip, issued_text};

use crate::clean::Printable;

pub(crate) const REPRINT_TICKET: &str = "补打 · 和先前那张是同一个号";
pub(crate) const REPRINT_DOCUMENT: &str = "补打 · 和先前那张内容相同";
/// Before and after everything else on a practice ticket, so that no torn half looks real.
pub(crate) const PRACTICE: &str = "练习 练习 练习 · 不能办事";
pub(crate) const MISSED_LEAD: &str = "没听到叫号不要紧：";
pub(crate) const WAIT_BY: (&str, &str) = ("请到", "号窗口旁等候");
pub(crate) const WAIT_ANYWHERE: &str = "请在大厅等候";

const LISTEN: &str = "听叫号、看大屏";
const AHEAD_LABEL: &str = "前面还有（人）";
const WAIT_LABEL: &str = "大约等（分钟）";

/// A large figure and what it counts.
pub(crate) struct Figure {
    pub(crate) value: Printable,
    pub(crate) label: Printable,
}

/// What stands on a ticket.
pub(crate) struct TicketWords {
    pub(crate) hall: Printable,
    pub(crate) line: Printable,
    pub(crate) number: Printable,
    pub(crate) ahead: Figure,
    pub(crate) wait: Figure,
    pub(crate) windows: Option<Printable>,
    pub(crate) area: Printable,
    /// The area alone.
    place: Option<Printable>,
    pub(crate) code: Printable,
    pub(crate) missed_rule: Option<Printable>,
    pub(crate) time: Printable,
    pub(crate) phone: Option<Printable>,
    pub(crate) reprint: bool,
    pub(crate) practice: bool,
}

impl TicketWords {
    pub(crate) fn new(ticket: &TicketSlip) -> Self {
        let wait = match wait_minutes(ticket.estimated_wait_s, ticket.estimated_wait_optimistic_s) {
            Some(minutes) => figure(&minutes, WAIT_LABEL),
            None => figure("不用等", "请留意叫号"),
        };
        let place = ticket.area_text.as_deref().map(Printable::new).filter(|area| !area.is_empty());
        let area = match &place {
            Some(area) => format!("{} · {LISTEN}", area.as_str()),
            None => LISTEN.to_owned(),
        };
        let line = if ticket.green { format!("{} · 优先", ticket.line_name) } else { ticket.line_name.clone() };
        Self {
            hall: Printable::new(&ticket.hall_name),
            line: Printable::new(&line),
            number: Printable::new(&ticket.number),
            ahead: figure(&ticket.ahead.to_string(), AHEAD_LABEL),
            wait,
            windows: (!ticket.windows.is_empty()).then(|| Printable::new(&window_ranges(&ticket.windows))),
            area: Printable::new(&area),
            place,
            code: Printable::new(&grouped_code(&ticket.short_code)),
            missed_rule: Some(Printable::new(&ticket.missed_rule)).filter(|rule| !rule.is_empty()),
            time: Printable::new(&format!("{} {}", issued_text(ticket.issued_at_ms), ticket.valid_text)),
            phone: phone(ticket.phone.as_deref()),
            reprint: ticket.reprint,
            practice: ticket.practice,
        }
    }

    /// Where there is no room for more: the area without the hint that the board and the voice give anyway.
    pub(crate) fn shorten_area(&mut self) {
        if let Some(place) = self.place.take() {
            self.area = place;
        }
    }

    /// Shorter words below the figures, for narrow paper.
    pub(crate) fn shorten_labels(&mut self) {
        for (figure, long, short) in [(&mut self.ahead, AHEAD_LABEL, "前面（人）"), (&mut self.wait, WAIT_LABEL, "约等（分钟）")]
        {
            if figure.label.as_str() == long {
                figure.label = Printable::new(short);
            }
        }
    }

    /// `前面还有 6 人 · 大约等 18-25 分钟`, or that nobody has to wait.
    pub(crate) fn figures_in_words(&self) -> Printable {
        let ahead = format!("前面还有 {} 人", self.ahead.value.as_str());
        if self.wait.label.as_str() == WAIT_LABEL {
            Printable::new(&format!("{ahead} · 大约等 {} 分钟", self.wait.value.as_str()))
        } else {
            Printable::new(&format!("{ahead} · {}", self.wait.value.as_str()))
        }
    }

    /// `手机扫一扫，或输 K7M2-94QX`.
    pub(crate) fn scan_title(&self) -> Printable {
        Printable::new(&format!("手机扫一扫，或输 {}", self.code.as_str()))
    }

    /// What the code opens, as two lines.
    pub(crate) fn scan_text(&self) -> [Printable; 2] {
        [Printable::new("看前面几人、办到哪一步，"), Printable::new("办完也在这里说好不好")]
    }
}

/// A wait in minutes as people read it: `18-25`, or one figure where both ends are about the same;
/// `None` when nobody has to wait.
fn wait_minutes(normal_s: u32, optimistic_s: Option<u32>) -> Option<String> {
    let (most, least) = (normal_s.div_ceil(60), optimistic_s.map_or(0, |seconds| seconds / 60));
    match (least, most) {
        (_, 0) => None,
        (least, most) if least > 0 && most > least + 1 => Some(format!("{least}-{most}")),
        (_, most) => Some(most.to_string()),
    }
}

fn figure(value: &str, label: &str) -> Figure {
    Figure { value: Printable::new(value), label: Printable::new(label) }
}

/// Time and phone at the foot of a document.
pub(crate) fn document_foot(document: &DocumentSlip) -> (Printable, Option<Printable>) {
    (Printable::new(&issued_text(document.issued_at_ms)), phone(document.phone.as_deref()))
}

fn phone(number: Option<&str>) -> Option<Printable> {
    let number = Printable::new(number?);
    (!number.is_empty()).then(|| Printable::new(&format!("问 {}", number.as_str())))
}

/// Eight characters as two groups of four; anything else as it is.
pub(crate) fn grouped_code(code: &str) -> String {
    match (code.len(), code.get(..4), code.get(4..)) {
        (8, Some(first), Some(second)) => format!("{first}-{second}"),
        _ => code.to_owned(),
    }
}

/// `1—4、7`: runs of three and more are joined.
fn window_ranges(windows: &[u16]) -> String {
    let mut sorted = windows.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut parts: Vec<String> = Vec::new();
    for run in sorted.chunk_by(|left, right| left + 1 == *right) {
        match run {
            [first, .., last] if run.len() > 2 => parts.push(format!("{first}—{last}")),
            short => parts.extend(short.iter().map(u16::to_string)),
        }
    }
    parts.join("、")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_written_as_runs() {
        assert_eq!(window_ranges(&[4, 2, 1, 3]), "1—4");
        assert_eq!(window_ranges(&[1, 2, 5, 7, 8, 9, 9]), "1、2、5、7—9");
        assert_eq!(window_ranges(&[65_535]), "65535");
    }

    #[test]
    fn a_code_is_grouped_for_typing() {
        assert_eq!(grouped_code("K7M294QX"), "K7M2-94QX");
        assert_eq!(grouped_code("证证证"), "证证证");
    }
}
