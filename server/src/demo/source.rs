//! The form of the sample files as editors write them. Knows nothing of ids and of the domain's
//! full matter.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::case::{BasisKind, Procedure, Signer};
use domain::catalogue::{ApplicantKind, CertificateForm, GuidePicture, MaterialKeeping, MaterialKind, MaterialSource, OpinionTemplate};
use domain::hall::Purpose;
use domain::people::Source;
use domain::rights::Role;
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;

use super::data::SiteKind;

/// A sample file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleFault {
    /// A file has not the form described here.
    #[error("sample file: {0}")]
    Form(String),
    /// A name is used that is nowhere given.
    #[error("sample data: unknown {what} {name}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        name: String,
    },
}

pub(super) fn unknown(what: &'static str, name: &str) -> SampleFault {
    SampleFault::Unknown { what, name: name.to_owned() }
}

/// `district.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DistrictFile {
    pub(super) notice: String,
    pub(super) department: Vec<DepartmentSource>,
    pub(super) site: Vec<SiteSource>,
    pub(super) staff: Vec<StaffSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DepartmentSource {
    pub(super) key: String,
    pub(super) code: String,
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteSource {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) kind: SiteKind,
    pub(super) parent: Option<String>,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) phone: String,
    pub(super) area_code: String,
    pub(super) local_department: String,
    pub(super) hours: HoursSource,
    pub(super) lines: Vec<LineSource>,
    pub(super) windows: Vec<WindowSource>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HoursSource {
    Always,
    Office,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineSource {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) prefix: String,
    #[serde(default)]
    pub(super) about: String,
    /// Places of each half hour that can be booked; the line takes no appointments without.
    #[serde(default)]
    pub(super) bookable: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowSource {
    pub(super) number: u16,
    pub(super) purpose: Purpose,
    pub(super) lines: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StaffSource {
    pub(super) username: String,
    pub(super) name: String,
    pub(super) roles: Vec<Role>,
    pub(super) site: String,
    pub(super) department: Option<String>,
    #[serde(default)]
    pub(super) decides_instant: bool,
    /// Where the person comes from; seconded is by the own department.
    #[serde(default)]
    pub(super) source: Source,
    #[serde(default)]
    pub(super) bases: Vec<BasisSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BasisSource {
    pub(super) department: String,
    pub(super) kind: BasisKind,
    pub(super) document: String,
    pub(super) from: NaiveDate,
    pub(super) to: Option<NaiveDate>,
}

/// `materials.toml` and `catalogue.toml` together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogueFile {
    pub(super) material: BTreeMap<String, MaterialText>,
    pub(super) question: BTreeMap<String, QuestionText>,
    pub(super) matter: Vec<MatterText>,
    pub(super) bundle: Vec<BundleText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaterialText {
    pub(super) name: String,
    pub(super) kind: MaterialKind,
    #[serde(default = "one")]
    pub(super) originals: u32,
    #[serde(default)]
    pub(super) copies: u32,
    pub(super) keep: MaterialKeeping,
    pub(super) source: MaterialSource,
    #[serde(default)]
    pub(super) points: Vec<String>,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionText {
    pub(super) ask: String,
    #[serde(default)]
    pub(super) many: bool,
    pub(super) options: Vec<OptionText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OptionText {
    pub(super) key: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) need: Vec<String>,
    #[serde(default)]
    pub(super) later: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProcedureText {
    pub(super) procedure: Procedure,
    pub(super) days: u32,
    pub(super) basis: String,
    pub(super) stops: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MatterText {
    pub(super) key: String,
    pub(super) item: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(rename = "type")]
    pub(super) matter_type: String,
    pub(super) department: String,
    #[serde(default = "town")]
    pub(super) level: String,
    pub(super) category: String,
    pub(super) statutory: Option<u32>,
    pub(super) promised: Option<u32>,
    #[serde(default = "natural_person")]
    pub(super) applicants: Vec<ApplicantKind>,
    #[serde(default)]
    pub(super) basis: Vec<String>,
    pub(super) need: Vec<String>,
    #[serde(default)]
    pub(super) later: Vec<String>,
    #[serde(default)]
    pub(super) extra: Vec<String>,
    #[serde(default)]
    pub(super) questions: Vec<String>,
    #[serde(default)]
    pub(super) question: Vec<QuestionText>,
    #[serde(default)]
    pub(super) material: BTreeMap<String, MaterialText>,
    #[serde(default)]
    pub(super) special: Vec<ProcedureText>,
    pub(super) certificate: Option<CertificateText>,
    #[serde(default)]
    pub(super) line: Vec<String>,
    /// The stages of approval, each of steps that are done side by side.
    #[serde(default)]
    pub(super) approval: Vec<Vec<StepText>>,
    /// Templates of opinions.
    #[serde(default)]
    pub(super) opinions: Vec<OpinionTemplate>,
    #[serde(default)]
    pub(super) stations: bool,
    #[serde(default)]
    pub(super) partner: bool,
    #[serde(default)]
    pub(super) district: bool,
    #[serde(default)]
    pub(super) pictures: Vec<GuidePicture>,
    pub(super) who: String,
    pub(super) how: String,
    pub(super) tips: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepText {
    pub(super) id: String,
    pub(super) name: String,
    /// The matter's own without.
    pub(super) department: Option<String>,
    pub(super) signer: Signer,
}

fn town() -> String {
    "5".to_owned()
}

fn natural_person() -> Vec<ApplicantKind> {
    vec![ApplicantKind::Person]
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateText {
    name: String,
    valid_years: Option<u32>,
    licence_type: Option<String>,
}

impl From<CertificateText> for CertificateForm {
    fn from(text: CertificateText) -> Self {
        Self { name: text.name, valid_years: text.valid_years, licence_type: text.licence_type }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BundleText {
    pub(super) key: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) matters: Vec<String>,
    #[serde(default)]
    pub(super) line: Vec<String>,
    pub(super) promised: Option<u32>,
    pub(super) guide: String,
}

pub(super) fn district_file() -> Result<DistrictFile, SampleFault> {
    Figment::from(Toml::string(include_str!("district.toml"))).extract().map_err(form)
}

pub(super) fn catalogue_file() -> Result<CatalogueFile, SampleFault> {
    let shared = Toml::string(include_str!("materials.toml"));
    Figment::from(shared).merge(Toml::string(include_str!("catalogue.toml"))).extract().map_err(form)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn form(error: figment::Error) -> SampleFault {
    SampleFault::Form(error.to_string())
}
