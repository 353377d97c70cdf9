//! From the first word typed at home to the receipt at the window.

use super::*;
use crate::ids::CitizenId;

pub(super) fn citizen(name: &str) -> Actor {
    Actor::Citizen(CitizenId::new("dd", name))
}

fn draft(name: &str) -> OnlineDraft {
    OnlineDraft { citizen: CitizenId::new("dd", name), content: text("content") }
}

fn begun_with(matter: MatterSnapshot) -> Walk {
    let opening = Opening { online: Some(draft("one")), ticket: None, ..opening(matter, Vec::new()) };
    let events = Case::open(opening, true, &citizen("one"), TEN).unwrap();
    Walk { case: Case::replay(&events).unwrap(), events, now: TEN }
}

/// Being filled in.
pub(super) fn begun() -> Walk {
    begun_with(matter())
}

fn send(materials: Vec<MaterialEntry>) -> Command {
    Command::SubmitApplication { application: Box::new(application(matter(), materials)) }
}

/// Waits for the pre-check.
pub(super) fn sent() -> Walk {
    begun().then(&citizen("one"), &send(Vec::new()))
}

fn supplement() -> Command {
    Command::PreCheck { verdict: PreCheck::Supplement { text: text("missing") } }
}

fn good() -> Command {
    Command::PreCheck { verdict: PreCheck::Ready }
}

/// Can come to the window.
pub(super) fn ready() -> Walk {
    sent().then(&clerk("clerk1"), &good())
}

fn step(walk: &Walk) -> Option<&'static str> {
    walk.case.online_step().map(OnlineStep::name)
}

#[test]
fn an_application_goes_back_and_forth_and_ends_as_a_received_case() {
    let mut walk = begun();
    assert_eq!((step(&walk), walk.case.is_unsent(), walk.case.reporting_state()), (Some("filling"), true, None));
    assert_eq!(walk.take(&citizen("one"), &send(Vec::new())), ["application_submitted"]);
    assert_eq!((step(&walk), walk.case.is_unsent()), (Some("submitted"), false));
    assert_eq!(walk.case.applicant, PersonId::new("dc", "2"), "what was sent is the case's");
    assert_eq!(walk.take(&clerk("clerk1"), &supplement()), ["application_checked"]);
    assert_eq!(step(&walk), Some("supplement"));
    assert_eq!(walk.case.history.last().unwrap().text, Some(text("missing")));
    assert_eq!(walk.refused(&clerk("clerk1"), &good()), "case_state", "it is the applicant's turn");
    walk.take(&citizen("one"), &send(vec![entry("m1", SubmissionStatus::Promised)]));
    assert_eq!(walk.take(&clerk("clerk2"), &good()), ["application_checked"]);
    assert_eq!(step(&walk), Some("ready"));
    let ticket = TicketId::new("dc", "9");
    let submit = Command::Submit { ticket: Some(ticket.clone()) };
    assert_eq!(walk.take(&clerk("clerk1"), &submit), ["application_brought", "case_received"]);
    assert_eq!((walk.case.state.name(), walk.case.ticket.as_ref(), step(&walk)), ("received", Some(&ticket), None));
    assert_eq!(walk.case.missing_materials(), [material("m1"), material("m2")], "what is promised at home is not yet here");
    assert_eq!(walk.case.first_contact, Some(StaffId::new("dc", "clerk1")));
    assert_eq!(Case::replay(&walk.events).as_ref(), Some(&walk.case));
}

#[test]
fn what_was_not_sent_is_nobody_elses() {
    let walk = begun();
    for actor in [clerk("clerk1"), holder_of(Role::Supervisor), holder_of(Role::Helper), citizen("two")] {
        assert_eq!(walk.case.allowed_actions(&actor, &context(TEN)), [], "{actor:?}");
    }
    let own = [Action::SubmitApplication, Action::Withdraw, Action::Attach];
    assert_eq!(walk.case.allowed_actions(&citizen("one"), &context(TEN)), own, "there is no file to take away yet");
    assert_eq!(walk.case.allowed_actions(&Actor::System, &context(TEN)), [Action::Withdraw], "time clears it away");
    assert_eq!(sent().refused(&Actor::System, &Command::Withdraw { reason: text("why") }), "forbidden", "what was sent waits for people");
    assert_eq!(walk.refused(&citizen("two"), &send(Vec::new())), "forbidden");
    assert_eq!(walk.refused(&clerk("clerk1"), &Command::Submit { ticket: None }), "case_state");
}

