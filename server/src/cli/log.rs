//! `verify-log` and `anchor`: both read beside a running server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use data_encoding::HEXLOWER;
use serde_json::json;

use super::settings::{DataFlags, ServeFlags, Settings, read};
use super::{EXIT_BAD_INPUT, Failed, SystemClock, data, failed};
use crate::store::chain::{Flaw, Verifier};
use crate::store::{StoreError, Stores};
use crate::vault::Vault;
use crate::worker::{Anchor, AnchoredSite};

/// Events checked at once.
const EVENTS_READ_MAX: i64 = 5_000;
/// The log has flaws.
const EXIT_FLAWS: i32 = 1;

/// Flags of `verify-log`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 锚点文件：查末尾有没有被截断
    #[arg(long)]
    anchor: Option<PathBuf>,
}

/// Flags of `anchor`.
#[derive(Debug, Clone, Args)]
pub struct AnchorArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 写到哪个文件；不写就打印
    #[arg(long)]
    out: Option<PathBuf>,
}

async fn stores(settings: &Settings) -> Result<(Stores, Vault), Failed> {
    let vault = data::key_of(&settings.data)?;
    Ok((Stores::of(Arc::new(data::open_to_read(settings, &vault).await?)), vault))
}

pub(super) async fn anchor(args: &AnchorArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let (stores, _) = stores(&settings).await?;
    let anchor = Anchor::now(&stores, &SystemClock).await.map_err(failed)?;
    match &args.out {
        Some(file) => anchor.write(file).map_err(|error| failed(format!("{}：{error}", file.display()))),
        None => {
            println!("{}", serde_json::to_string(&anchor).map_err(failed)?);
            Ok(())
        }
    }
}

pub(super) async fn verify(args: &VerifyArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let anchor = args.anchor.as_deref().map(read_anchor).transpose()?;
    let (stores, vault) = stores(&settings).await?;
    let anchored = anchor.map(|anchor| anchor.sites).unwrap_or_default();
    let mut sites = stores.events.logged_sites().await.map_err(failed)?;
    sites.extend(anchored.iter().map(|site| site.site.clone()));
    sites.sort_unstable();
    sites.dedup();
    let mut sound = true;
    for site in sites {
        let anchored = anchored.iter().find(|anchored| anchored.site == site);
        let (events, flaws) = log_flaws(&stores, &vault, &site, anchored).await.map_err(failed)?;
        sound &= flaws.is_empty();
        let words: Vec<String> = flaws.iter().map(Flaw::message).collect();
        println!("{}", json!({ "site": site, "events": events, "sound": flaws.is_empty(), "flaws": words }));
    }
    if sound { Ok(()) } else { Err(Failed::new(EXIT_FLAWS, "日志被改动过，哪一条见上面")) }
}

fn read_anchor(file: &Path) -> Result<Anchor, Failed> {
    let bytes = std::fs::read(file).map_err(|error| Failed::new(EXIT_BAD_INPUT, format!("{}：{error}", file.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| Failed::new(EXIT_BAD_INPUT, format!("{} 不是锚点文件：{error}", file.display())))
}

/// Reads a log from its beginning; how many events there are, and what is wrong.
async fn log_flaws(stores: &Stores, vault: &Vault, site_id: &str, anchor: Option<&AnchoredSite>) -> Result<(i64, Vec<Flaw>), StoreError> {
    let mut verifier = Verifier::new(vault.chain());
    let mut seen = 0;
    let mut anchor_holds = anchor.is_none_or(|anchor| anchor.seq == 0);
    let mut head = None;
    loop {
        let (after, _) = verifier.position();
        let events = stores.events.events_after(site_id, after, EVENTS_READ_MAX).await?;
        // The head is read after the last rows: a server that goes on writing is never behind them.
        // What it wrote since is checked up to this head and no further, so a busy log ends too.
        if events.is_empty() && head.is_none() {
            head = stores.events.head(site_id).await?;
            if head.as_ref().is_some_and(|head| head.seq > after) {
                continue;
            }
        }
        let upto = head.as_ref().map_or(i64::MAX, |head| head.seq);
        let fresh: Vec<_> = events.into_iter().filter(|event| event.seq <= upto).collect();
        if fresh.is_empty() {
            break;
        }
        for event in &fresh {
            verifier.take(event);
            seen += 1;
            if let Some(anchor) = anchor.filter(|anchor| anchor.seq == event.seq) {
                anchor_holds = anchor.epoch == event.epoch && HEXLOWER.encode(&event.hash) == anchor.head;
            }
        }
    }
    let position = verifier.position();
    let named = head.as_ref().map_or((0, [].as_slice()), |head| (head.seq, head.hash.as_slice()));
    if position != named {
        let seq = named.0;
        verifier.flaws.push(Flaw::Head { seq });
    }
    if let Some(anchor) = anchor.filter(|_| !anchor_holds) {
        verifier.flaws.push(Flaw::Anchor { seq: anchor.seq });
    }
    Ok((seen, verifier.flaws))
}
