//! A catalogue file as a real district's export looks: its columns, its size and its quirks, with
//! invented content. The same number of rows always gives the same file.

/// Rows of the real file this one resembles.
pub const ROWS_LIKE_A_DISTRICT: usize = 1_135;

/// The header line.
pub const HEADER: &str = "department,category,name,item_code,task_type,area_code,department_code";

const DEPARTMENTS: usize = 34;
const AREA: &str = "159901000000";
const VERBS: [&str; 12] = [
    "设立登记",
    "变更登记",
    "注销登记",
    "核发",
    "延续",
    "补发、换发",
    "备案（市级/县级）",
    "政策咨询",
    "查询",
    "申领",
    "认定",
    "审批（指引）",
];
const THINGS: [&str; 20] = [
    "食品经营许可",
    "城乡居民养老保险待遇",
    "道路旅客运输站经营许可",
    "重度残疾人护理补贴",
    "母婴保健技术服务机构执业许可",
    "企业投资项目",
    "农药经营许可",
    "教师资格",
    "机动车驾驶员培训",
    "医疗机构执业",
    "《出生医学证明》",
    "社会保障卡",
    "林木采伐许可证",
    "乡村建设规划许可证",
    "拖拉机/联合收割机",
    "职业技能提升补贴",
    "城市建筑物、设施上张挂、张贴宣传品",
    "特种设备使用",
    "临时救助",
    "家庭经济困难学生生活补助",
];
/// Matter types with and without their zero, as often as in the real file.
const TYPES: [&str; 20] = ["1", "1", "1", "01", "1", "1", "1", "1", "1", "20", "20", "20", "20", "20", "20", "10", "10", "10", "7", "05"];

/// The rows, each as its seven cells in the order of [`HEADER`].
#[must_use]
pub fn rows(count: usize) -> Vec<[String; 7]> {
    (0..count).map(row).collect()
}

/// The file in UTF-8 with `\n`, quoted where a cell asks for it.
#[must_use]
pub fn utf8(count: usize) -> String {
    let mut text = format!("{HEADER}\n");
    for row in rows(count) {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn row(at: usize) -> [String; 7] {
    let department = at % DEPARTMENTS;
    let thing = THINGS[at % THINGS.len()];
    let name = match at % 97 {
        0 => format!("除从事{}的企业外，{thing}{}", "储存、运输、零售、".repeat(9), VERBS[at % VERBS.len()]),
        1 => "求职创业补贴申领".to_owned(),
        2 => format!("{thing}\"特殊\",{}", VERBS[at % VERBS.len()]),
        _ => format!("{thing}{}（第{}类）", VERBS[at / THINGS.len() % VERBS.len()], at / 240 + 1),
    };
    let category = if at % 9 < 5 { "未分类".to_owned() } else { format!("{thing}（含{}）", VERBS[at % VERBS.len()]) };
    let item_code = match at % 3 {
        0 => format!("511A{at:07}-{AREA}-000-11511301{at:010}N-1-00"),
        1 => format!("G-{at:06}-001-{AREA}-000-083372204-1-00"),
        _ => format!("512B{at:06}-{AREA}"),
    };
    [
        format!("区第{:02}局", department + 1),
        category,
        name,
        item_code,
        TYPES[at % TYPES.len()].to_owned(),
        AREA.to_owned(),
        department_code(department, at),
    ]
}

/// Codes as departments really have them: organisation codes with a hyphen, short numbers, credit
/// codes one character too long; some departments come with two.
fn department_code(department: usize, at: usize) -> String {
    match department % 4 {
        0 => format!("6823646{department:02}-9"),
        1 => format!("11511301{department:010}N"),
        2 if at % 68 < DEPARTMENTS => format!("{:09}", 83_372_204 + department),
        2 => format!("115113010{department:012}3"),
        _ => format!("{:05}", 8_000 + department),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_measure_of_the_real_one() {
        let rows = rows(ROWS_LIKE_A_DISTRICT);
        let distinct = |column: usize| rows.iter().map(|row| row[column].as_str()).collect::<std::collections::BTreeSet<_>>();
        let chars = |column: usize| rows.iter().map(move |row| row[column].chars().count());
        assert_eq!((rows.len(), distinct(0).len(), distinct(3).len()), (1_135, 34, 1_135));
        assert!(distinct(6).len() > 34, "some departments have two codes");
        assert!(distinct(2).len() < rows.len(), "names occur twice, codes never");
        assert!(chars(3).all(|length| (23..=55).contains(&length)), "{:?}", chars(3).max());
        assert!(chars(2).max().unwrap() > 90 && chars(2).max().unwrap() <= 200);
        assert!(distinct(4).contains("1") && distinct(4).contains("01"));
    }
}
