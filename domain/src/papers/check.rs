//! What is wrong with the texts that somebody wrote for a paper.

use std::collections::BTreeMap;

use super::WRITTEN_CHARS_MAX;
use super::templates::{PaperTemplate, PaperText};
use crate::codes::clean_line;
use crate::messages::{Fault, always_said, filled, place_faults};

/// The texts of a paper by their names; one that is not among them stands as it stood before anybody wrote.
pub type Wording = BTreeMap<String, String>;

/// The texts as they are kept, or everything that is wrong with them, each at the name of its text.
///
/// # Errors
/// Every fault at once, each with the text's own name as its field.
pub fn faults(template: &PaperTemplate, written: &Wording) -> Result<Wording, Vec<(String, Fault)>> {
    let mut found: Vec<(String, Fault)> = Vec::new();
    let mut sound = Wording::new();
    for (name, words) in written {
        let Some(text) = template.text(name) else {
            let message = "这种文书没有这一段".to_owned();
            found.push((name.clone(), Fault { field: "texts", code: "unknown_text", text: message }));
            continue;
        };
        match checked(text, words) {
            Ok(words) => {
                sound.insert(name.clone(), words);
            }
            Err(faults) => found.extend(faults.into_iter().map(|fault| (name.clone(), fault))),
        }
    }
    if found.is_empty() { Ok(sound) } else { Err(found) }
}

fn checked(text: &PaperText, words: &str) -> Result<String, Vec<Fault>> {
    if text.may_be_empty && words.trim().is_empty() {
        return Ok(String::new());
    }
    let words = clean_line(words, WRITTEN_CHARS_MAX)
        .map_err(|fault| vec![Fault { field: text.name, code: fault.code(), text: fault.message() }])?;
    let found = faults_of(text, &words);
    if found.is_empty() { Ok(words) } else { Err(found) }
}

fn faults_of(text: &PaperText, words: &str) -> Vec<Fault> {
    let mut found = place_faults(text.name, words, text.places);
    let mut add = |code, message| found.push(Fault { field: text.name, code, text: message });
    let (said, plain) = always_said(words);
    for place in text.places.iter().filter(|place| place.required && !said.contains(&place.name)) {
        add("missing_place", format!("少了 {{{}}}（{}）", place.name, place.about));
    }
    let plain: String = plain.split_whitespace().collect();
    for phrase in text.phrases.iter().filter(|phrase| !phrase.any_of.iter().any(|words| plain.contains(words))) {
        add("missing_phrase", format!("要写明{}，里面要有“{}”", phrase.about, phrase.any_of.join("”或“")));
    }
    let samples: Vec<(&str, &str)> = text.places.iter().map(|place| (place.name, place.sample)).collect();
    let chars = filled(words, &samples).chars().count();
    if chars > text.chars_max {
        add("too_long", format!("填好后约 {chars} 个字，纸上这一段最多放 {} 个字", text.chars_max));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{CORRECTION, REFUSAL, TEMPLATES};
    use super::*;

    fn codes(template: &PaperTemplate, texts: &[(&str, &str)]) -> Vec<(String, &'static str)> {
        let written: Wording = texts.iter().map(|(name, words)| ((*name).to_owned(), (*words).to_owned())).collect();
        let found = faults(template, &written).err().unwrap_or_default();
        found.into_iter().map(|(name, fault)| (name, fault.code)).collect()
    }

    fn at(name: &str, codes: &[&'static str]) -> Vec<(String, &'static str)> {
        codes.iter().map(|code| (name.to_owned(), *code)).collect()
    }

    #[test]
    fn the_built_in_words_pass_their_own_rules() {
        for template in TEMPLATES {
            let own: Wording = template.texts.iter().map(|text| (text.name.to_owned(), text.text.to_owned())).collect();
            assert_eq!(faults(template, &own), Ok(own.clone()), "{}", template.name);
            let mut names: Vec<&str> = template.texts.iter().map(|text| text.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), template.texts.len(), "{}: a name stands twice", template.name);
        }
    }

    #[test]
    fn remedies_keep_both_ways_and_both_terms() {
        let remedies = |words| codes(&REFUSAL, &[("remedies", words)]);
        assert_eq!(remedies("不服的，{review_term}内申请行政复议，{suit_term}内提起行政诉讼。"), []);
        assert_eq!(remedies("不服的，三十日内申请行政复议，{suit_term}内提起行政诉讼。"), at("remedies", &["missing_place"]));
        assert_eq!(
            remedies("不服的可以找我们反映。"),
            at("remedies", &["missing_place", "missing_place", "missing_phrase", "missing_phrase"])
        );
        let hidden = "不服的，{review_term}内申请行政复议[，{suit_term}内提起行政诉讼]。";
        assert_eq!(remedies(hidden), at("remedies", &["missing_place", "missing_phrase"]), "what may be left out is not said");
    }

    #[test]
    fn every_fault_of_every_text_is_told_at_once() {
        let long = format!("{{matter}}，这是全部内容。{}", "长".repeat(400));
        let told = codes(
            &CORRECTION,
            &[("how", ""), ("issuer", "{site}{phone}"), ("opening", &long), ("note", "依据 第 三十二 条\u{202e}"), ("title", "告知书")],
        );
        let wanted = [
            ("how", "empty"),
            ("issuer", "unknown_place"),
            ("note", "forbidden_character"),
            ("opening", "too_long"),
            ("title", "unknown_text"),
        ];
        assert_eq!(told, wanted.map(|(name, code)| (name.to_owned(), code)));
        assert_eq!(codes(&CORRECTION, &[("note", "依据 第 三十二 条")]), [], "white space does not count");
        assert_eq!(codes(&CORRECTION, &[("how", "到{site")]), at("how", &["unbalanced", "missing_place"]));
        assert_eq!(codes(&CORRECTION, &[("contact", "  ")]), [], "it may be left out");
        assert_eq!(codes(&CORRECTION, &[("issuer", "便民服务中心")]), at("issuer", &["missing_place"]), "sites below take it over");
    }
}
