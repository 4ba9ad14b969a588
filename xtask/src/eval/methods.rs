//! Costs of each method of answering a question, and whether its answer is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;

use super::files::FilesToRead;
use super::question::{Catalog, Draft, Question};
use super::repository::{Cluster, Repository};
use super::score;
use super::tokens::Tokens;

/// A method of answering.
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

/// The cost and the answer of one method.
pub(crate) struct Outcome {
    /// Whether the answer is right; `None` if the method only reads.
    pub(crate) right: Option<bool>,
    pub(crate) tokens: usize,
    /// How many processes it took: more than one if an answer names a further command that was needed.
    pub(crate) calls: usize,
    pub(crate) time: Duration,
    /// The answer, for methods that answer.
    pub(crate) output: String,
}

/// A question and its outcomes.
pub(crate) struct Measured<'r> {
    pub(crate) question: Question<'r>,
    /// Index in the list of repositories.
    pub(crate) repository: usize,
    pub(crate) outcomes: BTreeMap<Method, Outcome>,
    /// The catalogs that hold the whole answer.
    pub(crate) held_by: BTreeSet<Catalog>,
}

/// Puts questions about one cluster to every method.
pub(crate) struct Examiner<'a> {
    pub(crate) program: &'a Utf8Path,
    pub(crate) repository: &'a Repository,
    pub(crate) cluster: &'a Cluster,
    pub(crate) files: &'a FilesToRead,
    pub(crate) tokens: &'a Tokens,
    /// How often each process runs; the median counts.
    pub(crate) runs: usize,
}

impl Examiner<'_> {
    /// Puts a question to every method.
    pub(crate) fn measure<'r>(&self, question: Question<'r>, repository: usize) -> Result<Measured<'r>> {
        let mut outcomes = BTreeMap::new();
        outcomes.insert(Method::Command, self.command(&question)?);
        let catalog = self.cluster.own_data.join(question.class.catalog.file());
        if let Some(entry) = &question.draft.entry {
            let outcome = self.grep(&question.draft, entry, &catalog)?;
            outcomes.insert(Method::Grep, outcome);
        }
        outcomes.insert(Method::Catalog, self.read([&catalog])?);
        let rendering = &self.cluster.rendering;
        for (method, files) in [
            (Method::Files, self.files.chain(&question.draft, rendering)),
            (Method::LeastFiles, self.files.least(&question.draft, rendering)),
        ] {
            let files = files.iter().map(|file| self.repository.folder.join(file));
            outcomes.insert(method, self.read(files)?);
        }
        Ok(Measured {
            held_by: self.held_by(&question.draft)?,
            question,
            repository,
            outcomes,
        })
    }

    /// Runs the command of a question. As long as the answers are not right, runs the commands of this program that they
    /// name, in their order.
    fn command(&self, question: &Question<'_>) -> Result<Outcome> {
        const MOST_CALLS: usize = 4;
        let mut outcome = Outcome {
            right: Some(false),
            tokens: 0,
            calls: 0,
            time: Duration::ZERO,
            output: String::new(),
        };
        let answer = &question.draft.answer;
        let mut asked: Vec<Vec<String>> = vec![question.draft.command.clone()];
        while let Some(command) = asked.get(outcome.calls).filter(|_| outcome.calls < MOST_CALLS) {
            let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            arguments.extend(["--data", self.cluster.data.as_str()]);
            if let (Some(name), false) = (&self.cluster.name, question.is_of_all_clusters)
                && !arguments.contains(&"--cluster")
            {
                arguments.extend(["--cluster", name]);
            }
            let (output, time) = self.process(self.program.as_str(), &arguments)?;
            outcome.calls += 1;
            outcome.tokens += self.tokens.count(&output);
            outcome.time += time;
            outcome.output.push_str(&output);
            if score::is_right(&outcome.output, answer) {
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

    fn grep(&self, question: &Draft<'_>, entry: &str, catalog: &Utf8Path) -> Result<Outcome> {
        let (output, time) = self.process("grep", &["-E", entry, catalog.as_str()])?;
        Ok(Outcome {
            right: Some(score::is_in(&output, &question.answer)),
            tokens: self.tokens.count(&output),
            calls: 1,
            time,
            output,
        })
    }

    /// The output of a process, and the median of its times.
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

    fn read(&self, files: impl IntoIterator<Item = impl AsRef<Utf8Path>>) -> Result<Outcome> {
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

    /// The catalogs that hold the whole answer: in its entry, or anywhere if no single entry has it.
    fn held_by(&self, question: &Draft<'_>) -> Result<BTreeSet<Catalog>> {
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

/// The arguments of every command of this program in an answer that needs no quoting in a shell.
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
