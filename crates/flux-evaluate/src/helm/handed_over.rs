//! What releases make, handed from one scan to another one of the same process.

use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;

use super::objects::Installation;
use crate::RenderingKey;

/// What releases make, by everything that decides it: of two scans that render the same releases, each makes a part of them and
/// gets the rest from the other.
#[derive(Clone, Default)]
pub struct HandedOver {
    made: Arc<Mutex<HashMap<RenderingKey, Slot>>>,
    is_other: bool,
}

type Slot = Arc<Mutex<Option<Installation>>>;

impl HandedOver {
    /// The same for the other scan. It begins at the other end, so that the two do not wait for each other all the way.
    #[must_use]
    pub fn other(&self) -> Self {
        HandedOver {
            made: Arc::clone(&self.made),
            is_other: !self.is_other,
        }
    }

    pub(crate) fn is_other(&self) -> bool {
        self.is_other
    }

    /// What one release makes. Who asks second takes what the first one left.
    pub(super) fn get<E>(
        &self,
        key: RenderingKey,
        make: impl FnOnce() -> Result<Installation, E>,
    ) -> Result<Installation, E> {
        let slot = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(made.entry(key).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = slot.take() {
            return Ok(made);
        }
        let made = make()?;
        *slot = Some(made.clone());
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_has_made_the_other_takes_once() {
        let one = HandedOver::default();
        let other = one.other();
        let mut times = 0;
        let mut get = |of: &HandedOver| {
            of.get(RenderingKey::from([1; 32]), || {
                times += 1;
                Ok::<_, ()>(Installation::default())
            })
        };
        assert!(get(&one).is_ok() && get(&other).is_ok() && get(&one).is_ok());
        assert_eq!(times, 2);
        assert!(!one.is_other() && other.is_other());
    }

    #[test]
    fn what_cannot_be_made_is_tried_again() {
        let one = HandedOver::default();
        let key = RenderingKey::from([1; 32]);
        assert_eq!(one.get(key, || Err("no")).err(), Some("no"));
        assert!(one.get(key, || Ok::<_, ()>(Installation::default())).is_ok());
    }
}
