//! A catalogue file into a site's matters: planned by the rules, written as one change-set or not at
//! all. Knows no file; where matters queue is decided here. What a file of the whole catalogue says is in `whole`.
//!
//! An imported matter needs a line, or no number can be taken for it. The file says nothing of
//! lines, so: a matter that is there keeps its line; a new one queues where most matters of its
//! department queue at this site; a department that has none there yet queues at the general line,
//! the first line of the lowest-numbered window for general business. A hall without lines leaves the
//! matter without one, and the kiosk sends people to the guide desk.

mod whole;

use std::collections::BTreeMap;

use domain::catalogue::import::{Encoding, ImportFault, ImportFile, ImportRow, Plan, plan};
use domain::catalogue::{Department, Matter, MatterState};
use domain::hall::{Hall, Purpose};
use domain::ids::{DepartmentId, MatterId};
use domain::time::Millis;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::catalogue_files::{Given, departments_of, given};
use super::error::{Answer, AppError, FieldError};
use super::fresh::id_tail;
use super::matters::{matter_rows, state_word};
use super::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, DepartmentRow, Expect, MatterRow, NewEvent, StoreError};

/// Counts the imports of a site, so that two at the same time never both count.
pub(super) const IMPORTS: &str = "catalogue_imports";
/// Who imports by the command line, in the log.
const ACTOR: &str = "system";
/// Changes told one by one; the counts are always whole.
const CHANGES_TOLD_MAX: usize = 500;

/// What is done with a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Only tell what would change.
    pub dry_run: bool,
    /// Leave broken rows out instead of refusing the file.
    pub skip_bad: bool,
    /// Retire matters that the file does not name.
    pub retire_missing: bool,
}

/// What an import did, or would do: the one line that the command prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Rows of the file after the header, broken ones included.
    pub rows: usize,
    /// New matters.
    pub added: usize,
    /// Matters with a new version.
    pub changed: usize,
    /// Matters that stay as they are.
    pub unchanged: usize,
    /// Matters retired.
    pub retired: usize,
    /// What is wrong in the file.
    pub errors: Vec<ImportFault>,
    /// What would change, one by one; told of a trial only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ImportChange>,
    /// Whether the file was refused, so that nothing was changed.
    #[serde(skip)]
    pub refused: bool,
}

/// A field that a file says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedField {
    /// Column of the file, or what people call the field; `state` for a matter that comes back or ends.
    pub column: String,
    /// As it is.
    pub before: String,
    /// As the file says.
    pub after: String,
}

/// A matter that an import changes, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportChange {
    /// `added`, `changed` or `retired`.
    pub change: String,
    /// 实施编码.
    pub code: String,
    /// Name, as it will be.
    pub name: String,
    /// What differs.
    pub fields: Vec<ChangedField>,
}

/// A fault of a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportFaultView {
    /// Name of the sheet; null in a file that has but one.
    pub sheet: Option<String>,
    /// Line of the file, or row of the sheet, from 1.
    pub line: usize,
    /// Name of the column; null when it is the whole row.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// What to do.
    pub message: String,
}

/// What an import did, or would do, with what it changes one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportView {
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Whether the file can be taken as it is.
    pub takes: bool,
    /// Rows of the file after the header, broken ones included.
    pub rows: usize,
    /// New matters.
    pub added: usize,
    /// Matters with a new version.
    pub changed: usize,
    /// Matters that stay as they are.
    pub unchanged: usize,
    /// Matters retired.
    pub retired: usize,
    /// What is wrong in the file.
    pub errors: Vec<ImportFaultView>,
    /// What changes, at most 500.
    pub changes: Vec<ImportChange>,
    /// Names of departments that are not there yet and come with it.
    pub new_departments: Vec<String>,
}

/// An import before it is written.
struct Planned {
    /// Empty when nothing is to be written.
    set: ChangeSet,
    report: ImportReport,
    changes: Vec<ImportChange>,
    new_departments: Vec<String>,
}

/// The site as the import finds it.
struct Found {
    site_key: String,
    /// The district whose departments these are.
    root: (String, String),
    rows: Vec<MatterRow>,
    matters: Vec<Matter>,
    departments: Vec<Department>,
    lines: Lines,
    imports: i64,
}

/// Where matters queue.
struct Lines {
    general: Option<String>,
    of_department: BTreeMap<String, String>,
}

