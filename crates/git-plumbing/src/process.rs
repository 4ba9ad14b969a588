//! A running Git, which is killed after too long a silence.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Most bytes of an answer that is read as a whole.
const MAX_ANSWER: u64 = 256 << 20;
/// Most bytes that are kept of standard error.
const MAX_COMPLAINT: usize = 4 << 10;

/// Why Git gave no answer, in its own words if possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// A running Git, whose output is read.
pub struct Process {
    child: Child,
    /// Its standard input.
    questions: Option<ChildStdin>,
    signs: Arc<Signs>,
    /// Stops the watch when it is dropped.
    watched: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
    complaint: Option<JoinHandle<Vec<u8>>>,
}

/// The input of a Git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing: standard input is closed.
    Nothing,
    /// A whole text.
    Text(Vec<u8>),
    /// One question after another, by [`Process::ask`]. Silence between an answer and the next question is allowed.
    Questions,
}

/// Signs of life of a Git, and whether any is expected.
#[derive(Debug)]
struct Signs {
    count: AtomicU64,
    expected: AtomicBool,
}

impl Signs {
    fn give(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

/// The output that counts as a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Standard output.
    Output,
    /// Standard output and standard error, for commands with `--progress`.
    OutputAndMessages,
}

impl Process {
    /// Starts Git. It is killed after a silence of this length while a sign of life is expected.
    ///
    /// # Errors
    /// [`NoAnswer`] if there is no Git, or it cannot be started.
    pub fn start(
        mut command: Command,
        input: Input,
        silence: Duration,
        watched: Watched,
    ) -> Result<Self, NoAnswer> {
        command
            .stdin(match input {
                Input::Nothing => Stdio::null(),
                Input::Text(_) | Input::Questions => Stdio::piped(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // Processes that it starts are killed with it.
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(|error| {
            NoAnswer(match error.kind() {
                io::ErrorKind::NotFound => "there is no `git` on PATH".to_owned(),
                _ => format!("git cannot be started: {error}"),
            })
        })?;
        let signs = Arc::new(Signs {
            count: AtomicU64::new(0),
            expected: AtomicBool::new(input != Input::Questions),
        });
        let mut questions = child.stdin.take();
        if let Input::Text(text) = input
            && let Some(mut stdin) = questions.take()
        {
            // A Git that ends early breaks the pipe, and reports the reason on standard error.
            thread::spawn(move || {
                let _ = stdin.write_all(&text);
            });
        }
        let complaint = child.stderr.take().map(|stderr| {
            let signs = (watched == Watched::OutputAndMessages).then(|| Arc::clone(&signs));
            thread::spawn(move || last_messages(stderr, signs.as_deref()))
        });
        let (sender, ended) = mpsc::channel();
        let process = child.id();
        let watch = thread::spawn({
            let signs = Arc::clone(&signs);
            move || watch(process, &signs, &ended, silence)
        });
        Ok(Process {
            child,
            questions,
            signs,
            watched: Some(sender),
            watch: Some(watch),
            complaint,
        })
    }

    /// Asks a Git that was started with [`Input::Questions`]. The answer has to be read before the next question.
    ///
    /// # Errors
    /// [`io::Error`] if Git has ended.
    pub fn ask(&mut self, question: &[u8]) -> io::Result<()> {
        self.signs.give();
        self.signs.expected.store(true, Ordering::Relaxed);
        let questions = self.questions.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        questions.write_all(question)
    }

    /// Marks the answer as read to its end.
    pub fn answered(&self) {
        self.signs.expected.store(false, Ordering::Relaxed);
    }

    /// Git's whole answer.
    ///
    /// # Errors
    /// [`NoAnswer`] if Git fails, or its answer is too long.
    pub fn answer(mut self) -> Result<Vec<u8>, NoAnswer> {
        let mut bytes = Vec::new();
        let read = self.by_ref().take(MAX_ANSWER).read_to_end(&mut bytes);
        self.finish()?;
        match read {
            Ok(_) if (bytes.len() as u64) < MAX_ANSWER => Ok(bytes),
            Ok(_) => Err(NoAnswer(format!("git answers with more than {MAX_ANSWER} bytes"))),
            Err(error) => Err(NoAnswer(error.to_string())),
        }
    }

    /// Waits until Git ends.
    ///
    /// # Errors
    /// [`NoAnswer`] if Git fails.
    pub fn finish(mut self) -> Result<(), NoAnswer> {
        drop(self.questions.take());
        drop(self.child.stdout.take());
        let status = self.child.wait();
        self.watched = None;
        let complaint = self.complaint.take().and_then(|thread| thread.join().ok());
        if let Some(watch) = self.watch.take() {
            let _ = watch.join();
        }
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

impl Read for Process {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stdout = self.child.stdout.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let read = stdout.read(buffer)?;
        self.signs.give();
        Ok(read)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.watch.is_some() {
            end(self.child.id());
            let _ = self.child.wait();
        }
    }
}

/// Kills a Git that is silent for too long; returns when `ended` is closed.
fn watch(process: u32, signs: &Signs, ended: &Receiver<()>, silence: Duration) {
    let (mut count, mut since) = (signs.count.load(Ordering::Relaxed), Instant::now());
    // Signs are counted instead of sent, so that this thread does not wake for each.
    while ended.recv_timeout(silence / 8) == Err(RecvTimeoutError::Timeout) {
        let now = signs.count.load(Ordering::Relaxed);
        if now != count || !signs.expected.load(Ordering::Relaxed) {
            (count, since) = (now, Instant::now());
        } else if since.elapsed() >= silence {
            return end(process);
        }
    }
}

/// The end of standard error, since the reason of a failure follows the progress.
fn last_messages(mut stderr: ChildStderr, signs: Option<&Signs>) -> Vec<u8> {
    let mut last = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(read) = stderr.read(&mut buffer) {
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        last.extend_from_slice(bytes);
        if let Some(surplus) = last.len().checked_sub(MAX_COMPLAINT) {
            last.drain(..surplus);
        }
        if let Some(signs) = signs {
            signs.give();
        }
    }
    last
}

/// Kills Git and the processes that it started.
fn end(process: u32) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(process, Signal::KILL);
        }
    }
    #[cfg(not(unix))]
    let _ = process;
}

/// The line in which Git states the reason, without control characters.
fn complaint_text(complaint: &[u8], ended: bool) -> String {
    let text = String::from_utf8_lossy(complaint);
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    let words = ["fatal:", "error:", "ERROR:"];
    let is_reason = |line: &&str| words.iter().any(|word| line.starts_with(word));
    // Git only knows that ssh failed; ssh has stated the reason before.
    let is_of_ssh = |line: &&str| line.contains("Could not read from remote repository");
    let said_before = || {
        let before = lines.clone().take_while(|line| !is_reason(line));
        let is_warning = |line: &&str| line.to_ascii_lowercase().starts_with("warning");
        before.filter(|line| !is_warning(line)).last()
    };
    let reason = match lines.clone().find(is_reason) {
        Some(line) if is_of_ssh(&line) => said_before().or(Some(line)),
        Some(line) => Some(line),
        None => lines.next(),
    };
    let line = reason.unwrap_or_default().replace(char::is_control, " ");
    match line.trim() {
        _ if ended => "git took too long, or was ended".to_owned(),
        "" => "git gives no reason".to_owned(),
        line => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_among_other_messages() {
        let text = b"Receiving objects:  50%\rReceiving objects: 100%\nwarning: x\nfatal: no \x1b[31msuch ref\nhint: y\n";
        assert_eq!(complaint_text(text, false), "fatal: no  [31msuch ref");
        assert_eq!(complaint_text(b"ssh: no route\n", false), "ssh: no route");
        let refused = b"Warning: a key was added\ngit@example.org: Permission denied (publickey).\r\n\
            fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\n";
        assert_eq!(
            complaint_text(refused, false),
            "git@example.org: Permission denied (publickey)."
        );
        assert_eq!(
            complaint_text(b"fatal: Could not read from remote repository.\n", false),
            "fatal: Could not read from remote repository."
        );
        assert_eq!(complaint_text(b"", true), "git took too long, or was ended");
    }

    #[cfg(unix)]
    #[test]
    fn who_says_nothing_is_ended() {
        let mut command = Command::new("sleep");
        command.arg("60");
        let process = Process::start(
            command,
            Input::Nothing,
            Duration::from_millis(50),
            Watched::Output,
        )
        .unwrap();
        assert_eq!(
            process.answer(),
            Err(NoAnswer("git took too long, or was ended".to_owned()))
        );
    }
}
