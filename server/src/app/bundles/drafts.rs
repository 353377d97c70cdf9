//! Drafts of bundles: begun, written, reviewed by somebody else, published, taken out of force. The rules are those of
//! matters' drafts; only that a bundle is published at once, since its matters must be there at that moment.

use domain::catalogue::{Bundle, Draft, DraftCommand, DraftOutcome, DraftRefusal, DraftStep, MatterState};
use domain::codes::clean_lines;
use domain::ids::{BundleId, LineId, StaffId};
use domain::time::rfc3339;
use serde_json::{Value, json};

use super::content::content_of;
use super::{AGGREGATE, BundleDraftRequest, BundleDraftView, BundleSummary, KeptBundle, KeptDraft, NewBundleRequest};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::{Answer, AppError, FieldError};
use crate::app::fresh::id_tail;
use crate::app::matters::{DraftAction, DraftActionRequest, RetireRequest, counter_of, move_catalogue, refused, staff_of, state_word};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, NewEvent, Row};

/// What is done with a draft of a bundle.
const ACTIONS: [DraftAction; 5] =
    [DraftAction::Submit, DraftAction::Approve, DraftAction::Return, DraftAction::Publish, DraftAction::Discard];
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

type Body<T> = Result<T, Vec<FieldError>>;

/// What is told of a change beside the row.
#[derive(Default)]
struct Told {
    kind: &'static str,
    body: serde_json::Map<String, Value>,
    rows: Vec<Row>,
}

impl Told {
    fn of(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.body.insert(name.to_owned(), value);
        self
    }
}

impl KeptBundle {
    fn is_gone(&self) -> bool {
        self.bundle.is_none() && self.draft.is_none()
    }

    fn step(&self) -> &'static str {
        self.draft.as_ref().map_or("none", |kept| kept.draft.step.name())
    }

    fn state(&self) -> Option<String> {
        self.bundle.as_ref().map(|bundle| state_word(bundle.state).to_owned())
    }

    fn is_offered(&self) -> bool {
        self.bundle.as_ref().is_some_and(|bundle| bundle.state == MatterState::Published)
    }
}

impl App {
    async fn standing_bundle(&self, site_id: &str, id: &BundleId) -> Answer<KeptBundle> {
        let kept = self.kept_bundle(site_id, id.as_str()).await?;
        if kept.is_gone() { Err(AppError::NotFound) } else { Ok(kept) }
    }

