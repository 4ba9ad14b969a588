//! Writes the skill and plugin of the hand-made models to a folder, for validators: `render_demo FOLDER`.

#[expect(clippy::expect_used, reason = "the hand-made models of the tests")]
#[path = "../tests/skill/models.rs"]
mod models;

use std::error::Error;
use std::fs;
use std::path::Path;

use skill_render::{Cluster, PluginOptions, RenderOptions, RenderedSkill, plugin, render};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: render_demo FOLDER")?;
    let folder = Path::new(&folder);
    let (seed, small, hostile) = (models::seed(), models::small(), models::hostile(300));
    let cluster = |name: Option<&str>, infrastructure| Cluster {
        name: name.map(str::to_owned),
        infrastructure,
    };
    let several = [cluster(Some("nonprod-test"), &seed), cluster(Some("lab"), &small)];
    let options = RenderOptions::default();
    let skill = render(&[cluster(None, &seed)], &options)?;
    write(&folder.join("seed"), &skill)?;
    write(&folder.join("several"), &render(&several, &options)?)?;
    let hostile = render(&[cluster(None, &hostile)], &options)?;
    write(&folder.join("hostile"), &hostile)?;
    let plugin_options = PluginOptions {
        name: String::new(),
        version: "0.1.0".to_owned(),
        source: seed.metadata.generated_from.clone(),
        repository: "https://github.com/runwhen/flux-infra-guide".to_owned(),
        license: "Apache-2.0".to_owned(),
        license_text: "Apache License 2.0\n".to_owned(),
        overrides: Vec::new(),
    };
    write(&folder.join("plugin"), &plugin(&skill, &plugin_options)?)?;
    Ok(())
}

fn write(folder: &Path, skill: &RenderedSkill) -> Result<(), Box<dyn Error>> {
    for (path, text) in &skill.files {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
    }
    Ok(())
}
