//! A built object and variables turn into the object that Flux applies.
//!
//! Flux substitutes in the object's YAML text, with sorted keys and folded long lines, and parses the result as YAML 1.1, so
//! that values may change their types: <https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_varsub.go>.

mod big_numbers;
#[cfg(test)]
mod conformance;
mod direct;
mod graft;
mod retyped;
mod uses;
mod variables;

use std::sync::Arc;

use memchr::memchr2;
use source_tree::{FileId, Limits, Mark};
use thiserror::Error;
use yaml_node::{Node, Style, Value, read_yaml11, write_document};

use crate::DefinedIn;
use crate::envsubst::{self, EnvsubstError, Undefined};

pub(crate) use direct::is_exact_integer;
pub(crate) use retyped::{LABELS, retyped};
pub(crate) use uses::for_each_use;
pub(crate) use variables::{Value as VariableValue, Variables};
pub use variables::{invalid_name_error, is_variable_name};

/// The label or annotation that disables substitution in an object.
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Why substitution in an object fails. The message never contains a value.
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub(crate) struct SubstituteError {
    pub(crate) message: String,
    pub(crate) mark: Mark,
    /// The expression at fault, as written.
    pub(crate) expression: Option<String>,
    /// The first variable of a scalar that is invalid YAML after substitution.
    pub(crate) unquoted: Option<String>,
    /// The variable with an invalid name, and what defines it.
    pub(crate) variable: Option<(String, Arc<DefinedIn>)>,
}

/// An object after substitution.
#[derive(Clone, Debug)]
pub(crate) struct Substituted {
    /// With `${NAME}` for values that are unknown or come from a Secret.
    pub(crate) node: Node,
    /// As Flux applies it, if that differs.
    pub(crate) rendered: Option<Node>,
    /// Whether it has text that may be a variable.
    pub(crate) mentions: bool,
}

/// Whether an object opts out. Only this exact value does.
pub(crate) fn is_disabled(node: &Node) -> bool {
    let mut maps = ["labels", "annotations"].iter();
    maps.any(|map| node.text_at(&["metadata", map, SUBSTITUTE]) == Some("disabled"))
}

/// Substitutes in one object. With `strict`, an undefined variable is an error.
///
/// # Errors
/// If Flux would fail the whole Kustomization.
pub(crate) fn substitute(
    built: &Node,
    variables: &Variables,
    strict: bool,
    limits: &Limits,
) -> Result<Substituted, SubstituteError> {
    if let Some(name) = variables.invalid_name() {
        let value = variables.get(name);
        return Err(SubstituteError {
            variable: value.map(|value| (name.to_owned(), Arc::clone(value.defined_in()))),
            ..error_at(built.mark, invalid_name_error(name))
        });
    }
    if !mentions_variable(built) {
        return Ok(Substituted {
            node: big_numbers::rounded(built),
            rendered: None,
            mentions: false,
        });
    }
    let direct = match strict {
        true => None,
        false => direct::substitute(built, variables, limits),
    };
    direct.map_or_else(|| substitute_text(built, variables, strict, limits), Ok)
}

