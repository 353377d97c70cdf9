//! A slip in the printer's own characters: the order of UI.md §9, lines broken here and not by the printer.
//!
//! Knows the columns of the paper. A line with a character that the printer may lack is drawn and sent as a picture.

use protocol::slip::{DocumentSlip, PaperWidth, PrinterProfile, QrMode, Slip, TicketSlip};
use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::{
    Fonts, Picture,
    clean::Printable,
    escpos::{Align, Commands, Encoded, columns},
    fonts::{Side, Style},
    qr::{QR_QUIET_MODULES, Qr},
    words::{MISSED_LEAD, PRACTICE, REPRINT_DOCUMENT, REPRINT_TICKET, TicketWords, WAIT_ANYWHERE, WAIT_BY, document_foot, grouped_code},
};

/// Dots of one column of the printer's font A.
const COLUMN_DOTS: u32 = 12;
/// Dots of a line of that font.
const LINE_DOTS: u32 = 24;
/// Dots per QR module (UI.md §9).
const MODULE_DOTS: u8 = 6;

/// How a line is set.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Set {
    align: Align,
    times: u8,
    bold: bool,
}

const PLAIN: Set = Set { align: Align::Left, times: 1, bold: false };
const STRONG: Set = Set { bold: true, ..PLAIN };
const CENTRED: Set = Set { align: Align::Centre, ..PLAIN };
const CENTRED_STRONG: Set = Set { bold: true, ..CENTRED };
const DOUBLE: Set = Set { times: 2, ..CENTRED_STRONG };

pub(crate) fn bytes(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Vec<u8> {
    let columns = usize::from(profile.width_dots.dots()) / COLUMN_DOTS as usize;
    let mut writer = Writer { commands: Commands::begin(profile), profile: *profile, fonts, columns, current: PLAIN };
    match slip {
        Slip::Ticket(ticket) => writer.ticket(ticket),
        Slip::Document(document) => writer.document(document),
    }
    writer.commands.finish(profile)
}

struct Writer<'f> {
    commands: Commands,
    profile: PrinterProfile,
    fonts: &'f mut Fonts,
    columns: usize,
    /// What the printer is set to.
    current: Set,
}

