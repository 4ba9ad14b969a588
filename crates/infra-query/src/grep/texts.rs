//! The texts of a serialised entry, by field.

use std::fmt::{self, Display};

use infra_model::object::ObjectField;
use serde::Serialize;
use serde::ser::{Impossible, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// A text of an entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// The field, named as in the catalogs; a member of a map with its name, such as `keys.DOMAIN`.
    pub(super) field: String,
    /// The text; of a struct, such as a use of a ConfigMap, the texts of its fields.
    pub(super) text: String,
    /// The text without line numbers, if it has any.
    plain: Option<String>,
    /// Whether it is a scalar, and not the texts of a struct.
    is_setting: bool,
    /// The single texts, including names of members of maps.
    scalars: Vec<String>,
}

impl Text {
    pub(super) fn new(field: &str, text: &str) -> Self {
        Text {
            field: field.to_owned(),
            text: text.to_owned(),
            ..Text::default()
        }
    }

    /// A scalar of an object, with its comment.
    pub(super) fn of_field(path: String, field: &ObjectField) -> Self {
        let ObjectField {
            value,
            written,
            comment,
            file,
            ..
        } = field;
        let mut text = value.clone();
        if let Some(written) = written {
            text.push_str(&format!(" (written {written})"));
        }
        if let Some(comment) = comment {
            text.push_str(&format!("  # {comment}"));
        }
        let more = [written, comment].into_iter().flatten().cloned();
        let file = file.iter().map(ToString::to_string);
        Text {
            scalars: [path.clone(), value.clone()]
                .into_iter()
                .chain(more)
                .chain(file)
                .collect(),
            field: path,
            text,
            plain: None,
            is_setting: true,
        }
    }

    /// Whether the whole text, a single text in it, or the line of field and text is accepted. The field alone does not
    /// count.
    pub(super) fn has_match(&self, accepts: &impl Fn(&str) -> bool) -> bool {
        let text = self.plain.as_deref().unwrap_or(&self.text);
        accepts(text)
            || self.scalars.iter().any(|scalar| accepts(scalar))
            || accepts(&format!("{}: {text}", self.field)) && !accepts(&self.field)
    }

    /// Whether a setting is accepted behind the title of its subject, as in `HelmRelease.*suspend`. The title alone
    /// does not count.
    pub(super) fn has_match_with(&self, title: &str, accepts: &impl Fn(&str) -> bool) -> bool {
        let is_name = matches!(
            self.field.as_str(),
            "source"
                | "sourceFile"
                | "versionSource"
                | "fluxPath"
                | "usedBy"
                | "manages"
                | "children"
                | "dependents"
        );
        let is_setting = self.is_setting && !is_name || self.field == "env";
        let text = self.plain.as_deref().unwrap_or(&self.text);
        is_setting && accepts(&format!("{title} {}: {text}", self.field)) && !accepts(title)
    }
}

/// All texts of an entry, in the order of its fields.
pub(super) fn texts(entry: &impl Serialize) -> Vec<Text> {
    let mut texts = Texts::default();
    // Entries have nothing that the serializer refuses.
    let _ = entry.serialize(&mut texts);
    texts.found
}

#[derive(Default)]
struct Texts {
    found: Vec<Text>,
    /// Number of structs around the position; the outermost is the entry.
    depth: usize,
    /// The field of the entry.
    field: String,
    /// The name of the member, if the position is in a map.
    member: Option<String>,
    /// The field of a struct in the entry.
    inner: &'static str,
    /// The field of a struct in the entry whose text was found last.
    before: &'static str,
    /// The text of a struct in the entry, while the position is in it.
    object: Option<Text>,
}

impl Texts {
    fn path(&self) -> String {
        match &self.member {
            Some(member) => format!("{}.{member}", self.field),
            None => self.field.clone(),
        }
    }

    fn scalar(&mut self, scalar: &dyn Display) {
        let scalar = scalar.to_string();
        if scalar.is_empty() {
            return;
        }
        if let Some(object) = &mut self.object {
            if self.inner == "line" {
                object.plain.get_or_insert_with(|| object.text.clone());
            } else if let Some(plain) = &mut object.plain {
                plain.push_str(&format!(" {scalar}"));
            }
            if !object.text.is_empty() {
                // A place is written `file:line`; a field in the file of its object has only a line.
                object.text.push_str(match (self.inner, self.before) {
                    ("line", "file") => ":",
                    ("line", _) => " line ",
                    _ => " ",
                });
            }
            object.text.push_str(&scalar);
            // Nobody searches for line numbers.
            if self.inner != "line" {
                object.scalars.push(scalar);
            }
            self.before = self.inner;
            return;
        }
        self.found.push(Text {
            field: self.path(),
            text: scalar,
            plain: None,
            is_setting: true,
            scalars: self.member.clone().into_iter().collect(),
        });
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> fmt::Result {
            self.scalar(&value);
            Ok(())
        }
    )*};
}

