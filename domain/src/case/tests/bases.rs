//! On which basis somebody decided: what the events keep of it, and what was stored before bases had a document.

use super::approval::{plan, signer};
use super::*;

/// What each event of the last command was done under: kind and the document's name.
fn under(walk: &Walk, count: usize) -> Vec<(&'static str, Option<String>)> {
    let last = &walk.events[walk.events.len() - count..];
    last.iter().map(|event| (event.kind(), event.under.as_ref().and_then(|basis| basis.document.clone()))).collect()
}

fn named(kind: BasisKind, document: Option<&str>, to: Option<&str>) -> Basis {
    Basis { kind, document: document.map(str::to_owned), ..basis("civil", "2026-01-01", to) }
}

#[test]
fn a_decision_keeps_the_basis_it_was_made_under() {
    let document = Some("civil〔2026〕1号".to_owned());
    for command in [approve(), deny()] {
        let walk = Walk::in_review().then(&approver("approver1"), &command);
        assert_eq!(under(&walk, 1), [("case_decided", document.clone())]);
        let (by, at) = (StaffId::new("dc", "approver1"), walk.case.decision.as_ref().unwrap().at);
        assert_eq!(walk.case.basis_of(&by, at), Some(&basis("civil", "2026-01-01", None)));
        assert_eq!(walk.case.basis_of(&StaffId::new("dc", "approver2"), at), None);
        assert_eq!(Case::replay(&walk.events).unwrap(), walk.case, "the log alone tells it");
    }
    // What decides nothing in a department's name names none.
    let claimed = Walk::accepted().then(&approver("approver1"), &Command::Claim);
    assert_eq!(under(&claimed, 1), [("case_claimed", None)]);
    let instant = MatterSnapshot { case_kind: CaseKind::Instant, ..matter() };
    let both = Staff { decides_instant: true, roles: vec![Role::Clerk, Role::Approver], ..approver_staff("clerk1") };
    let at_window = Walk::open(instant, &["m1", "m2"], false).then(&Actor::Staff(both), &Command::DecideInstant { opinion: None });
    assert_eq!(under(&at_window, 2), [("case_accepted", None), ("case_decided", None)]);
}

#[test]
fn a_step_is_signed_under_a_basis_of_its_own_department() {
    let stepped = MatterSnapshot { approval: plan(), ..matter() };
    let agree = Command::SignStep { agrees: true, opinion: None };
    // Somebody with a basis of each department acts for the one whose step it is.
    let water = Actor::Staff(Staff {
        bases: ["civil", "land", "water"].map(|name| basis(name, "2026-01-01", None)).to_vec(),
        ..staff("water1", &[Role::Approver])
    });
    let walk = Walk::open(stepped, &["m1", "m2"], false)
        .then(&clerk("clerk1"), &Command::Accept)
        .then(&approver("approver1"), &Command::Claim)
        .then(&approver("approver1"), &agree);
    assert_eq!(under(&walk, 1), [("step_signed", Some("civil〔2026〕1号".to_owned()))]);
    let walk = walk.then(&signer("land1", Role::Approver, "land"), &Command::Claim).then(&signer("land1", Role::Approver, "land"), &agree);
    assert_eq!(under(&walk, 1), [("step_signed", Some("land〔2026〕1号".to_owned()))]);
    let walk = walk.then(&water, &Command::Claim).then(&water, &agree);
    assert_eq!(under(&walk, 1), [("step_signed", Some("water〔2026〕1号".to_owned()))]);
    // The leader grants by the step, without the right to decide anything else.
    let boss = signer("boss", Role::Leader, "civil");
    let walk = walk.then(&boss, &Command::Claim).then(&boss, &approve());
    assert_eq!(under(&walk, 1), [("case_decided", Some("civil〔2026〕1号".to_owned()))]);
}

#[test]
fn of_several_bases_it_is_the_one_with_a_document_that_lasts_longest() {
    let of = |bases: &[Basis]| Staff { bases: bases.to_vec(), ..staff("approver1", &[Role::Approver]) };
    let bare = named(BasisKind::Authorised, None, None);
    let short = named(BasisKind::Entrusted, Some("短"), Some("2026-11-30"));
    let long = named(BasisKind::Seconded, Some("长"), Some("2027-11-30"));
    let over = named(BasisKind::Seconded, Some("过期"), Some("2026-11-23"));
    let (civil, today) = (department("civil"), day("2026-11-24"));
    let table: [(&[Basis], Option<&Basis>); 6] = [
        (&[], None),
        (std::slice::from_ref(&over), None),
        (&[over.clone(), bare.clone()], Some(&bare)),
        (&[bare.clone(), short.clone()], Some(&short)),
        (&[long.clone(), short.clone(), bare.clone()], Some(&long)),
        (&[basis("tax", "2026-01-01", None)], None),
    ];
    for (bases, wanted) in table {
        assert_eq!(of(bases).basis_for(&civil, today), wanted, "{bases:?}");
    }
}

#[test]
fn what_was_stored_before_kinds_and_documents_is_still_read() {
    let department = department("civil");
    let stored = format!(r#"{{"department":"{department}","from":"2024-01-01","to":null}}"#);
    let read: Basis = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, Basis { department, kind: BasisKind::Authorised, document: None, from: day("2024-01-01"), to: None });
    assert!(read.covers(day("2026-11-24")), "it stays valid");
    let mut event = serde_json::to_value(Walk::in_review().then(&approver("approver1"), &approve()).events.last().unwrap()).unwrap();
    assert_eq!(event["under"]["document"], "civil〔2026〕1号");
    event.as_object_mut().unwrap().remove("under");
    assert_eq!(serde_json::from_value::<Event>(event).unwrap().under, None, "nor did decisions say it");
}
