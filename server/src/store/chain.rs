//! The HMAC chain over a site's events: each hash covers the one before it and the whole event.

use ring::hmac;

use super::ports::LoggedEvent;

/// Key of the chain; made from the master key, never stored beside the log.
#[derive(Clone)]
pub struct ChainKey(hmac::Key);

impl std::fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChainKey")
    }
}

impl ChainKey {
    /// A chain key from 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The hash of an event after `previous` (empty for the first); `event.hash` is not read.
    #[must_use]
    pub fn hash(&self, previous: &[u8], event: &LoggedEvent) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        let mut part = |bytes: &[u8]| {
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        };
        part(previous);
        part(event.site_id.as_bytes());
        part(&event.epoch.to_be_bytes());
        part(&event.seq.to_be_bytes());
        part(event.aggregate.as_bytes());
        part(event.aggregate_id.as_bytes());
        part(event.kind.as_bytes());
        part(event.actor.as_bytes());
        part(&event.at.to_be_bytes());
        part(event.body.as_bytes());
        context.sign().as_ref().to_vec()
    }
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The row at this position was changed, or an earlier one was replaced.
    Changed {
        /// Position of the row.
        seq: i64,
    },
    /// Rows are missing before this position.
    Missing {
        /// First missing position.
        from: i64,
        /// Last missing position.
        to: i64,
    },
    /// The head does not belong to the last row.
    Head {
        /// Position that the head names.
        seq: i64,
    },
    /// The log ends before an anchor or has another hash there.
    Anchor {
        /// Position of the anchor.
        seq: i64,
    },
}

impl Flaw {
    /// The flaw in words.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Changed { seq } => format!("第 {seq} 条被改动或调换"),
            Self::Missing { from, to } if from == to => format!("缺第 {from} 条"),
            Self::Missing { from, to } => format!("缺第 {from} 至 {to} 条"),
            Self::Head { seq } => format!("日志末尾与登记的第 {seq} 条不符"),
            Self::Anchor { seq } => format!("与锚点第 {seq} 条不符，末尾被截断或整链被重写"),
        }
    }
}

/// Checks a log as it is read, event by event.
#[derive(Debug)]
pub struct Verifier {
    key: ChainKey,
    previous: Vec<u8>,
    seq: i64,
    /// Flaws found so far.
    pub flaws: Vec<Flaw>,
}

impl Verifier {
    /// A verifier at the beginning of a log.
    #[must_use]
    pub fn new(key: ChainKey) -> Self {
        Self { key, previous: Vec::new(), seq: 0, flaws: Vec::new() }
    }

    /// Takes the next row in the order of `seq`.
    pub fn take(&mut self, event: &LoggedEvent) {
        if event.seq > self.seq + 1 {
            self.flaws.push(Flaw::Missing { from: self.seq + 1, to: event.seq - 1 });
        } else if self.key.hash(&self.previous, event) != event.hash {
            self.flaws.push(Flaw::Changed { seq: event.seq });
        }
        // The chain goes on from the stored hash, so that one changed row is one flaw.
        self.previous.clone_from(&event.hash);
        self.seq = event.seq;
    }

    /// Position and hash of the last row taken.
    #[must_use]
    pub fn position(&self) -> (i64, &[u8]) {
        (self.seq, &self.previous)
    }
}
