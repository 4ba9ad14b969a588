//! Arguments turn into calls of the library crates, and their results into text on the terminal.
//!
//! Thin on purpose: parse arguments, call, print. [`run`] is the whole program, [`regenerate`] the work of `regen`,
//! which developer tasks share.

mod answer_colors;
mod answer_source;
mod args;
mod argument_file;
mod cache;
mod clock;
mod closed_clusters;
mod colors;
mod commands;
mod data_folder;
mod diff_colors;
mod exit;
mod fetched;
mod findings_format;
mod freshness_note;
mod git;
mod known_names;
mod live_args;
mod live_cluster;
mod model_args;
mod output;
mod pager;
mod plugin_files;
pub mod regenerate;
mod report;
mod run;
mod rwenv;
mod scan_args;
mod several_clusters;
mod size;
mod terminal;
mod understood;
mod work_tree;

pub use args::Cli;
pub use exit::{Exit, Failure};
pub use run::{complete, run};
