//! A term of a question, in the forms in which it may match a subject.

use super::Matched;
use crate::Facts;
use crate::question::lower;
use crate::subject::Subject;
use infra_model::fields::Fields;
use infra_model::object::ObjectField;
use infra_model::pods::NodeRule;
use infra_model::service::Service;
use infra_model::{NotApplied, Place};

/// A term in the forms in which it may match.
pub(super) struct Term<'t> {
    /// The term, trimmed, in lower case.
    pub(super) text: String,
    /// A kind before the first `/`, in full and lower case.
    kind: Option<String>,
    /// The rest behind the kind.
    pub(super) after_kind: String,
    /// The host of a URL, or of `host:port`.
    host: String,
    /// The first label of the host and `.$`, for hosts whose domain is an encrypted variable.
    before_variable: String,
    /// The term as a path, without `./`, a final `/`, and the line number that answers append.
    path: &'t str,
}

impl<'t> Term<'t> {
    pub(super) fn new(term: &'t str) -> Self {
        let term = term.trim();
        let text = term.to_lowercase();
        let (kind, after_kind) = match text.split_once('/') {
            Some((kind, rest)) => (Some(full_kind(kind).to_owned()), rest.to_owned()),
            None => (None, String::new()),
        };
        let own_host = host(&text);
        Term {
            kind,
            after_kind,
            before_variable: match own_host.split_once('.') {
                Some((first, _)) => format!("{first}.$"),
                None => String::new(),
            },
            host: own_host.to_owned(),
            path: without_line(term).trim_start_matches("./").trim_matches('/'),
            text,
        }
    }

