//! The text of `secret`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Command, Lines, line, printable_name};

use super::push::push_lines;
use super::{Filled, SecretAnswer, SecretPath, StoreAnswer, reader};
use crate::text::{
    copy_text, cut, in_namespace, joined, key_text, names, place_in_brackets, places_text, use_text,
};
use crate::{Subject, Text, copies, variable};
use infra_model::config::Usage;
use infra_model::flux::ChartStatus;

impl Text for SecretAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        if let Some((name, variable)) = self.variable {
            variable::lines(f, name, variable)?;
            let mut known = None;
            for path in self.paths.chunk_by(|a, b| a.carrier == b.carrier) {
                path.first()
                    .map_or(Ok(()), |path| write_carrier(f, path, &mut known))?;
            }
            return Ok(());
        }
        for pushed in &self.pushes {
            push_lines(f, pushed)?;
        }
        if self.paths.is_empty() && self.through.is_empty() && self.pushes.is_empty() {
            match self.service {
                Some(service) if !self.in_values.is_empty() => line!(
                    f,
                    "{}: reads no Secret that the repository shows; its values state credentials themselves",
                    printable_name(service)
                )?,
                Some(service) => line!(
                    f,
                    "{}: reads no secret that the repository shows",
                    printable_name(service)
                )?,
                None => line!(f, "nothing reads it and nothing makes it")?,
            }
        }
        for store in &self.stores {
            store_line(f, store)?;
        }
        let stated: Vec<String> = self.stated_at.iter().map(ToString::to_string).collect();
        if !stated.is_empty() {
            line!(f, "stated outside of what Flux applies: {}", joined(&stated))?;
        }
        let reader = Reader {
            service: self.service,
            containers: self.several_containers,
        };
        match self.stores.is_empty() || self.paths.len() <= FEW {
            true => write_paths(f, &self.paths, reader, self.asked_path.as_deref())?,
            false => write_readers(f, &self.paths)?,
        }
        if !self.shared.is_empty() {
            line!(f, "the same in the store is read by:")?;
            write_paths(f, &self.shared, Reader::default(), None)?;
        }
        self.write_in_values(f)?;
        if let Some(status) = self.chart_unknown {
            let why = match status {
                ChartStatus::Failed => "could not be rendered",
                ChartStatus::OtherCluster => "is not rendered for another cluster",
                _ => "is not available",
            };
            write!(f, "its chart {why}: what else it reads is not known")?;
            let values = Command::new("flux-infra-guide config").text(self.service.unwrap_or_default());
            match values.finish() {
                Some(command) => line!(f, "; `{command}` shows its values")?,
                None => line!(f)?,
            }
        }
        if let (Some(service), false) = (self.service, self.through.is_empty()) {
            let count = self.through.len();
            line!(f, "read through {} ({count}):", printable_name(service))?;
            match count <= FEW_THROUGH {
                true => write_paths(f, &self.through, Reader::default(), None)?,
                false => write_readers(f, &self.through)?,
            }
        }
        Ok(())
    }
}

impl SecretAnswer<'_> {
    /// The withheld values of its HelmRelease. A file is not repeated.
    fn write_in_values(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 8;
        let mut file = None;
        let texts = self.in_values.iter().take(MOST).map(|(path, place)| match place {
            Some(place) if file == Some(&place.file) => format!("{path} (line {})", place.line),
            Some(place) => {
                file = Some(&place.file);
                format!("{path} ({place})")
            }
            None => (*path).to_owned(),
        });
        let mut texts: Vec<String> = texts.collect();
        if let Some(more @ 1..) = self.in_values.len().checked_sub(MOST) {
            texts.push(format!("and {more} more"));
        }
        names(f, "in its values, withheld here", texts)
    }
}

/// The reader that was asked for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reader<'a> {
    /// Its key, which is not repeated.
    pub(crate) service: Option<&'a str>,
    /// Whether it has several containers, so that each use names one.
    pub(crate) containers: bool,
}

/// Up to this number, secrets that a service keeps for others are shown in full.
const FEW_THROUGH: usize = 12;
/// Up to this number, secrets of a store are shown in full.
const FEW: usize = 4;

