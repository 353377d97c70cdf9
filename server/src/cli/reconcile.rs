//! `reconcile`: asks the platform of the level above what it knows of a site's cases and lists the differences, one line
//! of JSON each; reads beside a running server and changes nothing.

use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, EXIT_FAILED, Failed, SystemClock, data, failed, outside};
use crate::app::directory::Directory;
use crate::app::upstream::{Asked, Reconciled, reporting_of};
use crate::app::{App, Clock as _};
use crate::gateways::all_cases;
use crate::store::Stores;

/// Flags of `reconcile`.
#[derive(Debug, Clone, Args)]
pub struct ReconcileArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 哪个场所
    #[arg(long)]
    site: String,
    /// 第一天（按接件日期），写成 2026-11-01 的样子
    #[arg(long)]
    from: NaiveDate,
    /// 最后一天
    #[arg(long)]
    to: NaiveDate,
}

pub(super) async fn reconcile(args: &ReconcileArgs) -> Result<(), Failed> {
    if args.to < args.from {
        return Err(Failed::new(EXIT_BAD_INPUT, "最后一天不能早于第一天"));
    }
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let platform = outside::gateways(&settings)?.upper;
    let Some(platform) = platform else {
        return Err(Failed::new(EXIT_BAD_INPUT, "没有设置上级平台（upstream_url、upstream_secret）"));
    };
    let vault = data::key_of(&settings.data)?;
    let stores = Stores::of(Arc::new(data::open_to_read(&settings, &vault).await?));
    let directory = Directory::default();
    directory.reload(&stores).await.map_err(failed)?;
    let listing = directory.get();
    if listing.site(&args.site).is_err() {
        return Err(Failed::new(EXIT_BAD_INPUT, format!("没有场所 {}", args.site)));
    }
    if reporting_of(&stores, &listing, &args.site).await.map_err(failed)?.is_none() {
        return Err(Failed::new(EXIT_BAD_INPUT, format!("{} 不上报，没有账可对", args.site)));
    }
    let asked = Asked { from: args.from, to: args.to };
    let range = App::reconciliation_range(&args.site, &asked);
    let theirs = all_cases(platform.as_ref(), range).await.map_err(|fault| failed(format!("上级平台没有答复：{fault}")))?;
    let reconciled = Reconciled::of(&stores, &args.site, &asked, (&theirs, SystemClock.now()), usize::MAX).await.map_err(failed)?;
    for difference in &reconciled.differences {
        println!("{}", serde_json::to_string(difference).map_err(failed)?);
    }
    let Reconciled { site, from, to, ours, theirs, difference_count, .. } = &reconciled;
    println!("{}", json!({ "site": site, "from": from, "to": to, "ours": ours, "theirs": theirs, "differences": difference_count }));
    if *difference_count == 0 {
        Ok(())
    } else {
        Err(Failed::new(EXIT_FAILED, format!("和上级平台有 {difference_count} 处对不上，见上面")))
    }
}
