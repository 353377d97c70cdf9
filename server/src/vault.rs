//! Keys and what is done with them: sealing personal data row by row, the blind index, the key of the
//! log's chain. Knows no database and no file.
//!
//! A sealed value is `suite(1) | nonce(12) | wrapped data key(48) | nonce(12) | ciphertext and tag`.
//! Every row has a data key of its own, wrapped by a master key: destroying the row destroys the
//! data, whatever a backup holds of the log. The row names the master key beside it, so after a change
//! of keys ([`crate::key_ring`]) the old ones still open what they sealed. The first key of a ring gives
//! the keys of the blind index and of the log's chain for good: under others nobody would be found again
//! and no log would hold.

use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::{digest, hkdf, hmac};

use crate::store::chain::ChainKey;

/// AES-256-GCM for data and for the wrapping of its key; another value leaves room for SM4-GCM.
const SUITE_AES_256_GCM: u8 = 1;
const NONCE_LEN: usize = 12;
const KEY_LEN: usize = 32;
const WRAPPED_LEN: usize = KEY_LEN + 16;

/// A source of random bytes; an argument wherever fresh ids, codes or keys are drawn.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Why sealed data could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Sealed under a key that is not here.
    #[error("key {0} is not loaded")]
    OtherKey(String),
    /// Not what was sealed.
    #[error("sealed data is damaged")]
    Damaged,
}

/// A key that seals rows.
#[derive(Clone)]
struct Sealing {
    id: String,
    cipher: Arc<LessSafeKey>,
}

impl Sealing {
    fn of(master: &[u8; KEY_LEN]) -> Result<Self, VaultError> {
        Ok(Self { id: key_id(master), cipher: Arc::new(cipher(&derive(master, b"wrap"))?) })
    }
}

/// Names a master key without telling anything of it.
#[must_use]
pub fn key_id(master: &[u8; KEY_LEN]) -> String {
    data_encoding::HEXLOWER.encode(&digest::digest(&digest::SHA256, &derive(master, b"key id")).as_ref()[..8])
}

/// The master keys and the keys made from them.
#[derive(Clone)]
pub struct Vault {
    /// The first of the ring.
    root_id: String,
    /// What seals from now on.
    current: Sealing,
    /// What still opens.
    earlier: Vec<Sealing>,
    blind: hmac::Key,
    chain: ChainKey,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("key_ids", &self.key_ids()).finish_non_exhaustive()
    }
}

struct Bytes32;

impl hkdf::KeyType for Bytes32 {
    fn len(&self) -> usize {
        KEY_LEN
    }
}

fn derive(master: &[u8; KEY_LEN], purpose: &[u8]) -> [u8; KEY_LEN] {
    let mut key = [0; KEY_LEN];
    let pseudo_random = hkdf::Salt::new(hkdf::HKDF_SHA256, b"yichuang").extract(master);
    // Expanding 32 bytes cannot fail: the limit is 255 blocks.
    let _ = pseudo_random.expand(&[purpose], Bytes32).and_then(|okm| okm.fill(&mut key));
    key
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, VaultError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| VaultError::Damaged)
}

impl Vault {
    /// A vault under one master key.
    ///
    /// # Errors
    /// Never for 32 bytes; the type of the library's error is passed on.
    pub fn new(master: &[u8; KEY_LEN]) -> Result<Self, VaultError> {
        Self::of_ring(master, &[])
    }

    /// A vault under a ring of master keys: the first, then those made later; the last one seals.
    ///
    /// # Errors
    /// Never for keys of 32 bytes; the type of the library's error is passed on.
    pub fn of_ring(root: &[u8; KEY_LEN], later: &[&[u8; KEY_LEN]]) -> Result<Self, VaultError> {
        let first = Sealing::of(root)?;
        let root_id = first.id.clone();
        let mut earlier = vec![first];
        for master in later {
            earlier.push(Sealing::of(master)?);
        }
        let current = earlier.pop().ok_or(VaultError::Damaged)?;
        Ok(Self {
            root_id,
            current,
            earlier,
            blind: hmac::Key::new(hmac::HMAC_SHA256, &derive(root, b"blind index")),
            chain: ChainKey::new(&derive(root, b"log chain")),
        })
    }

