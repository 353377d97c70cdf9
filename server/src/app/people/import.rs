//! A list of people as a CSV file into accounts, all or none, each with a password for one sign-in that is told this
//! once: on slips that the page prints. A password goes through no print job, since those lie in the database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::catalogue::import::decode;
use domain::rights::Role;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::engagement::{ContractInput, EngagementRequest};
use crate::app::App;
use crate::app::caller::{Permit, role_name};
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::first_steps::{USERNAME_TEXT, is_username};
use crate::app::retry::{Outcome, Retry};
use crate::app::sessions::{StaffDoc, hash_password};
use crate::app::staff::StaffRequest;
use crate::app::staff::command::Checked;
use crate::store::ChangeSet;

/// People of one file: each password is hashed slowly on purpose.
const ROWS_MAX: usize = 100;
/// Largest file, in bytes.
const FILE_BYTES_MAX: usize = 256 * 1024;

const NAME: &str = "姓名";
const USERNAME: &str = "登录名";
const ROLES: &str = "岗位";
const DEPARTMENT: &str = "部门";
const SOURCE: &str = "来源";
const SECONDED: &str = "派驻部门";
const VENDOR: &str = "公司";
const FROM: &str = "合同从";
const TO: &str = "合同到";
const COLUMNS: [&str; 9] = [NAME, USERNAME, ROLES, DEPARTMENT, SOURCE, SECONDED, VENDOR, FROM, TO];
const WANTED: [&str; 3] = [NAME, USERNAME, ROLES];

/// Short words for roles that lists use beside the full ones.
const ROLE_WORDS: [(&str, Role); 11] = [
    ("导办", Role::Guide),
    ("窗口", Role::Clerk),
    ("审批", Role::Approver),
    ("分管领导", Role::Leader),
    ("出证", Role::Issuer),
    ("帮办", Role::Helper),
    ("大厅主管", Role::Supervisor),
    ("区政务局", Role::District),
    ("管理员", Role::Admin),
    ("运维", Role::It),
    ("审计", Role::Auditor),
];
const SOURCE_WORDS: [(&str, &str); 6] =
    [("", "centre"), ("中心", "centre"), ("中心自有", "centre"), ("派驻", "seconded"), ("外包", "outsourced"), ("嘎查村", "village")];

/// A fault of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffImportFault {
    /// Line of the file, from 1.
    pub line: usize,
    /// The column; null when it is the whole row.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// What to do.
    pub message: String,
}

/// An account that was made, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportedAccountView {
    /// Name.
    pub name: String,
    /// Login name.
    pub username: String,
    /// Roles.
    #[schema(value_type = Vec<crate::app::words::StaffRole>)]
    pub roles: Vec<String>,
    /// For one sign-in, told this once; null for a trial and for a retry.
    pub one_time_password: Option<String>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffImportView {
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Whether the file can be taken as it is.
    pub takes: bool,
    /// The accounts.
    pub accounts: Vec<ImportedAccountView>,
    /// What is wrong; a file with a fault is taken not at all.
    pub faults: Vec<StaffImportFault>,
}

/// A row with its cells by column.
struct Line {
    number: usize,
    cells: BTreeMap<&'static str, String>,
}

impl Line {
    fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", |text| text.as_str())
    }
}

#[derive(Default)]
struct Faults(Vec<StaffImportFault>);

impl Faults {
    fn add(&mut self, line: usize, column: Option<&str>, code: &str, message: impl Into<String>) {
        self.0.push(StaffImportFault { line, column: column.map(str::to_owned), code: code.to_owned(), message: message.into() });
    }
}

/// The rows of a file by the names of its columns.
fn lines(bytes: &[u8], faults: &mut Faults) -> Vec<Line> {
    if bytes.len() > FILE_BYTES_MAX {
        faults.add(1, None, "file_too_large", "文件太大，一次最多 100 个人");
        return Vec::new();
    }
    let (_, text) = decode(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let (mut head, mut found): (Option<Vec<Option<&'static str>>>, Vec<Line>) = (None, Vec::new());
    for record in reader.records() {
        let Ok(record) = record else {
            faults.add(found.len() + 2, None, "unclosed_quote", "这一行读不懂，看看引号有没有配对");
            return found;
        };
        let number = record.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(0));
        if record.iter().all(str::is_empty) {
            continue;
        }
        let Some(columns) = &head else {
            head = Some(columns_of(&record, number, faults));
            continue;
        };
        if found.len() == ROWS_MAX {
            faults.add(number, None, "too_many_rows", "一次最多 100 个人，分几个文件来");
            return found;
        }
        let cells = columns.iter().zip(record.iter()).filter_map(|(column, cell)| Some(((*column)?, unescaped(cell).to_owned())));
        found.push(Line { number, cells: cells.collect() });
    }
    if found.is_empty() && faults.0.is_empty() {
        faults.add(1, None, "empty", "文件里没有人；第一行是列名，从第二行起一行一个人");
    }
    found
}

/// Spreadsheets keep a text from being a formula by a leading `'`.
fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

fn columns_of(record: &csv::StringRecord, line: usize, faults: &mut Faults) -> Vec<Option<&'static str>> {
    let known = |name: &str| COLUMNS.into_iter().find(|column| *column == name);
    let columns: Vec<Option<&'static str>> = record.iter().map(known).collect();
    for (name, column) in record.iter().zip(&columns) {
        if column.is_none() && !name.is_empty() {
            faults.add(line, Some(name), "unknown_column", format!("不认识“{name}”这一列，能用的是：{}", COLUMNS.join("、")));
        }
    }
    for wanted in WANTED.into_iter().filter(|wanted| !columns.contains(&Some(*wanted))) {
        faults.add(line, Some(wanted), "missing_column", format!("少了“{wanted}”这一列"));
    }
    columns
}

