//! Sources.
//!
//! <https://github.com/fluxcd/source-controller/blob/main/api/v1/condition_types.go>

use infra_model::ObjectRef;

use super::headline::{Stated, headline};
use super::{Assessment, Assessor, State};
use crate::live::Source;
use crate::message::{named, quoted_after};

impl Assessor<'_> {
    pub(super) fn source(&self, object: &ObjectRef, source: &Source) -> Assessment {
        let Source {
            metadata,
            spec,
            status,
        } = source;
        // A HelmRepository of type `oci` is data alone, an ExternalArtifact has no controller of its own.
        let is_static =
            object.kind == "HelmRepository" && (spec.r#type == "oci" || spec.url.starts_with("oci://"));
        let mut assessment = headline(
            object,
            &Stated {
                metadata,
                suspend: spec.suspend,
                observed_generation: status.observed_generation,
                conditions: &status.conditions,
                last_handled_reconcile_at: &status.last_handled_reconcile_at,
                has_result: is_static || !status.artifact.revision.is_empty(),
            },
        );
        assessment.running = Some(status.artifact.revision.clone()).filter(|revision| !revision.is_empty());
        if assessment.state == State::Ready {
            return assessment;
        }
        let text = assessment.message.clone();
        if let Some(secret) = quoted_after(&text, "failed to get secret ")
            .or_else(|| quoted_after(&text, "failed to get authentication secret "))
        {
            assessment.lead(named("Secret", secret, object));
        }
        if let Some(from) = spec.source_ref.object("HelmRepository", &object.namespace) {
            assessment.lead(from);
        }
        if object.kind == "ExternalArtifact" && assessment.state == State::Waiting {
            assessment.lead(ObjectRef::new(
                "ArtifactGenerator",
                object.namespace.as_str(),
                object.name.as_str(),
            ));
        }
        assessment
    }
}
