//! Errors of rendering.

/// Why a skill could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no cluster to render.
    #[error("no cluster to render")]
    NoCluster,
    /// An override has the name of no template.
    #[error("there is no template {name}; the templates are {}", known.join(", "))]
    UnknownTemplate {
        /// The name that was given.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// A template does not compile or uses an unknown name.
    #[error("{template}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    Template {
        /// Name of the template.
        template: String,
        /// The line, 1-based, where the engine knows it.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
}

impl RenderError {
    /// An error of the template engine about `template`.
    pub(crate) fn template(template: &str, error: &minijinja::Error) -> Self {
        let kind = error.kind();
        RenderError::Template {
            template: error.name().unwrap_or(template).to_owned(),
            line: error.line(),
            message: match error.detail() {
                Some(detail) => format!("{kind}: {detail}"),
                None => kind.to_string(),
            },
        }
    }
}
