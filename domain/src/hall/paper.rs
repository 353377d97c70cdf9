//! Pre-printed paper numbers, given by hand when everything was down and entered afterwards. A local
//! rule, configurable (`taking.paper`): the person keeps the place that belongs to his true time, and
//! who was served meanwhile is in the figures with the times of that day.
//!
//! A paper series has letters that no line has, so its numbers never meet those of the hall, and each is
//! entered once for a day. What is entered is marked in the log: the event's own time is when it was
//! recorded, `occurred_at` when it happened.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::command::NewTicket;
use super::decide::Draft;
use super::event::Fact;
use super::policy::{Configuration, PAPER_DAYS_MAX};
use super::refusal::Refusal;
use super::state::{HallDoc, Outcome};
use crate::ids::WindowId;
use crate::time::{Millis, local_date};

/// A number of a paper roll; the highest serial has four digits.
const SERIAL_MAX: u32 = 9_999;

/// A paper number that is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperNumber {
    /// The letters of its series.
    pub prefix: String,
    /// The digits behind them.
    pub serial: u32,
    /// When the person came.
    pub arrived_at: Millis,
    /// What came of it, where that is known already.
    pub visit: Option<PaperVisit>,
}

/// A visit that was over before its number was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperVisit {
    /// Where.
    pub window_id: WindowId,
    /// Begin of service.
    pub started_at: Millis,
    /// End of service.
    pub ended_at: Millis,
    /// With what result.
    pub outcome: Outcome,
}

/// What is wrong with the times of a paper number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperFault {
    /// The person came later than now.
    ArrivedInFuture,
    /// Served before he came, or on another day.
    StartedBeforeArrival,
    /// Ended before it began, later than now, or on another day.
    EndedBeforeStart,
}

impl PaperNumber {
    /// Reads `P017`: one or two capital letters and the digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<(String, u32)> {
        let text = text.trim().to_ascii_uppercase();
        let digits = text.find(|sign: char| sign.is_ascii_digit())?;
        let (prefix, serial) = text.split_at(digits);
        let is_prefix = (1..=2).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_serial = serial.len() <= 4 && serial.bytes().all(|byte| byte.is_ascii_digit());
        let serial = serial.parse().ok().filter(|serial| (1..=SERIAL_MAX).contains(serial))?;
        (is_prefix && is_serial).then(|| (prefix.to_owned(), serial))
    }

    /// The number as it stands on the paper and on the board: at least three digits.
    #[must_use]
    pub fn number(&self) -> String {
        format!("{}{:03}", self.prefix, self.serial)
    }

    /// The day it belongs to.
    #[must_use]
    pub fn date(&self) -> NaiveDate {
        local_date(self.arrived_at)
    }

    /// What is wrong with its times, as a person at `now` entered them.
    #[must_use]
    pub fn faults(&self, now: Millis) -> Vec<PaperFault> {
        let mut faults = Vec::new();
        if self.arrived_at > now {
            faults.push(PaperFault::ArrivedInFuture);
        }
        if let Some(PaperVisit { started_at, ended_at, .. }) = &self.visit {
            if *started_at < self.arrived_at || local_date(*started_at) != self.date() {
                faults.push(PaperFault::StartedBeforeArrival);
            }
            if ended_at < started_at || *ended_at > now || local_date(*ended_at) != local_date(*started_at) {
                faults.push(PaperFault::EndedBeforeStart);
            }
        }
        faults
    }
}

/// The paper numbers of the days that can still be entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaperUsed(BTreeMap<NaiveDate, BTreeMap<String, Vec<u32>>>);

impl PaperUsed {
    /// Whether no number was entered on these days.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, date: NaiveDate, prefix: &str, serial: u32) -> bool {
        self.0.get(&date).and_then(|series| series.get(prefix)).is_some_and(|serials| serials.binary_search(&serial).is_ok())
    }

    pub(super) fn take(&mut self, date: NaiveDate, prefix: &str, serial: u32) {
        let serials = self.0.entry(date).or_default().entry(prefix.to_owned()).or_default();
        if let Err(place) = serials.binary_search(&serial) {
            serials.insert(place, serial);
        }
    }

    /// Forgets days for which no number can be entered any more.
    pub(super) fn forget_before(&mut self, today: NaiveDate) {
        let first = today - Days::new(u64::from(PAPER_DAYS_MAX));
        self.0.retain(|date, _| *date >= first);
    }
}

