//! The table of DOMAIN §5, row by row.

use super::*;

struct Row {
    name: &'static str,
    from: Walk,
    actor: Actor,
    command: Command,
    kinds: &'static [&'static str],
    to: &'static str,
    reported: Option<u8>,
}

fn row(
    name: &'static str,
    from: Walk,
    actor: Actor,
    command: Command,
    kinds: &'static [&'static str],
    to: &'static str,
    reported: u8,
) -> Row {
    Row { name, from, actor, command, kinds, to, reported: Some(reported) }
}

fn check(rows: Vec<Row>) {
    for row in rows {
        let Row { name, mut from, actor, command, kinds, to, reported } = row;
        assert_eq!(from.take(&actor, &command), kinds, "{name}");
        assert_eq!((from.case.state.name(), from.case.reporting_state()), (to, reported), "{name}");
        assert_eq!(Case::replay(&from.events).unwrap(), from.case, "{name}");
    }
}

fn proposed(reason: RefusalReason) -> Walk {
    Walk::received().then(&clerk("clerk1"), &propose(reason))
}

#[test]
fn receipt_and_correction() {
    let desk = || clerk("clerk1");
    let draft = || Walk::open(matter(), &["m1"], true);
    assert_eq!((draft().case.state.name(), draft().case.reporting_state()), ("draft", None));
    let received = Walk::received();
    assert_eq!(received.events.iter().map(Event::kind).collect::<Vec<_>>(), ["case_opened", "case_received"]);
    assert_eq!((received.case.reporting_state(), received.case.receipt_at), (Some(1), Some(TEN)));
    assert_eq!(received.case.first_contact.as_ref(), desk().staff_id());
    let first = || request("1", vec![item(Some("m2"), "a")]);
    let correcting = || Walk::open(matter(), &["m1"], false).then(&desk(), &first());
    let withdraw = || Command::Withdraw { reason: text("signed") };
    check(vec![
        row("submit a draft", draft(), desk(), Command::Submit { ticket: None }, &["case_received"], "received", 1),
        row("correct the checklist", Walk::received(), desk(), sample(Action::Update, &received.case), &["case_updated"], "received", 1),
        row("one-time notice", Walk::received(), desk(), first(), &["correction_requested"], "correcting", 6),
        row("supply", correcting(), desk(), Command::Supply { materials: collected(&["m2"]) }, &["materials_supplied"], "received", 7),
        row(
            "supply a mended form only",
            correcting(),
            desk(),
            Command::Supply { materials: vec![] },
            &["materials_supplied"],
            "received",
            7,
        ),
        row("add a file", Walk::received(), desk(), attach("1", Some("m2"), TEN), &["attachment_added"], "received", 1),
        row("add a file while correcting", correcting(), desk(), attach("1", None, TEN), &["attachment_added"], "correcting", 6),
        row("withdraw before acceptance", Walk::received(), desk(), withdraw(), &["case_withdrawn"], "closed", 2),
        row("withdraw while correcting", correcting(), desk(), withdraw(), &["case_withdrawn"], "closed", 2),
        row("withdraw after acceptance", Walk::accepted(), desk(), withdraw(), &["case_withdrawn"], "closed", 14),
        row("withdraw in review", Walk::in_review(), desk(), withdraw(), &["case_withdrawn"], "closed", 14),
    ]);
}

