//! What the reader of slips must see and what it must refuse; the bytes are written by hand.

use super::*;

fn gb(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn slip(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn qr_commands(payload: &str, module_dots: u8) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 3).unwrap().to_le_bytes();
    slip(&[
        b"\x1D(k\x04\x00\x31\x41\x32\x00\x1D(k\x03\x00\x31\x43",
        &[module_dots],
        b"\x1D(k\x03\x00\x31\x45\x31\x1D(k",
        &length,
        b"\x31\x50\x30",
        payload.as_bytes(),
        b"\x1D(k\x03\x00\x31\x51\x30",
    ])
}

#[test]
fn a_slip_is_read_as_its_lines_codes_and_cut() {
    let bytes = slip(&[
        b"\x1B@\x1C&\x1Ba\x01",
        &gb("一窗便民服务中心"),
        b"\n\x1D!\x33A001\n\x1D!\x00",
        &gb("前面 3 人，约 12 分钟"),
        b"\n\n",
        &qr_commands("http://127.0.0.1:8080/t/ABCDEFGH23456722", 6),
        b"\x1Bd\x03\x1DVB\x00",
    ]);
    let view = read(&bytes, Printer::WIDE).unwrap();
    assert_eq!(view.lines(), ["一窗便民服务中心", "A001", "前面 3 人，约 12 分钟"]);
    assert_eq!(view.qr_payloads(), ["http://127.0.0.1:8080/t/ABCDEFGH23456722"]);
    let number = view.line_with("A001").unwrap();
    assert_eq!((number.align, number.height_dots(), number.width_dots), (Align::Centre, 96, 4 * 12 * 4));
    assert_eq!((view.cuts(), view.pieces().len()), (1, 1));
}

#[test]
fn rare_characters_take_four_bytes_and_a_cheap_printer_has_none_of_them() {
    let bytes = slip(&[b"\x1C&", &gb("㐂𠮷"), b"\n"]);
    assert_eq!(read(&bytes, Printer::WIDE).unwrap().lines(), ["㐂𠮷"]);
    let error = read(&bytes, Printer::CHEAP).unwrap_err();
    assert!(error.what.contains("GBK"), "{error}");
}

#[test]
fn chinese_characters_need_kanji_mode() {
    assert!(read(&gb("号"), Printer::WIDE).unwrap_err().what.contains("kanji mode"));
    assert!(read(&slip(&[b"\x1C&\x1B@", &gb("号")]), Printer::WIDE).is_err(), "ESC @ ends kanji mode");
}

#[test]
fn a_cheap_printer_enlarges_chinese_only_by_its_own_command() {
    let size_of = |bytes: &[u8], printer| {
        let line = read(bytes, printer).unwrap().line_with("号").cloned().unwrap();
        line.spans.iter().find(|span| span.text.contains('号')).map(|span| (span.look.width, span.look.height)).unwrap()
    };
    let standard = slip(&[b"\x1C&\x1D!\x11A", &gb("号"), b"\n"]);
    let with_fs = slip(&[b"\x1C&\x1D!\x11\x1C!\x0CA", &gb("号"), b"\n"]);
    assert_eq!((size_of(&standard, Printer::WIDE), size_of(&standard, Printer::CHEAP)), ((2, 2), (1, 1)));
    assert_eq!((size_of(&with_fs, Printer::WIDE), size_of(&with_fs, Printer::CHEAP)), ((2, 2), (2, 2)));
}

#[test]
fn a_line_that_is_too_long_is_broken_where_the_paper_ends() {
    let bytes = slip(&[b"\x1C&", &gb(&"号".repeat(25)), b"\n"]);
    let view = read(&bytes, Printer::WIDE).unwrap();
    assert_eq!(view.lines(), ["号".repeat(24), "号".to_owned()]);
    assert!(view.text_lines().next().unwrap().broken);
}

#[test]
fn a_picture_is_read_and_its_code_too() {
    let code = qr::draw(b"http://127.0.0.1:8080/t/ABCDEFGH23456722", qrcode::EcLevel::M, 4);
    let width_bytes = code.width.div_ceil(8);
    let mut bits = Vec::new();
    for y in 0..code.height {
        for byte in 0..width_bytes {
            bits.push((0..8).fold(0u8, |bits, bit| bits << 1 | u8::from(code.at(byte * 8 + bit, y) < 128)));
        }
    }
    let head = [u8::try_from(width_bytes).unwrap(), 0, u8::try_from(code.height).unwrap(), 0];
    let bytes = slip(&[b"\x1Dv0\x00", &head, &bits]);
    let view = read(&bytes, Printer::WIDE).unwrap();
    assert_eq!(view.qr_payloads(), ["http://127.0.0.1:8080/t/ABCDEFGH23456722"]);
    assert_eq!(view.pictures()[0].width, width_bytes * 8);
    let narrow = Printer { width_dots: 100, ..Printer::WIDE };
    assert!(read(&bytes, narrow).unwrap_err().what.contains("dots of paper"));
}

#[test]
fn pieces_of_paper_end_at_their_cuts() {
    let view = read(b"A001\n\x1DV\x00A002\n\x1DV\x01A003\n", Printer::WIDE).unwrap();
    assert_eq!(view.pieces().iter().map(SlipView::lines).collect::<Vec<_>>(), [["A001"], ["A002"], ["A003"]]);
    assert_eq!(view.cuts(), 2);
}

#[test]
fn garbage_is_an_error_with_its_place() {
    assert_eq!(read(b"A001\n\x00", Printer::WIDE).unwrap_err().offset, 5);
    assert!(read(b"A001\n\x1D(k\x03\x00\x31\x51\x30", Printer::WIDE).unwrap_err().what.contains("before its text"));
    assert!(read(b"\x1Dv0\x00\x48\x00\x10\x00", Printer::WIDE).unwrap_err().what.contains("ends inside"));
    assert!(read(&slip(&[b"\x1C&", &gb("号")[..1]]), Printer::WIDE).is_err());
    assert!(read(&slip(&[b"\x1C&", b"\xAA\xA1"]), Printer::WIDE).unwrap_err().what.contains("private"));
}
