//! Two objects turn into the fields that differ.

mod list;
mod path;
mod value;

use yaml_node::{Node, Value};

use crate::noise::Noise;
use crate::objects::Object;
use crate::review::FieldChange;

use list::aligned;
use value::Shown;

pub(crate) use path::{Path, Step};

/// The most fields of one object that are shown; the rest is counted.
pub(crate) const MOST_FIELDS: usize = 100;

/// The fields in which two objects differ, and the number of those that are not shown.
pub(crate) fn fields(before: &Object<'_>, after: &Object<'_>) -> (Vec<FieldChange>, usize) {
    let mut difference = Difference {
        before,
        after,
        shown: Shown::of(after),
        noise: Noise::of(after),
        path: Path::default(),
        fields: Vec::new(),
        more: 0,
    };
    difference.compare(
        Side::new(before.node(), before.shown),
        Side::new(after.node(), after.shown),
    );
    (difference.fields, difference.more)
}

/// The paths at which two trees differ, the values left out.
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
    for (step, before, after) in steps(before, after) {
        path.push(step);
        match (before, after) {
            (Some(before), Some(after)) if is_container(before, after) => walk(path, before, after, differs),
            (Some(before), Some(after)) if before.same_value(after) => {}
            _ => differs(path),
        }
        path.pop();
    }
}

/// A part of an object, and the same part as it may be shown.
#[derive(Clone, Copy)]
struct Side<'a> {
    raw: &'a Node,
    shown: &'a Node,
}

impl<'a> Side<'a> {
    fn new(raw: &'a Node, shown: &'a Node) -> Self {
        Side { raw, shown }
    }
}

struct Difference<'a> {
    before: &'a Object<'a>,
    after: &'a Object<'a>,
    shown: Shown,
    noise: Noise,
    path: Path,
    fields: Vec<FieldChange>,
    more: usize,
}

impl Difference<'_> {
    fn compare(&mut self, before: Side<'_>, after: Side<'_>) {
        if before.raw.same_value(after.raw) {
            return;
        }
        // The trees that are shown have the same members as those that are compared.
        let shown = steps(before.shown, after.shown);
        for (index, (step, old, new)) in steps(before.raw, after.raw).into_iter().enumerate() {
            let (shown_old, shown_new) = shown
                .get(index)
                .map_or((None, None), |(_, old, new)| (*old, *new));
            let old = old.map(|raw| Side::new(raw, shown_old.unwrap_or(raw)));
            let new = new.map(|raw| Side::new(raw, shown_new.unwrap_or(raw)));
            self.path.push(step);
            match (old, new) {
                (Some(old), Some(new)) if is_container(old.raw, new.raw) => self.compare(old, new),
                (Some(old), Some(new)) if old.raw.same_value(new.raw) => {}
                (old, new) => self.differs(old, new),
            }
            self.path.pop();
        }
    }

    fn differs(&mut self, before: Option<Side<'_>>, after: Option<Side<'_>>) {
        if self.fields.len() >= MOST_FIELDS {
            self.more += 1;
            return;
        }
        let place = match (before, after) {
            (_, Some(after)) => self.after.place_of(after.raw),
            (Some(before), None) => self.before.place_of(before.raw),
            (None, None) => None,
        };
        let noise = self.noise.has(&self.path);
        let change = self.shown.change(
            &self.path,
            before.map(|side| side.shown),
            after.map(|side| side.shown),
        );
        self.fields.push(FieldChange {
            path: self.path.to_string(),
            before: change.before,
            after: change.after,
            lines: change.lines,
            place,
            noise,
        });
    }
}

fn is_container(before: &Node, after: &Node) -> bool {
    matches!(
        (&before.value, &after.value),
        (Value::Mapping(_), Value::Mapping(_)) | (Value::Sequence(_), Value::Sequence(_))
    )
}

type Pairing<'a> = (Step, Option<&'a Node>, Option<&'a Node>);

/// The members of two mappings, or the items of two lists, side by side.
fn steps<'a>(before: &'a Node, after: &'a Node) -> Vec<Pairing<'a>> {
    match (&before.value, &after.value) {
        (Value::Mapping(old), Value::Mapping(new)) => {
            let kept = old
                .iter()
                .map(|(key, value)| (Step::Key(key.to_owned()), Some(value), new.get(key)));
            let added = new
                .iter()
                .filter(|(key, _)| old.get(key).is_none())
                .map(|(key, value)| (Step::Key(key.to_owned()), None, Some(value)));
            kept.chain(added).collect()
        }
        (Value::Sequence(old), Value::Sequence(new)) => aligned(old, new),
        _ => Vec::new(),
    }
}
