//! A negative rating as those see it who follow it up: what was said about whom, never by whom.

use domain::evaluation::{Contact, Evidence, FollowUp, Measure, Remark, Signals};
use serde::Serialize;
use utoipa::ToSchema;

use super::name_of;
use crate::app::App;
use crate::app::cases::Names;
use crate::app::error::Answer;
use domain::time::rfc3339;

/// A reason with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonCodeView {
    /// The code.
    pub code: String,
    /// The words.
    pub text: String,
    /// Whether the event log can confirm or refute it.
    pub checkable: bool,
}

/// A figure that evidence stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureView {
    /// What it counts or dates.
    pub name: String,
    /// The figure.
    pub value: String,
}

/// What the records say to a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceView {
    /// The reason's code.
    pub code: String,
    /// `confirmed`, `refuted` or `open`.
    #[schema(value_type = crate::app::words::EvidenceVerdict)]
    pub verdict: String,
    /// Why, in one sentence.
    pub text: String,
    /// What it stands on.
    pub figures: Vec<FigureView>,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        let figures = evidence.figures.into_iter().map(|figure| FigureView { name: figure.name, value: figure.value }).collect();
        Self { code: evidence.code, verdict: evidence.verdict.name().to_owned(), text: evidence.text, figures }
    }
}

/// Signs that a rating may not be what it seems. Facts: nothing is deleted because of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignalsView {
    /// Seconds from the end of the service to the rating; null for a case.
    pub after_s: Option<i64>,
    /// Sooner than the site holds for usual.
    pub quick: bool,
    /// Ratings of the same device or address within `window_min` minutes around it, itself included.
    pub same_source: Option<u32>,
    /// The minutes that are looked at.
    pub window_min: u32,
    /// As many as the site holds for unusual, and not from a device of the hall.
    pub burst: bool,
    /// Ratings of the person judged in the 30 days before it.
    pub clerk_ratings: Option<u32>,
    /// Those of them that were negative and count against the person.
    pub clerk_negative: Option<u32>,
}

impl SignalsView {
    pub(super) fn of(signals: &Signals, window_min: u32) -> Self {
        Self {
            after_s: signals.after_s,
            quick: signals.is_quick,
            same_source: signals.same_source,
            window_min,
            burst: signals.is_burst,
            clerk_ratings: None,
            clerk_negative: None,
        }
    }
}

/// What somebody wrote down at a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemarkView {
    /// When.
    pub at: String,
    /// By whom; null for those who may not see.
    pub by_name: Option<String>,
    /// The words.
    pub text: String,
}

/// 核实
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerificationView {
    /// `valid` or `invalid`.
    #[schema(value_type = crate::app::words::EvaluationFinding)]
    pub finding: String,
    /// When, by whom, in which words.
    #[serde(flatten)]
    pub remark: RemarkView,
}

/// 整改
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RectificationView {
    /// `at_once`, `within_limit` or `explain`.
    #[schema(value_type = crate::app::words::EvaluationMeasure)]
    pub kind: String,
    /// The last day, within a limit.
    pub due: Option<String>,
    /// When, by whom, in which words.
    #[serde(flatten)]
    pub remark: RemarkView,
    /// What was promised within a limit is done.
    pub finished: Option<RemarkView>,
}

/// 回访: one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallView {
    /// When.
    pub at: String,
    /// By whom; null for those who may not see.
    pub by_name: Option<String>,
    /// Whether somebody answered.
    pub reached: bool,
    /// Whether the person is satisfied, when reached.
    pub satisfied: Option<bool>,
    /// What was said.
    pub text: Option<String>,
}

/// 申诉
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppealView {
    /// When.
    pub at: String,
    /// Why.
    pub reason: String,
    /// Whether it was upheld; null until it is decided.
    pub upheld: Option<bool>,
    /// The decision.
    pub decision: Option<RemarkView>,
}

