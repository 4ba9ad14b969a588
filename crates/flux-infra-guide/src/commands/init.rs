//! `init`: a starter knowledge file, from a scan and the descriptions of an older catalog.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use infra_model::Infrastructure;
use infra_model::dependency::Target;
use redaction::free_text;
use serde::Deserialize;

use crate::argument_file;
use crate::exit::{Exit, Failure, printed};
use crate::scan_args::ScanArgs;
use crate::terminal::Terminal;

/// Print a commented starter for flux-infra-guide.yaml.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide init > flux-infra-guide.yaml
  flux-infra-guide init --from old/services.json > flux-infra-guide.yaml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// An older services.json, whose descriptions are kept.
    #[arg(long, value_name = "OLD/services.json")]
    from: Option<Utf8PathBuf>,
}

#[derive(Default, Deserialize)]
struct OldCatalog {
    #[serde(default)]
    services: BTreeMap<String, OldService>,
}

#[derive(Default, Deserialize)]
struct OldService {
    #[serde(default)]
    description: Option<String>,
}

impl OldCatalog {
    /// Descriptions are free text: their credentials must not get into another file.
    fn without_credentials(self) -> Self {
        let services = self.services.into_iter().map(|(key, service)| {
            let description = service.description.map(|text| free_text(&text).into_owned());
            (free_text(&key).into_owned(), OldService { description })
        });
        OldCatalog {
            services: services.collect(),
        }
    }
}

/// The place and kind of an error, without the value that serde_json quotes.
fn no_catalog(file: &Utf8Path, error: &serde_json::Error) -> Failure {
    let what = match error.classify() {
        serde_json::error::Category::Data => "another value is expected",
        _ => "no valid JSON",
    };
    let (line, column) = (error.line(), error.column());
    Failure::input(format!(
        "{file} is not a services.json: {what} at line {line} column {column}"
    ))
    .hint("name the services.json that an earlier run wrote")
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let old = match &arguments.from {
        Some(file) => {
            let text = argument_file::read_text(file)
                .map_err(|error| Failure::input(format!("cannot read {file}: {error}")))?;
            let catalog: OldCatalog =
                serde_json::from_str(&text).map_err(|error| no_catalog(file, &error))?;
            catalog.without_credentials()
        }
        None => OldCatalog::default(),
    };
    let clusters = arguments.scan.scan(terminal)?.scan.clusters;
    let models: Vec<&Infrastructure> = clusters.iter().map(|cluster| &cluster.infrastructure).collect();
    printed(terminal.out(&starter(&models, &old)))?;
    Ok(Exit::Done)
}

fn starter(models: &[&Infrastructure], old: &OldCatalog) -> String {
    let mut text = String::from(HEAD);
    let mut namespaces: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut services: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut externals: Vec<&str> = Vec::new();
    for model in models {
        for (key, service) in &model.services {
            let purpose = model
                .knowledge
                .namespaces
                .get(&service.namespace)
                .map(|noted| noted.value.as_str());
            namespaces.insert(&service.namespace, purpose);
            let kept = old
                .services
                .get(key)
                .and_then(|service| service.description.as_deref());
            services.insert(key, service.description.as_deref().or(kept));
            externals.extend(
                service
                    .depends_on
                    .iter()
                    .filter_map(|dependency| match &dependency.target {
                        Target::External(host) => Some(host.as_str()),
                        Target::Service(_) => None,
                    }),
            );
        }
    }
    // Written descriptions stay, also of services that the scan did not find: people decide about them.
    for (key, service) in &old.services {
        if let Some(description) = &service.description {
            services.entry(key).or_insert(Some(description));
        }
    }
    externals.sort_unstable();
    externals.dedup();
    namespaces.remove("");
    text.push_str("\n# What each namespace is for.\nnamespaces:\n");
    for (namespace, purpose) in namespaces {
        text.push_str(&match purpose {
            Some(purpose) => format!("  {}: {}\n", scalar(namespace), scalar(purpose)),
            None => format!("  # {}: \"\"\n", scalar(namespace)),
        });
    }
    text.push_str("\n# What each service is, and what happens when it fails.\nservices:\n");
    for (key, description) in services {
        let key = scalar(key);
        text.push_str(&match description.map(scalar) {
            Some(text) => format!("  {key}:\n    description: {text}\n    # failureImpact: \"\"\n"),
            None => format!("  # {key}: {{description: \"\", failureImpact: \"\"}}\n"),
        });
    }
    text.push_str("\n# What services talk to outside of the repository.\nexternals:\n");
    for host in externals.into_iter().map(scalar) {
        text.push_str(&format!("  # {host}: {{description: \"\", check: \"\"}}\n"));
    }
    text.push_str(TAIL);
    text
}

/// A text as a YAML scalar on one line. Strings of JSON are YAML too.
fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/'))
        && yaml_node::resolve(text, yaml_node::Dialect::Yaml11) == yaml_node::Tag::Str;
    if plain {
        text.to_owned()
    } else {
        plain_text::json::escaped(&serde_json::Value::from(text).to_string()).into_owned()
    }
}

const HEAD: &str = "\
# What no scan of this repository can know. People edit this file, regeneration reads it and never writes it.
# Every part is optional; an entry for something that is gone is reported. Take the `#` away where you fill in.
";

const TAIL: &str = "
# What parts of the platform are for, and where they store.
components:
  # mimir: {purpose: \"\", storage: \"\", consumers: \"\"}

# Tenants of the observability stack.
# tenants: {header: X-Scope-OrgID, names: []}

# Markdown added to a section of the skill.
notes:
  # observability: \"\"

# Objects that something outside of the repository makes; `*` stands for any text.
producedElsewhere:
  # - {kind: Secret, namespace: \"\", name: \"\"}
";
