//! Random histories of at least 60 commands, judged by the model after every step. When a case is
//! closed for good the next one is opened, so that every history sees several lives.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::agreement::agrees;
use super::model::{Model, Who};
use super::*;
use crate::ids::BundleCaseId;
use crate::time::{DAY_MS, HOUR_MS};

/// One step: who, what (guided towards what is allowed, or anything), with which input, and how much
/// later.
#[derive(Debug, Clone)]
struct Step {
    who: usize,
    is_guided: bool,
    pick: usize,
    input: u8,
    later_h: Millis,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let later = prop_oneof![6 => 0..3i64, 2 => 12..48i64, 1 => 200..800i64];
    let step = (0..Who::ALL.len(), prop::bool::weighted(0.7), 0..1000usize, any::<u8>(), later)
        .prop_map(|(who, is_guided, pick, input, later_h)| Step { who, is_guided, pick, input, later_h });
    prop::collection::vec(step, 60..110)
}

fn checklist(input: u8) -> Vec<MaterialEntry> {
    use SubmissionStatus::{Collected, Missing, Promised, Reused, Verified};
    let statuses = [Collected, Verified, Missing, Promised, Reused, Collected];
    let of = |name: &str, shift: u8| entry(name, statuses[usize::from((input >> shift) % 6)]);
    vec![of("m1", 0), of("m2", 2), of("m3", 4)]
}

fn demands(input: u8) -> Vec<CorrectionItem> {
    let all = [item(Some("m1"), "a"), item(Some("m2"), "b"), item(Some("m3"), "c"), item(None, "d"), item(None, "e")];
    all.into_iter().enumerate().filter(|(index, _)| input >> index & 1 == 1).map(|(_, item)| item).collect()
}

/// A command of the action whose input varies with `input`; some inputs are wrong on purpose.
fn varied(action: Action, case: &Case, input: u8, now: Millis) -> Command {
    let plain = sample_at(action, case, now);
    if input.is_multiple_of(3) && ![Action::RequestCorrection, Action::Delegate].contains(&action) {
        return plain;
    }
    match plain {
        Command::Update { .. } => Command::Update { materials: Some(checklist(input)), form: None },
        Command::RequestCorrection { .. } => request("n", demands(input)),
        Command::Supply { .. } => {
            let entries = checklist(input).into_iter().filter(|entry| entry.status.is_present() || input.is_multiple_of(11));
            Command::Supply { materials: entries.take(usize::from(input % 4)).collect() }
        }
        Command::AcceptTolerant { .. } => {
            let due = local_date(now) + Days::new(u64::from(input % 16)) - Days::new(1);
            let names: &[&str] = if input & 1 == 1 { &["m2"] } else { &["m2", "m3"] };
            Command::AcceptTolerant { promised: names.iter().map(|name| PromisedMaterial { material: material(name), due }).collect() }
        }
        Command::Reuse { .. } => {
            let names: &[&str] = [&["m1"][..], &["m2", "m3"], &["m3"], &["m3", "m3"]][usize::from(input % 4)];
            let handed_in_at = now - Millis::from(input) * 2 * DAY_MS;
            reuse(&names.iter().map(|name| material(name)).collect::<Vec<_>>(), handed_in_at)
        }
        Command::NewTerm { .. } => new_term(local_date(now) + Days::new(u64::from(input % 17)) - Days::new(1)),
        Command::ProposeRefusal { .. } => propose([RefusalReason::NotRequired, RefusalReason::FalseMaterial][usize::from(input % 2)]),
        Command::Delegate { .. } => match Who::ALL[usize::from(input) % Who::ALL.len()].actor() {
            Actor::Staff(to) => Command::Delegate { to: Box::new(to) },
            Actor::Citizen(_) | Actor::Applicant | Actor::System => Command::Delegate { to: Box::new(staff("nobody", &[])) },
        },
        Command::Extend { reason, .. } => Command::Extend { days: u32::from(input % 12).max(1), reason },
        Command::ExtendJoint { reason, .. } => Command::ExtendJoint { days: u32::from(input % 18).max(1), reason },
        Command::MakeCertificate { certificate, number, .. } => {
            // A life may go on for years, and a certificate counts from about its decision.
            let valid_from = local_date(case.decision.as_ref().map_or(now, |decision| decision.at));
            Command::MakeCertificate { certificate, number, valid_from, valid_to: Some(valid_from + Days::new(3_652)) }
        }
        Command::ReceiveCertificate { .. } => receive(["A1", "A2"][usize::from(input % 2)]),
        other => other,
    }
}

