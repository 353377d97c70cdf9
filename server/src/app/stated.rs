//! A document as a row of versions in a site's log: the newest event holds all of it. The version is a counter that
//! whoever writes a new one names, so that nobody overwrites what he has not seen. Knows no document's content.

use domain::time::Millis;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::App;
use super::error::{Answer, AppError};
use crate::store::{ChangeSet, CounterRow, Expect, NewEvent};

/// A document in one version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stated<T> {
    #[serde(rename = "type")]
    kind: String,
    /// From 1.
    pub(super) version: i64,
    pub(super) content: T,
}

/// The counter that holds the version of a document.
pub(super) fn counter_of(aggregate: &str, document: &str) -> String {
    format!("{aggregate}:{document}")
}

impl App {
    /// The newest version at an instant.
    pub(super) async fn stated<T: DeserializeOwned>(
        &self,
        site_id: &str,
        aggregate: &str,
        document: &str,
        at: Millis,
    ) -> Answer<Option<Stated<T>>> {
        let logged = self.stores.events.newest_of(site_id, aggregate, document, at).await?;
        Ok(logged.map(|logged| serde_json::from_str(&logged.body)).transpose()?)
    }

    /// The change-set of a new version that follows on `before`.
    pub(super) fn stated_set(
        &self,
        site_id: &str,
        actor: &str,
        (aggregate, document): (&'static str, &str),
        before: i64,
        content: &impl Serialize,
    ) -> Answer<ChangeSet> {
        let kind = format!("{}_set", document.replace('-', "_"));
        self.stated_as(&kind, site_id, actor, (aggregate, document), before, content)
    }

    /// The same, its event called otherwise than its document.
    pub(super) fn stated_as(
        &self,
        kind: &str,
        site_id: &str,
        actor: &str,
        (aggregate, document): (&'static str, &str),
        before: i64,
        content: &impl Serialize,
    ) -> Answer<ChangeSet> {
        let kind = kind.to_owned();
        let counter = counter_of(aggregate, document);
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(counter.clone(), before));
        set.events.push(NewEvent {
            aggregate,
            aggregate_id: document.to_owned(),
            kind: kind.clone(),
            actor: actor.to_owned(),
            at: self.now(),
            body: serde_json::to_string(&Stated { kind, version: before + 1, content })?,
        });
        set.row(CounterRow { site_id: site_id.to_owned(), name: counter, value: before + 1 });
        Ok(set)
    }
}

/// Whoever names the version that he changes must have seen the newest.
pub(super) fn seen(code: &str, named: Option<i64>, newest: i64) -> Answer<()> {
    match named {
        Some(named) if named != newest => Err(AppError::refused(code, "别人刚改过，请先看看新的再改")),
        _ => Ok(()),
    }
}
