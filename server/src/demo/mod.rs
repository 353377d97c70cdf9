//! The sample district that `yichuang demo` starts with. All names are invented and marked as such.
//! Gives values only; writing them to a store is the use cases' work.

mod build;
mod data;
mod plan;
pub mod simulators;
mod source;
pub mod upper;

pub use build::district;
pub use data::{District, SampleBundle, SampleMatter, SamplePlan, SampleSite, SampleStaff, SiteKind};
pub use source::SampleFault;

#[cfg(test)]
mod tests;
