//! kubectl as a back end: one call for each group of kinds, page by page, within a time limit.
//!
//! Only `get` and `api-resources` are called, so that nothing is ever written. kubectl authenticates by itself; standard input is
//! closed, so that it cannot prompt. If a kind may not be listed in all namespaces, the namespaces of the repository are listed one
//! by one.

mod process;
mod resources;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::time::Duration;

use camino::Utf8PathBuf;
use plain_text::Command;

use super::items;
use super::recorded::Objects;
use super::{Cluster, Coverage, Extent, Group, Remark};
use crate::live::Object;

use process::{Ended, run};
use resources::{Resource, resources_of};

/// Objects in a page.
const PAGE: &str = "--chunk-size=500";
/// Most namespaces that are listed one by one.
const MOST_NAMESPACES: usize = 100;

/// Template that prints names and keys of Secrets as JSON. The values stay in kubectl.
const SECRETS: &str = concat!(
    "go-template={{range .items}}",
    r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{.metadata.name}}","namespace":"{{.metadata.namespace}}","#,
    r#""labels":{ {{with .metadata.labels}}{{range $key, $value := .}}"{{$key}}":"{{$value}}",{{end}}{{end}}"":""}},"#,
    r#""data":{ {{with .data}}{{range $key, $value := .}}"{{$key}}":"",{{end}}{{end}}"":""}}"#,
    "{{\"\\n\"}}{{end}}"
);

/// A cluster that kubectl reads.
#[derive(Clone, Debug)]
pub struct Kubectl {
    /// The program. Default: `kubectl`, searched on `PATH`.
    pub program: Utf8PathBuf,
    /// `--context`
    pub context: Option<String>,
    /// `--kubeconfig`
    pub kubeconfig: Option<Utf8PathBuf>,
    /// The namespaces to read; all if empty.
    pub namespaces: Vec<String>,
    /// Namespaces that are listed one by one if listing all is forbidden.
    pub known_namespaces: BTreeSet<String>,
    /// How long a call may take.
    pub timeout: Duration,
}

impl Default for Kubectl {
    fn default() -> Self {
        Kubectl {
            program: "kubectl".into(),
            context: None,
            kubeconfig: None,
            namespaces: Vec::new(),
            known_namespaces: BTreeSet::new(),
            timeout: Duration::from_secs(30),
        }
    }
}

/// The state of a series of calls.
struct Session<'s> {
    kubectl: &'s Kubectl,
    objects: Objects,
    coverage: Coverage,
    /// The resources that may not be listed, by the namespaces in which they may not; an empty list means all.
    denied: BTreeMap<Vec<String>, Vec<&'static str>>,
    /// Whether the server has stopped answering, so that further calls would only take time.
    is_gone: bool,
}

impl Cluster for Kubectl {
    fn list(
        &mut self,
        groups: &[Group],
        each: &mut dyn FnMut(Object),
        remarks: &mut Vec<Remark>,
    ) -> Coverage {
        let mut session = Session {
            kubectl: self,
            objects: Objects::default(),
            coverage: Coverage::default(),
            denied: BTreeMap::new(),
            is_gone: false,
        };
        if let Some(served) = session.served(remarks) {
            for group in groups {
                session.group(*group, &served, each, remarks);
            }
        }
        session.say_denied(remarks);
        session.coverage
    }
}

