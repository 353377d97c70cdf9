//! The rules of appointments: slots by pattern, hours and calendar; every refusal; and random histories in
//! which no place is ever given twice.
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::calendar::Calendar;
use crate::hall::{
    AppointmentPolicy, BookableLine, LineSpecialDay, MergeRule, NoShowBlock, OpeningHours, SlotSpan, Span, SpecialDay, WhenLate,
};
use crate::ids::{AppointmentId, LineId, PersonId, SiteId, TicketId};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, local_date, start_of};

const OPEN: (u16, u16) = (510, 720);

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn span(from_minute: u16, to_minute: u16) -> SlotSpan {
    SlotSpan { from_minute, to_minute, capacity: None }
}

fn line() -> BookableLine {
    let day = || vec![span(OPEN.0, OPEN.1)];
    let week = [day(), day(), day(), day(), day(), Vec::new(), Vec::new()];
    BookableLine { line_id: LineId::new("dc", "a"), slot_min: 30, capacity: 2, week, special_days: Vec::new() }
}

fn policy() -> AppointmentPolicy {
    AppointmentPolicy { lines: vec![line()], ..AppointmentPolicy::default() }
}

fn weekly(special_days: Vec<SpecialDay>) -> OpeningHours {
    let day = || vec![Span { from_minute: 510, to_minute: 1050 }];
    OpeningHours::Weekly { week: [day(), day(), day(), day(), day(), Vec::new(), Vec::new()], special_days }
}

fn slots(hours: &OpeningHours, text: &str) -> Result<usize, NoSlots> {
    slots_on(&line(), &policy(), hours, &Calendar::state_council(), date(text)).map(|slots| slots.len())
}

#[test]
fn slots_follow_the_week_the_hall_and_the_legal_calendar() {
    let round = OpeningHours::RoundTheClock;
    // Tuesday; half past eight to noon in half hours.
    assert_eq!(slots(&round, "2026-11-24"), Ok(7));
    assert_eq!(slots(&round, "2026-11-28"), Err(NoSlots::Closed), "a Saturday");
    assert_eq!(slots(&round, "2026-10-01"), Err(NoSlots::Holiday { name: "国庆节".to_owned() }));
    // 国庆 2026: Saturday 10 October is worked.
    assert_eq!(slots(&round, "2026-10-10"), Ok(7), "a make-up working day has the slots of the configured weekday");
    assert_eq!(slots(&weekly(Vec::new()), "2026-10-10"), Err(NoSlots::Closed), "but the hall must be open");
    assert_eq!(slots(&round, "2027-01-04"), Err(NoSlots::CalendarMissing { year: 2027 }), "nothing is guessed");
}

#[test]
fn special_days_open_and_close() {
    let open = |text: &str, spans: Vec<Span>| weekly(vec![SpecialDay { date: date(text), spans }]);
    let morning = || vec![Span { from_minute: 540, to_minute: 660 }];
    assert_eq!(slots(&open("2026-11-28", morning()), "2026-11-28"), Ok(4), "weekend service 9 to 11");
    assert_eq!(slots(&open("2026-10-01", morning()), "2026-10-01"), Ok(4), "service on a holiday");
    assert_eq!(slots(&open("2026-11-24", Vec::new()), "2026-11-24"), Err(NoSlots::Closed), "a local closure");
    assert_eq!(slots(&open("2027-01-04", morning()), "2027-01-04"), Ok(4), "who opens a day knows that it is open");
    let mut own = line();
    own.special_days = vec![LineSpecialDay { date: date("2026-11-24"), spans: vec![SlotSpan { capacity: Some(9), ..span(510, 540) }] }];
    let slots = slots_on(&own, &policy(), &weekly(Vec::new()), &Calendar::state_council(), date("2026-11-24")).unwrap();
    assert_eq!(slots.iter().map(|(_, places)| *places).collect::<Vec<_>>(), [9]);
}

