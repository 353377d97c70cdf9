//! The rules that the table of states does not show: who may, what is frozen, what is missing.

use super::*;

fn desk() -> Actor {
    clerk("clerk1")
}

#[test]
fn files_come_until_the_decision_and_go_until_the_acceptance() {
    let (first, second) = (attach("1", Some("m1"), TEN), attach("2", None, TEN));
    let remove = |name: &str| Command::RemoveAttachment { attachment: AttachmentId::new("dc", name), reason: text("wrong person") };
    let mut walk = Walk::received().then(&desk(), &first).then(&desk(), &second);
    assert_eq!(walk.case.attachments.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["att_dc_1", "att_dc_2"]);
    assert_eq!(walk.refused(&desk(), &remove("3")), "unknown_attachment");
    walk.take(&desk(), &remove("1"));
    assert_eq!(walk.case.attachments.len(), 1);
    assert_eq!(walk.case.history.last().and_then(|entry| entry.text.clone()), Some(text("wrong person")));
    assert_eq!(walk.refused(&approver("approver1"), &attach("4", None, TEN)), "forbidden");
    assert_eq!(walk.refused(&desk(), &attach("4", Some("m9"), TEN)), "unknown_material");
    let accepted = walk.then(&desk(), &Command::Accept);
    assert_eq!(accepted.refused(&desk(), &remove("2")), "case_state", "what was decided on stays");
    let decided = accepted.then(&desk(), &attach("5", None, TEN)).then(&approver("approver1"), &Command::Claim);
    let decided = decided.then(&approver("approver1"), &approve());
    assert_eq!(decided.refused(&desk(), &attach("6", None, TEN)), "case_state");
    let tolerant = Walk::tolerant().then(&approver("approver1"), &Command::Claim).then(&approver("approver1"), &approve());
    assert_eq!(tolerant.then(&desk(), &attach("7", Some("m2"), TEN)).case.attachments.len(), 1, "what was promised still comes");
}

#[test]
fn the_proposer_never_confirms_whatever_else_he_is() {
    let both = Actor::Staff(Staff { roles: vec![Role::Clerk, Role::Approver], ..approver_staff("clerk1") });
    let walk = Walk::received().then(&both, &propose(RefusalReason::FalseMaterial));
    let confirm = Command::ConfirmRefusal { opinion: None };
    assert_eq!(walk.refused(&both, &confirm), "own_proposal");
    assert_eq!(walk.refused(&both, &Command::OverturnRefusal { opinion: text("x") }), "own_proposal");
    assert_eq!(walk.refused(&clerk("clerk2"), &confirm), "forbidden");
    assert_eq!(walk.refused(&holder_of(Role::Supervisor), &confirm), "forbidden");
    assert!(walk.try_do(&approver("approver1"), &confirm).is_ok());
}

#[test]
fn an_approver_acts_for_the_department_and_under_a_basis_in_force() {
    let with = |bases: Vec<Basis>| Actor::Staff(Staff { bases, ..approver_staff("approver2") });
    let walk = Walk::accepted();
    assert_eq!(walk.refused(&with(vec![]), &Command::Claim), "forbidden");
    assert_eq!(walk.refused(&with(vec![basis("tax", "2026-01-01", None)]), &Command::Claim), "forbidden");
    for (from, to) in [("2026-01-01", Some("2026-11-23")), ("2026-11-25", None)] {
        assert_eq!(walk.refused(&with(vec![basis("civil", from, to)]), &Command::Claim), "authorisation_expired", "{from} {to:?}");
    }
    let renewed = with(vec![basis("civil", "2025-01-01", Some("2025-12-31")), basis("civil", "2026-11-24", Some("2026-11-24"))]);
    assert!(walk.try_do(&renewed, &Command::Claim).is_ok());
}

#[test]
fn only_who_claimed_goes_on() {
    let walk = Walk::in_review();
    for command in [approve(), deny(), Command::Release, sample(Action::Suspend, &walk.case), sample(Action::Extend, &walk.case)] {
        assert_eq!(walk.refused(&approver("approver2"), &command), "not_reviewer", "{command:?}");
    }
    assert_eq!(walk.refused(&approver("approver2"), &Command::Claim), "case_state");
    let not_entitled = Command::Delegate { to: Box::new(staff("clerk1", &[Role::Clerk])) };
    assert_eq!(walk.refused(&approver("approver1"), &not_entitled), "delegate_not_eligible");
    let to_herself = Command::Delegate { to: Box::new(approver_staff("approver1")) };
    assert_eq!(walk.refused(&approver("approver1"), &to_herself), "delegate_not_eligible");
    let handed = walk.then(&approver("approver1"), &sample(Action::Delegate, &Walk::in_review().case));
    assert_eq!(handed.refused(&approver("approver1"), &approve()), "not_reviewer");
    assert!(handed.try_do(&approver("free0"), &approve()).is_ok());
}