impl Writer<'_> {
    fn ticket(&mut self, ticket: &TicketSlip) {
        let words = TicketWords::new(ticket);
        if words.practice {
            self.paragraph(PRACTICE, CENTRED_STRONG);
        }
        if words.reprint {
            self.paragraph(REPRINT_TICKET, CENTRED_STRONG);
        }
        self.paragraph(words.hall.as_str(), CENTRED_STRONG);
        self.paragraph(words.line.as_str(), DOUBLE);
        self.commands.feed(1);
        self.number(words.number.as_str());
        self.rule();
        let half = self.columns / 2;
        let line = |left: &str, right: &str, half: usize| format!("{}{}", centred(left, half), centred(right, half));
        self.line(line(words.ahead.value.as_str(), words.wait.value.as_str(), half / 2).trim_end(), Set { align: Align::Left, ..DOUBLE });
        self.line(line(words.ahead.label.as_str(), words.wait.label.as_str(), half).trim_end(), STRONG);
        self.rule();
        self.place(&words);
        self.rule();
        self.code(&ticket.tracking_url);
        self.paragraph(words.scan_title().as_str(), CENTRED_STRONG);
        let [first, second] = words.scan_text();
        self.paragraph(first.as_str(), CENTRED);
        self.paragraph(second.as_str(), CENTRED);
        self.rule();
        if let Some(rule) = &words.missed_rule {
            self.paragraph(&format!("{MISSED_LEAD}{}", rule.as_str()), PLAIN);
        }
        self.both_ends(words.time.as_str(), words.phone.as_ref());
        if words.practice {
            self.paragraph(PRACTICE, CENTRED_STRONG);
        }
    }

    /// At 8×8, on 58 mm 7×7, or as large as the number fits.
    fn number(&mut self, number: &str) {
        let times_max = if self.profile.width_dots == PaperWidth::Mm80 { 8 } else { 7 };
        let fits = self.columns / width_of(number).max(1);
        let times = u8::try_from(fits.clamp(1, times_max)).unwrap_or(1);
        self.paragraph(number, Set { times, bold: true, align: Align::Centre });
    }

    /// The windows in one solid block, in their line.
    fn place(&mut self, words: &TicketWords) {
        let (before, after) = WAIT_BY;
        let whole = words.windows.as_ref().map(|windows| format!("{before} {} {after}", windows.as_str()));
        let times: u8 = if whole.as_deref().is_some_and(|whole| width_of(whole) * 2 <= self.columns) { 2 } else { 1 };
        let mode = self.profile.text;
        let parts = whole.as_deref().filter(|whole| width_of(whole) * usize::from(times) <= self.columns).and_then(|_| {
            let windows = format!(" {} ", words.windows.as_ref()?.as_str());
            Some([before, &windows, after].map(|part| Encoded::of(&Printable::part(part), mode)))
        });
        match (parts, whole) {
            (Some([Some(before), Some(windows), Some(after)]), _) => {
                self.set(Set { times, ..DOUBLE });
                self.commands.text(&before);
                self.commands.reverse(true);
                self.commands.text(&windows);
                self.commands.reverse(false);
                self.commands.text(&after);
                self.commands.end_line();
            }
            (_, Some(whole)) => self.paragraph(&whole, CENTRED_STRONG),
            (_, None) => self.paragraph(WAIT_ANYWHERE, DOUBLE),
        }
        self.paragraph(words.area.as_str(), CENTRED_STRONG);
    }

    fn document(&mut self, document: &DocumentSlip) {
        if document.reprint {
            self.paragraph(REPRINT_DOCUMENT, CENTRED_STRONG);
        }
        self.paragraph(Printable::new(&document.hall_name).as_str(), CENTRED_STRONG);
        self.paragraph(Printable::new(&document.title).as_str(), DOUBLE);
        self.rule();
        for row in &document.rows {
            let (label, value) = (Printable::new(&row.label), Printable::new(&row.value));
            self.hanging(&format!("{}：", label.as_str()), value.as_str(), PLAIN);
        }
        if !document.rows.is_empty() {
            self.rule();
        }
        if let Some(title) = document.items_title.as_deref().map(Printable::new).filter(|title| !title.is_empty()) {
            self.paragraph(title.as_str(), STRONG);
        }
        for (number, item) in (1..).zip(&document.items) {
            self.hanging(&format!("{number}. "), Printable::new(&item.text).as_str(), STRONG);
            if let Some(note) = item.note.as_deref().map(Printable::new).filter(|note| !note.is_empty()) {
                self.hanging("   ", note.as_str(), PLAIN);
            }
        }
        if !document.items.is_empty() {
            self.rule();
        }
        for note in &document.notes {
            self.paragraph(Printable::new(note).as_str(), PLAIN);
        }
        if let Some(code) = &document.qr {
            self.code(&code.url);
            self.paragraph(Printable::new(&code.caption).as_str(), CENTRED_STRONG);
            if let Some(typed) = &code.code {
                self.paragraph(Printable::new(&format!("或输 {}", grouped_code(typed))).as_str(), CENTRED_STRONG);
            }
        }
        self.rule();
        let (time, phone) = document_foot(document);
        self.both_ends(time.as_str(), phone.as_ref());
    }

    /// A first text and, beside it, a paragraph that keeps its indent.
    fn hanging(&mut self, first: &str, text: &str, set: Set) {
        let indent = width_of(first);
        if indent * 2 > self.columns {
            return self.paragraph(&format!("{first}{text}"), set);
        }
        if text.is_ascii() && indent + text.len() > self.columns {
            self.paragraph(first, set);
            return self.paragraph(text, set);
        }
        let spaces = " ".repeat(indent);
        for (at, line) in broken(text, self.columns - indent).iter().enumerate() {
            self.line(&format!("{}{line}", if at == 0 { first } else { &spaces }), set);
        }
    }

    fn both_ends(&mut self, left: &str, right: Option<&Printable>) {
        let right = right.map_or("", Printable::as_str);
        let used = width_of(left) + width_of(right);
        if right.is_empty() || used >= self.columns {
            self.paragraph(left, PLAIN);
            self.paragraph(right, PLAIN);
        } else {
            self.line(&format!("{left}{}{right}", " ".repeat(self.columns - used)), PLAIN);
        }
    }

    fn rule(&mut self) {
        self.line(&"-".repeat(self.columns), PLAIN);
    }

    /// Breaks a text into the lines that fit at this size.
    fn paragraph(&mut self, text: &str, set: Set) {
        for line in broken(text, self.columns / usize::from(set.times)) {
            self.line(&line, set);
        }
    }

    fn line(&mut self, text: &str, set: Set) {
        let text = Printable::part(text);
        if text.is_empty() {
            return;
        }
        match Encoded::of(&text, self.profile.text) {
            Some(encoded) => {
                self.set(set);
                self.commands.text(&encoded);
                self.commands.end_line();
            }
            None => {
                let picture = self.drawn(&text, set);
                self.commands.raster(&picture);
            }
        }
    }

    /// Tells the printer what differs from the line before.
    fn set(&mut self, set: Set) {
        if set.align != self.current.align {
            self.commands.align(set.align);
        }
        if set.times != self.current.times {
            self.commands.size(set.times);
        }
        if set.bold != self.current.bold {
            self.commands.bold(set.bold);
        }
        self.current = set;
    }

    /// A line as a picture over the whole width, in the size that its text would have.
    fn drawn(&mut self, text: &Printable, set: Set) -> Picture {
        let size = (LINE_DOTS * u32::from(set.times)) as f32;
        let align = if set.align == Align::Centre { Side::Centre } else { Side::Left };
        let style = Style { size, line_height: (size * 1.25).round(), align };
        let width = self.width_dots();
        let mut picture = Picture::new(width);
        self.fonts.block(&[(text.as_str(), set.bold)], style, width).draw(self.fonts, &mut picture, 0, 0, true);
        picture
    }

    fn width_dots(&self) -> u32 {
        self.profile.width_dots.dots().into()
    }

    fn code(&mut self, url: &str) {
        let Some(qr) = Qr::of(url) else { return };
        match self.profile.qr {
            QrMode::Native => {
                self.set(CENTRED);
                self.commands.qr(url, u8::try_from(module_dots(&qr, self.width_dots())).unwrap_or(MODULE_DOTS));
            }
            QrMode::Raster => {
                let picture = code_picture(&qr, self.width_dots());
                self.commands.raster(&picture);
            }
        }
    }
}

