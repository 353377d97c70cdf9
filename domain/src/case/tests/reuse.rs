//! What was handed in before, with consent, and the one new term for what was promised.

use super::*;
use crate::time::DAY_MS;

fn desk() -> Actor {
    clerk("clerk1")
}

/// A case that lacks m2, whose applicant agreed.
fn agreed() -> Walk {
    Walk::open(matter(), &["m1"], true).then(&desk(), &consent())
}

fn with_file(of: &str) -> Command {
    let Command::Attach { attachment } = attach("again", Some(of), TEN) else { panic!("a file") };
    let taken = ReusedMaterial { attachments: vec![attachment.id.clone()], ..earlier(&material(of), TEN - DAY_MS) };
    Command::Reuse { materials: vec![taken], attachments: vec![*attachment], form: None }
}

fn status(walk: &Walk, of: &str) -> Option<SubmissionStatus> {
    walk.case.materials.iter().find(|entry| entry.material == material(of)).map(|entry| entry.status)
}

#[test]
fn nothing_is_taken_over_without_consent() {
    let lacking = Walk::open(matter(), &["m1"], true);
    assert_eq!(lacking.refused(&desk(), &reuse(&[material("m2")], TEN)), "consent_missing");
    assert_eq!(lacking.refused(&desk(), &Command::WithdrawReuse { form: None }), "consent_missing");
    let agreed = agreed();
    assert_eq!(agreed.refused(&desk(), &consent()), "consent_given");
    let by = agreed.case.reuse_consent().and_then(|consent| consent.by.clone());
    assert_eq!(by.as_ref(), desk().staff_id());
    let taken = agreed.then(&desk(), &with_file("m2")).then(&desk(), &prefill("filled"));
    assert_eq!(status(&taken, "m2"), Some(SubmissionStatus::Reused));
    assert_eq!((taken.case.missing_materials(), taken.case.attachments.len()), (Vec::new(), 1));
    assert_eq!(taken.case.form, Some(text("filled")));
    assert_eq!(Case::replay(&taken.events).as_ref(), Some(&taken.case));
}

#[test]
fn only_who_accepts_takes_over() {
    let draft = Walk::open(matter(), &["m1"], true);
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Clerk) {
        assert_eq!(draft.refused(&holder_of(role), &consent()), "forbidden", "{role:?}");
        assert_eq!(agreed().refused(&holder_of(role), &reuse(&[material("m2")], TEN)), "forbidden", "{role:?}");
    }
    assert_eq!(Walk::accepted().refused(&desk(), &consent()), "case_state");
}

#[test]
fn what_cannot_be_taken_over() {
    let agreed = agreed();
    let code = |of: &[&str], days: i64| {
        let ids: Vec<MaterialId> = of.iter().map(|name| material(name)).collect();
        agreed.refused(&desk(), &reuse(&ids, TEN - days * DAY_MS))
    };
    assert_eq!(code(&[], 0), "required");
    assert_eq!(code(&["m1"], 0), "already_present");
    assert_eq!(code(&["unheard"], 0), "unknown_material");
    assert_eq!(code(&["m2", "m2"], 0), "duplicate");
    assert_eq!(code(&["m2"], 366), "too_old");
    assert!(agreed.try_do(&desk(), &reuse(&[material("m2")], TEN - 365 * DAY_MS)).is_ok(), "the last day counts");
    let own = ReusedMaterial { from_case: agreed.case.id.clone(), ..earlier(&material("m2"), TEN) };
    let of_itself = Command::Reuse { materials: vec![own], attachments: Vec::new(), form: None };
    assert_eq!(agreed.refused(&desk(), &of_itself), "same_case");
    let Command::Reuse { materials, .. } = with_file("m2") else { panic!("materials") };
    let without = Command::Reuse { materials, attachments: Vec::new(), form: None };
    assert_eq!(agreed.refused(&desk(), &without), "files");
}

#[test]
fn a_consent_that_is_taken_back_takes_everything_back_before_acceptance() {
    let filled = agreed().then(&desk(), &with_file("m2")).then(&desk(), &prefill("filled"));
    let back = filled.then(&desk(), &Command::WithdrawReuse { form: Some(text("emptied")) });
    assert_eq!(status(&back, "m2"), Some(SubmissionStatus::Missing));
    assert_eq!((back.case.attachments.len(), back.case.form.clone()), (0, Some(text("emptied"))));
    assert_eq!(back.refused(&desk(), &reuse(&[material("m2")], TEN)), "consent_missing");
    assert_eq!(Case::replay(&back.events).as_ref(), Some(&back.case));
    assert!(back.then(&desk(), &consent()).case.reuse_consent().is_some(), "he may agree again");
}

