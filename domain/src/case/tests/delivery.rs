//! What the applicant settles: fetched or sent, and by whom.

use super::*;

pub(super) fn authorise(until: NaiveDate) -> Command {
    Command::AuthoriseAgent { agent: PersonId::new("dc", "agent"), scope: AgentScope { submits: true, collects: true }, until }
}

fn courier() -> Command {
    Command::ChooseDelivery { recipient: Some(PersonId::new("dc", "recipient")) }
}

fn pickup() -> Command {
    Command::ChooseDelivery { recipient: None }
}

fn by_agent(name: &str) -> Command {
    Command::HandOver {
        collector: PersonId::new("dc", name),
        relation: Relation::Agent,
        signature: None,
        authorisation: Some(text("authorisation")),
    }
}

#[test]
fn the_applicant_chooses_until_the_result_has_left() {
    let me = Actor::Applicant;
    for walk in [online::sent(), Walk::received(), Walk::accepted(), Walk::in_review(), Walk::approved(), Walk::made(), Walk::in_cabinet()]
    {
        let actor = if walk.case.online.is_some() { online::citizen("one") } else { me.clone() };
        let mut walk = walk;
        let before = walk.case.state.clone();
        assert_eq!(walk.take(&actor, &pickup()), [""; 0], "it is fetched anyway");
        assert_eq!(walk.take(&actor, &courier()), ["courier_chosen"]);
        assert_eq!(walk.case.courier_to, Some(PersonId::new("dc", "recipient")));
        let other = Command::ChooseDelivery { recipient: Some(PersonId::new("dc", "other")) };
        assert_eq!(walk.take(&actor, &other), ["courier_chosen"], "the address changes");
        assert_eq!(walk.take(&actor, &pickup()), ["pickup_chosen"]);
        assert_eq!((&walk.case.courier_to, &walk.case.state), (&None, &before));
        assert_eq!(Case::replay(&walk.events).as_ref(), Some(&walk.case));
    }
    let issuer = holder_of(Role::Issuer);
    let mut shipped = Walk::in_cabinet().then(&me, &courier()).then(&issuer, &ship());
    assert_eq!(shipped.refused(&me, &pickup()), "certificate_state");
    shipped.take(&issuer, &Command::ReturnCertificate { reason: text("nobody home") });
    assert_eq!(shipped.take(&me, &pickup()), ["pickup_chosen"], "it is back");
    assert_eq!(Walk::in_cabinet().then(&issuer, &hand_over()).refused(&me, &courier()), "case_state");
    assert_eq!(online::begun().refused(&online::citizen("one"), &courier()), "case_state", "nobody knows of it yet");
}

#[test]
fn whoever_wants_it_sent_is_not_told_to_come() {
    let issuer = holder_of(Role::Issuer);
    let mut walk = Walk::in_cabinet().then(&issuer, &notify()).then(&Actor::Applicant, &courier());
    assert_eq!(walk.refused(&Actor::System, &remind_pickup(1)), "not_due");
    walk.take(&Actor::Applicant, &pickup());
    assert_eq!(walk.take(&Actor::System, &remind_pickup(1)), ["pickup_reminded"]);
}

#[test]
fn a_courier_only_where_matter_and_site_send() {
    let walk = Walk::open(MatterSnapshot { courier: false, ..matter() }, &["m1", "m2"], false);
    assert_eq!(walk.refused(&Actor::Applicant, &courier()), "courier_not_offered");
    let at = |walk: &Walk, command: &Command| {
        let closed = Context { policy: Policy { sends_by_courier: false, ..Policy::default() }, ..context(TEN) };
        walk.case.decide(command, &Actor::Applicant, &closed).map(|events| events.len()).map_err(|refusal| refusal.code())
    };
    let chosen = Walk::received().then(&Actor::Applicant, &courier());
    assert_eq!((at(&Walk::received(), &courier()), at(&chosen, &courier())), (Err("courier_not_offered"), Err("courier_not_offered")));
    assert_eq!(at(&chosen, &pickup()), Ok(1), "who chose it before can still fetch it");
}

