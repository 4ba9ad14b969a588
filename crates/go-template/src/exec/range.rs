//! `range` loops.

use super::frame::{Flow, Frame};
use super::slot::Slot;
use crate::error::ExecResult;
use crate::parse::{Branch, Node, NodeRef};
use crate::{Caller, Kind, ListType, Value, fmt};

pub(super) fn range<'f>(
    frame: &mut Frame<'f, '_>,
    dot: &Slot,
    node: &'f Node,
    branch: &'f Branch,
) -> ExecResult<()> {
    frame.at(NodeRef::Node(node));
    let slot = frame.pipeline(dot, &branch.pipeline)?;
    let mark = frame.mark();
    let mut loops = Loop {
        branch,
        mark,
        any: false,
    };
    let value = match &slot.value.kind {
        Kind::Object(object) => object.underlying().unwrap_or_else(|| slot.value.clone()),
        _ => slot.value.clone(),
    };
    match &value.kind {
        Kind::Nil => {}
        Kind::Int(_) | Kind::Int64(_) | Kind::Uint8(_) | Kind::Uint64(_) => {
            if branch.pipeline.variables.len() > 1 {
                let shown = shown(frame, &value)?;
                let message = format!("can't use {shown} to iterate over more than one variable");
                return Err(frame.error(message));
            }
            let numbers: Box<dyn Iterator<Item = Kind>> = match value.kind {
                Kind::Int64(count) => Box::new((0..count).map(Kind::Int64)),
                Kind::Uint8(count) => Box::new((0..count).map(Kind::Uint8)),
                Kind::Uint64(count) => Box::new((0..count).map(Kind::Uint64)),
                Kind::Int(count) => Box::new((0..count).map(Kind::Int)),
                _ => Box::new(std::iter::empty()),
            };
            let numbers = numbers.map(|number| (Slot::INVALID, Slot::plain(Value::new(number))));
            loops.iterate(frame, numbers)?;
        }
        Kind::List(list) => {
            let interface = list.list_type() == ListType::Any;
            let items = list.items().iter().enumerate().map(|(index, item)| {
                let item = Slot::element(item.clone(), interface);
                (Slot::plain(Value::size(index)), item)
            });
            loops.iterate(frame, items)?;
        }
        Kind::Bytes(bytes) => {
            let items = bytes.as_bytes().iter().enumerate().map(|(index, byte)| {
                let byte = Value::new(Kind::Uint8(*byte));
                (Slot::plain(Value::size(index)), Slot::plain(byte))
            });
            loops.iterate(frame, items)?;
        }
        Kind::Map(map) => {
            let interface = map.map_type().has_any_values();
            // The loop may change the map, so it iterates over a copy of the entries.
            frame.spend(map.len() as u64 / 4)?;
            let entries = map.snapshot().into_iter();
            let entries =
                entries.map(|(key, item)| (Slot::plain(Value::text(key)), Slot::element(item, interface)));
            loops.iterate(frame, entries)?;
        }
        _ => {
            let shown = shown(frame, &value)?;
            return Err(frame.error(format!("range can't iterate over {shown}")));
        }
    }
    if let (false, Some(list)) = (loops.any, &branch.otherwise) {
        frame.list(dot, list)?;
    }
    Ok(())
}

fn shown(frame: &Frame<'_, '_>, value: &Value) -> ExecResult<String> {
    let text = fmt::sprint(std::slice::from_ref(value), frame.state.budget());
    Ok(text.map_err(|error| frame.failed(error))?.to_str().into_owned())
}

struct Loop<'f> {
    branch: &'f Branch,
    mark: usize,
    any: bool,
}

impl<'f> Loop<'f> {
    /// Executes the body for each key and element, until a `break`.
    fn iterate(
        &mut self,
        frame: &mut Frame<'f, '_>,
        entries: impl Iterator<Item = (Slot, Slot)>,
    ) -> ExecResult<()> {
        for (key, item) in entries {
            if self.body(frame, key, item)? == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    fn body(&mut self, frame: &mut Frame<'f, '_>, key: Slot, item: Slot) -> ExecResult<Flow> {
        self.any = true;
        frame.spend(1)?;
        let item = frame.usable(item)?;
        let pipeline = &self.branch.pipeline;
        // One variable is the element; of two, the first is the key.
        match (pipeline.variables.as_slice(), pipeline.assigns) {
            ([], _) => {}
            ([one], true) => frame.assign(&one.name, item.clone())?,
            ([first, second, ..], true) => {
                frame.assign(&first.name, key)?;
                frame.assign(&second.name, item.clone())?;
            }
            ([_], false) => frame.set_top(1, item.clone()),
            (_, false) => {
                frame.set_top(1, item.clone());
                frame.set_top(2, key);
            }
        }
        let flow = frame.list(&item, &self.branch.list)?;
        frame.pop(self.mark);
        Ok(flow)
    }
}
