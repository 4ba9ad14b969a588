//! What makes objects beside itself: a Kustomization, or the folder of a service that shares its Kustomization with others.

use infra_model::{ObjectRef, Place};

use super::applied;
use crate::facts::mentioning;
use crate::{Facts, Subject};

/// Something that makes objects, as far as others are to be told from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A Kustomization: all that it applies.
    Kustomization(String),
    /// What a Kustomization applies from a folder and those below it.
    Folder {
        kustomization: String,
        /// With a final slash.
        folder: String,
    },
}

impl Owner {
    /// What makes the objects of a Kustomization, service or release. Of a service it is the Kustomization that applies no other
    /// one, else the folder in which no other one is.
    pub(super) fn of(facts: &dyn Facts, subject: Subject<'_>) -> Option<Self> {
        let (key, place) = match subject {
            Subject::Kustomization(key, _) => return Some(Owner::Kustomization(key.to_owned())),
            Subject::Service(_, it) => (it.kustomization.as_deref()?, it.source.as_ref()?),
            Subject::HelmRelease(_, it) => (it.kustomization.as_deref()?, it.source.as_ref()?),
            _ => return None,
        };
        let others = mentioning(facts.services(), key).filter(|(_, other)| {
            let is_one = match subject {
                Subject::Service(_, service) => std::ptr::eq(*other, service),
                _ => false,
            };
            let is_below = other.source.as_ref() == Some(place);
            other.kustomization.as_deref() == Some(key) && !is_one && !is_below
        });
        let others: Vec<Option<&Place>> = others.map(|(_, other)| other.source.as_ref()).collect();
        if others.is_empty() {
            return Some(Owner::Kustomization(key.to_owned()));
        }
        let folder = folder(place)?;
        let is_shared = others.iter().flatten().any(|other| is_in(&folder, other));
        (!is_shared).then(|| Owner::Folder {
            kustomization: key.to_owned(),
            folder,
        })
    }

    /// The objects that it makes, those first that secrets come from.
    pub(super) fn things<'a>(&self, facts: &'a dyn Facts) -> Vec<Subject<'a>> {
        match self {
            Owner::Kustomization(key) => applied::things(facts, key),
            Owner::Folder {
                kustomization,
                folder,
            } => {
                let mut things = applied::things(facts, kustomization);
                things.retain(|thing| thing.place().is_some_and(|place| is_in(folder, place)));
                things
            }
        }
    }

    /// What the charts of its releases make for others.
    pub(super) fn provided<'a>(&self, facts: &'a dyn Facts) -> Vec<&'a ObjectRef> {
        let (Owner::Kustomization(key)
        | Owner::Folder {
            kustomization: key, ..
        }) = self;
        let releases = mentioning(facts.helm_releases(), key).filter(|(own, release)| {
            release.kustomization.as_deref() == Some(key)
                && !self.is_other(Subject::HelmRelease(own, release))
        });
        releases.flat_map(|(_, release)| &release.provides).collect()
    }

    /// Whether a thing is another one's.
    pub(super) fn is_other(&self, subject: Subject<'_>) -> bool {
        let by = applied::kustomization(subject);
        match self {
            Owner::Kustomization(key) => by.is_some_and(|by| by != key),
            Owner::Folder {
                kustomization,
                folder,
            } => by.is_some_and(|by| {
                by != kustomization || subject.place().is_some_and(|place| !is_in(folder, place))
            }),
        }
    }
}

/// The folder of a file, with a final slash; none for the top of the repository.
fn folder(place: &Place) -> Option<String> {
    let file = place.file.as_str();
    let (folder, _) = file.rsplit_once('/')?;
    Some(format!("{folder}/"))
}

fn is_in(folder: &str, place: &Place) -> bool {
    place.file.as_str().starts_with(folder)
}
