//! How people find a matter: by any part of its name, by pinyin, by initials, or by a mixture
//! (`dibao`, `db`, `低bao`). Knows nothing of where the names are stored.
//!
//! A character of several readings is found by each of them: the keys hold the readings of each
//! character, and a query walks over all of them at once, so that no product of readings is stored.

use std::borrow::Borrow;
use std::cmp::Ordering;

use pinyin::ToPinyinMulti;

/// Longest query in characters; what follows is not looked at. The walk keeps its places in 64 bits.
const QUERY_CHARS_MAX: usize = 50;
/// Readings kept of one character.
const READINGS_MAX: usize = 8;

/// One character of a name with its readings without tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    character: char,
    readings: Vec<String>,
}

impl Letter {
    pub(super) fn character(&self) -> char {
        self.character
    }

    /// Whether it is one that pinyin is typed for.
    pub(super) fn is_chinese(&self) -> bool {
        !self.readings.is_empty()
    }
}

/// The letters of a name.
pub(super) fn letters(name: &str) -> Vec<Letter> {
    normal(name).map(|character| Letter { character, readings: readings(character) }).collect()
}

/// The keys of one matter: its name first, then what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchKeys {
    names: Vec<Vec<Letter>>,
}

/// A query in its normal form: small letters, ASCII forms, no spaces or punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    chars: Vec<char>,
}

/// How well a name fits; the smaller the better. Prefix before part before scattered characters,
/// then shorter names first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    fit: Fit,
    name_chars: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Prefix,
    Part,
    Scattered,
}

fn normal(text: &str) -> impl Iterator<Item = char> {
    let letters: Vec<char> = crate::codes::narrow(text).chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
    letters.into_iter()
}

impl Query {
    /// Reads what was typed; `None` when nothing is left to look for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let head: String = text.chars().take(4 * QUERY_CHARS_MAX).collect();
        let chars: Vec<char> = normal(&head).map(|c| if c == 'ü' { 'v' } else { c }).take(QUERY_CHARS_MAX).collect();
        (!chars.is_empty()).then_some(Self { chars })
    }
}

fn readings(character: char) -> Vec<String> {
    let mut readings: Vec<String> = Vec::new();
    for plain in character.to_pinyin_multi().into_iter().flatten().map(|reading| reading.plain()) {
        let forms = if plain.contains('ü') { vec![plain.replace('ü', "v"), plain.replace('ü', "u")] } else { vec![plain.to_owned()] };
        for form in forms {
            if form.is_ascii() && !readings.contains(&form) && readings.len() < READINGS_MAX {
                readings.push(form);
            }
        }
    }
    readings
}

impl SearchKeys {
    /// The keys of names.
    #[must_use]
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: names.into_iter().map(letters).collect() }
    }

    /// The keys as one line of text for a column: `低DI保BAO`, names separated by spaces, further
    /// readings by commas. The letters of names are small, those of readings are not.
    #[must_use]
    pub fn encode(&self) -> String {
        let name = |letters: &Vec<Letter>| {
            letters
                .iter()
                .map(|letter| format!("{}{}", letter.character, letter.readings.join(",").to_ascii_uppercase()))
                .collect::<String>()
        };
        self.names.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    /// Reads back what [`SearchKeys::encode`] wrote.
    #[must_use]
    pub fn decode(text: &str) -> Self {
        let mut names = Vec::new();
        for name in text.split(' ') {
            let mut letters: Vec<Letter> = Vec::new();
            for c in name.chars() {
                match letters.last_mut() {
                    Some(Letter { readings, .. }) if c.is_ascii_uppercase() || c == ',' => {
                        if c == ',' || readings.is_empty() {
                            readings.push(String::new());
                        }
                        if let (Some(reading), true) = (readings.last_mut(), c != ',') {
                            reading.push(c.to_ascii_lowercase());
                        }
                    }
                    _ => letters.push(Letter { character: c, readings: Vec::new() }),
                }
            }
            names.push(letters);
        }
        Self { names }
    }

    /// The names without their punctuation.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|letters| letters.iter().map(|letter| letter.character).collect())
    }

    /// How well the keys fit a query; `None` when they do not.
    #[must_use]
    pub fn rank(&self, query: &Query) -> Option<Rank> {
        self.names.iter().filter_map(|letters| fit(letters, &query.chars).map(|fit| Rank { fit, name_chars: letters.len() })).min()
    }
}

fn fit(letters: &[Letter], query: &[char]) -> Option<Fit> {
    if let Some(start) = (0..letters.len()).find(|start| begins_with(&letters[*start..], query)) {
        return Some(if start == 0 { Fit::Prefix } else { Fit::Part });
    }
    let mut rest = letters.iter();
    let scattered = query.len() > 1 && query.iter().all(|wanted| !wanted.is_ascii() && rest.any(|letter| letter.character == *wanted));
    scattered.then_some(Fit::Scattered)
}

/// Whether the letters begin with the query, each letter taking a part of it: itself, a whole
/// reading, its initial, or at the end of the query the beginning of a reading.
fn begins_with(letters: &[Letter], query: &[char]) -> bool {
    let end = 1u64 << query.len();
    let mut places = 1u64;
    for letter in letters {
        let mut next = 0u64;
        for place in (0..query.len()).filter(|place| places & (1 << place) != 0) {
            next |= taken(letter, &query[place..]) << place;
        }
        if next & end != 0 {
            return true;
        }
        if next == 0 {
            return false;
        }
        places = next;
    }
    false
}

