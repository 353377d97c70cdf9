//! A second, simpler telling of the rules, written from DOMAIN §5 and not from the code: flat fields,
//! materials as numbers, persons as a short list.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Who acts in the histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    DeskOne,
    DeskTwo,
    /// Clerk and approver in one person.
    Both,
    ChiefOne,
    ChiefTwo,
    /// Approver whose basis has ended.
    Expired,
    /// Approver of another department.
    Stranger,
    Leader,
    Issuer,
    Supervisor,
    /// Clerk of another site.
    Elsewhere,
    Auditor,
    Timer,
}

impl Who {
    pub(super) const ALL: [Self; 13] = [
        Self::DeskOne,
        Self::DeskTwo,
        Self::Both,
        Self::ChiefOne,
        Self::ChiefTwo,
        Self::Expired,
        Self::Stranger,
        Self::Leader,
        Self::Issuer,
        Self::Supervisor,
        Self::Elsewhere,
        Self::Auditor,
        Self::Timer,
    ];

    pub(super) fn actor(self) -> Actor {
        let approving = |name: &str, bases| Actor::Staff(Staff { bases, ..approver_staff(name) });
        match self {
            Self::DeskOne => clerk("one"),
            Self::DeskTwo => Actor::Staff(staff("two", &[Role::Clerk])),
            Self::Both => Actor::Staff(Staff { roles: vec![Role::Clerk, Role::Approver], ..approver_staff("both") }),
            Self::ChiefOne => approver("chief1"),
            Self::ChiefTwo => approver("chief2"),
            Self::Expired => approving("expired", vec![basis("civil", "2025-01-01", Some("2026-01-31"))]),
            Self::Stranger => approving("stranger", vec![basis("tax", "2025-01-01", None)]),
            Self::Leader => holder_of(Role::Leader),
            Self::Issuer => holder_of(Role::Issuer),
            Self::Supervisor => holder_of(Role::Supervisor),
            Self::Elsewhere => {
                Actor::Staff(Staff { site: site("demo-sumu"), subtree: vec![site("demo-sumu")], ..staff("far", &[Role::Clerk]) })
            }
            Self::Auditor => holder_of(Role::Auditor),
            Self::Timer => Actor::System,
        }
    }

    fn at_desk(self) -> bool {
        [Self::DeskOne, Self::DeskTwo, Self::Both].contains(&self)
    }

    fn in_department(self) -> bool {
        [Self::ChiefOne, Self::ChiefTwo, Self::Both].contains(&self)
    }
}

#[derive(Debug, Clone)]
struct Paper {
    upload: &'static str,
    place: &'static str,
    slot: String,
    told: bool,
}

/// What the model remembers of a case.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) stage: &'static str,
    pub(super) reported: u8,
    instant: bool,
    with_certificate: bool,
    there: BTreeSet<u8>,
    owed: BTreeMap<u8, NaiveDate>,
    demanded: BTreeSet<String>,
    leave: bool,
    proposer: Option<Who>,
    refusal_code: u8,
    holder: Option<Who>,
    returned: bool,
    extension: Option<(Who, bool)>,
    /// Whether it is part of a bundle.
    pub(super) joint: bool,
    joint_extension: Option<(Who, bool)>,
    was_accepted: bool,
    supplied: bool,
    files: u32,
    /// Whether a consent stands, what was taken over by it, and what counts as taken over.
    consent: bool,
    taken: BTreeSet<u8>,
    marked: BTreeSet<u8>,
    new_term: bool,
    waiting_from: Millis,
    correcting_from: Millis,
    reminded: Option<Millis>,
    verdict: u8,
    paper: Option<Paper>,
}

fn number(material: &MaterialId) -> u8 {
    material.as_str().bytes().last().map_or(0, |digit| digit - b'0')
}

fn demand(item: &CorrectionItem) -> String {
    item.material.as_ref().map_or_else(|| item.text.to_string(), MaterialId::to_string)
}

fn present(entries: &[MaterialEntry]) -> BTreeSet<u8> {
    use SubmissionStatus::{Collected, Reused, Verified};
    entries.iter().filter(|entry| [Collected, Verified, Reused].contains(&entry.status)).map(|entry| number(&entry.material)).collect()
}

