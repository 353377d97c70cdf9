//! Papers of a case as PDF: which there are, one of them, and whether one that somebody holds is genuine.
//! A paper is made anew whenever it is asked for, from the case; nothing is stored, so none can be lost or
//! differ from the case. Its code is made from the fact that it tells: a new fact gives a new code.

mod archive;
mod content;
mod joint;
mod kinds;
mod slips;

use documents::{Paper, Verify};
use domain::case::{Case, Closure, State};
use domain::codes::short_code;
use domain::ids::{CaseId, is_practice};
use domain::rights::Operation;
use domain::time::{Millis, local_date, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

pub use kinds::PaperKind;
pub use slips::{CaseSlip, CaseSlipRequest};

use super::App;
use super::caller::{Permit, StaffCaller};
use super::cases::case_of;
use super::error::{Answer, AppError};
use crate::store::ChangeSet;
use content::{Words, paper};

/// Characters of the secret part of a paper's code.
const CODE_CHARS: usize = 8;

/// A paper that a case has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperView {
    /// `receipt`, `correction`, `acceptance`, `tolerant_acceptance`, `refusal`, `transfer`, `special_procedure`,
    /// `extension`, `decision` or `delivery`.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// When what it tells happened.
    pub at: String,
    /// Where it is read.
    pub url: String,
}

/// What is told to whoever holds a paper; no more than stands on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerifiedView {
    /// What it is called.
    pub title: String,
    /// Number of the case.
    pub number: String,
    /// The matter.
    pub matter_name: String,
    /// The centre that received the case.
    pub site_name: String,
    /// The department that decides it.
    pub department_name: String,
    /// The applicant, masked.
    pub applicant_name: Option<String>,
    /// When what it tells happened.
    pub at: String,
    /// Whether the decision behind it was revoked since.
    pub revoked: bool,
}

/// Across every paper of a practice hall.
const PRACTICE_MARK: &str = "练习";