struct History {
    case: Case,
    events: Vec<Event>,
    model: Model,
    now: Millis,
    lives: u32,
    seen: BTreeSet<&'static str>,
}

impl History {
    fn begin(now: Millis, input: u8) -> Self {
        let (is_instant, with_certificate) = (input & 1 == 1, input & 2 == 0);
        let case_kind = if is_instant { CaseKind::Instant } else { CaseKind::Promised };
        let matter = MatterSnapshot { case_kind, makes_certificate: with_certificate, ..matter() };
        let materials = if input & 4 == 0 { collected(&["m1", "m2"]) } else { checklist(input) };
        let bundle_case = (input & 8 == 0).then(|| BundleCaseId::new("dc", "1"));
        let mut model = Model::received(is_instant, with_certificate, &materials, now);
        model.joint = bundle_case.is_some();
        let opening = Opening { bundle_case, ..opening(matter, materials) };
        let events = Case::open(opening, false, &Who::DeskOne.actor(), now).unwrap();
        Self { case: Case::replay(&events).unwrap(), events, model, now, lives: 1, seen: BTreeSet::from(["case_opened", "case_received"]) }
    }

    fn context(&self) -> Context {
        Context { deemed_due: self.model.deemed_due(), ..context(self.now) }
    }

    fn step(&mut self, step: &Step) {
        self.now += step.later_h * HOUR_MS;
        let context = self.context();
        let (who, action) = self.choose(step, &context);
        let command = varied(action, &self.case, step.input, self.now);
        let before = self.case.clone();
        let outcome = self.case.decide(&command, &who.actor(), &context);
        let expected = self.model.take(who, &command, self.now);
        assert_eq!(outcome.is_ok(), expected, "{who:?} {command:?} in {:?}: {outcome:?}", before.state);
        assert_eq!(self.case, before, "deciding changes nothing");
        for event in outcome.unwrap_or_default() {
            self.case.evolve(&event);
            self.seen.insert(event.kind());
            self.events.push(event);
        }
        self.check(&before);
        agrees(&self.case, &Who::ALL[step.pick % Who::ALL.len()].actor(), &self.context());
        let upload_is_open = self.case.certificate.as_ref().is_some_and(|certificate| certificate.upload == Upload::Waived);
        if self.case.closed_as().is_some() && !upload_is_open {
            let (lives, seen) = (self.lives + 1, std::mem::take(&mut self.seen));
            *self = Self { lives, seen, ..Self::begin(self.now, step.input) };
        }
    }

    /// Guided: something allowed to somebody, beginning with the one drawn. Timers get a turn only when
    /// drawn, or a waiting case would always be accepted by silence.
    fn choose(&self, step: &Step, context: &Context) -> (Who, Action) {
        let drawn = Who::ALL[step.who];
        if step.is_guided {
            // A promise is missed seldom, and then somebody else may keep it first.
            let extends = |who: &Who| self.case.allowed_actions(&who.actor(), context).contains(&Action::NewTerm);
            if let Some(who) = Who::ALL.into_iter().find(extends).filter(|_| step.pick.is_multiple_of(2)) {
                return (who, Action::NewTerm);
            }
            for turn in 0..Who::ALL.len() {
                let who = Who::ALL[(step.who + turn) % Who::ALL.len()];
                let mut allowed = self.case.allowed_actions(&who.actor(), context);
                allowed.retain(|action| ![Action::Withdraw, Action::Revoke].contains(action) || step.input.is_multiple_of(8));
                if !allowed.is_empty() {
                    return (who, allowed[step.pick % allowed.len()]);
                }
            }
        }
        (drawn, Action::ALL[step.pick % Action::ALL.len()])
    }

