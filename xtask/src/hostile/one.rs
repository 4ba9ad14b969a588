//! One run of the program under a limit of address space, and its outputs.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Address space of the program, in KiB.
const ADDRESS_SPACE: u32 = 4_000_000;
/// Seconds of processor time after which the system ends the program.
const PROCESSOR_TIME: u32 = 20;
/// Wall time after which a run is stopped, for one that uses no processor time.
const STOPPED_AFTER: Duration = Duration::from_secs(90);

/// Run one command as `hostile` does, and print what came of it.
#[derive(Debug, clap::Args)]
pub(crate) struct OneArguments {
    #[arg(last = true)]
    command: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Ended {
    Code(i32),
    Signal(i32),
    /// It had to be stopped.
    Stopped,
}

/// The result of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) ended: Ended,
    /// Processor time.
    pub(crate) seconds: f64,
    /// Peak memory in MiB.
    pub(crate) memory: f64,
    /// Bytes on standard output.
    pub(crate) output: u64,
    /// The beginning of standard error.
    pub(crate) errors: String,
    /// The codes of diagnostics in the catalogs.
    #[serde(default)]
    pub(crate) codes: BTreeSet<String>,
    /// Whether the sound Deployment is in the catalogs.
    #[serde(default)]
    pub(crate) rest: bool,
    /// Bytes of the catalogs and skills.
    #[serde(default)]
    pub(crate) written: u64,
}

#[allow(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
pub(crate) fn run(arguments: &OneArguments) -> Result<bool> {
    let start = Instant::now();
    let mut child = Command::new("bash")
        .args([
            "-c",
            &format!("ulimit -c 0 -t {PROCESSOR_TIME} -v {ADDRESS_SPACE}; exec \"$@\""),
            "bash",
        ])
        .args(&arguments.command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting bash")?;
    let output = child
        .stdout
        .take()
        .map(|stream| thread::spawn(move || count(stream, 0).0));
    let errors = child
        .stderr
        .take()
        .map(|stream| thread::spawn(move || count(stream, 4096).1));
    let ended = loop {
        match child.try_wait()? {
            Some(status) => {
                break match (status.code(), status.signal()) {
                    (Some(code), _) => Ended::Code(code),
                    (None, signal) => Ended::Signal(signal.unwrap_or_default()),
                };
            }
            None if start.elapsed() > STOPPED_AFTER => {
                child.kill()?;
                child.wait()?;
                break Ended::Stopped;
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let seconds = time as f64 / 1e6;
    let memory = usage.max_rss() as f64 / 1024.0;
    let errors = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let measured = Measured {
        ended,
        seconds,
        memory,
        output: output.and_then(|thread| thread.join().ok()).unwrap_or_default(),
        errors: String::from_utf8_lossy(&errors).into_owned(),
        codes: BTreeSet::new(),
        rest: false,
        written: 0,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(true)
}

/// Reads all of a stream, counts its bytes, and keeps the first `keep` of them.
fn count(mut stream: impl Read, keep: usize) -> (u64, Vec<u8>) {
    let (mut total, mut kept, mut buffer) = (0, Vec::new(), vec![0; 1 << 16]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        total += read as u64;
        let room = keep.saturating_sub(kept.len()).min(read);
        kept.extend_from_slice(buffer.get(..room).unwrap_or_default());
    }
    (total, kept)
}

impl Measured {
    /// Adds the codes, the size and the presence of the sound Deployment in the written files.
    pub(crate) fn look_at(&mut self, out: &Path) {
        let mut folders = vec![out.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(text) = fs::read_to_string(&path) else {
                    continue;
                };
                self.written += text.len() as u64;
                if path.extension().is_none_or(|extension| extension != "json") {
                    continue;
                }
                self.rest |= text.contains("nginx:1.27.1");
                if let Ok(value) = serde_json::from_str(&text) {
                    self.collect(&value);
                }
            }
        }
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                if let (Some(Value::String(code)), true) =
                    (members.get("code"), members.contains_key("severity"))
                {
                    self.codes.insert(code.clone());
                }
                members.values().for_each(|value| self.collect(value));
            }
            Value::Array(items) => items.iter().for_each(|value| self.collect(value)),
            _ => {}
        }
    }
}
