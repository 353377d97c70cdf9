//! Files as people make them: right ones in every encoding, and every way to break a row.
#![expect(clippy::unwrap_used, reason = "tests")]

use encoding_rs::GB18030;

use super::*;

const HEADER: &str = "department,category,name,item_code,task_type,area_code,department_code";

fn file(rows: &[&str]) -> String {
    std::iter::once(HEADER).chain(rows.iter().copied()).map(|row| format!("{row}\n")).collect()
}

fn told(text: &[u8]) -> Vec<String> {
    read(text).faults.iter().map(|fault| format!("{} {} {}", fault.line, fault.column.as_deref().unwrap_or("-"), fault.code)).collect()
}

const GOOD: &str = "区民政局,社会救助,最低生活保障对象认定,511A0138-000-1-00,5,511602000000,083372204";

#[test]
fn a_sound_file_is_read_in_every_encoding_and_header_order() {
    let text = file(&[GOOD, "区人社局,未分类,失业登记,511F33033003,07,511602000000,68236467-9"]);
    let plain = read(text.as_bytes());
    assert_eq!((plain.encoding, plain.row_count, plain.faults.len(), plain.rows.len()), (Encoding::Utf8, 2, 0, 2));
    assert_eq!(
        plain.rows[0],
        ImportRow {
            line: 2,
            department: "区民政局".into(),
            category: "社会救助".into(),
            name: "最低生活保障对象认定".into(),
            item_code: "511A0138-000-1-00".into(),
            matter_type: MatterType::Benefit,
            area_code: "511602000000".into(),
            department_code: "083372204".into(),
        }
    );
    assert_eq!(plain.rows[1].matter_type, MatterType::Confirmation);

    let marked = read(&[&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat());
    assert_eq!((marked.encoding, &marked.rows), (Encoding::Utf8Mark, &plain.rows));
    let gbk = read(&GB18030.encode(&text).0);
    assert_eq!((gbk.encoding, &gbk.rows), (Encoding::Gb18030, &plain.rows));
    let windows = read(text.replace('\n', "\r\n").as_bytes());
    assert_eq!(windows.rows, plain.rows);

    let turned = "Name, task_type ,item_code,department_code,area_code,category,DEPARTMENT\n最低生活保障对象认定,5,511A0138-000-1-00,083372204,511602000000,社会救助,区民政局\n\n,,,,,,\n";
    assert_eq!(read(turned.as_bytes()).rows, plain.rows[..1]);
}

#[test]
fn everything_wrong_is_told_at_once_and_sound_rows_remain() {
    let long = "长".repeat(300);
    let rows = [
        GOOD.to_owned(),
        GOOD.replace("最低生活保障对象认定", "别的"),
        GOOD.replace(",5,", ",11,").replace("0138", "0139"),
        GOOD.replace("最低生活保障对象认定", " ").replace("0138", "0140"),
        GOOD.replace("最低生活保障对象认定", &long).replace("0138", "0141"),
        GOOD.replace("最低", "\"最低").replace("0138", "0142"),
        format!("{},多一列", GOOD.replace("0138", "0143")),
        GOOD.replace("区民政局", "").replace("083372204", "").replace("0138", "0144"),
        GOOD.replace("最低", "最\u{202E}低").replace("0138", "0145"),
        GOOD.replace("511602000000", "5.11602E+11").replace("0138", "0146"),
        GOOD.replace("511A0138", &"9".repeat(64)),
        GOOD.replace("0138", "0147"),
    ];
    let text = file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let expected = [
        "3 item_code duplicate_code",
        "4 task_type unknown_type",
        "5 name missing_name",
        "6 name name_too_long",
        "7 name unclosed_quote",
        "8 - wrong_column_count",
        "9 department missing_value",
        "9 department_code missing_value",
        "10 name forbidden_character",
        "11 area_code bad_area_code",
        "12 item_code value_too_long",
    ];
    assert_eq!(told(text.as_bytes()), expected);
    let found = read(text.as_bytes());
    assert_eq!((found.row_count, found.rows.len(), found.rows[1].line), (12, 2, 13));
    assert_eq!(found.faults[0].message, "编码 511A0138-000-1-00 与第 2 行重复");
    assert_eq!(
        serde_json::to_string(&found.faults[3]).unwrap(),
        r#"{"line":6,"column":"name","code":"name_too_long","message":"事项名称有 300 个字，最多 200 个"}"#
    );
    assert_eq!(told(&GB18030.encode(&text.replace('\u{202E}', "")).0).len(), expected.len() - 1);
}

#[test]
fn bytes_of_another_encoding_are_told_with_line_and_column() {
    let mut bytes = file(&[GOOD]).into_bytes();
    bytes.extend("区民政局,社会救助,".as_bytes());
    bytes.extend(&GB18030.encode("临时救助").0[..]);
    bytes.extend(b",511A02,5,511602000000,0833\n");
    assert_eq!(told(&bytes), ["3 name bad_encoding"]);

    let mut gbk = GB18030.encode(&file(&[GOOD])).0.into_owned();
    gbk.extend(b"\xC7\xF8\xFF,c,n,511A02,5,511602000000,0833\n");
    assert_eq!(told(&gbk), ["3 department bad_encoding"]);
    assert!(told(b"\xFF\xFEd\0e\0p\0").iter().any(|fault| fault.ends_with("missing_column")));
}

#[test]
fn lines_are_those_of_the_file_inside_quoted_cells_too() {
    let text = file(&["区民政局,\"社会\n救助\",甲,1,5,511602000000,\"083\n\"", "区民政局,社会救助,乙,2,99,511602000000,083"]);
    assert_eq!(told(text.as_bytes()), ["2 category forbidden_character", "5 task_type unknown_type"]);
    let quoted = file(&["\"区民政局\",社会救助,\"甲,\"\"乙\"\"\",1,5,511602000000,083"]);
    assert_eq!(read(quoted.as_bytes()).rows[0].name, "甲,\"乙\"");
}

#[test]
fn the_guard_of_spreadsheets_is_taken_off() {
    let text = file(&["'=区民政局,'+社会,'-甲,'@1,5,511602000000,'083", "a,b,'c',2,5,511602000000,083"]);
    let rows = read(text.as_bytes()).rows;
    assert_eq!((rows[0].department.as_str(), rows[0].category.as_str(), rows[0].name.as_str()), ("=区民政局", "+社会", "-甲"));
    assert_eq!((rows[0].item_code.as_str(), rows[0].department_code.as_str()), ("@1", "'083"));
    assert_eq!(rows[1].name, "'c'");
}

#[test]
fn a_broken_header_takes_no_row() {
    let text = file(&[GOOD]).replace("task_type", "type").replace("area_code", "name");
    assert_eq!(
        told(text.as_bytes()),
        ["1 type unknown_column", "1 name duplicate_column", "1 task_type missing_column", "1 area_code missing_column"]
    );
    let found = read(text.as_bytes());
    assert!(found.header_is_broken && found.rows.is_empty());
    assert_eq!(told(b""), ["1 - missing_column"]);
    assert_eq!(told(b"\"department,name\n"), ["1 - unclosed_quote"]);
    let extra = format!("{HEADER},note\n{GOOD},x\n");
    assert_eq!((told(extra.as_bytes()), read(extra.as_bytes()).header_is_broken), (vec!["1 note unknown_column".to_owned()], false));
}

#[test]
fn limits_hold() {
    let rows: Vec<String> = (0..1_200).map(|at| format!("区民政局,类,,{at},5,511602000000,083")).collect();
    let found = read(file(&rows.iter().map(String::as_str).collect::<Vec<_>>()).as_bytes());
    assert_eq!((found.faults.len(), found.row_count), (FAULTS_MAX + 1, 1_200));
    assert_eq!(found.faults[FAULTS_MAX].code, FaultCode::MoreFaults);
    assert_eq!(told(&vec![b' '; FILE_BYTES_MAX + 1]), ["1 - file_too_large"]);
}
