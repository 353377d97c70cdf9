//! `yichuang-printer`: prints the slips of one hall: over the network, a USB or serial line, or into a folder.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use edge::{
    connect::Connect,
    program::{Device, ProgramError, announce_ready, asked_to_stop, log_to_stderr},
    settings::{DeviceFlags, layered},
};
use printer::{
    agent::{Agent, kept_profile},
    driver::Driver,
    escpos_driver::{Answers, EscPosDriver},
    folder::FolderDriver,
    jobs::{Renderer, Worker},
    ports::{BAUD_DEFAULT, LpDevice, PrinterAddress, SerialLine, UsbPrinter},
    spool::{JOBS_FILE, JobSpool},
};
use serde::{Deserialize, Serialize};
use slip::{Fonts, fonts::DEBIAN_NOTO_CJK};
use tokio::sync::watch;

const PROGRAM: &str = "printer";

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
    #[arg(long, value_name = "HOST[:PORT]", group = "way")]
    #[serde(skip_serializing_if = "Option::is_none")]
    printer: Option<String>,
    /// USB 打印机的设备文件，如 /dev/usb/lp0
    #[arg(long, value_name = "FILE", group = "way")]
    #[serde(skip_serializing_if = "Option::is_none")]
    lp: Option<PathBuf>,
    /// 直接连 USB 打印机：auto，或 lsusb 里的 厂商:产品
    #[arg(long, value_name = "VID:PID", group = "way")]
    #[serde(skip_serializing_if = "Option::is_none")]
    usb: Option<String>,
    /// 串口打印机，如 /dev/ttyUSB0
    #[arg(long, value_name = "PORT", group = "way")]
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<PathBuf>,
    /// 串口速率（默认 9600）
    #[arg(long, value_name = "N", requires = "serial")]
    #[serde(skip_serializing_if = "Option::is_none")]
    baud: Option<u32>,
    /// 串口用硬件流控（RTS/CTS）；默认用 XON/XOFF
    #[arg(long, requires = "serial")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hardware_flow: bool,
    /// 打印到目录：每张一个 .bin（ESC/POS）和一个 .png
    #[arg(long, value_name = "DIR", group = "way")]
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
    /// 打印机会自己报状态（GS a）：打印当中开盖、缺纸马上知道
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    automatic_status: bool,
}

/// Where slips go; of the ways one is named.
#[derive(Deserialize)]
struct PaperSettings {
    #[serde(flatten)]
    way: Way,
    font: Vec<PathBuf>,
    baud: u32,
    hardware_flow: bool,
    no_ordered_status: bool,
    no_status: bool,
    automatic_status: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Way {
    printer: Option<String>,
    lp: Option<PathBuf>,
    usb: Option<String>,
    serial: Option<PathBuf>,
    folder: Option<PathBuf>,
}

impl Way {
    /// A way on the command line wins over all that the file or the environment names.
    fn chosen(self, flags: &PaperFlags) -> Self {
        let named = Self {
            printer: flags.printer.clone(),
            lp: flags.lp.clone(),
            usb: flags.usb.clone(),
            serial: flags.serial.clone(),
            folder: flags.folder.clone(),
        };
        if named == Self::default() { self } else { named }
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
    let defaults = serde_json::json!({
        "font": DEBIAN_NOTO_CJK, "baud": BAUD_DEFAULT, "hardware_flow": false,
        "no_ordered_status": false, "no_status": false, "automatic_status": false,
    });
    let paper: PaperSettings = layered(PROGRAM, flags.device.config.as_ref(), defaults, &flags.paper)?;
    let wrong = |name: &str, fault: String| invalid(&format!("设置有误：{name}：{fault}"));
    match paper.way.clone().chosen(&flags.paper) {
        Way { printer: Some(printer), lp: None, usb: None, serial: None, folder: None } => {
            let address: PrinterAddress = printer.parse().map_err(|fault| wrong("printer", fault))?;
            print_on(flags, &paper, address).await
        }
        Way { printer: None, lp: Some(path), usb: None, serial: None, folder: None } => print_on(flags, &paper, LpDevice { path }).await,
        Way { printer: None, lp: None, usb: Some(usb), serial: None, folder: None } => {
            let printer: UsbPrinter = usb.parse().map_err(|fault| wrong("usb", fault))?;
            print_on(flags, &paper, printer).await
        }
        Way { printer: None, lp: None, usb: None, serial: Some(path), folder: None } => {
            let line = SerialLine { path, baud: paper.baud, hardware_flow: paper.hardware_flow };
            print_on(flags, &paper, line).await
        }
        Way { printer: None, lp: None, usb: None, serial: None, folder: Some(folder) } => {
            print_with(flags, &paper, FolderDriver::new(folder)).await
        }
        _ => Err(invalid("设置有误：printer（网络）、lp（设备文件）、usb、serial（串口）、folder（目录）里要写一个，也只写一个")),
    }
}

async fn print_on(flags: &Flags, paper: &PaperSettings, port: impl Connect) -> Result<(), ProgramError> {
    let real_time = !paper.no_status;
    let answers = Answers { real_time, ordered: real_time && !paper.no_ordered_status, automatic: real_time && paper.automatic_status };
    print_with(flags, paper, EscPosDriver::new(port, answers)).await
}

async fn print_with(flags: &Flags, paper: &PaperSettings, driver: impl Driver) -> Result<(), ProgramError> {
    let fonts = Fonts::from_files(&paper.font)
        .map_err(|error| invalid(&format!("没有可用的中文字体，请安装 fonts-noto-cjk 或用 --font 指定：{error}")))?;
    let mut device = Device::open(PROGRAM, &flags.device)?;
    let job_spool = JobSpool::open_sealed(&device.settings.data, device.seal.clone())?;
    device.damaged.extend(job_spool.was_damaged().then(|| JOBS_FILE.to_owned()));
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

fn invalid(message: &str) -> ProgramError {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, message.to_owned()).into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    #[test]
    fn the_way_on_the_command_line_wins_and_two_of_them_are_refused() {
        let flags = |given: &[&str]| Flags::try_parse_from([&["yichuang-printer"], given].concat());
        let file = Way { printer: Some("10.0.0.9".to_owned()), ..Way::default() };
        let lp = flags(&["--lp", "/dev/usb/lp0"]).unwrap();
        assert_eq!(file.clone().chosen(&lp.paper), Way { lp: Some("/dev/usb/lp0".into()), ..Way::default() });
        assert_eq!(file.clone().chosen(&flags(&[]).unwrap().paper), file);
        assert!(flags(&["--lp", "/dev/usb/lp0", "--folder", "/tmp"]).is_err());
        assert!(flags(&["--baud", "19200"]).is_err(), "a speed without its line");
    }
}
