//! Probes: values with a distinct text that replace candidates.

use go_template::{Kind, Value, fmt};

/// A value that replaces a candidate, and how it shows.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) value: Value,
    /// The text that it replaces in a field; `None` for any piece of the requested part.
    pub(super) old: Option<String>,
    /// The text that appears instead.
    pub(super) new: String,
}

/// Number of the first probe; smaller numbers are common.
const FIRST: u64 = 101;

impl Probe {
    /// A probe for a value that may decide the text `part`. `number` is unique among the probes of a rendering.
    pub(super) fn new(value: &Value, part: &str, number: usize) -> Option<Self> {
        let number = FIRST + number as u64;
        let text = text_of(value)?;
        let probe = |value: Value, old: &str, new: String| {
            Some(Probe {
                value,
                old: Some(old.to_owned()),
                new,
            })
        };
        match &value.kind {
            Kind::Bool(is_true) => probe(Value::bool(!is_true), &text, (!is_true).to_string()),
            Kind::Float(float) if float.fract() == 0.0 => {
                #[allow(clippy::cast_precision_loss, reason = "small")]
                let changed = float + number as f64;
                let value = Value::float(changed);
                let new = text_of(&value)?;
                probe(value, &text, new)
            }
            // The chart replaces an empty or absent text, and evaluates a template.
            _ if text.is_empty() || (text.contains("{{") && !text.contains(part)) => {
                let new = variant(part, number);
                let value = Value::text(new.as_str());
                Some(Probe {
                    value,
                    old: None,
                    new,
                })
            }
            _ if text.contains(part) => {
                let new = variant(part, number);
                probe(Value::text(text.replacen(part, &new, 1)), part, new)
            }
            // The field contains the value and more.
            _ => {
                let new = variant(&text, number);
                probe(Value::text(new.as_str()), &text, new.clone())
            }
        }
    }

    /// Whether it may occur in a text, however it is quoted there.
    pub(super) fn has_trace_in(&self, content: &str) -> bool {
        let last = |c: &char| c.is_ascii_alphanumeric();
        let word = self.new.chars().rev().take_while(last).count();
        let word = self.new.get(self.new.len() - word..).unwrap_or_default();
        memchr::memmem::find(content.as_bytes(), word.as_bytes()).is_some()
    }

    /// Whether a field that was `before` shows the probe and is otherwise unchanged.
    pub(super) fn is_shown_by(&self, before: &str, part: &str, after: &str) -> bool {
        before != after
            && after.match_indices(&self.new).any(|(start, new)| {
                let (head, tail) = (&after[..start], &after[start + new.len()..]);
                before
                    .strip_prefix(head)
                    .and_then(|rest| rest.strip_suffix(tail))
                    .is_some_and(|middle| match &self.old {
                        Some(old) => middle == old,
                        None => !middle.is_empty() && part.contains(middle),
                    })
            })
    }
}

/// The text of a scalar, as templates print it; `None` for lists and maps.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Nil => Some(String::new()),
        Kind::Text(text) => text.as_str().map(str::to_owned),
        // As `int` and `toString` print it: without an exponent.
        Kind::Float(float) if float.fract() == 0.0 && float.abs() < 1e15 => Some(format!("{float}")),
        Kind::Bool(_) | Kind::Float(_) | Kind::Int(_) | Kind::Int64(_) => {
            let budget = go_template::Budget::new(go_template::Limits::default());
            let text = fmt::sprint(std::slice::from_ref(value), &budget).ok()?;
            text.as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// A text of the same form. Only the last digits of a version or digest differ, so that comparisons with other versions give the
/// same result.
fn variant(text: &str, number: u64) -> String {
    if let Some((algorithm, hex)) = text.split_once(':')
        && hex.len() >= 32
    {
        let prefix = hex.get(..hex.len() - 6).unwrap_or_default();
        return format!("{algorithm}:{prefix}{number:06x}");
    }
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, tail) = text.split_at(text.len() - digits);
    match tail.parse::<u64>() {
        Ok(last) if last < 1_000_000_000_000 && !(tail.len() > 1 && tail.starts_with('0')) => {
            format!("{head}{}", last * 1000 + number)
        }
        _ => format!("{text}{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_keep_the_form_of_a_version() {
        for (text, expected) in [
            ("v1.2.0", "v1.2.104"),
            ("1.2.3", "1.2.3104"),
            ("3.12-alpine", "3.12-alpine104"),
            ("latest", "latest104"),
        ] {
            assert_eq!(variant(text, 104), expected);
        }
        let digest = format!("sha256:{}", "a".repeat(64));
        assert_eq!(variant(&digest, 104), format!("sha256:{}000068", "a".repeat(58)));
    }

    #[test]
    fn a_field_shows_a_probe_where_nothing_else_of_it_changes() {
        let probe = Probe::new(&Value::text("1.2"), "1.2", 0).unwrap();
        assert!(probe.is_shown_by("a/b:1.2", "1.2", "a/b:1.2101"));
        assert!(!probe.is_shown_by("a/b:1.2", "1.2", "a/b:1.2"));
        assert!(!probe.is_shown_by("a/b:1.2", "1.2", "c/b:1.2101"));
    }
}
