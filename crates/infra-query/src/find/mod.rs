//! What a term means: the best matches win, and a term without a match gets suggestions.

mod kinds;
mod not_applied;
mod similar;
mod term;
mod words;

use infra_model::service::Service;
use infra_model::{Place, RepoPath};
use plain_text::{Command, Lines, printable, printable_name};

use crate::facts::mentioning;
use crate::graph::links::release_of;
use crate::question::lower;
use crate::text::joined;
use crate::why_not::{self, WhyNot};
use crate::{Facts, Question, Subject};

pub(super) use similar::closest;
pub(super) use term::{host, is_path, repository};

use similar::{similar, similar_not_applied};
use term::Term;

/// A subject that a term means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<'a> {
    /// The subject.
    pub subject: Subject<'a>,
    /// The kind of match.
    pub matched: Matched,
}

/// The kinds of matches, best first.
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
    /// Its kind.
    Kind,
    /// The chart of its HelmRelease.
    Chart,
    /// One of its containers.
    Container,
    /// A label of its pods.
    Label,
    /// A file or folder of the repository.
    File,
    /// A path in Vault or another secret store.
    SecretPath,
    /// The store that it reads, if nothing in the repository defines it.
    Store,
    /// A value of one of its fields.
    Field,
    /// Words of its name, chart, namespace and Kustomization.
    Words,
    /// A part of any of these; if the term has several words, each of them.
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
            Matched::Kind => "kind",
            Matched::Chart => "chart",
            Matched::Container => "container",
            Matched::Label => "label",
            Matched::File => "file",
            Matched::SecretPath => "secret path",
            Matched::Store => "store",
            Matched::Field => "field",
            Matched::Words => "words",
            Matched::Part => "part",
        }
    }
}

/// The error for a term without a match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotFound {
    /// The term.
    pub term: String,
    /// Similar names, best first.
    pub suggestions: Vec<String>,
    /// Subjects that match, as `kind key`, but that the question cannot be about.
    pub others: Vec<String>,
    /// Matches in the repository that Flux does not apply.
    pub not_applied: Vec<WhyNot>,
    /// The kind that the term names, of which there is no object.
    pub kind: Option<Box<NoneOfKind>>,
    /// Whether the term is the text of a search.
    pub is_search: bool,
}

/// A kind without objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoneOfKind {
    /// The kind.
    pub kind: String,
    /// Where it has none, such as `cluster prod`.
    pub of: String,
    /// What may apply some that are not known, such as `2 charts`.
    pub not_at_hand: String,
}

impl std::fmt::Display for NoneOfKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let NoneOfKind {
            kind,
            of,
            not_at_hand,
        } = self;
        write!(
            f,
            "no object of kind {} in {}",
            printable_name(kind),
            printable_name(of)
        )?;
        match not_at_hand.as_str() {
            "" => Ok(()),
            some => write!(f, "; what {some} would make is not available"),
        }
    }
}

impl crate::Text for NotFound {
    fn lines(&self, f: &mut Lines<'_>) -> std::fmt::Result {
        match self.not_applied.is_empty() {
            true => plain_text::line!(f, "{}", miss(self)),
            false => why_not::lines(&self.term, &self.not_applied, &self.suggestions, f),
        }
    }
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::Text::lines(self, &mut Lines::new(f))
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The term matches nothing that the question can be about.
    #[error("{}", miss(.0))]
    NotFound(NotFound),
    /// The term means several subjects.
    #[error("{} may be {}", printable(term), list(about))]
    Ambiguous {
        /// The term.
        term: String,
        /// The keys of the subjects that it may mean.
        candidates: Vec<String>,
        /// Each of them with details that distinguish it, such as `llm/cache (StatefulSet in llm, redis:7.2)`.
        about: Vec<String>,
    },
    /// A ConfigMap or service has other keys.
    #[error(
        "{} has no key {}; it has {}",
        printable_name(holder),
        printable(key),
        joined(keys)
    )]
    NoKey {
        /// A ConfigMap or service.
        holder: String,
        /// The key.
        key: String,
        /// Its keys, the most similar first.
        keys: Vec<String>,
    },
}

