//! The variables that hold the tags of images: which object states the value, and where.

use flux_evaluate::DefinedIn;
use infra_model::Place;
use source_tree::Mark;
use yaml_node::Node;

use crate::image_reference::ImageReference;
use crate::inventory::{Inventory, KUSTOMIZE};
use crate::locate::{Located, Locator};

/// What stands for the tag in [`infra_model::service::ImageGroup::form`].
pub(crate) const TAG: &str = "{tag}";

/// Values may be made of other variables, but not without end.
const MOST: usize = 8;

/// The scalar that holds a tag in the place of the expression that uses it.
pub(crate) struct HeldTag {
    pub(crate) at: Located,
    /// The variable.
    pub(crate) name: String,
    /// The present tag.
    pub(crate) tag: String,
    /// The scalar's text with `{tag}` in it; none where it is the tag alone.
    pub(crate) form: Option<String>,
}

/// Finds where an inventory defines variables.
pub(crate) struct ImageVariables<'a> {
    inventory: &'a Inventory<'a>,
}

/// A value as an object states it.
struct Definition<'a> {
    value: &'a Node,
    /// The Kustomization that applies the object, which may substitute in turn.
    owner: usize,
}

impl<'a> ImageVariables<'a> {
    pub(crate) fn new(inventory: &'a Inventory<'a>) -> Self {
        ImageVariables { inventory }
    }

    /// The scalar that holds the tag, where `text`, a tag or an image that a Kustomization substitutes, ends with a variable.
    pub(crate) fn held_tag(
        &self,
        locator: &mut Locator<'_>,
        owner: usize,
        text: &str,
        is_image: bool,
    ) -> Option<HeldTag> {
        let (mut text, mut owner, mut is_image) = (text, owner, is_image);
        for _ in 0..MOST {
            let (before, name) = final_variable(text)?;
            // `r.example/web:${tag}` against `${image}`.
            is_image &= !is_before_tag(before);
            let definition = self.definition(owner, name)?;
            let value = definition.value.text()?;
            if final_variable(value).is_none() {
                return held(locator, name, value, definition.value.mark, is_image);
            }
            (text, owner) = (value, definition.owner);
        }
        None
    }

    /// Where the value is stated that a text of one variable alone stands for, such as `${CHART_VERSION}`.
    pub(crate) fn place(&self, owner: usize, text: &str) -> Option<Place> {
        let (mut text, mut owner, mut place) = (text, owner, None);
        for _ in 0..MOST {
            let Some(("", name)) = final_variable(text) else {
                break;
            };
            let definition = self.definition(owner, name)?;
            place = self.inventory.place(definition.value.mark);
            (text, owner) = (definition.value.text()?, definition.owner);
        }
        place
    }

    fn definition(&self, owner: usize, name: &str) -> Option<Definition<'a>> {
        let used = self
            .inventory
            .owners
            .get(owner)?
            .evaluated
            .variable_uses
            .get(name)?;
        let Some(DefinedIn::Object(defined_in)) = &used.defined_in else {
            return None;
        };
        let (kind, namespace, object) = (defined_in.kind.as_str(), &defined_in.namespace, &defined_in.name);
        match kind {
            "ConfigMap" => {
                let object = self.inventory.find("", "ConfigMap", namespace, object)?;
                Some(Definition {
                    value: object.applied.built.at(&["data", name])?,
                    owner: object.owner,
                })
            }
            "Kustomization" => {
                let object = self.inventory.find(KUSTOMIZE, kind, namespace, object)?;
                Some(Definition {
                    value: object
                        .applied
                        .built
                        .at(&["spec", "postBuild", "substitute", name])?,
                    owner: object.owner,
                })
            }
            // No text of a Secret is shown.
            _ => None,
        }
    }
}