    /// Every bundle that a site has, drafts and those out of force among them; what needs somebody comes first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn kept_bundles(&self, permit: &Permit) -> Answer<Vec<BundleSummary>> {
        let site_id = permit.site_id();
        let (around, mut summaries) = (self.around(site_id).await?, Vec::new());
        for row in &around.rows {
            let kept = KeptBundle::of(row)?;
            let Some(shown) = kept.bundle.as_ref().or(kept.draft.as_ref().map(|kept| &kept.draft.content)) else { continue };
            summaries.push(BundleSummary {
                bundle_id: row.id.clone(),
                name: shown.name.clone(),
                step: kept.step().to_owned(),
                state: kept.state(),
                version: kept.newest_version(),
                matter_count: shown.matter_ids.len(),
                problems: if kept.is_offered() { around.problems(shown)? } else { Vec::new() },
                changed_at: (kept.changed_at > 0).then(|| rfc3339(kept.changed_at)),
            });
        }
        let urgency = |one: &BundleSummary| {
            (one.step != "in_review", one.step != "approved", one.problems.is_empty(), one.state.as_deref() == Some("retired"))
        };
        summaries.sort_by(|one, other| (urgency(one), &one.name, &one.bundle_id).cmp(&(urgency(other), &other.name, &other.bundle_id)));
        Ok(summaries)
    }

    /// A bundle's draft, or what is in force when there is none.
    ///
    /// # Errors
    /// 404.
    pub async fn bundle_draft(&self, permit: &Permit, id: &BundleId) -> Answer<BundleDraftView> {
        let kept = self.standing_bundle(permit.site_id(), id).await?;
        self.bundle_draft_view(permit, id, &kept).await
    }

    async fn bundle_draft_view(&self, permit: &Permit, id: &BundleId, kept: &KeptBundle) -> Answer<BundleDraftView> {
        let site_id = permit.site_id();
        let draft = kept.draft.as_ref().map(|kept| &kept.draft);
        let shown = draft.map(|draft| &draft.content).or(kept.bundle.as_ref()).ok_or(AppError::NotFound)?;
        let names = self.actor_names().await?;
        let name = |id: &StaffId| names.get(id.as_str()).cloned().unwrap_or_else(|| id.to_string());
        let returned_text = match draft.map(|draft| &draft.step) {
            Some(DraftStep::Editing { returned: Some(text) }) => Some(self.text(site_id, text.as_str()).await?),
            _ => None,
        };
        let events = self.stores.events.events_of(site_id, AGGREGATE, id.as_str()).await?;
        let line_id = kept.draft.as_ref().map_or(&kept.line_id, |kept| &kept.line_id);
        Ok(BundleDraftView {
            bundle_id: id.to_string(),
            site_id: site_id.to_owned(),
            step: kept.step().to_owned(),
            revision: kept.revision,
            base_version: draft.map_or(kept.newest_version(), |draft| draft.base),
            newest_version: kept.newest_version(),
            state: kept.state(),
            outdated: draft.is_some_and(|draft| draft.base != kept.newest_version()),
            line_id: line_id.as_ref().map(ToString::to_string),
            content: content_of(shown),
            in_force: kept.bundle.as_ref().filter(|_| draft.is_some()).map(content_of),
            problems: self.around(site_id).await?.problems(shown)?,
            writers: draft.map(|draft| draft.writers.iter().map(name).collect()).unwrap_or_default(),
            returned_text,
            submitted_by: match draft.map(|draft| &draft.step) {
                Some(DraftStep::InReview { by, .. }) => Some(name(by)),
                _ => None,
            },
            actions: self.bundle_actions(permit, kept)?,
            history: self.catalogue_history(site_id, &events, &names).await?,
        })
    }

    /// What the rules would take from this caller now.
    fn bundle_actions(&self, permit: &Permit, kept: &KeptBundle) -> Answer<Vec<String>> {
        let (actor, now, newest) = (staff_of(permit)?, self.now(), kept.newest_version());
        let mut actions = Vec::new();
        match &kept.draft {
            None => actions.push("save"),
            Some(KeptDraft { draft, .. }) => {
                let takes = |command| draft.decide(command, &actor, newest, now, self.settings.drafts).is_ok();
                let save = DraftCommand::Save { content: Box::new(draft.content.clone()), base: newest };
                actions.extend(takes(save).then_some("save"));
                let commands = [
                    DraftCommand::Submit,
                    DraftCommand::Approve,
                    DraftCommand::Return { text: None },
                    DraftCommand::Publish { from: None },
                    DraftCommand::Discard,
                ];
                actions.extend(
                    ACTIONS.into_iter().zip(commands).filter(|(_, command)| takes(command.clone())).map(|(action, _)| action.name()),
                );
            }
        }
        actions.extend(kept.is_offered().then_some("retire"));
        Ok(actions.into_iter().map(str::to_owned).collect())
    }

    /// Enters a new bundle as a draft.
    ///
    /// # Errors
    /// Those of the store; field errors are outcomes.
    pub async fn add_bundle(&self, permit: &Permit, body: Body<NewBundleRequest>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let key = self.directory.get().site(site_id)?.key.clone();
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let id = BundleId::new(&key, &id_tail(self.entropy.as_ref(), self.now()));
                let (bundle, line_id) = self.checked_bundle(site_id, &id, &body.content, body.line_id.as_deref()).await?;
                let draft = Draft::begin(bundle, 0, staff_of(permit)?);
                let after = KeptBundle { draft: Some(KeptDraft { draft, line_id }), ..KeptBundle::default() };
                let set = self.bundle_set(permit, &id, after, Told::of("bundle_draft_begun"))?;
                Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.bundle_told(permit, outcome).await
    }

    /// Writes a draft as a whole; without one it begins.
    ///
    /// # Errors
    /// 404; field errors and 409 `draft_changed`, `draft_outdated`, `draft_state` are outcomes.
    pub async fn save_bundle_draft(
        &self,
        permit: &Permit,
        id: &BundleId,
        body: Body<BundleDraftRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.standing_bundle(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let (bundle, line_id) = self.checked_bundle(site_id, id, &body.content, body.line_id.as_deref()).await?;
                let kept = self.standing_bundle(site_id, id).await?;
                if body.revision != kept.revision {
                    return Err(AppError::refused("draft_changed", "别人刚改过这份草稿，请先看看最新的再改"));
                }
                let (actor, newest) = (staff_of(permit)?, kept.newest_version());
                let (outcome, kind) = match &kept.draft {
                    Some(KeptDraft { draft, .. }) => {
                        let save = DraftCommand::Save { content: Box::new(bundle), base: body.base_version };
                        let outcome = draft.decide(save, &actor, newest, self.now(), self.settings.drafts).map_err(refused)?;
                        (outcome, "bundle_draft_saved")
                    }
                    None if body.base_version != newest => return Err(refused(DraftRefusal::Outdated)),
                    None => (DraftOutcome::Draft(Box::new(Draft::begin(bundle, newest, actor))), "bundle_draft_begun"),
                };
                let set = self.bundle_set(permit, id, kept.after(outcome, line_id), Told::of(kind))?;
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.bundle_told(permit, outcome).await
    }

    /// Does something with a draft. What is handed in, approved or published must still be sound with the matters that the
    /// site offers at that moment.
    ///
    /// # Errors
    /// 404, also for a step that bundles do not have; field errors and what the rules refuse are outcomes.
    pub async fn act_on_bundle(
        &self,
        permit: &Permit,
        id: &BundleId,
        action: DraftAction,
        body: Body<DraftActionRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.standing_bundle(site_id, id).await?;
        let kind = match action {
            DraftAction::Submit => "bundle_draft_submitted",
            DraftAction::Approve => "bundle_draft_approved",
            DraftAction::Return => "bundle_draft_returned",
            DraftAction::Publish => "bundle_published",
            DraftAction::Discard => "bundle_draft_discarded",
            DraftAction::Unschedule => return Err(AppError::NotFound),
        };
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                if body.from.is_some() {
                    return Err(AppError::field("from", "unknown_field", "“一件事”发布就生效，不能定时"));
                }
                let kept = self.standing_bundle(site_id, id).await?;
                // Read before the matters are, so that a matter that goes meanwhile makes this a conflict.
                let changes = self.stores.sites.counter(site_id, IMPORTS).await?;
                let none = || AppError::refused("draft_state", "这个“一件事”没有草稿");
                let KeptDraft { draft, line_id } = kept.draft.clone().ok_or_else(none)?;
                let actor = staff_of(permit)?;
                let (command, rows, text) = self.draft_command(permit, action, &body, draft.writers.contains(&actor))?;
                let outcome = draft.decide(command, &actor, kept.newest_version(), self.now(), self.settings.drafts).map_err(refused)?;
                if !matches!(action, DraftAction::Return | DraftAction::Discard) {
                    self.still_sound(site_id, &draft.content).await?;
                }
                let mut told = Told { rows, ..Told::of(kind) };
                if let Some(text) = text {
                    told = told.with("text_id", json!(text));
                }
                if let DraftOutcome::Published(bundle) = &outcome {
                    told = told.with("version", json!(bundle.version)).with("content", json!(content_of(bundle)));
                }
                let is_published = matches!(outcome, DraftOutcome::Published(_));
                let mut set = self.bundle_set(permit, id, kept.after(outcome, line_id), told)?;
                if is_published {
                    move_catalogue(&mut set, changes);
                }
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.bundle_told(permit, outcome).await
    }

    /// Takes a bundle out of force: no new joint cases; those under way go on.
    ///
    /// # Errors
    /// 404; field errors and 409 `bundle_state` are outcomes.
    pub async fn retire_bundle(&self, permit: &Permit, id: &BundleId, body: Body<RetireRequest>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.standing_bundle(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let reason = clean_lines(&body.reason, REASON_CHARS_MAX)
                    .map_err(|fault| AppError::field("reason", fault.code(), &fault.message()))?;
                let kept = self.standing_bundle(site_id, id).await?;
                let changes = self.stores.sites.counter(site_id, IMPORTS).await?;
                let not_offered = || AppError::refused("bundle_state", "这个“一件事”已经停办，或者还没有发布");
                let before = kept.bundle.clone().filter(|_| kept.is_offered()).ok_or_else(not_offered)?;
                let version = before.version + 1;
                let retired = Bundle { version, state: MatterState::Retired, ..before };
                let (text_id, text) = self.new_text(site_id, "bundle_retired", &reason)?;
                let told = Told { rows: vec![text.into()], ..Told::of("bundle_retired") };
                let told = told.with("version", json!(version)).with("text_id", json!(text_id));
                let mut set = self.bundle_set(permit, id, KeptBundle { bundle: Some(retired), ..kept }, told)?;
                move_catalogue(&mut set, changes);
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.bundle_told(permit, outcome).await
    }

    /// The change-set of what a bundle's row becomes.
    fn bundle_set(&self, permit: &Permit, id: &BundleId, mut kept: KeptBundle, told: Told) -> Answer<ChangeSet> {
        let (site_id, now) = (permit.site_id(), self.now());
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(counter_of(id.as_str()), kept.revision));
        (kept.revision, kept.changed_at) = (kept.revision + 1, now);
        set.row(CounterRow { site_id: site_id.to_owned(), name: counter_of(id.as_str()), value: kept.revision });
        let name = kept.bundle.as_ref().or(kept.draft.as_ref().map(|kept| &kept.draft.content)).map_or("", |bundle| &bundle.name);
        set.row(kept.row(site_id, id.as_str(), name)?);
        set.rows.extend(told.rows);
        let mut body = told.body;
        body.extend(
            [("type", json!(told.kind)), ("bundle", json!(id)), ("revision", json!(kept.revision))]
                .map(|(name, value)| (name.to_owned(), value)),
        );
        set.events.push(NewEvent {
            aggregate: AGGREGATE,
            aggregate_id: id.to_string(),
            kind: told.kind.to_owned(),
            actor: permit.caller().actor().to_owned(),
            at: now,
            body: Value::Object(body).to_string(),
        });
        Ok(set)
    }

    /// The answer to a command: the bundle as it is now.
    async fn bundle_told(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        let id = outcome.object_id.as_deref().and_then(BundleId::parse);
        if let Some(id) = id.filter(|_| outcome.status < 300) {
            outcome.body = match self.standing_bundle(permit.site_id(), &id).await {
                Ok(kept) => serde_json::to_value(self.bundle_draft_view(permit, &id, &kept).await?)?,
                // A new bundle whose draft was done away with is no more.
                Err(AppError::NotFound) => json!({ "bundle_id": id, "step": "none" }),
                Err(error) => return Err(error),
            };
        }
        Ok(outcome)
    }
}

impl KeptBundle {
    /// The row after what became of its draft.
    fn after(self, outcome: DraftOutcome<Bundle>, line_id: Option<LineId>) -> Self {
        match outcome {
            DraftOutcome::Draft(draft) => Self { draft: Some(KeptDraft { draft: *draft, line_id }), ..self },
            DraftOutcome::Published(bundle) => Self { bundle: Some(*bundle), line_id, draft: None, ..self },
            DraftOutcome::Gone => Self { draft: None, ..self },
        }
    }
}
