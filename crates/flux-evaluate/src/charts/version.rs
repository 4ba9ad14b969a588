//! Choice among several versions of a chart.
//!
//! The requested version, else the newest in the requested range, as source-controller chooses from the index of a repository
//! (<https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/helm/repository/chart_repository.go>). If there is
//! neither, the nearest version is used, and the choice says so.

use masterminds_semver::{Constraints, Version};

/// The chosen version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) index: usize,
    pub(super) is_wanted: bool,
}

/// Chooses among versions. `None` if there are none.
pub(super) fn choose(versions: &[&str], wanted: Option<&str>) -> Option<Choice> {
    let wanted = wanted.map_or("*", str::trim);
    let wanted = match wanted {
        "" | "latest" => "*",
        wanted => wanted,
    };
    let exact = versions.iter().position(|version| is_same(version, wanted));
    if let Some(index) = exact {
        return Some(Choice {
            index,
            is_wanted: true,
        });
    }
    let parsed: Vec<(usize, Version)> = versions
        .iter()
        .enumerate()
        .filter_map(|(index, version)| Some((index, Version::parse(version).ok()?)))
        .collect();
    if let Ok(constraints) = Constraints::parse(wanted) {
        let fitting = parsed.iter().filter(|(_, version)| constraints.check(version));
        if let Some((index, _)) = fitting.max_by(|(_, a), (_, b)| a.cmp(b)) {
            return Some(Choice {
                index: *index,
                is_wanted: true,
            });
        }
    }
    let near = first_version(wanted);
    let nearest = parsed.iter().max_by(|(_, a), (_, b)| {
        let closeness = |version: &Version| {
            near.as_ref().map_or(0, |near| match version {
                version if version.major() != near.major() => 0,
                version if version.minor() != near.minor() => 1,
                _ => 2,
            })
        };
        closeness(a).cmp(&closeness(b)).then_with(|| a.cmp(b))
    });
    let index = nearest
        .map(|(index, _)| *index)
        .or((!versions.is_empty()).then_some(0))?;
    Some(Choice {
        index,
        is_wanted: wanted == "*",
    })
}

/// Whether two texts are the same version. Tags of a registry have `_` instead of `+`, and some have a prefix `v`.
fn is_same(version: &str, wanted: &str) -> bool {
    let bare = |text: &str| text.strip_prefix('v').unwrap_or(text).replace('_', "+");
    version == wanted || bare(version) == bare(wanted)
}

/// The first version in a range.
fn first_version(range: &str) -> Option<Version> {
    let start = range.find(|c: char| c.is_ascii_digit())?;
    let text = range.get(start..)?;
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | '<' | '>' | '='))
        .unwrap_or(text.len());
    let text = text.get(..end)?.trim_end_matches(['x', 'X', '*', '.']);
    Version::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(versions: &[&str], wanted: Option<&str>, expected: &str, is_wanted: bool) {
        let choice = choose(versions, wanted).unwrap();
        assert_eq!(
            (versions[choice.index], choice.is_wanted),
            (expected, is_wanted),
            "{wanted:?}"
        );
    }

    #[test]
    fn the_stated_version_then_the_newest_in_the_range_then_the_nearest() {
        let versions = ["1.2.3", "1.4.0", "1.5.0-rc.1", "2.0.0", "v3.1.0", "4.0.0+5"];
        check(&versions, Some("1.2.3"), "1.2.3", true);
        check(&versions, Some("3.1.0"), "v3.1.0", true);
        check(&versions, Some("4.0.0_5"), "4.0.0+5", true);
        check(&versions, Some("^1.2"), "1.4.0", true);
        check(&versions, Some(">=1.0.0-0 <2.0.0"), "1.5.0-rc.1", true);
        check(&versions, None, "4.0.0+5", true);
        check(&versions, Some("1.4.7"), "1.4.0", false);
        check(&versions, Some("2.7.x"), "2.0.0", false);
        check(&versions, Some("9.9.9"), "4.0.0+5", false);
        check(&["main"], Some("1.0.0"), "main", false);
        assert_eq!(choose(&[], None), None);
    }
}