/// The scalar at a mark that states the value of a variable: as `name: value`, or as a literal `name=value` of a generator.
fn held(locator: &mut Locator<'_>, name: &str, value: &str, mark: Mark, is_image: bool) -> Option<HeldTag> {
    let tag = match is_image {
        true => ImageReference::parse(value).tag?,
        false => value,
    };
    let literal = format!("{name}={value}");
    let states = |found: &Located| {
        !found.embedded
            && !found.path.is_empty()
            && ((found.text == value && found.keys().next_back() == Some(name)) || found.text == literal)
    };
    let Some(at) = locator.candidates(mark).into_iter().find(states) else {
        // An env file of a generator is no YAML.
        let at = locator.line(mark).filter(|line| line.text.trim() == literal)?;
        return Some(HeldTag {
            name: name.to_owned(),
            tag: tag.to_owned(),
            form: None,
            at,
        });
    };
    let before = at.text.strip_suffix(tag)?;
    let form = (!before.is_empty()).then(|| format!("{before}{TAG}"));
    Some(HeldTag {
        name: name.to_owned(),
        tag: tag.to_owned(),
        form,
        at,
    })
}

/// A text that ends with an expression whose default is the tag, with `{tag}` in its place.
pub(crate) fn default_form(text: &str, tag: &str) -> Option<String> {
    let (before, name) = final_variable(text)?;
    let expression = text.get(before.len() + "${".len() + name.len()..)?;
    let operators = [":=", ":-", "=", "-"];
    let (operator, default) = operators
        .iter()
        .find_map(|operator| Some((*operator, expression.strip_prefix(operator)?.strip_suffix('}')?)))?;
    (default == tag).then(|| format!("{before}${{{name}{operator}{TAG}}}"))
}

/// The literal `NAME=value` of a generator whose value is the tag, with `{tag}` in its place.
pub(crate) fn literal_form(found: &Located, tag: &str) -> Option<String> {
    let name = found.text.strip_suffix(tag).filter(|_| !tag.is_empty())?;
    let is_literal = !found.embedded && found.keys().next_back() == Some("literals");
    let is_whole_value = name.ends_with('=') && !name.trim_end_matches('=').contains('=');
    (is_literal && is_whole_value).then(|| format!("{name}{TAG}"))
}

/// What stands before the `${NAME}` with which a text ends, and the name. A default does not matter.
fn final_variable(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix('}')?;
    let (before, inner) = inner.rsplit_once("${")?;
    let end = inner
        .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .unwrap_or(inner.len());
    let (name, rest) = inner.split_at_checked(end)?;
    let is_default = rest.is_empty() || (rest.starts_with([':', '=', '-']) && !rest.contains('}'));
    // `$${NAME}` is no expression.
    (!name.is_empty() && is_default && !before.ends_with('$')).then_some((before, name))
}

/// Whether what follows a part of an image is its tag or digest.
fn is_before_tag(before: &str) -> bool {
    let last = before.rsplit('/').next().unwrap_or(before);
    last.contains([':', '@'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_ends_with_a_variable() {
        assert_eq!(
            final_variable("r.example/web:${tag}"),
            Some(("r.example/web:", "tag"))
        );
        assert_eq!(final_variable("${a}/web:v${tag:=1}"), Some(("${a}/web:v", "tag")));
        assert_eq!(final_variable("web:${tag}-alpine"), None);
        assert_eq!(final_variable("web:$${tag}"), None);
        assert_eq!(final_variable("web:${a:=${b}}"), None);
        assert_eq!(final_variable("web:1"), None);
    }

    #[test]
    fn a_default_is_replaced_in_its_expression() {
        assert_eq!(
            default_form("r.example/side:${tag:=5.0}", "5.0").as_deref(),
            Some("r.example/side:${tag:={tag}}")
        );
        assert_eq!(
            default_form("web:${tag:-v5.0}", "v5.0").as_deref(),
            Some("web:${tag:-{tag}}")
        );
        assert_eq!(default_form("web:${tag:=5.0}", "4.0"), None);
        assert_eq!(default_form("web:${tag}", "4.0"), None);
    }

    #[test]
    fn a_tag_follows_a_colon_of_the_last_part() {
        assert!(is_before_tag("r.example:5000/web:v"));
        assert!(is_before_tag("web@"));
        assert!(!is_before_tag("r.example:5000/"));
        assert!(!is_before_tag(""));
    }
}
