//! Drafts of matters: begun, written, reviewed by somebody else, published or scheduled. The rules are in the domain;
//! here they meet rights, rows and the log.

use domain::catalogue::{Draft, DraftCommand, DraftOutcome, DraftRefusal, DraftStep, Matter};
use domain::codes::clean_lines;
use domain::ids::{LineId, MatterId, StaffId, TextId};
use domain::time::{Millis, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::content::content_of;
use super::draft_shapes::{DraftAction, DraftActionRequest, DraftBeginRequest, DraftRequest, DraftSummary, DraftView, NewMatterRequest};
use super::{event, matter_rows, move_catalogue};
use crate::app::App;
use crate::app::appointments::instant;
use crate::app::caller::Permit;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, MatterDraftRow, MatterRow, Row};

/// Characters of what a reviewer writes.
const TEXT_CHARS_MAX: usize = 500;

type Body<T> = Result<T, Vec<FieldError>>;

/// A draft as it lies in the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct DraftDoc {
    draft: Draft,
    line_id: Option<LineId>,
}

/// Where a matter stands: what is in force, and its draft.
pub(super) struct Standing {
    newest: Option<MatterRow>,
    doc: Option<DraftDoc>,
    pub(super) revision: i64,
}

impl Standing {
    fn newest_version(&self) -> u32 {
        self.newest.as_ref().and_then(|row| u32::try_from(row.version).ok()).unwrap_or(0)
    }
}

/// What becomes of a draft, and how the log tells it.
struct Decided {
    outcome: DraftOutcome,
    line_id: Option<LineId>,
    kind: &'static str,
    actor: String,
    text: Option<TextId>,
    rows: Vec<Row>,
}

pub(in crate::app) fn counter_of(id: &str) -> String {
    format!("draft:{id}")
}

pub(in crate::app) fn refused(refusal: DraftRefusal) -> AppError {
    match refusal {
        DraftRefusal::From => AppError::field("from", refusal.code(), refusal.message()),
        _ => AppError::refused(refusal.code(), refusal.message()),
    }
}

pub(in crate::app) fn staff_of(permit: &Permit) -> Answer<StaffId> {
    permit.staff().map(|caller| caller.staff.id.clone()).ok_or(AppError::NotFound)
}

impl App {
    /// Where a matter of a site's own stands.
    ///
    /// # Errors
    /// 404 when there never was one, neither in force nor as a draft.
    pub(super) async fn matter_standing(&self, site_id: &str, id: &MatterId) -> Answer<Standing> {
        let newest = self.stores.catalogue.matter(site_id, id.as_str()).await?;
        let row = self.stores.catalogue.matter_draft(site_id, id.as_str()).await?;
        let revision = row.as_ref().map_or(0, |row| row.revision);
        let doc: Option<DraftDoc> = row.filter(|row| row.step != "none").map(|row| serde_json::from_str(&row.doc)).transpose()?;
        if newest.is_none() && doc.is_none() {
            return Err(AppError::NotFound);
        }
        Ok(Standing { newest, doc, revision })
    }

    /// The matter as its draft has it; `None` without a draft.
    pub(super) async fn drafted(&self, site_id: &str, id: &MatterId) -> Answer<Option<Matter>> {
        Ok(self.matter_standing(site_id, id).await?.doc.map(|doc| doc.draft.content))
    }

