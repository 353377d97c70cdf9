//! `yichuang-display`: the board of one hall with its page on loopback.

use std::process::ExitCode;

use clap::Parser;
use display::{Display, page};
use edge::{
    program::{Device, ProgramError, log_to_stderr, run_with_page},
    settings::{DeviceFlags, PageFlags, PageSettings},
};

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
    let device = Device::open(PROGRAM, &flags.device)?;
    let session = device.session(env!("CARGO_PKG_VERSION"), Display::kept_position(&device.spool)?)?;
    let display = Display::new(device.spool.clone(), session.line.clone(), device.clock.clone())?;
    let routes = page::routes(display.clone()).merge(device.pairing_route(&session.line));
    run_with_page(listen, routes, display.run(session.events), session.task).await
}
