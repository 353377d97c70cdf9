//! The matters of the hall as the kiosk finds them: by Chinese, pinyin and initials, also while
//! the line is cut. How a query fits is the catalogue's rule.

use domain::catalogue::{Query, SearchKeys, WORDS_MAX, found, typed_letters, words};
use protocol::device::KioskMatter;

/// Matters shown for one query.
pub(crate) const FOUND_MAX: usize = 40;

/// Matters with their search keys.
#[derive(Debug, Default)]
pub(crate) struct Matters(Vec<(SearchKeys, KioskMatter)>);

impl Matters {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Prepares the keys of every matter, from its name and the keys that the server sent along.
    pub(crate) fn new(matters: Vec<KioskMatter>) -> Self {
        let with_keys = |matter: KioskMatter| {
            let keys = SearchKeys::of(std::iter::once(matter.name.as_str()).chain(matter.search.iter().map(String::as_str)));
            (keys, matter)
        };
        Self(matters.into_iter().map(with_keys).collect())
    }

    /// Chinese words for the letters at the end of what was typed, from the matters that fit what stands before them.
    pub(crate) fn words(&self, text: &str) -> Vec<String> {
        let (before, letters) = typed_letters(text);
        let query = Query::parse(before);
        let fits = |keys: &SearchKeys| query.as_ref().is_none_or(|query| keys.rank(query).is_some());
        let fitting = self.0.iter().filter(|(keys, _)| fits(keys)).map(|(_, matter)| matter);
        let names = fitting.flat_map(|matter| std::iter::once(matter.name.as_str()).chain(matter.search.iter().map(String::as_str)));
        words(names, before, letters, WORDS_MAX)
    }

    /// The matters that fit, best first, at most [`FOUND_MAX`]; all of them, by name, when nothing was typed.
    pub(crate) fn find(&self, text: &str) -> Vec<&KioskMatter> {
        let Some(query) = Query::parse(text) else {
            let mut all: Vec<_> = self.0.iter().map(|(_, matter)| matter).collect();
            all.sort_by(|one, other| one.name.cmp(&other.name));
            all.truncate(FOUND_MAX);
            return all;
        };
        let by_name = |one: &&(SearchKeys, KioskMatter), other: &&(SearchKeys, KioskMatter)| one.1.name.cmp(&other.1.name);
        found(&self.0, &query, FOUND_MAX, |(keys, _)| keys.clone(), by_name).into_iter().map(|(_, matter)| matter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matter(name: &str, search: &[&str]) -> KioskMatter {
        let search = search.iter().map(|key| (*key).to_owned()).collect();
        KioskMatter { id: format!("m_dc_{name}"), name: name.to_owned(), line_id: None, search, materials: Vec::new() }
    }

    #[test]
    fn matters_are_found_by_chinese_pinyin_initials_and_what_people_call_them() {
        let matters = Matters::new(vec![
            matter("最低生活保障申请", &["低保"]),
            matter("城乡居民医疗保险参保登记", &["chengxiangjumin", "cxjm"]),
            matter("残疾人证办理", &[]),
        ]);
        let names = |text: &str| matters.find(text).into_iter().map(|matter| matter.name.as_str()).collect::<Vec<_>>();
        for text in ["低保", "db", "dibao", "生活", "zdshbz"] {
            assert_eq!(names(text), ["最低生活保障申请"], "{text}");
        }
        assert_eq!(names("cxjm"), ["城乡居民医疗保险参保登记"]);
        assert_eq!(names("残"), ["残疾人证办理"]);
        assert_eq!(names("cjr"), ["残疾人证办理"]);
        assert!(names("建房").is_empty());
        assert_eq!(names(" ").len(), 3);
    }

    #[test]
    fn letters_are_offered_as_words_of_these_matters() {
        let matters =
            Matters::new(vec![matter("医疗保险参保登记", &["医保"]), matter("医疗救助申请", &[]), matter("养老保险参保登记", &[])]);
        assert_eq!(matters.words("yb"), ["医保"]);
        assert!(matters.words("医疗j").contains(&"救助".to_owned()), "{:?}", matters.words("医疗j"));
        assert!(matters.words("养老jz").is_empty(), "among those that fit what was chosen");
        assert!(matters.words("医疗").is_empty() && matters.words("").is_empty());
    }
}
