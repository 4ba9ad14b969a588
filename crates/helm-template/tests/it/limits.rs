//! Charts that would never end, or exhaust memory.

use std::fmt::Write;
use std::sync::Arc;

use helm_template::{
    Chart, ChartFile, ChartLimits, Release, RenderLimits, RenderOptions, Rendered, Values, render,
};

/// A chart of these files and a `Chart.yaml` with further lines.
fn chart(metadata: &str, files: &[(&str, &str)]) -> Result<Arc<Chart>, String> {
    let head = format!("apiVersion: v2\nname: web\nversion: 1.0.0\n{metadata}");
    let all = [("Chart.yaml", head.as_str())]
        .into_iter()
        .chain(files.iter().copied());
    let all = all.map(|(name, text)| ChartFile::new(name, text.as_bytes()));
    Chart::from_files(all.collect(), &ChartLimits::default())
        .map(Arc::new)
        .map_err(|error| error.message)
}

fn rendered(chart: &Arc<Chart>, change: impl Fn(&mut RenderLimits)) -> Result<Rendered, String> {
    let mut options = RenderOptions::new(Release::new("r", "ns"));
    change(&mut options.limits);
    render(chart, &Values::new(), &options).map_err(|error| error.message)
}

/// Small limits, for tests without optimization.
fn few(limits: &mut RenderLimits) {
    limits.templates.steps = 200_000;
    limits.templates.text_bytes = 1 << 20;
    limits.templates.total_bytes = 8 << 20;
}

/// The error of a chart with one template.
fn failure(template: &str) -> String {
    let chart = chart(
        "",
        &[("templates/a.yaml", template), ("big", &"line\n".repeat(20_000))],
    );
    match rendered(&chart.unwrap(), few) {
        Ok(rendered) => panic!("{} manifests of {template:.80}", rendered.manifests.len()),
        Err(error) => error,
    }
}

#[test]
fn loops_and_recursion_end() {
    for template in [
        "{{ range 1000000000 }}{{ end }}",
        "{{ range 1000000000 }}x{{ end }}",
        r#"{{ define "a" }}{{ include "b" . }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}"#,
        r#"{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}"#,
        r#"{{ define "a" }}{{ if lt (int .) 60 }}{{ tpl "{{ include \"a\" (add1 .) }}{{ include \"a\" (add1 .) }}" . }}{{ end }}{{ end }}{{ include "a" 1 }}"#,
        r#"{{ $text := repeat 10000 "{{/* */}}" }}{{ range $i := until 100000 }}{{ $x := tpl (print $text $i) $ }}{{ end }}"#,
    ] {
        let error = failure(template);
        assert!(
            ["steps", "maximum template depth", "nested reference name"]
                .iter()
                .any(|words| error.contains(words)),
            "{template}: {error:.300}"
        );
    }
}

