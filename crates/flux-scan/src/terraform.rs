//! ConfigMaps and Secrets that Terraform creates
//! (<https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/config_map>).

use std::collections::HashMap;

use source_tree::{ObjectRef, Place, RepoPath, SourceTree};

use crate::texts::each_text;

/// Beginnings of resource blocks, and the kinds that they create; newer types end in `_v1`.
const RESOURCES: [(&str, &str); 2] = [
    ("resource \"kubernetes_config_map", "ConfigMap"),
    ("resource \"kubernetes_secret", "Secret"),
];

/// The resources with a literal name and namespace in all files of Terraform, and these files.
pub(crate) fn resources(tree: &dyn SourceTree) -> (HashMap<ObjectRef, Place>, Vec<RepoPath>) {
    let (mut found, mut files) = (HashMap::new(), Vec::new());
    let is_terraform = |_: &RepoPath, name: &str| name.ends_with(".tf");
    each_text(tree, is_terraform, |file, text| {
        found.extend(of_file(text).into_iter().map(|(object, line)| {
            let file = file.clone();
            (object, Place { file, line })
        }));
        files.push(file);
    });
    (found, files)
}

fn of_file(text: &str) -> Vec<(ObjectRef, u32)> {
    let mut found = Vec::new();
    // Kind, line and namespace of the current resource block.
    let mut open: Option<(&str, u32, String)> = None;
    let mut name = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let begins = RESOURCES.iter().find(|(start, _)| line.starts_with(start));
        if let Some((_, kind)) = begins {
            open = Some((kind, number, String::new()));
            name = None;
        }
        let stated = |field: &str| {
            let (key, value) = line.split_once('=')?;
            let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
            (key.trim() == field && !value.contains("${")).then(|| value.to_owned())
        };
        if let Some((kind, start, namespace)) = &mut open {
            if let Some(stated) = stated("namespace") {
                *namespace = stated;
            }
            if name.is_none() {
                name = stated("name");
            }
            // A resource block ends in the first column.
            if line.starts_with('}') {
                let name = name.take();
                found.extend(name.map(|name| (ObjectRef::new(*kind, namespace.as_str(), name), *start)));
                open = None;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_read_with_their_lines() {
        let text = "# x\nresource \"kubernetes_config_map\" \"info\" {\n  metadata {\n    name      = \"info\"\n    namespace = \"web\"\n  }\n  data = {\n    name = \"other\"\n  }\n}\n\
                    resource \"kubernetes_secret_v1\" \"x\" {\n  metadata {\n    name = \"${var.name}\"\n  }\n}\nresource \"aws_s3_bucket\" \"b\" {\n  name = \"b\"\n}\n";
        assert_eq!(of_file(text), [(ObjectRef::new("ConfigMap", "web", "info"), 2)]);
    }
}
