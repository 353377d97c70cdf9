//! Every action where it may not be taken and by whom it may not; deadlines over days off; and that a loop of
//! any commands keeps what is promised about it.
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::calendar::Calendar;
use crate::hall::EvaluationPolicy;
use crate::ids::{EvaluationId, StaffId, TextId};
use crate::time::{DAY_MS, Millis, start_of};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn staff(name: &str) -> StaffId {
    StaffId::new("dc", name)
}

fn words() -> TextId {
    TextId::new("dc", "1")
}

/// Tuesday, 24 November 2026, 10 o'clock.
fn start() -> Millis {
    start_of(date("2026-11-24")) + 10 * 3_600_000
}

struct House {
    policy: EvaluationPolicy,
    calendar: Calendar,
}

impl House {
    fn new() -> Self {
        Self { policy: EvaluationPolicy::default(), calendar: Calendar::state_council() }
    }

    fn ground(&self) -> Ground<'_> {
        Ground { policy: &self.policy, calendar: &self.calendar }
    }

    /// Decides and takes in.
    fn act(&self, of: &mut FollowUp, command: &Command, by: &str, now: Millis) -> Result<Vec<&'static str>, &'static str> {
        let events = of.decide(command, Doer::Staff(&staff(by)), &self.ground(), now).map_err(|refusal| refusal.code())?;
        events.iter().for_each(|event| of.evolve(event));
        Ok(events.iter().map(FollowUpEvent::kind).collect())
    }

    fn tick(&self, of: &mut FollowUp, now: Millis) -> Vec<Step> {
        let events = of.decide(&Command::TellOverdue, Doer::System, &self.ground(), now).unwrap();
        events.iter().for_each(|event| of.evolve(event));
        let step = |event: &FollowUpEvent| match event {
            FollowUpEvent::EvaluationStepOverdue { step, .. } => Some(*step),
            _ => None,
        };
        events.iter().filter_map(step).collect()
    }
}

fn opened(named: bool) -> FollowUp {
    FollowUp::replay(&[FollowUp::open(EvaluationId::new("dc", "1"), Some(staff("clerk")), named, start())]).unwrap()
}

fn verify(finding: Finding) -> Command {
    Command::Verify { finding, text: words() }
}

fn rectify(measure: Measure) -> Command {
    Command::Rectify { measure, text: words() }
}

fn reply() -> Command {
    Command::Reply { text: words() }
}

fn call(contact: Contact) -> Command {
    Command::CallBack { contact, text: None }
}

fn appeal() -> Command {
    Command::Appeal { text: words() }
}

fn decide_appeal(upheld: bool) -> Command {
    Command::DecideAppeal { upheld, text: words() }
}

fn finish() -> Command {
    Command::FinishRectification { text: words() }
}

const AT_ONCE: Measure = Measure::AtOnce;

fn limit() -> Measure {
    Measure::WithinLimit { due: date("2026-12-04") }
}

/// A loop with a phone behind it, brought to a place by these steps.
fn brought(house: &House, steps: &[(Command, &str)]) -> FollowUp {
    let mut of = opened(true);
    for (command, by) in steps {
        house.act(&mut of, command, by, start()).unwrap();
    }
    of
}

/// Every command as the supervisor who verifies, as another, and as the judged.
fn tried(house: &House, of: &FollowUp) -> Vec<[String; 3]> {
    let commands = [verify(Finding::Valid), rectify(AT_ONCE), finish(), reply(), call(Contact::NotReached), appeal(), decide_appeal(true)];
    let by = |command: &Command, who: &str| match house.act(&mut of.clone(), command, who, start()) {
        Ok(_) => "ok".to_owned(),
        Err(code) => code.to_owned(),
    };
    commands.iter().map(|command| ["one", "two", "clerk"].map(|who| by(command, who))).collect()
}

