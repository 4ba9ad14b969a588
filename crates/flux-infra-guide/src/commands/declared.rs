//! The declaration of a command's arguments.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Id};

/// Changes what arguments declare, for one of the commands that share them.
pub(crate) trait Adjust {
    fn adjust(command: Command) -> Command;
}

thread_local! {
    /// The only command whose arguments are declared, if any.
    static ONLY: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`, which parses arguments of the program. Those of all commands take longer to declare than many questions to answer; so
/// if the first argument can only be a command, no other's are declared.
pub(crate) fn of_one_command<T>(first: Option<&OsStr>, work: impl FnOnce() -> T) -> T {
    let is_command = |first: &&str| !first.starts_with('-') && *first != "help";
    let only = first.and_then(OsStr::to_str).filter(is_command);
    ONLY.set(only.map(str::to_owned));
    let result = work();
    ONLY.set(None);
    result
}

/// A command with its arguments, which `declare` adds and `J` adjusts, unless another is the only one.
fn declared<J: Adjust>(command: Command, declare: fn(Command) -> Command) -> Command {
    let is_declared = |only: &Option<String>| only.as_ref().is_none_or(|only| only == command.get_name());
    match ONLY.with_borrow(is_declared) {
        true => J::adjust(declare(command)),
        false => command,
    }
}

/// Arguments `A` as `J` adjusts their declaration.
pub(crate) struct Adjusted<A, J>(A, PhantomData<J>);

impl<A: fmt::Debug, J> fmt::Debug for Adjusted<A, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<A, J> Deref for Adjusted<A, J> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.0
    }
}

impl<A: Args, J: Adjust> Args for Adjusted<A, J> {
    fn augment_args(command: Command) -> Command {
        declared::<J>(command, A::augment_args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        declared::<J>(command, A::augment_args_for_update)
    }

    fn group_id() -> Option<Id> {
        A::group_id()
    }
}

impl<A: FromArgMatches, J> FromArgMatches for Adjusted<A, J> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        A::from_arg_matches(matches).map(|arguments| Adjusted(arguments, PhantomData))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
