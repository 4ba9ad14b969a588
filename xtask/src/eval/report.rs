//! `docs/eval.md`, and a summary with times.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

use super::methods::{Measured, Method};
use super::question::{Catalog, Class};
use super::repository::Repository;
use super::tokens::Tokens;

/// Bounds that the project promises.
const MOST_TOKENS: usize = 130;
const LEAST_RATIO: f64 = 20.0;
const MOST_SKILL_TOKENS: usize = 5_000;
const LEAST_QUESTIONS: usize = 600;
/// Mean number of calls of the program per question.
const MOST_CALLS: f64 = 1.2;

/// The beginning of the section with times.
pub(crate) const TIMES: &str = "\n## Times\n\n";

/// Findings of people and agents who tried the tool, which no program can measure.
const TRIAL: &str = include_str!("trial.md");

pub(crate) struct Report<'m> {
    repositories: &'m [Repository],
    measured: &'m [Measured<'m>],
    tokens: &'m Tokens,
}

impl<'m> Report<'m> {
    pub(crate) fn new(
        repositories: &'m [Repository],
        measured: &'m [Measured<'m>],
        tokens: &'m Tokens,
    ) -> Self {
        Report {
            repositories,
            measured,
            tokens,
        }
    }

    /// The promises, each with the measured value and whether it holds.
    fn promises(&self) -> Vec<(&'static str, String, bool)> {
        let mut promises = vec![(
            "at least 600 questions",
            self.measured.len().to_string(),
            self.measured.len() >= LEAST_QUESTIONS,
        )];
        for (method, promise) in [
            (Method::Command, "every answer of the commands is right"),
            (Method::Grep, "every grep of one entry gives the right answer"),
        ] {
            let (right, all) = right(self.measured.iter(), method);
            promises.push((promise, format!("{right} of {all}"), right == all));
        }
        let command = median(self.measured.iter(), Method::Command);
        promises.push((
            "a command's answer has at most 130 tokens (median)",
            command.to_string(),
            command <= MOST_TOKENS,
        ));
        let calls = self.calls();
        promises.push((
            "a question takes at most 1.2 calls (mean), each after the first one that the answer before names",
            format!("{calls:.2}"),
            calls <= MOST_CALLS,
        ));
        let ratio = ratio(self.measured.iter(), Method::Files);
        promises.push((
            "at least 20 times fewer tokens than the files that lead to the answer (median)",
            format!("{ratio:.0} times"),
            ratio >= LEAST_RATIO,
        ));
        let skill = self
            .repositories
            .iter()
            .map(|repository| self.tokens.count(&repository.skill))
            .max();
        let skill = skill.unwrap_or_default();
        promises.push((
            "`SKILL.md` has less than 5,000 tokens (largest)",
            skill.to_string(),
            skill < MOST_SKILL_TOKENS,
        ));
        let of_one_file = || {
            let measured = self.measured.iter();
            measured.filter(|measured| measured.question.is_in_one_file)
        };
        let one_file =
            of_one_file().filter(|measured| measured.held_by.contains(&measured.question.class.catalog));
        let one_file = one_file.count();
        promises.push((
            "one catalog file holds the answer, the same for all questions of a class",
            format!("{one_file} of {}", of_one_file().count()),
            one_file == of_one_file().count(),
        ));
        promises
    }

    /// Mean number of calls of the program per question.
    #[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    fn calls(&self) -> f64 {
        let outcomes = self.measured.iter();
        let calls = outcomes.filter_map(|measured| Some(measured.outcomes.get(&Method::Command)?.calls));
        let calls: Vec<usize> = calls.collect();
        calls.iter().sum::<usize>() as f64 / calls.len().max(1) as f64
    }

    /// Whether every promise holds.
    pub(crate) fn holds(&self) -> bool {
        self.promises().into_iter().all(|(.., holds)| holds)
    }

    /// One line per promise.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        for (promise, measured, holds) in self.promises() {
            let _ = writeln!(
                text,
                "{} {promise}: {measured}",
                if holds { "ok  " } else { "MISS" }
            );
        }
        text
    }

    /// Milliseconds: the last section of the file, which no check compares because they differ on every machine.
    pub(crate) fn times(&self) -> String {
        const METHODS: [Method; 4] = [Method::Command, Method::Grep, Method::Catalog, Method::Files];
        let mut text = format!(
            "{TIMES}Median milliseconds on the machine that wrote this file, by a program built for release; other machines have other\n\
             numbers, and `--check` does not compare them. A command and grep are whole processes; catalog and files are only read,\n\
             as if nobody had to understand them.\n\n\
             | class | command | grep | catalog | files |\n| --- | ---: | ---: | ---: | ---: |\n"
        );
        let mut row = |name: &str, measured: &[&Measured<'_>]| {
            let times = METHODS.map(|method| milliseconds(measured.iter().copied(), method));
            let _ = writeln!(text, "| {name} | {} |", times.join(" | "));
        };
        for (class, measured) in self.by_class() {
            row(class.name, &measured);
        }
        row("all", &self.measured.iter().collect::<Vec<_>>());
        text
    }

    /// Questions by class, in the order in which they are asked.
    fn by_class(&self) -> Vec<(&'static Class, Vec<&'m Measured<'m>>)> {
        let mut classes: Vec<(&'static Class, Vec<&'m Measured<'m>>)> = Vec::new();
        for measured in self.measured {
            let class = measured.question.class;
            match classes.iter_mut().find(|(known, _)| *known == class) {
                Some((_, of_class)) => of_class.push(measured),
                None => classes.push((class, vec![measured])),
            }
        }
        classes
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# What an answer costs\n\n\
             Written by `cargo xtask eval`. Questions are made from templates; what they are about is chosen by a hash, and the right\n\
             answers are taken from the objects that the real tools render for these repositories, never from the catalogs. Tokens\n\
             are counted with tiktoken's encoding o200k. Each question is put to:\n\n\
             - **command**: `flux-infra-guide`, a whole process; its standard output is counted and must hold the answer\n\
             - **grep**: the entry's line in one catalog file, where one entry holds the answer\n\
             - **catalog**: reading that whole file\n\
             - **files**: reading the repository: every file that the builds read which lead from the cluster entry through the parents\n  \
             to the Kustomizations that apply what the question is about\n\
             - **least**: reading only the files that state these objects and their Kustomizations, as if their places were known\n  \
             beforehand: a bound that no reader reaches\n\n\
             An answer is right when for every expected fact one line holds all of its texts as whole words. Where the answer is a set of\n\
             names, a command's line must hold no other name of that kind. Questions whose wording gives the answer away are not asked.\n"
        )?;
        writeln!(
            f,
            "## Promises\n\n| promise | measured | holds |\n| --- | ---: | --- |"
        )?;
        for (promise, measured, holds) in self.promises() {
            writeln!(
                f,
                "| {promise} | {measured} | {} |",
                if holds { "yes" } else { "**no**" }
            )?;
        }
        self.methods(f)?;
        self.commands(f)?;
        self.classes(f)?;
        self.files(f)?;
        self.repositories(f)?;
        f.write_str(TRIAL)
    }
}