fn role_of(word: &str) -> Option<Role> {
    let full = || Role::ALL.into_iter().find(|role| role_name(*role) == word);
    ROLE_WORDS.into_iter().find(|(short, _)| *short == word).map(|(_, role)| role).or_else(full).or_else(|| Role::parse(word))
}

/// The column of the file that a field of an account stands in.
fn column_of(field: &str) -> Option<&'static str> {
    Some(match field.split(['[', '.']).next().unwrap_or_default() {
        "name" => NAME,
        "username" => USERNAME,
        "roles" => ROLES,
        "department_id" => DEPARTMENT,
        "source" => SOURCE,
        "seconded_from_id" => SECONDED,
        "contract" => match field {
            "contract.vendor" => VENDOR,
            "contract.from" => FROM,
            "contract.to" => TO,
            _ => VENDOR,
        },
        _ => return None,
    })
}

impl App {
    /// Takes a list of people in, or only tries it.
    ///
    /// # Errors
    /// 422 with every fault of the file, unless it is only tried; the store.
    pub async fn import_staff(&self, permit: &Permit, file: &[u8], dry_run: bool, retry: Option<&Retry>) -> Answer<Outcome> {
        let (accounts, faults) = self.planned_staff(permit, file).await?;
        if dry_run {
            let view = StaffImportView { dry_run, takes: faults.is_empty(), accounts: told(&accounts, &[]), faults };
            return Ok(Outcome::success(200, None, serde_json::to_value(view)?));
        }
        let passwords: Vec<String> = accounts.iter().map(|_| self.one_time_password()).collect();
        let hashes = if faults.is_empty() && self.replayed(retry).await?.is_none() { hashed(passwords.clone()).await? } else { Vec::new() };
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (accounts, faults) = self.planned_staff(permit, file).await?;
                if !faults.is_empty() {
                    return Err(AppError::Invalid(faults.into_iter().map(as_field).collect()));
                }
                let mut set = ChangeSet::new(permit.site_id());
                for (account, hash) in accounts.into_iter().zip(&hashes) {
                    self.new_account(permit, &mut set, account, hash.clone())?;
                }
                Ok((set, Outcome::success(201, None, Value::Null)))
            })
            .await?;
        if outcome.status != 201 {
            return Ok(outcome);
        }
        let passwords = if outcome.replayed { Vec::new() } else { passwords };
        let view = StaffImportView { dry_run, takes: true, accounts: told(&accounts, &passwords), faults: Vec::new() };
        self.watch_contracts_of(permit.site_id()).await?;
        Ok(Outcome { body: serde_json::to_value(view)?, ..outcome })
    }

    /// The accounts of a file as they would be, and everything that is wrong.
    async fn planned_staff(&self, permit: &Permit, file: &[u8]) -> Answer<(Vec<(String, Checked)>, Vec<StaffImportFault>)> {
        let mut faults = Faults::default();
        let rows = lines(file, &mut faults);
        let taken: BTreeSet<String> = self.stores.staff.all_staff().await?.into_iter().map(|row| row.username).collect();
        let (mut accounts, mut seen) = (Vec::new(), BTreeSet::new());
        for line in &rows {
            let username = line.cell(USERNAME).to_owned();
            let mut errors = FieldErrors::default();
            if !is_username(&username) {
                errors.add("username", "form", USERNAME_TEXT);
            } else if taken.contains(&username) {
                errors.add("username", "taken", "这个登录名已经有人用了");
            } else if !seen.insert(username.clone()) {
                errors.add("username", "twice", "这个登录名在文件里写了两次");
            }
            match self.planned_person(permit, line, errors) {
                Ok(checked) => accounts.push((username, checked)),
                Err(AppError::Invalid(errors)) => {
                    for error in errors {
                        faults.add(line.number, column_of(&error.field), &error.code, error.message);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok((accounts, faults.0))
    }

    fn planned_person(&self, permit: &Permit, line: &Line, mut errors: FieldErrors) -> Answer<Checked> {
        let site_id = permit.site_id();
        let mut roles = Vec::new();
        for word in line.cell(ROLES).split(['、', '，', '/', ';', '；']).map(str::trim).filter(|word| !word.is_empty()) {
            match role_of(word) {
                Some(role) => roles.push(role.name().to_owned()),
                None => errors.add("roles", "unknown", format!("没有“{word}”这个岗位")),
            }
        }
        let department_id = self.department_named(site_id, line.cell(DEPARTMENT), "department_id", &mut errors)?;
        let seconded_from_id = self.department_named(site_id, line.cell(SECONDED), "seconded_from_id", &mut errors)?;
        let word = line.cell(SOURCE);
        let source = SOURCE_WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, source)| source);
        errors.some(source, "source", "unknown", "来源写 中心、派驻、外包、嘎查村 里的一个");
        let mut day = |column: &str, field: &str| {
            let date = date_of(line.cell(column));
            if date.is_none() && !line.cell(column).is_empty() {
                errors.add(field, "date", "日期写成 2026-11-24 的样子");
            }
            date
        };
        let (from, to) = (day(FROM, "contract.from"), day(TO, "contract.to"));
        let contract = match (line.cell(VENDOR), from, to) {
            ("", None, None) => None,
            (vendor, Some(from), Some(to)) => Some(ContractInput { vendor: vendor.to_owned(), from, to }),
            _ => {
                if !errors.names("contract.from") && !errors.names("contract.to") {
                    errors.add("contract", "missing", "合同要写全：公司、合同从、合同到");
                }
                None
            }
        };
        let contract_is_wrong = ["contract", "contract.from", "contract.to"].into_iter().any(|field| errors.names(field));
        let name = line.cell(NAME).to_owned();
        let request = StaffRequest {
            name,
            roles,
            department_id,
            decides_instant: false,
            outsourced: false,
            bases: Vec::new(),
            access_until: None,
            cover_id: None,
        };
        let engagement = EngagementRequest { source: source.unwrap_or("centre").to_owned(), seconded_from_id, contract };
        let engagement = match self.engagement(site_id, engagement) {
            Ok(engagement) => Some(engagement),
            Err(AppError::Invalid(more)) => {
                let is_told = |error: &FieldError| errors.names(&error.field) || (contract_is_wrong && error.field == "contract");
                let (_, new): (Vec<FieldError>, Vec<FieldError>) = more.into_iter().partition(is_told);
                new.into_iter().for_each(|error| errors.add(&error.field, &error.code, error.message));
                None
            }
            Err(error) => return Err(error),
        };
        let checked = self.checked(site_id, &request, &[], errors)?;
        Ok(Checked { doc: StaffDoc { engagement, ..checked.doc }, ..checked })
    }

    fn department_named(&self, site_id: &str, name: &str, field: &str, errors: &mut FieldErrors) -> Answer<Option<String>> {
        if name.is_empty() {
            return Ok(None);
        }
        let listing = self.directory.get();
        let root = listing.root_of(site_id)?.id.clone();
        let found = listing.departments.values().find(|row| row.site_id == root && (row.name == name || row.id == name));
        Ok(errors.some(found.map(|row| row.id.clone()), field, "unknown", "没有这个部门"))
    }
}

/// A date as lists have it: `2026-11-24`, `2026/11/24`, `2026.11.24`.
fn date_of(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"].into_iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

fn as_field(fault: StaffImportFault) -> FieldError {
    let place = fault.column.map_or_else(|| format!("line[{}]", fault.line), |column| format!("line[{}].{column}", fault.line));
    FieldError { field: place, code: fault.code, message: format!("第 {} 行：{}", fault.line, fault.message) }
}

fn told(accounts: &[(String, Checked)], passwords: &[String]) -> Vec<ImportedAccountView> {
    let view = |(place, (username, checked)): (usize, &(String, Checked))| ImportedAccountView {
        name: checked.name.clone(),
        username: username.clone(),
        roles: checked.roles.iter().map(|role| role.name().to_owned()).collect(),
        one_time_password: passwords.get(place).cloned(),
    };
    accounts.iter().enumerate().map(view).collect()
}

async fn hashed(passwords: Vec<String>) -> Answer<Vec<String>> {
    let hashes =
        tokio::task::spawn_blocking(move || passwords.iter().map(|password| hash_password(password)).collect::<Answer<Vec<_>>>()).await;
    hashes.map_err(|error| AppError::Internal(format!("password: {error}")))?
}
