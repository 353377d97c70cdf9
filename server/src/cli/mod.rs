//! The program `yichuang`: its commands, its clock and its randomness, and how it ends.
//!
//! Exit codes: 0 done, 1 failed, 2 what was given is wrong and nothing was changed, 3 the data is in
//! use by another process.

mod admin;
mod backup;
mod bench;
mod data;
mod figures;
mod import;
mod keys;
mod log;
mod machine;
mod outside;
mod reconcile;
mod replay;
mod serve;
mod settings;
mod training;

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Parser, Subcommand};
use ring::rand::{SecureRandom, SystemRandom};

use crate::app::Clock;
use crate::http::openapi;
use crate::vault::Entropy;
use settings::{DataFlags, ServeFlags};

/// Something failed.
const EXIT_FAILED: i32 = 1;
/// What was given is wrong; nothing was changed.
const EXIT_BAD_INPUT: i32 = 2;
/// The data is in use by another process.
const EXIT_IN_USE: i32 = 3;

/// 一窗：取号叫号、综合受理、统一出证。
#[derive(Debug, Parser)]
#[command(name = "yichuang", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动服务
    Serve(AllArgs),
    /// 用样例数据启动（数据旁放着密钥，不保护任何东西）
    Demo(AllArgs),
    /// 建立或升级数据表
    Migrate(OnlyData),
    /// 导入事项目录
    ImportCatalogue(import::ImportArgs),
    /// 导出一个场所的整本事项目录，服务运行时也可以
    ExportCatalogue(import::ExportArgs),
    /// 新建管理员；密码从终端或标准输入读
    CreateAdmin(admin::AdminArgs),
    /// 检查日志有没有被改动，服务运行时也可以
    VerifyLog(log::VerifyArgs),
    /// 从日志重算各项数字的来源，和数据表逐条核对，服务运行时也可以
    RecomputeFigures(figures::RecomputeArgs),
    /// 问上级平台知道哪些办件，逐件核对，差异一行一条 JSON，服务运行时也可以
    Reconcile(reconcile::ReconcileArgs),
    /// 把过去的一天照另一套叫号设置重放一遍，各类人等多久并排看，服务运行时也可以
    Replay(replay::ReplayArgs),
    /// 备份到一个文件，服务运行时也可以；密钥不在里面，另外存
    Backup(backup::BackupArgs),
    /// 从备份恢复；服务要先停下
    Restore(backup::RestoreArgs),
    /// 记下每个场所日志的末尾，供以后核对
    Anchor(log::AnchorArgs),
    /// 主密钥：导出一份放进保险柜、从那份恢复、换一把新的
    Keys(keys::KeysArgs),
    /// 列出生效的设置和来源
    Config(AllArgs),
    /// 练习模式：清掉一个场所练习的全部内容
    Training(training::TrainingArgs),
    /// 测取号和叫号的速度（用空的数据文件夹）
    Bench(bench::BenchArgs),
    /// 输出接口文档
    Openapi,
}

#[derive(Debug, Args)]
struct OnlyData {
    #[command(flatten)]
    data: DataFlags,
}

#[derive(Debug, Args)]
struct AllArgs {
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    serve: ServeFlags,
}

/// The machine's clock.
#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The machine's randomness.
#[derive(Debug)]
struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness nothing may be given out: numbers would repeat and keys be guessed.
        if self.0.fill(buffer).is_err() {
            tracing::error!("the machine gives no randomness");
            std::process::abort();
        }
    }
}

/// Why the program ends with an error.
#[derive(Debug)]
struct Failed {
    code: i32,
    message: String,
}

impl Failed {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

fn failed(message: impl std::fmt::Display) -> Failed {
    Failed::new(EXIT_FAILED, message.to_string())
}

/// Runs the program; the exit code.
#[must_use]
pub fn run() -> i32 {
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("YICHUANG_LOG").unwrap_or_else(|_| "info,sqlx=warn".into()))
        .init();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return say(failed(error)),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::serve(&args.data, &args.serve, false).await,
            Command::Demo(args) => serve::serve(&args.data, &args.serve, true).await,
            Command::Migrate(args) => migrate(&args.data).await,
            Command::ImportCatalogue(args) => import::import_catalogue(&args).await,
            Command::ExportCatalogue(args) => import::export_catalogue(&args).await,
            Command::CreateAdmin(args) => admin::create_admin(&args).await,
            Command::VerifyLog(args) => log::verify(&args).await,
            Command::RecomputeFigures(args) => figures::recompute_figures(&args).await,
            Command::Reconcile(args) => reconcile::reconcile(&args).await,
            Command::Replay(args) => replay::replay(&args).await,
            Command::Backup(args) => backup::backup(&args),
            Command::Restore(args) => backup::restore(&args).await,
            Command::Anchor(args) => log::anchor(&args).await,
            Command::Keys(args) => keys::keys(&args).await,
            Command::Config(args) => config(&args),
            Command::Training(args) => training::training(&args).await,
            Command::Bench(args) => bench::bench(&args).await,
            Command::Openapi => print_openapi(),
        }
    });
    done.map_or_else(say, |()| 0)
}

fn say(failed: Failed) -> i32 {
    tracing::error!(message = failed.message, "ended");
    failed.code
}

fn print_openapi() -> Result<(), Failed> {
    println!("{}", openapi().to_pretty_json().map_err(failed)?);
    Ok(())
}

fn config(args: &AllArgs) -> Result<(), Failed> {
    for line in settings::read(&args.data, &args.serve)?.lines() {
        println!("{line}");
    }
    Ok(())
}

async fn migrate(args: &DataFlags) -> Result<(), Failed> {
    let settings = settings::read(args, &ServeFlags::default())?.settings;
    let _lock = data::lock(&settings.data)?;
    let vault = data::master_key(&settings.data, &SystemEntropy::default())?;
    data::open(&settings, &vault).await?.close().await;
    Ok(())
}
