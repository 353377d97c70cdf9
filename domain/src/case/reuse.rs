//! 用以前交过的材料: what the applicant handed in with an earlier case counts for this one, and what was filled in then
//! is filled in again, where the applicant agrees to it for this very case. Knows no catalogue: which material is the
//! same as which is found out before.
//!
//! Architecture Invariant: nothing is taken over without a consent that stands, and a consent that is taken back before
//! the case is accepted takes back everything that rests on it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::command::{Command, Context};
use super::event::Change;
use super::facts::{Attachment, MaterialEntry, SubmissionStatus};
use super::permit::when;
use super::refusal::Refusal;
use super::state::Case;
use crate::ids::{AttachmentId, CaseId, MaterialId, StaffId, TextId};
use crate::time::{Millis, local_date};

/// How the applicant agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentWay {
    /// Said at the window, after the text was read out or shown.
    Oral,
    /// Signed on the pad.
    Signature,
    /// Ticked in the online application.
    Online,
}

impl ConsentWay {
    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Oral => "oral",
            Self::Signature => "signature",
            Self::Online => "online",
        }
    }
}

/// The applicant's consent, for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReuseConsent {
    /// When it was given, UTC ms.
    pub at: Millis,
    /// Who asked; `None` where it was ticked online.
    pub by: Option<StaffId>,
    /// How it was given.
    pub way: ConsentWay,
    /// Which version of the text was agreed to.
    pub text_version: u32,
    /// The signature, if one was taken.
    pub signature: Option<TextId>,
    /// When it was taken back, UTC ms.
    pub withdrawn_at: Option<Millis>,
}

/// A material that counts for this case as it was handed in with an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReusedMaterial {
    /// The material of this case.
    pub material: MaterialId,
    /// The earlier case.
    pub from_case: CaseId,
    /// Its number.
    pub from_number: String,
    /// What the earlier case calls it.
    pub from_material: MaterialId,
    /// When it was handed in then, UTC ms.
    pub handed_in_at: Millis,
    /// Its files in this case: the same contents under ids of their own.
    pub attachments: Vec<AttachmentId>,
}

/// Fields of the form that were filled in from an earlier case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefill {
    /// The earlier case.
    pub from_case: CaseId,
    /// Its number.
    pub from_number: String,
    /// The form of this case with those fields filled in.
    pub form: TextId,
    /// Their names, at least one.
    pub fields: Vec<String>,
}

/// What a case has of earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reuse {
    /// What it rests on.
    pub consent: ReuseConsent,
    /// Materials taken over.
    #[serde(default)]
    pub materials: Vec<ReusedMaterial>,
    /// Fields filled in, once they were.
    #[serde(default)]
    pub prefill: Option<Prefill>,
}

impl Case {
    /// The consent that stands, if one does.
    #[must_use]
    pub fn reuse_consent(&self) -> Option<&ReuseConsent> {
        self.reuse.as_ref().map(|reuse| &reuse.consent).filter(|consent| consent.withdrawn_at.is_none())
    }

    /// Whether state and facts allow an action about earlier cases.
    pub(super) fn reusable(&self, action: Action) -> Result<(), Refusal> {
        // What was not sent yet is its applicant's alone.
        when(!self.is_unsent(), Refusal::WrongState { action, state: self.state.name() })?;
        let stands = self.reuse_consent().is_some();
        match action {
            Action::ConsentReuse => when(!stands, Refusal::ConsentGiven),
            _ => when(stands, Refusal::ConsentMissing),
        }
    }

    /// What follows from a command about earlier cases.
    pub(super) fn reusing(&self, command: &Command) -> Vec<Change> {
        match command {
            Command::ConsentReuse { way, text_version, signature } => {
                vec![Change::ReuseConsented { way: *way, text_version: *text_version, signature: signature.clone() }]
            }
            Command::Reuse { materials, attachments, form } => {
                let taken = (!materials.is_empty())
                    .then(|| Change::MaterialsReused { materials: materials.clone(), attachments: attachments.clone() });
                let filled = form.as_ref().map(|prefill| Change::FormPrefilled { prefill: prefill.clone() });
                taken.into_iter().chain(filled).collect()
            }
            Command::WithdrawReuse { form } => vec![Change::ReuseConsentWithdrawn { form: form.clone() }],
            _ => Vec::new(),
        }
    }

