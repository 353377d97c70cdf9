//! What a benchmark tells: a line for people with its goal beside it, and the same for programs.

use serde_json::{Value, json};

/// What a figure must keep to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// No less than this.
    AtLeast(f64),
    /// No more than this.
    AtMost(f64),
}

impl Goal {
    fn met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(goal) => figure >= goal,
            Self::AtMost(goal) => figure <= goal,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtLeast(goal) => format!("≥ {}", short(goal)),
            Self::AtMost(goal) => format!("≤ {}", short(goal)),
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What was measured, for people.
    pub(super) what: String,
    /// What came of it, for people.
    pub(super) seen: String,
    /// The figure that has a goal, e.g. a ratio or milliseconds.
    pub(super) figure: Option<f64>,
    /// What the figure must keep to.
    pub(super) goal: Option<Goal>,
    /// Everything that was measured, for programs.
    pub(super) detail: Value,
}

impl Line {
    /// A line that is only told.
    pub(super) fn told(what: impl Into<String>, seen: impl Into<String>, detail: Value) -> Self {
        Self { what: what.into(), seen: seen.into(), figure: None, goal: None, detail }
    }

    /// A line with a figure and its goal.
    pub(super) fn judged(what: impl Into<String>, seen: impl Into<String>, figure: f64, goal: Goal, detail: Value) -> Self {
        Self { what: what.into(), seen: seen.into(), figure: Some(figure), goal: Some(goal), detail }
    }

    fn met(&self) -> Option<bool> {
        Some(self.goal?.met(self.figure?))
    }

    /// The line for programs.
    pub(super) fn json(&self, section: &str) -> Value {
        let goal = self.goal.map(Goal::words);
        json!({ "section": section, "what": self.what, "figure": self.figure, "goal": goal, "met": self.met(), "detail": self.detail })
    }
}

/// Columns that a line's name and what came of it take, a Chinese character being two wide.
const WIDTHS: (usize, usize) = (36, 52);

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", padded(&self.what, WIDTHS.0), padded(&self.seen, WIDTHS.1))?;
        let (Some(figure), Some(goal), Some(met)) = (self.figure, self.goal, self.met()) else { return Ok(()) };
        write!(f, " {:>8}  目标 {:<8} {}", short(figure), goal.words(), if met { "✓" } else { "✗ 没达到" })
    }
}

fn padded(text: &str, width: usize) -> String {
    let taken: usize = text.chars().map(|letter| if letter < '\u{2E80}' { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(taken)))
}

/// A figure as short as it can be read: three digits that count.
pub(super) fn short(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_at_its_edge_and_missed_beyond() {
        assert!(Goal::AtLeast(0.5).met(0.5) && !Goal::AtLeast(0.5).met(0.499));
        assert!(Goal::AtMost(5.0).met(5.0) && !Goal::AtMost(5.0).met(5.01));
    }

    #[test]
    fn a_line_shows_figure_goal_and_mark() {
        let line = Line::judged("取号", "900/秒", 0.41, Goal::AtLeast(0.5), Value::Null);
        let shown = line.to_string();
        assert!(shown.ends_with("0.41  目标 ≥ 0.50   ✗ 没达到"), "{shown}");
        assert_eq!(line.json("issue")["met"], false);
        assert_eq!(Line::told("负载", "3%", Value::Null).json("issue")["met"], Value::Null);
    }

    #[test]
    fn chinese_characters_count_as_two_columns() {
        assert_eq!(padded("取号", 6), "取号  ");
        assert_eq!(padded("p50", 6), "p50   ");
    }
}