#[test]
fn a_special_day_that_changes_the_hours_of_a_working_day_leaves_the_lines_pattern() {
    // Bookable on Mondays from nine to eleven only.
    let mut monday = line();
    monday.week = std::array::from_fn(|day| if day == 0 { vec![span(540, 660)] } else { Vec::new() });
    let on = |text: &str, from_minute: u16, to_minute: u16| {
        let hours = weekly(vec![SpecialDay { date: date(text), spans: vec![Span { from_minute, to_minute }] }]);
        slots_on(&monday, &policy(), &hours, &Calendar::state_council(), date(text)).map(|slots| slots.len())
    };
    assert_eq!(on("2026-11-23", 510, 960), Ok(4), "the hall closes at four: still nine to eleven");
    assert_eq!(on("2026-11-23", 600, 960), Ok(2), "the hall opens at ten");
    assert_eq!(on("2027-01-04", 510, 960), Ok(4), "a Monday of a year that nobody loaded");
    assert_eq!(on("2026-11-24", 510, 960), Err(NoSlots::Closed), "the line is not booked on Tuesdays");
    assert_eq!(on("2026-11-28", 540, 660), Ok(4), "a Saturday that the hall opens for once");
    assert_eq!(on("2026-10-10", 540, 660), Ok(4), "a make-up day has the pattern of a Monday");
    assert_eq!(on("2026-10-10", 600, 1050), Ok(2), "and no more than that");
}

/// A small desk: everything stored, every decision on the day as it is.
struct Desk {
    policy: AppointmentPolicy,
    hours: OpeningHours,
    calendar: Calendar,
    all: Vec<(Appointment, String)>,
    log: Vec<Event>,
    next: u32,
}

impl Desk {
    fn new(policy: AppointmentPolicy) -> Self {
        let calendar = Calendar::state_council();
        Self { policy, hours: OpeningHours::RoundTheClock, calendar, all: Vec::new(), log: Vec::new(), next: 0 }
    }

    fn day(&self, line_id: &LineId, date: NaiveDate) -> Day {
        let here = self
            .all
            .iter()
            .filter(|(one, _)| one.takes_place() && one.place.line_id == *line_id && local_date(one.place.slot.starts_at) == date);
        let booking = |(one, key): &(Appointment, String)| (one.id.clone(), Booking { slot: one.place.slot, holder_key: key.clone() });
        Day::new(line_id.clone(), date, here.map(booking))
    }

    fn booker(&self, key: &str) -> Booker {
        let mine = || self.all.iter().filter(|(_, of)| of == key).map(|(one, _)| one);
        Booker {
            holder_key: key.to_owned(),
            open: mine().filter(|one| one.state == State::Booked).map(|one| one.id.clone()).collect(),
            missed_at: mine().filter_map(|one| if let State::NoShow { at } = one.state { Some(at) } else { None }).collect(),
        }
    }

    fn book(&mut self, key: &str, starts_at: Millis, origin: Origin, now: Millis) -> Result<AppointmentId, Refusal> {
        let (day, booker) = (self.day(&line().line_id, local_date(starts_at)), self.booker(key));
        let ground = Ground { policy: &self.policy, hours: &self.hours, calendar: &self.calendar, day: &day, booker: &booker };
        self.next += 1;
        let id = AppointmentId::new("dc", &format!("{}", self.next));
        let person = PersonId::new("dc", "1");
        let new = NewAppointment { id: id.clone(), site: SiteId::parse("demo").unwrap(), person, starts_at, matter_ids: Vec::new() };
        let events = Appointment::book(new, &ground, origin, now)?;
        self.all.push((Appointment::replay(&events).unwrap(), key.to_owned()));
        self.log.extend(events);
        Ok(id)
    }

    fn act(&mut self, id: &AppointmentId, command: &Command, by: Origin, now: Millis) -> Result<Vec<Event>, Refusal> {
        let place = self.all.iter().position(|(one, _)| one.id == *id).unwrap();
        let (one, key) = self.all[place].clone();
        let date = local_date(if let Command::Change { starts_at } = command { *starts_at } else { one.place.slot.starts_at });
        let (day, booker) = (self.day(&one.place.line_id, date), self.booker(&key));
        let ground = Ground { policy: &self.policy, hours: &self.hours, calendar: &self.calendar, day: &day, booker: &booker };
        let events = one.decide(command, &ground, by, now)?;
        events.iter().for_each(|event| self.all[place].0.evolve(event));
        self.log.extend(events.clone());
        Ok(events)
    }

