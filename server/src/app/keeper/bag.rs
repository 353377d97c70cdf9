//! Taking in a field bag's journal: each entry once, in order, proved like a keeper's; what was received becomes a case of
//! that day. What does not hold is refused entry by entry and kept for review, its contents sealed beside it.

use chrono::NaiveDate;
use domain::bag::{ApplyFacts, BagRule, MatterStanding, Settled, StaffStanding, is_kept_number, settle};
use domain::catalogue::Matter;
use domain::ids::MaterialId;
use domain::rights::{Operation, allowed};
use domain::time::{DAY_MS, MINUTE_MS, Millis, local_date};
use protocol::bag::{Apply, ApplyContent, BagAct, BagEntryRequest, BagTaken, BagText};
use protocol::keeper::{ENTRY_BYTES_MAX, Entry};
use serde_json::json;

use super::journal::{Fault, REPLAYED, REVOKED, REVOKED_AND_LOOSE, is_signed};
use super::lost::lost_chain;
use super::review::entry_alert;
use crate::app::App;
use crate::app::caller::{DeviceCaller, StaffCaller};
use crate::app::cases::{KeptApplication, KeptPhoto};
use crate::app::devices::device_event;
use crate::app::error::{Answer, AppError};
use crate::app::sessions::StaffDoc;
use crate::store::{ChangeSet, CounterRow, Expect, KeeperEntryRow, KeeperRow, StoreError};

/// A bag's clock may be so much ahead.
const AHEAD_MS_MAX: Millis = 5 * MINUTE_MS;
/// What a refused entry says of its time is shown where it is no further away.
const TOLD_MS_MAX: Millis = 366 * DAY_MS;
/// Working days that are counted of an application's age.
const AGE_DAYS_MAX: usize = 60;

/// What an entry says, whether it is proved or not.
pub(super) fn text_of(body: &str) -> Option<BagText> {
    serde_json::from_str(body).ok()
}

/// What was done at a bag, for people; nothing in it is personal.
pub(super) fn act_words(text: &BagText) -> String {
    let BagAct::Apply(apply) = &text.act;
    let photos: usize = apply.materials.iter().map(|material| material.photos.len()).sum();
    let what = if apply.as_draft { "记下草稿" } else { "接件" };
    format!("服务包{what} {}，照片 {photos} 张", apply.number)
}

/// The application of an entry as it stands here.
struct Application {
    facts: ApplyFacts,
    matter: Option<Matter>,
    staff: Option<StaffCaller>,
    content: Option<ApplyContent>,
    photos: Vec<(MaterialId, KeptPhoto)>,
}

impl App {
    fn bag_counter(device: &DeviceCaller) -> String {
        format!("bag-taken/{}", device.id)
    }

    /// Number of the newest entry that was taken of a device's bag.
    pub(super) async fn bag_taken(&self, device: &DeviceCaller) -> Answer<u64> {
        let taken = self.stores.sites.counter(&device.site_id, &Self::bag_counter(device)).await?;
        Ok(u64::try_from(taken).unwrap_or(0))
    }

    /// Takes an entry in, or keeps it for review: up to where nothing need be sent again, and which contents are missing.
    ///
    /// # Errors
    /// When the store fails or is contended: the entry is to be sent again.
    pub async fn take_bag_entry(&self, device: &DeviceCaller, request: &BagEntryRequest) -> Answer<BagTaken> {
        let (entry, taken) = (&request.entry, self.bag_taken(device).await?);
        let row = self.own_keeper(device).await?.ok_or(AppError::NotFound)?;
        let is_revoked = self.is_shut_out(device, &row).await?;
        let row = self.of_then(device, row, entry).await?;
        let done = |through| Ok(BagTaken { through, missing: Vec::new() });
        // Out of order: what lies between comes first. A revoked device is asked nothing.
        if entry.number == 0 || (entry.number > taken + 1 && !is_revoked) {
            return done(taken);
        }
        if entry.number <= taken {
            let known = self.stores.keepers.keeper_entry(&device.site_id, &Self::entry_id(device, entry)).await?;
            if known.is_none() {
                self.refuse_bag_entry(device, entry, taken, if is_revoked { REVOKED } else { REPLAYED }).await?;
            }
            return done(taken);
        }
        match self.proved(&row, entry) {
            Err(fault) => self.refuse_bag_entry(device, entry, taken, fault).await?,
            Ok(_) if is_revoked => {
                let fault = if self.is_chained(device, entry).await? { REVOKED } else { REVOKED_AND_LOOSE };
                self.refuse_bag_entry(device, entry, taken, fault).await?;
            }
            Ok(text) => {
                let missing = self.missing(&device.site_id, &text, &request.lost).await?;
                if !missing.is_empty() {
                    return Ok(BagTaken { through: taken, missing });
                }
                self.merge_bag_entry(device, entry, &text, taken, &row).await?;
            }
        }
        done(entry.number)
    }

