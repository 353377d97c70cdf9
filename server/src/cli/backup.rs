//! `backup` beside a running server, and `restore` into a folder that nobody uses. A backup holds no key: whoever
//! steals it reads no personal data, and whoever loses the key has lost that data too.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::machine::{LAST_BACKUP, LastBackup};
use super::settings::{DataFlags, ServeFlags, Settings, read};
use super::{EXIT_BAD_INPUT, Failed, SystemClock, data, failed};
use crate::app::Clock;
use crate::store::sql::{CopyFacts, begin_epoch, copy_facts, copy_to};

const DATABASE: &str = "yichuang.db";

/// Flags of `backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 备份写到哪个文件；已经有的不覆盖
    file: PathBuf,
}

/// Flags of `restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 从哪个备份恢复
    file: PathBuf,
    /// 数据文件夹里已经有数据也恢复；原来的改名留着
    #[arg(long)]
    replace: bool,
}

fn bad(message: impl std::fmt::Display) -> Failed {
    Failed::new(EXIT_BAD_INPUT, message.to_string())
}

/// A path with a word behind its name.
fn beside(file: &Path, word: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(word);
    PathBuf::from(name)
}

/// Makes a file and its name survive a power cut.
fn settle(part: &Path, file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(part, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    File::open(part)?.sync_all()?;
    std::fs::rename(part, file)?;
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

/// Writes down when the last backup was made, for the page of those who run the house.
fn note_backup(data: &Path, file: &Path) -> std::io::Result<()> {
    let bytes = std::fs::metadata(file)?.len();
    let note = LastBackup { at: SystemClock.now(), bytes, file: file.file_name().map(|name| name.to_string_lossy().into_owned()) };
    let (part, place) = (data.join(format!("{LAST_BACKUP}.part")), data.join(LAST_BACKUP));
    std::fs::write(&part, serde_json::to_vec(&note)?)?;
    std::fs::rename(part, place)
}

fn on_sqlite(settings: &Settings) -> Result<PathBuf, Failed> {
    if settings.database.is_some() {
        return Err(bad("数据在 PostgreSQL 里：用 pg_dump 备份、pg_restore 恢复，主密钥 master.key 另外存"));
    }
    Ok(settings.data.join(DATABASE))
}

fn told(file: &Path, facts: &CopyFacts) -> Result<(), Failed> {
    let bytes = std::fs::metadata(file).map_err(failed)?.len();
    println!("{}", json!({ "file": file, "bytes": bytes, "sites": facts.sites, "events": facts.events, "key_ids": facts.key_ids }));
    Ok(())
}

pub(super) fn backup(args: &BackupArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let database = on_sqlite(&settings)?;
    if !database.exists() {
        return Err(bad(format!("{} 里没有数据", settings.data.display())));
    }
    if args.file.exists() {
        return Err(bad(format!("{} 已经有了，不覆盖；换个名字", args.file.display())));
    }
    let part = beside(&args.file, ".part");
    let _ = std::fs::remove_file(&part);
    let written = copy_to(&database, &part).and_then(|()| copy_facts(&part)).map_err(failed);
    let done = written.and_then(|facts| {
        settle(&part, &args.file).map_err(|error| failed(format!("{}：{error}", args.file.display())))?;
        if let Err(error) = note_backup(&settings.data, &args.file) {
            // The backup is there; only the page does not know.
            tracing::warn!(%error, "the backup was not written down");
        }
        told(&args.file, &facts)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

pub(super) async fn restore(args: &RestoreArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let database = on_sqlite(&settings)?;
    let _lock = data::lock(&settings.data)?;
    let facts = copy_facts(&args.file).map_err(|error| bad(format!("{} 不是完好的备份：{error}", args.file.display())))?;
    let vault = data::key_of(&settings.data).map_err(|error| {
        bad(format!("{}；先把备份时的 master.key 放进 {}（密钥号 {}）", error.message, settings.data.display(), facts.key_ids.join("、")))
    })?;
    let here = vault.key_ids();
    let missing: Vec<&str> = facts.key_ids.iter().map(String::as_str).filter(|id| !here.contains(id)).collect();
    if !missing.is_empty() {
        return Err(bad(format!("备份里的数据是用密钥 {} 封的，这里的 master.key 是 {}，打不开", missing.join("、"), here.join("、"))));
    }
    if database.exists() && !args.replace {
        return Err(bad(format!("{} 里已经有数据；真要换成备份就加 --replace，原来的改名留着", settings.data.display())));
    }
    let part = beside(&database, ".part");
    std::fs::copy(&args.file, &part).map_err(|error| failed(format!("{}：{error}", part.display())))?;
    begin_epoch(&part).map_err(failed)?;
    keep_old(&database).map_err(failed)?;
    settle(&part, &database).map_err(failed)?;
    data::open(&settings, &vault).await?.close().await;
    told(&database, &facts)
}

/// The database that was there, with its log files, under a name that says when it was put away.
fn keep_old(database: &Path) -> std::io::Result<()> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    for end in ["", "-wal", "-shm"] {
        let file = beside(database, end);
        if file.exists() {
            std::fs::rename(&file, beside(database, &format!(".before-{since}{end}")))?;
        }
    }
    Ok(())
}
