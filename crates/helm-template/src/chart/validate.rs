//! Helm's validation of `Chart.yaml`.

use go_std::quote::{is_print, quote};
use masterminds_semver::Version;

use super::Metadata;

impl Metadata {
    /// Replaces white space by spaces, drops characters that do not print, and checks the fields.
    ///
    /// # Errors
    /// Helm's message, such as `validation: chart.metadata.name is required`.
    pub(super) fn validate(&mut self) -> Result<(), String> {
        self.sanitize();
        self.check().map_err(|message| format!("validation: {message}"))
    }

    fn sanitize(&mut self) {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        let maintainers = self
            .maintainers
            .iter_mut()
            .flat_map(|maintainer| [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url]);
        let dependencies = self.dependencies.iter_mut().flatten().flat_map(|dependency| {
            [
                &mut dependency.name,
                &mut dependency.version,
                &mut dependency.repository,
                &mut dependency.condition,
            ]
            .into_iter()
            .chain(dependency.tags.iter_mut())
        });
        for text in texts
            .into_iter()
            .chain(&mut self.sources)
            .chain(&mut self.keywords)
            .chain(maintainers)
            .chain(dependencies)
        {
            sanitize(text);
        }
    }

    fn check(&self) -> Result<(), String> {
        let required = |text: &str, field: &str| match text {
            "" => Err(format!("chart.metadata.{field} is required")),
            _ => Ok(()),
        };
        required(&self.api_version, "apiVersion")?;
        required(&self.name, "name")?;
        if matches!(self.name.as_str(), "." | "..") {
            return Err(format!("chart.metadata.name \"{}\" is not allowed", self.name));
        }
        if self.name.contains('/') {
            return Err(format!("chart.metadata.name {} is invalid", quote(&self.name)));
        }
        required(&self.version, "version")?;
        if self.version.parse::<Version>().is_err() {
            return Err(format!(
                "chart.metadata.version {} is invalid",
                quote(&self.version)
            ));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return Err("chart.metadata.type must be application or library".into());
        }
        if self.maintainers.iter().any(|maintainer| maintainer.null) {
            return Err("maintainers must not contain empty or null nodes".into());
        }
        self.check_dependencies()
    }

    fn check_dependencies(&self) -> Result<(), String> {
        let mut names: Vec<&str> = Vec::new();
        for dependency in self.dependencies() {
            if dependency.null {
                return Err("dependencies must not contain empty or null nodes".into());
            }
            let alias = dependency.alias.as_str();
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if !alias.chars().all(is_allowed) {
                return Err(format!(
                    "dependency {} has disallowed characters in the alias",
                    quote(&dependency.name)
                ));
            }
            let name = if alias.is_empty() { &dependency.name } else { alias };
            if names.contains(&name) {
                return Err(format!(
                    "more than one dependency with name or alias {}",
                    quote(name)
                ));
            }
            names.push(name);
        }
        Ok(())
    }
}

fn sanitize(text: &mut String) {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if text.bytes().all(is_plain) {
        return;
    }
    let clean = text.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some(' '),
        c => is_print(c).then_some(c),
    });
    *text = clean.collect();
}
