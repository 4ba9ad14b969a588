//! Questions over an [`Infrastructure`](crate::Infrastructure), answered without reading anything.
