//! What the keeper hears from the server and says to it: office, hall, beats, and the journal on its way
//! back. And what time alone brings: taking over, the hall's own timer, handing back.

use domain::hall::{Actor, Command, Fact};
use domain::keeper::{LEASE_MS, MARGIN_MS};
use domain::time::{HOUR_MS, MINUTE_MS, Millis};
use edge::session::SessionEvent;
use edge::spool::SpoolError;
use protocol::calls::Calls;
use protocol::device::{DeviceCommand, DeviceConfig, FromDevice, ToDevice};
use protocol::keeper::{FromKeeper, House, KeeperTrouble, ToKeeper};
use protocol::keeper_clock::ClockText;

use super::decide::Beside;
use super::prints::Print;
use super::{BOOKINGS, HOUSE, Inner, Keeper, LOST, Office, Who};

/// Entries on their way at once.
const UNDER_WAY_MAX: u64 = 8;
/// Entries of a term that is over, sent in one go.
const AT_ONCE_MAX: u64 = 64;
/// Entries that are read at once.
const ENTRIES_AT_ONCE: u32 = 200;
/// A journal that was not taken as a whole for this long is sent again, in milliseconds.
const WHOLE_AGAIN_MS: Millis = 15_000;
/// Entries that were not taken for this long are sent again, in milliseconds.
const AGAIN_MS: Millis = 1_500;
/// An answer that takes nothing more means that one is missing, if the sending is so long ago, in milliseconds.
const MISSING_MS: Millis = 500;
/// Slips that were not answered for are asked for again after this long, in milliseconds.
const REPRINT_MS: Millis = 10_000;
/// A disk that was full is tried again this often, in milliseconds.
const DISK_MS: Millis = 10_000;
/// A clock is wrong when it is off by more, in milliseconds.
const CLOCK_MS_MAX: Millis = 2 * MINUTE_MS;
/// The hall was told so long ago that either it or the clock is wrong, in milliseconds.
const STALE_MS: Millis = 36 * HOUR_MS;

impl Keeper {
    /// Takes what the session heard; what is to be said back, in order.
    pub fn on_event(&self, event: &SessionEvent) -> Vec<FromDevice> {
        let now = self.steady_ms();
        let mut inner = self.inner();
        let said = match event {
            SessionEvent::Connected(config) if config.from_keeper => Ok(self.connected_beside(&mut inner)),
            SessionEvent::Connected(config) => self.connected(&mut inner, config),
            SessionEvent::Disconnected { .. } => {
                if inner.online || inner.is_beside {
                    inner.alone_since = now;
                }
                (inner.online, inner.is_beside, inner.in_step, inner.told) = (false, false, false, None);
                Ok(Vec::new())
            }
            SessionEvent::Frame(ToDevice::Keeper(told)) => self.hear(&mut inner, told, now),
            SessionEvent::Frame(ToDevice::Reply { key, status, .. }) if *status < 500 => inner.journal.printed(key).map(|()| Vec::new()),
            SessionEvent::Frame(ToDevice::Revoked) => {
                // The journal stays: what was decided may still be wanted, by a person.
                (inner.online, inner.office.is_keeper) = (false, false);
                inner.keep_office().map(|()| Vec::new())
            }
            SessionEvent::Frame(_) | SessionEvent::Unauthorised => return Vec::new(),
        };
        self.changed(&mut inner);
        self.logged(&mut inner, said)
    }

    /// A refusal of the disk is told to people; the hall goes on with what it knows.
    fn logged(&self, inner: &mut Inner, said: Result<Vec<FromDevice>, SpoolError>) -> Vec<FromDevice> {
        said.unwrap_or_else(|error| {
            tracing::error!(%error, "the keeper's journal refused");
            inner.trouble = Some(KeeperTrouble::DiskFull);
            Vec::new()
        })
    }

    fn connected(&self, inner: &mut Inner, config: &DeviceConfig) -> Result<Vec<FromDevice>, SpoolError> {
        inner.slow_ms = 0;
        let off_ms = (self.0.machine_ms)() - config.now_ms;
        let clock_wrong = off_ms.abs() > CLOCK_MS_MAX;
        // That the disk is full is no matter of the line: it ends when the disk takes something.
        if inner.trouble != Some(KeeperTrouble::DiskFull) {
            inner.trouble = clock_wrong.then_some(KeeperTrouble::ClockWrong);
        }
        if !inner.office.device_id.is_empty() && inner.office.device_id != config.device_id {
            self.become_another(inner)?;
        }
        (inner.online, inner.is_beside, inner.in_step, inner.told, inner.sent) = (true, false, false, None, inner.taken);
        inner.office.device_id.clone_from(&config.device_id);
        inner.office.site_id.clone_from(&config.site_id);
        inner.keep_office()?;
        let (public_key, newest) = (inner.journal.public_key(), inner.journal.newest());
        let took_over = inner.office.took_over.map(|after_term| FromKeeper::TookOver { after_term });
        let lost = inner.journal.known(LOST)?.unwrap_or(false);
        let ready = FromKeeper::Ready { public_key, address: self.0.address.clone(), newest, lost };
        let clocks = self.clocks(inner, config.now_ms)?;
        Ok(took_over.into_iter().chain([ready]).chain(clocks).map(FromDevice::Keeper).collect())
    }

