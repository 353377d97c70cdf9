//! Approval in steps: the way through, who is refused what, covers, and random plans watched by observers that see only
//! the events.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::agreement::agrees;
use super::*;
use crate::case::{ApprovalFault, ApprovalStage, ApprovalStep, Signer, StepId, UnsignedStep, approval_faults, unsigned_steps};

fn step(id: &str, of: Option<&str>, signer: Signer) -> ApprovalStep {
    ApprovalStep { id: StepId::new(id), name: format!("步骤 {id}"), department_id: of.map(department), signer }
}

fn stage(steps: Vec<ApprovalStep>) -> ApprovalStage {
    ApprovalStage { steps }
}

/// 初审, 会签 of two departments, 批准 by the leader.
pub(super) fn plan() -> Vec<ApprovalStage> {
    vec![
        stage(vec![step("first", None, Signer::Approver)]),
        stage(vec![step("land", Some("land"), Signer::Approver), step("water", Some("water"), Signer::Approver)]),
        stage(vec![step("grant", None, Signer::Leader)]),
    ]
}

fn person(name: &str, roles: &[Role], departments: &[&str]) -> Staff {
    let bases = departments.iter().map(|name| basis(name, "2026-01-01", None)).collect();
    Staff { bases, ..staff(name, roles) }
}

/// A person of one role and department.
pub(super) fn signer(name: &str, role: Role, of: &str) -> Actor {
    Actor::Staff(person(name, &[role], &[of]))
}

/// Somebody who may take over whatever it is.
pub(super) fn anybody() -> Staff {
    person("approver9", &[Role::Approver, Role::Leader], &["civil", "land", "water"])
}

/// The first of many who have nothing to do with the case yet.
pub(super) fn somebody_free(case: &Case) -> Staff {
    let is_free = |staff: &Staff| !case.has_signed(&staff.id) && case.approval.holders.values().all(|holder| *holder != staff.id);
    (0..99).map(|at| Staff { id: StaffId::new("dc", &format!("free{at}")), ..anybody() }).find(is_free).unwrap()
}

fn chief() -> Actor {
    approver("approver1")
}
fn land() -> Actor {
    signer("land1", Role::Approver, "land")
}
fn water() -> Actor {
    signer("water1", Role::Approver, "water")
}
fn boss() -> Actor {
    signer("boss", Role::Leader, "civil")
}

fn agree() -> Command {
    Command::SignStep { agrees: true, opinion: None }
}
fn dissent() -> Command {
    Command::SignStep { agrees: false, opinion: Some(text("dissent")) }
}
fn back() -> Command {
    Command::ReturnStep { text: text("look again") }
}

fn begun() -> Walk {
    let stepped = MatterSnapshot { approval: plan(), ..matter() };
    Walk::open(stepped, &["m1", "m2"], false).then(&clerk("clerk1"), &Command::Accept)
}

fn at_countersign() -> Walk {
    begun().then(&chief(), &Command::Claim).then(&chief(), &agree())
}

fn at_decision() -> Walk {
    at_countersign().then(&water(), &Command::Claim).then(&land(), &Command::Claim).then(&land(), &dissent()).then(&water(), &agree())
}

/// A case at each standing of its steps, for the table of allowed actions.
pub(super) fn one_of_each_standing() -> Vec<Walk> {
    vec![
        begun(),
        begun().then(&chief(), &Command::Claim),
        begun().then(&chief(), &Command::Claim).then(&chief(), &sample(Action::Suspend, &begun().case)),
        at_countersign(),
        at_countersign().then(&land(), &Command::Claim),
        at_countersign().then(&land(), &Command::Claim).then(&land(), &back()),
        at_decision(),
        at_decision().then(&boss(), &Command::Claim),
        at_decision().then(&boss(), &Command::Claim).then(&boss(), &approve()),
    ]
}

