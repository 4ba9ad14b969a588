//! Values as the evaluation of a pipeline handles them.

use crate::Value;

/// A value, and whether it is held by an `interface {}` that a map or list has as element. Go's errors name the type of the
/// holder, and a nil in one is another thing than no value at all.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) value: Value,
    pub(crate) interface: bool,
}

impl Slot {
    /// No value at all.
    pub(crate) const INVALID: Slot = Slot {
        value: Value::NIL,
        interface: false,
    };

    /// A value by itself.
    pub(crate) fn plain(value: Value) -> Self {
        Slot {
            value,
            interface: false,
        }
    }

    /// An element of a map or list.
    pub(crate) fn element(value: Value, interface: bool) -> Self {
        Slot { value, interface }
    }

    /// The value without its holder.
    pub(crate) fn held(self) -> Self {
        Slot {
            interface: false,
            ..self
        }
    }

    pub(crate) fn is_invalid(&self) -> bool {
        self.value.is_nil() && !self.interface
    }

    /// The static type.
    pub(crate) fn type_name(&self) -> &'static str {
        if self.interface {
            "interface {}"
        } else {
            self.value.type_name()
        }
    }
}
