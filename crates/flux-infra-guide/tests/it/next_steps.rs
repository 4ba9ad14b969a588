//! An answer about the fixture ends with at most two commands with real names; `--next` and JSON have all commands.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::process::Command;

use camino::Utf8PathBuf;
use catalog_emit::ToJson;
use infra_model::{Diagnostic, Infrastructure};
use infra_query::Answer;
use infra_query::lint::LintFilter;
use infra_query::list::ListKind;
use infra_query::{
    QueryError, Subject, config, flux, grep, image, impact, lint, list, next, secret, trace, where_is,
};
use pretty_assertions::assert_eq;

fn data() -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../skills/flux-infra-guide/data")
}

fn model() -> Infrastructure {
    catalog_emit::load(&data()).unwrap()
}

/// The number of checked answers, and of those with a command.
#[derive(Debug, Default)]
struct Checked {
    answers: usize,
    with_commands: usize,
}

impl Checked {
    #[track_caller]
    fn add<A: Answer + Display + ToJson>(&mut self, model: &Infrastructure, term: &str, answer: &A) {
        let text = answer.to_string();
        let commands: Vec<&str> = match text.split_once("next:\n") {
            Some((_, after)) => after.lines().collect(),
            None => Vec::new(),
        };
        let shown = answer.shown().min(2).min(answer.steps().len());
        assert_eq!(commands.len(), shown, "{term}:\n{text}");
        for command in &commands {
            let command = command
                .strip_prefix("  ")
                .unwrap_or_else(|| panic!("{term}:\n{text}"));
            check_command(model, command);
        }
        // All of them are there, in the same order.
        let all = next(model, term, answer).to_string();
        let mut lines = all.lines();
        for step in answer.steps() {
            check_command(model, &step.command);
            assert!(lines.any(|line| line.trim() == step.command), "{term}: {all}");
        }
        let json = answer.to_json().unwrap();
        for name in ["next", "check"] {
            if let Some(steps) = json[name].as_array() {
                assert_eq!(steps.len(), answer.steps().len(), "{term}: {json:#}");
            }
        }
        self.answers += 1;
        self.with_commands += usize::from(!answer.steps().is_empty());
    }

    fn add_known<A: Answer + Display + ToJson>(
        &mut self,
        model: &Infrastructure,
        term: &str,
        answer: Result<A, QueryError>,
    ) {
        if let Ok(answer) = answer {
            self.add(model, term, &answer);
        }
    }
}

/// A command starts with a common program, and names no namespace or object that does not exist.
#[track_caller]
fn check_command(model: &Infrastructure, command: &str) {
    let words: Vec<&str> = command.split(' ').collect();
    assert!(
        matches!(
            words[0],
            "kubectl" | "flux" | "helm" | "yq" | "curl" | "flux-infra-guide"
        ),
        "{command}"
    );
    for unfilled in ["${", "<", "NAMESPACE", "undefined"] {
        assert!(!command.contains(unfilled), "{command}");
    }
    if let Some(at) = words.iter().position(|word| *word == "-n") {
        let namespace = words[at + 1];
        let known: BTreeSet<&str> = Subject::all(model)
            .iter()
            .map(|subject| subject.namespace())
            .chain(
                model
                    .helm_releases
                    .values()
                    .map(|release| release.release_namespace.as_str()),
            )
            // The CSI driver's by convention.
            .chain(["kube-system"])
            .collect();
        assert!(known.contains(namespace), "{command}");
    }
}

#[track_caller]
fn check(least: usize, answers: impl FnOnce(&Infrastructure, &mut Checked)) {
    let model = model();
    let mut checked = Checked::default();
    answers(&model, &mut checked);
    assert!(checked.with_commands >= least, "{checked:?}");
}

/// Asks every question about each name of the fixture that fits it.
fn names(model: &Infrastructure) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for subject in Subject::all(model) {
        names.insert(subject.key().to_owned());
        names.insert(subject.title().replacen(' ', "/", 1));
    }
    names.extend(model.services.values().flat_map(|service| service.hosts.clone()));
    names.extend(model.services.values().flat_map(|service| service.images.clone()));
    names
}

macro_rules! about_names {
    ($($test:ident: $question:expr, $least:expr;)*) => {
        $(#[test]
        fn $test() {
            check($least, |model, checked| {
                let names = names(model);
                let question = $question;
                for name in &names {
                    checked.add_known(model, name, question(model, name.as_str()));
                }
            });
        })*
    };
}

about_names! {
    where_: where_is, 200;
    trace_: trace, 50;
    secret_: secret, 30;
    config_: config, 20;
    flux_: flux, 80;
    impact_: impact, 200;
    image_: |model, name| image(model, name, "NEW_TAG"), 60;
}

#[test]
fn list_() {
    // Objects, names from outside and the list of everything have none.
    check(ListKind::ALL.len() - 2, |model, checked| {
        for (word, kind) in ListKind::ALL {
            checked.add(model, word, &list(model, *kind, &Default::default()));
        }
        let of_one = list(
            model,
            ListKind::Services,
            &infra_query::list::ListFilter {
                namespace: Some("backend-services".to_owned()),
                ..Default::default()
            },
        );
        assert_eq!(of_one.next.len(), 1);
        checked.add(model, "services", &of_one);
    });
}

#[test]
fn lint_() {
    check(2, |model, checked| {
        checked.add(model, "", &lint(model, &LintFilter::default()));
        let mut model = model.clone();
        model.diagnostics.push(
            Diagnostic::error("path-missing", "no such folder")
                .on("Kustomization/flux-system/runwhen-backend-services"),
        );
        let found = lint(&model, &LintFilter::default());
        let steps = found.next.iter();
        assert!(
            steps
                .map(|step| &step.command)
                .any(|command| command.contains("flux get kustomization runwhen-backend-services"))
        );
        checked.add(&model, "", &found);
    });
}

#[test]
fn grep_() {
    check(4, |model, checked| {
        for text in ["postgres", "8000", "vault", "https://"] {
            checked.add(model, text, &grep(model, |field| field.contains(text)));
        }
    });
}

#[test]
fn the_command_line_prints_all_of_them() {
    for (arguments, least) in [
        (vec!["where", "papi"], 9),
        (vec!["trace", "papi"], 9),
        (vec!["secret", "papi"], 10),
        (vec!["config", "papi"], 9),
        (vec!["config", "papi-env-vars-cm", "GIT_SERVICE_URL"], 3),
        (vec!["flux", "loki"], 4),
        (vec!["impact", "vault"], 8),
        (vec!["image", "papi"], 10),
        (vec!["list", "services"], 20),
        (vec!["lint"], 1),
        (vec!["grep", "postgres"], 20),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
            .args(&arguments)
            .args(["--next", "--data", data().as_str()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let commands = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#') && !line.ends_with(':'));
        let commands: Vec<&str> = commands.collect();
        assert!(
            commands.len() >= least,
            "{arguments:?} has {}: {text}",
            commands.len()
        );
        let once: BTreeSet<&&str> = commands.iter().collect();
        assert!(once.len() * 2 > commands.len(), "{arguments:?}: {text}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
        .args(["where", "papi", "--next", "--data", data().as_str()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for query in [
        "kubectl ",
        "flux ",
        "{namespace=\"backend-services\", app=\"papi\"}",
        "sum(rate(",
    ] {
        assert!(text.contains(query), "{query}: {text}");
    }
}
