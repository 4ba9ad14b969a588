//! The text of `where`.

use std::collections::BTreeMap;
use std::fmt;

use plain_text::{Lines, line, printable_name};

use super::service::write_service;
use super::{FEW, Told, Where};
use crate::find::{Hit, Matched};
use crate::flux::wording::{chart_line, in_another_cluster};
use crate::named_by::NamedBy;
use crate::text::{and_more, field, in_namespace, many_names, names, places_text, texts};
use crate::{
    Keyed, Subject, Text, copies, failing, next_steps, object, on_change, suspended_above, variable,
};
use infra_model::secrets::ProducedBy;
use infra_model::service::ImageGroup;
use infra_model::{Place, Written};

impl Text for Where<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 12;
        if self.hits.iter().all(|hit| hit.matched == Matched::Namespace) {
            return self.write_namespace(f);
        }
        write_facts(f, &self.records, None)?;
        if self.hits.len() > 1 && self.hits.iter().all(|hit| hit.matched == Matched::Kind) {
            return self.write_kind(f);
        }
        let services = self.hits.iter().filter(|hit| is_service(hit));
        match (services.clone().next(), services.count(), self.hits.as_slice()) {
            (Some(hit), 1, hits) => {
                write_subject(f, hit.subject, &self.image_groups, object::MOST)?;
                let namespace = hit.subject.namespace();
                if let Some(release) = self.release.filter(|release| release.namespace != namespace) {
                    line!(
                        f,
                        "release: HelmRelease {} in {}, which installs into {}",
                        printable_name(&release.name),
                        printable_name(&release.namespace),
                        printable_name(namespace)
                    )?;
                }
                let own = hit.subject.place();
                write_facts(f, &self.told, own)?;
                self.chart(f, own)?;
                let own = |other: Subject<'_>| other == hit.subject || is_implied_by(hit.subject, other);
                let others = hits.iter().filter(|other| !own(other.subject));
                let mut titles: Vec<String> = Vec::new();
                for other in others {
                    let namespace = other.subject.namespace();
                    let title = match namespace == hit.subject.namespace() {
                        true => other.subject.title(),
                        false => format!("{}{}", other.subject.title(), in_namespace(namespace)),
                    };
                    // Objects and their users may have the same title.
                    if !titles.contains(&title) {
                        titles.push(title);
                    }
                }
                names(f, "also", titles)?;
            }
            (_, _, [only]) => {
                write_subject(f, only.subject, &[], object::MOST)?;
                write_facts(f, &self.told, only.subject.place())?;
                if let Some(managed) = &self.managed {
                    write_service(f, managed.key, managed.service, &managed.image_groups)?;
                    let facts = managed.told.iter().filter(|fact| !self.told.contains(fact));
                    write_facts(f, facts, managed.service.source.as_ref())?;
                }
            }
            _ if self.is_by_value() => self.write_values(f)?,
            // A few subjects in full save another question.
            (None, _, hits) if hits.len() <= FEW => {
                for (hit, short) in hits.iter().zip(&self.in_short) {
                    match hit.subject {
                        Subject::Object(..) => write_in_short(f, hit.subject, short)?,
                        subject => write_subject(f, subject, &[], object::MOST / FEW)?,
                    }
                }
            }
            (_, _, hits) => {
                let subjects: Vec<Subject<'_>> = hits
                    .iter()
                    .map(|hit| hit.subject)
                    .filter(|subject| !hits.iter().any(|other| is_release_of(*subject, other.subject)))
                    .filter(|subject| !is_of_services(*subject, hits))
                    .collect();
                for subject in subjects.iter().take(MOST) {
                    let at = hits.iter().position(|hit| hit.subject == *subject);
                    let short = at.and_then(|at| self.in_short.get(at));
                    write_in_short(f, *subject, short.map_or("", String::as_str))?;
                }
                and_more(f, subjects.len(), MOST)?;
            }
        }
        suspended_above::write(f, self.suspended_above)?;
        failing::write(f, self.fails)?;
        names(f, "exposed at", self.exposed.iter().map(ToString::to_string))?;
        self.write_named_by(f)?;
        names(f, "services", &self.below)?;
        on_change::lines(f, &self.on_change)?;
        if !self.is_by_value() {
            names(f, "matched by", &self.reasons)?;
        }
        for why in self.not_applied.iter().take(FEW) {
            line!(f, "not applied: {}", why.sentence())?;
        }
        match self.release.is_some() && self.hits.first().is_some_and(is_service) {
            true => Ok(()),
            false => self.chart(f, None),
        }
    }
}

fn is_service(hit: &Hit<'_>) -> bool {
    matches!(hit.subject, Subject::Service(..))
}

