//! Commands to run next.

use std::collections::BTreeSet;

use plain_text::Command;

/// A command to run next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it shows.
    pub purpose: &'static str,
    /// The command or query.
    pub command: String,
    /// The language, and so the program that runs it.
    pub language: Language,
}

/// Languages of commands.
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

/// A shell step; `None` if a name in the command is not safe.
pub(super) fn shell(purpose: &'static str, command: Command) -> Option<Step> {
    Some(Step {
        purpose,
        command: command.finish()?,
        language: Language::Shell,
    })
}

/// Events of a namespace, the newest last.
pub(super) fn events(namespace: &str) -> Option<Step> {
    let command = Command::new("kubectl get events")
        .namespace(namespace)
        .literal("--sort-by=.lastTimestamp");
    shell("recent events", command)
}

/// Each command once, at its first position.
pub(super) fn each_once(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let mut known = BTreeSet::new();
    steps
        .into_iter()
        .filter(|step| known.insert(step.command.clone()))
        .collect()
}
