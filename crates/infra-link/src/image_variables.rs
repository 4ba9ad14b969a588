//! Variables with tags of images: the objects that state their values, and the places.

use flux_evaluate::DefinedIn;
use infra_model::Place;
use source_tree::Mark;
use yaml_node::Node;

use crate::image_reference::ImageReference;
use crate::inventory::{Inventory, KUSTOMIZE};
use crate::locate::{Located, Locator};

/// Placeholder for the tag in [`infra_model::service::ImageGroup::form`].
pub(crate) const TAG: &str = "{tag}";

/// Longest chain of values that are variables themselves.
const MOST: usize = 8;

/// The scalar that states the tag for a variable.
pub(crate) struct HeldTag {
    pub(crate) at: Located,
    /// The variable.
    pub(crate) name: String,
    /// The present tag.
    pub(crate) tag: String,
    /// The scalar's text with `{tag}` in it; `None` if it is the tag alone.
    pub(crate) form: Option<String>,
}

/// The source of an image's tag.
pub(crate) enum Holder {
    /// One scalar.
    One(HeldTag),
    /// No single scalar that can be edited: several variables make it, a function changes its text, or a patch or a Secret states
    /// it.
    Several,
}

/// Finds where an inventory defines variables.
pub(crate) struct ImageVariables<'a> {
    inventory: &'a Inventory<'a>,
}

/// A value in the object that states it.
struct Definition<'a> {
    value: &'a Node,
    /// The Kustomization that applies the object, which may substitute in turn; `None` if the object is of another cluster.
    owner: Option<usize>,
}

impl<'a> ImageVariables<'a> {
    pub(crate) fn new(inventory: &'a Inventory<'a>) -> Self {
        ImageVariables { inventory }
    }

    /// The source of the tag in `text`, a tag or an image that a Kustomization substitutes; `None` if it has no variables.
    pub(crate) fn holder(
        &self,
        locator: &mut Locator<'_>,
        owner: usize,
        text: &str,
        is_image: bool,
    ) -> Option<Holder> {
        let (mut text, mut owner, mut is_image) = (text, owner, is_image);
        for _ in 0..MOST {
            let name = match TagVariables::parse(text, is_image) {
                TagVariables::None => return None,
                TagVariables::Several => return Some(Holder::Several),
                TagVariables::One { name, holds_image } => {
                    is_image = holds_image;
                    name
                }
            };
            let Some(definition) = self.definition(owner, name) else {
                return self.is_defined(owner, name).then_some(Holder::Several);
            };
            let value = definition.value.text()?;
            if expressions(value).is_empty() {
                let held = held(locator, name, value, definition.value.mark, is_image);
                return Some(held.map_or(Holder::Several, Holder::One));
            }
            let Some(next) = definition.owner else {
                return Some(Holder::Several);
            };
            (text, owner) = (value, next);
        }
        None
    }

    /// The place of the value of a text that is one variable, such as `${CHART_VERSION}`.
    pub(crate) fn place(&self, owner: usize, text: &str) -> Option<Place> {
        let (mut text, mut owner, mut place) = (text, owner, None);
        for _ in 0..MOST {
            let Some(("", name)) = final_variable(text) else {
                break;
            };
            let definition = self.definition(owner, name)?;
            place = self.inventory.place(definition.value.mark);
            let Some(next) = definition.owner else {
                break;
            };
            (text, owner) = (definition.value.text()?, next);
        }
        place
    }

    /// Whether an object defines a variable, or has to since it has no default.
    fn is_defined(&self, owner: usize, name: &str) -> bool {
        let owner = self.inventory.owners.get(owner);
        let used = owner.and_then(|owner| owner.evaluated.variable_uses.get(name));
        used.is_some_and(|used| used.defined_in.is_some() || (used.unknown && !used.defaulted))
    }

    fn definition(&self, owner: usize, name: &str) -> Option<Definition<'a>> {
        let owner = self.inventory.owners.get(owner)?;
        let Some(DefinedIn::Object(defined_in)) = &owner.evaluated.variable_uses.get(name)?.defined_in else {
            return None;
        };
        let (kind, namespace, object) = (defined_in.kind.as_str(), &defined_in.namespace, &defined_in.name);
        match kind {
            "ConfigMap" => {
                let object = self.inventory.find("", "ConfigMap", namespace, object)?;
                Some(Definition {
                    value: object.applied.built.at(&["data", name])?,
                    owner: Some(object.owner),
                })
            }
            "Kustomization" => {
                let path = ["spec", "postBuild", "substitute", name];
                if let Some(object) = self.inventory.find(KUSTOMIZE, kind, namespace, object) {
                    return Some(Definition {
                        value: object.applied.built.at(&path)?,
                        owner: Some(object.owner),
                    });
                }
                // A Kustomization that applies to a remote cluster is an object of the cluster that reaches it.
                let mut owners = self.inventory.owners.iter();
                let owner = owners.find(|owner| {
                    let id = owner.evaluated.id.as_ref();
                    id.is_some_and(|id| (&id.namespace, &id.name) == (namespace, object))
                })?;
                Some(Definition {
                    value: owner.evaluated.object.as_ref()?.built.at(&path)?,
                    owner: None,
                })
            }
            // Texts of Secrets are never shown.
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
    let (at, form) = match locator.candidates(mark).into_iter().find(states) {
        Some(at) => {
            let before = at.text.strip_suffix(tag)?;
            let form = (!before.is_empty()).then(|| format!("{before}{TAG}"));
            (at, form)
        }
        // An env file of a generator is no YAML.
        None => {
            let line = locator.line(mark);
            (line.filter(|line| line.text.trim() == literal)?, None)
        }
    };
    Some(HeldTag {
        name: name.to_owned(),
        tag: tag.to_owned(),
        form,
        at,
    })
}

/// A default that is the tag, or the part of it that its expression makes, with the form of the text.
pub(crate) struct DefaultTag<'t> {
    pub(crate) default: &'t str,
    /// The text with `{tag}` in the place of the default.
    pub(crate) form: String,
}