#[test]
fn a_case_goes_through_its_stages_and_the_last_step_decides() {
    let mut walk = begun();
    assert_eq!(walk.take(&chief(), &Command::Claim), ["case_claimed"]);
    assert_eq!((walk.case.state.name(), walk.case.reporting_state()), ("in_review", Some(8)));
    assert_eq!(walk.take(&chief(), &agree()), ["step_signed"]);
    assert_eq!((walk.case.approval.stage, walk.case.state.name()), (1, "in_review"), "the department still has it");
    let mut walk = walk.then(&water(), &Command::Claim).then(&land(), &Command::Claim).then(&land(), &dissent());
    assert_eq!(walk.case.approval.stage, 1, "a countersignature waits for everybody");
    walk.take(&water(), &agree());
    assert_eq!(walk.case.approval.stage, 2, "a dissent decides nothing, it goes along");
    let told = walk.case.approval.signature(&StepId::new("land")).unwrap();
    assert_eq!((told.agrees, told.opinion.clone(), told.at), (false, Some(text("dissent")), TEN));
    let walk = walk.then(&boss(), &Command::Claim).then(&boss(), &approve());
    assert_eq!((walk.case.state.name(), walk.case.reporting_state()), ("decided", Some(11)));
    assert_eq!(walk.case.decision.as_ref().and_then(|decision| decision.by.clone()).as_ref(), boss().staff_id());
    assert_eq!(Case::replay(&walk.events).unwrap(), walk.case);
    assert_eq!(serde_json::from_str::<Case>(&serde_json::to_string(&walk.case).unwrap()).unwrap(), walk.case);
}

#[test]
fn everything_else_is_refused_with_its_reason() {
    let refused = |walk: &Walk, actor: &Actor, command: &Command, code: &str| {
        assert_eq!(walk.refused(actor, command), code, "{command:?} by {:?}", actor.staff_id());
    };
    let stranger = signer("stranger", Role::Approver, "tax");
    let expired = Actor::Staff(Staff { bases: vec![basis("land", "2025-01-01", Some("2026-01-31"))], ..staff("old", &[Role::Approver]) });
    let begun = begun();
    refused(&begun, &stranger, &Command::Claim, "forbidden");
    refused(&begun, &expired, &Command::Claim, "authorisation_expired");
    refused(&begun, &land(), &Command::Claim, "step_not_yours");
    refused(&begun, &chief(), &agree(), "case_state");
    refused(&begun, &chief(), &approve(), "forbidden");
    let claimed = begun.then(&chief(), &Command::Claim);
    refused(&claimed, &approver("approver2"), &Command::Claim, "step_taken");
    refused(&claimed, &approver("approver2"), &agree(), "not_reviewer");
    refused(&claimed, &chief(), &Command::Claim, "step_taken");
    refused(&claimed, &chief(), &back(), "first_stage");
    refused(&claimed, &boss(), &approve(), "steps_open");
    refused(&claimed, &boss(), &agree(), "step_not_yours");
    refused(&claimed, &chief(), &Command::SignStep { agrees: false, opinion: None }, "missing");
    let countersign = at_countersign();
    refused(&countersign, &chief(), &Command::Claim, "signed_already");
    refused(&countersign, &land(), &agree(), "step_unclaimed");
    let two = Actor::Staff(person("two", &[Role::Approver], &["land", "water"]));
    let signed = countersign.then(&two, &Command::Claim).then(&two, &agree());
    refused(&signed, &two, &Command::Claim, "signed_already");
    let decision = at_decision();
    refused(&decision, &boss(), &approve(), "step_unclaimed");
    refused(&decision, &land(), &deny(), "forbidden");
    let claimed = decision.then(&boss(), &Command::Claim);
    refused(&claimed, &boss(), &agree(), "decision_due");
    refused(&Walk::in_review(), &chief(), &agree(), "no_steps");
    refused(&Walk::in_review(), &chief(), &back(), "no_steps");
    refused(&Walk::in_review(), &boss(), &approve(), "forbidden");
}

