//! The table of allowed actions, the rules around one ticket, and who may do what.

use super::stage::*;
use crate::hall::*;

/// A stage with ticket `t` in the named state at window 1, window 1 free where that is possible.
pub(super) fn in_state(state: &str) -> Stage {
    let mut stage = Stage::open();
    stage.issue("t", "a");
    let ticket_id = ticket("t");
    if state == "waiting" {
        return stage;
    }
    if state == "expired" {
        stage.take_in(&Event { at: stage.now, by: None, fact: Fact::TicketExpired { ticket_id, cause: None } });
        return stage;
    }
    if state == "abandoned" {
        stage.ok(&Actor::machine(), &Command::Abandon { ticket_id });
        return stage;
    }
    stage.call(1);
    match state {
        "missed" => drop(stage.by(1, &Command::Miss { ticket_id, reason: None })),
        "parked" => drop(stage.by(1, &Command::Park { ticket_id, reason: None })),
        "serving" | "done" => {
            stage.by(1, &Command::Start { ticket_id: ticket_id.clone() });
            if state == "done" {
                stage.by(1, &Command::Finish { ticket_id, outcome: Outcome::Other });
            }
        }
        _ => {}
    }
    stage
}

pub(super) fn command_for(action: TicketAction) -> Command {
    let ticket_id = ticket("t");
    match action {
        TicketAction::Call => Command::CallTicket { window_id: window(2), ticket_id, reason: "x".to_owned() },
        TicketAction::Recall => Command::Recall { ticket_id },
        TicketAction::Start => Command::Start { ticket_id },
        TicketAction::Finish => Command::Finish { ticket_id, outcome: Outcome::Accepted },
        TicketAction::AddItem => Command::AddItem { ticket_id, line_id: line("b"), matter_id: None },
        TicketAction::SettleItem => Command::SettleItem { ticket_id, settled: ItemOutcome { item: 0, outcome: Outcome::Accepted } },
        TicketAction::Miss => Command::Miss { ticket_id, reason: None },
        TicketAction::Requeue => Command::Requeue { ticket_id },
        TicketAction::PutBack => Command::PutBack { ticket_id, reason: "x".to_owned() },
        TicketAction::Park => Command::Park { ticket_id, reason: None },
        TicketAction::Resume => Command::Resume { ticket_id },
        TicketAction::Transfer => {
            Command::Transfer { ticket_id, to: Target::Line { line_id: line("b") }, position: Position::Lifetime, holder_keys: Vec::new() }
        }
        TicketAction::Top => Command::Top { ticket_id, reason: "x".to_owned() },
        TicketAction::Untop => Command::Untop { ticket_id },
        TicketAction::Abandon => Command::Abandon { ticket_id },
    }
}

#[test]
fn decide_agrees_with_the_table_of_allowed_actions_in_every_state() {
    for state in ["waiting", "called", "serving", "parked", "missed", "done", "abandoned", "expired"] {
        for action in TicketAction::ALL {
            let mut stage = in_state(state);
            assert_eq!(stage.state("t"), state);
            let allowed = allowed_actions(&stage.get("t").state).contains(&action);
            let before = stage.hall.clone();
            match stage.try_to(&Actor::supervisor(clerk(9)), &command_for(action)) {
                Ok(events) => assert!(allowed && !events.is_empty(), "{action:?} in {state}"),
                Err(Refusal::TicketState { .. }) => assert!(!allowed, "{action:?} in {state}"),
                Err(other) => assert!(allowed && other == Refusal::NotTopped, "{action:?} in {state}: {other}"),
            }
            assert!(allowed || stage.hall == before);
        }
    }
}

#[test]
fn a_state_refusal_says_which_and_why_not() {
    let mut stage = in_state("waiting");
    let refusal = stage.try_to(&Actor::staff(clerk(1)), &command_for(TicketAction::Finish)).unwrap_err();
    assert_eq!(refusal.message(), "这个号现在是“等候”，不能办完");
}

