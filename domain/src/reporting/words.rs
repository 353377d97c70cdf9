//! The codes and words of the exchange that are none of a case's own.

use crate::codes::IdType;

/// The words of a reported state (DOMAIN §5).
#[must_use]
pub fn state_label(state: u8) -> &'static str {
    match state {
        1 => "已接件",
        2 => "已撤件",
        3 => "已受理",
        4 => "不受理",
        5 => "不予受理",
        6 => "补正（开始）",
        7 => "补正（结束）",
        8 => "部门开始办理",
        9 => "特别程序（开始）",
        10 => "特别程序（结束）",
        11 => "办结（通过）",
        12 => "办结（容缺通过）",
        13 => "办结（不通过）",
        14 => "撤回",
        15 => "撤销",
        _ => "",
    }
}

/// 申请人类型 (GB/T 39046) of a kind of the API; 6 其他组织 for one that is not known.
#[must_use]
pub fn applicant_kind_code(kind: &str) -> &'static str {
    match kind {
        "person" => "1",
        "enterprise" => "2",
        "institution" => "3",
        "social_org" => "4",
        "agency" => "5",
        _ => "6",
    }
}

/// 证件类型 ◇ by the codes that are common in public data (GA/T 517 for persons, 001 for organisations).
#[must_use]
pub fn id_type_code(kind: IdType) -> &'static str {
    match kind {
        IdType::ResidentId => "111",
        IdType::Uscc => "001",
        IdType::Passport => "414",
        IdType::HkMacaoPermit => "516",
        IdType::TaiwanPermit => "511",
        IdType::ForeignPr => "553",
        IdType::Other => "999",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reported_state_has_its_words() {
        let mut words: Vec<&str> = crate::reporting::STATES.map(state_label).collect();
        assert!(words.iter().all(|word| !word.is_empty()));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 15);
        assert_eq!((state_label(0), state_label(16)), ("", ""));
    }
}
