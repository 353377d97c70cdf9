//! A slip in the printer's own characters: the order of UI.md §9, lines broken here and not by the printer.
//!
//! Knows the columns of the paper. A line with a character that the printer may lack is drawn and sent as a picture.

use protocol::slip::{DocumentKind, DocumentSlip, PaperWidth, PrinterProfile, QrMode, Slip, TicketSlip};
use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::{
    Density, EscPos, Fonts, Picture,
    calibration::{CALIBRATION_CHARACTERS, CALIBRATION_SIZES, patches},
    clean::Printable,
    escpos::{Align, Commands, Encoded, columns},
    fonts::{Side, Style},
    qr::{QR_QUIET_MODULES, Qr},
    short_enough,
    words::{MISSED_LEAD, PRACTICE, REPRINT_DOCUMENT, REPRINT_TICKET, TicketWords, WAIT_ANYWHERE, WAIT_BY, document_foot, grouped_code},
};

/// Dots of one column of the printer's font A.
const COLUMN_DOTS: u32 = 12;
/// Dots of a line of that font.
const LINE_DOTS: u32 = 24;
/// Size of letters and digits in a preview, in dots.
const LATIN_DOTS: u32 = 19;
/// Dots from line to line at least.
const LINE_FEED_DOTS: u32 = 30;
/// Dots per QR module (UI.md §9).
const MODULE_DOTS: u8 = 6;
/// Light modules above and below a code; the lines beside it leave the rest of what a reader needs.
const QUIET_ROWS: u32 = 2;
/// Dots per QR module where paper is saved: half a millimetre, which phones read.
const SAVING_MODULE_DOTS: u8 = 4;
/// How large a number is where paper is saved.
const SAVING_NUMBER_TIMES: u8 = 5;
/// The same where it must be as close as it can be.
const DENSE_NUMBER_TIMES: u8 = 4;
/// Dots per QR module there: three eighths of a millimetre.
const DENSE_MODULE_DOTS: u8 = 3;

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

pub(crate) fn commands(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> EscPos {
    written(slip, profile, fonts, None).commands.finish(profile)
}

/// What the commands make of the paper, in the machine's own font.
pub(crate) fn preview(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Picture {
    let blank = Picture::new(profile.width_dots.dots().into());
    written(slip, profile, fonts, Some(blank)).seen.unwrap_or_else(|| Picture::new(0))
}

fn written<'f>(slip: &Slip, profile: &PrinterProfile, fonts: &'f mut Fonts, seen: Option<Picture>) -> Writer<'f> {
    // What it takes is measured first; writing it again costs nothing that a person would notice.
    let density =
        short_enough(slip, profile, |density| (density, one(slip, profile, density, fonts, None).commands.fed_dots()), |(_, dots)| *dots).0;
    one(slip, profile, density, fonts, seen)
}

fn one<'f>(slip: &Slip, profile: &PrinterProfile, density: Density, fonts: &'f mut Fonts, seen: Option<Picture>) -> Writer<'f> {
    let columns = usize::from(profile.width_dots.dots()) / COLUMN_DOTS as usize;
    let mut writer = Writer { commands: Commands::begin(profile), profile: *profile, density, fonts, columns, current: PLAIN, seen };
    match slip {
        Slip::Ticket(ticket) if density == Density::Airy => writer.ticket(ticket),
        Slip::Ticket(ticket) => writer.saving_ticket(ticket),
        Slip::Document(document) => writer.document(document),
    }
    writer
}

