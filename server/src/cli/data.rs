//! The data folder: its lock, its key, its store.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::settings::Settings;
use super::{EXIT_IN_USE, Failed, SystemClock, SystemEntropy, failed};
use crate::app::{App, AppSettings, Clock};
use crate::key_ring::KeyRing;
use crate::store::sql::SqlStore;
use crate::store::{StoreError, Stores};
use crate::vault::{Entropy, Vault};

/// The lock of a data folder, held while the value lives.
pub(super) fn lock(data: &Path) -> Result<File, Failed> {
    std::fs::create_dir_all(data).map_err(|error| failed(format!("{}：{error}", data.display())))?;
    let file = File::create(data.join("data.lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failed::new(EXIT_IN_USE, format!("{} 正在被另一个一窗使用，先把那个停下", data.display()))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The key ring's file beside the data.
const KEYS: &str = "master.key";

/// The master keys beside the data; a new one is drawn for an empty folder only.
pub(super) fn master_key(data: &Path, entropy: &dyn Entropy) -> Result<Vault, Failed> {
    let file = data.join(KEYS);
    if !file.exists() && !data.join("yichuang.db").exists() {
        let ring = KeyRing::fresh(entropy, SystemClock.now());
        write_ring(data, &ring).map_err(|error| failed(format!("{}：{error}", file.display())))?;
    }
    key_of(data)
}

/// The master keys that are there, as what seals and opens.
pub(super) fn key_of(data: &Path) -> Result<Vault, Failed> {
    ring_of(data)?.vault().map_err(failed)
}

/// The master keys that are there.
pub(super) fn ring_of(data: &Path) -> Result<KeyRing, Failed> {
    let file = data.join(KEYS);
    let bytes = std::fs::read(&file).map_err(|error| failed(format!("读不到密钥 {}：{error}", file.display())))?;
    // The first key of an installation says nowhere when it was made but by its file.
    let written = std::fs::metadata(&file).and_then(|facts| facts.modified()).ok();
    let made_at = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).and_then(|since| i64::try_from(since.as_millis()).ok());
    KeyRing::read(&bytes, made_at).map_err(|_| failed(format!("{} 既不是 32 字节的密钥，也不是密钥串", file.display())))
}

/// Whether a key ring is there.
pub(super) fn has_ring(data: &Path) -> bool {
    data.join(KEYS).exists()
}

/// Puts a key ring in place, whole or not at all.
pub(super) fn write_ring(data: &Path, ring: &KeyRing) -> std::io::Result<()> {
    use std::io::Write;
    let bytes = ring.to_file().map_err(std::io::Error::other)?;
    let (part, file) = (data.join(format!("{KEYS}.part")), data.join(KEYS));
    let _ = std::fs::remove_file(&part);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&part)?;
    written.write_all(&bytes)?;
    written.sync_all()?;
    std::fs::rename(&part, &file)?;
    // A name that a power cut takes back would be a key lost.
    #[cfg(unix)]
    File::open(data)?.sync_all()?;
    Ok(())
}

/// Refuses data that was sealed under keys that are not here: it could not be opened any more.
pub(super) async fn refuse_missing_keys(stores: &Stores, vault: &Vault) -> Result<(), Failed> {
    let here = vault.key_ids();
    let named = stores.house.sealed_key_ids().await.map_err(failed)?;
    let missing: Vec<String> = named.into_iter().filter(|id| !here.contains(&id.as_str())).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(failed(format!(
        "数据里有用密钥 {} 封的内容，这里的 master.key 里没有它（只有 {}），打不开；请从保险柜的副本恢复（yichuang keys import），再启动",
        missing.join("、"),
        here.join("、")
    )))
}

/// Opens the store to write, with its tables brought up to date.
pub(super) async fn open(settings: &Settings, vault: &Vault) -> Result<SqlStore, Failed> {
    match &settings.database {
        Some(url) => SqlStore::postgres(url, vault.chain()).await,
        None => SqlStore::sqlite(&settings.data.join("yichuang.db"), vault.chain()).await,
    }
    .map_err(|error| match &error {
        StoreError::Database(inside) if inside.starts_with("migration") => {
            failed(format!("{} 里的数据是另一个版本的一窗建的，这个版本打不开（{inside}）", settings.data.display()))
        }
        _ => failed(error),
    })
}

/// Opens the store only to read, also beside a running server.
pub(super) async fn open_to_read(settings: &Settings, vault: &Vault) -> Result<SqlStore, Failed> {
    match &settings.database {
        Some(url) => SqlStore::postgres_to_read(url, vault.chain()).await,
        None => SqlStore::sqlite_to_read(&settings.data.join("yichuang.db"), vault.chain()).await,
    }
    .map_err(failed)
}

/// The data folder, locked, with the use cases on it and nothing served.
pub(super) struct Closed {
    /// The use cases.
    pub(super) app: App,
    /// The store, to be closed.
    pub(super) store: SqlStore,
    _lock: File,
}

impl Closed {
    /// Takes the data folder.
    ///
    /// # Errors
    /// When it is in use or cannot be opened.
    pub(super) async fn take(settings: &Settings) -> Result<Self, Failed> {
        let lock = lock(&settings.data)?;
        let entropy = Arc::new(SystemEntropy::default());
        let vault = master_key(&settings.data, entropy.as_ref())?;
        let store = open(settings, &vault).await?;
        let public_url = settings.public_url.clone().unwrap_or_default();
        let app = App::start(
            Stores::of(Arc::new(store.clone())),
            Arc::new(SystemClock),
            entropy,
            vault,
            AppSettings { public_url, cases: settings.cases(), drafts: settings.drafts(), film_bytes_max: settings.film_bytes_max() },
        );
        Ok(Self { app: app.await.map_err(failed)?, store, _lock: lock })
    }
}