impl<'t> Serializer for &'t mut Texts {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeMap = Map<'t>;
    type SerializeStruct = Object<'t>;
    type SerializeTuple = Impossible<(), fmt::Error>;
    type SerializeTupleStruct = Impossible<(), fmt::Error>;
    type SerializeTupleVariant = Impossible<(), fmt::Error>;
    type SerializeStructVariant = Impossible<(), fmt::Error>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
    }

    fn serialize_bytes(self, _: &[u8]) -> fmt::Result {
        Err(fmt::Error)
    }

    fn serialize_none(self) -> fmt::Result {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> fmt::Result {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> fmt::Result {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> fmt::Result {
        self.scalar(&variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Map<'t>, fmt::Error> {
        Ok(Map(self))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'t>, fmt::Error> {
        let is_outermost = self.depth > 0 && self.object.is_none();
        if is_outermost {
            self.object = Some(Text {
                field: self.path(),
                scalars: self.member.clone().into_iter().collect(),
                ..Text::default()
            });
        }
        self.depth += 1;
        Ok(Object {
            texts: self,
            is_outermost,
        })
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, fmt::Error> {
        Err(fmt::Error)
    }
}

impl SerializeSeq for &mut Texts {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        value.serialize(&mut **self)
    }

    fn end(self) -> fmt::Result {
        Ok(())
    }
}

/// The members of a map, whose names are texts of the repository.
struct Map<'t>(&'t mut Texts);

impl SerializeMap for Map<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> fmt::Result {
        let mut name = Texts::default();
        key.serialize(&mut name)?;
        let name = name.found.pop().unwrap_or_default().text;
        match &self.0.object {
            Some(_) => self.0.scalar(&name),
            None => self.0.member = Some(name),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        value.serialize(&mut *self.0)
    }

    fn end(self) -> fmt::Result {
        self.0.member = None;
        Ok(())
    }
}

/// The fields of a struct.
struct Object<'t> {
    texts: &'t mut Texts,
    /// Whether it is the outermost struct in an entry, which makes one text.
    is_outermost: bool,
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> fmt::Result {
        match self.texts.object {
            Some(_) => self.texts.inner = name,
            None => name.clone_into(&mut self.texts.field),
        }
        value.serialize(&mut *self.texts)
    }

    fn end(self) -> fmt::Result {
        self.texts.depth -= 1;
        if self.is_outermost {
            let object = self.texts.object.take();
            self.texts
                .found
                .extend(object.filter(|object| !object.text.is_empty()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use pretty_assertions::assert_eq;

    use super::*;

    #[derive(Serialize)]
    struct Entry {
        name: Option<&'static str>,
        absent: Option<&'static str>,
        labels: BTreeMap<&'static str, &'static str>,
        uses: Vec<Use>,
        suspend: bool,
    }

    #[derive(Serialize)]
    struct Use {
        how: &'static str,
        file: &'static str,
        line: u32,
    }

    #[test]
    fn every_scalar_is_in_a_text() {
        let entry = Entry {
            name: Some("papi"),
            absent: None,
            labels: BTreeMap::from([("app", "web"), ("empty", "")]),
            uses: vec![Use {
                how: "env",
                file: "apps/papi.yaml",
                line: 3,
            }],
            suspend: true,
        };
        let found = texts(&entry);
        let shown: Vec<String> = found
            .iter()
            .map(|text| format!("{}: {}", text.field, text.text))
            .collect();
        assert_eq!(
            shown,
            [
                "name: papi",
                "labels.app: web",
                "uses: env apps/papi.yaml:3",
                "suspend: true"
            ]
        );
        for wanted in ["papi", "app", "web", "env", "apps/papi.yaml", "true"] {
            assert!(
                found.iter().any(|text| text.has_match(&|text| text == wanted)),
                "{wanted}"
            );
        }
    }
}
