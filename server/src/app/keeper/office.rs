//! Who keeps a hall: appointed by a person, one at a time, each for a term of its own; and the hall given back
//! to the service by the supervisor.

use domain::hall::{Actor, Command};
use domain::time::rfc3339;
use protocol::keeper::{FromKeeper, ToKeeper};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::KeeperTold;
use crate::app::App;
use crate::app::caller::{DeviceCaller, Permit};
use crate::app::devices::device_event;
use crate::app::error::{Answer, AppError};
use crate::app::hall::{Beside, Wish, reason};
use crate::app::presence::News;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, KeeperRow, StoreError};

/// Letters of keepers' series, in the order in which they are given out: none that is read as a digit.
const LETTERS: &str = "KJHGFEDCNMPRTUVWXY";
/// Entries that are listed at once.
pub(super) const ENTRIES_MAX: i64 = 200;
/// Counter of a site's terms.
const TERM: &str = "keeper-term";
/// Longest address of a keeper, in bytes.
const ADDRESS_BYTES_MAX: usize = 200;

/// Body of `PUT /sites/{site}/keeper`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointRequest {
    /// The kiosk.
    pub device_id: String,
}

/// Body of `POST /sites/{site}/keeper/release`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// Why.
    pub reason: Option<String>,
}

/// A kiosk that can keep the hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeeperCandidateView {
    /// The device.
    pub device_id: String,
    /// Its name.
    pub name: String,
    /// Whether it is connected.
    pub online: bool,
    /// The letters of its own series.
    pub series: String,
    /// Where the hall reaches it.
    pub address: Option<String>,
}

/// The keeper of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeeperView {
    /// `none`: the service decides alone; `following`: the service decides, the keeper is ready; `detached`:
    /// the line is cut and the keeper may be deciding; `merging`: it is back and hands over what it decided.
    pub state: String,
    /// The keeper.
    pub device_id: Option<String>,
    /// Its name.
    pub device_name: Option<String>,
    /// Where the hall reaches it.
    pub address: Option<String>,
    /// The letters of its own series.
    pub series: Option<String>,
    /// Since when it is the keeper.
    pub since: Option<String>,
    /// Whether it is connected.
    pub online: bool,
    /// Entries that it has not handed over, as far as it told.
    pub unsent: u64,
    /// `clock_wrong`, `disk_full`, `journal_damaged`.
    pub trouble: Option<String>,
    /// Numbers that are left to an earlier keeper, which has not handed over: nobody calls them here.
    pub left: usize,
    /// Entries that somebody should look at.
    pub open_entries: usize,
    /// Kiosks that can be appointed.
    pub candidates: Vec<KeeperCandidateView>,
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
}

impl App {
    /// Reads which keepers are in office, at the start.
    pub(in crate::app) async fn load_keepers(&self) -> Answer<()> {
        for row in self.stores.keepers.keepers_in_office().await? {
            self.keepers.set(&row.site_id, Some((row.device_id, u64::try_from(row.term).unwrap_or(0))));
        }
        Ok(())
    }

    /// Where a device of a site finds its keeper, and the others that a person can let take over; never itself.
    pub(in crate::app) async fn keeper_urls(&self, site_id: &str, device_id: &str) -> Answer<(Option<String>, Vec<String>)> {
        let rows = self.stores.keepers.keepers(site_id).await?;
        let (mut keeper, mut others) = (None, Vec::new());
        for row in rows.into_iter().filter(|row| row.device_id != device_id) {
            let is_revoked = async || -> Answer<bool> {
                Ok(self.stores.devices.device(site_id, &row.device_id).await?.is_none_or(|device| device.revoked_at.is_some()))
            };
            match &row.address {
                Some(address) if row.is_keeper => keeper = Some(address.clone()),
                Some(address) if !is_revoked().await? => others.push(address.clone()),
                _ => {}
            }
        }
        Ok((keeper, others))
    }

    pub(super) async fn own_keeper(&self, device: &DeviceCaller) -> Answer<Option<KeeperRow>> {
        let rows = self.stores.keepers.keepers(&device.site_id).await?;
        Ok(rows.into_iter().find(|row| row.device_id == device.id))
    }

