//! The text of `impact`.

use std::fmt;

use plain_text::{Lines, line, printable_name};

use super::{Because, Effect, EffectKind, Impact};
use crate::Text;
use crate::named_by::NamedBy;
use crate::on_change;
use crate::text::{joined, many_names, names};

/// Maximum number of lines of a kind.
const MOST: usize = 8;
/// Maximum number of lines if there are more than [`MANY`]: then number and names matter more than evidence.
const MOST_OF_MANY: usize = 4;
const MANY: usize = 24;
/// Maximum number of pieces of evidence of a node.
const MOST_EVIDENCE: usize = 3;

impl<'a> Text for Impact<'a> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        line!(f, "impact of {}", joined(&self.of))?;
        for (name, meaning) in &self.reached_by_all {
            line!(f, "{}: {meaning}", printable_name(name))?;
        }
        if self.effects.is_empty() && self.reached_by_all.is_empty() && self.named_by.is_empty() {
            match self.partly_followed {
                // All volumes of pods are known.
                Some("PersistentVolumeClaim") => {
                    line!(
                        f,
                        "nothing that is known here mounts it; `where` says which charts are not available"
                    )?;
                }
                Some(kind) => line!(
                    f,
                    "nothing is known to depend on it; not every field that may name a {} is looked at",
                    printable_name(kind)
                )?,
                None if self.is_of_several => line!(f, "nothing in this cluster is known to depend on it")?,
                None => line!(f, "nothing is known to depend on it")?,
            }
        }
        for other in &self.in_others {
            let label = format!("named in cluster {} by", printable_name(&other.cluster));
            let keys: Vec<&str> = other.keys.iter().map(String::as_str).collect();
            up_to(f, &label, &keys)?;
        }
        for (kind, words) in [
            (EffectKind::Needs, "needs it"),
            (EffectKind::Applied, "applied through it"),
            (EffectKind::Waits, "waits for it"),
        ] {
            let effects: Vec<&Effect<'a>> =
                self.effects.iter().filter(|effect| effect.kind == kind).collect();
            let (direct, further): (Vec<&Effect<'a>>, Vec<&Effect<'a>>) =
                effects.iter().partition(|effect| effect.distance == 1);
            let keys = |effects: &[&Effect<'a>]| -> Vec<&'a str> {
                effects.iter().map(|effect| effect.node.key()).collect()
            };
            // For dependents that wait, names are enough: their files name the dependency.
            if kind == EffectKind::Waits
                && direct.iter().all(|effect| effect.failure_impact.is_none())
                && direct.len() > 3
            {
                many_names(f, &format!("{words} ({})", effects.len()), &keys(&direct))?;
            } else {
                if !effects.is_empty() {
                    line!(f, "{words} ({}):", effects.len())?;
                }
                let mut groups = grouped(&direct, false);
                if groups.len() > MOST {
                    groups = grouped(&direct, true);
                }
                let most = if groups.len() > MANY { MOST_OF_MANY } else { MOST };
                for (effects, because) in groups.iter().take(most) {
                    write!(f, "  {}: {because}", joined(&keys(effects)))?;
                    match effects.first().and_then(|effect| effect.failure_impact) {
                        Some(impact) => line!(f, " - {impact}")?,
                        None => line!(f)?,
                    }
                }
                let rest: Vec<&Effect<'a>> = groups
                    .iter()
                    .skip(most)
                    .flat_map(|(effects, _)| effects.clone())
                    .collect();
                up_to(f, "  and", &keys(&rest))?;
            }
            up_to(f, "  through these", &keys(&further))?;
        }
        on_change::lines(f, &self.on_change)?;
        named(f, &self.named_by)?;
        for (of, next) in &self.named_further {
            let place = next.place.as_ref().map(|place| format!(", {place}"));
            line!(
                f,
                "  and {} by {} ({}{})",
                printable_name(of),
                printable_name(&next.object),
                printable_name(&next.field),
                printable_name(&place.unwrap_or_default())
            )?;
        }
        let of = |waited: bool| {
            let needs = self.needs.iter().filter(move |need| need.is_waited_for == waited);
            needs.map(|need| need.key.as_str())
        };
        names(f, "it needs", of(false))?;
        names(f, "it waits for", of(true))
    }
}

/// As many names as fit on a few lines, and the number of others.
fn up_to(f: &mut Lines<'_>, label: &str, keys: &[&str]) -> fmt::Result {
    const LONGEST: usize = 500;
    let mut length = 0;
    let shown = keys.iter().take_while(|key| {
        length += key.len() + 2;
        length <= LONGEST
    });
    let shown = shown.count().max(1).min(keys.len());
    let (shown, rest) = keys.split_at(shown);
    match rest.len() {
        0 => many_names(f, label, shown),
        rest => {
            let shown: Vec<_> = shown.iter().map(|key| printable_name(key)).collect();
            line!(f, "{label}: {} and {rest} more", shown.join(", "))
        }
    }
}

