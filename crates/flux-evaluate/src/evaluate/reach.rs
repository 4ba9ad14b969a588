//! What builds emit turns into the graph of Flux Kustomizations, breadth first from the cluster entry.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use source_tree::{Diagnostic, FileTable, Limits, RepoPath, codes};

use super::key::Key;
use super::limit_hint::LIMIT_HINT;
use crate::flux::{self, Fields, Kind, Kustomization};
use crate::{Applied, KustomizationId};

/// A Flux Kustomization as its parent applies it.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) object: Applied,
    pub(super) view: Kustomization,
    /// The Kustomization that emits it; none for what the bare entry holds, and for the entry's own.
    pub(super) parent: Option<KustomizationId>,
    pub(super) also_emitted_by: Vec<KustomizationId>,
}

/// Every Kustomization that is reached.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// The Kustomization whose path is the entry.
    pub(super) entry: Option<KustomizationId>,
    /// Further folders of the entry.
    joined: Vec<RepoPath>,
    /// Breadth first.
    pub(super) order: Vec<KustomizationId>,
    pub(super) definitions: BTreeMap<KustomizationId, Definition>,
}

/// Where emissions are read from.
pub(super) struct Emissions<'a> {
    /// What the bare entry, or a Kustomization, applies, and what controllers make of it. Nothing for what is not built.
    pub(super) objects: &'a dyn Fn(&Key) -> Option<Vec<&'a Applied>>,
    /// Whether a Kustomization's source is the one that holds the entry.
    pub(super) is_self: &'a dyn Fn(&Kustomization) -> bool,
    /// The entry in its artifact.
    pub(super) entry: &'a RepoPath,
    /// Further folders of the entry.
    pub(super) joined: &'a [RepoPath],
    pub(super) files: &'a FileTable,
    pub(super) limits: &'a Limits,
}

/// One Kustomization object and what emits it.
struct Emission {
    object: Applied,
    view: Kustomization,
    by: Option<KustomizationId>,
}

impl Reach {
    /// Walks the graph.
    pub(super) fn walk(
        emissions: &Emissions<'_>,
        made: &[&Applied],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut walk = Walk {
            emissions,
            diagnostics,
            found: BTreeMap::new(),
            first_parent: BTreeMap::new(),
            order: Vec::new(),
            left_out: BTreeSet::new(),
        };
        let bare = (emissions.objects)(&Key::Entry).unwrap_or_default();
        let entry = walk.entry(bare.iter().chain(made).copied());
        let mut queue = VecDeque::new();
        match entry {
            Some(entry) => {
                let id = entry.view.id.clone();
                walk.add(entry, &mut queue);
                // Until the entry is built with its own spec, what it holds is known from the bare build.
                if (emissions.objects)(&Key::Kustomization(id.clone())).is_none() {
                    walk.emit(bare, Some(&id), &mut queue);
                }
                walk.emit_joined(&mut queue);
                walk.run(queue);
                walk.finish(Some(id))
            }
            None => {
                walk.emit(bare, None, &mut queue);
                walk.emit_joined(&mut queue);
                walk.run(queue);
                walk.finish(None)
            }
        }
    }

    /// The keys of everything that is built, in order. The bare entry comes first where no Kustomization points at it.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let bare = self.entry.is_none().then_some(Key::Entry);
        bare.into_iter()
            .chain(self.joined.iter().cloned().map(Key::Joined))
            .chain(self.order.iter().cloned().map(Key::Kustomization))
    }
}

struct Walk<'a, 'e> {
    emissions: &'e Emissions<'a>,
    diagnostics: &'e mut Vec<Diagnostic>,
    found: BTreeMap<KustomizationId, Vec<Emission>>,
    first_parent: BTreeMap<KustomizationId, KustomizationId>,
    order: Vec<KustomizationId>,
    /// Which bounds were met.
    left_out: BTreeSet<Bound>,
}

/// A bound of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    Kustomizations,
    Generations,
}

