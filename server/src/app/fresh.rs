//! Fresh ids, codes and tokens from given randomness.

use data_encoding::{Encoding, Specification};
use domain::time::Millis;

use crate::vault::Entropy;

/// Digits and lower-case letters without those that look alike (Crockford's choice).
const ID_ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";

fn encoding() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str(ID_ALPHABET);
    specification.encoding().unwrap_or(data_encoding::HEXLOWER)
}

/// The tail of an id: time first, so that ids of one site sort by age, then 80 random bits.
#[must_use]
pub fn id_tail(entropy: &dyn Entropy, now: Millis) -> String {
    let mut bytes = [0; 15];
    // 40 bits of milliseconds since 2020 last until 2054 and keep the id at 24 characters.
    const START_MS: Millis = 1_577_836_800_000;
    bytes[..5].copy_from_slice(&((now - START_MS).max(0) as u64).to_be_bytes()[3..]);
    entropy.fill(&mut bytes[5..]);
    static ENCODING: std::sync::OnceLock<Encoding> = std::sync::OnceLock::new();
    ENCODING.get_or_init(encoding).encode(&bytes)
}

/// Random bytes.
#[must_use]
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// A secret token of 256 bits for cookies and devices.
#[must_use]
pub fn token(entropy: &dyn Entropy) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&bytes::<32>(entropy))
}

/// Decimal digits, each drawn evenly.
#[must_use]
pub fn digits(entropy: &dyn Entropy, count: usize) -> String {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let [byte] = bytes::<1>(entropy);
        // 250 is the largest multiple of 10 in a byte: what lies above would favour small digits.
        if byte < 250 {
            text.push(char::from(b'0' + byte % 10));
        }
    }
    text
}
