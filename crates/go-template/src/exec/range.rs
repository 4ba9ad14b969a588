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
        Kind::Int(count) | Kind::Int64(count) => {
            check_one_variable(frame, branch, &value)?;
            for number in 0..*count {
                let number = match value.kind {
                    Kind::Int(_) => Value::int(number),
                    _ => Value::int64(number),
                };
                if loops.iterate(frame, Slot::INVALID, Slot::plain(number))? == Flow::Break {
                    break;
                }
            }
        }
        Kind::Uint8(_) | Kind::Uint64(_) => {
            check_one_variable(frame, branch, &value)?;
            let (count, byte) = match value.kind {
                Kind::Uint8(count) => (u64::from(count), true),
                Kind::Uint64(count) => (count, false),
                _ => (0, false),
            };
            for number in 0..count {
                let number = match u8::try_from(number) {
                    Ok(number) if byte => Kind::Uint8(number),
                    _ => Kind::Uint64(number),
                };
                if loops.iterate(frame, Slot::INVALID, Slot::plain(Value::new(number)))? == Flow::Break {
                    break;
                }
            }
        }
        Kind::List(list) => {
            let interface = list.list_type() == ListType::Any;
            for (index, item) in list.items().iter().enumerate() {
                let item = Slot::element(item.clone(), interface);
                if loops.iterate(frame, Slot::plain(Value::size(index)), item)? == Flow::Break {
                    break;
                }
            }
        }
        Kind::Bytes(bytes) => {
            for (index, byte) in bytes.as_bytes().iter().enumerate() {
                let byte = Slot::plain(Value::new(Kind::Uint8(*byte)));
                if loops.iterate(frame, Slot::plain(Value::size(index)), byte)? == Flow::Break {
                    break;
                }
            }
        }
        Kind::Map(map) => {
            let interface = map.map_type().holds_any();
            // The loop may change the map, so it iterates over a copy of the entries.
            frame.spend(map.len() as u64 / 4)?;
            for (key, item) in map.snapshot() {
                let item = Slot::element(item, interface);
                if loops.iterate(frame, Slot::plain(Value::text(key)), item)? == Flow::Break {
                    break;
                }
            }
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

fn check_one_variable(frame: &Frame<'_, '_>, branch: &Branch, value: &Value) -> ExecResult<()> {
    if branch.pipeline.variables.len() < 2 {
        return Ok(());
    }
    let shown = shown(frame, value)?;
    Err(frame.error(format!(
        "can't use {shown} to iterate over more than one variable"
    )))
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
    fn iterate(&mut self, frame: &mut Frame<'f, '_>, key: Slot, item: Slot) -> ExecResult<Flow> {
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