struct Writer<'f> {
    commands: Commands,
    profile: PrinterProfile,
    density: Density,
    fonts: &'f mut Fonts,
    columns: usize,
    /// What the printer is set to.
    current: Set,
    /// The paper as it will look, where somebody wants to see it.
    seen: Option<Picture>,
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
        self.feed(1);
        // 8×8, on 58 mm 7×7.
        self.number(words.number.as_str(), if self.profile.width_dots == PaperWidth::Mm80 { 8 } else { 7 });
        self.rule();
        let half = self.columns / 2;
        let line = |left: &str, right: &str, half: usize| format!("{}{}", centred(left, half), centred(right, half));
        self.line(line(words.ahead.value.as_str(), words.wait.value.as_str(), half / 2).trim_end(), Set { align: Align::Left, ..DOUBLE });
        self.line(line(words.ahead.label.as_str(), words.wait.label.as_str(), half).trim_end(), STRONG);
        self.rule();
        self.place(&words, 2);
        self.rule();
        self.code(&ticket.tracking_url, MODULE_DOTS);
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

    /// The same facts in fewer lines: figures in words, the code smaller, no word twice.
    fn saving_ticket(&mut self, ticket: &TicketSlip) {
        let mut words = TicketWords::new(ticket);
        let is_dense = self.density == Density::Dense;
        if is_dense {
            words.shorten_area();
        }
        if words.practice {
            self.paragraph(PRACTICE, CENTRED_STRONG);
        }
        if words.reprint {
            self.paragraph(REPRINT_TICKET, CENTRED_STRONG);
        }
        self.paragraph(words.hall.as_str(), CENTRED);
        self.paragraph(words.line.as_str(), CENTRED_STRONG);
        self.number(words.number.as_str(), if is_dense { DENSE_NUMBER_TIMES } else { SAVING_NUMBER_TIMES });
        self.paragraph(words.figures_in_words().as_str(), CENTRED_STRONG);
        self.place(&words, 1);
        // Light above and below the code, where the other layout has the room of its rules.
        self.feed(1);
        self.code(&ticket.tracking_url, if is_dense { DENSE_MODULE_DOTS } else { SAVING_MODULE_DOTS });
        self.feed(1);
        self.paragraph(words.scan_title().as_str(), CENTRED_STRONG);
        if let Some(rule) = &words.missed_rule {
            self.paragraph(&format!("{MISSED_LEAD}{}", rule.as_str()), PLAIN);
        }
        self.both_ends(words.time.as_str(), words.phone.as_ref());
        if words.practice {
            self.paragraph(PRACTICE, CENTRED_STRONG);
        }
    }

    /// At most `times_max`, or as large as the number fits.
    fn number(&mut self, number: &str, times_max: u8) {
        let fits = self.columns / width_of(number).max(1);
        let times = u8::try_from(fits.clamp(1, times_max.into())).unwrap_or(1);
        self.paragraph(number, Set { times, bold: true, align: Align::Centre });
    }

    /// The windows in one solid block, in their line.
    fn place(&mut self, words: &TicketWords, times_max: u8) {
        let (before, after) = WAIT_BY;
        let whole = words.windows.as_ref().map(|windows| format!("{before} {} {after}", windows.as_str()));
        let fits_double = whole.as_deref().is_some_and(|whole| width_of(whole) * 2 <= self.columns);
        let times = if fits_double { times_max } else { 1 };
        let mode = self.profile.text;
        let parts = whole.as_deref().filter(|whole| width_of(whole) * usize::from(times) <= self.columns).and_then(|_| {
            let windows = format!(" {} ", words.windows.as_ref()?.as_str());
            Some([before, &windows, after].map(|part| Encoded::of(&Printable::part(part), mode)))
        });
        match (parts, whole) {
            (Some([Some(before), Some(windows), Some(after)]), whole) => {
                self.set(Set { times, ..DOUBLE });
                self.commands.text(&before);
                self.commands.reverse(true);
                self.commands.text(&windows);
                self.commands.reverse(false);
                self.commands.text(&after);
                self.commands.end_line();
                self.show_line(whole.as_deref().unwrap_or_default(), Set { times, ..DOUBLE });
            }
            (_, Some(whole)) => self.paragraph(&whole, CENTRED_STRONG),
            (_, None) => self.paragraph(WAIT_ANYWHERE, Set { times: times_max, ..DOUBLE }),
        }
        self.paragraph(words.area.as_str(), CENTRED_STRONG);
    }

    fn document(&mut self, document: &DocumentSlip) {
        let is_dense = self.density == Density::Dense;
        if document.practice {
            self.paragraph(PRACTICE, CENTRED_STRONG);
        }
        if document.reprint {
            self.paragraph(REPRINT_DOCUMENT, CENTRED_STRONG);
        }
        self.paragraph(Printable::new(&document.hall_name).as_str(), CENTRED_STRONG);
        self.paragraph(Printable::new(&document.title).as_str(), if is_dense { CENTRED_STRONG } else { DOUBLE });
        self.document_rule();
        if document.kind == DocumentKind::SelfTest {
            self.calibration();
        }
        for row in &document.rows {
            let (label, value) = (Printable::new(&row.label), Printable::new(&row.value));
            self.hanging(&format!("{}：", label.as_str()), value.as_str(), PLAIN);
        }
        if !document.rows.is_empty() {
            self.document_rule();
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
            self.document_rule();
        }
        for note in &document.notes {
            self.paragraph(Printable::new(note).as_str(), PLAIN);
        }
        if let Some(code) = &document.qr {
            if self.density != Density::Airy {
                self.feed(1);
            }
            self.code(&code.url, if self.density == Density::Airy { MODULE_DOTS } else { SAVING_MODULE_DOTS });
            self.paragraph(Printable::new(&code.caption).as_str(), CENTRED_STRONG);
            if let Some(typed) = &code.code {
                self.paragraph(Printable::new(&format!("或输 {}", grouped_code(typed))).as_str(), CENTRED_STRONG);
            }
        }
        self.document_rule();
        let (time, phone) = document_foot(document);
        self.both_ends(time.as_str(), phone.as_ref());
        if document.practice {
            self.paragraph(PRACTICE, CENTRED_STRONG);
        }
    }

    /// A rule, where there is room for one.
    fn document_rule(&mut self) {
        if self.density == Density::Airy {
            self.rule();
        }
    }

    /// What shows how a printer must be set: its width, its sizes, the characters that it lacks.
    fn calibration(&mut self) {
        self.line(&ruler(self.columns), PLAIN);
        for times in 1..=4 {
            self.line(CALIBRATION_SIZES, Set { times, ..STRONG });
        }
        self.line(CALIBRATION_CHARACTERS, STRONG);
        let patches = patches(self.width_dots());
        self.raster(&patches);
        self.rule();
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
                self.show_line(text.as_str(), set);
            }
            None => {
                let picture = self.drawn(&text, set);
                self.raster(&picture);
            }
        }
    }

    fn feed(&mut self, lines: u8) {
        self.commands.feed(lines);
        for _ in 0..lines {
            self.show_line("", PLAIN);
        }
    }

    fn raster(&mut self, picture: &Picture) {
        self.commands.raster(picture);
        if let Some(seen) = &mut self.seen {
            seen.append(picture);
        }
    }

    /// Draws a line into what is seen, each character in the columns that the printer gives it.
    fn show_line(&mut self, text: &str, set: Set) {
        let Some(mut seen) = self.seen.take() else { return };
        let times = u32::from(set.times);
        let mut line = Picture::new(self.width_dots());
        line.grow(line_dots(set.times));
        let wide = u32::try_from(width_of(text)).unwrap_or(0) * COLUMN_DOTS * times;
        let mut x = if set.align == Align::Centre { self.width_dots().saturating_sub(wide) / 2 } else { 0 };
        for character in text.chars() {
            let cell = u32::try_from(columns(character)).unwrap_or(1) * COLUMN_DOTS * times;
            // Letters of this machine's font are wider than half a 汉字.
            let size = if cell == COLUMN_DOTS * times { LATIN_DOTS } else { LINE_DOTS } * times;
            let style = Style { size: size as f32, line_height: (LINE_DOTS * times) as f32, align: Side::Centre };
            self.fonts.block(&[(character.encode_utf8(&mut [0; 4]), set.bold)], style, cell).draw(self.fonts, &mut line, x, 0, true);
            x += cell;
        }
        line.cut_to(line_dots(set.times));
        seen.append(&line);
        self.seen = Some(seen);
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

    fn code(&mut self, url: &str, dots_max: u8) {
        let Some(qr) = Qr::of(url) else { return };
        let dots = module_dots(&qr, self.width_dots(), dots_max);
        match self.profile.qr {
            QrMode::Native => {
                self.set(CENTRED);
                self.commands.qr(url, dots);
                // The printer leaves no more room than the line above and below.
                let picture = code_picture(&qr, self.width_dots(), dots.into(), 0);
                if let Some(seen) = &mut self.seen {
                    seen.append(&picture);
                }
            }
            QrMode::Raster => {
                let picture = code_picture(&qr, self.width_dots(), dots.into(), QUIET_ROWS);
                self.raster(&picture);
            }
        }
    }
}