#[test]
fn rights_end_at_the_site() {
    let elsewhere = Actor::Staff(Staff { site: site("demo-sumu"), subtree: vec![site("demo-sumu")], ..staff("clerk7", &[Role::Clerk]) });
    assert_eq!(Walk::received().refused(&elsewhere, &Command::Accept), "forbidden");
    let refusal = Case::open(opening(matter(), vec![]), false, &elsewhere, TEN).unwrap_err();
    assert_eq!((refusal.code(), refusal.class()), ("forbidden", RefusalClass::Forbidden));
}

#[test]
fn the_first_notice_freezes_the_list() {
    let walk = Walk::corrected_once();
    assert_eq!(walk.case.frozen_items().unwrap().len(), 2);
    let more = request("2", vec![item(Some("m2"), "a"), item(Some("m1"), "c")]);
    let other_words = request("2", vec![item(None, "c")]);
    for command in [&more, &other_words] {
        assert_eq!(walk.refused(&desk(), command), "correction_frozen", "{command:?}");
    }
    assert!(walk.try_do(&desk(), &request("2", vec![item(Some("m2"), "other words"), item(None, "b")])).is_ok());
    let leave = Command::RecordCorrectionException { reason: text("new fact") };
    assert_eq!(walk.refused(&desk(), &leave), "forbidden", "a clerk gives no leave");
    assert_eq!(Walk::received().refused(&holder_of(Role::Supervisor), &leave), "exception_not_open", "nothing is frozen yet");
    let mut walk = walk.then(&holder_of(Role::Supervisor), &leave);
    assert_eq!(walk.refused(&holder_of(Role::Supervisor), &leave), "exception_not_open", "one at a time");
    walk.take(&desk(), &more);
    assert_eq!(walk.case.notices.last().and_then(|notice| notice.exception.clone()), Some(text("new fact")));
    walk.take(&desk(), &Command::Supply { materials: vec![] });
    assert!(walk.try_do(&desk(), &request("3", vec![item(Some("m1"), "c")])).is_ok(), "now it is on the list");
    assert_eq!(walk.refused(&desk(), &other_words), "correction_frozen", "the leave was good for one notice");
}

#[test]
fn acceptance_needs_what_the_matter_requires() {
    let lacking = Walk::open(matter(), &["m1"], false);
    let refusal = lacking.try_do(&desk(), &Command::Accept).unwrap_err();
    assert_eq!(refusal, Refusal::MaterialsMissing { materials: vec![material("m2")] });
    let promise =
        |name: &str, due: &str| Command::AcceptTolerant { promised: vec![PromisedMaterial { material: material(name), due: day(due) }] };
    for (command, code) in [
        (promise("m2", "2026-11-23"), "due_past"),
        (promise("m2", "2026-12-09"), "due_too_late"),
        (promise("m1", "2026-12-01"), "not_tolerable"),
        (promise("m3", "2026-12-01"), "incomplete"),
        (promise("m9", "2026-12-01"), "unknown_material"),
    ] {
        let refusal = lacking.try_do(&desk(), &command).unwrap_err();
        assert_eq!((refusal.code(), refusal.class(), refusal.field()), (code, RefusalClass::Invalid, Some("promised")));
    }
    let rigid = Walk::open(MatterSnapshot { allows_tolerance: false, ..matter() }, &["m1"], false);
    assert_eq!(rigid.refused(&desk(), &promise("m2", "2026-12-01")), "tolerance_not_allowed");
    let without_first = Walk::open(matter(), &["m2"], false);
    assert_eq!(without_first.refused(&desk(), &Command::AcceptTolerant { promised: vec![] }), "incomplete");
    assert_eq!(Walk::received().refused(&desk(), &Command::AcceptTolerant { promised: vec![] }), "nothing_to_promise");
}

#[test]
fn past_the_last_loaded_year_no_promise_is_too_late() {
    let lacking = Walk::open(matter(), &["m1"], false);
    let command = Command::AcceptTolerant { promised: vec![PromisedMaterial { material: material("m2"), due: day("2027-03-01") }] };
    let unknown = Context { promised_due: None, ..context(TEN) };
    assert!(lacking.case.decide(&command, &desk(), &unknown).is_ok());
}