#[test]
fn what_was_brought_meanwhile_stays() {
    let brought = agreed()
        .then(&desk(), &with_file("m2"))
        .then(&desk(), &Command::Update { materials: Some(collected(&["m1", "m2"])), form: None })
        .then(&desk(), &Command::WithdrawReuse { form: None });
    assert_eq!(status(&brought, "m2"), Some(SubmissionStatus::Collected));
    assert_eq!(brought.case.attachments.len(), 0);
}

#[test]
fn after_acceptance_the_case_stands_as_it_was_accepted() {
    let accepted = agreed()
        .then(&desk(), &with_file("m2"))
        .then(&desk(), &Command::Submit { ticket: None })
        .then(&desk(), &Command::Accept)
        .then(&desk(), &Command::WithdrawReuse { form: None });
    assert_eq!((status(&accepted, "m2"), accepted.case.attachments.len()), (Some(SubmissionStatus::Reused), 1));
    assert_eq!((accepted.case.state.name(), accepted.case.reuse_consent()), ("accepted", None));
}

#[test]
fn an_application_says_it_each_time_it_is_sent() {
    let ticked = |version| {
        let application = Application { reuse_consent: version, ..application(matter(), Vec::new()) };
        Command::SubmitApplication { application: Box::new(application) }
    };
    let one = online::citizen("one");
    let sent = online::begun().then(&one, &ticked(Some(1)));
    let consent = sent.case.reuse_consent().cloned().unwrap();
    assert_eq!((consent.way, consent.by, consent.text_version), (ConsentWay::Online, None, 1));
    let mend = Command::PreCheck { verdict: PreCheck::Supplement { text: text("mend") } };
    let again = sent.then(&desk(), &mend).then(&one, &ticked(None));
    assert_eq!(again.case.reuse_consent(), None);
    assert_eq!(Case::replay(&again.events).as_ref(), Some(&again.case));
}

/// A tolerant case whose promise of 2026-12-01 was missed, and the instant at which it is looked at.
fn missed() -> (Walk, Millis) {
    (Walk::tolerant().then(&approver("approver1"), &Command::Claim), TEN + 8 * DAY_MS)
}

#[test]
fn a_missed_promise_gets_a_new_term_once() {
    let chief = approver("approver1");
    let (walk, later) = missed();
    let decide = |walk: &Walk, actor: &Actor, due: &str, now: Millis| {
        let outcome = walk.case.decide(&new_term(day(due)), actor, &context(now));
        outcome.map_err(|refusal| refusal.code())
    };
    assert_eq!(decide(&walk, &chief, "2026-12-04", TEN), Err("promise_not_missed"));
    assert_eq!(decide(&walk, &chief, "2026-12-04", TEN + 7 * DAY_MS), Err("promise_not_missed"), "the last day is in time");
    assert_eq!(decide(&walk, &chief, "2026-12-01", later), Err("due_past"));
    assert_eq!(decide(&walk, &chief, "2027-12-01", later), Err("due_too_late"));
    assert_eq!(decide(&walk, &desk(), "2026-12-04", later), Err("forbidden"));
    assert_eq!(decide(&walk, &approver("approver2"), "2026-12-04", later), Err("not_reviewer"));
    let mut extended = walk;
    for event in decide(&extended, &chief, "2026-12-04", later).unwrap() {
        extended.case.evolve(&event);
    }
    let due: Vec<_> = extended.case.open_promises().iter().filter_map(|entry| entry.due).collect();
    assert_eq!(due, [day("2026-12-04")]);
    let term = extended.case.new_term.clone().unwrap();
    assert_eq!((term.missed, term.due, term.by.as_ref()), (day("2026-12-01"), day("2026-12-04"), chief.staff_id()));
    assert_eq!(decide(&extended, &chief, "2026-12-18", later + 10 * DAY_MS), Err("new_term_given"), "once");
}

#[test]
fn what_was_approved_with_a_promise_open_may_get_it_too() {
    let chief = approver("approver1");
    let (walk, later) = missed();
    let held = walk.then(&chief, &approve());
    assert!(held.case.is_held());
    let given = held.case.decide(&new_term(day("2026-12-04")), &approver("approver2"), &context(later));
    assert!(given.is_ok_and(|events| events.len() == 1), "any of the department");
    let kept = held.then(&desk(), &Command::Supply { materials: collected(&["m2"]) });
    let refused = kept.case.decide(&new_term(day("2026-12-04")), &chief, &context(later));
    assert_eq!(refused.map_err(|refusal| refusal.code()), Err("case_state"));
}