#[test]
fn acceptance_and_refusal() {
    let (desk, chief) = (|| clerk("clerk1"), || approver("approver1"));
    let accepted: &[&str] = &["case_accepted", "case_routed"];
    let promised = vec![PromisedMaterial { material: material("m2"), due: day("2026-12-01") }];
    let lacking = Walk::open(matter(), &["m1"], false);
    let confirm = || Command::ConfirmRefusal { opinion: Some(text("agreed")) };
    let overturn = Command::OverturnRefusal { opinion: text("competent") };
    let overturned: &[&str] = &["refusal_overturned", "case_accepted", "case_routed"];
    check(vec![
        row("accept", Walk::received(), desk(), Command::Accept, accepted, "accepted", 3),
        row("accept after correction", Walk::corrected_once(), desk(), Command::Accept, accepted, "accepted", 3),
        row("tolerant accept", lacking, desk(), Command::AcceptTolerant { promised }, accepted, "accepted", 3),
        row("propose", Walk::received(), desk(), propose(RefusalReason::NotCompetent), &["refusal_proposed"], "refusal_proposed", 1),
        row("not required", proposed(RefusalReason::NotRequired), chief(), confirm(), &["case_refused"], "closed", 4),
        row("not competent", proposed(RefusalReason::NotCompetent), chief(), confirm(), &["case_refused"], "closed", 5),
        row("forbidden applicant", proposed(RefusalReason::ForbiddenApplicant), chief(), confirm(), &["case_refused"], "closed", 5),
        row("false material", proposed(RefusalReason::FalseMaterial), chief(), confirm(), &["case_refused"], "closed", 5),
        row("overturn", proposed(RefusalReason::NotCompetent), chief(), overturn, overturned, "accepted", 3),
    ]);
}

#[test]
fn review_and_decision() {
    let chief = || approver("approver1");
    let act = |action| sample(action, &Walk::in_review().case);
    let suspended = || Walk::in_review().then(&chief(), &act(Action::Suspend));
    let asked = || Walk::in_review().then(&chief(), &act(Action::Extend));
    let tolerant = || Walk::tolerant().then(&chief(), &Command::Claim);
    let leader = holder_of(Role::Leader);
    let fulfilled = tolerant().then(&clerk("clerk1"), &Command::Supply { materials: collected(&["m2"]) });
    check(vec![
        row("claim", Walk::accepted(), chief(), Command::Claim, &["case_claimed"], "in_review", 8),
        row("release", Walk::in_review(), chief(), Command::Release, &["case_released"], "accepted", 3),
        row("delegate", Walk::in_review(), chief(), act(Action::Delegate), &["case_delegated"], "in_review", 8),
        row("return to the desk", Walk::in_review(), chief(), act(Action::Return), &["case_returned"], "accepted", 3),
        row("special procedure", Walk::in_review(), chief(), act(Action::Suspend), &["case_suspended"], "suspended", 9),
        row("its end", suspended(), chief(), Command::Resume, &["case_resumed"], "in_review", 10),
        row("ask for days", Walk::in_review(), chief(), act(Action::Extend), &["extension_requested"], "in_review", 8),
        row("give days", asked(), leader, act(Action::ApproveExtension), &["extension_approved"], "in_review", 8),
        row("approve", Walk::in_review(), chief(), approve(), &["case_decided"], "decided", 11),
        row("approve with an open promise", tolerant(), chief(), approve(), &["case_decided"], "decided", 12),
        row("approve with a kept promise", fulfilled, chief(), approve(), &["case_decided"], "decided", 11),
        row("deny", Walk::in_review(), chief(), deny(), &["case_decided"], "decided", 13),
        row("revoke", Walk::approved(), chief(), sample(Action::Revoke, &Walk::approved().case), &["case_revoked"], "closed", 15),
    ]);
}

#[test]
fn instant_cases_are_decided_at_the_window() {
    let instant = || MatterSnapshot { case_kind: CaseKind::Instant, ..matter() };
    let at_once = || Command::DecideInstant { opinion: None };
    let both: &[&str] = &["case_accepted", "case_decided"];
    let accepted = Walk::open(instant(), &["m1", "m2"], false).then(&clerk("clerk1"), &Command::Accept);
    check(vec![
        row("in one go", Walk::open(instant(), &["m1", "m2"], false), clerk("clerk1"), at_once(), both, "decided", 11),
        row("accepted before", accepted, clerk("clerk2"), at_once(), &["case_decided"], "decided", 11),
    ]);
    let incomplete = Walk::open(instant(), &["m1"], false);
    assert_eq!(incomplete.refused(&clerk("clerk1"), &at_once()), "materials_missing");
    assert_eq!(Walk::received().refused(&clerk("clerk1"), &at_once()), "not_instant");
    let without_grant = Actor::Staff(staff("clerk3", &[Role::Clerk]));
    assert_eq!(Walk::open(instant(), &["m1", "m2"], false).refused(&without_grant, &at_once()), "forbidden");
}

