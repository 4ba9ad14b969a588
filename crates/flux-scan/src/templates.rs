//! ConfigMaps and Secrets in templates of manifests, such as `bootstrap/secrets.yaml.j2`, which people or a tool render and apply.

use std::collections::HashMap;

use source_tree::{ObjectRef, Place, RepoPath, SourceTree};

use crate::texts::each_text;

/// Suffixes of templates whose text is a manifest but for the expressions in it.
const ENDS: [&str; 10] = [
    ".ejs", ".erb", ".gotmpl", ".hbs", ".j2", ".jinja", ".jinja2", ".tftpl", ".tmpl", ".tpl",
];

/// The objects with a literal name in all templates, and the templates that state any.
pub(crate) fn objects(tree: &dyn SourceTree) -> (HashMap<ObjectRef, Place>, Vec<RepoPath>) {
    let (mut objects, mut files) = (HashMap::new(), Vec::new());
    let is_template = |_: &RepoPath, name: &str| ENDS.iter().any(|end| name.ends_with(end));
    each_text(tree, is_template, |file, text| {
        let values = |object: &ObjectRef| matches!(object.kind.as_str(), "ConfigMap" | "Secret");
        let stated = infra_link::template_objects(text).into_iter();
        let mut stated = stated.filter(|(object, _)| values(object)).peekable();
        if stated.peek().is_none() {
            return;
        }
        for (object, line) in stated {
            let file = file.clone();
            objects.entry(object).or_insert(Place { file, line });
        }
        files.push(file);
    });
    (objects, files)
}
