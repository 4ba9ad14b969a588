//! Questions: their words, how they are put to each method of answering, and the facts of a right answer.

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
    /// The question, with `X` for its subject.
    pub(crate) asks: &'static str,
    /// The catalog that `SKILL.md` sends the reader to.
    pub(crate) catalog: Catalog,
}

/// A question of a class.
pub(crate) struct Question<'r> {
    pub(crate) class: &'static Class,
    pub(crate) draft: Draft<'r>,
    /// Whether it is about all clusters of the repository.
    pub(crate) is_of_all_clusters: bool,
    /// Whether one catalog file has to hold the answer: not if it is about several clusters.
    pub(crate) is_in_one_file: bool,
}

impl Question<'_> {
    /// The question in words.
    pub(crate) fn text(&self) -> String {
        let subject = format!("`{}`", self.draft.subject);
        self.class.asks.replacen('X', &subject, 1)
    }
}

/// A question that may still be left out of its class.
pub(crate) struct Draft<'r> {
    /// The object, or other name, that it is about.
    pub(crate) subject: String,
    /// Arguments of `flux-infra-guide`.
    pub(crate) command: Vec<String>,
    /// The entry that holds the answer, if a single one does: an extended regular expression for its line.
    pub(crate) entry: Option<String>,
    /// The facts of a right answer.
    pub(crate) answer: Vec<Fact>,
    /// The objects that the answer rests on.
    pub(crate) objects: Vec<&'r Object>,
    /// Files of the repository that it rests on besides the objects.
    pub(crate) files: Vec<&'r str>,
}

impl<'r> Draft<'r> {
    /// `COMMAND SUBJECT`, without an entry and further files.
    pub(crate) fn new(command: &str, subject: &str, answer: Vec<Fact>, objects: Vec<&'r Object>) -> Self {
        Draft {
            subject: subject.to_owned(),
            command: words([command, subject]),
            entry: None,
            answer,
            objects,
            files: Vec::new(),
        }
    }

    /// `config MAP KEY`.
    pub(crate) fn of_key(map: &str, key: &str, answer: Vec<Fact>, objects: Vec<&'r Object>) -> Self {
        Draft {
            command: words(["config", map, key]),
            ..Draft::new("config", &format!("{map} {key}"), answer, objects)
        }
    }

    /// The question, answered by the entry of an object.
    pub(crate) fn in_entry(mut self, namespace: &str, kind: &str, name: &str) -> Self {
        self.entry = Some(entry(namespace, kind, name));
        self
    }

    /// The question, answered by no single entry.
    pub(crate) fn without_entry(mut self) -> Self {
        self.entry = None;
        self
    }

    /// The question, whose answer rests on further objects.
    pub(crate) fn resting_on(mut self, objects: impl IntoIterator<Item = &'r Object>) -> Self {
        self.objects.extend(objects);
        self
    }
}

/// Owned words of a command.
pub(crate) fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// Texts that one line of a right answer holds together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The forms of each text, of which one is enough.
    pub(crate) all: Vec<Vec<String>>,
    /// Names of the same kind that are not part of the answer: the line must not hold them.
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

    /// Exactly these names among all of their kind; no fact without names.
    pub(crate) fn nonempty_set(all: &[String], of_kind: &[String]) -> Vec<Self> {
        let set = || Fact::set(all, of_kind);
        (!all.is_empty()).then(set).into_iter().collect()
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

    /// The fact, on a line that holds none of these names.
    pub(crate) fn without(mut self, none: impl IntoIterator<Item = String>) -> Self {
        self.none.extend(none);
        self
    }

    /// The fact, on a line that may hold this name for another reason.
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

/// The regular expression of an entry's line: its plain name, or its name with namespace and kind. Variables have no namespace.
fn entry(namespace: &str, kind: &str, name: &str) -> String {
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

/// Chooses candidates by a hash of class and name, so that the choice looks random but is the same on every machine.
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