    /// Takes in an event about earlier cases.
    pub(super) fn reused(&mut self, change: &Change, at: Millis, by: Option<&StaffId>) {
        match change {
            Change::ReuseConsented { way, text_version, signature } => {
                let consent = ReuseConsent {
                    at,
                    by: by.cloned(),
                    way: *way,
                    text_version: *text_version,
                    signature: signature.clone(),
                    withdrawn_at: None,
                };
                self.reuse = Some(Reuse { consent, materials: Vec::new(), prefill: None });
            }
            Change::MaterialsReused { materials, attachments } => {
                for one in materials {
                    self.put_material(MaterialEntry {
                        material: one.material.clone(),
                        status: SubmissionStatus::Reused,
                        originals: 0,
                        copies: 0,
                        due: None,
                    });
                }
                self.attachments.extend(attachments.iter().cloned());
                if let Some(reuse) = &mut self.reuse {
                    reuse.materials.retain(|known| materials.iter().all(|one| one.material != known.material));
                    reuse.materials.extend(materials.iter().cloned());
                }
            }
            Change::FormPrefilled { prefill } => {
                self.form = Some(prefill.form.clone());
                if let Some(reuse) = &mut self.reuse {
                    reuse.prefill = Some(prefill.clone());
                }
            }
            Change::ReuseConsentWithdrawn { form } => self.consent_withdrawn(form.as_ref(), at),
            _ => {}
        }
    }

    /// What an online application says of it: each time it is sent, it says it anew.
    pub(super) fn agreed_online(&mut self, text_version: Option<u32>, at: Millis) {
        match text_version {
            Some(text_version) if self.reuse_consent().is_none() => {
                self.reused(&Change::ReuseConsented { way: ConsentWay::Online, text_version, signature: None }, at, None);
            }
            None if self.reuse_consent().is_some_and(|consent| consent.way == ConsentWay::Online) => self.consent_withdrawn(None, at),
            _ => {}
        }
    }

    /// Before acceptance everything that rests on the consent goes; afterwards the case stands as it was accepted.
    fn consent_withdrawn(&mut self, form: Option<&TextId>, at: Millis) {
        let is_accepted = self.acceptance.is_some();
        let Some(reuse) = &mut self.reuse else { return };
        reuse.consent.withdrawn_at = Some(at);
        if is_accepted {
            return;
        }
        let taken = std::mem::take(&mut reuse.materials);
        reuse.prefill = None;
        let files: BTreeSet<&AttachmentId> = taken.iter().flat_map(|one| &one.attachments).collect();
        self.attachments.retain(|known| !files.contains(&known.id));
        for entry in &mut self.materials {
            let rests_on_it = taken.iter().any(|one| one.material == entry.material);
            // What was brought in meanwhile lies there whatever was agreed to.
            if rests_on_it && entry.status == SubmissionStatus::Reused {
                entry.status = SubmissionStatus::Missing;
            }
        }
        if form.is_some() {
            self.form = form.cloned();
        }
    }
}

/// The fields of a command that takes over; `attachments_max` bounds the files of a case.
pub(super) fn check(
    case: &Case,
    (materials, attachments, form): (&[ReusedMaterial], &[Attachment], Option<&Prefill>),
    context: &Context,
    attachments_max: usize,
) -> Result<(), Refusal> {
    let invalid = |field, code, message| Err(Refusal::Invalid { field, code, message });
    if materials.is_empty() && form.is_none_or(|prefill| prefill.fields.is_empty()) {
        return invalid("earlier", "required", "选要用的材料，或者用以前填过的信息。");
    }
    let mut seen = BTreeSet::new();
    for one in materials {
        if case.matter.requirement(&one.material).is_none() {
            return invalid("earlier", "unknown_material", "该事项没有这份材料。");
        }
        if !seen.insert(&one.material) {
            return invalid("earlier", "duplicate", "同一材料重复出现。");
        }
        if case.has_material(&one.material) {
            return invalid("earlier", "already_present", "这份材料已经有了，不用再用以前的。");
        }
        if one.from_case == case.id {
            return invalid("earlier", "same_case", "这份材料就是这一件的。");
        }
        if (local_date(context.now) - local_date(one.handed_in_at)).num_days() > i64::from(context.policy.reuse_days_max) {
            return invalid("earlier", "too_old", "这份材料交得太久了，请他重新交。");
        }
    }
    let files: BTreeSet<&AttachmentId> = materials.iter().flat_map(|one| &one.attachments).collect();
    if files.len() != attachments.len() || !attachments.iter().all(|one| files.contains(&one.id)) {
        return invalid("earlier", "files", "附件和材料对不上。");
    }
    if case.attachments.len() + attachments.len() > attachments_max {
        return invalid("earlier", "too_many_files", "一件最多 100 份附件，少选几份材料。");
    }
    Ok(())
}