/// Whether the letters take the whole query between them, the last of them its end.
pub(super) fn takes_whole(letters: &[Letter], query: &[char]) -> bool {
    letters.split_last().is_some_and(|(_, before)| begins_with(letters, query) && !begins_with(before, query))
}

/// The counts of characters that a letter can take from the front of `rest`, as a bit set.
fn taken(letter: &Letter, rest: &[char]) -> u64 {
    let mut counts = u64::from(rest[0] == letter.character) << 1;
    for reading in &letter.readings {
        let common = reading.chars().zip(rest).take_while(|(ours, theirs)| ours == *theirs).count();
        if common == 0 {
            continue;
        }
        counts |= 1 << 1;
        if common >= 2 && reading[1..].starts_with('h') {
            counts |= 1 << 2;
        }
        if common == reading.len() || common == rest.len() {
            counts |= 1 << common;
        }
    }
    counts
}

/// The items that fit, best first, at most `limit`. Scattered characters only count when nothing
/// fits better. Equal ranks are ordered by `tie`.
#[must_use]
pub fn found<T, K: Borrow<SearchKeys>>(
    items: impl IntoIterator<Item = T>,
    query: &Query,
    limit: usize,
    keys: impl Fn(&T) -> K,
    tie: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let mut hits: Vec<(Rank, T)> = items.into_iter().filter_map(|item| keys(&item).borrow().rank(query).map(|rank| (rank, item))).collect();
    if hits.iter().any(|(rank, _)| rank.fit != Fit::Scattered) {
        hits.retain(|(rank, _)| rank.fit != Fit::Scattered);
    }
    hits.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| tie(a, b)));
    hits.into_iter().take(limit).map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const NAMES: [&str; 9] = [
        "最低生活保障对象认定",
        "临时救助对象认定",
        "重度残疾人护理补贴",
        "城乡居民养老保险参保登记",
        "食品小作坊登记",
        "农村村民宅基地审批",
        "林木采伐许可（自留地除外）",
        "女职工劳动保护咨询",
        "ETC办理 A1类",
    ];

    fn look(text: &str) -> Vec<&'static str> {
        let query = Query::parse(text).unwrap();
        found(NAMES, &query, 20, |name| SearchKeys::decode(&SearchKeys::of([*name]).encode()), Ord::cmp)
    }

    #[test]
    fn a_name_is_found_by_chinese_pinyin_and_initials() {
        for (text, name) in [
            ("宅", NAMES[5]),
            ("宅基", NAMES[5]),
            ("生活保障", NAMES[0]),
            ("食品小作坊登记", NAMES[4]),
            ("zhaijidi", NAMES[5]),
            ("ZhaiJi", NAMES[5]),
            ("zhaij", NAMES[5]),
            ("zjd", NAMES[5]),
            ("zhjd", NAMES[5]),
            ("宅jidi", NAMES[5]),
            ("linshi", NAMES[1]),
            ("lsjz", NAMES[1]),
            ("lmcfxkzl", NAMES[6]),
            ("许可自留", NAMES[6]),
            ("nvzhigong", NAMES[7]),
            ("nuzhigong", NAMES[7]),
            ("ｅｔｃ", NAMES[8]),
            ("a1", NAMES[8]),
            ("低保", NAMES[0]),
        ] {
            assert_eq!(look(text), vec![name], "{text}");
        }
        for nothing in ["户口", "xyz", "zjdd", "宅地基", "地宅"] {
            assert_eq!(look(nothing), Vec::<&str>::new(), "{nothing}");
        }
        assert_eq!(Query::parse(" （）- "), None);
    }

    #[test]
    fn every_reading_of_a_character_finds_it() {
        for text in ["zhongdu", "chongdu", "zdcj", "cdcj", "zhdcj", "chdcj", "zhongduc", "chongducanji"] {
            assert_eq!(look(text), vec![NAMES[2]], "{text}");
        }
    }

    #[test]
    fn beginnings_come_first_then_shorter_names() {
        let names = ["居民身份证补领", "身份证遗失声明登记", "身份证换领", "外国人身份"];
        let query = Query::parse("身份").unwrap();
        let keys = |name: &&str| SearchKeys::of([*name]);
        assert_eq!(found(names, &query, 20, keys, Ord::cmp), vec!["身份证换领", "身份证遗失声明登记", "外国人身份", "居民身份证补领"]);
        assert_eq!(found(names, &query, 1, keys, Ord::cmp), vec!["身份证换领"]);
    }

    #[test]
    fn what_people_call_it_counts_like_the_name() {
        let keys = SearchKeys::of(["最低生活保障对象认定", "低保", "ATM卡"]);
        assert_eq!(SearchKeys::decode(&keys.encode()), keys);
        let rank = |text: &str| keys.rank(&Query::parse(text).unwrap()).unwrap();
        assert_eq!(rank("低保"), Rank { fit: Fit::Prefix, name_chars: 2 });
        assert_eq!(rank("dibao"), Rank { fit: Fit::Prefix, name_chars: 2 });
        assert_eq!(rank("db"), rank("低保"));
        assert!(rank("低保") < rank("最低"));
    }

    #[test]
    fn a_long_query_and_a_long_name_stay_cheap() {
        let name = "重".repeat(200);
        let keys = SearchKeys::of([name.as_str()]);
        assert!(keys.rank(&Query::parse(&"zhongchong".repeat(40)).unwrap()).is_some());
        assert!(keys.rank(&Query::parse(&format!("{}x", "zc".repeat(20))).unwrap()).is_none());
    }
}
