//! The fields in which two objects differ.

mod list;
mod path;
mod value;

use source_tree::Place;
use yaml_node::{Node, Value};

use crate::noise::Noise;
use crate::objects::Object;
use crate::review::FieldChange;

use list::aligned;
use value::{Context, ShownChange, flag_name};

pub(crate) use path::{Path, Step};

/// The most fields of one object that are shown; the rest is counted.
pub(crate) const MOST_FIELDS: usize = 100;

/// The fields in which two objects differ, and the number of those that are not shown.
pub(crate) fn fields(before: &Object<'_>, after: &Object<'_>) -> (Vec<FieldChange>, usize) {
    let mut difference = Difference {
        before,
        after,
        noise: Noise::new(after),
        path: Path::default(),
        fields: Vec::new(),
        more: 0,
    };
    let context = Context {
        in_secret: false,
        key: "",
    };
    let [before, after] = [before, after].map(|object| Side::new(object.node(), object.shown));
    difference.compare(before, after, context);
    (difference.fields, difference.more)
}

/// The paths at which two trees differ.
pub(crate) fn paths(before: &Node, after: &Node) -> Vec<String> {
    let mut found = Vec::new();
    walk(&mut Path::default(), before, after, &mut |path| {
        if found.len() < MOST_FIELDS {
            found.push(path.to_string());
        }
    });
    found
}

fn walk(path: &mut Path, before: &Node, after: &Node, differs: &mut dyn FnMut(&Path)) {
    if before.same_value(after) {
        return;
    }
    let pairings = pairings(before, after);
    if order(before, after, &pairings).is_some() {
        differs(path);
    }
    for pairing in pairings {
        path.push(pairing.step);
        let before = pairing.before.and_then(|position| child(before, position));
        let after = pairing.after.and_then(|position| child(after, position));
        match (before, after) {
            (Some(before), Some(after)) if is_container(before, after) => walk(path, before, after, differs),
            (Some(before), Some(after)) if before.same_value(after) => {}
            _ => differs(path),
        }
        path.pop();
    }
}

/// A node of an object, and the node as it may be shown.
#[derive(Clone, Copy)]
struct Side<'a> {
    raw: &'a Node,
    shown: &'a Node,
}

impl<'a> Side<'a> {
    fn new(raw: &'a Node, shown: &'a Node) -> Self {
        Side { raw, shown }
    }

    /// A member or an item. It has the same position in the shown tree.
    fn child(self, position: usize) -> Option<Self> {
        let raw = child(self.raw, position)?;
        Some(Side::new(raw, child(self.shown, position).unwrap_or(raw)))
    }
}

struct Difference<'a> {
    before: &'a Object<'a>,
    after: &'a Object<'a>,
    noise: Noise,
    path: Path,
    fields: Vec<FieldChange>,
    more: usize,
}

impl Difference<'_> {
    fn compare(&mut self, before: Side<'_>, after: Side<'_>, around: Context<'_>) {
        if before.raw.same_value(after.raw) {
            return;
        }
        let is_secret = |side: Side<'_>| side.raw.text_at(&["kind"]) == Some("Secret");
        let in_secret = around.in_secret || is_secret(before) || is_secret(after);
        let pairings = pairings(before.raw, after.raw);
        if let Some(order) = order(before.shown, after.shown, &pairings) {
            // A list whose items are in another order: `[A, B] -> [B, A]`.
            self.push(self.after.place_of(after.raw), |_| order);
        }
        for pairing in pairings {
            let old = pairing.before.and_then(|position| before.child(position));
            let new = pairing.after.and_then(|position| after.child(position));
            let step = match pairing.step {
                Step::Item { field, .. } => {
                    // The name may have to be withheld.
                    let shown = new.or(old).and_then(|side| side.shown.text_at(field));
                    let name = value::redacted("", shown.unwrap_or_default());
                    Step::Item { field, name }
                }
                step => step,
            };
            let flag = |list, position: Option<usize>| flag_before(list, position?);
            let flag = flag(after.raw, pairing.after).or_else(|| flag(before.raw, pairing.before));
            let name = after.raw.text_at(&["name"]).unwrap_or_default().to_owned();
            let key = match &step {
                Step::Key(key) if key == "value" && !name.is_empty() => name,
                Step::Key(key) => key.clone(),
                _ => flag.unwrap_or(around.key).to_owned(),
            };
            let context = Context { in_secret, key: &key };
            self.path.push(step);
            match (old, new) {
                (Some(old), Some(new)) if is_container(old.raw, new.raw) => self.compare(old, new, context),
                (Some(old), Some(new)) if old.raw.same_value(new.raw) => {}
                (old, new) => self.differs(old, new, context),
            }
            self.path.pop();
        }
    }

    fn differs(&mut self, before: Option<Side<'_>>, after: Option<Side<'_>>, context: Context<'_>) {
        let place = match (before, after) {
            (_, Some(after)) => self.after.place_of(after.raw),
            (Some(before), None) => self.before.place_of(before.raw),
            (None, None) => None,
        };
        let [before, after] = [before, after].map(|side| side.map(|side| side.shown));
        self.push(place, |path| value::change(path, context, before, after));
    }

    fn push(&mut self, place: Option<Place>, change: impl FnOnce(&Path) -> ShownChange) {
        if self.fields.len() >= MOST_FIELDS {
            self.more += 1;
            return;
        }
        let change = change(&self.path);
        self.fields.push(FieldChange {
            path: self.path.to_string(),
            before: change.before,
            after: change.after,
            lines: change.lines,
            place,
            noise: self.noise.has(&self.path),
        });
    }
}

