//! The program `yichuang`: its commands, its data folder and its start and end.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, Parser, Subcommand};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::app::{App, AppSettings, CaseSettings, Clock};
use crate::feed::Feeds;
use crate::http::{Server, openapi, router};
use crate::store::Stores;
use crate::store::chain::{Flaw, Verifier};
use crate::store::sql::SqlStore;
use crate::vault::{Entropy, Vault};

/// Exit code when the data is in use by another process.
const EXIT_IN_USE: i32 = 3;
/// How long open connections get to end at shutdown, in seconds.
const CLOSING_S_MAX: u64 = 10;
/// Events checked at once by `verify-log`.
const EVENTS_READ_MAX: i64 = 5_000;

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
    Serve(ServeArgs),
    /// 用样例数据启动（数据旁放着密钥，不保护任何东西）
    Demo(ServeArgs),
    /// 建立或升级数据表
    Migrate(DataArgs),
    /// 检查日志有没有被改动
    VerifyLog(DataArgs),
    /// 输出接口文档
    Openapi,
}

#[derive(Debug, Args)]
struct DataArgs {
    /// 数据文件夹
    #[arg(long, default_value = "yichuang-data")]
    data: PathBuf,
    /// PostgreSQL 地址；不写就用数据文件夹里的 SQLite
    #[arg(long)]
    database: Option<String>,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    data: DataArgs,
    /// 监听地址，端口 0 自动选
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 群众打开的网址，印在号票的码里
    #[arg(long)]
    public_url: Option<String>,
    /// 演示也允许监听外部地址
    #[arg(long)]
    public: bool,
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
struct SystemEntropy(SystemRandom);

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

fn failed(message: impl std::fmt::Display) -> Failed {
    Failed { code: 1, message: message.to_string() }
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
            Command::Serve(args) => serve(args, false).await,
            Command::Demo(args) => serve(args, true).await,
            Command::Migrate(args) => migrate(&args).await,
            Command::VerifyLog(args) => verify_log(&args).await,
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

/// The lock of a data folder, held while the value lives.
fn lock(data: &Path) -> Result<File, Failed> {
    std::fs::create_dir_all(data).map_err(|error| failed(format!("{}：{error}", data.display())))?;
    let file = File::create(data.join("data.lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failed { code: EXIT_IN_USE, message: format!("{} 正在被另一个一窗使用，先把那个停下", data.display()) })
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The master key beside the data; a new one is drawn for an empty folder only.
fn master_key(data: &Path, entropy: &dyn Entropy) -> Result<Vault, Failed> {
    let file = data.join("master.key");
    let key: [u8; 32] = match std::fs::read(&file) {
        Ok(bytes) => bytes.try_into().map_err(|_| failed(format!("{} 不是 32 字节的密钥", file.display())))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !data.join("yichuang.db").exists() => {
            let mut key = [0; 32];
            entropy.fill(&mut key);
            write_key(&file, &key).map_err(|error| failed(format!("{}：{error}", file.display())))?;
            key
        }
        Err(error) => return Err(failed(format!("读不到密钥 {}：{error}", file.display()))),
    };
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

async fn open(args: &DataArgs, vault: &Vault) -> Result<SqlStore, Failed> {
    match &args.database {
        Some(url) => SqlStore::postgres(url, vault.chain()).await,
        None => SqlStore::sqlite(&args.data.join("yichuang.db"), vault.chain()).await,
    }
    .map_err(failed)
}

async fn migrate(args: &DataArgs) -> Result<(), Failed> {
    let _lock = lock(&args.data)?;
    let vault = master_key(&args.data, &SystemEntropy(SystemRandom::new()))?;
    open(args, &vault).await?.close().await;
    Ok(())
}

async fn verify_log(args: &DataArgs) -> Result<(), Failed> {
    let vault = master_key(&args.data, &SystemEntropy(SystemRandom::new()))?;
    let stores = Stores::of(Arc::new(open(args, &vault).await?));
    let mut sound = true;
    for site in stores.sites.sites().await.map_err(failed)? {
        let flaws = log_flaws(&stores, &vault, &site.id).await?;
        sound &= flaws.is_empty();
        println!("{}", json!({ "site": site.id, "sound": flaws.is_empty(), "flaws": flaws.iter().map(Flaw::message).collect::<Vec<_>>() }));
    }
    if sound { Ok(()) } else { Err(failed("日志被改动过")) }
}

async fn log_flaws(stores: &Stores, vault: &Vault, site_id: &str) -> Result<Vec<Flaw>, Failed> {
    let head = stores.events.head(site_id).await.map_err(failed)?;
    let mut verifier = Verifier::new(vault.chain());
    loop {
        let (after, _) = verifier.position();
        let events = stores.events.events_after(site_id, after, EVENTS_READ_MAX).await.map_err(failed)?;
        if events.is_empty() {
            break;
        }
        events.iter().for_each(|event| verifier.take(event));
    }
    if let Some(head) = head.filter(|head| verifier.position() != (head.seq, head.hash.as_slice())) {
        verifier.flaws.push(Flaw::Head { seq: head.seq });
    }
    Ok(verifier.flaws)
}

async fn serve(args: ServeArgs, demo: bool) -> Result<(), Failed> {
    if demo && !args.public && !args.listen.ip().is_loopback() {
        return Err(failed("演示只监听本机；真要对外，加 --public"));
    }
    let _lock = lock(&args.data.data)?;
    let entropy = Arc::new(SystemEntropy(SystemRandom::new()));
    let vault = master_key(&args.data.data, entropy.as_ref())?;
    let store = open(&args.data, &vault).await?;
    let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(|error| failed(format!("{}：{error}", args.listen)))?;
    let address = listener.local_addr().map_err(failed)?;
    let url = format!("http://{address}");
    let settings = AppSettings { public_url: args.public_url.clone().unwrap_or_else(|| url.clone()), cases: CaseSettings::default() };
    let stores = Stores::of(Arc::new(store.clone()));
    let app = App::start(stores, Arc::new(SystemClock), entropy, vault, settings).await.map_err(failed)?;
    if demo {
        seed_once(&app).await?;
        tracing::warn!("演示数据：密钥放在数据旁边，不保护任何东西");
    }
    let closing = CancellationToken::new();
    let app = Arc::new(app);
    let feeds = Feeds::start(app.clone(), closing.clone());
    let server = Server { app, feeds, closing: closing.clone() };
    let tokens = if demo {
        json!({ "kiosk": "demo-kiosk", "display": "demo-display", "printer": "demo-printer", "pad": "demo-pad" })
    } else {
        json!({})
    };
    println!("{}", json!({ "ready": true, "url": url, "tokens": tokens }));
    let service = router(server).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown({
        let closing = closing.clone();
        async move {
            stop_asked().await;
            closing.cancel();
        }
    });
    let ended = async {
        closing.cancelled().await;
        tokio::time::sleep(Duration::from_secs(CLOSING_S_MAX)).await;
    };
    tokio::select! {
        done = serving => done.map_err(failed)?,
        () = ended => tracing::warn!("connections did not end in time"),
    }
    store.close().await;
    Ok(())
}

async fn seed_once(app: &App) -> Result<(), Failed> {
    if !app.directory.get().sites.is_empty() {
        return Ok(());
    }
    let district = crate::demo::district().map_err(failed)?;
    app.seed(&district).await.map_err(|error| failed(format!("{error}: {}", error.message())))
}

async fn stop_asked() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
