//! Tests of whole renderings.

mod guidance;
mod models;
mod render;