impl Where<'_> {
    /// The objects that name it; if many of one kind do by the same field, only their names.
    fn write_named_by(&self, f: &mut Lines<'_>) -> fmt::Result {
        const FEW: usize = 4;
        /// Kind and field, and the name of the object.
        fn group<'n>(naming: &'n NamedBy<'_>) -> ((&'n str, &'n str), &'n str) {
            let (kind, name) = naming.object.split_once('/').unwrap_or(("", &naming.object));
            let field = naming.field.split('[').next().unwrap_or_default();
            ((kind, field), name)
        }
        let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (group, name) in self.named_by.iter().map(group) {
            groups.entry(group).or_default().push(name);
        }
        let is_few = |naming: &&NamedBy<'_>| groups.get(&group(naming).0).is_none_or(|it| it.len() <= FEW);
        let few = self.named_by.iter().filter(is_few);
        names(f, "named by", few.map(ToString::to_string))?;
        for ((kind, field), own) in groups.iter().filter(|(_, own)| own.len() > FEW) {
            let label = format!("named by {} ({})", printable_name(kind), printable_name(field));
            many_names(f, &label, own)?;
        }
        Ok(())
    }

    /// The source that decides the version of a chart from files.
    fn from(&self) -> String {
        let Some((key, source)) = self.chart_from else {
            return String::new();
        };
        let reference = source.reference.as_deref();
        let reference = reference.map(|text| format!(" {}", text.replacen(": ", " ", 1)));
        let place = source.places.get("ref").map(|place| format!(" <- {place}"));
        format!(
            " of {key}{}{}",
            reference.unwrap_or_default(),
            place.unwrap_or_default()
        )
    }

    /// The chart with the place of its version, and the command that fetches it if it is not available.
    fn chart(&self, f: &mut Lines<'_>, own: Option<&Place>) -> fmt::Result {
        let line = self.release.and_then(chart_line).map(|line| {
            let line = match own {
                Some(own) => line.replace(&format!(" <- {}:", own.file), " <- line "),
                None => line,
            };
            line + &self.from()
        });
        let Some((release, status)) = self.unrendered.and_then(|it| Some((it, it.chart_status?))) else {
            return field(f, "chart", line);
        };
        let mut status = status.as_str().to_owned();
        if let Some(step) = next_steps::get_chart(release) {
            let then = match cfg!(feature = "fetch") {
                true => "",
                false => ", then --charts charts",
            };
            status.push_str(&format!("; {}{then}", step.command));
        }
        match line {
            Some(line) => line!(f, "chart: {line}, {status}"),
            None => line!(f, "chart: {status}"),
        }
    }

    /// The subjects of a kind, each on a line with its details.
    fn write_kind(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 24;
        for (hit, short) in self.hits.iter().zip(&self.in_short).take(MOST) {
            write_in_short(f, hit.subject, short)?;
        }
        and_more(f, self.hits.len(), MOST)
    }

    /// Whether the term is a value of several subjects and the name of none.
    fn is_by_value(&self) -> bool {
        self.hits.len() > 1 && self.hits.iter().all(|hit| hit.matched == Matched::Field)
    }

    /// The services that run on the nodes of the term, by rule and namespace.
    fn write_nodes(&self, f: &mut Lines<'_>) -> fmt::Result {
        let rule = |reason: &'_ str| reason.split(" <- ").next().unwrap_or_default().to_owned();
        let mut by_rule: BTreeMap<String, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for (hit, reason) in self.hits.iter().zip(&self.reasons) {
            let of_rule = by_rule.entry(rule(reason)).or_default();
            let keys = of_rule.entry(hit.subject.namespace()).or_default();
            keys.push(hit.subject.own_key());
        }
        for (rule, by_namespace) in by_rule {
            let count: usize = by_namespace.values().map(Vec::len).sum();
            line!(f, "{} ({count}):", printable_name(&rule))?;
            for (namespace, keys) in by_namespace {
                many_names(f, &format!("  {}", printable_name(namespace)), &keys)?;
            }
        }
        Ok(())
    }

    /// The subjects that have the term as a value, each with the field.
    fn write_values(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 12;
        const FEW_SERVICES: usize = 4;
        if self.hits.len() > FEW_SERVICES
            && self.reasons.len() == self.hits.len()
            && self.hits.iter().all(is_service)
        {
            return self.write_nodes(f);
        }
        // A HelmRelease is also found as its service.
        let is_double = |hit: &Hit<'_>| self.hits.iter().any(|it| is_release_of(hit.subject, it.subject));
        let hits = self.hits.iter().zip(&self.reasons);
        for (hit, reason) in hits.filter(|(hit, _)| !is_double(hit)).take(MOST) {
            let title = hit.subject.title();
            let namespace = in_namespace(hit.subject.namespace());
            line!(
                f,
                "{}{namespace}: {}",
                printable_name(&title),
                printable_name(reason)
            )?;
        }
        let rest = self.hits.get(MOST..).unwrap_or_default();
        let rest: Vec<String> = rest.iter().map(|hit| hit.subject.title()).collect();
        many_names(f, "and", &rest)
    }

    /// The subjects in a namespace: services by name, the others by kind.
    fn write_namespace(&self, f: &mut Lines<'_>) -> fmt::Result {
        let Some(first) = self.hits.first() else {
            return Ok(());
        };
        let namespace = printable_name(first.subject.namespace());
        line!(f, "namespace {namespace}")?;
        let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut services = Vec::new();
        let mut objects = 0;
        for hit in &self.hits {
            match hit.subject {
                Subject::Service(key, _) => services.push(key),
                Subject::HelmRelease(..) | Subject::SecretReference(..) => {}
                Subject::Object(..) => objects += 1,
                subject => by_kind.entry(subject.kind()).or_default().push(subject.own_key()),
            }
        }
        match services.is_empty() {
            true => line!(f, "services: none")?,
            false => many_names(f, "services", &services)?,
        }
        for (kind, keys) in by_kind {
            names(f, kind, keys)?;
        }
        if objects > 0 {
            line!(
                f,
                "other objects: {objects}, see `flux-infra-guide list objects --namespace {namespace}`"
            )?;
        }
        Ok(())
    }
}

