//! Environments in paths: the parts by which folders of one cluster are found in several places.

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

/// The end of a path that begins with an environment, such as `snd/01` of `infra/snd/01`; none where there is none.
pub(super) fn environment(path: &RepoPath) -> Option<String> {
    let parts: Vec<&str> = path.parts().collect();
    let first = parts.iter().position(|part| is_environment(part))?;
    Some(parts.get(first..)?.join("/"))
}

/// What the environments of folders have in common, such as `prod` of `prod/a` and `prod/b`; none where that is nothing.
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
