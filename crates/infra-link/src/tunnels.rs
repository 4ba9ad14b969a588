//! Hosts that Cloudflare tunnels lead into the cluster: the `ingress` rules of cloudflared's configuration.
//!
//! Format: <https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/do-more-with-tunnels/local-management/configuration-file/>.

use infra_model::Place;
use source_tree::{Limits, Mark};
use yaml_node::Node;

use crate::inventory::Inventory;
use crate::text_place::TextPlace;

/// One rule.
pub(crate) struct Tunnel<'a> {
    /// Its ConfigMap.
    pub(crate) config_map: &'a str,
    pub(crate) host: String,
    /// The URL of the service, such as `http://web.apps.svc:80`.
    pub(crate) service: String,
    /// The line of the rule.
    pub(crate) place: Option<Place>,
}

/// The rules in all ConfigMaps.
pub(crate) fn tunnels<'a>(inventory: &'a Inventory<'a>) -> Vec<Tunnel<'a>> {
    let mut found = Vec::new();
    for object in inventory.of("", "ConfigMap") {
        for (_, value) in inventory.view(object).entries_of("data") {
            // Spares parsing nearly all texts.
            let Some(text) = value.text().filter(|text| is_config(text)) else {
                continue;
            };
            let place = TextPlace::new(&inventory.evaluation.sources, value);
            for (host, service, line) in rules(text, value.mark()) {
                found.push(Tunnel {
                    config_map: object.unhashed_name(),
                    host,
                    service,
                    place: inventory.place(place.at(line)),
                });
            }
        }
    }
    found
}

fn is_config(text: &str) -> bool {
    text.contains("ingress:") && text.contains("hostname:") && text.contains("service:")
}

/// Host, service and line of each rule with a host.
fn rules(text: &str, mark: Mark) -> Vec<(String, String, u32)> {
    let documents = yaml_node::read_documents(text, mark.file, &Limits::default()).unwrap_or_default();
    let rules = documents.iter().filter_map(|document| document.get("ingress"));
    let rule = |item: &Node| {
        let host = item.get("hostname")?;
        let service = item.get("service")?.as_str()?.to_owned();
        Some((host.as_str()?.to_owned(), service, host.mark.line.max(1)))
    };
    rules.flat_map(Node::items).filter_map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_with_a_host_lead_somewhere() {
        let text = "tunnel: t\ningress:\n  - hostname: a.io\n    service: http://web.apps:80\n  - service: http_status:404\n";
        assert!(is_config(text));
        let rule = ("a.io".to_owned(), "http://web.apps:80".to_owned(), 3);
        assert_eq!(rules(text, Mark::default()), [rule]);
        assert!(rules("ingress: x", Mark::default()).is_empty());
    }
}
