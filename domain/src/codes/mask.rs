//! What may be seen of personal data without the right to see it (`王*明`). The length of a name is
//! not shown.

/// A person's name: first and last character with one star between; of two only the first.
#[must_use]
pub fn mask_name(name: &str) -> String {
    let mut chars = name.chars();
    match (chars.next(), chars.next_back(), chars.next()) {
        (Some(first), Some(last), Some(_)) => format!("{first}*{last}"),
        (Some(first), Some(_), None) => format!("{first}*"),
        _ => "*".to_owned(),
    }
}

/// An identity number: the first three and the last four of a long one, less of a short one.
#[must_use]
pub fn mask_id_number(number: &str) -> String {
    match number.chars().count() {
        15.. => keep(number, 3, 4),
        8.. => keep(number, 2, 2),
        _ => keep(number, 0, 1),
    }
}

/// A phone number: the first three and the last four of a mobile number, less of a shorter one.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    match phone.chars().count() {
        11.. => keep(phone, 3, 4),
        7.. => keep(phone, 0, 2),
        _ => keep(phone, 0, 0),
    }
}

/// An address: its first six characters, which name the district and the town.
#[must_use]
pub fn mask_address(address: &str) -> String {
    let shown: String = address.chars().take(if address.chars().count() > 6 { 6 } else { 2 }).collect();
    format!("{shown}****")
}

/// An e-mail address: the first character and the host.
#[must_use]
pub fn mask_email(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    format!("{}***@{host}", name.chars().next().unwrap_or('*'))
}

fn keep(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    let shown = |at: usize| at < first || at + last >= count;
    text.chars().enumerate().map(|(at, c)| if shown(at) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_first_and_last() {
        for (name, masked) in
            [("王小明", "王*明"), ("李华", "李*"), ("欧阳娜娜", "欧*娜"), ("乌", "*"), ("", "*"), ("阿依古丽·买买提", "阿*提")]
        {
            assert_eq!(mask_name(name), masked);
        }
    }

    #[test]
    fn numbers_keep_as_much_as_the_design_language_says() {
        assert_eq!(mask_id_number("152301199003070031"), "152***********0031");
        assert_eq!(mask_id_number("E12345678"), "E1*****78");
        assert_eq!(mask_id_number("1234"), "***4");
        assert_eq!(mask_phone("13812342046"), "138****2046");
        assert_eq!(mask_phone("0470-8221234"), "047*****1234");
        assert_eq!(mask_phone("8221234"), "*****34");
        assert_eq!(mask_phone("12345"), "*****");
        assert_eq!(mask_address("云川区白桦镇向阳路 8 号"), "云川区白桦镇****");
        assert_eq!(mask_address("向阳路8号"), "向阳****");
        assert_eq!(mask_email("wuyun@example.cn"), "w***@example.cn");
    }
}
