//! Charts: folders and archives.

use super::super::case::{Case, Content, each};

const FAMILY: &str = "charts";

fn chart(name: &str, template: impl Into<Vec<u8>>) -> Case {
    Case::new(FAMILY, name)
        .file("charts/c/Chart.yaml", CHART)
        .file("charts/c/templates/x.yaml", template)
        .run(&["template", "r", "REPO/charts/c"])
}

fn archive(name: &str, bytes: impl Into<Vec<u8>>) -> Case {
    Case::new(FAMILY, name)
        .file("c.tgz", bytes)
        .run(&["template", "r", "REPO/c.tgz"])
}

/// A chart's `Chart.yaml`.
pub(super) const CHART: &str = "apiVersion: v2\nname: c\nversion: 1.0.0\n";

/// A HelmRelease with an unfinished `spec`.
const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: default}\nspec: {interval: 1m, chart: {spec: {chart: \
                       ./charts/c, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}, ";

fn release(name: &str) -> Case {
    Case::new(FAMILY, name).file("charts/c/Chart.yaml", CHART).file(
        "clusters/main/r.yaml",
        format!("{}}}\n", RELEASE.trim_end_matches(", ")),
    )
}

pub(super) fn cases() -> Vec<Case> {
    let mut values = String::from("a:\n");
    for depth in 0..150 {
        values.push_str(&format!("{}a:\n", " ".repeat(depth + 1)));
    }
    vec![
        chart("a loop over 1,000,000,000", "{{ range until 1000000000 }}x{{ end }}"),
        chart("a named template that includes itself", "{{ define \"t\" }}{{ include \"t\" . }}{{ end }}{{ include \"t\" . }}"),
        chart("a named template that includes itself twice", "{{ define \"t\" }}{{ include \"t\" . }}{{ include \"t\" . }}{{ end }}{{ include \"t\" . }}"),
        chart("tpl of itself", "{{ $t := \"{{ tpl .t . }}\" }}{{ tpl $t (dict \"t\" $t \"Template\" .Template) }}"),
        chart("texts that double", "{{ $x := \"xxxxxxxx\" }}{{ range until 60 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}{{ $x }}"),
        chart("a text repeated", "{{ repeat 1000000000 \"x\" }}"),
        chart("copies of dicts that double", "{{ $d := dict }}{{ range until 60 }}{{ $d = dict \"a\" $d \"b\" $d }}{{ end }}{{ deepCopy $d | len }}"),
        chart("YAML of 900,000 small maps", "{{ fromYaml (printf \"a: [%s]\" (repeat 900000 \"{a: 1},\")) | len }}"),
        chart("JSON of 1,500,000 small maps", "{{ fromJson (printf \"{%q:[%s1]}\" \"a\" (repeat 1500000 \"{\\\"a\\\":1},\")) | len }}"),
        chart("small maps kept without end", "{{ $d := dict }}{{ range $i := until 3000 }}{{ range $j := until 3000 }}{{ $_ := set $d (printf \"%d-%d\" $i $j) (dict \"a\" 1) }}{{ end }}{{ end }}{{ len $d }}"),
        chart("files of everything", "{{ range $p, $b := .Files.Glob \"**\" }}{{ range until 1000 }}{{ $b }}{{ end }}{{ end }}").repeated("charts/c/big", "", "xxxxxxxx", 100_000, ""),
        chart("a template of 20 MB", "{{ 1 }}".repeat(3_000_000)),
        chart("values 150 deep", "{{ .Values | toYaml }}").file("charts/c/values.yaml", values),
        chart("values of aliases that double", "{{ .Values | toYaml }}").file("charts/c/values.yaml", format!("l0: &l0 [x, x]\n{}", each(40, |i| format!("l{}: &l{} [*l{i}, *l{i}]\n", i + 1, i + 1)))),
        chart("a schema in a circle", "a: b\n").file("charts/c/values.schema.json", "{\"$ref\": \"#/definitions/a\", \"definitions\": {\"a\": {\"allOf\": [{\"$ref\": \"#/definitions/a\"}, {\"$ref\": \"#/definitions/a\"}]}}}"),
        chart("a schema with a costly pattern", "a: b\n").file("charts/c/values.yaml", format!("a: {}\n", "a".repeat(100_000))).file("charts/c/values.schema.json", "{\"properties\": {\"a\": {\"pattern\": \"^(a+)+$b\"}}}"),
        chart("dependencies in a circle", "a: b\n").file("charts/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: c, version: '*', repository: 'file://../c'}]\n").content("charts/c/charts/c", Content::Link("../../c".into())),
        chart("5,000 dependencies", "a: b\n").file("charts/c/Chart.yaml", format!("apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n{}", each(5_000, |i| format!("- {{name: d{i}, version: '>=1 <2 || ^3', condition: a.b.c{i}}}\n")))),
        chart("a version of 1 MB", "a: b\n").file("charts/c/Chart.yaml", format!("apiVersion: v2\nname: c\nversion: {}\n", "1.".repeat(500_000))),
        archive("an archive that is none", "no archive"),
        archive("an archive of nothing", ""),
        archive("gzip cut short", vec![0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff]),
        archive("gzip of zeros without end", bomb()),
        release("a chart of 20,000 files").times(20_000, |case, i| case.file(&format!("charts/c/files/f{i}"), "x")),
        release("a chart with a pipe").content("charts/c/values.yaml", Content::Pipe),
        release("a chart that is a link to itself").content("charts/c/charts", Content::Link("..".into())),
        release("values of 900,000 small maps").file("clusters/main/r.yaml", format!("{}values: {{a: [{}]}}}}\n", RELEASE, "{a: 1},".repeat(900_000))),
        release("20 ConfigMaps of 150,000 small maps as values")
            .file("clusters/main/r.yaml", format!("{}valuesFrom: [{}]}}\n", RELEASE, each(20, |i| format!("{{kind: ConfigMap, name: v, valuesKey: k{i}}},"))))
            .file("clusters/main/v.yaml", format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: default}}\ndata:\n{}", each(20, |i| format!("  k{i}: \"a{i}: [{}]\"\n", "{a: 1},".repeat(150_000))))),
        release("values of a chart of 30 MB").repeated("charts/c/values.yaml", "a: ", "xxxxxxxxxx", 3_000_000, "\n"),
    ]
}

/// A gzip member of 1 GB of zeros.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..1_000 {
        // Writing to memory does not fail.
        let _ = encoder.write_all(&zeros);
    }
    encoder.finish().unwrap_or_default()
}
