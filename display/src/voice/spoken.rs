//! What is said for a call: `请A零零一号到三号窗口办理`. The page says the same words where the browser has a voice of its
//! own (`web/src/shared/spoken.ts`); `tests/spoken.json` holds both to it.

use edge::pinyin::{counted, digit_by_digit, pinyin};

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
        pinyin(&self.text())
    }
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
