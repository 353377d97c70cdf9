//! `import-catalogue`: a catalogue file into a site, told as one line of JSON.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::data::Closed;
use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, failed};
use crate::app::catalogue_import::ImportOptions;

/// Flags of `import-catalogue`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 事项目录文件（CSV，UTF-8 或 GBK）
    file: PathBuf,
    /// 导入到哪个场所
    #[arg(long)]
    site: String,
    /// 只看会改什么，不写入
    #[arg(long)]
    dry_run: bool,
    /// 跳过有错的行，其余照常导入
    #[arg(long)]
    skip_bad: bool,
    /// 文件里没有的事项停用
    #[arg(long)]
    retire_missing: bool,
}

pub(super) async fn import_catalogue(args: &ImportArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let bytes = match std::fs::read(&args.file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("读不了文件 {}：{error}", args.file.display());
            let told = json!([{ "line": null, "column": null, "code": "unreadable_file", "message": message }]);
            println!("{}", json!({ "rows": 0, "added": 0, "changed": 0, "unchanged": 0, "retired": 0, "errors": told }));
            return Err(Failed::new(EXIT_BAD_INPUT, message));
        }
    };
    let closed = Closed::take(&settings).await?;
    if closed.app.directory.get().site(&args.site).is_err() {
        return Err(failed(format!("没有场所 {}", args.site)));
    }
    let options = ImportOptions { dry_run: args.dry_run, skip_bad: args.skip_bad, retire_missing: args.retire_missing };
    let report = closed.app.import_catalogue(&args.site, &bytes, options).await;
    closed.store.close().await;
    let report = report.map_err(|error| failed(format!("{}（{error}）", error.message())))?;
    println!("{}", serde_json::to_string(&report).map_err(failed)?);
    if report.refused {
        return Err(Failed::new(EXIT_BAD_INPUT, format!("文件有 {} 处错误，什么都没有改", report.errors.len())));
    }
    Ok(())
}
