//! Git's plumbing, in a process that runs nothing but Git.
//!
//! A repository may be a stranger's, and its `.git` states commands: filters, hooks, monitors, transports. `git archive` and
//! `git status` run filters; `ls-tree` and `cat-file --batch` look at nothing but objects. [`Process`] watches a Git and ends
//! it when it says nothing any more; [`plumbing`] is a command that reaches no network; [`files`] and [`read_files`] give the
//! files of a commit, and [`CommitTree`] is the commit as a tree of files.

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