    /// Drafts of a site, those handed in first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn matter_drafts(&self, permit: &Permit) -> Answer<Vec<DraftSummary>> {
        let mut drafts = Vec::new();
        for row in self.stores.catalogue.matter_drafts(permit.site_id()).await? {
            let doc: DraftDoc = serde_json::from_str(&row.doc)?;
            drafts.push(DraftSummary {
                matter_id: row.id,
                name: row.name,
                code: row.code,
                step: row.step,
                is_new: doc.draft.base == 0,
                effective_from: row.due_at.map(rfc3339),
                changed_at: rfc3339(row.changed_at),
            });
        }
        let urgency = |step: &str| ["in_review", "approved", "editing", "scheduled"].iter().position(|known| *known == step);
        drafts.sort_by(|one, other| {
            (urgency(&one.step), &one.name, &one.matter_id).cmp(&(urgency(&other.step), &other.name, &other.matter_id))
        });
        Ok(drafts)
    }

    /// A matter's draft, or what is in force when there is none.
    ///
    /// # Errors
    /// 404.
    pub async fn matter_draft(&self, permit: &Permit, id: &MatterId) -> Answer<DraftView> {
        let standing = self.matter_standing(permit.site_id(), id).await?;
        self.draft_view(permit, id, standing).await
    }

    async fn draft_view(&self, permit: &Permit, id: &MatterId, standing: Standing) -> Answer<DraftView> {
        let site_id = permit.site_id();
        let newest_version = standing.newest_version();
        let in_force: Option<Matter> = standing.newest.as_ref().map(|row| serde_json::from_str(&row.doc)).transpose()?;
        let draft = standing.doc.as_ref().map(|doc| &doc.draft);
        let shown = draft.map(|draft| &draft.content).or(in_force.as_ref()).ok_or(AppError::NotFound)?;
        let names = self.stores.staff.all_staff().await?;
        let name = |id: &StaffId| names.iter().find(|row| row.id == id.as_str()).map_or_else(|| id.to_string(), |row| row.name.clone());
        let step = draft.map(|draft| &draft.step);
        let returned_text = match step {
            Some(DraftStep::Editing { returned: Some(text) }) => Some(self.text(site_id, text.as_str()).await?),
            _ => None,
        };
        let approved_by = match step {
            Some(DraftStep::Approved { by, .. } | DraftStep::Scheduled { approved_by: by, .. }) => Some(name(by)),
            _ => None,
        };
        let line_id = match &standing.doc {
            Some(doc) => doc.line_id.as_ref().map(ToString::to_string),
            None => standing.newest.as_ref().and_then(|row| row.line_id.clone()),
        };
        let claims = self.stores.catalogue.claims_of(site_id, id.as_str()).await?;
        Ok(DraftView {
            matter_id: id.to_string(),
            site_id: site_id.to_owned(),
            step: step.map_or("none", DraftStep::name).to_owned(),
            revision: standing.revision,
            base_version: draft.map_or(newest_version, |draft| draft.base),
            newest_version,
            state: standing.newest.as_ref().map(|row| row.state.clone()),
            outdated: draft.is_some_and(|draft| draft.base != newest_version),
            line_id,
            content: content_of(shown)?,
            writers: draft.map(|draft| draft.writers.iter().map(name).collect()).unwrap_or_default(),
            returned_text,
            submitted_by: match step {
                Some(DraftStep::InReview { by, .. }) => Some(name(by)),
                _ => None,
            },
            approved_by,
            effective_from: draft.and_then(Draft::due_at).map(rfc3339),
            claim_count: claims.iter().filter(|claim| claim.state == "active").count(),
            actions: self.draft_actions(permit, &standing)?,
        })
    }

    /// What the rules would take from this caller now.
    fn draft_actions(&self, permit: &Permit, standing: &Standing) -> Answer<Vec<String>> {
        let (actor, now) = (staff_of(permit)?, self.now());
        let mut actions = Vec::new();
        match &standing.doc {
            None => actions.push("save".to_owned()),
            Some(doc) => {
                let takes = |command| doc.draft.decide(command, &actor, standing.newest_version(), now, self.settings.drafts).is_ok();
                let save = DraftCommand::Save { content: Box::new(doc.draft.content.clone()), base: standing.newest_version() };
                actions.extend(takes(save).then(|| "save".to_owned()));
                for action in DraftAction::ALL {
                    let command = match action {
                        DraftAction::Submit => DraftCommand::Submit,
                        DraftAction::Approve => DraftCommand::Approve,
                        DraftAction::Return => DraftCommand::Return { text: None },
                        DraftAction::Publish => DraftCommand::Publish { from: None },
                        DraftAction::Unschedule => DraftCommand::Unschedule,
                        DraftAction::Discard => DraftCommand::Discard,
                    };
                    actions.extend(takes(command).then(|| action.name().to_owned()));
                }
            }
        }
        if standing.newest.as_ref().is_some_and(|row| row.state == "published") {
            actions.push("retire".to_owned());
        }
        Ok(actions)
    }

    /// Enters a new matter as a draft.
    ///
    /// # Errors
    /// Those of the store; field errors are outcomes.
    pub async fn add_matter(&self, permit: &Permit, body: Body<NewMatterRequest>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let key = self.directory.get().site(site_id)?.key.clone();
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let id = MatterId::new(&key, &id_tail(self.entropy.as_ref(), self.now()));
                let (matter, line_id) = self.draft_content(site_id, &id, &body.content, body.line_id.as_deref()).await?;
                let outcome = DraftOutcome::Draft(Box::new(Draft::begin(matter, 0, staff_of(permit)?)));
                let decided = Decided {
                    outcome,
                    line_id,
                    kind: "matter_draft_begun",
                    actor: permit.caller().actor().to_owned(),
                    text: None,
                    rows: Vec::new(),
                };
                let standing = Standing { newest: None, doc: None, revision: 0 };
                let set = self.draft_set(site_id, &id, &standing, decided).await?;
                Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.draft_told(permit, outcome).await
    }

    /// Begins a draft with what is in force.
    ///
    /// # Errors
    /// 404; 409 when there is one are outcomes.
    pub async fn begin_draft(
        &self,
        permit: &Permit,
        id: &MatterId,
        body: Body<DraftBeginRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.matter_standing(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                body.clone().map_err(AppError::Invalid)?;
                let standing = self.matter_standing(site_id, id).await?;
                if standing.doc.is_some() {
                    return Err(AppError::refused("draft_exists", "这个事项已经有一份草稿，接着写就行"));
                }
                let newest = standing.newest.as_ref().ok_or(AppError::NotFound)?;
                let matter: Matter = serde_json::from_str(&newest.doc)?;
                let decided = Decided {
                    outcome: DraftOutcome::Draft(Box::new(Draft::begin(matter, standing.newest_version(), staff_of(permit)?))),
                    line_id: newest.line_id.as_deref().and_then(LineId::parse),
                    kind: "matter_draft_begun",
                    actor: permit.caller().actor().to_owned(),
                    text: None,
                    rows: Vec::new(),
                };
                let set = self.draft_set(site_id, id, &standing, decided).await?;
                Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.draft_told(permit, outcome).await
    }

    /// Writes a draft as a whole; without one it begins.
    ///
    /// # Errors
    /// 404; field errors and 409 `draft_changed`, `draft_outdated`, `draft_state` are outcomes.
    pub async fn save_draft(&self, permit: &Permit, id: &MatterId, body: Body<DraftRequest>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.matter_standing(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let (matter, line_id) = self.draft_content(site_id, id, &body.content, body.line_id.as_deref()).await?;
                let standing = self.matter_standing(site_id, id).await?;
                if body.revision != standing.revision {
                    return Err(AppError::refused("draft_changed", "别人刚改过这份草稿，请先看看最新的再改"));
                }
                let (actor, newest) = (staff_of(permit)?, standing.newest_version());
                let outcome = match &standing.doc {
                    Some(doc) => {
                        let save = DraftCommand::Save { content: Box::new(matter), base: body.base_version };
                        doc.draft.decide(save, &actor, newest, self.now(), self.settings.drafts).map_err(refused)?
                    }
                    None if body.base_version != newest => return Err(refused(DraftRefusal::Outdated)),
                    None => DraftOutcome::Draft(Box::new(Draft::begin(matter, newest, actor))),
                };
                let kind = if standing.doc.is_some() { "matter_draft_saved" } else { "matter_draft_begun" };
                let actor = permit.caller().actor().to_owned();
                let decided = Decided { outcome, line_id, kind, actor, text: None, rows: Vec::new() };
                let set = self.draft_set(site_id, id, &standing, decided).await?;
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.draft_told(permit, outcome).await
    }

    /// Does something with a draft.
    ///
    /// # Errors
    /// 404; field errors and what the rules refuse are outcomes.
    pub async fn act_on_draft(
        &self,
        permit: &Permit,
        id: &MatterId,
        action: DraftAction,
        body: Body<DraftActionRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.matter_standing(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let standing = self.matter_standing(site_id, id).await?;
                let actor = staff_of(permit)?;
                let is_writer = standing.doc.as_ref().is_some_and(|doc| doc.draft.writers.contains(&actor));
                let (command, rows, text) = self.draft_command(permit, action, &body, is_writer)?;
                let none = || AppError::refused("draft_state", "这个事项没有草稿");
                let doc = standing.doc.as_ref().ok_or_else(none)?;
                let outcome =
                    doc.draft.decide(command, &actor, standing.newest_version(), self.now(), self.settings.drafts).map_err(refused)?;
                let kind = match (&outcome, action) {
                    (DraftOutcome::Published(_), _) => "matter_published",
                    (_, DraftAction::Submit) => "matter_draft_submitted",
                    (_, DraftAction::Approve) => "matter_draft_approved",
                    (_, DraftAction::Return) => "matter_draft_returned",
                    (_, DraftAction::Publish) => "matter_draft_scheduled",
                    (_, DraftAction::Unschedule) => "matter_draft_unscheduled",
                    (_, DraftAction::Discard) => "matter_draft_discarded",
                };
                if action == DraftAction::Publish
                    && let Some((_, message)) = self.unsigned_steps(site_id, &doc.draft.content).await?.into_iter().next()
                {
                    return Err(AppError::refused("nobody_signs", message));
                }
                let line_id = doc.line_id.clone();
                let decided = Decided { outcome, line_id, kind, actor: permit.caller().actor().to_owned(), text, rows };
                let set = self.draft_set(site_id, id, &standing, decided).await?;
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.draft_told(permit, outcome).await
    }

    /// What somebody asks for, with the text that comes along; `is_writer` may take back without a word.
    pub(in crate::app) fn draft_command<T>(
        &self,
        permit: &Permit,
        action: DraftAction,
        body: &DraftActionRequest,
        is_writer: bool,
    ) -> Answer<(DraftCommand<T>, Vec<Row>, Option<TextId>)> {
        let mut errors = FieldErrors::default();
        let other = |name: &str| format!("这一步没有“{name}”这一项");
        if body.text.is_some() && action != DraftAction::Return {
            errors.add("text", "unknown_field", other("text"));
        }
        if body.from.is_some() && action != DraftAction::Publish {
            errors.add("from", "unknown_field", other("from"));
        }
        let from = body.from.as_deref().map(instant);
        if from == Some(None) {
            errors.add("from", "time", "时间写成 2026-11-24T09:00:00+08:00 的样子");
        }
        let text = body.text.as_deref().filter(|text| !text.trim().is_empty()).map(|text| clean_lines(text, TEXT_CHARS_MAX));
        match &text {
            Some(Err(fault)) => errors.add("text", fault.code(), fault.message()),
            None if action == DraftAction::Return && !is_writer => errors.add("text", "missing", "写一下要改什么"),
            _ => {}
        }
        errors.check()?;
        Ok(match action {
            DraftAction::Submit => (DraftCommand::Submit, Vec::new(), None),
            DraftAction::Approve => (DraftCommand::Approve, Vec::new(), None),
            DraftAction::Unschedule => (DraftCommand::Unschedule, Vec::new(), None),
            DraftAction::Discard => (DraftCommand::Discard, Vec::new(), None),
            DraftAction::Publish => (DraftCommand::Publish { from: from.flatten() }, Vec::new(), None),
            DraftAction::Return => match text {
                Some(Ok(text)) => {
                    let (id, row) = self.new_text(permit.site_id(), "matter_return", &text)?;
                    (DraftCommand::Return { text: Some(id.clone()) }, vec![row.into()], Some(id))
                }
                _ => (DraftCommand::Return { text: None }, Vec::new(), None),
            },
        })
    }

    async fn draft_content(
        &self,
        site_id: &str,
        id: &MatterId,
        content: &Value,
        line_id: Option<&str>,
    ) -> Answer<(Matter, Option<LineId>)> {
        let mut errors = FieldErrors::default();
        let checked = self.checked_content(site_id, id, content, line_id, &mut errors).await?;
        errors.check()?;
        checked.ok_or_else(|| AppError::Internal("a content that is neither sound nor wrong".to_owned()))
    }

    /// The change-set of what becomes of a draft.
    async fn draft_set(&self, site_id: &str, id: &MatterId, standing: &Standing, decided: Decided) -> Answer<ChangeSet> {
        let now = self.now();
        let mut set = ChangeSet::new(site_id);
        let revision = standing.revision + 1;
        set.expect.push(Expect::Counter(counter_of(id.as_str()), standing.revision));
        set.row(CounterRow { site_id: site_id.to_owned(), name: counter_of(id.as_str()), value: revision });
        let mut body = json!({ "matter": id, "revision": revision });
        if let Some(text) = &decided.text {
            body["text_id"] = json!(text);
        }
        let shown = match (&decided.outcome, &standing.doc) {
            (DraftOutcome::Draft(draft), _) => &draft.content,
            (DraftOutcome::Published(matter), _) => matter,
            (DraftOutcome::Gone, Some(doc)) => &doc.draft.content,
            (DraftOutcome::Gone, None) => return Err(AppError::NotFound),
        };
        let (step, due_at, doc) = match &decided.outcome {
            DraftOutcome::Draft(draft) => {
                if let Some(from) = draft.due_at() {
                    body["from"] = json!(from);
                }
                let doc = DraftDoc { draft: (**draft).clone(), line_id: decided.line_id.clone() };
                (draft.step.name(), draft.due_at(), serde_json::to_string(&doc)?)
            }
            DraftOutcome::Published(_) | DraftOutcome::Gone => ("none", None, "{}".to_owned()),
        };
        set.row(MatterDraftRow {
            site_id: site_id.to_owned(),
            id: id.to_string(),
            code: shown.code.clone(),
            name: shown.name.clone(),
            step: step.to_owned(),
            revision,
            due_at,
            changed_at: now,
            doc,
        });
        if let DraftOutcome::Published(matter) = &decided.outcome {
            body["version"] = json!(matter.version);
            body["code"] = json!(matter.code);
            self.publish_into(&mut set, matter, decided.line_id.as_ref(), now).await?;
        }
        set.rows.extend(decided.rows);
        let shows = (!matches!(decided.outcome, DraftOutcome::Gone)).then_some(shown);
        set.rows.extend(self.guide_file_rows(site_id, id, shows).await?);
        set.events.push(event(id.as_str(), decided.kind, &decided.actor, now, body));
        Ok(set)
    }

    async fn publish_into(&self, set: &mut ChangeSet, matter: &Matter, line_id: Option<&LineId>, now: Millis) -> Answer<()> {
        let site_id = set.site_id.clone();
        let changes = self.stores.sites.counter(&site_id, IMPORTS).await?;
        // Whoever took the code while the draft lay there keeps it.
        let others = self.stores.catalogue.matters(&site_id).await?;
        if let Some(other) = others.iter().find(|row| row.code == matter.code && row.id != matter.id.as_str()) {
            return Err(AppError::refused("code_taken", format!("“{}”已经用了这个实施编码，请先改草稿", other.name)));
        }
        let (version, newest) = matter_rows(&site_id, matter, line_id.map(ToString::to_string), now)?;
        set.row(version);
        set.row(newest);
        move_catalogue(set, changes);
        Ok(())
    }

    /// Publishes a draft whose time has come; one that another version overtook goes back to its writers.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn publish_due(&self, site_id: &str, id: &MatterId) -> Answer<Option<DraftRefusal>> {
        let standing = self.matter_standing(site_id, id).await?;
        let Some(doc) = &standing.doc else { return Ok(None) };
        let (outcome, kind, refusal) = match doc.draft.due(standing.newest_version(), self.now()) {
            None => return Ok(None),
            Some(Ok(outcome)) => (outcome, "matter_published", None),
            Some(Err(refusal)) => {
                let back = Draft { step: DraftStep::Editing { returned: None }, ..doc.draft.clone() };
                (DraftOutcome::Draft(Box::new(back)), "matter_draft_returned", Some(refusal))
            }
        };
        let line_id = doc.line_id.clone();
        let decided = Decided { outcome, line_id, kind, actor: super::SYSTEM.to_owned(), text: None, rows: Vec::new() };
        let set = self.draft_set(site_id, id, &standing, decided).await?;
        self.commit(set).await?;
        Ok(refusal)
    }

    /// The answer to a command: the draft as it is now.
    async fn draft_told(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        let id = outcome.object_id.as_deref().and_then(MatterId::parse);
        if let Some(id) = id.filter(|_| outcome.status < 300) {
            outcome.body = match self.matter_standing(permit.site_id(), &id).await {
                Ok(standing) => serde_json::to_value(self.draft_view(permit, &id, standing).await?)?,
                // A new matter whose draft was done away with is no more.
                Err(AppError::NotFound) => json!({ "matter_id": id, "step": "none" }),
                Err(error) => return Err(error),
            };
        }
        Ok(outcome)
    }
}