    /// Where the hall's clock was off since this program started, that is written down and told, with what of the kind was
    /// not taken yet. The server's time counts from here on.
    fn clocks(&self, inner: &mut Inner, server_ms: Millis) -> Result<Vec<FromKeeper>, SpoolError> {
        let slow_ms = server_ms - self.now_ms();
        let (from, newest) = (inner.clock_from, inner.journal.newest());
        let is_unsent = newest >= from && newest > inner.taken && inner.journal.unsent()? > 0;
        if slow_ms.abs() > CLOCK_MS_MAX && is_unsent {
            let (term, series) = (inner.office.term, inner.office.series.clone());
            let text = ClockText { term, series, at: server_ms, from, slow_ms };
            inner.journal.append(&serde_json::to_string(&text)?, None)?;
            tracing::warn!(slow_ms, from, "the hall's clock was wrong since the start");
        }
        inner.clock_from = inner.journal.newest() + 1;
        let mut told = Vec::new();
        let mut after = inner.taken;
        loop {
            let entries = inner.journal.entries_after(after, ENTRIES_AT_ONCE)?;
            let Some(last) = entries.last() else { return Ok(told) };
            after = last.number;
            told.extend(
                entries.into_iter().filter(|entry| ClockText::read(&entry.text).is_some()).map(|entry| FromKeeper::Clock(Box::new(entry))),
            );
        }
    }

    /// The machine was paired anew: what the device before did not hand over is put aside for a person, and nothing of it
    /// goes on under the new name.
    fn become_another(&self, inner: &mut Inner) -> Result<(), SpoolError> {
        tracing::warn!(before = inner.office.device_id, "this machine is another device now; its journal begins anew");
        inner.journal.leave_behind(&inner.office.device_id)?;
        self.stop(inner, self.steady_ms());
        (inner.office, inner.house, inner.hall) = (Office::default(), House::default(), None);
        (inner.taken, inner.sent, inner.hall_missed) = (0, 0, false);
        inner.ended.clear();
        inner.calls = Calls::default();
        inner.answers.clear();
        inner.bookings.clear();
        inner.checked_in.clear();
        Ok(())
    }

    fn hear(&self, inner: &mut Inner, told: &ToKeeper, now: Millis) -> Result<Vec<FromDevice>, SpoolError> {
        match told {
            ToKeeper::Appointed { term, series, taken } => {
                inner.found()?;
                self.behind(inner, *taken)?;
                if inner.office.term != *term {
                    // The hall was given to the service meanwhile: what is here is not the hall any more.
                    self.close_term(inner, now);
                }
                (inner.office.term, inner.office.is_keeper, inner.office.took_over) = (*term, true, None);
                inner.office.series.clone_from(series);
                inner.keep_office()?;
                self.hand_over(inner, now)
            }
            ToKeeper::NotAppointed { taken } => {
                inner.found()?;
                self.behind(inner, *taken)?;
                self.close_term(inner, now);
                (inner.office.is_keeper, inner.office.took_over) = (false, None);
                inner.keep_office()?;
                self.hand_over(inner, now)
            }
            ToKeeper::Standby { term, series } => {
                inner.office.term = *term;
                inner.office.series.clone_from(series);
                inner.keep_office().map(|()| Vec::new())
            }
            ToKeeper::Beat { term, beat } => {
                let may_answer = inner.office.is_keeper && inner.office.term == *term && inner.in_step && inner.journal.unsent()? == 0;
                let answers = may_answer && inner.lease.answers(now);
                Ok(answers.then_some(FromDevice::Keeper(FromKeeper::Beaten { term: *term, beat: *beat })).into_iter().collect())
            }
            ToKeeper::House(house) => {
                inner.house = (**house).clone();
                inner.journal.keep(HOUSE, house).map(|()| Vec::new())
            }
            ToKeeper::Bookings(bookings) => {
                inner.bookings.clone_from(bookings);
                inner.journal.keep(BOOKINGS, bookings).map(|()| Vec::new())
            }
            ToKeeper::Hall(_) | ToKeeper::Events { .. } if !inner.may_follow() => Ok(Vec::new()),
            ToKeeper::Hall(snapshot) => {
                if !inner.lease.is_deciding() && inner.journal.unsent()? == 0 {
                    inner.begin((**snapshot).clone())?;
                    inner.in_step = true;
                } else {
                    inner.hall_missed = true;
                }
                Ok(Vec::new())
            }
            ToKeeper::Events { from_version, events } => {
                if inner.lease.is_deciding() || !inner.in_step {
                    return Ok(Vec::new());
                }
                if inner.hall.as_ref().map(domain::hall::Hall::version) != Some(*from_version) {
                    inner.in_step = false;
                    return Ok(vec![FromDevice::Keeper(FromKeeper::Resync)]);
                }
                inner.journal.follow(*from_version, events)?;
                events.iter().for_each(|event| inner.take_in(event));
                if events.iter().any(|event| matches!(event.fact, Fact::DayOpened { .. })) {
                    inner.begin_day()?;
                }
                Ok(Vec::new())
            }
            ToKeeper::Taken { through } => {
                inner.journal.taken(*through)?;
                if *through > inner.taken {
                    (inner.taken, inner.sent_at) = (*through, now);
                } else if now - inner.sent_at > MISSING_MS && inner.taken >= inner.office.begins_behind {
                    // One on the way is missing; those behind it are of no use there.
                    inner.sent = inner.taken;
                }
                self.send_more(inner, now)
            }
        }
    }

