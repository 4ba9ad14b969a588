//! A term turns into what it means: the best kind of match wins, and a miss gets suggestions.

use crate::query::distance::{distance, tolerance};
use crate::query::printable;
use crate::query::subject::Subject;
use crate::service::Service;
use crate::{Infrastructure, Place};

/// Something that a term means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<'a> {
    /// What it is.
    pub subject: Subject<'a>,
    /// How the term matches it.
    pub matched: Matched,
}

/// How a term matches, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// The key or the plain name, with or without kind and namespace.
    Name,
    /// Another name.
    Alias,
    /// A DNS name in the cluster.
    Dns,
    /// A host of an Ingress or route.
    Host,
    /// A container image.
    Image,
    /// The namespace it runs in.
    Namespace,
    /// A file or folder of the repository.
    File,
    /// A path in Vault or another secret store.
    SecretPath,
    /// Part of any of these.
    Part,
}

impl Matched {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Matched::Name => "name",
            Matched::Alias => "alias",
            Matched::Dns => "dns",
            Matched::Host => "host",
            Matched::Image => "image",
            Matched::Namespace => "namespace",
            Matched::File => "file",
            Matched::SecretPath => "secret path",
            Matched::Part => "part",
        }
    }
}

/// Nothing is known by a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// The term.
    pub term: String,
    /// What looks like it, best first.
    pub suggestions: Vec<String>,
    /// What is known by the term, as `kind key`, but cannot be what the question is about.
    pub others: Vec<String>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Nothing that the question can be about is known by the term.
    #[error("{}", miss(.0))]
    NotFound(NotFound),
    /// The term means several things.
    #[error("{} may be {}", printable(term), list(candidates))]
    Ambiguous {
        /// The term.
        term: String,
        /// The keys of what it may mean.
        candidates: Vec<String>,
    },
}

fn miss(
    NotFound {
        term,
        suggestions,
        others,
    }: &NotFound,
) -> String {
    let term = printable(term.trim());
    match (others.as_slice(), suggestions.as_slice()) {
        _ if term.is_empty() => "a name is needed".to_owned(),
        ([], []) => format!("nothing is known as {term}"),
        ([], some) => format!("nothing is known as {term}; did you mean {}?", list(some)),
        (others, _) => format!("{term} is {}, which this question is not about", list(others)),
    }
}

/// `a, b or c`, at most ten.
fn list(texts: &[String]) -> String {
    const MOST: usize = 10;
    let texts: Vec<_> = texts.iter().map(|text| printable(text)).collect();
    match texts.split_last() {
        None => String::new(),
        Some((last, [])) => last.to_string(),
        Some((last, rest)) if rest.len() < MOST => format!("{} or {last}", rest.join(", ")),
        Some(_) => {
            let shown = texts.iter().take(MOST).map(AsRef::as_ref).collect::<Vec<&str>>();
            format!("{} or one of {} more", shown.join(", "), texts.len() - MOST)
        }
    }
}

/// What a term means: all that match in the best way there is. Never empty.
///
/// # Errors
/// [`QueryError::NotFound`], with suggestions.
pub fn find<'a>(infrastructure: &'a Infrastructure, term: &str) -> Result<Vec<Hit<'a>>, QueryError> {
    find_among(infrastructure, term, |_| true)
}

/// As [`find`], among the subjects that `fits` accepts.
pub(super) fn find_among<'a>(
    infrastructure: &'a Infrastructure,
    term: &str,
    fits: impl Fn(&Subject<'a>) -> bool,
) -> Result<Vec<Hit<'a>>, QueryError> {
    let parsed = Term::new(term);
    let mut hits: Vec<Hit<'a>> = Subject::all(infrastructure)
        .into_iter()
        .filter(&fits)
        .filter_map(|subject| {
            let matched = parsed.matches(&subject)?;
            Some(Hit { subject, matched })
        })
        .collect();
    let Some(best) = hits.iter().map(|hit| hit.matched).min() else {
        return Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            suggestions: similar(infrastructure, &parsed, &fits),
            others: Subject::all(infrastructure)
                .into_iter()
                .filter(|subject| !fits(subject))
                .filter(|subject| {
                    parsed
                        .matches(subject)
                        .is_some_and(|matched| matched < Matched::Part)
                })
                .map(|subject| format!("{} {}", subject.kind(), subject.key()))
                .collect(),
        }));
    };
    hits.retain(|hit| hit.matched == best);
    Ok(hits)
}

