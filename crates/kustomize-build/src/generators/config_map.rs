//! `configMapGenerator`: ConfigMaps.

use super::object::{base, base64_lines, finish, pairs, set_data};
use crate::BuildError;
use crate::kustomization::GeneratorArgs;
use crate::load::Loader;
use crate::node_edit::value_node;
use crate::resource::{OriginKind, Resource};

/// Makes the ConfigMap of an entry, whose options must already include the file's `generatorOptions`.
///
/// # Errors
/// [`BuildError::Generator`] for a malformed source or a repeated key, [`BuildError::Load`] for a missing file.
pub(crate) fn config_map(args: &GeneratorArgs, loader: &Loader<'_>) -> Result<Resource, BuildError> {
    let mut node = base("ConfigMap", args, loader)?;
    for pair in pairs(args, loader)? {
        let (field, text) = match String::from_utf8(pair.value) {
            Ok(text) => ("data", text),
            Err(binary) => ("binaryData", base64_lines(binary.as_bytes())),
        };
        set_data(&mut node, field, &pair.key, value_node(text, pair.mark));
    }
    Ok(finish(node, args, OriginKind::ConfigMapGenerator))
}

#[cfg(test)]
mod tests {
    use crate::test_trees::built;

    #[test]
    fn sources_and_options_make_a_config_map() {
        let yaml = built(&[
            (
                "kustomization.yaml",
                "generatorOptions: {labels: {a: b}}\nconfigMapGenerator:\n- name: c\n  literals: ['l=1']\n  \
                 files: [f, k=f]\n  envs: [e]\n  options: {immutable: true, disableNameSuffixHash: true}\n",
            ),
            ("f", "x\ny\n"),
            ("e", "E=2\n"),
        ]);
        let expected = "apiVersion: v1\ndata:\n  E: \"2\"\n  f: |\n    x\n    y\n  k: |\n    x\n    y\n  l: \"1\"\n\
            immutable: true\nkind: ConfigMap\nmetadata:\n  labels:\n    a: b\n  name: c\n";
        assert_eq!(yaml.as_deref(), Ok(expected));
    }

    #[test]
    fn duplicate_keys_are_refused() {
        let text = "configMapGenerator: [{name: c, literals: ['a=1', 'a=2']}]\n";
        let error = built(&[("kustomization.yaml", text)]).unwrap_err();
        assert_eq!(error, "configmap c illegally repeats the key `a`");
    }
}
