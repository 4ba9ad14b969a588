//! Text of a repository in a form that is safe for its reader: one way to each of them.
//!
//! A repository's text is hostile until proven otherwise. It may hold terminal escapes, shell commands, markup, characters
//! that nobody sees, and sentences that pretend to be somebody else's. Whatever leaves the program passes through here:
//!
//! | reader | way |
//! | --- | --- |
//! | terminal | [`Lines`], which ends lines itself; [`printable`] for a part of one |
//! | shell | [`Command`], one word at a time |
//! | Loki, Prometheus | [`logql_string`] |
//! | Markdown page | [`markdown`]; [`notes`] for whole notes |
//! | program | [`json::escaped`] |

mod check_command;
mod lines;
mod printable;
mod shell;
mod unseen;

pub mod json;
pub mod markdown;
pub mod notes;

pub use check_command::is_check_command;
pub use lines::Lines;
pub use printable::{printable, printable_lines, printable_name};
pub use shell::{Command, is_name, logql_string, shell_word};
pub use unseen::is_unseen;
