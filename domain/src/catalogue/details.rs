//! Fields of the 实施清单 (DOMAIN §3) that inform and decide nothing: codes, notes, flow, place and hours, and the
//! illustrated and filmed editions of the guide. Knows no rule of cases.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Steps of an illustrated guide.
pub const PICTURES_MAX: usize = 12;

/// What a matter says beside its rules; everything may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// 基本编码.
    pub basic_code: String,
    /// 业务办理项编码.
    pub business_item_code: String,
    /// 实施主体性质.
    pub department_nature: String,
    /// What explains the limit by law.
    pub statutory_note: String,
    /// What explains the promised limit.
    pub promised_note: String,
    /// 办理流程, step by step.
    pub flow: Vec<String>,
    /// 中介服务.
    pub intermediary_services: Vec<String>,
    /// 年审年检; empty where there is none.
    pub annual_inspection: String,
    /// 网办深度, level 1 to 4.
    pub online_depth: Option<u8>,
    /// Whether the result may be sent by courier.
    pub courier: bool,
    /// 结果类型, such as 证照 or 批文.
    pub result_type: String,
    /// Where it is done, where that is not the site's address.
    pub address: String,
    /// When it is done, where that is not the hall's hours.
    pub hours: String,
    /// Codes of towns and villages it is done for.
    pub area_codes: Vec<String>,
    /// First day.
    pub effective_on: Option<NaiveDate>,
    /// Last day.
    pub expires_on: Option<NaiveDate>,
    /// 图例版: steps with a picture each.
    pub pictures: Vec<GuidePicture>,
    /// 视频版.
    pub video: Option<GuideVideo>,
}

/// Where a day lies that is none of a matter's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfDates {
    /// Before this first day.
    NotYet(NaiveDate),
    /// After this last day.
    Over(NaiveDate),
}

impl Details {
    /// Why the matter is not in force on a local date; `None` when it is. First and last day belong to it.
    #[must_use]
    pub fn out_of_dates(&self, today: NaiveDate) -> Option<OutOfDates> {
        let not_yet = self.effective_on.filter(|first| today < *first).map(OutOfDates::NotYet);
        not_yet.or_else(|| self.expires_on.filter(|last| *last < today).map(OutOfDates::Over))
    }

    /// Files that the guide shows, by their content.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let pictures = self.pictures.iter().filter_map(|picture| picture.file.as_deref());
        pictures.chain(self.video.iter().filter_map(|video| video.file.as_deref()))
    }
}

/// A step of the illustrated guide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidePicture {
    /// Name of one of the pages' own pictures; shown where there is no picture of the step's own.
    pub icon: String,
    /// What to do, in a few words.
    pub title: String,
    /// How; may be empty.
    #[serde(default)]
    pub text: String,
    /// A picture of the step's own: SHA-256 of its content, in lower hexadecimal digits.
    #[serde(default)]
    pub file: Option<String>,
    /// What is to be seen on that picture, for those who do not see it (WCAG 1.1.1); needed with one.
    #[serde(default)]
    pub alt: String,
}

/// The filmed guide: a file of this house, or an address elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideVideo {
    /// Title.
    pub title: String,
    /// Where it plays: `https://…`, or a path of this house; empty with a file.
    #[serde(default)]
    pub url: String,
    /// What is said in it, for those who cannot hear or play it (WCAG 1.2.1); needed with a file.
    #[serde(default)]
    pub transcript: String,
    /// The film itself: SHA-256 of its content, in lower hexadecimal digits.
    #[serde(default)]
    pub file: Option<String>,
}

/// Whether a text names a file by its content: SHA-256 in lower hexadecimal digits.
#[must_use]
pub fn is_file_name(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