    fn state(&self, id: &AppointmentId) -> &'static str {
        self.all.iter().find(|(one, _)| one.id == *id).map_or("", |(one, _)| one.state.name())
    }
}

/// Tuesday 24 November 2026, 8:00; the first slot of Wednesday begins at 8:30.
fn now() -> Millis {
    start_of(date("2026-11-24")) + 8 * HOUR_MS
}

fn wednesday(slot: i64) -> Millis {
    start_of(date("2026-11-25")) + i64::from(OPEN.0) * MINUTE_MS + slot * 30 * MINUTE_MS
}

fn ticket() -> Command {
    Command::CheckIn { ticket_id: TicketId::new("dc", "1") }
}

#[test]
fn a_place_is_given_once_and_free_again_after_cancelling() {
    let mut desk = Desk::new(policy());
    let first = desk.book("a", wednesday(0), Origin::Citizen, now()).unwrap();
    desk.book("b", wednesday(0), Origin::Staff, now()).unwrap();
    assert_eq!(desk.book("c", wednesday(0), Origin::Citizen, now()), Err(Refusal::SlotFull));
    desk.act(&first, &Command::Cancel, Origin::Citizen, now()).unwrap();
    desk.book("c", wednesday(0), Origin::Citizen, now()).unwrap();
    assert_eq!(desk.act(&first, &Command::Cancel, Origin::Citizen, now()), Err(Refusal::AppointmentState { state: "cancelled" }));
}

#[test]
fn places_count_over_a_change_of_the_length_of_slots() {
    let mut desk = Desk::new(policy());
    for (key, slot) in [("a", 0), ("b", 1)] {
        desk.book(key, wednesday(slot), Origin::Citizen, now()).unwrap();
    }
    // Half past eight to half past nine holds the two of before: no place is left in it.
    desk.policy.lines[0].slot_min = 60;
    assert_eq!(desk.book("c", wednesday(0), Origin::Citizen, now()), Err(Refusal::SlotFull));
    desk.book("c", wednesday(2), Origin::Citizen, now()).unwrap();
    desk.book("d", wednesday(2), Origin::Citizen, now()).unwrap();
    desk.policy.lines[0].slot_min = 30;
    assert_eq!(desk.book("e", wednesday(3), Origin::Citizen, now()), Err(Refusal::SlotFull), "within the hour that is full");
    desk.book("e", wednesday(4), Origin::Citizen, now()).unwrap();
}

#[test]
fn lead_times_hold() {
    let mut desk = Desk::new(policy());
    let slot = wednesday(0);
    assert!(matches!(desk.book("a", slot, Origin::Citizen, slot - HOUR_MS + 1), Err(Refusal::TooLateToBook { latest_min: 60 })));
    desk.book("a", slot, Origin::Citizen, slot - HOUR_MS).unwrap();
    assert_eq!(desk.book("b", slot + 7 * DAY_MS, Origin::Citizen, now()), Err(Refusal::TooFarAhead { earliest_days: 7 }));
    desk.book("b", slot + 6 * DAY_MS, Origin::Citizen, now()).unwrap();
    assert_eq!(desk.book("c", slot + 1, Origin::Citizen, now()), Err(Refusal::UnknownSlot));
    let saturday = desk.book("c", slot + 3 * DAY_MS, Origin::Citizen, now());
    assert_eq!(saturday, Err(Refusal::DayClosed { why: NoSlots::Closed }));
}

