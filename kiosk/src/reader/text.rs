//! What is written on a resident identity card (GB 11643, GA 467): 256 bytes of UTF-16LE in fields of fixed length.

use std::fmt;

use chrono::NaiveDate;
use domain::codes::resident_id;

/// Bytes of the text.
const TEXT_BYTES: usize = 256;
/// Where the fields lie: name, number, last day of validity (first byte, length in bytes).
const NAME: (usize, usize) = (0, 30);
const NUMBER: (usize, usize) = (122, 36);
const VALID_TO: (usize, usize) = (204, 16);

/// A resident identity card, as much of it as a number needs. Address, birth and photo are read by nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    /// Name.
    pub name: String,
    /// Number, 18 characters, checked.
    pub number: String,
    /// Last day of validity; `None` is for life (长期).
    pub valid_to: Option<NaiveDate>,
}

impl fmt::Debug for Card {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Card")
    }
}

impl Card {
    /// The card that an answer to "read" tells; `None` when it tells none.
    pub(super) fn of_answer(data: &[u8]) -> Option<Self> {
        let length = usize::from(u16::from_be_bytes([*data.first()?, *data.get(1)?]));
        if length != TEXT_BYTES {
            return None;
        }
        // Behind the lengths of text and photo; newer modules put that of the fingerprints there too.
        let photo = usize::from(u16::from_be_bytes([*data.get(2)?, *data.get(3)?]));
        let lengths = if data.len() >= 6 + TEXT_BYTES + photo { 6 } else { 4 };
        Self::of_text(data.get(lengths..lengths + TEXT_BYTES)?)
    }

    fn of_text(text: &[u8]) -> Option<Self> {
        let name = field(text, NAME)?;
        let number = field(text, NUMBER)?;
        if name.is_empty() || resident_id(&number).is_err() {
            return None;
        }
        let valid_to = NaiveDate::parse_from_str(&field(text, VALID_TO)?, "%Y%m%d").ok();
        Some(Self { name, number, valid_to })
    }
}

fn field(text: &[u8], (at, length): (usize, usize)) -> Option<String> {
    let units = text.get(at..at + length)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    Some(text.trim_matches(['\0', ' ', '\u{3000}']).to_owned())
}

/// Answers of a reader for tests: what the module sends for a card.
#[cfg(test)]
pub(super) mod answers {
    use super::*;

    /// The data of an answer to "read", with a photo of noise.
    pub(crate) fn read(name: &str, number: &str, valid_to: &str, has_fingerprints: bool) -> Vec<u8> {
        let mut text = [0x20, 0x00].repeat(TEXT_BYTES / 2);
        let mut put = |(at, _): (usize, usize), value: &str| {
            for (index, unit) in value.encode_utf16().enumerate() {
                text[at + index * 2..at + index * 2 + 2].copy_from_slice(&unit.to_le_bytes());
            }
        };
        put(NAME, name);
        put((30, 2), "1");
        put((32, 4), "01");
        put((36, 16), "19700101");
        put((52, 70), "示范县示范镇一村一组");
        put(NUMBER, number);
        put((158, 30), "示范县公安局");
        put((188, 16), "20160101");
        put(VALID_TO, valid_to);
        let lengths: &[u8] = if has_fingerprints { &[1, 0, 4, 0, 4, 0] } else { &[1, 0, 4, 0] };
        let tail = if has_fingerprints { 2_048 } else { 1_024 };
        [lengths, &text, &vec![0xAA; tail]].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "11010519491231002X";

    #[test]
    fn name_number_and_validity_are_read_from_both_generations() {
        for has_fingerprints in [false, true] {
            let card = Card::of_answer(&answers::read("张三丰", NUMBER, "20360101", has_fingerprints));
            let valid_to = NaiveDate::from_ymd_opt(2036, 1, 1);
            assert_eq!(card, Some(Card { name: "张三丰".into(), number: NUMBER.into(), valid_to }));
        }
        let for_life = Card::of_answer(&answers::read("欧阳", NUMBER, "长期", false));
        assert_eq!(for_life.map(|card| card.valid_to), Some(None));
        assert_eq!(format!("{:?}", Card::of_answer(&answers::read("欧阳", NUMBER, "长期", false))), "Some(Card)");
    }

    #[test]
    fn what_is_no_card_is_none() {
        assert_eq!(Card::of_answer(&[]), None);
        assert_eq!(Card::of_answer(&[1, 0, 4, 0]), None);
        assert_eq!(Card::of_answer(&answers::read("", NUMBER, "长期", false)), None);
        assert_eq!(Card::of_answer(&answers::read("张三", "110105194912310021", "长期", false)), None, "a wrong check character");
        let mut cut = answers::read("张三", NUMBER, "长期", false);
        cut.truncate(200);
        assert_eq!(Card::of_answer(&cut), None);
    }
}