#[test]
fn a_case_goes_back_a_stage_and_what_was_signed_there_stands_no_more() {
    let walk = at_countersign().then(&water(), &Command::Claim).then(&water(), &agree()).then(&land(), &Command::Claim);
    let mut walk = walk;
    assert_eq!(walk.take(&land(), &back()), ["step_returned"]);
    let approval = &walk.case.approval;
    assert_eq!((approval.stage, approval.signatures.len(), approval.returned.clone()), (0, 0, Some(text("look again"))));
    assert_eq!((walk.case.state.name(), approval.holders.len()), ("in_review", 0), "open to the group, whoever is away");
    walk.take(&chief(), &Command::Claim);
    walk.take(&chief(), &Command::Release);
    assert_eq!(walk.case.state.name(), "in_review", "the department has it, only nobody in particular");
    walk.take(&approver("approver2"), &Command::Claim);
    walk.take(&approver("approver2"), &agree());
    assert_eq!((walk.case.approval.stage, walk.case.approval.returned.clone()), (1, None));
    let again = walk.then(&water(), &Command::Claim).then(&water(), &agree()).then(&land(), &Command::Claim).then(&land(), &agree());
    let late = again.then(&boss(), &Command::Claim).then(&boss(), &back());
    assert_eq!((late.case.approval.stage, late.case.approval.signatures.len()), (1, 1), "what stands before it is kept");
}

#[test]
fn a_return_to_the_desk_begins_a_new_round_and_a_release_at_the_start_gives_it_to_the_group() {
    let mut walk = at_countersign().then(&land(), &Command::Claim);
    walk.take(&land(), &sample(Action::Return, &walk.case.clone()));
    assert_eq!((walk.case.state.name(), walk.case.approval.is_untouched()), ("accepted", true));
    let mut fresh = begun().then(&chief(), &Command::Claim);
    fresh.take(&chief(), &Command::Release);
    assert_eq!((fresh.case.state.name(), fresh.case.approval.is_untouched()), ("accepted", true));
    let handed = begun().then(&chief(), &Command::Claim).then(&chief(), &Command::Delegate { to: Box::new(approver_staff("approver2")) });
    assert_eq!(handed.refused(&chief(), &agree()), "not_reviewer");
    assert!(handed.try_do(&approver("approver2"), &agree()).is_ok());
    let to_land = Command::Delegate { to: Box::new(person("land1", &[Role::Approver], &["land"])) };
    assert_eq!(begun().then(&chief(), &Command::Claim).refused(&chief(), &to_land), "delegate_not_eligible");
}

#[test]
fn a_cover_goes_on_for_who_is_away_and_the_record_says_so() {
    let a = StaffId::new("dc", "approver1");
    let covering = |name: &str, bases: &[&str]| Actor::Staff(Staff { covers: vec![a.clone()], ..person(name, &[Role::Approver], bases) });
    let b = covering("approver2", &["civil"]);
    // Without steps.
    let walk = Walk::in_review().then(&b, &approve());
    let decided = walk.events.last().unwrap();
    assert_eq!((decided.by.as_ref(), decided.acting_for.as_ref()), (b.staff_id(), Some(&a)));
    assert_eq!(walk.case.decision.as_ref().unwrap().acting_for.as_ref(), Some(&a));
    assert_eq!(walk.case.history.last().unwrap().acting_for.as_ref(), Some(&a));
    assert_eq!(Walk::in_review().refused(&approver("approver2"), &approve()), "not_reviewer", "nobody is away");
    assert_eq!(Walk::in_review().refused(&covering("approver2", &["tax"]), &approve()), "forbidden", "a cover has a basis too");
    // With steps.
    let walk = begun().then(&chief(), &Command::Claim).then(&b, &agree());
    let signature = walk.case.approval.signature(&StepId::new("first")).unwrap();
    assert_eq!((Some(&signature.by), signature.acting_for.as_ref()), (b.staff_id(), Some(&a)));
    assert!(walk.case.has_signed(b.staff_id().unwrap()) && !walk.case.has_signed(&a), "who signs is who signed");
    let other_step = begun().then(&chief(), &Command::Claim);
    assert_eq!(other_step.refused(&covering("land1", &["land"]), &agree()), "step_not_yours");
    // What is one's own is nobody else's.
    let own = begun().then(&b, &Command::Claim).then(&b, &agree());
    assert_eq!(own.events.last().unwrap().acting_for, None);
    let text = serde_json::to_string(own.events.last().unwrap()).unwrap();
    assert!(!text.contains("acting_for"), "{text}");
}

