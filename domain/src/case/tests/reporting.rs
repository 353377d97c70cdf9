//! What the platform above is told of a case: every state by some case, and a whole case column by column.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::evaluation::{Level, StarOrder};
use crate::reporting::{
    EvaluationFacts, Ground, Operation, Owed, Party, ReportRow, Table, accept_row, evaluation_row, licence_row, material_row, owed_by,
    process_row, result_of, result_row, special_procedure_row,
};
use crate::time::HOUR_MS;

/// Every row that a history owes: the case before and after each event, and the row.
fn owed(events: &[Event]) -> Vec<(Option<Case>, Case, Millis, Owed)> {
    let mut rows = Vec::new();
    let mut case: Option<Case> = None;
    for event in events {
        let before = case.clone();
        match &mut case {
            Some(case) => case.evolve(event),
            None => case = Case::from_opening(event),
        }
        let after = case.clone().unwrap();
        rows.extend(owed_by(before.as_ref(), &event.change, &after).into_iter().map(|row| (before.clone(), after.clone(), event.at, row)));
    }
    rows
}

fn tables(walk: &Walk) -> Vec<String> {
    owed(&walk.events)
        .iter()
        .map(|(.., row)| format!("{}{}", row.table.letter(), row.state.map_or_else(String::new, |state| state.to_string())))
        .collect()
}

fn states(walk: &Walk) -> Vec<u8> {
    owed(&walk.events).iter().filter(|(.., row)| row.table == Table::Process).filter_map(|(.., row)| row.state).collect()
}

fn refused(reason: RefusalReason) -> Walk {
    Walk::received().then(&clerk("clerk1"), &propose(reason)).then(&approver("approver1"), &Command::ConfirmRefusal { opinion: None })
}

fn suspended() -> Walk {
    let case = Walk::in_review();
    let suspend = sample(Action::Suspend, &case.case);
    case.then(&approver("approver1"), &suspend)
}

#[test]
fn every_state_is_told_of_some_case() {
    let withdraw = Command::Withdraw { reason: text("sample") };
    let revoke = sample(Action::Revoke, &Walk::approved().case);
    let told = Walk::tolerant().then(&approver("approver1"), &Command::Claim).then(&approver("approver1"), &approve());
    let cases = [
        (Walk::received().then(&clerk("clerk1"), &withdraw), vec![1, 2]),
        (refused(RefusalReason::NotRequired), vec![1, 4]),
        (refused(RefusalReason::NotCompetent), vec![1, 5]),
        (Walk::corrected_once(), vec![1, 6, 7]),
        (suspended().then(&approver("approver1"), &Command::Resume), vec![1, 3, 8, 9, 10]),
        (Walk::approved(), vec![1, 3, 8, 11]),
        (told, vec![1, 3, 8, 12]),
        (Walk::in_review().then(&approver("approver1"), &deny()), vec![1, 3, 8, 13]),
        (Walk::accepted().then(&clerk("clerk1"), &withdraw), vec![1, 3, 14]),
        (Walk::approved().then(&approver("approver1"), &revoke), vec![1, 3, 8, 11, 15]),
    ];
    let mut seen = BTreeSet::new();
    for (walk, expected) in cases {
        assert_eq!(states(&walk), expected);
        seen.extend(expected);
    }
    assert_eq!(seen, crate::reporting::STATES.collect());
}

#[test]
fn the_end_of_a_special_procedure_is_told_once() {
    let approver = approver("approver1");
    let back = suspended().then(&approver, &Command::Resume).then(&approver, &Command::Release).then(&approver, &Command::Claim);
    assert_eq!(states(&back), [1, 3, 8, 9, 10, 3, 8]);
    let twice = suspended().then(&approver, &Command::Resume);
    let suspend = sample(Action::Suspend, &twice.case);
    let twice = twice.then(&approver, &suspend).then(&approver, &Command::Resume);
    assert_eq!(states(&twice), [1, 3, 8, 9, 10, 9, 10], "each procedure has its own end");
}

