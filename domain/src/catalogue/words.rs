//! Chinese words for typed pinyin, from the names of matters: what a kiosk without a Chinese keyboard offers to touch.
//! A word is a run of characters that stands by itself in the names: at a beginning, or where what is before and behind
//! it varies. Knows nothing of where the names are stored.

use std::collections::{BTreeMap, BTreeSet};

use super::search::{Letter, letters, takes_whole};

/// Longest word in characters.
const WORD_CHARS_MAX: usize = 6;
/// Shortest word in characters.
const WORD_CHARS_MIN: usize = 2;

/// Words that are offered at once.
pub const WORDS_MAX: usize = 8;

/// What was typed, as what stands before its last letters and those.
#[must_use]
pub fn typed_letters(query: &str) -> (&str, &str) {
    query.split_at(query.trim_end_matches(|sign: char| sign.is_ascii_alphabetic()).len())
}

/// What was found of one word.
#[derive(Default)]
struct Found {
    /// Names in which it stands.
    names: BTreeSet<usize>,
    /// It is a whole name, as people call a matter.
    is_whole: bool,
    /// It begins a name.
    begins: bool,
    /// It ends a name.
    ends: bool,
    before: BTreeSet<char>,
    behind: BTreeSet<char>,
}

impl Found {
    fn is_word(&self) -> bool {
        self.begins || self.before.len() > 1 && (self.ends || self.behind.len() > 1)
    }
}

/// Chinese words whose pinyin or initials are the small letters typed, at most `limit`: first what people call a matter,
/// then what stands in the most names. What was `chosen` before them ends a word wherever it stands.
#[must_use]
pub fn words<'a>(names: impl IntoIterator<Item = &'a str>, chosen: &str, typed: &str, limit: usize) -> Vec<String> {
    let chosen = chosen.trim();
    let typed: Vec<char> = typed.chars().map(|sign| sign.to_ascii_lowercase()).filter(char::is_ascii_lowercase).take(40).collect();
    if typed.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (at, name) in names.into_iter().enumerate() {
        let parts = if chosen.is_empty() { vec![name] } else { name.split(chosen).collect() };
        let pieces = parts.into_iter().flat_map(|part| part.split(|sign: char| !sign.is_alphanumeric())).filter(|piece| !piece.is_empty());
        pieces.for_each(|piece| note(&mut found, at, &letters(piece), &typed));
    }
    let mut words: Vec<(String, Found)> = found.into_iter().filter(|(_, found)| found.is_word()).collect();
    let rank = |(word, found): &(String, Found)| (!found.is_whole, usize::MAX - found.names.len(), word.chars().count());
    words.sort_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| one.0.cmp(&other.0)));
    words.into_iter().take(limit).map(|(word, _)| word).collect()
}

fn note(found: &mut BTreeMap<String, Found>, name: usize, letters: &[Letter], typed: &[char]) {
    for start in 0..letters.len() {
        for matched in 1..=WORD_CHARS_MAX.min(letters.len() - start) {
            if !takes_whole(&letters[start..start + matched], typed) {
                continue;
            }
            let end = start + matched.max(WORD_CHARS_MIN);
            let Some(run) = letters.get(start..end).filter(|run| run.iter().all(Letter::is_chinese)) else { continue };
            let one = found.entry(run.iter().map(Letter::character).collect()).or_default();
            one.names.insert(name);
            one.is_whole |= run.len() == letters.len();
            match start.checked_sub(1).and_then(|before| letters.get(before)) {
                Some(before) => drop(one.before.insert(before.character())),
                None => one.begins = true,
            }
            match letters.get(end) {
                Some(behind) => drop(one.behind.insert(behind.character())),
                None => one.ends = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 10] = [
        "城乡居民医疗保险参保登记",
        "职工医疗保险费缴纳",
        "医疗救助对象认定",
        "医保",
        "最低生活保障对象认定",
        "低保",
        "残疾人证办理",
        "重度残疾人护理补贴",
        "困难残疾人生活补贴",
        "城乡居民养老保险参保登记",
    ];

    fn typed(letters: &str) -> Vec<String> {
        words(NAMES, "", letters, 6)
    }

    #[test]
    fn letters_become_words_of_the_catalogue() {
        assert_eq!(typed("yb"), ["医保"]);
        assert_eq!(typed("yl"), ["医疗"]);
        assert_eq!(typed("yiliao"), ["医疗"]);
        assert_eq!(typed("db")[0], "低保");
        assert!(typed("cj").contains(&"残疾".to_owned()));
        assert!(typed("cjr").contains(&"残疾人".to_owned()));
        assert!(typed("bt").contains(&"补贴".to_owned()));
        assert!(typed("y").contains(&"医保".to_owned()) && typed("y").contains(&"医疗".to_owned()));
    }

    #[test]
    fn what_runs_over_the_end_of_a_word_is_none() {
        assert!(typed("my").is_empty(), "民医 of 居民医疗: {:?}", typed("my"));
        assert!(typed("mybx").is_empty());
        assert!(typed("").is_empty() && typed("123").is_empty() && typed("zzz").is_empty());
        assert_eq!(words(NAMES, "", "y", 1).len(), 1);
    }
}
