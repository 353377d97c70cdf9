//! A value that copies of a hall share until one of them changes it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::state::Hall;
use super::window::Window;
use crate::ids::WindowId;

/// A value shared by its clones; whoever changes it gets a copy of its own first, if others have it too.
/// Deciding works on copies of a hall, and a command changes little of it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// A value that nobody else has yet.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }

    /// Whether both are one value and neither was changed since they were cloned.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl Hall {
    /// The windows that this hall does not share with an earlier copy of itself: those that changed, and few more.
    pub fn windows_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a Window> {
        let same = self.windows.is_same(&before.windows);
        // Both go by id, so that no window has to be looked up.
        let mut known = before.windows.iter().peekable();
        let changed = move |(id, window): &(&WindowId, &Shared<Window>)| {
            while known.next_if(|(other, _)| other < id).is_some() {}
            !known.next_if(|(other, _)| other == id).is_some_and(|(_, known)| known.is_same(window))
        };
        self.windows.iter().filter(move |_| !same).filter(changed).map(|(_, window)| &**window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_nobody_else() {
        let before = Shared::new(vec![1]);
        let mut after = before.clone();
        assert!(before.is_same(&after));
        after.push(2);
        assert_eq!((before.as_slice(), after.as_slice()), ([1].as_slice(), [1, 2].as_slice()));
        assert!(!before.is_same(&after));
    }
}
