//! Objects of builds turn into the graph of Flux Kustomizations, breadth first from the cluster entry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use source_tree::{Diagnostic, FileTable, Limits, Mark, RepoPath, codes};

use super::key::Key;
use super::limit_hint::LIMIT_HINT;
use super::views::KustomizationView;
use crate::flux::{self, Kustomization};
use crate::{Applied, KustomizationId};

/// A Flux Kustomization as its parent applies it.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) object: Applied,
    pub(super) view: Arc<Kustomization>,
    /// The Kustomization that emits it; `None` for objects of the bare entry, and for the entry's own Kustomization.
    pub(super) parent: Option<KustomizationId>,
    pub(super) also_emitted_by: Vec<KustomizationId>,
}

/// The Kustomizations that the entry leads to.
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

/// Inputs of the graph.
pub(super) struct Emissions<'a> {
    /// The Kustomizations that a key applies, and those that controllers make from its objects; `None` if it is not built.
    pub(super) emitted: &'a dyn Fn(&Key) -> Option<Vec<Emitted<'a>>>,
    /// Whether a Kustomization's source contains the entry.
    pub(super) is_self: &'a dyn Fn(&Kustomization) -> bool,
    /// The path of the entry in its artifact.
    pub(super) entry: &'a RepoPath,
    /// Further folders of the entry.
    pub(super) joined: &'a [RepoPath],
    pub(super) files: &'a FileTable,
    pub(super) limits: &'a Limits,
}

/// An object that may be a Kustomization.
#[derive(Clone, Copy)]
pub(super) struct Emitted<'a> {
    pub(super) object: &'a Applied,
    /// Its view, if it was read already.
    pub(super) read: Option<&'a KustomizationView>,
}

/// A Kustomization object and its emitter.
struct Emission {
    object: Applied,
    view: Arc<Kustomization>,
    by: Option<KustomizationId>,
}

impl Reach {
    /// Walks the graph.
    pub(super) fn walk(
        emissions: &Emissions<'_>,
        generated: &[&Applied],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut walk = Walk {
            emissions,
            diagnostics,
            found: HashMap::default(),
            first_parent: HashMap::default(),
            order: Vec::new(),
            left_out: BTreeSet::new(),
        };
        let bare = (emissions.emitted)(&Key::Entry).unwrap_or_default();
        let generated = generated.iter().map(|object| Emitted { object, read: None });
        let entry = walk.entry(bare.iter().copied().chain(generated));
        let id = entry.as_ref().map(|entry| entry.view.id.clone());
        if let Some(entry) = entry {
            walk.add(entry);
        }
        let own = id.clone().map(Key::Kustomization);
        // Until the entry is built with its own spec, its objects are those of the bare build.
        if own.is_none_or(|own| (emissions.emitted)(&own).is_none()) {
            walk.emit(bare, id.as_ref());
        }
        for folder in emissions.joined {
            let objects = (emissions.emitted)(&Key::Joined(folder.clone()));
            walk.emit(objects.unwrap_or_default(), None);
        }
        walk.run();
        walk.finish(id)
    }

    /// Whether the objects of a key go to another cluster.
    pub(super) fn is_remote(&self, key: &Key) -> bool {
        let definition = key.kustomization().and_then(|id| self.definitions.get(id));
        definition.is_some_and(|definition| definition.view.kube_config.is_some())
    }

    /// The place of a Kustomization object.
    pub(super) fn mark(&self, id: &KustomizationId) -> Mark {
        let definition = self.definitions.get(id);
        definition.map_or(Mark::NONE, |definition| definition.object.mark)
    }

    /// The first of [`Reach::keys`].
    pub(super) fn first_key(&self) -> Key {
        self.keys().next().unwrap_or(Key::Entry)
    }

    /// The keys of everything that is built, in order. The bare entry comes first if no Kustomization points at it.
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
    found: HashMap<KustomizationId, Vec<Emission>>,
    first_parent: HashMap<KustomizationId, KustomizationId>,
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
    fn read(&mut self, emitted: Emitted<'_>, by: Option<&KustomizationId>) -> Option<Emission> {
        let Emitted { object, read } = emitted;
        let namespace = by.map_or(flux::DEFAULT_NAMESPACE, |id| id.namespace.as_str());
        let view = match read.filter(|read| *read.namespace == *namespace) {
            Some(read) => {
                self.diagnostics.extend(read.diagnostics.iter().cloned());
                Arc::clone(&read.view)
            }
            None => {
                let read = KustomizationView::read(object, &namespace.into(), self.emissions.files)?;
                self.diagnostics.extend(read.diagnostics);
                read.view
            }
        };
        Some(Emission {
            view,
            object: object.clone(),
            by: by.cloned(),
        })
    }

