//! ASCII tree of dependencies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use plain_text::markdown::shortened;

/// Deepest level that is still indented further.
const LEVELS: usize = 24;
/// Bound of the walk that finds the dependencies that a position in the tree implies.
const STEPS: usize = 20_000;
/// Most names that one remark lists.
const ALSO: usize = 4;

/// A forest in which every name occurs once, below the dependency that is ready last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    /// Lines without newline, neutralised.
    pub(crate) lines: Vec<String>,
    /// Names without dependencies and dependents.
    pub(crate) alone: Vec<String>,
    /// Names in a dependency cycle, or that wait for one.
    pub(crate) circle: Vec<String>,
    /// Names that are left out.
    pub(crate) more: usize,
}

/// Builds the tree of `depends_on`, about `limit` lines long. Names that are no key are left out.
pub(crate) fn tree(depends_on: &BTreeMap<&str, Vec<&str>>, limit: usize) -> Tree {
    let graph = Graph::new(depends_on);
    let (order, depth) = graph.by_depth();
    let placed: BTreeSet<&str> = order.iter().copied().collect();
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut roots = Vec::new();
    let mut above: BTreeMap<&str, &str> = BTreeMap::new();
    for name in &order {
        let dependencies = graph.dependencies(name).iter().copied().rev();
        match dependencies.max_by_key(|dep| depth.get(dep)) {
            Some(parent) => {
                children.entry(parent).or_default().push(name);
                above.insert(name, parent);
            }
            None => roots.push(*name),
        }
    }
    for below in children.values_mut() {
        below.sort_unstable();
    }
    roots.sort_unstable();

    let mut tree = Tree::default();
    let unplaced = depends_on.keys().filter(|name| !placed.contains(*name));
    tree.circle.extend(unplaced.map(|name| (*name).to_owned()));
    let mut lines = Vec::new();
    for root in roots {
        if !children.contains_key(root) {
            tree.alone.push(root.to_owned());
        } else if lines.len() < limit {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(shortened(root, 120).into_owned());
            graph.draw(root, &children, &above, limit, &mut lines);
        }
    }
    let drawn = lines
        .iter()
        .filter(|line| !line.is_empty() && !line.ends_with('│'));
    tree.more = order.len().saturating_sub(drawn.count() + tree.alone.len());
    tree.lines = lines;
    tree
}

