//! Built resources turn into the objects that Flux applies: substituted, lists taken apart, metadata put on.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use kustomize_build::{OriginKind, ResId, Resource};
use source_tree::{Budget, Exhausted, Limits, Mark, Work};
use yaml_node::Node;

use crate::flux::{CommonMetadata, PostBuild};
use crate::object_metadata::{clear_metadata, is_unreadable, put_metadata};
use crate::substitute::{self, Variables};
use crate::{Applied, DefinedIn, VariableUse};

/// What a Kustomization does with its built resources.
pub(super) struct Steps<'a> {
    pub(super) post_build: Option<&'a PostBuild>,
    pub(super) variables: &'a Variables,
    pub(super) common_metadata: &'a CommonMetadata,
    pub(super) strict: bool,
    /// Whether an object that is not in the repository, or is encrypted, may define variables. Without any other, Flux
    /// substitutes nothing where that object is absent; what is shown takes it to be there.
    pub(super) is_open: bool,
    /// Whether an object that cannot be substituted stays as it is.
    pub(super) is_lenient: bool,
    pub(super) limits: &'a Limits,
    pub(super) work: &'a Work,
    /// What all Kustomizations may take together.
    pub(super) budget: &'a Budget,
}

/// The objects, and how they use variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects {
    pub(super) applied: Vec<Applied>,
    /// Number of resources that they were built of.
    pub(super) built: usize,
    pub(super) substituted: bool,
    pub(super) uses: BTreeMap<String, VariableUse>,
    /// Names that are no texts: Flux takes what has one for no object, and leaves it out without a word.
    pub(super) unnamed: Vec<Node>,
}

/// Why Flux would apply nothing.
#[derive(Clone, Debug)]
pub(super) struct ApplyError {
    pub(super) message: String,
    pub(super) mark: Mark,
    pub(super) fault: Fault,
}

impl ApplyError {
    /// A bound that was met before anything was built.
    pub(super) fn limit(error: &Exhausted) -> Self {
        ApplyError {
            message: error.to_string(),
            mark: Mark::NONE,
            fault: Fault::Limit,
        }
    }
}

/// What is at fault where Flux would apply nothing.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// An object has no type or no name.
    Identity,
    /// An object has no JSON form, such as one with a key that stands twice.
    Form,
    /// An expression, or what came of one; its text where that may be shown.
    Substitution(Option<String>),
    /// A variable whose value is no YAML where it stands.
    Unquoted(String),
    /// The name of a variable, and what defines it.
    VariableName {
        name: String,
        defined_in: Arc<DefinedIn>,
    },
    /// A bound was met.
    Limit,
}

/// What it takes to apply an object, in steps.
const OBJECT_STEPS: u64 = 10;

