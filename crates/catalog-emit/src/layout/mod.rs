//! The layout of the four catalogs as types, one file a catalog: names, places and types that other tools rely on.
//!
//! Fields stand in the order in which they are written. A field that does not apply is absent; one that is written
//! as `null` has no `skip_serializing_if`. Reading takes unknown fields and fields that are missing, so that a catalog
//! of an older or newer writer still loads.

mod common;
mod configmaps;
mod flux_resources;
mod knowledge;
mod knowledge_file;
mod metadata;
mod secrets_map;
mod services;

pub use common::{AmbiguousMaps, SourcePlace, Usage};
pub use configmaps::{
    ConfigMapEntry, ConfigMapsFile, ConfigValue, GeneratedBy, UndefinedEntry, VariableEntry,
    VariableSourceEntry, VariableSubstitutionSection,
};
pub use flux_resources::{
    ChartRefEntry, DiagnosticEntry, FluxResourcesFile, HelmReleaseEntry, KustomizationEntry, Severity,
    SourceEntry, SubstituteFromEntry, ValuesFromEntry,
};
pub use knowledge::{ComponentNote, ExternalNote, KnowledgeSection, TenantsNote};
pub use knowledge_file::{
    ComponentKnowledge, ExternalKnowledge, KnowledgeFile, Notes, ProducedElsewhere, ProducedKind,
    ServiceKnowledge, TenantsKnowledge, Text,
};
pub use metadata::{GENERATOR, Metadata, SCHEMA_VERSION};
pub use secrets_map::{
    ExternalSecretDataEntry, ExternalSecretEntry, MountEntry, Protection, ProvidedSecretEntry,
    ReferenceEntry, RemoteRefEntry, ResolvedClass, ResolvedExternalSecretData, ResolvedProvidedSecret,
    ResolvedRemoteRef, ResolvedStore, ResolvedVaultSecret, SealedSecretEntry, SecretEntry, SecretObjectEntry,
    SecretProviderClassEntry, SecretStoreEntry, SecretsMapFile, StoreRef, VaultSecretEntry,
};
pub use services::{
    ContainerPort, DependencyEntry, ImageGroupEntry, ImageGroupType, ServiceEntry, ServicesFile, Via,
    WorkloadEntry,
};
