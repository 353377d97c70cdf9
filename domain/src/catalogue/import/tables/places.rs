//! Where in the file a field of a matter stands, so that what the checks of a matter find is told at its cell.

use super::{Column, KEY, Sheet, matters, parts};

/// The rows from which a matter was read; those of a sheet that is not in the file are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) matter: Option<usize>,
    pub(super) materials: Vec<usize>,
    /// By question, then by answer.
    pub(super) answers: Vec<Vec<usize>>,
    pub(super) procedures: Vec<usize>,
    /// By stage, then by step.
    pub(super) steps: Vec<Vec<usize>>,
    pub(super) opinions: Vec<usize>,
    pub(super) pictures: Vec<usize>,
    /// A row that names the matter, for what stands on none.
    pub(super) first: Option<(Sheet, usize)>,
}

/// A cell, or a row where the column is not known.
pub(super) type Place = (Sheet, usize, Option<&'static str>);

impl Places {
    /// The place of a field by the path that [`crate::catalogue::Matter::checked`] gives it.
    pub(super) fn of(&self, path: &str) -> Place {
        self.of_part(path).unwrap_or_else(|| {
            let field = path.split('[').next().unwrap_or(path);
            let column = if field == "code" { Some(KEY) } else { named(matters::COLUMNS, field) };
            match self.matter {
                Some(row) => (Sheet::Matters, row, column),
                None => {
                    let (sheet, row) = self.first.unwrap_or((Sheet::Matters, 1));
                    (sheet, row, None)
                }
            }
        })
    }

    fn of_part(&self, path: &str) -> Option<Place> {
        if let Some((at, field)) = indexed(path, "materials") {
            return Some((Sheet::Materials, *self.materials.get(at)?, named(parts::MATERIALS, field)));
        }
        if let Some((at, field)) = indexed(path, "special_procedures") {
            return Some((Sheet::Procedures, *self.procedures.get(at)?, named(parts::PROCEDURES, field)));
        }
        if let Some((at, field)) = indexed(path, "opinions") {
            return Some((Sheet::Opinions, *self.opinions.get(at)?, named(parts::OPINIONS, field)));
        }
        if let Some((at, field)) = indexed(path, "details.pictures") {
            return Some((Sheet::Pictures, *self.pictures.get(at)?, named(parts::PICTURES, field)));
        }
        if let Some((at, rest)) = indexed(path, "situations") {
            let rows = self.answers.get(at)?;
            let (answer, field) = indexed(rest, "options").unwrap_or((0, rest));
            return Some((Sheet::Situations, *rows.get(answer)?, named(parts::ANSWERS, field)));
        }
        if let Some((at, rest)) = indexed(path, "approval") {
            let rows = self.steps.get(at)?;
            let (step, field) = indexed(rest, "steps").unwrap_or((0, rest));
            return Some((Sheet::Approval, *rows.get(step)?, named(parts::STEPS, field)));
        }
        let whole = |sheet, row: Option<&usize>| Some((sheet, *row?, None));
        match path {
            "materials" => whole(Sheet::Materials, self.materials.last()),
            "situations" => whole(Sheet::Situations, self.answers.last()?.first()),
            "approval" => whole(Sheet::Approval, self.steps.last()?.first()),
            "opinions" => whole(Sheet::Opinions, self.opinions.last()),
            "details.pictures" => whole(Sheet::Pictures, self.pictures.last()),
            _ => None,
        }
    }
}

/// The number in `head[3].rest`, and the rest without its list indices.
fn indexed<'a>(path: &'a str, head: &str) -> Option<(usize, &'a str)> {
    let (at, rest) = path.strip_prefix(head)?.strip_prefix('[')?.split_once(']')?;
    Some((at.parse().ok()?, rest.strip_prefix('.').unwrap_or(rest)))
}

fn named<T>(columns: &[Column<T>], field: &str) -> Option<&'static str> {
    let field = field.split('[').next().unwrap_or(field);
    columns.iter().find(|column| column.field == field).map(|column| column.name)
}
