//! Git commands that use the network.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::Command;
use std::time::Duration;

use camino::Utf8Path;
use git_plumbing::{Input, NEUTRAL, Process, Watched};

use crate::address::{forbidden, is_public};
use crate::options::FetchOptions;
use crate::problem::Problem;

/// Allowed transports. Not `ext`, which runs any program, nor `file`: a repository must not name files of this machine.
const PROTOCOLS: &str = "https:http:ssh:git";
/// Allowed transports with `--restrict-egress`, for repositories of strangers.
const RESTRICTED: &str = "https:ssh";

/// A remote repository.
pub(super) struct Remote {
    url: String,
    options: FetchOptions,
    /// Settings of `--restrict-egress`.
    settings: Vec<String>,
    is_ssh: bool,
}

impl Remote {
    /// A repository by its address.
    pub(super) fn new(url: &str, options: &FetchOptions) -> Result<Self, Problem> {
        let address = Address::parse(url)?;
        let mut settings = Vec::new();
        if options.restrict_egress {
            if !matches!(address.scheme, "https" | "ssh") {
                return Err(
                    Problem::new(format!("only https and ssh are allowed, not {}", address.scheme))
                        .hint("leave --restrict-egress away for repositories that you trust"),
                );
            }
            let public = public_addresses(address.host, address.port)?;
            settings.push("http.followRedirects=false".to_owned());
            // Git connects to the address that was checked, even if the name resolves to another one by then.
            if let Some(found) = public.first() {
                let (host, port, ip) = (address.host, address.port, found.ip());
                settings.push(format!("http.curloptResolve={host}:{port}:{ip}"));
            }
        }
        Ok(Remote {
            url: url.to_owned(),
            options: options.clone(),
            settings,
            is_ssh: address.scheme == "ssh",
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Runs Git, in `folder` if one is given.
    pub(super) fn run(&self, arguments: &[&str], folder: Option<&Utf8Path>) -> Result<Vec<u8>, Problem> {
        let mut wait = self.options.backoff;
        let mut attempt = 0;
        loop {
            let started = Process::start(
                self.command(arguments, folder),
                Input::Nothing,
                self.options.timeout,
                Watched::OutputAndMessages,
            );
            match started.and_then(Process::answer) {
                Ok(answer) => return Ok(answer),
                Err(error) if is_transient(&error.0) && attempt < self.options.retries => {}
                Err(error) => return Err(problem(&error.0)),
            }
            attempt += 1;
            std::thread::sleep(wait);
            wait *= 2;
        }
    }

    /// Git with the user's configuration, but without what a repository could make it run, and without the variables that point it at
    /// another repository.
    fn command(&self, arguments: &[&str], folder: Option<&Utf8Path>) -> Command {
        let mut command = Command::new("git");
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_COMMON_DIR",
            "GIT_NAMESPACE",
            "GIT_TEMPLATE_DIR",
            "GIT_TRACE",
            "GIT_TRACE_CURL",
            "GIT_CURL_VERBOSE",
        ] {
            command.env_remove(name);
        }
        let protocols = match self.options.restrict_egress {
            true => RESTRICTED,
            false => PROTOCOLS,
        };
        command
            .env("LC_ALL", "C")
            .env("GIT_ALLOW_PROTOCOL", protocols)
            .env("GIT_PROTOCOL_FROM_USER", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_PAGER", "cat");
        if self.is_ssh && std::env::var_os("GIT_SSH_COMMAND").is_none() && !has_ssh_command() {
            let seconds = self.options.timeout.as_secs().max(1);
            command.env(
                "GIT_SSH_COMMAND",
                format!("ssh -oBatchMode=yes -oConnectTimeout={seconds}"),
            );
        }
        let slow = [
            "http.lowSpeedLimit=1".to_owned(),
            format!("http.lowSpeedTime={}", self.options.timeout.as_secs().max(1)),
        ];
        let settings = NEUTRAL.iter().map(|setting| (*setting).to_owned());
        for setting in settings.chain(slow).chain(self.settings.iter().cloned()) {
            command.arg("-c").arg(setting);
        }
        if let Some(folder) = folder {
            command.arg("-C").arg(folder);
        }
        command.args(arguments);
        command
    }
}

/// Whether the user's configuration sets `core.sshCommand`.
fn has_ssh_command() -> bool {
    let mut command = Command::new("git");
    command.args(["config", "--global", "--get", "core.sshCommand"]);
    let git = Process::start(command, Input::Nothing, Duration::from_secs(5), Watched::Output);
    let command = git.and_then(Process::answer);
    command.is_ok_and(|command| !command.is_empty())
}

/// The parts of a repository's address that decide whether it is fetched.
#[derive(Debug, PartialEq, Eq)]
struct Address<'u> {
    scheme: &'u str,
    host: &'u str,
    port: u16,
}

impl<'u> Address<'u> {
    fn parse(url: &'u str) -> Result<Self, Problem> {
        let wrong = || Problem::new("its address is not one of https, http, ssh or git");
        let scp_like = || {
            let (authority, _) = url.split_once(':')?;
            let is_authority = authority.contains('@') && !authority.contains('/');
            is_authority.then_some(("ssh", authority))
        };
        // `git@host:owner/name` has no scheme.
        let (scheme, rest) = url.split_once("://").or_else(scp_like).ok_or_else(wrong)?;
        let port = match scheme {
            "https" => 443,
            "http" => 80,
            "ssh" => 22,
            "git" => 9418,
            _ => return Err(wrong()),
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, stated) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => match host.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (host, None),
            },
        };
        // ssh would take a host that begins with `-` for an option.
        if host.is_empty()
            || host.starts_with('-')
            || url.starts_with('-')
            || url.contains(char::is_whitespace)
        {
            return Err(wrong());
        }
        let port = match stated.filter(|port| !port.is_empty()) {
            Some(port) => port.parse().map_err(|_| wrong())?,
            None => port,
        };
        Ok(Address { scheme, host, port })
    }
}

