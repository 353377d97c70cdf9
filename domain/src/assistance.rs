//! 帮办代办: a helper sees to somebody's affair, at home or in the hall, from the first word to the result. One helper
//! answers for it at a time; visits have a day, a place, a purpose and a result; whoever acts for somebody has that
//! person's consent on record first.
//!
//! Architecture Invariant: pure, and nothing personal: texts and persons are named by id.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::ids::{AssistanceId, CaseId, PersonId, StaffId, TextId};
use crate::time::{Millis, local_date};

/// Visits of one assistance.
pub const VISITS_MAX: usize = 50;
/// Days that a visit may lie ahead.
pub const DAYS_AHEAD_MAX: u64 = 90;

/// How somebody agreed to be acted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentForm {
    /// 书面委托: signed by the person.
    Written,
    /// 口头同意, noted by the helper.
    Spoken,
    /// 家属代签, for somebody who cannot sign.
    Relative,
}

impl ConsentForm {
    /// Every form, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Written, Self::Spoken, Self::Relative];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Spoken => "spoken",
            Self::Relative => "relative",
        }
    }

    /// Takes the name back; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == text)
    }

    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Written => "书面委托",
            Self::Spoken => "口头同意",
            Self::Relative => "家属代签",
        }
    }
}

/// Somebody's consent to be acted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// When, UTC ms.
    pub at: Millis,
    /// Who noted it.
    pub by: StaffId,
    /// How it was given.
    pub form: ConsentForm,
    /// What for, and by whom if not by the person.
    pub note: Option<TextId>,
}

/// How far a visit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum VisitState {
    /// Lies ahead.
    Planned,
    /// The helper was there.
    Done {
        /// When it was noted, UTC ms.
        at: Millis,
        /// By whom.
        by: StaffId,
        /// What came of it.
        result: TextId,
    },
    /// It was called off.
    Cancelled {
        /// When, UTC ms.
        at: Millis,
        /// By whom.
        by: StaffId,
        /// Why.
        reason: TextId,
    },
}

impl VisitState {
    /// The value of the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done { .. } => "done",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// A visit (上门).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Its number within the assistance, from 1.
    pub number: u32,
    /// On which day.
    pub day: NaiveDate,
    /// In which village or street (嘎查村、社区); the house lies with the person.
    pub village: TextId,
    /// What for.
    pub purpose: TextId,
    /// How far it is.
    pub state: VisitState,
}

/// Somebody's affair in the hands of a helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assistance {
    /// The assistance.
    pub id: AssistanceId,
    /// Who answers for it.
    pub helper: StaffId,
    /// Who is helped.
    pub person: PersonId,
    /// Since when, UTC ms.
    pub opened_at: Millis,
    /// The consent, once given.
    pub consent: Option<Consent>,
    /// The case that it is about, once there is one.
    pub case: Option<CaseId>,
    /// The state of that case that the person was told last.
    pub told_state: Option<String>,
    /// The visits, in the order in which they were planned.
    pub visits: Vec<Visit>,
    /// When it ended, UTC ms.
    pub closed_at: Option<Millis>,
    /// Number of events so far.
    pub version: u64,
}

/// What happened: past tense, and nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the state they lead to")]
pub enum Event {
    /// A helper took somebody's affair on.
    AssistanceOpened { assistance: AssistanceId, helper: StaffId, person: PersonId, at: Millis },
    /// The person agreed to be acted for.
    AssistanceConsented { assistance: AssistanceId, consent: Consent },
    /// A visit was planned.
    VisitPlanned { assistance: AssistanceId, number: u32, day: NaiveDate, village: TextId, purpose: TextId, at: Millis },
    /// The helper was there.
    VisitDone { assistance: AssistanceId, number: u32, by: StaffId, result: TextId, at: Millis },
    /// A visit was called off.
    VisitCancelled { assistance: AssistanceId, number: u32, by: StaffId, reason: TextId, at: Millis },
    /// Another helper answers for it from now on.
    AssistanceHandedOver { assistance: AssistanceId, from: StaffId, to: StaffId, reason: TextId, at: Millis },
    /// It is about this case.
    AssistanceLinked { assistance: AssistanceId, case: CaseId, at: Millis },
    /// The person was told how far the case is.
    AssistanceReported { assistance: AssistanceId, case_state: String, at: Millis },
    /// The end.
    AssistanceClosed { assistance: AssistanceId, by: StaffId, result: TextId, at: Millis },
}