impl QueryError {
    /// Whether the repository has what was asked for, but Flux does not apply it.
    pub fn is_not_applied(&self) -> bool {
        matches!(self, QueryError::NotFound(missing) if !missing.not_applied.is_empty())
    }

    /// The error for a term without a match.
    pub(crate) fn not_found(term: &str) -> Self {
        QueryError::NotFound(NotFound {
            term: term.to_owned(),
            ..NotFound::default()
        })
    }

    /// The error for a term that means several subjects.
    pub(crate) fn ambiguous(term: &str, subjects: &[Subject<'_>]) -> Self {
        QueryError::Ambiguous {
            term: term.to_owned(),
            candidates: subjects.iter().map(|subject| subject.key().to_owned()).collect(),
            about: subjects.iter().map(|subject| about(*subject)).collect(),
        }
    }
}

fn miss(
    NotFound {
        term,
        suggestions,
        others,
        not_applied,
        kind,
        is_search,
    }: &NotFound,
) -> String {
    let ask = || Command::new("flux-infra-guide where").text(term.trim()).finish();
    let term = printable(term.trim());
    let not_applied = why_not::by_cluster(not_applied);
    if let Some(why) = not_applied.first() {
        let more = match not_applied.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return format!("{term} is not applied: {}{more}", why.sentence());
    }
    match (others.as_slice(), suggestions.as_slice()) {
        _ if term.is_empty() => "a name is needed".to_owned(),
        ([], _) if *is_search => format!("no field matches {term}"),
        ([], _) if let Some(kind) = kind => kind.to_string(),
        ([], []) => format!("no match for {term}"),
        ([], some) => format!("no match for {term}; did you mean {}?", list(some)),
        (others, _) => {
            let ask = ask().map_or(String::new(), |command| format!("; `{command}` shows it"));
            format!(
                "{term} is {}, which this question does not cover{ask}",
                list(others)
            )
        }
    }
}

/// `a, b or c`, at most ten.
fn list(texts: &[String]) -> String {
    const MOST: usize = 10;
    let texts: Vec<_> = texts.iter().map(|text| printable_name(text)).collect();
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

/// A subject with details that distinguish it from others of its name: kind, namespace, image.
fn about(subject: Subject<'_>) -> String {
    let mut more = subject.kind().to_owned();
    if !subject.namespace().is_empty() {
        more.push_str(&format!(" in {}", subject.namespace()));
    }
    let service = subject.service();
    if let Some(image) = service.and_then(|(_, service)| service.images.first()) {
        more.push_str(&format!(", {}", image.rsplit('/').next().unwrap_or(image)));
    }
    format!("{} ({more})", subject.own_key())
}

/// What a term means: all subjects with the best kind of match. Never empty.
///
/// # Errors
/// [`QueryError::NotFound`], with suggestions.
pub fn find<'a>(facts: &'a dyn Facts, term: &str) -> Result<Vec<Hit<'a>>, QueryError> {
    find_for(facts, term, Question::Where)
}

