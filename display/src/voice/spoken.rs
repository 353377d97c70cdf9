//! What is said for a call: `请A零零一号到三号窗口办理`. The page says the same words where the browser has a voice of its
//! own (`web/src/shared/spoken.ts`); `tests/spoken.json` holds both to it.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// A call as it is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpokenCall {
    /// Number of the ticket, e.g. `A017`.
    pub number: String,
    /// Number of the window.
    pub window: u16,
    /// Number and window only, when more calls wait.
    pub short: bool,
}

impl SpokenCall {
    /// The parts of the sentence, as recordings are named: who, which number, where to.
    #[must_use]
    pub fn parts(&self) -> [String; 3] {
        let digits_from = self.number.find(|sign: char| sign.is_ascii_digit()).unwrap_or(self.number.len());
        let (letters, digits) = self.number.split_at(digits_from);
        let window = counted(self.window);
        let said = digit_by_digit(digits);
        if self.short {
            [letters.to_owned(), format!("{said}号"), format!("{window}号窗口")]
        } else {
            [format!("请{letters}"), format!("{said}号"), format!("到{window}号窗口办理")]
        }
    }

    /// The whole sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let [who, number, place] = self.parts();
        if self.short { format!("{who}{number}，{place}") } else { format!("{who}{number}{place}") }
    }

    /// The sentence in pinyin with tone digits, for a voice that reads no 汉字. Letters are written as they sound.
    #[must_use]
    pub fn pinyin(&self) -> String {
        let syllables: Vec<&str> = self.text().chars().filter_map(syllable).collect();
        syllables.join(" ")
    }
}

/// `017` → `零一七`: numbers of tickets are said digit by digit. Anything else is said as it stands.
fn digit_by_digit(number: &str) -> String {
    number.chars().map(|sign| sign.to_digit(10).and_then(|digit| DIGITS.get(digit as usize)).copied().unwrap_or(sign)).collect()
}

/// `3` → `三`, `12` → `十二`, `105` → `一百零五`: numbers of windows are counted. Below a thousand.
fn counted(number: u16) -> String {
    let digit = |at: u16| DIGITS[usize::from(at % 10)];
    match number {
        0..=9 => digit(number).to_string(),
        10..=99 => {
            let tens = if number < 20 { String::new() } else { digit(number / 10).to_string() };
            let ones = if number.is_multiple_of(10) { String::new() } else { digit(number).to_string() };
            format!("{tens}十{ones}")
        }
        100..=999 => {
            let rest = match number % 100 {
                0 => String::new(),
                ones @ 1..=9 => format!("零{}", digit(ones)),
                tens @ 10..=19 => format!("一{}", counted(tens)),
                tens => counted(tens),
            };
            format!("{}百{rest}", digit(number / 100))
        }
        _ => digit_by_digit(&number.to_string()),
    }
}

/// A character of a call in pinyin; `None` for what is not said. The vocabulary of calls is small and fixed, so no
/// dictionary with its doubtful readings is asked.
fn syllable(sign: char) -> Option<&'static str> {
    Some(match sign {
        '请' => "qing3",
        '零' => "ling2",
        '一' => "yi1",
        '二' => "er4",
        '三' => "san1",
        '四' => "si4",
        '五' => "wu3",
        '六' => "liu4",
        '七' => "qi1",
        '八' => "ba1",
        '九' => "jiu3",
        '十' => "shi2",
        '百' => "bai3",
        '号' => "hao4",
        '到' => "dao4",
        '窗' => "chuang1",
        '口' => "kou3",
        '办' => "ban4",
        '理' => "li3",
        '续' => "xu4",
        '，' => ",",
        letter => return letter_sound(letter.to_ascii_uppercase()),
    })
}

/// A letter as it sounds in Mandarin.
fn letter_sound(letter: char) -> Option<&'static str> {
    const SOUNDS: [&str; 26] = [
        "ei1",
        "bi4",
        "xi1",
        "di4",
        "yi4",
        "ai2 fu5",
        "ji4",
        "ei1 chi5",
        "ai4",
        "zhei4",
        "kei4",
        "ai2 le5",
        "ai2 mu5",
        "en1",
        "ou1",
        "pi4",
        "kiu4",
        "a4",
        "ai2 si5",
        "ti4",
        "you1",
        "wei1",
        "da2 bu5 liu5",
        "ai4 ke5 si5",
        "wai4",
        "zi4",
    ];
    let at = u32::from(letter).checked_sub(u32::from('A'))?;
    SOUNDS.get(usize::try_from(at).ok()?).copied()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    #[test]
    fn a_call_is_said_as_the_page_says_it() {
        let table: Vec<(String, u16, bool, String)> = serde_json::from_str(include_str!("../../tests/spoken.json")).unwrap();
        assert!(table.len() >= 12);
        for (number, window, short, text) in table {
            assert_eq!(SpokenCall { number: number.clone(), window, short }.text(), text, "{number} {window}");
        }
    }

    #[test]
    fn every_sound_of_a_call_has_its_pinyin() {
        let call = |number: &str, window| SpokenCall { number: number.to_owned(), window, short: false };
        assert_eq!(call("A001", 3).pinyin(), "qing3 ei1 ling2 ling2 yi1 hao4 dao4 san1 hao4 chuang1 kou3 ban4 li3");
        assert_eq!(call("续B20", 112).pinyin(), "qing3 xu4 bi4 er4 ling2 hao4 dao4 yi1 bai3 yi1 shi2 er4 hao4 chuang1 kou3 ban4 li3");
        for letter in 'A'..='Z' {
            let said = call(&format!("{letter}1"), 1).pinyin();
            assert!(said.starts_with("qing3 ") && !said.contains("qing3 yi1 hao4 "), "{letter} is not lost: {said}");
        }
        assert!(!call("A\u{202e}$(x)1", 1).pinyin().contains(['$', '(', '\u{202e}']));
    }
}
