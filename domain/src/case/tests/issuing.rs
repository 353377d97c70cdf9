//! The result document: made, uploaded, kept, told about, handed over.

use super::*;

fn issuer() -> Actor {
    holder_of(Role::Issuer)
}

fn fail() -> Command {
    Command::FailUpload { failure: "rejected".to_owned() }
}

#[test]
fn nothing_leaves_before_the_upload() {
    let waive = Command::WaiveUpload { reason: text("platform down") };
    let kept = || Walk::made().then(&issuer(), &receive("A1"));
    let failed = kept().then(&Actor::System, &fail());
    let retried = kept().then(&Actor::System, &fail()).then(&issuer(), &Command::RetryUpload);
    for walk in [&kept(), &failed, &retried] {
        for command in [notify(), hand_over(), ship()] {
            assert_eq!(walk.refused(&issuer(), &command), "upload_pending", "{command:?}");
        }
        assert_eq!(walk.refused(&issuer(), &waive), "forbidden", "only a supervisor waives");
        let waived = Walk { case: walk.case.clone(), events: walk.events.clone(), now: TEN }.then(&holder_of(Role::Supervisor), &waive);
        for command in [notify(), hand_over(), ship()] {
            assert!(waived.try_do(&issuer(), &command).is_ok(), "{command:?}");
        }
    }
    let without_platform = MatterSnapshot { uploads_certificate: false, ..matter() };
    let walk = Walk::open(without_platform, &["m1", "m2"], false)
        .then(&clerk("clerk1"), &Command::Accept)
        .then(&approver("approver1"), &Command::Claim)
        .then(&approver("approver1"), &approve())
        .then(&issuer(), &make_certificate());
    assert!(walk.try_do(&issuer(), &hand_over()).is_ok());
}

#[test]
fn an_upload_that_comes_late_is_still_recorded() {
    let waived = Walk::made().then(&holder_of(Role::Supervisor), &Command::WaiveUpload { reason: text("x") });
    let mut gone = waived.then(&issuer(), &hand_over());
    gone.take(&Actor::System, &Command::ConfirmUpload { identifier: "1.2.156".to_owned() });
    let certificate = gone.case.certificate.as_ref().unwrap();
    assert_eq!((certificate.upload, certificate.identifier.as_deref()), (Upload::Confirmed, Some("1.2.156")));
    assert_eq!(gone.case.state.name(), "closed");
    assert_eq!(gone.refused(&Actor::System, &fail()), "case_state");
}

#[test]
fn the_same_slot_again_changes_nothing() {
    let walk = Walk::in_cabinet();
    assert_eq!(walk.try_do(&issuer(), &receive("A1")), Ok(vec![]));
    assert_eq!(walk.refused(&issuer(), &receive("A2")), "other_slot");
    assert_eq!(walk.refused(&clerk("clerk1"), &receive("A1")), "forbidden");
    let gone = walk.then(&issuer(), &hand_over());
    assert_eq!(gone.refused(&issuer(), &receive("A1")), "case_state");
    assert_eq!(gone.case.certificate.as_ref().unwrap().slot, None, "the slot is free");
}

#[test]
fn the_certificate_of_a_revoked_case_leaves_the_cabinet() {
    let mut revoked = Walk::in_cabinet().then(&approver("approver1"), &sample(Action::Revoke, &Walk::in_cabinet().case));
    assert_eq!(revoked.refused(&issuer(), &hand_over()), "case_state");
    assert_eq!(revoked.refused(&issuer(), &receive("A1")), "case_state");
    revoked.take(&issuer(), &Command::ReturnCertificate { reason: text("revoked") });
    let certificate = revoked.case.certificate.as_ref().unwrap();
    assert_eq!((certificate.custody, certificate.slot.as_ref(), revoked.case.closed_as()), (Custody::Returned, None, Some("revoked")));
}

#[test]
fn who_makes_certificates_is_the_sites_choice() {
    let walk = Walk::approved();
    let closed = Context { policy: Policy { issuer_makes_certificates: false, ..Policy::default() }, ..context(TEN) };
    let refusal = walk.case.decide(&make_certificate(), &issuer(), &closed).unwrap_err();
    assert_eq!(refusal.code(), "forbidden");
    assert!(walk.case.decide(&make_certificate(), &approver("approver2"), &closed).is_ok());
    assert_eq!(walk.refused(&clerk("clerk1"), &make_certificate()), "forbidden");
    assert_eq!(Walk::made().refused(&issuer(), &make_certificate()), "certificate_exists");
}

#[test]
fn a_certificate_is_held_until_the_promise_is_kept() {
    let chief = approver("approver1");
    let mut walk = Walk::tolerant().then(&chief, &Command::Claim).then(&chief, &approve());
    assert!(walk.case.is_held());
    assert_eq!(walk.refused(&chief, &make_certificate()), "promise_open");
    walk.take(&clerk("clerk1"), &Command::Supply { materials: collected(&["m2"]) });
    assert!(walk.try_do(&chief, &make_certificate()).is_ok());
}