#[test]
fn one_phone_has_one_appointment_a_day_and_line_and_some_in_all() {
    let mut desk = Desk::new(policy());
    let first = desk.book("a", wednesday(0), Origin::Citizen, now()).unwrap();
    assert_eq!(desk.book("a", wednesday(1), Origin::Citizen, now()), Err(Refusal::AlreadyBooked));
    desk.act(&first, &Command::Change { starts_at: wednesday(1) }, Origin::Citizen, now()).unwrap();
    assert_eq!(desk.act(&first, &Command::Change { starts_at: wednesday(1) }, Origin::Citizen, now()), Err(Refusal::SamePlace));
    for day in [1, 2] {
        desk.book("a", wednesday(0) + day * DAY_MS, Origin::Citizen, now()).unwrap();
    }
    assert_eq!(desk.book("a", wednesday(0) + 5 * DAY_MS, Origin::Citizen, now()), Err(Refusal::TooManyOpen { open_max: 3 }));
    desk.act(&first, &Command::Change { starts_at: wednesday(0) + 5 * DAY_MS }, Origin::Staff, now()).unwrap();
}

#[test]
fn check_in_has_an_early_and_a_late_window() {
    let slot = wednesday(0);
    for (when_late, at, expected) in [
        (WhenLate::Void, slot - 30 * MINUTE_MS - 1, Err(Refusal::CheckInTooEarly { opens_at: slot - 30 * MINUTE_MS })),
        (WhenLate::Void, slot - 30 * MINUTE_MS, Ok(false)),
        (WhenLate::Void, slot + 45 * MINUTE_MS - 1, Ok(false)),
        (WhenLate::Void, slot + 45 * MINUTE_MS, Err(Refusal::AppointmentVoid)),
        (WhenLate::Ordinary, slot + 45 * MINUTE_MS, Ok(true)),
        (WhenLate::Ordinary, slot + 15 * HOUR_MS, Ok(true)),
        (WhenLate::Ordinary, slot + DAY_MS, Err(Refusal::AppointmentVoid)),
    ] {
        let mut desk = Desk::new(AppointmentPolicy { when_late, ..policy() });
        let id = desk.book("a", slot, Origin::Citizen, now()).unwrap();
        let done = desk
            .act(&id, &ticket(), Origin::Device, at)
            .map(|events| matches!(events.as_slice(), [Event::AppointmentCheckedIn { late: true, .. }]));
        assert_eq!(done, expected, "{when_late:?} at {}", at - slot);
        if expected.is_ok() {
            let again = desk.act(&id, &ticket(), Origin::Device, at);
            assert_eq!(again, Err(Refusal::AppointmentState { state: "checked_in" }));
        }
    }
}

#[test]
fn a_check_in_of_the_keeper_is_merged_by_what_became_of_the_appointment() {
    let mut desk = Desk::new(policy());
    let by_state = |desk: &mut Desk, key: &str| desk.book(key, wednesday(0), Origin::Citizen, now()).unwrap();
    let (booked, cancelled) = (by_state(&mut desk, "k1"), by_state(&mut desk, "k2"));
    let place = desk.all[0].0.place.clone();
    let kept = |number: &str, is_same_touch: bool| KeptCheckIn {
        ticket_id: TicketId::new("dc", number),
        place: place.clone(),
        late: false,
        at: wednesday(0),
        is_same_touch,
    };
    let merged = |desk: &Desk, id: &AppointmentId, kept: &KeptCheckIn| {
        let mut one = desk.all.iter().find(|(one, _)| one.id == *id).unwrap().0.clone();
        let (event, rule) = one.merge_check_in(kept);
        event.iter().for_each(|event| one.evolve(event));
        let number = if let State::CheckedIn { ticket_id, .. } = &one.state { Some(ticket_id.to_string()) } else { None };
        (number, rule)
    };
    let number = |number: &str| Some(TicketId::new("dc", number).to_string());
    assert_eq!(merged(&desk, &booked, &kept("k", false)), (number("k"), None), "as the keeper knew it");
    desk.act(&booked, &Command::Change { starts_at: wednesday(3) }, Origin::Citizen, now()).unwrap();
    assert_eq!(merged(&desk, &booked, &kept("k", false)), (number("k"), Some(MergeRule::AppointmentChanged)));
    desk.act(&cancelled, &Command::Cancel, Origin::Citizen, now()).unwrap();
    assert_eq!(merged(&desk, &cancelled, &kept("k", false)), (None, Some(MergeRule::AppointmentCancelled)), "it stays given up");

    let used = by_state(&mut desk, "k3");
    desk.act(&used, &ticket(), Origin::Device, wednesday(0)).unwrap();
    let (first, _) = merged(&desk, &used, &kept("none", false));
    assert!(first.is_some() && first != number("none"));
    assert_eq!(merged(&desk, &used, &kept("k", false)), (first, Some(MergeRule::AppointmentUsed)), "its first number stays");
    assert_eq!(merged(&desk, &used, &kept("k", true)), (number("k"), None), "the one in the person's hand");

    let missed = by_state(&mut desk, "k4");
    desk.act(&missed, &Command::Miss, Origin::System, wednesday(0) + 2 * DAY_MS).unwrap();
    assert_eq!(desk.state(&missed), "no_show");
    assert_eq!(merged(&desk, &missed, &kept("k", false)), (number("k"), Some(MergeRule::AppointmentMissed)));
}

