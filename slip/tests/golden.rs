//! Slips as bytes and as pictures, against results that a person has looked at.
//!
//! Every template with every profile: its bytes as text (`tests/snapshots`, raster data by its size alone) and, for the
//! other profiles, by a sum; its picture on each paper in each layout. Pictures depend on the edition of the fonts, so they
//! may differ in a few dots from `tests/golden/*.png`; `GOLDEN_UPDATE=1` writes them again, to be looked at.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "test")]

use std::{fmt::Write as _, path::PathBuf};

use protocol::slip::{
    CutMode, DocumentKind, DocumentSlip, PaperWidth, PrinterProfile, QrMode, SAVING_TICKET_MM_MAX, Slip, SlipItem, SlipLayout, SlipQr,
    SlipRow, TICKET_MM_MAX, TextMode, TicketSlip,
};
use slip::{Fonts, Picture, escpos, escpos::DOTS_PER_MM, escpos_bytes, fonts::DEBIAN_NOTO_CJK, picture, preview};

/// Share of dots, in thousandths, in which a picture may differ from its golden one.
const DIFFERING_PER_MILLE_MAX: usize = 5;

fn fonts() -> Fonts {
    Fonts::from_files(&DEBIAN_NOTO_CJK).expect("fonts-noto-cjk is installed")
}

fn ticket() -> TicketSlip {
    TicketSlip {
        hall_name: "白桦镇便民服务中心".to_owned(),
        line_name: "综合受理".to_owned(),
        green: false,
        number: "A017".to_owned(),
        ahead: 6,
        estimated_wait_s: 25 * 60,
        estimated_wait_optimistic_s: Some(18 * 60),
        windows: vec![1, 2, 3, 4],
        area_text: Some("进门左手边".to_owned()),
        tracking_url: "http://127.0.0.1:8080/t/K7M294QXA3BD5FGH".to_owned(),
        short_code: "K7M294QX".to_owned(),
        missed_rule: "隔 3 个号再叫您，最多 2 次；再没到，这个号就作废。".to_owned(),
        issued_at_ms: 1_795_487_160_000,
        valid_text: "当天有效".to_owned(),
        phone: Some("0000-1234567".to_owned()),
        reprint: false,
        practice: false,
    }
}

/// Everything that makes a ticket awkward at once.
fn awkward_ticket() -> TicketSlip {
    TicketSlip {
        hall_name: "巴彦乌拉苏木党群服务中心（便民服务大厅二楼东侧）".to_owned(),
        line_name: "新生儿“一件事”".to_owned(),
        green: true,
        number: "AK1017".to_owned(),
        ahead: 128,
        estimated_wait_s: 0,
        windows: vec![1, 3, 5, 7, 9, 11, 13, 14, 15],
        area_text: Some("二楼东侧𠮷祥休息区，电梯口左转再往前走二十米".to_owned()),
        tracking_url: format!("https://zwfw.baihua.example.gov.cn/hall/{}", "t/K7M294QXA3BD5FGH?".repeat(3)),
        phone: None,
        reprint: true,
        practice: false,
        ..ticket()
    }
}

fn notice() -> DocumentSlip {
    let row = |label: &str, value: &str| SlipRow { label: label.to_owned(), value: value.to_owned() };
    let item = |text: &str, note: Option<&str>| SlipItem { text: text.to_owned(), note: note.map(str::to_owned) };
    DocumentSlip {
        kind: DocumentKind::CorrectionNotice,
        hall_name: "白桦镇便民服务中心".to_owned(),
        title: "一次性告知书".to_owned(),
        rows: vec![row("事项", "最低生活保障对象认定、保障金给付"), row("办件编号", "BH-20261124-0031"), row("查询码", "7QK2-MX4P")],
        items_title: Some("还差这 3 件，补齐就受理".to_owned()),
        items: vec![
            item("家庭成员近 12 个月收入证明", Some("《最低生活保障审核确认办法》第十二条")),
            item("户口簿首页和本人页复印件", None),
            item("授权核对书，本人签字", Some("看不清，重拍也可以")),
        ],
        notes: vec!["30 天内补来，任何一个窗口都能收；不用重新排队。".to_owned(), "过期没补，这次申请就作废，可以再来办。".to_owned()],
        qr: Some(SlipQr {
            url: "http://127.0.0.1:8080/t/K7M294QXA3BD5FGH".to_owned(),
            caption: "手机扫一扫，看还差什么".to_owned(),
            code: Some("K7M294QX".to_owned()),
        }),
        issued_at_ms: 1_795_487_160_000,
        phone: Some("0000-1234567".to_owned()),
        reprint: false,
        practice: false,
    }
}