#[test]
fn a_plan_reaches_its_end_or_its_faults_are_told() {
    assert_eq!(approval_faults(&plan(), false), []);
    assert_eq!(approval_faults(&[], true), []);
    assert_eq!(approval_faults(&plan(), true), [ApprovalFault::Instant]);
    let one = |id: &str| step(id, None, Signer::Approver);
    let broken = [stage(vec![one("a"), one("A b")]), stage(vec![]), stage(vec![one("a"), one("b")])];
    let wanted = [ApprovalFault::StepId(0, 1), ApprovalFault::EmptyStage(1), ApprovalFault::Twice(2, 0), ApprovalFault::NoDecidingStep];
    assert_eq!(approval_faults(&broken, false), wanted);
    let long: Vec<_> = (0..7).map(|at| stage(vec![one(&format!("s{at}"))])).collect();
    assert_eq!(approval_faults(&long, false), [ApprovalFault::TooManyStages]);
    let wide = [stage((0..9).map(|at| one(&format!("s{at}"))).collect()), stage(vec![one("end")])];
    assert_eq!(approval_faults(&wide, false), [ApprovalFault::TooManySteps(0)]);
}

#[test]
fn every_step_needs_a_person_of_its_own() {
    let today = day("2026-11-24");
    let of = |people: &[Staff]| unsigned_steps(&plan(), &department("civil"), people, today);
    let civil = || person("a", &[Role::Approver], &["civil"]);
    let leader = || person("l", &[Role::Leader], &["civil"]);
    let both = || person("b", &[Role::Approver], &["land", "water"]);
    let water = || person("w", &[Role::Approver], &["water"]);
    assert_eq!(of(&[civil(), leader(), both(), water()]), []);
    let unsigned = |stage, step, is_dead| UnsignedStep { stage, step, is_dead };
    assert_eq!(of(&[civil(), leader(), both()]), [unsigned(1, 1, false)], "one person does not sign both");
    assert_eq!(of(&[civil(), both(), water()]), [unsigned(2, 0, true)], "no leader");
    let all = || Staff { roles: vec![Role::Approver, Role::Leader], ..civil() };
    assert_eq!(of(&[all(), both(), water()]), [unsigned(2, 0, false)], "who looked first does not decide");
    let ended = Staff { bases: vec![basis("civil", "2025-01-01", Some("2026-11-23"))], ..civil() };
    assert_eq!(of(&[ended, leader(), both(), water()]), [unsigned(0, 0, true)]);
}

/// Who acts in the random histories.
fn cast() -> Vec<Actor> {
    let away = StaffId::new("dc", "approver1");
    vec![
        chief(),
        Actor::Staff(Staff { covers: vec![away], ..approver_staff("approver2") }),
        land(),
        water(),
        Actor::Staff(person("two", &[Role::Approver], &["land", "water"])),
        boss(),
        Actor::Staff(person("all", &[Role::Approver, Role::Leader], &["civil", "land", "water"])),
        signer("landlord", Role::Leader, "land"),
        signer("stranger", Role::Approver, "tax"),
        clerk("clerk1"),
    ]
}

fn plans() -> impl Strategy<Value = Vec<ApprovalStage>> {
    let one = (0..3usize, any::<bool>());
    prop::collection::vec(prop::collection::vec(one, 1..4), 1..5).prop_map(|mut drawn| {
        drawn.last_mut().unwrap().truncate(1);
        let made = |place: usize, at: usize, (of, is_leader): (usize, bool)| {
            let signer = if is_leader && of < 2 { Signer::Leader } else { Signer::Approver };
            step(&format!("s{place}-{at}"), [None, Some("land"), Some("water")][of], signer)
        };
        let numbered = drawn.into_iter().enumerate();
        numbered.map(|(place, steps)| stage(steps.into_iter().enumerate().map(|(at, one)| made(place, at, one)).collect())).collect()
    })
}

/// Tells from the events alone whether the rules were kept.
#[derive(Default)]
struct Observer {
    signed: BTreeMap<String, StaffId>,
    decided: bool,
}

impl Observer {
    fn stage(&self, plan: &[ApprovalStage]) -> usize {
        let is_open = |stage: &ApprovalStage| stage.steps.iter().any(|step| !self.signed.contains_key(step.id.as_str()));
        plan.iter().position(is_open).unwrap()
    }

