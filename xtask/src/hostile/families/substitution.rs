//! Expressions of variables in texts.

use super::super::case::{Case, config_map, each, kustomization};

const FAMILY: &str = "substitution";

fn case(name: &str, variables: &str, value: &str) -> Case {
    Case::new(FAMILY, name)
        .file(
            "clusters/main/evil.yaml",
            kustomization(
                "evil",
                "./evil",
                &format!("  postBuild:\n    substitute:\n      v: w\n{variables}"),
            ),
        )
        .file("evil/x.yaml", config_map("x", &format!("'{value}'")))
}

pub(super) fn cases() -> Vec<Case> {
    let long = |length: usize| format!("      l: {}\n", "ab".repeat(length / 2));
    vec![
        case(
            "defaults 10,000 deep",
            "",
            &format!("{}{}", "${a:-".repeat(10_000), "}".repeat(10_000)),
        ),
        case(
            "defaults 60 deep",
            "",
            &format!("{}x{}", "${a:-".repeat(60), "}".repeat(60)),
        ),
        case("500,000 uses of one variable", "", &"${v}".repeat(500_000)),
        case(
            "20,000 uses of a text of 100 kB",
            &long(100_000),
            &"${l}".repeat(20_000),
        ),
        case(
            "100,000 variables that nothing defines",
            "",
            &each(100_000, |i| format!("${{u{i}}} ")),
        ),
        case(
            "100,000 expressions that do not parse",
            "",
            &"${v:".repeat(100_000),
        ),
        case("dollars", "", &"$".repeat(1_000_000)),
        case("dollars in pairs", "", &"$${v}".repeat(200_000)),
        case("brackets without end", "", &"${".repeat(500_000)),
        case(
            "a pattern over a long text",
            &long(1_000_000),
            "${l/*a*a*a*a*a*a*b/x}${l//a/bb}${l%%*a*a*a*c}${l##*a*b*c}",
        ),
        case(
            "a thousand patterns over a long text",
            &long(100_000),
            &"${l//a*b/c}".repeat(1_000),
        ),
        case(
            "replacements that grow",
            &long(100_000),
            &"${l//a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}".repeat(300),
        ),
        case(
            "slices without end",
            "",
            "${v:99999999999999999999:1}${v:-1:-1}${v:0:9223372036854775807}${v: -5: -9}",
        ),
        case(
            "upper case of a long text",
            &long(1_000_000),
            &"${l^^}".repeat(100),
        ),
        case(
            "20,000 variables",
            &each(20_000, |i| format!("      v{i}: x\n")),
            "${v1}",
        ),
        case("variables in 20,000 objects", "", "b").file(
            "evil/x.yaml",
            each(20_000, |i| config_map(&format!("x{i}"), "'${v}-${w:=x}'")),
        ),
        case("names that become one", "", "b").file(
            "evil/x.yaml",
            each(5_000, |i| config_map(&format!("\"x${{a{i}}}\""), "b")),
        ),
        case(
            "values that become structure",
            "      n: \"a\\nkind: Secret\\nx: [\"\n",
            "${n}",
        ),
        case(
            "a value of line feeds",
            &format!("      n: \"{}\"\n", "\\n".repeat(500_000)),
            "${n}",
        ),
        case("a key that is a variable", "", "b").file(
            "evil/x.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {\"${v}\": a, \"${v}b\": a, w: b}\n",
        ),
    ]
}
