//! 电子证照标识 (GB/T 36904): an identifier of type, issuer, serial and version with a check character
//! by ISO 7064 MOD 37,36. Knows nothing of the licence behind it.

use super::identity::uscc;

const ROOT: &str = "1.2.156.3005.2";
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const TYPE_CHARS: usize = 21;
const VERSION_CHARS: usize = 3;
const SERIAL_CHARS_MAX: usize = 64;

/// The identifier of a licence with its check character. `None` when a part has not its form: type
/// of 21 characters, issuer a sound 统一社会信用代码, version of three, serial of digits, capitals
/// and dots.
#[must_use]
pub fn licence_identifier(licence_type: &str, issuer: &str, serial: &str, version: &str) -> Option<String> {
    let serial_is_sound = (1..=SERIAL_CHARS_MAX).contains(&serial.len()) && serial.split('.').all(|part| !part.is_empty());
    let type_code = licence_type.split('.').all(|part| !part.is_empty()) && licence_type.len() == TYPE_CHARS;
    let parts_are_sound = type_code && uscc(issuer).is_ok_and(|sound| sound == issuer) && version.len() == VERSION_CHARS && serial_is_sound;
    if !parts_are_sound {
        return None;
    }
    let check = check_character(&format!("{licence_type}{issuer}{serial}{version}"))?;
    Some(format!("{ROOT}.{licence_type}.{issuer}.{serial}.{version}.{check}"))
}

/// Whether text is a licence identifier whose check character is right.
#[must_use]
pub fn is_licence_identifier(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('.')) else { return false };
    let Some((body, check)) = rest.rsplit_once('.') else { return false };
    let Some((body, version)) = body.rsplit_once('.') else { return false };
    let mut parts = body.splitn(3, '.');
    let (Some(licence_type), Some(issuer), Some(serial)) = (parts.next(), parts.next(), parts.next()) else { return false };
    check.len() == 1 && licence_identifier(licence_type, issuer, serial, version).is_some_and(|sound| sound == text)
}

/// ISO 7064 MOD 37,36 over digits and capitals, dots left out; `None` at any other character.
fn check_character(text: &str) -> Option<char> {
    let mut product = 36;
    for byte in text.bytes().filter(|byte| *byte != b'.') {
        let index = ALPHABET.iter().position(|known| *known == byte)?;
        let sum = (product + index) % 36;
        product = 2 * if sum == 0 { 36 } else { sum } % 37;
    }
    Some(char::from(ALPHABET[(37 - product) % 36]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: [&str; 2] = [
        "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    ];

    #[test]
    fn published_identifiers_are_sound_and_made_again() {
        for vector in VECTORS {
            assert!(is_licence_identifier(vector), "{vector}");
        }
        let made = licence_identifier("11100000000013338W032", "11220000013544541J", "2430599", "001");
        assert_eq!(made.as_deref(), Some(VECTORS[0]));
    }

    #[test]
    fn any_changed_character_is_found() {
        for vector in VECTORS {
            for (at, was) in vector.char_indices().filter(|(_, was)| *was != '.') {
                let other = if was == '7' { '3' } else { '7' };
                let mut changed = vector.to_owned();
                changed.replace_range(at..=at, &other.to_string());
                assert!(!is_licence_identifier(&changed), "{changed}");
            }
        }
        for wrong in ["", "1.2.156.3005.2", "1.2.156.3005.2.", "1.2.156.3005.2.a.b.c.d.e", "号"] {
            assert!(!is_licence_identifier(wrong), "{wrong}");
        }
    }

    #[test]
    fn parts_without_their_form_make_no_identifier() {
        let sound = ("11100000000013338W032", "11220000013544541J", "2430599", "001");
        assert!(licence_identifier(sound.0, sound.1, sound.2, sound.3).is_some());
        assert!(licence_identifier("111", sound.1, sound.2, sound.3).is_none());
        assert!(licence_identifier(sound.0, "11220000013544541K", sound.2, sound.3).is_none());
        assert!(licence_identifier(sound.0, sound.1, "", sound.3).is_none());
        assert!(licence_identifier(sound.0, sound.1, "a1", sound.3).is_none());
        assert!(licence_identifier(sound.0, sound.1, sound.2, "1").is_none());
    }
}