impl Steps<'_> {
    /// Runs the steps in Flux's order.
    pub(super) fn run(&self, resources: &[Resource]) -> Result<Objects, ApplyError> {
        let mut objects = Objects {
            substituted: self
                .post_build
                .is_some_and(|post_build| post_build.always || !self.variables.is_empty()),
            ..Objects::default()
        };
        let mut identities = None;
        for resource in resources {
            if [resource.api_version(), resource.kind(), resource.name()].contains(&"") {
                return Err(ApplyError {
                    message: "failed to decode Kubernetes apiVersion, kind and name".into(),
                    mark: resource.origin.mark,
                    fault: Fault::Identity,
                });
            }
            let exhausted = |error: Exhausted| ApplyError {
                message: error.to_string(),
                mark: resource.origin.mark,
                fault: Fault::Limit,
            };
            let built = &resource.node;
            self.work.spend(OBJECT_STEPS).map_err(exhausted)?;
            self.budget.take_object().map_err(exhausted)?;
            objects.built += 1;
            built.check_json().map_err(|error| ApplyError {
                message: format!(
                    "kustomize build failed: {}: {}",
                    label(built),
                    without_secrets(error.message.replace('\n', ""), resources)
                ),
                mark: if error.mark.is_some() {
                    error.mark
                } else {
                    resource.origin.mark
                },
                fault: Fault::Form,
            })?;
            let mut object = Applied {
                built: built.clone(),
                node: built.clone(),
                rendered: None,
                mark: resource.origin.mark,
                generated: matches!(
                    resource.origin.kind,
                    OriginKind::ConfigMapGenerator | OriginKind::SecretGenerator
                ),
                overridden: resource.overridden.clone(),
                unhashed_name: unhashed_name(resource),
                generated_by: None,
            };
            if self.is_open && !objects.substituted && !substitute::is_disabled(built) {
                // Whether the text is an expression at all is not known before the object is.
                if self.substitute(&mut object, &mut objects.uses).is_ok() {
                    object.rendered = (object.node != *built).then(|| built.clone());
                } else {
                    object.node = built.clone();
                    object.rendered = None;
                }
            } else if objects.substituted && !substitute::is_disabled(built) {
                self.work.spend(built.weight() as u64).map_err(exhausted)?;
                match self.substitute(&mut object, &mut objects.uses) {
                    Err(_) if self.is_lenient => {
                        object.node = built.clone();
                        object.rendered = None;
                    }
                    substituted => substituted?,
                }
                if !object.node.shares(built) {
                    // It is written, expanded, read, and held against what it was.
                    let weight = object.node.weight().saturating_add(built.weight());
                    self.work.spend_each(weight, 4).map_err(exhausted)?;
                    self.work.grow(1, weight.saturating_mul(64)).map_err(exhausted)?;
                }
                let rendered = object.rendered.as_ref().unwrap_or(&object.node);
                if rendered != built {
                    identities
                        .get_or_insert_with(|| Identities::new(resources))
                        .change(resource, rendered, &object.node)?;
                }
            }
            self.take_apart(object, &mut objects);
        }
        Ok(objects)
    }

    fn substitute(
        &self,
        object: &mut Applied,
        uses: &mut BTreeMap<String, VariableUse>,
    ) -> Result<(), ApplyError> {
        let is_secret = object.built.text_at(&["kind"]) == Some("Secret");
        let substituted = substitute::substitute(&object.built, self.variables, self.strict, self.limits)
            .map_err(|error| ApplyError {
                message: format!(
                    "post build failed for '{}': {}",
                    label(&object.built),
                    error.message
                ),
                mark: error.mark,
                fault: match (error.variable, error.unquoted) {
                    (Some((name, defined_in)), _) => Fault::VariableName { name, defined_in },
                    (None, Some(variable)) => Fault::Unquoted(variable),
                    (None, None) => Fault::Substitution(error.expression.filter(|_| !is_secret)),
                },
            })?;
        object.node = substituted.node;
        object.rendered = substituted.rendered;
        if object.unhashed_name.contains("${") {
            let built = object.built.text_at(&["metadata", "name"]).unwrap_or_default();
            let hash = built
                .strip_prefix(object.unhashed_name.as_str())
                .unwrap_or_default();
            let name = object.node.text_at(&["metadata", "name"]).unwrap_or_default();
            object.unhashed_name = name.strip_suffix(hash).unwrap_or(name).to_owned();
        }
        if !substituted.mentions {
            return Ok(());
        }
        substitute::for_each_use(&object.built, &mut |name, defaulted, mark| {
            let value = self.variables.get(name);
            let found = uses.entry(name.to_owned()).or_insert_with(|| VariableUse {
                first: mark,
                known: value.is_some_and(substitute::VariableValue::is_known),
                unknown: value.is_none_or(|value| !value.is_at_hand()),
                defined_in: value.map(|value| DefinedIn::clone(value.defined_in())),
                defaulted: true,
            });
            found.defaulted &= defaulted;
        });
        Ok(())
    }

    /// Flattens lists and leaves out what is no object of a cluster.
    fn take_apart(&self, object: Applied, objects: &mut Objects) {
        let into = &mut objects.applied;
        let is_list = object
            .node
            .get("items")
            .is_some_and(|items| items.as_sequence().is_some());
        if !is_list {
            let rendered = object.rendered.as_ref().unwrap_or(&object.node);
            if is_object(rendered) && !is_kustomization(rendered) {
                into.push(self.with_metadata(object));
            } else if let Some(name) = rendered
                .at(&["metadata", "name"])
                .filter(|name| name.as_str().is_none())
            {
                objects.unnamed.push(name.clone());
            }
            return;
        }
        let items = |node: &Node| {
            node.get("items")
                .map_or(Vec::new(), |items| items.items().to_vec())
        };
        let (built, rendered) = (items(&object.built), object.rendered.as_ref().map(items));
        for (index, node) in items(&object.node).into_iter().enumerate() {
            let mark = if node.mark.is_some() {
                node.mark
            } else {
                object.mark
            };
            let name = node.text_at(&["metadata", "name"]).unwrap_or_default().to_owned();
            into.push(self.with_metadata(Applied {
                built: built.get(index).unwrap_or(&node).clone(),
                rendered: rendered.as_ref().and_then(|items| items.get(index)).cloned(),
                node,
                mark,
                generated: false,
                overridden: Vec::new(),
                unhashed_name: name,
                generated_by: None,
            }));
        }
    }

    fn with_metadata(&self, mut object: Applied) -> Applied {
        for (field, entries) in [
            ("labels", &self.common_metadata.labels),
            ("annotations", &self.common_metadata.annotations),
        ] {
            if !entries.is_empty() {
                if is_unreadable(&object.node, field) {
                    clear_metadata(&mut object.node, field);
                    object
                        .rendered
                        .iter_mut()
                        .for_each(|node| clear_metadata(node, field));
                }
                put_metadata(&mut object.node, field, entries);
                if let Some(rendered) = &mut object.rendered {
                    put_metadata(rendered, field, entries);
                }
            }
        }
        object
    }
}

