//! On which documents somebody decides in a department's name: what is asked of one that is new or changed, and how one
//! is told. Decides nothing about cases; whether a basis is in force is the rules' question.

use chrono::NaiveDate;
use domain::case::{BASIS_DOCUMENT_CHARS_MAX, Basis, BasisKind};
use domain::codes::clean_line;
use domain::ids::DepartmentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::error::FieldErrors;

/// Bases of one person.
const BASES_MAX: usize = 40;

/// A department that lends its authority to a person, by a document and from day to day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisInput {
    /// The department.
    pub department_id: String,
    /// In which way: 派驻, 授权, 委托.
    #[serde(default)]
    #[schema(value_type = Option<crate::app::words::BasisKind>)]
    pub kind: Option<String>,
    /// Name or number of the document that says so, 1 to 100 characters. Only a basis that stands unchanged since before
    /// documents were entered may be without.
    #[serde(default)]
    pub document: Option<String>,
    /// First day, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub from: NaiveDate,
    /// Last day; open-ended without.
    #[schema(value_type = Option<String>)]
    pub to: Option<NaiveDate>,
}

/// A basis as told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BasisView {
    /// The department.
    pub department_id: String,
    /// Its name.
    pub department_name: String,
    /// In which way: 派驻, 授权, 委托.
    #[schema(value_type = crate::app::words::BasisKind)]
    pub kind: String,
    /// Name or number of the document that says so; null where nobody has entered it (未登记文件).
    pub document: Option<String>,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: Option<String>,
}

/// The word of the contract.
fn word(kind: BasisKind) -> &'static str {
    match kind {
        BasisKind::Seconded => "seconded",
        BasisKind::Authorised => "authorised",
        BasisKind::Entrusted => "entrusted",
    }
}

fn kind(text: &str) -> Option<BasisKind> {
    [BasisKind::Seconded, BasisKind::Authorised, BasisKind::Entrusted].into_iter().find(|kind| word(*kind) == text)
}

impl App {
    /// The bases of an account as they are written; `before` are those that it has. Faults go to `errors`.
    pub(super) fn checked_bases(
        &self,
        wanted: &[BasisInput],
        before: &[Basis],
        known: impl Fn(&str) -> bool,
        errors: &mut FieldErrors,
    ) -> Vec<Basis> {
        if wanted.len() > BASES_MAX {
            errors.add("bases", "too_many", format!("一个人的审批依据最多 {BASES_MAX} 条"));
        }
        let mut bases = Vec::new();
        for (place, input) in wanted.iter().enumerate().take(BASES_MAX) {
            let field = |name: &str| format!("bases[{place}].{name}");
            let department = DepartmentId::parse(&input.department_id).filter(|_| known(&input.department_id));
            if department.is_none() {
                errors.add(&field("department_id"), "unknown", "没有这个部门");
            }
            let of_kind = input.kind.as_deref().and_then(kind);
            if of_kind.is_none() {
                errors.add(&field("kind"), "unknown", "选派驻、授权或委托");
            }
            if input.to.is_some_and(|to| to < input.from) {
                errors.add(&field("to"), "range", "到哪天要不早于从哪天");
            }
            let written = input.document.as_deref().filter(|text| !text.trim().is_empty());
            let document = written.and_then(|text| {
                let cleaned = clean_line(text, BASIS_DOCUMENT_CHARS_MAX);
                cleaned.map_err(|fault| errors.add(&field("document"), fault.code(), fault.message())).ok()
            });
            let basis =
                department.zip(of_kind).map(|(department, kind)| Basis { department, kind, document, from: input.from, to: input.to });
            if written.is_none() && !basis.as_ref().is_some_and(|basis| before.contains(basis)) {
                errors.add(&field("document"), "missing", "写明凭哪份文件：文号或文件名");
            }
            bases.extend(basis);
        }
        bases
    }

    /// A basis with its department's name.
    pub(in crate::app) fn basis_view(&self, basis: &Basis) -> BasisView {
        BasisView {
            department_id: basis.department.to_string(),
            department_name: self.department_name(basis.department.as_str()),
            kind: word(basis.kind).to_owned(),
            document: basis.document.clone(),
            from: basis.from.to_string(),
            to: basis.to.map(|day| day.to_string()),
        }
    }
}

/// What stands of a basis on a paper: `派驻（昆民发〔2026〕3号）`.
pub(in crate::app) fn written(basis: &Basis) -> String {
    let document = basis.document.as_deref().unwrap_or("未登记文件");
    format!("{}（{document}）", basis.kind.label())
}
