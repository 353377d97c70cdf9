//! A file of the whole catalogue into a site's matters: read against what is there, checked as a whole, and told field by
//! field. What it changes comes into force as with any catalogue file, in the matter's next version.

use domain::catalogue::compare;
use domain::catalogue::import::tables::{FileSheet, Known, Reading, Wanted, read};

use super::{
    Answer, App, CHANGES_TOLD_MAX, ChangeSet, ChangedField, Department, Found, ImportChange, ImportOptions, ImportReport, Matter,
    MatterState, Planned, Writer, id_tail, state_word,
};
use crate::app::matters::with_names;

/// Characters told of a long text on either side; what is the same before the first difference is left out.
const TOLD_CHARS_MAX: usize = 240;
/// Characters told of what stands before the first difference.
const TOLD_CHARS_BEFORE: usize = 20;

/// What becomes of a changed matter, in the log and in what is told.
fn becomes(found: &Found, wanted: &Wanted) -> (&'static str, &'static str) {
    match wanted.before.map(|at| found.matters[at].state) {
        None => ("matter_added", "added"),
        Some(MatterState::Published) if wanted.matter.state == MatterState::Retired => ("matter_retired", "retired"),
        Some(_) => ("matter_changed", "changed"),
    }
}

impl App {
    /// What a file of the whole catalogue would change, as a change-set that is written or not.
    pub(super) async fn planned_whole(&self, site_id: &str, actor: &str, sheets: &[FileSheet], options: ImportOptions) -> Answer<Planned> {
        let found = self.catalogue_of(site_id).await?;
        let mut reading = self.read_whole(&found, sheets);
        self.against_site(site_id, &found, &mut reading).await?;
        let refused = reading.is_broken || (!reading.faults.is_empty() && !options.skip_bad);
        let is_gone = |at: &usize| found.matters[*at].state == MatterState::Published;
        let retired: Vec<usize> = if options.retire_missing && !reading.is_broken {
            reading.missing.iter().copied().filter(is_gone).collect()
        } else {
            Vec::new()
        };
        let count = |change: &str| reading.changed.iter().filter(|wanted| becomes(&found, wanted).1 == change).count();
        let report = ImportReport {
            rows: reading.row_count,
            added: count("added"),
            changed: count("changed"),
            unchanged: reading.unchanged.len(),
            retired: retired.len() + count("retired"),
            errors: std::mem::take(&mut reading.faults),
            changes: Vec::new(),
            refused,
        };
        let is_changing = !(reading.changed.is_empty() && retired.is_empty());
        let set = if is_changing && !refused && !options.dry_run {
            self.whole_set(site_id, actor, &found, &reading, &retired, &report).await?
        } else {
            ChangeSet::new(site_id)
        };
        let changes = changes_of(&found, &reading, &retired);
        let new_departments = reading.new_departments.into_iter().map(|department| department.name).collect();
        Ok(Planned { set, report, changes, new_departments })
    }

    fn read_whole(&self, found: &Found, sheets: &[FileSheet]) -> Reading {
        let now = self.now();
        let known = Known { matters: &found.matters, departments: &found.departments, site_key: &found.site_key, root_key: &found.root.1 };
        read(sheets, known, &mut || id_tail(self.entropy.as_ref(), now))
    }

    /// Leaves out what the site itself stands against, and tells it.
    async fn against_site(&self, site_id: &str, found: &Found, reading: &mut Reading) -> Answer<()> {
        let mut sound = Vec::with_capacity(reading.changed.len());
        for wanted in std::mem::take(&mut reading.changed) {
            let before = wanted.before.map(|at| &found.matters[at]);
            let asks_anew = |before: &Matter| {
                before.approval != wanted.matter.approval
                    || before.department_id != wanted.matter.department_id
                    || !before.details.files().eq(wanted.matter.details.files())
            };
            let faults = if before.is_none_or(asks_anew) { self.site_faults(site_id, &wanted.matter).await? } else { Vec::new() };
            if faults.is_empty() {
                sound.push(wanted);
            } else {
                reading.faults.extend(faults.into_iter().map(|(field, code, message)| wanted.fault(&field, code, message)));
            }
        }
        reading.changed = sound;
        let used = |id: &domain::ids::DepartmentId| reading.changed.iter().any(|wanted| wanted.matter.department_id == *id);
        reading.new_departments.retain(|department| used(&department.id));
        Ok(())
    }

