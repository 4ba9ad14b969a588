//! Models, templates and options turn into the files of the skill.

use camino::Utf8PathBuf;
use infra_model::Infrastructure;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use rayon::prelude::*;

use crate::environment::{self, inert};
use crate::error::RenderError;
use crate::frontmatter::{self, Frontmatter};
use crate::view::View;
use crate::view::agents::Agents;

/// Largest `SKILL.md`, in bytes: some clients cut a skill there.
pub const SKILL_LIMIT: usize = 8_000;

/// Size above which a reference is rendered with shorter tables, in bytes.
const REFERENCE_LIMIT: usize = 256 * 1024;

/// Rows of a table in a reference: the wanted number first, then fewer until the page fits.
const TABLES: [usize; 4] = [200, 50, 12, 2];

/// Rows of a table in `SKILL.md`: the wanted number first, then fewer until the page fits.
const ROWS: [usize; 5] = [12, 8, 5, 2, 0];

/// A cluster to render.
#[derive(Clone, Debug)]
pub struct Cluster<'a> {
    /// Its name if several are catalogued: its data is in `data/<name>/`. `None` for the only one: `data/`.
    pub name: Option<String>,
    /// Its model.
    pub infrastructure: &'a Infrastructure,
}

impl<'a> From<&'a Infrastructure> for Cluster<'a> {
    fn from(infrastructure: &'a Infrastructure) -> Self {
        Cluster {
            name: infrastructure.metadata.cluster_name.clone(),
            infrastructure,
        }
    }
}

/// How to render.
#[derive(Clone, Debug, Default)]
pub struct RenderOptions {
    /// Where trigger phrases go.
    pub frontmatter: Frontmatter,
    /// Arguments that `flux-infra-guide regen` needs to repeat this run, such as `--cluster`, `main=clusters/main`.
    pub regen_args: Vec<String>,
}

/// The text files of both skills. Data files are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderedSkill {
    /// Path below the folder of skills, such as `flux-infra-guide/SKILL.md`, and text; sorted by path.
    pub files: Vec<(Utf8PathBuf, String)>,
}

/// The sections that have a long guide: its file in `references/` and its template.
const REFERENCES: [(&str, &str); 7] = [
    ("overview.md", "overview.md.j2"),
    ("service-map.md", "service-map.md.j2"),
    ("flux-resources.md", "flux-resources.md.j2"),
    ("secrets-map.md", "secrets-map.md.j2"),
    ("configmaps.md", "configmaps.md.j2"),
    ("observability.md", "observability.md.j2"),
    ("dependencies.md", "dependencies.md.j2"),
];

/// Compiled templates. Compiling takes a while and needs no model, so a caller may do it in parallel with a scan.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// The embedded templates, [`crate::TEMPLATES`], with `overrides` in place of those of the same name: name, such as
    /// `SKILL.md.j2`, and text.
    ///
    /// # Errors
    /// [`RenderError`] for an override that is no template, and for a template that does not compile.
    pub fn new(overrides: &[(String, String)]) -> Result<Self, RenderError> {
        environment::environment(overrides).map(Templates)
    }

    /// As [`render`], with these templates.
    ///
    /// # Errors
    /// [`RenderError`] without clusters, and for a template that does not render.
    pub fn render(
        &self,
        clusters: &[Cluster<'_>],
        options: &RenderOptions,
    ) -> Result<RenderedSkill, RenderError> {
        let mut files = Vec::new();
        for limit in TABLES {
            let view = View::new(clusters, limit).ok_or(RenderError::NoCluster)?;
            let shown = Value::from(Serde(&view));
            let (references, skills) = rayon::join(
                || references(&self.0, &shown),
                || skills(&self.0, &view.repository, &shown, options),
            );
            files = references?;
            let fits = files.iter().all(|(_, text)| text.len() <= REFERENCE_LIMIT);
            files.extend(skills?);
            if fits {
                break;
            }
        }
        files.sort();
        Ok(RenderedSkill { files })
    }

    /// The lines about a repository that [`crate::with_block`] puts into its `AGENTS.md`.
    ///
    /// # Errors
    /// [`RenderError`] without clusters, and for a template that does not render.
    pub fn agents_md(&self, clusters: &[Cluster<'_>]) -> Result<String, RenderError> {
        let view = View::new(clusters, 0).ok_or(RenderError::NoCluster)?;
        let example = view.example.map(|example| example.key);
        let agents = Agents::new(clusters, example).ok_or(RenderError::NoCluster)?;
        environment::render(&self.0, "agents.md.j2", Value::from(Serde(&agents)))
    }
}

/// Renders `flux-infra-guide` and `flux-infra-guide-regenerate` for the clusters of one repository, by the embedded
/// templates.
///
/// # Errors
/// [`RenderError`] without clusters, and for a template that does not render.
pub fn render(clusters: &[Cluster<'_>], options: &RenderOptions) -> Result<RenderedSkill, RenderError> {
    Templates::new(&[])?.render(clusters, options)
}

/// The long guides.
fn references(env: &Environment<'_>, view: &Value) -> Result<Vec<(Utf8PathBuf, String)>, RenderError> {
    let rendered: Vec<Result<_, _>> = REFERENCES
        .par_iter()
        .map(|(file, template)| {
            let text = environment::render(env, template, view.clone())?;
            let path = format!("flux-infra-guide/references/{file}");
            Ok((Utf8PathBuf::from(path), text))
        })
        .collect();
    // The first error in the order of references, whichever occurred first.
    rendered.into_iter().collect()
}

/// Both `SKILL.md`.
fn skills(
    env: &Environment<'_>,
    repository: &str,
    view: &Value,
    options: &RenderOptions,
) -> Result<[(Utf8PathBuf, String); 2], RenderError> {
    let guide = inert(frontmatter::guide(repository).render(options.frontmatter));
    let regenerate = inert(frontmatter::regenerate().render(options.frontmatter));
    let command = inert(regen_command(options));
    let regenerate = context! { frontmatter => regenerate, command => command, ..view.clone() };
    let guide = skill(env, view, &guide)?;
    let regenerate = environment::render(env, "regenerate.md.j2", regenerate)?;
    Ok([
        ("flux-infra-guide/SKILL.md".into(), guide),
        ("flux-infra-guide-regenerate/SKILL.md".into(), regenerate),
    ])
}

/// `SKILL.md` with as many rows as fit. The template has to fit without rows.
fn skill(env: &Environment<'_>, view: &Value, frontmatter: &Value) -> Result<String, RenderError> {
    let mut text = String::new();
    for rows in ROWS {
        let context = context! { frontmatter => frontmatter, rows => rows, ..view.clone() };
        text = environment::render(env, "SKILL.md.j2", context)?;
        if text.len() <= SKILL_LIMIT {
            break;
        }
    }
    Ok(text)
}

/// The shell command that repeats this run.
fn regen_command(options: &RenderOptions) -> String {
    let mut command = "flux-infra-guide regen".to_owned();
    if options.frontmatter == Frontmatter::Rwenv {
        command.push_str(" --frontmatter rwenv");
    }
    for arg in &options.regen_args {
        let is_plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/' | '=' | ':' | ',');
        command.push(' ');
        if !arg.is_empty() && arg.chars().all(is_plain) {
            command.push_str(arg);
        } else {
            let text = plain_text::markdown::inline(arg).replace('\'', "");
            command.push_str(&format!("'{text}'"));
        }
    }
    command
}