    fn check(&self, before: &Case) {
        let case = &self.case;
        assert_eq!(Case::replay(&self.events).as_ref(), Some(case), "the events tell the whole case");
        assert_eq!(case.version, self.events.len() as u64);
        assert_eq!(case.history.len(), self.events.len());
        assert_eq!((case.state.name(), case.reporting_state()), (self.model.stage, Some(self.model.reported)));
        assert!(case.state.since() >= before.state.since());
        self.check_refusal();
        self.check_issue();
        self.check_notices();
        if before.closed_as().is_some() {
            assert_eq!(case.state, before.state, "closed is the end");
        }
        for window in [Who::DeskOne, Who::DeskTwo] {
            let allowed = case.allowed_actions(&window.actor(), &self.context());
            assert!(!allowed.iter().any(|action| [Action::Deny, Action::ConfirmRefusal].contains(action)), "a clerk never says no");
        }
    }

    fn check_refusal(&self) {
        let by_kind = |kind: &str| self.events.iter().rev().find(|event| event.kind() == kind).map(|event| event.by.clone());
        for answer in ["case_refused", "refusal_overturned"] {
            if let Some(answered_by) = by_kind(answer) {
                assert_ne!(Some(answered_by), by_kind("refusal_proposed"), "the proposer never answers");
            }
        }
    }

    fn check_issue(&self) {
        let left = ["applicant_notified", "certificate_handed_over", "certificate_shipped", "case_issued", "case_finished"];
        if self.events.iter().any(|event| left.contains(&event.kind())) {
            let certificate = self.case.certificate.as_ref().unwrap();
            assert!(certificate.upload.lets_out(), "nothing leaves before the upload");
            assert!(!self.case.is_held(), "nothing leaves while a promise is open");
        }
        if let Some(certificate) = &self.case.certificate {
            assert_eq!(certificate.slot.is_some(), certificate.custody == Custody::InCabinet, "a slot is taken only while it is used");
        }
        if let Some(decision) = self.case.decision.as_ref().filter(|decision| decision.instant) {
            assert_ne!(decision.outcome, DecisionOutcome::Denied);
        }
    }

    fn check_notices(&self) {
        for (index, notice) in self.case.notices.iter().enumerate().skip(1) {
            let earlier: Vec<_> = self.case.notices[..index].iter().flat_map(|notice| &notice.items).collect();
            let repeats = notice.items.iter().all(|item| earlier.iter().any(|known| item.repeats(known)));
            assert!(repeats || notice.exception.is_some(), "the list is frozen");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn the_case_does_what_the_model_says(first in any::<u8>(), steps in steps()) {
        let mut history = History::begin(TEN, first);
        for step in &steps {
            history.step(step);
        }
    }
}

#[test]
fn the_histories_reach_every_kind_of_event() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut seen = BTreeSet::new();
    let mut lives = 0;
    for first in 0..120u8 {
        let mut history = History::begin(TEN, first);
        for step in steps().new_tree(&mut runner).unwrap().current() {
            history.step(&step);
        }
        seen.extend(history.seen);
        lives += history.lives;
    }
    // What comes before the receipt, steps of an approval, and what the applicant settles have their own tests.
    let settled = ["courier_chosen", "pickup_chosen", "agent_authorised", "authorisation_withdrawn", "authorisation_used"];
    let is_here = |kind: &&&str| !kind.starts_with("application_") && !kind.starts_with("step_") && !settled.contains(kind);
    let missed: Vec<_> = Change::KINDS.iter().filter(is_here).filter(|kind| !seen.contains(*kind)).collect();
    assert!(missed.is_empty(), "never happened: {missed:?}");
    assert!(lives > 200, "{lives} lives");
}
