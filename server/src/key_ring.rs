//! The master keys as they lie in a file: the ring of the data folder, and the copy for the safe, which a
//! passphrase protects. Knows no path.
//!
//! A ring of one key is that key's 32 bytes, as installations have it that never changed their key. A ring
//! of more is JSON that names each with the instant it was made; the first one stays the root of the blind
//! index and of the log's chain, the last one seals.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::{BASE64, HEXLOWER};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::vault::{Entropy, Vault, VaultError, key_id};

/// Shortest passphrase, in characters.
pub const PASSPHRASE_CHARS_MIN: usize = 12;
/// Keys of one ring: one a year for a working life.
pub const KEYS_MAX: usize = 64;
const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 12;
const SALT_LEN: usize = 16;
/// What a copy is called inside.
const EXPORT: &str = "yichuang-keys";
const RING: &str = "yichuang-key-ring";
/// Argon2id over the passphrase: 64 MiB, three passes (RFC 9106 §4, the second choice).
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// A file that asks for more work than this is no copy of ours, but a way to keep a machine busy.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;

/// Why bytes are no ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// Neither 32 bytes nor a ring.
    #[error("不是一窗的密钥")]
    NoRing,
    /// The passphrase is another one, or the copy was changed.
    #[error("口令不对，或者文件被改过")]
    Locked,
    /// The passphrase is too short.
    #[error("口令至少 {PASSPHRASE_CHARS_MIN} 个字符")]
    ShortPassphrase,
    /// No room for another key.
    #[error("密钥已有 {KEYS_MAX} 把，不能再加")]
    Full,
    /// The cipher or the derivation refused.
    #[error("加密没有成功")]
    Cipher,
}

/// One master key.
#[derive(Clone)]
pub struct RingKey {
    /// Names it without telling anything of it.
    pub id: String,
    /// When it was made, UTC milliseconds; `None` when nobody wrote it down.
    pub made_at: Option<i64>,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

/// The master keys of an installation, the oldest first.
#[derive(Clone)]
pub struct KeyRing(Vec<RingKey>);

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    format: String,
    version: u32,
    keys: Vec<RingFileKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFileKey {
    id: String,
    made_at: Option<i64>,
    key: String,
}

impl Drop for RingFileKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// The copy for the safe: everything but the ring itself may be read by anybody.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportFile {
    format: String,
    version: u32,
    key_ids: Vec<String>,
    argon2id: Work,
    salt: String,
    nonce: String,
    sealed: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Work {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

fn fresh_key(entropy: &dyn Entropy, now: i64) -> RingKey {
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    entropy.fill(bytes.as_mut());
    RingKey { id: key_id(&bytes), made_at: Some(now), bytes }
}

impl KeyRing {
    /// A ring of one fresh key.
    #[must_use]
    pub fn fresh(entropy: &dyn Entropy, now: i64) -> Self {
        Self(vec![fresh_key(entropy, now)])
    }

    /// The keys, the oldest first.
    #[must_use]
    pub fn keys(&self) -> &[RingKey] {
        &self.0
    }

    /// What seals and opens under these keys.
    ///
    /// # Errors
    /// Those of the vault.
    pub fn vault(&self) -> Result<Vault, VaultError> {
        let (first, later) = self.0.split_first().ok_or(VaultError::Damaged)?;
        Vault::of_ring(&first.bytes, &later.iter().map(|key| &*key.bytes).collect::<Vec<_>>())
    }

    /// The ring with a fresh key that seals from now on.
    ///
    /// # Errors
    /// [`RingError::Full`].
    pub fn rotated(&self, entropy: &dyn Entropy, now: i64) -> Result<Self, RingError> {
        if self.0.len() >= KEYS_MAX {
            return Err(RingError::Full);
        }
        Ok(Self(self.0.iter().cloned().chain([fresh_key(entropy, now)]).collect()))
    }

    /// Reads the file of the data folder; `made_at` stands for the first key where the file does not say.
    ///
    /// # Errors
    /// [`RingError::NoRing`].
    pub fn read(bytes: &[u8], made_at: Option<i64>) -> Result<Self, RingError> {
        if let Ok(key) = <[u8; KEY_LEN]>::try_from(bytes) {
            let bytes = Zeroizing::new(key);
            return Ok(Self(vec![RingKey { id: key_id(&bytes), made_at, bytes }]));
        }
        Self::of_json(bytes)
    }

    /// The file of the data folder.
    ///
    /// # Errors
    /// [`RingError::Cipher`] when it cannot be written, which does not happen.
    pub fn to_file(&self) -> Result<Zeroizing<Vec<u8>>, RingError> {
        if let [only] = self.0.as_slice() {
            return Ok(Zeroizing::new(only.bytes.to_vec()));
        }
        self.json()
    }

    /// The copy for the safe.
    ///
    /// # Errors
    /// [`RingError::ShortPassphrase`], [`RingError::Cipher`].
    pub fn export(&self, entropy: &dyn Entropy, passphrase: &str) -> Result<Vec<u8>, RingError> {
        if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(RingError::ShortPassphrase);
        }
        let (mut salt, mut nonce) = ([0; SALT_LEN], [0; NONCE_LEN]);
        entropy.fill(&mut salt);
        entropy.fill(&mut nonce);
        let work = Work { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES };
        let key_ids: Vec<String> = self.0.iter().map(|key| key.id.clone()).collect();
        let mut sealed = self.json()?.to_vec();
        passphrase_key(passphrase, &salt, work)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(key_ids.join(",").as_bytes()), &mut sealed)
            .map_err(|_| RingError::Cipher)?;
        let file = ExportFile {
            format: EXPORT.to_owned(),
            version: 1,
            key_ids,
            argon2id: work,
            salt: BASE64.encode(&salt),
            nonce: BASE64.encode(&nonce),
            sealed: BASE64.encode(&sealed),
        };
        serde_json::to_vec_pretty(&file).map_err(|_| RingError::Cipher)
    }

