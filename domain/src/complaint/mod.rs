//! A complaint (投诉): what anybody tells a site that went wrong. Filed → answered → closed; an answer may be
//! added to, and only what was answered is closed. The person complained about answers nothing.
//!
//! Architecture Invariant: pure, and nothing personal: texts and persons are named by id.

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, MissingYear};
use crate::hall::EvaluationPolicy;
use crate::ids::{ComplaintId, PersonId, StaffId, TextId};
use crate::time::{DAY_MS, Millis, local_date, start_of};

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 服务态度
    Attitude,
    /// 等得久、办得慢
    Slow,
    /// 多要材料、多跑路
    Materials,
    /// 乱收费
    Fee,
    /// 推诿、不作为
    Refusal,
    /// 环境和设备
    Place,
    /// 其他
    Other,
}

impl Kind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 7] = [Self::Attitude, Self::Slow, Self::Materials, Self::Fee, Self::Refusal, Self::Place, Self::Other];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Attitude => "attitude",
            Self::Slow => "slow",
            Self::Materials => "materials",
            Self::Fee => "fee",
            Self::Refusal => "refusal",
            Self::Place => "place",
            Self::Other => "other",
        }
    }

    /// Takes the name back; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Attitude => "服务态度",
            Self::Slow => "等得久、办得慢",
            Self::Materials => "多要材料、多跑路",
            Self::Fee => "收费",
            Self::Refusal => "推来推去、不给办",
            Self::Place => "环境和设备",
            Self::Other => "其他",
        }
    }
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for an answer.
    Filed,
    /// Has one.
    Answered,
    /// The end.
    Closed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Filed, Self::Answered, Self::Closed];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: StaffId,
    /// The words for whoever complained.
    pub text: TextId,
}

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The complaint.
    pub id: ComplaintId,
    /// When it came, UTC ms.
    pub filed_at: Millis,
    /// What it is about.
    pub kind: Kind,
    /// In which words.
    pub text: TextId,
    /// Who complained, if told.
    pub person: Option<PersonId>,
    /// Who served the visit that it is about, if told.
    pub about: Option<StaffId>,
    /// Where it stands.
    pub state: State,
    /// Number of events so far.
    pub version: u64,
    /// The answers, in order.
    pub answers: Vec<Answer>,
    /// When it was closed, UTC ms.
    pub closed_at: Option<Millis>,
    /// Whether it was told that the answer is late.
    pub told_late: bool,
}

/// What happened: past tense, and nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the state they lead to")]
pub enum Event {
    /// It came.
    ComplaintFiled { complaint: ComplaintId, kind: Kind, text: TextId, person: Option<PersonId>, about: Option<StaffId>, at: Millis },
    /// It was answered, or the answer was added to.
    ComplaintAnswered { complaint: ComplaintId, answer: Answer },
    /// The end.
    ComplaintClosed { complaint: ComplaintId, by: StaffId, at: Millis },
    /// The answer is late, told once.
    ComplaintOverdue { complaint: ComplaintId, at: Millis },
}

impl Event {
    /// The type's name in the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ComplaintFiled { .. } => "complaint_filed",
            Self::ComplaintAnswered { .. } => "complaint_answered",
            Self::ComplaintClosed { .. } => "complaint_closed",
            Self::ComplaintOverdue { .. } => "complaint_overdue",
        }
    }

    /// When, UTC ms.
    #[must_use]
    pub fn at(&self) -> Millis {
        match self {
            Self::ComplaintFiled { at, .. } | Self::ComplaintClosed { at, .. } | Self::ComplaintOverdue { at, .. } => *at,
            Self::ComplaintAnswered { answer, .. } => answer.at,
        }
    }
}

/// What somebody may do; also the path segments of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// 答复
    Answer,
    /// 办结
    Close,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 2] = [Self::Answer, Self::Close];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Close => "close",
        }
    }
}

/// What somebody wants; texts are sealed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// 答复
    Answer {
        /// The words.
        text: TextId,
    },
    /// 办结
    Close,
}

