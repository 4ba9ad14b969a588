//! Objects that were named and are not in what was read, Secrets and ConfigMaps with them.

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};

impl Assessor<'_> {
    pub(super) fn missing(&self, object: &ObjectRef) -> Assessment {
        let mut assessment = Assessment::new(object);
        if object.kind == "Pod" {
            // Pods that are fine are not kept.
            return assessment;
        }
        if self.snapshot.autoscalers.contains(object) {
            return assessment;
        }
        // Whoever applies or makes it is why it is not there.
        for maker in self.repository.makers(object) {
            assessment.lead(maker);
        }
        let is_known =
            self.snapshot.config_maps.contains_key(object) || self.snapshot.secrets.contains_key(object);
        if is_known {
            return assessment.is(State::Unknown, "", "it is there, but not as it is asked for");
        }
        if self.snapshot.is_complete_for(object) {
            return assessment.is(State::Missing, "NotFound", "it is not in the cluster");
        }
        assessment.is(State::Unknown, "", "it was not read")
    }
}