/// A message that quotes a value, which may be copied out of a Secret of the build, without the values of these.
fn without_secrets(message: String, resources: &[Resource]) -> String {
    /// Shorter ones are parts of words.
    const SHORTEST: usize = 3;
    let secrets = resources.iter().filter(|resource| resource.kind() == "Secret");
    let values = secrets.flat_map(|secret| {
        let held = ["data", "stringData"].map(|field| secret.node.get(field));
        held.into_iter().flatten().flat_map(Node::iter)
    });
    let texts = values.filter_map(|(_, value)| value.text());
    texts
        .filter(|text| text.len() >= SHORTEST)
        .fold(message, |message, text| {
            match message.contains(&format!("`{text}`")) {
                true => message.replace(&format!("`{text}`"), redaction::REDACTED),
                false => message,
            }
        })
}

fn label(object: &Node) -> String {
    let text = |path: &[&str]| object.text_at(path).unwrap_or_default().to_owned();
    format!("{}/{}", text(&["kind"]), text(&["metadata", "name"]))
}

fn is_object(object: &Node) -> bool {
    [&["apiVersion"][..], &["kind"], &["metadata", "name"]]
        .iter()
        .all(|path| {
            object
                .at(path)
                .and_then(Node::as_str)
                .is_some_and(|text| !text.is_empty())
        })
}

/// A kustomization file that was listed as a resource.
fn is_kustomization(object: &Node) -> bool {
    let text = |field: &str| object.text_at(&[field]).unwrap_or_default();
    text("kind").eq_ignore_ascii_case("kustomization")
        && text("apiVersion").starts_with("kustomize.config.k8s.io/")
}

/// The name before kustomize put the hash of a generated object behind it.
fn unhashed_name(resource: &Resource) -> String {
    let name = resource.name();
    let before = resource.history().ids.last().map(|id| id.name.as_str());
    let unhashed = before.filter(|before| {
        let suffix = name.strip_prefix(before).and_then(|rest| rest.strip_prefix('-'));
        suffix.is_some_and(|hash| hash.len() == 10 && hash.bytes().all(|b| b.is_ascii_alphanumeric()))
    });
    unhashed.unwrap_or(name).to_owned()
}

/// Identities of a build's resources while they are substituted one by one: no two may become the same.
struct Identities {
    count: HashMap<ResId, usize>,
}

impl Identities {
    fn new(resources: &[Resource]) -> Self {
        let mut count = HashMap::with_capacity(resources.len());
        for resource in resources {
            *count.entry(effective(resource.current_id())).or_default() += 1;
        }
        Identities { count }
    }

    /// `shown` tells objects apart whose names only the cluster knows.
    fn change(&mut self, resource: &Resource, rendered: &Node, shown: &Node) -> Result<(), ApplyError> {
        let old = effective(resource.current_id());
        let is_open = |field: &str| {
            let text = shown.text_at(&["metadata", field]);
            text.is_some_and(|text| text.contains("${"))
        };
        let known = if is_open("name") || is_open("namespace") {
            shown
        } else {
            rendered
        };
        let new = effective(Resource::new(known.clone()).current_id());
        if old == new {
            return Ok(());
        }
        if let Some(count) = self.count.get_mut(&old) {
            *count -= 1;
        }
        let count = self.count.entry(new.clone()).or_default();
        *count += 1;
        if *count == 1 {
            return Ok(());
        }
        Err(ApplyError {
            message: format!("post build failed for '{new}': substitution gives two objects one identity"),
            mark: resource.origin.mark,
            fault: Fault::Substitution(None),
        })
    }
}

fn effective(mut id: ResId) -> ResId {
    id.namespace = id.effective_namespace().into();
    id
}
