//! The dependency order of Kustomizations.

use foldhash::HashMap;

use flux_evaluate::{Evaluated, KustomizationId};

/// The position of each Kustomization in dependency order, unique for each. A Kustomization comes after those that it depends on and
/// after the one that applies it; otherwise the order is by namespace and name.
pub(crate) fn ranks(kustomizations: &[&Evaluated]) -> Vec<usize> {
    let index: HashMap<&KustomizationId, usize> = kustomizations
        .iter()
        .enumerate()
        .filter_map(|(index, evaluated)| Some((evaluated.id.as_ref()?, index)))
        .collect();
    let before = kustomizations.iter().map(|evaluated| {
        let ids = evaluated.depends_on().iter().chain(&evaluated.parent);
        ids.filter_map(|id| index.get(id).copied()).collect()
    });
    let before: Vec<Vec<usize>> = before.collect();
    let depths = depths(&before);
    let mut order: Vec<usize> = (0..kustomizations.len()).collect();
    order.sort_by_key(|index| {
        (
            depths.get(*index).copied().unwrap_or_default(),
            kustomizations.get(*index).and_then(|e| e.id.as_ref()),
        )
    });
    let mut ranks = vec![0; order.len()];
    for (rank, index) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(index) {
            *slot = rank;
        }
    }
    ranks
}

/// The length of the longest path to each node along `before`. An edge that closes a circle does not count.
fn depths(before: &[Vec<usize>]) -> Vec<usize> {
    struct Frame {
        node: usize,
        next: usize,
        depth: usize,
    }
    let begin = |node| Frame {
        node,
        next: 0,
        depth: 0,
    };
    let mut open = vec![false; before.len()];
    let mut done: Vec<Option<usize>> = vec![None; before.len()];
    for start in 0..before.len() {
        if open[start] {
            continue;
        }
        open[start] = true;
        // An explicit stack: chains may be as long as the repository has Kustomizations.
        let mut stack = vec![begin(start)];
        while let Some(frame) = stack.last_mut() {
            let Some(&other) = before[frame.node].get(frame.next) else {
                done[frame.node] = Some(frame.depth);
                stack.pop();
                continue;
            };
            match done[other] {
                Some(depth) => {
                    frame.depth = frame.depth.max(depth + 1);
                    frame.next += 1;
                }
                None if open[other] => frame.next += 1,
                None => {
                    open[other] = true;
                    stack.push(begin(other));
                }
            }
        }
    }
    done.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_longest_ways_and_circles_end() {
        assert_eq!(depths(&[vec![], vec![0], vec![0, 1], vec![2, 0]]), [0, 1, 2, 3]);
        assert_eq!(depths(&[vec![2], vec![0], vec![1]]).len(), 3);
        assert_eq!(depths(&[vec![0]]), [0]);
    }
}
