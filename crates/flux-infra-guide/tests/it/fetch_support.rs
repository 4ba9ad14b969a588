//! Archives for tests of `fetch`.

#[path = "../../../source-fetch/tests/it/archives.rs"]
mod archives;

pub(crate) use archives::{archive, chart};
