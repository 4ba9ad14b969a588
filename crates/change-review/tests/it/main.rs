//! Changes of a repository have the reports that are written beside them.

#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

mod cases;
mod formats;
mod withheld;
