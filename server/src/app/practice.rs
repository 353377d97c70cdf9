//! 练习模式: a hall to practise in. It is a site of its own, copied from the real one, with an id that no real site can
//! have. So nothing of it can be in a figure, a list or a report, all of which go over real sites; everything made in
//! it bears its id; and it is wiped whole, its log with it, which breaks no chain: a chain is of one site.
//!
//! A browser practises or it does not: its session says so, and who practises sees the practice hall and nothing else.

use domain::hall::OpeningHours;
use domain::ids::{SiteId, is_practice};
use domain::rights::Operation;
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::{Permit, StaffCaller};
use super::copying::{Matters, moved_configuration};
use super::error::{Answer, AppError};
use super::fresh::bytes;
use super::retry::{Outcome, Retry};
use super::sessions::StaffView;
use crate::store::{CaseFilter, ChangeSet, NewEvent, SiteRow};

/// After the name of the hall, wherever it stands.
const MARK: &str = "（练习）";
/// Signs of a practice hall's key that are drawn.
const KEY_SIGNS: usize = 6;
const KEY_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Cases that are counted; more are told as that many.
const CASES_COUNTED_MAX: i64 = 1_000;

/// The practice hall of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PracticeView {
    /// Whether there is one.
    pub open: bool,
    /// Its id.
    pub practice_id: Option<String>,
    /// Since when.
    pub since: Option<String>,
    /// Numbers taken in it today.
    pub tickets: usize,
    /// Cases opened in it.
    pub cases: usize,
    /// What the caller may do: `begin`, `wipe`.
    pub actions: Vec<String>,
}

/// Body of `POST /sessions/current/practice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PractiseRequest {
    /// Whether to practise from now on, or to work again.
    pub on: bool,
}

