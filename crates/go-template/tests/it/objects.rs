//! Values with fields and methods.

use std::any::Any;
use std::sync::Arc;

use go_template::{
    Arguments, Caller, Execution, FunctionError, Library, Object, Signature, Templates, Text, Type, Value,
};

#[derive(Debug)]
struct Version;

impl Object for Version {
    fn type_name(&self) -> &'static str {
        "*example.Version"
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Major", Value::text("1")), ("Minor", Value::int(33))]
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "Has").then_some(Signature {
            fixed: &[Type::Text],
            rest: None,
        })
    }

    fn call(
        &self,
        _: &str,
        _: &mut dyn Caller<'_>,
        arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        match &*arguments.text(0).to_str() {
            "fail" => Err("it failed".into()),
            name => Ok(Value::bool(name == "v1")),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A map with a `String` method.
#[derive(Debug)]
struct Files;

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "example.Files"
    }

    fn kind_name(&self) -> &'static str {
        "map"
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::map([("a.txt".into(), Value::text("A"))].into()))
    }

    fn string(&self) -> Option<Text> {
        Some("files".into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn render(text: &str) -> String {
    let mut templates = Templates::new("set", Arc::new(Library::new()));
    templates.parse("t", text).unwrap();
    let data = Value::map(
        [
            ("Version".into(), Value::object(Version)),
            ("Files".into(), Value::object(Files)),
        ]
        .into(),
    );
    match templates.execute("t", data, &Execution::default()) {
        Ok(output) => output.text.to_string(),
        Err(error) => format!("<{}>: {}", error.node, error.message),
    }
}

#[test]
fn objects_have_fields_and_methods() {
    for (text, expected) in [
        ("{{ .Version.Major }}.{{ .Version.Minor }}", "1.33"),
        (
            "{{ .Version.Has \"v1\" }}{{ \"v2\" | .Version.Has }}",
            "truefalse",
        ),
        ("{{ if .Version.Has \"v1\" }}yes{{ end }}", "yes"),
        ("{{ .Version }}", "{1 33}"),
        (
            "{{ printf \"%v %+v %T\" .Version .Version .Version }}",
            "&{1 33} &{Major:1 Minor:33} *example.Version",
        ),
        (
            "{{ .Version.Nope }}",
            "<.Version.Nope>: can't evaluate field Nope in type interface {}",
        ),
        (
            "{{ .Version.Major 1 }}",
            "<.Version.Major>: Major has arguments but cannot be invoked as function",
        ),
        (
            "{{ .Version.Has }}",
            "<.Version.Has>: wrong number of args for Has: want 1 got 0",
        ),
        ("{{ .Version.Has 1 }}", "<1>: expected string; found 1"),
        (
            "{{ .Version.Has \"fail\" }}",
            "<.Version.Has>: error calling Has: it failed",
        ),
        ("{{ .Files }}", "files"),
        (
            "{{ range $k, $v := .Files }}{{ $k }}={{ $v }}{{ end }}{{ len .Files }}{{ index .Files \"a.txt\" }}",
            "a.txt=A1A",
        ),
        ("{{ (index .Files \"none\") }}", "<no value>"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
}
