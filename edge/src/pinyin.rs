//! Numbers as Mandarin says them, and what a hall says in pinyin with tone digits, for a voice that reads no 汉字.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// A text in pinyin; letters are written as they sound.
#[must_use]
pub fn pinyin(text: &str) -> String {
    let syllables: Vec<&str> = text.chars().filter_map(syllable).collect();
    syllables.join(" ")
}

/// `017` → `零一七`: numbers of tickets are said digit by digit. Anything else is said as it stands.
#[must_use]
pub fn digit_by_digit(number: &str) -> String {
    number.chars().map(|sign| sign.to_digit(10).and_then(|digit| DIGITS.get(digit as usize)).copied().unwrap_or(sign)).collect()
}

/// `3` → `三`, `12` → `十二`, `105` → `一百零五`: windows and people are counted. Below a thousand.
#[must_use]
pub fn counted(number: u16) -> String {
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

/// A character in pinyin; `None` for what is not said. The vocabulary of calls and numbers is small and fixed, so no
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
        '您' => "nin2",
        '的' => "de5",
        '是' => "shi4",
        '前' => "qian2",
        '面' => "mian4",
        '还' => "hai2",
        '有' => "you3",
        '两' => "liang3",
        '人' => "ren2",
        '马' => "ma3",
        '上' => "shang4",
        '就' => "jiu4",
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
