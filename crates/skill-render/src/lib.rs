//! Filled in by its first stage.