impl Lines {
    fn of(hall: &Hall, rows: &[MatterRow]) -> Self {
        let known = |id: &String| hall.lines().any(|line| line.id.as_str() == id);
        let general = hall.windows().filter(|window| window.purpose == Purpose::General).min_by_key(|window| window.number);
        let first = general.and_then(|window| window.line_ids.first()).map(ToString::to_string);
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.state == "published") {
            if let Some(line) = row.line_id.as_ref().filter(|line| known(line)) {
                *counts.entry((&row.department_id, line)).or_default() += 1;
            }
        }
        let mut most: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for ((department, line), count) in counts {
            let best = most.entry(department.to_owned()).or_default();
            // The first of equals stays, so that the same data always gives the same line.
            if count > best.0 {
                *best = (count, line.to_owned());
            }
        }
        Self {
            general: first.or_else(|| hall.lines().next().map(|line| line.id.to_string())),
            of_department: most.into_iter().map(|(department, (_, line))| (department, line)).collect(),
        }
    }

    fn for_department(&self, id: &DepartmentId) -> Option<String> {
        self.of_department.get(id.as_str()).or(self.general.as_ref()).cloned()
    }
}

impl App {
    /// Takes a catalogue file into a site. A broken file is a report with `refused`, not an error.
    ///
    /// # Errors
    /// An unknown site, the store.
    pub async fn import_catalogue(&self, site_id: &str, bytes: &[u8], options: ImportOptions) -> Answer<ImportReport> {
        let mut planned = self.planned_import(site_id, ACTOR, bytes, options).await?;
        if options.dry_run {
            planned.report.changes = std::mem::take(&mut planned.changes);
        }
        if !planned.set.events.is_empty() {
            self.commit(planned.set).await.map_err(|error| match error {
                StoreError::Conflict(_) | StoreError::Duplicate(_) => {
                    AppError::refused("catalogue_changed", "导入时目录被别处改了，这次什么都没有改。请再导一次")
                }
                other => other.into(),
            })?;
            self.directory.reload(&self.stores).await?;
        }
        Ok(planned.report)
    }

