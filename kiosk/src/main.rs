//! `yichuang-kiosk`: the kiosk of one hall with its page on loopback; with `--keeper` the hall's keeper too.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use edge::{
    program::{Device, ProgramError, log_to_stderr, run_with_page, run_without_page},
    settings::{DeviceFlags, PageFlags, PageSettings, layered},
};
use kiosk::{
    Kiosk,
    care::{self, Machine},
    keeper::{Keeper, api, bag, export, lan},
    page,
    reader::{SamReader, SerialPortPath},
    voice::{Voice, VoiceSettings},
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

const PROGRAM: &str = "kiosk";
const PORT_DEFAULT: u16 = 8091;
const HALL_PORT_DEFAULT: u16 = 8090;
const BAG_PORT_DEFAULT: u16 = 8092;

/// 一窗取号机
#[derive(Parser)]
#[command(name = "yichuang-kiosk", version, args_conflicts_with_subcommands = true)]
struct Flags {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    device: DeviceFlags,
    #[command(flatten)]
    page: PageFlags,
    #[command(flatten)]
    keeper: KeeperFlags,
    #[command(flatten)]
    reader: ReaderFlags,
    #[command(flatten)]
    voice: VoiceFlags,
}

/// What else the program does, and then ends.
#[derive(Debug, clap::Subcommand)]
enum Task {
    /// 把守门机没有补传的记录写到一个文件，拿到运维页收进去（设备停用了、线路修不好时用；先停下取号机程序）
    ExportJournal(ExportFlags),
}

#[derive(Debug, clap::Args)]
struct ExportFlags {
    #[command(flatten)]
    device: DeviceFlags,
    /// 写到哪个文件
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Flags of the hall's keeper.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
struct KeeperFlags {
    /// 兼作大厅的守门机：线路断了由它叫号取号
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    keeper: bool,
    /// 守门机在大厅网络上的地址，窗口电脑、屏和打印机连它；端口 0 表示自动选
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    hall_listen: Option<SocketAddr>,
    /// 告诉屏和打印机的守门机地址，如 http://192.168.1.10:8090；不写就自己找
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    hall_url: Option<String>,
    /// 兼作服务包：没有网也能在村站、家里接件，回来自动补传；在本机浏览器打开 http://127.0.0.1:8092/bag
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bag: bool,
    /// 服务包页面的端口，只能从本机打开；0 表示自动选
    #[arg(long, value_name = "PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    bag_port: Option<u16>,
    /// 不开取号页面，只作守门机（村站电脑、流动服务用的笔记本）
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_screen: bool,
}

/// Flag of the reader of identity cards.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
struct ReaderFlags {
    /// 二代身份证阅读机具的串口，如 /dev/ttyS0、/dev/ttyUSB0
    #[arg(long, value_name = "PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    card_reader: Option<PathBuf>,
}

/// Flags of the spoken guidance.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
struct VoiceFlags {
    /// 提示语的录音文件夹：home.wav、rate.wav……（名字见 docs/use/kiosk.md）；没有录音的用语音程序
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    recordings: Option<PathBuf>,
    /// 语音程序（默认 espeak-ng；写 none 不用）
    #[arg(long, value_name = "PROGRAM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    speech: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
struct ReaderSettings {
    #[serde(default)]
    card_reader: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
struct KeeperSettings {
    #[serde(default)]
    keeper: bool,
    hall_listen: SocketAddr,
    #[serde(default)]
    hall_url: Option<String>,
    #[serde(default)]
    bag: bool,
    bag_port: u16,
    #[serde(default)]
    no_screen: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    log_to_stderr();
    match run(&flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes what was not handed over, told as one line of JSON.
fn export_journal(flags: &ExportFlags) -> Result<(), ProgramError> {
    let device = Device::open(PROGRAM, &flags.device)?;
    let entries = export::write(&device.settings.data, &device.seal, &flags.to)?;
    println!("{}", serde_json::json!({ "entries": entries, "file": flags.to }));
    Ok(())
}

async fn run(flags: &Flags) -> Result<(), ProgramError> {
    if let Some(Task::ExportJournal(flags)) = &flags.task {
        return export_journal(flags);
    }
    let config = flags.device.config.as_ref();
    let listen = PageSettings::load(PROGRAM, config, &flags.page, PORT_DEFAULT)?.listen;
    let hall_listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, HALL_PORT_DEFAULT));
    let defaults = serde_json::json!({ "hall_listen": hall_listen, "bag_port": BAG_PORT_DEFAULT });
    let settings: KeeperSettings = layered(PROGRAM, config, defaults, &flags.keeper)?;
    let reader: ReaderSettings = layered(PROGRAM, config, serde_json::json!({}), &flags.reader)?;
    let voice = Voice::new(VoiceSettings::load(PROGRAM, config, &flags.voice)?);
    let device = Device::open(PROGRAM, &flags.device)?;
    let session = device.session(env!("CARGO_PKG_VERSION"), None)?;
    let machine = Machine { server: device.authority.clone(), data: device.settings.data.clone() };
    if !settings.keeper && !settings.bag {
        let kiosk = Kiosk::new(device.spool.clone(), session.line.clone(), device.clock.clone())?;
        read_cards(&kiosk, reader);
        tokio::spawn(kiosk.clone().tell_troubles(device.settings.data.clone()));
        let routes =
            page::routes(kiosk.clone(), voice).merge(care::routes(kiosk.clone(), machine)).merge(device.pairing_route(&session.line));
        return run_with_page(listen, routes, kiosk.run(session.events), session.task).await;
    }
    let listener = TcpListener::bind(settings.hall_listen).await?;
    let url =
        settings.hall_url.clone().unwrap_or_else(|| hall_url(&device.authority, listener.local_addr().unwrap_or(settings.hall_listen)));
    let keeper = Keeper::open(&device.settings.data, device.seal.clone(), device.clock.clone(), Some(url.clone()))?;
    let kiosk = Kiosk::keeping(device.spool.clone(), session.line.clone(), device.clock.clone(), Some(keeper.clone()))?;
    let hall = lan::serve(listener, keeper.clone(), device.connector.clone(), api::routes(keeper));
    read_cards(&kiosk, reader);
    tokio::spawn(kiosk.clone().tell_troubles(device.settings.data.clone()));
    tracing::info!(url, "the hall's address");
    if settings.bag {
        open_bag(&device, settings.bag_port).await?;
    }
    let core = {
        let kiosk = kiosk.clone();
        async move {
            tokio::select! {
                () = kiosk.run(session.events) => {}
                served = hall => if let Err(error) = served { tracing::error!(%error, "the hall's address ended") },
            }
        }
    };
    if settings.no_screen {
        return run_without_page(&url, core, session.task).await;
    }
    let routes = page::routes(kiosk.clone(), voice).merge(care::routes(kiosk, machine)).merge(device.pairing_route(&session.line));
    run_with_page(listen, routes, core, session.task).await
}

/// Opens the field bag with its page on loopback; both end with the program.
async fn open_bag(device: &Device, port: u16) -> Result<(), ProgramError> {
    let bag = bag::Bag::open(&device.settings.data, device.seal.clone(), device.clock.clone())?;
    let listener = edge::page::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    tracing::info!(url = format!("http://{}/bag", listener.local_addr()?), "the bag's page");
    let served = edge::page::serve(listener, bag::api::routes(bag.clone()), std::future::pending());
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(%error, "the bag's page ended");
        }
    });
    tokio::spawn(bag::run(bag, device.courier()));
    Ok(())
}

fn read_cards(kiosk: &Kiosk, reader: ReaderSettings) {
    if let Some(port) = reader.card_reader {
        tokio::spawn(kiosk.clone().read_cards(SamReader::new(SerialPortPath(port))));
    }
}

/// The address by which the hall reaches this machine: that of the way to the server. Nothing is sent to find it.
fn hall_url(server: &str, bound: SocketAddr) -> String {
    let own = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect(server)?;
        Ok(socket.local_addr()?.ip())
    };
    let ip = if bound.ip().is_unspecified() { own().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { bound.ip() };
    format!("http://{}", SocketAddr::new(ip, bound.port()))
}
