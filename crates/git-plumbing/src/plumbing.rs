//! A Git command that cannot use the network or start another program.

use std::process::Command;

use camino::Utf8Path;

/// Settings that keep any Git from running commands of a repository: hooks, monitors, attributes and maintenance. A repository
/// within another one counts as its data.
pub const NEUTRAL: &[&str] = &[
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=no",
    "protocol.ext.allow=never",
];

/// Git with an empty environment, except for the search path and the places of the user's own configuration.
///
/// The repository's configuration is read, since it states the format of objects, but none of its commands run: plumbing for objects
/// uses no filter, pager, monitor or alias, and the fetch of missing objects is forbidden four times over. The user's
/// configuration is needed for `safe.directory`.
pub fn plumbing(folder: &Utf8Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .env_clear()
        .envs(
            ["PATH", "HOME", "XDG_CONFIG_HOME", "SystemRoot"]
                .iter()
                .filter_map(|name| std::env::var_os(name).map(|value| (name, value))),
        )
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_ATTR_NOSYSTEM", "1")
        // Missing objects are not fetched (Git 2.45); an older Git tries, but every transport is forbidden.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_PROTOCOL_FROM_USER", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("GIT_SSH_COMMAND", "false")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_PAGER", "cat");
    let offline = [
        "protocol.allow=never",
        "core.sshCommand=false",
        "core.gitProxy=",
        "credential.helper=",
    ];
    for setting in NEUTRAL.iter().chain(&offline) {
        command.arg("-c").arg(setting);
    }
    command.arg("--no-pager").arg("-C").arg(folder).args(arguments);
    command
}
