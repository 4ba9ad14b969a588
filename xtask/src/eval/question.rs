//! What a question is: its words, how it is put to each way of answering, and what a right answer holds.

use super::rendering::Object;

/// A catalog file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Catalog {
    Services,
    FluxResources,
    SecretsMap,
    ConfigMaps,
}

impl Catalog {
    pub const ALL: [Catalog; 4] = [
        Catalog::Services,
        Catalog::FluxResources,
        Catalog::SecretsMap,
        Catalog::ConfigMaps,
    ];

    pub fn file(self) -> &'static str {
        match self {
            Catalog::Services => "services.json",
            Catalog::FluxResources => "flux-resources.json",
            Catalog::SecretsMap => "secrets-map.json",
            Catalog::ConfigMaps => "configmaps.json",
        }
    }
}

/// A class of questions.
#[derive(Debug, PartialEq, Eq)]
pub struct Class {
    pub name: &'static str,
    /// The question, with `X` for what it is about.
    pub asks: &'static str,
    /// The catalog that `SKILL.md` sends the reader to.
    pub catalog: Catalog,
}

/// One question.
pub struct Question<'r> {
    pub class: &'static Class,
    /// What it is about.
    pub subject: String,
    /// Arguments of `flux-infra-guide`.
    pub command: Vec<String>,
    /// The entry that holds the answer, where one does: an extended regular expression for its line.
    pub entry: Option<String>,
    /// What a right answer holds.
    pub answer: Vec<Fact>,
    /// The objects that the answer rests on.
    pub objects: Vec<&'r Object>,
}

impl Question<'_> {
    /// The question in words.
    pub fn text(&self) -> String {
        self.class.asks.replacen('X', &format!("`{}`", self.subject), 1)
    }
}

/// Texts that one line of a right answer holds together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    pub all: Vec<String>,
    /// What this line must not hold: names of the same kind that are no part of the answer.
    pub none: Vec<String>,
}

impl Fact {
    /// These texts on one line.
    pub fn new<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Self {
        Fact {
            all: all.into_iter().map(Into::into).collect(),
            none: Vec::new(),
        }
    }

    /// Exactly these names among all of their kind.
    pub fn set<'n>(all: &[&'n str], of_kind: impl IntoIterator<Item = &'n str>) -> Self {
        let mut none: Vec<String> = of_kind
            .into_iter()
            .filter(|name| !all.contains(name))
            .map(str::to_owned)
            .collect();
        none.sort_unstable();
        none.dedup();
        Fact {
            all: all.iter().map(|name| (*name).to_owned()).collect(),
            none,
        }
    }

    /// As it is, but for names that the answer may hold for another reason.
    pub fn allowing(mut self, names: &[&str]) -> Self {
        self.none.retain(|name| !names.contains(&name.as_str()));
        self
    }
}

/// The regular expression of an entry's line: its plain name, or what tells it from its namesakes.
pub fn entry(namespace: &str, kind: &str, name: &str) -> String {
    let [namespace, kind, name] = [namespace, kind, name].map(escaped);
    format!("^ *\"({namespace}/({kind}/)?)?{name}\":")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '/') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The name by which people would ask for an object: its own, with namespace and kind where it has namesakes.
pub fn term(object: &Object, scope: &[&Object]) -> String {
    let namesakes: Vec<&&Object> = scope.iter().filter(|other| other.name() == object.name()).collect();
    if namesakes.len() < 2 {
        return object.name().to_owned();
    }
    let of_namespace = namesakes
        .iter()
        .filter(|other| other.namespace() == object.namespace());
    if of_namespace.count() < 2 {
        return format!("{}/{}", object.namespace(), object.name());
    }
    format!("{}/{}/{}", object.kind(), object.namespace(), object.name())
}

/// A choice of subjects that looks random and is the same on every machine: by a hash of class and name.
pub fn pick<T>(
    class: &Class,
    most: usize,
    candidates: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> String,
) -> Vec<T> {
    let mut keyed: Vec<(u64, String, T)> = candidates
        .into_iter()
        .map(|candidate| {
            let name = name(&candidate);
            (hash(&format!("{} {name}", class.name)), name, candidate)
        })
        .collect();
    keyed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    keyed.truncate(most);
    keyed.into_iter().map(|(_, _, candidate)| candidate).collect()
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