/// What a place is called, the steps to it, and what each command comes to there, by everybody.
type Place = (&'static str, Vec<(Command, &'static str)>, [[&'static str; 3]; 7]);

#[test]
fn every_command_in_every_state_by_everybody() {
    let house = House::new();
    let valid = (verify(Finding::Valid), "one");
    let to_reply = [valid.clone(), (rectify(AT_ONCE), "one"), (reply(), "one")];
    let (is, state, judged) = ("ok", "evaluation_state", "judged_himself");
    let (none, no_appeal, own) = ("nothing_to_finish", "no_appeal", "verified_himself");
    // Rows: verify, rectify, finish, reply, call back, appeal, decide the appeal.
    // Columns: who verified (or would), another supervisor, the judged.
    let table: Vec<Place> = vec![
        (
            "opened",
            vec![],
            [
                [is, is, judged],
                [state, state, judged],
                [none, none, judged],
                [state, state, judged],
                [state, state, judged],
                ["not_found", "not_found", state],
                [no_appeal, no_appeal, judged],
            ],
        ),
        (
            "verified",
            vec![valid.clone()],
            [
                [state, state, judged],
                [is, is, judged],
                [none, none, judged],
                [state, state, judged],
                [state, state, judged],
                ["not_found", "not_found", is],
                [own, no_appeal, judged],
            ],
        ),
        (
            "found invalid",
            vec![(verify(Finding::Invalid), "one")],
            [
                [state, state, judged],
                ["explain_only", "explain_only", judged],
                [none, none, judged],
                [is, is, judged],
                [state, state, judged],
                ["not_found", "not_found", "nothing_to_appeal"],
                [own, no_appeal, judged],
            ],
        ),
        (
            "rectified within a limit",
            vec![valid.clone(), (rectify(limit()), "one")],
            [
                [state, state, judged],
                [state, state, judged],
                [is, is, judged],
                [is, is, judged],
                [state, state, judged],
                ["not_found", "not_found", is],
                [own, no_appeal, judged],
            ],
        ),
        (
            "replied, and appealed against",
            [to_reply.to_vec(), vec![(appeal(), "clerk")]].concat(),
            [
                [state, state, judged],
                [state, state, judged],
                [none, none, judged],
                [state, state, judged],
                [is, is, judged],
                ["not_found", "not_found", "appealed_already"],
                [own, is, judged],
            ],
        ),
        (
            "closed, the appeal decided",
            [
                to_reply.to_vec(),
                vec![(appeal(), "clerk"), (decide_appeal(false), "two"), (call(Contact::Reached { satisfied: true }), "one")],
            ]
            .concat(),
            [
                [state, state, judged],
                [state, state, judged],
                [none, none, judged],
                [state, state, judged],
                [state, state, judged],
                ["not_found", "not_found", "appealed_already"],
                [own, no_appeal, judged],
            ],
        ),
    ];
    for (name, steps, expected) in table {
        let of = brought(&house, &steps);
        assert_eq!(tried(&house, &of), expected.map(|row| row.map(str::to_owned)), "{name}");
        // What is said to be allowed is what is taken, but for the fields of a rectification.
        for who in ["one", "two", "clerk"] {
            let allowed = of.allowed(&staff(who), &house.ground(), start());
            let taken = tried(&house, &of);
            let column = ["one", "two", "clerk"].iter().position(|one| *one == who).unwrap();
            let of_row = Action::ALL.iter().zip(&taken).filter(|(_, row)| row[column] == "ok" || row[column] == "explain_only");
            assert_eq!(allowed, of_row.map(|(action, _)| *action).collect::<Vec<_>>(), "{name} {who}");
        }
    }
}

#[test]
fn only_the_clock_tells_what_is_late_and_it_does_nothing_else() {
    let (house, of) = (House::new(), opened(true));
    let one = staff("one");
    let told = of.decide(&Command::TellOverdue, Doer::Staff(&one), &house.ground(), start());
    assert_eq!(told, Err(FollowUpRefusal::OnlySystem));
    let verified = of.decide(&verify(Finding::Valid), Doer::System, &house.ground(), start());
    assert_eq!(verified, Err(FollowUpRefusal::OnlySystem));
}

#[test]
fn a_named_rater_is_called_back_and_an_anonymous_one_is_not() {
    let house = House::new();
    let steps = [verify(Finding::Valid), rectify(AT_ONCE)];
    let (mut named, mut anonymous) = (opened(true), opened(false));
    for of in [&mut named, &mut anonymous] {
        for step in &steps {
            house.act(of, step, "one", start()).unwrap();
        }
    }
    assert_eq!(house.act(&mut anonymous, &reply(), "one", start()).unwrap(), ["evaluation_replied", "evaluation_closed"]);
    assert_eq!((anonymous.state, anonymous.closed), (LoopState::Closed, Some((start(), Closing::Anonymous))));
    assert_eq!(house.act(&mut named, &reply(), "one", start()).unwrap(), ["evaluation_replied"]);
    assert_eq!(named.state, LoopState::Replied, "the reply is not the end");
    for _ in 1..house.policy.call_tries {
        assert_eq!(house.act(&mut named, &call(Contact::NotReached), "one", start()).unwrap(), ["evaluation_called_back"]);
    }
    let mut reached = named.clone();
    assert_eq!(house.act(&mut named, &call(Contact::NotReached), "one", start()).unwrap(), ["evaluation_called_back", "evaluation_closed"]);
    assert_eq!(named.closed, Some((start(), Closing::NotReached)));
    house.act(&mut reached, &call(Contact::Reached { satisfied: false }), "one", start()).unwrap();
    assert_eq!(reached.closed, Some((start(), Closing::StillDissatisfied)));
}

#[test]
fn what_is_not_so_is_explained_or_answered_at_once() {
    let house = House::new();
    let mut of = brought(&house, &[(verify(Finding::Invalid), "one")]);
    assert!(!of.counts_against_judged());
    assert_eq!(house.act(&mut of.clone(), &reply(), "one", start()).unwrap(), ["evaluation_replied"]);
    for measure in [AT_ONCE, limit()] {
        assert_eq!(house.act(&mut of, &rectify(measure), "one", start()), Err("explain_only"));
    }
    house.act(&mut of, &rectify(Measure::Explain), "one", start()).unwrap();
    assert_eq!(of.state, LoopState::Rectified);
}

#[test]
fn a_limit_lies_ahead_and_its_end_is_watched_beyond_the_loop() {
    let house = House::new();
    let mut of = brought(&house, &[(verify(Finding::Valid), "one")]);
    for due in ["2026-11-23", "2027-05-24"] {
        let within = rectify(Measure::WithinLimit { due: date(due) });
        assert_eq!(house.act(&mut of, &within, "one", start()), Err("due_out_of_range"), "{due}");
    }
    house.act(&mut of.clone(), &rectify(Measure::WithinLimit { due: date("2026-11-24") }), "one", start()).unwrap();
    house.act(&mut of, &rectify(limit()), "one", start()).unwrap();
    house.act(&mut of, &reply(), "one", start()).unwrap();
    house.act(&mut of, &call(Contact::Reached { satisfied: true }), "one", start()).unwrap();
    assert!(of.state == LoopState::Closed && !of.is_over());
    let late = start_of(date("2026-12-05"));
    assert_eq!(of.watch_at(&house.ground(), start()), Some(late));
    assert_eq!(house.tick(&mut of, late - 1), []);
    assert_eq!(house.tick(&mut of, late), [Step::FinishRectification]);
    house.act(&mut of, &finish(), "two", late).unwrap();
    assert!(of.is_over());
    assert_eq!(house.act(&mut of, &finish(), "two", late), Err("nothing_to_finish"));
}

#[test]
fn an_appeal_that_is_upheld_takes_the_rating_off_the_person_and_deletes_nothing() {
    let house = House::new();
    let mut of = brought(&house, &[(verify(Finding::Valid), "one"), (appeal(), "clerk")]);
    assert!(of.counts_against_judged(), "until it is decided");
    house.act(&mut of, &decide_appeal(true), "two", start()).unwrap();
    assert!(!of.counts_against_judged());
    assert_eq!(of.verification.as_ref().map(|verification| verification.finding), Some(Finding::Valid), "what was found stays");
    house.act(&mut of, &rectify(Measure::Explain), "one", start()).unwrap();
    let nobody = FollowUp::replay(&[FollowUp::open(EvaluationId::new("dc", "2"), None, true, start())]).unwrap();
    assert!(!nobody.counts_against_judged());
}

#[test]
fn each_step_is_due_after_its_working_days_and_told_once() {
    let house = House::new();
    let mut of = opened(true);
    // Tuesday + 2 working days: through Thursday.
    let friday = start_of(date("2026-11-27"));
    assert_eq!(of.watch_at(&house.ground(), start()), Some(friday));
    assert_eq!(house.tick(&mut of, friday - 1), []);
    assert_eq!(house.tick(&mut of, friday), [Step::Verify]);
    assert_eq!(house.tick(&mut of, friday + DAY_MS), [], "once");
    assert_eq!(of.watch_at(&house.ground(), friday), None);
    house.act(&mut of, &verify(Finding::Valid), "one", friday).unwrap();
    // + 5: through the next Tuesday, over a weekend; from the rating, not from the late verification.
    let wednesday = start_of(date("2026-12-02"));
    assert_eq!(house.tick(&mut of, wednesday), [Step::Rectify]);
    house.act(&mut of, &rectify(AT_ONCE), "one", wednesday).unwrap();
    assert_eq!(house.tick(&mut of, wednesday), [Step::Reply]);
    house.act(&mut of, &reply(), "one", wednesday).unwrap();
    assert_eq!(house.tick(&mut of, start_of(date("2026-12-08"))), [Step::CallBack]);
    let until = of.appeal_until(&house.ground()).unwrap();
    assert_eq!(until, start_of(date("2026-12-05")), "five working days after Friday");
    assert_eq!(house.act(&mut of, &appeal(), "clerk", until), Err("appeal_too_late"));
    house.act(&mut of, &appeal(), "clerk", until - 1).unwrap();
    assert_eq!(house.tick(&mut of, start_of(date("2026-12-12"))), [Step::DecideAppeal]);
}

#[test]
fn a_missing_year_is_no_deadline_and_takes_no_right_away() {
    let mut house = House::new();
    house.calendar = Calendar::default();
    let mut of = opened(true);
    assert_eq!(of.dues(&house.ground()).iter().map(|due| due.at.is_err()).collect::<Vec<_>>(), [true]);
    assert_eq!(house.tick(&mut of, start() + 100 * DAY_MS), []);
    assert_eq!(of.watch_at(&house.ground(), start()), Some(start() + DAY_MS), "somebody may load it");
    house.act(&mut of, &verify(Finding::Valid), "one", start()).unwrap();
    house.act(&mut of, &appeal(), "clerk", start() + 100 * DAY_MS).unwrap();
}

fn command() -> impl Strategy<Value = Command> {
    let finding = prop_oneof![Just(Finding::Valid), Just(Finding::Invalid)];
    let measure = prop_oneof![Just(AT_ONCE), Just(limit()), Just(Measure::Explain)];
    let contact = prop_oneof![Just(Contact::NotReached), any::<bool>().prop_map(|satisfied| Contact::Reached { satisfied })];
    prop_oneof![
        finding.prop_map(verify),
        measure.prop_map(rectify),
        Just(finish()),
        Just(reply()),
        contact.prop_map(call),
        Just(appeal()),
        any::<bool>().prop_map(decide_appeal),
    ]
}

proptest! {
    /// Whatever is tried by whomever: a named rater's loop ends with a call only, nobody handles himself,
    /// nobody decides against what he found, the version counts events, and the log gives the same loop.
    #[test]
    fn a_loop_keeps_its_promises(named in any::<bool>(), tries in proptest::collection::vec((command(), 0..3_usize, 0..3_i64), 0..40)) {
        let house = House::new();
        let mut log = vec![FollowUp::open(EvaluationId::new("dc", "1"), Some(staff("clerk")), named, start())];
        let mut of = FollowUp::replay(&log).unwrap();
        let mut now = start();
        for (command, who, days) in tries {
            now += days * DAY_MS;
            let by = staff(["one", "two", "clerk"][who]);
            let before = of.clone();
            match of.decide(&command, Doer::Staff(&by), &house.ground(), now) {
                Ok(events) => {
                    prop_assert!(!events.is_empty());
                    prop_assert_eq!(command.action() == Some(Action::Appeal), by == staff("clerk"));
                    events.iter().for_each(|event| of.evolve(event));
                    log.extend(events);
                    prop_assert!(of.state >= before.state, "a loop never goes back");
                }
                Err(refusal) => prop_assert!(!refusal.message().is_empty()),
            }
            let late = of.decide(&Command::TellOverdue, Doer::System, &house.ground(), now).unwrap();
            late.iter().for_each(|event| of.evolve(event));
            log.extend(late);
        }
        if of.state == LoopState::Closed {
            let ended_by_call = !of.calls.is_empty();
            prop_assert_eq!(named, ended_by_call);
            prop_assert!(of.reply.is_some() && of.verification.is_some());
        }
        if let (Some(appeal), Some(found)) = (&of.appeal, &of.verification) {
            prop_assert!(appeal.decision.as_ref().is_none_or(|decision| decision.by != found.remark.by));
        }
        prop_assert_eq!(of.version, log.len() as u64);
        let told: Vec<FollowUpEvent> = serde_json::from_str(&serde_json::to_string(&log).unwrap()).unwrap();
        prop_assert_eq!(FollowUp::replay(&told), Some(of.clone()));
        let stored: FollowUp = serde_json::from_str(&serde_json::to_string(&of).unwrap()).unwrap();
        prop_assert_eq!(stored, of);
    }
}