/// Facts with their lines, and with the file if it is not that of the subject.
fn write_facts<'t>(
    f: &mut Lines<'_>,
    facts: impl IntoIterator<Item = &'t Told>,
    own: Option<&Place>,
) -> fmt::Result {
    for Told { label, text, place } in facts {
        let place = places_text(place, own);
        line!(f, "{}: {}{place}", printable_name(label), printable_name(text))?;
    }
    Ok(())
}

/// Whether the answer about a service covers another subject of its name: its owners, its images, the source of its
/// chart.
fn is_implied_by(service: Subject<'_>, other: Subject<'_>) -> bool {
    let Subject::Service(_, service) = service else {
        return false;
    };
    match other {
        Subject::HelmRelease(_, release) => release.name == service.name,
        Subject::Kustomization(key, _) => service.kustomization.as_deref() == Some(key),
        Subject::ImageGroup(key, _) => service.image_groups.iter().any(|own| own == key),
        Subject::Source(..) => true,
        _ => false,
    }
}

/// Whether a HelmRelease is also found as a service.
fn is_release_of(release: Subject<'_>, service: Subject<'_>) -> bool {
    match (release, service) {
        (Subject::HelmRelease(_, release), Subject::Service(_, service)) => {
            service.helm_release.as_deref() == Some(release.name.as_str())
                && service.namespace == release.namespace
                && service.workload.is_none()
        }
        _ => false,
    }
}

/// Whether all services of an image group are among the hits.
fn is_of_services(group: Subject<'_>, hits: &[Hit<'_>]) -> bool {
    let Subject::ImageGroup(_, group) = group else {
        return false;
    };
    let mut services = group.services.iter();
    let is_hit = |key| {
        hits.iter()
            .any(|hit| matches!(hit.subject, Subject::Service(own, _) if own == key))
    };
    !group.services.is_empty() && services.all(is_hit)
}

/// A subject of several on one line, with its details.
fn write_in_short(f: &mut Lines<'_>, subject: Subject<'_>, short: &str) -> fmt::Result {
    write!(
        f,
        "{}: {}{}",
        printable_name(subject.own_key()),
        printable_name(subject.kind()),
        in_namespace(subject.namespace())
    )?;
    if let Subject::Service(_, service) = subject {
        let release = service
            .helm_release
            .as_deref()
            .filter(|_| service.workload.is_some());
        if let Some(release) = release.filter(|release| *release != subject.own_key()) {
            write!(f, " of HelmRelease {}", printable_name(release))?;
        }
        if let Some(image) = service.images.first() {
            write!(f, ", {}", printable_name(image))?;
        }
    }
    let place = subject.place().map(|place| format!(", {place}"));
    let place = place.unwrap_or_default();
    line!(f, "{}{}", printable_name(short), printable_name(&place))
}

fn by_kustomization(key: Option<&String>) -> Option<String> {
    key.map(|key| format!("Kustomization {key}"))
}

