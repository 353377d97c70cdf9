//! The wishes that wait at one worker, and which of them are committed together next: what a clerk does goes
//! before numbers that are taken, because somebody stands in front of the clerk; but while numbers wait, half of
//! every group is theirs. A group with few of clerks is small, so that they need not wait for many numbers to be stored.

use std::collections::{BTreeSet, VecDeque};

use domain::hall::Command;
use tokio::sync::mpsc;

use super::desk::{GROUP_MAX, Job, WAITING_MAX};

/// Numbers that may be stored with what a single clerk wishes.
const NUMBERS_BESIDE_MIN: usize = 4;

/// See the file's head.
#[derive(Default)]
pub(super) struct Line {
    desks: VecDeque<Job>,
    numbers: VecDeque<Job>,
}

impl Line {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.desks.len() + self.numbers.len()
    }

    fn push(&mut self, job: Job) {
        match job.wish.command {
            Command::Issue(_) => self.numbers.push_back(job),
            _ => self.desks.push_back(job),
        }
    }

    /// Takes in what came, and waits for something where nothing is left; false when nothing will come any more.
    pub(super) async fn fill(&mut self, waiting: &mut mpsc::Receiver<Job>) -> bool {
        if self.len() == 0 {
            match waiting.recv().await {
                Some(job) => self.push(job),
                None => return false,
            }
        }
        self.take_in(waiting);
        true
    }

    /// Takes in what came.
    pub(super) fn take_in(&mut self, waiting: &mut mpsc::Receiver<Job>) {
        while self.len() < WAITING_MAX
            && let Ok(job) = waiting.try_recv()
        {
            self.push(job);
        }
    }

    /// Those committed together next: beside clerks as many numbers as there are wishes of clerks, and a few in any case. Two wishes under one key never share a group: the second must see the
    /// first's outcome.
    pub(super) fn next_group(&mut self) -> Vec<Job> {
        let (mut group, mut keys) = (Vec::with_capacity(GROUP_MAX), BTreeSet::new());
        let of_desks = GROUP_MAX - self.numbers.len().min(GROUP_MAX / 2);
        take(&mut self.desks, of_desks, &mut group, &mut keys);
        let clerks = group.len();
        let until = if clerks == 0 { GROUP_MAX } else { (clerks + clerks.max(NUMBERS_BESIDE_MIN)).min(GROUP_MAX) };
        take(&mut self.numbers, until, &mut group, &mut keys);
        group
    }
}

/// Moves wishes from the front of a queue until the group has `until`; those whose key is in it keep their place.
fn take(queue: &mut VecDeque<Job>, until: usize, group: &mut Vec<Job>, keys: &mut BTreeSet<Vec<u8>>) {
    let mut later = VecDeque::new();
    while group.len() < until
        && let Some(job) = queue.pop_front()
    {
        match &job.wish.retry {
            Some(retry) if !keys.insert(retry.key_hash.clone()) => later.push_back(job),
            _ => group.push(job),
        }
    }
    later.append(queue);
    *queue = later;
}

#[cfg(test)]
mod tests {
    use domain::hall::{Actor, NewTicket};
    use domain::ids::{LineId, TicketId, WindowId};
    use tokio::sync::oneshot;

    use super::*;
    use crate::app::hall::desk::{Beside, Wish};
    use crate::app::retry::Retry;

    fn job(name: &str, command: Command) -> Job {
        let wish = Wish {
            site_id: "hall".to_owned(),
            actor: Actor::machine(),
            actor_id: name.to_owned(),
            command,
            retry: Some(Retry::new("somebody", "POST", "/", name, b"", 1)),
            rows: Vec::new(),
            beside: Beside::default(),
        };
        Job { wish, reply: oneshot::channel().0 }
    }

    fn number(name: &str) -> Job {
        let ticket = NewTicket::ordinary(TicketId::new("h", name), LineId::new("h", "a"), name.to_owned(), name.to_owned());
        job(name, Command::Issue(ticket))
    }

    fn call(name: &str) -> Job {
        job(name, Command::CallNext { window_id: WindowId::new("h", name) })
    }

    fn names(group: &[Job]) -> Vec<&str> {
        group.iter().map(|job| job.wish.actor_id.as_str()).collect()
    }

    #[test]
    fn a_clerk_goes_before_numbers_and_numbers_keep_half_of_a_group() {
        let mut line = Line::default();
        for serial in 0..100 {
            line.push(number(&format!("n{serial}")));
        }
        line.push(call("c0"));
        let group = line.next_group();
        assert_eq!(names(&group)[..2], ["c0", "n0"], "before all that came earlier");
        assert_eq!(group.len(), 1 + NUMBERS_BESIDE_MIN, "and not for as many numbers as a group holds");
        for serial in 1..100 {
            line.push(call(&format!("c{serial}")));
        }
        let group = line.next_group();
        let calls = names(&group).iter().filter(|name| name.starts_with('c')).count();
        assert_eq!((group.len(), calls), (GROUP_MAX, GROUP_MAX / 2));
    }

    #[test]
    fn everybody_comes_once_in_order_and_alone_a_kind_has_the_whole_group() {
        let mut line = Line::default();
        for serial in 0..50 {
            line.push(call(&format!("c{serial}")));
        }
        assert_eq!(line.next_group().len(), GROUP_MAX);
        let mut rest = Vec::new();
        while line.len() > 0 {
            rest.extend(line.next_group().into_iter().map(|job| job.wish.actor_id));
        }
        assert_eq!(rest, (GROUP_MAX..50).map(|serial| format!("c{serial}")).collect::<Vec<_>>());
    }

    #[test]
    fn two_wishes_under_one_key_never_share_a_group_and_the_second_is_next() {
        let mut line = Line::default();
        for name in ["c0", "c1", "c1", "c2"] {
            line.push(call(name));
        }
        assert_eq!(names(&line.next_group()), ["c0", "c1", "c2"]);
        assert_eq!(names(&line.next_group()), ["c1"]);
        assert_eq!(line.len(), 0);
    }

    #[tokio::test]
    async fn what_waits_at_the_end_is_still_taken() {
        let (sender, mut waiting) = mpsc::channel(4);
        assert!(sender.try_send(number("n0")).is_ok() && sender.try_send(call("c0")).is_ok());
        drop(sender);
        let mut line = Line::default();
        assert!(line.fill(&mut waiting).await);
        assert_eq!(names(&line.next_group()), ["c0", "n0"]);
        assert!(!line.fill(&mut waiting).await);
    }
}
