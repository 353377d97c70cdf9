//! Papers as PDF: notices, decisions and lists that are printed, signed and kept (DOMAIN §7).
//!
//! Architecture Invariant: a paper is data, and its texts reach the template as values, never as markup, so
//! that no name and no opinion can change what a paper is. Fonts are handed in; no file is read but by the
//! caller, and neither packages nor the network can be reached from a template.

mod appended;
mod archive;
mod fonts;
mod paper;

use serde_json::json;
use typst::foundations::{Bytes, Dict, IntoValue as _, Smart};
use typst_as_lib::TypstEngine;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

pub use archive::{Archive, Bound, Content, Item, archive};
pub use fonts::{DEBIAN_FONTS, Fonts};
pub use paper::{Paper, Part, SealMark, Verify};

/// How parts look, on papers and in case files.
const PARTS: &str = include_str!("parts.typ");
/// How every paper is laid out, below its parts.
const TEMPLATE: &str = include_str!("paper.typ");

/// Why a paper could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The address does not fit into a QR code.
    #[error("qr code: {0}")]
    Qr(qrcode::types::QrError),
    /// The template did not take the paper.
    #[error("layout: {0}")]
    Layout(String),
    /// The pages could not be written.
    #[error("pdf: {0}")]
    Pdf(String),
}

/// A paper as PDF, its fonts embedded. `ident` names the paper for ever, e.g. its code of verification: the
/// same paper with the same fonts gives the same bytes.
///
/// Takes some tenths of a second of one processor: call it where it may block.
///
/// # Errors
/// [`DocumentError`] when the layout fails, e.g. because none of the fonts has Chinese characters.
pub fn pdf(paper: &Paper, ident: &str, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let qr = paper.verify.as_ref().map(|verify| qr_svg(&verify.url)).transpose()?;
    let mut inputs = Dict::new();
    let seal_mm = paper.seal.as_ref().map(|seal| seal.size_mm);
    inputs.insert("paper".into(), json!({ "paper": paper, "qr": qr, "seal_mm": seal_mm }).to_string().into_value());
    if let Some(seal) = &paper.seal {
        inputs.insert("seal".into(), Bytes::new(seal.png.clone()).into_value());
    }
    let engine = TypstEngine::builder().main_file(format!("{PARTS}\n{TEMPLATE}")).fonts(fonts.all()).build();
    let laid_out =
        engine.compile_with_input::<_, PagedDocument>(inputs).output.map_err(|error| DocumentError::Layout(error.to_string()))?;
    let options = PdfOptions { ident: Smart::Custom(ident.to_owned()), creator: Smart::Custom(None), ..PdfOptions::default() };
    typst_pdf::pdf(&laid_out, &options).map_err(|faults| DocumentError::Pdf(format!("{faults:?}")))
}

fn qr_svg(url: &str) -> Result<String, DocumentError> {
    let code = qrcode::QrCode::with_error_correction_level(url, qrcode::EcLevel::M).map_err(DocumentError::Qr)?;
    Ok(code.render::<qrcode::render::svg::Color>().quiet_zone(true).build())
}