#[test]
fn the_result_goes_out() {
    let issuer = || holder_of(Role::Issuer);
    let gone: &[&str] = &["certificate_handed_over", "case_issued", "case_finished"];
    let shipped = || Walk::in_cabinet().then(&issuer(), &ship());
    let came_back = Command::ReturnCertificate { reason: text("nobody home") };
    let again = shipped().then(&issuer(), &came_back).then(&issuer(), &receive("A2"));
    let again_gone: &[&str] = &["certificate_handed_over", "case_finished"];
    check(vec![
        row("make", Walk::approved(), issuer(), make_certificate(), &["certificate_made"], "decided", 11),
        row("receive", Walk::made(), issuer(), receive("A1"), &["certificate_received"], "decided", 11),
        row("notify", Walk::in_cabinet(), issuer(), notify(), &["applicant_notified"], "decided", 11),
        row("remind", Walk::in_cabinet().then(&issuer(), &notify()), Actor::System, remind_pickup(1), &["pickup_reminded"], "decided", 11),
        row("hand over", Walk::in_cabinet(), issuer(), hand_over(), gone, "closed", 11),
        row("ship", Walk::in_cabinet(), issuer(), ship(), &["certificate_shipped", "case_issued"], "issued", 11),
        row("delivered", shipped(), issuer(), Command::ConfirmDelivery, &["certificate_delivered", "case_finished"], "closed", 11),
        row("came back and was collected", again, issuer(), hand_over(), again_gone, "closed", 11),
    ]);
}

#[test]
fn timers_close_and_accept() {
    const DAY_MS: Millis = crate::time::DAY_MS;
    let mut correcting = Walk::received().then(&clerk("clerk1"), &request("1", vec![item(Some("m2"), "a")]));
    assert_eq!(correcting.refused(&Actor::System, &Command::Lapse), "not_due");
    assert_eq!(correcting.refused(&Actor::System, &Command::RemindCorrection), "not_due");
    correcting.now += 30 * DAY_MS;
    assert_eq!(correcting.refused(&Actor::System, &Command::Lapse), "not_due", "one reminder comes first");
    assert_eq!(correcting.take(&Actor::System, &Command::RemindCorrection), ["correction_reminded"]);
    assert_eq!(correcting.refused(&Actor::System, &Command::RemindCorrection), "not_due");
    assert_eq!(correcting.refused(&Actor::System, &Command::Lapse), "not_due", "a reminder that came late leaves time to act on it");
    correcting.now += 10 * DAY_MS;
    assert_eq!(correcting.take(&Actor::System, &Command::Lapse), ["case_lapsed"]);
    assert_eq!((correcting.case.closed_as(), correcting.case.reporting_state()), (Some("lapsed"), Some(2)));
}

#[test]
fn silence_accepts_after_the_fifth_working_day() {
    use crate::calendar::Calendar;
    let calendar = Calendar::state_council();
    let proposal = proposed(RefusalReason::NotCompetent);
    let correcting = Walk::received().then(&clerk("clerk1"), &request("1", vec![item(Some("m2"), "a")]));
    let tuesday_midnight = crate::time::start_of(day("2026-12-02"));
    for walk in [Walk::received(), proposal] {
        let at = |now| walk.case.decide(&Command::DeemAccepted, &Actor::System, &walk.case.context(now, &calendar, Policy::default()));
        assert_eq!(at(tuesday_midnight - 1).map_err(|refusal| refusal.code()), Err("not_due"));
        let events = at(tuesday_midnight).unwrap();
        let mut case = walk.case.clone();
        events.iter().for_each(|event| case.evolve(event));
        let acceptance = case.acceptance.as_ref().unwrap();
        assert_eq!((acceptance.mode, acceptance.clock_from), (AcceptanceMode::Deemed, TEN), "the clock starts on the day of receipt");
        assert_eq!((case.state.name(), case.reporting_state()), ("accepted", Some(3)));
        assert_eq!(case.decision_clock().unwrap().due(&calendar), Ok(day("2026-12-08")));
    }
    let late = correcting.case.context(tuesday_midnight, &calendar, Policy::default());
    let refusal = correcting.case.decide(&Command::DeemAccepted, &Actor::System, &late).unwrap_err();
    assert_eq!(refusal.code(), "case_state", "not while correcting");
}