    /// Names the key that seals from now on.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.current.id
    }

    /// Names the key that the log and the blind index stand under.
    #[must_use]
    pub fn root_id(&self) -> &str {
        &self.root_id
    }

    /// Every key that opens, the oldest first.
    #[must_use]
    pub fn key_ids(&self) -> Vec<&str> {
        self.earlier.iter().chain([&self.current]).map(|key| key.id.as_str()).collect()
    }

    /// The key of the log's chain.
    #[must_use]
    pub fn chain(&self) -> ChainKey {
        self.chain.clone()
    }

    /// Seals a row's data; `owner` (table and row) is bound to it, so that rows cannot be swapped.
    ///
    /// # Errors
    /// When the cipher refuses, which it does only beyond 64 GiB.
    pub fn seal(&self, entropy: &dyn Entropy, owner: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (mut data_key, mut outer, mut inner) = ([0; KEY_LEN], [0; NONCE_LEN], [0; NONCE_LEN]);
        entropy.fill(&mut data_key);
        entropy.fill(&mut outer);
        entropy.fill(&mut inner);
        let mut wrapped = data_key.to_vec();
        self.current
            .cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(outer), Aad::from(owner.as_bytes()), &mut wrapped)
            .map_err(|_| VaultError::Damaged)?;
        let mut body = plain.to_vec();
        cipher(&data_key)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(inner), Aad::from(owner.as_bytes()), &mut body)
            .map_err(|_| VaultError::Damaged)?;
        Ok([&[SUITE_AES_256_GCM], outer.as_slice(), &wrapped, &inner, &body].concat())
    }

    /// Opens what [`Vault::seal`] sealed for the same owner.
    ///
    /// # Errors
    /// When it was sealed under another key or for another owner, or was changed.
    pub fn open(&self, key_id: &str, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let other = || VaultError::OtherKey(key_id.to_owned());
        let key = self.earlier.iter().chain([&self.current]).find(|key| key.id == key_id).ok_or_else(other)?;
        let (suite, rest) = sealed.split_first().ok_or(VaultError::Damaged)?;
        if *suite != SUITE_AES_256_GCM || rest.len() < NONCE_LEN + WRAPPED_LEN + NONCE_LEN {
            return Err(VaultError::Damaged);
        }
        let (outer, rest) = rest.split_at(NONCE_LEN);
        let (wrapped, rest) = rest.split_at(WRAPPED_LEN);
        let (inner, body) = rest.split_at(NONCE_LEN);
        let mut wrapped = wrapped.to_vec();
        let data_key = open_with(&key.cipher, outer, owner, &mut wrapped)?;
        let mut body = body.to_vec();
        Ok(open_with(&cipher(data_key)?, inner, owner, &mut body)?.to_vec())
    }

    /// The blind index of a normalised value; `field` keeps ID numbers and phones apart.
    #[must_use]
    pub fn blind_index(&self, field: &str, value: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.blind);
        context.update(field.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        context.sign().as_ref().to_vec()
    }
}

fn open_with<'a>(key: &LessSafeKey, nonce: &[u8], owner: &str, body: &'a mut [u8]) -> Result<&'a [u8], VaultError> {
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Damaged)?;
    key.open_in_place(nonce, Aad::from(owner.as_bytes()), body).map(|plain| &*plain).map_err(|_| VaultError::Damaged)
}

/// SHA-256, for tokens and request bodies.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    /// Fills with one number after the other.
    pub(crate) struct Counting(pub(crate) std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let (vault, entropy) = (Vault::new(&[7; 32]).unwrap(), Counting(0.into()));
        let sealed = vault.seal(&entropy, "persons/p_dc_1", "王明".as_bytes()).unwrap();
        assert!(!sealed.windows("王".len()).any(|part| part == "王".as_bytes()));
        assert_eq!(vault.open(vault.key_id(), "persons/p_dc_1", &sealed).unwrap(), "王明".as_bytes());
        assert_eq!(vault.open(vault.key_id(), "persons/p_dc_2", &sealed), Err(VaultError::Damaged));
        let other = Vault::new(&[8; 32]).unwrap();
        assert!(matches!(other.open(vault.key_id(), "persons/p_dc_1", &sealed), Err(VaultError::OtherKey(_))));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(vault.open(vault.key_id(), "persons/p_dc_1", &changed).is_err(), "byte {place}");
        }
        assert_ne!(vault.blind_index("phone", "1"), vault.blind_index("id_number", "1"));
    }

    #[test]
    fn a_new_key_seals_what_is_new_and_the_old_one_still_opens_and_finds() {
        let (before, entropy) = (Vault::new(&[7; 32]).unwrap(), Counting(0.into()));
        let old = before.seal(&entropy, "p_1", b"old").unwrap();
        let after = Vault::of_ring(&[7; 32], &[&[8; 32]]).unwrap();
        assert_eq!(after.key_ids(), [before.key_id(), after.key_id()]);
        assert_eq!((after.root_id(), after.key_id() == before.key_id()), (before.key_id(), false));
        let new = after.seal(&entropy, "p_2", b"new").unwrap();
        assert_eq!(after.open(before.key_id(), "p_1", &old).unwrap(), b"old");
        assert_eq!(after.open(after.key_id(), "p_2", &new).unwrap(), b"new");
        assert_eq!(after.open(before.key_id(), "p_2", &new), Err(VaultError::Damaged), "each under its own");
        assert_eq!(before.open(after.key_id(), "p_2", &new), Err(VaultError::OtherKey(after.key_id().to_owned())));
        assert_eq!(before.blind_index("phone", "1"), after.blind_index("phone", "1"), "people are found as before");
    }
}
