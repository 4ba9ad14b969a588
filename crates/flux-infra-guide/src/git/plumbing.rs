//! Git's plumbing, in a process that runs nothing but Git and reaches no network.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use camino::Utf8Path;

/// Git that says nothing for so long is ended.
const SILENCE: Duration = Duration::from_secs(10);
/// Most bytes of an answer that is read as a whole.
const MAX_ANSWER: u64 = 256 << 20;
/// Most bytes of what Git complains of.
const MAX_COMPLAINT: u64 = 4 << 10;

/// Why Git gave no answer, in its words where it has some.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoAnswer(pub(super) String);

/// A Git that is being read.
pub(super) struct Plumbing {
    child: Child,
    progress: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
    complaint: Option<JoinHandle<Vec<u8>>>,
}

impl Plumbing {
    /// Starts Git in a folder. `input` is what it is asked on standard input; without it that is closed.
    pub(super) fn start(
        folder: &Utf8Path,
        arguments: &[&str],
        input: Option<Vec<u8>>,
    ) -> Result<Self, NoAnswer> {
        let mut command = command(folder, arguments);
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().map_err(|error| {
            NoAnswer(match error.kind() {
                io::ErrorKind::NotFound => "there is no `git` on PATH".to_owned(),
                _ => format!("git cannot be started: {error}"),
            })
        })?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // Git that ends early breaks the pipe, and says why elsewhere.
            thread::spawn(move || {
                let _ = stdin.write_all(&input);
            });
        }
        let complaint = child.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = stderr.by_ref().take(MAX_COMPLAINT).read_to_end(&mut bytes);
                let _ = io::copy(&mut stderr, &mut io::sink());
                bytes
            })
        });
        let (progress, made) = mpsc::channel::<()>();
        let process = child.id();
        let watch = thread::spawn(move || {
            loop {
                match made.recv_timeout(SILENCE) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => return end(process),
                }
            }
        });
        Ok(Plumbing {
            child,
            progress: Some(progress),
            watch: Some(watch),
            complaint,
        })
    }

    /// Git's whole answer.
    pub(super) fn answer(mut self) -> Result<Vec<u8>, NoAnswer> {
        let mut bytes = Vec::new();
        let read = self.by_ref().take(MAX_ANSWER).read_to_end(&mut bytes);
        self.finish()?;
        match read {
            Ok(_) if (bytes.len() as u64) < MAX_ANSWER => Ok(bytes),
            Ok(_) => Err(NoAnswer(format!("git answers with more than {MAX_ANSWER} bytes"))),
            Err(error) => Err(NoAnswer(error.to_string())),
        }
    }

    /// Waits for the end of Git.
    pub(super) fn finish(mut self) -> Result<(), NoAnswer> {
        drop(self.child.stdout.take());
        let status = self.child.wait();
        self.progress = None;
        if let Some(watch) = self.watch.take() {
            let _ = watch.join();
        }
        let complaint = self.complaint.take().and_then(|thread| thread.join().ok());
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(NoAnswer(complaint_text(
                &complaint.unwrap_or_default(),
                status.code().is_none(),
            ))),
            Err(error) => Err(NoAnswer(error.to_string())),
        }
    }
}

impl Read for Plumbing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stdout = self.child.stdout.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let read = stdout.read(buffer)?;
        if let Some(progress) = &self.progress {
            let _ = progress.send(());
        }
        Ok(read)
    }
}

impl Drop for Plumbing {
    fn drop(&mut self) {
        if self.watch.is_some() {
            end(self.child.id());
            let _ = self.child.wait();
        }
    }
}

/// Git with nothing of this process but the search path and the user's own configuration.
///
/// The repository's configuration is read, as it states the format of objects, but nothing in it that runs has a say:
/// plumbing for objects knows no filter, pager, monitor or alias, and what it might start (a fetch of missing objects)
/// is forbidden four times over. The user's configuration counts for `safe.directory`.
fn command(folder: &Utf8Path, arguments: &[&str]) -> Command {
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
    // A repository that is a folder of another one is data of that one.
    for setting in [
        "safe.bareRepository=explicit",
        "protocol.allow=never",
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.attributesFile=/dev/null",
        "core.sshCommand=false",
        "core.gitProxy=",
        "credential.helper=",
    ] {
        command.arg("-c").arg(setting);
    }
    command
        .arg("--no-pager")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // Whatever it starts ends with it.
        command.process_group(0);
    }
    command
}

/// Ends Git and whatever it started.
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

/// Git's first line, without what a terminal would take for a command.
fn complaint_text(complaint: &[u8], ended: bool) -> String {
    let text = String::from_utf8_lossy(complaint);
    let line: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    match line.trim() {
        "" if ended => "git took too long, or was ended".to_owned(),
        "" => "git gives no reason".to_owned(),
        line => line.to_owned(),
    }
}
