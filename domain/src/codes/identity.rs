//! Identity numbers and phones as people give them: their form, their check digits, and what a
//! wrong one should be told. Knows no registry: a sound number need not exist.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text::narrow;

/// Why a number was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Another count of characters than the one expected.
    #[error("{found} characters instead of {expected}")]
    Length {
        /// Characters found, up to 99.
        found: usize,
        /// Characters expected.
        expected: usize,
    },
    /// A character that cannot occur there.
    #[error("character not allowed")]
    Character,
    /// The date of birth does not exist.
    #[error("no such date of birth")]
    Birth,
    /// The date of birth is still to come.
    #[error("born after today")]
    Unborn,
    /// The check digit does not fit the rest.
    #[error("wrong check digit")]
    CheckDigit,
}

impl CodeFault {
    /// Stable code for problem documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length { .. } => "length",
            Self::Character => "character",
            Self::Birth | Self::Unborn => "birth_date",
            Self::CheckDigit => "check_digit",
        }
    }

    /// What to do about it, in Chinese.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::Length { found, expected } if found < expected => format!("少 {} 位，应是 {expected} 位", expected - found),
            Self::Length { found, expected } => format!("多 {} 位，应是 {expected} 位", found - expected),
            Self::Character => "有不该出现的字符，请对照证件重填".to_owned(),
            Self::Birth => "第 7 至 14 位不是真实的出生日期，请对照证件重填".to_owned(),
            Self::Unborn => "第 7 至 14 位的出生日期还没有到，请对照证件重填".to_owned(),
            Self::CheckDigit => "校验位不对，请对照证件逐位核对".to_owned(),
        }
    }
}

/// The kinds of identity number the system takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdType {
    /// 居民身份证.
    ResidentId,
    /// 统一社会信用代码.
    Uscc,
    /// 护照.
    Passport,
    /// 港澳居民来往内地通行证 / 居住证.
    HkMacaoPermit,
    /// 台湾居民来往大陆通行证 / 居住证.
    TaiwanPermit,
    /// 外国人永久居留身份证.
    ForeignPr,
    /// Any other document.
    Other,
}

impl IdType {
    /// The number in its normal form (ASCII, capitals, no spaces), as the blind index takes it. `today` is the local date.
    ///
    /// # Errors
    /// [`CodeFault`] where the number has not the form of its kind, or says a date of birth after today.
    pub fn normal(self, number: &str, today: NaiveDate) -> Result<String, CodeFault> {
        match self {
            Self::ResidentId => {
                let id = resident_id(number)?;
                if id.birth > today { Err(CodeFault::Unborn) } else { Ok(id.number) }
            }
            Self::Uscc => uscc(number),
            Self::Passport | Self::HkMacaoPermit | Self::TaiwanPermit | Self::ForeignPr | Self::Other => document_number(number),
        }
    }
}

/// 男 or 女, as the number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 女.
    Female,
    /// 男.
    Male,
}

/// A sound resident identity number and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidentId {
    /// 18 characters, the last a digit or `X`.
    pub number: String,
    /// Date of birth; may lie in the future, since no clock is known here ([`IdType::normal`] has one).
    pub birth: NaiveDate,
    /// From the 17th digit.
    pub sex: Sex,
}

/// Spaces and hyphens dropped, full-width forms narrowed, letters raised.
fn normal(text: &str) -> String {
    narrow(text).chars().take(100).filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}

fn eighteen(text: &str) -> Result<String, CodeFault> {
    let number = normal(text);
    let found = number.chars().count().min(99);
    if found != 18 {
        return Err(CodeFault::Length { found, expected: 18 });
    }
    if !number.is_ascii() {
        return Err(CodeFault::Character);
    }
    Ok(number)
}

