//! The objects that Flux applies turn into the model: services, secrets and configuration, with the edges between them.
//!
//! Facts are read from rendered objects, never from the names of files.

// Applied objects and their texts.
mod any_case;
mod apply_annotations;
mod credential_names;
mod crossplane;
mod cut_text;
mod distinct;
mod inventory;
mod job_secrets;
mod keys;
mod kinds;
mod order;
mod other_objects;
mod scalars;
mod text_place;
mod unknown_makers;
mod view;

// Workloads and HelmReleases.
mod aliases;
mod autoscalers;
mod cel_syntax;
mod chart_workloads;
mod deciding_values;
mod disruption_budgets;
mod environment;
mod helm_images;
mod helm_releases;
mod helm_target_path;
mod helm_uses;
mod helm_values;
mod hosts;
mod ignored_fields;
mod image_groups;
mod image_reference;
mod image_variables;
mod kube_services;
mod locate;
mod overlays;
mod pod_spec;
mod published_hosts;
mod service_candidates;
mod services;
mod tunnels;
mod volume_claims;
mod wildcard;

// Flux.
mod kustomizations;
mod setting_places;
mod sources;
mod variable_substitution;

// Secrets and configuration.
mod collect_uses;
mod config_maps;
mod external_secrets;
mod fields;
mod made_keys;
mod mentions;
mod node_rules;
mod operator_services;
mod producers;
mod provider_objects;
mod references;
mod reloads;
mod same_line;
mod sealed_secrets;
mod secret_provider_classes;
mod secret_references;
mod secret_stores;
mod secret_templates;
mod secret_values;
mod secrets;
mod stated_fields;
mod stated_secrets;
mod uses;
mod vault_agent;
mod vault_secrets;

// Dependencies of services.
mod dependencies;
mod host_keys;
mod host_mentions;
mod host_names;

// The order of the stages.
mod link;
mod link_bounds;
mod linker;

// Comments, the knowledge file, copies and findings.
mod comments;
mod copies;
mod copies_by_policy;
mod coverage;
mod curated;
mod diagnostics;

// Files and objects that no cluster applies.
mod not_applied;
mod repository_files;

// Questions that no catalog answers.
mod config_text;
mod controllers;
mod explain;

pub use config_text::{ConfigText, config_text};
pub use coverage::Coverage;
pub use explain::{explain, explain_values};
pub use image_reference::ImageReference;
pub use link::link;
pub use mentions::{Mention, mentions};
pub use not_applied::{Unapplied, bound_not_applied, unapplied};
pub use repository_files::template_objects;
pub use secret_values::{CopiedTexts, copied_texts, withhold as withhold_secret_values};
pub use stated_fields::{AskedFields, StatedLine, first_stated};
pub use stated_secrets::stated_secrets;