/// A store with its address and role.
fn store_line(f: &mut Lines<'_>, answer: &StoreAnswer<'_>) -> fmt::Result {
    let store = answer.store;
    write!(
        f,
        "{} {}{}: {}",
        store.kind,
        printable_name(&store.name),
        in_namespace(&store.namespace),
        store.provider.as_deref().unwrap_or("no provider")
    )?;
    for (label, text) in [
        ("", &store.server),
        ("path ", &store.path),
        ("auth at ", &store.auth_mount),
        ("role ", &store.role),
    ] {
        let Some(text) = text else { continue };
        write!(f, ", {label}{}", printable_name(text.value()))?;
        if text.resolved.is_some() {
            write!(f, " (written {})", printable_name(&text.written))?;
        }
    }
    line!(f, "{}", place_in_brackets(store.source.as_ref()))?;
    for (variable, place) in &answer.variables {
        line!(f, "{}{}", printable_name(variable), places_text([place], None))?;
    }
    Ok(())
}

/// The readers of many secrets of a store.
fn write_readers(f: &mut Lines<'_>, paths: &[SecretPath<'_>]) -> fmt::Result {
    const MOST: usize = 24;
    const FEW: usize = 8;
    let carriers = paths.iter().filter_map(|path| path.carrier);
    let carriers: BTreeSet<&str> = carriers.map(|carrier| carrier.key()).collect();
    if carriers.len() <= FEW {
        return write_each_with_readers(f, paths);
    }
    let readers: BTreeSet<&str> = paths.iter().flat_map(SecretPath::readers).collect();
    // Services before other objects.
    let mut readers: Vec<&str> = readers.into_iter().collect();
    readers.sort_by_key(|reader| reader.contains('/'));
    line!(
        f,
        "read by {} secrets for {} readers: {}",
        carriers.len(),
        readers.len(),
        cut(&readers, MOST)
    )
}

/// Origins and readers of a carrier.
#[derive(Default)]
struct Fetched<'a> {
    origins: BTreeSet<&'a str>,
    readers: BTreeSet<&'a str>,
}

/// A few secrets of a store, each with its origins and readers.
fn write_each_with_readers(f: &mut Lines<'_>, paths: &[SecretPath<'_>]) -> fmt::Result {
    let mut by_carrier: BTreeMap<(&str, &str), Fetched<'_>> = BTreeMap::new();
    for path in paths {
        if let Some(carrier) = path.carrier {
            let fetched = by_carrier
                .entry((carrier.key(), carrier.namespace()))
                .or_default();
            fetched.origins.extend(path.origin.as_deref());
            fetched.readers.extend(path.readers());
        }
    }
    line!(f, "read by:")?;
    for ((key, namespace), Fetched { origins, readers }) in by_carrier {
        let cut = |names: BTreeSet<&str>| cut(&names.into_iter().collect::<Vec<_>>(), MOST_OF_EACH);
        write!(f, "  {}{}", printable_name(key), in_namespace(namespace))?;
        if !origins.is_empty() {
            write!(f, ": {}", cut(origins))?;
        }
        match readers.is_empty() {
            true => line!(f)?,
            false => line!(f, " -> {}", cut(readers))?,
        }
    }
    Ok(())
}

/// Maximum number of origins and of readers of a secret of a store.
const MOST_OF_EACH: usize = 5;

