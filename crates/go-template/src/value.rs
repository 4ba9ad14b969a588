//! Values of templates, with Go's types.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use source_tree::Mark as Place;

use crate::{Mark, Object, Text};

/// A value. Clones of lists and maps share their content, as in Go: a change by `set` is visible to every holder of the map.
///
/// ```
/// use go_template::{Kind, Value};
/// let value = Value::list(vec![Value::int(1), Value::text("a")]);
/// assert_eq!(value.type_name(), "[]interface {}");
/// assert!(matches!(&value.kind, Kind::List(list) if list.items().len() == 2));
/// ```
#[derive(Clone, Debug)]
pub struct Value {
    /// Type and content.
    pub kind: Kind,
    mark: Option<Rc<Mark>>,
}

/// The type and content of a [`Value`].
#[derive(Clone, Debug)]
pub enum Kind {
    /// `nil` without a type.
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`: a literal, or the result of `int`, `len` and the like.
    Int(i64),
    /// `int64`
    Int64(i64),
    /// `uint8`: a byte of a string.
    Uint8(u8),
    /// `uint64`
    Uint64(u64),
    /// `float64`
    Float(f64),
    /// `complex128`
    Complex(f64, f64),
    /// `string`
    Text(Text),
    /// `[]uint8`
    Bytes(Text),
    /// A slice of anything else.
    List(Rc<List>),
    /// A map with strings as keys.
    Map(Rc<Map>),
    /// Anything else.
    Object(Rc<dyn Object>),
}

/// A Go slice. It is immutable.
#[derive(Debug)]
pub struct List {
    list_type: ListType,
    items: Vec<Value>,
    nil: bool,
}

/// The type of a slice's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// `[]interface {}`
    Any,
    /// `[]string`
    Text,
    /// `[]int`
    Int,
    /// `[][]interface {}`
    Lists,
    /// `[]map[string]interface {}`
    Maps,
}

/// A Go map with string keys, sorted by their bytes.
#[derive(Debug)]
pub struct Map {
    map_type: MapType,
    nil: bool,
    /// Shared with conversions of the map to another type.
    entries: Rc<RefCell<BTreeMap<Text, Value>>>,
}

/// The type of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapType {
    /// `map[string]interface {}`
    Any,
    /// `map[string]string`
    Text,
    /// A type of this name whose underlying type is `map[string]interface {}`, such as `common.Values`.
    Named(&'static str),
    /// A type of this name whose underlying type is `map[string][]uint8`, such as `engine.files`.
    Bytes(&'static str),
}

/// Deepest nesting that is printed; a map can be made to hold itself.
pub(crate) const DEPTH: u32 = 200;

impl Value {
    /// `nil` without a type.
    pub const NIL: Value = Value::new(Kind::Nil);

    /// A value without a mark.
    pub const fn new(kind: Kind) -> Self {
        Value { kind, mark: None }
    }

    /// `string`
    pub fn text(text: impl Into<Text>) -> Self {
        Value::new(Kind::Text(text.into()))
    }

    /// `bool`
    pub const fn bool(value: bool) -> Self {
        Value::new(Kind::Bool(value))
    }

    /// `int`
    pub const fn int(value: i64) -> Self {
        Value::new(Kind::Int(value))
    }

    /// `int`, from a length or position.
    pub fn size(value: usize) -> Self {
        Value::int(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// `int64`
    pub const fn int64(value: i64) -> Self {
        Value::new(Kind::Int64(value))
    }

    /// `float64`
    pub const fn float(value: f64) -> Self {
        Value::new(Kind::Float(value))
    }

    /// `[]uint8`
    pub fn bytes(bytes: impl Into<Text>) -> Self {
        Value::new(Kind::Bytes(bytes.into()))
    }

    /// `[]interface {}`
    pub fn list(items: Vec<Value>) -> Self {
        Value::list_of(ListType::Any, items)
    }

    /// A slice.
    pub fn list_of(list_type: ListType, items: Vec<Value>) -> Self {
        Value::new(Kind::List(Rc::new(List {
            list_type,
            items,
            nil: false,
        })))
    }

    /// `[]string`
    pub fn texts<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Value::list_of(ListType::Text, items.into_iter().map(Value::text).collect())
    }

    /// `[]interface {}(nil)`
    pub fn nil_list() -> Self {
        Value::new(Kind::List(Rc::new(List::nil())))
    }

    /// A nil slice of any type.
    pub fn nil_list_of(list_type: ListType) -> Self {
        let list = List {
            list_type,
            items: Vec::new(),
            nil: true,
        };
        Value::new(Kind::List(Rc::new(list)))
    }

    /// `map[string]interface {}`
    pub fn map(entries: BTreeMap<Text, Value>) -> Self {
        Value::map_of(MapType::Any, entries)
    }

    /// A map.
    pub fn map_of(map_type: MapType, entries: BTreeMap<Text, Value>) -> Self {
        Value::new(Kind::Map(Rc::new(Map::new(map_type, entries))))
    }

    /// `map[string]interface {}(nil)`
    pub fn nil_map() -> Self {
        Value::new(Kind::Map(Rc::new(Map::nil())))
    }

    /// A value with fields or methods.
    pub fn object(object: impl Object + 'static) -> Self {
        Value::new(Kind::Object(Rc::new(object)))
    }

    /// A placeholder for an unknown value, and why it is unknown.
    #[must_use]
    pub fn unknown(placeholder: Value, why: &str) -> Self {
        placeholder.with_mark(Mark::Unknown(why.into()))
    }

    /// The value with its source position. Lists and maps have none; their scalars do.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        self.with_mark(Mark::Place(place))
    }

    /// The value with a mark.
    #[must_use]
    pub fn with_mark(self, mark: Mark) -> Self {
        self.with_shared_mark(Some(Rc::new(mark)))
    }

    /// The value with the mark of another one, which may be none.
    #[must_use]
    pub fn with_mark_of(self, other: &Value) -> Self {
        self.with_shared_mark(other.mark.clone())
    }

    /// The object, if it has this Rust type.
    pub(crate) fn downcast<T: 'static>(&self) -> Option<&T> {
        match &self.kind {
            Kind::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The mark.
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.as_deref()
    }

    pub(crate) fn shared_mark(&self) -> Option<&Rc<Mark>> {
        self.mark.as_ref()
    }

    pub(crate) fn with_shared_mark(self, mark: Option<Rc<Mark>>) -> Self {
        Value { mark, ..self }
    }

    /// Why the value is unknown; `None` if it is known.
    pub fn why_unknown(&self) -> Option<&Rc<str>> {
        match self.mark() {
            Some(Mark::Unknown(why)) => Some(why),
            _ => None,
        }
    }

    /// Whether the value is `nil` without a type.
    pub fn is_nil(&self) -> bool {
        matches!(self.kind, Kind::Nil)
    }

    /// The name of the type, as `%T` and `typeOf` print it.
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Nil => "<nil>",
            Kind::Bool(_) => "bool",
            Kind::Int(_) => "int",
            Kind::Int64(_) => "int64",
            Kind::Uint8(_) => "uint8",
            Kind::Uint64(_) => "uint64",
            Kind::Float(_) => "float64",
            Kind::Complex(..) => "complex128",
            Kind::Text(_) => "string",
            Kind::Bytes(_) => "[]uint8",
            Kind::List(list) => list.list_type.name(),
            Kind::Map(map) => map.map_type.name(),
            Kind::Object(object) => object.type_name(),
        }
    }

    /// The kind of the type, as `kindOf` prints it.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Nil => "invalid",
            Kind::Bytes(_) | Kind::List(_) => "slice",
            Kind::Map(_) => "map",
            Kind::Object(object) => object.kind_name(),
            _ => self.type_name(),
        }
    }

    /// The elements of a slice, whatever its type; `None` for other values.
    pub fn elements(&self) -> Option<Vec<Value>> {
        match &self.kind {
            Kind::List(list) => Some(list.items.clone()),
            Kind::Bytes(bytes) => Some(
                bytes
                    .as_bytes()
                    .iter()
                    .map(|byte| Value::new(Kind::Uint8(*byte)))
                    .collect(),
            ),
            Kind::Object(object) => object.underlying()?.elements(),
            _ => None,
        }
    }

    /// Whether the value counts as true: anything but nil, zero and empty values.
    pub fn truth(&self) -> bool {
        match &self.kind {
            Kind::Nil => false,
            Kind::Bool(value) => *value,
            Kind::Int(value) | Kind::Int64(value) => *value != 0,
            Kind::Uint8(value) => *value != 0,
            Kind::Uint64(value) => *value != 0,
            Kind::Float(value) => *value != 0.0,
            Kind::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Kind::Text(text) | Kind::Bytes(text) => !text.is_empty(),
            Kind::List(list) => !list.items.is_empty(),
            Kind::Map(map) => !map.is_empty(),
            Kind::Object(object) => object.underlying().is_none_or(|value| value.truth()),
        }
    }
}

impl List {
    /// `[]interface {}(nil)`
    pub fn nil() -> Self {
        List {
            list_type: ListType::Any,
            items: Vec::new(),
            nil: true,
        }
    }

    /// The type.
    pub fn list_type(&self) -> ListType {
        self.list_type
    }

    /// The elements.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// Whether the slice is nil; it is empty and encodes as null.
    pub fn is_nil(&self) -> bool {
        self.nil
    }
}

impl ListType {
    /// The name of the type in Go.
    pub fn name(self) -> &'static str {
        match self {
            ListType::Any => "[]interface {}",
            ListType::Text => "[]string",
            ListType::Int => "[]int",
            ListType::Lists => "[][]interface {}",
            ListType::Maps => "[]map[string]interface {}",
        }
    }
}

impl Map {
    /// Approximate bytes of a map with that many entries. A B-tree node has room for eleven, most of it unused in a small map.
    pub const fn bytes(entries: usize) -> usize {
        const NODE: usize = 11 * (size_of::<Text>() + size_of::<Value>()) + 16;
        const FEWEST: usize = 6;
        size_of::<Map>() + 64 + entries.div_ceil(FEWEST).saturating_mul(NODE)
    }

    /// A map.
    pub fn new(map_type: MapType, entries: BTreeMap<Text, Value>) -> Self {
        Map {
            map_type,
            nil: false,
            entries: Rc::new(RefCell::new(entries)),
        }
    }

    /// The map converted to another type, as in Go: both share their entries.
    ///
    /// ```
    /// use go_template::{Map, MapType, Value};
    /// let map = Map::new(MapType::Any, [("a".into(), Value::int(1))].into());
    /// let named = map.converted(MapType::Named("common.Values"));
    /// named.insert("b", Value::int(2));
    /// assert_eq!(map.len(), 2);
    /// ```
    #[must_use]
    pub fn converted(&self, map_type: MapType) -> Map {
        Map {
            map_type,
            nil: self.nil,
            entries: Rc::clone(&self.entries),
        }
    }