    /// The kind before the first `/`, in full and lower case.
    pub(super) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The subjects that the term may mean. [`Term::matches`] says of each whether it does.
    pub(super) fn candidates<'a>(&self, facts: &'a dyn Facts) -> Vec<Subject<'a>> {
        if self.text.is_empty() {
            return Vec::new();
        }
        Subject::mentioning(facts, &self.texts())
    }

    /// Texts of which one occurs in every entry that the term means.
    fn texts(&self) -> Vec<&str> {
        fn last(path: &str) -> &str {
            path.trim_matches('/').rsplit('/').next().unwrap_or_default()
        }
        let text = self.text.as_str();
        let mut texts = vec![
            last(text),
            // Without the line number of a file, the tag of an image, the key in a path.
            last(text.rsplit_once(':').map_or(text, |(before, _)| before)),
            last(text.split('#').next().unwrap_or_default()),
            &self.host,
        ];
        if !self.before_variable.is_empty() {
            texts.push(&self.before_variable);
        }
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// The best match of the term with a subject.
    pub(super) fn matches(&self, subject: &Subject<'_>) -> Option<Matched> {
        if self.text.is_empty() {
            return None;
        }
        let is = |name: &str| lower(name) == self.text;
        if is(subject.key()) || is(subject.name()) || self.is_qualified(subject, subject.name()) {
            return Some(Matched::Name);
        }
        // The workload may have another name than the service.
        let service = subject.service().map(|(_, service)| service);
        let workload = service.and_then(|service| service.workload.as_ref());
        if workload.is_some_and(|workload| is(&workload.name)) {
            return Some(Matched::Name);
        }
        let mut aliases = subject.aliases().into_iter();
        if aliases.any(|alias| is(alias) || self.is_qualified(subject, alias)) {
            return Some(Matched::Alias);
        }
        if let Some(service) = service {
            if service.dns.iter().any(|dns| self.is_dns(dns)) {
                return Some(Matched::Dns);
            }
            let balancers = service.load_balancers.iter();
            let addresses = balancers.flat_map(|balancer| &balancer.addresses);
            let mut hosts = service.hosts.iter().chain(addresses);
            if hosts.any(|host| lower(host) == self.host) {
                return Some(Matched::Host);
            }
            if service.images.iter().any(|image| self.is_image(image)) {
                return Some(Matched::Image);
            }
            if is(&service.namespace) {
                return Some(Matched::Namespace);
            }
            if service.containers.iter().any(|container| is(&container.name)) {
                return Some(Matched::Container);
            }
            if service.selector.values().any(|value| is(value)) {
                return Some(Matched::Label);
            }
        }
        if let Subject::Object(_, object) = subject {
            let is_name = |name: &str| lower(name) == self.host;
            let is_service = |dns: &str| dns.split('.').next().is_some_and(is_name) || self.is_dns(dns);
            if object.dns.iter().any(|dns| is_service(dns)) {
                return Some(Matched::Dns);
            }
        }
        let namespace = match subject {
            Subject::SecretReference(..) => "",
            subject => subject.namespace(),
        };
        if is(namespace) {
            return Some(Matched::Namespace);
        }
        if let Subject::ImageGroup(_, group) = subject
            && self.is_image(&group.image_name)
        {
            return Some(Matched::Image);
        }
        if let Subject::External(name) = subject
            && host(&lower(name)) == self.host
        {
            return Some(Matched::Host);
        }
        if files(subject).into_iter().any(|file| self.is_file(file)) {
            return Some(Matched::File);
        }
        let paths = subject.secret_paths();
        if paths.iter().any(|path| is_path(path, &self.text)) {
            return Some(Matched::SecretPath);
        }
        // A store that is defined here matches by its own name, which is better.
        if let Subject::ExternalSecret(_, secret) = subject
            && let Some(store) = secret.store_name()
        {
            let store = lower(store);
            let is_kind = secret.store_kind().map(lower).as_deref() == self.kind.as_deref();
            if *store == self.text || (is_kind && *store == self.after_kind) {
                return Some(Matched::Store);
            }
        }
        let field = subject.fields().and_then(|fields| self.field_of(fields));
        if field.is_some() || service.is_some_and(|service| self.node_rule(service).is_some()) {
            return Some(Matched::Field);
        }
        (self.is_part(subject, &paths) || self.host_with_variable(subject).is_some()).then_some(Matched::Part)
    }

    /// A rule by which a service runs on the nodes that the term names, by the label `kubernetes.io/hostname=s01` or
    /// its value `s01`.
    pub(super) fn node_rule<'o>(&self, service: &'o Service) -> Option<&'o NodeRule> {
        let is_named = |rule: &&NodeRule| {
            let text = lower(&rule.text);
            let mut labels = text.split(" and ").flat_map(|labels| labels.split(" or "));
            rule.how == "node"
                && labels.any(|label| {
                    let (key, value) = label.split_once('=').unwrap_or((label, label));
                    [label, key, value].contains(&self.text.as_str())
                })
        };
        service.nodes.iter().find(is_named)
    }

    /// A host of a service that the term matches for some value of its variable: `auth.acme.io` matches
    /// `auth.${SECRET_DOMAIN}`.
    pub(super) fn host_with_variable<'o>(&self, subject: &Subject<'o>) -> Option<&'o str> {
        let (_, service) = subject.service()?;
        let may_be = |own: &str| {
            let own = lower(own);
            let (before, rest) = own.split_once("${")?;
            let (_, behind) = rest.split_once('}')?;
            let value = self.host.strip_prefix(before)?.strip_suffix(behind)?;
            let is_one = before.ends_with('.') && value.contains('.') && !behind.contains('$');
            is_one.then_some(())
        };
        let mut hosts = service.hosts.iter();
        hosts.find(|own| may_be(own).is_some()).map(String::as_str)
    }

    /// A field whose value is the term. A host also matches with its port, in a URL, or by a wildcard.
    pub(super) fn field_of<'o>(&self, fields: &'o Fields) -> Option<(&'o str, &'o ObjectField)> {
        // Words such as `true` or `web` are values in too many fields.
        if self.text.len() < 4 || !self.text.contains(['.', '/', ':', '-']) {
            return None;
        }
        let is_host = self.host.contains('.');
        let is_value = |value: &str| {
            let value = lower(value);
            let host = host(&value);
            *value == self.text
                || is_host && (host == self.host || host.strip_prefix("*.") == Some(&self.host))
                || value.split(',').any(|part| part.trim() == self.text)
        };
        // `claimName` says more than the `name` of a volume that has the name of its claim.
        let mut found = fields.iter().filter(|(_, field)| is_value(&field.value));
        let first = found.next()?;
        let is_name = |path: &str| path.ends_with("].name");
        let better = match is_name(first.0) {
            true => found.find(|(path, _)| !is_name(path)),
            false => None,
        };
        let (path, field) = better.unwrap_or(first);
        Some((path, field))
    }

    /// Whether the term is a part of one of the names of a subject.
    pub(super) fn is_part_of_name(&self, subject: &Subject<'_>) -> bool {
        let within = |text: &str| lower(text).contains(&self.text);
        within(subject.key()) || within(subject.name()) || subject.aliases().into_iter().any(within)
    }

    /// Whether the term is the name of an entry that is not applied, alone or with its kind, its namespace, or the
    /// object that it is a part of.
    pub(super) fn is_name_of(&self, entry: &NotApplied) -> bool {
        let name = lower(&entry.name);
        if *name == self.text {
            return true;
        }
        let is_end = |text: &str| {
            text.strip_suffix(&*name)
                .is_some_and(|rest| rest.ends_with(['/', '.']))
        };
        if !is_end(&self.text) {
            return false;
        }
        if let Some(object) = &entry.part_of {
            let object_name = lower(&object.name);
            if ["/", "."]
                .iter()
                .any(|between| self.text == format!("{object_name}{between}{name}"))
            {
                return true;
            }
        }
        let qualified = format!("{}/{name}", lower(&entry.namespace));
        let is_kind = self.kind.as_deref() == Some(&*lower(&entry.kind));
        self.text == qualified || (is_kind && (self.after_kind == *name || self.after_kind == qualified))
    }

    /// Whether the term is the path of the file of an entry that is not applied, the end of this path, or the file's
    /// stem.
    pub(super) fn is_file_of(&self, entry: &NotApplied) -> bool {
        let Some(Place { file, .. }) = &entry.source else {
            return false;
        };
        let is_stem = |name: &str| {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            lower(stem) == self.text
        };
        self.is_file(file.as_str()) || file.file_name().is_some_and(is_stem)
    }

    /// Whether the term is the path or the name of a folder above an entry that is not applied.
    pub(super) fn is_folder_of(&self, entry: &NotApplied) -> bool {
        let Some(Place { file, .. }) = &entry.source else {
            return false;
        };
        let asked = self.text.trim_start_matches("./").trim_matches('/');
        let file = lower(file.as_str());
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        !asked.is_empty()
            && match asked.contains('/') {
                true => folder
                    .strip_prefix(asked)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
                false => folder.rsplit('/').next() == Some(asked),
            }
    }

    /// Like [`Term::matches`], but also by kind and namespace.
    pub(super) fn matches_anywhere(&self, subject: &Subject<'_>) -> Option<Matched> {
        let is_kind = full_kind(&self.text) == lower(subject.kind());
        let is_namespace = lower(subject.namespace()).contains(&self.text);
        match self.matches(subject) {
            None if is_kind => Some(Matched::Part),
            None if is_namespace => Some(Matched::Namespace),
            matched => matched,
        }
    }

    /// `namespace/name`, `Kind/name` or `Kind/namespace/name`.
    fn is_qualified(&self, subject: &Subject<'_>, name: &str) -> bool {
        // Saves the formatting below for most terms.
        if self.kind.is_none() {
            return false;
        }
        let name = lower(name);
        let qualified = format!("{}/{name}", lower(subject.namespace()));
        if self.text == qualified {
            return true;
        }
        let kind = lower(subject.kind());
        // The form of keys if several kinds share a name.
        if self.text == format!("{}/{kind}/{name}", lower(subject.namespace())) {
            return true;
        }
        let is_kind = self.kind.as_deref().is_some_and(|said| {
            *said == *kind
                || matches!(subject, Subject::Service(..)) && matches!(said, "service" | "workload")
        });
        is_kind
            && (self.after_kind == name
                || self.after_kind == qualified
                || self.after_kind == lower(subject.key()))
    }

    /// Whether the term is a DNS name of the cluster, in full or without labels at its end.
    fn is_dns(&self, dns: &str) -> bool {
        self.host.contains('.')
            && lower(dns)
                .strip_prefix(&self.host)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Whether the term is an image with or without registry path, tag and digest.
    fn is_image(&self, image: &str) -> bool {
        let image = lower(image);
        let repository = repository(&image);
        let tagged = image.split('@').next().unwrap_or_default();
        let last = |path: &'_ str| path.rfind('/').map_or(0, |slash| slash + 1);
        let text = self.text.as_str();
        [&*image, tagged, repository]
            .into_iter()
            .any(|form| form == text || form.get(last(form)..) == Some(text))
    }

    /// Whether the term is the path of a file or folder, the end of this path, or the stem of a manifest.
    fn is_file(&self, file: &str) -> bool {
        let file = file.trim_matches('/');
        let stem = || {
            let name = file.rsplit('/').next().unwrap_or(file);
            let (stem, extension) = name.rsplit_once('.')?;
            let is_manifest = matches!(extension, "yaml" | "yml" | "json");
            Some(stem).filter(|_| is_manifest && !self.path.contains('/'))
        };
        !self.path.is_empty()
            && (file == self.path
                || stem() == Some(self.path)
                || file
                    .strip_suffix(self.path)
                    .is_some_and(|before| before.ends_with('/')))
    }

    fn is_part(&self, subject: &Subject<'_>, paths: &[String]) -> bool {
        let shortest = 2;
        if self.text.chars().count() < shortest {
            return false;
        }
        let within = |text: &str| lower(text).contains(&self.text);
        self.is_part_of_name(subject)
            || paths.iter().any(|path| within(path))
            || files(subject).into_iter().any(within)
            || subject.service().is_some_and(|(_, service)| {
                let texts = [&service.dns, &service.hosts, &service.images].into_iter();
                texts.flatten().any(|text| within(text))
            })
    }
}

