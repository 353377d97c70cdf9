//! A case file (办件档案) as one PDF: a cover, the list of what lies in it (卷内文件目录) with page numbers, then each
//! thing from a new page on. Files that came as PDF are appended page by page, pictures are pages of their own.
//! Knows no case: which things there are is decided by whoever fills it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde_json::json;
use typst::foundations::{Bytes, Dict, IntoValue as _, Smart};
use typst_as_lib::TypstEngine;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::appended::{Unfit, pages_of};
use crate::{DocumentError, Fonts, PARTS, Part};

/// How it is laid out, below the parts that papers share.
const TEMPLATE: &str = include_str!("archive.typ");

/// A case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Whose it is.
    pub issuer: String,
    /// What it is called.
    pub title: String,
    /// Its number, below the title.
    pub number: String,
    /// What stands on the cover: name and value.
    pub facts: Vec<(String, String)>,
    /// The last line of the cover.
    pub note: String,
    /// What lies in it, in order.
    pub items: Vec<Item>,
}

/// Something that lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is (题名).
    pub name: String,
    /// Who answers for it (责任者).
    pub author: String,
    /// Its day, as people write it.
    pub date: String,
    /// A remark in the list of contents.
    pub remark: String,
    /// One line above each page that was added: when and by whom, and the hash of the content.
    pub origin: String,
    /// What it shows.
    pub content: Content,
}

/// What a thing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text and tables, and signatures (words and picture) below them.
    Parts(Vec<Part>, Vec<(String, Vec<u8>)>),
    /// A PDF, appended page by page.
    Pdf(Vec<u8>),
    /// A JPEG, PNG or WebP picture, a page of its own.
    Picture(Vec<u8>),
}

/// A case file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The file.
    pub pdf: Vec<u8>,
    /// Places of the items whose PDF or picture could not be taken in; a page in it says so of each.
    pub left_out: Vec<usize>,
}

#[derive(Serialize)]
struct Laid<'a> {
    kind: &'static str,
    name: &'a str,
    author: &'a str,
    date: &'a str,
    remark: &'a str,
    origin: &'a str,
    wide: Vec<bool>,
    parts: Vec<Part>,
    signatures: Vec<&'a str>,
}

/// A case file as PDF, its fonts embedded. `ident` names it for ever.
///
/// Takes some seconds of one processor and several times the bytes of what lies in it: call it where it may block,
/// one at a time.
///
/// # Errors
/// [`DocumentError`] when the layout fails, e.g. because none of the fonts has Chinese characters. A PDF or a
/// picture that cannot be taken in is no error.
pub fn archive(archive: &Archive, ident: &str, fonts: &Fonts) -> Result<Bound, DocumentError> {
    let mut pages: Vec<Result<Vec<bool>, Unfit>> = archive.items.iter().map(fits).collect();
    if let Ok(pdf) = bound(archive, &pages, ident, fonts) {
        return Ok(Bound { pdf, left_out: left_out(&pages) });
    }
    // Something in it cannot be written: each is tried alone.
    for (item, wide) in archive.items.iter().zip(&mut pages) {
        let is_added = !matches!(item.content, Content::Parts(..));
        if is_added && wide.is_ok() && !is_written(item, wide) {
            *wide = Err(Unfit::Unreadable);
        }
    }
    let pdf = bound(archive, &pages, ident, fonts)?;
    Ok(Bound { pdf, left_out: left_out(&pages) })
}

fn left_out(pages: &[Result<Vec<bool>, Unfit>]) -> Vec<usize> {
    pages.iter().enumerate().filter(|(_, wide)| wide.is_err()).map(|(at, _)| at).collect()
}

/// Which pages of an item are wider than high; none where it has no pages of its own.
fn fits(item: &Item) -> Result<Vec<bool>, Unfit> {
    match &item.content {
        Content::Pdf(bytes) => catch_unwind(|| pages_of(bytes)).unwrap_or(Err(Unfit::Unreadable)),
        Content::Parts(..) | Content::Picture(_) => Ok(Vec::new()),
    }
}

