//! Commands of a device with an outcome that may be late: written down before they are said, said
//! again after every cut, answered once. One key never has two effects, because the server keeps
//! the outcome under the key.
//!
//! A command that was never given to the line is dropped when its citizen stops waiting: it
//! certainly had no effect. One that was given to the line is said again with its key until its
//! outcome is known, and an outcome that comes after the citizen was told "not known" is *late*.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::device::{DeviceCommand, FromDevice, ToDevice};
use tokio::{sync::watch, time::timeout};

use crate::{
    clock::HallClock,
    session::{Line, SessionEvent},
    spool::{CommandState, Journaled, Reply, Spool, SpoolError},
};

/// Longest idempotency key, in characters.
pub const KEY_CHARS_MAX: usize = 64;
/// Commands that may wait for their answer at once.
pub const WAITING_MAX: usize = 32;
/// How long an outcome is given again for its key without asking the server, in milliseconds.
pub const OUTCOME_KEEP_MS: i64 = 24 * 3_600_000;
/// How long the device asks for the outcome of a command whose citizen left, in milliseconds: later
/// nobody stands there any more, and saying it again could give a number to an empty hall.
pub const LEARN_MS_MAX: i64 = 10 * 60_000;

/// What the citizen is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The server answered.
    Answered(Reply),
    /// Never said to the server: certainly without effect, and forgotten.
    NotSent,
    /// Said, and not answered: it is asked again, the answer will be late.
    Unknown,
    /// The key belongs to another command.
    OtherBody,
    /// The key is empty, too long or not plain ASCII.
    BadKey,
    /// [`WAITING_MAX`] commands wait already.
    Busy,
}

/// Sends commands and learns their outcome; clones share everything.
#[derive(Clone)]
pub struct Commands(Arc<Inner>);

struct Inner {
    spool: Spool,
    line: Line,
    clock: HallClock,
    /// Taken before every change of a command's row, so that an answer and a citizen who leaves do
    /// not pass each other.
    waiting: Mutex<HashMap<String, Waiters>>,
}

struct Waiters {
    count: usize,
    answer: watch::Sender<Option<Reply>>,
}

impl Commands {
    /// Takes over the journal: whoever touched before the restart waits no more.
    ///
    /// # Errors
    /// The spool refused.
    pub fn new(spool: Spool, line: Line, clock: HallClock) -> Result<Self, SpoolError> {
        for row in spool.commands()? {
            match row.state {
                CommandState::Unsent => spool.drop_command(&row.key)?,
                CommandState::Sent => spool.mark_command(&row.key, CommandState::Left)?,
                CommandState::Left | CommandState::Answered | CommandState::Late => {}
            }
        }
        Ok(Self(Arc::new(Inner { spool, line, clock, waiting: Mutex::default() })))
    }