/// Checks a resident identity number (GB 11643): form, date of birth, check digit.
///
/// # Errors
/// [`CodeFault`], the most helpful one first.
pub fn resident_id(text: &str) -> Result<ResidentId, CodeFault> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let number = eighteen(text)?;
    let bytes = number.as_bytes();
    let digits: Vec<u32> = bytes[..17].iter().filter_map(|byte| char::from(*byte).to_digit(10)).collect();
    let last_is_sound = bytes[17].is_ascii_digit() || bytes[17] == b'X';
    if digits.len() != 17 || digits[0] == 0 || !last_is_sound {
        return Err(CodeFault::Character);
    }
    let value = |from: usize, to: usize| digits[from..to].iter().fold(0, |value, digit| value * 10 + digit);
    let year = i32::try_from(value(6, 10)).unwrap_or_default();
    let birth = NaiveDate::from_ymd_opt(year, value(10, 12), value(12, 14)).filter(|_| year >= 1850).ok_or(CodeFault::Birth)?;
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    if CHECKS[(sum % 11) as usize] != bytes[17] {
        return Err(CodeFault::CheckDigit);
    }
    let sex = if digits[16] % 2 == 1 { Sex::Male } else { Sex::Female };
    Ok(ResidentId { number, birth, sex })
}

/// Checks a unified social credit code (GB 32100) and gives its normal form.
///
/// # Errors
/// [`CodeFault`].
pub fn uscc(text: &str) -> Result<String, CodeFault> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let code = eighteen(text)?;
    let indices: Vec<usize> = code.bytes().filter_map(|byte| ALPHABET.iter().position(|known| *known == byte)).collect();
    if indices.len() != 18 {
        return Err(CodeFault::Character);
    }
    let (sum, _) = indices[..17].iter().fold((0, 1), |(sum, weight), index| (sum + index * weight, weight * 3 % 31));
    if (31 - sum % 31) % 31 == indices[17] { Ok(code) } else { Err(CodeFault::CheckDigit) }
}

/// Other documents have no common check digit: 4 to 30 letters and digits.
fn document_number(text: &str) -> Result<String, CodeFault> {
    let number = normal(text);
    let found = number.chars().count().min(99);
    match found {
        0..4 => Err(CodeFault::Length { found, expected: 4 }),
        31.. => Err(CodeFault::Length { found, expected: 30 }),
        _ if number.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(number),
        _ => Err(CodeFault::Character),
    }
}

/// A mainland mobile number: 11 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mobile(pub String);

/// A mainland landline with its area code, digits only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landline(pub String);

impl Mobile {
    /// Reads a mobile number; `+86`, spaces and hyphens are dropped.
    ///
    /// # Errors
    /// [`CodeFault`].
    pub fn parse(text: &str) -> Result<Self, CodeFault> {
        let number = normal(text);
        let number = number.strip_prefix("+86").unwrap_or(&number);
        let number = number.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(number);
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeFault::Character);
        }
        if number.len() != 11 {
            return Err(CodeFault::Length { found: number.len().min(99), expected: 11 });
        }
        if number.starts_with('1') && number.as_bytes()[1] >= b'3' { Ok(Self(number.to_owned())) } else { Err(CodeFault::Character) }
    }
}

impl Landline {
    /// Reads a landline; `None` without an area code or with another count of digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = normal(text).replace(['(', ')'], "");
        let sound = number.starts_with('0')
            && !number.starts_with("00")
            && (10..=12).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some(Self(number))
    }
}

