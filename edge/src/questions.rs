//! Questions of a device: asked once while the line is up, answered soon or not at all. They change
//! nothing, so nothing is written down and nothing is asked again; what people typed lies nowhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::device::{FromDevice, Question, ToDevice};
use tokio::{sync::oneshot, time::timeout};

use crate::{
    session::{Line, SessionEvent},
    spool::Reply,
};

/// Questions that may wait for their answer at once.
pub const ASKED_MAX: usize = 8;

/// Asks questions; clones share them.
#[derive(Clone)]
pub struct Questions(Arc<Inner>);

struct Inner {
    line: Line,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<Reply>>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The server answered.
    Answered(Reply),
    /// The line is cut.
    Offline,
    /// No answer in time, or the line was cut meanwhile.
    NoAnswer,
    /// [`ASKED_MAX`] questions wait already.
    Busy,
}

impl Questions {
    /// Questions over a line.
    #[must_use]
    pub fn new(line: Line) -> Self {
        Self(Arc::new(Inner { line, asked: Mutex::default() }))
    }

    /// Asks, and waits for the answer at most `patience`.
    pub async fn ask(&self, question: Question, patience: Duration) -> Told {
        if !self.0.line.online() {
            return Told::Offline;
        }
        let (place, answer) = {
            let mut asked = self.0.asked();
            if asked.waiting.len() >= ASKED_MAX {
                return Told::Busy;
            }
            asked.last += 1;
            let (answers, answer) = oneshot::channel();
            let id = asked.last;
            asked.waiting.insert(id, answers);
            (Place { inner: Arc::clone(&self.0), id }, answer)
        };
        let exchange = async {
            self.0.line.send(FromDevice::Ask { id: place.id, question }).await;
            answer.await
        };
        match timeout(patience, exchange).await {
            Ok(Ok(reply)) => Told::Answered(reply),
            Ok(Err(_)) | Err(_) => Told::NoAnswer,
        }
    }

    /// Takes an event of the session: answers, and a cut that ends every question.
    pub fn on_event(&self, event: &SessionEvent) {
        match event {
            SessionEvent::Frame(ToDevice::Told { id, status, body }) => {
                if let Some(answers) = self.0.asked().waiting.remove(id) {
                    // Whoever asked may have left in this moment.
                    let _ = answers.send(Reply { status: *status, body: body.clone(), replayed: false });
                }
            }
            SessionEvent::Disconnected { .. } => self.0.asked().waiting.clear(),
            SessionEvent::Connected(_) | SessionEvent::Unauthorised | SessionEvent::Frame(_) => {}
        }
    }
}

impl Inner {
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question that waits; whoever stops waiting takes it back.
struct Place {
    inner: Arc<Inner>,
    id: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.inner.asked().waiting.remove(&self.id);
    }
}