    /// The same by a person: a trial tells everything and writes nothing, a broken file is refused with each
    /// fault at its line and column.
    ///
    /// # Errors
    /// The store; a broken file is an outcome.
    pub async fn import_catalogue_by(
        &self,
        permit: &Permit,
        bytes: &[u8],
        options: ImportOptions,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let planned = self.planned_import(site_id, permit.caller().actor(), bytes, options).await?;
                if planned.report.refused && !options.dry_run {
                    return Err(AppError::Invalid(planned.report.errors.iter().map(field_error).collect()));
                }
                let (set, view) = import_view(planned, options.dry_run);
                Ok((set, Outcome::success(200, None, serde_json::to_value(view)?)))
            })
            .await?;
        if outcome.status == 200 && !options.dry_run {
            self.directory.reload(&self.stores).await?;
        }
        Ok(outcome)
    }

    /// What a file would change, as a change-set that is written or not.
    async fn planned_import(&self, site_id: &str, actor: &str, bytes: &[u8], options: ImportOptions) -> Answer<Planned> {
        let (file, written) = match given(bytes) {
            Given::Whole(sheets) => return self.planned_whole(site_id, actor, &sheets, options).await,
            Given::Simple(file, written) => (file, written),
        };
        if file.header_is_broken || (!file.faults.is_empty() && !options.skip_bad) {
            self.directory.get().site(site_id)?;
            // A trial tells what the sound rows would change, beside what is wrong.
            let changes = if options.dry_run && !file.header_is_broken {
                let found = self.catalogue_of(site_id).await?;
                let plan = plan(&found.matters, &found.departments, &file.rows, false);
                let counts = (plan.added.len(), plan.changed.len(), plan.unchanged.len());
                Some((counts, changes_of(&found, &file.rows, &plan)))
            } else {
                None
            };
            let mut report = refused(file);
            let changes = changes.map(|((added, changed, unchanged), changes)| {
                (report.added, report.changed, report.unchanged) = (added, changed, unchanged);
                changes
            });
            let changes = changes.unwrap_or_default();
            return Ok(Planned { set: ChangeSet::new(site_id), report, changes, new_departments: Vec::new() });
        }
        let found = self.catalogue_of(site_id).await?;
        let mut plan = plan(&found.matters, &found.departments, &file.rows, options.retire_missing);
        if !file.faults.is_empty() {
            // A row that is skipped must not retire its matter.
            plan.retired.retain(|at| !is_named(&written, file.encoding, &found.matters[*at].code));
        }
        let is_changing = !(plan.added.is_empty() && plan.changed.is_empty() && plan.retired.is_empty());
        let set = if is_changing && !options.dry_run {
            self.import_set(site_id, actor, &found, &file.rows, &plan)?
        } else {
            ChangeSet::new(site_id)
        };
        let report = ImportReport {
            rows: file.row_count,
            added: plan.added.len(),
            changed: plan.changed.len(),
            unchanged: plan.unchanged.len(),
            retired: plan.retired.len(),
            errors: file.faults,
            changes: Vec::new(),
            refused: false,
        };
        let new_departments = plan.new_departments.keys().cloned().collect();
        Ok(Planned { set, report, changes: changes_of(&found, &file.rows, &plan), new_departments })
    }

    async fn catalogue_of(&self, site_id: &str) -> Answer<Found> {
        let listing = self.directory.get();
        let site = listing.site(site_id)?;
        let root = listing.root_of(site_id)?;
        let imports = self.stores.sites.counter(site_id, IMPORTS).await?;
        let rows = self.stores.catalogue.matters(site_id).await?;
        let matters = rows.iter().map(|row| serde_json::from_str(&row.doc)).collect::<Result<Vec<Matter>, _>>()?;
        let departments = departments_of(&listing, site_id)?;
        let lines = Lines::of(&self.hall(site_id).await?, &rows);
        let root = (root.id.clone(), root.key.clone());
        Ok(Found { site_key: site.key.clone(), root, rows, matters, departments, lines, imports })
    }

    fn import_set(&self, site_id: &str, actor: &str, found: &Found, rows: &[ImportRow], plan: &Plan) -> Answer<ChangeSet> {
        let mut writer = Writer { set: ChangeSet::new(site_id), actor: actor.to_owned(), now: self.now() };
        let mut departments: BTreeMap<&str, DepartmentId> =
            found.departments.iter().map(|department| (department.name.as_str(), department.id.clone())).collect();
        for (name, code) in &plan.new_departments {
            let id = DepartmentId::new(&found.root.1, &id_tail(self.entropy.as_ref(), writer.now));
            writer.department(found, &Department { id: id.clone(), code: code.clone(), name: name.clone() });
            departments.insert(name, id);
        }
        let department = |row: &ImportRow| departments.get(row.department.as_str()).cloned().ok_or(AppError::NotFound);
        for at in &plan.added {
            let row = &rows[*at];
            let id = MatterId::new(&found.site_key, &id_tail(self.entropy.as_ref(), writer.now));
            let matter = row.first_version(id, department(row)?);
            let line = found.lines.for_department(&matter.department_id);
            writer.matter("matter_added", &matter, line)?;
        }
        for (before, after) in &plan.changed {
            let matter = rows[*after].next_version(&found.matters[*before], department(&rows[*after])?);
            let line = found.rows[*before].line_id.clone().or_else(|| found.lines.for_department(&matter.department_id));
            writer.matter("matter_changed", &matter, line)?;
        }
        for at in &plan.retired {
            let before = &found.matters[*at];
            let matter = Matter { version: before.version + 1, state: MatterState::Retired, ..before.clone() };
            writer.matter("matter_retired", &matter, found.rows[*at].line_id.clone())?;
        }
        let counts = [rows.len(), plan.added.len(), plan.changed.len(), plan.unchanged.len(), plan.retired.len()];
        Ok(writer.imported(found, counts))
    }
}

/// Puts the change-set together.
struct Writer {
    set: ChangeSet,
    actor: String,
    now: Millis,
}

impl Writer {
    fn event(&mut self, aggregate: &'static str, id: &str, kind: &str, body: &serde_json::Value) {
        let mut body = body.clone();
        body["type"] = json!(kind);
        self.set.events.push(NewEvent {
            aggregate,
            aggregate_id: id.to_owned(),
            kind: kind.to_owned(),
            actor: self.actor.clone(),
            at: self.now,
            body: body.to_string(),
        });
    }

    fn department(&mut self, found: &Found, new: &Department) {
        let (root, Department { id, code, name }) = (&found.root.0, new);
        self.event("site", root, "department_added", &json!({ "department": id, "code": code, "name": name }));
        self.set.row(DepartmentRow { site_id: root.clone(), id: id.to_string(), code: code.clone(), name: name.clone() });
    }