    async fn whole_set(
        &self,
        site_id: &str,
        actor: &str,
        found: &Found,
        reading: &Reading,
        retired: &[usize],
        report: &ImportReport,
    ) -> Answer<ChangeSet> {
        let mut writer = Writer { set: ChangeSet::new(site_id), actor: actor.to_owned(), now: self.now() };
        for department in &reading.new_departments {
            writer.department(found, department);
        }
        for wanted in &reading.changed {
            let kept = wanted.before.and_then(|at| found.rows[at].line_id.clone());
            let line = kept.or_else(|| found.lines.for_department(&wanted.matter.department_id));
            writer.matter(becomes(found, wanted).0, &wanted.matter, line)?;
            writer.set.rows.extend(self.guide_files_in_force(site_id, &wanted.matter).await?);
        }
        for at in retired {
            let before = &found.matters[*at];
            let matter = Matter { version: before.version + 1, state: MatterState::Retired, ..before.clone() };
            writer.matter("matter_retired", &matter, found.rows[*at].line_id.clone())?;
        }
        Ok(writer.imported(found, [report.rows, report.added, report.changed, report.unchanged, report.retired]))
    }
}

fn changes_of(found: &Found, reading: &Reading, retired: &[usize]) -> Vec<ImportChange> {
    let departments: Vec<&Department> = found.departments.iter().chain(&reading.new_departments).collect();
    let told = |change: &str, matter: &Matter, fields: Vec<ChangedField>| ImportChange {
        change: change.to_owned(),
        code: matter.code.clone(),
        name: matter.name.clone(),
        fields,
    };
    let changed = reading.changed.iter().map(|wanted| {
        let fields = wanted.before.map(|at| changed_fields(&found.matters[at], &wanted.matter, &departments));
        told(becomes(found, wanted).1, &wanted.matter, fields.unwrap_or_default())
    });
    let retired = retired.iter().map(|at| told("retired", &found.matters[*at], Vec::new()));
    changed.chain(retired).take(CHANGES_TOLD_MAX).collect()
}

fn changed_fields(before: &Matter, after: &Matter, departments: &[&Department]) -> Vec<ChangedField> {
    let named = |id: &str| departments.iter().find(|known| known.id.as_str() == id).map(|known| known.name.clone());
    let told = |column: &str, before: String, after: String| ChangedField { column: column.to_owned(), before, after };
    let mut fields = Vec::new();
    if before.state != after.state {
        fields.push(told("state", state_word(before.state).to_owned(), state_word(after.state).to_owned()));
    }
    for one in compare(before, after).into_iter().filter(domain::catalogue::ComparedField::is_changed) {
        let (was, is) = (with_names(&one.field, one.before, named), with_names(&one.field, one.after, named));
        let (was, is) = excerpts(&was, &is);
        fields.push(told(&one.label, was, is));
    }
    if fields.is_empty() {
        fields.push(told("先后或编号", String::new(), "材料、情形、栏目的先后或编号变了，内容一样".to_owned()));
    }
    fields
}

/// Two versions of a text, long ones from shortly before their first difference.
fn excerpts(before: &str, after: &str) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let from = if before.chars().count().max(after.chars().count()) > TOLD_CHARS_MAX { same.saturating_sub(TOLD_CHARS_BEFORE) } else { 0 };
    let part = |text: &str| {
        let head = if from > 0 && !text.is_empty() { "…" } else { "" };
        let tail = if text.chars().count() > from + TOLD_CHARS_MAX { "…" } else { "" };
        format!("{head}{}{tail}", text.chars().skip(from).take(TOLD_CHARS_MAX).collect::<String>())
    };
    (part(before), part(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_told_from_its_first_difference_on() {
        assert_eq!(excerpts("十日", "七日"), ("十日".to_owned(), "七日".to_owned()));
        let (before, after) = (format!("{}旧的", "先".repeat(1_000)), format!("{}新{}", "先".repeat(1_000), "后".repeat(500)));
        let (was, is) = excerpts(&before, &after);
        assert_eq!(was, format!("…{}旧的", "先".repeat(20)));
        assert_eq!(is, format!("…{}新{}…", "先".repeat(20), "后".repeat(TOLD_CHARS_MAX - 21)));
        assert_eq!(excerpts("", &"长".repeat(300)), (String::new(), format!("{}…", "长".repeat(TOLD_CHARS_MAX))));
    }
}