/// [`substitute`] in the text of the whole object, as Flux does.
fn substitute_text(
    built: &Node,
    variables: &Variables,
    strict: bool,
    limits: &Limits,
) -> Result<Substituted, SubstituteError> {
    let error = |message: String| {
        let broken = uses::first_broken(built);
        SubstituteError {
            expression: broken.as_ref().map(|broken| broken.expression.clone()),
            ..error_at(broken.map_or(built.mark, |broken| broken.mark), message)
        }
    };
    let text = write_document(built).map_err(|e| error(e.to_string()))?;
    let template = envsubst::parse(&text).map_err(|e| error(format!("variable substitution failed: {e}")))?;
    let undefined = if strict { Undefined::Fail } else { Undefined::Empty };
    let text_of = |bytes: Result<Vec<u8>, EnvsubstError>| {
        let bytes = bytes.map_err(|e| {
            let message = format!("variable substitution failed: {e}");
            match e {
                EnvsubstError::NotSet(name) => error_at(first_use(built, &name), message),
                _ => error(message),
            }
        })?;
        String::from_utf8(bytes).map_err(|_| error(EnvsubstError::BrokenText.to_string()))
    };
    let rendered_text = text_of(template.expand(&|name| variables.rendered(name), undefined))?;
    let shown_text = text_of(template.expand(&|name| variables.shown(name), Undefined::Keep))?;
    let reread = |expanded: &str| -> Result<Node, SubstituteError> {
        if expanded == text {
            return Ok(big_numbers::rounded(built));
        }
        match read_yaml11(expanded, FileId::NONE, limits) {
            Ok(Some(node)) if matches!(node.value, Value::Mapping(_)) => {
                Ok(big_numbers::rounded(&graft::marks(node, built)))
            }
            Ok(_) => Err(error("the result is not an object".into())),
            // Not the parser's message, which may quote a secret value.
            Err(_) => {
                let broken = broken_scalar(built, variables, limits);
                let (mark, names) = broken.unwrap_or_else(|| (built.mark, String::new()));
                let message = match names.as_str() {
                    "" => "the text is not valid YAML after its variables are replaced".to_owned(),
                    names => format!("the text is not valid YAML after {names} is replaced"),
                };
                Err(SubstituteError {
                    mark,
                    unquoted: Some(names).filter(|names| !names.is_empty()),
                    ..error(message)
                })
            }
        }
    };
    let rendered = match reread(&rendered_text) {
        Ok(node) if keeps_identity(&node, built) => node,
        empty => {
            // In the cluster an unknown value is not empty, so `render` shows a placeholder instead of breaking the object.
            let kept = text_of(template.expand(&|name| variables.rendered(name), Undefined::Keep))?;
            match kept == rendered_text {
                true => empty?,
                false => reread(&kept)?,
            }
        }
    };
    if shown_text == rendered_text {
        return Ok(Substituted {
            node: rendered,
            rendered: None,
            mentions: true,
        });
    }
    Ok(Substituted {
        node: reread(&shown_text).unwrap_or_else(|_| built.clone()),
        rendered: Some(rendered),
        mentions: true,
    })
}

fn error_at(mark: Mark, message: String) -> SubstituteError {
    SubstituteError {
        message,
        mark,
        expression: None,
        unquoted: None,
        variable: None,
    }
}

/// Whether an object still has the fields that identify it, as far as it had them before.
fn keeps_identity(node: &Node, built: &Node) -> bool {
    let paths: [&[&str]; 4] = [
        &["apiVersion"],
        &["kind"],
        &["metadata", "name"],
        &["metadata", "namespace"],
    ];
    // Fields of Flux's own objects that identify other objects.
    let of_flux: [&[&str]; 3] = [
        &["spec", "targetNamespace"],
        &["spec", "path"],
        &["spec", "sourceRef", "name"],
    ];
    let api_version = built.text_at(&["apiVersion"]).unwrap_or_default();
    let of_flux = of_flux.iter();
    let of_flux = of_flux.filter(|_| api_version.contains(".toolkit.fluxcd.io/"));
    paths.iter().chain(of_flux).all(|path| {
        let field = node.at(path).filter(|field| !field.is_null());
        let is_filled = || field.and_then(Node::text).is_some_and(|text| !text.is_empty());
        !built.text_at(path).is_some_and(|text| text.contains("${")) || is_filled()
    })
}

/// The place of the first use of a variable.
fn first_use(built: &Node, name: &str) -> Mark {
    let mut mark = None;
    for_each_use(built, &mut |used, _, place| {
        if used == name && mark.is_none() {
            mark = Some(place);
        }
    });
    mark.unwrap_or(built.mark)
}

/// Whether any key or value may have a variable, or a NUL, which ends the text for envsubst.
fn mentions_variable(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => memchr2(b'$', 0, scalar.text.as_bytes()).is_some(),
        Value::Sequence(items) => items.iter().any(mentions_variable),
        Value::Mapping(mapping) => {
            let mut entries = mapping.entries().iter();
            entries.any(|(key, value)| mentions_variable(key) || mentions_variable(value))
        }
    }
}