    /// A device with the letters that an entry was written under. Other letters than those of now are its own where its
    /// keeper's journal was lost since: a receipt of a bag stands all the same.
    async fn of_then(&self, device: &DeviceCaller, own: KeeperRow, entry: &Entry) -> Answer<KeeperRow> {
        let Some(text) = text_of(&entry.text).filter(|text| text.series != own.series) else { return Ok(own) };
        let former = lost_chain(&device.id, &text.series);
        let rows = self.stores.keepers.keepers(&device.site_id).await?;
        Ok(rows.into_iter().find(|row| row.device_id == former).unwrap_or(own))
    }

    /// The text of an entry that the device signed, of its own series and within its time.
    fn proved(&self, row: &KeeperRow, entry: &Entry) -> Result<BagText, Fault> {
        if entry.text.len() > ENTRY_BYTES_MAX || !is_signed(row, entry) {
            return Err(("altered", "内容和签名对不上，没有记"));
        }
        let text = text_of(&entry.text).ok_or(("unreadable", "内容读不懂，没有记"))?;
        if text.series != row.series {
            return Err(("wrong_series", "不是这台设备的号段，没有记"));
        }
        if text.at > self.now() + AHEAD_MS_MAX {
            return Err(("future", "时间在将来，设备的时钟不对，没有记"));
        }
        if text.at < self.now() - self.settings.cases.bag_days * DAY_MS {
            return Err(("too_old", "传回来太晚，过了收的期限，没有记"));
        }
        Ok(text)
    }

    /// Contents of an entry that are not here and may still come.
    async fn missing(&self, site_id: &str, text: &BagText, lost: &[String]) -> Answer<Vec<String>> {
        let mut missing = Vec::new();
        for hash in text.contents() {
            if !lost.iter().any(|lost| lost == hash) && self.brought(site_id, hash).await?.is_none() {
                missing.push(hash.to_owned());
            }
        }
        Ok(missing)
    }

    async fn merge_bag_entry(&self, device: &DeviceCaller, entry: &Entry, text: &BagText, taken: u64, row: &KeeperRow) -> Answer<()> {
        let BagAct::Apply(apply) = &text.act;
        let application = self.kept_application(device, text, apply, row).await?;
        let (as_draft, told) = match settle(&application.facts) {
            Settled::Taken { as_draft, told } => (as_draft, told),
            // It is so already, and nobody need look at it.
            Settled::Refused(BagRule::CaseKnown) => {
                let set = ChangeSet::new(&device.site_id);
                return self.commit_bag_entry(set, device, self.entry_row(device, entry, text.at), taken).await;
            }
            Settled::Refused(rule) => return self.refuse_bag_entry(device, entry, taken, (rule.code(), rule.text())).await,
        };
        let Application { matter: Some(matter), staff: Some(staff), content: Some(content), photos, .. } = &application else {
            return Err(AppError::Internal(format!("an application that was settled without its parts: {}", apply.case_id)));
        };
        let kept = KeptApplication { apply, content, matter, staff, at: text.at, as_draft, photos };
        let set = match self.kept_case(&device.site_id, &kept).await {
            Ok(set) => set,
            Err(AppError::Invalid(_)) => {
                let rule = BagRule::ContentBad;
                return self.refuse_bag_entry(device, entry, taken, (rule.code(), rule.text())).await;
            }
            Err(AppError::Refused { .. } | AppError::Forbidden { .. }) => {
                let rule = BagRule::NotTaken;
                return self.refuse_bag_entry(device, entry, taken, (rule.code(), rule.text())).await;
            }
            Err(error) => return Err(error),
        };
        let mut row = self.entry_row(device, entry, text.at);
        let mut words: Vec<&str> = told.iter().map(|rule| rule.text()).collect();
        row.rule = told.first().map(|rule| rule.code().to_owned());
        if !self.is_chained(device, entry).await? {
            words.insert(0, "和前一条接不上：设备的存档可能坏过，中间可能少了记录；这一条已经照记");
            row.rule = Some("chain".to_owned());
        }
        if words.is_empty() {
            row.body = String::new();
        } else {
            (row.verdict, row.text) = ("settled".to_owned(), format!("{}：{}", apply.number, words.join("；")));
        }
        let is_pressing = told.contains(&BagRule::Pressing);
        self.commit_bag_entry_as(set, device, row, taken, is_pressing).await
    }

