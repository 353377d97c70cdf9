//! Which papers there are (DOMAIN §7), and which of them the events of a case have brought about: each is fixed by the
//! event that it tells, so that what somebody holds stays what it was.

use domain::case::{AcceptanceMode, Case, Change, DecisionOutcome, Event, Extension, MaterialEntry, SubmissionStatus};
use domain::papers::{self, PaperTemplate};

/// A paper that is printed, signed or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperKind {
    /// 材料接收凭证.
    Receipt,
    /// 受理通知书.
    Acceptance,
    /// 容缺受理通知书.
    TolerantAcceptance,
    /// 一次性告知书.
    Correction,
    /// 不予受理通知书.
    Refusal,
    /// 特别程序告知书.
    SpecialProcedure,
    /// 延长办理期限告知书.
    Extension,
    /// 准予、不予决定书.
    Decision,
    /// 送达回证.
    Delivery,
    /// 物料流转单.
    Transfer,
}

impl PaperKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Receipt,
        Self::Acceptance,
        Self::TolerantAcceptance,
        Self::Correction,
        Self::Refusal,
        Self::SpecialProcedure,
        Self::Extension,
        Self::Decision,
        Self::Delivery,
        Self::Transfer,
    ];

    /// What is worded in it, and who speaks.
    #[must_use]
    pub fn template(self) -> &'static PaperTemplate {
        match self {
            Self::Receipt => &papers::RECEIPT,
            Self::Acceptance => &papers::ACCEPTANCE,
            Self::TolerantAcceptance => &papers::TOLERANT_ACCEPTANCE,
            Self::Correction => &papers::CORRECTION,
            Self::Refusal => &papers::REFUSAL,
            Self::SpecialProcedure => &papers::SPECIAL_PROCEDURE,
            Self::Extension => &papers::EXTENSION,
            Self::Decision => &papers::DECISION,
            Self::Delivery => &papers::DELIVERY,
            Self::Transfer => &papers::TRANSFER,
        }
    }

    /// The name in addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.template().name
    }

    /// What stands above it. A decision about a permission (type 01) is called so by 行政许可法 Art. 38.
    #[must_use]
    pub fn title(self, case: &Case) -> &'static str {
        let is_permission = case.matter.matter_type == "01";
        let is_denied = case.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::Denied);
        match self {
            Self::Decision => match (is_permission, is_denied) {
                (true, false) => "准予行政许可决定书",
                (true, true) => "不予行政许可决定书",
                (false, false) => "准予办理决定书",
                (false, true) => "不予办理决定书",
            },
            _ => self.template().title,
        }
    }

    /// The papers that an event brings about, in the order in which they are handed over; `case` is as it is after it.
    fn of_change(change: &Change, case: &Case) -> &'static [Self] {
        match change {
            Change::CaseReceived => &[Self::Receipt],
            Change::CorrectionRequested { .. } => &[Self::Correction],
            Change::CaseAccepted { mode: AcceptanceMode::Tolerant, .. } => &[Self::TolerantAcceptance, Self::Transfer],
            Change::CaseAccepted { .. } => &[Self::Acceptance, Self::Transfer],
            Change::MaterialsSupplied { materials } if case.acceptance.is_some() && materials.iter().any(is_kept) => &[Self::Transfer],
            Change::CaseRefused { .. } => &[Self::Refusal],
            Change::CaseSuspended { .. } => &[Self::SpecialProcedure],
            Change::ExtensionApproved { .. } | Change::JointExtensionApproved { .. } => &[Self::Extension],
            Change::CaseDecided { .. } => &[Self::Decision],
            Change::CertificateMade { .. }
            | Change::DecisionNoticeMade { .. }
            | Change::CertificateHandedOver { .. }
            | Change::CertificateDelivered => &[Self::Delivery],
            _ => &[],
        }
    }
}

/// Whether a material was kept, and so has to be carried on.
fn is_kept(entry: &MaterialEntry) -> bool {
    entry.status == SubmissionStatus::Collected
}

/// A paper as it was issued. What stands on it was true at the event that it tells, and does not change afterwards.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    /// Which.
    pub(super) kind: PaperKind,
    /// The case as it was after that event; its version is the number of the event.
    pub(super) case: Case,
    /// The event.
    pub(super) event: Event,
}

impl Issued {
    /// The name in addresses: the kind, and the event of it.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.kind.code(), self.case.version)
    }

    /// Whether an address names it: by its own name, or by the kind alone.
    pub(super) fn is_named(&self, name: &str) -> bool {
        name == self.kind.code() || name == self.name()
    }

    /// The materials that go to the department with it: at acceptance all that were kept, later those of the supply.
    pub(super) fn is_carried(&self, entry: &MaterialEntry) -> bool {
        let is_of_supply = match &self.event.change {
            Change::MaterialsSupplied { materials } => materials.iter().any(|supplied| supplied.material == entry.material),
            _ => true,
        };
        is_of_supply && is_kept(entry)
    }

    /// The extension that it tells, and whether that holds for all cases of a bundle.
    pub(super) fn extension(&self) -> Option<(&Extension, bool)> {
        match &self.event.change {
            Change::ExtensionApproved { .. } => self.case.extension.as_ref().map(|extension| (extension, false)),
            Change::JointExtensionApproved { .. } => self.case.joint_extension.as_ref().map(|extension| (extension, true)),
            _ => None,
        }
    }
}

/// Every paper that a case's events have brought about, in their order.
pub(super) fn issued(events: &[Event]) -> Vec<Issued> {
    let mut papers: Vec<Issued> = Vec::new();
    let mut case: Option<Case> = None;
    for event in events {
        match &mut case {
            Some(case) => case.evolve(event),
            None => case = Case::from_opening(event),
        }
        let Some(case) = &case else { return papers };
        for kind in PaperKind::of_change(&event.change, case) {
            // Made and handed over in one step: there was no moment to print the one that waits for a signature.
            papers.retain(|known| *kind != PaperKind::Delivery || known.kind != *kind || !is_one_step(known, case, event));
            papers.push(Issued { kind: *kind, case: case.clone(), event: event.clone() });
        }
    }
    papers
}

fn is_one_step(before: &Issued, case: &Case, event: &Event) -> bool {
    before.event.at == event.at && before.case.version + 1 == case.version
}