fn marked(entries: &[MaterialEntry]) -> BTreeSet<u8> {
    let reused = entries.iter().filter(|entry| entry.status == SubmissionStatus::Reused);
    reused.map(|entry| number(&entry.material)).collect()
}

impl Model {
    pub(super) fn received(instant: bool, with_certificate: bool, entries: &[MaterialEntry], now: Millis) -> Self {
        Self {
            stage: "received",
            reported: 1,
            instant,
            with_certificate,
            there: present(entries),
            owed: BTreeMap::new(),
            demanded: BTreeSet::new(),
            leave: false,
            proposer: None,
            refusal_code: 0,
            holder: None,
            returned: false,
            extension: None,
            joint: false,
            joint_extension: None,
            was_accepted: false,
            supplied: false,
            files: 0,
            consent: false,
            taken: BTreeSet::new(),
            marked: marked(entries),
            new_term: false,
            waiting_from: now,
            correcting_from: 0,
            reminded: None,
            verdict: 0,
            paper: None,
        }
    }

    /// The date from which silence has accepted, in the simple calendar of the histories.
    pub(super) fn deemed_due(&self) -> Option<NaiveDate> {
        ["received", "refusal_proposed"].contains(&self.stage).then(|| local_date(self.waiting_from) + Days::new(7))
    }

    fn go(&mut self, stage: &'static str, reported: u8) -> bool {
        (self.stage, self.reported) = (stage, reported);
        true
    }

    fn accept(&mut self) -> bool {
        self.was_accepted = true;
        self.go("accepted", 3)
    }

    fn lacks(&self) -> Vec<u8> {
        [1, 2].into_iter().filter(|material| !self.there.contains(material)).collect()
    }

    fn before_decision(&self) -> bool {
        ["received", "correcting", "refusal_proposed", "accepted", "in_review", "suspended"].contains(&self.stage)
    }

    /// Takes the command, or tells by `false` that it is refused. An accepted repetition changes nothing.
    pub(super) fn take(&mut self, who: Who, command: &Command, now: Millis) -> bool {
        let stage = self.stage;
        match command {
            Command::Update { materials, .. } => {
                let fits = who.at_desk() && stage == "received";
                if let (true, Some(entries)) = (fits, materials) {
                    self.there = present(entries);
                    self.marked = marked(entries);
                }
                fits
            }
            Command::Submit { .. } => who.at_desk() && stage == "received",
            Command::Accept => who.at_desk() && stage == "received" && self.lacks().is_empty() && self.accept(),
            Command::AcceptTolerant { promised } => self.accept_tolerant(who, promised, now),
            Command::RequestCorrection { items, .. } => self.demand(who, items, now),
            Command::RecordCorrectionException { .. } => {
                let fits =
                    who == Who::Supervisor && ["received", "correcting"].contains(&stage) && !self.demanded.is_empty() && !self.leave;
                self.leave |= fits;
                fits
            }
            Command::Supply { materials } => self.supply(who, materials, now),
            Command::ConsentReuse { .. } | Command::Reuse { .. } | Command::WithdrawReuse { .. } => self.reuse(who, command, now),
            Command::NewTerm { due, .. } => self.extend_promise(who, *due, now),
            Command::Attach { attachment } => {
                let before = ["received", "correcting", "accepted", "in_review", "suspended"].contains(&stage);
                let promised = stage == "decided" && self.verdict == 12 && !self.owed.is_empty();
                let fits = who.at_desk() && attachment.size_bytes > 0 && (before || promised);
                self.files += u32::from(fits);
                fits
            }
            Command::RemoveAttachment { .. } => {
                let fits = who.at_desk() && stage == "received" && self.files > 0;
                if fits {
                    // The sample names the first, and all of them have one name.
                    self.files = 0;
                }
                fits
            }
            Command::RemindCorrection => {
                let fits =
                    who == Who::Timer && stage == "correcting" && self.reminded.is_none() && now - self.correcting_from >= 20 * 86_400_000;
                if fits {
                    self.reminded = Some(now);
                }
                fits
            }
            Command::Lapse => {
                let is_over = now - self.correcting_from >= 30 * 86_400_000 && self.reminded.is_some_and(|at| now - at >= 10 * 86_400_000);
                who == Who::Timer && stage == "correcting" && is_over && self.go("closed", 2)
            }
            Command::ProposeRefusal { reason, .. } => {
                let fits = who.at_desk() && stage == "received";
                if fits {
                    self.proposer = Some(who);
                    self.refusal_code = if *reason == RefusalReason::NotRequired { 4 } else { 5 };
                    self.stage = "refusal_proposed";
                }
                fits
            }
            Command::ConfirmRefusal { .. } => {
                let code = self.refusal_code;
                self.answers_proposal(who) && self.go("closed", code)
            }
            Command::OverturnRefusal { .. } => self.answers_proposal(who) && self.accept(),
            Command::DeemAccepted => {
                let is_due = self.deemed_due().is_some_and(|due| local_date(now) >= due);
                who == Who::Timer && is_due && self.accept()
            }
            Command::DecideInstant { .. } => {
                let is_ready = stage == "accepted" || (stage == "received" && self.lacks().is_empty());
                who == Who::DeskOne && self.instant && is_ready && self.approve()
            }
            Command::Withdraw { .. } => {
                let code = if self.was_accepted { 14 } else { 2 };
                who.at_desk() && self.before_decision() && self.go("closed", code)
            }
            Command::ExtendJoint { days, .. } => {
                let holds = stage == "in_review" && who.in_department() && self.holder == Some(who);
                let fits = holds && self.joint && self.joint_extension.is_none() && *days <= 15;
                if fits {
                    self.joint_extension = Some((who, false));
                }
                fits
            }
            Command::ApproveJointExtension { .. } => {
                let open = ["in_review", "suspended", "decided"].contains(&stage) && who == Who::Leader;
                let fits = open && self.joint_extension.is_some_and(|(_, is_given)| !is_given);
                if fits {
                    self.joint_extension = self.joint_extension.map(|(asker, _)| (asker, true));
                }
                fits
            }
            _ if ["accepted", "in_review", "suspended"].contains(&stage) => self.review(who, command),
            _ => self.paperwork(who, command),
        }
    }

