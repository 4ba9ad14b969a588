//! A command to run next, and the answers that end with some.

use std::collections::BTreeSet;

use super::command::Command;

/// An answer, which ends with commands to run next.
pub trait Answer {
    /// Every command, in the order in which to run them. The answer's text ends with the first of them.
    fn steps(&self) -> &[Step];
}

/// A command to run next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it shows.
    pub purpose: &'static str,
    /// The command or query.
    pub command: String,
    /// What runs it.
    pub language: Language,
}

/// What runs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A POSIX shell.
    Shell,
    /// Loki.
    LogQl,
    /// Prometheus or Mimir.
    PromQl,
}

impl Language {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Shell => "shell",
            Language::LogQl => "logql",
            Language::PromQl => "promql",
        }
    }
}

/// A shell step, where every name in the command is one.
pub(super) fn shell(purpose: &'static str, command: Command) -> Option<Step> {
    Some(Step {
        purpose,
        command: command.finish()?,
        language: Language::Shell,
    })
}

/// Events of a namespace, the last ones last.
pub(super) fn events(namespace: &str) -> Option<Step> {
    let command = Command::new("kubectl get events")
        .namespace(namespace)
        .literal("--sort-by=.lastTimestamp");
    shell("recent events", command)
}

/// Each command where it stands first.
pub(super) fn each_once(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let mut known = BTreeSet::new();
    steps
        .into_iter()
        .filter(|step| known.insert(step.command.clone()))
        .collect()
}
