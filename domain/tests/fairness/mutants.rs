//! Broken halls: every mutant tells a true history falsely in one way, as a hall with one mistake
//! would, and the observer of the promise must notice. A mutant that nobody notices is a hole in the
//! proof.

use std::collections::BTreeSet;

use domain::hall::{Configuration, Event, Fact, Policy, Purpose, WindowSetup};
use domain::ids::WindowId;

use super::observers::{Panel, Step};

/// A mistake; `None` when this history gives no occasion for it.
type Mistake = fn(&[Step]) -> Option<Vec<Step>>;

/// A mistake with a part of the name of the observer that must notice it.
pub struct Mutant {
    pub name: &'static str,
    pub observer: &'static str,
    pub mistake: Mistake,
}

const EXCLUSION: &str = "a ticket is at one window";
const SEATS: &str = "one person per window";
const SERIES: &str = "no number twice";
const ADMISSION: &str = "contingents";
const FIRST_COME: &str = "first come, first served";
const FORGOTTEN: &str = "a free window is never told";
const BOUNDS: &str = "no class starves";
const REASONS: &str = "the reason of every call";
const RETURNS: &str = "a missed ticket returns";
const DAYS: &str = "time and date";
const SCHEDULED: &str = "a scheduled configuration";
const NEAR: &str = "that a turn comes near";
const LIMITS: &str = "sections of the day";

