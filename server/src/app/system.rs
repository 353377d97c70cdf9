//! The house as those who run it see it: version, disk, database, backups, keys, what is owed and what could
//! not be carried out. Tells ids of keys, never a key.

use domain::ids::{CaseId, CertificateId, NotificationId};
use domain::time::{Millis, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::Answer;
use super::upstream::REFUSED;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFact {
    /// When, UTC milliseconds.
    pub at: Millis,
    /// Size of its file.
    pub bytes: u64,
    /// Name of its file.
    pub file: Option<String>,
}

/// A master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFact {
    /// Names it without telling anything of it.
    pub id: String,
    /// When it was made, UTC milliseconds; `None` when nobody wrote it down.
    pub made_at: Option<Millis>,
}

/// What the machine says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineFacts {
    /// Bytes free on the disk of the data folder.
    pub free_bytes: Option<u64>,
    /// Bytes of that disk.
    pub total_bytes: Option<u64>,
    /// Whether this program makes the backups; a database server has tools of its own.
    pub backs_up: bool,
    /// The last backup.
    pub last_backup: Option<BackupFact>,
    /// The keys, the oldest first; the last one seals.
    pub keys: Vec<KeyFact>,
}

/// The machine below the service.
pub trait Machine: std::fmt::Debug + Send + Sync {
    /// How it is now.
    fn facts(&self) -> MachineFacts;
}

/// No machine: a service inside a test.
#[derive(Debug, Clone, Copy)]
pub struct NoMachine;

impl Machine for NoMachine {
    fn facts(&self) -> MachineFacts {
        MachineFacts::default()
    }
}

/// The disk of the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiskView {
    /// Bytes free for this program; null where the machine does not say.
    pub free_bytes: Option<u64>,
    /// All bytes.
    pub total_bytes: Option<u64>,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatabaseView {
    /// `sqlite`, `postgresql` or `memory`.
    pub kind: String,
    /// Bytes it takes.
    pub bytes: Option<i64>,
    /// Whether it takes a write now.
    pub healthy: bool,
}

/// Backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BackupView {
    /// Whether `yichuang backup` makes them; a database server's own tools are not seen from here.
    pub by_program: bool,
    /// When the last one was made, RFC 3339.
    pub last_at: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Name of its file.
    pub file: Option<String>,
}

/// Side effects of a kind that are owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwedView {
    /// `notify`, `upload`, `print`, …
    pub kind: String,
    /// Not done yet.
    pub pending: i64,
    /// Given up by the program; a person decides.
    pub dead: i64,
}

/// A master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyView {
    /// Names it without telling anything of it.
    pub id: String,
    /// When it was made, RFC 3339; null when nobody wrote it down.
    pub made_at: Option<String>,
    /// Whether it seals what is new.
    pub seals: bool,
}

/// The house as it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SystemView {
    /// Version of the program.
    pub version: String,
    /// Now, RFC 3339.
    pub now: String,
    /// Since when this process serves, RFC 3339.
    pub started_at: String,
    /// The disk of the data folder.
    pub disk: DiskView,
    /// The database.
    pub database: DatabaseView,
    /// Backups.
    pub backup: BackupView,
    /// What is owed, by kind.
    pub outbox: Vec<OwedView>,
    /// The master keys, the oldest first.
    pub keys: Vec<KeyView>,
}

/// Something that was not carried out, for a person to decide about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadLetterView {
    /// `notification`, `upload` or `report`.
    pub kind: String,
    /// The message, the certificate that was not uploaded, or the row that the platform above refused.
    pub id: String,
    /// The site.
    pub site_id: String,
    /// What it is about, for people; no personal data.
    pub text: String,
    /// `sms`, `email`, …, for messages.
    pub channel: Option<String>,
    /// Code of the last fault.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: Option<i64>,
    /// Since when a person is asked, RFC 3339.
    pub since: String,
}

impl App {
    /// How the house runs.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub async fn system(&self, _permit: &Permit) -> Answer<SystemView> {
        let healthy = self.stores.commit.ping().await.is_ok();
        let machine = self.machine.clone();
        // The disk may be a slow one, somewhere in the network.
        let facts = tokio::task::spawn_blocking(move || machine.facts()).await.unwrap_or_default();
        let mut outbox: Vec<OwedView> = Vec::new();
        for (kind, state, count) in self.stores.outbox.outbox_depth().await? {
            if outbox.last().is_none_or(|last| last.kind != kind) {
                outbox.push(OwedView { kind, pending: 0, dead: 0 });
            }
            if let Some(last) = outbox.last_mut() {
                *(if state == "dead" { &mut last.dead } else { &mut last.pending }) += count;
            }
        }
        let newest = facts.keys.len().saturating_sub(1);
        let key = |(place, key): (usize, KeyFact)| KeyView { id: key.id, made_at: key.made_at.map(rfc3339), seals: place == newest };
        Ok(SystemView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now: rfc3339(self.now()),
            started_at: rfc3339(self.started_at),
            disk: DiskView { free_bytes: facts.free_bytes, total_bytes: facts.total_bytes },
            database: DatabaseView { kind: self.stores.house.kind().to_owned(), bytes: self.stores.house.size_bytes().await?, healthy },
            backup: BackupView {
                by_program: facts.backs_up,
                last_at: facts.last_backup.as_ref().map(|last| rfc3339(last.at)),
                bytes: facts.last_backup.as_ref().map(|last| last.bytes),
                file: facts.last_backup.and_then(|last| last.file),
            },
            outbox,
            keys: facts.keys.into_iter().enumerate().map(key).collect(),
        })
    }

    /// What was not carried out at a site and waits for a person, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn dead_letters(&self, permit: &Permit) -> Answer<Vec<DeadLetterView>> {
        let site_id = permit.site_id();
        let mut alerts = self.stores.cases.alerts(site_id).await?;
        alerts.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        let mut found: Vec<DeadLetterView> = Vec::new();
        for alert in alerts {
            let view = |kind: &str, id: String| DeadLetterView {
                kind: kind.to_owned(),
                id,
                site_id: site_id.to_owned(),
                text: alert.text.clone(),
                channel: None,
                error: None,
                attempts: None,
                since: rfc3339(alert.at),
            };
            match alert.kind.as_str() {
                "notification_failed" => {
                    let rows = self.stores.cases.notifications(site_id, &alert.object_id).await?;
                    for row in rows.into_iter().filter(|row| row.state == "failed" && NotificationId::parse(&row.id).is_some()) {
                        if found.iter().all(|known| known.id != row.id) {
                            let told = view("notification", row.id);
                            let channel = Some(row.channel);
                            found.push(DeadLetterView { channel, error: row.last_error, attempts: Some(row.attempts), ..told });
                        }
                    }
                }
                "upload_failed" if CaseId::parse(&alert.object_id).is_some() => {
                    let case = self.case_of_site(site_id, &alert.object_id).await?;
                    let failed = case.certificate.filter(|certificate| certificate.upload == domain::case::Upload::Failed);
                    let id = failed.map(|certificate| CertificateId::to_string(&certificate.id));
                    if let Some(id) = id.filter(|id| found.iter().all(|known| known.id != *id)) {
                        found.push(view("upload", id));
                    }
                }
                REFUSED => {
                    for row in self.stores.upstream.reported_of(site_id, &alert.object_id).await? {
                        if row.state == "refused" && found.iter().all(|known| known.id != row.id) {
                            let told = view("report", row.id);
                            found.push(DeadLetterView { error: row.last_error, attempts: Some(row.attempts), ..told });
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }
}
