//! The commit that a revision names, among the references of a repository.

use source_cache::GitRevision;

use crate::problem::Problem;
use crate::semver;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The branch or tag that names it; empty for a commit that was stated itself.
    name: String,
    /// The reference that leads to it, such as `refs/heads/main`.
    pub(super) reference: Option<String>,
    /// Its hexadecimal digits.
    pub(super) commit: String,
}

/// A reference of a repository, and the commit that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    name: String,
    commit: String,
}

impl Found {
    /// Reads the hexadecimal digits of a commit.
    pub(super) fn parse_commit(text: &str) -> Option<Self> {
        is_commit(text).then(|| Found {
            name: String::new(),
            reference: None,
            commit: text.to_lowercase(),
        })
    }

    /// Reads what [`Found::resolved`] writes.
    pub(super) fn parse(resolved: &str) -> Option<Self> {
        let (name, digest) = resolved.rsplit_once('@').unwrap_or(("", resolved));
        let (_, commit) = digest.split_once(':')?;
        let reference = (name.starts_with("refs/")).then(|| name.to_owned());
        is_commit(commit).then(|| Found {
            name: name.to_owned(),
            reference,
            commit: commit.to_owned(),
        })
    }

    /// `main@sha1:…`, as Flux writes revisions.
    pub(super) fn resolved(&self) -> String {
        let algorithm = if self.commit.len() == 64 { "sha256" } else { "sha1" };
        match self.name.as_str() {
            "" => format!("{algorithm}:{}", self.commit),
            name => format!("{name}@{algorithm}:{}", self.commit),
        }
    }
}

impl Reference {
    /// Reads the answer of `git ls-remote`. An annotated tag is listed twice, the second time (`^{}`) with its commit.
    pub(super) fn parse_all(text: &str) -> Vec<Self> {
        let mut references: Vec<Reference> = Vec::new();
        for line in text.lines() {
            let Some((commit, name)) = line.split_once('\t').filter(|(commit, _)| is_commit(commit)) else {
                continue;
            };
            let peeled = name.strip_suffix("^{}");
            let name = peeled.unwrap_or(name);
            let known = references.iter_mut().find(|reference| reference.name == name);
            match known {
                Some(known) if peeled.is_some() => commit.clone_into(&mut known.commit),
                Some(_) => {}
                None => references.push(Reference {
                    name: name.to_owned(),
                    commit: commit.to_owned(),
                }),
            }
        }
        references
    }
}

/// The patterns for `git ls-remote`.
pub(super) fn patterns(revision: &GitRevision) -> Vec<String> {
    let tag = |name: &str| [format!("refs/tags/{name}"), format!("refs/tags/{name}^{{}}")];
    match revision {
        GitRevision::Commit(_) => Vec::new(),
        GitRevision::Name(name) => vec![name.clone(), format!("{name}^{{}}")],
        GitRevision::Semver(_) => vec!["refs/tags/*".to_owned()],
        GitRevision::Tag(name) => tag(name).to_vec(),
        GitRevision::Branch(name) => vec![format!("refs/heads/{name}")],
        GitRevision::Any(name) if name.is_empty() => vec!["HEAD".to_owned()],
        GitRevision::Any(name) => {
            let mut patterns = vec![name.clone(), format!("refs/heads/{name}")];
            patterns.extend(tag(name));
            patterns
        }
    }
}

/// The commit that a revision names.
pub(super) fn choose(revision: &GitRevision, references: &[Reference]) -> Result<Found, Problem> {
    let named = |name: &str| references.iter().find(|reference| reference.name == name);
    let found = |name: &str, reference: &Reference| Found {
        name: name.to_owned(),
        reference: Some(reference.name.clone()),
        commit: reference.commit.clone(),
    };
    let chosen = match revision {
        GitRevision::Commit(commit) => Found::parse_commit(commit),
        GitRevision::Name(name) => named(name).map(|reference| found(name, reference)),
        GitRevision::Tag(name) => named(&format!("refs/tags/{name}")).map(|reference| found(name, reference)),
        GitRevision::Branch(name) => {
            named(&format!("refs/heads/{name}")).map(|reference| found(name, reference))
        }
        GitRevision::Semver(range) => {
            let tags = references
                .iter()
                .filter_map(|reference| Some((reference.name.strip_prefix("refs/tags/")?, reference)));
            let newest = semver::newest(range, tags, |_, _| false)?;
            newest.map(|reference| {
                let tag = reference.name.trim_start_matches("refs/tags/");
                found(tag, reference)
            })
        }
        GitRevision::Any(name) if name.is_empty() => named("HEAD").map(|reference| found("HEAD", reference)),
        GitRevision::Any(name) => ["refs/heads/", "refs/tags/", ""]
            .iter()
            .find_map(|folder| named(&format!("{folder}{name}")))
            .map(|reference| found(name, reference))
            .or_else(|| Found::parse_commit(name)),
    };
    chosen.ok_or_else(|| {
        Problem::new(format!("the repository has no {revision}"))
            .hint("correct the reference where it is declared")
    })
}

/// Whether a text is a full commit name, in SHA-1 or SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    #[test]
    fn references_and_what_names_them() {
        let text = format!(
            "{}\tHEAD\n{}\trefs/heads/main\n{}\trefs/tags/v1.0.0\n{}\trefs/tags/v1.0.0^{{}}\n{}\trefs/tags/v1.2.0\n\
             {}\trefs/tags/v2.0.0-rc.1\nnonsense\n{}\trefs/heads/v1.2.0\n",
            commit('a'),
            commit('a'),
            commit('b'),
            commit('c'),
            commit('d'),
            commit('e'),
            commit('f'),
        );
        let references = Reference::parse_all(&text);
        assert_eq!(references.len(), 6);
        let check = |revision: GitRevision, name: &str, digit: char| {
            let found = choose(&revision, &references).unwrap();
            assert_eq!(
                (found.name.as_str(), found.commit.as_str()),
                (name, &*commit(digit)),
                "{revision}"
            );
            assert_eq!(Found::parse(&found.resolved()).unwrap().commit, found.commit);
        };
        check(GitRevision::Branch("main".into()), "main", 'a');
        check(GitRevision::Tag("v1.0.0".into()), "v1.0.0", 'c');
        check(GitRevision::Semver("1.x".into()), "v1.2.0", 'd');
        check(GitRevision::Semver(">=2.0.0-0".into()), "v2.0.0-rc.1", 'e');
        check(
            GitRevision::Name("refs/heads/v1.2.0".into()),
            "refs/heads/v1.2.0",
            'f',
        );
        check(GitRevision::Any(String::new()), "HEAD", 'a');
        check(GitRevision::Any("v1.2.0".into()), "v1.2.0", 'f');
        check(GitRevision::Any("v1.0.0".into()), "v1.0.0", 'c');
        check(GitRevision::Any(commit('9')), "", '9');
        check(GitRevision::Commit(commit('9')), "", '9');
        let error = choose(&GitRevision::Branch("gone".into()), &references).unwrap_err();
        assert_eq!(error.reason, "the repository has no branch gone");
    }
}