/// Every mutant.
pub const MUTANTS: &[Mutant] = &[
    Mutant { name: "a called ticket is called to a second window", observer: EXCLUSION, mistake: called_twice },
    Mutant {
        name: "a window calls over its ticket",
        observer: EXCLUSION,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::TicketFinished { .. })),
    },
    Mutant { name: "a ticket is parked at another window", observer: EXCLUSION, mistake: parked_elsewhere },
    Mutant {
        name: "a ticket is finished twice",
        observer: EXCLUSION,
        mistake: |steps| twice(steps, |fact| matches!(fact, Fact::TicketFinished { .. })),
    },
    Mutant { name: "one person at two windows", observer: SEATS, mistake: at_two_windows },
    Mutant { name: "a paused window calls", observer: SEATS, mistake: paused_calls },
    Mutant {
        name: "a take-over that is not recorded",
        observer: SEATS,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::WindowTakenOver { .. })),
    },
    Mutant {
        name: "a number is skipped",
        observer: SERIES,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::TicketIssued { .. })),
    },
    Mutant { name: "a number is given twice", observer: SERIES, mistake: same_number },
    Mutant { name: "a series goes on after midnight", observer: SERIES, mistake: series_goes_on },
    Mutant {
        name: "the contingent is ignored",
        observer: ADMISSION,
        mistake: |steps| configured(steps, |it| it.lines.iter_mut().for_each(|line| line.daily_contingent = Some(3))),
    },
    Mutant {
        name: "a stopped line gives numbers",
        observer: ADMISSION,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::LineResumed { .. })),
    },
    Mutant { name: "two tickets for one person in a line", observer: ADMISSION, mistake: same_holder },
    Mutant { name: "a second ticket in a line of another one's matters", observer: ADMISSION, mistake: of_two_lines },
    Mutant { name: "a transfer to where a ticket of another day is", observer: ADMISSION, mistake: sent_to_the_own },
    Mutant { name: "recalls without limit", observer: ADMISSION, mistake: |steps| policy(steps, |it| it.recall_max = 0) },
    Mutant { name: "recalls without cool-down", observer: ADMISSION, mistake: |steps| policy(steps, |it| it.recall_cooldown_ms = 600_000) },
    Mutant { name: "the second of a line is called", observer: FIRST_COME, mistake: second_first },
    Mutant { name: "the top is ignored", observer: FIRST_COME, mistake: top_ignored },
    Mutant { name: "a ticket of no line of the window is called", observer: FIRST_COME, mistake: wrong_line },
    Mutant { name: "a window is told that nobody waits", observer: FORGOTTEN, mistake: told_nobody },
    Mutant {
        name: "the bound of the green channel is ignored",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| it.green_bound = 12),
    },
    Mutant {
        name: "the green channel never comes",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| (it.green_bound, it.over_limit_ms) = (1, i64::MAX / 4)),
    },
    Mutant { name: "the limit of waiting is ignored", observer: BOUNDS, mistake: |steps| policy(steps, |it| it.over_limit_ms = 0) },
    Mutant {
        name: "green windows are for everybody",
        observer: BOUNDS,
        mistake: |steps| windows(steps, |it| it.purpose = Purpose::General),
    },
    Mutant {
        name: "preferred lines are ignored",
        observer: BOUNDS,
        mistake: |steps| windows(steps, |it| it.preferred_line_ids = it.line_ids.clone()),
    },
    Mutant {
        name: "the bound of appointments is ignored",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| it.appointment_bound = 40),
    },
    Mutant {
        name: "the bound of quick matters is ignored",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| (it.quick_bound, it.over_limit_ms) = (1, i64::MAX / 4)),
    },
    Mutant {
        name: "no matter is quick",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| it.quick_matter_ids.push(super::site::quick_matter())),
    },
    Mutant {
        name: "the bound of those who return is ignored",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| it.returned_bound = 40),
    },
    Mutant {
        name: "the bound of those who are sent is ignored",
        observer: BOUNDS,
        mistake: |steps| policy(steps, |it| it.transferred_bound = 40),
    },
    Mutant { name: "another figure in the reason", observer: REASONS, mistake: wrong_figure },
    Mutant { name: "another rule in the reason", observer: REASONS, mistake: wrong_rule },
    Mutant {
        name: "missed tickets never return",
        observer: RETURNS,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::TicketRequeued { automatic: true, .. })),
    },
    Mutant {
        name: "missed tickets return early",
        observer: RETURNS,
        mistake: |steps| policy(steps, |it| (it.return_after_calls, it.return_after_ms) = (999, i64::MAX / 4)),
    },
    Mutant { name: "missed tickets return late", observer: RETURNS, mistake: |steps| policy(steps, |it| it.return_after_calls = 0) },
    Mutant { name: "missed tickets return for ever", observer: RETURNS, mistake: |steps| policy(steps, |it| it.returns_max = 0) },
    Mutant {
        name: "yesterday's tickets wait on",
        observer: DAYS,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::TicketExpired { .. })),
    },
    Mutant { name: "a day is not closed", observer: DAYS, mistake: |steps| without(steps, |fact| matches!(fact, Fact::DayClosed { .. })) },
    Mutant {
        name: "midnight is overlooked",
        observer: DAYS,
        mistake: |steps| without(steps, |fact| matches!(fact, Fact::DayOpened { .. })),
    },
    Mutant { name: "the time goes back", observer: DAYS, mistake: time_goes_back },
    Mutant { name: "carried over against the policy", observer: DAYS, mistake: carried_over },
    Mutant {
        name: "told twice that the turn comes near",
        observer: NEAR,
        mistake: |steps| twice(steps, |fact| matches!(fact, Fact::TicketNearNoticed { .. })),
    },
    Mutant { name: "reminders are off and come", observer: NEAR, mistake: |steps| policy(steps, |it| it.reminders.people_ahead = 0) },
    Mutant {
        name: "what was scheduled never comes",
        observer: SCHEDULED,
        mistake: |steps| {
            let mut waits = false;
            let place = steps.iter().position(|step| {
                let comes = waits && matches!(step, Step::Event(Event { by: None, fact: Fact::HallConfigured { .. }, .. }));
                waits |= matches!(fact(step), Some(Fact::HallConfigurationScheduled { .. }));
                comes
            })?;
            let mut told = steps.to_vec();
            told.remove(place);
            Some(told)
        },
    },
    Mutant {
        name: "another configuration than the scheduled one",
        observer: SCHEDULED,
        mistake: |steps| {
            changed(steps, |event, _| {
                let Fact::HallConfigurationScheduled { configuration, .. } = &mut event.fact else { return false };
                configuration.policy.recall_max += 1;
                true
            })
        },
    },
    Mutant {
        name: "sections of the day are ignored",
        observer: LIMITS,
        mistake: |steps| policy(steps, |it| it.taking.sections.iter_mut().for_each(|limit| limit.at_most = 0)),
    },
    Mutant {
        name: "numbers until the doors close",
        observer: LIMITS,
        mistake: |steps| policy(steps, |it| it.taking.last_number_before_close_ms = 4 * domain::time::HOUR_MS),
    },
    Mutant {
        name: "numbers until lunch",
        observer: LIMITS,
        mistake: |steps| policy(steps, |it| it.taking.last_number_before_break_ms = 3 * domain::time::HOUR_MS),
    },
    Mutant {
        name: "a paper number is entered twice",
        observer: LIMITS,
        mistake: |steps| twice(steps, |fact| matches!(fact, Fact::PaperNumberEntered { .. })),
    },
    Mutant {
        name: "a paper number is one of the hall",
        observer: LIMITS,
        mistake: |steps| {
            changed(steps, |event, before| {
                let Fact::PaperNumberEntered { number, serial, date, .. } = &mut event.fact else { return false };
                let theirs = before.iter().rev().filter_map(fact).find_map(|fact| match fact {
                    Fact::TicketIssued { number, serial, date, .. } => Some((number.clone(), *serial, *date)),
                    _ => None,
                });
                let Some(theirs) = theirs.filter(|(_, _, day)| day == date) else { return false };
                (*number, *serial, _) = theirs;
                true
            })
        },
    },
    Mutant {
        name: "paper numbers of any age are entered",
        observer: LIMITS,
        mistake: |steps| {
            changed(steps, |event, _| {
                let Fact::PaperNumberEntered { date, occurred_at, .. } = &mut event.fact else { return false };
                *date = *date - chrono::Days::new(40);
                *occurred_at -= 40 * domain::time::DAY_MS;
                true
            })
        },
    },
    Mutant {
        name: "paper numbers of any series are entered",
        observer: LIMITS,
        mistake: |steps| policy(steps, |it| it.taking.paper.prefixes.clear()),
    },
];