    /// The server has everything up to a number, also where this journal was lost.
    fn behind(&self, inner: &mut Inner, taken: u64) -> Result<(), SpoolError> {
        inner.journal.go_on_behind(taken)?;
        inner.journal.taken(taken)?;
        (inner.taken, inner.sent) = (taken, taken);
        Ok(())
    }

    /// The term is over: nothing more is decided in it, and what was is handed over as a whole.
    fn close_term(&self, inner: &mut Inner, now: Millis) {
        self.stop(inner, now);
        inner.office.begins_behind = inner.journal.newest();
    }

    /// Says up to where the journal is of terms that are over, and begins to hand over. A device that is not in office
    /// says so also when it has nothing left: then what was left to it is everybody's again.
    fn hand_over(&self, inner: &mut Inner, now: Millis) -> Result<Vec<FromDevice>, SpoolError> {
        let newest = inner.office.begins_behind;
        let is_said = newest > inner.taken || !inner.office.is_keeper;
        let closed = is_said.then_some(FromDevice::Keeper(FromKeeper::Closed { newest: newest.max(inner.taken) }));
        let mut said: Vec<FromDevice> = closed.into_iter().collect();
        said.extend(self.send_more(inner, now)?);
        Ok(said)
    }

    fn stop(&self, inner: &mut Inner, now: Millis) {
        if inner.lease.is_deciding() {
            inner.lease.hand_back(now);
        }
        inner.office.is_deciding = false;
    }

    /// The next entries; when all are taken, the hall goes back to the service.
    fn send_more(&self, inner: &mut Inner, now: Millis) -> Result<Vec<FromDevice>, SpoolError> {
        if !inner.online {
            return Ok(Vec::new());
        }
        if inner.journal.unsent()? == 0 {
            return self.hand_back(inner, now);
        }
        // What is taken as a whole is answered only when all of it is there.
        let is_whole = inner.taken < inner.office.begins_behind;
        if now - inner.sent_at > if is_whole { WHOLE_AGAIN_MS } else { AGAIN_MS } {
            inner.sent = inner.taken;
        }
        let room = if is_whole { AT_ONCE_MAX } else { UNDER_WAY_MAX.saturating_sub(inner.sent.saturating_sub(inner.taken)) };
        if room == 0 {
            return Ok(Vec::new());
        }
        let entries = inner.journal.entries_after(inner.sent, u32::try_from(room).unwrap_or(1))?;
        if let Some(last) = entries.last() {
            (inner.sent, inner.sent_at) = (last.number, now);
        }
        Ok(entries.into_iter().map(|entry| FromDevice::Keeper(FromKeeper::Entry(Box::new(entry)))).collect())
    }

    /// Stops deciding, first on the disk; the service decides once a beat was answered after the hall was told
    /// anew. Slips that no printer has printed are asked for there, marked 补打, until that was answered.
    fn hand_back(&self, inner: &mut Inner, now: Millis) -> Result<Vec<FromDevice>, SpoolError> {
        let was_deciding = inner.lease.is_deciding();
        if was_deciding {
            inner.office.is_deciding = false;
            inner.keep_office()?;
            self.stop(inner, now);
            tracing::info!("the hall goes back to the service");
        }
        let mut said = Vec::new();
        if was_deciding || inner.hall_missed {
            inner.hall_missed = false;
            said.extend(inner.reprints(now)?);
            said.push(FromDevice::Keeper(FromKeeper::Resync));
        }
        Ok(said)
    }

