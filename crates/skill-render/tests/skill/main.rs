//! Tests of whole renderings.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod fixture;
mod guidance;
mod models;
mod render;
