//! `yichuang-display`: the board of one hall with its page on loopback.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use display::{
    Display,
    led::{self, FramedLed, LedStrip},
    page,
    voice::{Voice, VoiceSettings},
};
use edge::{
    program::{Device, ProgramError, log_to_stderr, run_with_page},
    settings::{DeviceFlags, PageFlags, PageSettings, layered},
};
use serde::{Deserialize, Serialize};

const PROGRAM: &str = "display";
const PORT_DEFAULT: u16 = 8092;

/// 一窗大厅显示屏
#[derive(Parser)]
#[command(name = "yichuang-display", version)]
struct Flags {
    #[command(flatten)]
    device: DeviceFlags,
    #[command(flatten)]
    page: PageFlags,
    #[command(flatten)]
    voice: VoiceFlags,
    #[command(flatten)]
    led: LedFlags,
}

#[derive(clap::Args, Serialize)]
struct VoiceFlags {
    /// 自己的录音文件夹：请A.wav、零一七号.wav、到三号窗口办理.wav……；没有的用程序自带的录音，再没有用 espeak-ng
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    recordings: Option<PathBuf>,
    /// 语音程序（默认 espeak-ng；写 none 不用）
    #[arg(long, value_name = "PROGRAM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    speech: Option<PathBuf>,
}

#[derive(clap::Args, Serialize)]
struct LedFlags {
    /// 窗口 LED 屏，可写多个：3=tcp:10.0.0.5:5005 或 4=serial:/dev/ttyS0（协议见 docs/led.md）
    #[arg(long, value_name = "窗口=地址")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    led: Vec<String>,
}

#[derive(Deserialize)]
struct LedParts {
    led: Vec<String>,
}

impl LedParts {
    fn strips(&self) -> Result<Vec<LedStrip>, ProgramError> {
        let strip = |text: &String| {
            text.parse().map_err(|fault| {
                ProgramError::from(std::io::Error::new(std::io::ErrorKind::InvalidInput, format!("设置有误：led：{fault}")))
            })
        };
        self.led.iter().map(strip).collect()
    }
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

async fn run(flags: &Flags) -> Result<(), ProgramError> {
    let listen = PageSettings::load(PROGRAM, flags.device.config.as_ref(), &flags.page, PORT_DEFAULT)?.listen;
    let voice = Voice::new(VoiceSettings::load(PROGRAM, flags.device.config.as_ref(), &flags.voice)?);
    let led: LedParts = layered(PROGRAM, flags.device.config.as_ref(), serde_json::json!({ "led": [] }), &flags.led)?;
    let strips = led.strips()?;
    let device = Device::open(PROGRAM, &flags.device)?;
    let session = device.session(env!("CARGO_PKG_VERSION"), Display::kept_position(&device.spool)?)?;
    let display = Display::new(device.spool.clone(), session.line.clone(), device.clock.clone())?;
    for LedStrip { window, address } in strips {
        // They end with the program.
        tokio::spawn(led::follow(FramedLed::new(address, window), window, display.views()));
    }
    let routes = page::routes(display.clone(), voice)
        .merge(device.pairing_route(&session.line))
        .merge(device.picture_route())
        .merge(device.lists_route());
    run_with_page(listen, routes, display.run(session.events), session.task).await
}
