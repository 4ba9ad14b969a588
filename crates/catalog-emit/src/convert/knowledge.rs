//! The knowledge that belongs to no entry.

use infra_model::knowledge::{ComponentKnowledge, ExternalKnowledge, Knowledge, Noted, Tenants};

use crate::layout::{ComponentNote, ExternalNote, KnowledgeSection, TenantsNote};

/// `knowledge` of `services.json`. What is said of services and of objects made elsewhere is merged into their entries.
pub(crate) fn section(knowledge: &Knowledge) -> KnowledgeSection {
    let Knowledge {
        namespaces,
        services: _,
        externals,
        components,
        tenants,
        notes,
        produced_elsewhere: _,
    } = knowledge;
    KnowledgeSection {
        namespaces: namespaces
            .iter()
            .map(|(name, purpose)| (name.clone(), purpose.value.clone()))
            .collect(),
        externals: externals
            .iter()
            .map(|(name, Noted { value, .. })| {
                let ExternalKnowledge { description, check } = value.clone();
                (name.clone(), ExternalNote { description, check })
            })
            .collect(),
        components: components
            .iter()
            .map(|(name, Noted { value, .. })| {
                let ComponentKnowledge {
                    purpose,
                    storage,
                    consumers,
                } = value.clone();
                let note = ComponentNote {
                    purpose,
                    storage,
                    consumers,
                };
                (name.clone(), note)
            })
            .collect(),
        tenants: tenants
            .clone()
            .map(|Tenants { header, names }| TenantsNote { header, names }),
        notes: notes.clone(),
    }
}

/// The knowledge that a section states, without places.
pub(crate) fn model(section: KnowledgeSection) -> Knowledge {
    let KnowledgeSection {
        namespaces,
        externals,
        components,
        tenants,
        notes,
    } = section;
    Knowledge {
        namespaces: namespaces
            .into_iter()
            .map(|(name, purpose)| (name, noted(purpose)))
            .collect(),
        externals: externals
            .into_iter()
            .map(|(name, ExternalNote { description, check })| {
                (name, noted(ExternalKnowledge { description, check }))
            })
            .collect(),
        components: components
            .into_iter()
            .map(|(name, note)| {
                let ComponentNote {
                    purpose,
                    storage,
                    consumers,
                } = note;
                let component = ComponentKnowledge {
                    purpose,
                    storage,
                    consumers,
                };
                (name, noted(component))
            })
            .collect(),
        tenants: tenants.map(|TenantsNote { header, names }| Tenants { header, names }),
        notes,
        ..Knowledge::default()
    }
}

fn noted<T>(value: T) -> Noted<T> {
    Noted { value, place: None }
}
