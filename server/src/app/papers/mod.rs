//! Papers of a case as PDF: which there are, one of them, and whether one that somebody holds is genuine.
//! A paper is made anew whenever it is asked for, from the case's events up to the one that it tells; nothing is stored,
//! so none can be lost, and none changes after it was issued. Its code is made from that event: each has its own.

mod archive;
mod content;
mod joint;
mod kinds;
mod samples;
mod seals;
mod slips;
mod texts;
mod wording;

use documents::{Fonts, Paper, Verify};
use domain::case::{Case, Closure, Event, State};
use domain::case_clock::Undetermined;
use domain::codes::short_code;
use domain::ids::{CaseId, is_practice};
use domain::rights::Operation;
use domain::time::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

pub use kinds::PaperKind;
pub use samples::{PaperPreviewRequest, PaperSampleView};
pub use seals::{SealRequest, SealView};
pub use slips::{CaseSlip, CaseSlipRequest};
pub use wording::{PaperResetRequest, PaperTemplateView, PaperTextView, PaperTextsRequest, PaperVersionView};

use super::App;
use super::caller::{Permit, StaffCaller};
use super::cases::case_of;
use super::error::{Answer, AppError};
use crate::store::ChangeSet;
use content::{Words, paper};
use kinds::{Issued, issued};

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
pub(super) const PRACTICE_MARK: &str = "练习";

impl App {
    /// The papers that a case has now, in the order in which it came by them.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn papers(&self, caller: &StaffCaller, id: &CaseId) -> Answer<Vec<PaperView>> {
        let (case, _) = self.readable(caller, Operation::ReadCase, id).await?;
        let view = |paper: &Issued| PaperView {
            kind: paper.kind.code().to_owned(),
            title: paper.kind.title(&paper.case).to_owned(),
            at: rfc3339(paper.event.at),
            url: format!("/api/v1/cases/{id}/documents/{}.pdf", paper.name()),
        };
        Ok(self.issued_papers(&case).await?.iter().map(view).collect())
    }

    /// One paper as PDF, by its name or, for the newest of a kind, by the kind. It names the applicant in full, so that
    /// the read is recorded first.
    ///
    /// # Errors
    /// 404 when the case has no such paper, 403; 503 `fonts_missing`.
    pub async fn paper(&self, caller: &StaffCaller, id: &CaseId, name: &str) -> Answer<(PaperKind, Vec<u8>)> {
        let (case, permit) = self.readable(caller, Operation::RevealCase, id).await?;
        let of_name = |paper: &Issued| paper.is_named(name);
        let issued = self.issued_papers(&case).await?.into_iter().rev().find(of_name).ok_or(AppError::NotFound)?;
        let (paper, code) = self.laid_out(&issued).await?;
        self.record_paper(&permit, &case, &issued).await?;
        Ok((issued.kind, made(paper, code).await?))
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
        let of_code = |paper: &Issued| self.paper_code(paper) == wanted;
        let Some(paper) = self.issued_papers(&case).await?.into_iter().find(of_code) else {
            return self.verified_joint(&case, &wanted).await?.ok_or_else(wrong);
        };
        let issued = &paper.case;
        Ok(VerifiedView {
            title: paper.kind.title(issued).to_owned(),
            number: issued.number.clone(),
            matter_name: issued.matter.name.clone(),
            site_name: self.directory.get().site(issued.site.as_str())?.name.clone(),
            department_name: issued.matter.department_name.clone(),
            applicant_name: self.masked_person(issued.site.as_str(), issued.applicant.as_str()).await?.name,
            at: rfc3339(paper.event.at),
            revoked: case.is_revoked(),
        })
    }

    /// Every paper that was issued in a case.
    async fn issued_papers(&self, case: &Case) -> Answer<Vec<Issued>> {
        let events: Vec<Event> = self.case_events(case.site.as_str(), case.id.as_str()).await?;
        Ok(issued(&events))
    }

    /// The code of a paper: the number of its case, and characters that only this server can make.
    fn paper_code(&self, paper: &Issued) -> String {
        let case = &paper.case;
        let secret = self.vault.blind_index("paper_code", &format!("{} {} {}", case.id, paper.kind.code(), case.version));
        coded(&case.number, &secret)
    }

    /// Its code, and what stands on it for whoever wants to know whether it is genuine.
    fn verification(&self, paper: &Issued) -> (String, Verify) {
        let code = self.paper_code(paper);
        (code.clone(), Verify { url: format!("{}/verify/{code}", self.settings.public_url), code })
    }

    /// A paper with everything that stands on it, and its code: in the texts and with the seal of its own day.
    async fn laid_out(&self, issued: &Issued) -> Answer<(Paper, String)> {
        let (case, at, template) = (&issued.case, issued.event.at, issued.kind.template());
        let words = self.words_of_paper(issued).await?;
        let texts = self.texts_at(case.site.as_str(), template, &case.matter.department_name, at).await?;
        let seal = self.seal_on(case.site.as_str(), template, case.matter.department.as_str(), at).await?;
        let (code, verify) = self.verification(issued);
        Ok((paper(issued, &words, &texts, seal, verify), code))
    }

    /// The words around a case as it was when a paper was issued.
    async fn words_of_paper(&self, paper: &Issued) -> Answer<Words> {
        let case = &paper.case;
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
        let due = case.decision_clock().and_then(|clock| match clock.due(&listing.calendar) {
            Ok(due) => Some(Ok(due)),
            Err(Undetermined::MissingYear(year)) => Some(Err(year)),
            Err(Undetermined::Stopped) => None,
        });
        let collection = case.certificate.as_ref().and_then(|certificate| certificate.collection.as_ref());
        Ok(Words {
            site_name: listing.site(site_id)?.name.clone(),
            applicant_name: self.person_data(site_id, case.applicant.as_str()).await?.name.unwrap_or_default(),
            applicant_number: self.masked_person(site_id, case.applicant.as_str()).await?.id_number,
            agent_name,
            clerk_name,
            due,
            notice_items,
            lapse_days: self.settings.cases.policy.correction_lapse_days,
            opinion: text(opinion).await?,
            extension_reason: text(paper.extension().map(|(extension, _)| &extension.reason)).await?,
            certificate_number: text(case.certificate.as_ref().and_then(|certificate| certificate.number.as_ref())).await?,
            authorisation: text(collection.and_then(|collection| collection.authorisation.as_ref())).await?,
            mark: is_practice(site_id).then(|| PRACTICE_MARK.to_owned()),
        })
    }

    async fn record_paper(&self, permit: &Permit, case: &Case, paper: &Issued) -> Answer<()> {
        let mut set = ChangeSet::new(permit.site_id());
        let fields = serde_json::json!(["name"]);
        let what = ("paper", serde_json::json!(paper.name()));
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
pub(super) async fn made(paper: Paper, code: String) -> Answer<Vec<u8>> {
    let made = tokio::task::spawn_blocking(move || Ok(documents::pdf(&paper, &code, &fonts()?)));
    let made: Answer<_> = made.await.map_err(|error| AppError::Internal(error.to_string()))?;
    made?.map_err(|error| AppError::Internal(error.to_string()))
}

/// The fonts, read when a paper is made: tens of megabytes that nobody needs in between.
pub(super) fn fonts() -> Answer<Fonts> {
    let missing =
        |_| AppError::Unavailable { code: "fonts_missing", message: "服务器上没有中文字体，请信息员安装 fonts-noto-cjk" };
    let files: Answer<_> = documents::DEBIAN_FONTS.iter().map(|path| std::fs::read(path).map_err(missing)).collect();
    Ok(Fonts::read(files?))
}