#[test]
fn who_was_told_is_told_again_once_a_rung_until_the_document_leaves() {
    let mut walk = Walk::in_cabinet();
    assert_eq!(walk.refused(&Actor::System, &remind_pickup(1)), "not_due", "nobody was told yet");
    assert_eq!(walk.refused(&issuer(), &remind_pickup(1)), "system_only", "the ladder is climbed by time alone");
    walk.take(&issuer(), &notify());
    let told_at = walk.case.certificate.as_ref().unwrap().told_at;
    assert_eq!(walk.take(&Actor::System, &remind_pickup(1)), ["pickup_reminded"]);
    assert_eq!(walk.take(&Actor::System, &remind_pickup(1)), [""; 0], "two timers found it due");
    // Told once more by hand: the ladder goes on from where it is.
    walk.take(&issuer(), &notify());
    assert_eq!(walk.take(&Actor::System, &remind_pickup(3)), ["pickup_reminded"]);
    assert_eq!(walk.take(&Actor::System, &remind_pickup(2)), [""; 0], "nobody goes back down");
    let document = walk.case.certificate.as_ref().unwrap();
    assert_eq!((document.told_at, document.rung), (told_at, 3));
    // Out of the cabinet and in again: from the beginning.
    walk.take(&issuer(), &Command::ReturnCertificate { reason: text("misprint") });
    assert_eq!(walk.refused(&Actor::System, &remind_pickup(4)), "certificate_state");
    walk.take(&issuer(), &receive("A2"));
    assert_eq!(walk.refused(&Actor::System, &remind_pickup(1)), "not_due");
    walk.take(&issuer(), &notify());
    assert_eq!(walk.take(&Actor::System, &remind_pickup(1)), ["pickup_reminded"]);
    walk.take(&issuer(), &hand_over());
    assert_eq!(walk.refused(&Actor::System, &remind_pickup(2)), "case_state");
}

#[test]
fn a_document_that_was_stored_before_there_was_a_ladder_is_read() {
    let told = Walk::in_cabinet().then(&issuer(), &notify());
    let mut stored = serde_json::to_value(told.case.certificate.as_ref().unwrap()).unwrap();
    for field in ["told_at", "rung", "reminded_at"] {
        stored.as_object_mut().unwrap().remove(field).unwrap();
    }
    let read: Certificate = serde_json::from_value(stored).unwrap();
    // Nobody is told of everything that lies there on the day of the upgrade: the ladder begins with the next notice.
    assert_eq!((read.told_at, read.rung, read.notified_at), (None, 0, told.case.certificate.as_ref().unwrap().notified_at));
}

#[test]
fn an_agent_collects_by_something_that_is_on_record() {
    let hand = |relation, authorisation: Option<TextId>| Command::HandOver {
        collector: PersonId::new("dc", "2"),
        relation,
        signature: None,
        authorisation,
    };
    let mut walk = Walk::in_cabinet();
    assert_eq!(walk.refused(&issuer(), &hand(Relation::Agent, None)), "missing");
    assert_eq!(walk.refused(&issuer(), &hand(Relation::Applicant, Some(text("letter")))), "unknown_field");
    walk.take(&issuer(), &hand(Relation::Agent, Some(text("letter"))));
    let collection = walk.case.certificate.as_ref().unwrap().collection.clone().unwrap();
    assert_eq!((collection.relation, collection.authorisation), (Some(Relation::Agent), Some(text("letter"))));
}

#[test]
fn a_denial_goes_out_the_same_way() {
    let chief = approver("approver1");
    let denied = || Walk::in_review().then(&chief, &deny());
    assert_eq!(denied().refused(&chief, &make_certificate()), "no_certificate");
    let notice = Command::MakeDecisionNotice { certificate: certificate_id() };
    let mut kept = denied().then(&chief, &notice).then(&issuer(), &receive("B1")).then(&issuer(), &notify());
    kept.take(&issuer(), &hand_over());
    assert_eq!((kept.case.closed_as(), kept.case.reporting_state()), (Some("finished"), Some(13)));
    let deliver = sample(Action::Deliver, &kept.case);
    let mut at_once = denied();
    let kinds = ["decision_notice_made", "certificate_handed_over", "case_issued", "case_finished"];
    assert_eq!(at_once.take(&issuer(), &deliver), kinds);
    assert_eq!(Walk::approved().refused(&issuer(), &deliver), "certificate_required");
    assert_eq!(Walk::approved().refused(&issuer(), &notice), "certificate_required");
}

#[test]
fn a_matter_without_certificate_ends_by_its_notice() {
    let bare = MatterSnapshot { makes_certificate: false, case_kind: CaseKind::Instant, ..matter() };
    let mut walk = Walk::open(bare, &["m1", "m2"], false).then(&clerk("clerk1"), &Command::DecideInstant { opinion: None });
    assert_eq!(walk.refused(&issuer(), &make_certificate()), "no_certificate");
    walk.take(&clerk("clerk1"), &sample(Action::Deliver, &walk.case));
    assert_eq!(walk.case.closed_as(), Some("finished"));
    let collection = walk.case.certificate.as_ref().unwrap().collection.as_ref().unwrap();
    assert_eq!((collection.relation, collection.collector.as_ref()), (Some(Relation::Agent), Some(&PersonId::new("dc", "1"))));
}
