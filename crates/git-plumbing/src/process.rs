//! A Git that is being read, and that is ended when it says nothing any more.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Most bytes of an answer that is read as a whole.
const MAX_ANSWER: u64 = 256 << 20;
/// Most bytes of what Git complains of.
const MAX_COMPLAINT: usize = 4 << 10;

/// Why Git gave no answer, in its words where it has some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// A Git that is being read.
pub struct Process {
    child: Child,
    /// Where it is asked.
    questions: Option<ChildStdin>,
    signs: Arc<Signs>,
    /// Ends the watch when it is dropped.
    watched: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
    complaint: Option<JoinHandle<Vec<u8>>>,
}

/// What it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing: standard input is closed.
    Nothing,
    /// All of it at once.
    Text(Vec<u8>),
    /// One question after another, by [`Process::ask`]. Between an answer and the next question it may take its time.
    Questions,
}

/// Its signs of life, and whether any is expected.
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

/// What counts as a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// What it answers.
    Output,
    /// What it answers, and what it says meanwhile on standard error, as with `--progress`.
    OutputAndMessages,
}

impl Process {
    /// Starts Git. It is ended when it gives no sign of life for as long as `silence` while one is expected.
    ///
    /// # Errors
    /// [`NoAnswer`] where there is no Git, or it cannot be started.
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
            // Whatever it starts ends with it.
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
            // Git that ends early breaks the pipe, and says why elsewhere.
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

    /// Asks the next question, of a Git that was started for [`Input::Questions`]. Its answer is read before the next one.
    ///
    /// # Errors
    /// [`io::Error`] where Git takes none, as it has ended.
    pub fn ask(&mut self, question: &[u8]) -> io::Result<()> {
        self.signs.give();
        self.signs.expected.store(true, Ordering::Relaxed);
        let questions = self.questions.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        questions.write_all(question)
    }

    /// Says that the answer has been read whole.
    pub fn answered(&self) {
        self.signs.expected.store(false, Ordering::Relaxed);
    }

    /// Git's whole answer.
    ///
    /// # Errors
    /// [`NoAnswer`] where Git fails, or answers too much.
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

    /// Waits for the end of Git.
    ///
    /// # Errors
    /// [`NoAnswer`] where Git fails.
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

/// Ends a Git that is silent for too long, until `ended`.
fn watch(process: u32, signs: &Signs, ended: &Receiver<()>, silence: Duration) {
    let (mut count, mut since) = (signs.count.load(Ordering::Relaxed), Instant::now());
    // A sign is a number, and not a message, so that nobody wakes for each.
    while ended.recv_timeout(silence / 8) == Err(RecvTimeoutError::Timeout) {
        let now = signs.count.load(Ordering::Relaxed);
        if now != count || !signs.expected.load(Ordering::Relaxed) {
            (count, since) = (now, Instant::now());
        } else if since.elapsed() >= silence {
            return end(process);
        }
    }
}

/// The last messages: progress comes before the reason.
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

/// The line in which Git says why, without what a terminal would take for a command.
fn complaint_text(complaint: &[u8], ended: bool) -> String {
    let text = String::from_utf8_lossy(complaint);
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    let is_reason = |line: &&str| {
        ["fatal:", "error:", "ERROR:"]
            .iter()
            .any(|word| line.starts_with(word))
    };
    // Git knows that ssh failed, and ssh has said why.
    let is_of_ssh = |line: &&str| line.contains("Could not read from remote repository");
    let said_before = || {
        let before = lines.clone().take_while(|line| !is_reason(line));
        before
            .filter(|line| !line.to_ascii_lowercase().starts_with("warning"))
            .last()
    };
    let reason = match lines.clone().find(is_reason) {
        Some(line) if is_of_ssh(&line) => said_before().or(Some(line)),
        Some(line) => Some(line),
        None => lines.next(),
    };
    let line: String = reason
        .unwrap_or_default()
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
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