    /// Everything that is known here of an application.
    async fn kept_application(&self, device: &DeviceCaller, text: &BagText, apply: &Apply, row: &KeeperRow) -> Answer<Application> {
        let (site_id, day) = (&device.site_id, local_date(text.at));
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let content = self.brought(site_id, &apply.content).await?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let (matter, standing) = self.matter_on(site_id, apply, text.at).await?;
        let (staff, staff_standing) = self.receiver(site_id, &text.actor_id, text.at).await?;
        let item_code = matter.as_ref().map_or("", |matter| matter.code.as_str());
        let is_own_number = is_kept_number(&apply.number, &site_key, &row.series, item_code, day);
        let is_own_case = apply.case_id.site_key() == site_key;
        let mut photos = Vec::new();
        let mut bad_photos = 0;
        for material in &apply.materials {
            for hash in &material.photos {
                match self.brought_photo(site_id, hash).await? {
                    Some(photo) => photos.push((material.id.clone(), photo)),
                    None => bad_photos += 1,
                }
            }
        }
        let facts = ApplyFacts {
            is_known: self.stores.cases.case(site_id, apply.case_id.as_str()).await?.is_some(),
            is_number_free: is_own_number && is_own_case && self.stores.cases.case_by_number(&apply.number).await?.is_none(),
            matter: standing,
            staff: staff_standing,
            is_readable: content.is_some(),
            is_whole: matter.as_ref().zip(content.as_ref()).is_some_and(|(matter, content)| is_whole(matter, apply, content, day)),
            is_draft: apply.as_draft,
            bad_photos,
            working_days: self.working_days_since(day),
        };
        Ok(Application { facts, matter, staff, content, photos })
    }

    /// The matter under which an application is opened: as it was on that day where what was chosen fits that, else as the
    /// bag knew it.
    async fn matter_on(&self, site_id: &str, apply: &Apply, at: Millis) -> Answer<(Option<Matter>, MatterStanding)> {
        let never = (None, MatterStanding::NeverHere);
        let Some(current) = self.catalogue_row(site_id, apply.matter_id.as_str()).await? else { return Ok(never) };
        let now: Matter = serde_json::from_str(&current.doc)?;
        if !now.takes_cases() {
            return Ok(never);
        }
        let known = if apply.matter_version == now.version {
            Some(now.clone())
        } else {
            self.catalogue_version(site_id, apply.matter_id.as_str(), apply.matter_version).await?
        };
        let Some(known) = known else { return Ok(never) };
        let of_day = self.catalogue_at(site_id, &current, at).await?.unwrap_or_else(|| known.clone());
        let standing = match current.state.as_str() {
            "published" if of_day.version == known.version && now.version == known.version => MatterStanding::AsKnown,
            "published" => MatterStanding::Changed,
            _ => MatterStanding::Over,
        };
        let fits = of_day.situation_faults(&apply.situation_ids).is_empty();
        let chosen = if now.version == known.version || (fits && of_day.version == now.version) {
            now.clone()
        } else if fits {
            of_day
        } else {
            known
        };
        // A claimed matter is versioned above, and offered here under an id and on a delegation of its own.
        Ok((Some(Matter { id: now.id.clone(), claimed: now.claimed.clone(), ..chosen }), standing))
    }

