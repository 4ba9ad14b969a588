//! The text of `config`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Lines, line, printable, printable_name};

use crate::{Subject, Text};

use super::{ConfigAnswer, ConfigFound, FoundEnv, FoundFields, FoundValue, ReadVariable};
use crate::config_use::ConfigUse;
use crate::object::{field_line, field_place};
use crate::text::{
    and_more, copy_text, field, in_namespace, joined, listed, many_names, names, place_in_brackets,
    places_text, use_text,
};
use crate::variable::deciding_value;
use crate::r#where;
use infra_model::config::{
    ConfigMap, ConfigValue, GeneratedBy, Variable, VariableDefinition, VariableReading,
};
use infra_model::object::ObjectField;
use infra_model::pods::EnvVariable;
use infra_model::{Place, Written};

impl Text for ConfigAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 8;
        match &self.found {
            ConfigFound::Values { values, env } => {
                for found in env.iter().take(MOST) {
                    write_env(f, found)?;
                }
                and_more(f, env.len(), MOST)?;
                for value in values.iter().take(MOST) {
                    match values.len() {
                        1 => write_value(f, value)?,
                        _ => write_value_in_short(f, value)?,
                    }
                }
                and_more(f, values.len(), MOST)?;
            }
            ConfigFound::Maps(maps) => {
                for (key, config_map) in maps.iter().take(MOST) {
                    write_map(f, key, config_map)?;
                }
            }
            ConfigFound::Variable {
                name,
                variable,
                of,
                undefined,
                values,
            } => {
                write_variable(f, name, variable, *of)?;
                if let Some(undefined) = undefined {
                    let place = undefined
                        .place()
                        .map(|place| place.to_string())
                        .unwrap_or_default();
                    line!(f, "undefined: first used at {}", printable_name(&place))?;
                }
                names(f, "in values", values)?;
            }
            ConfigFound::Objects(objects) if objects.len() > FEW_OBJECTS && is_one_field(objects) => {
                write_by_value(f, objects)?;
            }
            ConfigFound::Objects(objects) => {
                for found in objects.iter().take(MOST) {
                    write_fields(f, found, self.full)?;
                }
                if objects.len() > MOST {
                    line!(f, "and {} more objects", objects.len() - MOST)?;
                }
                write_definitions(f, &self.set_by)?;
            }
            ConfigFound::Command { key, service } => {
                line!(
                    f,
                    "{}: {}",
                    printable_name(key),
                    printable_name(&r#where::what(key, service))
                )?;
                let texts = service.containers.iter();
                let texts = texts.map(|container| (container, r#where::command_line(container)));
                let stated: Vec<_> = texts.filter(|(_, text)| !text.is_empty()).collect();
                if stated.is_empty() {
                    line!(f, "no container states a command or arguments: the images decide")?;
                }
                for (container, text) in stated {
                    line!(
                        f,
                        "{}: {}",
                        printable_name(&container.name),
                        printable_name(&text)
                    )?;
                }
                r#where::edit(f, service)?;
            }
            ConfigFound::Service {
                key,
                service,
                maps,
                values,
            } => {
                let name = printable_name(key);
                if let Some(values) = values {
                    write_values(f, &name, values)?;
                }
                match (maps.is_empty(), service.env.is_empty()) {
                    (true, true) if values.is_some() => {}
                    (true, true) => line!(f, "{name}: uses no ConfigMap")?,
                    (_, false) => {
                        let env: Vec<String> = service.env.iter().map(env_text).collect();
                        line!(f, "{name}: env {}", joined(&env))?;
                    }
                    (false, true) => {}
                }
                for ConfigUse {
                    key,
                    config_map,
                    usage,
                } in maps
                {
                    let uses: Vec<String> = usage.iter().map(|usage| use_text(usage)).collect();
                    let keys: Vec<&String> = config_map.keys.keys().collect();
                    line!(
                        f,
                        "{} ({}): {}",
                        printable_name(key),
                        joined(&uses),
                        joined(&keys)
                    )?;
                    field(f, "  defined", defined(config_map))?;
                }
            }
        }
        Ok(())
    }
}

/// In more objects, one field is grouped by its values.
const FEW_OBJECTS: usize = 3;

/// Whether all fields have one last key, and each object few of them.
fn is_one_field(objects: &[FoundFields<'_>]) -> bool {
    let mut fields = objects.iter().flat_map(|found| &found.fields);
    let last = |path: &&str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let first = fields.next().map(|(path, _)| last(path));
    fields.all(|(path, _)| Some(last(path)) == first) && objects.iter().all(|found| found.fields.len() < 4)
}

/// The values of one key, each with the objects that have it.
fn write_by_value(f: &mut Lines<'_>, objects: &[FoundFields<'_>]) -> fmt::Result {
    const MOST: usize = 12;
    let mut by_value: Vec<(&str, Vec<String>)> = Vec::new();
    let mut key = "";
    for FoundFields { subject, fields } in objects {
        for (path, field) in fields {
            key = path.rsplit('.').next().unwrap_or(path);
            let mut text = subject.own_key().to_owned();
            if let Some(place) = field.place(subject.place()) {
                text.push_str(&format!(" {place}"));
            }
            match by_value.iter_mut().find(|(value, _)| *value == field.value) {
                Some((_, texts)) => texts.push(text),
                None => by_value.push((&field.value, vec![text])),
            }
        }
    }
    for (value, texts) in by_value {
        line!(f, "{}: {}", printable_name(key), printable_name(value))?;
        for text in texts.iter().take(MOST) {
            line!(f, "  {}", printable_name(text))?;
        }
        if texts.len() > MOST {
            line!(f, "  and {} more", texts.len() - MOST)?;
        }
    }
    Ok(())
}

/// The values of a HelmRelease: all if they are few, else the names of environment variables and the number of values
/// below each key.
fn write_values(f: &mut Lines<'_>, name: &str, values: &FoundFields<'_>) -> fmt::Result {
    const FEW: usize = 12;
    const MOST: usize = 24;
    if values.fields.len() <= FEW {
        return write_some_fields(f, values, FEW);
    }
    // There may be few without the usual ones, such as limits and probes.
    let (usual, own): (Vec<_>, Vec<_>) = values
        .fields
        .iter()
        .copied()
        .partition(|(path, _)| is_usual(path));
    let is_one_line = own.iter().all(|(_, field)| !field.value.contains('\n'));
    if own.len() <= MOST && is_one_line {
        let own = FoundFields {
            subject: values.subject,
            fields: own,
        };
        write_some_fields(f, &own, MOST)?;
        let keys: BTreeSet<&str> = usual
            .iter()
            .map(|(path, _)| path.rsplit('.').find(|key| is_usual_key(key)).unwrap_or(path))
            .collect();
        return names(f, "and", keys);
    }
    // Values that a cluster patches matter more than those of all clusters.
    let patched = values.fields.iter().filter(|(_, field)| field.file.is_some());
    let patched = FoundFields {
        subject: values.subject,
        fields: patched.copied().collect(),
    };
    write_some_fields(f, &patched, FEW)?;
    let env = values.fields.iter().filter_map(|(path, field)| {
        let (_, below) = path.rsplit_once(".env.").or_else(|| path.split_once(".env["))?;
        let is_name = below.ends_with("].name");
        let name = if is_name { field.value.as_str() } else { below };
        (!name.contains(['.', '['])).then_some(name)
    });
    let env: BTreeSet<&str> = env.collect();
    names(f, "env", env)?;
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, _) in &values.fields {
        *keys
            .entry(path.split(['.', '[']).next().unwrap_or(path))
            .or_default() += 1;
    }
    let keys: Vec<String> = keys
        .into_iter()
        .map(|(key, count)| format!("{key} {count}"))
        .collect();
    many_names(f, &format!("values ({})", values.fields.len()), &keys)?;
    line!(
        f,
        "`flux-infra-guide config {name} KEY` shows those at or below a key, however deep it is"
    )
}