/// Paths below their carriers. Carriers that differ only in the name of their reader are shown once.
fn write_paths(
    f: &mut Lines<'_>,
    paths: &[SecretPath<'_>],
    reader: Reader<'_>,
    asked: Option<&str>,
) -> fmt::Result {
    const MOST: usize = 12;
    let (groups, rest) = grouped(paths, reader, MOST)?;
    let mut last: Vec<String> = Vec::new();
    for (text, names) in groups {
        // The path that was asked for is not repeated for several.
        let text = match asked.filter(|_| paths.len() > 2) {
            Some(path) => text
                .replace(&format!("  {path}#"), "  #")
                .replace(&format!("  extract: {path} "), "  extract "),
            None => text,
        };
        for line in text.lines() {
            line!(f, "{line}")?;
        }
        if names.len() > 1 {
            match names == last {
                true => line!(f, "  * = as above")?,
                false => line!(f, "  * = {}", names.join(", "))?,
            }
            last = names;
        }
    }
    if !rest.is_empty() {
        let readers: BTreeSet<&str> = rest.iter().flat_map(SecretPath::readers).collect();
        let readers: Vec<&str> = readers.into_iter().collect();
        line!(f, "and {} more, read by {}", rest.len(), joined(&readers))?;
    }
    Ok(())
}

/// Namespace, store and refresh interval of the last carrier.
type Known<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// The text of some carriers, with the names for `*` in it.
type Group = (String, Vec<String>);

/// The texts of paths by carrier, with at most `most` paths of different text; and the rest.
fn grouped<'p, 'a>(
    paths: &'p [SecretPath<'a>],
    reader: Reader<'_>,
    most: usize,
) -> Result<(Vec<Group>, &'p [SecretPath<'a>]), fmt::Error> {
    let mut groups: Vec<(String, Group)> = Vec::new();
    let (mut shown, mut written) = (0, 0);
    let mut known = None;
    for chunk in paths.chunk_by(|a, b| a.carrier.is_some() && a.carrier == b.carrier) {
        let mut text = String::new();
        write_chunk(&mut text, chunk, reader, &mut known)?;
        let name = common_name(chunk).filter(|name| reader.service.is_none() && text.contains(name.as_str()));
        let mut pattern = String::new();
        write_chunk(&mut pattern, chunk, reader, &mut None)?;
        if let Some(name) = &name {
            pattern = pattern.replace(name.as_str(), "*");
        }
        let mut of_name = groups.iter_mut().filter(|_| name.is_some());
        match of_name.find(|(first, _)| *first == pattern) {
            Some((_, (first, names))) => {
                if let [only] = names.as_slice() {
                    *first = first.replace(only.as_str(), "*");
                }
                names.extend(name.clone());
            }
            None if written >= most => break,
            None => {
                written += chunk.len();
                groups.push((pattern, (text, name.into_iter().collect())));
            }
        }
        shown += chunk.len();
    }
    let groups = groups.into_iter().map(|(_, group)| group).collect();
    Ok((groups, paths.get(shown..).unwrap_or_default()))
}

/// The text of the paths of one carrier.
fn write_chunk<'a>(
    text: &mut String,
    paths: &[SecretPath<'a>],
    reader: Reader<'_>,
    known: &mut Option<Known<'a>>,
) -> fmt::Result {
    let f = &mut Lines::new(text);
    if let Some(first) = paths.first() {
        write_carrier(f, first, known)?;
    }
    path_lines(f, "  ", paths, reader, false)
}

