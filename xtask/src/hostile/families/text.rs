//! Bytes and YAML: encodings, sizes, depths, aliases, separators, scalars.

use super::super::case::{Case, Content, each, kustomization};

const FAMILY: &str = "text";
const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\ndata:\n  a: ";

fn case(name: &str, bytes: impl Into<Vec<u8>>) -> Case {
    Case::new(FAMILY, name).resource("", bytes)
}

fn repeated(name: &str, head: &str, unit: &str, times: usize, tail: &str) -> Case {
    case(name, "").repeated("evil/x.yaml", head, unit, times, tail)
}

/// A case with a value of 33 MB in a file.
fn with_large_value(case: Case, path: &str, head: impl Into<String>) -> Case {
    case.repeated(path, head, "xxxxxxxxxxxxxxxx", 2_062_500, "\n")
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let unit = |unit: u16| {
        if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(unit)
        .collect()
}

pub(super) fn cases() -> Vec<Case> {
    let scalar = |value: &str| format!("{HEAD}{value}\n");
    let head = |i: usize| HEAD.replace("name: x", &format!("name: x{i}"));
    vec![
        case("empty file", ""),
        case("null bytes", vec![0; 4096]),
        case("null byte in a value", scalar("b\0c")),
        case("UTF-16, little end first", utf16(&scalar("b"), false)),
        case("UTF-16, big end first", utf16(&scalar("b"), true)),
        case(
            "UTF-16 cut in half a character",
            [utf16(&scalar("b"), false), vec![0x61]].concat(),
        ),
        case(
            "UTF-16 with half a pair",
            [utf16(&scalar("b"), false), vec![0x00, 0xd8]].concat(),
        ),
        case("byte order mark in the middle", scalar("b\u{feff}c")),
        case(
            "bytes that are no UTF-8",
            [scalar("").into_bytes(), vec![0xff, 0xfe, 0xfa]].concat(),
        ),
        case(
            "overlong UTF-8",
            [scalar("").into_bytes(), vec![0xc0, 0xaf]].concat(),
        ),
        case(
            "UTF-8 of a surrogate",
            [scalar("").into_bytes(), vec![0xed, 0xa0, 0x80]].concat(),
        ),
        case("lone carriage returns", scalar("b").replace('\n', "\r")),
        case("carriage returns among line feeds", scalar("b\rc: d\r\n")),
        case(
            "line and paragraph separators",
            scalar("b\u{2028}c\u{2029}d\u{85}e"),
        ),
        case("control characters", scalar("\"\\e[2J\\a\u{9b}31m\\x00\"")),
        case("escape of a surrogate", scalar("\"\\ud800\"")),
        case("tabs as indentation", "a:\n\t- b\n\t\t- c\n"),
        case("repeated keys", format!("{HEAD}b\n  a: c\nkind: Secret\n")),
        case(
            "100,000 repeated keys",
            format!("{HEAD}b\n{}", "  a: c\n".repeat(100_000)),
        ),
        case("not a number", scalar(".nan").replace("a: ", "a: !!float ")),
        case("number of 100,000 digits", scalar(&"9".repeat(100_000))),
        case("exponent without end", scalar("1e999999999999")),
        case(
            "number to the base of 60",
            scalar("190:20:30:40:50:60:59:59:59:59:59"),
        ),
        case(
            "hexadecimal number of 1 MB",
            scalar(&format!("0x{}", "f".repeat(1_000_000))),
        ),
        case("time of the year 99999", scalar("99999-99-99T99:99:99Z")),
        case("local tags", scalar("!<tag:x.org,2000:%41%00> b")),
        case("tag of 1 MB", scalar(&format!("!{} b", "t".repeat(1_000_000)))),
        case(
            "binary of 10 MB",
            scalar(&format!("!!binary {}", "QUFB".repeat(2_500_000))),
        ),
        case(
            "key of 10 MB",
            format!("{HEAD}b\n  ? {}\n  : c\n", "k".repeat(10_000_000)),
        ),
        case("anchor of 1 MB", scalar(&format!("&{} b", "n".repeat(1_000_000)))),
        case("alias of itself", scalar("&a [*a]")),
        case("alias without anchor", scalar("*nowhere")),
        case(
            "aliases that double 40 times",
            format!(
                "l0: &l0 [x, x]\n{}",
                each(40, |i| format!("l{}: &l{} [*l{i}, *l{i}]\n", i + 1, i + 1))
            ),
        ),
        case(
            "aliases of a text of 1 MB, 10,000 times",
            format!(
                "{HEAD}&t {}\n{}",
                "x".repeat(1_000_000),
                each(10_000, |i| format!("  k{i}: *t\n"))
            ),
        ),
        case(
            "merge keys that double 40 times",
            format!(
                "m0: &m0 {{a: b}}\n{}",
                each(40, |i| format!(
                    "m{}: &m{}\n  <<: [*m{i}, *m{i}]\n  k{i}: v\n",
                    i + 1,
                    i + 1
                ))
            ),
        ),
        case(
            "3,000 merge keys of 3,000 keys",
            format!(
                "b: &b\n{}{}",
                each(3_000, |i| format!("  k{i}: v\n")),
                each(3_000, |i| format!("m{i}: {{<<: *b}}\n"))
            ),
        ),
        case(
            "merge key over a list of 20,000",
            format!(
                "{}z:\n  <<: [{}]\n",
                each(20_000, |i| format!("m{i}: &m{i} {{k{i}: v}}\n")),
                each(20_000, |i| format!("*m{i}, "))
            ),
        ),
        case("100,000 anchors", each(100_000, |i| format!("k{i}: &a{i} v\n"))),
        case(
            "100,000 aliases",
            format!("a: &a v\n{}", each(100_000, |i| format!("k{i}: *a\n"))),
        ),
        case("depth of 100,000 in brackets", "[".repeat(100_000)),
        case("depth of 100,000 in braces", "{a: ".repeat(100_000)),
        case(
            "depth of 10,000 by indentation",
            each(10_000, |i| format!("{}a:\n", " ".repeat(i.min(3_000)))),
        ),
        case("depth of 100,000 by dashes", "- ".repeat(100_000)),
        case("depth of 100,000 by question marks", "? ".repeat(100_000)),
        case(
            "depth of 191",
            format!("{HEAD}{}{}\n", "[".repeat(188), "]".repeat(188)),
        ),
        case(
            "100,000 times %TAG",
            format!(
                "{}---\na: b\n",
                each(100_000, |i| format!("%TAG !t{i}! tag:x.org,{i}:\n"))
            ),
        ),
        case(
            "100,000 times %YAML",
            format!("{}---\na: b\n", "%YAML 1.1\n".repeat(100_000)),
        ),
        case(
            "unknown directives",
            format!("{}---\na: b\n", "%WHAT is this\n".repeat(100_000)),
        ),
        case(
            "quotes without end",
            scalar(&format!("\"{}", "x ".repeat(1_000_000))),
        ),
        case(
            "quotes over 1,000,000 lines",
            scalar(&format!("'{}'", "x\n   ".repeat(1_000_000))),
        ),
        case("plain text over 500,000 lines", scalar(&"x\n   ".repeat(500_000))),
        case(
            "block of 1,000,000 lines",
            scalar(&format!("|\n{}", "    x\n".repeat(1_000_000))),
        ),
        case(
            "folded block of 1,000,000 lines",
            scalar(&format!(">\n{}", "    x\n\n".repeat(500_000))),
        ),
        case(
            "block with deeper lines above",
            scalar(&format!(
                "|\n{}    x\n",
                each(20_000, |i| format!("{}\n", " ".repeat(i % 3_000)))
            )),
        ),
        case("block indented by 9", scalar("|9+\n             x\n")),
        case("1,000,000 empty documents", "---\n".repeat(1_000_000)),
        case(
            "100,000 documents",
            each(100_000, |i| {
                format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\n")
            }),
        ),
        case("document ends without end", "...\n".repeat(1_000_000)),
        case("separators with words", each(100_000, |i| format!("--- # {i}\n"))),
        case("comments of 30 MB", "# x\n".repeat(7_500_000)),
        case(
            "one comment of 30 MB",
            format!("a: b # {}", "x".repeat(30_000_000)),
        ),
        case("blanks of 30 MB", " ".repeat(30_000_000)),
        case("line feeds of 30 MB", "\n".repeat(30_000_000)),
        case("commas of 10 MB", format!("[{}]", ",".repeat(10_000_000))),
        case("colons of 10 MB", ":".repeat(10_000_000)),
        case(
            "list of 4,000,000 in brackets",
            format!("[{}]", "a,".repeat(4_000_000)),
        ),
        case("empty maps, 3,000,000", format!("[{}]", "{},".repeat(3_000_000))),
        case(
            "map of 1,000,000 keys",
            format!("{HEAD}b\n{}", each(1_000_000, |i| format!("  k{i}: v\n"))),
        ),
        case(
            "JSON of 20 MB on one line",
            format!("{{\"a\": [{}1]}}", "{\"b\": 1}, ".repeat(2_000_000)),
        ),
        case(
            "simple keys of 2,000 characters",
            each(10_000, |i| format!("{}{i}: v\n", "k".repeat(2_000))),
        ),
        case(
            "keys that might be simple, on one line",
            format!("[{}", "\"a\" ".repeat(1_000_000)),
        ),
        repeated("value of 32 MB", HEAD, "xxxxxxxxxxxxxxxx", 2_000_000, "\n"),
        repeated("file over the limit", HEAD, "xxxxxxxxxxxxxxxx", 4_000_000, "\n"),
        case("file of a terabyte without a byte", "").content("evil/x.yaml", Content::Sparse(1 << 40)),
        repeated("not ASCII, 20 MB", HEAD, "\u{1f600}", 5_000_000, "\n"),
        repeated(
            "escapes, 20 MB",
            &format!("{HEAD}\""),
            "\\u0041",
            3_300_000,
            "\"\n",
        ),
        Case::new(FAMILY, "40 files of 33 MB")
            .evil(format!("resources:\n{}", each(40, |i| format!("- b{i}.yaml\n"))))
            .times(40, |case, i| {
                with_large_value(case, &format!("evil/b{i}.yaml"), head(i))
            }),
        Case::new(FAMILY, "40 Kustomizations of 33 MB").times(40, |case, i| {
            let text = kustomization(&format!("evil{i}"), &format!("./evil/{i}"), "");
            with_large_value(case, &format!("evil/{i}/b.yaml"), head(i))
                .file(&format!("clusters/main/evil{i}.yaml"), text)
        }),
        Case::new(FAMILY, "20 files of 3,900,000 nodes")
            .evil(format!("resources:\n{}", each(20, |i| format!("- b{i}.yaml\n"))))
            .times(20, |case, i| {
                let head = format!("{}[", head(i).replace("data:\n  a", "list:\n  a"));
                case.repeated(&format!("evil/b{i}.yaml"), head, "a,", 3_900_000, "]\n")
            }),
        Case::new(FAMILY, "40 files of 33 MB that nothing reads").times(40, |case, i| {
            with_large_value(case, &format!("other/b{i}.yaml"), HEAD)
        }),
    ]
}
