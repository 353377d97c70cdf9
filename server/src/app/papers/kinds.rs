//! Which papers there are (DOMAIN §7), and which of them a case has at the stage it stands at.

use domain::case::{AcceptanceMode, Case, Closure, DecisionOutcome, Extension, State};
use domain::time::Millis;

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
    /// Every paper, in the order in which a case comes by them.
    pub const ALL: [Self; 10] = [
        Self::Receipt,
        Self::Correction,
        Self::Acceptance,
        Self::TolerantAcceptance,
        Self::Refusal,
        Self::Transfer,
        Self::SpecialProcedure,
        Self::Extension,
        Self::Decision,
        Self::Delivery,
    ];

    /// The name in addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Acceptance => "acceptance",
            Self::TolerantAcceptance => "tolerant_acceptance",
            Self::Correction => "correction",
            Self::Refusal => "refusal",
            Self::SpecialProcedure => "special_procedure",
            Self::Extension => "extension",
            Self::Decision => "decision",
            Self::Delivery => "delivery",
            Self::Transfer => "transfer",
        }
    }

    /// The paper of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == text)
    }

    /// What stands above it. A decision about a permission (type 01) is called so by 行政许可法 Art. 38.
    #[must_use]
    pub fn title(self, case: &Case) -> &'static str {
        let is_permission = case.matter.matter_type == "01";
        let is_denied = case.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::Denied);
        match self {
            Self::Receipt => "材料接收凭证",
            Self::Acceptance => "受理通知书",
            Self::TolerantAcceptance => "容缺受理通知书",
            Self::Correction => "一次性告知书",
            Self::Refusal => "不予受理通知书",
            Self::SpecialProcedure => "特别程序告知书",
            Self::Extension => "延长办理期限告知书",
            Self::Decision => match (is_permission, is_denied) {
                (true, false) => "准予行政许可决定书",
                (true, true) => "不予行政许可决定书",
                (false, false) => "准予办理决定书",
                (false, true) => "不予办理决定书",
            },
            Self::Delivery => "送达回证",
            Self::Transfer => "物料流转单",
        }
    }

    /// Since when a case has this paper: the instant of the fact that it tells; `None` when it has none.
    #[must_use]
    pub fn since(self, case: &Case) -> Option<Millis> {
        let acceptance = case.acceptance.as_ref();
        match self {
            Self::Receipt => case.receipt_at,
            Self::Correction => case.notices.last().map(|notice| notice.at),
            Self::Acceptance => acceptance.filter(|acceptance| acceptance.mode != AcceptanceMode::Tolerant).map(|acceptance| acceptance.at),
            Self::TolerantAcceptance => {
                acceptance.filter(|acceptance| acceptance.mode == AcceptanceMode::Tolerant).map(|acceptance| acceptance.at)
            }
            Self::Refusal => match &case.state {
                State::Closed { since, closure: Closure::Refused { .. } } => Some(*since),
                _ => None,
            },
            Self::Transfer => acceptance.map(|acceptance| acceptance.at),
            Self::SpecialProcedure => case.suspensions.last().map(|suspension| suspension.from),
            Self::Extension => given(case).and_then(|(extension, _)| extension.approved_at),
            Self::Decision => case.decision.as_ref().map(|decision| decision.at),
            Self::Delivery => case.certificate.as_ref().map(|certificate| certificate.made_at),
        }
    }

    /// Whether the department speaks in it; in the others the centre does.
    #[must_use]
    pub fn is_of_department(self) -> bool {
        matches!(self, Self::Refusal | Self::SpecialProcedure | Self::Extension | Self::Decision)
    }
}

/// The extension that was given last, and whether it holds for all cases of a bundle.
pub(super) fn given(case: &Case) -> Option<(&Extension, bool)> {
    let both = [(case.extension.as_ref(), false), (case.joint_extension.as_ref(), true)];
    let given = both.into_iter().filter_map(|(extension, is_joint)| Some((extension?, is_joint)));
    given.filter(|(extension, _)| extension.approved_at.is_some()).max_by_key(|(extension, _)| extension.approved_at)
}
