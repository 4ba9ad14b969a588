//! `template`: options as Helm reads them, links, and schemas with a part in another place. The expected output is that of
//! Helm 4.2.4.

use std::fs;

use pretty_assertions::assert_eq;

use crate::copy::program;

/// A chart in a folder, with files beside it.
fn chart(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const CHART: (&str, &str) = ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");

#[track_caller]
fn check(folder: &tempfile::TempDir, arguments: &[&str], expected: &str) {
    let output = program()
        .arg("template")
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &error;
    assert_eq!(text, expected, "{arguments:?}");
}

#[test]
fn options_are_read_as_helm_reads_them() {
    let folder = chart(&[
        CHART,
        ("c/crds/a.yaml", "kind: CustomResourceDefinition\n"),
        (
            "c/templates/a.yaml",
            "a: {{ .Values.a }}{{ .Values.b }} {{ .Release.Name }} {{ .Release.Namespace }}\n",
        ),
        ("f.yaml", "a: 1\n"),
        ("g.yaml", "b: 2\n"),
    ]);
    let made = |text: &str| format!("---\n# Source: c/templates/a.yaml\n{text}\n");
    check(
        &folder,
        &["r", "c", "-f", "f.yaml,g.yaml"],
        &made("a: 12 r default"),
    );
    check(&folder, &["r", "c", "-f", "", "-n", ""], &made("a:  r default"));
    check(
        &folder,
        &["c", "--include-crds=false"],
        &made("a:  release-name default"),
    );
    let with_crds = format!(
        "---\n# Source: c/crds/a.yaml\nkind: CustomResourceDefinition\n\n{}",
        made("a:  r default")
    );
    check(&folder, &["r", "c", "--include-crds=true"], &with_crds);
    check(&folder, &["r", "c", "--include-crds"], &with_crds);
}

#[cfg(unix)]
#[test]
fn links_within_the_folder_of_work_are_followed() {
    let folder = chart(&[
        CHART,
        ("c/templates/a.yaml", "a: {{ .Values.a }}\n"),
        ("shared.yaml", "a: 1\n"),
    ]);
    std::os::unix::fs::symlink("../shared.yaml", folder.path().join("c/values.yaml")).unwrap();
    check(&folder, &["r", "c"], "---\n# Source: c/templates/a.yaml\na: 1\n");
}

#[test]
fn a_schema_reference_outside_the_chart_refuses_nothing() {
    let schema = r#"{"oneOf": [
        {"properties": {"a": {"type": "string"}}},
        {"properties": {"a": {"$ref": "https://example.org/defs.json"}}}
    ]}"#;
    let folder = chart(&[
        CHART,
        ("c/values.schema.json", schema),
        ("c/values.yaml", "a: x\n"),
        ("c/templates/a.yaml", "a: {{ .Values.a }}\n"),
    ]);
    check(&folder, &["r", "c"], "---\n# Source: c/templates/a.yaml\na: x\n");
}

#[test]
fn keys_of_a_closed_map_are_named() {
    let schema = r#"{"properties": {"x": {"additionalProperties": false, "contentEncoding": "base64"}}}"#;
    let folder = chart(&[
        CHART,
        ("c/values.schema.json", schema),
        ("c/values.yaml", "x: {a: 1}\n"),
    ]);
    check(
        &folder,
        &["r", "c"],
        "Error: values don't meet the specifications of the schema(s) in the following chart(s):\n\
         c:\n- at '/x': additional properties 'a' not allowed\n",
    );
}
