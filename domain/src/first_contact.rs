//! 首问负责: whoever is asked first answers, brings the person to who can, or sees to it that an answer comes. This is the
//! contact from which no ticket follows; that of a visit goes with its ticket (`hall::state`).
//!
//! One person is responsible at a time: the one who was asked, until a colleague has it (local rule; the number of days
//! after which who runs the hall is told is [`ANSWER_DAYS`]).
//!
//! Architecture Invariant: pure, and nothing personal: texts and persons are named by id.

use serde::{Deserialize, Serialize};

use crate::ids::{FirstContactId, MatterId, PersonId, StaffId, TextId};
use crate::time::Millis;

/// Working days within which somebody who left a number is answered.
pub const ANSWER_DAYS: u32 = 1;

/// How a first contact ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// 当场答清.
    Answered,
    /// 引到别处: brought or sent to who can help.
    Referred,
    /// 回头答复: called back, as was promised.
    Replied,
}

impl Ending {
    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Referred => "referred",
            Self::Replied => "replied",
        }
    }
}

/// The end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: StaffId,
    /// How.
    pub ending: Ending,
    /// What was said, or where the person was brought.
    pub text: Option<TextId>,
}

/// Somebody asked, and no ticket followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstContact {
    /// The contact.
    pub id: FirstContactId,
    /// Who was asked first; stays.
    pub first: StaffId,
    /// Who answers for it now.
    pub responsible: StaffId,
    /// The matter that it was about, where it was about one.
    pub matter: Option<MatterId>,
    /// What was asked.
    pub about: Option<TextId>,
    /// Who asked, where an answer is owed.
    pub person: Option<PersonId>,
    /// When, UTC ms.
    pub at: Millis,
    /// The end, once there is one.
    pub ended: Option<Ended>,
    /// Number of events so far.
    pub version: u64,
}

/// What is noted of a contact; texts are sealed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Id to give it.
    pub id: FirstContactId,
    /// Who was asked.
    pub by: StaffId,
    /// The matter.
    pub matter: Option<MatterId>,
    /// What was asked.
    pub about: Option<TextId>,
    /// Who asked; needed where an answer is owed.
    pub person: Option<PersonId>,
    /// How it ended at once, with what was said; `None` where an answer is owed.
    pub ended: Option<(Ending, Option<TextId>)>,
}

/// What happened: past tense, and nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the state they lead to")]
pub enum Event {
    /// Somebody asked.
    FirstContactNoted {
        first_contact: FirstContactId,
        by: StaffId,
        matter: Option<MatterId>,
        about: Option<TextId>,
        person: Option<PersonId>,
        ending: Option<Ending>,
        text: Option<TextId>,
        at: Millis,
    },
    /// A colleague answers for it from now on.
    FirstContactHandedOver { first_contact: FirstContactId, from: StaffId, to: StaffId, by: StaffId, at: Millis },
    /// The person was answered.
    FirstContactReplied { first_contact: FirstContactId, by: StaffId, text: TextId, at: Millis },
}

impl Event {
    /// The type's name in the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FirstContactNoted { .. } => "first_contact_noted",
            Self::FirstContactHandedOver { .. } => "first_contact_handed_over",
            Self::FirstContactReplied { .. } => "first_contact_replied",
        }
    }

    /// When, UTC ms.
    #[must_use]
    pub fn at(&self) -> Millis {
        match self {
            Self::FirstContactNoted { at, .. } | Self::FirstContactHandedOver { at, .. } | Self::FirstContactReplied { at, .. } => *at,
        }
    }
}

/// What somebody wants with one that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give it to a colleague of the same site.
    HandOver {
        /// To whom.
        to: StaffId,
    },
    /// The person was answered.
    Reply {
        /// What was said.
        text: TextId,
    },
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hand {
    /// The person.
    pub id: StaffId,
    /// Whether this person runs the hall, and may act in anybody's place.
    pub runs_the_hall: bool,
}

/// Why a command was refused. Nothing changes then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// A colleague answers for it.
    NotResponsible,
    /// It has ended.
    Ended,
    /// Whom it is given to has it already.
    SameStaff,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotResponsible => "not_responsible",
            Self::Ended => "first_contact_ended",
            Self::SameStaff => "same_staff",
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::NotResponsible => "这条首问由别人负责，要接过来请他转给您，或者找大厅主管",
            Self::Ended => "这条首问已经答复过了",
            Self::SameStaff => "现在就是他负责",
        }
    }
}

