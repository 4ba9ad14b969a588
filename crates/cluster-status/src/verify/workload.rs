//! Images and replicas of workloads.

use infra_model::ObjectRef;
use infra_model::flux::HelmRelease;
use infra_model::service::Service;
use infra_query::Subject;

use super::{Comparison, Fields, is_known};

impl Comparison<'_> {
    pub(super) fn workload_fields(
        &self,
        object: &ObjectRef,
        _key: &str,
        service: &Service,
        fields: &mut Fields,
    ) {
        let Some(live) = self.snapshot.workloads.get(object) else {
            return;
        };
        // Values that only the cluster has may decide anything.
        if self.release(service).is_some_and(|release| release.partial) {
            return;
        }
        let images: Vec<&str> = service.images.iter().map(String::as_str).collect();
        let live_images = live.images();
        if images.iter().all(|image| is_known(image)) && !is_same_set(&images, &live_images) {
            let in_git: Vec<&str> = images
                .iter()
                .copied()
                .filter(|image| !live_images.contains(image))
                .collect();
            let in_cluster: Vec<&str> = live_images
                .iter()
                .copied()
                .filter(|image| !images.contains(image))
                .collect();
            fields.differs("image", Some(&in_git.join(", ")), Some(&in_cluster.join(", ")));
            let groups = service
                .image_groups
                .iter()
                .filter_map(|key| self.facts.image_groups().get(key));
            let decides = |image: &str| {
                let mut groups = groups.clone();
                groups.find(|group| group.tag.as_deref().is_some_and(|tag| image.ends_with(tag)))
            };
            let group = in_git.iter().find_map(|image| decides(image));
            if let (Some(group), Some(field)) = (group, fields.0.last_mut()) {
                field.place = Some(group.source.clone());
            }
        }
        let is_scaled = self.snapshot.scaled.contains(object);
        let knows_scalers = self.snapshot.is_complete_for(&ObjectRef::new(
            "HorizontalPodAutoscaler",
            object.namespace.as_str(),
            "",
        ));
        if let (Some(stated), Some(live)) = (service.replicas, live.spec.replicas)
            && stated != live
            && !is_scaled
        {
            match knows_scalers {
                true => fields.differs("replicas", Some(&stated.to_string()), Some(&live.to_string())),
                false => self.has_skipped_replicas.set(true),
            }
        }
    }

    /// The HelmRelease that installs a service.
    fn release(&self, service: &Service) -> Option<&HelmRelease> {
        service.helm_release.as_ref()?;
        let object = ObjectRef::new(
            service.workload.as_ref()?.kind.as_str(),
            service.namespace.as_str(),
            service.workload.as_ref()?.name.as_str(),
        );
        let makers = self.repository.makers(&object);
        let release = makers.iter().find(|maker| maker.kind == "HelmRelease")?;
        self.repository
            .subjects(release)
            .iter()
            .find_map(|subject| match subject {
                Subject::HelmRelease(_, release) => Some(*release),
                _ => None,
            })
    }
}

/// Whether two lists have the same texts.
fn is_same_set(a: &[&str], b: &[&str]) -> bool {
    a.iter().all(|text| b.contains(text)) && b.iter().all(|text| a.contains(text))
}
