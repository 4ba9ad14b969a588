//! Objects that were not read, and Secrets and ConfigMaps that lack something.

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};

impl Assessor<'_> {
    pub(super) fn missing(&self, object: &ObjectRef) -> Assessment {
        let mut assessment = Assessment::new(object);
        // Pods that are fine are not kept.
        if object.kind == "Pod" || self.snapshot.autoscalers.contains(object) {
            return assessment;
        }
        // The object that applies or makes it is the reason why it is missing.
        assessment.lead_all(self.repository.makers(object));
        if self.snapshot.config_maps.contains_key(object) || self.snapshot.secrets.contains_key(object) {
            return assessment.with(State::Unknown, "", "it is there, but not as it is asked for");
        }
        if self.snapshot.is_complete_for(object) {
            return assessment.with(State::Missing, "NotFound", "it is not in the cluster");
        }
        assessment.with(State::Unknown, "", "it was not read")
    }
}
