//! 对账: what we know of cases against what the platform above says it knows. Knows no row that was sent or not;
//! whoever reads the differences sees beside each what still waits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one side knows of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// 办件编号.
    pub number: String,
    /// The last state that was reported, 1 to 15.
    pub state: Option<u8>,
    /// The result, once there is one.
    pub result: Option<u8>,
}

/// In what two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// We have the case, they do not.
    MissingThere,
    /// They have it, we do not.
    MissingHere,
    /// The states differ.
    StateDiffers,
    /// The results differ.
    ResultDiffers,
}

impl DifferenceKind {
    /// The code in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingThere => "missing_there",
            Self::MissingHere => "missing_here",
            Self::StateDiffers => "state_differs",
            Self::ResultDiffers => "result_differs",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// 办件编号.
    pub number: String,
    /// In what.
    pub kind: DifferenceKind,
    /// Our state or result.
    pub ours: Option<u8>,
    /// Theirs.
    pub theirs: Option<u8>,
}

/// The differences by case number; a case that differs in state and result gives two. Of several entries of one
/// number on a side the last one counts.
#[must_use]
pub fn compare(ours: &[Known], theirs: &[Known]) -> Vec<Difference> {
    let by_number = |known: &'_ [Known]| -> BTreeMap<String, Known> { known.iter().map(|one| (one.number.clone(), one.clone())).collect() };
    let (ours, theirs) = (by_number(ours), by_number(theirs));
    let mut found = Vec::new();
    let mut add = |number: &str, kind, ours, theirs| found.push(Difference { number: number.to_owned(), kind, ours, theirs });
    for (number, mine) in &ours {
        match theirs.get(number) {
            None => add(number, DifferenceKind::MissingThere, mine.state, None),
            Some(other) => {
                if mine.state != other.state {
                    add(number, DifferenceKind::StateDiffers, mine.state, other.state);
                }
                if mine.result != other.result {
                    add(number, DifferenceKind::ResultDiffers, mine.result, other.result);
                }
            }
        }
    }
    for (number, other) in theirs.iter().filter(|(number, _)| !ours.contains_key(*number)) {
        add(number, DifferenceKind::MissingHere, None, other.state);
    }
    found.sort_by(|one, other| (&one.number, one.kind).cmp(&(&other.number, other.kind)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(number: &str, state: u8, result: Option<u8>) -> Known {
        Known { number: number.to_owned(), state: Some(state), result }
    }

    #[test]
    fn each_kind_of_difference_is_found_and_nothing_else() {
        let ours = [known("1", 3, None), known("2", 11, Some(11)), known("3", 8, None), known("4", 11, Some(11))];
        assert_eq!(compare(&ours, &ours), []);
        let theirs = [known("1", 3, None), known("3", 3, None), known("4", 11, None), known("9", 1, None)];
        let found: Vec<_> = compare(&ours, &theirs).into_iter().map(|one| (one.number, one.kind.name(), one.ours, one.theirs)).collect();
        assert_eq!(
            found,
            [
                ("2".to_owned(), "missing_there", Some(11), None),
                ("3".to_owned(), "state_differs", Some(8), Some(3)),
                ("4".to_owned(), "result_differs", Some(11), None),
                ("9".to_owned(), "missing_here", None, Some(1)),
            ]
        );
        assert_eq!(compare(&[known("5", 11, Some(11))], &[known("5", 13, Some(13))]).len(), 2);
    }
}