    /// What time brings; called a few times a second.
    pub fn tick(&self) -> Vec<FromDevice> {
        let (now, wall) = (self.steady_ms(), self.now_ms());
        let mut inner = self.inner();
        let was = inner.decides();
        let mut said = Vec::new();
        self.try_the_disk(&mut inner, now);
        if !was && inner.office.is_keeper && inner.hall.is_some() && inner.lease.is_free(now) {
            let taken_over = self.take_over(&mut inner, now, wall);
            said.extend(self.logged(&mut inner, taken_over));
        }
        let is_due = inner.decides() && inner.hall.as_ref().is_some_and(|hall| hall.next_due() <= wall);
        if is_due {
            // A hall whose timer is refused by the disk is tried again with the next tick.
            let _ = self.decided(&mut inner, &Who::Machine, &Command::Tick, None, Beside::default(), wall);
        }
        if inner.decides() || inner.journal.unsent().is_ok_and(|unsent| unsent > 0) {
            let more = self.send_more(&mut inner, now);
            said.extend(self.logged(&mut inner, more));
        }
        // Only when everything is taken: before that the service does not know the numbers.
        let is_asked = inner.online && !inner.decides() && inner.reprints_at.is_some_and(|at| now - at > REPRINT_MS);
        if is_asked && inner.journal.unsent().is_ok_and(|unsent| unsent == 0) {
            let again = inner.reprints(now);
            said.extend(self.logged(&mut inner, again));
        }
        // Another keeper is told too: it lets go whoever decides itself, so that the server is tried again.
        if inner.online || inner.is_beside {
            let unsent = inner.journal.unsent().unwrap_or(0);
            let told = (inner.decides(), unsent, inner.trouble());
            if inner.told != Some(told) {
                inner.told = Some(told);
                said.push(FromDevice::Keeper(FromKeeper::State { is_deciding: told.0, unsent: told.1, trouble: told.2 }));
            }
        }
        if was != inner.decides() || is_due {
            self.changed(&mut inner);
        }
        said
    }

    /// A full disk is tried again from time to time, so that nobody need do more than make room.
    fn try_the_disk(&self, inner: &mut Inner, now: Millis) {
        if inner.trouble != Some(KeeperTrouble::DiskFull) || now - inner.tried_at < DISK_MS {
            return;
        }
        inner.tried_at = now;
        if inner.keep_office().and_then(|()| inner.journal.try_the_disk()).is_ok() {
            inner.trouble = None;
            self.changed(inner);
        }
    }

    fn take_over(&self, inner: &mut Inner, now: Millis, wall: Millis) -> Result<Vec<FromDevice>, SpoolError> {
        if inner.journal.unsent()? > 0 && inner.online {
            // What an earlier term left is handed over first.
            return Ok(Vec::new());
        }
        inner.office.is_deciding = true;
        inner.printers.clear();
        if let Err(error) = inner.keep_office() {
            inner.office.is_deciding = false;
            return Err(error);
        }
        if inner.lease.take_over(now) {
            if inner.is_clock_odd(wall) {
                inner.trouble = Some(KeeperTrouble::ClockWrong);
            }
            tracing::warn!(after_ms = LEASE_MS + MARGIN_MS, "the line is cut: the hall is kept here");
        }
        Ok(Vec::new())
    }
}

impl Inner {
    /// Whether the clock by which this program started cannot be right: behind what happened in the hall, or ahead of it by
    /// more than a hall stands still.
    pub(super) fn is_clock_odd(&self, wall: Millis) -> bool {
        let recorded = self.hall.as_ref().map_or(wall, |hall| hall.doc().recorded_at);
        self.slow_ms > CLOCK_MS_MAX || wall > recorded + STALE_MS
    }

    /// Asks the service for the slips that no printer has printed, marked 补打; said again until it answered for each.
    fn reprints(&mut self, now: Millis) -> Result<Vec<FromDevice>, SpoolError> {
        let unprinted = self.journal.unprinted()?;
        self.reprints_at = (!unprinted.is_empty()).then_some(now);
        let reprint = |print: Print| {
            let command = DeviceCommand::ReprintTicket { ticket_id: print.ticket_id };
            FromDevice::Command { key: print.job_id, command }
        };
        Ok(unprinted.into_iter().map(reprint).collect())
    }
}

impl Who {
    /// Who asks, for the rules.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Machine | Self::Kiosk | Self::OtherKiosk(_) => Actor::machine(),
            Self::Staff { id, supervises: true } => Actor::supervisor(id.clone()),
            Self::Staff { id, supervises: false } => Actor::staff(id.clone()),
        }
    }
}
