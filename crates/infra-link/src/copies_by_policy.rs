//! Secrets and ConfigMaps that rules of Kyverno make in namespaces, as copies or from data in the rule
//! (<https://kyverno.io/docs/policy-types/cluster-policy/generate/>).

use infra_model::secrets::CopiedTo;

use crate::copies::{EVERY, Namespace, with_labels};
use crate::uses::Used;
use crate::view::View;
use crate::wildcard::fits;

/// API group of Kyverno.
pub(crate) const GROUP: &str = "kyverno.io";

/// The object that a rule makes.
pub(crate) struct Generated<'a> {
    pub(crate) used: Used,
    pub(crate) name: &'a str,
    /// Namespace and name of the original; `None` if the rule states the data.
    pub(crate) origin: Option<(&'a str, &'a str)>,
    to: Target<'a>,
}

/// The namespaces in which a rule makes its object.
enum Target<'a> {
    Namespace(&'a str),
    /// Those that the rule matches.
    Matched {
        /// One of them has to fit; all namespaces if empty.
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
        let mut names = self.names.iter();
        (self.names.is_empty() || names.any(|name| fits(name, namespace.name, Some('?'))))
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

    /// The copies of a policy, given as `Kind/name`, in the form of a catalog.
    pub(crate) fn copied_to(&self, policy: &str) -> CopiedTo {
        let mut namespaces: Vec<String> = match &self.to {
            Target::Namespace(name) => vec![(*name).to_owned()],
            Target::Matched { any, .. } if any.is_empty() => vec![EVERY.to_owned()],
            Target::Matched { any, .. } => any.iter().flat_map(names).collect(),
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

fn names(filter: &Filter<'_>) -> Vec<String> {
    match (filter.names.is_empty(), filter.labels.is_empty()) {
        (true, true) => vec![EVERY.to_owned()],
        (true, false) => vec![with_labels(&filter.labels)],
        (false, _) => filter.names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// The objects that the rules of a policy make. `own` is its namespace, empty for a ClusterPolicy.
pub(crate) fn generated<'a>(policy: View<'a>, own: &'a str) -> Vec<Generated<'a>> {
    let rules = policy.items_at(&["spec", "rules"]);
    rules.filter_map(|rule| of_rule(rule, own)).collect()
}

fn of_rule<'a>(rule: View<'a>, own: &'a str) -> Option<Generated<'a>> {
    let generate = rule.get("generate")?;
    let used = Used::of_data(generate.text_of("kind")?)?;
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

/// The filters of `match` or `exclude` for namespaces; `None` if an expression decides.
fn filters(block: View<'_>) -> Option<Vec<Filter<'_>>> {
    let listed = ["any", "all"].iter().flat_map(|key| block.items_of(key));
    let resources = listed.chain([block]).filter_map(|block| block.get("resources"));
    resources
        .map(|resources| {
            let mut kinds = resources.texts_at(&["kinds"]);
            let is_namespace = kinds.any(|kind| kind.rsplit('/').next() == Some("Namespace"));
            let selector = match is_namespace {
                true => resources.get("selector"),
                false => resources.get("namespaceSelector"),
            };
            if selector.is_some_and(|selector| selector.get("matchExpressions").is_some()) {
                return None;
            }
            let labels = selector.into_iter();
            Some(Filter {
                names: match is_namespace {
                    true => resources
                        .texts_at(&["names"])
                        .chain(resources.text_of("name"))
                        .collect(),
                    false => resources.texts_at(&["namespaces"]).collect(),
                },
                labels: labels
                    .flat_map(|selector| selector.labels_at(&["matchLabels"]))
                    .collect(),
            })
        })
        .collect()
}
