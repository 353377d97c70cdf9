//! A district's whole catalogue file through the rules of the import: every encoding, a second time,
//! changed, and broken in every way that people break such files.

use domain::catalogue::import::{Encoding, ImportRow, plan, read};
use domain::catalogue::{Department, Matter, Query, SearchKeys, found};
use domain::ids::{DepartmentId, MatterId};
use encoding_rs::GB18030;
use tests::catalogue_file::{ROWS_LIKE_A_DISTRICT, rows, utf8};

fn imported(rows: &[ImportRow]) -> (Vec<Department>, Vec<Matter>) {
    let first = plan(&[], &[], rows, false);
    let named = first.new_departments.iter().enumerate();
    let departments: Vec<Department> = named
        .map(|(at, (name, code))| Department { id: DepartmentId::new("dd", &at.to_string()), code: code.clone(), name: name.clone() })
        .collect();
    let matters = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let department = departments.iter().find(|department| department.name == row.department).expect("the plan creates it");
            row.first_version(MatterId::new("dc", &at.to_string()), department.id.clone())
        })
        .collect();
    (departments, matters)
}

#[test]
fn a_whole_district_is_read_alike_in_every_encoding() {
    let text = utf8(ROWS_LIKE_A_DISTRICT);
    let plain = read(text.as_bytes());
    assert_eq!((plain.encoding, plain.row_count, plain.rows.len(), plain.faults.len()), (Encoding::Utf8, 1_135, 1_135, 0));
    for (made, row) in rows(ROWS_LIKE_A_DISTRICT).iter().zip(&plain.rows) {
        let read = [&row.department, &row.category, &row.name, &row.item_code, &row.area_code, &row.department_code];
        assert_eq!(read, [&made[0], &made[1], &made[2], &made[3], &made[5], &made[6]]);
        assert_eq!(row.matter_type.code().trim_start_matches('0'), made[4].trim_start_matches('0'));
    }
    let excel = [b"\xEF\xBB\xBF".as_slice(), text.replace('\n', "\r\n").as_bytes()].concat();
    assert_eq!(read(&excel).rows, plain.rows);
    let gbk = GB18030.encode(&text).0;
    assert_eq!((read(&gbk).encoding, read(&gbk).rows), (Encoding::Gb18030, plain.rows));
}

#[test]
fn a_second_import_changes_nothing_and_a_changed_file_only_what_it_changes() {
    let file = read(utf8(ROWS_LIKE_A_DISTRICT).as_bytes());
    let (departments, matters) = imported(&file.rows);
    assert_eq!((departments.len(), matters.len()), (34, 1_135));
    let again = plan(&matters, &departments, &file.rows, true);
    assert_eq!((again.added.len(), again.changed.len(), again.unchanged.len(), again.retired.len()), (0, 0, 1_135, 0));
    assert!(again.new_departments.is_empty());

    let mut changed = file.rows.clone();
    changed[7].name.push_str("（新）");
    changed.remove(9);
    let third = plan(&matters, &departments, &changed, false);
    assert_eq!((third.changed, third.unchanged.len(), third.retired.len()), (vec![(7, 7)], 1_133, 0));
    assert_eq!(plan(&matters, &departments, &changed, true).retired, vec![9]);
}

#[test]
fn each_broken_row_is_told_with_line_column_and_reason() {
    let good = utf8(ROWS_LIKE_A_DISTRICT);
    let lines: Vec<&str> = good.lines().collect();
    let mut cells: Vec<String> = lines[500].split(',').map(str::to_owned).collect();
    assert_eq!(cells.len(), 7, "the row to break has no quoted comma");
    let code = cells[3].clone();
    cells[3] = "BROKEN-CODE-000000000000000".to_owned();
    let breakage: [(&str, usize, String); 5] = [
        ("duplicate_code", 3, code),
        ("unknown_type", 4, "12".to_owned()),
        ("missing_name", 2, String::new()),
        ("name_too_long", 2, "名".repeat(300)),
        ("unclosed_quote", 2, format!("\"{}", cells[2])),
    ];
    for (fault, column, value) in breakage {
        let mut broken = cells.clone();
        broken[column] = value;
        let text = format!("{good}{}\n", broken.join(","));
        for bytes in [text.clone().into_bytes(), GB18030.encode(&text).0.into_owned()] {
            let file = read(&bytes);
            assert_eq!(file.faults.len(), 1, "{fault}: {:?}", file.faults);
            let told = &file.faults[0];
            assert_eq!(
                (told.line, told.code.as_str(), told.column.as_deref()),
                (1_137, fault, Some(lines[0].split(',').collect::<Vec<_>>()[column]))
            );
            assert!(!told.message.is_ascii(), "told in Chinese: {}", told.message);
            assert_eq!(file.rows.len(), 1_135, "the sound rows are still there for --skip-bad");
        }
    }
    let mut mixed = good.clone().into_bytes();
    let mut stray = cells.clone();
    stray[2] = "乱码的名称".to_owned();
    mixed.extend(&GB18030.encode(&stray.join(",")).0[..]);
    let file = read(&mixed);
    assert!(!file.faults.is_empty() && file.faults.iter().all(|told| told.line == 1_137 && told.code.as_str() == "bad_encoding"));
}

#[test]
fn imported_matters_are_found_by_chinese_pinyin_and_initials() {
    let (_, matters) = imported(&read(utf8(ROWS_LIKE_A_DISTRICT).as_bytes()).rows);
    let keyed: Vec<(&Matter, String)> = matters.iter().map(|matter| (matter, matter.search_keys().encode())).collect();
    for (typed, part) in [
        ("林", "林木采伐"),
        ("采伐", "林木采伐"),
        ("linmu", "林木采伐"),
        ("lmcf", "林木采伐"),
        ("chongdu", "重度"),
        ("zdcjr", "重度残疾人"),
    ] {
        let query = Query::parse(typed).expect("something to look for");
        let hits = found(&keyed, &query, 50, |(_, keys)| SearchKeys::decode(keys), |a, b| a.0.code.cmp(&b.0.code));
        assert!(!hits.is_empty() && hits.iter().all(|(matter, _)| matter.name.contains(part)), "{typed}");
    }
}