/// The default of the last expression of a text, if the rendered tag shows that it was used.
pub(crate) fn default_tag<'t>(text: &'t str, tag: &str) -> Option<DefaultTag<'t>> {
    let last = expressions(text).pop()?;
    let name = last.name?;
    let (before, after) = (text.get(..last.start)?, text.get(last.end..)?);
    let expression = text.get(last.start + "${".len() + name.len()..last.end)?;
    let mut operators = [":=", ":-", "=", "-"].iter();
    let (operator, default) = operators
        .find_map(|operator| Some((*operator, expression.strip_prefix(operator)?.strip_suffix('}')?)))?;
    let start = tag.strip_suffix(after)?.strip_suffix(default)?;
    let is_used = !default.is_empty() && before.ends_with(start);
    is_used.then(|| DefaultTag {
        default,
        form: format!("{before}${{{name}{operator}{TAG}}}{after}"),
    })
}

/// The literal `NAME=value` of a generator whose value is the tag, with `{tag}` in its place.
pub(crate) fn literal_form(found: &Located, tag: &str) -> Option<String> {
    let name = found.text.strip_suffix(tag).filter(|_| !tag.is_empty())?;
    let is_literal = !found.embedded && found.keys().next_back() == Some("literals");
    let is_whole_value = name.ends_with('=') && !name.trim_end_matches('=').contains('=');
    (is_literal && is_whole_value).then(|| format!("{name}{TAG}"))
}

/// The variables of the tag in a text.
#[derive(Debug, PartialEq, Eq)]
enum TagVariables<'t> {
    None,
    One {
        name: &'t str,
        /// Whether its value is an image, as of `${image}`, and not the tag or a part of it, as of `web:v${tag}-alpine`.
        holds_image: bool,
    },
    Several,
}

impl<'t> TagVariables<'t> {
    fn parse(text: &'t str, is_image: bool) -> Self {
        let single = |name, holds_image| TagVariables::One { name, holds_image };
        let tag = match is_image {
            true => ImageReference::parse(text).tag,
            false => Some(text),
        };
        let Some(tag) = tag else {
            let variable = final_variable(text);
            return variable.map_or(TagVariables::None, |(_, name)| single(name, true));
        };
        match expressions(tag).as_slice() {
            [] => TagVariables::None,
            // A digest behind a tag wins over it.
            [only] if tag.get(only.end..).is_some_and(|rest| rest.contains('@')) => TagVariables::None,
            [Expression { name: Some(name), .. }] => single(name, false),
            _ => TagVariables::Several,
        }
    }
}

/// One `${…}` of a text.
#[derive(Debug, PartialEq, Eq)]
struct Expression<'t> {
    start: usize,
    end: usize,
    /// The variable; `None` if a function changes its text, or its default contains another expression.
    name: Option<&'t str>,
}

/// The expressions of a text, without escaped ones such as `$${NAME}`.
fn expressions(text: &str) -> Vec<Expression<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("${")) {
        let start = from + at;
        let before = text.get(..start).unwrap_or_default();
        let mut depth = 0_usize;
        let end = text.get(start..).unwrap_or_default().find(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == '}' && depth == 0
        });
        let Some(end) = end.map(|end| start + end + 1) else {
            break;
        };
        if !before.ends_with('$') {
            let whole = text.get(start..end).unwrap_or_default();
            let name = final_variable(whole).filter(|(before, _)| before.is_empty());
            found.push(Expression {
                start,
                end,
                name: name.map(|(_, name)| name),
            });
        }
        from = end;
    }
    found
}

/// The text before a final `${NAME}`, perhaps with a default, and the name.
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
        let form = |text, tag| default_tag(text, tag).map(|found| found.form);
        assert_eq!(
            form("r.example/side:${tag:=5.0}", "5.0").as_deref(),
            Some("r.example/side:${tag:={tag}}")
        );
        assert_eq!(
            form("web:${tag:-v5.0}", "v5.0").as_deref(),
            Some("web:${tag:-{tag}}")
        );
        assert_eq!(
            form("web:v${tag:=5.0}-alpine", "v5.0-alpine").as_deref(),
            Some("web:v${tag:={tag}}-alpine")
        );
        assert_eq!(form("web:${tag:=5.0}", "4.0"), None);
        assert_eq!(form("web:${tag}", "4.0"), None);
    }

    #[test]
    fn a_tag_has_one_variable_or_several() {
        let single = |name, holds_image| TagVariables::One { name, holds_image };
        for (text, expected) in [
            ("r.example:5000/web:v${tag}", single("tag", false)),
            ("${registry}/web:${tag:=1}-alpine", single("tag", false)),
            ("web@${digest}", single("digest", false)),
            ("r.example:5000/${image}", single("image", true)),
            ("${image}", single("image", true)),
            ("web:${tag}@sha256:0123", TagVariables::None),
            ("${registry}/web:1", TagVariables::None),
            ("web:$${tag}", TagVariables::None),
            ("web:${version}-${env}", TagVariables::Several),
            ("web:${version/./-}", TagVariables::Several),
            ("web:${a:=${b}}", TagVariables::Several),
        ] {
            assert_eq!(TagVariables::parse(text, true), expected, "{text}");
        }
        assert_eq!(TagVariables::parse("${a}.${b}", false), TagVariables::Several);
    }
}
