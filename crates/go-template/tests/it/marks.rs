//! Source positions of values, and unknown values.

use std::sync::Arc;

use go_template::{Execution, Function, Kind, Library, Mark, Templates, Text, Type, Unknown, Value, fmt};
use source_tree::{FileId, FileTable, Mark as Place};

const DEFAULT: Function = Function::new(&[Type::Any, Type::Any], |_, a| {
    Ok(a.any(if a.any(1).truth() { 1 } else { 0 }).clone())
});
const QUOTE: Function = Function::new(&[Type::Any], |caller, a| {
    let text = fmt::sprint(a.0, caller.budget())?;
    Ok(Value::text(format!("\"{text}\"")))
})
.keeping_mark();
const RANDOM: Function = Function::new(&[], |_, _| Ok(Value::unknown(Value::text("xxxx"), "is random")));
const INCLUDE: Function = Function::new(&[Type::Text, Type::Any], |caller, a| {
    Ok(caller.execute(&a.text(0).to_str(), a.any(1).clone())?)
});
const DICT: Function = Function::variadic(&[], Type::Any, |_, a| {
    let pairs = a.0.chunks_exact(2);
    let entries = pairs.map(|pair| (Text::from(text_of(&pair[0])), pair[1].clone()));
    Ok(Value::map(entries.collect()))
});

fn text_of(value: &Value) -> &str {
    match &value.kind {
        Kind::Text(text) => text.as_str().unwrap(),
        _ => "",
    }
}

fn templates(text: &str) -> Templates {
    let library = Library::new().with([
        ("default", DEFAULT),
        ("quote", QUOTE),
        ("random", RANDOM),
        ("include", INCLUDE),
        ("dict", DICT),
    ]);
    let mut templates = Templates::new("set", Arc::new(library));
    templates.parse("t", text).unwrap();
    templates
}

/// The marks of the spans that values wrote.
fn marks(text: &str) -> Vec<Option<Mark>> {
    let data = Value::map(
        [
            (
                "tag".into(),
                Value::text("v1").at(Place::new(FileTable::new().id(&"values.yaml".into()), 3)),
            ),
            ("empty".into(), Value::text("")),
        ]
        .into(),
    );
    let output = templates(text).execute("t", data, &Execution::default()).unwrap();
    let values = output
        .spans()
        .filter(|piece| !piece.is_text && !piece.range.is_empty());
    values.map(|piece| piece.mark.cloned()).collect()
}

#[test]
fn a_place_survives_what_is_no_computation() {
    for text in [
        "{{ .tag }}",
        "{{ $x := .tag }}{{ $x }}",
        "{{ .tag | quote }}",
        "{{ .tag | default \"latest\" | quote }}",
        "{{ with dict \"a\" .tag }}{{ .a }}{{ end }}",
        "{{ define \"name\" }}{{ .tag }}{{ end }}{{ include \"name\" . }}",
        "{{ if .tag }}{{ .tag | print }}{{ end }}",
    ] {
        let marks = marks(text);
        assert!(
            matches!(marks.as_slice(), [Some(Mark::Place(place))] if place.line == 3 && place.file != FileId::NONE),
            "{text}: {marks:?}"
        );
    }
    for text in [
        "{{ .empty | default \"latest\" }}",
        "{{ printf \"%s-%s\" .tag .tag }}",
        "{{ len .tag }}",
        "{{ define \"name\" }}x-{{ .tag }}{{ end }}{{ include \"name\" . }}",
    ] {
        assert_eq!(marks(text), [None], "{text}");
    }
}

#[test]
fn what_is_made_of_the_unknown_is_unknown() {
    for text in [
        "{{ random }}",
        "{{ printf \"%s-%s\" .tag random }}",
        "{{ $d := dict \"a\" random }}{{ $d.a | quote }}",
        "{{ print (dict \"a\" random) }}",
        "{{ define \"name\" }}x-{{ random }}{{ end }}{{ include \"name\" . | len }}",
    ] {
        let marks = marks(text);
        assert!(
            matches!(marks.as_slice(), [Some(Mark::Unknown(why))] if &**why == "is random"),
            "{text}: {marks:?}"
        );
    }
}

#[test]
fn what_stands_beside_the_unknown_is_known() {
    for text in [
        "{{ $d := dict \"a\" random \"b\" \"known\" }}{{ index $d \"b\" }}",
        "{{ $d := dict \"a\" random }}{{ len $d }}",
        "{{ define \"name\" }}x{{ end }}{{ include \"name\" (dict \"a\" random) }}",
    ] {
        assert_eq!(marks(text), [None], "{text}");
    }
}

#[test]
fn the_unknown_may_be_refused() {
    let execution = Execution {
        unknown: Unknown::Error,
        ..Execution::default()
    };
    for text in [
        "{{ random }}",
        "{{ $x := dict \"a\" random }}",
        "{{ .secret }}",
        "{{ print . }}",
    ] {
        let secret = Value::unknown(Value::text(""), "only the cluster knows");
        let data = Value::map([("secret".into(), secret)].into());
        let error = templates(text).execute("t", data, &execution).unwrap_err();
        assert!(error.unknown, "{text}: {error}");
    }
}

#[test]
fn what_the_clock_decides_is_unknown_through_methods_too() {
    let is_unknown = |text: &str| {
        let mut templates = Templates::new("set", Arc::new(go_template::functions::sprig()));
        templates.parse("t", text).unwrap();
        let output = templates.execute("t", Value::NIL, &Execution::default()).unwrap();
        output
            .spans()
            .any(|piece| matches!(piece.mark, Some(Mark::Unknown(_))))
    };
    for text in [
        "{{ now.Year }}",
        "{{ (now.AddDate 1 0 0).Format \"2006\" }}",
        "{{ now | date_modify \"24h\" | date \"2006-01-02\" }}",
        "{{ (now.Sub (toDate \"2006-01-02\" \"2020-01-01\")).Hours }}",
        "{{ ((toDate \"2006-01-02\" \"2020-01-01\").Sub now).String }}",
        "{{ now.Month }}",
    ] {
        assert!(is_unknown(text), "{text}");
    }
    for text in [
        "{{ (toDate \"2006-01-02\" \"2020-01-01\").Year }}",
        "{{ ((toDate \"2006-01-02\" \"2020-01-02\").Sub (toDate \"2006-01-02\" \"2020-01-01\")).Hours }}",
        "{{ kindOf \"a\" }}",
    ] {
        assert!(!is_unknown(text), "{text}");
    }
}