#[test]
fn a_citizen_has_no_staff_right_over_the_own_case() {
    let own = [
        Action::SubmitApplication,
        Action::Withdraw,
        Action::Attach,
        Action::RemoveAttachment,
        Action::ChooseDelivery,
        Action::AuthoriseAgent,
        Action::WithdrawAuthorisation,
    ];
    for walk in [begun(), sent(), ready(), Walk::received(), Walk::accepted(), Walk::in_cabinet()] {
        for action in Action::ALL.iter().filter(|action| !own.contains(action)) {
            assert_eq!(walk.refused(&citizen("one"), &sample(*action, &walk.case)), "forbidden", "{}", action.name());
        }
    }
    let received = ready().then(&clerk("clerk1"), &Command::Submit { ticket: None });
    let left = [Action::ChooseDelivery, Action::AuthoriseAgent];
    assert_eq!(received.case.allowed_actions(&citizen("one"), &context(TEN)), left, "a received case is withdrawn at the desk");
    assert_eq!(received.refused(&citizen("one"), &Command::Withdraw { reason: text("why") }), "case_state");
    let opening = Opening { online: Some(draft("one")), ..opening(matter(), Vec::new()) };
    assert!(Case::open(opening.clone(), false, &citizen("one"), TEN).is_err(), "no citizen gives a receipt");
    assert!(Case::open(opening.clone(), true, &citizen("two"), TEN).is_err());
    assert!(Case::open(opening, true, &clerk("clerk1"), TEN).is_err(), "nobody begins an application for an account");
}

#[test]
fn nothing_to_hand_in_means_nobody_has_to_come() {
    let free = MatterSnapshot { materials: Vec::new(), ..matter() };
    let application = Box::new(application(free.clone(), Vec::new()));
    let mut walk = begun_with(free).then(&citizen("one"), &Command::SubmitApplication { application });
    assert_eq!(walk.take(&clerk("clerk1"), &good()), ["application_checked", "case_received"]);
    assert_eq!(walk.case.state.name(), "received");
}

/// A file of whoever applies.
fn file(name: &str, of: Option<&str>) -> Command {
    let Command::Attach { mut attachment } = attach(name, of, TEN) else { panic!("a file") };
    attachment.by = None;
    Command::Attach { attachment }
}

#[test]
fn whoever_applies_adds_files_while_the_form_is_open() {
    let remove = |name: &str| Command::RemoveAttachment { attachment: AttachmentId::new("dc", name), reason: text("blurred") };
    let mut walk = begun();
    assert_eq!(walk.refused(&citizen("one"), &remove("1")), "unknown_attachment");
    // Which materials there are is settled when it is sent.
    assert_eq!(walk.take(&citizen("one"), &file("1", Some("m9"))), ["attachment_added"]);
    assert_eq!(walk.refused(&citizen("two"), &file("2", None)), "forbidden");
    assert_eq!(walk.refused(&clerk("clerk1"), &attach("2", None, TEN)), "case_state", "what was not sent is nobody else's");
    walk.take(&citizen("one"), &send(Vec::new()));
    assert_eq!(walk.refused(&citizen("one"), &file("2", None)), "case_state", "what was sent lies as it was sent");
    assert_eq!(walk.refused(&citizen("one"), &remove("1")), "case_state");
    let Command::Attach { mut attachment } = attach("desk", None, TEN) else { panic!("a file") };
    attachment.by = clerk("clerk1").staff_id().cloned();
    walk.take(&clerk("clerk1"), &Command::Attach { attachment });
    walk.take(&clerk("clerk1"), &supplement());
    walk.take(&citizen("one"), &file("2", Some("m1")));
    assert_eq!(walk.refused(&citizen("one"), &remove("desk")), "unknown_attachment", "the window's scan is the window's");
    assert_eq!(walk.take(&citizen("one"), &remove("1")), ["attachment_removed"]);
    walk.take(&citizen("one"), &send(Vec::new()));
    let names: Vec<&str> = walk.case.attachments.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(names, ["att_dc_desk", "att_dc_2"]);
    assert_eq!(Case::replay(&walk.events).as_ref(), Some(&walk.case));
}

#[test]
fn an_application_is_no_store_of_files() {
    let mut walk = begun();
    for count in 0..30 {
        walk.take(&citizen("one"), &file(&format!("{count}"), None));
    }
    assert_eq!(walk.refused(&citizen("one"), &file("30", None)), "too_many");
    let mut walk = begun();
    let large = |name: &str| {
        let Command::Attach { mut attachment } = file(name, None) else { panic!("a file") };
        attachment.size_bytes = 50 * 1024 * 1024;
        Command::Attach { attachment }
    };
    walk.take(&citizen("one"), &large("1"));
    walk.take(&citizen("one"), &large("2"));
    assert_eq!(walk.refused(&citizen("one"), &large("3")), "too_much");
}

#[test]
fn only_the_window_takes_materials_in() {
    for status in [SubmissionStatus::Collected, SubmissionStatus::Verified, SubmissionStatus::Reused] {
        assert_eq!(begun().refused(&citizen("one"), &send(vec![entry("m1", status)])), "not_handed_in");
    }
    assert_eq!(begun().refused(&citizen("one"), &send(vec![entry("m9", SubmissionStatus::Missing)])), "unknown_material");
}

#[test]
fn an_applicant_withdraws_before_the_receipt() {
    for walk in [begun(), sent(), ready()] {
        let walk = walk.then(&citizen("one"), &Command::Withdraw { reason: text("why") });
        assert_eq!((walk.case.closed_as(), walk.case.allowed_actions(&citizen("one"), &context(TEN)).len()), (Some("withdrawn"), 0));
    }
}
