//! A text taken apart, and what is wrong with one that somebody wrote.

use super::templates::{Place, Template};
use super::{SUBJECT_CHARS_MAX, TEXT_CHARS_MAX, filled};

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// A place.
    Place(&'a str),
    /// A part begins that may be left out.
    Open,
    /// It ends.
    Close,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `subject` or `text`.
    pub field: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

/// The pieces of a text in order. A brace or bracket without its other half is words.
#[must_use]
pub fn parts(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    let mut is_open = false;
    while let Some(at) = rest.find(['{', '[', ']']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let mark = &from[..1];
        let (piece, length) = match (mark, from.find('}')) {
            ("{", Some(end)) => (Piece::Place(&from[1..end]), end + 1),
            ("[", _) if !is_open && from.contains(']') => (Piece::Open, 1),
            ("]", _) if is_open => (Piece::Close, 1),
            _ => (Piece::Text(mark), 1),
        };
        is_open = match piece {
            Piece::Open => true,
            Piece::Close => false,
            Piece::Text(_) | Piece::Place(_) => is_open,
        };
        pieces.push(piece);
        rest = &from[length..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// What is wrong with the places of a text: braces without their other half, places that there are not.
#[must_use]
pub fn place_faults(field: &'static str, words: &str, places: &[Place]) -> Vec<Fault> {
    let mut found = Vec::new();
    let pieces = parts(words);
    if pieces.iter().any(|piece| matches!(piece, Piece::Text(words) if words.contains(['{', '}', '[', ']']))) {
        found.push(Fault {
            field, code: "unbalanced", text: "大括号、中括号要成对，中括号里不能再有中括号".to_owned()
        });
    }
    for piece in &pieces {
        if let Piece::Place(name) = piece
            && places.iter().all(|place| place.name != *name)
        {
            let known: Vec<String> = places.iter().map(|place| format!("{{{}}}", place.name)).collect();
            let text = format!("没有 {{{name}}} 这个占位符，这里可以用 {}", known.join(" "));
            found.push(Fault { field, code: "unknown_place", text });
        }
    }
    found
}

/// What a text says always, outside of parts that may be left out: its places, and its words one after the other.
#[must_use]
pub fn always_said(text: &str) -> (Vec<&str>, String) {
    let (mut places, mut words, mut is_optional) = (Vec::new(), String::new(), false);
    for piece in parts(text) {
        match piece {
            Piece::Open => is_optional = true,
            Piece::Close => is_optional = false,
            Piece::Place(name) if !is_optional => places.push(name),
            Piece::Text(said) if !is_optional => words.push_str(said),
            Piece::Place(_) | Piece::Text(_) => {}
        }
    }
    (places, words)
}

/// Everything that is wrong with the words of a template, at once; empty when they are sound. Control characters are
/// refused where texts come in.
#[must_use]
pub fn faults(template: &Template, subject: &str, text: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    for (field, words) in [("subject", subject), ("text", text)] {
        found.extend(place_faults(field, words, template.places));
    }
    let mut add = |field, code, text: String| found.push(Fault { field, code, text });
    let (said, _) = always_said(text);
    for place in template.places.iter().filter(|place| place.required && !said.contains(&place.name)) {
        add("text", "missing_place", format!("少了 {{{}}}（{}），没有它群众不知道怎么办", place.name, place.about));
    }
    let chars = filled(text, &template.samples()).chars().count();
    if chars > TEXT_CHARS_MAX {
        add("text", "too_long", format!("填好后约 {chars} 个字，短信最多 {TEXT_CHARS_MAX} 个字"));
    }
    if filled(subject, &template.samples()).chars().count() > SUBJECT_CHARS_MAX {
        add("subject", "too_long", format!("标题最多 {SUBJECT_CHARS_MAX} 个字"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::template;
    use super::*;

    #[test]
    fn every_fault_is_named_at_once() {
        let ready = template("ready_for_pickup").unwrap_or(&super::super::TEMPLATES[0]);
        let codes = |subject: &str, text: &str| -> Vec<(&'static str, &'static str)> {
            faults(ready, subject, text).into_iter().map(|fault| (fault.field, fault.code)).collect()
        };
        assert_eq!(codes("可以领了", "{number}办好了，到{place}领，{url}"), []);
        assert_eq!(
            codes("可以领了{name}", "{number}到{place}领，{url}，{matter}"),
            [("subject", "unknown_place"), ("text", "unknown_place")]
        );
        assert_eq!(codes("可以领了", "办好了，{url}"), [("text", "missing_place"), ("text", "missing_place")]);
        assert_eq!(codes("可以领了", "{number}[到{place}领]，{url}"), [("text", "missing_place")], "what may be left out is not said");
        assert_eq!(codes("可以领了", "{number}到{place}领，{url}，{"), [("text", "unbalanced")]);
        assert_eq!(codes("可以领了", "{number}到{place}领，{url}[[{phone}]]"), [("text", "unbalanced")]);
        assert_eq!(codes("可以领了", &format!("{{number}}到{{place}}领，{{url}}{}", "长".repeat(300))), [("text", "too_long")]);
        assert_eq!(codes(&"长".repeat(41), "{number}到{place}领，{url}"), [("subject", "too_long")]);
    }

    #[test]
    fn a_text_comes_apart_and_together() {
        assert_eq!(
            parts("a{b}[c{d}]"),
            [Piece::Text("a"), Piece::Place("b"), Piece::Open, Piece::Text("c"), Piece::Place("d"), Piece::Close]
        );
        assert_eq!(parts("]{"), [Piece::Text("]"), Piece::Text("{")]);
    }
}
