//! The codes on slips and receipts, made from random bytes that the caller draws: base32 in upper
//! case without I, L, O and U, so that a code read aloud or typed from paper is not confused.

use super::text::narrow;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of the code in the slip's QR: 80 bits.
pub const TRACKING_CODE_CHARS: usize = 16;
/// Characters of the code printed on the slip, valid with the site for the ticket's day: 40 bits.
pub const SHORT_CODE_CHARS: usize = 8;
/// Characters of the code that goes with a case number: 40 bits.
pub const QUERY_CODE_CHARS: usize = 8;

/// The tracking code of a ticket or case.
#[must_use]
pub fn tracking_code(random: [u8; 10]) -> String {
    base32(&random)
}

/// The short code of a ticket.
#[must_use]
pub fn short_code(random: [u8; 5]) -> String {
    base32(&random)
}

/// The query code of a case.
#[must_use]
pub fn query_code(random: [u8; 5]) -> String {
    base32(&random)
}

/// Five bytes make eight characters; only whole groups of five are given here.
fn base32(bytes: &[u8]) -> String {
    let mut code = String::with_capacity(bytes.len() / 5 * 8);
    for group in bytes.chunks_exact(5) {
        let bits = group.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        code.extend((0..8).rev().map(|at| char::from(ALPHABET[(bits >> (5 * at) & 31) as usize])));
    }
    code
}

/// A code as it was typed or scanned in the form it was given out in: spaces and hyphens dropped,
/// small letters raised, I and L read as 1, O as 0. `None` unless it has `chars` characters of the
/// alphabet.
#[must_use]
pub fn normal_code(typed: &str, chars: usize) -> Option<String> {
    if typed.len() > 4 * chars + 16 {
        return None;
    }
    let code: Option<String> = narrow(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'I' | 'L' => Some('1'),
            'O' => Some('0'),
            upper => u8::try_from(upper).ok().filter(|byte| ALPHABET.contains(byte)).map(char::from),
        })
        .collect();
    code.filter(|code| code.len() == chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_length_and_alphabet() {
        assert_eq!(tracking_code([0; 10]), "0000000000000000");
        assert_eq!(tracking_code([0xff; 10]), "ZZZZZZZZZZZZZZZZ");
        assert_eq!(short_code([0x00, 0x44, 0x32, 0x14, 0xc7]), "01234567");
        assert_eq!(query_code([0x42, 0x54, 0xb6, 0x35, 0xcf]), "89ABCDEF");
        assert_eq!(tracking_code(*b"0123456789").len(), TRACKING_CODE_CHARS);
        assert_eq!(short_code(*b"01234").len(), SHORT_CODE_CHARS);
    }

    #[test]
    fn every_bit_of_the_bytes_is_in_the_code() {
        let zero = tracking_code([0; 10]);
        for bit in 0..80 {
            let mut bytes = [0u8; 10];
            bytes[bit / 8] = 1 << (bit % 8);
            assert_ne!(tracking_code(bytes), zero, "bit {bit}");
        }
    }

    #[test]
    fn typed_codes_find_their_form() {
        assert_eq!(normal_code(" 0l2o-abcd ", 8).as_deref(), Some("0120ABCD"));
        assert_eq!(normal_code("０１２３４５６７", 8).as_deref(), Some("01234567"));
        for wrong in ["0123456", "012345678", "0123456U", "号123456", ""] {
            assert_eq!(normal_code(wrong, 8), None, "{wrong}");
        }
        assert_eq!(normal_code(&"-".repeat(10_000), 8), None);
    }
}
