//! Flux objects that make each other, wait for each other, copy each other.

use super::super::case::{Case, config_map, each, kustomization};

const FAMILY: &str = "flux";

fn case(name: &str) -> Case {
    Case::new(FAMILY, name)
}

fn substituted(name: &str, path: &str, variables: &str) -> String {
    format!(
        "---\n{}",
        kustomization(
            name,
            path,
            &format!("  postBuild: {{substitute: {{{variables}}}}}\n")
        )
    )
}

fn generator(name: &str, source: &str, copies: &str) -> String {
    format!(
        "---\napiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec:\n  sources: [{source}]\n  artifacts: [{{name: {name}, copy: [{copies}]}}]\n"
    )
}

pub(super) fn cases() -> Vec<Case> {
    let own = "{alias: r, kind: GitRepository, name: flux-system}";
    let multiply = |count: usize| {
        each(count, |i| {
            substituted(
                &format!("{}${{n}}", ["x", "y", "z", "u", "v"][i % 5]),
                "./a",
                &format!("n: \"${{n}}{}\"", ["a", "b", "c", "d", "e"][i % 5]),
            )
        })
    };
    let files = case("1,000 generators that copy 2,000 files")
        .file(
            "clusters/main/g.yaml",
            each(1_000, |i| {
                generator(&format!("g{i}"), own, "{from: '@r/**', to: '@artifact/'}")
            }),
        )
        .times(2_000, |case, i| {
            case.file(&format!("other/f{i}.yaml"), config_map(&format!("f{i}"), "b"))
        });
    vec![
        case("a Kustomization that makes three others for each").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: a}}\n")).file("a/k.yaml", multiply(3)),
        case("a Kustomization that makes five others for each").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: a}}\n")).file("a/k.yaml", multiply(5)),
        case("a Kustomization that makes one other without end").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: a}}\n")).file("a/k.yaml", multiply(1)),
        case("Kustomizations that multiply beside 1,000 objects").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: a}}\n")).file("a/k.yaml", multiply(3)).file("a/x.yaml", each(1_000, |i| config_map(&format!("x{i}${{n}}"), "b"))),
        case("variables that double").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: abcdefgh}}\n")).file("a/k.yaml", substituted("a${n:0:8}", "./a", "n: \"${n}${n}\"")),
        case("variables that double in a new one each").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: a, m: abcdefgh}}\n")).file("a/k.yaml", substituted("a${n}", "./a", "n: \"${n}a\", m: \"${m}${m}\"")),
        case("a Kustomization that changes itself").file("clusters/main/a.yaml", kustomization("a", "./a", "  postBuild: {substitute: {n: a}}\n")).file("a/k.yaml", substituted("a", "./a", "n: \"${n}a\"")),
        case("200 Kustomizations that change each other").file("clusters/main/a.yaml", each(200, |i| format!("---\n{}", kustomization(&format!("k{i}"), &format!("./k/{i}"), &format!("  postBuild: {{substituteFrom: [{{kind: ConfigMap, name: c{}}}]}}\n", (i + 1) % 200))))).file("k/0/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c0, namespace: flux-system}\ndata: {v: \"${v}x\"}\n").file("k/1/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c1, namespace: flux-system}\ndata: {v: \"${v}x\"}\n"),
        dependents(200),
        dependents(1_000),
        case("10,000 Kustomizations of one folder").file("clusters/main/a.yaml", each(10_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./apps", "")))),
        case("50,000 Kustomizations without a folder").file("clusters/main/a.yaml", each(50_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./nowhere", "")))).alone(),
        case("a chain of 3,000 dependsOn").file("clusters/main/a.yaml", each(3_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./none", &format!("  dependsOn: [{{name: k{}}}]\n", i + 1))))),
        case("a circle of 3,000 dependsOn").file("clusters/main/a.yaml", each(3_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./none", &format!("  dependsOn: [{{name: k{}}}]\n", (i + 1) % 3_000))))),
        case("400 Kustomizations that all wait for each other").file("clusters/main/a.yaml", each(400, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./none", &format!("  dependsOn: [{}]\n", each(400, |j| format!("{{name: k{j}}},"))))))),
        case("diamonds of dependsOn on 60 levels").file("clusters/main/a.yaml", each(120, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./none", &format!("  dependsOn: [{{name: k{}}}, {{name: k{}}}]\n", i / 2 * 2 + 2, i / 2 * 2 + 3))))),
        case("100,000 dependsOn of one").file("clusters/main/a.yaml", kustomization("k", "./none", &format!("  dependsOn: [{}]\n", each(100_000, |j| format!("{{name: k{j}}},"))))),
        case("a chain of 60 substituteFrom").file("clusters/main/a.yaml", each(60, |i| format!("---\n{}", kustomization(&format!("k{i}"), &format!("./k/{i}"), &format!("  postBuild: {{substituteFrom: [{{kind: ConfigMap, name: c{}, optional: true}}]}}\n", i + 1))))).file("k/59/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c59, namespace: flux-system}\ndata: {v: x}\n"),
        case("20,000 substituteFrom of one").file("clusters/main/a.yaml", kustomization("k", "./apps", &format!("  postBuild: {{substituteFrom: [{}]}}\n", each(20_000, |j| format!("{{kind: ConfigMap, name: c{j}}},"))))),
        case("2,000 Kustomizations with 5,000 variables").file("clusters/main/a.yaml", format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: flux-system}}\ndata:\n{}{}", each(5_000, |i| format!("  v{i}: x\n")), each(2_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./apps", "  postBuild: {substituteFrom: [{kind: ConfigMap, name: c}]}\n"))))),
        case("1,000 Kustomizations with patches of their own").file("clusters/main/a.yaml", each(1_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./big", &format!("  patches: [{{target: {{kind: ConfigMap}}, patch: '[{{\"op\":\"add\",\"path\":\"/data/k{i}\",\"value\":\"v\"}}]'}}]\n"))))).file("big/x.yaml", each(1_000, |i| config_map(&format!("x{i}"), "b"))),
        case("1,000 Kustomizations with a target namespace of their own").file("clusters/main/a.yaml", each(1_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), "./big", &format!("  targetNamespace: n{i}\n"))))).file("big/x.yaml", each(1_000, |i| config_map(&format!("x{i}"), "b"))),
        case("two generators that copy each other").file("clusters/main/g.yaml", format!("{}{}", generator("a", "{alias: r, kind: ExternalArtifact, name: b}", "{from: '@r/**', to: '@artifact/x/'}"), generator("b", "{alias: r, kind: ExternalArtifact, name: a}", "{from: '@r/**', to: '@artifact/x/'}"))),
        case("generators that double their files").file("clusters/main/g.yaml", format!("{}{}", generator("g0", own, "{from: '@r/**', to: '@artifact/a/'}"), each(40, |i| generator(&format!("g{}", i + 1), &format!("{{alias: r, kind: ExternalArtifact, name: g{i}}}"), "{from: '@r/**', to: '@artifact/a/'}, {from: '@r/**', to: '@artifact/b/'}")))),
        case("a generator that copies itself").file("clusters/main/g.yaml", generator("g", "{alias: r, kind: ExternalArtifact, name: g}, {alias: o, kind: GitRepository, name: flux-system}", "{from: '@o/**', to: '@artifact/'}, {from: '@r/**', to: '@artifact/x/'}")),
        files,
        case("20,000 copies of one generator").file("clusters/main/g.yaml", generator("g", own, &each(20_000, |i| format!("{{from: '@r/apps/**', to: '@artifact/c{i}/'}},")))),
        case("a glob of many stars").file("clusters/main/g.yaml", generator("g", own, &format!("{{from: '@r/{}x', to: '@artifact/'}}", "**/*/".repeat(200)))).file(&format!("{}/f", ["a"; 50].join("/")), "x"),
        case("a glob of braces").file("clusters/main/g.yaml", generator("g", own, &format!("{{from: '@r/{}', to: '@artifact/'}}", "{a,b,c,d,e}".repeat(30)))),
        case("a glob of nested braces").file("clusters/main/g.yaml", generator("g", own, &format!("{{from: '@r/{}{}', to: '@artifact/'}}", "{a,".repeat(500), "}".repeat(500)))),
        case("sources that include each other").file("clusters/main/s.yaml", each(50, |i| format!("---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: s{i}, namespace: flux-system}}\nspec: {{interval: 1m, url: 'https://x.org/{i}', include: [{}]}}\n", each(50, |j| format!("{{repository: {{name: s{j}}}}},"))))),
        case("includes that double").file("clusters/main/s.yaml", format!("{}---\n{}", each(40, |i| format!("---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: s{i}, namespace: flux-system}}\nspec: {{interval: 1m, url: 'ssh://git@git.example.org/platform.git', include: [{{repository: {{name: s{0}}}, toPath: a}}, {{repository: {{name: s{0}}}, toPath: b}}]}}\n", i + 1)), kustomization("evil", "./apps", "").replace("name: flux-system}\n", "name: s0}\n"))),
        case("20,000 patterns of ignore").file("clusters/main/flux-system/gotk-sync.yaml", format!("apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: flux-system, namespace: flux-system}}\nspec:\n  interval: 1m\n  url: ssh://git@git.example.org/platform.git\n  ignore: |\n{}---\n{}", each(20_000, |i| format!("    **/a*b*c*d*{i}*\n")), kustomization("flux-system", "./clusters/main", ""))).file(".sourceignore", each(20_000, |i| format!("/x{i}/**/y*z*\n"))),
        case("a pattern of 1 MB in .sourceignore").file(".sourceignore", format!("{}b\n", "*a".repeat(500_000))),
        case("a path of 1 MB").file("clusters/main/k.yaml", kustomization("k", &format!("./{}", "a/".repeat(500_000)), "")),
        case("a path that climbs out").file("clusters/main/k.yaml", kustomization("k", "../../../../../../etc", "")),
        case("wrong types in every field").file("clusters/main/k.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: [a], namespace: {b: c}, labels: 3}\nspec: {path: [], sourceRef: 3, dependsOn: {}, postBuild: [], patches: x, images: 4, components: {}, healthChecks: 5, decryption: []}\n").alone(),
        case("an entry of 3,000 clusters").file("clusters/main/k.yaml", kustomization("k", "./apps", "")).file("clusters/x.yaml", each(3_000, |i| format!("---\n{}", kustomization(&format!("k{i}"), &format!("./clusters/c{i}"), "")))),
        clusters(1_000),
        clusters_of_their_own(6_000),
        case("20,000 releases").file("clusters/main/r.yaml", each(20_000, |i| format!("---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r{i}, namespace: default}}\nspec: {{interval: 1m, chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: h}}}}}}, values: {{image: {{repository: a, tag: b}}}}}}\n"))),
        case("a release with 200,000 values").file("clusters/main/r.yaml", format!("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: default}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: h}}}}}}\n  values:\n{}", each(200_000, |i| format!("    k{i}: {{host: h{i}.example.org}}\n")))),
        case("a release with 3,000 valuesFrom").file("clusters/main/r.yaml", format!("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: default}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: h}}}}}}\n  valuesFrom:\n{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: default}}\ndata:\n  values.yaml: |\n{}", "  - {kind: ConfigMap, name: v}\n".repeat(3_000), each(3_000, |i| format!("    k{i}: v\n")))),
        case("target paths without end").file("clusters/main/r.yaml", format!("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: default}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: h}}}}}}\n  valuesFrom:\n{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: default}}\ndata: {{k: v}}\n", each(500, |i| format!("  - {{kind: ConfigMap, name: v, valuesKey: k, targetPath: 'a[1023].b[1023].c[{i}]'}}\n  - {{kind: ConfigMap, name: v, valuesKey: k, targetPath: 'a[99999999999]'}}\n")))),
        case("an instance with 2,000 patches").file("clusters/main/i.yaml", format!("apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {{name: flux, namespace: flux-system}}\nspec:\n  distribution: {{version: 2.x, registry: ghcr.io/fluxcd}}\n  sync: {{kind: GitRepository, url: 'ssh://git@git.example.org/platform.git', ref: refs/heads/main, path: clusters/main}}\n  kustomize:\n    patches:\n{}", each(2_000, |i| format!("    - target: {{kind: Kustomization}}\n      patch: '[{{\"op\":\"add\",\"path\":\"/metadata/labels/l{i}\",\"value\":\"v\"}}]'\n")))),
    ]
}

fn dependents(count: usize) -> Case {
    let kustomizations = each(count, |i| {
        let more = format!(
            "  dependsOn: [{}]\n  postBuild: {{substitute: {{a: b}}}}\n",
            each(i, |j| format!("{{name: k{j}}},"))
        );
        let text = kustomization(&format!("k{i}"), &format!("./k/{i}"), &more);
        format!("---\n{text}")
    });
    case(&format!(
        "{count} Kustomizations of which each waits for all before"
    ))
    .file("clusters/main/a.yaml", kustomizations)
    .times(count, |case, i| {
        let object = config_map(&format!("x{i}"), "\"${undefined}\"");
        case.file(&format!("k/{i}/x.yaml"), object)
    })
}

/// Far more clusters than are scanned, each with objects that the others do not apply.
fn clusters_of_their_own(count: usize) -> Case {
    case("6,000 clusters of their own")
        .alone()
        .times(count, |case, i| {
            let own = kustomization("own", &format!("./clusters/c{i}"), "");
            let text = format!("{own}---\n{}", config_map("own", "b"));
            case.file(&format!("clusters/c{i}/a.yaml"), text)
        })
}

fn clusters(count: usize) -> Case {
    case("1,000 clusters of one infrastructure")
        .alone()
        .times(count, |case, i| {
            case.file(
                &format!("clusters/c{i}/a.yaml"),
                kustomization("big", "./big", ""),
            )
        })
        .file("big/x.yaml", each(300, |i| config_map(&format!("x{i}"), "b")))
}