    /// Opens the copy for the safe.
    ///
    /// # Errors
    /// [`RingError::NoRing`] for another file, [`RingError::Locked`] for another passphrase.
    pub fn import(bytes: &[u8], passphrase: &str) -> Result<Self, RingError> {
        let file: ExportFile = serde_json::from_slice(bytes).map_err(|_| RingError::NoRing)?;
        let decoded = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| RingError::NoRing);
        let (salt, nonce, mut sealed) = (decoded(&file.salt)?, decoded(&file.nonce)?, decoded(&file.sealed)?);
        let is_ours = file.format == EXPORT && file.version == 1 && salt.len() == SALT_LEN && file.argon2id.memory_kib <= MEMORY_KIB_MAX;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| RingError::NoRing)?;
        if !is_ours {
            return Err(RingError::NoRing);
        }
        let key = passphrase_key(passphrase, &salt, file.argon2id)?;
        let opened = key.open_in_place(nonce, Aad::from(file.key_ids.join(",").as_bytes()), &mut sealed).map_err(|_| RingError::Locked)?;
        let ring = Self::of_json(opened);
        sealed.zeroize();
        ring
    }

    fn json(&self) -> Result<Zeroizing<Vec<u8>>, RingError> {
        let key = |key: &RingKey| RingFileKey { id: key.id.clone(), made_at: key.made_at, key: HEXLOWER.encode(&*key.bytes) };
        let file = RingFile { format: RING.to_owned(), version: 1, keys: self.0.iter().map(key).collect() };
        serde_json::to_vec_pretty(&file).map(Zeroizing::new).map_err(|_| RingError::Cipher)
    }

    fn of_json(bytes: &[u8]) -> Result<Self, RingError> {
        let file: RingFile = serde_json::from_slice(bytes).map_err(|_| RingError::NoRing)?;
        if file.format != RING || file.version != 1 || file.keys.is_empty() || file.keys.len() > KEYS_MAX {
            return Err(RingError::NoRing);
        }
        let key = |key: &RingFileKey| {
            let bytes = Zeroizing::new(HEXLOWER.decode(key.key.as_bytes()).map_err(|_| RingError::NoRing)?);
            let bytes = Zeroizing::new(<[u8; KEY_LEN]>::try_from(bytes.as_slice()).map_err(|_| RingError::NoRing)?);
            let is_named = key_id(&bytes) == key.id;
            is_named.then(|| RingKey { id: key.id.clone(), made_at: key.made_at, bytes }).ok_or(RingError::NoRing)
        };
        file.keys.iter().map(key).collect::<Result<_, _>>().map(Self)
    }
}

