//! Which matters must be entered in the platform above (`handled_in: upstream`), with the page there that a clerk opens.
//! One list a district, by 实施编码, so that it is set once for all its sites and no catalogue file overwrites it.

use domain::codes::clean_line;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::app::stated::seen;

const AGGREGATE: &str = "upstream";
const DOCUMENT: &str = "upstream-matters";
/// Most matters of the list.
const MATTERS_MAX: usize = 1_000;
const CODE_CHARS_MAX: usize = 64;
const LINK_CHARS_MAX: usize = 500;
/// What a link may name: the matter's code.
const CODE_PLACE: &str = "{code}";

/// A matter that the platform above handles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamMatter {
    /// 实施编码, as in the catalogue.
    pub code: String,
    /// The page there; `{code}` stands for the code.
    pub link: String,
}

/// Body of `PUT /sites/{site}/upstream/matters`: it replaces the list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamMattersRequest {
    /// The version that is changed.
    pub version: Option<i64>,
    /// The whole list.
    pub items: Vec<UpstreamMatter>,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UpstreamMattersView {
    /// The site that keeps it: the top of the tree.
    pub site_id: String,
    /// Its version; 0 before the first.
    pub version: i64,
    /// The matters.
    pub items: Vec<UpstreamMatter>,
}

/// Whether a link leads to a page; anything else could run something in the clerk's browser.
fn is_page(link: &str) -> bool {
    let host = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    let has_host = host.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let places = link.replace(CODE_PLACE, "");
    has_host && link.is_ascii() && !places.contains(['{', '}', ' ', '"', '<', '>', '\\'])
}

fn checked(items: &[UpstreamMatter]) -> Answer<Vec<UpstreamMatter>> {
    let (mut errors, mut clean) = (FieldErrors::default(), Vec::<UpstreamMatter>::new());
    if items.len() > MATTERS_MAX {
        errors.add("items", "too_many", format!("最多 {MATTERS_MAX} 个事项"));
    }
    for (place, item) in items.iter().enumerate() {
        let at = |field: &str| format!("items[{place}].{field}");
        match clean_line(&item.code, CODE_CHARS_MAX) {
            Err(fault) => errors.add(&at("code"), fault.code(), fault.message()),
            Ok(code) if clean.iter().any(|known| known.code == code) => errors.add(&at("code"), "twice", "同一个实施编码写了两次"),
            Ok(code) => clean.push(UpstreamMatter { code, link: item.link.trim().to_owned() }),
        }
        let link = item.link.trim();
        if link.chars().count() > LINK_CHARS_MAX || !is_page(link) {
            errors.add(&at("link"), "link", "网址写成 https://主机/路径 的样子，可以用 {code} 代替实施编码");
        }
    }
    errors.check()?;
    Ok(clean)
}

impl App {
    async fn upstream_list(&self, root: &str) -> Answer<(i64, Vec<UpstreamMatter>)> {
        let stated = self.stated::<Vec<UpstreamMatter>>(root, AGGREGATE, DOCUMENT, i64::MAX).await?;
        Ok(stated.map_or_else(Default::default, |stated| (stated.version, stated.content)))
    }

    /// The page of the platform above where a matter is entered; `None` for one that is handled here.
    pub(in crate::app) async fn upstream_link(&self, site_id: &str, code: &str) -> Answer<Option<String>> {
        let root = self.directory.get().root_of(site_id)?.id.clone();
        let items = self.upstream_list(&root).await?.1;
        Ok(items.into_iter().find(|item| item.code == code).map(|item| item.link.replace(CODE_PLACE, code)))
    }

    /// The list of a site's district.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn upstream_matters(&self, permit: &Permit) -> Answer<UpstreamMattersView> {
        let site_id = self.directory.get().root_of(permit.site_id())?.id.clone();
        let (version, items) = self.upstream_list(&site_id).await?;
        Ok(UpstreamMattersView { site_id, version, items })
    }

    /// Replaces the list.
    ///
    /// # Errors
    /// Field errors; 409 `not_the_district` and `list_changed` as outcomes.
    pub async fn change_upstream_matters(
        &self,
        permit: &Permit,
        wanted: &UpstreamMattersRequest,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let mut outcome = self
            .once(site_id, retry, || async {
                let items = checked(&wanted.items)?;
                let listing = self.directory.get();
                let root = listing.root_of(site_id)?;
                if root.id != site_id {
                    return Err(AppError::refused("not_the_district", format!("这一份由{}统一管，请到那里改", root.name)));
                }
                let before = self.upstream_list(site_id).await?.0;
                seen("list_changed", wanted.version, before)?;
                let set = self.stated_set(site_id, permit.caller().actor(), (AGGREGATE, DOCUMENT), before, &items)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = json!(self.upstream_matters(permit).await?);
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_and_nowhere_else() {
        for sound in ["https://zwfw.example.cn/enter?item={code}", "http://10.1.2.3:8080/a"] {
            assert!(is_page(sound), "{sound}");
        }
        for wrong in [
            "",
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "//a/b",
            "https://a/{name}",
            "https://a/ b",
            "https://省/a",
            "data:text/html,a",
        ] {
            assert!(!is_page(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_wrong_line_is_named_at_once() {
        let item = |code: &str, link: &str| UpstreamMatter { code: code.to_owned(), link: link.to_owned() };
        assert!(checked(&[item("1", "https://a/b"), item("2", "https://a/b")]).is_ok());
        let Err(AppError::Invalid(errors)) = checked(&[item(" ", "https://a/b"), item("1", "x"), item("1", "https://a/b")]) else {
            panic!("refused");
        };
        let fields: Vec<String> = errors.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["items[0].code", "items[1].link", "items[2].code"]);
    }
}
