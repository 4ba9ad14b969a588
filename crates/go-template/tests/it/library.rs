//! The function library compared with Helm's output: see `data/functions/README.md`.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use go_template::{Execution, Kind, MapType, MissingKey, Templates, Text, Value, functions};

fn data() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/functions"))
}

/// The values of the cases, new each time since templates change them.
fn dot() -> Value {
    let yaml = std::fs::read_to_string(data().join("values.yaml")).unwrap();
    let mut reader = Templates::new("values", Arc::new(functions::helm()));
    reader
        .parse("read", "{{ set .into \"values\" (fromYaml .yaml) | len }}")
        .unwrap();
    let into = Value::map(Default::default());
    let entries = [("into", into.clone()), ("yaml", Value::text(yaml))];
    let dot = Value::map(
        entries
            .into_iter()
            .map(|(key, value)| (Text::from(key), value))
            .collect(),
    );
    reader.execute("read", dot, &Execution::default()).unwrap();
    let Kind::Map(into) = &into.kind else { panic!() };
    let values = into.get("values").unwrap();
    let Kind::Map(values) = &values.kind else { panic!() };
    let named = |map: go_template::Map| Value::new(Kind::Map(Rc::new(map)));
    let values = named(values.converted(MapType::Named("common.Values")));
    Value::map_of(
        MapType::Named("common.Values"),
        [(Text::from("Values"), values)].into(),
    )
}

/// The output of a template, or the innermost message of its error.
fn render(template: &str) -> Result<String, String> {
    let library = Arc::new(functions::helm());
    let mut templates = Templates::new("gotpl", library).with_missing_key(MissingKey::Zero);
    templates
        .parse("t", template)
        .map_err(|error| format!("does not parse: {error}"))?;
    match templates.execute("t", dot(), &Execution::default()) {
        Ok(output) => Ok(output.text.to_str().replace("<no value>", "")),
        Err(error) => {
            let message = error
                .message
                .replace(functions::ERROR_START, "")
                .replace(functions::ERROR_END, "");
            let called = message
                .strip_prefix("error calling ")
                .and_then(|rest| rest.split_once(": "));
            Err(called.map_or(message.clone(), |(_, message)| message.to_owned()))
        }
    }
}

fn check(family: &str) {
    let cases = std::fs::read_to_string(data().join(format!("{family}.jsonl"))).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| case.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let template = text("template").unwrap();
        let expected = text("output").ok_or_else(|| text("error").unwrap());
        let actual = render(&template);
        count += 1;
        if actual != expected {
            wrong.push(format!(
                "{template}\n  expected {expected:?}\n  actual   {actual:?}"
            ));
        }
    }
    assert!(count > 20, "{family} has {count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count} cases of {family}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

macro_rules! families {
    ($($family:ident)*) => {
        $(#[test]
        fn $family() {
            check(stringify!($family));
        })*

        #[test]
        fn every_file_is_read() {
            let mut files: Vec<String> = std::fs::read_dir(data())
                .unwrap()
                .filter_map(|file| Some(file.unwrap().file_name().to_str()?.strip_suffix(".jsonl")?.to_owned()))
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($family)),*]);
        }
    };
}

families!(dates dicts json lists math others paths regexes semver strings toml urls yaml);

/// Input that asks for too much ends in an error, soon.
#[test]
fn functions_are_bounded() {
    for template in [
        r#"{{ repeat 9000000000 "x" }}"#,
        r#"{{ repeat 1000000 (repeat 1000 "x") }}"#,
        r#"{{ until 9000000000 | len }}"#,
        r#"{{ untilStep 0 9223372036854775807 1 | len }}"#,
        r#"{{ seq 1 9000000000 }}"#,
        r#"{{ indent 9000000000 "x" }}"#,
        r#"{{ nindent 90000000 "x\nx\nx" }}"#,
        r#"{{ randAlphaNum 9000000000 }}"#,
        r#"{{ randBytes 9000000000 }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToJson $d }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToYaml $d }}"#,
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToToml $d }}"#,
        r#"{{ $d := dict }}{{ $e := dict }}{{ $_ := set $d "d" $d }}{{ $_ := set $e "d" $e }}{{ deepEqual $d $e }}"#,
        r#"{{ $d := dict }}{{ $e := dict }}{{ $_ := set $d "d" $d }}{{ $_ := set $e "d" $e }}{{ merge $d $e | len }}"#,
        r#"{{ regexReplaceAll "x" (repeat 1000000 "x") (repeat 1000 "y") | len }}"#,
        r#"{{ mustRegexMatch (repeat 2000 "(") "x" }}"#,
        r#"{{ mustRegexMatch "(\\pL{100}\\pL{900}){1}" "x" | print }}{{ fail "small enough" }}"#,
        r#"{{ mustFromJson (repeat 100000 "[") }}"#,
        r#"{{ fromToml (printf "a = %s" (repeat 100000 "[")) | toJson | fail }}"#,
        r#"{{ fromYaml (repeat 100000 "[") | toJson | fail }}"#,
    ] {
        assert!(render(template).is_err(), "{template}");
    }
}

/// Unknown values say so, whatever is computed from them.
#[test]
fn random_results_are_unknown() {
    for (template, known) in [
        (r#"{{ randAlphaNum 5 }}"#, false),
        (r#"{{ randAlphaNum 5 | b64enc | quote }}"#, false),
        (r#"{{ (genCA "ca" 365).Cert | b64enc }}"#, false),
        (r#"{{ now | date "2006" }}"#, false),
        (r#"{{ htpasswd "u" "p" }}"#, false),
        (r#"{{ uuidv4 }}"#, false),
        (r#"{{ randInt 3 4 }}"#, true),
        (r#"{{ "x" | sha256sum }}"#, true),
    ] {
        let mut templates = Templates::new("gotpl", Arc::new(functions::helm()));
        templates.parse("t", template).unwrap();
        let strict = Execution {
            unknown: go_template::Unknown::Error,
            ..Execution::default()
        };
        assert_eq!(
            templates.execute("t", Value::NIL, &strict).is_ok(),
            known,
            "{template}"
        );
    }
}