/// Whether the observer of a mutant notices it in a history; `None` without an occasion.
pub fn is_noticed(mutant: &Mutant, steps: &[Step]) -> Option<bool> {
    let told = (mutant.mistake)(steps)?;
    let mut panel = Panel::default();
    for step in &told {
        panel.show(step);
    }
    Some(panel.faults().iter().any(|fault| fault.observer.starts_with(mutant.observer)))
}

fn fact(step: &Step) -> Option<&Fact> {
    match step {
        Step::Event(event) => Some(&event.fact),
        Step::Nobody(..) => None,
    }
}

/// The place of the step in the middle of those that are meant.
fn middle(steps: &[Step], meant: impl Fn(&Fact) -> bool) -> Option<usize> {
    let places: Vec<usize> = steps.iter().enumerate().filter(|(_, step)| fact(step).is_some_and(&meant)).map(|(place, _)| place).collect();
    places.get(places.len() / 2).copied()
}

fn without(steps: &[Step], meant: impl Fn(&Fact) -> bool) -> Option<Vec<Step>> {
    let mut told = steps.to_vec();
    told.remove(middle(steps, meant)?);
    Some(told)
}

fn twice(steps: &[Step], meant: impl Fn(&Fact) -> bool) -> Option<Vec<Step>> {
    let mut told = steps.to_vec();
    let place = middle(steps, meant)?;
    told.insert(place, told[place].clone());
    Some(told)
}

