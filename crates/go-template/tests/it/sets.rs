//! Sets of templates: redefinitions, options, and texts that functions execute.

use std::sync::Arc;

use go_template::{Execution, Function, FunctionError, Kind, Library, MissingKey, Templates, Type, Value};
use pretty_assertions::assert_eq;

const INCLUDE: Function = Function::new(&[Type::Text, Type::Any], |caller, a| {
    Ok(caller.execute(&a.text(0).to_str(), a.any(1).clone())?)
});

const TPL: Function = Function::new(&[Type::Text, Type::Any], |caller, a| {
    let parsed = caller.parse(a.text(0))?;
    Ok(caller.execute_parsed(&parsed, a.any(1).clone())?)
});

const HOST: Function = Function::new(&[], |caller, _| match caller.host::<String>() {
    Some(text) => Ok(Value::text(text.as_str())),
    None => Err(FunctionError::new("no host")),
});

fn set(files: &[(&str, &str)]) -> Templates {
    let library = Library::new().with([("include", INCLUDE), ("tpl", TPL), ("host", HOST)]);
    let mut templates = Templates::new("set", Arc::new(library));
    for (name, text) in files {
        templates.parse(name, *text).unwrap();
    }
    templates
}

fn render(templates: &Templates, name: &str) -> Result<String, String> {
    match templates.execute(name, Value::text("dot"), &Execution::default()) {
        Ok(output) => Ok(output.text.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_later_file_replaces_what_an_earlier_one_defines() {
    let first = ("a", r#"{{ define "x" }}first{{ end }}"#);
    let main = ("main", r#"{{ template "x" }}"#);
    assert_eq!(
        render(
            &set(&[first, ("b", r#"{{ define "x" }}second{{ end }}"#), main]),
            "main"
        )
        .unwrap(),
        "second"
    );
    // A definition of only space and comments replaces none.
    assert_eq!(
        render(
            &set(&[first, ("b", "{{ define \"x\" }} {{/* none */}}\n{{ end }}"), main]),
            "main"
        )
        .unwrap(),
        "first"
    );
}

#[test]
fn a_text_with_errors_adds_nothing() {
    let mut templates = set(&[]);
    let error = templates
        .parse("broken", "{{ define \"x\" }}{{ end }}\n{{ nope }}")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: broken:2: function \"nope\" not defined"
    );
    assert!(templates.names().is_empty());
}

#[test]
fn delimiters_and_missing_keys_are_options() {
    let library = Arc::new(Library::new());
    let render = |missing_key| {
        let mut templates = Templates::new("set", Arc::clone(&library))
            .with_delimiters("<<", ">>")
            .with_missing_key(missing_key);
        templates.parse("t", "{{ << .a >><<- .b.c >>").unwrap();
        let data = Value::map([("a".into(), Value::int(1))].into());
        match templates.execute("t", data, &Execution::default()) {
            Ok(output) => output.text.to_string(),
            Err(error) => error.message,
        }
    };
    assert_eq!(render(MissingKey::Invalid), "{{ 1<no value>");
    assert_eq!(render(MissingKey::Zero), "nil pointer evaluating interface {}.c");
    assert_eq!(render(MissingKey::Error), "map has no entry for key \"b\"");
}

#[test]
fn functions_execute_templates_by_name() {
    let templates = set(&[
        (
            "lib",
            "{{ define \"x\" }}\n  {{ .a.b }}{{ end }}{{ define \"y\" }}<{{ . }}>{{ end }}",
        ),
        ("main", "{{ include \"y\" \"v\" | len }}{{ include \"y\" . }}"),
        ("fails", "a\n{{ include \"x\" . }}"),
        ("missing", "{{ include \"z\" . }}"),
    ]);
    assert_eq!(render(&templates, "main").unwrap(), "3<dot>");
    let error = templates
        .execute("fails", Value::text("dot"), &Execution::default())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: fails:2:3: executing \"fails\" at <include \"x\" .>: error calling include: \
         template: lib:2:7: executing \"x\" at <.a.b>: can't evaluate field a in type string"
    );
    let inner = error.cause.and_then(|cause| cause.exec).unwrap();
    assert_eq!((&*inner.file, inner.line, inner.column), ("lib", 2, 7));
    assert_eq!(
        render(&templates, "missing").unwrap_err(),
        "template: missing:1:3: executing \"missing\" at <include \"z\" .>: error calling include: \
         template: no template \"z\" associated with template \"set\""
    );
}

#[test]
fn a_text_that_is_executed_sees_all_templates_and_leaves_none() {
    let templates = set(&[
        (
            "lib",
            r#"{{ define "x" }}outer{{ end }}{{ define "z" }}{{ template "x" }}{{ end }}"#,
        ),
        ("calls", r#"{{ tpl "{{ include \"x\" . }}-{{ . }}" "v" }}"#),
        (
            "hides",
            r#"{{ tpl "{{ define \"x\" }}inner{{ end }}{{ include \"z\" . }}" . }} {{ include "x" . }}"#,
        ),
        (
            "leaves",
            r#"{{ tpl "{{ define \"q\" }}{{ end }}" . }}{{ include "q" . }}"#,
        ),
    ]);
    assert_eq!(render(&templates, "calls").unwrap(), "outer-v");
    assert_eq!(render(&templates, "hides").unwrap(), "inner outer");
    assert!(
        render(&templates, "leaves")
            .unwrap_err()
            .ends_with("no template \"q\" associated with template \"set\"")
    );
}

#[test]
fn functions_reach_the_host() {
    let templates = set(&[("t", "{{ host }}")]);
    let host = "inputs".to_owned();
    let execution = Execution {
        host: &host,
        ..Execution::default()
    };
    let output = templates.execute("t", Value::NIL, &execution).unwrap();
    assert_eq!(output.text, "inputs");
    assert!(render(&templates, "t").unwrap_err().ends_with("no host"));
}

#[test]
fn maps_are_shared() {
    const SET: Function = Function::new(&[Type::Map, Type::Text, Type::Any], |_, a| {
        a.map(0).insert(a.text(1).clone(), a.any(2).clone());
        Ok(Value::text(""))
    });
    let mut templates = Templates::new("set", Arc::new(Library::new().with([("set", SET)])));
    templates
        .parse("t", r#"{{ $m := .m }}{{ set $m "k" "new" }}{{ .m.k }}"#)
        .unwrap();
    let data = Value::map([("m".into(), Value::map([].into()))].into());
    let output = templates
        .execute("t", data.clone(), &Execution::default())
        .unwrap();
    assert_eq!(output.text, "new");
    assert!(matches!(&data.kind, Kind::Map(map) if map.len() == 1));
}

#[test]
fn threads_share_parsed_templates() {
    fn shared<T: Send + Sync>(_: &T) {}
    let templates = set(&[("t", "{{ . }}")]);
    shared(&templates);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(render(&templates, "t").unwrap(), "dot"));
        }
    });
}

#[test]
fn output_names_file_and_line() {
    let templates = set(&[
        ("lib", "{{ define \"x\" }}1\n2\n{{ end }}"),
        (
            "main",
            "one\n{{ template \"x\" }}three\n{{ include \"x\" . }}end {{ . }}",
        ),
    ]);
    let output = templates
        .execute("main", Value::text("d"), &Execution::default())
        .unwrap();
    assert_eq!(output.text, "one\n1\n2\nthree\n1\n2\nend d");
    assert_eq!(
        output.lines(),
        [
            ("main", 1),
            ("lib", 1),
            ("lib", 2),
            ("main", 2),
            ("main", 3),
            ("main", 3),
            ("main", 3),
        ]
    );
}
