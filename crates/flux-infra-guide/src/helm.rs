//! Rendering of charts by the `helm` binary.
//!
//! Helm gets a folder of its own for everything: no plugin, repository or configuration of the user takes part, and no
//! command that it is given needs a network.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use flux_scan::{ChartRenderer, ChartRequest};

/// Longest time for one chart.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Most bytes of output that are read.
const MAX_OUTPUT: u64 = 64 << 20;

/// The `helm` binary on `PATH`.
#[derive(Debug)]
pub(crate) struct Helm;

impl Helm {
    /// Finds it. `None` where there is none that runs.
    pub(crate) fn find() -> Option<Self> {
        let status = Command::new("helm")
            .args(["version", "--short"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success()).then_some(Helm)
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
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (output, errors) = (read(child.stdout.take()), read(child.stderr.take()));
    let done = wait(&mut child);
    let (output, errors) = (output.join(), errors.join());
    let text =
        |bytes: thread::Result<Vec<u8>>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    match done {
        Some(true) => Ok(text(output)),
        Some(false) => Err(text(errors)),
        None => Err("timed out".to_owned()),
    }
}

/// Reads all of a stream, so that the process never waits for a reader; what is too much is thrown away.
fn read(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // A stream that breaks ends the text, and the exit code says the rest.
            let _ = stream.by_ref().take(MAX_OUTPUT).read_to_end(&mut bytes);
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        bytes
    })
}

/// Whether the process did its work; nothing where it had to be stopped.
fn wait(child: &mut Child) -> Option<bool> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(2);
    while start.elapsed() < TIMEOUT {
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