    /// A kiosk said that it can keep its hall: its key is taken down once and for all, its address whenever
    /// it changes. Another key under the same device is refused: the journal would prove nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keeper_ready(&self, device: &DeviceCaller, ready: &FromKeeper) -> Answer<()> {
        let FromKeeper::Ready { public_key, address, .. } = ready else { return Ok(()) };
        let address = address.clone().filter(|address| address.starts_with("http://") && address.len() <= ADDRESS_BYTES_MAX);
        if !is_key(public_key) {
            tracing::warn!(device = device.id, "a keeper's key is no key");
            return Ok(());
        }
        let site_id = &device.site_id;
        let rows = self.stores.keepers.keepers(site_id).await?;
        let own = rows.iter().find(|row| row.device_id == device.id);
        let row = match own {
            Some(row) if row.public_key != *public_key => {
                tracing::warn!(device = device.id, "a keeper came with another key than the first time; pair it anew");
                return Ok(());
            }
            Some(row) if row.address == address => return Ok(()),
            Some(row) => KeeperRow { address, ..row.clone() },
            None => KeeperRow {
                site_id: site_id.clone(),
                device_id: device.id.clone(),
                series: self.free_letter(&rows),
                public_key: public_key.clone(),
                address,
                term: 0,
                is_keeper: false,
                since: self.now(),
            },
        };
        let name = format!("keeper/{site_id}");
        let version = self.stores.sites.counter(site_id, &name).await?;
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(name.clone(), version));
        set.row(CounterRow { site_id: site_id.clone(), name, value: version + 1 });
        set.row(row);
        match self.commit(set).await {
            // Somebody appointed it in this moment: it says so again when it connects again.
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn free_letter(&self, rows: &[KeeperRow]) -> String {
        let mut letters = LETTERS.chars().map(String::from);
        letters
            .find(|letter| rows.iter().all(|row| row.series != *letter))
            .unwrap_or_else(|| format!("K{}", LETTERS.chars().nth(rows.len() % LETTERS.len()).unwrap_or('Z')))
    }

    /// What a device that can keep its hall is told of its office.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_office(&self, device: &DeviceCaller) -> Answer<ToKeeper> {
        let taken = self.keeper_taken(device).await?;
        Ok(match self.own_keeper(device).await?.filter(|row| row.is_keeper) {
            Some(row) => ToKeeper::Appointed { term: u64::try_from(row.term).unwrap_or(0), series: row.series, taken },
            None => ToKeeper::NotAppointed { taken },
        })
    }

    /// What a device that is not in office must know to take over by a person's word: the newest term, and the letters
    /// of its own series.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_standby(&self, device: &DeviceCaller) -> Answer<Option<ToKeeper>> {
        let term = u64::try_from(self.keeper_term(&device.site_id).await?).unwrap_or(0);
        let own = self.own_keeper(device).await?.filter(|row| !row.is_keeper);
        Ok(own.map(|row| ToKeeper::Standby { term, series: row.series }))
    }

    /// The newest term of a site; 0 before the first.
    pub(super) async fn keeper_term(&self, site_id: &str) -> Answer<i64> {
        Ok(self.stores.sites.counter(site_id, TERM).await?)
    }

    /// A device took over from the keeper of a term, by the word of a person in the hall. It is granted where nobody was
    /// appointed since and the service has no word of that keeper: this one keeps the hall from now on, and whoever has
    /// a number here is left to the other until that hands over. Otherwise the keeper in office stays.
    ///
    /// # Errors
    /// When the store fails: the device says it again when it connects again.
    pub async fn keeper_took_over(&self, device: &DeviceCaller, after_term: u64) -> Answer<()> {
        let site_id = &device.site_id;
        let rows = self.stores.keepers.keepers(site_id).await?;
        let own = rows.iter().find(|row| row.device_id == device.id);
        let is_newest = i64::try_from(after_term).is_ok_and(|term| rows.iter().any(|row| row.is_keeper && row.term == term));
        if own.is_none_or(|row| row.is_keeper) || !is_newest || !self.keepers.is_forsaken(site_id) {
            return Ok(());
        }
        let set = self.new_term(site_id, rows, Some(&device.id)).await?;
        let told = json!({ "after_term": after_term });
        let beside = Beside {
            expect: set.expect,
            events: vec![device_event(&device.id, "keeper_took_over", &device.id, self.now(), told)],
            of_office: true,
            ..Beside::default()
        };
        let command = Command::Part { term: after_term };
        let (actor, actor_id, site_id) = (Actor::machine(), "system".to_owned(), site_id.clone());
        let wish = Wish { site_id: site_id.clone(), actor, actor_id, command, retry: None, rows: set.rows, beside };
        self.halls.submit(wish).await?;
        self.office_read(&site_id).await
    }

    /// A person says who keeps the hall: nothing is left to an earlier keeper any more.
    async fn rejoin(&self, site_id: &str) -> Answer<()> {
        if !self.hall(site_id).await?.has_left(None) {
            return Ok(());
        }
        let (actor, actor_id, command) = (Actor::machine(), "system".to_owned(), Command::Rejoin { term: None });
        let beside = Beside { of_office: true, ..Beside::default() };
        let site_id = site_id.to_owned();
        self.halls.submit(Wish { site_id: site_id.clone(), actor, actor_id, command, retry: None, rows: Vec::new(), beside }).await?;
        self.give_up_all_twins(&site_id).await
    }

    /// Makes a kiosk the keeper of its hall; another one is none from then on.
    ///
    /// # Errors
    /// A device that is no kiosk of the site, or does not run as keeper.
    pub async fn appoint_keeper(&self, permit: &Permit, request: &AppointRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let device = self.stores.devices.device(site_id, &request.device_id).await?.filter(|row| row.revoked_at.is_none());
                let device = device.ok_or_else(|| AppError::field("device_id", "unknown", "这个厅没有这台设备"))?;
                let rows = self.stores.keepers.keepers(site_id).await?;
                if rows.iter().all(|row| row.device_id != device.id) {
                    return Err(AppError::refused("not_a_keeper", "这台取号机没有以守门机方式运行（启动时加 --keeper）"));
                }
                let mut set = self.new_term(site_id, rows, Some(&device.id)).await?;
                set.events.push(device_event(&device.id, "keeper_appointed", permit.caller().actor(), self.now(), json!({})));
                Ok((set, Outcome::success(200, Some(device.id), serde_json::Value::Null)))
            })
            .await?;
        self.office_changed(site_id, outcome).await
    }

    /// The service decides about the hall again at once, whatever its keeper does: what that still decides
    /// is settled by the rules of the merge when it comes.
    ///
    /// # Errors
    /// A hall without a keeper.
    pub async fn release_keeper(&self, permit: &Permit, request: &ReleaseRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let why = reason("reason", request.reason.as_deref(), true)?.unwrap_or_default();
        let (text_id, text_row) = self.new_text(site_id, "hall_reason", &why)?;
        let outcome = self
            .once(site_id, retry, || async {
                let rows = self.stores.keepers.keepers(site_id).await?;
                let Some(keeper) = rows.iter().find(|row| row.is_keeper).map(|row| row.device_id.clone()) else {
                    return Err(AppError::refused("no_keeper", "这个厅现在没有守门机"));
                };
                let mut set = self.new_term(site_id, rows, None).await?;
                let facts = json!({ "reason": text_id.to_string() });
                set.events.push(device_event(&keeper, "keeper_released", permit.caller().actor(), self.now(), facts));
                set.row(text_row.clone());
                Ok((set, Outcome::success(200, Some(keeper), serde_json::Value::Null)))
            })
            .await?;
        self.office_changed(site_id, outcome).await
    }

    /// The rows of a new term, with the device that keeps the hall in it.
    async fn new_term(&self, site_id: &str, rows: Vec<KeeperRow>, keeper: Option<&str>) -> Answer<ChangeSet> {
        let (name, term) = (format!("keeper/{site_id}"), self.keeper_term(site_id).await?);
        let version = self.stores.sites.counter(site_id, &name).await?;
        let mut set = ChangeSet::new(site_id);
        set.expect.extend([Expect::Counter(name.clone(), version), Expect::Counter(TERM.to_owned(), term)]);
        set.row(CounterRow { site_id: site_id.to_owned(), name, value: version + 1 });
        set.row(CounterRow { site_id: site_id.to_owned(), name: TERM.to_owned(), value: term + 1 });
        for row in rows {
            let is_keeper = keeper == Some(row.device_id.as_str());
            if is_keeper {
                set.row(KeeperRow { is_keeper, term: term + 1, since: self.now(), ..row });
            } else if row.is_keeper {
                set.row(KeeperRow { is_keeper, ..row });
            }
        }
        Ok(set)
    }

    /// Takes over in memory what was committed, and tells the sessions.
    async fn office_changed(&self, site_id: &str, mut outcome: Outcome) -> Answer<Outcome> {
        if outcome.status != 200 {
            return Ok(outcome);
        }
        self.rejoin(site_id).await?;
        self.office_read(site_id).await?;
        outcome.body = json!(self.keeper_of(site_id).await?);
        Ok(outcome)
    }

    async fn office_read(&self, site_id: &str) -> Answer<()> {
        self.read_office(site_id).await?;
        for row in self.stores.devices.devices(site_id).await? {
            self.presence.tell(News::Device { device_id: row.id });
        }
        Ok(())
    }

    /// What ends with a device that was the keeper of its hall: the service decides alone from then on.
    pub(in crate::app) async fn keeper_ended(&self, site_id: &str, device_id: &str) -> Answer<Option<ChangeSet>> {
        let rows = self.stores.keepers.keepers(site_id).await?;
        let is_keeper = rows.iter().any(|row| row.is_keeper && row.device_id == device_id);
        if is_keeper { self.new_term(site_id, rows, None).await.map(Some) } else { Ok(None) }
    }

    /// Takes over in memory who is in office according to the store.
    pub(in crate::app) async fn read_office(&self, site_id: &str) -> Answer<()> {
        let rows = self.stores.keepers.keepers(site_id).await?;
        let keeper = rows.iter().find(|row| row.is_keeper);
        self.keepers.set(site_id, keeper.map(|row| (row.device_id.clone(), u64::try_from(row.term).unwrap_or(0))));
        Ok(())
    }

    /// The keeper of a hall as its staff see it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper(&self, permit: &Permit) -> Answer<KeeperView> {
        self.keeper_of(permit.site_id()).await
    }

    async fn keeper_of(&self, site_id: &str) -> Answer<KeeperView> {
        let rows = self.stores.keepers.keepers(site_id).await?;
        let devices = self.stores.devices.devices(site_id).await?;
        let candidates: Vec<KeeperCandidateView> = rows
            .iter()
            .filter_map(|row| {
                let device = devices.iter().find(|device| device.id == row.device_id && device.revoked_at.is_none())?;
                Some(KeeperCandidateView {
                    device_id: device.id.clone(),
                    name: device.name.clone(),
                    online: self.is_online(device),
                    series: row.series.clone(),
                    address: row.address.clone(),
                })
            })
            .collect();
        let keeper = rows.iter().find(|row| row.is_keeper);
        let own = keeper.and_then(|row| candidates.iter().find(|candidate| candidate.device_id == row.device_id));
        let (told, may_decide) = self.keepers.state(site_id).map_or((None, true), |(_, told, may_decide)| (told, may_decide));
        let told: KeeperTold = told.unwrap_or_default();
        let state = match keeper {
            None => "none",
            Some(_) if may_decide => "following",
            Some(_) if own.is_some_and(|own| own.online) => "merging",
            Some(_) => "detached",
        };
        let trouble = told.trouble.map(serde_json::to_value).transpose()?;
        Ok(KeeperView {
            state: state.to_owned(),
            device_id: keeper.map(|row| row.device_id.clone()),
            device_name: own.map(|own| own.name.clone()),
            address: keeper.and_then(|row| row.address.clone()),
            series: keeper.map(|row| row.series.clone()),
            since: keeper.map(|row| rfc3339(row.since)),
            online: own.is_some_and(|own| own.online),
            unsent: told.unsent,
            trouble: trouble.and_then(|trouble| trouble.as_str().map(str::to_owned)),
            left: self.hall(site_id).await?.doc().left.len(),
            open_entries: self.stores.keepers.keeper_entries_open(site_id, ENTRIES_MAX).await?.len(),
            candidates,
        })
    }
}
