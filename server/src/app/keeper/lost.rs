//! A keeper whose journal was damaged begins another one, under fresh letters: it does not know which numbers it gave and
//! nobody was told. What it had not handed over stays a chain of its own, by the letters of then, which a person brings in
//! as a file; it is of a term that is over, whatever becomes of the device. So no number is given twice, and none is lost
//! that can still be read.

use protocol::keeper::{Entry, EntryText};
use serde_json::json;

use crate::app::App;
use crate::app::caller::DeviceCaller;
use crate::app::devices::device_event;
use crate::app::error::Answer;
use crate::store::{ChangeSet, CounterRow, KeeperRow};

/// Between a device and the letters of a chain that it lost; no device id has it.
const MARK: char = '~';

/// The device of a chain, which for the one it writes now is that device itself.
pub(super) fn device_of(chain: &str) -> &str {
    chain.split_once(MARK).map_or(chain, |(device, _)| device)
}

/// Whether a chain was lost: nothing of it comes by the line any more.
pub(super) fn is_lost(chain: &str) -> bool {
    chain.contains(MARK)
}

/// The chain that a device wrote under letters that it lost.
pub(super) fn lost_chain(device_id: &str, series: &str) -> String {
    format!("{device_id}{MARK}{series}")
}

impl App {
    /// The journal of a device so far becomes a chain of its own, as far as it was taken.
    pub(super) async fn retire_chain(&self, set: &mut ChangeSet, own: &KeeperRow) -> Answer<()> {
        let (site_id, chain) = (&own.site_id, lost_chain(&own.device_id, &own.series));
        let taken = self.stores.sites.counter(site_id, &Self::taken_counter(&own.device_id)).await?;
        set.row(CounterRow { site_id: site_id.clone(), name: Self::taken_counter(&chain), value: taken });
        let facts = json!({ "series": own.series, "taken": taken });
        set.events.push(device_event(&own.device_id, "keeper_journal_lost", &own.device_id, self.now(), facts));
        set.row(KeeperRow { device_id: chain, is_keeper: false, address: None, claimed: None, ..own.clone() });
        Ok(())
    }

    /// Whose chain entries are that a person brings of a device: what it writes now, or one that it lost.
    pub(super) fn chain_of(device: &DeviceCaller, rows: &[KeeperRow], entries: &[Entry]) -> DeviceCaller {
        let series = |entry: &Entry| serde_json::from_str::<EntryText>(&entry.text).ok().map(|text| text.decision.series);
        let chain = entries.iter().find_map(series).map(|series| lost_chain(&device.id, &series));
        let known = chain.filter(|chain| rows.iter().any(|row| row.device_id == *chain));
        known.map_or_else(|| device.clone(), |id| DeviceCaller { id, ..device.clone() })
    }
}
