//! Sources.
//!
//! <https://github.com/fluxcd/source-controller/blob/main/api/v1/condition_types.go>

use infra_model::ObjectRef;

use super::headline::{FluxStatus, headline};
use super::{Assessment, Assessor, State};
use crate::live::Source;
use crate::message::{named, non_empty, quoted_after};

impl Assessor<'_> {
    pub(super) fn source(&self, object: &ObjectRef, source: &Source) -> Assessment {
        let Source {
            metadata,
            spec,
            status,
        } = source;
        // A HelmRepository of type `oci` is static, and an ExternalArtifact has no controller: nothing sets their conditions.
        let is_static =
            object.kind == "HelmRepository" && (spec.r#type == "oci" || spec.url.starts_with("oci://"));
        let mut assessment = headline(
            object,
            &FluxStatus {
                metadata,
                suspend: spec.suspend,
                observed_generation: status.observed_generation,
                conditions: &status.conditions,
                last_handled_reconcile_at: &status.last_handled_reconcile_at,
                has_result: is_static || !status.artifact.revision.is_empty(),
            },
        );
        assessment.running = non_empty(&status.artifact.revision).map(str::to_owned);
        if assessment.state == State::Ready {
            return assessment;
        }
        let text = assessment.message.clone();
        let secret = quoted_after(&text, "failed to get secret ")
            .or_else(|| quoted_after(&text, "failed to get authentication secret "));
        assessment.lead_all(secret.map(|secret| named("Secret", secret, object)));
        assessment.lead_all(spec.source_ref.object("HelmRepository", &object.namespace));
        if object.kind == "ExternalArtifact" && assessment.state == State::Waiting {
            assessment.lead(named("ArtifactGenerator", &object.name, object));
        }
        assessment
    }
}
