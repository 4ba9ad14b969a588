//! What a change of a repository does to a cluster.
//!
//! [`review`] compares what Flux would apply before a change and after it: objects field by field, facts of the catalogs, restarts,
//! deletions, and dangers. [`text`] and [`markdown`] write it.

// The types of a review.
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
mod side;
mod unbuilt;

// Differences between two objects.
mod difference;
mod noise;

// Rules of the API server.
mod api_defaults;
mod quantity;

// Consequences of the differences.
pub mod danger;
mod fate;
mod held;
mod keep;
mod restarts;

// Output.
mod counts;
pub mod markdown;
pub mod text;

pub use compare::review;
pub use counts::Counts;
pub use owner::Owner;
pub use remains::{findings_with_remains, remains};
pub use review::{
    Change, ClusterReview, Deletion, FieldChange, FindingChanges, NotCompared, ObjectChange, Restart, Review,
    Stale, Which,
};
pub use side::Side;
