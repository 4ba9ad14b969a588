//! What a question is: its words, how it is put to each way of answering, and what a right answer holds.

use super::rendering::Object;

/// A catalog file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Catalog {
    Services,
    FluxResources,
    SecretsMap,
    ConfigMaps,
}

impl Catalog {
    pub(crate) const ALL: [Catalog; 4] = [
        Catalog::Services,
        Catalog::FluxResources,
        Catalog::SecretsMap,
        Catalog::ConfigMaps,
    ];

    pub(crate) fn file(self) -> &'static str {
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
pub(crate) struct Class {
    pub(crate) name: &'static str,
    /// The question, with `X` for what it is about.
    pub(crate) asks: &'static str,
    /// The catalog that `SKILL.md` sends the reader to.
    pub(crate) catalog: Catalog,
}

/// One question.
pub(crate) struct Question<'r> {
    pub(crate) class: &'static Class,
    /// What it is about.
    pub(crate) subject: String,
    /// Arguments of `flux-infra-guide`.
    pub(crate) command: Vec<String>,
    /// The entry that holds the answer, where one does: an extended regular expression for its line.
    pub(crate) entry: Option<String>,
    /// What a right answer holds.
    pub(crate) answer: Vec<Fact>,
    /// The objects that the answer rests on.
    pub(crate) objects: Vec<&'r Object>,
    /// Files of the repository that it rests on beside them.
    pub(crate) files: Vec<&'r str>,
    /// Whether it is about all clusters of the repository.
    pub(crate) of_all_clusters: bool,
    /// Whether one catalog file has to hold the answer: not where it is about several clusters.
    pub(crate) of_one_file: bool,
}

impl Question<'_> {
    /// The question in words.
    pub(crate) fn text(&self) -> String {
        self.class.asks.replacen('X', &format!("`{}`", self.subject), 1)
    }
}

/// Texts that one line of a right answer holds together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fact {
    /// Each in one of its forms.
    pub(crate) all: Vec<Vec<String>>,
    /// What this line must not hold: names of the same kind that are no part of the answer.
    pub(crate) none: Vec<String>,
}

impl Fact {
    /// These texts on one line.
    pub(crate) fn new<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Self {
        Fact {
            all: all.into_iter().map(|text| vec![text.into()]).collect(),
            none: Vec::new(),
        }
    }

    /// Exactly these names among all of their kind.
    pub(crate) fn set(all: &[String], of_kind: &[String]) -> Self {
        let others = of_kind.iter().filter(|name| !all.contains(name));
        Fact::new(all).without(others.cloned())
    }

    /// Also a text in one of several forms.
    pub(crate) fn or_as(mut self, forms: impl IntoIterator<Item = String>) -> Self {
        self.all.push(forms.into_iter().collect());
        self
    }

    /// A line of a file, as answers and as catalogs name it.
    pub(crate) fn place(file: &str, line: usize) -> Self {
        Fact::default().or_as([
            format!("{file}:{line}"),
            format!("\"file\":\"{file}\",\"line\":{line}"),
        ])
    }

    /// As it is, on a line that holds none of these.
    pub(crate) fn without(mut self, none: impl IntoIterator<Item = String>) -> Self {
        self.none.extend(none);
        self
    }

    /// As it is, but for a name that the line may hold for another reason.
    pub(crate) fn allowing(mut self, name: &str) -> Self {
        self.none.retain(|other| other != name);
        self
    }

    /// The expected texts, for people.
    pub(crate) fn expected(&self) -> String {
        let texts: Vec<String> = self.all.iter().map(|forms| forms.join(" or ")).collect();
        texts.join(" | ")
    }
}

/// The regular expression of an entry's line: its plain name, or what tells it from its namesakes. Variables have no namespace.
pub(crate) fn entry(namespace: &str, kind: &str, name: &str) -> String {
    if namespace.is_empty() {
        return format!("^ *\"{}\":", escaped(name));
    }
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

/// A choice of subjects that looks random and is the same on every machine: by a hash of class and name.
pub(crate) fn pick<T>(
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