/// The name of all readers of some paths, if it is the same.
fn common_name(paths: &[SecretPath<'_>]) -> Option<String> {
    let readers = paths.iter().flat_map(SecretPath::readers);
    let names = readers.map(|reader| reader.rsplit('/').next().unwrap_or(reader));
    let names: BTreeSet<&str> = names.collect();
    let mut names = names.into_iter();
    match (names.next(), names.next()) {
        // A short name may be a part of any word.
        (Some(only), None) if only.len() > 3 => Some(printable_name(only).into_owned()),
        _ => None,
    }
}

fn made_by_nothing(path: &SecretPath<'_>) -> String {
    match path.not_applied {
        Some(place) => format!(
            "{} states it, which nothing applies",
            printable_name(&place.to_string())
        ),
        None => "nothing in the repository makes it".to_owned(),
    }
}

/// The carrier of paths. Its store is not repeated if it is that of the carrier before.
fn write_carrier<'a>(f: &mut Lines<'_>, path: &SecretPath<'a>, known: &mut Option<Known<'a>>) -> fmt::Result {
    let Some(carrier) = path.carrier else {
        let (namespace, name) = path.secret.unwrap_or_default();
        let maker = match (path.copy, &path.origin, path.unknown) {
            (Some((origin, by)), ..) => copies::copy_of(origin, by, path.maker),
            (None, Some(object), _) => {
                let place = path.maker.and_then(|maker| maker.place());
                format!("made by {}{}", printable_name(object), place_in_brackets(place))
            }
            (None, None, true) if path.perhaps_copied => {
                "nothing here makes it, but one of this name in another namespace may be copied".to_owned()
            }
            (None, None, true) => "nothing in the repository makes it; a chart may".to_owned(),
            (None, None, false) => made_by_nothing(path),
        };
        return line!(
            f,
            "Secret {}{}: {maker}",
            printable_name(name),
            in_namespace(namespace),
        );
    };
    let title = carrier.title();
    let interval = match carrier {
        Subject::ExternalSecret(_, secret) => secret.refresh_interval.as_deref(),
        _ => None,
    };
    let own = (carrier.namespace(), path.store.map(|(key, _)| key), interval);
    let is_known = known.is_some_and(|known| (known.1, known.2) == (own.1, own.2));
    let is_there = known.is_some_and(|known| known.0 == own.0);
    *known = Some(own);
    write!(f, "{}", printable_name(&title))?;
    if !is_known || !is_there {
        write!(f, "{}", in_namespace(carrier.namespace()))?;
    }
    if let Subject::ExternalSecret(_, secret) = carrier
        && !secret.namespaces.is_empty()
    {
        write!(f, " in namespaces {}", joined(&secret.namespaces))?;
    }
    match carrier {
        Subject::ExternalSecret(..) if is_known && path.store.is_some() => {}
        Subject::SecretProviderClass(_, class) => {
            write!(f, ": {}", printable_name(&class.provider))?;
            for (label, text) in [
                ("address", &class.vault_address),
                ("role", &class.vault_role),
                ("auth", &class.vault_mount_path),
                ("Key Vault", &class.keyvault_name),
                ("tenant", &class.tenant_id),
                ("region", &class.region),
            ] {
                if let Some(text) = text {
                    write!(f, ", {label} {}", printable_name(text.value()))?;
                }
            }
        }
        Subject::ExternalSecret(_, secret) => {
            if let Some((_, store)) = path.store {
                write!(f, ": {} {}", store.kind, printable_name(&store.name))?;
                if let Some(provider) = &store.provider {
                    write!(f, " ({}", printable_name(provider))?;
                    if let Some(server) = &store.server {
                        write!(f, " {}", printable_name(server.value()))?;
                    }
                    write!(f, ")")?;
                }
            }
            match (secret.refresh_policy.as_deref(), &secret.refresh_interval) {
                (Some("CreatedOnce"), _) => write!(f, ", made once and never refreshed (CreatedOnce)")?,
                (Some("OnChange"), _) => write!(f, ", refreshed when the ExternalSecret changes (OnChange)")?,
                (_, Some(interval)) => write!(f, ", refreshed every {}", printable_name(interval))?,
                (_, None) => {}
            }
        }
        Subject::VaultSecret(_, secret) => {
            if let Some(auth) = &secret.auth {
                write!(f, ": auth {}", printable_name(auth))?;
            }
            if let Some(address) = &secret.address {
                write!(f, ", address {}", printable_name(address))?;
            }
            if !secret.restarts.is_empty() {
                write!(f, ", restarts {}", joined(&secret.restarts))?;
            }
        }
        Subject::Secret(_, secret) => match &secret.copy_of {
            Some(origin) => write!(f, ": {}", copy_text("Secret", origin))?,
            None => write!(f, ": {}", secret.protection.as_str())?,
        },
        _ => {}
    }
    if let Some(to) = copies::copied_to(carrier) {
        write!(f, ", copied to {}", copies::words(to))?;
    }
    if path.unmounted {
        write!(f, ", which no pod mounts, so that its Secret is never made")?;
    }
    line!(f, "{}", place_in_brackets(carrier.place()))?;
    match carrier {
        Subject::Secret(_, secret) if let Some(text) = &secret.comment => {
            line!(f, "  # {}", printable_name(text))
        }
        _ => Ok(()),
    }
}

