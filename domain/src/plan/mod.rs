//! The district's improvement plan: the weeks of its ledger 台账, its tasks, the tiers of sites, the list of
//! what belongs into the hall 应进必进, and the figures asked for (DOMAIN §9). Knows no store, no log and no page.

mod entry;
mod fault;
mod figure;
mod ledger;
mod tier;
mod week;

pub use entry::{EntryItem, EntryList, Exemption};
pub use fault::PlanFault;
pub use figure::{Better, FIGURES, PlanFigure, Reach, Unit, figure};
pub use ledger::{BUILT_IN_COLUMNS, Column, LedgerPlan, Task};
pub use tier::{Checklist, ChecklistItem, Tier, TieredKind, is_tiered, tier_share};
pub use week::{Week, WeekFault};