fn laid<'a>(item: &'a Item, wide: &Result<Vec<bool>, Unfit>) -> Laid<'a> {
    let (kind, parts, signatures) = match (&item.content, wide) {
        (Content::Parts(parts, signatures), _) => {
            ("parts", parts.clone(), signatures.iter().map(|(caption, _)| caption.as_str()).collect())
        }
        (_, Err(unfit)) => ("parts", instead(item, *unfit), Vec::new()),
        (Content::Pdf(_), Ok(_)) => ("pages", Vec::new(), Vec::new()),
        (Content::Picture(_), Ok(_)) => ("picture", Vec::new(), Vec::new()),
    };
    Laid {
        kind,
        name: &item.name,
        author: &item.author,
        date: &item.date,
        remark: &item.remark,
        origin: &item.origin,
        wide: wide.clone().unwrap_or_default(),
        parts,
        signatures,
    }
}

/// The page in the place of what could not be taken in.
fn instead(item: &Item, unfit: Unfit) -> Vec<Part> {
    let text = format!("这份文件没有并入本档案：{}。原文件仍在系统里，按下面的校验值核对。", unfit.words());
    vec![Part::Text { text }, Part::Facts { rows: vec![("文件".to_owned(), item.name.clone()), ("来源".to_owned(), item.origin.clone())] }]
}

fn bound(archive: &Archive, pages: &[Result<Vec<bool>, Unfit>], ident: &str, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let mut inputs = Dict::new();
    let items: Vec<Laid<'_>> = archive.items.iter().zip(pages).map(|(item, wide)| laid(item, wide)).collect();
    let told = json!({
        "issuer": archive.issuer, "title": archive.title, "number": archive.number, "facts": archive.facts, "note": archive.note,
        "items": items,
    });
    inputs.insert("archive".into(), told.to_string().into_value());
    for (at, (item, wide)) in archive.items.iter().zip(pages).enumerate() {
        match &item.content {
            Content::Pdf(bytes) | Content::Picture(bytes) if wide.is_ok() => {
                inputs.insert(format!("file-{at}").into(), Bytes::new(bytes.clone()).into_value());
            }
            Content::Parts(_, signatures) => {
                for (place, (_, picture)) in signatures.iter().enumerate() {
                    inputs.insert(format!("signature-{at}-{place}").into(), Bytes::new(picture.clone()).into_value());
                }
            }
            Content::Pdf(_) | Content::Picture(_) => {}
        }
    }
    written(format!("{PARTS}\n{TEMPLATE}"), inputs, ident, fonts)
}

/// Whether a file alone can be written as pages.
fn is_written(item: &Item, wide: &Result<Vec<bool>, Unfit>) -> bool {
    let (Content::Pdf(bytes) | Content::Picture(bytes), Ok(wide)) = (&item.content, wide) else { return false };
    let template = match &item.content {
        Content::Pdf(_) => {
            format!("#for page in range(1, {}) {{ image(sys.inputs.file, format: \"pdf\", page: page, width: 10mm) }}", wide.len() + 1)
        }
        _ => "#image(sys.inputs.file, width: 10mm)".to_owned(),
    };
    let mut inputs = Dict::new();
    inputs.insert("file".into(), Bytes::new(bytes.clone()).into_value());
    written(template, inputs, "probe", &Fonts::none()).is_ok()
}

/// What others made may bring a reader to its knees: it falls alone.
fn written(template: String, inputs: Dict, ident: &str, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let work = || {
        let engine = TypstEngine::builder().main_file(template).fonts(fonts.all()).build();
        let laid_out =
            engine.compile_with_input::<_, PagedDocument>(inputs).output.map_err(|error| DocumentError::Layout(error.to_string()))?;
        let options = PdfOptions { ident: Smart::Custom(ident.to_owned()), creator: Smart::Custom(None), ..PdfOptions::default() };
        typst_pdf::pdf(&laid_out, &options).map_err(|faults| DocumentError::Pdf(format!("{faults:?}")))
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(DocumentError::Pdf("a reader fell".to_owned())))
}