/// The one service that a term means.
///
/// # Errors
/// [`QueryError`]
pub(super) fn find_service<'a>(
    infrastructure: &'a Infrastructure,
    term: &str,
) -> Result<(&'a str, &'a Service), QueryError> {
    let hits = find_among(infrastructure, term, |subject| {
        matches!(subject, Subject::Service(..))
    })?;
    if let [
        Hit {
            subject: Subject::Service(key, service),
            ..
        },
    ] = hits.as_slice()
    {
        return Ok((key, service));
    }
    Err(QueryError::Ambiguous {
        term: term.to_owned(),
        candidates: hits.iter().map(|hit| hit.subject.key().to_owned()).collect(),
    })
}

/// A term in the forms in which it may match.
struct Term<'t> {
    /// The term, trimmed, in lower case.
    text: String,
    /// A kind before the first `/`, in full and lower case.
    kind: Option<String>,
    /// What follows the kind.
    after_kind: String,
    /// The host of a URL, or of `host:port`.
    host: String,
    /// The term as a path, without `./` and a final `/`.
    path: &'t str,
}

impl<'t> Term<'t> {
    fn new(term: &'t str) -> Self {
        let term = term.trim();
        let text = term.to_lowercase();
        let (kind, after_kind) = match text.split_once('/') {
            Some((kind, rest)) => (Some(full_kind(kind).to_owned()), rest.to_owned()),
            None => (None, String::new()),
        };
        Term {
            kind,
            after_kind,
            host: host(&text).to_owned(),
            path: term.trim_start_matches("./").trim_matches('/'),
            text,
        }
    }

    fn matches(&self, subject: &Subject<'_>) -> Option<Matched> {
        if self.text.is_empty() {
            return None;
        }
        let is = |name: &str| name.to_lowercase() == self.text;
        if is(subject.key()) || is(subject.name()) || self.is_qualified(subject) {
            return Some(Matched::Name);
        }
        if subject.aliases().into_iter().any(is) {
            return Some(Matched::Alias);
        }
        if let Subject::Service(_, service) = subject {
            if service.dns.iter().any(|dns| self.is_dns(dns)) {
                return Some(Matched::Dns);
            }
            if service.hosts.iter().any(|host| host.to_lowercase() == self.host) {
                return Some(Matched::Host);
            }
            if service.images.iter().any(|image| self.is_image(image)) {
                return Some(Matched::Image);
            }
            if is(&service.namespace) {
                return Some(Matched::Namespace);
            }
        }
        if let Subject::ImageGroup(_, group) = subject
            && self.is_image(&group.image_name)
        {
            return Some(Matched::Image);
        }
        if let Subject::External(name) = subject
            && host(&name.to_lowercase()) == self.host
        {
            return Some(Matched::Host);
        }
        if files(subject).into_iter().any(|file| self.is_file(file)) {
            return Some(Matched::File);
        }
        let paths = subject.secret_paths();
        if paths
            .iter()
            .any(|path| path.trim_matches('/').to_lowercase() == self.text.trim_matches('/'))
        {
            return Some(Matched::SecretPath);
        }
        self.is_part(subject, &paths).then_some(Matched::Part)
    }

    /// `namespace/name`, `Kind/name` or `Kind/namespace/name`.
    fn is_qualified(&self, subject: &Subject<'_>) -> bool {
        let name = subject.name().to_lowercase();
        let qualified = format!("{}/{name}", subject.namespace().to_lowercase());
        if self.text == qualified {
            return true;
        }
        let kind = subject.kind().to_lowercase();
        let is_kind = self.kind.as_deref().is_some_and(|said| {
            said == kind || matches!(subject, Subject::Service(..)) && matches!(said, "service" | "workload")
        });
        is_kind
            && (self.after_kind == name
                || self.after_kind == qualified
                || self.after_kind == subject.key().to_lowercase())
    }

    /// A DNS name of the cluster, in full or cut after a part behind the namespace.
    fn is_dns(&self, dns: &str) -> bool {
        let Some(rest) = dns.to_lowercase().strip_prefix(&self.host).map(str::to_owned) else {
            return false;
        };
        self.host.contains('.') && (rest.is_empty() || rest.starts_with('.'))
    }