#[test]
fn inputs_are_named_when_wrong() {
    let fault = |walk: &Walk, actor: &Actor, command: Command| {
        let refusal = walk.try_do(actor, &command).unwrap_err();
        assert_eq!(refusal.class(), RefusalClass::Invalid, "{command:?}");
        (refusal.field().unwrap(), refusal.code())
    };
    let received = Walk::received();
    assert_eq!(fault(&received, &desk(), request("1", vec![])), ("items", "required"));
    assert_eq!(fault(&received, &desk(), request("1", vec![item(Some("m9"), "a")])), ("items", "unknown_material"));
    let twice = vec![item(Some("m1"), "a"), item(Some("m1"), "b")];
    assert_eq!(fault(&received, &desk(), request("1", twice)), ("items", "duplicate"));
    let no_basis = CorrectionItem { basis: " ".to_owned(), ..item(Some("m1"), "a") };
    assert_eq!(fault(&received, &desk(), request("1", vec![no_basis])), ("items", "required"));
    let (chief, review) = (approver("approver1"), Walk::in_review());
    assert_eq!(fault(&review, &chief, Command::Extend { days: 11, reason: text("x") }), ("days", "out_of_range"));
    let deny = Command::Deny { reason_code: "no!".to_owned(), opinion: text("x") };
    assert_eq!(fault(&review, &chief, deny), ("reason_code", "unknown"));
    let backwards = Command::MakeCertificate {
        certificate: certificate_id(),
        number: TextId::new("dc", "1"),
        valid_from: day("2026-11-25"),
        valid_to: Some(day("2026-11-24")),
    };
    assert_eq!(fault(&Walk::approved(), &chief, backwards), ("valid_to", "before_valid_from"));
    let issuer = holder_of(Role::Issuer);
    assert_eq!(fault(&Walk::made(), &issuer, receive("")), ("slot", "required"));
    assert_eq!(fault(&Walk::made(), &issuer, receive("A\u{7}")), ("slot", "control_character"));
    assert_eq!(fault(&Walk::in_cabinet(), &issuer, Command::Notify { channels: vec![] }), ("channels", "required"));
    let supplied_missing = Command::Supply { materials: vec![entry("m2", SubmissionStatus::Missing)] };
    assert_eq!(fault(&Walk::tolerant(), &desk(), supplied_missing), ("materials", "not_supplied"));
    assert_eq!(fault(&Walk::tolerant(), &desk(), Command::Supply { materials: collected(&["m1"]) }), ("materials", "not_promised"));
}

#[test]
fn an_opening_is_checked() {
    let code = |change: fn(&mut Opening)| {
        let mut opening = opening(matter(), collected(&["m1"]));
        change(&mut opening);
        Case::open(opening, false, &clerk("clerk1"), TEN).map(|_| ()).map_err(|refusal| (refusal.field().unwrap_or(""), refusal.code()))
    };
    assert_eq!(code(|_| ()), Ok(()));
    assert_eq!(code(|opening| opening.number = "9".repeat(51)), Err(("number", "too_long")));
    assert_eq!(code(|opening| opening.query_code = "123".to_owned()), Err(("query_code", "length")));
    assert_eq!(code(|opening| opening.materials = collected(&["m1", "m1"])), Err(("materials", "duplicate")));
    assert_eq!(code(|opening| opening.materials[0].due = Some(day("2026-12-01"))), Err(("materials", "due_before_acceptance")));
}

#[test]
fn an_extension_is_asked_once_and_given_by_the_leader() {
    let chief = approver("approver1");
    let asked = Walk::in_review().then(&chief, &sample(Action::Extend, &Walk::in_review().case));
    assert_eq!(asked.case.decision_clock().unwrap().extended_days, 0, "asking gives no day");
    assert_eq!(asked.refused(&chief, &sample(Action::Extend, &asked.case)), "extended_already");
    assert_eq!(asked.refused(&chief, &Command::ApproveExtension { opinion: None }), "forbidden");
    let chief_and_leader = Actor::Staff(Staff { roles: vec![Role::Approver, Role::Leader], ..approver_staff("approver1") });
    assert_eq!(asked.refused(&chief_and_leader, &Command::ApproveExtension { opinion: None }), "own_extension");
    let given = asked.then(&holder_of(Role::Leader), &Command::ApproveExtension { opinion: None });
    assert_eq!(given.case.decision_clock().unwrap().extended_days, 10);
    assert_eq!(given.refused(&holder_of(Role::Leader), &Command::ApproveExtension { opinion: None }), "no_extension");
}

