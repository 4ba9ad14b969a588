//! An [`Infrastructure`](infra_model::Infrastructure) turns into the text of an agent skill: `SKILL.md`, its references, the skill that
//! regenerates it, and the files of a plugin that carries both.
//!
//! Nothing here reads a manifest, a file or the clock. Facts that are neither in the scan nor in the curated knowledge are
//! left out; text of the repository never becomes a command, a variable or markup.

mod agents_md;
mod components;
mod environment;
mod error;
mod frontmatter;
mod plugin;
mod render;
mod tree;
mod view;

pub use agents_md::{AgentsBlockError, with_block};
pub use environment::TEMPLATES;
pub use error::RenderError;
pub use frontmatter::Frontmatter;
pub use plugin::{PluginOptions, plugin, plugin_name};
pub use render::{Cluster, RenderOptions, RenderedSkill, SKILL_LIMIT, Templates, render};
