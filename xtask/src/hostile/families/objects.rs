//! Many or large objects of a cluster: services, workloads, routes, secrets, references between them.

use super::super::case::{Case, config_map, each};

const FAMILY: &str = "objects";

fn case(name: &str, objects: impl Into<Vec<u8>>) -> Case {
    Case::new(FAMILY, name).resource("", objects)
}

fn service(name: &str, selector: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: default}}\nspec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}\n"
    )
}

fn workload(name: &str, labels: &str, container: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: default}}\nspec:\n  selector: {{matchLabels: {{{labels}}}}}\n  \
         template:\n    metadata: {{labels: {{{labels}}}}}\n    spec:\n      containers:\n      - name: c\n        image: a:1\n{container}"
    )
}

pub(super) fn cases() -> Vec<Case> {
    let external = |name: &str, data: &str| {
        format!(
            "---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: {name}, namespace: default}}\nspec:\n  secretStoreRef: {{kind: ClusterSecretStore, name: s}}\n  target: {{name: {name}}}\n  data: [{data}]\n"
        )
    };
    vec![
        case(
            "5,000 services that select all of 3,000 workloads",
            format!(
                "{}{}",
                each(5_000, |i| service(&format!("s{i}"), "app: a")),
                each(3_000, |i| workload(&format!("w{i}"), "app: a", ""))
            ),
        ),
        case(
            "20,000 services",
            each(20_000, |i| service(&format!("s{i}"), &format!("app: a{i}"))),
        ),
        case(
            "20,000 workloads",
            each(20_000, |i| workload(&format!("w{i}"), &format!("app: a{i}"), "")),
        ),
        case(
            "a workload of 5,000 labels, 2,000 services",
            format!(
                "{}{}",
                workload("w", &each(5_000, |i| format!("l{i}: v,")), ""),
                each(2_000, |i| service(&format!("s{i}"), &format!("l{i}: v")))
            ),
        ),
        case(
            "a workload of 20,000 variables",
            workload(
                "w",
                "app: a",
                &format!(
                    "        env:\n{}",
                    each(20_000, |i| format!(
                        "        - {{name: V{i}, valueFrom: {{configMapKeyRef: {{name: c{i}, key: k}}}}}}\n"
                    ))
                ),
            ),
        ),
        case(
            "2,000 workloads that read 200 ConfigMaps each",
            format!(
                "{}{}",
                each(200, |i| config_map(&format!("c{i}"), "b")),
                each(2_000, |i| workload(
                    &format!("w{i}"),
                    &format!("app: a{i}"),
                    &format!(
                        "        envFrom: [{}]\n",
                        each(200, |j| format!("{{configMapRef: {{name: c{j}}}}},"))
                    )
                ))
            ),
        ),
        case(
            "a ConfigMap of 200,000 keys",
            format!(
                "{}{}",
                config_map("x", "b"),
                each(200_000, |i| format!("  k{i}: h{i}.example.org\n"))
            ),
        ),
        case(
            "a ConfigMap that names 20,000 services",
            format!(
                "{}{}",
                each(20_000, |i| service(&format!("s{i}"), "app: a")),
                config_map(
                    "x",
                    &format!(
                        "'{}'",
                        each(20_000, |i| format!("http://s{i}.default.svc.cluster.local "))
                    )
                )
            ),
        ),
        case(
            "5,000 ConfigMaps that name 5,000 services",
            format!(
                "{}{}",
                each(5_000, |i| service(&format!("s{i}"), "app: a")),
                each(5_000, |i| config_map(
                    &format!("c{i}"),
                    &format!("http://s{i}.default:80/")
                ))
            ),
        ),
        case(
            "a text of 20 MB of host names",
            config_map("x", &format!("'{}'", "a.b.example.org ".repeat(1_250_000))),
        ),
        case(
            "a text of 20 MB of dots",
            config_map("x", &format!("'{}'", "a.".repeat(10_000_000))),
        ),
        case(
            "a text of 10 MB of colons and slashes",
            config_map("x", &format!("'{}'", "://@:/".repeat(1_700_000))),
        ),
        case(
            "a text of 10 MB that looks like credentials",
            config_map("x", &format!("'{}'", "password=hunter2hunter2; ".repeat(400_000))),
        ),
        case(
            "a text of 10 MB without a break that looks like a key",
            config_map("x", &"QUtJQUlPU0ZPRE5O".repeat(600_000)),
        ),
        case(
            "an Ingress of 20,000 hosts",
            format!(
                "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i, namespace: default}}\nspec:\n  rules:\n{}",
                each(20_000, |i| format!(
                    "  - {{host: h{i}.example.org, http: {{paths: [{{path: /, backend: {{service: {{name: s, port: {{number: 80}}}}}}}}]}}}}\n"
                ))
            ),
        ),
        case(
            "3,000 Ingresses of one host",
            each(3_000, |i| {
                format!(
                    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i{i}, namespace: default}}\nspec: {{rules: [{{host: h.example.org, http: {{paths: [{{path: /, backend: {{service: {{name: sound, port: {{number: 80}}}}}}}}]}}}}]}}\n"
                )
            }),
        ),
        case(
            "routes and gateways, 2,000 each",
            each(2_000, |i| {
                format!(
                    "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: g{i}, namespace: default}}\nspec: {{gatewayClassName: c, listeners: [{{name: l, hostname: '*.example.org', port: 80, protocol: HTTP}}]}}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r{i}, namespace: default}}\nspec: {{parentRefs: [{}], rules: [{{backendRefs: [{{name: sound, port: 80}}]}}]}}\n",
                    each(20, |j| format!("{{name: g{j}}},"))
                )
            }),
        ),
        case(
            "an ExternalSecret of 20,000 keys",
            external(
                "e",
                &each(20_000, |i| {
                    format!("{{secretKey: k{i}, remoteRef: {{key: r{i}}}}},")
                }),
            ),
        ),
        case(
            "10,000 ExternalSecrets of one store",
            each(10_000, |i| {
                external(&format!("e{i}"), "{secretKey: k, remoteRef: {key: r}}")
            }),
        ),
        case(
            "5,000 workloads that read 5,000 secrets",
            format!(
                "{}{}",
                each(5_000, |i| external(
                    &format!("e{i}"),
                    "{secretKey: k, remoteRef: {key: r}}"
                )),
                each(5_000, |i| workload(
                    &format!("w{i}"),
                    &format!("app: a{i}"),
                    &format!("        envFrom: [{{secretRef: {{name: e{i}}}}}]\n")
                ))
            ),
        ),
        case(
            "a Secret of 100,000 keys",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: default}}\nstringData:\n{}",
                each(100_000, |i| format!("  k{i}: v\n"))
            ),
        ),
        case(
            "3,000 namespaces, objects in none",
            format!(
                "{}{}",
                each(3_000, |i| format!(
                    "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n{i}}}\n"
                )),
                each(10_000, |i| format!(
                    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\n"
                ))
            ),
        ),
        case(
            "a chain of 5,000 workloads that name each other",
            each(5_000, |i| {
                format!(
                    "{}{}",
                    service(&format!("s{i}"), &format!("app: a{i}")),
                    workload(
                        &format!("w{i}"),
                        &format!("app: a{i}"),
                        &format!(
                            "        env: [{{name: URL, value: 'http://s{}.default.svc:80'}}]\n",
                            i + 1
                        )
                    )
                )
            }),
        ),
        case(
            "300 workloads that name each other",
            each(300, |i| {
                format!(
                    "{}{}",
                    service(&format!("s{i}"), &format!("app: a{i}")),
                    workload(
                        &format!("w{i}"),
                        &format!("app: a{i}"),
                        &format!(
                            "        env: [{{name: URLS, value: '{}'}}]\n",
                            each(300, |j| format!("http://s{j}.default.svc:80 "))
                        )
                    )
                )
            }),
        ),
        case(
            "an image of 1 MB",
            workload("w", "app: a", "").replace("a:1", &format!("{}:1", "a/".repeat(500_000))),
        ),
        case("a name of 1 MB", config_map(&"n".repeat(1_000_000), "b")),
        case(
            "5,000 names of 5 kB",
            each(5_000, |i| config_map(&format!("{}{i}", "n".repeat(5_000)), "b")),
        ),
        case(
            "names of control characters",
            each(1_000, |i| {
                config_map(&format!("\"a\\e]0;{i}\\a\\u202e\\u2028\""), "b")
            }),
        ),
        case(
            "definitions of 2,000 kinds",
            each(2_000, |i| {
                format!(
                    "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: k{i}s.x.org}}\nspec: {{group: x.org, scope: Cluster, names: {{kind: K{i}, plural: k{i}s}}, versions: [{{name: v1, served: true, storage: true}}]}}\n"
                )
            }),
        ),
        case(
            "a definition of 15 MB",
            format!(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: ks.x.org}}\nspec: {{group: x.org, scope: Cluster, names: {{kind: K, plural: ks}}, versions: [{{name: v1, schema: {{openAPIV3Schema: {{properties: {{{}}}}}}}}}]}}\n",
                each(500_000, |i| format!("p{i}: {{type: object}},"))
            ),
        ),
        case(
            "20,000 objects that no Kustomization owns in time",
            each(20_000, |i| {
                format!(
                    "---\napiVersion: x.org/v1\nkind: Thing\nmetadata: {{name: t{i}, namespace: default}}\nspec: {{secretRef: {{name: s{i}}}, configMapRef: {{name: c{i}}}, url: 'https://t{i}.example.org'}}\n"
                )
            }),
        ),
    ]
}