/// The same history with one event told differently; `change` says whether it had an occasion.
fn changed(steps: &[Step], mut change: impl FnMut(&mut Event, &[Step]) -> bool) -> Option<Vec<Step>> {
    let mut told = steps.to_vec();
    for place in steps.len() / 3..steps.len() {
        let before = &steps[..place];
        if let Step::Event(event) = &mut told[place]
            && change(event, before)
        {
            return Some(told);
        }
    }
    None
}

/// The history of a hall that ignores a setting: another one stands in the log.
fn configured(steps: &[Step], change: impl Fn(&mut Configuration)) -> Option<Vec<Step>> {
    let mut told = steps.to_vec();
    for step in &mut told {
        if let Step::Event(Event { fact: Fact::HallConfigured { configuration }, .. }) = step {
            change(configuration);
        }
    }
    Some(told)
}

fn windows(steps: &[Step], change: impl Fn(&mut WindowSetup)) -> Option<Vec<Step>> {
    configured(steps, |configuration| configuration.windows.iter_mut().for_each(&change))
}

fn policy(steps: &[Step], change: impl Fn(&mut Policy)) -> Option<Vec<Step>> {
    configured(steps, |configuration| change(&mut configuration.policy))
}

/// Inserts an event before the step at a place, at its time.
fn insert(steps: &[Step], place: usize, fact: Fact) -> Option<Vec<Step>> {
    let Step::Event(next) = &steps[place] else { return None };
    let mut told = steps.to_vec();
    told.insert(place, Step::Event(Event { at: next.at, by: None, fact }));
    Some(told)
}

/// The windows that are open after some steps.
fn open_windows(steps: &[Step]) -> BTreeSet<WindowId> {
    let mut open = BTreeSet::new();
    for step in steps {
        match fact(step) {
            Some(Fact::WindowOpened { window_id, .. } | Fact::WindowTakenOver { window_id, .. }) => drop(open.insert(window_id.clone())),
            Some(Fact::WindowClosed { window_id } | Fact::WindowPaused { window_id, .. }) => drop(open.remove(window_id)),
            _ => {}
        }
    }
    open
}

fn called_twice(steps: &[Step]) -> Option<Vec<Step>> {
    let place = middle(steps, |fact| matches!(fact, Fact::TicketCalled { .. }))?;
    let Some(Fact::TicketCalled { ticket_id, window_id, staff, reason }) = fact(&steps[place]) else { return None };
    let other = open_windows(&steps[..place]).into_iter().find(|other| other != window_id)?;
    let again = Fact::TicketCalled { ticket_id: ticket_id.clone(), window_id: other, staff: staff.clone(), reason: reason.clone() };
    insert(steps, place, again)
}

fn parked_elsewhere(steps: &[Step]) -> Option<Vec<Step>> {
    changed(steps, |event, before| {
        let Fact::TicketParked { window_id, .. } = &mut event.fact else { return false };
        let Some(other) = open_windows(before).into_iter().find(|other| other != window_id) else { return false };
        *window_id = other;
        true
    })
}

fn at_two_windows(steps: &[Step]) -> Option<Vec<Step>> {
    changed(steps, |event, before| {
        let Fact::WindowOpened { window_id, staff, .. } = &mut event.fact else { return false };
        let sits = before.iter().rev().filter_map(fact).find_map(|fact| match fact {
            Fact::TicketCalled { window_id: other, staff, .. } if other != window_id => Some(staff.clone()),
            _ => None,
        });
        let Some(sits) = sits else { return false };
        *staff = sits;
        true
    })
}

fn paused_calls(steps: &[Step]) -> Option<Vec<Step>> {
    let place = middle(steps, |fact| matches!(fact, Fact::TicketCalled { .. }))?;
    let Some(Fact::TicketCalled { window_id, .. }) = fact(&steps[place]) else { return None };
    insert(steps, place, Fact::WindowPaused { window_id: window_id.clone(), text: None })
}