/// The flag whose value an item of a list of arguments is: the item before it.
fn flag_before(list: &Node, position: usize) -> Option<&str> {
    let flag = flag_name(list.items().get(position.checked_sub(1)?)?);
    (!flag.is_empty()).then_some(flag)
}

fn is_container(before: &Node, after: &Node) -> bool {
    matches!(
        (&before.value, &after.value),
        (Value::Mapping(_), Value::Mapping(_)) | (Value::Sequence(_), Value::Sequence(_))
    )
}

/// A pair of members or items of two sides, by their positions.
struct Pairing {
    step: Step,
    before: Option<usize>,
    after: Option<usize>,
}

/// Pairs the members of two mappings, or the items of two lists.
fn pairings(before: &Node, after: &Node) -> Vec<Pairing> {
    match (&before.value, &after.value) {
        (Value::Mapping(old), Value::Mapping(new)) => {
            let pairing = |key: &str| Pairing {
                step: Step::Key(key.to_owned()),
                before: old.position(key),
                after: new.position(key),
            };
            let kept = old.iter().map(|(key, _)| pairing(key));
            let added = new.iter().filter(|(key, _)| old.position(key).is_none());
            kept.chain(added.map(|(key, _)| pairing(key))).collect()
        }
        (Value::Sequence(old), Value::Sequence(new)) => aligned(old, new),
        _ => Vec::new(),
    }
}

/// The common items of two lists in the order of each, if the orders differ.
fn order(before: &Node, after: &Node, pairings: &[Pairing]) -> Option<ShownChange> {
    before.as_sequence().and(after.as_sequence())?;
    let mut common: Vec<(usize, usize, &Step)> = pairings
        .iter()
        .filter_map(|pairing| Some((pairing.before?, pairing.after?, &pairing.step)))
        .collect();
    if common.is_sorted_by_key(|(_, after, _)| *after) {
        return None;
    }
    let name = |list: &Node, position: usize, step: &Step| -> String {
        let item = list.items().get(position);
        let text = match step {
            Step::Item { field, .. } => item.and_then(|item| item.text_at(field)),
            _ => item.and_then(Node::text),
        };
        value::redacted("", text.unwrap_or_default())
    };
    let list = |names: Vec<String>| Some(value::cut(&format!("[{}]", names.join(", "))));
    let old = common.iter().map(|(at, _, step)| name(before, *at, step));
    let old = list(old.collect());
    common.sort_by_key(|(_, after, _)| *after);
    let new = common.iter().map(|(_, at, step)| name(after, *at, step));
    Some(ShownChange::values(old, list(new.collect())))
}

fn child(node: &Node, position: usize) -> Option<&Node> {
    match &node.value {
        Value::Mapping(mapping) => mapping.entries().get(position).map(|(_, value)| value),
        Value::Sequence(items) => items.get(position),
        Value::Scalar(_) => None,
    }
}
