//! Numbers with check digits, what may be shown of them, codes people type, and the hygiene of
//! text that comes from people. Knows no person and no store; randomness is an argument.

mod identity;
mod licence;
mod mask;
mod number;
mod text;
mod token;

pub use identity::{CodeFault, IdType, Landline, Mobile, ResidentId, Sex, phone, resident_id, uscc};
pub use licence::{is_licence_identifier, licence_identifier};
pub use mask::{mask_address, mask_email, mask_id_number, mask_name, mask_phone};
pub use number::{CASE_NUMBER_CHARS_MAX, CaseNumberPattern, PatternFault};
pub use text::{TextFault, clean_line, clean_lines, narrow};
pub use token::{QUERY_CODE_CHARS, SHORT_CODE_CHARS, TRACKING_CODE_CHARS, normal_code, query_code, short_code, tracking_code};