    /// An image with or without registry path, tag and digest.
    fn is_image(&self, image: &str) -> bool {
        let image = image.to_lowercase();
        let repository = repository(&image);
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        [
            image.clone(),
            repository.to_owned(),
            last(&image),
            last(repository),
        ]
        .contains(&self.text)
    }

    /// The path of a file or folder, or its last parts.
    fn is_file(&self, file: &str) -> bool {
        let file = file.trim_matches('/');
        !self.path.is_empty()
            && (file == self.path
                || file
                    .strip_suffix(self.path)
                    .is_some_and(|before| before.ends_with('/')))
    }

    fn is_part(&self, subject: &Subject<'_>, paths: &[String]) -> bool {
        let shortest = 2;
        if self.text.chars().count() < shortest {
            return false;
        }
        let within = |text: &str| text.to_lowercase().contains(&self.text);
        within(subject.key())
            || within(subject.name())
            || subject.aliases().into_iter().any(within)
            || paths.iter().any(|path| within(path))
            || files(subject).into_iter().any(within)
            || match subject {
                Subject::Service(_, service) => [&service.dns, &service.hosts, &service.images]
                    .into_iter()
                    .flatten()
                    .any(|text| within(text)),
                _ => false,
            }
    }
}

/// Files and folders of a subject.
fn files<'a>(subject: &Subject<'a>) -> Vec<&'a str> {
    let mut files: Vec<&str> = subject
        .place()
        .map(|Place { file, .. }| file.as_str())
        .into_iter()
        .collect();
    match *subject {
        Subject::Service(_, service) => files.extend(service.flux_path.as_deref()),
        Subject::Kustomization(_, kustomization) => files.push(kustomization.path.trim_start_matches("./")),
        Subject::ConfigMap(_, config_map) => files.extend(config_map.source_file.as_deref()),
        Subject::ImageGroup(_, group) => files.push(group.file.as_str()),
        _ => {}
    }
    files
}

/// An image without tag and digest.
pub(super) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A colon before a slash is that of a registry's port.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// The host of a URL or of `host:port`; the text itself where it is neither.
fn host(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or(text);
    let text = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    let text = match text.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => text,
    };
    text.trim_end_matches('.')
}

/// The full word for a kind's short name of kubectl.
fn full_kind(kind: &str) -> &str {
    match kind {
        "deploy" | "deployments" => "deployment",
        "sts" | "statefulsets" => "statefulset",
        "ds" | "daemonsets" => "daemonset",
        "cj" | "cronjobs" => "cronjob",
        "jobs" => "job",
        "po" | "pods" => "pod",
        "rs" => "replicaset",
        "svc" | "services" => "service",
        "ks" | "kustomizations" => "kustomization",
        "hr" | "helmreleases" => "helmrelease",
        "cm" | "configmaps" => "configmap",
        "es" => "externalsecret",
        "spc" => "secretproviderclass",
        "secrets" => "secret",
        other => other,
    }
}

fn similar<'a>(
    infrastructure: &'a Infrastructure,
    term: &Term<'_>,
    fits: impl Fn(&Subject<'a>) -> bool,
) -> Vec<String> {
    let said = term.after_kind.rsplit('/').next().filter(|rest| !rest.is_empty());
    let said = said.unwrap_or(&term.text);
    let subjects: Vec<Subject<'a>> = Subject::all(infrastructure)
        .into_iter()
        .filter(|subject| fits(subject))
        .collect();
    let names = subjects.iter().flat_map(|subject| {
        let names = [subject.name(), subject.key()]
            .into_iter()
            .chain(subject.aliases());
        names.map(|name| (name, subject.key()))
    });
    closest_named(said, names)
}

/// The few names that look most like a word.
pub(super) fn closest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    closest_named(&word.to_lowercase(), names.into_iter().map(|name| (name, name)))
}

/// As [`closest`], for names that stand for a key.
fn closest_named<'n>(word: &str, names: impl IntoIterator<Item = (&'n str, &'n str)>) -> Vec<String> {
    const MOST: usize = 5;
    let most = tolerance(word);
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|(name, key)| Some((distance(word, &name.to_lowercase(), most)?, key)))
        .collect();
    found.sort_unstable();
    let mut keys: Vec<String> = Vec::new();
    for (_, key) in found {
        if keys.len() < MOST && !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    keys
}
