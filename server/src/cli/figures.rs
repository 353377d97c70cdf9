//! `recompute-figures`: makes the rows behind the figures again from the event log and says where they
//! differ; reads beside a running server.

use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;

use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, EXIT_FAILED, Failed, data, failed};
use crate::app::figures::recompute;
use crate::store::Stores;

/// Flags of `recompute-figures`.
#[derive(Debug, Clone, Args)]
pub struct RecomputeArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 哪个场所；不写就是全部
    #[arg(long)]
    site: Option<String>,
    /// 第一天，写成 2026-11-01 的样子
    #[arg(long)]
    from: NaiveDate,
    /// 最后一天
    #[arg(long)]
    to: NaiveDate,
}

pub(super) async fn recompute_figures(args: &RecomputeArgs) -> Result<(), Failed> {
    if args.to < args.from {
        return Err(Failed::new(EXIT_BAD_INPUT, "最后一天不能早于第一天"));
    }
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let vault = data::key_of(&settings.data)?;
    let stores = Stores::of(Arc::new(data::open_to_read(&settings, &vault).await?));
    let mut sites = stores.events.logged_sites().await.map_err(failed)?;
    if let Some(wanted) = &args.site {
        sites.retain(|site| site == wanted);
        if sites.is_empty() {
            return Err(Failed::new(EXIT_BAD_INPUT, format!("没有 {wanted} 这个场所的日志")));
        }
    }
    let mut agrees = true;
    for site in sites {
        let recomputed = recompute(&stores, &site, args.from, args.to).await.map_err(failed)?;
        agrees &= recomputed.agrees();
        println!("{}", serde_json::to_string(&recomputed).map_err(failed)?);
    }
    if agrees { Ok(()) } else { Err(Failed::new(EXIT_FAILED, "数据表和日志对不上，哪一条见上面；以日志为准")) }
}
