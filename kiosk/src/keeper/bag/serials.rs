//! Serials of a bag's own numbers, counted each day, in a file of their own: a damaged journal must not give a number
//! twice. A serial that was drawn and not used is no gap.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::blobs::write_whole;

const FILE: &str = "serials.json";

/// The newest serial of the newest day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Drawn {
    date: NaiveDate,
    serial: u32,
}

/// The serials of a folder.
#[derive(Debug)]
pub(super) struct Serials {
    folder: PathBuf,
    drawn: Drawn,
}

impl Serials {
    /// Reads them. `used` is the newest that the journal knows of, for a file that is gone.
    pub(super) fn open(folder: &Path, used: Option<(NaiveDate, u32)>) -> Self {
        let kept = fs::read(folder.join(FILE)).ok().and_then(|bytes| serde_json::from_slice::<Drawn>(&bytes).ok()).unwrap_or_default();
        let used = used.map(|(date, serial)| Drawn { date, serial }).unwrap_or_default();
        let newest = |drawn: &Drawn| (drawn.date, drawn.serial);
        Self { folder: folder.to_owned(), drawn: if newest(&used) > newest(&kept) { used } else { kept } }
    }

    /// The next serial, on the disk before it is given. A clock that went back to an earlier day goes on counting on the
    /// newest one: days of numbers never come twice.
    ///
    /// # Errors
    /// The disk refused.
    pub(super) fn draw(&mut self, today: NaiveDate) -> std::io::Result<(NaiveDate, u32)> {
        let serial = if self.drawn.date >= today { self.drawn.serial + 1 } else { 1 };
        let drawn = Drawn { date: self.drawn.date.max(today), serial };
        write_whole(&self.folder, FILE, &serde_json::to_vec(&drawn)?)?;
        self.drawn = drawn;
        Ok((drawn.date, drawn.serial))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its folder has failed")]
    use super::*;

    #[test]
    fn a_serial_is_drawn_once_over_restarts_and_clocks_that_go_back() {
        let folder = tempfile::tempdir().unwrap();
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let mut serials = Serials::open(folder.path(), None);
        assert_eq!(serials.draw(day(24)).unwrap(), (day(24), 1));
        let mut serials = Serials::open(folder.path(), None);
        assert_eq!(serials.draw(day(24)).unwrap(), (day(24), 2));
        assert_eq!(serials.draw(day(25)).unwrap(), (day(25), 1));
        assert_eq!(serials.draw(day(24)).unwrap(), (day(25), 2), "never a number of yesterday again");
        fs::remove_file(folder.path().join(FILE)).unwrap();
        let mut serials = Serials::open(folder.path(), Some((day(25), 2)));
        assert_eq!(serials.draw(day(25)).unwrap(), (day(25), 3), "what the journal knows counts where the file is gone");
    }
}
