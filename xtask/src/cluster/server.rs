//! A kube-apiserver with its etcd on loopback ports, stopped on drop.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::binaries::Binaries;

/// Longest time until a server answers.
const START: Duration = Duration::from_secs(90);
/// Users: `token,user,uid,groups`.
const TOKENS: &str = "\
admin-token,admin,1,system:masters
dev-token,dev,2
";
/// The folder that the command line writes to.
const WORK: &str = "work";
/// kubectl's question whether the server is ready.
const READY: [&str; 3] = ["get", "--raw=/readyz", "--request-timeout=2s"];

/// A process that is killed on drop.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Its data is temporary, so it needs no graceful end. The calls fail if it has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server, and the folder with all its files.
pub(super) struct Server {
    // In the order in which they are dropped.
    api: Process,
    _etcd: Process,
    scratch: tempfile::TempDir,
    /// The folder with kubectl.
    pub(super) programs: Utf8PathBuf,
    /// CustomResourceDefinitions of every scenario that does not bring others.
    definitions: Vec<Utf8PathBuf>,
    etcd_port: u16,
    /// The port of kube-apiserver.
    pub(super) port: u16,
}

impl Server {
    /// Starts etcd and kube-apiserver, and applies CustomResourceDefinitions: Flux's, and those of a folder.
    pub(super) fn start(binaries: &Binaries, data: &Utf8Path) -> Result<Self> {
        let scratch = tempfile::Builder::new()
            .prefix("flux-infra-guide-cluster-")
            .tempdir()?;
        let folder = Utf8Path::from_path(scratch.path()).context("the temporary folder is no UTF-8")?;
        ensure!(folder.is_absolute(), "{folder} is not absolute");
        fs::write(folder.join("tokens.csv"), TOKENS)?;
        fs::create_dir_all(folder.join(WORK))?;
        let (etcd_port, peer_port, port) = (free_port()?, free_port()?, free_port()?);
        let etcd = start_etcd(folder, etcd_port, peer_port)?;
        let api = start_api(&binaries.programs, folder, etcd_port, port)?;
        let mut server = Server {
            api,
            _etcd: etcd,
            programs: binaries.programs.clone(),
            definitions: vec![binaries.definitions.clone(), data.join("definitions.yaml")],
            etcd_port,
            port,
            scratch,
        };
        server.write_kubeconfig()?;
        server.wait()?;
        server.define(&[])?;
        Ok(server)
    }

    /// The temporary folder of the server.
    pub(super) fn folder(&self) -> &Utf8Path {
        // `start` has checked that it is UTF-8.
        Utf8Path::from_path(self.scratch.path()).unwrap_or(Utf8Path::new("/nonexistent"))
    }

    /// The folder that the command line writes to.
    pub(super) fn work(&self) -> Utf8PathBuf {
        self.folder().join(WORK)
    }

    /// The process ID of kube-apiserver.
    pub(super) fn process(&self) -> u32 {
        self.api.0.id()
    }

    /// Contexts `admin` (the current one), `dev`, `stranger` and `nowhere`.
    pub(super) fn kubeconfig(&self) -> Utf8PathBuf {
        self.folder().join("kubeconfig")
    }

