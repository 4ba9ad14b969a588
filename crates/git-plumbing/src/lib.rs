//! Git's plumbing, in a process that runs no other program.
//!
//! A repository may be a stranger's, and its `.git` configures commands: filters, hooks, monitors, transports. `git archive` and
//! `git status` run filters; `ls-tree` and `cat-file --batch` only read objects. [`Process`] kills a Git that has been silent for
//! too long; [`plumbing`] is a command that cannot use the network; [`files`] and [`read_files`] return the files of a commit,
//! and [`CommitTree`] is the commit as a tree of files.

mod commit_tree;
mod committed;
mod objects;
mod plumbing;
mod process;
mod tree_object;

pub use commit_tree::CommitTree;
pub use committed::{CommittedFile, commit, files, is_partial, is_shallow, read_files};
pub use plumbing::{NEUTRAL, plumbing};
pub use process::{Input, NoAnswer, Process, Watched};
