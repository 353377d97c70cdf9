//! A short document as a picture: title, facts, numbered list, notes, code. Knows no document's rules.

use protocol::slip::{DocumentKind, DocumentSlip, PaperWidth};

use super::paper::{Paper, module_dots};
use crate::{
    Density, Fonts,
    calibration::{CALIBRATION_CHARACTERS, CALIBRATION_SIZES, patches},
    clean::Printable,
    fonts::Style,
    picture::Picture,
    qr::Qr,
    words::{PRACTICE, REPRINT_DOCUMENT, document_foot, grouped_code},
};

/// Sizes in dots.
struct Sizes {
    hall: f32,
    title: f32,
    text: f32,
    note: f32,
    /// Dots above a rule, and below it.
    rule: [u32; 2],
    /// Most dots that the code takes beside its text.
    code: u32,
}

const AIRY: Sizes = Sizes { hall: 30.0, title: 44.0, text: 27.0, note: 25.0, rule: [8, 14], code: 250 };
const SAVING: Sizes = Sizes { hall: 26.0, title: 36.0, text: 25.0, note: 24.0, rule: [4, 6], code: 150 };
const DENSE: Sizes = Sizes { hall: 24.0, title: 30.0, text: 23.0, note: 22.0, rule: [2, 4], code: 140 };
/// Least dots that values keep beside the widest label.
const VALUE_DOTS_MIN: u32 = 220;
/// Dots between label and value, number and point.
const GAP: u32 = 16;

pub(super) fn draw(document: &DocumentSlip, width: PaperWidth, density: Density, fonts: &mut Fonts) -> Picture {
    let sizes = match density {
        Density::Airy => &AIRY,
        Density::Saving => &SAVING,
        Density::Dense => &DENSE,
    };
    let [above, below] = sizes.rule;
    let margin = if width == PaperWidth::Mm80 { 28 } else { 12 };
    let mut paper = Paper::new(width.dots().into(), margin, fonts);
    paper.space(12);
    if document.practice {
        paper.paragraph(&[(PRACTICE, true)], Style::centred(sizes.hall));
        paper.dashed_rule(6, 10);
    }
    if document.reprint {
        paper.paragraph(&[(REPRINT_DOCUMENT, true)], Style::centred(sizes.note));
        paper.dashed_rule(6, 10);
    }
    paper.heading(Printable::new(&document.hall_name).as_str(), Style::centred(sizes.hall));
    paper.space(4);
    paper.heading(Printable::new(&document.title).as_str(), Style::centred(sizes.title));
    paper.rule(above + 2, below);
    if document.kind == DocumentKind::SelfTest {
        calibration(&mut paper, sizes);
    }
    rows(&mut paper, document, sizes);
    items(&mut paper, document, sizes);
    for note in &document.notes {
        paper.paragraph(&[(Printable::new(note).as_str(), false)], Style::left(sizes.note));
        paper.space(6);
    }
    code(&mut paper, document, sizes);
    paper.dashed_rule(above, below.min(12));
    let (time, phone) = document_foot(document);
    paper.both_ends(time.as_str(), phone.as_ref().map(Printable::as_str), Style::left(sizes.note));
    if document.practice {
        paper.dashed_rule(10, 6);
        paper.paragraph(&[(PRACTICE, true)], Style::centred(sizes.hall));
    }
    paper.space(12);
    paper.picture
}

/// Every size that slips use, the characters that printers lack, and patches from edge to edge.
fn calibration(paper: &mut Paper<'_>, sizes: &Sizes) {
    for size in [sizes.note, sizes.title, 72.0] {
        paper.paragraph(&[(CALIBRATION_SIZES, true)], Style::left(size));
    }
    paper.paragraph(&[(CALIBRATION_CHARACTERS, true)], Style::left(sizes.hall));
    let patches = patches(paper.inner());
    paper.stamp(&patches);
    paper.rule(8, 14);
}

