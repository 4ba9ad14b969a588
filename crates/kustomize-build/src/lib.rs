//! A kustomization directory turns into the resources that `kustomize build` prints, each with its origin.

// How a build is called, and what it answers.
mod build;
mod error;
mod left_out;
mod options;
mod parsed_files;
mod sources;

// What a build works on.
mod res_map;
mod resource;

// From paths to documents, and from a kustomization file to typed fields.
mod kustomization;
mod load;

// What programs ask of kustomize as a library.
mod metadata;

// What changes objects: types, patches, edits of single fields.
mod field_path;
mod field_spec;
mod go_float;
mod json6902;
mod node_edit;
mod rules;
mod schema;
mod selector;
mod specs;
mod strategic_merge;
mod syntax;
mod target;

// Which fields the transformers work on.
mod configurations;
mod crds;
mod default_rules;

// What a directory does, in order.
mod accumulate;
mod accumulation;
mod build_metadata;
mod generators;
mod plugins;
mod removals;
mod replacements;
mod transformers;
mod vars;

// What is done once, at the top.
mod finish;
mod name_reference;
mod order;

#[cfg(test)]
mod test_files;
#[cfg(test)]
mod test_trees;

pub use build::{Build, build, build_with_root};
pub use error::{BuildError, Fault};
pub use left_out::LeftOut;
pub use load::{REMOTE_FOLDER, RemoteBase, Remotes, read_ahead};
pub use metadata::set_metadata;
pub use options::{BuildOptions, LoadRestrictions, Reorder};
pub use parsed_files::ParsedFiles;
pub use removals::{Removal, RemovedPart};
pub use res_map::{PatchTarget, ResMap};
pub use resource::{Behavior, Gvk, History, Origin, OriginKind, Overridden, PreviousId, ResId, Resource};
pub use sources::Sources;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
