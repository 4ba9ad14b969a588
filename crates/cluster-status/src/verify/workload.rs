//! Images and replicas of workloads.

use infra_model::ObjectRef;
use infra_model::flux::HelmRelease;
use infra_model::service::{ImageGroup, Service};
use infra_query::Subject;

use super::{Comparison, Fields, is_known};

impl Comparison<'_> {
    pub(super) fn workload_fields(&self, object: &ObjectRef, service: &Service, fields: &mut Fields) {
        let Some(live) = self.snapshot.workloads.get(object) else {
            return;
        };
        // Values that only the cluster has may decide any field.
        if self.release(service).is_some_and(|release| release.partial) {
            return;
        }
        let images: Vec<&str> = service.images.iter().map(String::as_str).collect();
        let live_images = live.images();
        if images.iter().all(|image| is_known(image)) && !is_same_set(&images, &live_images) {
            let only_in = |images: &[&'_ str], others: &[&str]| -> Vec<String> {
                let only = images.iter().filter(|image| !others.contains(image));
                only.map(|image| (*image).to_owned()).collect()
            };
            let in_git = only_in(&images, &live_images);
            let in_cluster = only_in(&live_images, &images);
            fields.differs("image", Some(&in_git.join(", ")), Some(&in_cluster.join(", ")));
            let groups = service.image_groups.iter();
            let groups = groups.filter_map(|key| self.facts.image_groups().get(key));
            let group = in_git.iter().find_map(|image| {
                let has_tag =
                    |group: &&ImageGroup| group.tag.as_deref().is_some_and(|tag| image.ends_with(tag));
                groups.clone().find(has_tag)
            });
            if let (Some(group), Some(field)) = (group, fields.0.last_mut()) {
                field.place = Some(group.source.clone());
            }
        }
        let is_scaled = self.snapshot.scaled.contains(object);
        let autoscalers = ObjectRef::new("HorizontalPodAutoscaler", object.namespace.as_str(), "");
        let knows_scalers = self.snapshot.is_complete_for(&autoscalers);
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
        let workload = service.workload.as_ref()?;
        let object = ObjectRef::new(
            workload.kind.as_str(),
            service.namespace.as_str(),
            workload.name.as_str(),
        );
        let makers = self.repository.makers(&object);
        let release = makers.iter().find(|maker| maker.kind == "HelmRelease")?;
        let mut subjects = self.repository.subjects(release).iter();
        subjects.find_map(|subject| match subject {
            Subject::HelmRelease(_, release) => Some(*release),
            _ => None,
        })
    }
}

/// Whether two lists have the same texts.
fn is_same_set(a: &[&str], b: &[&str]) -> bool {
    a.iter().all(|text| b.contains(text)) && b.iter().all(|text| a.contains(text))
}
