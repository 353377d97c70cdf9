//! What a device writes down is sealed with a key that lies in a file of its own: AES-256-GCM, a fresh nonce for each
//! value, bound to the place where it is kept. It protects the data of a disk that is copied or sold without that
//! file; against somebody who has both, or who sits at the running machine, it protects nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::BASE64_NOPAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::spool::SpoolError;

/// File of the key inside the data folder, unless the settings name another.
pub const KEY_FILE: &str = "device.key";
/// What a sealed value begins with. JSON never does: what was written before there were seals is told apart by it.
const MARK: &str = "s1.";
const KEY_BYTES: usize = 32;
/// Table with one sealed word, by which a wrong key is known before anything is read.
const CHECK: &str = "CREATE TABLE IF NOT EXISTS seal (only INTEGER PRIMARY KEY CHECK (only = 1), word TEXT NOT NULL) STRICT";
const CHECK_WORD: &str = "seal";

/// The key of a device's data; clones share it.
#[derive(Clone)]
pub struct Seal(Arc<Inner>);

struct Inner {
    key: LessSafeKey,
    file: PathBuf,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Seal").field(&self.0.file).finish()
    }
}

impl Seal {
    /// The key in a data folder, made the first time.
    ///
    /// # Errors
    /// The folder or the file cannot be used.
    pub fn in_folder(folder: &Path) -> Result<Self, SpoolError> {
        make_private_folder(folder)?;
        Self::open(&folder.join(KEY_FILE))
    }

    /// The key in this file, made the first time.
    ///
    /// # Errors
    /// The file cannot be used, or holds no key.
    pub fn open(file: &Path) -> Result<Self, SpoolError> {
        let bytes = kept_or_made(file, || {
            let mut fresh = vec![0; KEY_BYTES];
            SystemRandom::new().fill(&mut fresh).map_err(|_| std::io::Error::other("no randomness"))?;
            Ok(fresh)
        })?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SpoolError::WrongKey(file.to_owned()))?;
        Ok(Self(Arc::new(Inner { key: LessSafeKey::new(key), file: file.to_owned() })))
    }

    /// Seals a text for a place: table, column and row, so that it opens nowhere else.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub fn seal(&self, place: &str, text: &str) -> Result<String, SpoolError> {
        Ok(format!("{MARK}{}", BASE64_NOPAD.encode(&self.seal_bytes(place, text.as_bytes())?)))
    }

    /// Seals bytes for a place, as a file keeps them.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub fn seal_bytes(&self, place: &str, bytes: &[u8]) -> Result<Vec<u8>, SpoolError> {
        let refused = |_| std::io::Error::other("a value cannot be sealed");
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(refused)?;
        let mut sealed = bytes.to_vec();
        let key = &self.0.key;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed).map_err(refused)?;
        Ok([&nonce[..], &sealed[..]].concat())
    }

    /// Opens bytes that were sealed for this place.
    ///
    /// # Errors
    /// They were altered, belong to another place, or were sealed with another key.
    pub fn unseal_bytes(&self, place: &str, kept: &[u8]) -> Result<Vec<u8>, SpoolError> {
        let (nonce, sealed) = kept.split_at_checked(NONCE_LEN).ok_or(SpoolError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SpoolError::Sealed)?;
        let mut sealed = sealed.to_vec();
        let opened = self.0.key.open_in_place(nonce, Aad::from(place), &mut sealed).map_err(|_| SpoolError::Sealed)?;
        Ok(opened.to_vec())
    }

    /// Opens what was sealed for this place. What was written before there were seals is given as it is.
    ///
    /// # Errors
    /// It was altered, belongs to another place, or was sealed with another key.
    pub fn unseal(&self, place: &str, kept: String) -> Result<String, SpoolError> {
        let Some(coded) = kept.strip_prefix(MARK) else { return Ok(kept) };
        let bytes = BASE64_NOPAD.decode(coded.as_bytes()).map_err(|_| SpoolError::Sealed)?;
        String::from_utf8(self.unseal_bytes(place, &bytes)?).map_err(|_| SpoolError::Sealed)
    }

    /// Refuses a database that was sealed with another key.
    ///
    /// # Errors
    /// It was, or the database refused.
    pub fn fits(&self, db: &Connection) -> Result<(), SpoolError> {
        db.execute(CHECK, [])?;
        let kept: Option<String> = db.query_row("SELECT word FROM seal", [], |row| row.get(0)).optional()?;
        let Some(kept) = kept else {
            db.execute("INSERT INTO seal (only, word) VALUES (1, ?1)", params![self.seal(CHECK_WORD, CHECK_WORD)?])?;
            return Ok(());
        };
        match self.unseal(CHECK_WORD, kept) {
            Ok(word) if word == CHECK_WORD => Ok(()),
            _ => Err(SpoolError::WrongKey(self.0.file.clone())),
        }
    }
}

