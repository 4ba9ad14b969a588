//! Catalogs of a hand-made model, on disk and back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

#[path = "../../../infra-model/tests/model/mod.rs"]
mod model;

mod answers;
mod arbitrary;
mod expected;
mod facts;
mod graph;
mod grep;
mod read;
mod round_trip;
mod schema;
mod seed;
mod store;
mod write;
