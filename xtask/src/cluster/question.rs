//! The questions of a scenario, put to the command line as a process that starts the real kubectl.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::scenario::Scenario;
use super::server::Server;
use crate::workspace;

/// The clock of the questions: 2026-11-20T10:00:00Z.
const NOW: &str = "1795168800";

/// Asks about one scenario.
pub(super) struct Asker<'a> {
    program: &'a Utf8Path,
    server: &'a Server,
    scenario: &'a Scenario,
    repository: Utf8PathBuf,
}

/// What a process printed.
struct Printed {
    out: String,
    err: String,
    code: i32,
}

impl<'a> Asker<'a> {
    /// Writes the repository of the scenario.
    pub(super) fn new(program: &'a Utf8Path, server: &'a Server, scenario: &'a Scenario) -> Result<Self> {
        let repository = server.folder().join("repositories").join(&scenario.name);
        for folder in scenario.repositories.iter().filter(|folder| folder.is_dir()) {
            workspace::copy_folder(folder, &repository, &|from, to| fs::copy(from, to).map(drop))?;
        }
        fs::create_dir_all(server.work().join("bin"))?;
        Ok(Asker {
            program,
            server,
            scenario,
            repository,
        })
    }

    /// The answers, as the tests of recorded files write them.
    pub(super) fn answers(&self) -> Result<String> {
        let mut text = String::new();
        let mut is_recorded = false;
        for question in &self.scenario.questions {
            let mut words: Vec<&str> = question.split(' ').collect();
            let record = self.server.work().join(format!("{}.json", self.scenario.name));
            if words.first() == Some(&"status") && !is_recorded {
                is_recorded = true;
                words.extend(["--record", record.as_str()]);
            }
            let printed = self.ask(&words)?;
            let answer = match printed.code {
                code @ (0 | 1) => format!("{}exit code {code}\n", printed.out),
                _ => {
                    let error = printed.err.lines().find(|line| line.starts_with("error: "));
                    format!("{}\n", error.unwrap_or(&printed.err))
                }
            };
            text.push_str(&format!("$ {question}\n{answer}\n"));
        }
        Ok(text)
    }

    /// Everything that is printed for each question.
    pub(super) fn transcripts(&self) -> Result<String> {
        let script = self.scenario.folder.join("kubectl.sh");
        let kubectl = self.server.work().join("bin/kubectl");
        if script.exists() {
            fs::copy(&script, &kubectl)?;
            fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755))?;
        }
        let rules = self.scenario.folder.join("rbac.yaml");
        if rules.exists() {
            self.server
                .run(&["apply", "--server-side", "--filename", rules.as_str()])?;
        }
        let mut text = String::new();
        for question in &self.scenario.questions {
            let words: Vec<&str> = question.split(' ').collect();
            let Printed { out, err, code } = self.ask(&words)?;
            text.push_str(&format!("$ {question}\n{err}{out}exit code {code}\n\n"));
        }
        if script.exists() {
            fs::remove_file(&kubectl)?;
        }
        if rules.exists() {
            self.server.run(&["delete", "--filename", rules.as_str()])?;
        }
        let address = format!("127.0.0.1:{}", self.server.port);
        Ok(text.replace(&address, "127.0.0.1:PORT"))
    }

    fn ask(&self, words: &[&str]) -> Result<Printed> {
        let work = self.server.work();
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new(self.program)
            .args(words)
            .arg(format!("--repo={}", self.repository))
            .current_dir(&work)
            .env("PATH", format!("{work}/bin:{}:{path}", self.server.programs))
            .env("KUBECONFIG", self.server.kubeconfig())
            .env("KUBECACHEDIR", self.server.folder().join("kube-cache"))
            .env("HOME", &work)
            .env("XDG_CACHE_HOME", work.join("cache"))
            .env("SOURCE_DATE_EPOCH", NOW)
            // For a script in place of kubectl.
            .env("KUBECTL", self.server.programs.join("kubectl"))
            .env("API_SERVER", self.server.process().to_string())
            .output()
            .context("starting flux-infra-guide")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Printed {
            out: text(&output.stdout),
            err: text(&output.stderr),
            code: output.status.code().unwrap_or(-1),
        })
    }
}
