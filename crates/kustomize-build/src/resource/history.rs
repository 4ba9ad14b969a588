//! The previous ids, prefixes and suffixes of a resource.

use smol_str::SmolStr;

/// A previous name, namespace and kind of a resource. Group and version are always the current ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PreviousId {
    /// The name.
    pub name: SmolStr,
    /// The effective namespace.
    pub namespace: SmolStr,
    /// The kind.
    pub kind: SmolStr,
}

/// The history of a resource, oldest entries first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Previous ids; the first is the original one.
    pub ids: Vec<PreviousId>,
    /// Prefixes, innermost first.
    pub prefixes: Vec<SmolStr>,
    /// Suffixes, innermost first.
    pub suffixes: Vec<SmolStr>,
}

impl History {
    /// Whether the prefixes and suffixes of both agree: the shorter list must be the tail of the longer. An empty list
    /// agrees only with an empty one, or with any if `lenient`.
    pub fn same_lineage(&self, other: &History, lenient: bool) -> bool {
        let agree = |a: &[SmolStr], b: &[SmolStr]| {
            if a.is_empty() || b.is_empty() {
                return lenient || a.len() == b.len();
            }
            a.iter().rev().zip(b.iter().rev()).all(|(a, b)| a == b)
        };
        agree(&self.prefixes, &other.prefixes) && agree(&self.suffixes, &other.suffixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(list: &[&str]) -> History {
        History {
            prefixes: list.iter().copied().map(SmolStr::new).collect(),
            ..History::default()
        }
    }

    #[test]
    fn lineages_agree_by_their_tails() {
        for (a, b, strict, lenient) in [
            (&["a", "b"][..], &["b"][..], true, true),
            (&["a", "b"], &["a"], false, false),
            (&[], &["a"], false, true),
            (&[], &[], true, true),
        ] {
            let (a, b) = (prefixes(a), prefixes(b));
            assert_eq!(a.same_lineage(&b, false), strict);
            assert_eq!(b.same_lineage(&a, true), lenient);
        }
    }
}
