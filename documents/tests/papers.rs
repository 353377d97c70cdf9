//! What a paper says can be read out of it again, whatever somebody is called; what it looks like is for eyes:
//! with `YICHUANG_PICTURES` the papers are left in that folder.
#![expect(clippy::expect_used, reason = "test")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use documents::{DEBIAN_FONTS, Fonts, Paper, Part, Verify, pdf};

/// Texts that would be markup, code, a path or an escape if they were not values.
const HOSTILE: &str = "#panic(\"x\") $x^2$ *粗* _斜_ `码` \\u{41} <a> @引 = 题 - 项 // 注 /* */ {{名}} 㐂𠮷·";

fn fonts() -> Fonts {
    Fonts::read(DEBIAN_FONTS.iter().map(|path| std::fs::read(path).expect("fonts-noto-cjk is installed")).collect())
}

fn paper(name: &str) -> Paper {
    let code = "DC20261127-0012-K7Q2M9XA".to_owned();
    Paper {
        issuer: "阿什罕苏木便民服务中心".to_owned(),
        title: "受理通知书".to_owned(),
        number: "办件编号 DC20261127-0012".to_owned(),
        addressee: Some(name.to_owned()),
        parts: vec![
            Part::Text { text: format!("{name}提交的申请，材料齐全，现予受理。") },
            Part::Facts {
                rows: vec![("申请人".to_owned(), name.to_owned()), ("承诺办结日".to_owned(), "2026年12月11日".to_owned())]
            },
            Part::Table {
                heading: "收到的材料".to_owned(),
                head: ["材料", "原件", "复印件"].map(str::to_owned).to_vec(),
                widths: vec![4, 1, 1],
                rows: (1..=60).map(|row| vec![format!("材料第{row}号"), "1".to_owned(), "2".to_owned()]).collect(),
            },
            Part::Points { heading: "要补正的".to_owned(), items: vec![name.to_owned(), "补一份示意图".to_owned()] },
        ],
        sealed_by: Some("阿什罕苏木便民服务中心".to_owned()),
        seal: None,
        date: "2026年11月27日".to_owned(),
        signatures: ["窗口人员签字", "申请人签字"].map(str::to_owned).to_vec(),
        verify: Some(Verify { url: format!("https://example.test/verify/{code}"), code }),
        mark: None,
    }
}

/// The text of a PDF by another program than the one that made it, without the spaces of its layout.
fn text_of(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("poppler-utils is installed");
    child.stdin.take().expect("an input").write_all(pdf).expect("it reads");
    let told = child.wait_with_output().expect("it ends");
    assert!(told.status.success());
    String::from_utf8(told.stdout).expect("UTF-8").split_whitespace().collect()
}

fn leave_picture(name: &str, pdf: &[u8]) {
    if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(std::path::Path::new(&folder).join(format!("paper-{name}.pdf")), pdf).expect("a file");
    }
}

#[test]
fn every_text_is_shown_as_it_is_and_is_no_markup() {
    let made = pdf(&paper(HOSTILE), "a", &fonts()).expect("a paper");
    leave_picture("hostile", &made);
    let text = text_of(&made);
    let wanted: String = HOSTILE.split_whitespace().collect();
    assert!(text.contains(&wanted), "{text}");
    let said = ["受理通知书", "办件编号DC20261127-0012", "材料第60号", "承诺办结日2026年12月11日", "（盖章）", "第1页，共3页"];
    for one in said.into_iter().chain(["核验码DC20261127-0012-K7Q2M9XA"]) {
        assert!(text.contains(one), "{one}: {text}");
    }
}

#[test]
fn the_same_paper_is_the_same_file() {
    let paper = paper("王小明");
    let first = pdf(&paper, "a", &fonts()).expect("a paper");
    assert_eq!(first, pdf(&paper, "a", &fonts()).expect("a paper"));
    assert!(first.starts_with(b"%PDF-") && first.len() < 200_000, "{} bytes: fonts are cut to what is used", first.len());
}

#[test]
fn a_mark_stands_on_it_and_without_verification_there_is_no_code() {
    let marked = Paper { mark: Some("练习".to_owned()), verify: None, sealed_by: None, ..paper("王小明") };
    let made = pdf(&marked, "a", &fonts()).expect("a paper");
    leave_picture("marked", &made);
    let text = text_of(&made);
    assert!(!text.contains("核验码") && !text.contains("（盖章）"), "{text}");
    assert!(text.contains('练') && text.contains('习'));
}

#[test]
fn what_the_fonts_cannot_write_is_named() {
    let fonts = fonts();
    assert!(fonts.lacking("阿什罕苏木便民服务中心（盖章） 2026年 㐂𠮷·").is_empty());
    assert_eq!(fonts.lacking("电话\u{1f4de}：ᠮᠣ\u{1f4de}"), ['\u{1f4de}', 'ᠮ', 'ᠣ']);
}
