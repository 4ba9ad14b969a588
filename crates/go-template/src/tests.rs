//! The engine as a whole.

use std::sync::Arc;

use crate::{Execution, Library, Limits, Templates, Value};

fn render(text: &str, data: Value) -> Result<String, String> {
    let mut templates = Templates::new("set", Arc::new(Library::new()));
    templates.parse("t", text).map_err(|error| error.to_string())?;
    let execution = Execution {
        limits: Limits {
            steps: 200_000,
            text_bytes: 1 << 20,
            ..Limits::default()
        },
        ..Execution::default()
    };
    match templates.execute("t", data, &execution) {
        Ok(output) => Ok(output.text.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn hostile_templates_end() {
    let deep = format!("{}1{}", "{{ if 1 }}".repeat(50_000), "{{ end }}".repeat(50_000));
    let parens = format!("{{{{ {}1{} }}}}", "(".repeat(50_000), ")".repeat(50_000));
    let chain = format!("{{{{ if 0 }}}}{}{{{{ end }}}}", "{{ else if 0 }}".repeat(50_000));
    for text in [
        &deep,
        &parens,
        &chain,
        r#"{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}"#,
        r#"{{ template "t" }}"#,
        "{{ range 1000000000000 }}x{{ end }}",
        r#"{{ $x := "x" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}"#,
        r#"{{ printf "%999999d%999999d%999999d" 1 1 1 }}"#,
        r#"{{ printf "%.999999f%.999999f%.999999f" 1.0 1.0 1.0 }}"#,
    ] {
        assert!(
            render(text, Value::NIL).is_err(),
            "{}",
            text.get(..80).unwrap_or(text)
        );
    }
}

#[test]
fn errors_are_those_of_go() {
    for (text, message) in [
        (
            "{{ .a.b }}",
            "template: t:1:5: executing \"t\" at <.a.b>: can't evaluate field a in type string",
        ),
        (
            "a\n{{ len 3 }}",
            "template: t:2:3: executing \"t\" at <len 3>: error calling len: len of type int",
        ),
        (
            "{{ template \"x\" }}",
            "template: t:1:12: executing \"t\" at <{{template \"x\"}}>: template \"x\" not defined",
        ),
        ("{{ if }}", "template: t:1: missing value for if"),
        ("\n{{ nope }}", "template: t:2: function \"nope\" not defined"),
        ("{{ \"a", "template: t:1: unterminated quoted string"),
        (
            "{{ print \"a\" 3 | printf 1 }}",
            "template: t:1:24: executing \"t\" at <1>: expected string; found 1",
        ),
        (
            "{{ lt 1 true }}",
            "template: t:1:3: executing \"t\" at <lt 1 true>: error calling lt: incompatible types for comparison: int and bool",
        ),
    ] {
        assert_eq!(render(text, Value::text("s")).unwrap_err(), message, "{text}");
    }
}
