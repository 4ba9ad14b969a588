//! `secretGenerator`: Secrets.

use yaml_node::{Lost, Node};

use super::object::{base, base64_lines, finish, pairs, set_data};
use crate::BuildError;
use crate::kustomization::GeneratorArgs;
use crate::load::Loader;
use crate::node_edit::{set_entry, value_node};
use crate::resource::{OriginKind, Resource};

/// Makes the Secret of an entry, whose options must already include the file's `generatorOptions`.
///
/// # Errors
/// As [`super::config_map()`].
pub(crate) fn secret(args: &GeneratorArgs, loader: &Loader<'_>) -> Result<Resource, BuildError> {
    let mut node = base("Secret", args, loader)?;
    let (secret_type, mark) = match args.secret_type.is_empty() {
        true => ("Opaque".into(), args.mark),
        false => (args.secret_type.value.clone(), args.secret_type.mark),
    };
    if let Some(object) = node.as_mapping_mut() {
        set_entry(object, "type", Node::str(secret_type).with_mark(mark));
        set_entry(object, "data", Node::empty_mapping().with_mark(args.mark));
    }
    for pair in pairs(args, loader)? {
        let value = value_node(base64_lines(&pair.value), pair.mark);
        set_data(&mut node, "data", &pair.key, value);
    }
    if loader.sources().syntax().is_enabled()
        && let Some(data) = node.get_mut("data").filter(|data| data.iter().next().is_none())
    {
        // Only go-yaml's node shows whether it was ever filled.
        data.mark = Lost::NoData.mark();
    }
    Ok(finish(node, args, OriginKind::SecretGenerator))
}

#[cfg(test)]
mod tests {
    use crate::test_trees::built;

    #[test]
    fn values_are_encoded_and_the_type_is_opaque() {
        let text = "secretGenerator:\n- name: s\n  literals: ['a=b']\n- name: e\n  type: t\n";
        let yaml = built(&[("kustomization.yaml", text)]);
        let expected = "apiVersion: v1\ndata:\n  a: Yg==\nkind: Secret\nmetadata:\n  name: s-k695gkmbtk\ntype: Opaque\n---\n\
            apiVersion: v1\ndata: {}\nkind: Secret\nmetadata:\n  name: e-764bm72mmb\ntype: t\n";
        assert_eq!(yaml.as_deref(), Ok(expected));
    }
}