    /// The Kustomization whose path is the entry, as its own build emits it, or else as the bare entry defines it.
    fn entry<'o>(&mut self, mut objects: impl Iterator<Item = Emitted<'o>>) -> Option<Emission> {
        let found = objects.find_map(|object| self.read(object, None).filter(|e| self.points_at_entry(e)))?;
        let id = found.view.id.clone();
        let own = (self.emissions.emitted)(&Key::Kustomization(id.clone())).unwrap_or_default();
        let own = own
            .into_iter()
            .filter(|emitted| emitted.object.generated_by.is_none())
            .find_map(|emitted| {
                let emission = self.read(emitted, Some(&id))?;
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

    /// Visits the Kustomizations in `order`, which grows meanwhile.
    fn run(&mut self) {
        let mut next = 0;
        while let Some(id) = self.order.get(next).cloned() {
            next += 1;
            // Kustomizations that go to another cluster are reconciled there.
            let first = self.found.get(&id).and_then(|all| all.first());
            if first.is_some_and(|first| first.view.kube_config.is_some()) {
                continue;
            }
            let objects = (self.emissions.emitted)(&Key::Kustomization(id.clone())).unwrap_or_default();
            self.emit(objects, Some(&id));
        }
    }

    fn emit(&mut self, objects: Vec<Emitted<'a>>, by: Option<&KustomizationId>) {
        for emitted in objects {
            if let Some(emission) = self.read(emitted, by) {
                self.add(emission);
            }
        }
    }

    fn add(&mut self, emission: Emission) {
        let id = emission.view.id.clone();
        match self.found.get_mut(&id) {
            Some(known) => {
                let is_by_itself =
                    ancestors(emission.by.as_ref(), &self.first_parent).any(|ancestor| *ancestor == id);
                let is_known_emitter = known.iter().any(|other| other.by == emission.by);
                if !is_by_itself && !is_known_emitter {
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
                self.order.push(id);
            }
        }
    }

    /// The bound that keeps a Kustomization out of the graph.
    fn bound(&self, emission: &Emission) -> Option<Bound> {
        let limits = self.emissions.limits;
        if self.found.len() >= limits.kustomizations {
            return Some(Bound::Kustomizations);
        }
        let has_same_path = |id: &&KustomizationId| {
            let first = self.found.get(id).and_then(|all| all.first());
            first.is_some_and(|other| other.view.path == emission.view.path)
        };
        let emitters = ancestors(emission.by.as_ref(), &self.first_parent);
        let count = emitters.filter(has_same_path).count();
        (count > limits.generations).then_some(Bound::Generations)
    }

    /// Reports each bound once, however many Kustomizations it leaves out.
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

    /// Decides which object counts if several emit the same Kustomization.
    fn finish(self, entry: Option<KustomizationId>) -> Reach {
        let mut after: HashMap<KustomizationId, Vec<KustomizationId>> = HashMap::default();
        if self.found.values().any(|emissions| emissions.len() > 1) {
            after.extend(self.found.iter().map(|(id, emissions)| {
                let waits = emissions.iter().flat_map(|emission| {
                    let depends_on = &emission.view.depends_on;
                    emission.by.iter().chain(depends_on).cloned()
                });
                (id.clone(), waits.collect())
            }));
        }
        let definitions = self.found.into_iter().map(|(id, mut emissions)| {
            let last = match entry.as_ref() == Some(&id) {
                true => 0,
                false => last_applied(&emissions, &after),
            };
            let winner = emissions.remove(last.min(emissions.len().saturating_sub(1)));
            let definition = Definition {
                object: winner.object,
                view: winner.view,
                parent: winner.by,
                also_emitted_by: emissions.into_iter().filter_map(|emission| emission.by).collect(),
            };
            (id, definition)
        });
        let definitions = definitions.collect();
        Reach {
            entry,
            joined: self.emissions.joined.to_vec(),
            order: self.order,
            definitions,
        }
    }
}

/// A Kustomization and those through which it was first reached.
fn ancestors<'a>(
    id: Option<&'a KustomizationId>,
    first_parent: &'a HashMap<KustomizationId, KustomizationId>,
) -> impl Iterator<Item = &'a KustomizationId> {
    std::iter::successors(id, |id| first_parent.get(*id)).take(first_parent.len() + 1)
}

/// The position of the emission that is applied last: by an emitter that waits for the other ones, or else by the
/// emitter whose name comes last.
fn last_applied(emissions: &[Emission], after: &HashMap<KustomizationId, Vec<KustomizationId>>) -> usize {
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
        let waits_for = |id, other| reaches(id, other, |id| after.get(id).into_iter().flatten());
        if waits_for(by, best_by) || (!waits_for(best_by, by) && by > best_by) {
            best = index;
        }
    }
    best
}

/// Whether `from` is `to`, or leads to it by the edges `next`.
pub(super) fn reaches<'a, I: Iterator<Item = &'a KustomizationId>>(
    from: &'a KustomizationId,
    to: &KustomizationId,
    next: impl Fn(&'a KustomizationId) -> I,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut stack = vec![from];
    while let Some(current) = stack.pop() {
        if current == to {
            return true;
        }
        stack.extend(next(current).filter(|id| seen.insert(*id)));
    }
    false
}