/// Label and value side by side; a number that would break there stands below its label.
fn rows(paper: &mut Paper<'_>, document: &DocumentSlip, sizes: &Sizes) {
    if document.rows.is_empty() {
        return;
    }
    let texts: Vec<[Printable; 2]> = document.rows.iter().map(|row| [Printable::new(&row.label), Printable::new(&row.value)]).collect();
    let widest = texts.iter().map(|[label, _]| paper.fonts.width(label.as_str(), false, sizes.note)).max().unwrap_or(0);
    let label_width = widest.min(paper.inner().saturating_sub(VALUE_DOTS_MIN + GAP));
    for [label, value] in &texts {
        let style = Style::left(sizes.text);
        let beside = paper.inner() - label_width - GAP;
        if value.as_str().is_ascii() && paper.fonts.width(value.as_str(), true, sizes.text) > beside {
            paper.paragraph(&[(label.as_str(), false)], Style::left(sizes.note));
            paper.paragraph(&[(value.as_str(), true)], style);
            paper.space(4);
            continue;
        }
        let x = paper.margin + label_width + GAP;
        let label = paper.block(&[(label.as_str(), false)], Style::left(sizes.note).line_height(style.line_height), label_width);
        let value = paper.block(&[(value.as_str(), true)], style, beside);
        let height = label.height.max(value.height);
        paper.place(label, paper.margin, paper.y);
        paper.place(value, x, paper.y);
        paper.space(height + 4);
    }
    paper.rule(sizes.rule[0], sizes.rule[1]);
}

fn items(paper: &mut Paper<'_>, document: &DocumentSlip, sizes: &Sizes) {
    if let Some(title) = document.items_title.as_deref().map(Printable::new).filter(|title| !title.is_empty()) {
        paper.paragraph(&[(title.as_str(), true)], Style::left(sizes.hall));
        paper.space(6);
    }
    if document.items.is_empty() {
        return;
    }
    let number_width = paper.fonts.width(&format!("{}.", document.items.len()), true, sizes.text);
    let x = paper.margin + number_width + GAP / 2;
    let width = paper.inner() - number_width - GAP / 2;
    for (number, item) in (1..).zip(&document.items) {
        let number = paper.block(&[(&format!("{number}."), true)], Style::left(sizes.text), number_width + GAP);
        paper.place(number, paper.margin, paper.y);
        let text = paper.block(&[(Printable::new(&item.text).as_str(), true)], Style::left(sizes.text), width);
        let height = text.height;
        paper.place(text, x, paper.y);
        paper.space(height);
        if let Some(note) = item.note.as_deref().map(Printable::new).filter(|note| !note.is_empty()) {
            let note = paper.block(&[(note.as_str(), false)], Style::left(sizes.note), width);
            let height = note.height;
            paper.place(note, x, paper.y);
            paper.space(height);
        }
        paper.space(8);
    }
    paper.rule(sizes.rule[0].min(6), sizes.rule[1]);
}

/// The code with its words beside it.
fn code(paper: &mut Paper<'_>, document: &DocumentSlip, sizes: &Sizes) {
    let Some(code) = &document.qr else { return };
    let caption = Printable::new(&code.caption);
    let typed = code.code.as_deref().map(|typed| Printable::new(&format!("或输 {}", grouped_code(typed))));
    let Some(qr) = Qr::of(&code.url) else { return };
    // On narrow paper the words need half of it.
    let dots = module_dots(&qr, sizes.code.min(paper.inner() * 2 / 5));
    let side = qr.side * dots;
    paper.space(4 * dots);
    let x = paper.margin + side + 4 * dots + 4;
    let text_width = paper.margin + paper.inner() - x;
    let style = Style::left(sizes.hall).line_height((sizes.hall * 1.27).round());
    let caption = paper.balanced(caption.as_str(), true, style, text_width);
    let typed = typed.map(|typed| paper.block(&[(typed.as_str(), true)], style, text_width));
    let height = caption.height + typed.as_ref().map_or(0, |typed| typed.height);
    let top = paper.y + side.saturating_sub(height) / 2;
    let typed_y = top + caption.height;
    paper.code(&qr, dots, paper.margin, paper.y);
    paper.place(caption, x, top);
    if let Some(typed) = typed {
        paper.place(typed, x, typed_y);
    }
    paper.space(side.max(height) + 4 * dots);
}
