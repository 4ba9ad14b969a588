//! Typed views of Flux's objects, and of those from which it reads values: one file per kind.
//!
//! A field of a wrong type counts as absent. Fields that the API server refuses are diagnostics with file and line: `schema`
//! reports those of the API versions that it knows, [`Fields`] wrong types in others. Evaluation and linking read the same views.

mod config_map;
mod crossplane_object;
mod fields;
mod flux_instance;
mod helm_release;
mod ignore_rules;
mod kustomization;
mod object;
mod operator_objects;
mod reference;
mod removed_version;
mod resource_set;
mod resource_set_input_provider;
pub(crate) mod schema;
mod secret;
mod source;
mod type_hint;
mod values_made;

pub(crate) use config_map::ConfigMap;
pub(crate) use crossplane_object::embedded_manifest;
pub(crate) use fields::Fields;
pub(crate) use flux_instance::{FluxInstance, Sync};
pub use helm_release::{Action, ChartSpec, HelmRelease, ValuesReference};
pub use ignore_rules::{at_pointer, ignored_pointers};
pub use kustomization::{CommonMetadata, Decryption, Kustomization, PostBuild, SubstituteReference};
pub(crate) use object::{DEFAULT_NAMESPACE, Kind, kind, listed};
pub use object::{api_group, object_ref};
pub use operator_objects::operator_objects;
pub use reference::{KubeConfig, NamedReference};
pub use removed_version::{RemovedVersion, removed_version};
pub(crate) use resource_set::{InputReference, ResourceSet};
pub(crate) use resource_set_input_provider::ResourceSetInputProvider;
pub(crate) use secret::{Secret, is_encrypted};
pub use secret::{is_dotenv, is_dotenv_metadata};
pub(crate) use source::{Include, is_remote, is_same_repository};
pub use source::{Source, SourceRef, SourceRevision};
pub(crate) use type_hint::type_hint;
pub(crate) use values_made::{keys_made, values_made};
