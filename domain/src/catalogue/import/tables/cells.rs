//! How single values stand in a cell, both ways: 是 and 否, numbers, days, lists, words of the code lists, answers.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

/// Whether a cell could be taken; if not, what to do.
pub(super) type Took = Result<(), String>;

pub(super) const YES_NO: &[&str] = &["是", "否"];

/// A cell's text as far as it can be repeated in a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

pub(super) fn put(place: &mut String, text: &str) -> Took {
    text.clone_into(place);
    Ok(())
}

pub(super) fn yes_no(is: bool) -> String {
    if is { "是" } else { "否" }.to_owned()
}

pub(super) fn read_yes_no(place: &mut bool, text: &str) -> Took {
    *place = match text.trim() {
        "是" => true,
        "否" => false,
        "" => return Err("没填，填“是”或“否”".to_owned()),
        other => return Err(format!("“{}”读不懂，填“是”或“否”", shown(other))),
    };
    Ok(())
}

/// A whole number, or nothing.
pub(super) fn some_number<T: FromStr>(text: &str) -> Result<Option<T>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("“{}”不是这一格能填的整数", shown(text))),
    }
}

pub(super) fn number<T: FromStr>(text: &str) -> Result<T, String> {
    some_number(text)?.ok_or_else(|| "没填，填一个整数".to_owned())
}

pub(super) fn written<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// A text that may be missing.
pub(super) fn some_text(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// One entry on each line.
pub(super) fn lines(list: &[String]) -> String {
    list.join("\n")
}

pub(super) fn read_lines(place: &mut Vec<String>, text: &str) -> Took {
    *place = text.split('\n').filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    Ok(())
}

/// A day as spreadsheets of this country write it: 2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日.
pub(super) fn some_day(text: &str) -> Result<Option<NaiveDate>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || format!("“{}”不是日期，写成 2026-01-31 的样子", shown(text));
    let date = text.strip_suffix(" 00:00:00").unwrap_or(text);
    let date = date.strip_suffix('日').unwrap_or(date);
    let parts: Vec<&str> = date.split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = year.parse().ok().zip(month.parse().ok()).zip(day.parse().ok()).filter(|_| is_year);
    parsed.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day)).map(Some).ok_or_else(wrong)
}

/// The value that a word stands for.
pub(super) fn pick<T: Copy>(text: &str, all: &[T], label: fn(T) -> &'static str) -> Result<T, String> {
    let text = text.trim();
    all.iter().copied().find(|value| label(*value) == text).ok_or_else(|| {
        let known = all.iter().map(|value| label(*value)).collect::<Vec<_>>().join("、");
        if text.is_empty() {
            format!("没填，填这里的一个：{known}")
        } else {
            format!("“{}”不在这里面：{known}", shown(text))
        }
    })
}

/// Several words, separated by 、 or a line break.
pub(super) fn pick_some<T: Copy>(text: &str, all: &[T], label: fn(T) -> &'static str) -> Result<Vec<T>, String> {
    parts(text).map(|word| pick(word, all, label)).collect()
}

pub(super) fn words<T: Copy>(values: &[T], label: fn(T) -> &'static str) -> String {
    values.iter().map(|value| label(*value)).collect::<Vec<_>>().join("、")
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(['、', '，', ',', ';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// An answer by its places within the matter: 问1答2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AnswerAt {
    pub(super) question: u32,
    pub(super) answer: u32,
}

impl fmt::Display for AnswerAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "问{}答{}", self.question, self.answer)
    }
}

pub(super) fn answers(list: &[AnswerAt]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}

pub(super) fn read_answers(place: &mut Vec<AnswerAt>, text: &str) -> Took {
    let one = |part: &str| {
        let places = part.strip_prefix('问').and_then(|rest| rest.split_once('答'));
        let read = places.and_then(|(question, answer)| Some(AnswerAt { question: question.parse().ok()?, answer: answer.parse().ok()? }));
        read.ok_or_else(|| format!("“{}”读不懂，写成“问1答2”的样子：“情形”表里第几问的第几个答案，几个之间用、隔开", shown(part)))
    };
    *place = parts(text).map(one).collect::<Result<_, _>>()?;
    Ok(())
}
