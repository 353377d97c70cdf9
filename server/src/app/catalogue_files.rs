//! A catalogue file as it comes and goes: told apart by its bytes — a simple list (CSV or one sheet), or a whole
//! catalogue as a spreadsheet, as CSV files in a ZIP, or as one of these CSV files — and the whole catalogue of a site
//! given out. Knows no rule of matters.

use std::borrow::Cow;
use std::io::{Cursor, Read as _, Write as _};

use domain::catalogue::import::tables::{FileSheet, Table, csv_sheet, csv_text, is_whole, tables};
use domain::catalogue::import::{FILE_BYTES_MAX, ImportFile, read, read_sheet};
use domain::catalogue::{Department, Matter};
use domain::ids::DepartmentId;
use encoding_rs::GB18030;
use zip::write::SimpleFileOptions;

use super::App;
use super::caller::Permit;
use super::catalogue_book::{self, too_long};
use super::catalogue_sheet::{check_size, is_sheet, read_single, sheets_of};
use super::directory::Listing;
use super::error::{Answer, AppError};
use crate::store::Stores;

/// Files looked at in an archive; a catalogue has eight.
const FILES_MAX: usize = 100;

/// Content type of a whole catalogue as CSV files.
pub const ARCHIVE_TYPE: &str = "application/zip";

/// In which form a whole catalogue is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogueFormat {
    /// A spreadsheet.
    Book,
    /// CSV files in a ZIP, one for each sheet.
    Archive,
}

/// A file that was brought.
pub(super) enum Given<'a> {
    /// A list of matters in seven columns, and the bytes in which codes are looked for.
    Simple(ImportFile, Cow<'a, [u8]>),
    /// The sheets of a whole catalogue.
    Whole(Vec<FileSheet>),
}

/// Tells what a file is.
pub(super) fn given(bytes: &[u8]) -> Given<'_> {
    if !is_sheet(bytes) {
        let whole = || Some(vec![csv_sheet("", bytes)]).filter(|sheets| is_whole(sheets));
        let sheets = if bytes.len() > FILE_BYTES_MAX { None } else { whole() };
        return sheets.map_or_else(|| Given::Simple(read(bytes), Cow::Borrowed(bytes)), Given::Whole);
    }
    let sheets = match texts_of(bytes) {
        Some(texts) => check_size(bytes).map(|()| texts.iter().map(|(name, text)| csv_sheet(name, text)).collect()),
        None => sheets_of(bytes),
    };
    match sheets {
        Ok(sheets) if is_whole(&sheets) => Given::Whole(sheets),
        Ok(sheets) => simple(read_single(&sheets)),
        Err(fault) => simple((read_sheet(&[], vec![fault]), String::new())),
    }
}

fn simple((file, text): (ImportFile, String)) -> Given<'static> {
    Given::Simple(file, Cow::Owned(text.into_bytes()))
}

/// The CSV files of an archive; `None` when it has none, as a spreadsheet has.
fn texts_of(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    check_size(bytes).ok()?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut texts = Vec::new();
    for place in 0..archive.len().min(FILES_MAX) {
        let mut entry = archive.by_index(place).ok()?;
        // Chinese Windows writes names in GBK and says nothing of it.
        let name = std::str::from_utf8(entry.name_raw()).map_or_else(|_| GB18030.decode(entry.name_raw()).0.into_owned(), str::to_owned);
        if name.to_ascii_lowercase().ends_with(".csv") {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).ok()?;
            texts.push((name, text));
        }
    }
    (!texts.is_empty()).then_some(texts)
}

/// Tables as a file; the same ones give the same bytes.
///
/// # Errors
/// `cell_too_long` (409) for a text that no cell of a spreadsheet holds.
pub fn written(tables: &[Table], format: CatalogueFormat) -> Answer<Vec<u8>> {
    match format {
        CatalogueFormat::Book => {
            if let Some(told) = too_long(tables) {
                return Err(AppError::refused("cell_too_long", told.message()));
            }
            catalogue_book::write(tables).map_err(|error| AppError::Internal(format!("a catalogue as a spreadsheet: {error}")))
        }
        CatalogueFormat::Archive => archive(tables).map_err(|error| AppError::Internal(format!("a catalogue as an archive: {error}"))),
    }
}

