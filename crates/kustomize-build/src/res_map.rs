//! Resources in order, with lookup by current and previous id.

use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use foldhash::{HashMap, HashSet};
use smol_str::SmolStr;

use source_tree::{Mark, Work};

use crate::BuildError;
use crate::removals::Removal;
use crate::resource::{ResId, Resource, Scopes};

/// Resources in the order in which they were read or generated.
///
/// An index by current and previous names finds candidates quickly. It may contain outdated entries but is never
/// incomplete: every match is checked against the resource itself.
#[derive(Clone, Debug, Default)]
pub struct ResMap {
    resources: Vec<Resource>,
    by_name: Index<SmolStr>,
    /// Positions by current id, built when many resources have the same name. It may contain outdated entries, too.
    by_id: Index<IdKey>,
    /// Whether a change may have emptied a resource.
    maybe_empty: bool,
    scopes: Option<Arc<Scopes>>,
    /// The work of the build so far.
    work: Option<Work>,
    /// The cost of visiting all resources once, in steps.
    weight: usize,
    /// Targets of patches since they were last taken.
    targets: Vec<PatchTarget>,
    /// Removals by patches since they were last taken.
    removals: Vec<Removal>,
}

/// Number of resources that are searched as fast as an id is computed.
const MIN_INDEXED: usize = 64;

/// Most removals that are recorded for one directory.
const MAX_REMOVALS: usize = 10_000;

/// The target of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatchTarget {
    /// The entry of `patches`.
    pub mark: Mark,
    /// Whether it selected any object.
    pub selected: bool,
}

/// Positions of resources by key, built by the first lookup.
type Index<K> = OnceLock<HashMap<K, Vec<usize>>>;

impl ResMap {
    /// Records whether the target of a patch selected anything.
    pub(crate) fn note_target(&mut self, mark: Mark, selected: bool) {
        self.targets.push(PatchTarget { mark, selected });
    }

    /// Takes the recorded targets.
    pub(crate) fn take_targets(&mut self) -> Vec<PatchTarget> {
        std::mem::take(&mut self.targets)
    }

    /// Records removals by a patch.
    pub(crate) fn note_removals(&mut self, removals: impl IntoIterator<Item = Removal>) {
        let room = MAX_REMOVALS.saturating_sub(self.removals.len());
        self.removals.extend(removals.into_iter().take(room));
    }

    /// Takes the recorded removals.
    pub(crate) fn take_removals(&mut self) -> Vec<Removal> {
        std::mem::take(&mut self.removals)
    }

    /// An empty map.
    pub fn new() -> Self {
        ResMap::default()
    }

    /// Number of resources.
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether there are no resources.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// The resources in order.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Mutable access to the resources in order.
    pub fn resources_mut(&mut self) -> &mut [Resource] {
        self.forget_positions();
        self.maybe_empty = true;
        &mut self.resources
    }

    /// Consumes the map and returns the resources.
    pub fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// The resource at a position.
    pub fn get(&self, index: usize) -> Option<&Resource> {
        self.resources.get(index)
    }

    /// Changes one resource and updates the index.
    ///
    /// # Errors
    /// Errors of `change`.
    pub fn update<T>(
        &mut self,
        index: usize,
        change: impl FnOnce(&mut Resource) -> Result<T, BuildError>,
    ) -> Result<Option<T>, BuildError> {
        let Some(resource) = self.resources.get_mut(index) else {
            return Ok(None);
        };
        let result = change(resource)?;
        self.maybe_empty |= resource.is_empty();
        index_resource(&mut self.by_name, &mut self.by_id, index, resource);
        Ok(Some(result))
    }

    /// Counts the work on the resources from here on.
    pub(crate) fn count(&mut self, work: &Work) {
        self.work = Some(work.clone());
    }

    /// The work of the build so far.
    pub(crate) fn work(&self) -> Option<Work> {
        self.work.clone()
    }

    /// Takes steps for work ahead.
    ///
    /// # Errors
    /// [`BuildError::Limit`]
    pub(crate) fn spend(&self, steps: usize) -> Result<(), BuildError> {
        match &self.work {
            Some(work) => Ok(work.spend(steps as u64)?),
            None => Ok(()),
        }
    }

    /// Takes the steps and the memory of `count` texts of a length.
    ///
    /// # Errors
    /// [`BuildError::Limit`]
    pub(crate) fn grow(&self, count: usize, bytes: usize) -> Result<(), BuildError> {
        match &self.work {
            Some(work) => Ok(work.grow(count, bytes)?),
            None => Ok(()),
        }
    }