/// Dots that the printer feeds for a line.
fn line_dots(times: u8) -> u32 {
    (LINE_DOTS * u32::from(times)).max(LINE_FEED_DOTS)
}

/// Dots per module: `dots_max`, less where the code and its quiet zone would not fit the paper.
fn module_dots(qr: &Qr, width: u32, dots_max: u8) -> u8 {
    u8::try_from(width / (qr.side + 2 * QR_QUIET_MODULES)).unwrap_or(dots_max).min(dots_max)
}

/// A code in the middle of the paper, with `quiet` light modules above and below.
fn code_picture(qr: &Qr, width: u32, dots: u32, quiet: u32) -> Picture {
    let (left, top) = ((width - qr.side * dots) / 2, quiet * dots);
    let mut picture = Picture::new(width);
    picture.grow(qr.side * dots + 2 * top);
    for y in 0..qr.side * dots {
        for x in 0..qr.side * dots {
            picture.set((left + x).into(), (top + y).into(), qr.is_dark(x / dots, y / dots));
        }
    }
    picture
}

/// A rule of `columns` columns with a figure at every tenth, closed at both ends.
fn ruler(columns: usize) -> String {
    let mark = |at: usize| match at {
        1 => '|',
        at if at == columns => '|',
        at if at.is_multiple_of(10) => char::from_digit(u32::try_from(at / 10).unwrap_or(0), 10).unwrap_or('+'),
        _ => '-',
    };
    (1..=columns).map(mark).collect()
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
    fn a_ruler_is_as_wide_as_the_paper() {
        assert_eq!(ruler(32), "|--------1---------2---------3-|");
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
