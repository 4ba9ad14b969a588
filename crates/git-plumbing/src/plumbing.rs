//! A Git that reaches no network and starts no other program.

use std::process::Command;

use camino::Utf8Path;

/// Settings that keep any Git from running what a repository states: hooks, monitors, attributes, and the work that it does
/// on the side. A repository that is a folder of another one is data of that one.
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

/// Git with nothing of this process but the search path and the user's own configuration.
///
/// The repository's configuration is read, as it states the format of objects, but nothing in it that runs has a say:
/// plumbing for objects knows no filter, pager, monitor or alias, and what it might start (a fetch of missing objects)
/// is forbidden four times over. The user's configuration counts for `safe.directory`.
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
        // Missing objects are not fetched (Git 2.45), and where an older Git tries, every transport is forbidden.
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