impl Session<'_> {
    /// The names of the resources that the server has, such as `deployments.apps`.
    fn served(&mut self, remarks: &mut Vec<Remark>) -> Option<BTreeSet<String>> {
        let mut names = String::new();
        let words = ["api-resources", "--verbs=list", "--output=name"].map(str::to_owned);
        let ended = self.call(&words, &mut |reader| {
            reader.read_to_string(&mut names).map(|_| ())
        });
        let served: BTreeSet<String> = names.lines().map(|line| line.trim().to_owned()).collect();
        if !ended.is_success() {
            remarks.push(self.failed("kubectl cannot tell what the cluster has", &ended));
        }
        self.is_gone |= ended.is_out_of_time();
        (!served.is_empty() && !self.is_gone).then_some(served)
    }

    fn group(
        &mut self,
        group: Group,
        served: &BTreeSet<String>,
        each: &mut dyn FnMut(Object),
        remarks: &mut Vec<Remark>,
    ) {
        let (asked, absent): (Vec<&'static Resource>, Vec<&'static Resource>) = resources_of(group)
            .iter()
            .partition(|resource| served.contains(resource.name));
        for resource in absent {
            // A kind without a definition has no objects.
            self.coverage.kinds.entry(resource.kind.to_owned()).or_default();
            if resource.is_needed {
                let remark = Remark::new(format!("the cluster has no {}", resource.name));
                remarks.push(remark.hint("is Flux installed in it? `flux check` says more"));
            }
        }
        if asked.is_empty() {
            return;
        }
        let kubectl = self.kubectl;
        if !kubectl.namespaces.is_empty() {
            self.one_by_one(group, &asked, &kubectl.namespaces, each, remarks);
            return;
        }
        let denied = self.list(group, &asked, None, each, remarks);
        let denied = asked
            .into_iter()
            .filter(|resource| denied.contains(resource.name));
        let denied: Vec<&'static Resource> = denied.collect();
        if !denied.is_empty() {
            let known = kubectl.known_namespaces.iter().take(MOST_NAMESPACES);
            let known: Vec<String> = known.cloned().collect();
            if known.len() < kubectl.known_namespaces.len() {
                let what = group.as_str();
                let text = format!(
                    "{what}: only the first {MOST_NAMESPACES} namespaces of the repository are asked"
                );
                remarks.push(Remark::new(text).hint("name others with --namespace"));
            }
            self.one_by_one(group, &denied, &known, each, remarks);
        }
    }

    /// Lists namespace by namespace.
    fn one_by_one(
        &mut self,
        group: Group,
        asked: &[&'static Resource],
        namespaces: &[String],
        each: &mut dyn FnMut(Object),
        remarks: &mut Vec<Remark>,
    ) {
        let mut without: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for namespace in namespaces {
            let denied = self.list(group, asked, Some(namespace), each, remarks);
            for resource in asked.iter().filter(|resource| denied.contains(resource.name)) {
                without.entry(resource.name).or_default().push(namespace.clone());
            }
        }
        if namespaces.is_empty() {
            without.extend(asked.iter().map(|resource| (resource.name, Vec::new())));
        }
        for (name, namespaces) in without {
            self.denied.entry(namespaces).or_default().push(name);
        }
    }

    /// Reports what may not be listed, once for all resources that are denied in the same namespaces.
    fn say_denied(&self, remarks: &mut Vec<Remark>) {
        for (namespaces, names) in &self.denied {
            // `deployments` of `deployments.apps`.
            let plurals = names.iter().map(|name| name.split('.').next().unwrap_or(name));
            let names = plurals.collect::<Vec<_>>().join(", ");
            let (place, hint) = match namespaces.as_slice() {
                [] => (
                    "all namespaces".to_owned(),
                    "name those that may be read with --namespace",
                ),
                some => (
                    some.join(", "),
                    "what is there counts as not read; --namespace names those that may be read",
                ),
            };
            remarks.push(Remark::new(format!("no permission to list {names} in {place}")).hint(hint));
        }
    }

    /// Lists resources with one call, and returns the names of those that may not be listed.
    fn list(
        &mut self,
        group: Group,
        asked: &[&Resource],
        namespace: Option<&str>,
        each: &mut dyn FnMut(Object),
        remarks: &mut Vec<Remark>,
    ) -> BTreeSet<String> {
        let what = group.as_str();
        if self.is_gone {
            let text = format!("{what} were not listed: the server stopped answering");
            remarks.push(Remark::new(text));
            return BTreeSet::new();
        }
        let names: Vec<&str> = asked.iter().map(|resource| resource.name).collect();
        let mut words = vec!["get".to_owned(), names.join(",")];
        match namespace {
            // With `=`, so that no name is an option.
            Some(namespace) => words.push(format!("--namespace={namespace}")),
            None => words.push("--all-namespaces".to_owned()),
        }
        words.extend([PAGE.to_owned(), "--ignore-not-found=true".to_owned()]);
        words.push(match group {
            Group::Secrets => format!("--output={SECRETS}"),
            _ => "--output=json".to_owned(),
        });
        if group == Group::Events {
            words.push("--field-selector=type!=Normal".to_owned());
        }
        let mut broken = Vec::new();
        let mut objects = std::mem::take(&mut self.objects);
        let ended = self.call(&words, &mut |reader| {
            items::read(reader, &mut |item| objects.take(item, each, &mut broken))
        });
        self.objects = objects;
        let is_whole = broken.is_empty();
        let broken = broken.into_iter();
        remarks.extend(broken.map(|why| Remark::new(format!("{what}: {why}"))));
        let denied = ended.denied();
        if !ended.is_success() && denied.is_empty() {
            remarks.push(self.failed(&format!("kubectl cannot list {what}"), &ended));
            self.is_gone |= ended.is_out_of_time() || ended.is_unreachable();
        }
        if is_whole && (ended.is_success() || !denied.is_empty()) {
            for resource in asked.iter().filter(|resource| !denied.contains(resource.name)) {
                self.cover(resource.kind, namespace);
            }
        }
        denied
    }

    fn cover(&mut self, kind: &str, namespace: Option<&str>) {
        let kinds = &mut self.coverage.kinds;
        let Some(namespace) = namespace else {
            kinds.insert(kind.to_owned(), Extent::default());
            return;
        };
        let none_yet = || Extent {
            only: Some(BTreeSet::new()),
        };
        let extent = kinds.entry(kind.to_owned()).or_insert_with(none_yet);
        if let Some(only) = &mut extent.only {
            only.insert(namespace.to_owned());
        }
    }

    fn call(&self, words: &[String], read: &mut dyn FnMut(&mut dyn Read) -> std::io::Result<()>) -> Ended {
        let Kubectl {
            program,
            context,
            kubeconfig,
            timeout,
            ..
        } = self.kubectl;
        let mut all = words.to_vec();
        all.extend(context.iter().map(|context| format!("--context={context}")));
        all.extend(kubeconfig.iter().map(|file| format!("--kubeconfig={file}")));
        all.push(format!("--request-timeout={}s", timeout.as_secs().max(1)));
        run(program, &all, *timeout, read)
    }

    fn failed(&self, what: &str, ended: &Ended) -> Remark {
        let remark = Remark::new(format!("{what}: {ended}"));
        if let Some(hint) = ended.hint() {
            return remark.hint(hint);
        }
        let command = Command::new("kubectl get --raw /readyz");
        let command = match &self.kubectl.context {
            Some(context) => command.literal("--context").text(context),
            None => command,
        };
        match command.finish() {
            Some(command) => remark.hint(format!("does `{command}` answer?")),
            None => remark,
        }
    }
}