impl Report<'_> {
    fn methods(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Ways\n\n| way | questions | right | tokens: median | 90% | most | times the command's (median) |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for method in Method::ALL {
            let mut tokens = tokens_of(self.measured.iter(), method);
            tokens.sort_unstable();
            let (right, judged) = right(self.measured.iter(), method);
            let right = if judged == 0 {
                "-".to_owned()
            } else {
                right.to_string()
            };
            writeln!(
                f,
                "| {} | {} | {right} | {} | {} | {} | {:.1} |",
                name(method),
                tokens.len(),
                at(&tokens, 50),
                at(&tokens, 90),
                at(&tokens, 100),
                ratio(self.measured.iter(), method),
            )?;
        }
        Ok(())
    }

    /// The answers' tokens by subcommand, so that none hides behind the median of all.
    fn commands(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Commands\n\n| command | questions | tokens: median | 90% | most |\n| --- | ---: | ---: | ---: | ---: |"
        )?;
        let mut commands: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for measured in self.measured {
            let name = measured.question.draft.command.first().map_or("", String::as_str);
            let outcome = measured.outcomes.get(&Method::Command);
            let tokens = outcome.map(|outcome| outcome.tokens);
            commands.entry(name).or_default().extend(tokens);
        }
        for (name, mut tokens) in commands {
            tokens.sort_unstable();
            writeln!(
                f,
                "| `{name}` | {} | {} | {} | {} |",
                tokens.len(),
                at(&tokens, 50),
                at(&tokens, 90),
                at(&tokens, 100)
            )?;
        }
        Ok(())
    }

    fn classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Classes of questions\n\nMedian tokens; after a slash how many answers are right of how many.\n\n\
             | class | question | command | grep | catalog | files | least |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for (class, measured) in self.by_class() {
            write!(f, "| {} | {} |", class.name, class.asks)?;
            for method in Method::ALL {
                let of_class = || measured.iter().copied();
                let (right, judged) = right(of_class(), method);
                match (tokens_of(of_class(), method).is_empty(), judged) {
                    (true, _) => write!(f, " - |")?,
                    (false, 0) => write!(f, " {} |", median(of_class(), method))?,
                    (false, judged) => write!(f, " {} / {right} of {judged} |", median(of_class(), method))?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn files(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Which catalog file a class of questions needs\n\nHow many of a class's questions each file alone answers, by the entry \
             with that key, or for questions without grep by the\nwhole file. The one that `SKILL.md` sends the reader to is bold; it is \
             all that has to be loaded.\n\n| class | {} |\n| --- | ---: | ---: | ---: | ---: |",
            Catalog::ALL.map(Catalog::file).join(" | ")
        )?;
        for (class, measured) in self.by_class() {
            write!(f, "| {} |", class.name)?;
            for catalog in Catalog::ALL {
                let held = measured
                    .iter()
                    .filter(|measured| measured.held_by.contains(&catalog))
                    .count();
                match (catalog == class.catalog, held) {
                    (true, held) => write!(f, " **{held} of {}** |", measured.len())?,
                    (false, 0) => write!(f, " - |")?,
                    (false, held) => write!(f, " {held} |")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn repositories(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Repositories\n\nTokens of everything that an agent can load, all clusters together.\n\n\
             | repository | questions | SKILL.md | {} |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            Catalog::ALL.map(Catalog::file).join(" | ")
        )?;
        for (index, repository) in self.repositories.iter().enumerate() {
            let asked = self
                .measured
                .iter()
                .filter(|measured| measured.repository == index)
                .count();
            write!(
                f,
                "| {} | {asked} | {} |",
                repository.name,
                self.tokens.count(&repository.skill)
            )?;
            for catalog in Catalog::ALL {
                let texts = repository
                    .clusters
                    .iter()
                    .filter_map(|cluster| cluster.catalogs.get(&catalog));
                write!(
                    f,
                    " {} |",
                    texts.map(|text| self.tokens.count(text)).sum::<usize>()
                )?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Command => "command",
        Method::Grep => "grep",
        Method::Catalog => "catalog",
        Method::Files => "files",
        Method::LeastFiles => "least",
    }
}

/// How many answers are right, and how many were judged.
fn right<'m>(measured: impl Iterator<Item = &'m Measured<'m>>, method: Method) -> (usize, usize) {
    let verdicts: Vec<bool> = measured
        .filter_map(|measured| measured.outcomes.get(&method)?.right)
        .collect();
    (verdicts.iter().filter(|right| **right).count(), verdicts.len())
}

fn tokens_of<'m>(measured: impl Iterator<Item = &'m Measured<'m>>, method: Method) -> Vec<usize> {
    measured
        .filter_map(|measured| Some(measured.outcomes.get(&method)?.tokens))
        .collect()
}

fn median<'m>(measured: impl Iterator<Item = &'m Measured<'m>>, method: Method) -> usize {
    let mut tokens = tokens_of(measured, method);
    tokens.sort_unstable();
    at(&tokens, 50)
}

/// The value below which a percentage of sorted values lies.
fn at(sorted: &[usize], percent: usize) -> usize {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

/// The median ratio of a method's tokens to the command's.
#[allow(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^52")]
fn ratio<'m>(measured: impl Iterator<Item = &'m Measured<'m>>, method: Method) -> f64 {
    let mut ratios: Vec<f64> = measured
        .filter_map(|measured| {
            let command = measured.outcomes.get(&Method::Command)?.tokens;
            Some(measured.outcomes.get(&method)?.tokens as f64 / command.max(1) as f64)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

fn milliseconds<'m>(measured: impl Iterator<Item = &'m Measured<'m>>, method: Method) -> String {
    let mut times: Vec<Duration> = measured
        .filter_map(|measured| Some(measured.outcomes.get(&method)?.time))
        .collect();
    times.sort_unstable();
    match times.get(times.len() / 2) {
        Some(time) => format!("{:.2}", time.as_secs_f64() * 1e3),
        None => "-".to_owned(),
    }
}