    /// Takes the memory of a tree that is put into the resources. Small ones count with the object that holds them.
    ///
    /// # Errors
    /// [`BuildError::Limit`]
    pub(crate) fn grow_tree(&self, weight: usize) -> Result<(), BuildError> {
        match &self.work {
            Some(work) => Ok(work.grow_tree(weight)?),
            None => Ok(()),
        }
    }

    /// Adds the weight of new content.
    ///
    /// # Errors
    /// [`BuildError::Limit`]
    pub(crate) fn add_weight(&mut self, steps: usize) -> Result<(), BuildError> {
        self.weight = self.weight.saturating_add(steps);
        self.spend(steps)
    }

    /// The cost of visiting all resources once, in steps.
    pub(crate) fn weight(&self) -> usize {
        self.weight.saturating_add(self.resources.len())
    }

    /// Sets the scopes that `openapi` documents state.
    pub(crate) fn set_scopes(&mut self, scopes: &Option<Arc<Scopes>>) {
        if self.scopes.is_none() && scopes.is_none() {
            return;
        }
        self.scopes.clone_from(scopes);
        self.by_id.take();
        for resource in &mut self.resources {
            resource.scopes.clone_from(scopes);
        }
    }

    /// The id with the scope of its type.
    fn scoped(&self, id: &ResId) -> ResId {
        let mut id = id.clone();
        id.cluster_scoped |= Scopes::is_cluster_scoped(self.scopes.as_deref(), &id.gvk);
        id
    }

    /// Appends a resource.
    ///
    /// # Errors
    /// [`BuildError::Resource`] if a resource has the same current id.
    pub fn append(&mut self, mut resource: Resource) -> Result<(), BuildError> {
        resource.check_history()?;
        resource.scopes.clone_from(&self.scopes);
        if self.may_have_equals(&resource, 1) {
            let id = resource.current_id();
            if self.matching_current_id(&id).next().is_some() {
                return Err(already_registered(&id, &resource));
            }
        }
        let index = self.resources.len();
        index_resource(&mut self.by_name, &mut self.by_id, index, &resource);
        self.resources.push(resource);
        Ok(())
    }

    /// Appends resources in order.
    ///
    /// # Errors
    /// As [`ResMap::append`].
    pub fn append_all(&mut self, resources: impl IntoIterator<Item = Resource>) -> Result<(), BuildError> {
        resources
            .into_iter()
            .try_for_each(|resource| self.append(resource))
    }

    /// Appends the resources of another map in order.
    ///
    /// # Errors
    /// As [`ResMap::append`].
    pub(crate) fn append_map(&mut self, mut other: ResMap) -> Result<(), BuildError> {
        let is_first = self.is_empty() && self.by_name.get().is_none();
        if !is_first
            || other
                .resources
                .iter()
                .any(|resource| resource.check_history().is_err())
        {
            return self.append_all(other.into_resources());
        }
        for resource in &mut other.resources {
            resource.scopes.clone_from(&self.scopes);
        }
        // Taken over as a whole: most maps are appended to an empty one. Of equal ids, the loop reports the first.
        if other.check_unique().is_err() {
            return self.append_all(other.into_resources());
        }
        self.resources = other.resources;
        self.by_name = other.by_name;
        Ok(())
    }

    /// Replaces the resource at `index`.
    pub fn replace(&mut self, index: usize, resource: Resource) {
        if let Some(slot) = self.resources.get_mut(index) {
            index_resource(&mut self.by_name, &mut self.by_id, index, &resource);
            *slot = resource;
        }
    }

    /// Drops the resources that do not satisfy `keep`.
    pub fn retain(&mut self, keep: impl FnMut(&Resource) -> bool) {
        let before = self.resources.len();
        self.resources.retain(keep);
        if self.resources.len() != before {
            self.forget_positions();
        }
    }

    /// Drops the empty resources.
    pub fn drop_empties(&mut self) {
        if self.maybe_empty {
            self.retain(|resource| !resource.is_empty());
            self.maybe_empty = false;
        }
    }

    /// Reorders the resources. `order` contains each position once.
    pub(crate) fn reorder(&mut self, order: &[usize]) {
        self.forget_positions();
        let mut old: Vec<Option<Resource>> = self.resources.drain(..).map(Some).collect();
        let moved = order.iter().filter_map(|index| old.get_mut(*index)?.take());
        self.resources.extend(moved);
    }