    fn answers_proposal(&self, who: Who) -> bool {
        self.stage == "refusal_proposed" && who.in_department() && self.proposer != Some(who)
    }

    fn accept_tolerant(&mut self, who: Who, promised: &[PromisedMaterial], now: Millis) -> bool {
        let lacks = self.lacks();
        let numbers: BTreeSet<u8> = promised.iter().map(|promise| number(&promise.material)).collect();
        let today = local_date(now);
        let dates_fit = promised.iter().all(|promise| promise.due >= today && promise.due <= today + Days::new(14));
        let fits = who.at_desk()
            && self.stage == "received"
            && lacks == [2]
            && numbers.contains(&2)
            && !numbers.contains(&1)
            && numbers.is_disjoint(&self.there)
            && dates_fit;
        if fits {
            self.owed = promised.iter().map(|promise| (number(&promise.material), promise.due)).collect();
            self.accept();
        }
        fits
    }

    fn demand(&mut self, who: Who, items: &[CorrectionItem], now: Millis) -> bool {
        let wanted: BTreeSet<String> = items.iter().map(demand).collect();
        let goes_beyond = !self.demanded.is_empty() && !wanted.is_subset(&self.demanded);
        let fits = who.at_desk() && self.stage == "received" && !items.is_empty() && (!goes_beyond || self.leave);
        if fits {
            self.leave &= !goes_beyond;
            self.demanded.extend(wanted);
            (self.correcting_from, self.reminded) = (now, None);
            self.go("correcting", 6);
        }
        fits
    }

