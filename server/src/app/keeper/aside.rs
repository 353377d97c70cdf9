//! Entries of a keeper's journal of which nothing is taken into the hall: refused ones, and what it says of its clock. Each
//! is kept as it came, for somebody to look at.

use domain::time::{DAY_MS, Millis};
use protocol::keeper::{Entry, EntryText};

use super::journal::{ALTERED, Fault};
use super::lost::device_of;
use super::review::entry_alert;
use crate::app::App;
use crate::app::caller::DeviceCaller;
use crate::app::devices::device_event;
use crate::app::error::{Answer, AppError};
use crate::store::{ChangeSet, CounterRow, Expect, KeeperEntryRow, Row, StoreError};

/// What a refused entry says of its time is shown where it is no further away.
const TOLD_MS_MAX: Millis = 366 * DAY_MS;

/// What becomes of an entry of which nothing is taken into the hall.
pub(super) struct Verdict {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) words: String,
}

impl Verdict {
    pub(super) fn refused((code, words): Fault) -> Self {
        Self { name: "refused", code, words: words.to_owned() }
    }
}

impl App {
    /// The row of an entry of which nothing is taken into the hall.
    fn aside_row(&self, device: &DeviceCaller, entry: &Entry, verdict: &Verdict) -> KeeperEntryRow {
        let row = self.entry_row(device, entry, self.told_time(entry));
        let Verdict { name, code, words } = verdict;
        KeeperEntryRow { verdict: (*name).to_owned(), rule: Some((*code).to_owned()), text: words.clone(), ..row }
    }

    /// The same with what tells somebody to look at it.
    pub(super) fn aside_rows(&self, device: &DeviceCaller, entry: &Entry, verdict: &Verdict) -> [Row; 2] {
        let row = self.aside_row(device, entry, verdict);
        [entry_alert(&row).into(), row.into()]
    }

    /// When a refused entry says that it was decided, if that can be; else now.
    fn told_time(&self, entry: &Entry) -> Millis {
        let now = self.now();
        let told = serde_json::from_str::<EntryText>(&entry.text).map_or(now, |text| text.decision.at);
        if told.abs_diff(now) < TOLD_MS_MAX.unsigned_abs() { told } else { now }
    }

    /// Keeps an entry for review without taking anything of it.
    pub(super) async fn refuse_entry(&self, device: &DeviceCaller, entry: &Entry, taken: u64, fault: Fault) -> Answer<()> {
        self.keep_aside(device, entry, taken, &Verdict::refused(fault), true).await
    }

    /// An entry of a file that nothing proves: whoever carries it, the genuine one may still come under its number.
    pub(super) async fn refuse_unproved(&self, device: &DeviceCaller, entry: &Entry) -> Answer<u64> {
        let taken = self.keeper_taken(device).await?;
        self.keep_aside(device, entry, taken, &Verdict::refused(ALTERED), false).await?;
        Ok(taken)
    }

    /// `is_in_place` where it stands for its number, so that the next one goes on behind it.
    pub(super) async fn keep_aside(
        &self,
        device: &DeviceCaller,
        entry: &Entry,
        taken: u64,
        verdict: &Verdict,
        is_in_place: bool,
    ) -> Answer<()> {
        let row = self.aside_row(device, entry, verdict);
        if self.stores.keepers.keeper_entry(&row.site_id, &row.id).await?.is_some() {
            return Ok(());
        }
        let mut set = ChangeSet::new(&device.site_id);
        let (name, taken) = (Self::taken_counter(&device.id), i64::try_from(taken).unwrap_or(i64::MAX));
        set.expect.push(Expect::Counter(name.clone(), taken));
        if is_in_place {
            set.row(CounterRow { site_id: device.site_id.clone(), name, value: taken.max(row.number) });
        }
        let facts = serde_json::json!({ "entry": row.id, "why": row.rule });
        let kind = if row.verdict == "refused" { "keeper_entry_refused" } else { "keeper_clock_corrected" };
        set.events.push(device_event(device_of(&device.id), kind, device_of(&device.id), self.now(), facts));
        set.row(entry_alert(&row));
        set.row(row);
        match self.commit(set).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict(_)) => Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" }),
            Err(error) => Err(error.into()),
        }
    }
}
