//! Matters as they live: what a site offers of its own and from above, drafts beside what is in force, versions,
//! claims, and what time does to them.
//!
//! Every change of what a site offers names and moves the site's counter of catalogue changes, so two of them never
//! overwrite each other, and whoever keeps the catalogue in memory sees that it moved on.

mod claims;
mod content;
mod dates;
mod draft_shapes;
mod drafts;
mod guide_files;
mod here;
mod retire;
mod versions;
mod watch;

pub use claims::{ClaimEndRequest, ClaimRequest, ClaimUpdateRequest, ClaimView};
pub use draft_shapes::{DraftAction, DraftActionRequest, DraftBeginRequest, DraftRequest, DraftSummary, DraftView, NewMatterRequest};
pub use guide_files::{GuideFileUse, GuideFileView};
pub use retire::RetireRequest;
pub use versions::{CompareView, ComparedFieldView, MatterHistoryView, MatterVersionView, VersionsView};

pub(super) use dates::out_of_dates;
pub(super) use drafts::{counter_of, refused, staff_of};
pub(super) use guide_files::guide_file_url;
pub(super) use here::CatalogueStamp;
pub(super) use versions::with_names;

use domain::catalogue::{Matter, MatterState};
use domain::time::Millis;
use serde_json::{Value, json};

use super::catalogue_import::IMPORTS;
use super::error::Answer;
use crate::store::{ChangeSet, CounterRow, Expect, MatterRow, MatterVersionRow, NewEvent};

/// The aggregate of everything about a matter, in the log.
pub(super) const AGGREGATE: &str = "matter";
/// Who acts when time does, in the log.
const SYSTEM: &str = "system";

/// A matter's word for its state, in the store.
pub(super) fn state_word(state: MatterState) -> &'static str {
    match state {
        MatterState::Published => "published",
        MatterState::Retired => "retired",
    }
}

/// The rows of a matter's version, which becomes its newest.
pub(super) fn matter_rows(site_id: &str, matter: &Matter, line_id: Option<String>, now: Millis) -> Answer<(MatterVersionRow, MatterRow)> {
    let doc = serde_json::to_string(matter)?;
    let version = i64::from(matter.version);
    let kept = MatterVersionRow { site_id: site_id.to_owned(), id: matter.id.to_string(), version, at: now, doc: doc.clone() };
    Ok((kept, newest_row(site_id, matter, line_id, doc)))
}

fn newest_row(site_id: &str, matter: &Matter, line_id: Option<String>, doc: String) -> MatterRow {
    MatterRow {
        site_id: site_id.to_owned(),
        id: matter.id.to_string(),
        code: matter.code.clone(),
        version: i64::from(matter.version),
        state: state_word(matter.state).to_owned(),
        name: matter.name.clone(),
        department_id: matter.department_id.to_string(),
        line_id,
        search: matter.search_keys().encode(),
        doc,
    }
}

/// An event about a matter, free of personal data.
fn event(id: &str, kind: &str, actor: &str, at: Millis, mut body: Value) -> NewEvent {
    body["type"] = json!(kind);
    NewEvent {
        aggregate: AGGREGATE,
        aggregate_id: id.to_owned(),
        kind: kind.to_owned(),
        actor: actor.to_owned(),
        at,
        body: body.to_string(),
    }
}

/// Names and moves the counter of a site's catalogue changes.
pub(super) fn move_catalogue(set: &mut ChangeSet, changes: i64) {
    set.expect.push(Expect::Counter(IMPORTS.to_owned(), changes));
    set.row(CounterRow { site_id: set.site_id.clone(), name: IMPORTS.to_owned(), value: changes + 1 });
}
