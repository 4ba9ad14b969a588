//! Unique names of paths.

use foldhash::{HashMap, HashSet};
use source_tree::RepoPath;

use super::candidates::CLUSTER_FOLDERS;

/// One name per path: after the parts that all have in common, as many parts as make it unique, joined by `-`. Names are
/// changed so that they can be names of folders.
pub(super) fn names(paths: &[&RepoPath]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::default();
    let mut counts: HashMap<String, usize> = HashMap::default();
    let unique = |name: String| {
        let plain = legal_folder_name(&name);
        let mut name = plain.clone();
        while !taken.insert(name.clone()) {
            let count = counts.entry(plain.clone()).or_insert(1);
            *count += 1;
            name = format!("{plain}-{count}");
        }
        name
    };
    shortest(paths).into_iter().map(unique).collect()
}

/// A name that a folder on any system can have, without invisible letters.
pub fn legal_folder_name(name: &str) -> String {
    let is_filler = |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let fits = |c: char| (c.is_alphanumeric() && !is_filler(c)) || matches!(c, '-' | '_' | '.');
    let name: String = name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let name = name.trim_matches(['.', '-']);
    match name {
        "" => "cluster".to_owned(),
        // Catalog files lie beside the folders of clusters.
        name if name.to_ascii_lowercase().ends_with(".json") => name.replace('.', "-"),
        name => name.to_owned(),
    }
}

/// Names of folders for clusters or for Flux, which say nothing about one cluster.
const CONTAINERS: [&str; 15] = [
    "bootstrap",
    "cluster",
    "clusters",
    "environments",
    "envs",
    "flux",
    "flux-system",
    "flux2",
    "fluxcd",
    "gitops",
    "k8s",
    "kube",
    "kubernetes",
    "overlays",
    "sync",
];

/// More names of folders that say nothing about the only cluster.
const GENERIC: [&str; 4] = ["apps", "base", "config", "manifests"];

/// Whether a part of a path says something about a cluster. Any name does in a folder that contains clusters.
fn is_distinctive(parts: &[&str], index: usize) -> bool {
    let is_container = parts.get(index).is_some_and(|part| CONTAINERS.contains(part));
    let around = index.checked_sub(1).and_then(|index| parts.get(index));
    !is_container || around.is_some_and(|around| CLUSTER_FOLDERS.contains(around))
}

fn shortest(paths: &[&RepoPath]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = paths.iter().map(|path| path.parts().collect()).collect();
    if let [parts] = parts.as_slice() {
        return vec![only_name(parts)];
    }
    let shortest = parts.iter().map(Vec::len).min().unwrap_or(0);
    let common = (0..shortest)
        .take_while(|&index| {
            parts
                .iter()
                .all(|other| other.get(index) == parts.first().and_then(|p| p.get(index)))
        })
        .count();
    let rest = |parts: &Vec<&str>, counts: &dyn Fn(usize) -> bool| -> Vec<String> {
        let indices = (common..parts.len()).filter(|&index| counts(index));
        let found = indices.filter_map(|index| parts.get(index));
        found.map(|part| (*part).to_owned()).collect()
    };
    let telling: Vec<Vec<String>> = parts
        .iter()
        .map(|parts| rest(parts, &|index| is_distinctive(parts, index)))
        .collect();
    let mut counts: HashMap<&[String], usize> = HashMap::default();
    telling
        .iter()
        .for_each(|telling| *counts.entry(telling.as_slice()).or_default() += 1);
    let name = |(parts, telling): (&Vec<&str>, &Vec<String>), count: usize| {
        let is_only = counts.get(telling.as_slice()) == Some(&1);
        match (parts.len() > common, telling.is_empty()) {
            (false, _) => last(parts),
            // Only one path has no distinctive part.
            (true, true) if is_only => "cluster".to_owned(),
            (true, true) => rest(parts, &|index| index < common + count).join("-"),
            (true, false) if is_only => telling.get(..count).unwrap_or(telling).join("-"),
            // The folders around distinguish clusters of the same name.
            (true, false) => rest(parts, &|index| parts.get(index) != Some(&"clusters")).join("-"),
        }
    };
    let longest = parts.iter().map(Vec::len).max().unwrap_or(0);
    let mut names = (1..=longest.saturating_sub(common))
        .map(|count| parts.iter().zip(&telling).map(|path| name(path, count)).collect());
    let found = names.find(|names: &Vec<String>| is_unique(names));
    found.unwrap_or_else(|| parts.iter().map(|parts| parts.join("-")).collect())
}

/// The name of the only path: its last distinctive part (`prod` of `prod/flux`), with the part before it if that is a number
/// (`snd/01`).
fn only_name(parts: &[&str]) -> String {
    let is_name = |index: &usize| {
        let is_part = parts.get(*index).is_some_and(|part| GENERIC.contains(part));
        !is_part && is_distinctive(parts, *index)
    };
    let last = (0..parts.len()).rev().find(is_name);
    match last.and_then(|last| parts.get(..=last)) {
        Some([.., name, last]) if last.bytes().all(|byte| byte.is_ascii_digit()) => format!("{name}-{last}"),
        Some([.., last]) => (*last).to_owned(),
        _ => "cluster".to_owned(),
    }
}

fn last(parts: &[&str]) -> String {
    parts.last().copied().unwrap_or("root").to_owned()
}

fn is_unique(names: &[String]) -> bool {
    let mut seen: HashSet<&String> = HashSet::default();
    names.iter().all(|name| seen.insert(name))
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
        check(&["clusters/titania/bootstrap"], &["titania"]);
        check(&["flux/clusters/dev", "k8s/overlays/prod"], &["dev", "prod"]);
        check(&["kubernetes/flux/cluster"], &["cluster"]);
        check(&["kubernetes/flux"], &["cluster"]);
        check(&["home/cluster/base"], &["home"]);
        check(&["clusters/k8s"], &["k8s"]);
        check(&["kubernetes/flux/sync"], &["cluster"]);
        check(&[""], &["cluster"]);
        check(&["", "x"], &["root", "x"]);
    }

    #[test]
    fn folders_around_clusters_name_no_cluster() {
        check(
            &["clusters/production", "kubernetes/clusters/production"],
            &["production", "kubernetes-production"],
        );
        check(&["clusters/lab", "kubernetes/clusters/prod"], &["lab", "prod"]);
        check(
            &["clusters/a", "kubernetes/clusters/a", "kubernetes/clusters/b"],
            &["a", "kubernetes-a", "b"],
        );
        check(
            &[
                "kubernetes/flux",
                "kubernetes/main/flux",
                "kubernetes/utility/flux",
            ],
            &["cluster", "main", "utility"],
        );
        check(
            &["a/clusters/prod", "b/clusters/prod", "b/clusters/dev"],
            &["a-prod", "b-prod", "b-dev"],
        );
        check(&["clusters/k8s", "clusters/kube"], &["k8s", "kube"]);
        check(&["kubernetes", "gitops"], &["kubernetes", "gitops"]);
    }

    #[test]
    fn every_name_is_legal() {
        check(&[".archive/a", "clusters/b"], &["archive", "b"]);
        check(&["x/a b", "x/a:b"], &["a-b", "a-b-2"]);
        check(&["x/services.json", "x/..."], &["services-json", "cluster"]);
    }
}
