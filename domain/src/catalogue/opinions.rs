//! Templates of opinions (意见模板) that a matter brings along: offered to whoever signs or decides its cases, before
//! those that every matter has. They are a help to write, decide nothing and stand in no case.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Matter;
use super::check::Check;

/// Templates of one matter.
pub const OPINIONS_MAX: usize = 6;
/// Characters of what a template is called.
const NAME_CHARS_MAX: usize = 12;
/// Characters of its words.
const TEXT_CHARS_MAX: usize = 500;

/// A template of an opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpinionTemplate {
    /// What it is called on its button, distinct within the matter.
    pub name: String,
    /// Its words.
    pub text: String,
    /// Whether it is for 不予 and 不同意; otherwise for granting and agreeing.
    #[serde(default)]
    pub denies: bool,
}

impl Matter {
    pub(super) fn check_opinions(&mut self, check: &mut Check) {
        if self.opinions.len() > OPINIONS_MAX {
            check.add("opinions", "too_many", format!("意见模板最多 {OPINIONS_MAX} 条"));
        }
        let mut seen = BTreeSet::new();
        for (place, opinion) in self.opinions.iter_mut().enumerate() {
            check.line(&format!("opinions[{place}].name"), &mut opinion.name, NAME_CHARS_MAX);
            check.text(&format!("opinions[{place}].text"), &mut opinion.text, TEXT_CHARS_MAX);
            if opinion.text.trim().is_empty() {
                check.add(format!("opinions[{place}].text"), "empty", "写意见的内容");
            }
            if !opinion.name.trim().is_empty() && !seen.insert(opinion.name.clone()) {
                check.add(format!("opinions[{place}].name"), "twice", "两条模板叫同一个名字");
            }
        }
    }
}
