//! Contents of a bag as files, sealed, each named by the SHA-256 of what is in it. One that was written is on the disk
//! before anything names it. Knows no application.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use edge::seal::Seal;
use edge::spool::SpoolError;

use super::super::journal::sha256_hex;

/// Digits of a name.
const NAME_DIGITS: usize = 64;
/// How a file is called while it is written.
const UNFINISHED: &str = "new";

/// The contents of a folder.
#[derive(Debug)]
pub(super) struct Blobs {
    folder: PathBuf,
    seal: Seal,
}

fn is_name(name: &str) -> bool {
    name.len() == NAME_DIGITS && name.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
}

fn place(name: &str) -> String {
    format!("blobs.{name}")
}

/// What is in a folder is there for good only when the folder itself is on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes a file whole or not at all.
pub(super) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!("{name}.{UNFINISHED}"));
    let mut writing = File::create(&fresh)?;
    writing.write_all(bytes)?;
    writing.sync_all()?;
    fs::rename(&fresh, folder.join(name))?;
    sync_folder(folder)
}

impl Blobs {
    pub(super) fn open(folder: PathBuf, seal: Seal) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, seal })
    }

    /// Keeps a content; its name.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<String, SpoolError> {
        let name = sha256_hex(bytes);
        if !self.folder.join(&name).exists() {
            write_whole(&self.folder, &name, &self.seal.seal_bytes(&place(&name), bytes)?)?;
        }
        Ok(name)
    }

    /// A content; `None` where it is gone or damaged.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        if !is_name(name) {
            return None;
        }
        let sealed = fs::read(self.folder.join(name)).ok()?;
        self.seal.unseal_bytes(&place(name), &sealed).ok()
    }

    /// Forgets every content that is not named any more, and what was not written to its end.
    pub(super) fn keep_only(&self, named: impl Fn(&str) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let is_unfinished = name.strip_suffix(UNFINISHED).and_then(|name| name.strip_suffix('.')).is_some_and(is_name);
            if is_unfinished || (is_name(&name) && !named(&name)) {
                fs::remove_file(self.folder.join(&name))?;
            }
        }
        Ok(())
    }

    /// Puts some aside for a person, because they are of another device; those that go on here too stay as well.
    pub(super) fn leave_behind(&self, device_id: &str, left: &BTreeSet<String>, goes_on: impl Fn(&str) -> bool) -> io::Result<()> {
        let plain: String = device_id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        let aside = self.folder.with_file_name(format!("blobs-of-{plain}"));
        fs::create_dir_all(&aside)?;
        for name in left.iter().filter(|name| is_name(name) && self.folder.join(name).exists()) {
            let (from, to) = (self.folder.join(name), aside.join(name));
            if goes_on(name) {
                fs::copy(from, to)?;
            } else {
                fs::rename(from, to)?;
            }
        }
        sync_folder(&aside)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its folder has failed")]
    use super::*;

    #[test]
    fn a_content_lies_sealed_under_its_hash_until_nothing_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Blobs::open(folder.path().join("blobs"), Seal::in_folder(folder.path()).unwrap()).unwrap();
        let blobs = open();
        let (one, other) = (blobs.put("张三的户口簿".as_bytes()).unwrap(), blobs.put(b"other").unwrap());
        assert_eq!(one, sha256_hex("张三的户口簿".as_bytes()));
        let kept = fs::read(folder.path().join("blobs").join(&one)).unwrap();
        assert!(!kept.windows(6).any(|part| part == "张三".as_bytes()), "sealed");
        assert_eq!(blobs.put(b"other").unwrap(), other, "the same content is one file");
        fs::write(folder.path().join("blobs").join(format!("{one}.new")), b"half").unwrap();
        let blobs = open();
        blobs.keep_only(|name| name == one).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 1);
        assert_eq!(blobs.read(&one).as_deref(), Some("张三的户口簿".as_bytes()));
        assert_eq!((blobs.read(&other), blobs.read("../device.key")), (None, None));
        fs::write(folder.path().join("blobs").join(&one), &kept[..20]).unwrap();
        assert_eq!(blobs.read(&one), None, "damaged is as good as gone");
    }
}
