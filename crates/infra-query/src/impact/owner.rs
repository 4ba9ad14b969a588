//! Owner of objects: a Kustomization, or the folder of a service that shares its Kustomization with others.

use infra_model::{ObjectRef, Place};

use super::applied;
use crate::facts::mentioning;
use crate::{Facts, Subject};

/// The owner of the objects that belong to a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A Kustomization, with all objects that it applies.
    Kustomization(String),
    /// A folder, with the objects that a Kustomization applies from it and from folders below it.
    Folder {
        kustomization: String,
        /// With a final slash.
        folder: String,
    },
}

impl Owner {
    /// The owner of the objects of a Kustomization, service or HelmRelease. For a service it is its Kustomization if
    /// this applies no other service, else its folder if no other service is in it.
    pub(super) fn of_subject(facts: &dyn Facts, subject: Subject<'_>) -> Option<Self> {
        let (key, place) = match subject {
            Subject::Kustomization(key, _) => return Some(Owner::Kustomization(key.to_owned())),
            Subject::Service(..) | Subject::HelmRelease(..) => (subject.kustomization()?, subject.place()?),
            _ => return None,
        };
        let own = subject.service();
        let others = mentioning(facts.services(), key).filter(|(_, other)| {
            let is_own = own.is_some_and(|(_, service)| std::ptr::eq(*other, service));
            let is_below = other.source.as_ref() == Some(place);
            other.kustomization.as_deref() == Some(key) && !is_own && !is_below
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

    fn kustomization(&self) -> &str {
        match self {
            Owner::Kustomization(key) => key,
            Owner::Folder { kustomization, .. } => kustomization,
        }
    }

    /// Its objects, sources of secrets first.
    pub(super) fn objects<'a>(&self, facts: &'a dyn Facts) -> Vec<Subject<'a>> {
        let mut objects = applied::objects(facts, self.kustomization());
        if let Owner::Folder { folder, .. } = self {
            objects.retain(|object| object.place().is_some_and(|place| is_in(folder, place)));
        }
        objects
    }

    /// The objects that the charts of its HelmReleases make for others.
    pub(super) fn provided<'a>(&self, facts: &'a dyn Facts) -> Vec<&'a ObjectRef> {
        let key = self.kustomization();
        let releases = mentioning(facts.helm_releases(), key).filter(|(own, release)| {
            release.kustomization.as_deref() == Some(key)
                && !self.is_other(Subject::HelmRelease(own, release))
        });
        releases.flat_map(|(_, release)| &release.provides).collect()
    }

    /// Whether a subject belongs to another owner.
    pub(super) fn is_other(&self, subject: Subject<'_>) -> bool {
        let is_outside = || match self {
            Owner::Kustomization(_) => false,
            Owner::Folder { folder, .. } => subject.place().is_some_and(|place| !is_in(folder, place)),
        };
        let by = applied::kustomization(subject);
        by.is_some_and(|by| by != self.kustomization() || is_outside())
    }
}

/// The folder of a file, with a final slash; `None` for the top of the repository.
fn folder(place: &Place) -> Option<String> {
    let file = place.file.as_str();
    let (folder, _) = file.rsplit_once('/')?;
    Some(format!("{folder}/"))
}

fn is_in(folder: &str, place: &Place) -> bool {
    place.file.as_str().starts_with(folder)
}
