//! `import-catalogue`: a catalogue file into a site, told as one line of JSON; `export-catalogue`: a site's whole
//! catalogue into a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::data::{self, Closed};
use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, failed};
use crate::app::catalogue_files::{CatalogueFormat, whole_catalogue};
use crate::app::catalogue_import::ImportOptions;
use crate::app::directory::Directory;
use crate::store::Stores;

/// Flags of `import-catalogue`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 事项目录文件：导出的 XLSX 或 ZIP，也可以是七列的 CSV（UTF-8 或 GBK）
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

/// Flags of `export-catalogue`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 写到哪个文件：.xlsx 是一个表格，.zip 是每页一个 CSV
    #[arg(long)]
    out: PathBuf,
    /// 哪个场所
    #[arg(long)]
    site: String,
}

pub(super) async fn export_catalogue(args: &ExportArgs) -> Result<(), Failed> {
    let format = format_of(&args.out)?;
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let vault = data::key_of(&settings.data)?;
    let stores = Stores::of(Arc::new(data::open_to_read(&settings, &vault).await?));
    let told = |error: crate::app::error::AppError| failed(format!("{}（{error}）", error.message()));
    let directory = Directory::default();
    directory.reload(&stores).await.map_err(told)?;
    let listing = directory.get();
    if listing.site(&args.site).is_err() {
        return Err(Failed::new(EXIT_BAD_INPUT, format!("没有场所 {}", args.site)));
    }
    let file = whole_catalogue(&stores, &listing, &args.site, format).await.map_err(told)?;
    std::fs::write(&args.out, &file).map_err(|error| failed(format!("写不了 {}：{error}", args.out.display())))?;
    println!("{}", json!({ "site": args.site, "out": args.out.display().to_string(), "bytes": file.len() }));
    Ok(())
}

fn format_of(out: &Path) -> Result<CatalogueFormat, Failed> {
    match out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => Ok(CatalogueFormat::Book),
        Some("zip") => Ok(CatalogueFormat::Archive),
        _ => Err(Failed::new(EXIT_BAD_INPUT, "文件名用 .xlsx 或 .zip 结尾")),
    }
}
