//! Handing result documents on from one person to another (证照交接): the department's messenger brings them to the
//! pickup window, or one shift leaves them to the next. Where a document lies is its case's to say; this says who
//! answers for it from when on. Knows no names, no clock and no paper.

use serde::{Deserialize, Serialize};

use crate::case::Custody;
use crate::ids::{CaseId, CertificateId, CustodyRecordId, StaffId, TextId};

/// Documents of one record.
pub const ITEMS_MAX: usize = 200;

/// On which occasion documents are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// 部门送来: the department that made them, or its messenger, gives them to the pickup window.
    FromDepartment,
    /// 交接班: who kept the cabinet leaves it to a colleague.
    Shift,
}

impl Occasion {
    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::FromDepartment => "部门送来",
            Self::Shift => "交接班",
        }
    }

    /// Whether a document that lies there can be handed on so: what is not in the cabinet yet comes from the department,
    /// what is in it changes hands with the shift.
    #[must_use]
    pub fn takes(self, custody: Custody) -> bool {
        match self {
            Self::FromDepartment => matches!(custody, Custody::Made | Custody::InTransit | Custody::Returned),
            Self::Shift => custody == Custody::InCabinet,
        }
    }
}

/// Who gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Giver {
    /// Somebody with an account.
    Staff(StaffId),
    /// Somebody without one, whose name lies encrypted.
    Named(TextId),
}

/// A document of a record, as it stood in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedItem {
    /// The document.
    pub certificate: CertificateId,
    /// Its case.
    pub case: CaseId,
    /// Where it was.
    pub custody: Custody,
    /// Its slot, where it lay in the cabinet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
}

/// A record of documents that were handed on (证照交接单). Who takes them is who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOn {
    /// The record.
    pub record: CustodyRecordId,
    /// The occasion.
    pub occasion: Occasion,
    /// Who gave.
    pub giver: Giver,
    /// Who took.
    pub taker: StaffId,
    /// What.
    pub items: Vec<HandedItem>,
    /// What was said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<TextId>,
}

/// What is wrong in a record; places count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustodyFault {
    /// Nothing was named.
    Nothing,
    /// More than [`ITEMS_MAX`].
    TooMany,
    /// The document at this place was named before.
    Twice(usize),
    /// The document at this place lies where this occasion takes nothing.
    Elsewhere(usize, Custody),
    /// Who gives is who takes.
    OwnGiver,
}

impl HandedOn {
    /// Everything that is wrong in it; empty when both sides can sign.
    #[must_use]
    pub fn faults(&self) -> Vec<CustodyFault> {
        let mut faults = Vec::new();
        if self.items.is_empty() {
            faults.push(CustodyFault::Nothing);
        }
        if self.items.len() > ITEMS_MAX {
            faults.push(CustodyFault::TooMany);
        }
        for (place, item) in self.items.iter().enumerate() {
            if self.items[..place].iter().any(|earlier| earlier.certificate == item.certificate) {
                faults.push(CustodyFault::Twice(place));
            } else if !self.occasion.takes(item.custody) {
                faults.push(CustodyFault::Elsewhere(place, item.custody));
            }
        }
        if self.giver == Giver::Staff(self.taker.clone()) {
            faults.push(CustodyFault::OwnGiver);
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Custody; 7] = [
        Custody::Made,
        Custody::InTransit,
        Custody::InCabinet,
        Custody::HandedOver,
        Custody::Shipped,
        Custody::Delivered,
        Custody::Returned,
    ];

    fn item(name: &str, custody: Custody) -> HandedItem {
        HandedItem { certificate: CertificateId::new("dc", name), case: CaseId::new("dc", name), custody, slot: None }
    }

    fn record(occasion: Occasion, giver: Giver, items: Vec<HandedItem>) -> HandedOn {
        let (record, taker) = (CustodyRecordId::new("dc", "1"), StaffId::new("dc", "issuer"));
        HandedOn { record, occasion, giver, taker, items, note: None }
    }

    #[test]
    fn each_occasion_takes_what_lies_where_it_begins() {
        let of = |occasion: Occasion| ALL.into_iter().filter(|custody| occasion.takes(*custody)).collect::<Vec<_>>();
        assert_eq!(of(Occasion::FromDepartment), [Custody::Made, Custody::InTransit, Custody::Returned]);
        assert_eq!(of(Occasion::Shift), [Custody::InCabinet]);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let other = || Giver::Staff(StaffId::new("dc", "approver1"));
        let named = || Giver::Named(TextId::new("dc", "1"));
        let lies = |name: &str| item(name, Custody::InCabinet);
        let table: [(HandedOn, Vec<CustodyFault>); 6] = [
            (record(Occasion::Shift, other(), vec![lies("1"), lies("2")]), vec![]),
            (record(Occasion::FromDepartment, named(), vec![item("1", Custody::Made), item("2", Custody::Returned)]), vec![]),
            (record(Occasion::Shift, other(), vec![]), vec![CustodyFault::Nothing]),
            (
                record(Occasion::Shift, Giver::Staff(StaffId::new("dc", "issuer")), vec![lies("1"), lies("1"), item("2", Custody::Made)]),
                vec![CustodyFault::Twice(1), CustodyFault::Elsewhere(2, Custody::Made), CustodyFault::OwnGiver],
            ),
            (
                record(Occasion::FromDepartment, named(), vec![lies("1"), item("2", Custody::HandedOver)]),
                vec![CustodyFault::Elsewhere(0, Custody::InCabinet), CustodyFault::Elsewhere(1, Custody::HandedOver)],
            ),
            (record(Occasion::Shift, named(), (0..=ITEMS_MAX).map(|at| lies(&at.to_string())).collect()), vec![CustodyFault::TooMany]),
        ];
        for (record, faults) in table {
            assert_eq!(record.faults(), faults, "{record:?}");
        }
    }
}