/// Why a command was refused. Nothing changes then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// It is about whoever asks.
    AboutHimself,
    /// The step does not follow on where it stands.
    WrongState {
        /// Where it stands.
        state: State,
    },
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AboutHimself => "judged_himself",
            Self::WrongState { .. } => "complaint_state",
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self {
            Self::AboutHimself => "这件投诉说的是您本人，请别的主管或区政务局处理",
            Self::WrongState { state: State::Filed } => "还没有答复，先答复再办结",
            Self::WrongState { state: State::Answered | State::Closed } => "这件投诉已经办结",
        }
    }
}

impl Complaint {
    /// A complaint from its events; `None` unless the first one files it.
    #[must_use]
    pub fn replay(events: &[Event]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let Event::ComplaintFiled { complaint, kind, text, person, about, at } = first else { return None };
        let mut filed = Self {
            id: complaint.clone(),
            filed_at: *at,
            kind: *kind,
            text: text.clone(),
            person: person.clone(),
            about: about.clone(),
            state: State::Filed,
            version: 1,
            answers: Vec::new(),
            closed_at: None,
            told_late: false,
        };
        rest.iter().for_each(|event| filed.evolve(event));
        Some(filed)
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        self.version += 1;
        match event {
            Event::ComplaintFiled { .. } => {}
            Event::ComplaintAnswered { answer, .. } => {
                self.answers.push(answer.clone());
                self.state = State::Answered;
            }
            Event::ComplaintClosed { at, .. } => {
                self.closed_at = Some(*at);
                self.state = State::Closed;
            }
            Event::ComplaintOverdue { .. } => self.told_late = true,
        }
    }

    /// Whether somebody may take a step now.
    ///
    /// # Errors
    /// Why not.
    pub fn permits(&self, action: Action, by: &StaffId) -> Result<(), Refusal> {
        if self.about.as_ref() == Some(by) {
            return Err(Refusal::AboutHimself);
        }
        match (action, self.state) {
            (Action::Answer, State::Filed | State::Answered) | (Action::Close, State::Answered) => Ok(()),
            (Action::Answer, State::Closed) | (Action::Close, State::Filed | State::Closed) => {
                Err(Refusal::WrongState { state: self.state })
            }
        }
    }

    /// What somebody may do now, as far as the complaint is concerned; rights are another's matter.
    #[must_use]
    pub fn allowed(&self, by: &StaffId) -> Vec<Action> {
        Action::ALL.into_iter().filter(|action| self.permits(*action, by).is_ok()).collect()
    }

    /// Decides a command.
    ///
    /// # Errors
    /// Why nothing changes.
    pub fn decide(&self, command: &Command, by: &StaffId, now: Millis) -> Result<Event, Refusal> {
        let complaint = self.id.clone();
        match command {
            Command::Answer { text } => {
                self.permits(Action::Answer, by)?;
                Ok(Event::ComplaintAnswered { complaint, answer: Answer { at: now, by: by.clone(), text: text.clone() } })
            }
            Command::Close => {
                self.permits(Action::Close, by)?;
                Ok(Event::ComplaintClosed { complaint, by: by.clone(), at: now })
            }
        }
    }

    /// The first instant at which the answer is late, UTC ms; `None` once there is one.
    ///
    /// # Errors
    /// The year whose calendar is missing.
    pub fn due(&self, policy: &EvaluationPolicy, calendar: &Calendar) -> Result<Option<Millis>, MissingYear> {
        if self.state != State::Filed {
            return Ok(None);
        }
        let last_day = calendar.working_day_after(local_date(self.filed_at), policy.complaint_days)?;
        Ok(Some(start_of(last_day) + DAY_MS))
    }

    /// That the answer is late, once.
    #[must_use]
    pub fn overdue(&self, policy: &EvaluationPolicy, calendar: &Calendar, now: Millis) -> Option<Event> {
        let is_late = self.due(policy, calendar).is_ok_and(|due| due.is_some_and(|due| due <= now));
        (is_late && !self.told_late).then(|| Event::ComplaintOverdue { complaint: self.id.clone(), at: now })
    }