#[test]
fn only_the_person_at_the_window_or_a_supervisor_acts_on_its_ticket() {
    use TicketAction as A;
    for (state, action) in [
        ("called", A::Start),
        ("called", A::Recall),
        ("called", A::Abandon),
        ("called", A::PutBack),
        ("serving", A::PutBack),
        ("serving", A::Finish),
        ("serving", A::AddItem),
        ("serving", A::SettleItem),
        ("serving", A::Park),
    ] {
        for (actor, refused) in [
            (Actor::machine(), Some("staff_required")),
            (Actor::staff(clerk(2)), Some("not_your_window")),
            (Actor::staff(clerk(1)), None),
            (Actor::supervisor(clerk(9)), None),
        ] {
            let mut stage = in_state(state);
            let code = stage.try_to(&actor, &command_for(action)).err().map(|refusal| refusal.code());
            assert_eq!(code, refused, "{action:?} by {actor:?}");
        }
    }
    let mut stage = in_state("waiting");
    assert_eq!(stage.no(&Actor::machine(), &command_for(A::Top)), "staff_required");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &Command::CallNext { window_id: window(1) }), "not_your_window");
    assert_eq!(stage.no(&Actor::machine(), &Command::CallNext { window_id: window(1) }), "staff_required");
}

#[test]
fn a_ticket_is_called_again_at_most_so_often_and_not_too_soon() {
    let mut stage = in_state("called");
    for recall_count in 1..=5 {
        let events = stage.by(1, &command_for(TicketAction::Recall));
        assert!(matches!(events[0].fact, Fact::TicketRecalled { recall_count: count, .. } if count == recall_count));
    }
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &command_for(TicketAction::Recall)), "recall_limit");

    let mut stage = in_state("called");
    stage.set_policy(|policy| policy.recall_cooldown_ms = 10_000);
    stage.now += 7_500;
    let refusal = stage.try_to(&Actor::staff(clerk(1)), &command_for(TicketAction::Recall)).unwrap_err();
    assert_eq!((&refusal, refusal.message().as_str()), (&Refusal::RecallTooSoon { wait_ms: 2_500 }, "刚叫过，3 秒后再重呼"));
    stage.now += 2_500;
    stage.by(1, &command_for(TicketAction::Recall));
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &command_for(TicketAction::Recall)), "recall_too_soon");
}

#[test]
fn a_parked_ticket_comes_back_to_the_free_window_of_who_calls_it_back_else_to_the_head() {
    let mut stage = in_state("parked");
    stage.issue("a2", "a");
    let events = stage.by(1, &command_for(TicketAction::Resume));
    assert_eq!(kinds(&events), ["ticket_resumed", "ticket_called"]);
    assert_eq!(stage.get("t").state.at_window(), Some(&window(1)));

    let mut stage = in_state("parked");
    for name in ["a2", "a3"] {
        stage.issue(name, "a");
    }
    stage.call(1);
    assert_eq!(kinds(&stage.by(1, &command_for(TicketAction::Resume))), ["ticket_resumed"]);
    assert_eq!(stage.serve(2), Some((ticket("t"), "resumed")));
    assert_eq!(stage.serve(2), Some((ticket("a3"), "in_order")));
}

#[test]
fn the_first_contact_moves_with_whoever_takes_the_visit() {
    let mut stage = Stage::open();
    stage.ok(&Actor::staff(clerk(7)), &Command::Issue(new_ticket("t", "a")));
    assert_eq!(stage.get("t").first_contact, Some(clerk(7)));
    stage.call(1);
    stage.by(1, &command_for(TicketAction::Start));
    assert_eq!(stage.get("t").first_contact, Some(clerk(1)));
    stage.by(1, &command_for(TicketAction::Transfer));
    assert_eq!(stage.get("t").first_contact, Some(clerk(1)), "until the next one takes it");
    stage.call(3);
    stage.by(3, &command_for(TicketAction::Start));
    stage.ok(&Actor::staff(clerk(8)), &Command::TakeOver { window_id: window(3), reason: "AB角".to_owned() });
    assert_eq!(stage.get("t").first_contact, Some(clerk(8)));
    stage.ok(&Actor::staff(clerk(8)), &command_for(TicketAction::Finish));
}

#[test]
fn events_and_documents_survive_json() {
    let mut stage = in_state("done");
    stage.issue_green("g", "b");
    stage.by(1, &Command::Top { ticket_id: ticket("g"), reason: "x".to_owned() });
    stage.call(2);
    for event in &stage.log {
        let json = serde_json::to_value(event).unwrap();
        assert_eq!((json["type"].as_str(), json["at"].as_i64()), (Some(event.kind()), Some(event.at)));
        assert_eq!(&serde_json::from_value::<Event>(json).unwrap(), event);
    }
    let (doc, windows, tickets) = stage.hall.parts();
    let text = serde_json::to_string(&(&doc, &windows, &tickets)).unwrap();
    let (doc, windows, tickets) = serde_json::from_str(&text).unwrap();
    assert!(Hall::from_parts(doc, windows, tickets) == stage.hall);
}