/// Whether charts have a value for every container: limits, probes, rights, annotations.
fn is_usual(path: &str) -> bool {
    path.split(['.', '[']).any(is_usual_key)
}

fn is_usual_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    [
        "probe",
        "probes",
        "securitycontext",
        "annotations",
        "resources",
        "labels",
    ]
    .iter()
    .any(|end| key.ends_with(end))
}

/// An object with the fields that were asked for.
fn write_fields(f: &mut Lines<'_>, found: &FoundFields<'_>, full: bool) -> fmt::Result {
    const MOST: usize = 60;
    const MOST_OF_TEXT: usize = 12;
    const MOST_OF_ONE: usize = 40;
    let most = if full { usize::MAX } else { MOST };
    let mut left = most;
    let mut more = 0;
    let FoundFields { subject, fields } = found;
    let first = fields.first().and_then(|(path, _)| text_of(path));
    let is_one = first.is_some() && fields.iter().all(|(path, _)| text_of(path) == first);
    write_head(f, *subject)?;
    let alone = |path: &str| text_of(path).is_none();
    for group in fields.chunk_by(|(a, _), (b, _)| !alone(a) && text_of(a) == text_of(b)) {
        match group.first().and_then(|(path, _)| text_of(path)) {
            Some(path) => {
                let most = match (full, is_one) {
                    (true, _) => usize::MAX,
                    (false, true) => MOST_OF_ONE,
                    (false, false) => MOST_OF_TEXT,
                };
                left = left.saturating_sub(group.len().min(most));
                write_text(f, subject.place(), path, group, most)?;
            }
            None => {
                for (path, field) in group.iter().take(left) {
                    let path = &with_name(*subject, path);
                    match field.value.contains('\n') {
                        true => write_block(f, subject.place(), path, field)?,
                        false => field_line(f, subject.place(), path, field)?,
                    }
                }
                more += group.len().saturating_sub(left);
                left = left.saturating_sub(group.len());
            }
        }
    }
    let is_cut = !full && matches!(subject, Subject::Object(_, object) if object.more_fields);
    match more {
        0 if is_cut => line!(f, "and more"),
        0 => Ok(()),
        more => line!(f, "and {more} more fields: a path behind the name finds fewer"),
    }
}