#[test]
fn texts_and_values_have_an_end() {
    for (template, words) in [
        (r#"{{ repeat 1000000000 "x" }}"#, "a text is longer"),
        (
            r#"{{ $x := "x" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}"#,
            "more than",
        ),
        (
            r#"{{ $x := repeat 1000000 "x" }}{{ range 100 }}{{ $y := upper $x }}{{ end }}"#,
            "more than",
        ),
        (
            r#"{{ range 100 }}{{ $.Files.Get "big" }}{{ end }}"#,
            "a text is longer",
        ),
        (
            r#"{{ $x := dict }}{{ range 100 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toYaml $x }}"#,
            "more than",
        ),
        (
            r#"{{ $x := dict }}{{ range 100 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ $y := deepCopy $x }}"#,
            "more than",
        ),
        (
            r#"{{ $_ := set .Values "a" .Values }}{{ .Values.YAML }}"#,
            "cycle",
        ),
    ] {
        let error = failure(template);
        assert!(error.contains(words), "{template}: {error:.300}");
    }
}

#[test]
fn the_cost_of_a_call_grows_with_its_arguments() {
    for template in [
        r#"{{ $x := repeat 100000 "x" }}{{ range 1000000 }}{{ $y := contains "xy" $x }}{{ end }}"#,
        r#"{{ $x := repeat 100000 "x" }}{{ range 1000000 }}{{ $y := eq $x $x }}{{ end }}"#,
        r#"{{ $x := repeat 10000 "x" }}{{ range 1000000 }}{{ $y := trimAll $x $x }}{{ end }}"#,
        r#"{{ $x := until 10000 }}{{ range 1000000 }}{{ $y := has "x" $x }}{{ end }}"#,
        r#"{{ $d := dict }}{{ range $i := until 10000 }}{{ $_ := set $d (print $i) $i }}{{ end }}{{ range 1000000 }}{{ range $d }}{{ break }}{{ end }}{{ end }}"#,
        r#"{{ range $i := until 100000 }}{{ $x := regexMatch (printf "(a{100}){%d}" $i) "aaa" }}{{ end }}"#,
        r#"{{ $x := repeat 10000 "a" }}{{ range 10000 }}{{ $y := regexReplaceAll "(b)?a" $x (repeat 10000 "$1") }}{{ end }}"#,
        r#"{{ range 1000000 }}{{ $x := .Files.AsConfig }}{{ end }}"#,
        r#"{{ range 1000000 }}{{ $x := derivePassword 1 "long" "a" "b" "c" }}{{ end }}"#,
    ] {
        let template = template.replace(".Files", "$.Files");
        let error = failure(&template);
        assert!(
            error.contains("steps")
                || error.contains("values take more")
                || error.contains("a text is longer"),
            "{template}: {error:.300}"
        );
    }
}

#[test]
fn manifests_are_counted() {
    let many = chart("", &[("templates/a.yaml", &"kind: A\n---\n".repeat(11))]).unwrap();
    let error = rendered(&many, |limits| limits.manifests = 10).unwrap_err();
    assert_eq!(error, "the templates make more than 10 documents of manifests");
    let error = rendered(&many, |limits| limits.manifest_bytes = 80).unwrap_err();
    assert_eq!(error, "the templates make more than 80 bytes of manifests");
    assert_eq!(
        rendered(&many, |limits| limits.manifests = 11)
            .unwrap()
            .manifests
            .len(),
        11
    );

    let aliases = "kind: A\na: &a [1, 2, 3, 4]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n";
    let aliases = chart("", &[("templates/a.yaml", aliases)]).unwrap();
    assert!(rendered(&aliases, |_| {}).is_ok());
    let error = rendered(&aliases, |limits| limits.manifest_nodes = 100).unwrap_err();
    assert_eq!(
        error,
        "the templates make more than 100 nodes behind aliases of manifests"
    );
}

#[test]
fn subcharts_under_many_aliases_are_counted() {
    // Each of four levels has ten aliases of the next one.
    let names = ["a", "b", "c", "d"];
    let uses = |name: &str| {
        (0..10).fold("dependencies:\n".to_owned(), |mut text, number| {
            writeln!(text, "- {{name: {name}, version: '*', alias: {name}{number}}}").unwrap();
            text
        })
    };
    let mut files = Vec::new();
    let mut folder = String::new();
    for (index, name) in names.iter().enumerate() {
        write!(folder, "charts/{name}/").unwrap();
        let below = names.get(index + 1).map(|below| uses(below)).unwrap_or_default();
        let text = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n{below}");
        files.push((format!("{folder}Chart.yaml"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let chart = chart(&uses("a"), &files).unwrap();
    let error = rendered(&chart, |_| {}).unwrap_err();
    assert_eq!(
        error,
        "chart dependencies processing failed: the chart uses too many subcharts"
    );
}

#[test]
fn a_chart_names_so_many_dependencies() {
    let uses = (0..1001).fold("dependencies:\n".to_owned(), |mut text, number| {
        writeln!(text, "- {{name: a{number}, version: '*'}}").unwrap();
        text
    });
    assert_eq!(
        chart(&uses, &[]).unwrap_err(),
        "Chart.yaml names more than 1000 dependencies"
    );
}

#[test]
fn paths_of_imports_are_short() {
    let parent = vec!["a"; 10_000].join(".");
    let uses = format!(
        "dependencies: [{{name: sub, version: '*', import-values: [{{child: x, parent: {parent}}}]}}]"
    );
    let files = [
        (
            "charts/sub/Chart.yaml",
            "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        ),
        ("charts/sub/values.yaml", "x: {y: 1}"),
    ];
    let error = rendered(&chart(&uses, &files).unwrap(), |_| {}).unwrap_err();
    assert!(
        error.ends_with("an import-values path has more than 100 names"),
        "{error:.300}"
    );
}
