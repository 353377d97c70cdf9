//! A ticket as a picture: the layout of UI.md §9, for 80 mm and 58 mm.

use protocol::slip::{PaperWidth, TicketSlip};

use super::paper::{Frame, Paper, module_dots};
use crate::{
    Density, Fonts,
    clean::Printable,
    fonts::Style,
    picture::Picture,
    qr::Qr,
    words::{Figure, MISSED_LEAD, PRACTICE, REPRINT_TICKET, TicketWords, WAIT_ANYWHERE, WAIT_BY},
};

/// Sizes in dots that differ with the paper.
struct Sizes {
    margin: u32,
    hall: f32,
    line: f32,
    number: f32,
    figure: f32,
    label: f32,
    place: f32,
    area: f32,
    scan: f32,
    text: f32,
    foot: f32,
    /// Dots above and below a rule.
    gap: u32,
    /// Dots above and below the code.
    code_gap: [u32; 2],
    /// Most dots that the code takes beside its text.
    code: u32,
    /// What the code opens is told, too.
    explains: bool,
    /// The figures are written in words, in one line.
    in_words: bool,
}

const MM80: Sizes = Sizes {
    margin: 28,
    hall: 30.0,
    line: 40.0,
    number: 204.0,
    figure: 72.0,
    label: 27.0,
    place: 38.0,
    area: 28.0,
    scan: 30.0,
    text: 26.0,
    foot: 25.0,
    gap: 10,
    code_gap: [24, 24],
    code: 190,
    explains: true,
    in_words: false,
};

const MM58: Sizes = Sizes {
    margin: 12,
    hall: 28.0,
    line: 36.0,
    number: 140.0,
    figure: 60.0,
    label: 25.0,
    place: 32.0,
    area: 25.0,
    scan: 26.0,
    text: 24.0,
    foot: 25.0,
    gap: 10,
    code_gap: [24, 20],
    code: 150,
    explains: true,
    in_words: false,
};

const SAVING_MM80: Sizes = Sizes {
    hall: 26.0,
    line: 34.0,
    number: 116.0,
    figure: 44.0,
    label: 25.0,
    place: 34.0,
    area: 26.0,
    gap: 4,
    code_gap: [8, 6],
    code: 140,
    explains: false,
    ..MM80
};

const SAVING_MM58: Sizes = Sizes {
    hall: 25.0,
    line: 30.0,
    number: 92.0,
    figure: 38.0,
    place: 30.0,
    scan: 25.0,
    gap: 3,
    code_gap: [8, 4],
    code: 140,
    explains: false,
    ..MM58
};

const DENSE_MM80: Sizes = Sizes {
    hall: 24.0,
    line: 28.0,
    number: 100.0,
    figure: 26.0,
    place: 27.0,
    area: 24.0,
    scan: 26.0,
    text: 23.0,
    foot: 23.0,
    gap: 3,
    code_gap: [8, 4],
    in_words: true,
    ..SAVING_MM80
};

const DENSE_MM58: Sizes = Sizes {
    hall: 22.0,
    line: 26.0,
    number: 84.0,
    figure: 25.0,
    place: 24.0,
    area: 23.0,
    scan: 24.0,
    text: 22.0,
    foot: 22.0,
    in_words: true,
    ..SAVING_MM58
};

pub(super) fn draw(ticket: &TicketSlip, width: PaperWidth, density: Density, fonts: &mut Fonts) -> Picture {
    let mut words = TicketWords::new(ticket);
    let sizes = match (width, density) {
        (PaperWidth::Mm80, Density::Airy) => &MM80,
        (PaperWidth::Mm58, Density::Airy) => &MM58,
        (PaperWidth::Mm80, Density::Saving) => &SAVING_MM80,
        (PaperWidth::Mm58, Density::Saving) => &SAVING_MM58,
        (PaperWidth::Mm80, Density::Dense) => &DENSE_MM80,
        (PaperWidth::Mm58, Density::Dense) => &DENSE_MM58,
    };
    if density == Density::Dense {
        words.shorten_area();
    }
    if width == PaperWidth::Mm58 {
        words.shorten_labels();
    }
    let mut paper = Paper::new(width.dots().into(), sizes.margin, fonts);
    paper.space(12);
    if words.practice {
        paper.paragraph(&[(PRACTICE, true)], Style::centred(sizes.line));
        paper.dashed_rule(6, 10);
    }
    if words.reprint {
        paper.paragraph(&[(REPRINT_TICKET, true)], Style::centred(sizes.foot));
        paper.dashed_rule(6, 10);
    }
    paper.heading(words.hall.as_str(), Style::centred(sizes.hall));
    paper.heading(words.line.as_str(), Style::centred(sizes.line).line_height((sizes.line * 1.3).round()));
    number(&mut paper, words.number.as_str(), sizes.number);
    paper.rule(sizes.number as u32 / 8, sizes.gap);
    if sizes.in_words {
        paper.paragraph(&[(words.figures_in_words().as_str(), true)], Style::centred(sizes.figure));
    } else {
        figures(&mut paper, [&words.ahead, &words.wait], sizes);
    }
    paper.rule(sizes.gap, sizes.gap);
    place(&mut paper, &words, sizes);
    let [above, below] = sizes.code_gap;
    paper.rule(sizes.gap, above);
    code(&mut paper, ticket, &words, sizes);
    paper.dashed_rule(below, 6 + sizes.gap);
    if let Some(rule) = &words.missed_rule {
        paper.paragraph(&[(MISSED_LEAD, true), (rule.as_str(), false)], Style::left(sizes.text));
        paper.space(10);
    }
    paper.both_ends(words.time.as_str(), words.phone.as_ref().map(|phone| phone.as_str()), Style::left(sizes.foot));
    if words.practice {
        paper.dashed_rule(10, 6);
        paper.paragraph(&[(PRACTICE, true)], Style::centred(sizes.line));
    }
    paper.space(12);
    paper.picture
}