/// The place of the first scalar that is invalid YAML by itself after substitution, and its first variable.
fn broken_scalar(built: &Node, variables: &Variables, limits: &Limits) -> Option<(Mark, String)> {
    let mut broken = None;
    uses::for_each_scalar(built, &mut |scalar, mark| {
        if broken.is_some() || !scalar.text.contains('$') {
            return;
        }
        let value = Node {
            value: Value::Scalar(scalar.clone()),
            mark,
        };
        let text = write_document(&Node::mapping([("value", value)])).unwrap_or_default();
        let expanded = envsubst::parse(&text)
            .and_then(|template| template.expand(&|name| variables.rendered(name), Undefined::Empty));
        let is_yaml = expanded.is_ok_and(|bytes| {
            String::from_utf8(bytes).is_ok_and(|text| read_yaml11(&text, FileId::NONE, limits).is_ok())
        });
        if !is_yaml {
            let is_block = scalar.style == Style::Literal;
            let mark = Mark {
                line: mark.line.saturating_add(u32::from(is_block)),
                ..mark
            };
            // Quotes do not help in a block scalar.
            let template = envsubst::parse(&scalar.text).ok().filter(|_| !is_block);
            let name = template.and_then(|template| Some(template.variables().first()?.name.to_owned()));
            broken = Some((mark, name.map_or(String::new(), |name| format!("`${{{name}}}`"))));
        }
    });
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use yaml_node::read_documents;

    fn object(text: &str) -> Node {
        read_documents(text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0)
    }

    fn in_object(kind: &str) -> DefinedIn {
        DefinedIn::Object(source_tree::ObjectRef::new(kind, "a", "b"))
    }

    fn variables() -> Variables {
        let mut variables = Variables::default();
        variables.set("known", VariableValue::plain("v", in_object("ConfigMap")));
        variables.set(
            "secret",
            VariableValue::secret(Some("hidden"), in_object("Secret")),
        );
        variables.set("sealed", VariableValue::secret(None, in_object("Secret")));
        variables
    }

    #[test]
    fn secret_and_unknown_values_stay_as_written_in_the_model() {
        let built = object("kind: X\na: ${known}\nb: ${secret}\nc: ${sealed:=d}\nd: ${gone}\n");
        let result = substitute(&built, &variables(), false, &Limits::default()).unwrap();
        assert_eq!(
            write_document(&result.node).unwrap(),
            "a: v\nb: ${secret}\nc: ${sealed}\nd: ${gone}\nkind: X\n"
        );
        assert_eq!(
            write_document(&result.rendered.unwrap()).unwrap(),
            "a: v\nb: hidden\nc: d\nd: null\nkind: X\n"
        );
    }

    #[test]
    fn unknown_values_empty_nothing() {
        for (text, expected) in [
            ("image: x:${sealed}", "image: x:${sealed}\nkind: X\n"),
            ("hosts:\n- ${gone}:8080", "hosts:\n- ${gone}:8080\nkind: X\n"),
            ("a: {'${gone}': ''}", "a:\n  ${gone}: \"\"\nkind: X\n"),
            (
                "metadata: {name: '${gone}'}",
                "kind: X\nmetadata:\n  name: ${gone}\n",
            ),
            ("number: ${sealed}", "kind: X\nnumber: ${sealed}\n"),
        ] {
            let built = object(&format!("kind: X\n{text}\n"));
            let result = substitute(&built, &variables(), false, &Limits::default()).unwrap();
            assert_eq!(write_document(&result.node).unwrap(), expected);
        }
        let built = object("kind: X\nmetadata: {name: '${gone}', namespace: '${known}'}\n");
        let result = substitute(&built, &variables(), false, &Limits::default()).unwrap();
        let rendered = result.rendered.unwrap_or(result.node);
        assert_eq!(rendered.text_at(&["metadata", "name"]), Some("${gone}"));
    }

    #[test]
    fn marks_survive_and_an_untouched_object_is_the_same() {
        let built = object("kind: X\nlist:\n- a\n- ${known}\nmap:\n  ${known}: 1\n");
        let result = substitute(&built, &variables(), false, &Limits::default()).unwrap();
        assert_eq!(result.node.at(&["list"]).unwrap().items()[1].mark.line, 4);
        assert_eq!(result.node.at(&["map", "v"]).unwrap().mark.line, 6);
        let plain = object("kind: X\na: 0o17\n");
        let result = substitute(&plain, &variables(), false, &Limits::default()).unwrap();
        assert_eq!(result.node, plain);
    }

    #[test]
    fn an_error_names_the_line_and_no_value() {
        let built = object("kind: X\na: ok\nb: ${my-var}\n");
        let error = substitute(&built, &variables(), false, &Limits::default()).unwrap_err();
        assert_eq!(error.mark.line, 3);
        let mut variables = variables();
        variables.set("bad", VariableValue::secret(Some("@hush"), in_object("Secret")));
        let built = object("kind: X\na: ${bad}\n");
        let error = substitute(&built, &variables, false, &Limits::default()).unwrap_err();
        assert!(!error.message.contains("hush"), "{error}");
        let error = substitute(
            &object("kind: X\n\na: ${gone}\n"),
            &variables,
            true,
            &Limits::default(),
        )
        .unwrap_err();
        assert_eq!(error.mark.line, 3);
    }
}
