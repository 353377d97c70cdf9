//! Allowed actions and decisions agree for every state, actor and action.

use super::*;

fn actors() -> Vec<Actor> {
    let mut actors: Vec<Actor> = Role::ALL.into_iter().map(holder_of).collect();
    actors.extend([
        clerk("clerk1"),
        approver("approver1"),
        approver("approver2"),
        Actor::Staff(approval::anybody()),
        approval::signer("land1", Role::Approver, "land"),
        approval::signer("boss", Role::Leader, "civil"),
        Actor::System,
        Actor::Applicant,
        online::citizen("one"),
        online::citizen("two"),
    ]);
    actors
}

/// Fails unless `decide` takes the sample of exactly the allowed actions.
pub(super) fn agrees(case: &Case, actor: &Actor, context: &Context) {
    let allowed = case.allowed_actions(actor, context);
    for action in Action::ALL {
        let outcome = case.decide(&sample_at(*action, case, context.now), actor, context);
        assert_eq!(
            outcome.as_ref().is_ok_and(|events| !events.is_empty()),
            allowed.contains(action),
            "{} in {} by {actor:?}: {outcome:?}",
            action.name(),
            case.state.name()
        );
    }
}

fn one_of_each_state() -> Vec<Walk> {
    let chief = approver("approver1");
    let correcting = Walk::received().then(&clerk("clerk1"), &request("1", vec![item(Some("m2"), "a")]));
    let instant = MatterSnapshot { case_kind: CaseKind::Instant, ..matter() };
    vec![
        Walk::open(matter(), &[], true),
        online::begun(),
        online::sent(),
        online::ready(),
        Walk::received(),
        Walk::open(matter(), &["m1"], false),
        Walk::open(instant, &["m1", "m2"], false),
        correcting,
        Walk::corrected_once(),
        Walk::received().then(&clerk("clerk1"), &propose(RefusalReason::NotCompetent)),
        Walk::accepted(),
        Walk::tolerant(),
        Walk::in_review(),
        Walk::in_review().then(&chief, &sample(Action::Suspend, &Walk::in_review().case)),
        Walk::approved(),
        Walk::in_review().then(&chief, &deny()),
        Walk::made(),
        Walk::in_cabinet(),
        Walk::in_cabinet().then(&holder_of(Role::Issuer), &ship()),
        Walk::in_cabinet().then(&Actor::Applicant, &delivery::authorise(day("2026-12-24"))),
        Walk::in_cabinet().then(&holder_of(Role::Issuer), &hand_over()),
    ]
    .into_iter()
    .chain(approval::one_of_each_standing())
    .collect()
}

#[test]
fn allowed_actions_are_what_decide_takes() {
    let walks = one_of_each_state();
    let states: std::collections::BTreeSet<_> = walks.iter().map(|walk| walk.case.state.name()).collect();
    assert_eq!(states.len(), 10, "{states:?}");
    for walk in &walks {
        for actor in actors() {
            agrees(&walk.case, &actor, &context(TEN));
            let due = Context { deemed_due: Some(day("2026-11-24")), ..context(TEN) };
            agrees(&walk.case, &actor, &due);
        }
    }
}

#[test]
fn a_clerk_has_no_button_that_says_no() {
    let no = [Action::Deny, Action::ConfirmRefusal, Action::Revoke, Action::Return, Action::Lapse];
    let mut proposes = false;
    for walk in one_of_each_state() {
        let allowed = walk.case.allowed_actions(&clerk("clerk1"), &context(TEN));
        assert!(no.iter().all(|action| !allowed.contains(action)), "{allowed:?}");
        assert!(allowed.iter().all(|action| !["deny", "refuse"].contains(&action.name())));
        proposes |= allowed.contains(&Action::ProposeRefusal);
    }
    assert!(proposes);
}

#[test]
fn a_supervisor_decides_no_case_and_an_auditor_changes_nothing() {
    for walk in one_of_each_state() {
        let of = |role| walk.case.allowed_actions(&holder_of(role), &context(TEN));
        let supervising = [Action::CorrectionException, Action::WaiveUpload, Action::RetryUpload];
        assert!(of(Role::Supervisor).iter().all(|action| supervising.contains(action)));
        for role in [Role::Auditor, Role::District, Role::Admin, Role::Guide] {
            assert_eq!(of(role), [], "{role:?}");
        }
    }
}

#[test]
fn names_of_actions_are_distinct() {
    let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(names.len(), Action::ALL.len());
    let known: std::collections::BTreeSet<_> =
        one_of_each_state().iter().flat_map(|walk| actions_of(&walk.case.state)).map(|action| action.name()).collect();
    assert_eq!(known, names, "every action belongs to a state");
}
