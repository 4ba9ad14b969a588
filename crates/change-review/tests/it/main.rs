//! Changes of a repository have the reports that are written beside them.

mod cases;
mod formats;
mod withheld;