fn passphrase_key(passphrase: &str, salt: &[u8], work: Work) -> Result<LessSafeKey, RingError> {
    let params = Params::new(work.memory_kib, work.passes, work.lanes, Some(KEY_LEN)).map_err(|_| RingError::NoRing)?;
    let mut key = Zeroizing::new([0; KEY_LEN]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(|_| RingError::Cipher)?;
    UnboundKey::new(&AES_256_GCM, &*key).map(LessSafeKey::new).map_err(|_| RingError::Cipher)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;
    use crate::vault::tests::Counting;

    fn ids(ring: &KeyRing) -> Vec<&str> {
        ring.keys().iter().map(|key| key.id.as_str()).collect()
    }

    #[test]
    fn a_ring_is_written_and_read_as_one_key_and_as_many() {
        let entropy = Counting(1.into());
        let one = KeyRing::fresh(&entropy, 10);
        assert_eq!(one.to_file().unwrap().len(), 32, "as it always was");
        let two = one.rotated(&entropy, 20).unwrap();
        assert_eq!((ids(&two)[0], two.keys().len()), (ids(&one)[0], 2));
        let read = KeyRing::read(&two.to_file().unwrap(), None).unwrap();
        assert_eq!((ids(&read), read.keys()[1].made_at), (ids(&two), Some(20)));
        assert_eq!(read.vault().unwrap().key_id(), ids(&two)[1]);
        assert_eq!(KeyRing::read(&one.to_file().unwrap(), Some(5)).unwrap().keys()[0].made_at, Some(5));
        for wrong in [&b""[..], b"{}", &[0; 31], b"[]"] {
            assert_eq!(KeyRing::read(wrong, None).unwrap_err(), RingError::NoRing);
        }
        let text = String::from_utf8(two.to_file().unwrap().to_vec()).unwrap();
        let renamed = text.replacen(ids(&two)[1], "0000000000000000", 1);
        assert_eq!(KeyRing::read(renamed.as_bytes(), None).unwrap_err(), RingError::NoRing, "a key under another name");
    }

    #[test]
    fn the_copy_for_the_safe_opens_by_its_passphrase_alone() {
        let entropy = Counting(1.into());
        let ring = KeyRing::fresh(&entropy, 10).rotated(&entropy, 20).unwrap();
        assert_eq!(ring.export(&entropy, "太短").unwrap_err(), RingError::ShortPassphrase);
        let passphrase = "草原上的石头有十二块。";
        assert_eq!(ring.export(&entropy, passphrase).unwrap_err(), RingError::ShortPassphrase, "eleven characters");
        let passphrase = "草原上的石头一共有十二块";
        let copy = ring.export(&entropy, passphrase).unwrap();
        let key = HEXLOWER.encode(&*ring.keys()[0].bytes);
        assert!(!String::from_utf8(copy.clone()).unwrap().contains(&key));
        let opened = KeyRing::import(&copy, passphrase).unwrap();
        assert_eq!((ids(&opened), opened.keys()[0].made_at), (ids(&ring), Some(10)));
        assert_eq!(KeyRing::import(&copy, "另外一个很长很长的口令").unwrap_err(), RingError::Locked);
        let renamed = String::from_utf8(copy).unwrap().replacen(ids(&ring)[0], "0000000000000000", 1);
        assert_eq!(KeyRing::import(renamed.as_bytes(), passphrase).unwrap_err(), RingError::Locked, "what it is called is sealed too");
        assert_eq!(KeyRing::import(b"{}", passphrase).unwrap_err(), RingError::NoRing);
    }
}
