//! Flux's objects, and those it reads values from, as typed views over their trees: one file per kind.
//!
//! A field of a wrong type gives a diagnostic with file and line and counts as absent; unknown fields are no concern.

mod config_map;
mod crossplane_object;
mod fields;
mod flux_instance;
mod helm_release;
mod kustomization;
mod object;
mod resource_set;
mod resource_set_input_provider;
mod secret;
mod source;
mod values_made;

pub(crate) use config_map::ConfigMap;
pub(crate) use crossplane_object::embedded_manifest;
pub(crate) use fields::Fields;
pub(crate) use flux_instance::{FluxInstance, Sync};
pub(crate) use helm_release::HelmRelease;
pub(crate) use kustomization::{CommonMetadata, Kustomization, PostBuild, SubstituteReference};
pub use object::ObjectId;
pub(crate) use object::{Kind, kind};
pub(crate) use resource_set::{InputReference, ResourceSet};
pub(crate) use resource_set_input_provider::ResourceSetInputProvider;
pub(crate) use secret::{Secret, is_encrypted};
pub(crate) use source::{Include, Source, SourceRef, same_owner_and_name, same_repository};
pub(crate) use values_made::values_made;