/// Letters that lines of the hall had, each with the last day of that: numbers with them are in the
/// hands of people, so they are no paper series for as long as numbers of that day can be entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PastLetters(BTreeMap<String, NaiveDate>);

impl PastLetters {
    /// Whether no line lost its letters lately.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets letters of days for which no number can be entered any more.
    pub(super) fn forget_before(&mut self, today: NaiveDate) {
        let first = today - Days::new(u64::from(PAPER_DAYS_MAX));
        self.0.retain(|_, date| *date >= first);
    }
}

impl HallDoc {
    /// Remembers the letters that lines have no longer under a new configuration.
    pub(super) fn letters_pass(&mut self, configuration: &Configuration) {
        let Some(today) = self.business_date else { return };
        let is_kept = |prefix: &String| configuration.lines.iter().any(|line| line.prefix == *prefix);
        let lost = self.lines.values().map(|line| line.prefix.clone()).filter(|prefix| !is_kept(prefix));
        self.past_letters.0.extend(lost.map(|prefix| (prefix, today)));
    }

    /// The letters that a configuration would give to numbers of two kinds on one day.
    pub(super) fn letters_of_both(&self, configuration: &Configuration) -> Option<String> {
        let was_of_line =
            |prefix: &&String| self.past_letters.0.contains_key(*prefix) || self.lines.values().any(|line| line.prefix == **prefix);
        let entered_today = |prefix: &&String| {
            self.business_date.is_some_and(|date| self.paper_used.0.get(&date).is_some_and(|series| series.contains_key(*prefix)))
        };
        let of_paper = configuration.policy.taking.paper.prefixes.iter().find(was_of_line);
        of_paper.or_else(|| configuration.lines.iter().map(|line| &line.prefix).find(entered_today)).cloned()
    }

    /// Letters before the digits of a number.
    pub(super) fn paper_taken(&mut self, date: NaiveDate, number: &str, serial: u32) {
        let prefix: String = number.chars().take_while(char::is_ascii_uppercase).collect();
        self.paper_used.take(date, &prefix, serial);
    }
}

impl Draft<'_> {
    /// Neither opening hours nor limits matter: the person has had his number for long.
    pub(super) fn enter_paper(&mut self, ticket: &NewTicket, paper: &PaperNumber) -> Result<(), Refusal> {
        self.staff()?;
        self.line(&ticket.line_id)?;
        if self.hall.ticket(&ticket.ticket_id).is_some() {
            return Err(Refusal::TicketIdUsed);
        }
        let (today, date, rules) = (local_date(self.at), paper.date(), &self.hall.doc.policy.taking.paper);
        if !rules.prefixes.contains(&paper.prefix) {
            return Err(Refusal::PaperSeriesUnknown { prefixes: rules.prefixes.clone() });
        }
        if !paper.faults(self.at).is_empty() || paper.serial == 0 {
            return Err(Refusal::PaperTimesInvalid);
        }
        if date < today - Days::new(u64::from(rules.days_back)) {
            return Err(Refusal::PaperTooOld { days_back: rules.days_back });
        }
        if self.hall.doc.paper_used.has(date, &paper.prefix, paper.serial) {
            return Err(Refusal::PaperNumberUsed { number: paper.number() });
        }
        match &paper.visit {
            Some(visit) => drop(self.window(&visit.window_id)?),
            // Nobody waits on a day that is over.
            None if date != today || self.hall.doc.closing_passed_on == Some(today) => return Err(Refusal::PaperVisitMissing),
            None => self.holds_none(ticket)?,
        }
        self.record(Fact::PaperNumberEntered {
            ticket_id: ticket.ticket_id.clone(),
            number: paper.number(),
            serial: paper.serial,
            date,
            line_id: ticket.line_id.clone(),
            priority: ticket.priority,
            holder: ticket.holder.clone(),
            holder_key: ticket.holder_key.clone().filter(|_| paper.visit.is_none()),
            tracking_code: ticket.tracking_code.clone(),
            short_code: ticket.short_code.clone(),
            occurred_at: paper.arrived_at,
        });
        if let Some(PaperVisit { window_id, started_at, ended_at, outcome }) = &paper.visit {
            let (ticket_id, window_id) = (ticket.ticket_id.clone(), window_id.clone());
            self.record(Fact::PaperVisitBegun { ticket_id: ticket_id.clone(), window_id: window_id.clone(), occurred_at: *started_at });
            self.record(Fact::PaperVisitEnded { ticket_id, window_id, outcome: *outcome, occurred_at: *ended_at });
        }
        Ok(())
    }
}
