//! Runs of kubectl with closed standard input. A run that exceeds its time is killed with all its children.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use camino::Utf8Path;

/// Most bytes that are read of standard error.
const MAX_COMPLAINT: u64 = 64 << 10;
/// Time for kubectl to end by itself after its own limit.
const GRACE: Duration = Duration::from_secs(2);

/// How a run ended.
pub(super) enum Ended {
    /// It could not be started.
    NotStarted(io::Error),
    /// It was killed because it took longer than this.
    OutOfTime(Duration),
    /// It ended by itself.
    Done {
        status: io::Result<ExitStatus>,
        /// The text on standard error.
        complaint: String,
        /// Why its answer could not be read.
        unread: Option<io::Error>,
    },
}

/// Runs kubectl, and reads its answer as it comes.
pub(super) fn run(
    program: &Utf8Path,
    words: &[String],
    timeout: Duration,
    read: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> Ended {
    let mut command = Command::new(program);
    command
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A process group can be killed as a whole.
        command.process_group(0);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ended::NotStarted(error),
    };
    let complaint = child.stderr.take().map(|mut stderr| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stderr.by_ref().take(MAX_COMPLAINT).read_to_end(&mut bytes);
            let _ = io::copy(&mut stderr, &mut io::sink());
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let (done, wait) = mpsc::channel::<()>();
    let process = child.id();
    let watch = thread::spawn(move || {
        let is_over = wait.recv_timeout(timeout + GRACE) == Err(RecvTimeoutError::Timeout);
        if is_over {
            end(process);
        }
        is_over
    });
    let unread = child.stdout.take().and_then(|mut stdout| {
        // The rest after an error is not read: kubectl then ends by itself.
        read(&mut stdout).err()
    });
    let status = child.wait();
    drop(done);
    let is_over = watch.join().unwrap_or_default();
    let complaint = complaint
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    match is_over {
        true => Ended::OutOfTime(timeout),
        false => Ended::Done {
            status,
            complaint,
            unread,
        },
    }
}

/// Kills kubectl and all processes that it started.
fn end(process: u32) {
    #[cfg(unix)]
    if let Some(process) = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(process, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = process;
}

impl Ended {
    /// Whether it succeeded and its answer was read.
    pub(super) fn is_success(&self) -> bool {
        matches!(self, Ended::Done { status: Ok(status), unread: None, .. } if status.success())
    }

    /// Whether it ran out of time.
    pub(super) fn is_out_of_time(&self) -> bool {
        const WORDS: [&str; 4] = [
            "i/o timeout",
            "context deadline exceeded",
            "Client.Timeout",
            "request canceled",
        ];
        matches!(self, Ended::OutOfTime(_)) || WORDS.iter().any(|words| self.complaint().contains(words))
    }

    /// Whether the server cannot be reached.
    pub(super) fn is_unreachable(&self) -> bool {
        const WORDS: [&str; 6] = [
            "connection refused",
            "no such host",
            "Unable to connect",
            "was refused",
            "no route to host",
            "EOF",
        ];
        !matches!(self, Ended::Done { .. }) || WORDS.iter().any(|words| self.complaint().contains(words))
    }

    fn complaint(&self) -> &str {
        match self {
            Ended::Done { complaint, .. } => complaint,
            _ => "",
        }
    }

    /// The names of the resources that may not be listed, such as `deployments.apps`.
    pub(super) fn denied(&self) -> BTreeSet<String> {
        let denied = self.complaint().lines().filter_map(|line| {
            let (_, rest) = line.split_once("Error from server (Forbidden): ")?;
            let (name, _) = rest.split_once(" is forbidden")?;
            // The name of an object may follow the resource.
            let name = name.split_whitespace().next()?;
            plain_text::is_name(name).then(|| name.to_owned())
        });
        denied.collect()
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Option<&'static str> {
        let has = |words: &str| self.complaint().contains(words);
        match self {
            Ended::NotStarted(error) if error.kind() == io::ErrorKind::NotFound => {
                Some("install kubectl, or give a recorded cluster with --from-file")
            }
            Ended::OutOfTime(_) => Some("--timeout gives it longer; is the cluster reachable from here?"),
            _ if has("context") && has("does not exist") => {
                Some("`kubectl config get-contexts` lists the contexts")
            }
            _ if has("must be logged in") || has("Unauthorized") => {
                Some("the server does not accept kubectl's credentials: log in to the cluster again")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::NotStarted(error) if error.kind() == io::ErrorKind::NotFound => {
                f.write_str("there is no kubectl on PATH")
            }
            Ended::NotStarted(error) => write!(f, "kubectl cannot be started: {error}"),
            Ended::OutOfTime(timeout) => {
                write!(f, "it gave no complete answer within {}s", timeout.as_secs())
            }
            Ended::Done {
                complaint, unread, ..
            } => {
                // Go clients log their attempts too, as `E1129 10:22:40.123456 ...`.
                let is_log = |line: &str| {
                    let mut chars = line.chars();
                    matches!(chars.next(), Some('E' | 'W' | 'I'))
                        && chars.next().is_some_and(|c| c.is_ascii_digit())
                };
                let lines = || complaint.lines().map(str::trim).filter(|line| !line.is_empty());
                let line = lines().find(|line| !line.starts_with("Warning:") && !is_log(line));
                let line = line.or_else(|| lines().next());
                let line = line.map(|line| line.strip_prefix("error: ").unwrap_or(line));
                match (line, unread) {
                    (Some(line), _) => f.write_str(&crate::message::shown(line)),
                    (None, Some(error)) => write!(f, "its answer cannot be read: {error}"),
                    (None, None) => f.write_str("it gives no reason"),
                }
            }
        }
    }
}
