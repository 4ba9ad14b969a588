//! A ResourceSet and its input providers turn into the objects that flux-operator applies.
//!
//! As <https://fluxoperator.dev/docs/crd/resourceset/> describes it: templates between `<<` and `>>` are executed once per
//! set of inputs; what comes out is read as objects, of which the first of each name counts.

mod error;
mod inputs;
mod objects;
mod placed_inputs;
mod selector;
mod slugify;
mod template;

#[cfg(test)]
mod template_tests;
#[cfg(test)]
mod tests;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use go_template::Value;
use source_tree::Limits;
use yaml_node::Node;

use crate::flux::{ResourceSet, ResourceSetInputProvider};
pub(crate) use error::ResourceSetError;
use objects::Key;

/// The objects of `set`, in the order in which they are applied. `providers` are all that exist; those that `inputsFrom`
/// names or selects are used. An object of `resources` is marked at its entry, one of `resourcesTemplate` at its line.
///
/// # Errors
/// [`ResourceSetError`] where flux-operator would refuse the set, where inputs come from outside of the repository, and
/// for functions whose result cannot be known.
pub(crate) fn render(
    set: &ResourceSet,
    providers: &[ResourceSetInputProvider],
    limits: &Limits,
) -> Result<Vec<Node>, ResourceSetError> {
    let inputs = inputs::combine(set, providers)?;
    if inputs.is_empty() && !set.inputs_from.is_empty() {
        return Ok(Vec::new());
    }
    let steps = steps(set)?;
    let bounds = objects::Bounds::new(limits);
    let mut rendered = Vec::new();
    let mut step_of: HashMap<Key, usize> = HashMap::new();
    for (number, step) in steps.iter().enumerate() {
        for object in render_step(step, &inputs, &bounds)? {
            let key = objects::key(&object);
            let first = *step_of.entry(key).or_insert(number);
            if first != number {
                let message = format!("{} stands in two steps", crate::flux::object_ref(&object));
                return Err(ResourceSetError::new(message, object.mark));
            }
            bounds.check_objects(rendered.len(), object.mark)?;
            rendered.push(object);
        }
    }
    if let Some(metadata) = &set.common_metadata {
        for object in &mut rendered {
            objects::set_common_metadata(object, metadata);
        }
    }
    Ok(rendered)
}

/// What one step, or the set itself, states.
struct Step<'s> {
    resources: &'s [Node],
    template: Option<&'s Node>,
}

fn steps(set: &ResourceSet) -> Result<Vec<Step<'_>>, ResourceSetError> {
    let template = |node: &'_ Option<Node>| -> bool {
        node.as_ref()
            .and_then(Node::text)
            .is_some_and(|text| !text.is_empty())
    };
    if set.steps.is_empty() {
        return Ok(vec![Step {
            resources: &set.resources,
            template: set.resources_template.as_ref(),
        }]);
    }
    let mark = set
        .node
        .at(&["spec", "steps"])
        .map_or(set.node.mark, |node| node.mark);
    if !set.resources.is_empty() || template(&set.resources_template) {
        let message = "steps cannot stand beside resources or resourcesTemplate";
        return Err(ResourceSetError::new(message, mark));
    }
    let read = |(resources, text): &'_ (Vec<Node>, Option<Node>)| !resources.is_empty() || template(text);
    if !set.steps.iter().all(read) {
        return Err(ResourceSetError::new(
            "a step must have resources or resourcesTemplate",
            mark,
        ));
    }
    Ok(set
        .steps
        .iter()
        .map(|(resources, template)| Step {
            resources,
            template: template.as_ref(),
        })
        .collect())
}

/// Objects of `resources`, entry by entry, then those of the template; each name once.
fn render_step(
    step: &Step<'_>,
    inputs: &[Value],
    bounds: &objects::Bounds<'_>,
) -> Result<Vec<Node>, ResourceSetError> {
    let mut rendered = Vec::new();
    let mut seen: HashSet<Key> = HashSet::new();
    // Without inputs templates are executed once, with none.
    let none = [Value::nil_map()];
    let sets = if inputs.is_empty() { &none } else { inputs };
    for resource in step.resources {
        let template = objects::ResourceTemplate::new(resource)?;
        for inputs_of_one in sets {
            let object = template.object(inputs_of_one, bounds)?;
            bounds.check_objects(rendered.len(), object.mark)?;
            if inputs.is_empty() {
                seen.insert(objects::key(&object));
                rendered.push(object);
            } else if !objects::is_disabled(&object) && seen.insert(objects::key(&object)) {
                rendered.push(object);
            }
        }
    }
    let text = step
        .template
        .filter(|node| node.text().is_some_and(|text| !text.is_empty()));
    if let Some(node) = text {
        let template = objects::TextTemplate::new(node)?;
        for inputs_of_one in sets {
            for object in template.objects(inputs_of_one, bounds)? {
                bounds.check_objects(rendered.len(), object.mark)?;
                if !objects::is_disabled(&object) && seen.insert(objects::key(&object)) {
                    rendered.push(object);
                }
            }
        }
    }
    Ok(rendered)
}