/// Like [`find`], among the subjects that a question can be about.
pub(super) fn find_for<'a>(
    facts: &'a dyn Facts,
    term: &str,
    question: Question,
) -> Result<Vec<Hit<'a>>, QueryError> {
    let parsed = Term::new(term);
    let (mut hits, others): (Vec<Hit<'a>>, Vec<Hit<'a>>) = parsed
        .candidates(facts)
        .into_iter()
        .filter_map(|subject| {
            let matched = parsed.matches(&subject)?;
            Some(Hit { subject, matched })
        })
        .partition(|hit| question.accepts(&hit.subject));
    let best = hits.iter().map(|hit| hit.matched).min();
    let is_accepted = |hit: &Hit<'_>| question.accepts(&hit.subject);
    if best.is_none_or(|best| best > Matched::Chart) {
        hits.extend(by_chart(facts, &parsed.text).filter(is_accepted));
        if question == Question::Where {
            hits.extend(of_kind(facts, term));
        }
    }
    let mut named = Vec::new();
    if hits.iter().all(|hit| hit.matched == Matched::Part) {
        named = words::by_names(facts, &parsed);
        let together = words::by_namespace_and_name(facts, &parsed, named.clone());
        hits.extend(together.into_iter().filter(is_accepted));
    }
    if hits.is_empty() {
        hits.extend(built_of(facts, term).into_iter().filter(is_accepted));
    }
    if hits.is_empty() {
        hits.extend(named.into_iter().filter(is_accepted));
    }
    if hits.is_empty() {
        hits.extend(by_words(facts, term).into_iter().filter(is_accepted));
    }
    let Some(best) = hits.iter().map(|hit| hit.matched).min() else {
        let others = others.iter().filter(|hit| hit.matched < Matched::Part);
        let others: Vec<String> = others.map(|hit| hit.subject.title()).collect();
        let (mut not_applied, mut kind) = (Vec::new(), None);
        if others.is_empty() {
            not_applied = not_applied::not_applied(facts, &parsed);
            if not_applied.is_empty() {
                not_applied = not_applied::in_folder(facts, &parsed);
            }
            kind = kinds::known_kind(facts, term);
        }
        let mut suggestions = similar(facts, &parsed, question);
        if suggestions.is_empty() && not_applied.is_empty() {
            suggestions = similar_not_applied(facts, &parsed);
        }
        return Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            suggestions,
            others,
            not_applied,
            kind: kind.map(|kind| none_of_kind(facts, kind)),
            is_search: false,
        }));
    };
    // A kind as manifests write it means its objects, and no others with the word in their names; but services may be
    // called `Redis`.
    let is_service = |hit: &Hit<'_>| matches!(hit.subject, Subject::Service(..) | Subject::HelmRelease(..));
    if question == Question::Where
        && matches!(best, Matched::Part | Matched::Words)
        && kinds::is_written(term)
        && !hits.iter().any(is_service)
    {
        return Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            kind: Some(none_of_kind(facts, term.trim().to_owned())),
            ..NotFound::default()
        }));
    }
    // If an object of exactly that name is not applied, it is meant rather than those that only contain the term.
    if matches!(best, Matched::Part | Matched::Words) {
        let not_applied = not_applied::not_applied(facts, &parsed);
        if not_applied::is_object(&not_applied) {
            return Err(QueryError::NotFound(NotFound {
                term: term.to_owned(),
                suggestions: hits.iter().map(|hit| hit.subject.title()).collect(),
                not_applied,
                ..NotFound::default()
            }));
        }
    }
    // A field with the host as its value says more than that services talk to the host.
    let is_external = |hit: &Hit<'_>| matches!(hit.subject, Subject::External(_));
    let is_value = |hit: &Hit<'_>| hit.matched == Matched::Field;
    let best =
        match hits.iter().all(|hit| hit.matched > best || is_external(hit)) && hits.iter().any(is_value) {
            true => Matched::Field,
            false => best,
        };
    // Services named like a path in a secret store are meant as well as its readers.
    let is_called = |hit: &Hit<'_>| {
        question == Question::Where
            && best == Matched::SecretPath
            && matches!(hit.subject, Subject::Service(..))
            && parsed.is_part_of_name(&hit.subject)
    };
    hits.retain(|hit| hit.matched == best || is_called(hit));
    match best {
        // A match of the name is better than one of a file or image.
        Matched::Part if hits.iter().any(|hit| parsed.is_part_of_name(&hit.subject)) => {
            hits.retain(|hit| parsed.is_part_of_name(&hit.subject));
        }
        // The answer about a service includes its routes, claims and accounts.
        best if (best < Matched::Field || best == Matched::Words)
            && hits.iter().any(|hit| matches!(hit.subject, Subject::Service(..))) =>
        {
            hits.retain(|hit| !matches!(hit.subject, Subject::Object(..)));
        }
        _ => {}
    }
    Ok(hits)
}

/// The name of the cluster.
fn cluster_of(facts: &dyn Facts) -> String {
    let metadata = facts.metadata();
    let name = metadata.cluster_name.clone();
    name.unwrap_or_else(|| metadata.cluster.to_string())
}

