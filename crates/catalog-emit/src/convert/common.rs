//! Small things that several catalogs state alike.

use infra_model::{Infrastructure, Place, RepoPath, Written, config};

use crate::layout::{AmbiguousMaps, SourcePlace, Usage};

/// The plain name, where the key is another.
pub(crate) fn name_unless_key(name: &str, key: &str) -> Option<String> {
    (name != key).then(|| name.to_owned())
}

/// Nothing for an empty text: the namespace of what has none.
pub(crate) fn stated(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A place as file and line.
pub(crate) fn file_and_line(place: Option<&Place>) -> (Option<String>, Option<u32>) {
    match place {
        Some(place) => (Some(place.file.to_string()), line(place)),
        None => (None, None),
    }
}

/// The place that file and line state.
pub(crate) fn place(file: Option<String>, line: Option<u32>) -> Option<Place> {
    Some(Place {
        file: RepoPath::new(&file?),
        line: line.unwrap_or(0),
    })
}

/// A place as an object.
pub(crate) fn source(place: &Place) -> SourcePlace {
    SourcePlace {
        file: place.file.to_string(),
        line: line(place),
    }
}

/// The place that an object states.
pub(crate) fn source_place(source: SourcePlace) -> Place {
    Place {
        file: RepoPath::new(&source.file),
        line: source.line.unwrap_or(0),
    }
}

/// Line 0 means the whole file; a catalog leaves it out.
fn line(place: &Place) -> Option<u32> {
    (place.line > 0).then_some(place.line)
}

/// What is written of an optional text.
pub(crate) fn written(text: Option<&Written>) -> Option<String> {
    text.map(|text| text.written.clone())
}

/// What is substituted in an optional text.
pub(crate) fn resolved(text: Option<&Written>) -> Option<String> {
    text.and_then(|text| text.resolved.clone())
}

/// A text from its two halves; nothing where nothing is written.
pub(crate) fn text(written: Option<String>, resolved: Option<String>) -> Option<Written> {
    Some(Written {
        written: written?,
        resolved,
    })
}

/// A use of a ConfigMap or Secret.
pub(crate) fn usage(usage: &config::Usage) -> Usage {
    let config::Usage {
        service,
        object,
        container,
        how,
        key,
        mount_path,
        optional,
    } = usage.clone();
    Usage {
        service,
        object,
        container,
        how,
        key,
        mount_path,
        optional,
    }
}

/// The use that a catalog states.
pub(crate) fn usage_model(usage: Usage) -> config::Usage {
    let Usage {
        service,
        object,
        container,
        how,
        key,
        mount_path,
        optional,
    } = usage;
    config::Usage {
        service,
        object,
        container,
        how,
        key,
        mount_path,
        optional,
    }
}

/// The clashing names of the maps of one file.
pub(crate) fn ambiguous(infrastructure: &Infrastructure, maps: &[&str]) -> AmbiguousMaps {
    infrastructure
        .ambiguous
        .iter()
        .filter(|(map, names)| maps.contains(&map.as_str()) && !names.is_empty())
        .map(|(map, names)| (map.clone(), names.clone()))
        .collect()
}