/// The bytes of a key file, made the first time and then readable by its owner only.
///
/// # Errors
/// The file cannot be used.
pub fn kept_or_made(file: &Path, make: impl FnOnce() -> std::io::Result<Vec<u8>>) -> std::io::Result<Vec<u8>> {
    if !file.exists() {
        let mut name = file.as_os_str().to_owned();
        name.push(".new");
        let fresh = PathBuf::from(name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut writing = options.open(&fresh)?;
        writing.write_all(&make()?)?;
        writing.sync_all()?;
        fs::rename(&fresh, file)?;
    }
    fs::read(file)
}

/// Makes a folder that only its owner can read: token and keys lie in it.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its key has failed")]
    use super::*;

    #[test]
    fn a_value_opens_at_its_place_with_its_key_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::in_folder(folder.path()).unwrap();
        let sealed = seal.seal("commands.body.k", "张三").unwrap();
        assert!(!sealed.contains("张三"));
        assert_ne!(sealed, seal.seal("commands.body.k", "张三").unwrap(), "the same text never looks the same");
        let again = Seal::in_folder(folder.path()).unwrap();
        assert_eq!(again.unseal("commands.body.k", sealed.clone()).unwrap(), "张三");
        assert!(matches!(again.unseal("commands.body.l", sealed.clone()), Err(SpoolError::Sealed)));
        let mut altered = sealed.clone();
        let last = altered.pop().unwrap();
        altered.push(if last == 'A' { 'B' } else { 'A' });
        assert!(matches!(again.unseal("commands.body.k", altered), Err(SpoolError::Sealed)));
        let other = Seal::open(&folder.path().join("other.key")).unwrap();
        assert!(matches!(other.unseal("commands.body.k", sealed), Err(SpoolError::Sealed)));
        assert_eq!(again.unseal("x", "{\"old\":1}".to_owned()).unwrap(), "{\"old\":1}", "written before there were seals");
    }

    #[test]
    fn bytes_open_at_their_place_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::in_folder(folder.path()).unwrap();
        let mut sealed = seal.seal_bytes("blobs.a", &[0, 255, 7]).unwrap();
        assert_eq!(seal.unseal_bytes("blobs.a", &sealed).unwrap(), [0, 255, 7]);
        assert!(matches!(seal.unseal_bytes("blobs.b", &sealed), Err(SpoolError::Sealed)));
        assert!(matches!(seal.unseal_bytes("blobs.a", &sealed[..5]), Err(SpoolError::Sealed)), "cut off");
        sealed[20] ^= 1;
        assert!(matches!(seal.unseal_bytes("blobs.a", &sealed), Err(SpoolError::Sealed)));
    }

    #[test]
    fn another_key_is_refused_before_anything_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let db = Connection::open_in_memory().unwrap();
        let seal = Seal::in_folder(folder.path()).unwrap();
        seal.fits(&db).unwrap();
        seal.fits(&db).unwrap();
        let other = Seal::open(&folder.path().join("other.key")).unwrap();
        assert!(matches!(other.fits(&db), Err(SpoolError::WrongKey(file)) if file.ends_with("other.key")));
        fs::write(folder.path().join("short.key"), b"short").unwrap();
        assert!(matches!(Seal::open(&folder.path().join("short.key")), Err(SpoolError::WrongKey(_))));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Seal::in_folder(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