    /// `map[string]interface {}(nil)`
    pub fn nil() -> Self {
        Map {
            map_type: MapType::Any,
            nil: true,
            entries: Rc::default(),
        }
    }

    /// The type.
    pub fn map_type(&self) -> MapType {
        self.map_type
    }

    /// Whether the map is nil; it is empty, cannot be written to and encodes as null.
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Whether the map has a key.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.entries.borrow().contains_key(key.as_ref())
    }

    /// Sets the value of a key.
    pub fn insert(&self, key: impl Into<Text>, value: Value) {
        self.entries.borrow_mut().insert(key.into(), value);
    }

    /// Removes a key.
    pub fn remove(&self, key: impl AsRef<[u8]>) {
        self.entries.borrow_mut().remove(key.as_ref());
    }

    /// The entries sorted by key. Do not change the map while they are borrowed; [`snapshot`](Map::snapshot) copies.
    pub fn entries(&self) -> Ref<'_, BTreeMap<Text, Value>> {
        self.entries.borrow()
    }

    /// A copy of the entries, sorted by key.
    pub fn snapshot(&self) -> Vec<(Text, Value)> {
        self.entries
            .borrow()
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    }

    /// The entries, if nothing else holds them.
    fn take_entries(&mut self) -> BTreeMap<Text, Value> {
        let entries = Rc::get_mut(&mut self.entries).map(RefCell::get_mut);
        entries.map(std::mem::take).unwrap_or_default()
    }
}

