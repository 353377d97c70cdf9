//! The platform of the level above by HTTP, three requests below one address, each signed: `/rows` takes a row,
//! `/cases/list` tells what it knows of our cases, `/cases/find` tells how a case stands that it handles itself.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::outgoing::{Endpoint, Posted, judge, plain_code};
use super::signature::Signer;
use super::{Fault, UpperPlatform};

/// Characters of what is taken over from an answer.
const TEXT_CHARS_MAX: usize = 200;

/// A row on its way up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The same for every try: a platform that gets it twice has it once.
    pub id: String,
    /// Published name of the table.
    pub table: String,
    /// The site, for the platform's own books.
    pub site: String,
    /// The row.
    pub row: serde_json::Value,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Push").field("id", &self.id).field("table", &self.table).finish_non_exhaustive()
    }
}

/// Which cases the platform is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRange {
    /// The site.
    pub site: String,
    /// Received from this day on (`2026-11-01`),
    pub from: String,
    /// until this day, both included.
    pub to: String,
    /// Goes on after this number.
    pub after: Option<String>,
}

/// A case as the platform knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpperCase {
    /// 办件编号.
    pub number: String,
    /// The last state, 1 to 15.
    pub state: Option<u8>,
    /// The result, 1 to 15, once there is one.
    pub result: Option<u8>,
    /// What the platform says of the result, for people.
    #[serde(default)]
    pub result_text: Option<String>,
}

/// A page of cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpperCases {
    /// The cases, by number.
    pub items: Vec<UpperCase>,
    /// Whether there are more after the last one.
    #[serde(default)]
    pub has_more: bool,
}

/// Pages of one list.
const PAGES_MAX: usize = 1_000;

/// What the platform knows of our cases, all pages of it.
///
/// # Errors
/// When a page is not answered, or the pages have no end.
pub async fn all_cases(platform: &dyn UpperPlatform, mut range: CaseRange) -> Result<Vec<UpperCase>, Fault> {
    let mut cases: Vec<UpperCase> = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = platform.cases(&range).await?;
        // A page that does not go on would be asked for without end.
        let goes_on = page.items.last().is_some_and(|last| Some(&last.number) > range.after.as_ref());
        cases.extend(page.items);
        if !page.has_more {
            return Ok(cases);
        }
        if !goes_on {
            return Err(Fault::lasting("pages_repeat"));
        }
        range.after = cases.last().map(|last| last.number.clone());
    }
    Err(Fault::lasting("too_many_pages"))
}

/// The platform at an address.
#[derive(Debug, Clone)]
pub struct HttpUpperPlatform {
    endpoint: Endpoint,
    signer: Signer,
}

/// Why the platform refuses.
#[derive(Debug, Default, Deserialize)]
struct Refusal {
    code: Option<String>,
}

impl HttpUpperPlatform {
    /// A platform at an address, with the secret it shares with us.
    #[must_use]
    pub fn new(endpoint: Endpoint, secret: &str) -> Self {
        Self { endpoint, signer: Signer::new(secret) }
    }

    async fn ask(&self, below: &str, id: &str, body: String) -> Result<(u16, hyper::body::Bytes), Fault> {
        let headers = self.signer.headers(id, &body);
        self.endpoint.post(&Posted { below, id, headers: &headers, body }).await
    }
}

fn refused(status: u16, answer: &[u8]) -> Result<(), Fault> {
    judge(status).map_err(|fault| {
        let told: Refusal = serde_json::from_slice(answer).unwrap_or_default();
        match told.code.filter(|_| fault.is_final) {
            Some(code) => Fault::lasting(plain_code(&code)),
            None => fault,
        }
    })
}

fn checked(mut case: UpperCase) -> UpperCase {
    let known = |state: &u8| (1..=15).contains(state);
    case.state = case.state.filter(known);
    case.result = case.result.filter(known);
    case.result_text = case.result_text.map(|text| text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect());
    case
}

#[async_trait]
impl UpperPlatform for HttpUpperPlatform {
    async fn push(&self, push: &Push) -> Result<(), Fault> {
        let body = serde_json::to_string(push).map_err(|_| Fault::lasting("request"))?;
        let (status, answer) = self.ask("/rows", &push.id, body).await?;
        refused(status, &answer)
    }

    async fn cases(&self, range: &CaseRange) -> Result<UpperCases, Fault> {
        let body = serde_json::to_string(range).map_err(|_| Fault::lasting("request"))?;
        let id = format!("{}-{}-{}-{}", range.site, range.from, range.to, range.after.as_deref().unwrap_or_default());
        let (status, answer) = self.ask("/cases/list", &id, body).await?;
        refused(status, &answer)?;
        let cases: UpperCases = serde_json::from_slice(&answer).map_err(|_| Fault::passing("answer_unreadable"))?;
        Ok(UpperCases { items: cases.items.into_iter().map(checked).collect(), has_more: cases.has_more })
    }

    async fn case(&self, number: &str) -> Result<Option<UpperCase>, Fault> {
        let (status, answer) = self.ask("/cases/find", number, json!({ "number": number }).to_string()).await?;
        if status == 404 {
            return Ok(None);
        }
        refused(status, &answer)?;
        let case: UpperCase = serde_json::from_slice(&answer).map_err(|_| Fault::passing("answer_unreadable"))?;
        // An answer about another case would be shown to whoever holds this one's code.
        if case.number == number { Ok(Some(checked(case))) } else { Err(Fault::passing("answer_of_other_case")) }
    }
}
