//! Choice among versions, by the rules of source-controller.

use masterminds_semver::{Constraints, Version};

use crate::problem::Problem;

/// A range of versions, as an object states it.
fn constraints(range: &str) -> Result<Constraints, Problem> {
    let range = if range.is_empty() { "*" } else { range };
    Constraints::parse(range).map_err(|error| {
        Problem::new(format!("its version `{range}` is no range of versions: {error}"))
            .hint("correct the version where it is declared")
    })
}

/// A version as source-controller parses those of tags and indexes: three numbers, perhaps after `v`.
///
/// <https://github.com/fluxcd/pkg/blob/main/version/version.go>
pub(crate) fn version(text: &str) -> Option<Version> {
    Version::parse_strict(text.strip_prefix('v').unwrap_or(text)).ok()
}

/// The candidate with the newest version within a range. Among equal versions, the one that `is_newer` than the others.
pub(crate) fn newest<'t, T>(
    range: &str,
    candidates: impl Iterator<Item = (&'t str, &'t T)>,
    is_newer: impl Fn(&T, &T) -> bool,
) -> Result<Option<&'t T>, Problem> {
    let constraints = constraints(range)?;
    let mut best: Option<(Version, &T)> = None;
    for (text, candidate) in candidates {
        let Some(version) = version(text).filter(|version| constraints.check(version)) else {
            continue;
        };
        let is_better = best
            .as_ref()
            .is_none_or(|(known, other)| match version.cmp(known) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => is_newer(candidate, other),
                std::cmp::Ordering::Less => false,
            });
        if is_better {
            best = Some((version, candidate));
        }
    }
    Ok(best.map(|(_, candidate)| candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_range() {
        let versions = ["1.2.3", "v1.10.0", "1.11.0-rc.1", "2.0.0", "2.0", "latest"];
        let check = |range: &str, expected: Option<&str>| {
            let candidates = versions.iter().map(|text| (*text, text));
            let found = newest(range, candidates, |_, _| false).unwrap();
            assert_eq!(found.copied(), expected, "{range}");
        };
        check("*", Some("2.0.0"));
        check("", Some("2.0.0"));
        check("1.x", Some("v1.10.0"));
        check(">=1.0.0-0 <2.0.0", Some("1.11.0-rc.1"));
        check("3.x", None);
        assert!(newest("x y z", versions.iter().map(|text| (*text, text)), |_, _| false).is_err());
    }
}