/// The subjects of a kustomization file: the Kustomizations that build its folder, else the subjects whose files are in
/// it.
fn built_of<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Hit<'a>> {
    const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let path = term.trim().trim_start_matches("./");
    let Some((folder, _)) = path.rsplit_once('/').filter(|(_, name)| NAMES.contains(name)) else {
        return Vec::new();
    };
    let hit = |subject| Hit {
        subject,
        matched: Matched::File,
    };
    let builds = |path: &str| path.trim_start_matches("./").trim_matches('/') == folder;
    let all = Subject::mentioning(facts, &[folder]);
    let building = all
        .iter()
        .filter(|subject| matches!(subject, Subject::Kustomization(_, it) if builds(&it.path)));
    let building: Vec<Hit<'a>> = building.copied().map(hit).collect();
    if !building.is_empty() {
        return building;
    }
    let folder = RepoPath::new(folder);
    let in_folder = |subject: &Subject<'_>| {
        let place = subject.place().filter(|place| place.file.starts_with(&folder));
        place.is_some() && !matches!(subject, Subject::ImageGroup(..))
    };
    all.into_iter().filter(in_folder).map(hit).collect()
}

/// Kustomizations, HelmReleases and workloads of exactly that name that Flux does not apply.
pub(crate) fn not_applied_beside(facts: &dyn Facts, term: &str) -> Vec<WhyNot> {
    const KINDS: &[&str] = &[
        "Kustomization",
        "HelmRelease",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "CronJob",
    ];
    let mut found = not_applied::not_applied(facts, &Term::new(term));
    found.retain(|why| why.entry.part_of.is_none() && KINDS.contains(&why.entry.kind.as_str()));
    found
}

/// The subjects of a name whose entries have fields.
pub(crate) fn find_with_fields<'a>(facts: &'a dyn Facts, name: &str) -> Vec<Subject<'a>> {
    let term = Term::new(name);
    let candidates = term.candidates(facts).into_iter();
    let with_fields = candidates.filter(|subject| subject.fields().is_some());
    with_fields
        .filter(|subject| term.matches(subject) == Some(Matched::Name))
        .collect()
}

/// The HelmReleases whose names contain a name, and whose entries have values.
pub(crate) fn releases_named_after<'a>(facts: &'a dyn Facts, name: &str) -> Vec<Subject<'a>> {
    const SHORTEST: usize = 3;
    let name = lower(name.trim());
    if name.len() < SHORTEST {
        return Vec::new();
    }
    let releases = facts.helm_releases().iter();
    let named =
        releases.filter(|(_, release)| !release.values.is_empty() && lower(&release.name).contains(&*name));
    named
        .map(|(key, release)| Subject::HelmRelease(key, release))
        .collect()
}

/// The services whose HelmRelease installs a chart.
fn by_chart<'a>(facts: &'a dyn Facts, chart: &str) -> impl Iterator<Item = Hit<'a>> {
    let releases = mentioning(facts.helm_releases(), chart)
        .filter(|(_, release)| release.chart.as_deref().is_some_and(|own| lower(own) == chart));
    let releases: Vec<&str> = releases.map(|(key, _)| key).collect();
    let services = releases.into_iter().flat_map(move |key| {
        let name = facts
            .helm_releases()
            .get(key)
            .map_or("", |release| release.name.as_str());
        let installed = mentioning(facts.services(), name);
        installed.filter(move |(_, service)| release_of(facts, service).is_some_and(|(own, _)| own == key))
    });
    services.map(|(key, service)| Hit {
        subject: Subject::Service(key, service),
        matched: Matched::Chart,
    })
}

/// The subjects of a kind, if the term is written like one: `ClusterIssuer`.
fn of_kind<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Hit<'a>> {
    let term = term.trim();
    if !term.starts_with(|c: char| c.is_ascii_uppercase())
        || !term.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Vec::new();
    }
    let subjects = Subject::all(facts).into_iter();
    let of_kind = subjects.filter(|subject| subject.kind() == term);
    let hits = of_kind.map(|subject| Hit {
        subject,
        matched: Matched::Kind,
    });
    hits.collect()
}