    /// Positions of resources that have or had a name, in order.
    pub fn with_any_name(&self, name: &str) -> &[usize] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name = HashMap::default();
            for (index, resource) in self.resources.iter().enumerate() {
                add_names(&mut by_name, index, resource);
            }
            by_name
        });
        by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Positions of candidates, among them all resources with this current id.
    fn candidates(&self, id: &ResId) -> &[usize] {
        let named = self.with_any_name(&id.name);
        if named.len() < MIN_INDEXED {
            return named;
        }
        let by_id = self.by_id.get_or_init(|| {
            let mut by_id = HashMap::default();
            for (index, resource) in self.resources.iter().enumerate() {
                add_id(&mut by_id, index, resource);
            }
            by_id
        });
        by_id.get(&IdKey::new(id)).map_or(&[], Vec::as_slice)
    }

    /// Whether `count` resources or more may have the current id of a resource: they have its name and kind, which are
    /// compared faster than a whole id.
    fn may_have_equals(&self, resource: &Resource, count: usize) -> bool {
        let named = self.with_any_name(resource.name());
        named.len() >= MIN_INDEXED || {
            let (name, kind) = (resource.name(), resource.kind());
            let candidates = named.iter().filter_map(|index| self.get(*index));
            let equals = candidates.filter(|known| known.name() == name && known.kind() == kind);
            equals.take(count).count() == count
        }
    }

    fn forget_positions(&mut self) {
        self.by_name.take();
        self.by_id.take();
    }

    /// Positions of resources whose current id names the same object as `id`, in order.
    pub fn matching_current_id(&self, id: &ResId) -> impl Iterator<Item = usize> {
        self.candidates(id).iter().copied().filter(move |index| {
            self.get(*index).is_some_and(|resource| {
                // The whole id is expensive, and objects with one name mostly differ in kind.
                resource.name() == id.name
                    && resource.kind() == id.gvk.kind
                    && resource.current_id().same_as(id)
            })
        })
    }

    /// Positions of resources with a current or previous id that names the same object as `id`, in order.
    pub fn matching_any_id(&self, id: &ResId) -> impl Iterator<Item = usize> {
        self.matching_any(&id.name, |candidate| candidate.same_as(id))
    }

    /// Positions of resources that have or had `name` in an id that satisfies `matches`, in order.
    pub fn matching_any(
        &self,
        name: &str,
        mut matches: impl FnMut(&ResId) -> bool,
    ) -> impl Iterator<Item = usize> {
        self.with_any_name(name).iter().copied().filter(move |index| {
            self.get(*index).is_some_and(|resource| {
                !resource.is_empty() && resource.all_ids().any(|candidate| matches(&candidate))
            })
        })
    }

    /// The position of the only resource that has or had an id.
    ///
    /// # Errors
    /// [`BuildError::ObjectMissing`] if there is none, [`BuildError::Patch`] if there are several.
    pub fn unique_by_any_id(&self, id: &ResId) -> Result<usize, BuildError> {
        let id = &self.scoped(id);
        self.spend(self.with_any_name(&id.name).len())?;
        let mut matches = self.matching_any_id(id);
        let message =
            |found: &str| format!("{found} matches for Id {id}; failed to find unique target for patch {id}");
        match (matches.next(), matches.next()) {
            (Some(index), None) => Ok(index),
            (None, _) => Err(BuildError::object_missing(message("no"))),
            (Some(_), Some(_)) => Err(BuildError::patch(message("multiple"))),
        }
    }

    /// Fails if one of the resources at these positions shares its current id with any other.
    ///
    /// # Errors
    /// [`BuildError::Resource`].
    pub fn check_unique_at(&self, indices: &[usize]) -> Result<(), BuildError> {
        for resource in indices.iter().filter_map(|index| self.get(*index)) {
            if resource.is_empty() || !self.may_have_equals(resource, 2) {
                continue;
            }
            let id = resource.current_id();
            if self.matching_current_id(&id).nth(1).is_some() {
                return Err(already_registered(&id, resource));
            }
        }
        Ok(())
    }

    /// Fails if two resources share a current id, as kustomize does when it collects them again.
    ///
    /// # Errors
    /// [`BuildError::Resource`].
    pub fn check_unique(&self) -> Result<(), BuildError> {
        // Mostly names and kinds differ, and no id needs to be computed.
        let mut seen = HashSet::with_capacity_and_hasher(self.resources.len(), RandomState::default());
        let mut resources = self.resources.iter();
        if resources.all(|resource| seen.insert((resource.name(), resource.kind()))) {
            return Ok(());
        }
        let mut seen = HashSet::with_capacity_and_hasher(self.resources.len(), RandomState::default());
        for resource in &self.resources {
            let mut id = resource.current_id();
            id.namespace = SmolStr::new(id.effective_namespace());
            if !seen.insert(id) {
                return Err(already_registered(&resource.current_id(), resource));
            }
        }
        Ok(())
    }
}