impl Event {
    /// The type's name in the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AssistanceOpened { .. } => "assistance_opened",
            Self::AssistanceConsented { .. } => "assistance_consented",
            Self::VisitPlanned { .. } => "visit_planned",
            Self::VisitDone { .. } => "visit_done",
            Self::VisitCancelled { .. } => "visit_cancelled",
            Self::AssistanceHandedOver { .. } => "assistance_handed_over",
            Self::AssistanceLinked { .. } => "assistance_linked",
            Self::AssistanceReported { .. } => "assistance_reported",
            Self::AssistanceClosed { .. } => "assistance_closed",
        }
    }

    /// When, UTC ms.
    #[must_use]
    pub fn at(&self) -> Millis {
        match self {
            Self::AssistanceConsented { consent, .. } => consent.at,
            Self::AssistanceOpened { at, .. }
            | Self::VisitPlanned { at, .. }
            | Self::VisitDone { at, .. }
            | Self::VisitCancelled { at, .. }
            | Self::AssistanceHandedOver { at, .. }
            | Self::AssistanceLinked { at, .. }
            | Self::AssistanceReported { at, .. }
            | Self::AssistanceClosed { at, .. } => *at,
        }
    }
}

/// What somebody wants; texts are sealed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Note the consent.
    Consent {
        /// How it was given.
        form: ConsentForm,
        /// What for, and by whom.
        note: Option<TextId>,
    },
    /// Plan a visit.
    PlanVisit {
        /// On which day.
        day: NaiveDate,
        /// Where.
        village: TextId,
        /// What for.
        purpose: TextId,
    },
    /// Note what came of a visit.
    FinishVisit {
        /// Which.
        number: u32,
        /// What came of it.
        result: TextId,
    },
    /// Call a visit off.
    CancelVisit {
        /// Which.
        number: u32,
        /// Why.
        reason: TextId,
    },
    /// Give it to another helper.
    HandOver {
        /// To whom; a helper of the same site.
        to: StaffId,
        /// Why.
        reason: TextId,
    },
    /// It is about this case, of the same site.
    LinkCase {
        /// The case.
        case: CaseId,
    },
    /// The person was told how far the case is.
    Report {
        /// The state that was told.
        case_state: String,
    },
    /// End it.
    Close {
        /// What came of it.
        result: TextId,
    },
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hand {
    /// The person.
    pub id: StaffId,
    /// Whether this person runs the hall: may hand over what is another's, and nothing else of it.
    pub runs_the_hall: bool,
}

/// Why a command was refused. Nothing changes then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// Another helper answers for it.
    NotHelper,
    /// It has ended.
    Closed,
    /// Nobody acts for somebody who did not agree.
    ConsentMissing,
    /// The day is past or too far ahead.
    DayOutOfRange,
    /// Too many visits.
    TooManyVisits,
    /// There is no such visit ahead.
    UnknownVisit,
    /// A visit lies ahead still.
    VisitsOpen,
    /// It is about a case already.
    LinkedAlready,
    /// It is about no case yet.
    NotLinked,
    /// Whom it is given to has it already.
    SameHelper,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotHelper => "not_helper",
            Self::Closed => "assistance_state",
            Self::ConsentMissing => "consent_missing",
            Self::DayOutOfRange => "day",
            Self::TooManyVisits => "too_many_visits",
            Self::UnknownVisit => "unknown_visit",
            Self::VisitsOpen => "visits_open",
            Self::LinkedAlready => "linked_already",
            Self::NotLinked => "not_linked",
            Self::SameHelper => "same_helper",
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self {
            Self::NotHelper => "这件由别的帮办员负责，要接过来请他转给您，或者找大厅主管",
            Self::Closed => "这件帮办已经结束",
            Self::ConsentMissing => "还没记下本人同意，先记同意再代办",
            Self::DayOutOfRange => "上门的日子从今天起，最多排到 90 天后",
            Self::TooManyVisits => "上门次数太多了，结束这件，另开一件",
            Self::UnknownVisit => "没有这次还没去的上门",
            Self::VisitsOpen => "还有没去的上门，先记结果或者取消",
            Self::LinkedAlready => "已经对上一个办件了；别的事另开一件",
            Self::NotLinked => "还没对上办件，没有进度可报",
            Self::SameHelper => "现在就是他负责",
        }
    }
}

impl Assistance {
    /// A helper takes somebody's affair on.
    #[must_use]
    pub fn open(id: AssistanceId, helper: StaffId, person: PersonId, now: Millis) -> (Self, Event) {
        let event = Event::AssistanceOpened { assistance: id.clone(), helper: helper.clone(), person: person.clone(), at: now };
        let opened = Self {
            id,
            helper,
            person,
            opened_at: now,
            consent: None,
            case: None,
            told_state: None,
            visits: Vec::new(),
            closed_at: None,
            version: 1,
        };
        (opened, event)
    }