#[test]
fn nobody_else_settles_for_the_applicant() {
    let walk = Walk::in_cabinet().then(&Actor::Applicant, &authorise(day("2026-12-24")));
    let others = [clerk("clerk1"), holder_of(Role::Issuer), holder_of(Role::Supervisor), Actor::System, online::citizen("two")];
    for actor in others {
        for command in [courier(), pickup(), authorise(day("2026-12-24")), Command::WithdrawAuthorisation] {
            assert!(["forbidden", "system_only"].contains(&walk.refused(&actor, &command)), "{actor:?} {command:?}");
        }
    }
    let settles = [Action::ChooseDelivery, Action::AuthoriseAgent, Action::WithdrawAuthorisation];
    for action in Action::ALL.iter().filter(|action| !settles.contains(action)) {
        assert_eq!(walk.refused(&Actor::Applicant, &sample(*action, &walk.case)), "forbidden", "{}", action.name());
    }
}

#[test]
fn an_agent_is_authorised_for_a_year_at_most_and_for_something() {
    let me = Actor::Applicant;
    let walk = Walk::received();
    let until = |date: &str| walk.try_do(&me, &authorise(day(date))).map(|_| ()).map_err(|refusal| refusal.code());
    assert_eq!(
        ["2026-11-23", "2026-11-24", "2027-11-24", "2027-11-25"].map(until),
        [Err("out_of_range"), Ok(()), Ok(()), Err("out_of_range")]
    );
    let with = |agent: &str, submits, collects| Command::AuthoriseAgent {
        agent: PersonId::new("dc", agent),
        scope: AgentScope { submits, collects },
        until: day("2026-12-24"),
    };
    assert_eq!(walk.refused(&me, &with("agent", false, false)), "missing");
    assert_eq!(walk.refused(&me, &with("1", true, true)), "same_person");
}

#[test]
fn an_authorisation_is_taken_back_before_it_is_used() {
    let (me, issuer) = (Actor::Applicant, holder_of(Role::Issuer));
    let mut walk = Walk::in_cabinet();
    assert_eq!(walk.refused(&me, &Command::WithdrawAuthorisation), "no_authorisation");
    assert_eq!(walk.take(&me, &authorise(day("2026-12-24"))), ["agent_authorised"]);
    assert_eq!(walk.refused(&me, &authorise(day("2026-12-24"))), "authorisation_open", "one at a time");
    assert_eq!(walk.case.authorised_collector(day("2026-12-24")), Some(&PersonId::new("dc", "agent")));
    assert_eq!(walk.case.authorised_collector(day("2026-12-25")), None, "it has run out");
    assert_eq!(walk.take(&me, &Command::WithdrawAuthorisation), ["authorisation_withdrawn"]);
    assert_eq!(walk.case.authorised_collector(day("2026-12-24")), None);
    assert_eq!(walk.refused(&me, &Command::WithdrawAuthorisation), "no_authorisation");
    let gone = ["certificate_handed_over", "case_issued", "case_finished"];
    let other = walk.try_do(&issuer, &by_agent("agent")).unwrap();
    assert_eq!(other.iter().map(Event::kind).collect::<Vec<_>>(), gone, "what was taken back is no basis");
    walk.take(&me, &authorise(day("2026-12-24")));
    let stranger = walk.try_do(&issuer, &by_agent("stranger")).unwrap();
    assert_eq!(stranger.iter().map(Event::kind).collect::<Vec<_>>(), gone, "nor is somebody else's");
    assert_eq!(walk.take(&issuer, &by_agent("agent"))[0], "authorisation_used");
    assert_eq!(walk.case.authorisation.as_ref().unwrap().ended, Some((TEN, AuthorisationEnd::Used)));
    assert_eq!(walk.refused(&me, &Command::WithdrawAuthorisation), "case_state");
    assert_eq!(Case::replay(&walk.events).as_ref(), Some(&walk.case));
}

#[test]
fn who_may_only_hand_in_does_not_collect() {
    let submits = Command::AuthoriseAgent {
        agent: PersonId::new("dc", "agent"),
        scope: AgentScope { submits: true, collects: false },
        until: day("2026-12-24"),
    };
    let walk = Walk::in_cabinet().then(&Actor::Applicant, &submits);
    assert_eq!(walk.case.authorised_collector(day("2026-11-24")), None);
    assert!(walk.case.open_authorisation(day("2026-11-24")).is_some());
    let events = walk.try_do(&holder_of(Role::Issuer), &by_agent("agent")).unwrap();
    assert!(events.iter().all(|event| event.kind() != "authorisation_used"));
}
