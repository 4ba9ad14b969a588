//! Questions about the infrastructure of a Flux repository, over [`Facts`]: one file or folder per question.
//!
//! An answer is data that borrows from the facts; its [`Display`](std::fmt::Display) is the short text for people and
//! agents. `find` decides what a term means, `subject` has the kinds of subjects that it can mean, `graph` who depends
//! on whom, [`next_steps`] the commands to run next.

mod alerts;
mod answer;
mod copies;
mod distance;
mod elsewhere;
mod facts;
mod failing;
mod find;
mod graph;
mod network;
mod network_policy;
mod object;
pub mod on_change;
mod question;
mod readiness;
mod subject;
mod suspended_above;
mod text;
mod variable;

pub mod next_steps;

pub mod compare;
mod compare_services;
pub mod config;
mod config_use;
pub mod explain;
pub mod flux;
pub mod grep;
pub mod image;
pub mod impact;
pub mod lint;
pub mod list;
pub mod named_by;
pub mod next;
pub mod secret;
pub mod trace;
pub mod r#where;
pub mod why_not;

pub use answer::{Answer, Text};
pub use compare::compare;
pub use compare_services::compare_things;
pub use config::{config, config_like, config_of_objects};
pub use elsewhere::elsewhere;
pub use explain::explain;
pub use facts::{Entries, Facts, Keyed, REMOTE, is_remote};
pub use find::{Hit, Matched, NoneOfKind, NotFound, QueryError, find};
pub use flux::flux;
pub use graph::{Edge, EdgeKind, Graph, Node};
pub use grep::grep;
pub use image::image;
pub use impact::impact;
pub use lint::lint;
pub use list::list;
pub use next::next;
pub use question::Question;
pub use secret::secret;
pub use subject::Subject;
pub use trace::trace;
pub use r#where::where_is;
pub use why_not::WhyNot;