/// Dots per module: six, less where the code and its quiet zone would not fit the paper.
fn module_dots(qr: &Qr, width: u32) -> u32 {
    u32::from(MODULE_DOTS).min(width / (qr.side + 2 * QR_QUIET_MODULES))
}

/// A code in the middle of the paper with its quiet zone.
fn code_picture(qr: &Qr, width: u32) -> Picture {
    let dots = module_dots(qr, width);
    let (left, top) = ((width - qr.side * dots) / 2, QR_QUIET_MODULES * dots);
    let mut picture = Picture::new(width);
    picture.grow(qr.side * dots + 2 * top);
    for y in 0..qr.side * dots {
        for x in 0..qr.side * dots {
            picture.set((left + x).into(), (top + y).into(), qr.is_dark(x / dots, y / dots));
        }
    }
    picture
}

fn width_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Blanks on both sides, so that `text` stands in the middle of `width` columns.
fn centred(text: &str, width: usize) -> String {
    let blank = width.saturating_sub(width_of(text));
    format!("{}{text}{}", " ".repeat(blank / 2), " ".repeat(blank - blank / 2))
}

/// Lines of at most `width` columns, broken where Unicode allows it (no comma at the head of a line), inside a
/// word only when the word is longer than a line.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut start = 0;
    for (end, opportunity) in linebreaks(text) {
        let piece = text.get(start..end).unwrap_or_default();
        start = end;
        if !line.is_empty() && width_of(&line) + width_of(piece.trim_end()) > width {
            lines.push(std::mem::take(&mut line));
        }
        for character in piece.chars() {
            let full = width_of(&line) + columns(character) > width;
            if full && character != ' ' && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !(full && character == ' ') {
                line.push(character);
            }
        }
        if opportunity == BreakOpportunity::Mandatory && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_a_reader_would() {
        assert_eq!(
            broken("隔 3 个号再叫您，最多 2 次；再没到，这个号就作废。", 32),
            ["隔 3 个号再叫您，最多 2 次；再没", "到，这个号就作废。"]
        );
        assert_eq!(broken("一二，三四", 4), ["一", "二，", "三四"]);
        assert_eq!(broken("abcdefgh", 3), ["abc", "def", "gh"]);
        assert!(broken("", 10).is_empty());
    }

    #[test]
    fn no_line_is_wider_than_the_paper() {
        let text = "根据《城乡最低生活保障审核确认办法》第十二条，需要提供家庭成员 2026 年收入证明、abcdefghijklmnopqrstuvwxyz0123456789。";
        for width in [10, 12, 24, 32, 48] {
            let lines = broken(text, width);
            assert!(lines.iter().all(|line| width_of(line) <= width), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }
}
