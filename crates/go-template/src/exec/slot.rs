//! Values during the evaluation of a pipeline.

use crate::Value;

/// A value, and whether it is the content of an `interface {}` element of a map or list. Go's errors name that type, and a nil
/// in it differs from no value.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) value: Value,
    pub(crate) interface: bool,
}

impl Slot {
    /// No value.
    pub(crate) const INVALID: Slot = Slot {
        value: Value::NIL,
        interface: false,
    };

    /// A value that is not an element.
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

    /// The value without the `interface {}` around it.
    pub(crate) fn without_interface(self) -> Self {
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
