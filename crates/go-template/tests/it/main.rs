//! Tests of the public API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod calls;
mod library;
mod limits;
mod marks;
mod objects;
mod sets;
mod text_template;