    /// Says a command and waits for its outcome, at most `patience`. The same key joins the command
    /// that is under way or gives its outcome again.
    ///
    /// # Errors
    /// The spool refused; the command was not said.
    pub async fn issue(&self, key: &str, command: DeviceCommand, patience: Duration) -> Result<Outcome, SpoolError> {
        if key.is_empty() || key.len() > KEY_CHARS_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Outcome::BadKey);
        }
        let mut place = match self.take_place(key, &command)? {
            Ok(place) => place,
            Err(known) => return Ok(known),
        };
        let exchange = async {
            if self.0.line.online() {
                self.say(key).await?;
            }
            Ok::<_, SpoolError>(place.answer.wait_for(Option::is_some).await.ok().and_then(|reply| reply.clone()))
        };
        let answered = match timeout(patience, exchange).await {
            Ok(answered) => answered?,
            Err(_) => None,
        };
        match answered {
            Some(reply) => {
                place.keep();
                Ok(Outcome::Answered(reply))
            }
            None => place.leave(),
        }
    }

    /// Puts the command into the journal and its citizen among the waiting, or gives what is known.
    fn take_place(&self, key: &str, command: &DeviceCommand) -> Result<Result<Place, Outcome>, SpoolError> {
        let inner = &self.0;
        let mut waiting = inner.waiting();
        let now_ms = inner.clock.now_ms();
        inner.spool.drop_commands_before(now_ms.saturating_sub(OUTCOME_KEEP_MS))?;
        if waiting.len() >= WAITING_MAX && !waiting.contains_key(key) {
            return Ok(Err(Outcome::Busy));
        }
        let row = inner.spool.begin_command(key, command, now_ms)?;
        if row.command != *command {
            return Ok(Err(Outcome::OtherBody));
        }
        if let Some(reply) = row.reply {
            if row.state == CommandState::Late {
                inner.spool.mark_command(key, CommandState::Answered)?;
            }
            return Ok(Err(Outcome::Answered(reply)));
        }
        if row.state == CommandState::Left {
            inner.spool.mark_command(key, CommandState::Sent)?;
        }
        let waiters = waiting.entry(key.to_owned()).or_insert_with(|| Waiters { count: 0, answer: watch::Sender::new(None) });
        waiters.count += 1;
        let answer = waiters.answer.subscribe();
        Ok(Ok(Place { inner: Arc::clone(inner), key: key.to_owned(), answer, taken: true }))
    }

    /// Gives a command to the line, noting it first.
    async fn say(&self, key: &str) -> Result<(), SpoolError> {
        let command = {
            let waiting = self.0.waiting();
            let Some(row) = self.0.spool.command(key)? else { return Ok(()) };
            if row.reply.is_some() {
                return Ok(());
            }
            if row.state == CommandState::Unsent {
                if !waiting.contains_key(key) {
                    return self.0.spool.drop_command(key);
                }
                self.0.spool.mark_command(key, CommandState::Sent)?;
            }
            row.command
        };
        self.0.line.send(FromDevice::Command { key: key.to_owned(), command }).await;
        Ok(())
    }

    /// Takes an event of the session: says again what is open after a cut, and takes replies. Gives
    /// the command whose outcome came late.
    ///
    /// # Errors
    /// The spool refused.
    pub async fn on_event(&self, event: &SessionEvent) -> Result<Option<Journaled>, SpoolError> {
        match event {
            SessionEvent::Connected(_) => {
                self.say_again().await?;
                Ok(None)
            }
            SessionEvent::Frame(ToDevice::Reply { key, status, body, replayed }) => {
                self.answered(key, Reply { status: *status, body: body.clone(), replayed: *replayed })
            }
            _ => Ok(None),
        }
    }

    async fn say_again(&self) -> Result<(), SpoolError> {
        let oldest_ms = self.0.clock.now_ms().saturating_sub(LEARN_MS_MAX);
        for row in self.0.spool.commands()? {
            if row.state == CommandState::Left && row.at_ms < oldest_ms {
                self.0.spool.drop_command(&row.key)?;
            } else if row.reply.is_none() {
                self.say(&row.key).await?;
            }
        }
        Ok(())
    }

    fn answered(&self, key: &str, reply: Reply) -> Result<Option<Journaled>, SpoolError> {
        let mut waiting = self.0.waiting();
        let Some(row) = self.0.spool.command(key)? else {
            tracing::info!(status = reply.status, "a reply to a command that is not in the journal");
            return Ok(None);
        };
        if row.reply.is_some() {
            return Ok(None);
        }
        let waiters = waiting.remove(key);
        let late = waiters.is_none() && (200..300).contains(&reply.status);
        let noted = match (is_final(reply.status), late) {
            (true, true) => self.0.spool.answer_command(key, &reply, CommandState::Late),
            (true, false) => self.0.spool.answer_command(key, &reply, CommandState::Answered),
            (false, _) => self.0.spool.drop_command(key),
        };
        if let Some(waiters) = waiters {
            // The citizen gets the number even if it could not be noted: the server has it.
            waiters.answer.send_replace(Some(reply));
            return noted.map(|()| None);
        }
        noted?;
        Ok(late.then_some(Journaled { state: CommandState::Late, reply: Some(reply), ..row }))
    }

    /// Commands whose outcome came late, touched at or after `since_ms` (UTC milliseconds), oldest first.
    ///
    /// # Errors
    /// The spool refused.
    pub fn late(&self, since_ms: i64) -> Result<Vec<Journaled>, SpoolError> {
        let mut rows = self.0.spool.commands()?;
        rows.retain(|row| row.state == CommandState::Late && row.at_ms >= since_ms);
        Ok(rows)
    }
}

impl Inner {
    fn waiting(&self) -> MutexGuard<'_, HashMap<String, Waiters>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One citizen stops waiting for a key.
    fn leave(&self, key: &str) -> Result<Outcome, SpoolError> {
        let mut waiting = self.waiting();
        let Some(row) = self.spool.command(key)? else { return Ok(Outcome::Unknown) };
        if let Some(reply) = row.reply {
            return Ok(Outcome::Answered(Reply { replayed: false, ..reply }));
        }
        if let Some(waiters) = waiting.get_mut(key) {
            waiters.count -= 1;
            if waiters.count > 0 {
                return Ok(Outcome::Unknown);
            }
            waiting.remove(key);
        }
        if row.state == CommandState::Unsent {
            self.spool.drop_command(key)?;
            return Ok(Outcome::NotSent);
        }
        self.spool.mark_command(key, CommandState::Left)?;
        Ok(Outcome::Unknown)
    }
}

/// A citizen among the waiting; one who goes away without a word (a closed page) leaves by `Drop`.
struct Place {
    inner: Arc<Inner>,
    key: String,
    answer: watch::Receiver<Option<Reply>>,
    taken: bool,
}

impl Place {
    fn keep(mut self) {
        self.taken = false;
    }

    fn leave(mut self) -> Result<Outcome, SpoolError> {
        self.taken = false;
        self.inner.leave(&self.key)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.taken
            && let Err(error) = self.inner.leave(&self.key)
        {
            tracing::error!(%error, "could not note that a citizen left");
        }
    }
}

/// Whether the server keeps this outcome under the key (API, Retries): 401, 403, 429 and 5xx are not kept,
/// the command may be tried again.
fn is_final(status: u16) -> bool {
    status < 500 && !matches!(status, 401 | 403 | 429)
}
