//! Built resources turn into the objects that Flux applies: substituted, lists flattened, common metadata added.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use kustomize_build::{OriginKind, ResId, Resource};
use source_tree::{Budget, Exhausted, Limits, Mark, Work};
use yaml_node::Node;

use super::json_form::has_json_form;
use crate::flux::{CommonMetadata, PostBuild};
use crate::object_metadata::{clear_metadata, is_unreadable, put_metadata};
use crate::substitute::{self, Variables};
use crate::{Applied, DefinedIn, VariableUse};

/// The steps of a Kustomization after its build.
pub(super) struct Steps<'a> {
    pub(super) post_build: Option<&'a PostBuild>,
    pub(super) variables: &'a Variables,
    pub(super) common_metadata: &'a CommonMetadata,
    /// Whether an object that is not in the repository, or is encrypted, may define variables. If no other does and that
    /// object is absent, Flux substitutes nothing; here it is assumed to exist.
    pub(super) is_open: bool,
    /// Whether an object that cannot be substituted stays as it is.
    pub(super) is_lenient: bool,
    pub(super) limits: &'a Limits,
    pub(super) work: &'a Work,
    /// The budget of all Kustomizations together.
    pub(super) budget: &'a Budget,
}

/// The objects that Flux applies, and how they use variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects {
    pub(super) applied: Vec<Applied>,
    /// Number of resources of the build.
    pub(super) built: usize,
    pub(super) substituted: bool,
    pub(super) uses: BTreeMap<String, VariableUse>,
    /// Names that are not strings. Flux silently skips objects with such a name.
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
    /// A bound was met.
    pub(super) fn limit(error: &Exhausted, mark: Mark) -> Self {
        ApplyError {
            message: error.to_string(),
            mark,
            fault: Fault::Limit,
        }
    }
}

/// The reason why Flux would apply nothing.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// An object has no type or no name.
    Identity,
    /// An object has no JSON form, for example because of a duplicate key.
    Form,
    /// An expression or its result; its text if that may be shown.
    Substitution(Option<String>),
    /// A variable whose value is not valid YAML where it is used.
    Unquoted(String),
    /// An invalid name of a variable, and what defines it.
    VariableName {
        name: String,
        defined_in: Arc<DefinedIn>,
    },
    /// A bound was met.
    Limit,
}

/// The cost of applying an object, in steps of the budget.
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
            let exhausted = |error: Exhausted| ApplyError::limit(&error, resource.origin.mark);
            let built = &resource.node;
            self.work.spend(OBJECT_STEPS).map_err(exhausted)?;
            self.budget.take_object().map_err(exhausted)?;
            objects.built += 1;
            let checked = match has_json_form(built) {
                true => Ok(()),
                false => built.check_json(),
            };
            checked.map_err(|error| ApplyError {
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
                // Without the object's values it is not known whether the text is meant as an expression.
                if self.substitute(&mut object, &mut objects.uses).is_ok() {
                    object.rendered = (object.node != *built).then(|| built.clone());
                }
            } else if objects.substituted && !substitute::is_disabled(built) {
                self.work.spend(built.weight() as u64).map_err(exhausted)?;
                match self.substitute(&mut object, &mut objects.uses) {
                    Err(_) if self.is_lenient => {}
                    substituted => substituted?,
                }
                if !object.node.shares(built) {
                    // Four passes: it is written, expanded, parsed, and compared with the built object.
                    let weight = object.node.weight().saturating_add(built.weight());
                    self.work.spend_each(weight, 4).map_err(exhausted)?;
                    self.work.grow(1, weight.saturating_mul(64)).map_err(exhausted)?;
                }
                let rendered = object.applied();
                if rendered != built {
                    identities
                        .get_or_insert_with(|| Identities::new(resources))
                        .change(resource, rendered, &object.node)?;
                }
            }
            self.flatten(object, &mut objects);
        }
        Ok(objects)
    }

    /// An object that cannot be substituted stays as it is.
    fn substitute(
        &self,
        object: &mut Applied,
        uses: &mut BTreeMap<String, VariableUse>,
    ) -> Result<(), ApplyError> {
        // An undefined variable fails nothing here, so that the rest of the Kustomization is known; it is reported.
        let strict = false;
        let is_secret = object.built.text_at(&["kind"]) == Some("Secret");
        let substituted = substitute::substitute(&object.built, self.variables, strict, self.limits)
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
                unknown: value.is_none_or(|value| !value.is_available()),
                defined_in: value.map(|value| DefinedIn::clone(value.defined_in())),
                defaulted: true,
            });
            found.defaulted &= defaulted;
        });
        Ok(())
    }

    /// Adds an object, or the items of a list. Anything that is not a Kubernetes object is left out.
    fn flatten(&self, object: Applied, objects: &mut Objects) {
        let Some(items) = object.node.get("items").and_then(Node::as_sequence) else {
            let applied = object.applied();
            if is_object(applied) && !is_kustomization(applied) {
                objects.applied.push(self.with_metadata(object));
            } else if let Some(name) = applied.at(&["metadata", "name"])
                && name.as_str().is_none()
            {
                objects.unnamed.push(name.clone());
            }
            return;
        };
        let item = |list: &Node, index: usize| list.get("items")?.items().get(index).cloned();
        for (index, node) in items.iter().enumerate() {
            objects.applied.push(self.with_metadata(Applied {
                built: item(&object.built, index).unwrap_or_else(|| node.clone()),
                rendered: object.rendered.as_ref().and_then(|list| item(list, index)),
                ..Applied::new(node.clone(), None, object.mark)
            }));
        }
    }

    fn with_metadata(&self, mut object: Applied) -> Applied {
        for (field, entries) in [
            ("labels", &self.common_metadata.labels),
            ("annotations", &self.common_metadata.annotations),
        ] {
            if entries.is_empty() {
                continue;
            }
            let is_unreadable = is_unreadable(&object.node, field);
            for node in std::iter::once(&mut object.node).chain(&mut object.rendered) {
                if is_unreadable {
                    clear_metadata(node, field);
                }
                put_metadata(node, field, entries);
            }
        }
        object
    }
}

/// Redacts the values of the build's Secrets in a message: it quotes a value that may be copied from one of them.
fn without_secrets(message: String, resources: &[Resource]) -> String {
    /// Shorter ones are parts of words.
    const MIN_LENGTH: usize = 3;
    let secrets = resources.iter().filter(|resource| resource.kind() == "Secret");
    let values = secrets.flat_map(|secret| {
        let fields = ["data", "stringData"].map(|field| secret.node.get(field));
        fields.into_iter().flatten().flat_map(Node::iter)
    });
    let texts = values.filter_map(|(_, value)| value.text());
    texts
        .filter(|text| text.len() >= MIN_LENGTH)
        .fold(message, |message, text| {
            message.replace(&format!("`{text}`"), redaction::REDACTED)
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

/// The name of a generated object without the hash that kustomize appends.
fn unhashed_name(resource: &Resource) -> String {
    let name = resource.name();
    let before = resource.history().ids.last().map(|id| id.name.as_str());
    let unhashed = before.filter(|before| {
        let suffix = name.strip_prefix(before).and_then(|rest| rest.strip_prefix('-'));
        suffix.is_some_and(|hash| hash.len() == 10 && hash.bytes().all(|b| b.is_ascii_alphanumeric()))
    });
    unhashed.unwrap_or(name).to_owned()
}

/// Identities of a build's resources while they are substituted one by one: no two may become equal.
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

    /// `shown`, which keeps unknown variables, distinguishes objects whose names only the cluster knows.
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
