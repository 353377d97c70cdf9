//! `yichuang-printer`: prints the slips of one hall, on a network printer or into a folder.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use edge::{
    program::{Device, ProgramError, announce_ready, asked_to_stop, log_to_stderr},
    settings::{DeviceFlags, layered},
};
use printer::{
    agent::{Agent, kept_profile},
    driver::Driver,
    folder::FolderDriver,
    jobs::{Renderer, Worker},
    spool::JobSpool,
    tcp::{Answers, PrinterAddress, TcpDriver},
};
use serde::{Deserialize, Serialize};
use slip::{Fonts, fonts::DEBIAN_NOTO_CJK};
use tokio::sync::watch;

const PROGRAM: &str = "printer";
/// Port of raw printing.
const RAW_PORT: u16 = 9100;

/// 一窗小票打印
#[derive(Parser)]
#[command(name = "yichuang-printer", version)]
struct Flags {
    #[command(flatten)]
    device: DeviceFlags,
    #[command(flatten)]
    paper: PaperFlags,
}

#[derive(clap::Args, Serialize)]
struct PaperFlags {
    /// 网络打印机，主机或主机:端口（默认 9100）
    #[arg(long, value_name = "HOST[:PORT]", conflicts_with = "folder")]
    #[serde(skip_serializing_if = "Option::is_none")]
    printer: Option<String>,
    /// 打印到目录：每张一个 .bin（ESC/POS）和一个 .png
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<PathBuf>,
    /// 字体文件，可写多个；默认用 Debian 的 fonts-noto-cjk
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    font: Vec<PathBuf>,
    /// 打印机不回答 GS r（会打出字母 r 的型号）
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_ordered_status: bool,
    /// 打印机什么都不回答
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_status: bool,
}

/// Where slips go.
#[derive(Deserialize)]
struct PaperSettings {
    #[serde(default)]
    printer: Option<String>,
    #[serde(default)]
    folder: Option<PathBuf>,
    font: Vec<PathBuf>,
    no_ordered_status: bool,
    no_status: bool,
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
    let defaults = serde_json::json!({ "font": DEBIAN_NOTO_CJK, "no_ordered_status": false, "no_status": false });
    let paper: PaperSettings = layered(PROGRAM, flags.device.config.as_ref(), defaults, &flags.paper)?;
    let answers = Answers { real_time: !paper.no_status, ordered: !paper.no_status && !paper.no_ordered_status };
    // A folder on the command line wins over a printer in the file, and the other way round.
    match (&paper.folder, &paper.printer) {
        (Some(folder), _) if flags.paper.printer.is_none() => print_with(flags, &paper, FolderDriver::new(folder.clone())).await,
        (_, Some(printer)) => print_with(flags, &paper, TcpDriver::new(address(printer)?, answers)).await,
        _ => Err(invalid("设置有误：要写 printer（网络打印机）或 folder（目录）")),
    }
}

async fn print_with(flags: &Flags, paper: &PaperSettings, driver: impl Driver) -> Result<(), ProgramError> {
    let fonts = Fonts::from_files(&paper.font)
        .map_err(|error| invalid(&format!("没有可用的中文字体，请安装 fonts-noto-cjk 或用 --font 指定：{error}")))?;
    let device = Device::open(PROGRAM, &flags.device)?;
    let job_spool = JobSpool::open(&device.settings.data)?;
    let (profile, newest_profile) = watch::channel(kept_profile(&device.spool)?);
    let worker = Worker::new(job_spool.clone(), driver, Renderer::new(fonts, newest_profile), device.clock.clone());
    let session = device.session(env!("CARGO_PKG_VERSION"), None)?;
    let agent = Agent {
        spool: device.spool.clone(),
        job_spool,
        jobs: worker.jobs(),
        view: worker.view(),
        profile,
        line: session.line.clone(),
        clock: device.clock.clone(),
    };
    announce_ready(None)?;
    tokio::select! {
        () = asked_to_stop() => {}
        () = worker.run() => {}
        () = agent.run(session.events) => tracing::error!("the session ended by itself"),
    }
    Ok(())
}

/// `host`, `host:port` or `[v6]:port`.
fn address(text: &str) -> Result<PrinterAddress, ProgramError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().map_err(|_| invalid(&format!("设置有误：printer：端口不对：{text}")))?)
        }
        _ => (text, RAW_PORT),
    };
    Ok(PrinterAddress { host: host.trim_start_matches('[').trim_end_matches(']').to_owned(), port })
}

fn invalid(message: &str) -> ProgramError {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, message.to_owned()).into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    #[test]
    fn printers_are_named_with_or_without_port() {
        let of = |text: &str| address(text).map(|address| (address.host, address.port));
        assert_eq!(of("printer.hall").unwrap(), ("printer.hall".to_owned(), 9100));
        assert_eq!(of("10.0.0.9:9101").unwrap(), ("10.0.0.9".to_owned(), 9101));
        assert_eq!(of("[::1]:9100").unwrap(), ("::1".to_owned(), 9100));
        assert_eq!(of("::1").unwrap(), ("::1".to_owned(), 9100));
        assert!(of("printer:x").is_err());
    }
}