/// A negative rating and how far it was followed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct NegativeEvaluationView {
    pub id: String,
    pub site_id: String,
    /// When; for the person judged the day only.
    pub at: String,
    /// `visit` or `case`.
    #[schema(value_type = crate::app::words::EvaluationSubject)]
    pub subject: String,
    #[schema(value_type = crate::app::words::Satisfaction)]
    pub level: String,
    /// 1 for the first rating, 2 for the follow-up.
    pub round: i64,
    #[schema(value_type = crate::app::words::EvaluationChannel)]
    pub channel: String,
    pub reasons: Vec<ReasonCodeView>,
    pub text: Option<String>,
    /// The window that served the visit.
    pub window_number: Option<u16>,
    /// Who served the visit; null for those who may not see, and where nobody is known.
    pub staff_name: Option<String>,
    /// Whether it is about the caller, who handles nothing of it.
    pub about_me: bool,
    /// Where the loop stands: `opened`, `verified`, `rectified`, `replied`, `closed`.
    #[schema(value_type = crate::app::words::FollowUpState)]
    pub state: String,
    /// What is owed next: `verify`, `rectify`, `reply`, `call_back`, `finish_rectification`, `decide_appeal`.
    #[schema(value_type = Option<crate::app::words::FollowUpStep>)]
    pub step: Option<String>,
    /// Its last moment.
    pub due_at: Option<String>,
    /// Whether that is over.
    pub overdue: bool,
    /// The year of the calendar without which `due_at` cannot be told.
    pub missing_year: Option<i32>,
    /// Whether the rater can be reached by phone, and so is called back.
    pub named: bool,
    pub verification: Option<VerificationView>,
    pub rectification: Option<RectificationView>,
    pub reply: Option<RemarkView>,
    /// State of the message that tells the rater about the reply: `pending`, `sent`, `failed`, `given_up`.
    pub reply_message: Option<String>,
    /// That message, to be sent again when it failed.
    pub reply_message_id: Option<String>,
    pub calls: Vec<CallView>,
    /// How it ended: `satisfied`, `still_dissatisfied`, `not_reached`, `anonymous`.
    #[schema(value_type = Option<crate::app::words::FollowUpEnd>)]
    pub closed_as: Option<String>,
    pub closed_at: Option<String>,
    pub appeal: Option<AppealView>,
    /// Whether it counts against the person judged. It always counts in the site's figures.
    pub counts_against_staff: bool,
    /// What the records say to the reasons.
    pub evidence: Vec<EvidenceView>,
    pub signals: Option<SignalsView>,
    /// What the caller may do now: `verify`, `rectify`, `finish-rectification`, `reply`, `call-back`,
    /// `decide-appeal`, `reveal`.
    pub actions: Vec<String>,
}

/// How remarks are told: with names or without.
pub(super) struct Telling<'a> {
    pub(super) app: &'a App,
    pub(super) site_id: &'a str,
    pub(super) with_names: bool,
    pub(super) names: &'a mut Names,
}

impl Telling<'_> {
    pub(super) async fn name(&mut self, id: &domain::ids::StaffId) -> Answer<Option<String>> {
        if !self.with_names {
            return Ok(None);
        }
        Ok(Some(self.names.of(self.app, id).await?).filter(|name| !name.is_empty()))
    }

    pub(super) async fn remark(&mut self, remark: &Remark) -> Answer<RemarkView> {
        let text = self.app.text(self.site_id, remark.text.as_str()).await?;
        Ok(RemarkView { at: rfc3339(remark.at), by_name: self.name(&remark.by).await?, text })
    }

    pub(super) async fn maybe(&mut self, remark: Option<&Remark>) -> Answer<Option<RemarkView>> {
        match remark {
            Some(remark) => self.remark(remark).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn call(&mut self, call: &domain::evaluation::Call) -> Answer<CallView> {
        let text = match &call.text {
            Some(text) => Some(self.app.text(self.site_id, text.as_str()).await?),
            None => None,
        };
        let satisfied = match call.contact {
            Contact::Reached { satisfied } => Some(satisfied),
            Contact::NotReached => None,
        };
        Ok(CallView { at: rfc3339(call.at), by_name: self.name(&call.by).await?, reached: satisfied.is_some(), satisfied, text })
    }

    pub(super) async fn appeal(&mut self, appeal: &domain::evaluation::Appeal) -> Answer<AppealView> {
        Ok(AppealView {
            at: rfc3339(appeal.remark.at),
            reason: self.app.text(self.site_id, appeal.remark.text.as_str()).await?,
            upheld: appeal.upheld,
            decision: self.maybe(appeal.decision.as_ref()).await?,
        })
    }

    pub(super) async fn rectification(&mut self, done: &domain::evaluation::Rectification) -> Answer<RectificationView> {
        let (kind, due) = match done.measure {
            Measure::AtOnce => ("at_once", None),
            Measure::WithinLimit { due } => ("within_limit", Some(due.to_string())),
            Measure::Explain => ("explain", None),
        };
        let (remark, finished) = (self.remark(&done.remark).await?, self.maybe(done.finished.as_ref()).await?);
        Ok(RectificationView { kind: kind.to_owned(), due, remark, finished })
    }

    /// Every step that was taken.
    pub(super) async fn steps(&mut self, of: &FollowUp) -> Answer<StepsView> {
        let verification = match &of.verification {
            Some(done) => Some(VerificationView { finding: name_of(done.finding), remark: self.remark(&done.remark).await? }),
            None => None,
        };
        let rectification = match &of.rectification {
            Some(done) => Some(self.rectification(done).await?),
            None => None,
        };
        let mut calls = Vec::with_capacity(of.calls.len());
        for call in &of.calls {
            calls.push(self.call(call).await?);
        }
        let appeal = match &of.appeal {
            Some(appeal) => Some(self.appeal(appeal).await?),
            None => None,
        };
        Ok(StepsView { verification, rectification, reply: self.maybe(of.reply.as_ref()).await?, calls, appeal })
    }
}

/// The steps of a loop, told.
pub(super) struct StepsView {
    pub(super) verification: Option<VerificationView>,
    pub(super) rectification: Option<RectificationView>,
    pub(super) reply: Option<RemarkView>,
    pub(super) calls: Vec<CallView>,
    pub(super) appeal: Option<AppealView>,
}
