//! Text of a repository, made safe for those who read it.
//!
//! A repository's text is hostile until proven otherwise. It may hold terminal escapes, shell commands, markup,
//! invisible characters, and sentences that pretend to come from somebody else. All output of the program passes
//! through here:
//!
//! | reader | written by |
//! | --- | --- |
//! | terminal | [`Lines`], for whole lines; [`printable`] for a part of one |
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