    /// Whoever received, and whether that person might on that day. When an account was switched off is not known, so that
    /// one is nobody's; a last day is.
    async fn receiver(&self, site_id: &str, id: &str, at: Millis) -> Answer<(Option<StaffCaller>, StaffStanding)> {
        let nobody = (None, StaffStanding::NotThen);
        let Some(row) = self.stores.staff.staff(site_id, id).await?.filter(|row| row.active) else { return Ok(nobody) };
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        let caller = self.staff_caller(&row, Vec::new())?;
        let registers = caller.staff.roles.iter().any(|role| allowed(*role, Operation::RegisterCase).is_some());
        if !registers || !doc.has_access(at) {
            return Ok(nobody);
        }
        let standing = if doc.has_access(self.now()) { StaffStanding::Entitled } else { StaffStanding::EndedSince };
        Ok((Some(caller), standing))
    }

    /// Working days that began since a day; of a year that nobody loaded, every weekday.
    fn working_days_since(&self, day: NaiveDate) -> u32 {
        use chrono::Datelike as _;
        let today = local_date(self.now());
        let listing = self.directory.get();
        let works = |day: &NaiveDate| listing.calendar.works(*day).unwrap_or(day.weekday().number_from_monday() <= 5);
        let days = day.iter_days().skip(1).take_while(|day| *day <= today).take(AGE_DAYS_MAX);
        u32::try_from(days.filter(works).count()).unwrap_or(u32::MAX)
    }

    /// When an entry says that it was written, if that can be; else now.
    fn bag_time(&self, entry: &Entry) -> Millis {
        let now = self.now();
        let told = text_of(&entry.text).map_or(now, |text| text.at);
        if told.abs_diff(now) < TOLD_MS_MAX.unsigned_abs() { told } else { now }
    }

    /// Keeps an entry for review without taking anything of it; what came of its contents is held until somebody looked.
    async fn refuse_bag_entry(&self, device: &DeviceCaller, entry: &Entry, taken: u64, (code, words): Fault) -> Answer<()> {
        let mut row = self.entry_row(device, entry, self.bag_time(entry));
        (row.verdict, row.rule, row.text) = ("refused".to_owned(), Some(code.to_owned()), words.to_owned());
        if self.stores.keepers.keeper_entry(&row.site_id, &row.id).await?.is_some() {
            return Ok(());
        }
        let mut set = ChangeSet::new(&device.site_id);
        let facts = json!({ "entry": row.id, "why": code });
        set.events.push(device_event(&device.id, "keeper_entry_refused", &device.id, self.now(), facts));
        if let Some(text) = text_of(&entry.text) {
            for held in Self::held(&device.site_id, &row.id, &text.contents(), None) {
                set.row(held);
            }
        }
        self.commit_bag_entry(set, device, row, taken).await
    }

    async fn commit_bag_entry(&self, set: ChangeSet, device: &DeviceCaller, row: KeeperEntryRow, taken: u64) -> Answer<()> {
        self.commit_bag_entry_as(set, device, row, taken, false).await
    }

    /// Writes what becomes true with an entry, once: the counter of the bag names its place.
    async fn commit_bag_entry_as(
        &self,
        mut set: ChangeSet,
        device: &DeviceCaller,
        row: KeeperEntryRow,
        taken: u64,
        is_pressing: bool,
    ) -> Answer<()> {
        let (name, taken) = (Self::bag_counter(device), i64::try_from(taken).unwrap_or(i64::MAX));
        set.expect.push(Expect::Counter(name.clone(), taken));
        set.row(CounterRow { site_id: device.site_id.clone(), name, value: taken.max(row.number) });
        if row.verdict != "merged" {
            let mut alert = entry_alert(&row);
            if is_pressing {
                alert.level = "red".to_owned();
            }
            set.row(alert);
        }
        set.row(row);
        match self.commit(set).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) => {
                Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether what was chosen and filled in is whole under a version of the matter.
fn is_whole(matter: &Matter, apply: &Apply, content: &ApplyContent, day: NaiveDate) -> bool {
    let form_fits = matter.form_schema.as_ref().is_none_or(|schema| schema.faults(&content.form, false, &[], day).is_empty());
    form_fits && matter.situation_faults(&apply.situation_ids).is_empty()
}