#[test]
fn only_procedures_of_the_law_or_the_matter_stop_the_clock() {
    let chief = approver("approver1");
    let suspend = |procedure| Command::Suspend { procedure, days: 3, basis: "依据".to_owned() };
    for (procedure, stops) in [(Procedure::Hearing, 1), (Procedure::SiteSurvey, 0), (Procedure::PublicNotice, 0)] {
        let walk = Walk::in_review().then(&chief, &suspend(procedure));
        assert_eq!(walk.case.decision_clock().unwrap().suspensions.len(), stops, "{procedure:?}");
    }
    let own = MatterSnapshot { stopping_procedures: vec![Procedure::SiteSurvey], ..matter() };
    let walk = Walk::open(own, &["m1", "m2"], false).then(&desk(), &Command::Accept).then(&chief, &Command::Claim);
    let mut walk = walk.then(&chief, &suspend(Procedure::SiteSurvey));
    assert_eq!(walk.case.suspensions[0].to, None);
    walk.take(&desk(), &Command::Withdraw { reason: text("x") });
    assert_eq!(walk.case.suspensions[0].to, Some(TEN), "the end of the case ends it");
}

#[test]
fn what_the_department_returned_the_desk_mends() {
    let chief = approver("approver1");
    let returned = Walk::in_review().then(&chief, &Command::ReturnToDesk { text: text("blurred") });
    let mended = returned.then(&desk(), &Command::Supply { materials: collected(&["m1"]) });
    assert_eq!(mended.case.state, State::Accepted { since: TEN, returned: None });
    assert_eq!(mended.refused(&desk(), &Command::Supply { materials: collected(&["m1"]) }), "not_promised");
}

#[test]
fn timers_and_people_have_their_own_commands() {
    assert_eq!(Walk::received().refused(&desk(), &Command::DeemAccepted), "system_only");
    assert_eq!(Walk::made().refused(&holder_of(Role::Issuer), &Command::ConfirmUpload { identifier: "1".to_owned() }), "system_only");
    assert_eq!(Walk::received().refused(&Actor::System, &Command::Accept), "forbidden");
}

#[test]
fn events_travel_as_json_and_hold_only_ids() {
    let walk = Walk::in_cabinet().then(&holder_of(Role::Issuer), &hand_over());
    for event in &walk.events {
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["type"].as_str(), Some(event.kind()));
        assert_eq!(json["case"].as_str(), Some("c_dc_1"));
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), *event);
    }
    let document = serde_json::to_string(&walk.case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&document).unwrap(), walk.case);
    assert_eq!(Change::KINDS.iter().collect::<std::collections::BTreeSet<_>>().len(), Change::KINDS.len());
}

#[test]
fn refusals_speak_to_people() {
    let walk = Walk::in_review();
    let refusal = walk.try_do(&desk(), &Command::Accept).unwrap_err();
    assert_eq!((refusal.code(), refusal.message()), ("case_state", "此件现为“审批中”，不能办理此操作。".to_owned()));
}

#[test]
fn people_of_a_site_that_only_accepts_take_no_part_in_the_decision() {
    let entrusted = MatterSnapshot { site_decides: false, case_kind: CaseKind::Instant, ..matter() };
    let walk = Walk::open(entrusted.clone(), &["m1", "m2"], false);
    assert!(walk.try_do(&desk(), &Command::Accept).is_ok(), "it accepts");
    let instant = walk.case.entitle(Action::DecideInstant, &clerk("clerk1"), &context(TEN));
    assert_eq!(instant, Err(Refusal::OnlyAccepts));
    let elsewhere = Actor::Staff(Staff { site: site("demo-district"), ..approver_staff("above") });
    for action in [Action::Claim, Action::Approve, Action::Deny, Action::ConfirmRefusal] {
        let refusal = walk.case.entitle(action, &approver("approver1"), &context(TEN)).unwrap_err();
        assert_eq!((refusal.code(), refusal.class()), ("entrusted_acceptance_only", RefusalClass::Forbidden), "{action:?}");
        assert_eq!(walk.case.entitle(action, &elsewhere, &context(TEN)), Ok(()), "the authority above decides: {action:?}");
    }
    let own = Walk::open(MatterSnapshot { site_decides: true, ..entrusted }, &["m1", "m2"], false);
    assert_eq!(own.case.entitle(Action::Claim, &approver("approver1"), &context(TEN)), Ok(()));
}
