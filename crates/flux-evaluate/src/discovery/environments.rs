//! Environments in paths, by which folders in several places belong to one cluster.

use foldhash::HashMap;
use source_tree::RepoPath;

/// Words that name an environment, alone or before or after a `-`.
const ENVIRONMENTS: [&str; 34] = [
    "acc",
    "canary",
    "ci",
    "demo",
    "dev",
    "development",
    "dr",
    "int",
    "integration",
    "ithc",
    "lab",
    "live",
    "mgmt",
    "nonprod",
    "perf",
    "pre",
    "preprod",
    "preproduction",
    "prd",
    "prod",
    "production",
    "ptl",
    "qa",
    "sandbox",
    "sbox",
    "snd",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "tst",
    "uat",
    "stable",
];

/// The end of a path that begins with an environment, such as `snd/01` of `infra/snd/01`.
pub(super) fn environment(path: &RepoPath) -> Option<String> {
    let parts: Vec<&str> = path.parts().collect();
    let first = parts.iter().position(|part| is_environment(part))?;
    Some(parts.get(first..)?.join("/"))
}

/// The part of a path that names an environment, with the number of its cluster if it has one: `snd/01` of `infra/snd/01`,
/// `prod` of `overlays/prod/web`.
pub(super) fn cluster_part(path: &RepoPath) -> Option<String> {
    let environment = environment(path)?;
    let mut parts = environment.split('/');
    let first = parts.next()?;
    let numbers = parts.take_while(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let parts: Vec<&str> = std::iter::once(first).chain(numbers).collect();
    Some(parts.join("/"))
}

/// The common start of the folders' environments, such as `prod` of `prod/a` and `prod/b`.
pub(super) fn common<'p>(folders: impl Iterator<Item = &'p RepoPath>) -> Option<String> {
    let mut environments = folders.map(|folder| environment(folder).unwrap_or_default());
    let first = environments.next()?;
    let common = environments.fold(first, |common, other| {
        let parts = common
            .split('/')
            .zip(other.split('/'))
            .take_while(|(a, b)| a == b);
        parts.map(|(part, _)| part).collect::<Vec<_>>().join("/")
    });
    Some(common).filter(|common| !common.is_empty())
}

/// The shortest start of each environment that is unique among them; `None` if even the whole is not unique.
pub(super) fn unique_starts(environments: &[Option<String>]) -> Vec<Option<&str>> {
    let mut counts: HashMap<&str, usize> = HashMap::default();
    let all = environments.iter().flatten();
    all.flat_map(|environment| starts(environment))
        .for_each(|start| *counts.entry(start).or_default() += 1);
    let environments = environments.iter().map(Option::as_deref);
    environments
        .map(|environment| {
            let least = cluster_part(&RepoPath::new(environment?))?;
            let mut starts = starts(environment?).filter(|start| start.len() >= least.len());
            starts.find(|start| counts.get(start) == Some(&1))
        })
        .collect()
}

/// The starts of a path, from its first part to the whole.
fn starts(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.filter_map(|end| path.get(..end))
}

fn is_environment(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    part.split(['-', '_']).any(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        ENVIRONMENTS.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_environment_have_it_in_common() {
        for (folders, expected) in [
            (&["prod/a", "prod/b"][..], Some("prod")),
            (&["infra/snd/01", "apps/snd/01"], Some("snd/01")),
            (&["prod/a", "dev/a"], None),
            (&["prod/a", "apps/a"], None),
            (&["prod/a"], Some("prod/a")),
            (&[], None),
        ] {
            let folders: Vec<RepoPath> = folders.iter().map(|folder| RepoPath::new(folder)).collect();
            assert_eq!(common(folders.iter()).as_deref(), expected, "{folders:?}");
        }
    }

    #[test]
    fn an_environment_may_have_numbered_clusters() {
        for (path, expected) in [
            ("infra/snd/01", Some("snd/01")),
            ("infra/snd/01/web", Some("snd/01")),
            ("overlays/prod/web", Some("prod")),
            ("apps/01", None),
        ] {
            assert_eq!(cluster_part(&RepoPath::new(path)).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn names_are_as_long_as_needed_to_differ() {
        for (environments, expected) in [
            (
                &["staging/web", "prod/web"][..],
                &[Some("staging"), Some("prod")][..],
            ),
            (
                &["prod/eu/web", "prod/us", "snd/01"],
                &[Some("prod/eu"), Some("prod/us"), Some("snd/01")],
            ),
            (&["prod", "prod/us"], &[None, Some("prod/us")]),
        ] {
            let environments: Vec<_> = environments.iter().map(|&path| Some(path.to_owned())).collect();
            assert_eq!(unique_starts(&environments), expected);
        }
    }

    #[test]
    fn the_end_of_a_path_names_its_environment() {
        for (path, expected) in [
            ("infra/snd/01", Some("snd/01")),
            ("components/cert-manager/configs/production", Some("production")),
            ("environments/prod-eu", Some("prod-eu")),
            ("apps/web", None),
        ] {
            assert_eq!(environment(&RepoPath::new(path)).as_deref(), expected, "{path}");
        }
    }
}