    fn supply(&mut self, who: Who, entries: &[MaterialEntry], now: Millis) -> bool {
        let numbers = present(entries);
        let fulfils = !numbers.is_empty() && numbers.iter().all(|material| self.owed.contains_key(material));
        let fits = match self.stage {
            "correcting" => true,
            "accepted" => self.returned || fulfils,
            "in_review" | "suspended" => fulfils,
            "decided" => self.verdict == 12 && fulfils,
            _ => false,
        };
        let fits = fits && who.at_desk() && numbers.len() == entries.len();
        if fits {
            self.owed.retain(|material, _| !numbers.contains(material));
            self.marked.retain(|material| !numbers.contains(material));
            self.marked.extend(marked(entries));
            self.there.extend(numbers);
            self.returned = false;
            if self.stage == "correcting" {
                (self.waiting_from, self.supplied) = (now, true);
                self.go("received", 7);
            }
        }
        fits
    }

    fn reuse(&mut self, who: Who, command: &Command, now: Millis) -> bool {
        let at_receipt = who.at_desk() && self.stage == "received";
        match command {
            Command::ConsentReuse { .. } => {
                let fits = at_receipt && !self.consent;
                if fits {
                    self.consent = true;
                    self.taken.clear();
                }
                fits
            }
            Command::Reuse { materials, form, .. } => {
                let numbers: BTreeSet<u8> = materials.iter().map(|one| number(&one.material)).collect();
                let is_young = materials.iter().all(|one| (local_date(now) - local_date(one.handed_in_at)).num_days() <= 365);
                let sound = numbers.len() == materials.len() && numbers.is_disjoint(&self.there) && is_young;
                let fits = at_receipt && self.consent && sound && (!numbers.is_empty() || form.is_some());
                if fits {
                    self.there.extend(&numbers);
                    self.marked.extend(&numbers);
                    self.taken.extend(&numbers);
                }
                fits
            }
            _ => {
                let open = ["received", "correcting", "refusal_proposed", "accepted", "in_review", "suspended", "decided"];
                let fits = who.at_desk() && self.consent && open.contains(&self.stage);
                self.consent &= !fits;
                if fits && !self.was_accepted {
                    for material in std::mem::take(&mut self.taken) {
                        if self.marked.remove(&material) {
                            self.there.remove(&material);
                        }
                    }
                }
                fits
            }
        }
    }

    fn extend_promise(&mut self, who: Who, due: NaiveDate, now: Millis) -> bool {
        let today = local_date(now);
        let is_theirs = match self.stage {
            "in_review" | "suspended" => who.in_department() && self.holder == Some(who),
            "decided" => who.in_department() && self.verdict == 12,
            _ => false,
        };
        let is_missed = self.owed.values().any(|promised| *promised < today);
        let fits = is_theirs && is_missed && !self.new_term && due >= today && due <= today + Days::new(14);
        if fits {
            self.new_term = true;
            self.owed.values_mut().filter(|promised| **promised < today).for_each(|promised| *promised = due);
        }
        fits
    }

    fn approve(&mut self) -> bool {
        self.verdict = if self.owed.is_empty() { 11 } else { 12 };
        self.was_accepted = true;
        let verdict = self.verdict;
        self.go("decided", verdict)
    }

    fn review(&mut self, who: Who, command: &Command) -> bool {
        let holds = who.in_department() && self.holder == Some(who);
        match (self.stage, command) {
            ("accepted", Command::Claim) if who.in_department() => {
                (self.holder, self.returned) = (Some(who), false);
                self.go("in_review", 8)
            }
            ("in_review", Command::Release) if holds => self.go("accepted", 3),
            ("in_review", Command::ReturnToDesk { .. }) if holds => {
                self.returned = true;
                self.go("accepted", 3)
            }
            ("in_review", Command::Delegate { to }) if holds => {
                let eligible = Who::ALL.into_iter().find(|other| other.in_department() && other.actor().staff_id() == Some(&to.id));
                let new_holder = eligible.filter(|other| *other != who);
                self.holder = new_holder.or(self.holder);
                new_holder.is_some()
            }
            ("in_review", Command::Suspend { .. }) if holds => self.go("suspended", 9),
            ("suspended", Command::Resume) if holds => self.go("in_review", 10),
            ("in_review", Command::Extend { days, .. }) if holds && self.extension.is_none() && *days <= 10 => {
                self.extension = Some((who, false));
                true
            }
            ("in_review", Command::ApproveExtension { .. }) if who == Who::Leader => match &mut self.extension {
                Some((_, given @ false)) => {
                    *given = true;
                    true
                }
                _ => false,
            },
            ("in_review", Command::Approve { .. }) if holds => self.approve(),
            ("in_review", Command::Deny { .. }) if holds => {
                self.verdict = 13;
                self.go("decided", 13)
            }
            _ => false,
        }
    }