impl App {
    /// The practice hall of a site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn practice(&self, permit: &Permit) -> Answer<PracticeView> {
        let listing = self.directory.get();
        let manages = permit.caller().permit(Operation::ManagePractice, permit.site_id()).is_ok();
        let Some(site) = listing.practice_of(permit.site_id()) else {
            let actions = manages.then(|| "begin".to_owned()).into_iter().collect();
            return Ok(PracticeView { open: false, practice_id: None, since: None, tickets: 0, cases: 0, actions });
        };
        let today = domain::time::local_date(self.now()).to_string();
        let filter = CaseFilter { site_ids: vec![site.id.clone()], limit: CASES_COUNTED_MAX, ..CaseFilter::default() };
        let doc: Value = serde_json::from_str(&site.doc)?;
        Ok(PracticeView {
            open: true,
            practice_id: Some(site.id.clone()),
            since: doc["since"].as_i64().map(rfc3339),
            tickets: self.stores.halls.tickets_of_day(&site.id, &today).await?.len(),
            cases: self.stores.cases.cases(&filter).await?.len(),
            actions: manages.then(|| "wipe".to_owned()).into_iter().collect(),
        })
    }

    /// Begins to practise at a site: the hall is copied as it is set up now, and is open round the clock.
    ///
    /// # Errors
    /// 409 when it goes on already.
    pub async fn begin_practice(&self, permit: &Permit, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let turn = self.openings.of(site_id);
        let _turn = turn.lock().await;
        self.once(site_id, retry, || async {
            let listing = self.directory.get();
            let source = listing.site(site_id)?;
            if is_practice(site_id) {
                return Err(AppError::refused("is_practice", "这里就是练习，先离开练习"));
            }
            if listing.practice_of(site_id).is_some() {
                return Err(AppError::refused("practice_open", "练习已经开着"));
            }
            let key = self.practice_key();
            let copy = SiteRow {
                id: SiteId::practice(&key).to_string(),
                key: key.clone(),
                parent_id: Some(site_id.to_owned()),
                name: format!("{}{MARK}", source.name),
                doc: json!({ "area_code": "", "practice_of": site_id, "since": self.now() }).to_string(),
                ..source.clone()
            };
            let mut configuration = moved_configuration(&self.hall(site_id).await?.configuration(), &source.key, &key)?;
            configuration.hours = OpeningHours::RoundTheClock;
            let practice_id = copy.id.clone();
            let begun = self.practice_event(permit, &practice_id, "practice_hall_made", json!({ "practice_of": site_id }));
            self.copy_site(source, copy, &Matters::All, configuration, begun).await?;
            let mut set = ChangeSet::new(site_id);
            set.events.push(self.practice_event(permit, site_id, "practice_begun", json!({ "practice": practice_id })));
            Ok((set, Outcome::success(201, None, json!({ "practice_id": practice_id }))))
        })
        .await
    }

    /// Ends practising at a site and wipes everything that was made in it.
    ///
    /// # Errors
    /// 409 when nobody practises there.
    pub async fn wipe_practice(&self, permit: &Permit, retry: Option<&Retry>) -> Answer<Outcome> {
        self.once(permit.site_id(), retry, || async {
            let (practice_id, rows) = self.wiped(permit.site_id()).await?;
            let mut set = ChangeSet::new(permit.site_id());
            set.events.push(self.practice_event(
                permit,
                permit.site_id(),
                "practice_wiped",
                json!({ "practice": practice_id, "rows": rows }),
            ));
            Ok((set, Outcome::success(200, None, json!({ "rows": rows }))))
        })
        .await
    }

    /// The same by the command line; how many rows there were, `None` when nobody practised there.
    ///
    /// # Errors
    /// 404 for an unknown site; those of the store.
    pub async fn wipe_practice_by_command(&self, site_id: &str) -> Answer<Option<u64>> {
        self.directory.get().site(site_id)?;
        let (practice_id, rows) = match self.wiped(site_id).await {
            Ok(wiped) => wiped,
            Err(AppError::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut set = ChangeSet::new(site_id);
        set.events.push(NewEvent {
            aggregate: "site",
            aggregate_id: site_id.to_owned(),
            kind: "practice_wiped".to_owned(),
            actor: "system".to_owned(),
            at: self.now(),
            body: json!({ "type": "practice_wiped", "practice": practice_id, "rows": rows }).to_string(),
        });
        self.commit(set).await?;
        Ok(Some(rows))
    }

    async fn wiped(&self, site_id: &str) -> Answer<(String, u64)> {
        let listing = self.directory.get();
        let practice = listing.practice_of(site_id).ok_or_else(|| AppError::refused("no_practice", "现在没有开练习"))?;
        let rows = self.stores.sites.forget_practice(&practice.id).await?;
        self.directory.reload(&self.stores).await?;
        self.known_callers.forget();
        Ok((practice.id.clone(), rows))
    }

    /// Lets a browser practise, or work again.
    ///
    /// # Errors
    /// 409 where nobody may practise now.
    pub async fn practise(&self, caller: &StaffCaller, request: PractiseRequest) -> Answer<StaffView> {
        let listing = self.directory.get();
        let home = self.real_site_of(caller)?;
        let practice = listing.practice_of(&home);
        let practice_id = match (request.on, practice) {
            (false, _) => None,
            (true, Some(practice)) => Some(practice.id.as_str()),
            (true, None) => return Err(AppError::refused("no_practice", "现在没有开练习，请大厅主管先开")),
        };
        self.stores.staff.set_practice(&caller.session, practice_id).await?;
        self.known_callers.forget();
        let mut after = caller.clone();
        let site = practice_id.unwrap_or(&home);
        after.staff.site = SiteId::parse(site).ok_or(AppError::NotFound)?;
        Ok(self.caller_view(&after))
    }

    fn practice_event(&self, permit: &Permit, id: &str, kind: &str, facts: Value) -> NewEvent {
        let mut body = json!({ "type": kind });
        if let (Some(body), Value::Object(facts)) = (body.as_object_mut(), facts) {
            body.extend(facts);
        }
        NewEvent {
            aggregate: "site",
            aggregate_id: id.to_owned(),
            kind: kind.to_owned(),
            actor: permit.caller().actor().to_owned(),
            at: self.now(),
            body: body.to_string(),
        }
    }

    /// A key that no site had: drawn, so that what remembers an old practice hall never takes it for a new one.
    fn practice_key(&self) -> String {
        let drawn = bytes::<KEY_SIGNS>(self.entropy.as_ref());
        let signs: String = drawn.iter().map(|byte| char::from(KEY_ALPHABET[usize::from(byte % 32)])).collect();
        format!("lx{signs}")
    }
}
