//! Services that all others in a cluster use although no manifest says so.

use infra_model::service::Service;

use crate::find::repository;

/// A line for each such service: the last parts of the names of its images, its own names, and what it does for the
/// others.
const SERVICES: &str = include_str!("../../data/cluster_services.txt");

/// What a service does for all others; `None` for one that only those use that name it.
pub(super) fn meaning(service: &Service) -> Option<&'static str> {
    let find = |column: usize, is_meant: &dyn Fn(&str) -> bool| {
        let mut lines = SERVICES.lines().map(|line| line.split('|'));
        let has_name = |line: &std::str::Split<'static, char>| {
            let names = line.clone().nth(column).unwrap_or_default();
            names.split_whitespace().any(is_meant)
        };
        lines.find(has_name)?.nth(2).map(str::trim)
    };
    let of_image = |image: &String| {
        let last = repository(image).rsplit('/').next().unwrap_or_default();
        // Names such as `driver` and `gateway` need the folder that they are in.
        let is_meant = match last {
            "driver" => image.contains("csi-secrets-store"),
            "gateway" => image.contains("envoyproxy"),
            "speaker" => image.contains("metallb"),
            "kubernetes-ingress" => image.contains("haproxy"),
            _ => true,
        };
        find(0, &|name| name == last).filter(|_| is_meant)
    };
    service.images.iter().find_map(of_image).or_else(|| {
        // Without images the chart is not rendered.
        let own = [Some(service.name.as_str()), service.helm_release.as_deref()];
        find(1, &|name| service.images.is_empty() && own.contains(&Some(name)))
    })
}
