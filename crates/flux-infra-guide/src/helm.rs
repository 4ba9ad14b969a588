//! Rendering of charts by the `helm` binary.
//!
//! Helm gets a folder of its own for everything: no plugin, repository or configuration of the user takes part, and no
//! command that it is given needs a network.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use flux_scan::{ChartRenderer, ChartRequest};

/// Longest time for one chart.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time to say which version it is.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time between the end of the program and the end of what it writes.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Most bytes of output that are read.
const MAX_OUTPUT: u64 = 64 << 20;

/// The `helm` binary on `PATH`.
#[derive(Debug)]
pub(crate) struct Helm;

impl Helm {
    /// Finds it. `None` where there is none that runs.
    pub(crate) fn find() -> Option<Self> {
        let mut command = Command::new("helm");
        command
            .args(["version", "--short"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = group(&mut command).spawn().ok()?;
        let done = wait(&mut child, VERSION_TIMEOUT);
        end(&child);
        (done == Some(true)).then_some(Helm)
    }
}

impl ChartRenderer for Helm {
    fn template(&self, request: &ChartRequest) -> Result<String, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (chart, values) = (folder.path().join("chart"), folder.path().join("values.yaml"));
        write(request, &chart, &values).map_err(|error| error.to_string())?;
        let home = folder.path().join("home");
        let mut command = Command::new("helm");
        command
            .arg("template")
            .arg("--namespace")
            .arg(&request.namespace)
            .arg("--values")
            .arg(&values)
            .arg("--skip-tests");
        if request.include_crds {
            command.arg("--include-crds");
        }
        // What follows is no option, whatever it looks like.
        command
            .arg("--")
            .arg(&request.release_name)
            .arg(&chart)
            .current_dir(folder.path())
            .env("HELM_CACHE_HOME", home.join("cache"))
            .env("HELM_CONFIG_HOME", home.join("config"))
            .env("HELM_DATA_HOME", home.join("data"))
            .env("HELM_PLUGINS", home.join("plugins"))
            .env_remove("HELM_DEBUG")
            .env_remove("KUBECONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        run(command)
    }
}

fn write(request: &ChartRequest, chart: &Path, values: &Path) -> io::Result<()> {
    for (path, bytes) in &request.files {
        let path = path
            .parts()
            .fold(chart.to_path_buf(), |path, part| path.join(part));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)?;
    }
    fs::write(values, &request.values)
}

fn run(mut command: Command) -> Result<String, String> {
    let mut child = group(&mut command).spawn().map_err(|error| error.to_string())?;
    let (output, errors) = (read(child.stdout.take()), read(child.stderr.take()));
    let done = wait(&mut child, TIMEOUT);
    // What it started may hold its streams open for ever.
    end(&child);
    let text = |stream: Receiver<Vec<u8>>| {
        let bytes = stream.recv_timeout(LAST_WORDS).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    match done {
        Some(true) => Ok(text(output)),
        Some(false) => Err(text(errors)),
        None => Err("timed out".to_owned()),
    }
}

/// Puts a program into a group of its own, so that what it starts can be ended with it.
fn group(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command
}

/// Ends whatever a program has started.
fn end(child: &Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // There is mostly nobody left.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = child;
}

/// Reads all of a stream, so that the process never waits for a reader; what is too much is thrown away.
fn read(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // A stream that breaks ends the text, and the exit code says the rest.
            let _ = stream.by_ref().take(MAX_OUTPUT).read_to_end(&mut bytes);
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        // Nobody may be left to hear it.
        let _ = sender.send(bytes);
    });
    receiver
}

/// Whether the process did its work; nothing where it had to be stopped.
fn wait(child: &mut Child, timeout: Duration) -> Option<bool> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(2);
    while start.elapsed() < timeout {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) => thread::sleep(pause),
            Err(_) => break,
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    // It may have ended by itself at this moment.
    let _ = child.kill();
    let _ = child.wait();
    None
}