    /// An assistance from its events; `None` unless the first one opens it.
    #[must_use]
    pub fn replay(events: &[Event]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let Event::AssistanceOpened { assistance, helper, person, at } = first else { return None };
        let (mut opened, _) = Self::open(assistance.clone(), helper.clone(), person.clone(), *at);
        rest.iter().for_each(|event| opened.evolve(event));
        Some(opened)
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        self.version += 1;
        match event {
            Event::AssistanceOpened { .. } => {}
            Event::AssistanceConsented { consent, .. } => self.consent = Some(consent.clone()),
            Event::VisitPlanned { number, day, village, purpose, .. } => self.visits.push(Visit {
                number: *number,
                day: *day,
                village: village.clone(),
                purpose: purpose.clone(),
                state: VisitState::Planned,
            }),
            Event::VisitDone { number, by, result, at, .. } => {
                self.set_visit(*number, VisitState::Done { at: *at, by: by.clone(), result: result.clone() });
            }
            Event::VisitCancelled { number, by, reason, at, .. } => {
                self.set_visit(*number, VisitState::Cancelled { at: *at, by: by.clone(), reason: reason.clone() });
            }
            Event::AssistanceHandedOver { to, .. } => self.helper = to.clone(),
            Event::AssistanceLinked { case, .. } => self.case = Some(case.clone()),
            Event::AssistanceReported { case_state, .. } => self.told_state = Some(case_state.clone()),
            Event::AssistanceClosed { at, .. } => self.closed_at = Some(*at),
        }
    }

    fn set_visit(&mut self, number: u32, state: VisitState) {
        if let Some(visit) = self.visits.iter_mut().find(|visit| visit.number == number) {
            visit.state = state;
        }
    }

    /// The visits that lie ahead, by day.
    #[must_use]
    pub fn planned(&self) -> Vec<&Visit> {
        let mut planned: Vec<&Visit> = self.visits.iter().filter(|visit| visit.state == VisitState::Planned).collect();
        planned.sort_by_key(|visit| (visit.day, visit.number));
        planned
    }

    /// The state of the case as the person was told, where it is another now: that has to be reported back.
    #[must_use]
    pub fn has_news(&self, case_state: Option<&str>) -> bool {
        self.closed_at.is_none() && self.case.is_some() && case_state.is_some() && case_state != self.told_state.as_deref()
    }

    /// Decides a command.
    ///
    /// # Errors
    /// Why nothing changes.
    pub fn decide(&self, command: &Command, hand: &Hand, now: Millis) -> Result<Event, Refusal> {
        let is_own = self.helper == hand.id;
        let may = is_own || (hand.runs_the_hall && matches!(command, Command::HandOver { .. }));
        when(may, Refusal::NotHelper)?;
        when(self.closed_at.is_none(), Refusal::Closed)?;
        let (assistance, at, by) = (self.id.clone(), now, hand.id.clone());
        Ok(match command {
            Command::Consent { form, note } => {
                Event::AssistanceConsented { assistance, consent: Consent { at, by, form: *form, note: note.clone() } }
            }
            Command::PlanVisit { day, village, purpose } => {
                let today = local_date(now);
                let last = today.checked_add_days(Days::new(DAYS_AHEAD_MAX)).unwrap_or(today);
                when((today..=last).contains(day), Refusal::DayOutOfRange)?;
                when(self.visits.len() < VISITS_MAX, Refusal::TooManyVisits)?;
                let number = self.visits.iter().map(|visit| visit.number).max().unwrap_or(0) + 1;
                Event::VisitPlanned { assistance, number, day: *day, village: village.clone(), purpose: purpose.clone(), at }
            }
            Command::FinishVisit { number, result } => {
                self.ahead(*number)?;
                Event::VisitDone { assistance, number: *number, by, result: result.clone(), at }
            }
            Command::CancelVisit { number, reason } => {
                self.ahead(*number)?;
                Event::VisitCancelled { assistance, number: *number, by, reason: reason.clone(), at }
            }
            Command::HandOver { to, reason } => {
                when(*to != self.helper, Refusal::SameHelper)?;
                Event::AssistanceHandedOver { assistance, from: self.helper.clone(), to: to.clone(), reason: reason.clone(), at }
            }
            Command::LinkCase { case } => {
                when(self.consent.is_some(), Refusal::ConsentMissing)?;
                when(self.case.is_none(), Refusal::LinkedAlready)?;
                Event::AssistanceLinked { assistance, case: case.clone(), at }
            }
            Command::Report { case_state } => {
                when(self.case.is_some(), Refusal::NotLinked)?;
                Event::AssistanceReported { assistance, case_state: case_state.clone(), at }
            }
            Command::Close { result } => {
                when(self.planned().is_empty(), Refusal::VisitsOpen)?;
                Event::AssistanceClosed { assistance, by, result: result.clone(), at }
            }
        })
    }

