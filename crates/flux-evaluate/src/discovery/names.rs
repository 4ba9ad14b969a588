//! Names that tell paths apart.

use foldhash::{HashMap, HashSet};
use source_tree::RepoPath;

/// One name per path: as many path parts, after what all have in common, as are needed, joined by `-`.
///
/// Each can be the name of a folder: hidden ones and those of other characters are changed.
pub(crate) fn names(paths: &[&RepoPath]) -> Vec<String> {
    let names: Vec<String> = shortest(paths)
        .iter()
        .map(|name| legal_folder_name(name))
        .collect();
    let mut taken: HashSet<String> = HashSet::default();
    let mut counts: HashMap<String, usize> = HashMap::default();
    names
        .into_iter()
        .map(|plain| {
            let mut name = plain.clone();
            while taken.contains(&name) {
                let count = counts.entry(plain.clone()).or_insert(1);
                *count += 1;
                name = format!("{plain}-{count}");
            }
            taken.insert(name.clone());
            name
        })
        .collect()
}

/// A name that a folder on any system can have, and that a person sees: some letters have no look of their own.
pub fn legal_folder_name(name: &str) -> String {
    let is_filler = |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let fits = |c: char| (c.is_alphanumeric() && !is_filler(c)) || matches!(c, '-' | '_' | '.');
    let name: String = name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let name = name.trim_matches(['.', '-']);
    match name {
        "" => "cluster".to_owned(),
        // Files of the catalogs stand beside the folders of clusters.
        name if name.to_ascii_lowercase().ends_with(".json") => name.replace('.', "-"),
        name => name.to_owned(),
    }
}

fn shortest(paths: &[&RepoPath]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = paths.iter().map(|path| path.parts().collect()).collect();
    if parts.len() == 1 {
        return parts.iter().map(|parts| of_one(parts)).collect();
    }
    let shortest = parts.iter().map(Vec::len).min().unwrap_or(0);
    let common = (0..shortest)
        .take_while(|&index| {
            parts
                .iter()
                .all(|other| other.get(index) == parts.first().and_then(|p| p.get(index)))
        })
        .count();
    let longest = parts.iter().map(Vec::len).max().unwrap_or(0);
    for count in 1..=longest.saturating_sub(common) {
        let names: Vec<String> = parts
            .iter()
            .map(|parts| match parts.get(common..) {
                None | Some([]) => last(parts),
                // The folder around clusters tells nothing of one of them.
                Some(["clusters", rest @ ..]) if !rest.is_empty() => {
                    rest.get(..count).unwrap_or(rest).join("-")
                }
                Some(rest) => rest.get(..count).unwrap_or(rest).join("-"),
            })
            .collect();
        if unique(&names) {
            return names;
        }
    }
    paths.iter().map(|path| path.as_str().replace('/', "-")).collect()
}

/// The name of the only path: the last part that tells something (`prod` of `prod/flux`), where that is a number with the part before
/// it (`snd/01`).
fn of_one(parts: &[&str]) -> String {
    const TELLS_NOTHING: [&str; 12] = [
        "apps",
        "base",
        "cluster",
        "clusters",
        "config",
        "flux",
        "flux-system",
        "gitops",
        "k8s",
        "kube",
        "kubernetes",
        "manifests",
    ];
    let last = parts.iter().rposition(|part| !TELLS_NOTHING.contains(part));
    match last.and_then(|last| parts.get(..=last)) {
        Some([.., name, last]) if last.bytes().all(|byte| byte.is_ascii_digit()) => format!("{name}-{last}"),
        Some([.., last]) => (*last).to_owned(),
        _ => "cluster".to_owned(),
    }
}

fn last(parts: &[&str]) -> String {
    parts.last().copied().unwrap_or("root").to_owned()
}

fn unique(names: &[String]) -> bool {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[&str], expected: &[&str]) {
        let paths: Vec<RepoPath> = paths.iter().map(|path| RepoPath::new(path)).collect();
        assert_eq!(names(&paths.iter().collect::<Vec<_>>()), expected);
    }

    #[test]
    fn names_are_as_short_as_they_can_be() {
        check(&["clusters/main"], &["main"]);
        check(&["clusters/main", "clusters/lab"], &["main", "lab"]);
        check(&["k8s/a/flux/cluster", "k8s/b/flux/cluster"], &["a", "b"]);
        check(
            &["clusters/prod/eu", "clusters/prod/us", "clusters/dev/eu"],
            &["prod-eu", "prod-us", "dev-eu"],
        );
        check(&["clusters/a", "clusters/a/b"], &["a", "b"]);
        check(
            &["clusters/prod", "clusters/prod/clusters/edge"],
            &["prod", "edge"],
        );
        check(&["clusters/snd/01"], &["snd-01"]);
        check(&["environments/snd/01"], &["snd-01"]);
        check(&["clusters/prod/flux"], &["prod"]);
        check(&["kubernetes/flux/cluster"], &["cluster"]);
        check(&["kubernetes/flux"], &["cluster"]);
        check(&["home/cluster/base"], &["home"]);
        check(&[""], &["cluster"]);
        check(&["", "x"], &["root", "x"]);
    }

    #[test]
    fn every_name_is_legal() {
        check(&[".archive/a", "clusters/b"], &["archive", "b"]);
        check(&["x/a b", "x/a:b"], &["a-b", "a-b-2"]);
        check(&["x/services.json", "x/..."], &["services-json", "cluster"]);
    }
}