impl App {
    /// The papers that a case has now.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn papers(&self, caller: &StaffCaller, id: &CaseId) -> Answer<Vec<PaperView>> {
        let (case, _) = self.readable(caller, Operation::ReadCase, id).await?;
        let view = |kind: PaperKind| {
            kind.since(&case).map(|at| PaperView {
                kind: kind.code().to_owned(),
                title: kind.title(&case).to_owned(),
                at: rfc3339(at),
                url: format!("/api/v1/cases/{id}/documents/{}.pdf", kind.code()),
            })
        };
        Ok(PaperKind::ALL.into_iter().filter_map(view).collect())
    }

    /// One paper as PDF. It names the applicant in full, so that the read is recorded first.
    ///
    /// # Errors
    /// 404 when the case has no such paper, 403; 503 `fonts_missing`.
    pub async fn paper(&self, caller: &StaffCaller, id: &CaseId, kind: PaperKind) -> Answer<Vec<u8>> {
        let (case, permit) = self.readable(caller, Operation::RevealCase, id).await?;
        let at = kind.since(&case).ok_or(AppError::NotFound)?;
        let words = self.words_of_paper(&case).await?;
        self.record_paper(&permit, &case, kind).await?;
        let code = self.paper_code(&case, kind, at);
        let verify = Verify { url: format!("{}/verify/{code}", self.settings.public_url), code: code.clone() };
        made(paper(kind, at, &case, &words, verify), code).await
    }

    /// Whether a paper with this code exists, and what stands on it.
    ///
    /// # Errors
    /// 404 for a code that belongs to no paper; 429 after too many wrong ones for a number.
    pub async fn verify_paper(&self, code: &str) -> Answer<VerifiedView> {
        let (number, secret) = code.trim().rsplit_once('-').filter(|(_, secret)| secret.len() == CODE_CHARS).ok_or(AppError::NotFound)?;
        let (key, now) = (format!("verify {number}"), self.now());
        self.throttle.check(&key, now)?;
        let wrong = || {
            self.throttle.wrong(&key, now);
            AppError::NotFound
        };
        // A practice paper is good for nothing, so it is no genuine one.
        let row = self.stores.cases.case_by_number(number).await?.filter(|row| !is_practice(&row.site_id));
        let case = case_of(&row.ok_or_else(wrong)?)?;
        let wanted = format!("{number}-{}", secret.to_ascii_uppercase());
        let of = |kind: PaperKind| kind.since(&case).filter(|at| self.paper_code(&case, kind, *at) == wanted).map(|at| (kind, at));
        let Some((kind, at)) = PaperKind::ALL.into_iter().find_map(of) else {
            return self.verified_joint(&case, &wanted).await?.ok_or_else(wrong);
        };
        Ok(VerifiedView {
            title: kind.title(&case).to_owned(),
            number: case.number.clone(),
            matter_name: case.matter.name.clone(),
            site_name: self.directory.get().site(case.site.as_str())?.name.clone(),
            department_name: case.matter.department_name.clone(),
            applicant_name: self.masked_person(case.site.as_str(), case.applicant.as_str()).await?.name,
            at: rfc3339(at),
            revoked: matches!(case.state, State::Closed { closure: Closure::Revoked { .. }, .. }),
        })
    }

    /// The code of a paper: the number of its case, and characters that only this server can make.
    fn paper_code(&self, case: &Case, kind: PaperKind, at: Millis) -> String {
        let secret = self.vault.blind_index("paper_code", &format!("{} {} {at}", case.id, kind.code()));
        coded(&case.number, &secret)
    }

    async fn words_of_paper(&self, case: &Case) -> Answer<Words> {
        let (site_id, listing) = (case.site.as_str(), self.directory.get());
        let text = async |id: Option<&domain::ids::TextId>| match id {
            Some(id) => self.text(site_id, id.as_str()).await.map(Some),
            None => Ok(None),
        };
        let mut notice_items = Vec::new();
        for item in case.notices.last().map(|notice| notice.items.as_slice()).unwrap_or_default() {
            notice_items.push((self.text(site_id, item.text.as_str()).await?, item.basis.clone()));
        }
        let opinion = match &case.state {
            State::Closed { closure: Closure::Refused { text, .. }, .. } => Some(text),
            _ => case.decision.as_ref().and_then(|decision| decision.opinion.as_ref()),
        };
        let agent_name = match &case.agent {
            Some(id) => self.person_data(site_id, id.as_str()).await?.name,
            None => None,
        };
        let clerk_name = match &case.first_contact {
            Some(id) => self.stores.staff.staff(site_id, id.as_str()).await?.map(|row| row.name),
            None => None,
        };
        let due = case.decision_clock().map(|clock| clock.read(local_date(self.now()), &listing.calendar, Default::default()));
        Ok(Words {
            site_name: listing.site(site_id)?.name.clone(),
            applicant_name: self.person_data(site_id, case.applicant.as_str()).await?.name.unwrap_or_default(),
            applicant_number: self.masked_person(site_id, case.applicant.as_str()).await?.id_number,
            agent_name,
            clerk_name,
            due: due.and_then(|reading| reading.due.map(Ok).or(reading.missing_year.map(Err))),
            notice_items,
            lapse_days: self.settings.cases.policy.correction_lapse_days,
            opinion: text(opinion).await?,
            extension_reason: text(kinds::given(case).map(|(extension, _)| &extension.reason)).await?,
            certificate_number: text(case.certificate.as_ref().and_then(|certificate| certificate.number.as_ref())).await?,
            mark: is_practice(site_id).then(|| PRACTICE_MARK.to_owned()),
        })
    }

    async fn record_paper(&self, permit: &Permit, case: &Case, kind: PaperKind) -> Answer<()> {
        let mut set = ChangeSet::new(permit.site_id());
        let fields = serde_json::json!(["name"]);
        let what = ("paper", serde_json::json!(kind.code()));
        set.events.push(self.person_read(permit, ("case", case.id.as_str()), case.applicant.as_str(), fields, what));
        self.commit(set).await?;
        Ok(())
    }
}

/// A number, and characters of what only this server can make.
fn coded(number: &str, secret: &[u8]) -> String {
    let mut short = [0; 5];
    short.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
    format!("{number}-{}", short_code(short))
}

/// A paper as PDF, made beside the requests.
async fn made(paper: Paper, code: String) -> Answer<Vec<u8>> {
    let made = tokio::task::spawn_blocking(move || Ok(documents::pdf(&paper, &code, fonts()?)));
    let made: Answer<_> = made.await.map_err(|error| AppError::Internal(error.to_string()))?;
    made?.map_err(|error| AppError::Internal(error.to_string()))
}

/// The fonts, read when a paper is made: tens of megabytes that nobody needs in between.
pub(super) fn fonts() -> Answer<Vec<Vec<u8>>> {
    let missing =
        |_| AppError::Unavailable { code: "fonts_missing", message: "服务器上没有中文字体，请信息员安装 fonts-noto-cjk" };
    documents::DEBIAN_FONTS.iter().map(|path| std::fs::read(path).map_err(missing)).collect()
}