impl<'a> Walk<'a, '_> {
    fn read(&mut self, object: &Applied, by: Option<&KustomizationId>) -> Option<Emission> {
        let applied = object.rendered.as_ref().unwrap_or(&object.node);
        if flux::kind(applied) != Some(Kind::Kustomization) {
            return None;
        }
        let namespace = by.map_or(flux::DEFAULT_NAMESPACE, |id| id.namespace.as_str());
        let mut fields = Fields::new(applied, self.emissions.files, self.diagnostics).built_as(&object.built);
        Some(Emission {
            view: Kustomization::read(applied, namespace, &mut fields),
            object: object.clone(),
            by: by.cloned(),
        })
    }

    /// The Kustomization whose path is the entry, as its own build emits it, else as the bare entry holds it.
    fn entry<'o>(&mut self, objects: impl Iterator<Item = &'o Applied>) -> Option<Emission> {
        let mut objects = objects;
        let found = objects.find_map(|object| self.read(object, None).filter(|e| self.points_at_entry(e)))?;
        let id = found.view.id.clone();
        let own = (self.emissions.objects)(&Key::Kustomization(id.clone())).unwrap_or_default();
        let own = own
            .into_iter()
            .filter(|object| object.generated_by.is_none())
            .find_map(|object| {
                let emission = self.read(object, Some(&id))?;
                (emission.view.id == id && self.points_at_entry(&emission)).then_some(emission)
            });
        Some(Emission {
            by: None,
            ..own.unwrap_or(found)
        })
    }

    fn points_at_entry(&self, emission: &Emission) -> bool {
        RepoPath::new(&emission.view.path) == *self.emissions.entry
            && (self.emissions.is_self)(&emission.view)
    }

    fn emit_joined(&mut self, queue: &mut VecDeque<KustomizationId>) {
        for folder in self.emissions.joined {
            let objects = (self.emissions.objects)(&Key::Joined(folder.clone())).unwrap_or_default();
            self.emit(objects, None, queue);
        }
    }

    fn run(&mut self, mut queue: VecDeque<KustomizationId>) {
        while let Some(id) = queue.pop_front() {
            // What goes to another cluster is that cluster's to reconcile.
            let remote = self
                .found
                .get(&id)
                .and_then(|all| all.first())
                .is_some_and(|e| e.view.kube_config.is_some());
            if remote {
                continue;
            }
            let objects = (self.emissions.objects)(&Key::Kustomization(id.clone())).unwrap_or_default();
            self.emit(objects, Some(&id), &mut queue);
        }
    }

    fn emit(
        &mut self,
        objects: Vec<&'a Applied>,
        by: Option<&KustomizationId>,
        queue: &mut VecDeque<KustomizationId>,
    ) {
        for object in objects {
            if let Some(emission) = self.read(object, by) {
                self.add(emission, queue);
            }
        }
    }

    fn add(&mut self, emission: Emission, queue: &mut VecDeque<KustomizationId>) {
        let id = emission.view.id.clone();
        match self.found.get_mut(&id) {
            Some(known) => {
                let by_itself = emission
                    .by
                    .as_ref()
                    .is_some_and(|by| is_below(by, &id, &self.first_parent));
                let known_emitter = known.iter().any(|other| other.by == emission.by);
                if !by_itself && !known_emitter {
                    known.push(emission);
                }
            }
            None => {
                if let Some(bound) = self.bound(&emission) {
                    self.leave_out(&emission, bound);
                    return;
                }
                if let Some(by) = &emission.by {
                    self.first_parent.insert(id.clone(), by.clone());
                }
                self.found.insert(id.clone(), vec![emission]);
                self.order.push(id.clone());
                queue.push_back(id);
            }
        }
    }

    /// The bound that keeps a Kustomization out of the graph.
    fn bound(&self, emission: &Emission) -> Option<Bound> {
        let limits = self.emissions.limits;
        if self.found.len() >= limits.kustomizations {
            return Some(Bound::Kustomizations);
        }
        let mut times = 0;
        let mut ancestor = emission.by.as_ref();
        while let Some(id) = ancestor {
            let same = self
                .found
                .get(id)
                .and_then(|all| all.first())
                .is_some_and(|other| other.view.path == emission.view.path);
            times += usize::from(same);
            ancestor = self.first_parent.get(id);
        }
        (times > limits.generations).then_some(Bound::Generations)
    }

    /// Says so once for each bound: what met it may have made any number.
    fn leave_out(&mut self, emission: &Emission, bound: Bound) {
        if !self.left_out.insert(bound) {
            return;
        }
        let (id, limits) = (&emission.view.id, self.emissions.limits);
        let message = match bound {
            Bound::Kustomizations => format!(
                "more than {} Kustomizations: {id} and those after it are left out",
                limits.kustomizations
            ),
            Bound::Generations => format!(
                "Kustomization {id} builds {} again, as do more than {} that it comes from: it and its like are left out",
                emission.view.path, limits.generations
            ),
        };
        self.diagnostics.push(
            Diagnostic::error(codes::LIMIT_REACHED, message)
                .at(self.emissions.files.place(emission.object.mark))
                .on(format!("Kustomization/{id}"))
                .hint(LIMIT_HINT),
        );
    }

    /// Decides whose word counts where several emit one Kustomization.
    fn finish(self, entry: Option<KustomizationId>) -> Reach {
        let after: BTreeMap<KustomizationId, Vec<KustomizationId>> = self
            .found
            .iter()
            .map(|(id, emissions)| {
                let waits = emissions.iter().flat_map(|emission| {
                    emission
                        .by
                        .iter()
                        .cloned()
                        .chain(emission.view.depends_on.iter().cloned())
                });
                (id.clone(), waits.collect())
            })
            .collect();
        let mut definitions = BTreeMap::new();
        for (id, mut emissions) in self.found {
            let is_entry = entry.as_ref() == Some(&id);
            let last = if is_entry {
                0
            } else {
                last_word(&emissions, &after)
            };
            let winner = emissions.remove(last.min(emissions.len().saturating_sub(1)));
            definitions.insert(
                id,
                Definition {
                    object: winner.object,
                    view: winner.view,
                    parent: winner.by,
                    also_emitted_by: emissions.into_iter().filter_map(|emission| emission.by).collect(),
                },
            );
        }
        Reach {
            entry,
            joined: self.emissions.joined.to_vec(),
            order: self.order,
            definitions,
        }
    }
}

