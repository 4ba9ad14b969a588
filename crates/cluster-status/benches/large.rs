//! A large recorded cluster: 5,000 workloads and 20,000 pods, one in a hundred of which is not ready.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may fail loudly")]

use std::fs::File;
use std::io::{BufWriter, Write};

use cluster_status::{Group, Recorded, Snapshot, status};
use divan::{Bencher, counter::BytesCount};
use infra_model::Infrastructure;
use serde_json::{Value, json};

const WORKLOADS: usize = 5_000;
const PODS_OF_EACH: usize = 4;

fn main() {
    divan::main();
}

/// About as much metadata as the API server adds to an object, most of which is not read.
fn padding() -> Value {
    let managed = json!({"manager": "kubelet", "operation": "Update", "fieldsV1": {"f:status": {"f:conditions": {"k:{\"type\":\"Ready\"}": {}}}}});
    Value::Array(vec![managed; 24])
}

fn deployment(number: usize) -> Value {
    let namespace = format!("team-{}", number % 50);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("app-{number}"), "namespace": namespace, "generation": 1, "managedFields": padding()},
        "spec": {"replicas": PODS_OF_EACH, "template": {"spec": {"containers": [{"name": "app", "image": format!("registry/app:{number}")}]}}},
        "status": {"observedGeneration": 1, "replicas": PODS_OF_EACH, "readyReplicas": PODS_OF_EACH - usize::from(number.is_multiple_of(25)), "updatedReplicas": PODS_OF_EACH},
    })
}

fn pod(number: usize, of: usize) -> Value {
    let is_fine = !(number.is_multiple_of(25) && of == 0);
    let status = match is_fine {
        true => {
            json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-20T06:00:00Z"}]})
        }
        false => {
            json!({"phase": "Pending", "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]})
        }
    };
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("app-{number}-5c6d7e8f9a-{of}"), "namespace": format!("team-{}", number % 50),
            "labels": {"pod-template-hash": "5c6d7e8f9a"}, "managedFields": padding(),
            "ownerReferences": [{"kind": "ReplicaSet", "name": format!("app-{number}-5c6d7e8f9a")}],
        },
        "spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "b"}]}]},
        "status": status,
    })
}

fn record() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut out = BufWriter::new(File::create(file.path()).unwrap());
    out.write_all(b"{\"apiVersion\":\"v1\",\"items\":[\n").unwrap();
    let mut separator = "";
    for number in 0..WORKLOADS {
        let pods = (0..PODS_OF_EACH).map(|of| pod(number, of));
        for object in std::iter::once(deployment(number)).chain(pods) {
            write!(out, "{separator}{object:#}").unwrap();
            separator = ",\n";
        }
    }
    out.write_all(b"],\"kind\":\"List\"}\n").unwrap();
    out.flush().unwrap();
    file
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn status_of_everything(bencher: Bencher<'_, '_>) {
    let file = record();
    let bytes = file.as_file().metadata().unwrap().len();
    let path = file.path().to_str().unwrap();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let mut cluster = Recorded::new(path);
        let snapshot = Snapshot::read(&mut cluster, &[Group::Workloads, Group::Pods], &mut |_| {});
        let now = snapshot.newest_time().unwrap();
        let report = status(&Infrastructure::default(), &snapshot, None, now).unwrap();
        assert_eq!(report.problems.len(), WORKLOADS / 25);
        report
    });
}