impl FirstContact {
    /// Somebody asked.
    #[must_use]
    pub fn note(noted: &Noted, now: Millis) -> (Self, Event) {
        let (ending, text) = noted.ended.clone().map_or((None, None), |(ending, text)| (Some(ending), text));
        let event = Event::FirstContactNoted {
            first_contact: noted.id.clone(),
            by: noted.by.clone(),
            matter: noted.matter.clone(),
            about: noted.about.clone(),
            person: noted.person.clone(),
            ending,
            text: text.clone(),
            at: now,
        };
        let ended = ending.map(|ending| Ended { at: now, by: noted.by.clone(), ending, text });
        let contact = Self {
            id: noted.id.clone(),
            first: noted.by.clone(),
            responsible: noted.by.clone(),
            matter: noted.matter.clone(),
            about: noted.about.clone(),
            person: noted.person.clone(),
            at: now,
            ended,
            version: 1,
        };
        (contact, event)
    }

    /// Whether it is in this person's hands.
    ///
    /// # Errors
    /// `NotResponsible`.
    pub fn answered_for_by(&self, hand: &Hand) -> Result<(), Refusal> {
        if self.responsible == hand.id || hand.runs_the_hall { Ok(()) } else { Err(Refusal::NotResponsible) }
    }

    /// What follows from a command.
    ///
    /// # Errors
    /// The refusal.
    pub fn decide(&self, command: &Command, hand: &Hand, now: Millis) -> Result<Event, Refusal> {
        self.answered_for_by(hand)?;
        if self.ended.is_some() {
            return Err(Refusal::Ended);
        }
        let (first_contact, by) = (self.id.clone(), hand.id.clone());
        match command {
            Command::HandOver { to } if *to == self.responsible => Err(Refusal::SameStaff),
            Command::HandOver { to } => {
                Ok(Event::FirstContactHandedOver { first_contact, from: self.responsible.clone(), to: to.clone(), by, at: now })
            }
            Command::Reply { text } => Ok(Event::FirstContactReplied { first_contact, by, text: text.clone(), at: now }),
        }
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        self.version += 1;
        match event {
            Event::FirstContactNoted { .. } => {}
            Event::FirstContactHandedOver { to, .. } => self.responsible = to.clone(),
            Event::FirstContactReplied { by, text, at, .. } => {
                self.ended = Some(Ended { at: *at, by: by.clone(), ending: Ending::Replied, text: Some(text.clone()) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn staff(name: &str) -> StaffId {
        StaffId::new("dc", name)
    }

    fn hand(name: &str) -> Hand {
        Hand { id: staff(name), runs_the_hall: name == "supervisor" }
    }

    fn noted(ended: Option<(Ending, Option<TextId>)>) -> FirstContact {
        let noted = Noted {
            id: FirstContactId::new("dc", "1"),
            by: staff("guide"),
            matter: None,
            about: Some(TextId::new("dc", "about")),
            person: Some(PersonId::new("dc", "1")),
            ended,
        };
        FirstContact::note(&noted, 10).0
    }

    fn reply() -> Command {
        Command::Reply { text: TextId::new("dc", "answer") }
    }

    #[test]
    fn whoever_is_asked_answers_for_it_until_a_colleague_has_it() {
        let mut contact = noted(None);
        assert_eq!(contact.decide(&reply(), &hand("clerk"), 20), Err(Refusal::NotResponsible));
        assert_eq!(contact.decide(&Command::HandOver { to: staff("guide") }, &hand("guide"), 20), Err(Refusal::SameStaff));
        let given = contact.decide(&Command::HandOver { to: staff("clerk") }, &hand("guide"), 20).unwrap();
        contact.evolve(&given);
        assert_eq!((contact.first.clone(), contact.responsible.clone()), (staff("guide"), staff("clerk")), "who was asked first stays");
        assert_eq!(contact.decide(&reply(), &hand("guide"), 30), Err(Refusal::NotResponsible));
        contact.evolve(&contact.decide(&reply(), &hand("clerk"), 30).unwrap());
        let ended = contact.ended.clone().unwrap();
        assert_eq!((ended.ending, ended.by, ended.at, contact.version), (Ending::Replied, staff("clerk"), 30, 3));
        assert_eq!(contact.decide(&reply(), &hand("clerk"), 40), Err(Refusal::Ended));
        assert_eq!(contact.decide(&Command::HandOver { to: staff("guide") }, &hand("supervisor"), 40), Err(Refusal::Ended));
    }

    #[test]
    fn who_runs_the_hall_acts_in_anybodys_place() {
        let contact = noted(None);
        assert!(contact.decide(&reply(), &hand("supervisor"), 20).is_ok());
        assert!(contact.decide(&Command::HandOver { to: staff("clerk") }, &hand("supervisor"), 20).is_ok());
    }

    #[test]
    fn what_was_answered_on_the_spot_is_over() {
        let contact = noted(Some((Ending::Referred, Some(TextId::new("dc", "where")))));
        assert_eq!(contact.ended.as_ref().map(|ended| (ended.ending, ended.at)), Some((Ending::Referred, 10)));
        assert_eq!(contact.decide(&reply(), &hand("guide"), 20), Err(Refusal::Ended));
    }
}