    /// The change-set with the import itself, told by its counts.
    fn imported(mut self, found: &Found, [rows, added, changed, unchanged, retired]: [usize; 5]) -> ChangeSet {
        let site_id = self.set.site_id.clone();
        let counts = json!({ "rows": rows, "added": added, "changed": changed, "unchanged": unchanged, "retired": retired });
        self.event("site", &site_id, "catalogue_imported", &counts);
        self.set.expect.push(Expect::Counter(IMPORTS.to_owned(), found.imports));
        self.set.row(CounterRow { site_id, name: IMPORTS.to_owned(), value: found.imports + 1 });
        self.set
    }

    fn matter(&mut self, kind: &str, matter: &Matter, line_id: Option<String>) -> Answer<()> {
        let site_id = self.set.site_id.clone();
        self.event("matter", matter.id.as_str(), kind, &json!({ "matter": matter.id, "code": matter.code, "version": matter.version }));
        let (version, newest) = matter_rows(&site_id, matter, line_id, self.now)?;
        self.set.row(version);
        self.set.row(newest);
        Ok(())
    }
}

fn changes_of(found: &Found, rows: &[ImportRow], plan: &Plan) -> Vec<ImportChange> {
    let told = |change: &str, code: &str, name: &str, fields: Vec<ChangedField>| ImportChange {
        change: change.to_owned(),
        code: code.to_owned(),
        name: name.to_owned(),
        fields,
    };
    let added = plan.added.iter().map(|at| told("added", &rows[*at].item_code, &rows[*at].name, Vec::new()));
    let changed = plan.changed.iter().map(|(before, after)| {
        let row = &rows[*after];
        told("changed", &row.item_code, &row.name, changed_fields(found, &found.matters[*before], row))
    });
    let retired = plan.retired.iter().map(|at| told("retired", &found.matters[*at].code, &found.matters[*at].name, Vec::new()));
    added.chain(changed).chain(retired).take(CHANGES_TOLD_MAX).collect()
}

fn changed_fields(found: &Found, before: &Matter, after: &ImportRow) -> Vec<ChangedField> {
    let department = found.departments.iter().find(|known| known.id == before.department_id).map_or("", |known| known.name.as_str());
    let state = state_word(before.state);
    [
        ("state", state, "published"),
        ("department", department, &after.department),
        ("category", &before.category, &after.category),
        ("name", &before.name, &after.name),
        ("task_type", before.matter_type.code(), after.matter_type.code()),
        ("area_code", &before.area_code, &after.area_code),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(column, before, after)| ChangedField { column: column.to_owned(), before: before.to_owned(), after: after.to_owned() })
    .collect()
}

/// A fault under the name of its place: `lines[3].name`, `材料[3].材料名称`.
fn field_error(fault: &ImportFault) -> FieldError {
    let line = format!("{}[{}]", fault.sheet.as_deref().unwrap_or("lines"), fault.line);
    let field = fault.column.as_ref().map_or_else(|| line.clone(), |column| format!("{line}.{column}"));
    let sheet = fault.sheet.as_ref().map_or(String::new(), |sheet| format!("“{sheet}”"));
    FieldError { field, code: fault.code.as_str().to_owned(), message: format!("{sheet}第 {} 行：{}", fault.line, fault.message) }
}

fn import_view(planned: Planned, dry_run: bool) -> (ChangeSet, ImportView) {
    let Planned { set, report, changes, new_departments } = planned;
    let fault = |fault: ImportFault| ImportFaultView {
        sheet: fault.sheet,
        line: fault.line,
        column: fault.column,
        code: fault.code.as_str().to_owned(),
        message: fault.message,
    };
    let view = ImportView {
        dry_run,
        takes: !report.refused,
        rows: report.rows,
        added: report.added,
        changed: report.changed,
        unchanged: report.unchanged,
        retired: report.retired,
        errors: report.errors.into_iter().map(fault).collect(),
        changes,
        new_departments,
    };
    (set, view)
}

fn refused(file: ImportFile) -> ImportReport {
    ImportReport {
        rows: file.row_count,
        added: 0,
        changed: 0,
        unchanged: 0,
        retired: 0,
        errors: file.faults,
        changes: Vec::new(),
        refused: true,
    }
}

/// Whether a code stands anywhere in the file, in a broken row too.
fn is_named(bytes: &[u8], encoding: Encoding, code: &str) -> bool {
    let wanted = match encoding {
        Encoding::Gb18030 => encoding_rs::GB18030.encode(code).0.into_owned(),
        Encoding::Utf8 | Encoding::Utf8Mark => code.as_bytes().to_vec(),
    };
    bytes.windows(wanted.len().max(1)).any(|part| part == wanted)
}