#[test]
fn an_application_that_nobody_brought_in_is_not_told() {
    let draft = Walk::open(matter(), &["m1", "m2"], true);
    assert_eq!(owed(&draft.events), []);
    assert_eq!(tables(&draft.then(&clerk("clerk1"), &Command::Submit { ticket: None })), ["p1"]);
}

#[test]
fn rows_follow_in_the_order_in_which_they_are_told() {
    assert_eq!(tables(&Walk::uploaded()), ["p1", "a", "m", "m", "p3", "p8", "p11", "r11", "r11", "l"]);
    let withdraw = Command::Withdraw { reason: text("sample") };
    assert_eq!(tables(&suspended().then(&clerk("clerk1"), &withdraw)), ["p1", "a", "m", "m", "p3", "p8", "p9", "s", "p14", "r14"]);
    assert_eq!(tables(&refused(RefusalReason::FalseMaterial)), ["p1", "p5", "r5"]);
    // What was promised is told when it comes, as a new row.
    let kept = Walk::tolerant();
    let supply = sample(Action::Supply, &kept.case);
    let kept = kept.then(&clerk("clerk1"), &supply);
    let rows = owed(&kept.events);
    assert_eq!(tables(&kept), ["p1", "a", "m", "p3", "m"]);
    assert_eq!(rows.last().map(|(.., row)| (row.part, row.operation)), Some((1, Operation::Insert)));
}

#[test]
fn a_result_that_changes_is_one_row_in_two_versions() {
    let rows = owed(&Walk::made().events);
    let results: Vec<_> = rows.iter().filter(|(.., row)| row.table == Table::Result).collect();
    let guids: BTreeSet<String> = results.iter().map(|(_, case, _, row)| row.guid(case, case.version)).collect();
    let operations: Vec<Operation> = results.iter().map(|(.., row)| row.operation).collect();
    assert_eq!((guids.len(), operations), (1, vec![Operation::Insert, Operation::Update]));
    let steps: BTreeSet<String> =
        rows.iter().filter(|(.., row)| row.table == Table::Process).map(|(_, case, _, row)| row.guid(case, case.version)).collect();
    assert_eq!(steps.len(), 4, "each step is a row of its own");
    assert!(rows.iter().all(|(_, case, _, row)| row.guid(case, case.version).len() <= 50));
}

fn ground() -> Ground {
    let party = |name: &str, number: &str| Party {
        kind: "person".to_owned(),
        name: name.to_owned(),
        id_type_code: "111".to_owned(),
        id_number: number.to_owned(),
        phone: "13912345520".to_owned(),
        address: "向阳路 8 号".to_owned(),
    };
    Ground {
        area_code: "159901000000".to_owned(),
        data_source: "p15".to_owned(),
        org_code: "YL-1102".to_owned(),
        org_name: "民政局".to_owned(),
        applicant: party("王小明", "152301199003070038"),
        agent: Some(party("李小红", "152301199003070046")),
        handler: "窗口甲".to_owned(),
        opinion: None,
        promise_date: Some(day("2026-12-08")),
        certificate_number: Some("ZS-2026-001".to_owned()),
        licence_type: Some("11100000000013338W032".to_owned()),
        issuer: Some("11159901MB0000001U".to_owned()),
    }
}

fn content(before: Option<&Case>, case: &Case, at: Millis, row: &Owed) -> ReportRow {
    let ground = ground();
    match row.table {
        Table::Accept => ReportRow::Accept(Box::new(accept_row(row, case, at, &ground))),
        Table::Material => ReportRow::Material(material_row(row, case, at, &ground).unwrap()),
        Table::SpecialProcedure => ReportRow::SpecialProcedure(special_procedure_row(row, case, at, &ground).unwrap()),
        Table::Process => ReportRow::Process(process_row(row, before, case, at, &ground)),
        Table::Result => ReportRow::Result(result_row(row, case, at, &ground)),
        Table::Licence => ReportRow::Licence(Box::new(licence_row(row, case, at, &ground).unwrap())),
        Table::Evaluation => unreachable!("no event of a case owes a rating"),
    }
}

