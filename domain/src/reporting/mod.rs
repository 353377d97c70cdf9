//! What the platform of the level above is told of cases and ratings (上报): which rows follow from an event, and
//! what stands in them. Field names, misspellings among them, are those of the national exchange tables (DOMAIN §10).
//! Knows no line, no queue and no store: who is meant and what was written comes as an argument.

mod compare;
mod rows;
mod words;

use serde::{Deserialize, Serialize};

use crate::case::{Case, Change};

pub use compare::{Difference, DifferenceKind, Known, compare};
pub use rows::{
    AcceptRow, EvaluationFacts, EvaluationRow, Ground, Head, LicenceRow, MaterialRow, Party, ProcessRow, ReportRow, ResultRow,
    SpecialProcedureRow, accept_row, evaluation_row, licence_row, material_row, process_row, result_row, special_procedure_row, stamp,
};
pub use words::{applicant_kind_code, id_type_code, state_label};

/// The states that are reported, 1 to 15 (DOMAIN §5).
pub const STATES: std::ops::RangeInclusive<u8> = 1..=15;

/// A table of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Table {
    /// 办件受理信息.
    #[serde(rename = "up_pro_accept")]
    Accept,
    /// 材料目录信息.
    #[serde(rename = "up_pro_material")]
    Material,
    /// 特别程序信息.
    #[serde(rename = "up_pro_special_procedure")]
    SpecialProcedure,
    /// 办件过程信息.
    #[serde(rename = "up_pro_process")]
    Process,
    /// 办件结果信息.
    #[serde(rename = "up_pro_result")]
    Result,
    /// 证照目录信息.
    #[serde(rename = "up_lic_data")]
    Licence,
    /// 好差评.
    #[serde(rename = "evaluation")]
    Evaluation,
}

impl Table {
    /// Every table, in the order in which rows of one event are told.
    pub const ALL: [Self; 7] =
        [Self::Accept, Self::Material, Self::SpecialProcedure, Self::Process, Self::Result, Self::Licence, Self::Evaluation];

    /// Its published name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "up_pro_accept",
            Self::Material => "up_pro_material",
            Self::SpecialProcedure => "up_pro_special_procedure",
            Self::Process => "up_pro_process",
            Self::Result => "up_pro_result",
            Self::Licence => "up_lic_data",
            Self::Evaluation => "evaluation",
        }
    }

    /// The table of a name; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == text)
    }

    /// One letter, for ids.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Accept => 'a',
            Self::Material => 'm',
            Self::SpecialProcedure => 's',
            Self::Process => 'p',
            Self::Result => 'r',
            Self::Licence => 'l',
            Self::Evaluation => 'e',
        }
    }

    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Accept => "受理",
            Self::Material => "材料",
            Self::SpecialProcedure => "特别程序",
            Self::Process => "过程",
            Self::Result => "结果",
            Self::Licence => "证照",
            Self::Evaluation => "评价",
        }
    }
}

/// 同步类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// A row that is new there.
    #[serde(rename = "I")]
    Insert,
    /// A row that is there and changed.
    #[serde(rename = "U")]
    Update,
}

/// A row that follows from one event of a case. What stands in it is made when it is sent, from the case as it was
/// after that event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// The table.
    pub table: Table,
    /// Which of several rows of the table: the material's place in the matter's list, the suspension's place in the
    /// case's ledger; 0 where there is one.
    pub part: usize,
    /// New or changed.
    pub operation: Operation,
    /// The state told, for process and result.
    pub state: Option<u8>,
}

impl Owed {
    fn new(table: Table, part: usize, operation: Operation) -> Self {
        Self { table, part, operation, state: None }
    }

    /// 记录唯一标识: the same for every version of one row. `version` is the case's number of events.
    #[must_use]
    pub fn guid(&self, case: &Case, version: u64) -> String {
        let letter = self.table.letter();
        match self.table {
            // Each step is a row of its own.
            Table::Process => format!("{}-{letter}{version}", case.id),
            Table::Accept | Table::Result | Table::Licence | Table::Evaluation => format!("{}-{letter}", case.id),
            Table::Material | Table::SpecialProcedure => format!("{}-{letter}{}", case.id, self.part),
        }
    }
}

/// The rows that follow from a change, in the order in which they are told. `before` is `None` for the first event.
/// A case that was never received is nobody's business above: an application that its applicant has not brought in.
#[must_use]
pub fn owed_by(before: Option<&Case>, change: &Change, after: &Case) -> Vec<Owed> {
    if after.receipt_at.is_none() {
        return Vec::new();
    }
    let mut owed = Vec::new();
    match change {
        Change::CaseAccepted { .. } => {
            owed.push(Owed::new(Table::Accept, 0, Operation::Insert));
            let present = after.materials.iter().filter(|entry| entry.status.is_present());
            let places = present.filter_map(|entry| place_of(after, &entry.material));
            owed.extend(places.map(|place| Owed::new(Table::Material, place, Operation::Insert)));
        }
        Change::MaterialsSupplied { materials } if after.acceptance.is_some() => {
            for entry in materials.iter().filter(|entry| entry.status.is_present()) {
                let was_told = before.is_some_and(|before| before.has_material(&entry.material));
                let operation = if was_told { Operation::Update } else { Operation::Insert };
                owed.extend(place_of(after, &entry.material).map(|place| Owed::new(Table::Material, place, operation)));
            }
        }
        _ => {}
    }
    owed.extend(ended_suspension(before, after).map(|place| Owed::new(Table::SpecialProcedure, place, Operation::Insert)));
    let state = after.reporting_state();
    let was = before.filter(|before| before.receipt_at.is_some()).and_then(Case::reporting_state);
    if state != was {
        owed.push(Owed { state, ..Owed::new(Table::Process, 0, Operation::Insert) });
    }
    match change {
        Change::CaseDecided { .. } | Change::CaseRefused { .. } | Change::CaseWithdrawn { .. } | Change::CaseLapsed => {
            owed.push(Owed { state, ..Owed::new(Table::Result, 0, Operation::Insert) });
        }
        // The certificate's number, the parcel and a revocation change the row that tells the result.
        Change::CertificateMade { .. } | Change::CertificateShipped { .. } | Change::CaseRevoked { .. } => {
            owed.push(Owed { state, ..Owed::new(Table::Result, 0, Operation::Update) });
        }
        // Only now the licence has its 电子证照标识, without which the table takes no row.
        Change::UploadConfirmed { .. } => owed.push(Owed::new(Table::Licence, 0, Operation::Insert)),
        _ => {}
    }
    owed
}

fn place_of(case: &Case, material: &crate::ids::MaterialId) -> Option<usize> {
    case.matter.materials.iter().position(|requirement| requirement.id == *material)
}

/// The suspension that this change ended. Its row is told at the end: the table takes none without it, and the step
/// 特别程序(开始) has told that it began.
fn ended_suspension(before: Option<&Case>, after: &Case) -> Option<usize> {
    let open = before?.suspensions.iter().position(|suspension| suspension.to.is_none())?;
    after.suspensions.get(open)?.to.is_some().then_some(open)
}

/// The result that a case has come to, as reported; `None` while it goes on.
#[must_use]
pub fn result_of(case: &Case) -> Option<u8> {
    case.reporting_state().filter(|state| matches!(state, 2 | 4 | 5 | 11..=15))
}
