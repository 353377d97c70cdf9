//! Prints into a folder: `<job>.bin` with the ESC/POS bytes and `<job>.png` with the picture next to it.

use std::{io, path::PathBuf};

use protocol::slip::PrinterStatus;

use crate::driver::{Attempt, Driver, Rendered};

/// Longest file name made of a job's id, in characters.
const NAME_CHARACTERS_MAX: usize = 120;

/// A folder as printer.
#[derive(Debug, Clone)]
pub struct FolderDriver {
    folder: PathBuf,
}

impl FolderDriver {
    /// Prints into `folder`, which is made where it is missing.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The file of a job: its id is a label, never a path.
    fn file(&self, job_id: &str, ending: &str) -> PathBuf {
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
        let name: String = job_id.chars().take(NAME_CHARACTERS_MAX).map(safe).collect();
        self.folder.join(format!("{name}.{ending}"))
    }

    /// Writes a file that is there whole or not at all.
    async fn write(&self, job_id: &str, ending: &str, content: &[u8]) -> io::Result<()> {
        let partial = self.file(job_id, &format!("{ending}.part"));
        tokio::fs::create_dir_all(&self.folder).await?;
        tokio::fs::write(&partial, content).await?;
        tokio::fs::File::open(&partial).await?.sync_all().await?;
        tokio::fs::rename(&partial, self.file(job_id, ending)).await
    }
}

impl Driver for FolderDriver {
    async fn status(&mut self) -> PrinterStatus {
        match tokio::fs::create_dir_all(&self.folder).await {
            Ok(()) => PrinterStatus::READY,
            Err(error) => {
                tracing::warn!(%error, "the folder cannot be made");
                PrinterStatus::UNREACHABLE
            }
        }
    }

    async fn print(&mut self, slip: &Rendered, _told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> Attempt {
        let written = async {
            if let Some(picture) = &slip.picture_png {
                self.write(&slip.job_id, "png", picture).await?;
            }
            self.write(&slip.job_id, "bin", &slip.bytes).await
        };
        match written.await {
            Ok(()) => Attempt::Printed,
            Err(error) => {
                tracing::warn!(%error, "a slip could not be written");
                Attempt::NotStarted
            }
        }
    }

    async fn printed_before(&mut self, job_id: &str) -> Option<bool> {
        tokio::fs::try_exists(self.file(job_id, "bin")).await.ok()
    }

    fn wants_picture(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    #[tokio::test]
    async fn a_slip_lies_in_the_folder_as_bytes_and_picture() {
        let folder = tempfile::tempdir().unwrap();
        let mut driver = FolderDriver::new(folder.path().join("slips"));
        assert_eq!(driver.status().await, PrinterStatus::READY);
        assert_eq!(driver.printed_before("../p_1").await, Some(false));
        let slip = Rendered { job_id: "../p_1".into(), bytes: vec![1], used_mm: 1, picture_png: Some(vec![2]), after_fragment: false };
        assert_eq!(driver.print(&slip, &|_| ()).await, Attempt::Printed);
        assert_eq!(driver.printed_before("../p_1").await, Some(true));
        assert_eq!(std::fs::read(folder.path().join("slips/___p_1.bin")).unwrap(), [1]);
        assert_eq!(std::fs::read(folder.path().join("slips/___p_1.png")).unwrap(), [2]);
        assert_eq!(std::fs::read_dir(folder.path().join("slips")).unwrap().count(), 2, "no partial file stays");
    }

    #[tokio::test]
    async fn without_its_folder_nothing_is_printed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), []).unwrap();
        let mut driver = FolderDriver::new(folder.path().join("file"));
        assert_eq!(driver.status().await, PrinterStatus::UNREACHABLE);
        let slip = Rendered { job_id: "p_1".into(), bytes: vec![1], used_mm: 1, picture_png: None, after_fragment: false };
        assert_eq!(driver.print(&slip, &|_| ()).await, Attempt::NotStarted);
    }
}