impl MapType {
    /// The value of an absent key.
    pub(crate) fn zero(self) -> Value {
        match self {
            MapType::Any | MapType::Named(_) => Value::NIL,
            MapType::Text => Value::text(""),
            MapType::Bytes(_) => Value::bytes(""),
        }
    }

    /// Whether values are `interface {}`.
    pub(crate) fn has_any_values(self) -> bool {
        matches!(self, MapType::Any | MapType::Named(_))
    }

    /// The name of the type in Go.
    pub fn name(self) -> &'static str {
        match self {
            MapType::Any => "map[string]interface {}",
            MapType::Text => "map[string]string",
            MapType::Named(name) | MapType::Bytes(name) => name,
        }
    }
}

// A template can nest values deeper than the stack allows, so dropping them must not recurse.
impl Drop for List {
    fn drop(&mut self) {
        dismantle(std::mem::take(&mut self.items));
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        dismantle(self.take_entries().into_values());
    }
}

fn dismantle(values: impl IntoIterator<Item = Value>) {
    let is_container = |value: &Value| matches!(value.kind, Kind::List(_) | Kind::Map(_));
    let mut left: Vec<Value> = values.into_iter().filter(is_container).collect();
    while let Some(value) = left.pop() {
        match value.kind {
            Kind::List(list) => {
                if let Some(mut list) = Rc::into_inner(list) {
                    left.extend(std::mem::take(&mut list.items).into_iter().filter(is_container));
                }
            }
            Kind::Map(map) => {
                if let Some(mut map) = Rc::into_inner(map) {
                    left.extend(map.take_entries().into_values().filter(is_container));
                }
            }
            _ => {}
        }
    }
}
