//! The key texts of items in lists with several keys.
//!
//! Tuples that differ only in missing texts mean the same item. They are completed from each other in the order of the
//! list, as `mergeValues` does by comparing all pairs
//! (<https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/walk/associative_sequence.go>).

use std::collections::BTreeSet;

use foldhash::HashMap;
use smol_str::SmolStr;

/// The texts of an item's keys, "" for a missing one.
pub(super) type Tuple = Vec<SmolStr>;

/// The most keys for which tuples are completed without comparing all pairs.
const MAX_KEYS: usize = 4;
/// The most tuples for comparing all pairs, far more than in any real list.
const MAX_COMPARED: usize = 4096;

/// A bit for each position of a tuple that has a text.
type Bits = u8;

/// Completes tuples from each other. `false`, without changes, if that would take too long.
pub(super) fn fill_in(tuples: &mut [Tuple]) -> bool {
    let keys = tuples.first().map_or(0, Vec::len);
    if keys > MAX_KEYS {
        let feasible = tuples.len() <= MAX_COMPARED;
        if feasible {
            each_with_each(tuples);
        }
        return feasible;
    }
    let mut index = TupleIndex::default();
    for (at, tuple) in tuples.iter().enumerate() {
        index.add(at, tuple);
    }
    for at in 0..tuples.len() {
        let Some(tuple) = tuples.get(at).cloned() else {
            break;
        };
        let matching = index.matching(at, &tuple, keys);
        let mut filled = None;
        for other in matching {
            let Some(second) = tuples.get_mut(other) else {
                continue;
            };
            let union = union(&tuple, second);
            if union != *second {
                index.remove(other, second);
                index.add(other, &union);
                second.clone_from(&union);
            }
            filled = Some(union);
        }
        if let (Some(filled), Some(tuple)) = (filled, tuples.get_mut(at)) {
            index.remove(at, tuple);
            index.add(at, &filled);
            *tuple = filled;
        }
    }
    true
}

fn each_with_each(tuples: &mut [Tuple]) {
    for i in 0..tuples.len() {
        let Some(first) = tuples.get(i).cloned() else {
            return;
        };
        for j in 0..tuples.len() {
            let Some(filled) = tuples
                .get(j)
                .filter(|second| is_compatible(&first, second))
                .map(|second| union(&first, second))
            else {
                continue;
            };
            for at in [i, j] {
                if let Some(tuple) = tuples.get_mut(at) {
                    tuple.clone_from(&filled);
                }
            }
        }
    }
}

fn is_compatible(first: &Tuple, second: &Tuple) -> bool {
    let pairs = || first.iter().zip(second);
    pairs().any(|(a, b)| a == b) && pairs().all(|(a, b)| a == b || a.is_empty() || b.is_empty())
}

fn union(first: &Tuple, second: &Tuple) -> Tuple {
    let pairs = first.iter().zip(second);
    pairs
        .map(|(a, b)| if a.is_empty() { b } else { a }.clone())
        .collect()
}

fn bits(tuple: &Tuple) -> Bits {
    let bits = tuple.iter().enumerate();
    bits.fold(0, |bits, (at, text)| bits | (Bits::from(!text.is_empty()) << at))
}

/// The texts at some positions.
fn select(tuple: &Tuple, positions: Bits) -> Tuple {
    let pairs = tuple.iter().enumerate();
    pairs
        .filter(|(at, _)| positions & (1 << at) != 0)
        .map(|(_, text)| text.clone())
        .collect()
}

/// Tuples by the positions they have, a subset of these, and the texts at the subset.
#[derive(Default)]
struct TupleIndex(HashMap<(Bits, Bits, Tuple), BTreeSet<usize>>);

impl TupleIndex {
    fn add(&mut self, at: usize, tuple: &Tuple) {
        let bits = bits(tuple);
        for positions in (0..=bits).filter(|positions| positions & !bits == 0) {
            let key = (bits, positions, select(tuple, positions));
            self.0.entry(key).or_default().insert(at);
        }
    }

    fn remove(&mut self, at: usize, tuple: &Tuple) {
        let bits = bits(tuple);
        for positions in (0..=bits).filter(|positions| positions & !bits == 0) {
            if let Some(all) = self.0.get_mut(&(bits, positions, select(tuple, positions))) {
                all.remove(&at);
            }
        }
    }

    /// In order, the other tuples that share a text with this one and differ only in missing texts. Of equal tuples,
    /// only the last, because the others change nothing.
    fn matching(&self, at: usize, tuple: &Tuple, keys: usize) -> Vec<usize> {
        let own = bits(tuple);
        let all = (1_u8 << keys) - 1;
        let mut found = BTreeSet::new();
        for theirs in 0..=all {
            let both = own & theirs;
            let neither = all & !(own | theirs);
            if both == 0 && neither == 0 {
                continue;
            }
            let Some(others) = self.0.get(&(theirs, both, select(tuple, both))) else {
                continue;
            };
            if theirs == own {
                found.extend(others.iter().rev().find(|other| **other != at));
            } else {
                found.extend(others);
            }
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completing_tuples_gives_the_result_of_comparing_all_pairs() {
        let texts = ["", "a", "b", "c"];
        let mut seed = 7_usize;
        let mut next = |bound: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % bound
        };
        for _ in 0..3_000 {
            let keys = 2 + next(2);
            let mut tuples: Vec<Tuple> = Vec::new();
            for _ in 0..next(12) {
                let tuple: Tuple = (0..keys).map(|_| texts[next(4)].into()).collect();
                if !tuples.contains(&tuple) {
                    tuples.push(tuple);
                }
            }
            let mut expected = tuples.clone();
            each_with_each(&mut expected);
            let before = tuples.clone();
            assert!(fill_in(&mut tuples));
            assert_eq!(tuples, expected, "{before:?}");
        }
    }
}