/// A subject in full.
fn write_subject(
    f: &mut Lines<'_>,
    subject: Subject<'_>,
    groups: &[Keyed<'_, ImageGroup>],
    most_fields: usize,
) -> fmt::Result {
    match subject {
        Subject::Service(key, service) => write_service(f, key, service, groups),
        Subject::External(name) => line!(f, "{}: outside of the repository", printable_name(name)),
        Subject::Variable(name, entry) => variable::lines(f, name, entry),
        subject => {
            write_in_short(f, subject, "")?;
            copies::line(f, subject)?;
            match subject {
                Subject::Kustomization(_, kustomization) => {
                    line!(f, "path: {}", printable_name(&kustomization.path))?;
                    names(f, "manages", &kustomization.manages)
                }
                Subject::HelmRelease(_, release) => {
                    field(f, "chart", chart_line(release))?;
                    let rendered = release.chart_version.as_ref();
                    field(
                        f,
                        "rendered with",
                        rendered.filter(|version| Some(*version) != release.version.as_ref()),
                    )?;
                    field(
                        f,
                        "installs in",
                        release.kube_config.as_ref().map(in_another_cluster),
                    )?;
                    names(f, "workloads", &release.workloads)?;
                    names(f, "hooks", texts(&release.hooks))?;
                    names(f, "definitions", &release.crds)?;
                    names(f, "unknown values of", texts(&release.unknown_values))?;
                    field(f, "flux", release.kustomization.as_ref())
                }
                Subject::Source(_, source) => {
                    field(f, "url", source.url.as_ref())?;
                    let own = source.source.as_ref();
                    for (name, text) in [("ref", &source.reference), ("interval", &source.interval)] {
                        let place = places_text(source.places.get(name), own);
                        field(f, name, text.as_ref().map(|text| format!("{text}{place}")))?;
                    }
                    names(f, "used by", &source.used_by)
                }
                Subject::SecretProviderClass(_, class) => {
                    let secrets = class.secrets.iter();
                    let paths = secrets.filter_map(|secret| secret.vault_path.as_ref());
                    line!(f, "api version: {}", printable_name(&class.api_version))?;
                    names(f, "fetches", paths.map(Written::value))?;
                    names(f, "used by", &class.used_by)
                }
                Subject::ExternalSecret(_, secret) => {
                    line!(f, "makes: Secret {}", printable_name(&secret.target))?;
                    names(f, "used by", &secret.used_by)?;
                    field(f, "flux", by_kustomization(secret.kustomization.as_ref()))
                }
                Subject::SecretStore(_, store) => {
                    field(f, "provider", store.provider.as_ref())?;
                    for (label, text) in [
                        ("server", &store.server),
                        ("path", &store.path),
                        ("authenticates at", &store.auth_mount),
                        ("role", &store.role),
                    ] {
                        field(f, label, text.as_ref().map(Written::value))?;
                    }
                    names(f, "used by", &store.used_by)?;
                    field(f, "flux", by_kustomization(store.kustomization.as_ref()))
                }
                Subject::VaultSecret(_, secret) => {
                    let made = secret.destination.as_ref().map(|name| format!("Secret {name}"));
                    field(f, "makes", made)?;
                    names(f, "used by", &secret.used_by)
                }
                Subject::SealedSecret(_, secret) => names(f, "used by", &secret.used_by),
                Subject::Secret(_, secret) => {
                    line!(f, "protection: {}", secret.protection.as_str())?;
                    names(f, "used by", &secret.used_by)
                }
                Subject::SecretReference(_, reference) => {
                    match (&reference.copy_of, &reference.produced_by) {
                        (Some(origin), _) => {
                            let by = reference.copied_by.as_deref();
                            line!(f, "{}", copies::copy_of(origin, by, None))?;
                        }
                        (None, ProducedBy::Object(object)) => field(f, "made by", Some(object))?,
                        (None, ProducedBy::Nothing) => line!(f, "made by: nothing in the repository")?,
                        (None, ProducedBy::Unknown) => {
                            line!(f, "made by: nothing in the repository; a chart may make it")?;
                        }
                    }
                    names(f, "used by", &reference.used_by)
                }
                Subject::ConfigMap(_, config_map) => {
                    names(f, "keys", config_map.keys.keys())?;
                    names(f, "used by", &config_map.used_by)
                }
                Subject::Object(key, object) => object::lines(f, key, object, most_fields),
                Subject::ImageGroup(_, group) => {
                    field(f, "tag", group.tag.as_ref())?;
                    names(f, "services", &group.services)
                }
                Subject::Service(..) | Subject::Variable(..) | Subject::External(_) => Ok(()),
            }
        }
    }
}
