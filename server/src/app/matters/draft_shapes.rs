//! Drafts of matters as callers send and read them. Decides nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Body of `POST /sites/{site}/matters`: a new matter, as a draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMatterRequest {
    /// Every field of the matter but identity, version and state; what is left out is empty.
    #[schema(value_type = Object)]
    pub content: Value,
    /// Where it queues; null: no numbers are given for it.
    pub line_id: Option<String>,
}

/// Body of `POST /matters/{matter}/draft`: begins a draft with what is in force.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBeginRequest {}

/// Body of `PUT /matters/{matter}/draft`: the draft as a whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    /// The draft's revision that was read; 0 when there was none.
    pub revision: i64,
    /// The version in force that was read; 0 for a matter that never was.
    pub base_version: u32,
    /// Every field of the matter but identity, version and state; what is left out is empty.
    #[schema(value_type = Object)]
    pub content: Value,
    /// Where it queues; null: no numbers are given for it.
    pub line_id: Option<String>,
}

/// Body of `POST /matters/{matter}/draft/{action}`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftActionRequest {
    /// `return`: why it goes back; needed unless its writer takes it back.
    pub text: Option<String>,
    /// `publish`: from when it is in force; now without it.
    pub from: Option<String>,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DraftSummary {
    /// The matter.
    pub matter_id: String,
    /// Its name in the draft.
    pub name: String,
    /// 实施编码 in the draft.
    pub code: String,
    /// `editing`, `in_review`, `approved`, `scheduled`.
    pub step: String,
    /// Whether the matter was never in force.
    pub is_new: bool,
    /// From when it will be in force.
    pub effective_from: Option<String>,
    /// When it was last touched.
    pub changed_at: String,
}

/// A matter's draft beside what is in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DraftView {
    /// The matter.
    pub matter_id: String,
    /// Its site.
    pub site_id: String,
    /// `none`, `editing`, `in_review`, `approved`, `scheduled`.
    pub step: String,
    /// How often the draft was written; goes along with the next writing.
    pub revision: i64,
    /// The version in force that the draft was written from.
    pub base_version: u32,
    /// The newest version there is; 0 for a matter that never was in force.
    pub newest_version: u32,
    /// `published` or `retired`; null for a matter that never was in force.
    pub state: Option<String>,
    /// Whether another version came into force since the draft was written.
    pub outdated: bool,
    /// Where it queues.
    pub line_id: Option<String>,
    /// The draft; what is in force when there is none.
    #[schema(value_type = Object)]
    pub content: Value,
    /// Who wrote in it, by name.
    pub writers: Vec<String>,
    /// What the reviewer wrote when it came back.
    pub returned_text: Option<String>,
    /// Who handed it in.
    pub submitted_by: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// From when it will be in force.
    pub effective_from: Option<String>,
    /// How many sites below offer it by a claim.
    pub claim_count: usize,
    /// What the caller may do now: `save`, `submit`, `approve`, `return`, `publish`, `unschedule`, `discard`, `retire`.
    pub actions: Vec<String>,
}

/// What is done with a draft, by the last part of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftAction {
    /// 送审.
    Submit,
    /// 审核通过.
    Approve,
    /// 退回.
    Return,
    /// 发布.
    Publish,
    /// 取消定时.
    Unschedule,
    /// 丢弃.
    Discard,
}

impl DraftAction {
    /// Every action.
    pub const ALL: [Self; 6] = [Self::Submit, Self::Approve, Self::Return, Self::Publish, Self::Unschedule, Self::Discard];

    /// The part of the path.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Publish => "publish",
            Self::Unschedule => "unschedule",
            Self::Discard => "discard",
        }
    }

    /// Takes the part of a path back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == text)
    }
}