/// Whether `id` is `ancestor` or was first reached through it.
fn is_below(
    id: &KustomizationId,
    ancestor: &KustomizationId,
    first_parent: &BTreeMap<KustomizationId, KustomizationId>,
) -> bool {
    let mut current = Some(id);
    let mut steps = 0;
    while let Some(id) = current {
        if id == ancestor {
            return true;
        }
        steps += 1;
        if steps > first_parent.len() {
            return false;
        }
        current = first_parent.get(id);
    }
    false
}

/// The position of the emission that is applied last: by an emitter that waits for the other ones, else by the
/// emitter whose name comes last.
fn last_word(emissions: &[Emission], after: &BTreeMap<KustomizationId, Vec<KustomizationId>>) -> usize {
    let mut best = 0;
    for (index, emission) in emissions.iter().enumerate().skip(1) {
        let (Some(by), Some(best_by)) = (&emission.by, emissions.get(best).and_then(|e| e.by.as_ref()))
        else {
            // The bare entry is applied once, by hand.
            if emission.by.is_some() {
                best = index;
            }
            continue;
        };
        let later = waits_for(by, best_by, after) || (!waits_for(best_by, by, after) && by > best_by);
        if later {
            best = index;
        }
    }
    best
}

fn waits_for(
    id: &KustomizationId,
    other: &KustomizationId,
    after: &BTreeMap<KustomizationId, Vec<KustomizationId>>,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut stack = vec![id];
    while let Some(current) = stack.pop() {
        for next in after.get(current).into_iter().flatten() {
            if next == other {
                return true;
            }
            if seen.insert(next) {
                stack.push(next);
            }
        }
    }
    false
}
