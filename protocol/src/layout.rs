//! What a display shows, as configuration: which page, which blocks, which second language, how large. Knows no page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a display shows and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DisplayLayout {
    /// The board of the hall, the strip of one window, or the public lists.
    pub view: DisplayView,
    /// The number of the window, for its strip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<u16>,
    /// The language beside the Chinese.
    pub second: SecondLanguage,
    /// What the board shows beside the call, each block once, in any order; the call itself is always there.
    pub blocks: Vec<BoardBlock>,
    /// Whether lines and windows stand beside each other (2) or only one of them over the whole width (1).
    pub columns: u8,
    /// How large the letters of the board are.
    pub size: LayoutSize,
}

impl Default for DisplayLayout {
    fn default() -> Self {
        Self {
            view: DisplayView::Hall,
            window: None,
            second: SecondLanguage::None,
            blocks: BoardBlock::ALL.to_vec(),
            columns: 2,
            size: LayoutSize::Normal,
        }
    }
}

/// Which page a display shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisplayView {
    /// The board of the hall.
    Hall,
    /// The strip above one window.
    Window,
    /// 公示.
    Lists,
}

/// A language beside the Chinese.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondLanguage {
    /// Chinese alone.
    None,
    /// English, smaller.
    En,
    /// Mongolian in the traditional script, in columns.
    Mn,
}

/// A part of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoardBlock {
    /// The calls before the newest.
    Before,
    /// How many wait in each line.
    Waiting,
    /// Whose numbers come next in each line.
    Next,
    /// What each window does.
    Windows,
    /// Notices at the foot.
    Notices,
}

impl BoardBlock {
    /// Every block.
    pub const ALL: [Self; 5] = [Self::Before, Self::Waiting, Self::Next, Self::Windows, Self::Notices];
}

/// How large the letters of a board are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LayoutSize {
    /// For a hall of up to about ten metres.
    Normal,
    /// Fewer lines and windows on a page, larger.
    Large,
}