#[test]
fn who_does_not_come_is_marked_once_and_blocked_only_where_a_site_wants_it() {
    let mut desk = Desk::new(policy());
    let id = desk.book("a", wednesday(0), Origin::Citizen, now()).unwrap();
    let over = wednesday(0) + 45 * MINUTE_MS;
    assert_eq!(desk.act(&id, &Command::Miss, Origin::System, over - 1), Ok(Vec::new()));
    assert_eq!(desk.act(&id, &Command::Miss, Origin::System, over).unwrap().len(), 1);
    assert_eq!(desk.act(&id, &Command::Miss, Origin::System, over), Ok(Vec::new()));
    let second = desk.book("a", wednesday(0) + DAY_MS, Origin::Citizen, over).unwrap();
    desk.act(&second, &Command::Miss, Origin::System, over + DAY_MS).unwrap();
    let (at, next) = (over + DAY_MS, wednesday(0) + 2 * DAY_MS);
    desk.policy.no_show_block = Some(NoShowBlock { no_shows: 2, within_days: 30, for_days: 10 });
    let until = over + 11 * DAY_MS;
    assert_eq!(desk.book("a", next, Origin::Citizen, at), Err(Refusal::BlockedAfterNoShows { until }));
    desk.book("a", next, Origin::Staff, at).unwrap();
    desk.book("b", next, Origin::Citizen, at).unwrap();
    desk.policy.no_show_block = None;
    desk.book("a", next + 3 * DAY_MS, Origin::Citizen, at).unwrap();
}

#[test]
fn a_day_that_is_closed_afterwards_is_told_once_and_nothing_is_dropped() {
    let mut desk = Desk::new(policy());
    let id = desk.book("a", wednesday(0), Origin::Citizen, now()).unwrap();
    assert_eq!(desk.act(&id, &Command::TellClosedDay, Origin::System, now()), Ok(Vec::new()));
    let mut year = desk.calendar.years().find(|(year, _)| *year == 2026).unwrap().1.clone();
    year.off.insert(date("2026-11-25"), "临时".to_owned());
    desk.calendar.load(2026, year).unwrap();
    assert_eq!(desk.act(&id, &Command::TellClosedDay, Origin::System, now()).unwrap().len(), 1);
    assert_eq!(desk.act(&id, &Command::TellClosedDay, Origin::System, now()), Ok(Vec::new()));
    assert_eq!(desk.state(&id), "booked");
    desk.act(&id, &Command::Change { starts_at: wednesday(0) + DAY_MS }, Origin::Citizen, now()).unwrap();
    assert_eq!(desk.act(&id, &Command::TellClosedDay, Origin::System, now()), Ok(Vec::new()), "the new place stands");
}

