//! Output of `helm template`.
//!
//! Rules: [pkg/cmd/template.go](https://github.com/helm/helm/blob/v4.2.4/pkg/cmd/template.go).

use std::fmt::Write;

use crate::chart::path_match::path_match;
use crate::manifest::{HookEvent, split_manifests};
use crate::{Error, Rendered, Stage};

/// Which parts of a rendered chart `helm template` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// `--include-crds`: the files of `crds/`, before everything else.
    pub include_crds: bool,
    /// `--no-hooks`
    pub no_hooks: bool,
    /// `--skip-tests`: omits hooks of the event `test`.
    pub skip_tests: bool,
    /// `--show-only`: patterns of templates, relative to their chart. Empty for all templates.
    pub show_only: Vec<String>,
}

impl Rendered {
    /// The text that `helm template` prints.
    ///
    /// # Errors
    /// Helm's message if no template matches a pattern of [`OutputOptions::show_only`].
    pub fn to_text(&self, options: &OutputOptions) -> Result<String, Error> {
        let mut text = String::with_capacity(self.content_bytes());
        if options.include_crds {
            for crd in &self.crds {
                put(&mut text, &crd.source, &crd.content);
            }
        }
        for manifest in &self.manifests {
            put(&mut text, &manifest.source, &manifest.content);
        }
        let start = text.len() - text.trim_start().len();
        text.drain(..start);
        text.truncate(text.trim_end().len());
        text.push('\n');
        if !options.no_hooks {
            for hook in &self.hooks {
                if options.skip_tests && hook.events.contains(&HookEvent::Test) {
                    continue;
                }
                put(&mut text, &hook.manifest.source, &hook.manifest.content);
            }
        }
        if options.show_only.is_empty() {
            return Ok(text);
        }
        show_only(&text, &options.show_only)
    }

    fn content_bytes(&self) -> usize {
        let hooks = self.hooks.iter().map(|hook| &hook.manifest);
        let all = self.manifests.iter().chain(hooks);
        all.map(|manifest| manifest.content.len() + manifest.source.len() + 16)
            .sum()
    }
}

fn put(text: &mut String, source: &str, content: &str) {
    // Writing to a string cannot fail.
    let _: std::fmt::Result = write!(text, "---\n# Source: {source}\n{content}\n");
}

/// The documents of templates that match a pattern, in the order of the patterns.
fn show_only(text: &str, patterns: &[String]) -> Result<String, Error> {
    let documents = split_manifests(text);
    let mut shown = String::new();
    for pattern in patterns {
        let mut found = false;
        for document in &documents {
            let Some(path) = source_path(document) else {
                continue;
            };
            if path_match(pattern, path) == Ok(true) {
                found = true;
                // Writing to a string cannot fail.
                let _: std::fmt::Result = write!(shown, "---\n{document}\n");
            }
        }
        if !found {
            let message = format!("could not find template {pattern} in chart");
            return Err(Error::new(Stage::Output, message));
        }
    }
    Ok(shown)
}

/// The path of a document's template in its chart, after `# Source: CHART/`.
fn source_path(document: &str) -> Option<&str> {
    document.match_indices("# Source: ").find_map(|(at, prefix)| {
        let rest = document.get(at + prefix.len()..)?;
        let line = rest.lines().next()?;
        let (chart, path) = line.split_once('/')?;
        (!chart.is_empty() && !path.is_empty()).then_some(path)
    })
}
