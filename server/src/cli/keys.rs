//! `keys`: a copy of the master keys for the safe, the way back from it, and a new key for what is sealed from
//! now on. Whoever loses the keys has lost the personal data; whoever leaves them about has given it away.

use std::fs::File;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, SystemClock, SystemEntropy, data, failed};
use crate::app::Clock as _;
use crate::key_ring::{KeyRing, RingError};
use crate::store::{ChangeSet, CommitStore as _, NewEvent, Stores};

/// Flags of `keys`.
#[derive(Debug, Clone, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum KeysCommand {
    /// 导出全部主密钥，用口令封住；口令从终端或标准输入读，至少 12 个字符
    Export {
        #[command(flatten)]
        data: DataFlags,
        /// 写到哪个文件；已经有的不覆盖
        file: PathBuf,
    },
    /// 从导出的文件恢复主密钥
    Import {
        #[command(flatten)]
        data: DataFlags,
        /// 导出的文件
        file: PathBuf,
        /// 已经有主密钥也换；原来的改名留着
        #[arg(long)]
        replace: bool,
    },
    /// 换一把新的主密钥：以后的内容用新的封，以前的仍用旧的打开
    Rotate {
        #[command(flatten)]
        data: DataFlags,
    },
}

fn bad(message: impl std::fmt::Display) -> Failed {
    Failed::new(EXIT_BAD_INPUT, message.to_string())
}

pub(super) async fn keys(args: &KeysArgs) -> Result<(), Failed> {
    match &args.command {
        KeysCommand::Export { data, file } => export(data, file),
        KeysCommand::Import { data, file, replace } => import(data, file, *replace),
        KeysCommand::Rotate { data } => rotate(data).await,
    }
}

fn told(ring: &KeyRing, file: &Path) -> String {
    let ids: Vec<&str> = ring.keys().iter().map(|key| key.id.as_str()).collect();
    json!({ "file": file, "key_ids": ids, "sealing_key_id": ids.last() }).to_string()
}

fn export(flags: &DataFlags, file: &Path) -> Result<(), Failed> {
    let settings = read(flags, &ServeFlags::default())?.settings;
    let _lock = data::lock(&settings.data)?;
    if !data::has_ring(&settings.data) {
        return Err(bad(format!("{} 里没有主密钥", settings.data.display())));
    }
    let ring = data::ring_of(&settings.data)?;
    let copy = ring.export(&SystemEntropy::default(), &passphrase(true)?).map_err(bad)?;
    let part = file.with_extension("part");
    if file.exists() || part.exists() {
        return Err(bad(format!("{} 已经有了，不覆盖；换个名字", file.display())));
    }
    let written = write_private(&part, &copy).and_then(|()| std::fs::rename(&part, file));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        failed(format!("{}：{error}", file.display()))
    })?;
    println!("{}", told(&ring, file));
    eprintln!("已导出 {} 把主密钥。文件和口令分开放：文件进保险柜，口令由另一个人保管。两样都丢，个人信息就打不开了", ring.keys().len());
    Ok(())
}

fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(file)?;
    written.write_all(bytes)?;
    written.sync_all()
}

fn import(flags: &DataFlags, file: &Path, replace: bool) -> Result<(), Failed> {
    let settings = read(flags, &ServeFlags::default())?.settings;
    let _lock = data::lock(&settings.data)?;
    let copy = std::fs::read(file).map_err(|error| bad(format!("{}：{error}", file.display())))?;
    let ring = KeyRing::import(&copy, &passphrase(false)?).map_err(|error| match error {
        RingError::NoRing => bad(format!("{} 不是 keys export 导出的文件", file.display())),
        other => bad(other),
    })?;
    if data::has_ring(&settings.data) {
        if !replace {
            return Err(bad(format!("{} 里已经有主密钥；真要换成文件里的就加 --replace，原来的改名留着", settings.data.display())));
        }
        let kept = settings.data.join(format!("master.key.before-{}", SystemClock.now() / 1000));
        std::fs::copy(settings.data.join("master.key"), &kept).map_err(|error| failed(format!("{}：{error}", kept.display())))?;
    }
    data::write_ring(&settings.data, &ring).map_err(|error| failed(format!("{}：{error}", settings.data.display())))?;
    println!("{}", told(&ring, &settings.data.join("master.key")));
    Ok(())
}

async fn rotate(flags: &DataFlags) -> Result<(), Failed> {
    let settings = read(flags, &ServeFlags::default())?.settings;
    let _lock = data::lock(&settings.data)?;
    if !data::has_ring(&settings.data) {
        return Err(bad(format!("{} 里没有主密钥", settings.data.display())));
    }
    let before = data::ring_of(&settings.data)?;
    let vault = before.vault().map_err(failed)?;
    let store = data::open(&settings, &vault).await?;
    let stores = Stores::of(Arc::new(store.clone()));
    // A ring that lacks a key is no ring to go on from.
    data::refuse_missing_keys(&stores, &vault).await?;
    let now = SystemClock.now();
    let after = before.rotated(&SystemEntropy::default(), now).map_err(bad)?;
    // The key first: an event of a key that was lost would be worse than a key without an event.
    data::write_ring(&settings.data, &after).map_err(|error| failed(format!("{}：{error}", settings.data.display())))?;
    let root = stores.sites.sites().await.map_err(failed)?.into_iter().find(|site| site.parent_id.is_none());
    if let Some(root) = root {
        let id = after.keys().last().map(|key| key.id.clone()).unwrap_or_default();
        let mut set = ChangeSet::new(&root.id);
        set.events.push(NewEvent {
            aggregate: "site",
            aggregate_id: root.id.clone(),
            kind: "key_rotated".to_owned(),
            actor: "system".to_owned(),
            at: now,
            body: json!({ "type": "key_rotated", "from": vault.key_id(), "to": id }).to_string(),
        });
        store.commit(&[set]).await.map_err(failed)?;
    }
    store.close().await;
    println!("{}", told(&after, &settings.data.join("master.key")));
    eprintln!("已换新密钥。保险柜里的那份还没有它：现在就运行 yichuang keys export 重新导出一份");
    Ok(())
}

/// From the terminal unseen, twice when it is new, or the first line of standard input.
fn passphrase(is_new: bool) -> Result<Zeroizing<String>, Failed> {
    if std::io::stdin().is_terminal() {
        let ask = |words: &str| rpassword::prompt_password(words).map(Zeroizing::new).map_err(failed);
        let first = ask("口令：")?;
        if is_new && ask("再输一次：")? != first {
            return Err(bad("两次输入的口令不一样"));
        }
        return Ok(first);
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line)
}
