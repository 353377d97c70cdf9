//! The words of messages to people, as texts with places that are filled when a message is sent. A place is written
//! `{name}`; a part in `[…]` is left out when one of its places has nothing to say. No place names a person, a matter or
//! a rating: whatever somebody writes into a text of his own, a phone lies on tables. Knows no channel but its length.

mod check;
mod templates;

pub use check::{Fault, Piece, always_said, faults, parts, place_faults};
pub use templates::{CASE_NEWS, Place, TEMPLATES, Template, template};

/// Longest text of a message with its places filled, in characters: what providers take as one long SMS.
pub const TEXT_CHARS_MAX: usize = 300;
/// Longest heading, in characters.
pub const SUBJECT_CHARS_MAX: usize = 40;
/// Characters of an SMS that is sent as one,
const SINGLE_CHARS: usize = 70;
/// and of each part of one that is not.
const PART_CHARS: usize = 67;

/// How many SMS a text is counted as.
#[must_use]
pub fn sms_parts(text: &str) -> usize {
    match text.chars().count() {
        0 => 0,
        count if count <= SINGLE_CHARS => 1,
        count => count.div_ceil(PART_CHARS),
    }
}

/// A text with its places filled. A place without a value stays empty; what was put in is not looked at again.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let value_of = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
    let (mut made, mut optional, mut lacks) = (String::new(), None::<String>, false);
    for piece in parts(text) {
        let text = match piece {
            check::Piece::Text(text) => text.to_owned(),
            check::Piece::Place(name) => {
                let value = value_of(name);
                lacks |= value.is_empty();
                value.to_owned()
            }
            check::Piece::Open => {
                (optional, lacks) = (Some(String::new()), false);
                continue;
            }
            check::Piece::Close => {
                if let Some(part) = optional.take().filter(|_| !lacks) {
                    made.push_str(&part);
                }
                continue;
            }
        };
        match &mut optional {
            Some(part) => part.push_str(&text),
            None => made.push_str(&text),
        }
    }
    made
}

impl Template {
    /// The example of every place.
    #[must_use]
    pub fn samples(&self) -> Vec<(&'static str, &'static str)> {
        self.places.iter().map(|place| (place.name, place.sample)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once_and_an_empty_part_is_left_out() {
        let text = "您的办件 {number} 办好了。[ 电话：{phone}]";
        assert_eq!(filled(text, &[("number", "A{phone}[1]"), ("phone", "0470")]), "您的办件 A{phone}[1] 办好了。 电话：0470");
        assert_eq!(filled(text, &[("number", "1"), ("phone", "")]), "您的办件 1 办好了。");
        assert_eq!(filled("没有[{a}和{b}]", &[("a", "甲")]), "没有");
    }

    #[test]
    fn long_messages_are_counted_as_several() {
        assert_eq!([0, 1, 70, 71, 134, 135].map(|count| sms_parts(&"字".repeat(count))), [0, 1, 1, 2, 2, 3]);
    }

    #[test]
    fn every_default_is_sound_and_says_what_it_must() {
        for template in TEMPLATES {
            assert_eq!(faults(template, template.subject, template.text), [], "{}", template.name);
            let text = filled(template.text, &template.samples());
            assert!(!text.contains(['{', '}', '[', ']']), "{text}");
            for place in template.places.iter().filter(|place| place.required) {
                assert!(text.contains(place.sample), "{}: {}", template.name, place.name);
            }
        }
    }
}