/// Effects grouped by evidence, in the order of the first of each; with `anywhere`, places do not count.
fn grouped<'e, 'a>(effects: &[&'e Effect<'a>], anywhere: bool) -> Vec<(Vec<&'e Effect<'a>>, String)> {
    let mut groups: Vec<(Vec<&'e Effect<'a>>, String)> = Vec::new();
    for effect in effects {
        let because = because_text(&effect.because, !anywhere);
        let known = groups.iter_mut().find(|(first, known)| {
            *known == because
                && first
                    .first()
                    .is_some_and(|first| first.failure_impact == effect.failure_impact)
        });
        match known {
            Some((effects, _)) => effects.push(effect),
            None => groups.push((vec![effect], because)),
        }
    }
    for (effects, because) in &mut groups {
        if let ([effect], true) = (effects.as_slice(), anywhere) {
            *because = because_text(&effect.because, true);
        }
    }
    groups
}

/// Evidence on one line, with places only if they are wanted. A file is not repeated.
fn because_text(because: &[Because], with_places: bool) -> String {
    let mut text = String::new();
    let mut file = None;
    // The first evidence of each line is enough.
    let mut first: Vec<&Because> = Vec::new();
    for next in because {
        let is_of_line = |known: &&Because| known.place.is_some() && known.place == next.place;
        if !first.iter().any(is_of_line) {
            first.push(next);
        }
    }
    let because = first;
    // Two more take no more space than the words that they are left out.
    let most = match because.len() {
        few if few <= MOST_EVIDENCE + 2 => few,
        _ => MOST_EVIDENCE,
    };
    for one in because.iter().take(most) {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&one.short);
        if let Some(place) = one.place.as_ref().filter(|_| with_places) {
            match file == Some(&place.file) {
                true => text.push_str(&format!(" (line {})", place.line)),
                false => text.push_str(&format!(" ({})", printable_name(&place.to_string()))),
            }
            file = Some(&place.file);
        }
    }
    if because.len() > most {
        text.push_str(&format!("; and {} more", because.len() - most));
    }
    text
}

/// Objects that name it, grouped by field and line.
fn named(f: &mut Lines<'_>, all: &[NamedBy<'_>]) -> fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    line!(f, "named by ({}):", all.len())?;
    let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
    for NamedBy {
        object, field, place, ..
    } in all
    {
        let place = place.as_ref().map(|place| format!(", {place}"));
        let place = place.unwrap_or_default();
        let text = format!("({}{})", printable_name(field), printable_name(&place));
        match groups.iter_mut().find(|(_, known)| *known == text) {
            Some((objects, _)) => objects.push(object),
            None => groups.push((vec![object], text)),
        }
    }
    for (objects, text) in groups.iter().take(MOST) {
        line!(f, "  {} {text}", joined(&kinds_once(objects)))?;
    }
    let rest: Vec<&str> = groups
        .iter()
        .skip(MOST)
        .flat_map(|(objects, _)| objects.clone())
        .collect();
    up_to(f, "  and", &kinds_once(&rest))
}

/// Keys of objects, without a kind that is the same as that of the key before.
fn kinds_once<'k>(keys: &[&'k str]) -> Vec<&'k str> {
    let mut last = "";
    let keys = keys.iter().map(|key| {
        let kind = key.split_once('/').map_or("", |(kind, _)| kind);
        let is_same = kind == last && !kind.is_empty();
        last = kind;
        match is_same {
            true => key.get(kind.len() + 1..).unwrap_or(key),
            false => key,
        }
    });
    keys.collect()
}

/// Evidence without the parts that its place shows: of a path among values only the last key, of a ConfigMap only its
/// key.
pub(super) fn short(evidence: &str) -> String {
    if let Some(rest) = evidence.strip_prefix("values ")
        && let Some((path, value)) = rest.split_once('=')
    {
        // A key such as `server` needs the one above it, and a position too.
        let is_enough = |key: &str| key.contains('_') || key.bytes().any(|byte| byte.is_ascii_uppercase());
        let parts: Vec<&str> = path.split('.').collect();
        let few = match parts.last() {
            Some(last) if is_enough(last) => 1,
            _ => 2,
        };
        let key = parts.get(parts.len().saturating_sub(few)..).unwrap_or_default();
        return format!("{}={value}", key.join("."));
    }
    if let Some(rest) = evidence.strip_prefix("ConfigMap ")
        && let Some((_, text)) = rest.split_once(' ')
    {
        return text.to_owned();
    }
    match evidence.contains([' ', '=']) {
        true => evidence.to_owned(),
        // The evidence is only a file name, from the knowledge file.
        false => format!("stated in {evidence}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_as_short_as_it_can_be() {
        assert_eq!(short("values a.b.env.DB_HOST=db"), "DB_HOST=db");
        assert_eq!(short("values a.hosts[0]=db"), "a.hosts[0]=db");
        assert_eq!(short("values persistence.media.server=db"), "media.server=db");
        assert_eq!(
            short("ConfigMap x config.yaml=http://db"),
            "config.yaml=http://db"
        );
        assert_eq!(short("env DB_HOST=db"), "env DB_HOST=db");
    }
}