/// A case from the receipt to the licence, an hour a step, with a special procedure on the way.
fn whole() -> Walk {
    let mut walk = Walk::received();
    let suspend = sample(Action::Suspend, &Walk::in_review().case);
    let steps = [
        (clerk("clerk1"), Command::Accept),
        (approver("approver1"), Command::Claim),
        (approver("approver1"), suspend),
        (approver("approver1"), Command::Resume),
        (approver("approver1"), approve()),
        (approver("approver1"), make_certificate()),
        (Actor::System, Command::ConfirmUpload { identifier: "1.2.156".to_owned() }),
    ];
    for (actor, command) in steps {
        walk.now += HOUR_MS;
        walk.take(&actor, &command);
    }
    walk
}

/// The columns that a row has beside its head.
fn own_columns(row: &ReportRow) -> Value {
    let mut value = serde_json::to_value(row).unwrap();
    let object = value.as_object_mut().unwrap();
    for name in ["project_no", "cd_time", "cd_batch", "data_source", "row_guid"] {
        object.remove(name);
    }
    value
}

#[test]
fn a_whole_case_is_told_column_by_column() {
    let rows: Vec<ReportRow> =
        owed(&whole().events).iter().map(|(before, case, at, row)| content(before.as_ref(), case, *at, row)).collect();
    let step = |operation: &str, state: u8, name: &str, from: &str, to: &str| {
        json!({
            "cd_operation": operation, "process_name": name, "event_name": state.to_string(), "event_start_time": from, "event_end_time": to,
            "handle_explain": name, "handle_user_name": "窗口甲",
        })
    };
    let material = |name: &str| json!({ "cd_operation": "I", "material_name": name, "get_type": "1", "get_num": "1" });
    let result = |operation: &str, name: &str, number: &str| {
        json!({
            "cd_operation": operation, "result_type": "11", "result_date": "20261124T150000", "result_explain": "准予",
            "result_cetr_name": name, "result_cetr_no": number, "is_delivery_results": "0", "handle_user_name": "窗口甲",
        })
    };
    let expected = [
        step("I", 1, "已接件", "20261124T100000", "20261124T100000"),
        json!({
            "cd_operation": "I", "catalog_code": "", "task_code": "11150", "task_handle_item": "", "task_name": "示例事项", "task_version": 1,
            "project_name": "示例事项", "project_type": "2", "apply_type": "1", "apply_date": "20261124T100000",
            "applyer_type": "1", "applyer_name": "王小明", "applyer_page_type": "111", "applyer_page_code": "152301199003070038",
            "contact_name": "李小红", "contact_type": "111", "contact_code": "152301199003070046", "contact_mobile": "13912345520",
            "address": "向阳路 8 号", "org_code": "YL-1102", "org_name": "民政局", "handle_user_name": "窗口甲",
            "accept_date": "20261124T110000", "accept_doc_no": "11150202611240001", "promise_date": "20261208T235959",
        }),
        material("m1"),
        material("m2"),
        step("I", 3, "已受理", "20261124T100000", "20261124T110000"),
        step("I", 8, "部门开始办理", "20261124T110000", "20261124T120000"),
        step("I", 9, "特别程序（开始）", "20261124T120000", "20261124T130000"),
        json!({
            "cd_operation": "I", "special_type": "7", "special_name": "鉴定", "special_reason": "行政许可法第四十五条",
            "special_time": "20261124T130000", "end_time": "20261124T140000", "special_explain": "告知 5 个工作日，不计入办理期限",
            "applyer_user_name": "王小明", "handle_user": "窗口甲", "result": "特别程序结束",
        }),
        step("I", 10, "特别程序（结束）", "20261124T130000", "20261124T140000"),
        step("I", 11, "办结（通过）", "20261124T140000", "20261124T150000"),
        result("I", "", ""),
        result("U", "林木采伐许可证", "ZS-2026-001"),
        json!({
            "cd_operation": "I", "certificate_type": "林木采伐许可证", "certificate_type_code": "11100000000013338W032",
            "certificate_name": "林木采伐许可证", "certificate_number": "ZS-2026-001", "certificate_source_id": "1.2.156",
            "certificate_holder": "王小明", "certificate_holder_code": "152301199003070038", "certificate_holder_type": "111",
            "certificate_area_code": "159901000000", "issue_date": "20261124T160000", "issue_dept": "民政局",
            "issue_dept_code": "11159901MB0000001U",
        }),
    ];
    for (place, (row, expected)) in rows.iter().zip(&expected).enumerate() {
        assert_eq!(own_columns(row), *expected, "row {place}");
    }
    assert_eq!(rows.len(), expected.len());
    let head = serde_json::to_value(&rows[1]).unwrap();
    let told: Vec<&Value> = ["row_guid", "project_no", "cd_time", "cd_batch", "data_source"].map(|name| &head[name]).to_vec();
    assert_eq!(told, [&json!("c_dc_1-a"), &json!("11150202611240001"), &json!("20261124T110000"), &json!("20261124"), &json!("p15")]);
}

