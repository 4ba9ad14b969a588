//! ConfigMaps and Secrets in templates of manifests, such as `bootstrap/secrets.yaml.j2`, which people or a tool render and apply.

use std::collections::HashMap;

use source_tree::{ObjectRef, Place, RepoPath, SourceTree};

use crate::texts::stated_objects;

/// Suffixes of templates whose text is a manifest but for the expressions in it.
const ENDS: [&str; 10] = [
    ".ejs", ".erb", ".gotmpl", ".hbs", ".j2", ".jinja", ".jinja2", ".tftpl", ".tmpl", ".tpl",
];

/// The objects with a literal name in all templates, and the templates that state any.
pub(crate) fn objects(tree: &dyn SourceTree) -> (HashMap<ObjectRef, Place>, Vec<RepoPath>) {
    let is_template = |_: &RepoPath, name: &str| ENDS.iter().any(|end| name.ends_with(end));
    stated_objects(tree, is_template, |text| {
        let mut objects = infra_link::template_objects(text);
        objects.retain(|(object, _)| matches!(object.kind.as_str(), "ConfigMap" | "Secret"));
        objects
    })
}