/// A document with other facts, points and sentences.
fn document(kind: DocumentKind, title: &str, rows: &[(&str, &str)], points: (&str, &[(&str, Option<&str>)]), note: &str) -> DocumentSlip {
    let (items_title, items) = points;
    let row = |(label, value): &(&str, &str)| SlipRow { label: (*label).to_owned(), value: (*value).to_owned() };
    let item = |(text, note): &(&str, Option<&str>)| SlipItem { text: (*text).to_owned(), note: note.map(str::to_owned) };
    DocumentSlip {
        kind,
        title: title.to_owned(),
        rows: notice().rows.into_iter().take(2).chain(rows.iter().map(row)).collect(),
        items_title: Some(items_title.to_owned()).filter(|title| !title.is_empty()),
        items: items.iter().map(item).collect(),
        notes: Some(note.to_owned()).filter(|note| !note.is_empty()).into_iter().collect(),
        ..notice()
    }
}

/// Every kind of slip, by name.
fn templates() -> Vec<(&'static str, Slip)> {
    let received: &[(&str, Option<&str>)] = &[
        ("居民身份证复印件", Some("复印件 1 份，收下")),
        ("户口簿首页和本人页复印件", Some("复印件 1 份，核对后退还")),
        ("家庭成员收入证明", Some("原件 1 份，收下")),
    ];
    let bring: &[(&str, Option<&str>)] = &[("领取人的身份证", None), ("别人代领的，再带授权书和两人的身份证", None)];
    let query = ("查询码", "7QK2-MX4P");
    let receipt = document(
        DocumentKind::MaterialReceipt,
        "材料接收凭证",
        &[query, ("收件时间", "2026年11月24日 10:26")],
        ("收到这 3 件材料", received),
        "收到不等于受理；齐不齐、受不受理，五个工作日内一次告知。",
    );
    let acceptance = document(
        DocumentKind::AcceptanceReceipt,
        "受理回执",
        &[query, ("承办部门", "民政和社会事务办公室"), ("受理日期", "2026年11月24日"), ("最晚办好", "2026年12月8日")],
        ("", &[]),
        "正式的受理通知书可以向窗口要。",
    );
    let pickup = document(
        DocumentKind::PickupNotice,
        "取证通知",
        &[("证照", "最低生活保障证"), ("到哪里领", "白桦镇振兴街 1 号便民服务中心一楼取证窗口")],
        ("领的时候带上", bring),
        "",
    );
    let sheet = document(DocumentKind::SelfTest, "打印机测试", &[("纸宽", "80 毫米")], ("看一看", &[("黑块是黑的、灰格是灰的", None)]), "");
    vec![
        ("ticket", Slip::Ticket(ticket())),
        ("awkward", Slip::Ticket(awkward_ticket())),
        ("receipt", Slip::Document(receipt)),
        ("acceptance", Slip::Document(acceptance)),
        ("correction", Slip::Document(notice()).marked_reprint()),
        ("pickup", Slip::Document(DocumentSlip { practice: true, ..pickup })),
        ("test-sheet", Slip::Document(sheet)),
    ]
}

/// Bytes as lines of text where they are printable, else as hex; long raster data as its length and sum.
fn dump(bytes: &[u8]) -> String {
    let mut lines = String::new();
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        if let [0x1D, b'v', b'0', 0, wl, wh, hl, hh, data @ ..] = rest {
            let length = usize::from(u16::from_le_bytes([*wl, *wh])) * usize::from(u16::from_le_bytes([*hl, *hh]));
            writeln!(lines, "<raster {} bytes × {} rows>", u16::from_le_bytes([*wl, *wh]), u16::from_le_bytes([*hl, *hh])).unwrap();
            rest = &data[length..];
        } else if *first >= 0x20 {
            let end = rest.iter().position(|byte| *byte < 0x20).unwrap_or(rest.len());
            let (text, _, wrong) = encoding_rs::GB18030.decode(&rest[..end]);
            assert!(!wrong, "{:02X?}", &rest[..end]);
            writeln!(lines, "  {text}").unwrap();
            rest = &rest[end..];
        } else {
            let length = match rest {
                [0x1B, b'@', ..] | [0x1C, b'&', ..] => 2,
                [0x1D, b'(', _, low, high, ..] => 5 + usize::from(u16::from_le_bytes([*low, *high])),
                [0x1D, b'V', ..] => 4,
                [0x1B..=0x1D, ..] => 3,
                _ => 1,
            };
            writeln!(lines, "{}", rest[..length].iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")).unwrap();
            rest = &rest[length..];
        }
    }
    lines
}

fn text_profile(width_dots: PaperWidth) -> PrinterProfile {
    PrinterProfile { width_dots, ..PrinterProfile::default() }
}

