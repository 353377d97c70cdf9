//! `training wipe`: everything that was made while practising at a site, gone by one command. The service must be
//! stopped; while it runs, the button on the people page does the same.

use clap::{Args, Subcommand};
use serde_json::json;

use super::data::Closed;
use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, failed};
use crate::app::error::AppError;

/// Flags of `training`.
#[derive(Debug, Clone, Args)]
pub struct TrainingArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// 清掉练习的全部内容：号、办件、人的信息、日志，一起清；真的厅一点不动
    Wipe(WipeArgs),
}

#[derive(Debug, Clone, Args)]
struct WipeArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 哪个场所
    #[arg(long)]
    site: String,
}

pub(super) async fn training(args: &TrainingArgs) -> Result<(), Failed> {
    let What::Wipe(args) = &args.what;
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let closed = Closed::take(&settings).await?;
    let wiped = closed.app.wipe_practice_by_command(&args.site).await;
    closed.store.close().await;
    let rows = wiped.map_err(|error| match error {
        AppError::NotFound => Failed::new(EXIT_BAD_INPUT, format!("没有场所 {}", args.site)),
        AppError::Internal(inside) => failed(inside),
        other => failed(other.message()),
    })?;
    println!("{}", json!({ "site": args.site, "practised": rows.is_some(), "rows": rows.unwrap_or(0) }));
    Ok(())
}