    fn paperwork(&mut self, who: Who, command: &Command) -> bool {
        if let Command::Revoke { .. } = command {
            return self.stage == "decided" && who.in_department() && self.go("closed", 15);
        }
        let verdict = self.verdict;
        let may_make = self.stage == "decided" && self.paper.is_none() && (who == Who::Issuer || who.in_department());
        let is_approved = [11, 12].contains(&verdict);
        let held = verdict == 12 && !self.owed.is_empty();
        let paper = |upload| Some(Paper { upload, place: "made", slot: String::new(), told: false });
        match command {
            Command::MakeCertificate { .. } if may_make && is_approved && self.with_certificate && !held => {
                self.paper = paper("pending");
                true
            }
            Command::MakeDecisionNotice { .. } if may_make && !(is_approved && self.with_certificate) && !held => {
                self.paper = paper("not_required");
                true
            }
            Command::Deliver { .. } => {
                let hands = who == Who::Issuer || who.at_desk();
                let fits = hands && self.stage == "decided" && self.paper.is_none() && !(is_approved && self.with_certificate) && !held;
                if fits {
                    self.paper = Some(Paper { upload: "not_required", place: "handed_over", slot: String::new(), told: false });
                    self.go("closed", verdict);
                }
                fits
            }
            _ => self.move_paper(who, command),
        }
    }

    fn move_paper(&mut self, who: Who, command: &Command) -> bool {
        let (stage, verdict) = (self.stage, self.verdict);
        let Some(paper) = &mut self.paper else { return false };
        let is_live = ["decided", "issued"].contains(&stage);
        let is_clear = ["not_required", "confirmed", "waived"].contains(&paper.upload);
        let at_pickup = who == Who::Issuer && is_live;
        let at_hand = ["made", "in_cabinet"].contains(&paper.place);
        match command {
            Command::ConfirmUpload { .. } if who == Who::Timer && ["pending", "failed", "waived"].contains(&paper.upload) => {
                paper.upload = "confirmed";
                is_live || stage == "closed"
            }
            Command::FailUpload { .. } if who == Who::Timer && stage == "decided" && paper.upload == "pending" => {
                paper.upload = "failed";
                true
            }
            Command::RetryUpload if stage == "decided" && paper.upload == "failed" => {
                let may = [Who::Issuer, Who::Supervisor].contains(&who) || who.in_department();
                paper.upload = if may { "pending" } else { "failed" };
                may
            }
            Command::WaiveUpload { .. }
                if who == Who::Supervisor && stage == "decided" && ["pending", "failed"].contains(&paper.upload) =>
            {
                paper.upload = "waived";
                true
            }
            Command::ReceiveCertificate { slot } if at_pickup && paper.place == "in_cabinet" => *slot == paper.slot,
            Command::ReceiveCertificate { slot } if at_pickup && ["made", "returned"].contains(&paper.place) => {
                (paper.place, paper.slot, paper.told) = ("in_cabinet", slot.clone(), false);
                true
            }
            Command::Notify { .. } if at_pickup && is_clear && paper.place == "in_cabinet" => {
                paper.told = true;
                true
            }
            Command::RemindPickup { .. } => who == Who::Timer && is_live && is_clear && paper.place == "in_cabinet" && paper.told,
            Command::HandOver { .. } if at_pickup && is_clear && at_hand => {
                paper.place = "handed_over";
                self.go("closed", verdict)
            }
            Command::Ship { .. } if at_pickup && is_clear && at_hand => {
                paper.place = "shipped";
                self.go("issued", verdict)
            }
            Command::ConfirmDelivery if at_pickup && paper.place == "shipped" => {
                paper.place = "delivered";
                self.go("closed", verdict)
            }
            Command::ReturnCertificate { .. } if who == Who::Issuer && ["in_cabinet", "shipped"].contains(&paper.place) => {
                paper.place = "returned";
                true
            }
            _ => false,
        }
    }
}