#[test]
fn a_reminder_goes_out_once_for_each_place_and_not_to_who_just_booked() {
    let mut desk = Desk::new(policy());
    let day_before = wednesday(0);
    let slot = wednesday(0) + DAY_MS;
    let id = desk.book("a", slot, Origin::Citizen, now()).unwrap();
    assert_eq!(desk.act(&id, &Command::Remind, Origin::System, day_before), Ok(Vec::new()), "this site reminds nobody");
    desk.policy.messages.remind_before_min = Some(24 * 60);
    let due = |desk: &Desk, at| desk.all[0].0.due_at(&desk.policy, at);
    assert_eq!(due(&desk, now()), Some(day_before));
    assert_eq!(desk.act(&id, &Command::Remind, Origin::System, day_before - 1), Ok(Vec::new()));
    assert_eq!(desk.act(&id, &Command::Remind, Origin::System, day_before).unwrap().len(), 1);
    assert_eq!(desk.act(&id, &Command::Remind, Origin::System, day_before), Ok(Vec::new()));
    assert_eq!(due(&desk, day_before), Some(slot + 45 * MINUTE_MS), "then only the end of its time is left");
    desk.act(&id, &Command::Change { starts_at: slot + DAY_MS }, Origin::Citizen, day_before).unwrap();
    assert_eq!(due(&desk, day_before), Some(slot), "another place, another reminder");
    desk.act(&id, &Command::Change { starts_at: slot + DAY_MS + 30 * MINUTE_MS }, Origin::Citizen, slot).unwrap();
    assert_eq!(due(&desk, slot), Some(slot + DAY_MS + 75 * MINUTE_MS), "changed half an hour before the reminder: they know");
    desk.act(&id, &Command::Cancel, Origin::Citizen, slot).unwrap();
    assert_eq!(due(&desk, slot), None);
}

/// Every command in every state, by everybody, at every time that means something and an hour before it, as after a
/// time server put the clock back: what is refused has its code and changes nothing.
#[test]
fn every_command_in_every_state_is_done_or_refused_with_its_code() {
    const TIMER: [Command; 3] = [Command::Miss, Command::TellClosedDay, Command::Remind];
    let slot = wednesday(0);
    let times = [
        now(),
        slot - HOUR_MS,
        slot - 30 * MINUTE_MS,
        slot,
        slot + 45 * MINUTE_MS,
        slot + 15 * HOUR_MS,
        slot + 16 * HOUR_MS,
        slot + 9 * DAY_MS,
    ];
    let times = times.into_iter().flat_map(|at| [at, at - HOUR_MS]);
    let asked = [Command::Change { starts_at: slot + DAY_MS }, Command::Change { starts_at: slot + 1 }, Command::Cancel, ticket()];
    let mut counted = 0;
    for at in times {
        for ended in ["booked", "checked_in", "cancelled", "no_show"] {
            for command in asked.iter().chain(&TIMER) {
                for by in [Origin::Citizen, Origin::Staff, Origin::Device, Origin::System] {
                    let mut desk = Desk::new(AppointmentPolicy { when_late: WhenLate::Ordinary, ..policy() });
                    let id = desk.book("a", slot, Origin::Citizen, now()).unwrap();
                    match ended {
                        "checked_in" => drop(desk.act(&id, &ticket(), Origin::Device, slot).unwrap()),
                        "cancelled" => drop(desk.act(&id, &Command::Cancel, Origin::Staff, now()).unwrap()),
                        "no_show" => drop(desk.act(&id, &Command::Miss, Origin::System, slot + DAY_MS).unwrap()),
                        _ => {}
                    }
                    let before = desk.all.clone();
                    let done = desk.act(&id, command, by, at);
                    let is_timers = by == Origin::System && TIMER.contains(command);
                    let expected = match command {
                        _ if ended != "booked" && !is_timers => Err("appointment_state"),
                        _ if ended != "booked" => Ok(0),
                        Command::Change { starts_at } if at > slot + DAY_MS - HOUR_MS || *starts_at > slot + DAY_MS => {
                            Err(if *starts_at == slot + DAY_MS { "too_late_to_book" } else { "unknown_slot" })
                        }
                        Command::Change { starts_at } if *starts_at != slot + DAY_MS => Err("unknown_slot"),
                        Command::Change { .. } | Command::Cancel => Ok(1),
                        Command::CheckIn { .. } if at < slot - 30 * MINUTE_MS => Err("check_in_too_early"),
                        Command::CheckIn { .. } if local_date(at) > local_date(slot) => Err("appointment_void"),
                        Command::CheckIn { .. } => Ok(1),
                        Command::Miss => Ok(usize::from(local_date(at) > local_date(slot))),
                        Command::TellClosedDay | Command::Remind => Ok(0),
                    };
                    let found = done.as_ref().map(Vec::len).map_err(Refusal::code);
                    assert_eq!(found, expected, "{command:?} by {by:?} of one {ended} at {} min", (at - slot) / MINUTE_MS);
                    assert!(done.as_ref().err().is_none_or(|refusal| !refusal.message().is_empty()));
                    if found != Ok(1) {
                        assert_eq!(desk.all, before);
                    }
                    counted += 1;
                }
            }
        }
    }
    assert_eq!(counted, 16 * 4 * 7 * 4);
}