    /// Runs kubectl as the administrator, and returns its standard output.
    pub(super) fn run(&self, words: &[&str]) -> Result<String> {
        let output = Command::new(self.programs.join("kubectl"))
            .env("KUBECONFIG", self.kubeconfig())
            .env("KUBECACHEDIR", self.folder().join("kube-cache"))
            .env("HOME", self.folder())
            .stdin(Stdio::null())
            .args(words)
            .output()
            .context("starting kubectl")?;
        ensure!(
            output.status.success(),
            "kubectl {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Applies CustomResourceDefinitions, the usual ones or others, and waits until they are served.
    pub(super) fn define(&self, others: &[Utf8PathBuf]) -> Result<()> {
        let files = if others.is_empty() {
            &self.definitions
        } else {
            others
        };
        for file in files {
            self.run(&[
                "apply",
                "--server-side",
                "--force-conflicts",
                "--filename",
                file.as_str(),
            ])?;
        }
        self.run(&[
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            "--all",
            "customresourcedefinitions",
        ])?;
        // kubectl remembers for hours which kinds a server has. The folder may not exist yet.
        let _ = fs::remove_dir_all(self.folder().join("kube-cache"));
        Ok(())
    }

    /// Restarts kube-apiserver if it does not answer any more.
    pub(super) fn revive(&mut self) -> Result<()> {
        if self.run(&READY).is_ok() {
            return Ok(());
        }
        // Also ends a process that was stopped by a signal.
        self.api.0.kill()?;
        self.api.0.wait()?;
        self.api = start_api(&self.programs, self.folder(), self.etcd_port, self.port)?;
        self.wait()
    }

    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + START;
        loop {
            let Err(error) = self.run(&READY) else {
                return Ok(());
            };
            let log = self.folder().join("kube-apiserver.log");
            if let Some(status) = self.api.0.try_wait()? {
                bail!("kube-apiserver ended with {status}:\n{}", last_lines(&log));
            }
            if Instant::now() > end {
                bail!("kube-apiserver is not ready: {error:#}\n{}", last_lines(&log));
            }
            thread::sleep(Duration::from_millis(250));
        }
    }

    fn write_kubeconfig(&self) -> io::Result<()> {
        let folder = self.folder();
        let port = self.port;
        let text = format!(
            "\
apiVersion: v1
kind: Config
current-context: admin
clusters:
- {{name: main, cluster: {{server: 'https://127.0.0.1:{port}', certificate-authority: '{folder}/certificates/apiserver.crt'}}}}
- {{name: nowhere, cluster: {{server: 'https://127.0.0.1:1'}}}}
users:
- {{name: admin, user: {{token: admin-token}}}}
- {{name: dev, user: {{token: dev-token}}}}
- {{name: stranger, user: {{token: no-such-token}}}}
contexts:
- {{name: admin, context: {{cluster: main, user: admin}}}}
- {{name: dev, context: {{cluster: main, user: dev}}}}
- {{name: stranger, context: {{cluster: main, user: stranger}}}}
- {{name: nowhere, context: {{cluster: nowhere, user: admin}}}}
"
        );
        fs::write(self.kubeconfig(), text)
    }
}

fn start_etcd(folder: &Utf8Path, port: u16, peer_port: u16) -> Result<Process> {
    let [client, peer] = [port, peer_port].map(|port| format!("http://127.0.0.1:{port}"));
    let mut command = Command::new("etcd");
    command
        .arg(format!("--data-dir={folder}/etcd"))
        .arg(format!("--listen-client-urls={client}"))
        .arg(format!("--advertise-client-urls={client}"))
        .arg(format!("--listen-peer-urls={peer}"))
        .arg(format!("--initial-advertise-peer-urls={peer}"))
        .arg(format!("--initial-cluster=default={peer}"));
    start(command, &folder.join("etcd.log"))
}

fn start_api(programs: &Utf8Path, folder: &Utf8Path, etcd_port: u16, port: u16) -> Result<Process> {
    let certificates = folder.join("certificates");
    let mut command = Command::new(programs.join("kube-apiserver"));
    command
        .arg(format!("--etcd-servers=http://127.0.0.1:{etcd_port}"))
        .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
        .arg(format!("--secure-port={port}"))
        // The server creates its certificate there.
        .arg(format!("--cert-dir={certificates}"))
        .arg(format!("--token-auth-file={folder}/tokens.csv"))
        .arg("--authorization-mode=RBAC")
        .arg("--service-account-issuer=https://kubernetes.default.svc")
        .arg(format!("--service-account-key-file={certificates}/apiserver.key"))
        .arg(format!(
            "--service-account-signing-key-file={certificates}/apiserver.key"
        ))
        .arg("--service-cluster-ip-range=10.96.0.0/24")
        // No controller runs that would create service accounts or remove the finalizers of claims.
        .arg("--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection")
        .args(["--event-ttl=24h", "--profiling=false"]);
    start(command, &folder.join("kube-apiserver.log"))
}

fn start(mut command: Command, log: &Utf8Path) -> Result<Process> {
    let file = File::options().create(true).append(true).open(log)?;
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    let child = command.spawn().with_context(|| format!("starting {name}"))?;
    Ok(Process(child))
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn last_lines(log: &Utf8Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(15);
    lines.get(from..).unwrap_or_default().join("\n")
}
