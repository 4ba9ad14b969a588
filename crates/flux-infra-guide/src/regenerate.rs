//! Catalogs and skills of scanned clusters, to be written or compared with those on disk.

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{Catalogs, EmitError, FileDifference, FileSet, Form, ScanRecord, WriteReport};
use infra_model::Infrastructure;
use rayon::prelude::*;
use skill_render::{Cluster, RenderError, RenderOptions, Templates};
use thiserror::Error;

/// Options for making files from a scan's clusters.
#[derive(Clone, Debug, Default)]
pub struct RegenerateOptions {
    /// Folder of skills, such as `.claude/skills`.
    pub out: Utf8PathBuf,
    /// The time in files that change: RFC 3339, UTC, whole seconds.
    pub generated_at: String,
    /// The line layout of catalogs.
    pub form: Form,
    /// How skills are rendered.
    pub render: RenderOptions,
}

/// Why files could not be made or written.
#[derive(Debug, Error)]
pub enum RegenerateError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A template does not render.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// The files of a scan's clusters, not written yet.
pub struct Regeneration<'m> {
    catalogs: Vec<Catalogs<'m>>,
    files: FileSet,
}

/// Folder of the catalogs below the folder of skills.
pub(crate) const DATA: &str = "flux-infra-guide/data";
/// The skills, by folder.
pub const SKILLS: [&str; 2] = ["flux-infra-guide", "flux-infra-guide-regenerate"];

impl<'m> Regeneration<'m> {
    /// Makes the files of all clusters of a repository.
    ///
    /// # Errors
    /// [`RegenerateError`] if present files cannot be read, or a template does not render.
    pub fn new(
        clusters: &'m [Infrastructure],
        templates: &Templates,
        options: &RegenerateOptions,
    ) -> Result<Self, RegenerateError> {
        let mut files = FileSet::new(&options.out);
        let named: Vec<Cluster<'_>> = clusters.iter().map(Cluster::from).collect();
        let ((catalogs, data), skill) = rayon::join(
            || {
                let catalogs: Vec<Catalogs<'m>> = clusters
                    .par_iter()
                    .map(|cluster| Catalogs::new(cluster, &options.generated_at))
                    .collect();
                let folder = options.out.join(DATA);
                let data = catalog_emit::plan(&folder, &catalogs, options.form);
                (catalogs, data)
            },
            || templates.render(&named, &options.render),
        );
        // Replaced as a whole, so that catalogs and skills are never mixed with those of another scan.
        for skill in SKILLS {
            files.whole(skill);
        }
        files.merge(Utf8Path::new(DATA), data?)?;
        let skill = skill?;
        for (path, text) in skill.files {
            files.add(path, text)?;
        }
        Ok(Regeneration { catalogs, files })
    }

    /// Adds the record of the scan to the catalogs.
    ///
    /// # Errors
    /// [`RegenerateError`] if the record cannot be written as JSON.
    pub fn add_record(&mut self, record: &ScanRecord) -> Result<(), RegenerateError> {
        Ok(record.add_to(&mut self.files, Utf8Path::new(DATA))?)
    }

    /// The catalogs of each cluster.
    pub fn catalogs(&self) -> &[Catalogs<'m>] {
        &self.catalogs
    }

    /// The changes that [`Regeneration::write`] would make, without the record of the scan, which contains no facts.
    ///
    /// # Errors
    /// [`EmitError`] for a present file that cannot be read.
    pub fn differences(&self) -> Result<Vec<FileDifference>, EmitError> {
        let mut differences = self.files.differences()?;
        differences.retain(|difference| difference.path.file_name() != Some(ScanRecord::FILE_NAME));
        Ok(differences)
    }

    /// The files, for writing them together with others.
    pub fn into_files(self) -> FileSet {
        self.files
    }

    /// Writes new and changed files, each skill in one step. If others may write there too, the caller takes a
    /// [`catalog_emit::OutputLock`] on the folder of skills before [`Regeneration::new`] and holds it.
    ///
    /// # Errors
    /// [`EmitError`]; then everything is as it was before.
    pub fn write(&self) -> Result<WriteReport, EmitError> {
        self.files.apply()
    }
}