struct Graph<'a> {
    depends_on: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Graph<'a> {
    fn new(depends_on: &BTreeMap<&'a str, Vec<&'a str>>) -> Self {
        let known = depends_on.iter().map(|(name, dependencies)| {
            let mut seen = BTreeSet::new();
            let dependencies = dependencies.iter().copied();
            let known = dependencies.filter(|dep| depends_on.contains_key(dep) && seen.insert(*dep));
            (*name, known.collect())
        });
        Graph {
            depends_on: known.collect(),
        }
    }

    fn dependencies(&self, name: &str) -> &[&'a str] {
        self.depends_on.get(name).map_or(&[], Vec::as_slice)
    }

    /// Names in topological order, and the length of the longest chain to each. Cycles are in neither.
    fn by_depth(&self) -> (Vec<&'a str>, BTreeMap<&'a str, usize>) {
        let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
        let mut dependents: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
        let mut ready = VecDeque::new();
        for (name, dependencies) in &self.depends_on {
            waiting.insert(name, dependencies.len());
            if dependencies.is_empty() {
                ready.push_back(*name);
            }
            for dependency in dependencies {
                dependents.entry(dependency).or_default().push(name);
            }
        }
        let mut order = Vec::new();
        let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
        while let Some(name) = ready.pop_front() {
            let dependencies = self.dependencies(name).iter();
            let deepest = dependencies.filter_map(|dep| depth.get(dep)).max();
            depth.insert(name, deepest.map_or(0, |depth| depth + 1));
            order.push(name);
            for dependent in dependents.get(name).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(dependent) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push_back(dependent);
                    }
                }
            }
        }
        (order, depth)
    }

    fn draw(
        &self,
        root: &'a str,
        children: &BTreeMap<&'a str, Vec<&'a str>>,
        above: &BTreeMap<&'a str, &'a str>,
        limit: usize,
        lines: &mut Vec<String>,
    ) {
        // A stack instead of recursion, as the repository decides the depth of a chain.
        let mut stack = vec![(root, "    ".to_owned(), 0_usize, 0_usize)];
        while let Some((name, indent, next, level)) = stack.pop() {
            let below = children.get(name).map_or(&[][..], Vec::as_slice);
            let Some(child) = below.get(next).copied() else {
                continue;
            };
            if next == 0 {
                lines.push(format!("{indent}│"));
            }
            let last = next + 1 == below.len();
            let mark = if last { "└──►" } else { "├──►" };
            let (name_of_child, also) = (shortened(child, 120), self.also(child, above));
            lines.push(format!("{indent}{mark} {name_of_child}{also}"));
            if lines.len() >= limit {
                return;
            }
            stack.push((name, indent.clone(), next + 1, level));
            if children.contains_key(child) {
                let deeper = match (level < LEVELS, last) {
                    (true, true) => format!("{indent}         "),
                    (true, false) => format!("{indent}│        "),
                    (false, _) => indent,
                };
                stack.push((child, deeper, 0, level + 1));
            }
        }
    }

    /// The dependencies that the position in the tree does not imply: those that nothing above waits for.
    fn also(&self, name: &str, above: &BTreeMap<&'a str, &'a str>) -> String {
        let Some(parent) = above.get(name) else {
            return String::new();
        };
        let mut implied: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![*parent];
        let mut steps = 0;
        while let Some(next) = open.pop() {
            steps += 1;
            if implied.insert(next) && steps < STEPS {
                open.extend(self.dependencies(next));
            }
        }
        let others = self.dependencies(name).iter();
        let others: Vec<_> = others.filter(|dep| !implied.contains(**dep)).collect();
        let shown: Vec<_> = others.iter().take(ALSO).map(|dep| shortened(dep, 120)).collect();
        match others.len() {
            0 => String::new(),
            n if n > ALSO => format!("  (also waits for {}, … {} more)", shown.join(", "), n - ALSO),
            _ => format!("  (also waits for {})", shown.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[track_caller]
    fn check(graph: &[(&'static str, &[&'static str])], expected: &str) -> Tree {
        let graph: BTreeMap<_, _> = graph.iter().map(|(name, deps)| (*name, deps.to_vec())).collect();
        let tree = tree(&graph, 300);
        assert_eq!(tree.lines.join("\n"), expected);
        tree
    }

    #[test]
    fn each_name_stands_below_the_dependency_that_is_ready_last() {
        check(
            &[
                ("base", &[]),
                ("vault", &["base"]),
                ("linkerd", &["vault"]),
                ("backend", &["vault", "linkerd"]),
                ("corestate", &["backend"]),
                ("gitservice", &["backend"]),
                ("loki", &["base"]),
                ("alloy", &["loki", "vault"]),
            ],
            "\
base
    │
    ├──► loki
    │        │
    │        └──► alloy  (also waits for vault)
    └──► vault
             │
             └──► linkerd
                      │
                      └──► backend
                               │
                               ├──► corestate
                               └──► gitservice",
        );
    }

    #[test]
    fn what_is_alone_or_in_a_circle_is_named() {
        let tree = check(
            &[
                ("alone", &["gone"]),
                ("a", &["b"]),
                ("b", &["a"]),
                ("c", &["b"]),
                ("x", &[]),
                ("y", &["x"]),
            ],
            "x\n    │\n    └──► y",
        );
        assert_eq!(tree.alone, ["alone"]);
        assert_eq!(tree.circle, ["a", "b", "c"]);
        assert_eq!(tree.more, 0);
    }

    #[test]
    fn a_huge_graph_is_cut_and_says_so() {
        let names: Vec<String> = (0..5000).map(|n| format!("k{n:04}")).collect();
        let mut graph: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            let from = at.saturating_sub(20);
            graph.insert(name, names[from..at].iter().map(String::as_str).collect());
        }
        let tree = tree(&graph, 300);
        assert!(tree.lines.len() <= 301, "{}", tree.lines.len());
        assert!(tree.more > 4000);
        assert!(tree.lines.iter().all(|line| line.len() < 2000));
    }

    #[test]
    fn hostile_names_stay_on_their_line() {
        let tree = check(
            &[("a", &[]), ("```\n# x !`id`", &["a"])],
            "a\n    │\n    └──► ''' # x !'id'",
        );
        assert!(tree.lines.iter().all(|line| !line.contains('\n')));
    }
}
