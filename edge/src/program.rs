//! What every device program does around its work: logs to standard error, one line when it is
//! ready, and a clean end on SIGINT or SIGTERM.

use std::{
    fs::{File, TryLockError},
    io::{self, IsTerminal, Write},
    path::Path,
};

use tokio::{signal, task::JoinHandle};

use crate::{
    clock::HallClock,
    connect::{HallConnect, TcpConnect},
    courier::Courier,
    page,
    pairing::{pair_at_start, starting_token},
    picture, public_read,
    seal::{Seal, make_private_folder},
    session::{Line, Position, Session, SessionSettings},
    settings::{DeviceFlags, DeviceSettings, SettingsError},
    spool::{SPOOL_FILE, Spool, SpoolError},
};

/// How long a program waits for its session to say goodbye, in milliseconds.
const GOODBYE_MS_MAX: u64 = 2_000;

/// Logs to standard error; `RUST_LOG` chooses, by default `info`. A second call changes nothing.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    if logging.try_init().is_err() {
        tracing::debug!("logging was set up before");
    }
}

/// Prints the one line of JSON that says the program is ready, and where its page is.
///
/// # Errors
/// Standard output is closed.
pub fn announce_ready(url: Option<&str>) -> io::Result<()> {
    let mut line = serde_json::json!({ "ready": true });
    if let Some(url) = url {
        line["url"] = url.into();
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Waits until the program is asked to stop.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            tracing::error!("SIGTERM cannot be heard");
            return interrupted().await;
        };
        tokio::select! {
            () = interrupted() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted().await;
    tracing::info!("asked to stop");
}

async fn interrupted() {
    if signal::ctrl_c().await.is_err() {
        tracing::error!("Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}

/// A number that differs from device to device and start to start, for the jitter of the session.
///
/// # Errors
/// The machine has no randomness.
pub fn seed() -> io::Result<u64> {
    let mut bytes = [0; 8];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}

/// Why a device program cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Its settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Its spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// Its folder, its address or its standard output.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A device program with its data in hand and its server named, before its session is open.
#[derive(Debug)]
pub struct Device {
    /// Its settings.
    pub settings: DeviceSettings,
    /// What it kept.
    pub spool: Spool,
    /// The key of what it keeps.
    pub seal: Seal,
    /// The hall's time.
    pub clock: HallClock,
    /// The way to the server.
    pub connector: TcpConnect,
    /// Host and port of the server.
    pub authority: String,
    /// Files that were damaged at this start; the person in charge is told.
    pub damaged: Vec<String>,
    /// Held as long as the program runs.
    _data: File,
}

impl Device {
    /// Reads the settings and takes the data folder.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn open(program: &str, flags: &DeviceFlags) -> Result<Self, ProgramError> {
        let settings = DeviceSettings::load(program, flags)?;
        let address = settings.address()?;
        let data = hold_data(&settings.data)?;
        let seal = settings.key_file.as_deref().map_or_else(|| Seal::in_folder(&settings.data), Seal::open)?;
        let spool = Spool::open_sealed(&settings.data, seal.clone())?;
        let authority = address.authority();
        let damaged = spool.was_damaged().then(|| SPOOL_FILE.to_owned()).into_iter().collect();
        let (clock, connector) = (HallClock::of_machine(), TcpConnect(address));
        Ok(Self { settings, spool, seal, clock, connector, authority, damaged, _data: data })
    }

    /// Opens the session with the token at hand, and pairs by the code of the settings if there is one.
    ///
    /// # Errors
    /// The spool refused, or the machine has no randomness.
    pub fn session(&self, version: &str, position: Position) -> Result<Session, ProgramError> {
        let token = starting_token(&self.spool, self.settings.token.as_ref())?;
        let settings = SessionSettings {
            authority: self.authority.clone(),
            version: version.to_owned(),
            seed: seed()?,
            damaged: self.damaged.clone(),
        };
        let connector = HallConnect::new(self.connector.clone(), self.spool.clone());
        let session = Session::open(connector, settings, token, position);
        if let Some(code) = self.settings.pairing_code.clone() {
            let (connector, authority, spool, line) =
                (self.connector.clone(), self.authority.clone(), self.spool.clone(), session.line.clone());
            tokio::spawn(async move { pair_at_start(&connector, &authority, &code, &spool, &line).await });
        }
        Ok(session)
    }

    /// The pairing route of the device's page.
    pub fn pairing_route(&self, line: &Line) -> axum::Router {
        page::pairing_route(page::PairingDesk {
            connector: self.connector.clone(),
            authority: self.authority.clone(),
            spool: self.spool.clone(),
            line: line.clone(),
        })
    }

    /// The routes by which the device's page reads the public lists.
    pub fn lists_route(&self) -> axum::Router {
        public_read::lists_route(public_read::PublicDesk { connector: self.connector.clone(), authority: self.authority.clone() })
    }

    /// Requests of the device's own beside its session.
    pub fn courier(&self) -> Courier<TcpConnect> {
        Courier { connector: self.connector.clone(), authority: self.authority.clone(), spool: self.spool.clone() }
    }

    /// The route by which the device's page sends a picture of itself.
    pub fn picture_route(&self) -> axum::Router {
        picture::picture_route(picture::PictureDesk {
            connector: self.connector.clone(),
            authority: self.authority.clone(),
            spool: self.spool.clone(),
        })
    }
}

/// Serves the page and drives the core (which owns the session's events) until the program is asked
/// to stop, then says goodbye to the server.
///
/// # Errors
/// The address is taken, or standard output is closed.
pub async fn run_with_page(
    listen: std::net::SocketAddr,
    routes: axum::Router,
    core: impl Future<Output = ()>,
    session: JoinHandle<()>,
) -> Result<(), ProgramError> {
    let listener = page::bind(listen).await?;
    announce_ready(Some(&format!("http://{}", listener.local_addr()?)))?;
    until_stopped(page::serve(listener, routes, asked_to_stop()), core, session).await
}

/// The same without a page: a village station's PC or a laptop that only keeps its hall.
///
/// # Errors
/// Standard output is closed.
pub async fn run_without_page(url: &str, core: impl Future<Output = ()>, session: JoinHandle<()>) -> Result<(), ProgramError> {
    announce_ready(Some(url))?;
    let stopped = async {
        asked_to_stop().await;
        Ok(())
    };
    until_stopped(stopped, core, session).await
}

/// Drives the core until `stopped` ends, then gives the session time for its goodbye.
async fn until_stopped(
    stopped: impl Future<Output = io::Result<()>>,
    core: impl Future<Output = ()>,
    session: JoinHandle<()>,
) -> Result<(), ProgramError> {
    tokio::select! {
        ended = stopped => ended?,
        () = core => tracing::error!("the session ended by itself"),
    }
    if tokio::time::timeout(std::time::Duration::from_millis(GOODBYE_MS_MAX), session).await.is_err() {
        tracing::warn!("the session did not end in time");
    }
    Ok(())
}

/// Holds the data folder as long as the file lives: a second program on the same data is refused,
/// because one token is one device.
///
/// # Errors
/// The folder is in use ([`io::ErrorKind::WouldBlock`]) or not usable.
pub fn hold_data(folder: &Path) -> io::Result<File> {
    make_private_folder(folder)?;
    let lock = File::create(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::WouldBlock, format!("{} 正被另一个程序使用，请换一个 --data 目录", folder.display())))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its folder has failed")]
    use super::*;

    #[test]
    fn a_second_program_on_the_same_data_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = hold_data(folder.path()).unwrap();
        assert_eq!(hold_data(folder.path()).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(first);
        hold_data(folder.path()).unwrap();
    }
}
