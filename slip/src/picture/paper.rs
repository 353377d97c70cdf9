//! Drawing from top to bottom: blocks of text, rules, codes. Knows nothing of what a slip says.

use crate::{
    Fonts,
    fonts::{Block, Style},
    picture::Picture,
    qr::Qr,
};

/// Thickness of a rule, in dots (UI.md §9).
const RULE_DOTS: u32 = 3;
/// Dash and gap of a dashed rule, in dots.
const DASH_DOTS: (u32, u32) = (6, 3);
/// Radius of a solid block's corner, in dots.
const CORNER_DOTS: i64 = 10;

/// A strip of paper that grows downwards.
pub(super) struct Paper<'f> {
    pub(super) picture: Picture,
    pub(super) fonts: &'f mut Fonts,
    /// Margin at both sides, in dots.
    pub(super) margin: u32,
    /// Row of the next thing.
    pub(super) y: u32,
}

impl<'f> Paper<'f> {
    pub(super) fn new(width: u32, margin: u32, fonts: &'f mut Fonts) -> Self {
        Self { picture: Picture::new(width), fonts, margin, y: 0 }
    }

    /// Dots between the margins.
    pub(super) fn inner(&self) -> u32 {
        self.picture.width() - 2 * self.margin
    }

    pub(super) fn space(&mut self, dots: u32) {
        self.y += dots;
        self.picture.grow(self.y);
    }

    pub(super) fn block(&mut self, spans: &[(&str, bool)], style: Style, width: u32) -> Block {
        self.fonts.block(spans, style, width)
    }

    /// A block whose lines are about equally long.
    pub(super) fn balanced(&mut self, text: &str, bold: bool, style: Style, width: u32) -> Block {
        self.fonts.balanced_block(&[(text, bold)], style, width)
    }

    /// Draws a heading in the middle and moves on.
    pub(super) fn heading(&mut self, text: &str, style: Style) {
        let block = self.balanced(text, true, style, self.inner());
        let (height, x) = (block.height, (self.picture.width() - block.set_width) / 2);
        self.place(block, x, self.y);
        self.space(height);
    }

    /// Draws a block where it is wanted, without moving on.
    pub(super) fn place(&mut self, block: Block, x: u32, y: u32) {
        block.draw(self.fonts, &mut self.picture, x, y, true);
    }

    /// Draws a paragraph over the whole width and moves on.
    pub(super) fn paragraph(&mut self, spans: &[(&str, bool)], style: Style) {
        let block = self.block(spans, style, self.inner());
        let height = block.height;
        self.place(block, self.margin, self.y);
        self.space(height);
    }

    /// A rule across, with `gap` dots above and below.
    pub(super) fn rule(&mut self, above: u32, below: u32) {
        self.space(above);
        self.fill(self.margin, self.y, self.inner(), RULE_DOTS);
        self.space(RULE_DOTS + below);
    }

    /// A dashed rule across.
    pub(super) fn dashed_rule(&mut self, above: u32, below: u32) {
        self.space(above);
        let (dash, gap) = DASH_DOTS;
        let end = self.margin + self.inner();
        let mut x = self.margin;
        while x < end {
            self.fill(x, self.y, dash.min(end - x), RULE_DOTS);
            x += dash + gap;
        }
        self.space(RULE_DOTS + below);
    }

    /// An upright rule in the middle, from `y` over `height` dots.
    pub(super) fn middle_rule(&mut self, y: u32, height: u32) {
        self.fill((self.picture.width() - RULE_DOTS) / 2, y, RULE_DOTS, height);
    }

    fn fill(&mut self, x: u32, y: u32, width: u32, height: u32) {
        self.picture.grow(y + height);
        for row in y..y + height {
            for column in x..x + width {
                self.picture.set(column.into(), row.into(), true);
            }
        }
    }

    /// White text in a solid block with round corners; `text_y` is where the text's line begins.
    pub(super) fn solid(&mut self, text: Block, frame: Frame, text_at: (u32, u32)) {
        self.picture.grow(frame.y + frame.height);
        let (width, height) = (i64::from(frame.width), i64::from(frame.height));
        for row in 0..height {
            for column in 0..width {
                let from_left = CORNER_DOTS - 1 - column.min(width - 1 - column);
                let from_top = CORNER_DOTS - 1 - row.min(height - 1 - row);
                let cut = from_left > 0 && from_top > 0 && from_left * from_left + from_top * from_top > CORNER_DOTS * CORNER_DOTS;
                if !cut {
                    self.picture.set(i64::from(frame.x) + column, i64::from(frame.y) + row, true);
                }
            }
        }
        text.draw(self.fonts, &mut self.picture, text_at.0, text_at.1, false);
    }

    /// Draws a code with its upper left dark module at (`x`, `y`).
    pub(super) fn code(&mut self, qr: &Qr, module_dots: u32, x: u32, y: u32) {
        for row in 0..qr.side {
            for column in 0..qr.side {
                if qr.is_dark(column, row) {
                    self.fill(x + column * module_dots, y + row * module_dots, module_dots, module_dots);
                }
            }
        }
    }

    /// Puts a picture between the margins and moves on.
    pub(super) fn stamp(&mut self, picture: &Picture) {
        self.picture.grow(self.y + picture.height());
        for y in 0..picture.height() {
            for x in 0..picture.width() {
                self.picture.set((self.margin + x).into(), (self.y + y).into(), picture.is_black(x, y));
            }
        }
        self.space(picture.height());
    }

    /// Two short texts at both ends of a line; the second goes below where they would touch.
    pub(super) fn both_ends(&mut self, left: &str, right: Option<&str>, style: Style) {
        let left = self.block(&[(left, false)], style, self.inner());
        let (left_width, left_height) = (left.width, left.height);
        self.place(left, self.margin, self.y);
        let Some(right) = right else { return self.space(left_height) };
        let right = self.block(&[(right, false)], style, self.inner());
        if left_width + right.width + style.size as u32 / 2 > self.inner() {
            self.space(left_height);
            let height = right.height;
            self.place(right, self.margin, self.y);
            self.space(height);
        } else {
            let x = self.margin + self.inner() - right.width;
            self.place(right, x, self.y);
            self.space(left_height);
        }
    }
}

/// A rectangle in dots.
pub(super) struct Frame {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Dots per module: six where the code then takes no more than `dots_max`, less for a denser code.
pub(super) fn module_dots(qr: &Qr, dots_max: u32) -> u32 {
    (dots_max / qr.side).clamp(3, 6)
}