/// A phone an applicant can be reached at: a mobile number, or a landline with area code.
///
/// # Errors
/// What is wrong with it as a mobile number.
pub fn phone(text: &str) -> Result<String, CodeFault> {
    match Landline::parse(text) {
        Some(Landline(number)) => Ok(number),
        None => Mobile::parse(text).map(|Mobile(number)| number),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn resident_numbers_are_checked_and_read() {
        let id = resident_id(" 11010519491231002x ").unwrap();
        assert_eq!(
            id,
            ResidentId { number: "11010519491231002X".into(), birth: NaiveDate::from_ymd_opt(1949, 12, 31).unwrap(), sex: Sex::Female }
        );
        assert_eq!(resident_id("４４０５２４１８８００１０１００１４").unwrap().sex, Sex::Male);
        for (text, fault) in [
            ("1101051949123100", CodeFault::Length { found: 16, expected: 18 }),
            ("11010519491231002XX", CodeFault::Length { found: 19, expected: 18 }),
            ("110105194912310021", CodeFault::CheckDigit),
            ("110105194913310020", CodeFault::Birth),
            ("110105194902290029", CodeFault::Birth),
            ("1101051949123100ZX", CodeFault::Character),
            ("01010519491231002X", CodeFault::Character),
            ("一一〇一〇五一九四九一二三一〇〇二X", CodeFault::Character),
        ] {
            assert_eq!(resident_id(text), Err(fault), "{text}");
        }
        assert_eq!(CodeFault::Length { found: 16, expected: 18 }.message(), "少 2 位，应是 18 位");
    }

    #[test]
    fn one_wrong_digit_or_two_swapped_never_pass() {
        let sound = "11010519491231002X";
        for at in 0..17 {
            for digit in '0'..='9' {
                let mut other: Vec<char> = sound.chars().collect();
                if other[at] != digit {
                    other[at] = digit;
                    assert!(resident_id(&other.iter().collect::<String>()).is_err());
                }
            }
            let mut swapped: Vec<char> = sound.chars().collect();
            swapped.swap(at, at + 1);
            let swapped: String = swapped.into_iter().collect();
            assert!(swapped == sound || resident_id(&swapped).is_err(), "{swapped}");
        }
    }

    #[test]
    fn credit_codes_are_checked() {
        assert_eq!(uscc("91350100m000100y43").unwrap(), "91350100M000100Y43");
        assert_eq!(uscc("11220000013544541J").unwrap(), "11220000013544541J");
        assert_eq!(uscc("91350100M000100Y44"), Err(CodeFault::CheckDigit));
        assert_eq!(uscc("91350100I000100Y43"), Err(CodeFault::Character));
        assert_eq!(uscc("9135"), Err(CodeFault::Length { found: 4, expected: 18 }));
    }

    #[test]
    fn phones_have_one_normal_form() {
        for (text, number) in [
            ("13812342046", "13812342046"),
            ("+86 138-1234-2046", "13812342046"),
            ("8613812342046", "13812342046"),
            ("１３８１２３４２０４６", "13812342046"),
            ("0470-8221234", "04708221234"),
            ("(010)62221234", "01062221234"),
        ] {
            assert_eq!(phone(text).unwrap(), number);
        }
        assert_eq!(phone("1381234204"), Err(CodeFault::Length { found: 10, expected: 11 }));
        for wrong in ["12812342046", "23812342046", "1381234204a", "8221234", "", "００一"] {
            assert!(phone(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn other_documents_have_letters_and_digits() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        assert_eq!(IdType::Passport.normal("e 1234-5678", today), Ok("E12345678".into()));
        assert_eq!(IdType::Other.normal("E1;DROP", today), Err(CodeFault::Character));
        assert_eq!(IdType::HkMacaoPermit.normal("H1", today), Err(CodeFault::Length { found: 2, expected: 4 }));
        assert_eq!(serde_json::to_string(&IdType::HkMacaoPermit).unwrap(), r#""hk_macao_permit""#);
    }

    #[test]
    fn nobody_is_born_tomorrow() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let (tomorrows, todays) = ("152301202611250037", "152301202611240031");
        assert_eq!(IdType::ResidentId.normal(tomorrows, today), Err(CodeFault::Unborn));
        assert_eq!(IdType::ResidentId.normal(todays, today).as_deref(), Ok(todays));
        assert!(resident_id(tomorrows).is_ok(), "the number itself is sound");
    }
}