fn same_number(steps: &[Step]) -> Option<Vec<Step>> {
    changed(steps, |event, before| {
        let Fact::TicketIssued { number, serial, line_id, .. } = &mut event.fact else { return false };
        let earlier =
            before.iter().rev().filter_map(fact).take_while(|fact| !matches!(fact, Fact::DayOpened { .. })).find_map(|fact| match fact {
                Fact::TicketIssued { number, serial, line_id: other, .. } if other == line_id => Some((number.clone(), *serial)),
                _ => None,
            });
        let Some(earlier) = earlier else { return false };
        (*number, *serial) = earlier;
        true
    })
}

fn series_goes_on(steps: &[Step]) -> Option<Vec<Step>> {
    let mut days = 0;
    let mut told = steps.to_vec();
    for step in &mut told {
        match step {
            Step::Event(Event { fact: Fact::DayOpened { .. }, .. }) => days += 1,
            Step::Event(Event { fact: Fact::TicketIssued { number, serial, .. }, .. }) if days > 1 => {
                let letters: String = number.chars().take_while(char::is_ascii_uppercase).collect();
                *serial += 40;
                *number = format!("{letters}{serial:03}");
            }
            _ => {}
        }
    }
    (days > 1).then_some(told)
}

fn same_holder(steps: &[Step]) -> Option<Vec<Step>> {
    changed(steps, |event, before| {
        let Fact::TicketIssued { holder_key, line_id, .. } = &mut event.fact else { return false };
        // The one issued just before waits still.
        let Some(Step::Event(Event { fact: Fact::TicketIssued { holder_key: Some(key), line_id: other, walk_in: false, .. }, .. })) =
            before.last()
        else {
            return false;
        };
        *holder_key = Some(key.clone());
        other == line_id
    })
}

/// The one issued just before has a matter in this line, too.
fn of_two_lines(steps: &[Step]) -> Option<Vec<Step>> {
    let place = steps.windows(2).position(|pair| match (fact(&pair[0]), fact(&pair[1])) {
        (
            Some(Fact::TicketIssued { line_id: before, also_line_ids, walk_in: false, .. }),
            Some(Fact::TicketIssued { line_id: after, .. }),
        ) => also_line_ids.is_empty() && before != after,
        _ => false,
    })?;
    let mut told = steps.to_vec();
    let Some(Fact::TicketIssued { line_id: after, .. }) = fact(&steps[place + 1]) else { return None };
    for (step, line_id) in told[place..].iter_mut().take(2).zip([Some(after.clone()), None]) {
        if let Step::Event(Event { fact: Fact::TicketIssued { holder_key, also_line_ids, .. }, .. }) = step {
            *holder_key = Some("k99@1".to_owned());
            also_line_ids.extend(line_id);
        }
    }
    Some(told)
}

/// Somebody who waits in the line to which a ticket is sent has it from another day.
fn sent_to_the_own(steps: &[Step]) -> Option<Vec<Step>> {
    let mut panel = Panel::default();
    for step in steps {
        if let Some(Fact::TicketTransferred { ticket_id, to: domain::hall::Target::Line { line_id }, .. }) = fact(step) {
            let there = panel.chronicle().visits.values().find(|visit| visit.line == *line_id && visit.id != *ticket_id);
            if let Some(there) = there {
                let (there, mut told) = (there.id.clone(), steps.to_vec());
                for step in &mut told {
                    if let Step::Event(Event { fact: Fact::TicketIssued { ticket_id: issued, holder_key, .. }, .. }) = step {
                        if *issued == there {
                            *holder_key = Some("k99@1".to_owned());
                        } else if issued == ticket_id {
                            *holder_key = Some("k99@2".to_owned());
                        }
                    }
                }
                return Some(told);
            }
        }
        panel.show(step);
    }
    None
}

fn second_first(steps: &[Step]) -> Option<Vec<Step>> {
    let mut panel = Panel::default();
    let mut told = steps.to_vec();
    for (place, step) in steps.iter().enumerate() {
        if let Step::Event(Event { at, fact: Fact::TicketCalled { ticket_id, window_id, reason, .. }, .. }) = step
            && reason.code() != "by_name"
            && let Some(other) = panel.chronicle().behind(ticket_id, window_id, *at)
        {
            if let Step::Event(Event { fact: Fact::TicketCalled { ticket_id, .. }, .. }) = &mut told[place] {
                *ticket_id = other;
            }
            return Some(told);
        }
        panel.show(step);
    }
    None
}

