//! Bounds for hostile templates.

use std::sync::Arc;

use go_template::{Execution, Limits, Templates, Value};

use crate::calls::library;

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
        "{{ range 1000000000000 }}{{ end }}",
        r#"{{ $x := "x" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}"#,
        "{{ $x := list 1 }}{{ range 100 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
        r#"{{ $x := dict }}{{ range 100 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ printf "%v" $x }}"#,
        r#"{{ printf "%999999d%999999d%999999d" 1 1 1 }}"#,
        r#"{{ printf "%.999999f%.999999f%.999999f" 1.0 1.0 1.0 }}"#,
    ] {
        assert!(render(text).is_err(), "{}", text.get(..80).unwrap_or(text));
    }
}

#[test]
fn values_may_be_nested_deeper_than_the_stack_is() {
    assert_eq!(
        render("{{ $x := list 1 }}{{ range 100000 }}{{ $x = list $x }}{{ end }}{{ len $x }}").unwrap(),
        "1"
    );
}

#[test]
fn a_definition_of_many_templates_parses_in_linear_time() {
    let text: String = (0..20_000)
        .map(|number| format!("{{{{ define \"t{number}\" }}}}x{{{{ end }}}}\n"))
        .collect();
    assert_eq!(render(&text).unwrap().trim(), "");
}

fn render(text: &str) -> Result<String, String> {
    let mut templates = Templates::new("set", Arc::new(library()));
    templates.parse("t", text).map_err(|error| error.to_string())?;
    let execution = Execution {
        limits: Limits {
            steps: 1_000_000,
            text_bytes: 1 << 20,
            ..Limits::default()
        },
        ..Execution::default()
    };
    match templates.execute("t", Value::NIL, &execution) {
        Ok(output) => Ok(output.text.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
