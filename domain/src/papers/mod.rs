//! What a site may word itself on the papers of DOMAIN §7, and the seals that stand on them. A text's places are written
//! and filled like those of messages. Titles, tables and what the case says are not worded: only the sentences around
//! them. Knows neither the layout nor any case.

mod check;
mod seal;
mod templates;
mod versions;

pub use check::{Wording, faults};
pub use seal::{
    SEAL_BYTES_MAX, SEAL_MM, SEAL_PX, SEALS_MAX, Seal, SealFault, SealPicture, picture_faults, seal_of, seal_to_come, term_faults,
};
pub use templates::{
    ACCEPTANCE, CORRECTION, DECISION, DELIVERY, EXTENSION, JOINT_CORRECTION, PaperTemplate, PaperText, Phrase, RECEIPT, REFUSAL,
    SPECIAL_PROCEDURE, Speaker, TEMPLATES, TOLERANT_ACCEPTANCE, TRANSFER, template,
};
pub use versions::{WordingVersion, in_force};

/// How long 行政复议 may be asked for: 行政复议法 (2023) Art. 20.
pub const REVIEW_TERM: &str = "六十日";
/// How long a court may be gone to: 行政诉讼法 Art. 46.
pub const SUIT_TERM: &str = "六个月";
/// Longest text as it is written, with its places, in characters.
pub const WRITTEN_CHARS_MAX: usize = 1_000;