fn top_ignored(steps: &[Step]) -> Option<Vec<Step>> {
    let mut panel = Panel::default();
    for (place, step) in steps.iter().enumerate() {
        if let Step::Event(Event { at, fact: Fact::TicketCalled { ticket_id, window_id, reason, .. }, .. }) = step
            && reason.code() != "by_name"
            && let Some(other) = panel.chronicle().behind(ticket_id, window_id, *at)
        {
            return insert(steps, place, Fact::TicketTopped { ticket_id: other, reason: "急".to_owned() });
        }
        panel.show(step);
    }
    None
}

fn wrong_line(steps: &[Step]) -> Option<Vec<Step>> {
    let place = middle(steps, |fact| matches!(fact, Fact::TicketCalled { reason, .. } if reason.code() == "in_order"))?;
    let Some(Fact::TicketCalled { window_id, staff, .. }) = fact(&steps[place]) else { return None };
    let mut told = steps.to_vec();
    let opened = Fact::WindowOpened { window_id: window_id.clone(), staff: staff.clone(), line_ids: Vec::new() };
    if let Step::Event(next) = &steps[place] {
        told.insert(place, Step::Event(Event { at: next.at, by: None, fact: opened }));
    }
    Some(told)
}

fn told_nobody(steps: &[Step]) -> Option<Vec<Step>> {
    let place = middle(steps, |fact| matches!(fact, Fact::TicketCalled { reason, .. } if reason.code() == "in_order"))?;
    let Step::Event(event) = &steps[place] else { return None };
    let Fact::TicketCalled { window_id, .. } = &event.fact else { return None };
    let mut told = steps.to_vec();
    told[place] = Step::Nobody(window_id.clone(), event.at);
    Some(told)
}

/// Tells one reason differently.
fn reason_told(steps: &[Step], mut change: impl FnMut(&mut serde_json::Value) -> bool) -> Option<Vec<Step>> {
    changed(steps, |event, _| {
        let Fact::TicketCalled { reason, .. } = &mut event.fact else { return false };
        let mut value = serde_json::to_value(&*reason).unwrap();
        let is_changed = change(&mut value);
        if is_changed {
            *reason = serde_json::from_value(value).unwrap();
        }
        is_changed
    })
}

fn wrong_figure(steps: &[Step]) -> Option<Vec<Step>> {
    reason_told(steps, |value| {
        let is_meant = value["code"] == "in_order";
        if is_meant {
            value["waited_ms"] = (value["waited_ms"].as_i64().unwrap_or_default() + 60_000).into();
        }
        is_meant
    })
}

fn wrong_rule(steps: &[Step]) -> Option<Vec<Step>> {
    reason_told(steps, |value| {
        let is_meant = value["code"] == "in_order";
        if is_meant {
            *value = serde_json::json!({ "code": "topped", "reason": "急" });
        }
        is_meant
    })
}

fn time_goes_back(steps: &[Step]) -> Option<Vec<Step>> {
    changed(steps, |event, before| {
        let newest = before.iter().filter_map(|step| if let Step::Event(event) = step { Some(event.at) } else { None }).max();
        let is_meant = matches!(event.fact, Fact::TicketStarted { .. }) && newest.is_some();
        if is_meant {
            event.at = newest.unwrap_or_default() - 1_000;
        }
        is_meant
    })
}

fn carried_over(steps: &[Step]) -> Option<Vec<Step>> {
    let has_carried = steps.iter().any(|step| matches!(fact(step), Some(Fact::TicketCarried { .. })));
    has_carried.then(|| policy(steps, |it| it.serving.carry_over = domain::hall::CarryOver::Off)).flatten()
}
