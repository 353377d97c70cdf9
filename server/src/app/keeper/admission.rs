//! Which kiosks may keep a hall, and where the hall's devices find them. A keeper is told names, PINs and token hashes,
//! and every device of the hall shows its token to it when the line is cut, so neither is a device's own word: a person
//! admits the kiosk, and its address is taken by itself only where it is the address that the session comes from.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::devices::device_event;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, KeeperRow};

/// Longest address of a keeper, in bytes.
const ADDRESS_BYTES_MAX: usize = 200;

/// Body of `PUT /sites/{site}/keeper/candidates/{device}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmitRequest {
    /// Whether the kiosk may keep the hall.
    pub allowed: bool,
    /// The address as the person saw it, where it is to be confirmed.
    #[serde(default)]
    pub address: Option<String>,
}

/// The host of `http://host:port` with nothing behind it.
fn host_of(address: &str) -> Option<&str> {
    let (host, port) = address.strip_prefix("http://")?.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte));
    is_host.then_some(host.trim_start_matches('[').trim_end_matches(']'))
}

fn ip_of(address: &str) -> Option<IpAddr> {
    host_of(address)?.parse().ok()
}

/// What can be the address of a keeper; everything else is as good as none.
fn usable(address: Option<&String>) -> Option<String> {
    let is_somewhere = |address: &str| host_of(address).is_some() && ip_of(address).is_none_or(|ip| !ip.is_unspecified());
    address.filter(|address| address.len() <= ADDRESS_BYTES_MAX && is_somewhere(address)).cloned()
}

/// A keeper's row with what the kiosk says of its address. `peer` is where its session comes from, `None` behind a proxy.
pub(super) fn with_address(row: KeeperRow, told: Option<&String>, peer: Option<IpAddr>) -> KeeperRow {
    let told = usable(told);
    let is_own = peer.is_some() && told.as_deref().and_then(ip_of) == peer;
    if is_own || told.is_none() {
        KeeperRow { address: told, claimed: None, ..row }
    } else if told == row.address {
        KeeperRow { claimed: None, ..row }
    } else {
        KeeperRow { claimed: told, ..row }
    }
}

/// The same with an address that a person confirmed; one that is not the one claimed confirms nothing.
pub(super) fn confirmed(row: KeeperRow, seen: Option<&String>) -> KeeperRow {
    if seen.is_some() && row.claimed.as_ref() == seen { KeeperRow { address: row.claimed, claimed: None, ..row } } else { row }
}

impl App {
    /// A person says whether a kiosk may keep the hall, and that an address is its own.
    ///
    /// # Errors
    /// A device that does not run as keeper; the keeper in office cannot be shut out.
    pub async fn admit_keeper(&self, permit: &Permit, device_id: &str, request: &AdmitRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let rows = self.stores.keepers.keepers(site_id).await?;
                let Some(row) = rows.into_iter().find(|row| row.device_id == device_id) else {
                    return Err(AppError::refused("not_a_keeper", "这台取号机没有以守门机方式运行（启动时加 --keeper）"));
                };
                if row.is_keeper && !request.allowed {
                    return Err(AppError::refused("in_office", "它现在是守门机，先换一台或改由中心办"));
                }
                let row = KeeperRow { allowed: request.allowed, ..confirmed(row, request.address.as_ref()) };
                let name = format!("keeper/{site_id}");
                let version = self.stores.sites.counter(site_id, &name).await?;
                let mut set = ChangeSet::new(site_id);
                set.expect.push(Expect::Counter(name.clone(), version));
                set.row(CounterRow { site_id: site_id.to_owned(), name, value: version + 1 });
                let facts = json!({ "allowed": row.allowed, "address": row.address });
                set.events.push(device_event(device_id, "keeper_admitted", permit.caller().actor(), self.now(), facts));
                set.row(row);
                Ok((set, Outcome::success(200, Some(device_id.to_owned()), serde_json::Value::Null)))
            })
            .await?;
        self.office_told(site_id, outcome).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(address: Option<&str>, claimed: Option<&str>) -> KeeperRow {
        KeeperRow {
            site_id: "s".into(),
            device_id: "d".into(),
            series: "K".into(),
            public_key: String::new(),
            address: address.map(Into::into),
            claimed: claimed.map(Into::into),
            allowed: true,
            term: 0,
            is_keeper: false,
            since: 0,
        }
    }

    #[test]
    fn an_address_is_taken_only_where_the_session_comes_from_it() {
        let peer = |text: &str| text.parse().ok();
        let told = |address: &str, peer: Option<IpAddr>| with_address(row(None, None), Some(&address.to_owned()), peer);
        assert_eq!(told("http://192.168.1.10:8090", peer("192.168.1.10")), row(Some("http://192.168.1.10:8090"), None));
        assert_eq!(told("http://[fd00::1]:8090", peer("fd00::1")), row(Some("http://[fd00::1]:8090"), None));
        let others = [
            ("http://10.0.0.66:80", peer("192.168.1.10")),
            ("http://192.168.1.10:8090", None),
            ("http://kiosk.hall:8090", peer("192.168.1.10")),
        ];
        for (address, seen) in others {
            assert_eq!(told(address, seen), row(None, Some(address)), "somebody must confirm it");
        }
        for nonsense in ["https://192.168.1.10:1", "http://192.168.1.10:1/x", "http://0.0.0.0:1", "http://a@1.1.1.1:1"] {
            assert_eq!(told(nonsense, None), row(None, None), "{nonsense}");
        }
    }

    #[test]
    fn another_claim_leaves_the_confirmed_address_and_is_confirmed_only_as_it_was_seen() {
        let (known, other) = ("http://192.168.1.10:8090".to_owned(), "http://10.0.0.66:80".to_owned());
        let claimed = with_address(row(Some(&known), None), Some(&other), None);
        assert_eq!(claimed, row(Some(&known), Some(&other)));
        assert_eq!(with_address(claimed.clone(), Some(&known), None), row(Some(&known), None), "it is back at its own");
        assert_eq!(confirmed(claimed.clone(), Some(&"http://10.0.0.67:80".to_owned())), claimed);
        assert_eq!(confirmed(claimed, Some(&other)), row(Some(&other), None));
    }
}