/// The path of a `value` with the `name` beside it: `env[0].value (LOG_LEVEL)`.
fn with_name<'p>(subject: Subject<'_>, path: &'p str) -> Cow<'p, str> {
    let item = path.strip_suffix(".value");
    let name = item.and_then(|item| subject.fields()?.get(&format!("{item}.name")));
    match name {
        Some(name) => format!("{path} ({})", name.value).into(),
        None => path.into(),
    }
}

/// A multi-line text below its path.
fn write_block(f: &mut Lines<'_>, own: Option<&Place>, path: &str, field: &ObjectField) -> fmt::Result {
    let place = field_place(field, own).map(|place| format!(" <- {place}"));
    line!(f, "{}:{}", printable_name(path), place.unwrap_or_default())?;
    for text in field.value.lines() {
        line!(f, "  {}", printable(text))?;
    }
    Ok(())
}

/// The path of a text of which a field is one line.
fn text_of(path: &str) -> Option<&str> {
    let (text, number) = path.rsplit_once(" line ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

/// Lines of a text below its path, each with its number in the file.
fn write_text(
    f: &mut Lines<'_>,
    own: Option<&Place>,
    path: &str,
    lines: &[(&str, &ObjectField)],
    most: usize,
) -> fmt::Result {
    write!(f, "{}", printable_name(path))?;
    let first = lines.first().map(|(_, field)| *field);
    match first.and_then(|first| Some((first, first.place(own)?))) {
        Some((first, place)) if first.file.is_some() => {
            line!(f, " in {}:", printable_name(place.file.as_str()))?
        }
        _ => line!(f, ":")?,
    }
    for (_, field) in lines.iter().take(most) {
        line!(f, "  {}: {}", field.line, field.value)?;
    }
    match lines.len().saturating_sub(most) {
        0 => Ok(()),
        more => line!(f, "  and {more} more lines: --full prints them"),
    }
}

fn write_some_fields(
    f: &mut Lines<'_>,
    FoundFields { subject, fields }: &FoundFields<'_>,
    most: usize,
) -> fmt::Result {
    write_head(f, *subject)?;
    for (path, field) in fields.iter().take(most) {
        field_line(f, subject.place(), path, field)?;
    }
    Ok(())
}

/// Name, kind, namespace and place of an object.
fn write_head(f: &mut Lines<'_>, subject: Subject<'_>) -> fmt::Result {
    let (name, kind) = (printable_name(subject.name()), printable_name(subject.kind()));
    let place = subject.place().map(ToString::to_string);
    let place = listed(", ", place.as_slice());
    line!(
        f,
        "{name}: {kind}{}{}",
        in_namespace(subject.namespace()),
        printable_name(&place)
    )
}

/// One of several values, on one line.
fn write_value_in_short(f: &mut Lines<'_>, value: &FoundValue<'_>) -> fmt::Result {
    line!(
        f,
        "{} in {}: {}{}",
        printable_name(value.key),
        printable_name(value.map_key),
        value_text(value.value),
        places_text(value.config_map.places.get(value.key), None)
    )
}

/// An environment variable of a container.
fn write_env(f: &mut Lines<'_>, found: &FoundEnv<'_>) -> fmt::Result {
    let FoundEnv {
        service,
        entry,
        variable,
        variables,
    } = found;
    let container = match (variable.container.as_str(), variable.init) {
        ("", _) => String::new(),
        (name, true) => format!(" init container {name}"),
        (name, false) if name == *service || name == entry.name => String::new(),
        (name, false) => format!(" container {name}"),
    };
    line!(
        f,
        "{}{}: env {}{}",
        printable_name(service),
        printable_name(&container),
        env_text(variable),
        places_text(&variable.source, None)
    )?;
    if let Some(written) = &variable.written {
        line!(f, "raw: {written}")?;
    }
    write_definitions(f, variables)
}

/// An environment variable with its value, or with the Secret, ConfigMap or field that has it.
fn env_text(variable: &EnvVariable) -> String {
    let name = printable_name(&variable.name);
    let key = variable.key.as_deref();
    let key = key.map(|key| format!(" key {}", printable_name(key)));
    let key = key.unwrap_or_default();
    let EnvVariable {
        value,
        secret,
        config_map,
        field,
        ..
    } = variable;
    match (value, secret, config_map, field) {
        (Some(value), ..) => format!("{name}={value}"),
        (None, Some(secret), ..) => format!("{name} (Secret {}{key})", printable_name(secret)),
        (None, None, Some(map), _) => format!("{name} (ConfigMap {}{key})", printable_name(map)),
        (None, None, None, Some(field)) => format!("{name} ({})", printable_name(field)),
        (None, None, None, None) => name.into_owned(),
    }
}

/// Each variable of a text with the definition that decides, and those that it overrides.
fn write_definitions(f: &mut Lines<'_>, variables: &[ReadVariable<'_>]) -> fmt::Result {
    for read in variables {
        let name = printable_name(read.name);
        match &read.variable.value {
            Some(value) if read.definitions.is_empty() => line!(f, "{name}: {value}")?,
            _ => line!(f, "{name}: {}", definitions_text(read.definitions))?,
        }
    }
    Ok(())
}

/// The definition that decides, and those that it overrides.
fn definitions_text(definitions: &[VariableDefinition]) -> String {
    let text = |definition: &VariableDefinition| {
        let value = definition.value.as_deref().unwrap_or("(not shown)");
        let by = printable_name(&definition.by);
        format!("{value} <- {by}{}", place_in_brackets(definition.source.as_ref()))
    };
    match definitions.split_first() {
        None => "nothing here defines it".to_owned(),
        Some((first, [])) => text(first),
        Some((first, rest)) => {
            let rest: Vec<String> = rest.iter().map(text).collect();
            format!("{}; overrides {}", text(first), joined(&rest))
        }
    }
}

/// A variable, with a line for the Kustomizations that read the same value of it.
fn write_variable(f: &mut Lines<'_>, name: &str, variable: &Variable, of: Option<&str>) -> fmt::Result {
    const MOST: usize = 6;
    let name = printable_name(name);
    let readings = variable.readings.as_slice();
    let is_own =
        |reading: &&VariableReading| reading.kustomizations.iter().any(|key| Some(key.as_str()) == of);
    if let Some(own) = readings.iter().find(is_own).filter(|_| readings.len() > 1)
        && let Some(key) = of
    {
        let value = deciding_value(own).unwrap_or(if own.defaulted { "by default" } else { "unknown" });
        line!(f, "{name}: variable, value {value} in {}", printable_name(key))?;
        line!(
            f,
            "{}: {}",
            printable_name(key),
            definitions_text(&own.definitions)
        )?;
        let others = readings.iter().filter(|reading| !std::ptr::eq(*reading, own));
        let others = others.flat_map(|reading| &reading.kustomizations);
        return names(f, "also read by", others);
    }
    match readings {
        [] => {
            let value = variable.value.as_deref().unwrap_or("unknown");
            line!(f, "{name}: variable, value {value}")?;
            names(f, "defined in", &variable.defined_in)?;
            return line!(f, "no Kustomization uses it");
        }
        [only] => {
            let default = (only.defaulted && only.definitions.is_empty()).then_some("by default");
            let value = deciding_value(only)
                .or(default)
                .or(variable.value.as_deref())
                .unwrap_or("unknown");
            line!(f, "{name}: variable, value {value}")?;
        }
        several => match common_value(several) {
            Some(value) => line!(f, "{name}: variable, value {value}")?,
            None if by_place(several).len() == 1 => {
                line!(f, "{name}: variable, not shown; one line states it for all")?;
            }
            None => line!(f, "{name}: variable, its value differs by Kustomization")?,
        },
    }
    let groups = by_place(readings);
    for group in groups.iter().take(MOST) {
        let Some(reading) = group.first() else { continue };
        let mut text = match (reading.definitions.is_empty(), reading.defaulted) {
            (true, true) => "nothing defines it, so its default counts".to_owned(),
            _ => definitions_text(&reading.definitions),
        };
        if group.len() > 1 {
            text.push_str(&format!(", and {} more objects of that line", group.len() - 1));
        }
        let keys: Vec<&String> = group.iter().flat_map(|reading| &reading.kustomizations).collect();
        line!(f, "{}: {text}", joined(&keys))?;
    }
    and_more(f, groups.len(), MOST)
}

/// Readings grouped by the line that states their value, as of copies of a Secret in several namespaces.
fn by_place(readings: &[VariableReading]) -> Vec<Vec<&VariableReading>> {
    let place = |reading: &VariableReading| match reading.definitions.as_slice() {
        [only] => only
            .source
            .as_ref()
            .map(|source| (only.value.clone(), source.clone())),
        _ => None,
    };
    let mut groups: Vec<Vec<&VariableReading>> = Vec::new();
    for reading in readings {
        let own = place(reading);
        let known = groups
            .iter_mut()
            .find(|group| own.is_some() && group.first().is_some_and(|first| place(first) == own));
        match known {
            Some(group) => group.push(reading),
            None => groups.push(vec![reading]),
        }
    }
    groups
}

/// The value of a variable, if it is the same for all readings.
fn common_value(readings: &[VariableReading]) -> Option<&str> {
    let first = deciding_value(readings.first()?)?;
    let is_first = |reading: &VariableReading| deciding_value(reading) == Some(first);
    readings.iter().all(is_first).then_some(first)
}

fn write_value(f: &mut Lines<'_>, found: &FoundValue<'_>) -> fmt::Result {
    let FoundValue {
        map_key,
        config_map,
        key,
        value,
        variables,
    } = found;
    let namespace = in_namespace(&config_map.namespace);
    line!(
        f,
        "{} in ConfigMap {}{namespace}",
        printable_name(key),
        printable_name(map_key)
    )?;
    match value {
        ConfigValue::Text(Written {
            written,
            resolved: Some(resolved),
        }) => {
            line!(f, "raw: {written}")?;
            line!(f, "resolved: {resolved}")?;
        }
        ConfigValue::File { text: Some(text), .. } if text.trim_end().contains('\n') => {
            line!(f, "value:")?;
            for line in text.trim_end().lines() {
                line!(f, "  | {line}")?;
            }
        }
        value => line!(f, "value: {}", value_text(value))?,
    }
    write_definitions(f, variables)?;
    match config_map.places.get(*key) {
        Some(place) => line!(f, "edit: {}", printable_name(&place.to_string()))?,
        None => field(f, "defined", defined(config_map))?,
    }
    let overridden = config_map.overrides.get(*key).into_iter().flatten();
    let overridden = overridden.map(|overridden| {
        let value = overridden.value.as_deref().unwrap_or("another value");
        format!("{value}{}", place_in_brackets(overridden.source.as_ref()))
    });
    names(f, "overrides", overridden)?;
    let mut readers: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for usage in &config_map.usage {
        if let Some(reader) = usage.service.as_deref().or(usage.object.as_deref())
            && usage.key.as_deref().is_none_or(|used| used == *key)
        {
            let how = match &usage.target_path {
                Some(path) => format!("{} to {path}", usage.how),
                None => usage.how.clone(),
            };
            readers.entry(reader).or_default().insert(how);
        }
    }
    let readers = readers.into_iter().map(|(reader, how)| {
        let how: Vec<String> = how.into_iter().collect();
        format!("{reader} ({})", how.join(", "))
    });
    names(f, "used by", readers)
}

fn write_map(f: &mut Lines<'_>, key: &str, config_map: &ConfigMap) -> fmt::Result {
    line!(
        f,
        "{}: ConfigMap{}",
        printable_name(key),
        in_namespace(&config_map.namespace)
    )?;
    field(f, "defined", defined(config_map))?;
    names(f, "keys", config_map.keys.keys())?;
    names(f, "used by", &config_map.used_by)
}

fn value_text(value: &ConfigValue) -> String {
    match value {
        ConfigValue::Text(text) => text.value().trim_end_matches('\n').to_owned(),
        ConfigValue::Redacted => "<redacted>".to_owned(),
        ConfigValue::File { text: Some(text), .. } if !text.trim_end().contains('\n') => {
            text.trim_end().to_owned()
        }
        ConfigValue::File {
            file: Some(file),
            lines,
            ..
        } => format!("{lines} lines of {} (--full prints them)", printable_name(file)),
        ConfigValue::File {
            file: None,
            bytes,
            lines,
            ..
        } => format!("{lines} lines, {bytes} bytes"),
        ConfigValue::Binary { bytes } => format!("binary, {bytes} bytes"),
    }
}

/// The place of a ConfigMap, and how it is made.
fn defined(config_map: &ConfigMap) -> Option<String> {
    let place = config_map
        .source
        .as_ref()
        .map(ToString::to_string)
        .or(config_map.source_file.clone())?;
    let how = match (&config_map.copy_of, config_map.generated_by) {
        (Some(origin), _) => copy_text("ConfigMap", origin),
        // The place is that of the HelmRelease.
        (None, GeneratedBy::Helm) => "made by the chart of this HelmRelease".to_owned(),
        (None, other) => other.as_str().to_owned(),
    };
    Some(format!("{place} ({how})"))
}