/// A path without the line number that answers append, as in `file.yaml:12`.
fn without_line(path: &str) -> &str {
    match path.rsplit_once(':') {
        Some((file, line)) if !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()) => file,
        _ => path,
    }
}

/// Whether a term is a path in a secret store, with or without the `#key` that answers append.
pub(crate) fn is_path(path: &str, term: &str) -> bool {
    let clean = |path: &str| path.trim().trim_matches('/').to_lowercase();
    let (path, term) = (clean(path), clean(term));
    path == term
        || term
            .split_once('#')
            .is_some_and(|(before, _)| clean(before) == path)
}

/// Files and folders of a subject.
fn files<'a>(subject: &Subject<'a>) -> Vec<&'a str> {
    let place = subject.place().into_iter();
    let mut files: Vec<&str> = place.map(|place| place.file.as_str()).collect();
    match *subject {
        Subject::Service(_, service) => {
            files.extend(service.flux_path.as_deref());
            files.extend(service.overlays.iter().map(|place| place.file.as_str()));
        }
        Subject::Kustomization(_, kustomization) => files.push(kustomization.path.trim_start_matches("./")),
        Subject::ConfigMap(_, config_map) => {
            files.extend(config_map.source_file.as_deref());
            files.extend(config_map.places.values().map(|place| place.file.as_str()));
        }
        Subject::ImageGroup(_, group) => files.push(group.file.as_str()),
        _ => {}
    }
    files
}

/// An image without tag and digest.
pub(crate) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A colon before a slash precedes the port of a registry.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// The host of a URL or of `host:port`, or the text itself.
pub(crate) fn host(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or(text);
    let text = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    let text = match text.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => text,
    };
    text.trim_end_matches('.')
}

/// The kind for a short name or plural of kubectl, in lower case.
pub(super) fn full_kind(kind: &str) -> &str {
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
