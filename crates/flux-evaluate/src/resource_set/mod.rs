//! A ResourceSet and its input providers turn into the objects that flux-operator applies.
//!
//! As in <https://fluxoperator.dev/docs/crd/resourceset/>: templates between `<<` and `>>` are executed once per set of inputs;
//! of several objects with one identity the first counts.

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

/// The objects of `set`, in the order in which they are applied. `providers` are all that exist; `inputsFrom` selects among
/// them. An object of `resources` has the place of its entry, one of `resourcesTemplate` that of its line.
///
/// # Errors
/// [`ResourceSetError`] if flux-operator would refuse the set, if inputs come from outside of the repository, and for
/// functions whose result is unknown.
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
                let message = format!("{} is in two steps", crate::flux::object_ref(&object));
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

/// The fields of one step, or of the set itself.
struct Step<'s> {
    resources: &'s [Node],
    /// `resourcesTemplate`, unless it is empty.
    template: Option<&'s Node>,
}

impl<'s> Step<'s> {
    fn new(resources: &'s [Node], template: Option<&'s Node>) -> Self {
        let is_filled = |node: &&Node| node.text().is_some_and(|text| !text.is_empty());
        Step {
            resources,
            template: template.filter(is_filled),
        }
    }

    fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.template.is_none()
    }
}

fn steps(set: &ResourceSet) -> Result<Vec<Step<'_>>, ResourceSetError> {
    let own = Step::new(&set.resources, set.resources_template.as_ref());
    if set.steps.is_empty() {
        return Ok(vec![own]);
    }
    let mark = set
        .node
        .at(&["spec", "steps"])
        .map_or(set.node.mark, |node| node.mark);
    if !own.is_empty() {
        let message = "steps cannot be combined with resources or resourcesTemplate";
        return Err(ResourceSetError::new(message, mark));
    }
    let steps = set.steps.iter();
    let steps = steps.map(|(resources, template)| Step::new(resources, template.as_ref()));
    let steps: Vec<Step<'_>> = steps.collect();
    if steps.iter().any(Step::is_empty) {
        let message = "a step must have resources or resourcesTemplate";
        return Err(ResourceSetError::new(message, mark));
    }
    Ok(steps)
}

/// Objects of `resources`, entry by entry, then those of the template, without duplicates.
fn render_step(
    step: &Step<'_>,
    inputs: &[Value],
    bounds: &objects::Bounds<'_>,
) -> Result<Vec<Node>, ResourceSetError> {
    let mut rendered = Vec::new();
    let mut seen: HashSet<Key> = HashSet::new();
    // Without inputs, templates are executed once.
    let none = [Value::nil_map()];
    let sets = if inputs.is_empty() { &none } else { inputs };
    let mut add = |object: Node, is_unconditional: bool| {
        bounds.check_objects(rendered.len(), object.mark)?;
        let is_new =
            (is_unconditional || !objects::is_disabled(&object)) && seen.insert(objects::key(&object));
        if is_new || is_unconditional {
            rendered.push(object);
        }
        Ok(())
    };
    for resource in step.resources {
        let template = objects::ResourceTemplate::new(resource)?;
        for set in sets {
            // Without inputs, upstream keeps every entry of `resources`.
            add(template.object(set, bounds)?, inputs.is_empty())?;
        }
    }
    if let Some(node) = step.template {
        let template = objects::TextTemplate::new(node)?;
        for set in sets {
            for object in template.objects(set, bounds)? {
                add(object, false)?;
            }
        }
    }
    Ok(rendered)
}