    /// When time alone will next have something to tell; `None` when never.
    #[must_use]
    pub fn watch_at(&self, policy: &EvaluationPolicy, calendar: &Calendar, now: Millis) -> Option<Millis> {
        if self.told_late {
            return None;
        }
        // A year that is missing may be loaded any day.
        self.due(policy, calendar).unwrap_or(Some(now + DAY_MS))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn date(text: &str) -> chrono::NaiveDate {
        text.parse().unwrap()
    }

    fn filed() -> Event {
        Event::ComplaintFiled {
            complaint: ComplaintId::new("dc", "1"),
            kind: Kind::Slow,
            text: TextId::new("dc", "1"),
            person: None,
            about: Some(StaffId::new("dc", "clerk")),
            at: start_of(date("2026-11-24")),
        }
    }

    fn answer() -> Command {
        Command::Answer { text: TextId::new("dc", "2") }
    }

    #[test]
    fn every_command_in_every_state_by_everybody() {
        let (one, clerk) = (StaffId::new("dc", "one"), StaffId::new("dc", "clerk"));
        let mut complaint = Complaint::replay(&[filed()]).unwrap();
        for (step, state, may_answer, may_close) in [
            (None, State::Filed, Ok(()), Err("complaint_state")),
            (Some(answer()), State::Answered, Ok(()), Ok(())),
            (Some(answer()), State::Answered, Ok(()), Ok(())),
            (Some(Command::Close), State::Closed, Err("complaint_state"), Err("complaint_state")),
        ] {
            if let Some(step) = step {
                let event = complaint.decide(&step, &one, 5).unwrap();
                complaint.evolve(&event);
            }
            assert_eq!(complaint.state, state);
            let by = |command: &Command, by: &StaffId| complaint.decide(command, by, 6).map(drop).map_err(|refusal| refusal.code());
            assert_eq!((by(&answer(), &one), by(&Command::Close, &one)), (may_answer, may_close), "{state:?}");
            assert_eq!((by(&answer(), &clerk), by(&Command::Close, &clerk)), (Err("judged_himself"), Err("judged_himself")));
            let count = usize::from(may_answer.is_ok()) + usize::from(may_close.is_ok());
            assert_eq!((complaint.allowed(&one).len(), complaint.allowed(&clerk).len()), (count, 0));
        }
        assert_eq!((complaint.answers.len(), complaint.closed_at), (2, Some(5)), "nothing is lost");
    }

    #[test]
    fn the_answer_is_due_after_working_days_and_told_late_once() {
        let (policy, calendar) = (EvaluationPolicy::default(), Calendar::state_council());
        let mut complaint = Complaint::replay(&[filed()]).unwrap();
        let late = start_of(date("2026-12-02"));
        assert_eq!(complaint.due(&policy, &calendar), Ok(Some(late)));
        assert_eq!(complaint.watch_at(&policy, &calendar, 0), Some(late));
        assert_eq!(complaint.overdue(&policy, &calendar, late - 1), None);
        let event = complaint.overdue(&policy, &calendar, late).unwrap();
        complaint.evolve(&event);
        assert_eq!(complaint.overdue(&policy, &calendar, late), None);
        assert_eq!(complaint.watch_at(&policy, &calendar, late), None);
        let unloaded = Complaint::replay(&[filed()]).unwrap();
        assert_eq!(unloaded.watch_at(&policy, &Calendar::default(), late), Some(late + DAY_MS));
        assert_eq!(unloaded.overdue(&policy, &Calendar::default(), late), None);
    }

    #[test]
    fn kinds_and_events_travel() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for event in [filed(), Event::ComplaintOverdue { complaint: ComplaintId::new("dc", "1"), at: 3 }] {
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["type"], event.kind());
            assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
        }
    }
}
