//! What each way of answering a question costs, and whether its answer is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;

use super::question::{Catalog, Question};
use super::reading::Reading;
use super::repository::{Cluster, Repository};
use super::score;
use super::tokens::Tokens;

/// A way of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    /// The command line, a whole process.
    Command,
    /// `grep` of the entry's line in the one catalog.
    Grep,
    /// Reading the one catalog.
    Catalog,
    /// Reading the files of the repository that lead to the answer.
    Files,
    /// Reading only the files that state the answer, known beforehand.
    LeastFiles,
}

impl Method {
    pub(crate) const ALL: [Method; 5] = [
        Method::Command,
        Method::Grep,
        Method::Catalog,
        Method::Files,
        Method::LeastFiles,
    ];
}

/// What a way of answering took.
pub(crate) struct Outcome {
    /// Whether the answer is right; none where nothing is answered but only read.
    pub(crate) right: Option<bool>,
    pub(crate) tokens: usize,
    /// How many processes it took: more than one where the answer has to be asked for again, as the one before says.
    pub(crate) calls: usize,
    pub(crate) time: Duration,
    /// The answer, for ways that answer.
    pub(crate) output: String,
}

/// A question and what came of it.
pub(crate) struct Measured<'r> {
    pub(crate) question: Question<'r>,
    /// Its place in the list of repositories.
    pub(crate) repository: usize,
    pub(crate) ways: BTreeMap<Method, Outcome>,
    /// The catalogs that hold the whole answer.
    pub(crate) held_by: BTreeSet<Catalog>,
}

/// Everything that questions about a cluster are put to.
pub(crate) struct Desk<'a> {
    pub(crate) program: &'a Utf8Path,
    pub(crate) repository: &'a Repository,
    pub(crate) cluster: &'a Cluster,
    pub(crate) reading: &'a Reading,
    pub(crate) tokens: &'a Tokens,
    /// How often each process runs; the median counts.
    pub(crate) runs: usize,
}

impl Desk<'_> {
    /// Puts a question to every way.
    pub(crate) fn measure<'r>(&self, question: Question<'r>, repository: usize) -> Result<Measured<'r>> {
        let mut ways = BTreeMap::new();
        ways.insert(Method::Command, self.command(&question)?);
        if let Some(entry) = &question.entry {
            ways.insert(Method::Grep, self.grep(&question, entry)?);
        }
        let catalog = self.cluster.own_data.join(question.class.catalog.file());
        ways.insert(Method::Catalog, self.read([catalog.as_str()])?);
        let rendering = &self.cluster.rendering;
        let absolute = |files: BTreeSet<String>| -> Vec<String> {
            files
                .iter()
                .map(|file| self.repository.folder.join(file).into_string())
                .collect()
        };
        ways.insert(
            Method::Files,
            self.read(absolute(self.reading.chain(&question, rendering)))?,
        );
        ways.insert(
            Method::LeastFiles,
            self.read(absolute(self.reading.least(&question, rendering)))?,
        );
        Ok(Measured {
            held_by: self.held_by(&question)?,
            question,
            repository,
            ways,
        })
    }

    /// Runs the command of a question, and where its answer does not end the search the first command of this program that
    /// it names, and so on.
    fn command(&self, question: &Question<'_>) -> Result<Outcome> {
        const MOST_CALLS: usize = 4;
        let mut outcome = Outcome {
            right: Some(false),
            tokens: 0,
            calls: 0,
            time: Duration::ZERO,
            output: String::new(),
        };
        let mut asked: Vec<Vec<String>> = vec![question.command.clone()];
        while let Some(command) = asked.get(outcome.calls).filter(|_| outcome.calls < MOST_CALLS) {
            let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            arguments.extend(["--data", self.cluster.data.as_str()]);
            if let (Some(name), false) = (&self.cluster.name, question.of_all_clusters)
                && !arguments.contains(&"--cluster")
            {
                arguments.extend(["--cluster", name]);
            }
            let (output, time) = self.process(self.program.as_str(), &arguments)?;
            outcome.calls += 1;
            outcome.tokens += self.tokens.count(&output);
            outcome.time += time;
            outcome.output.push_str(&output);
            if score::is_right(&outcome.output, &question.answer) {
                outcome.right = Some(true);
                break;
            }
            for next in named_commands(&output) {
                if !asked.contains(&next) {
                    asked.push(next);
                }
            }
        }
        Ok(outcome)
    }

    fn grep(&self, question: &Question<'_>, entry: &str) -> Result<Outcome> {
        let file = self.cluster.own_data.join(question.class.catalog.file());
        let (output, time) = self.process("grep", &["-E", entry, file.as_str()])?;
        Ok(Outcome {
            right: Some(score::is_in(&output, &question.answer)),
            tokens: self.tokens.count(&output),
            calls: 1,
            time,
            output,
        })
    }

    /// What a process prints, and the median of its times.
    fn process(&self, program: &str, arguments: &[&str]) -> Result<(String, Duration)> {
        let mut times = Vec::new();
        let mut text = String::new();
        for _ in 0..self.runs.max(1) {
            let start = Instant::now();
            let output = Command::new(program)
                .args(arguments)
                .output()
                .with_context(|| format!("running {program}"))?;
            times.push(start.elapsed());
            text = String::from_utf8(output.stdout)?;
            if text.is_empty() {
                text = String::from_utf8(output.stderr)?;
            }
        }
        times.sort_unstable();
        Ok((text, times[times.len() / 2]))
    }

    fn read<T: AsRef<str>>(&self, files: impl IntoIterator<Item = T>) -> Result<Outcome> {
        let start = Instant::now();
        let mut texts = Vec::new();
        for file in files {
            let file = file.as_ref();
            let bytes = fs::read(file).with_context(|| format!("reading {file}"))?;
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        let time = start.elapsed();
        ensure!(!texts.is_empty(), "a question rests on no file");
        Ok(Outcome {
            right: None,
            tokens: texts.iter().map(|text| self.tokens.count(text)).sum(),
            calls: 1,
            time,
            output: String::new(),
        })
    }

    /// The catalogs that hold the whole answer: in the entry, or anywhere where it takes several.
    fn held_by(&self, question: &Question<'_>) -> Result<BTreeSet<Catalog>> {
        let line = question.entry.as_deref().map(regex::Regex::new).transpose()?;
        let holds = |text: &str| match &line {
            Some(line) => {
                let entries: Vec<&str> = text.lines().filter(|text| line.is_match(text)).collect();
                score::is_in(&entries.join("\n"), &question.answer)
            }
            None => score::is_somewhere_in(text, &question.answer),
        };
        let catalogs = self.cluster.catalogs.iter();
        Ok(catalogs
            .filter(|(_, text)| holds(text))
            .map(|(catalog, _)| *catalog)
            .collect())
    }
}

/// The arguments of every command of this program that an answer names, where a shell would take them as they stand.
fn named_commands(answer: &str) -> Vec<Vec<String>> {
    const PROGRAM: &str = "flux-infra-guide ";
    let found = answer.match_indices(PROGRAM).filter_map(|(at, _)| {
        let command = answer.get(at + PROGRAM.len()..)?;
        let command = command.split(['\n', '`', '|', ';', '(']).next()?.trim();
        let is_plain = !command.is_empty() && !command.contains(['\'', '"', '\\', '$', '<']);
        is_plain.then(|| command.split_whitespace().map(str::to_owned).collect())
    });
    found.collect()
}