    fn see(&mut self, event: &Event, plan: &[ApprovalStage]) {
        let stage = self.stage(plan);
        let signers: BTreeSet<StaffId> = self.signed.values().cloned().collect();
        match &event.change {
            Change::StepSigned { step, .. } => {
                assert!(plan[stage].steps.iter().any(|one| one.id == *step), "out of turn: {step}");
                assert!(stage + 1 < plan.len(), "the last step decides");
                assert!(!signers.contains(event.by.as_ref().unwrap()), "nobody signs twice");
                assert!(self.signed.insert(step.to_string(), event.by.clone().unwrap()).is_none(), "signed once");
            }
            Change::StepReturned { .. } => {
                assert!(stage > 0, "nothing stands before the first stage");
                for step in plan[stage - 1..].iter().flat_map(|stage| &stage.steps) {
                    self.signed.remove(step.id.as_str());
                }
            }
            Change::CaseReturned { .. } => self.signed.clear(),
            Change::CaseDecided { .. } => {
                assert_eq!(stage + 1, plan.len(), "no decision before every stage is over");
                assert!(!signers.contains(event.by.as_ref().unwrap()), "who gave an opinion does not decide");
                self.decided = true;
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn random_plans_keep_the_rules(plan in plans(), drawn in prop::collection::vec((0..10usize, 0..1000usize, any::<bool>()), 20..90)) {
        prop_assert_eq!(approval_faults(&plan, false), vec![]);
        let (cast, stepped) = (cast(), MatterSnapshot { approval: plan.clone(), ..matter() });
        let mut walk = Walk::open(stepped, &["m1", "m2"], false).then(&clerk("clerk1"), &Command::Accept);
        let mut observer = Observer::default();
        for (who, pick, is_dissent) in drawn {
            let actor = &cast[who];
            agrees(&walk.case, actor, &context(TEN));
            let mut allowed = walk.case.allowed_actions(actor, &context(TEN));
            allowed.retain(|action| ![Action::Withdraw, Action::Revoke, Action::Delegate].contains(action) || pick % 40 == 0);
            let action = match allowed.get(pick % allowed.len().max(1)) {
                Some(action) if pick % 7 > 0 => *action,
                _ => Action::ALL[pick % Action::ALL.len()],
            };
            let command = match sample(action, &walk.case) {
                Command::SignStep { .. } if is_dissent => dissent(),
                other => other,
            };
            let Ok(events) = walk.case.decide(&command, actor, &context(TEN)) else { continue };
            for event in events {
                observer.see(&event, &plan);
                walk.case.evolve(&event);
                walk.events.push(event);
            }
            let replayed = Case::replay(&walk.events);
            prop_assert_eq!(replayed.as_ref(), Some(&walk.case));
            if walk.case.decision.is_none() {
                prop_assert_eq!(walk.case.approval.stage, observer.stage(&plan));
                let held: BTreeSet<&StaffId> = walk.case.approval.holders.values().collect();
                prop_assert_eq!(held.len(), walk.case.approval.holders.len(), "one step each");
            }
            if walk.case.decision.is_some() || walk.case.closed_as().is_some() {
                break;
            }
        }
    }
}

#[test]
fn a_broken_rule_is_noticed() {
    let walk = begun();
    let event = |change, by: &str| {
        let by = Some(StaffId::new("dc", by));
        Event { case: walk.case.id.clone(), at: TEN, by, acting_for: None, under: None, change }
    };
    let signed = |step: &str, by: &str| event(Change::StepSigned { step: StepId::new(step), agrees: true, opinion: None }, by);
    let decided =
        |by: &str| event(Change::CaseDecided { outcome: DecisionOutcome::Approved, opinion: None, reason_code: None, instant: false }, by);
    let histories = [
        vec![signed("land", "l")],
        vec![signed("first", "a"), signed("land", "a")],
        vec![signed("first", "a"), decided("boss")],
        vec![signed("first", "a"), signed("land", "l"), signed("water", "w"), decided("l")],
        vec![event(Change::StepReturned { step: StepId::new("first"), text: text("x") }, "a")],
    ];
    for history in histories {
        let seen = std::panic::catch_unwind(|| {
            let mut observer = Observer::default();
            history.iter().for_each(|event| observer.see(event, &plan()));
        });
        assert!(seen.is_err(), "{history:?}");
    }
}
