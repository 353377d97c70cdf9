//! The data folder: its lock, its key, its store.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use super::settings::Settings;
use super::{EXIT_IN_USE, Failed, SystemClock, SystemEntropy, failed};
use crate::app::{App, AppSettings};
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

/// The master key beside the data; a new one is drawn for an empty folder only.
pub(super) fn master_key(data: &Path, entropy: &dyn Entropy) -> Result<Vault, Failed> {
    let file = data.join("master.key");
    if !file.exists() && !data.join("yichuang.db").exists() {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        write_key(&file, &key).map_err(|error| failed(format!("{}：{error}", file.display())))?;
    }
    key_of(data)
}

/// The master key that is there.
pub(super) fn key_of(data: &Path) -> Result<Vault, Failed> {
    let file = data.join("master.key");
    let bytes = std::fs::read(&file).map_err(|error| failed(format!("读不到密钥 {}：{error}", file.display())))?;
    let key: [u8; 32] = bytes.try_into().map_err(|_| failed(format!("{} 不是 32 字节的密钥", file.display())))?;
    Vault::new(&key).map_err(failed)
}

fn write_key(file: &Path, key: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(key)?;
    file.sync_all()
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
            AppSettings { public_url, cases: settings.cases() },
        );
        Ok(Self { app: app.await.map_err(failed)?, store, _lock: lock })
    }
}