proptest! {
    /// What is due when it is looked at either changes or is due later: a timer never turns on the spot.
    #[test]
    fn what_is_due_changes_or_is_due_later(minutes in proptest::collection::vec(0i64..600, 1..30), before in 1u16..3000, close in 0usize..40) {
        let mut desk = Desk::new(policy());
        desk.policy.messages.remind_before_min = Some(before);
        let id = desk.book("a", wednesday(3), Origin::Citizen, now()).unwrap();
        let mut at = now();
        for (step, minutes) in minutes.into_iter().enumerate() {
            at += minutes * MINUTE_MS;
            if step == close {
                desk.policy.lines[0].week = Default::default();
            }
            let due = desk.all[0].0.due_at(&desk.policy, at);
            if due.is_none_or(|due| due > at) {
                continue;
            }
            let mut happened = 0;
            for command in [Command::TellClosedDay, Command::Remind, Command::Miss] {
                happened += desk.act(&id, &command, Origin::System, at).unwrap().len();
            }
            prop_assert!(happened > 0);
            prop_assert!(desk.all[0].0.due_at(&desk.policy, at).is_none_or(|due| due > at));
        }
    }

    /// Whatever is booked, changed and given up: no slot ever holds more than its places, no phone more
    /// than its limits, a refusal changes nothing, and the log alone gives the same appointments.
    #[test]
    fn no_place_is_ever_given_twice(steps in proptest::collection::vec((0u8..5, 0usize..12, 0i64..7, 0i64..5, 0i64..90), 1..120)) {
        let mut desk = Desk::new(policy());
        let mut at = now();
        for (what, who, slot, day, minutes) in steps {
            at += minutes * MINUTE_MS;
            let starts_at = wednesday(slot) + day * DAY_MS;
            let before = desk.all.clone();
            let pick = (!desk.all.is_empty()).then(|| desk.all[who % desk.all.len()].0.id.clone());
            let done = match (what, pick) {
                (0 | 1, _) | (_, None) => desk.book(&format!("phone{who}"), starts_at, Origin::Citizen, at).map(drop),
                (2, Some(id)) => desk.act(&id, &Command::Change { starts_at }, Origin::Citizen, at).map(drop),
                (3, Some(id)) => desk.act(&id, &Command::Cancel, Origin::Staff, at).map(drop),
                (_, Some(id)) => desk.act(&id, &Command::Miss, Origin::System, at).map(drop),
            };
            if done.is_err() {
                prop_assert_eq!(&before, &desk.all);
            }
            for (one, key) in &desk.all {
                let same = |other: &&(Appointment, String)| other.0.takes_place() && other.0.place == one.place;
                prop_assert!(desk.all.iter().filter(same).count() <= 2 || !one.takes_place());
                prop_assert!(desk.booker(key).open.len() <= 3);
                let of_day = desk.day(&one.place.line_id, local_date(one.place.slot.starts_at));
                prop_assert!(of_day.of_holder(key, None) <= 1);
            }
        }
        let mut stored: Vec<Appointment> = desk.all.iter().map(|(one, _)| one.clone()).collect();
        stored.sort_by(|one, other| one.id.cmp(&other.id));
        prop_assert_eq!(&Figures::appointments_of(&desk.log), &stored);
        let figures = Figures::of(&stored);
        prop_assert_eq!(figures.booked, figures.open + figures.checked_in + figures.cancelled + figures.no_show);
    }
}
