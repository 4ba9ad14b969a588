//! Paths turn into names that tell them apart.

use source_tree::RepoPath;

/// One name per path: as many path parts, after what all have in common, as are needed, joined by `-`.
pub(crate) fn names(paths: &[&RepoPath]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = paths.iter().map(|path| path.parts().collect()).collect();
    if parts.len() == 1 {
        return parts.iter().map(|parts| last(parts)).collect();
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
                Some(rest) => rest.get(..count).unwrap_or(rest).join("-"),
            })
            .collect();
        if unique(&names) {
            return names;
        }
    }
    paths.iter().map(|path| path.as_str().replace('/', "-")).collect()
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
        check(&["", "x"], &["root", "x"]);
    }
}
