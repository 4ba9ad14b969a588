//! Templates and inputs of ResourceSets.

use super::super::case::{Case, each};

const FAMILY: &str = "ResourceSets";

fn set(name: &str, inputs: &str, template: &str) -> Case {
    let text = format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: rs, namespace: flux-system}}\nspec:\n  inputs: {inputs}\n  \
         resourcesTemplate: |\n{}",
        template
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    );
    Case::new(FAMILY, name)
        .evil("resources: [rs.yaml]\n")
        .file("evil/rs.yaml", text)
}

pub(super) fn cases() -> Vec<Case> {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: << inputs.a >>, namespace: default}\ndata: {a: 'x'}\n";
    let one = "[{a: x}]";
    let permuted = |providers: usize, values: usize| {
        format!(
            "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: rs, namespace: flux-system}}\nspec:\n  \
             inputStrategy: {{name: Permute}}\n  inputsFrom: [{{kind: ResourceSetInputProvider, selector: {{matchLabels: {{a: b}}}}}}]\n  \
             resourcesTemplate: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: x<< inputs.id >>}}\n{}",
            each(providers, |i| format!(
                "---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\nmetadata: {{name: p{i}, namespace: flux-system, labels: {{a: b}}}}\nspec:\n  type: Static\n  defaultValues: {{a: x}}\n  filter: {{limit: {values}}}\n"
            ))
        )
    };
    vec![
        set("a function that does not exist", one, "<< nosuchfunc 1 >>"),
        set("a template cut short", one, "<< if"),
        set("a loop over 1,000,000,000", one, "<< range $i := until 1000000000 >>x<< end >>"),
        set("loops in loops", one, "<< range $i := until 1000 >><< range $j := until 1000 >><< range $k := until 1000 >>x<< end >><< end >><< end >>"),
        set("a text repeated", one, "<< repeat 1000000000 \"x\" >>"),
        set("texts that double", one, "<< $x := \"xxxxxxxx\" >><< range until 60 >><< $x = printf \"%s%s\" $x $x >><< end >><< $x >>"),
        set("lists that double", one, "<< $x := list 1 >><< range until 60 >><< $x = concat $x $x >><< end >><< len $x >>"),
        set("dicts that hold themselves", one, "<< $d := dict >><< $_ := set $d \"d\" $d >><< $d >><< toJson $d >>"),
        set("a width without end", one, "<< printf \"%999999999d\" 1 >><< printf \"%.999999999f\" 1.0 >><< printf \"%*d\" 999999999 1 >>"),
        set("a template that calls itself", one, "<< define \"t\" >><< template \"t\" . >><< end >><< template \"t\" . >>"),
        set("a template that calls itself twice", one, "<< define \"t\" >><< template \"t\" . >><< template \"t\" . >><< end >><< template \"t\" . >>"),
        set("20,000 parentheses", one, &format!("<< {}1{} >>", "(".repeat(20_000), ")".repeat(20_000))),
        set("20,000 ifs", one, &format!("{}{}", "<< if true >>".repeat(20_000), "<< end >>".repeat(20_000))),
        set("200,000 actions", one, &"<< 1 >>".repeat(200_000)),
        set("a costly pattern", one, "<< regexMatch \"(a*)*(a|aa)*((a{1,100}){1,100})\" (repeat 20000 \"a\") >>"),
        set("replacing by patterns", one, "<< $x := repeat 1000000 \"a\" >><< range until 1000 >><< $_ := regexReplaceAll \"a\" $x \"bb\" >><< end >>"),
        set("sorting without end", one, "<< range until 100000 >><< $_ := sortAlpha (splitList \"\" (repeat 100000 \"b\")) >><< end >>"),
        set("numbers without end", one, "<< mul 9223372036854775807 9223372036854775807 >><< div 1 0 >><< mod 1 0 >><< add1 9223372036854775807 >><< until -1 >><< untilStep 0 10 0 >>"),
        set("an index without end", one, "<< index (list 1) 9223372036854775807 >><< slice (list 1) -1 5 >><< substr 5 2 \"abc\" >><< trunc -9223372036854775808 \"abc\" >>"),
        set("dates without end", one, "<< toDate \"2006\" \"99999999999\" >><< date \"2006\" 99999999999999 >><< dateModify \"999999999h\" (toDate \"2006\" \"2000\") >>"),
        set("keys of certificates", one, "<< range until 1000 >><< genPrivateKey \"rsa\" >><< derivePassword 1 \"long\" \"a\" \"b\" \"c\" >><< bcrypt \"a\" >><< end >>"),
        set("100,000 documents", one, "<< range $i := until 100000 >>\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x<< $i >>}\n<< end >>"),
        set("20,000 inputs", &format!("[{}]", each(20_000, |i| format!("{{a: x{i}}},"))), object),
        set("2,000 inputs of 200 objects", &format!("[{}]", each(2_000, |i| format!("{{a: x{i}}},"))), &each(200, |i| format!("---\n{}", object.replace("inputs.a >>", &format!("inputs.a >>-{i}"))))),
        set("an input of 10 MB", &format!("[{{a: {}}}]", "x".repeat(10_000_000)), &"# << inputs.a >>\n".repeat(200)),
        set("an input of 900,000 small maps", &format!("[{{a: [{}]}}]", "{a: 1},".repeat(900_000)), object),
        set("a set that makes itself", one, "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: << inputs.a >>x, namespace: flux-system}\nspec:\n  inputs: [{a: << inputs.a >>x}]\n  resources:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"),
        set("a set that makes Kustomizations that apply it", one, "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k<< inputs.a >>, namespace: flux-system}\nspec: {interval: 1m, path: ./evil, prune: true, sourceRef: {kind: GitRepository, name: flux-system}, namePrefix: x}\n"),
        Case::new(FAMILY, "providers that multiply").evil("resources: [rs.yaml]\n").file("evil/rs.yaml", permuted(20, 2)),
        Case::new(FAMILY, "2,000 providers").evil("resources: [rs.yaml]\n").file("evil/rs.yaml", permuted(2_000, 1).replace("Permute", "Flatten")),
        Case::new(FAMILY, "inputs that multiply").evil("resources: [rs.yaml]\n").file(
            "evil/rs.yaml",
            format!(
                "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: rs, namespace: flux-system}}\nspec:\n  inputStrategy: {{name: Permute}}\n  \
                 inputs: [{}]\n  inputsFrom: [{{kind: ResourceSetInputProvider, selector: {{matchLabels: {{a: b}}}}}}]\n  resources:\n  \
                 - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: x}}}}\n{}",
                each(1_000, |i| format!("{{v{i}: x}},")),
                each(4, |i| format!("---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\nmetadata: {{name: p{i}, namespace: flux-system, labels: {{a: b}}}}\nspec: {{type: Static, defaultValues: {{a: x}}}}\n"))
            ),
        ),
    ]
}
