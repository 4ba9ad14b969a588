//! Rendered releases that two scans of one process share.

use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;

use super::objects::Installation;
use crate::RenderingKey;

/// Rendered releases, by the digest of their inputs: of two scans with the same releases, each renders a part of them and takes
/// the rest from the other.
#[derive(Clone, Default)]
pub struct HandedOver {
    slots: Arc<Mutex<HashMap<RenderingKey, Slot>>>,
    is_other: bool,
}

type Slot = Arc<Mutex<Option<Installation>>>;

impl HandedOver {
    /// The same for the other scan. It starts with the last release, so that the two rarely wait for each other.
    #[must_use]
    pub fn other(&self) -> Self {
        HandedOver {
            slots: Arc::clone(&self.slots),
            is_other: !self.is_other,
        }
    }

    pub(crate) fn is_other(&self) -> bool {
        self.is_other
    }

    /// Renders a release for the first scan that asks, and hands the result over to the second one.
    pub(super) fn get<E>(
        &self,
        key: RenderingKey,
        render: impl FnOnce() -> Result<Installation, E>,
    ) -> Result<Installation, E> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rendered) = slot.take() {
            return Ok(rendered);
        }
        let rendered = render()?;
        *slot = Some(rendered.clone());
        Ok(rendered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendering_is_handed_over_once() {
        let one = HandedOver::default();
        let other = one.other();
        let mut times = 0;
        let mut get = |scan: &HandedOver| {
            scan.get(RenderingKey::from([1; 32]), || {
                times += 1;
                Ok::<_, ()>(Installation::default())
            })
        };
        assert!(get(&one).is_ok() && get(&other).is_ok() && get(&one).is_ok());
        assert_eq!(times, 2);
        assert!(!one.is_other() && other.is_other());
    }

    #[test]
    fn a_failed_rendering_is_tried_again() {
        let one = HandedOver::default();
        let key = RenderingKey::from([1; 32]);
        assert_eq!(one.get(key, || Err("no")).err(), Some("no"));
        assert!(one.get(key, || Ok::<_, ()>(Installation::default())).is_ok());
    }
}
