//! Templates of opinions: what is wrong with one, and matters from before there were any.

use super::*;

fn opinion(name: &str, text: &str) -> OpinionTemplate {
    OpinionTemplate { name: name.to_owned(), text: text.to_owned(), denies: false }
}

fn faults(opinions: Vec<OpinionTemplate>) -> Vec<(String, &'static str)> {
    let mut matter = Matter { opinions, ..matter() };
    let told = matter.checked().into_iter().filter(|fault| fault.field.starts_with("opinions"));
    told.map(|fault| (fault.field, fault.code)).collect()
}

#[test]
fn every_wrong_template_is_told() {
    assert!(faults(vec![opinion("齐全", "经审核，同意。"), opinion("容缺", "同意，限期补齐。\n逾期不予。")]).is_empty());
    let wrong = vec![opinion("", "同意"), opinion("齐全", " "), opinion("齐全", "同意"), opinion(&"长".repeat(13), &"长".repeat(501))];
    let told = [
        ("opinions[0].name", "empty"),
        ("opinions[1].text", "empty"),
        ("opinions[2].name", "twice"),
        ("opinions[3].name", "too_long"),
        ("opinions[3].text", "too_long"),
    ];
    assert_eq!(faults(wrong), told.map(|(field, code)| (field.to_owned(), code)));
    let many = (0..=OPINIONS_MAX).map(|at| opinion(&at.to_string(), "同意")).collect();
    assert_eq!(faults(many), [("opinions".to_owned(), "too_many")]);
}

#[test]
fn a_matter_stored_before_there_were_templates_has_none() {
    let stored = serde_json::to_value(matter()).unwrap_or_default();
    assert!(stored.get("opinions").is_none(), "none is written where there is none");
    assert!(serde_json::from_value::<Matter>(stored).is_ok_and(|matter| matter.opinions.is_empty()));
}