fn archive(tables: &[Table]) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // No time of making: it says nothing about the catalogue.
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for table in tables {
        writer.start_file(format!("{}.csv", table.sheet.name()), options)?;
        writer.write_all(csv_text(table).as_bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The departments of the district that a site belongs to.
pub(super) fn departments_of(listing: &Listing, site_id: &str) -> Answer<Vec<Department>> {
    let root = listing.root_of(site_id)?;
    let of_root = listing.departments.values().filter(|row| row.site_id == root.id);
    let known =
        of_root.filter_map(|row| Some(Department { id: DepartmentId::parse(&row.id)?, code: row.code.clone(), name: row.name.clone() }));
    Ok(known.collect())
}

/// All matters of a site's own, those out of force among them, as a file.
///
/// # Errors
/// An unknown site, [`written`], the store.
pub async fn whole_catalogue(stores: &Stores, listing: &Listing, site_id: &str, format: CatalogueFormat) -> Answer<Vec<u8>> {
    let departments = departments_of(listing, site_id)?;
    let rows = stores.catalogue.matters(site_id).await?;
    let matters = rows.iter().map(|row| serde_json::from_str(&row.doc)).collect::<Result<Vec<Matter>, _>>()?;
    written(&tables(&matters, &departments), format)
}

/// The sheets of a file of a whole catalogue; `None` for any other file.
#[must_use]
pub fn sheets_in(bytes: &[u8]) -> Option<Vec<FileSheet>> {
    match given(bytes) {
        Given::Whole(sheets) => Some(sheets),
        Given::Simple(..) => None,
    }
}

impl App {
    /// The whole catalogue of a site, every field of every matter; brought back unchanged it changes nothing.
    ///
    /// # Errors
    /// 404 for an unknown site, 409 `cell_too_long`, the store.
    pub async fn export_catalogue(&self, permit: &Permit, format: CatalogueFormat) -> Answer<Vec<u8>> {
        whole_catalogue(&self.stores, &self.directory.get(), permit.site_id(), format).await
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use domain::catalogue::import::tables::Sheet;

    use super::*;

    fn table(sheet: Sheet) -> Table {
        Table { sheet, rows: vec![vec!["007".to_owned(); sheet.columns().len()]] }
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        sheets_in(bytes).unwrap_or_default().into_iter().map(|sheet| sheet.name).collect()
    }

    #[test]
    fn every_form_of_a_whole_catalogue_is_told_apart_from_a_simple_list() {
        let tables = [table(Sheet::Matters), table(Sheet::Pictures)];
        let archive = written(&tables, CatalogueFormat::Archive).unwrap();
        assert_eq!(archive, written(&tables, CatalogueFormat::Archive).unwrap(), "the same bytes");
        assert_eq!(names(&archive), ["事项", "图例版"]);
        assert_eq!(names(&written(&tables, CatalogueFormat::Book).unwrap()), ["事项", "图例版", "说明"]);
        assert_eq!(names(csv_text(&tables[1]).as_bytes()), [""]);
        assert_eq!(names(&GB18030.encode(&csv_text(&tables[0]).replace('\u{feff}', "")).0), [""]);
        let simple = "department,category,name,item_code,task_type,area_code,department_code\n";
        assert!(sheets_in(simple.as_bytes()).is_none() && sheets_in(b"PK\x03\x04x").is_none() && sheets_in(b"").is_none());
        assert!(matches!(given(b"PK\x03\x04x"), Given::Simple(file, _) if file.faults.len() == 1));
    }

    #[test]
    fn names_in_an_archive_may_be_in_gbk_and_in_a_folder() {
        let mut archive = written(&[table(Sheet::Materials)], CatalogueFormat::Archive).unwrap();
        // As from a Chinese Windows: the name in other bytes, and no word of which.
        let (utf8, gbk) = ("材料.csv".as_bytes(), GB18030.encode("a/材料.csv").0.into_owned());
        assert_eq!(utf8.len(), gbk.len());
        let places: Vec<usize> = (0..=archive.len() - utf8.len()).filter(|at| archive[*at..].starts_with(utf8)).collect();
        let [entry, listed] = places.as_slice() else { panic!("in the entry and in the list of entries: {places:?}") };
        for at in [*entry, *listed] {
            archive[at..at + utf8.len()].copy_from_slice(&gbk);
        }
        // The flag "names are UTF-8" stands 30 − 7 and 46 − 9 bytes before the names.
        archive[entry - 23] &= !0x08;
        archive[listed - 37] &= !0x08;
        assert_eq!(names(&archive), ["材料"]);
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_told_with_its_place() {
        let mut long = table(Sheet::Materials);
        long.rows[0][3] = "长".repeat(40_000);
        let told = written(std::slice::from_ref(&long), CatalogueFormat::Book).unwrap_err().message();
        assert!(told.contains("“材料”里 007 的“材料名称”有 40000 个字"), "{told}");
        assert!(written(&[long], CatalogueFormat::Archive).is_ok(), "a text file has no such limit");
    }
}