/// Every paper in every layout, by name.
fn papers() -> Vec<(&'static str, PrinterProfile)> {
    let of = |width_dots, layout| PrinterProfile { layout, ..text_profile(width_dots) };
    vec![
        ("80", of(PaperWidth::Mm80, SlipLayout::Standard)),
        ("58", of(PaperWidth::Mm58, SlipLayout::Standard)),
        ("80-saving", of(PaperWidth::Mm80, SlipLayout::Saving)),
        ("58-saving", of(PaperWidth::Mm58, SlipLayout::Saving)),
    ]
}

/// The sum of a text, the same on every machine (FNV-1a).
fn sum(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[test]
fn the_bytes_of_every_template_are_as_looked_at() {
    let mut fonts = fonts();
    for (template, slip) in templates() {
        let mut text = String::new();
        for (paper, profile) in papers() {
            let printed = escpos(&slip, &profile, &mut fonts);
            writeln!(text, "== {paper}: {} mm, {} mm of the roll", printed.printed_mm, printed.used_mm).unwrap();
            text.push_str(&dump(&printed.bytes));
        }
        insta::assert_snapshot!(template, text);
    }
}

#[test]
fn the_bytes_of_every_other_profile_are_those_of_before() {
    let mut fonts = fonts();
    let mut sums = String::new();
    for (template, slip) in templates() {
        for (name, profile) in profiles() {
            let printed = escpos(&slip, &profile, &mut fonts);
            writeln!(sums, "{template} {name}: {} mm {:016x}", printed.printed_mm, sum(&dump(&printed.bytes))).unwrap();
        }
    }
    insta::assert_snapshot!("sums", sums);
}

#[test]
fn ticket_without_cutter_on_a_clone() {
    let profile = PrinterProfile {
        qr: QrMode::Raster,
        cut: CutMode::None,
        density: 3,
        han_size_by_fs: true,
        text: TextMode::Gbk,
        ..text_profile(PaperWidth::Mm58)
    };
    insta::assert_snapshot!(dump(&escpos_bytes(&Slip::Ticket(awkward_ticket()), &profile, &mut fonts())));
}

#[test]
fn a_raster_slip_is_its_picture() {
    for width_dots in [PaperWidth::Mm80, PaperWidth::Mm58] {
        let profile = PrinterProfile { width_dots, text: TextMode::Raster, cut: CutMode::Full, ..PrinterProfile::default() };
        let bytes = escpos_bytes(&Slip::Ticket(ticket()), &profile, &mut fonts());
        let wanted = picture(&Slip::Ticket(ticket()), &profile, &mut fonts());
        let mut rest = bytes.strip_prefix(&[0x1B, b'@']).unwrap().strip_suffix(&[0x1D, b'V', 65, 0]).unwrap();
        let mut rows: Vec<u8> = Vec::new();
        while let [0x1D, b'v', b'0', 0, wl, wh, hl, hh, data @ ..] = rest {
            assert_eq!(u32::from(u16::from_le_bytes([*wl, *wh])) * 8, wanted.width());
            let length = usize::from(*wl) * usize::from(u16::from_le_bytes([*hl, *hh]));
            rows.extend(&data[..length]);
            rest = &data[length..];
        }
        assert!(rest.is_empty());
        assert_eq!(rows, wanted.packed_rows(0, wanted.height()));
    }
}

/// Every way of printing a slip, by name.
fn profiles() -> Vec<(String, PrinterProfile)> {
    let mut profiles = Vec::new();
    for width_dots in [PaperWidth::Mm80, PaperWidth::Mm58] {
        for (mode, text) in [("gb18030", TextMode::Gb18030), ("gbk", TextMode::Gbk), ("raster", TextMode::Raster)] {
            for (how, layout) in [("standard", SlipLayout::Standard), ("saving", SlipLayout::Saving)] {
                for (code, qr) in [("native", QrMode::Native), ("drawn", QrMode::Raster)] {
                    let name = format!("{}-{mode}-{how}-{code}", width_dots.dots());
                    profiles.push((name, PrinterProfile { width_dots, text, layout, qr, ..PrinterProfile::default() }));
                }
            }
        }
    }
    profiles
}

#[test]
fn no_slip_is_longer_than_its_layout_allows() {
    let mut fonts = fonts();
    let mut too_long = Vec::new();
    for (template, slip) in templates() {
        // The sheet shows every size and is printed once in a printer's life.
        for (name, profile) in profiles().into_iter().filter(|_| template != "test-sheet") {
            let printed = escpos(&slip, &profile, &mut fonts);
            let allowed_mm = match (profile.layout, &slip) {
                (SlipLayout::Saving, Slip::Ticket(_)) => SAVING_TICKET_MM_MAX,
                // A list of materials takes the paper that it takes; the closest layout is under the standard bound.
                _ => TICKET_MM_MAX,
            };
            if printed.printed_mm > allowed_mm {
                too_long.push(format!("{template} {name}: {} mm of {allowed_mm}", printed.printed_mm));
            }
            assert!(printed.used_mm > printed.printed_mm, "{name}: what lies before the cutter comes out of the roll, too");
        }
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn a_preview_is_as_long_as_what_the_printer_is_told() {
    let mut fonts = fonts();
    // GBK differs from GB18030 in single characters only.
    for (name, profile) in profiles().into_iter().filter(|(_, profile)| profile.text != TextMode::Gbk) {
        for (kind, slip) in templates() {
            let (printed, seen) = (escpos(&slip, &profile, &mut fonts), preview(&slip, &profile, &mut fonts));
            assert_eq!(seen.height().div_ceil(DOTS_PER_MM), printed.printed_mm, "{name} {kind}");
            assert_eq!(seen.width(), u32::from(profile.width_dots.dots()));
            if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(PathBuf::from(folder).join(format!("{kind}-{name}.png")), seen.png().unwrap()).unwrap();
            }
        }
    }
}

#[test]
fn pictures_are_as_looked_at() {
    let mut fonts = fonts();
    let all = templates().into_iter().flat_map(|(template, slip)| {
        papers().into_iter().map(move |(paper, profile)| (format!("{template}-{paper}"), slip.clone(), profile))
    });
    for (name, slip, profile) in all {
        let drawn = picture(&slip, &profile, &mut fonts);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
        if std::env::var_os("GOLDEN_UPDATE").is_some() {
            std::fs::write(&path, drawn.png().unwrap()).unwrap();
        }
        let (golden_width, golden_height, golden) = read(&path);
        assert_eq!((drawn.width(), drawn.height()), (golden_width, golden_height), "{name}");
        let differing = (0..golden.len()).filter(|at| {
            let (x, y) = (*at as u32 % golden_width, *at as u32 / golden_width);
            drawn.is_black(x, y) != golden[*at]
        });
        let per_mille = differing.count() * 1000 / golden.len();
        assert!(per_mille <= DIFFERING_PER_MILLE_MAX, "{name}: {per_mille} ‰ of the dots differ");
        assert!(margins_are_white(&drawn), "{name}");
    }
}

fn margins_are_white(picture: &Picture) -> bool {
    let width = picture.width();
    (0..picture.height()).all(|y| (0..8).all(|x| !picture.is_black(x, y) && !picture.is_black(width - 1 - x, y)))
}

/// Width, height and which dots are black.
fn read(path: &PathBuf) -> (u32, u32, Vec<bool>) {
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut data).unwrap();
    let row = frame.line_size;
    let black = |x: usize, y: usize| data[y * row + x / 8] >> (7 - x % 8) & 1 == 0;
    let (width, height) = (frame.width as usize, frame.height as usize);
    (frame.width, frame.height, (0..width * height).map(|at| black(at % width, at / width)).collect())
}

#[test]
fn hostile_text_changes_nothing_but_the_text() {
    let hostile = "\u{1b}@\u{1d}V\u{0}\u{10}\u{4}\u{1}\u{1c}.王\u{202e}明\u{9b}\u{7f}\n\r\u{18}";
    let ticket = TicketSlip {
        hall_name: hostile.to_owned(),
        line_name: hostile.to_owned(),
        number: format!("A{hostile}"),
        area_text: Some(hostile.to_owned()),
        tracking_url: format!("http://a/{hostile}"),
        short_code: hostile.to_owned(),
        missed_rule: hostile.to_owned(),
        valid_text: hostile.to_owned(),
        phone: Some(hostile.to_owned()),
        ..ticket()
    };
    let mut tame = ticket.clone();
    for text in [&mut tame.hall_name, &mut tame.line_name, &mut tame.short_code, &mut tame.missed_rule, &mut tame.valid_text] {
        *text = "@V.王明".to_owned();
    }
    tame.number = "A@V.王明".to_owned();
    tame.area_text = Some("@V.王明".to_owned());
    tame.phone = Some("@V.王明".to_owned());
    let profile = text_profile(PaperWidth::Mm80);
    let (hostile, tame) = (Slip::Ticket(ticket), Slip::Ticket(tame));
    assert_eq!(dump(&escpos_bytes(&hostile, &profile, &mut fonts())), dump(&escpos_bytes(&tame, &profile, &mut fonts())));
    assert_eq!(picture(&hostile, &profile, &mut fonts()), picture(&tame, &profile, &mut fonts()));
}
