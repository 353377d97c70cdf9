//! Who applies, as a bag writes it down: checked while the person is still there, by the rules that the service asks
//! again. Knows no case.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::catalogue::ApplicantKind;
use crate::codes::{IdType, clean_line, phone};

/// Kinds of applicants, in the order of the list of GB/T 39046 (1 自然人 … 6 其他组织).
pub const PERSON_KINDS: [&str; 6] = ["person", "enterprise", "institution", "social_org", "agency", "other"];
/// Characters of a name.
const NAME_CHARS_MAX: usize = 100;
/// Characters of an address.
const ADDRESS_CHARS_MAX: usize = 200;

/// A person as typed in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BagPerson {
    /// `person`, `enterprise`, …
    pub kind: String,
    /// Name.
    pub name: String,
    /// `resident_id`, `uscc`, …
    pub id_type: String,
    /// Number of the document.
    pub id_number: String,
    /// Phone; may be empty for an agent.
    pub phone: String,
    /// Address; may be empty.
    pub address: String,
}

impl std::fmt::Debug for BagPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BagPerson(…)")
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BagFault {
    /// Path of the field.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What to do, in Chinese.
    pub message: String,
}

impl BagFault {
    /// A fault of a field.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// What is wrong with the kind of an applicant where a matter takes only some.
#[must_use]
pub fn check_kind(path: &str, kind: &str, taken: &[ApplicantKind]) -> Option<BagFault> {
    let code = PERSON_KINDS.iter().position(|known| *known == kind).map(|place| (place + 1).to_string());
    let Some(code) = code else { return Some(BagFault::new(format!("{path}.kind"), "unknown", "选一种申请人类型")) };
    if taken.iter().any(|taken| taken.code() == code) {
        return None;
    }
    let names: Vec<&str> = taken.iter().map(|taken| taken.label()).collect();
    Some(BagFault::new(format!("{path}.kind"), "not_for_kind", format!("这个事项由{}申请", names.join("、"))))
}

/// Everything that is wrong with a person under a path; only an applicant must be reachable by phone.
#[must_use]
pub fn check_person(path: &str, person: &BagPerson, needs_phone: bool, today: NaiveDate) -> Vec<BagFault> {
    let at = |name: &str| format!("{path}.{name}");
    let mut faults = Vec::new();
    if person.name.trim().is_empty() {
        faults.push(BagFault::new(at("name"), "missing", "写上姓名或名称"));
    } else if let Err(fault) = clean_line(&person.name, NAME_CHARS_MAX) {
        faults.push(BagFault::new(at("name"), fault.code(), fault.message()));
    }
    if !person.address.trim().is_empty()
        && let Err(fault) = clean_line(&person.address, ADDRESS_CHARS_MAX)
    {
        faults.push(BagFault::new(at("address"), fault.code(), fault.message()));
    }
    match serde_json::from_value::<IdType>(serde_json::Value::String(person.id_type.clone())) {
        Err(_) => faults.push(BagFault::new(at("id_type"), "unknown", "选一种证件")),
        Ok(_) if person.id_number.trim().is_empty() => faults.push(BagFault::new(at("id_number"), "missing", "写上证件号码")),
        Ok(kind) => faults
            .extend(kind.normal(&person.id_number, today).err().map(|fault| BagFault::new(at("id_number"), fault.code(), fault.message()))),
    }
    if !person.phone.trim().is_empty() {
        faults.extend(phone(&person.phone).err().map(|fault| BagFault::new(at("phone"), fault.code(), fault.message())));
    } else if needs_phone {
        faults.push(BagFault::new(at("phone"), "missing", "写上手机号，办好了要通知"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> BagPerson {
        let text = |text: &str| text.to_owned();
        BagPerson {
            kind: text("person"),
            name: text("李华"),
            id_type: text("resident_id"),
            id_number: text("11010519491231002X"),
            phone: text("13800138000"),
            address: String::new(),
        }
    }

    fn today() -> NaiveDate {
        crate::time::local_date(1_795_480_200_000)
    }

    #[test]
    fn every_wrong_field_of_a_person_is_told_at_once() {
        assert_eq!(check_person("applicant", &sound(), true, today()), []);
        let wrong = BagPerson { name: " ".into(), id_number: "110105194912310021".into(), phone: "1380013800".into(), ..sound() };
        let told: Vec<_> = check_person("applicant", &wrong, true, today()).into_iter().map(|fault| (fault.field, fault.code)).collect();
        let expected = [("applicant.name", "missing"), ("applicant.id_number", "check_digit"), ("applicant.phone", "length")];
        assert_eq!(told, expected.map(|(field, code)| (field.to_owned(), code)));
        let without = BagPerson { phone: String::new(), ..sound() };
        assert_eq!(check_person("agent", &without, false, today()), []);
        assert_eq!(check_person("applicant", &without, true, today())[0].code, "missing");
        assert_eq!(check_person("applicant", &BagPerson { id_type: "x".into(), ..sound() }, true, today())[0].code, "unknown");
        assert_eq!(format!("{:?}", sound()), "BagPerson(…)");
    }
}