#[test]
fn a_rating_is_told_in_the_order_that_the_platform_wants() {
    let case = Walk::approved().case;
    let facts = |level| EvaluationFacts {
        id: "ev_dc_1".to_owned(),
        level,
        reason_codes: vec!["207".to_owned(), "214".to_owned()],
        text: "等了很久".to_owned(),
        at: TEN,
        round: 1,
    };
    let satisfaction = |level, order| evaluation_row(&facts(level), &case, &ground(), order).satisfaction;
    let table = [
        (Level::VerySatisfied, "1", "5"),
        (Level::Satisfied, "2", "4"),
        (Level::BasicallySatisfied, "3", "3"),
        (Level::Dissatisfied, "4", "2"),
        (Level::VeryDissatisfied, "5", "1"),
    ];
    for (level, one_is_best, five_is_best) in table {
        assert_eq!(satisfaction(level, StarOrder::OneIsBest), one_is_best, "{level:?}");
        assert_eq!(satisfaction(level, StarOrder::FiveIsBest), five_is_best, "{level:?}");
    }
    let row = serde_json::to_value(evaluation_row(&facts(Level::Dissatisfied), &case, &ground(), StarOrder::OneIsBest)).unwrap();
    assert_eq!(
        row,
        json!({
            "rowGuid": "ev_dc_1", "areaCode": "159901000000", "deptCode": "YL-1102", "taskCode": "11150", "taskHandleItem": "",
            "projectNo": "11150202611240001", "proStatus": "3", "satisfaction": "4", "evalDetail": "207,214",
            "writingEvaluation": "等了很久", "assessTime": "20261124T100000", "assessNumber": "1", "promiseTime": "20261208T235959",
        })
    );
    let status = |case: &Case| evaluation_row(&facts(Level::Satisfied), case, &ground(), StarOrder::OneIsBest).pro_status;
    assert_eq!((status(&Walk::received().case), status(&Walk::in_review().case)), ("1".to_owned(), "2".to_owned()));
}

#[test]
fn a_case_has_a_result_only_once_it_has_ended() {
    for walk in [Walk::received(), Walk::corrected_once(), Walk::accepted(), suspended()] {
        assert_eq!(result_of(&walk.case), None);
    }
    assert_eq!(result_of(&Walk::in_cabinet().case), Some(11));
    assert_eq!(result_of(&refused(RefusalReason::NotRequired).case), Some(4));
}