/// Paths, such as `shared/data/secrets#key -> papi /secrets/key; papi env KEY (Secret papi-secrets key key)`. Those
/// that differ only in their origins are on one line.
pub(crate) fn path_lines(
    f: &mut Lines<'_>,
    label: &str,
    paths: &[SecretPath<'_>],
    reader: Reader<'_>,
    with_carrier: bool,
) -> fmt::Result {
    const LONG_READERS: usize = 100;
    let mut last_readers = String::new();
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for path in paths {
        let start = path
            .origin
            .as_deref()
            .filter(|_| with_carrier || path.carrier.is_some());
        let mut rest = String::new();
        if let Some(carrier) = path.carrier.filter(|_| with_carrier) {
            rest = format!("{} -> ", printable_name(&carrier.title()));
        }
        let ends = ends(path, reader);
        let (readers, behind) = match ends.split_once(" (Secret ") {
            Some((readers, behind)) => (readers.to_owned(), format!(" (Secret {behind}")),
            None => (ends, String::new()),
        };
        // A long list of readers is not repeated for the next key.
        match readers.len() > LONG_READERS && last_readers == readers {
            true => rest.push_str("the same readers"),
            false => rest.push_str(&readers),
        }
        rest.push_str(&behind);
        last_readers = readers;
        // The line of the carrier already says this.
        if with_carrier && path.carrier.is_none() && path.origin.is_none() && !path.unknown {
            rest.push_str(&format!(" <- {}", made_by_nothing(path)));
        }
        match lines.last_mut() {
            Some((starts, known)) if *known == rest => starts.extend(start),
            _ => lines.push((start.into_iter().collect(), rest)),
        }
    }
    for (starts, rest) in lines {
        match starts.is_empty() {
            true => line!(f, "{label}{rest}")?,
            false => line!(f, "{label}{} -> {rest}", joined(&starts))?,
        }
    }
    Ok(())
}

/// The keys that a template makes, each with the keys that it reads if these are others.
fn filled(fills: &[&Filled<'_>]) -> String {
    let word = if fills.len() == 1 { "key" } else { "keys" };
    let texts: Vec<String> = fills
        .iter()
        .map(|filled| {
            let mut text = filled.key.to_owned();
            if !filled.reads.is_empty() {
                text.push_str(&format!(" <- {}", filled.reads.join(" + ")));
            }
            if !filled.states.is_empty() {
                text.push_str(&format!(" at {}", filled.states.join(" and ")));
            }
            text
        })
        .collect();
    format!("{word} {}", joined(&texts))
}

/// The keys that are filled and used: all, if a use takes the whole Secret.
fn used<'p, 'a>(path: &'p SecretPath<'a>) -> Vec<&'p Filled<'a>> {
    let takes = |filled: &&Filled<'_>| {
        let mut usage = path.usage.iter();
        usage.any(|usage| usage.key.as_deref().is_none_or(|key| key == filled.key))
    };
    path.fills.iter().filter(takes).collect()
}

/// Uses, each once with its containers; those of the same containers together.
fn by_containers(uses: &[(String, Option<&str>)]) -> Vec<String> {
    let mut alike: Vec<(&str, Vec<&str>)> = Vec::new();
    for (text, container) in uses {
        match alike.iter_mut().find(|(known, _)| known == text) {
            Some((_, containers)) => {
                let new = container.filter(|container| !containers.contains(container));
                containers.extend(new);
            }
            None => alike.push((text, container.iter().copied().collect())),
        }
    }
    let mut texts = Vec::new();
    for group in alike.chunk_by(|(_, a), (_, b)| a == b) {
        let last = group.len() - 1;
        for (at, (text, containers)) in group.iter().enumerate() {
            texts.push(match containers.is_empty() || at < last {
                true => (*text).to_owned(),
                false => format!("{text} of {}", joined(containers)),
            });
        }
    }
    texts
}

/// Whether other containers of the service use it too, so that the container is worth naming.
fn is_of_several(all: &[&Usage], usage: &Usage) -> bool {
    let mut own = all.iter().filter(|other| other.service == usage.service);
    own.any(|other| {
        other.container.is_some() && usage.container.is_some() && other.container != usage.container
    })
}

/// The end of a path: files, the Secret and its readers.
fn ends(path: &SecretPath<'_>, Reader { service, containers }: Reader<'_>) -> String {
    let reader = |name: &str| service.map_or_else(|| format!("{name} "), |_| String::new());
    let mut files: Vec<String> = path
        .mounts
        .iter()
        .map(|mount| format!("{}{}", reader(&mount.service), mount.path))
        .collect();
    if let Some((file, services)) = path.injected {
        let services = services.iter();
        let services = services.filter(|name| service.is_none_or(|service| service == *name));
        files.extend(services.map(|name| format!("{}{file}", reader(name))));
    }
    files.dedup();
    // If variables take several keys, each shows its own.
    let mut keys_of_env = path.usage.iter().filter(|usage| usage.env.is_some());
    let first = keys_of_env.next().map(|usage| usage.key.as_deref());
    let are_several = keys_of_env.any(|usage| Some(usage.key.as_deref()) != first);
    let uses: Vec<(String, Option<&str>)> = path
        .usage
        .iter()
        .map(|usage| {
            let name = self::reader(usage).unwrap_or_default();
            // The values of a chart that is not available do not show the container: the place is named instead.
            let is_of_values = usage.service.is_some() && usage.container.is_none();
            let is_placed =
                is_of_values && matches!(usage.how.as_str(), "values" | "env" | "envFrom" | "volume");
            let place = usage.source.as_ref().filter(|_| is_placed);
            let place = place.map(|place| format!(" at {}", printable_name(&place.to_string())));
            let is_named = containers || service.is_none() && is_of_several(&path.usage, usage);
            let container = usage.container.as_deref().filter(|_| is_named && !usage.init);
            let key = usage.key.as_ref();
            let key = key.filter(|key| are_several && usage.env.as_ref().is_some_and(|env| env != *key));
            let key = key.map(|key| format!(" from {key}"));
            let text = format!(
                "{}{}{}{}",
                reader(name),
                use_text(usage),
                key.unwrap_or_default(),
                place.unwrap_or_default()
            );
            (text, container)
        })
        .collect();
    let uses = by_containers(&uses);
    let mut ends: Vec<String> = Vec::new();
    if !files.is_empty() {
        ends.push(joined(&files));
    }
    match path.secret {
        Some((_, name)) if !uses.is_empty() => {
            let mut keys = match are_several {
                true => String::new(),
                false => key_text(path.usage.iter().copied()),
            };
            let fills = used(path);
            let is_said = fills.iter().all(|filled| {
                let mut usage = path.usage.iter();
                filled.reads.is_empty()
                    && filled.states.is_empty()
                    && (!keys.is_empty() || usage.any(|usage| usage.key.as_deref() == Some(filled.key)))
            });
            if !is_said {
                keys = format!(" {}", filled(&fills));
            }
            ends.push(format!(
                "{} (Secret {}{keys})",
                joined(&uses),
                printable_name(name)
            ));
        }
        Some((_, name)) if path.left_out => ends.push(format!(
            "not in Secret {}: the template leaves it out",
            printable_name(name)
        )),
        Some((_, name)) if files.is_empty() => {
            let keys = match path.fills.is_empty() {
                true => String::new(),
                false => format!(" {}", filled(&path.fills.iter().collect::<Vec<_>>())),
            };
            let is_copied = path.carrier.and_then(copies::copied_to).is_some();
            let reads = match (is_copied, path.may_be_read) {
                (true, _) => "which nothing reads but as a copy",
                (false, true) => "which nothing known reads; a chart that is not available may",
                (false, false) => "which nothing reads",
            };
            ends.push(format!("Secret {}{keys}, {reads}", printable_name(name)));
        }
        None if files.is_empty() => ends.push("nothing reads it".to_owned()),
        _ => {}
    }
    ends.join("; ")
}
