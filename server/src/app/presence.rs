//! Which devices have a session in this process, what their printers told, and the news that sessions
//! wait for. In memory: what must survive a restart stands in the device's row.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::{MINUTE_MS, Millis};
use protocol::device::DeviceKind;
use protocol::slip::PrinterStatus;
use tokio::sync::{Notify, broadcast};

use super::caller::DeviceCaller;
use super::error::{Answer, AppError};

/// News that a slow session may lag behind before it looks at everything again.
const NEWS_BUFFERED: usize = 256;
/// Wrong pairing codes within [`GUESSING_MS`] before nobody may try: with 10^8 codes of which a few are
/// good at a time, guessing one takes centuries.
const WRONG_CODES_MAX: u32 = 60;
/// How long wrong codes count.
const GUESSING_MS: Millis = 10 * MINUTE_MS;

/// Something that sessions must hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A device was bound elsewhere or revoked: its session reads its row again.
    Device {
        /// The device.
        device_id: String,
    },
    /// A device opened a session: an older one of the same device is a line that was cut and did not
    /// notice yet.
    Session {
        /// The device.
        device_id: String,
        /// Number of the new session.
        number: u64,
    },
    /// A printer of a site came, went or told another state.
    Printers {
        /// The site.
        site_id: String,
    },
}

#[derive(Debug, Clone)]
struct Present {
    site_id: String,
    kind: DeviceKind,
    sessions: u32,
    printer: Option<PrinterStatus>,
    changes: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Guesses {
    since: Millis,
    wrong: u32,
}

/// Who is connected.
#[derive(Debug)]
pub struct Presence {
    devices: Mutex<BTreeMap<String, Present>>,
    guesses: Mutex<Guesses>,
    stays: AtomicU64,
    news: broadcast::Sender<News>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { devices: Mutex::default(), guesses: Mutex::default(), stays: AtomicU64::new(0), news: broadcast::channel(NEWS_BUFFERED).0 }
    }
}

impl Presence {
    fn devices(&self) -> MutexGuard<'_, BTreeMap<String, Present>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A device has a session until what is given back is dropped.
    #[must_use]
    pub fn enter(self: &Arc<Self>, device: &DeviceCaller) -> Stay {
        let mut devices = self.devices();
        let present = devices.entry(device.id.clone()).or_insert_with(|| Present {
            site_id: device.site_id.clone(),
            kind: device.kind,
            sessions: 0,
            printer: None,
            changes: Arc::default(),
        });
        present.sessions += 1;
        let (changes, number) = (present.changes.clone(), self.stays.fetch_add(1, Ordering::Relaxed));
        Stay { presence: self.clone(), device_id: device.id.clone(), number, changes }
    }

    /// Whether a device has a session here.
    #[must_use]
    pub fn is_present(&self, device_id: &str) -> bool {
        self.devices().contains_key(device_id)
    }

    /// Notes what a printer told; gives what it told before on this session.
    pub fn note_printer(&self, device_id: &str, status: Option<PrinterStatus>) -> Option<PrinterStatus> {
        let mut devices = self.devices();
        devices.get_mut(device_id).and_then(|present| std::mem::replace(&mut present.printer, status))
    }

    /// What a printer told on its session, and what the others of its site told.
    #[must_use]
    pub fn printer_and_others(&self, site_id: &str, device_id: &str) -> (Option<PrinterStatus>, Vec<PrinterStatus>) {
        let devices = self.devices();
        let own = devices.get(device_id).and_then(|present| present.printer);
        let is_other = |(id, present): &(&String, &Present)| {
            present.site_id == site_id && present.kind == DeviceKind::Printer && id.as_str() != device_id
        };
        (own, devices.iter().filter(is_other).filter_map(|(_, present)| present.printer).collect())
    }

    /// Tells every session.
    pub fn tell(&self, news: News) {
        if let News::Device { device_id } = &news
            && let Some(present) = self.devices().get(device_id)
        {
            present.changes.notify_waiters();
        }
        // Nobody listening is no error.
        let _ = self.news.send(news);
    }

    /// All news from now on.
    #[must_use]
    pub fn hear(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Whether a pairing code may be tried.
    ///
    /// # Errors
    /// After too many wrong ones, whoever gave them.
    pub fn may_guess(&self, now: Millis) -> Answer<()> {
        let guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        let until = guesses.since + GUESSING_MS;
        if guesses.wrong >= WRONG_CODES_MAX && now < until { Err(AppError::TooMany { until }) } else { Ok(()) }
    }

    /// A wrong pairing code was given.
    pub fn guessed_wrong(&self, now: Millis) {
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= guesses.since + GUESSING_MS {
            *guesses = Guesses { since: now, wrong: 0 };
        }
        guesses.wrong += 1;
    }
}

/// A session of a device.
#[derive(Debug)]
pub struct Stay {
    presence: Arc<Presence>,
    device_id: String,
    number: u64,
    changes: Arc<Notify>,
}

impl Stay {
    /// Wakes who waits for it whenever the device was bound elsewhere or revoked; of the news, what a socket that
    /// only shows something needs.
    #[must_use]
    pub fn changes(&self) -> Arc<Notify> {
        self.changes.clone()
    }

    /// Its number; a later session has a greater one.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Ends the older sessions of the device.
    pub fn replace_older(&self) {
        self.presence.tell(News::Session { device_id: self.device_id.clone(), number: self.number });
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut devices = self.presence.devices();
        let Some(present) = devices.get_mut(&self.device_id) else { return };
        present.sessions -= 1;
        let gone = (present.sessions == 0).then(|| (present.kind, present.site_id.clone()));
        if gone.is_some() {
            devices.remove(&self.device_id);
        }
        drop(devices);
        if let Some((DeviceKind::Printer, site_id)) = gone {
            self.presence.tell(News::Printers { site_id });
        }
    }
}
