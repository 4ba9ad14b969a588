//! Comparison of template results with Go's.

use go_template::Value;

use super::inputs::value_of;
use super::template::{Template, TemplateError, budget};

/// The default inputs, and cases: `template`, optionally other `inputs`, and `output`, or `error` if Go fails.
const CASES: &str = include_str!("../../tests/data/resource_set/template_cases.json");

#[test]
fn templates_give_the_same_output_as_go() {
    let file: serde_json::Value = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() > 300);
    let mut wrong = Vec::new();
    for case in cases {
        let text = case["template"].as_str().unwrap();
        let actual = render(text, case.get("inputs").unwrap_or(&file["inputs"]));
        let expected = case["output"].as_str();
        let same = match (&actual, expected) {
            (Ok(actual), Some(expected)) => actual == expected,
            (actual, None) => actual.is_err() && case["error"] == true,
            (Err(_), Some(_)) => false,
        };
        if !same {
            wrong.push(format!("{text}\n  is       {actual:?}\n  and not  {expected:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

fn render(text: &str, inputs: &serde_json::Value) -> Result<String, TemplateError> {
    let inputs = match inputs {
        serde_json::Value::Null => Value::nil_map(),
        inputs => value_of(inputs),
    };
    Ok(Template::parse(text)?.execute(&inputs, &budget(1 << 20))?.text)
}

#[test]
fn errors_name_function_and_line() {
    let null = serde_json::Value::Null;
    for (text, line, part) in [
        ("a\nb << inputs.x >>", 2, "map has no entry for key \"x\""),
        ("a\n\n<< fromYaml 1 >>", 3, "function \"fromYaml\" not defined"),
        (
            "a\n<< (list 1 | first | upper) >>",
            2,
            "upper: wrong type for value; expected string; got int",
        ),
        (
            "<<- /* a\n\n*/ ->>\n<< if true >>\n<< fail \"no\" >>\n<< end >>",
            5,
            "fail: no",
        ),
        (
            "\n<< randInt 1 9 >>",
            2,
            "randInt: the result is random, so it is unknown",
        ),
        ("<< range until 3 >>\n<< if", 2, "unclosed action"),
        ("x\n<< \"a >>", 2, "unterminated quoted string"),
        ("<< if 1 >>\n", 2, "unexpected EOF"),
    ] {
        let error = render(text, &null).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.message.contains(part), "{text:?}: {error}");
    }
}

#[test]
fn hostile_templates_end() {
    let null = serde_json::Value::Null;
    let deep = format!("{}1{}", "<< if 1 >>".repeat(5000), "<< end >>".repeat(5000));
    let parens = format!("<< {}1{} >>", "(".repeat(5000), ")".repeat(5000));
    let chain = format!("<< if 0 >>{}<< end >>", "<< else if 0 >>".repeat(5000));
    for text in [
        &deep,
        &parens,
        &chain,
        "<< define \"a\" >><< template \"a\" >><< end >><< template \"a\" >>",
        "<< template \"resourceset\" >>",
        "<< range 1000000000000 >>x<< end >>",
        "<< range until 1000000000000 >>x<< end >>",
        "<< repeat 1000000000000 \"x\" >>",
        "<< $x := \"x\" >><< range until 100 >><< $x = print $x $x >><< end >>",
        "<< $x := list 1 >><< range until 100 >><< $x = list $x $x >><< end >><< $x >>",
        "<< $x := list 1 >><< range until 100 >><< $x = list $x $x >><< end >><< toJson $x >>",
        "<< $x := list 1 >><< range until 100 >><< $x = concat $x $x >><< end >>",
        "<< $d := dict \"a\" 1 >><< $_ := set $d \"d\" $d >><< $d >>",
        "<< $d := dict \"a\" 1 >><< $_ := set $d \"d\" $d >><< toYaml $d >>",
        "<< printf \"%999999d%999999d%999999d\" 1 1 1 >>",
        "<< indent 1000000000 \"a\\nb\" >>",
        "<< regexReplaceAll \"(.*)\" (repeat 100000 \"x\") (repeat 100000 \"$1\") >>",
    ] {
        assert!(render(text, &null).is_err(), "{}", text.get(..80).unwrap_or(text));
    }
}

#[test]
fn lines_of_the_output_are_those_of_the_template() {
    let text = "one\n<< range until 2 >>\nx: << . >>\n<<- end >>\ntwo\n<< \"a\\nb\" >>\nthree";
    let rendered = Template::parse(text)
        .unwrap()
        .execute(&Value::NIL, &budget(1000))
        .unwrap();
    assert_eq!(rendered.text, "one\n\nx: 0\nx: 1\ntwo\na\nb\nthree");
    assert_eq!(rendered.lines, [1, 2, 3, 3, 5, 6, 6, 7]);
}