fn already_registered(id: &ResId, resource: &Resource) -> BuildError {
    BuildError::resource(format!(
        "may not add resource with an already registered id: {id}"
    ))
    .at(resource.origin.mark)
}

/// A current id without group and version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct IdKey {
    name: SmolStr,
    kind: SmolStr,
    namespace: SmolStr,
}

impl IdKey {
    fn new(id: &ResId) -> Self {
        IdKey {
            name: id.name.clone(),
            kind: id.gvk.kind.clone(),
            namespace: id.effective_namespace().into(),
        }
    }
}

/// Adds a resource to the indexes that are built.
fn index_resource(by_name: &mut Index<SmolStr>, by_id: &mut Index<IdKey>, index: usize, resource: &Resource) {
    if let Some(by_name) = by_name.get_mut() {
        add_names(by_name, index, resource);
    }
    if let Some(by_id) = by_id.get_mut() {
        add_id(by_id, index, resource);
    }
}

fn add_id(by_id: &mut HashMap<IdKey, Vec<usize>>, index: usize, resource: &Resource) {
    add(
        by_id.entry(IdKey::new(&resource.current_id())).or_default(),
        index,
    );
}

// Positions are sorted and unique, so that matches are in the order of the resources.
fn add(positions: &mut Vec<usize>, index: usize) {
    if let Err(at) = positions.binary_search(&index) {
        positions.insert(at, index);
    }
}

fn add_names(by_name: &mut HashMap<SmolStr, Vec<usize>>, index: usize, resource: &Resource) {
    let previous = resource.history().ids.iter().map(|id| id.name.clone());
    for name in previous.chain(std::iter::once(SmolStr::new(resource.name()))) {
        add(by_name.entry(name).or_default(), index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::Mark;
    use yaml_node::Node;

    fn config_map(name: &str) -> Resource {
        Resource::new(Node::mapping([
            ("apiVersion", Node::str("v1")),
            ("kind", Node::str("ConfigMap")),
            ("metadata", Node::mapping([("name", Node::str(name))])),
        ]))
    }

    #[test]
    fn an_id_is_registered_once() {
        let mut map = ResMap::new();
        map.append(config_map("x")).unwrap();
        let error = map.append(config_map("x")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "may not add resource with an already registered id: ConfigMap.v1.[noGrp]/x.[noNs]"
        );
    }

    #[test]
    fn a_map_that_is_taken_over_is_checked_like_its_resources() {
        let mut other = ResMap::new();
        other.append(config_map("x")).unwrap();
        other.append(config_map("y")).unwrap();
        let mut map = ResMap::new();
        map.append_map(other.clone()).unwrap();
        assert_eq!(map.len(), 2);
        assert!(map.append_map(other.clone()).is_err());
        assert_eq!(map.unique_by_any_id(&config_map("y").current_id()).unwrap(), 1);
        other.resources_mut()[1].set_name("x", Mark::NONE);
        let whole = ResMap::new().append_map(other.clone()).unwrap_err();
        let one_by_one = ResMap::new().append_all(other.into_resources()).unwrap_err();
        assert_eq!(whole.to_string(), one_by_one.to_string());
    }

    #[test]
    fn previous_names_are_found_after_a_change() {
        let mut map = ResMap::new();
        map.append(config_map("x")).unwrap();
        map.append(config_map("y")).unwrap();
        let id = map.get(1).unwrap().current_id();
        map.update(1, |resource| {
            resource.store_previous_id();
            resource.set_name("z", Mark::NONE);
            Ok(())
        })
        .unwrap();
        assert_eq!(map.unique_by_any_id(&id).unwrap(), 1);
        assert_eq!(map.matching_current_id(&id).count(), 0);
        map.retain(|resource| resource.name() != "x");
        assert_eq!(map.unique_by_any_id(&id).unwrap(), 0);
        assert!(map.check_unique().is_ok());
    }
}
