//! Kinds of lists with their words, and items of lists.

use std::borrow::Cow;
use std::str::FromStr;

use infra_model::Place;

use crate::find::closest;

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Services, by namespace.
    Services,
    /// Namespaces, with their services.
    Namespaces,
    /// Flux Kustomizations.
    Kustomizations,
    /// HelmReleases.
    HelmReleases,
    /// Sources.
    Sources,
    /// SecretProviderClasses, ExternalSecrets, Vault secrets, SealedSecrets and Secrets.
    Secrets,
    /// ConfigMaps.
    ConfigMaps,
    /// Images of services, each once.
    Images,
    /// The places that decide images.
    ImageGroups,
    /// Hosts of Ingresses and routes.
    Hosts,
    /// Substitution variables.
    Variables,
    /// Applied objects of kinds without a list of their own.
    Objects,
    /// Hosts outside of the repository that services talk to.
    Externals,
    /// Subjects of all kinds, such as those in a state or namespace.
    All,
}

impl ListKind {
    /// Every kind with its word.
    pub const ALL: &'static [(&'static str, ListKind)] = &[
        ("services", ListKind::Services),
        ("namespaces", ListKind::Namespaces),
        ("kustomizations", ListKind::Kustomizations),
        ("helmreleases", ListKind::HelmReleases),
        ("sources", ListKind::Sources),
        ("secrets", ListKind::Secrets),
        ("configmaps", ListKind::ConfigMaps),
        ("images", ListKind::Images),
        ("image-groups", ListKind::ImageGroups),
        ("hosts", ListKind::Hosts),
        ("variables", ListKind::Variables),
        ("objects", ListKind::Objects),
        ("externals", ListKind::Externals),
        ("all", ListKind::All),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        ListKind::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("services", |(word, _)| word)
    }
}

/// The filters of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// `--namespace`
    Namespace,
    /// `--owner`
    Owner,
    /// `--where`
    State,
}

impl ListKind {
    /// Whether its items have what a filter looks at; otherwise it would leave none.
    pub fn can(self, narrowing: Narrowing) -> bool {
        use ListKind::{ConfigMaps, Externals, ImageGroups, Namespaces, Variables};
        match narrowing {
            Narrowing::Namespace => !matches!(self, Variables | Externals | ImageGroups),
            Narrowing::Owner => !matches!(self, Namespaces | Variables | Externals | ImageGroups),
            Narrowing::State => !matches!(self, Namespaces | ConfigMaps | ImageGroups | Externals),
        }
    }
}

impl FromStr for ListKind {
    type Err = String;

    /// A word of [`ListKind::ALL`], in any case, also in the singular, or kubectl's word for it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_lowercase();
        let known = ListKind::ALL
            .iter()
            .find(|(word, _)| *word == text || word.strip_suffix('s') == Some(&text));
        if let Some((_, kind)) = known {
            return Ok(*kind);
        }
        Ok(match text.as_str() {
            "svc" | "workloads" | "deployments" | "deployment" | "deploy" | "apps" => ListKind::Services,
            "ns" => ListKind::Namespaces,
            "ks" => ListKind::Kustomizations,
            "hr" | "releases" | "charts" => ListKind::HelmReleases,
            "cm" => ListKind::ConfigMaps,
            "imagegroups" => ListKind::ImageGroups,
            "ingresses" | "ingress" | "routes" => ListKind::Hosts,
            "vars" => ListKind::Variables,
            "everything" => ListKind::All,
            _ => {
                let words = ListKind::ALL.iter().map(|(word, _)| *word);
                return Err(match closest(&text, words.clone()).first() {
                    Some(word) => format!("did you mean {word}?"),
                    None => format!("is not one of {}", words.collect::<Vec<&str>>().join(", ")),
                });
            }
        })
    }
}

/// An item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item<'a> {
    /// Key or name.
    pub name: &'a str,
    /// Kind of object, if the list has several.
    pub kind: Option<&'a str>,
    /// Namespace, if it has one.
    pub namespace: Option<&'a str>,
    /// Other details: keys of services, a path, a value.
    pub about: Vec<Cow<'a, str>>,
    /// Its states, such as `suspended`, `failed` or `partial`; the provider or protection of a secret.
    pub states: Vec<&'a str>,
    /// Key of the HelmRelease or Kustomization that owns it.
    pub owner: Option<&'a str>,
    /// Where a person edits it, in a list of all kinds.
    pub place: Option<&'a Place>,
}
