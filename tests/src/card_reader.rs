//! A reader of resident identity cards at the end of a serial line, as the kiosk's machine sees it: a pseudo terminal.
//! Written from the standard (GA 467); it pulls its answers apart and says noise before them, as real lines do.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// Bytes of a question.
const QUESTION_BYTES: usize = 10;

/// What is printed on a card, as far as the kiosk reads it.
#[derive(Debug, Clone)]
pub struct PrintedCard {
    /// Name.
    pub name: &'static str,
    /// Number.
    pub number: &'static str,
    /// Last day of validity: `20360101` or `长期`.
    pub valid_to: &'static str,
}

impl PrintedCard {
    fn text(&self) -> Vec<u8> {
        let mut units = vec![0x20_u16; 128];
        let fields = [(0, self.name), (15, "1"), (16, "01"), (18, "19490101"), (61, self.number), (94, "20160101"), (102, self.valid_to)];
        for (at, text) in fields {
            for (place, unit) in text.encode_utf16().enumerate() {
                units[at + place] = unit;
            }
        }
        units.into_iter().flat_map(u16::to_le_bytes).collect()
    }
}

/// The reader. It ends with the test.
pub struct CardReader {
    card: Arc<Mutex<Option<PrintedCard>>>,
    /// Kept open: a terminal whose last program closed it is gone.
    _near: File,
    /// Where the kiosk finds it.
    pub path: PathBuf,
}

impl CardReader {
    /// Connects a reader on which no card lies.
    ///
    /// # Panics
    /// When the machine gives no pseudo terminal.
    #[must_use]
    pub fn connect() -> Self {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
        grantpt(&far).expect("its near end");
        unlockpt(&far).expect("its near end");
        let path = PathBuf::from(OsStr::from_bytes(ptsname(&far, Vec::new()).expect("its name").as_bytes()));
        let near = OpenOptions::new().read(true).write(true).open(&path).expect("its near end");
        let mut raw = tcgetattr(&near).expect("its settings");
        raw.make_raw();
        tcsetattr(&near, OptionalActions::Now, &raw).expect("bytes as they are");
        let card = Arc::new(Mutex::new(None));
        let lies_there = Arc::clone(&card);
        std::thread::spawn(move || serve(File::from(far), &lies_there));
        Self { card, _near: near, path }
    }

    /// Lays a card on the reader.
    pub fn lay(&self, card: PrintedCard) {
        *self.card.lock().unwrap_or_else(PoisonError::into_inner) = Some(card);
    }

    /// Takes it away.
    pub fn take_away(&self) {
        *self.card.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn serve(mut line: File, card: &Mutex<Option<PrintedCard>>) {
    let mut asked = Vec::new();
    let mut bytes = [0; 64];
    loop {
        match line.read(&mut bytes) {
            Ok(length) => asked.extend_from_slice(&bytes[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // The test is over.
            Err(_) => return,
        }
        while asked.len() >= QUESTION_BYTES {
            let question: Vec<u8> = asked.drain(..QUESTION_BYTES).collect();
            let lies_there = card.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let answer = [&[0x00, 0xAA][..], &answer(&question, lies_there.as_ref())].concat();
            for piece in answer.chunks(61) {
                if line.write_all(piece).is_err() {
                    return;
                }
            }
        }
    }
}

fn answer(question: &[u8], card: Option<&PrintedCard>) -> Vec<u8> {
    match (question[7], question[8], card) {
        (0x11, 0xFF, _) => frame([0, 0, 0x90], &[]),
        (0x20, 0x01, Some(_)) => frame([0, 0, 0x9F], &[0; 4]),
        (0x20, 0x01, None) => frame([0, 0, 0x80], &[]),
        (0x20, 0x02, Some(_)) => frame([0, 0, 0x90], &[0; 8]),
        (0x20, 0x02, None) => frame([0, 0, 0x81], &[]),
        (0x30, 0x01, Some(card)) => frame([0, 0, 0x90], &[&[1, 0, 4, 0][..], &card.text(), &[0x55; 1_024]].concat()),
        _ => frame([0, 0, 0x21], &[]),
    }
}

fn frame(status: [u8; 3], data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(status.len() + data.len() + 1).expect("a short frame");
    let mut checked = length.to_be_bytes().to_vec();
    checked.extend_from_slice(&status);
    checked.extend_from_slice(data);
    let check = checked.iter().fold(0, |sum, byte| sum ^ byte);
    [&[0xAA, 0xAA, 0xAA, 0x96, 0x69][..], &checked, &[check]].concat()
}
