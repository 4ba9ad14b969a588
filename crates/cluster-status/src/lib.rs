//! Why an object of a Flux repository is not ready in the cluster, and how the cluster differs from the repository.
//!
//! A [`Cluster`] lists objects, a [`Snapshot`] holds typed views of them, [`status()`] walks from objects that are not ready to
//! the cause and to the place in the repository that fixes it. Nothing is written to a cluster, no value of a Secret is read,
//! and the caller supplies the time.
//!
//! ```
//! use cluster_status::{Group, Recorded, Snapshot, status};
//! use infra_model::Infrastructure;
//!
//! let mut cluster = Recorded::new("no such file");
//! let snapshot = Snapshot::read(&mut cluster, &[Group::Flux], &mut |_| {});
//! let report = status(&Infrastructure::default(), &snapshot, None, std::time::UNIX_EPOCH)?;
//! assert!(report.ready && report.unread.len() == 1);
//! # Ok::<(), infra_query::QueryError>(())
//! ```

// From a cluster to objects.
mod cluster;
mod live;
mod snapshot;

// From an object to its cause.
mod assess;
mod mend;
mod message;
mod repository;
mod steps;
mod time;
mod walk;

// Questions and answers.
mod status;
mod verify;

pub use assess::{Retry, State};
pub use cluster::{Cluster, Coverage, Group, Kubectl, Recorded, Remark, write_record};
pub use live::Object;
pub use mend::Edit;
pub use snapshot::Snapshot;
pub use status::{Link, Problem, StatusReport, status};
pub use verify::{DriftedField, DriftedObject, MissingObject, StrayObject, VerifyReport, verify};
