//! What a change of a repository does to a cluster.
//!
//! [`review`] holds what Flux would apply before a change against what it would apply after it: the objects field by field, the
//! facts of the catalogs, what restarts, what Flux deletes, and what is dangerous in it. [`text`] and [`markdown`] write it.

// What a review says.
mod owner;
mod review;

// From two evaluations to a review.
mod causes;
mod compare;
mod needs;
mod objects;
mod pod;
mod refused;
mod release;
mod remains;
mod unbuilt;

// What differs between two objects.
mod difference;
mod noise;

// What the API server makes of it.
mod api_defaults;
mod quantity;

// What follows from it.
pub mod danger;
mod fate;
mod held;
mod keep;
mod restarts;

// How it is written.
mod counts;
pub mod markdown;
pub mod text;

pub use compare::{Side, review};
pub use counts::Counts;
pub use owner::Owner;
pub use remains::{findings_with_remains, remains};
pub use review::{
    Change, ClusterReview, Deletion, FieldChange, FindingChanges, NotCompared, ObjectChange, Restart, Review,
    Stale, Which,
};