    fn ahead(&self, number: u32) -> Result<(), Refusal> {
        let is_ahead = self.visits.iter().any(|visit| visit.number == number && visit.state == VisitState::Planned);
        when(is_ahead, Refusal::UnknownVisit)
    }
}

fn when(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// 2026-11-24 10:00 in UTC+08:00.
    const TEN: Millis = 1_795_485_600_000;

    fn text(name: &str) -> TextId {
        TextId::new("dc", name)
    }

    fn hand(name: &str, runs_the_hall: bool) -> Hand {
        Hand { id: StaffId::new("dc", name), runs_the_hall }
    }

    struct Walk {
        of: Assistance,
        events: Vec<Event>,
    }

    impl Walk {
        fn open() -> Self {
            let (of, event) = Assistance::open(AssistanceId::new("dc", "1"), StaffId::new("dc", "helper1"), PersonId::new("dc", "1"), TEN);
            Self { of, events: vec![event] }
        }

        fn take(&mut self, command: &Command) -> &'static str {
            let event = self.of.decide(command, &hand("helper1", false), TEN).unwrap();
            self.of.evolve(&event);
            let kind = event.kind();
            self.events.push(event);
            assert_eq!(Assistance::replay(&self.events).as_ref(), Some(&self.of), "the events tell the whole of it");
            kind
        }

        fn refused(&self, command: &Command) -> &'static str {
            self.of.decide(command, &hand("helper1", false), TEN).unwrap_err().code()
        }
    }

    fn visit(day: &str) -> Command {
        Command::PlanVisit { day: day.parse().unwrap(), village: text("where"), purpose: text("why") }
    }

    #[test]
    fn somebody_is_seen_to_from_the_first_word_to_the_result() {
        let mut walk = Walk::open();
        let link = Command::LinkCase { case: CaseId::new("dc", "1") };
        assert_eq!(walk.refused(&link), "consent_missing");
        assert_eq!(walk.take(&Command::Consent { form: ConsentForm::Written, note: None }), "assistance_consented");
        assert_eq!(walk.take(&visit("2026-11-24")), "visit_planned");
        assert_eq!(walk.take(&visit("2026-11-26")), "visit_planned");
        assert_eq!(walk.refused(&Command::Close { result: text("done") }), "visits_open");
        assert_eq!(walk.take(&Command::FinishVisit { number: 1, result: text("took the photo") }), "visit_done");
        assert_eq!(walk.refused(&Command::FinishVisit { number: 1, result: text("again") }), "unknown_visit");
        assert_eq!(walk.take(&Command::CancelVisit { number: 2, reason: text("snow") }), "visit_cancelled");
        assert_eq!(walk.refused(&Command::Report { case_state: "accepted".to_owned() }), "not_linked");
        assert!(!walk.of.has_news(Some("accepted")));
        assert_eq!(walk.take(&link), "assistance_linked");
        assert_eq!(walk.refused(&link), "linked_already");
        assert!(walk.of.has_news(Some("accepted")));
        walk.take(&Command::Report { case_state: "accepted".to_owned() });
        assert!(!walk.of.has_news(Some("accepted")) && walk.of.has_news(Some("decided")));
        assert_eq!(walk.take(&Command::Close { result: text("done") }), "assistance_closed");
        assert_eq!(walk.refused(&visit("2026-11-24")), "assistance_state");
    }

    #[test]
    fn a_visit_has_a_day_that_can_come() {
        let walk = Walk::open();
        assert_eq!(walk.refused(&visit("2026-11-23")), "day");
        assert_eq!(walk.refused(&visit("2027-02-23")), "day");
        let mut walk = Walk::open();
        for _ in 0..VISITS_MAX {
            walk.take(&visit("2027-02-22"));
        }
        assert_eq!(walk.refused(&visit("2026-11-24")), "too_many_visits");
    }

    #[test]
    fn one_helper_answers_for_it_at_a_time() {
        let mut walk = Walk::open();
        let (other, supervisor) = (hand("helper2", false), hand("supervisor", true));
        let over = Command::HandOver { to: other.id.clone(), reason: text("leave") };
        let of = |hand: &Hand, command: &Command, walk: &Walk| walk.of.decide(command, hand, TEN).map_err(|refusal| refusal.code());
        assert_eq!(of(&other, &over, &walk), Err("not_helper"));
        assert_eq!(of(&supervisor, &visit("2026-11-24"), &walk), Err("not_helper"), "who runs the hall only hands over");
        assert!(of(&supervisor, &over, &walk).is_ok());
        assert_eq!(walk.refused(&Command::HandOver { to: hand("helper1", false).id, reason: text("x") }), "same_helper");
        assert_eq!(walk.take(&over), "assistance_handed_over");
        assert_eq!(walk.refused(&visit("2026-11-24")), "not_helper");
        assert!(of(&other, &visit("2026-11-24"), &walk).is_ok());
    }
}