/// The subjects that all of several words match: `payment backend` is `payment` in the namespace `backend`.
fn by_words<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Hit<'a>> {
    let words = words::spaced(term);
    if term.split_whitespace().count() < 2 || words.is_empty() {
        return Vec::new();
    }
    let joined = words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join("-");
    let mut found: Vec<Hit<'a>> = Vec::new();
    for subject in Subject::all(facts) {
        let is_joined = [subject.key(), subject.name()]
            .iter()
            .any(|name| *lower(name) == joined);
        let all = || {
            let matched = words.iter().map(|word| word.matches_anywhere(&subject));
            matched.collect::<Option<Vec<Matched>>>()
        };
        let matched = match is_joined {
            true => Some(Matched::Name),
            false => all().map(|_| Matched::Part),
        };
        found.extend(matched.map(|matched| Hit { subject, matched }));
    }
    found
}

/// Maximum length of a value in a reason, in characters.
const LONGEST: usize = 160;

fn none_of_kind(facts: &dyn Facts, kind: String) -> Box<NoneOfKind> {
    Box::new(NoneOfKind {
        kind,
        of: format!("cluster {}", cluster_of(facts)),
        not_at_hand: kinds::not_at_hand(facts),
    })
}

/// Why a term means a subject, if it is not its name: `label app of Deployment ticker`.
pub(crate) fn reason(facts: &dyn Facts, term: &str, hit: &Hit<'_>) -> Option<String> {
    let term = Term::new(term);
    let subject = &hit.subject;
    let title = subject.title();
    let service = subject.service().map(|(_, service)| service);
    if let (Matched::Part, Some(host)) = (hit.matched, term.host_with_variable(subject)) {
        return Some(format!("host {host} of {title}, by the part before its variable"));
    }
    Some(match hit.matched {
        // The answer shows these itself.
        Matched::Name
        | Matched::Part
        | Matched::Dns
        | Matched::Host
        | Matched::Image
        | Matched::Namespace
        | Matched::Kind
        | Matched::SecretPath => return None,
        Matched::Alias => match service.and_then(|service| service.helm_release.as_deref()) {
            Some(release) if *lower(release) == term.text => format!("HelmRelease of {title}"),
            _ => format!("another name of {title}"),
        },
        Matched::Label => {
            let mut labels = service?.selector.iter();
            let (label, _) = labels.find(|(_, value)| *lower(value) == term.text)?;
            format!("label {label} of {title}")
        }
        Matched::Chart => {
            let (release, _) = release_of(facts, service?)?;
            format!("chart of HelmRelease {release}")
        }
        Matched::Field if service.is_some() => {
            let rule = term.node_rule(service?)?;
            let place = rule.source.as_ref().map(|place| format!(" <- {place}"));
            format!("nodes {}{}", rule.text, place.unwrap_or_default())
        }
        Matched::Field => {
            let (path, field) = term.field_of(subject.fields()?)?;
            let place = field.place(subject.place()).map(|place| format!(" <- {place}"));
            let of_release = match subject {
                Subject::HelmRelease(..) => "values.",
                _ => "",
            };
            let beside = crate::object::beside(*subject, path);
            let value = crate::object::on_one_line(&field.value, LONGEST);
            format!("{of_release}{path}: {value}{beside}{}", place.unwrap_or_default())
        }
        Matched::Words => "words of its name, chart, namespace or Kustomization".to_owned(),
        Matched::Store => format!("store that {title} reads; nothing here defines it"),
        matched => format!("{} of {title}", matched.as_str()),
    })
}

/// The line of the value by which a term means a subject.
pub(crate) fn place_of_value(subject: Subject<'_>, term: &str) -> Option<Place> {
    let (_, field) = Term::new(term).field_of(subject.fields()?)?;
    field.place(subject.place())
}

/// The only service that a term means.
///
/// # Errors
/// [`QueryError`]
pub(crate) fn find_service<'a>(
    facts: &'a dyn Facts,
    term: &str,
) -> Result<(&'a str, &'a Service), QueryError> {
    let hits = find_for(facts, term, Question::Trace)?;
    let subjects: Vec<Subject<'a>> = hits.iter().map(|hit| hit.subject).collect();
    match subjects.as_slice() {
        [Subject::Service(key, service)] => Ok((key, service)),
        several => Err(QueryError::ambiguous(term, several)),
    }
}
