//! Cases of Flux's substitution and generation of kustomization files.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use flux_scan::envsubst::{self, Undefined, Variable};
use flux_scan::steps;
use kustomize_build::Sources;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use source_tree::{DiskTree, FileId, FileTable, Limits, RepoPath};
use yaml_node::{Node, read_resources_text, read_yaml11, write_document};

use super::table::{Table, Wanted};

/// Runs the cases of a JSON file, which are of one of three types.
pub(crate) fn run(text: &str, table: &mut Table<'_>) -> Result<()> {
    let cases: Vec<Value> = serde_json::from_str(text)?;
    for (index, case) in cases.into_iter().enumerate() {
        let has = |field: &str| case.get(field).is_some();
        if has("resource_yaml") {
            run_case::<ResourceCase>(case, index, table)?;
        } else if has("files") {
            run_case::<GenerateCase>(case, index, table)?;
        } else if has("input") {
            run_case::<TextCase>(case, index, table)?;
        } else {
            bail!("case {index} has none of `input`, `resource_yaml`, `files`");
        }
    }
    Ok(())
}

trait Case: DeserializeOwned {
    const GROUP: &'static str;
    fn id(&self) -> String;
    /// The expected outcome, and what is wrong with ours.
    fn check(&self) -> Result<(Wanted, Option<String>)>;
}

fn run_case<C: Case>(case: Value, index: usize, table: &mut Table<'_>) -> Result<()> {
    let case: C = serde_json::from_value(case).with_context(|| format!("case {index}"))?;
    let id = format!("{index} {}", case.id());
    if table.wants(C::GROUP, &id) {
        let (wanted, note) = case.check()?;
        table.record(C::GROUP, &id, wanted, note);
    }
    Ok(())
}

/// Compares with an expected result, or with any error if there is none.
fn compare<T: PartialEq + std::fmt::Debug>(
    expected: Option<&T>,
    actual: Result<T, String>,
) -> (Wanted, Option<String>) {
    let Some(expected) = expected else {
        let note = actual.map(|actual| format!("{actual:?} instead of an error"));
        return (Wanted::Error, note.ok());
    };
    let note = match actual {
        Ok(actual) if *expected == actual => None,
        Ok(actual) => Some(format!("{actual:?} instead of {expected:?}")),
        Err(error) => Some(format!("error: {error}")),
    };
    (Wanted::Success, note)
}

/// A text through envsubst.
#[derive(Deserialize)]
struct TextCase {
    input: String,
    #[serde(default)]
    vars: Option<BTreeMap<String, String>>,
    #[serde(default)]
    strict: bool,
    expect: Option<String>,
}

impl Case for TextCase {
    const GROUP: &'static str = "envsubst";

    fn id(&self) -> String {
        format!("{:?}", self.input)
    }

    fn check(&self) -> Result<(Wanted, Option<String>)> {
        let lookup = |name: &str| match self.vars.as_ref().and_then(|vars| vars.get(name)) {
            Some(value) => Variable::Known(value),
            None => Variable::Unset,
        };
        let undefined = if self.strict {
            Undefined::Fail
        } else {
            Undefined::Empty
        };
        let actual = envsubst::parse(&self.input)
            .and_then(|template| template.expand(&lookup, undefined))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .map_err(|error| error.to_string());
        Ok(compare(self.expect.as_ref(), actual))
    }
}

/// An object through post-build substitution.
#[derive(Deserialize)]
struct ResourceCase {
    name: String,
    resource_yaml: String,
    vars: Option<BTreeMap<String, String>>,
    strict: bool,
    always: bool,
    result_yaml: Option<String>,
    /// The object opts out, so the case has no result.
    #[serde(default)]
    skipped_by_disabled_marker: bool,
}

impl Case for ResourceCase {
    const GROUP: &'static str = "substitution";

    fn id(&self) -> String {
        self.name.clone()
    }

    fn check(&self) -> Result<(Wanted, Option<String>)> {
        let limits = Limits::default();
        let objects = read_resources_text(&self.resource_yaml, FileId(1), &limits)?;
        let object = objects.first().context("no object")?;
        let variables = self.vars.clone().unwrap_or_default();
        let actual = steps::substitute_object(object, &variables, self.strict, self.always, &limits)
            .map_err(|error| error.to_string())
            .and_then(|node| node.to_json().map_err(|error| error.to_string()))
            .map(floats);
        let expected = match self.skipped_by_disabled_marker {
            true => Some(floats(object.to_json()?)),
            false => self.result_yaml.as_deref().map(yaml_value).transpose()?,
        };
        Ok(compare(expected.as_ref(), actual))
    }
}

/// A folder and a `spec`, with the kustomization that Flux generates and its build.
#[derive(Deserialize)]
struct GenerateCase {
    name: String,
    files: BTreeMap<String, String>,
    path: String,
    spec: Value,
    #[serde(default)]
    links: BTreeMap<String, String>,
    generated_kustomization: Option<String>,
    build: Option<String>,
    error: Option<String>,
}

impl Case for GenerateCase {
    const GROUP: &'static str = "generation";

    fn id(&self) -> String {
        self.name.clone()
    }

    fn check(&self) -> Result<(Wanted, Option<String>)> {
        let temp = tempfile::tempdir()?;
        let folder = Utf8PathBuf::try_from(temp.path().canonicalize()?)?;
        for (path, text) in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(path, text)?;
        }
        #[cfg(unix)]
        for (link, target) in &self.links {
            std::os::unix::fs::symlink(target, folder.join(link))?;
        }
        let tree = Arc::new(DiskTree::open(&folder)?);
        let sources = Sources::new(tree, FileTable::new(), Limits::default());
        let dir = RepoPath::new(&self.path);
        let generated = steps::generate_kustomization(&sources, &dir, &Node::from_json(&self.spec));
        if let (Some(expected), Ok(generated)) = (&self.generated_kustomization, &generated) {
            let (expected, actual) = (yaml_value(expected)?, yaml_value(&write_document(generated)?)?);
            if expected != actual {
                let wanted = match self.error {
                    Some(_) => Wanted::Error,
                    None => Wanted::Success,
                };
                return Ok((wanted, Some(format!("generated {actual} instead of {expected}"))));
            }
        }
        let built = generated
            .and_then(|kustomization| steps::build_kustomization(&sources, &dir, &kustomization)?.to_yaml())
            .map_err(|error| error.to_string());
        let expected = self
            .error
            .is_none()
            .then(|| self.build.clone().unwrap_or_default());
        Ok(compare(expected.as_ref(), built))
    }
}

/// A YAML text as a value in which every number is a float, as JSON's are.
fn yaml_value(text: &str) -> Result<Value> {
    let node = read_yaml11(text, FileId(1), &Limits::default())?.context("no document")?;
    Ok(floats(node.to_json()?))
}

fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, floats(value)))
            .collect(),
        value => value,
    }
}
