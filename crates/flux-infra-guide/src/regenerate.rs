//! A scan turns into the files of catalogs and skills, written or only compared.

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{Catalogs, EmitError, FileDifference, FileSet, Form, ScanRecord, WriteReport};
use flux_scan::Scan;
use skill_render::{Cluster, RenderError, RenderOptions};
use thiserror::Error;

/// How files are made of a scan.
#[derive(Clone, Debug, Default)]
pub struct RegenerateOptions {
    /// Folder of skills, such as `.claude/skills`.
    pub out: Utf8PathBuf,
    /// The time that files carry where they change: RFC 3339, UTC, whole seconds.
    pub generated_at: String,
    /// How catalogs are laid out on lines.
    pub form: Form,
    /// How skills are rendered.
    pub render: RenderOptions,
    /// What was scanned.
    pub record: Option<ScanRecord>,
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

/// The files that a scan makes, not written yet.
pub struct Regeneration {
    catalogs: Vec<Catalogs>,
    files: FileSet,
}

/// Folder of the catalogs below the folder of skills.
const DATA: &str = "flux-infra-guide/data";

impl Regeneration {
    /// Makes the files.
    ///
    /// # Errors
    /// [`RegenerateError`] where present files cannot be read, or a template does not render.
    pub fn new(scan: &Scan, options: &RegenerateOptions) -> Result<Self, RegenerateError> {
        let catalogs: Vec<Catalogs> = scan
            .clusters
            .iter()
            .map(|cluster| Catalogs::new(&cluster.infrastructure, &options.generated_at))
            .collect();
        let mut files = FileSet::new(&options.out);
        let data = catalog_emit::plan(
            &options.out.join(DATA),
            &catalogs,
            options.record.as_ref(),
            options.form,
        )?;
        files.merge(Utf8Path::new(DATA), data)?;
        let clusters: Vec<Cluster<'_>> = scan
            .clusters
            .iter()
            .map(|cluster| Cluster {
                name: cluster.infrastructure.metadata.cluster_name.clone(),
                infrastructure: &cluster.infrastructure,
            })
            .collect();
        for (path, text) in skill_render::render(&clusters, &options.render)?.files {
            files.add(path, text)?;
        }
        Ok(Regeneration { catalogs, files })
    }

    /// The catalogs of each cluster.
    pub fn catalogs(&self) -> &[Catalogs] {
        &self.catalogs
    }

    /// What [`Regeneration::write`] would change, but for the record of the scan, which tells of no fact.
    ///
    /// # Errors
    /// [`EmitError`] for a file that is there and cannot be read.
    pub fn differences(&self) -> Result<Vec<FileDifference>, EmitError> {
        let mut differences = self.files.differences()?;
        differences.retain(|difference| difference.path.file_name() != Some(ScanRecord::FILE_NAME));
        Ok(differences)
    }

    /// The files, to be written together with others.
    pub fn into_files(self) -> FileSet {
        self.files
    }

    /// Writes what is not there yet or has changed, each file atomically.
    ///
    /// # Errors
    /// [`EmitError`]; then everything is as it was before.
    pub fn write(&self) -> Result<WriteReport, EmitError> {
        self.files.apply()
    }
}
