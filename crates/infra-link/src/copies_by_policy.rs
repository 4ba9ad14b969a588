//! Secrets and ConfigMaps that rules of Kyverno make in namespaces, as copies of another one or of what they state themselves
//! (<https://kyverno.io/docs/policy-types/cluster-policy/generate/>).

use infra_model::secrets::CopiedTo;

use crate::copies::{EVERY, Namespace, with_labels};
use crate::uses::Used;
use crate::view::View;
use crate::wildcard::fits;

/// API group of Kyverno.
pub(crate) const GROUP: &str = "kyverno.io";

/// What one rule makes.
pub(crate) struct Generated<'a> {
    pub(crate) used: Used,
    /// Its name.
    pub(crate) name: &'a str,
    /// Namespace and name of what it is a copy of; none for what the rule states.
    pub(crate) origin: Option<(&'a str, &'a str)>,
    to: Target<'a>,
}

/// The namespaces in which a rule makes something.
enum Target<'a> {
    Namespace(&'a str),
    /// Those that the rule matches.
    Matched {
        /// What one of has to be true; all namespaces without any.
        any: Vec<Filter<'a>>,
        exclude: Vec<Filter<'a>>,
    },
}

/// A filter of namespaces.
struct Filter<'a> {
    names: Vec<&'a str>,
    labels: Vec<(&'a str, &'a str)>,
}

impl Filter<'_> {
    fn fits(&self, namespace: &Namespace<'_>) -> bool {
        (self.names.is_empty()
            || self
                .names
                .iter()
                .any(|name| fits(name, namespace.name, Some('?'))))
            && namespace.has(&self.labels)
    }
}

impl Generated<'_> {
    /// Whether it is made in a namespace.
    pub(crate) fn is_into(&self, namespace: &Namespace<'_>) -> bool {
        let is_original = self.origin == Some((namespace.name, self.name));
        let is_target = match &self.to {
            Target::Namespace(wanted) => *wanted == namespace.name,
            Target::Matched { any, exclude } => {
                (any.is_empty() || any.iter().any(|filter| filter.fits(namespace)))
                    && !exclude.iter().any(|filter| filter.fits(namespace))
            }
        };
        is_target && !is_original
    }

    /// Where a policy, as `Kind/name`, copies it to, as a catalog says it.
    pub(crate) fn copied_to(&self, policy: &str) -> CopiedTo {
        let mut namespaces: Vec<String> = match &self.to {
            Target::Namespace(name) => vec![(*name).to_owned()],
            Target::Matched { any, .. } if any.is_empty() => vec![EVERY.to_owned()],
            Target::Matched { any, .. } => any.iter().flat_map(words).collect(),
        };
        if let Target::Matched { exclude, .. } = &self.to {
            let names = exclude.iter().flat_map(|filter| &filter.names);
            namespaces.extend(names.map(|name| format!("not {name}")));
        }
        CopiedTo {
            by: format!("Kyverno, {policy}"),
            namespaces,
        }
    }
}

fn words(filter: &Filter<'_>) -> Vec<String> {
    match (filter.names.is_empty(), filter.labels.is_empty()) {
        (true, true) => vec![EVERY.to_owned()],
        (true, false) => vec![with_labels(&filter.labels)],
        (false, _) => filter.names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// What the rules of a policy make. `own` is its namespace, empty for a ClusterPolicy.
pub(crate) fn generated<'a>(policy: View<'a>, own: &'a str) -> Vec<Generated<'a>> {
    let rules = policy.items_at(&["spec", "rules"]);
    rules.filter_map(|rule| of_rule(rule, own)).collect()
}

fn of_rule<'a>(rule: View<'a>, own: &'a str) -> Option<Generated<'a>> {
    let generate = rule.get("generate")?;
    let used = match generate.text_of("kind")? {
        "Secret" => Used::Secret,
        "ConfigMap" => Used::ConfigMap,
        _ => return None,
    };
    let name = generate.text_of("name").filter(|name| !name.contains("{{"))?;
    let origin = match generate.get("clone") {
        Some(clone) => Some((clone.text_of("namespace").unwrap_or(own), clone.text_of("name")?)),
        None => {
            generate.get("data")?;
            None
        }
    };
    let to = match generate.text_of("namespace") {
        Some(namespace) if !namespace.contains("{{") => Target::Namespace(namespace),
        _ => Target::Matched {
            any: filters(rule.get("match")?)?,
            exclude: rule.get("exclude").and_then(filters).unwrap_or_default(),
        },
    };
    Some(Generated {
        used,
        name,
        origin,
        to,
    })
}

/// The filters of `match` or `exclude`, as far as they are about namespaces; none where an expression decides.
fn filters(block: View<'_>) -> Option<Vec<Filter<'_>>> {
    let listed = ["any", "all"].iter().filter_map(|key| block.get(key));
    let listed = listed.flat_map(View::items);
    let resources = listed.chain([block]).filter_map(|block| block.get("resources"));
    resources
        .map(|resources| {
            let kinds = texts(resources, "kinds");
            let is_namespace = kinds
                .iter()
                .any(|kind| kind.rsplit('/').next() == Some("Namespace"));
            let selector = match is_namespace {
                true => resources.get("selector"),
                false => resources.get("namespaceSelector"),
            };
            if selector.is_some_and(|selector| selector.get("matchExpressions").is_some()) {
                return None;
            }
            let labels = selector.and_then(|selector| selector.get("matchLabels"));
            let labels = labels.into_iter().flat_map(View::entries);
            Some(Filter {
                names: match is_namespace {
                    true => {
                        let mut names = texts(resources, "names");
                        names.extend(resources.text_of("name"));
                        names
                    }
                    false => texts(resources, "namespaces"),
                },
                labels: labels
                    .filter_map(|(key, value)| Some((key, value.text()?)))
                    .collect(),
            })
        })
        .collect()
}

fn texts<'a>(view: View<'a>, key: &str) -> Vec<&'a str> {
    let items = view.items_of(key);
    items.filter_map(View::text).collect()
}