/// The number as large as the design wants it, smaller where it would not fit.
fn number(paper: &mut Paper<'_>, number: &str, size_max: f32) {
    let natural = paper.fonts.width(number, true, size_max).max(1);
    let size = if natural > paper.inner() { (size_max * paper.inner() as f32 / natural as f32).floor() } else { size_max };
    paper.space(size_max as u32 / 10);
    let style = Style::centred(size).line_height((size * 0.8).round());
    let block = paper.block(&[(number, true)], style, paper.picture.width());
    let height = block.height;
    paper.picture.grow(paper.y + size_max as u32);
    paper.place(block, 0, paper.y);
    paper.space(height);
}

fn figures(paper: &mut Paper<'_>, figures: [&Figure; 2], sizes: &Sizes) {
    let half = paper.inner() / 2;
    let top = paper.y;
    let style = Style::centred(sizes.figure).line_height((sizes.figure * 1.05).round());
    let label_style = Style::centred(sizes.label);
    let mut bottom = top;
    for (column, figure) in (0..).zip(figures) {
        let x = paper.margin + column * half;
        let natural = paper.fonts.width(figure.value.as_str(), true, style.size).max(1);
        let size = if natural + 12 > half { (style.size * (half - 12) as f32 / natural as f32).floor() } else { style.size };
        let value = paper.block(&[(figure.value.as_str(), true)], Style { size, ..style }, half);
        let label_y = top + value.height;
        paper.place(value, x, top);
        let label = paper.block(&[(figure.label.as_str(), true)], label_style, half);
        bottom = bottom.max(label_y + label.height);
        paper.place(label, x, label_y);
    }
    paper.middle_rule(top, bottom - top);
    paper.y = bottom;
}

/// `请到 [1—4] 号窗口旁等候` in one line, smaller where the windows are many, and where to wait below it.
fn place(paper: &mut Paper<'_>, words: &TicketWords, sizes: &Sizes) {
    match &words.windows {
        Some(windows) => windows_line(paper, windows.as_str(), sizes),
        None => paper.paragraph(&[(WAIT_ANYWHERE, true)], Style::centred(sizes.place)),
    }
    paper.space(4);
    paper.heading(words.area.as_str(), Style::centred(sizes.area));
    paper.space(6);
}

fn windows_line(paper: &mut Paper<'_>, windows: &str, sizes: &Sizes) {
    let (before, after) = WAIT_BY;
    let mut size = sizes.place;
    let padding = 14;
    let gap = 6;
    let total = |paper: &mut Paper<'_>, size: f32| {
        [before, windows, after].iter().map(|text| paper.fonts.width(text, true, size)).sum::<u32>() + 2 * (padding + gap)
    };
    while size > sizes.foot && total(paper, size) > paper.inner() {
        size -= 1.0;
    }
    if total(paper, size) > paper.inner() {
        paper.heading(&format!("{before} {windows}"), Style::centred(sizes.area));
        return paper.heading(after, Style::centred(sizes.area));
    }
    let style = Style::left(size).line_height((sizes.place * 1.5).round());
    let [before, block, after] = [before, windows, after].map(|text| paper.block(&[(text, true)], style, paper.inner()));
    let mut x = paper.margin + (paper.inner() - (before.width + block.width + after.width + 2 * (padding + gap))) / 2;
    let (y, height) = (paper.y, before.height);
    let before_width = before.width;
    paper.place(before, x, y);
    x += before_width + gap;
    let frame = Frame { x, y, width: block.width + 2 * padding, height };
    let frame_width = frame.width;
    paper.solid(block, frame, (x + padding, y));
    x += frame_width + gap;
    paper.place(after, x, y);
    paper.space(height);
}

/// The code beside its text.
fn code(paper: &mut Paper<'_>, ticket: &TicketSlip, words: &TicketWords, sizes: &Sizes) {
    let title = words.scan_title();
    let text = if sizes.explains { words.scan_text().to_vec() } else { Vec::new() };
    let qr = Qr::of(&ticket.tracking_url);
    let Some(qr) = qr else {
        // An address that no code can hold: the words alone.
        paper.paragraph(&[(title.as_str(), true)], Style::centred(sizes.scan));
        return;
    };
    let dots = module_dots(&qr, sizes.code);
    let side = qr.side * dots;
    let x = paper.margin + side + 4 * dots + 4;
    let text_width = paper.margin + paper.inner() - x;
    let title_style = Style::left(sizes.scan).line_height((sizes.scan * 1.27).round());
    let title_block = paper.block(&[(title.as_str(), true)], title_style, text_width);
    let joined: String = text.iter().map(Printable::as_str).collect();
    let text_block = paper.block(&[(&joined, false)], Style::left(sizes.text), text_width);
    let height = title_block.height + if text.is_empty() { 0 } else { text_block.height };
    let top = paper.y + side.saturating_sub(height) / 2;
    // Of two unequal columns the shorter stands in the middle of the other.
    let code_y = paper.y + height.saturating_sub(side) / 2;
    paper.code(&qr, dots, paper.margin, code_y);
    let text_y = top + title_block.height;
    paper.place(title_block, x, top);
    paper.place(text_block, x, text_y);
    paper.space(side.max(height));
}
