//! A kustomization directory turns into the resources that `kustomize build` prints, each with its origin.

// The interface of a build.
mod build;
mod error;
mod left_out;
mod options;
mod parsed_files;
mod sources;

// Resources.
mod res_map;
mod resource;

// Reading of files, and decoding of kustomization files.
mod kustomization;
mod load;

// Functions for programs that use kustomize as a library.
mod metadata;

// Changes of objects: types, patches, edits of single fields.
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

// Field specs of transformers.
mod configurations;
mod crds;
mod default_rules;

// The steps of a directory.
mod accumulate;
mod accumulation;
mod build_metadata;
mod generators;
mod plugins;
mod removals;
mod replacements;
mod transformers;
mod vars;

// The final steps at the top.
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