fn public_addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, Problem> {
    let found = (host, port)
        .to_socket_addrs()
        .map_err(|error| Problem::new(format!("cannot resolve {host}: {error}")))?;
    let found: Vec<SocketAddr> = found.collect();
    match found.iter().all(|address| is_public(address.ip())) {
        true => Ok(found),
        false => Err(Problem::new(forbidden(host))),
    }
}

/// Whether another attempt may help.
fn is_transient(reason: &str) -> bool {
    [
        "Could not resolve host",
        "Connection reset",
        "Connection timed out",
        "Operation timed out",
        "Connection refused",
        "early EOF",
        "unexpected disconnect",
        "The requested URL returned error: 5",
        "The requested URL returned error: 429",
    ]
    .iter()
    .any(|words| reason.contains(words))
}

fn problem(reason: &str) -> Problem {
    let problem = Problem::new(reason);
    let is_refused = [
        "Authentication failed",
        "could not read Username",
        "Permission denied",
        "returned error: 401",
        "returned error: 403",
    ];
    if is_refused.iter().any(|words| reason.contains(words)) {
        return problem
            .hint("let git log in by itself: a credential helper, ~/.netrc, or a key in the ssh agent");
    }
    if reason.contains("Host key verification failed") {
        return problem
            .hint("connect to the host once with ssh, which asks whether its key is the right one");
    }
    if reason.contains("not allowed") && reason.contains("transport") {
        return problem.hint("use https or ssh");
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_repositories() {
        let check = |url: &str, scheme: &str, host: &str, port: u16| {
            assert_eq!(
                Address::parse(url).unwrap(),
                Address { scheme, host, port },
                "{url}"
            );
        };
        check("https://example.org/a/b.git", "https", "example.org", 443);
        check("https://user@example.org:8443/a", "https", "example.org", 8443);
        check("ssh://git@[::1]:2222/a", "ssh", "::1", 2222);
        check("git@example.org:a/b", "ssh", "example.org", 22);
        check("git://example.org/a", "git", "example.org", 9418);
        for url in [
            "file:///etc",
            "ext::sh -c id",
            "/etc",
            "../x",
            "-oProxyCommand=id:x",
            "ssh://-oProxyCommand=id/x",
            "https://",
            "https://a b/",
            "a:b",
        ] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
    }
}
