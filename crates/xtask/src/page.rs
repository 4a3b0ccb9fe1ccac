//! The page: built into a folder of static files, which any server can offer under any path.

use crate::command::{TaskError, cargo, output, program, root, run, say};
use crate::setup::{self, WASM_TARGET};
use std::fs;
use std::path::{Path, PathBuf};

/// How the module is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Quickly, for work on the page.
    Quick,
    /// Small and fast, to be published.
    Published,
}

impl Build {
    fn profile(self) -> &'static str {
        match self {
            Build::Quick => "page-dev",
            Build::Published => "page",
        }
    }
}

/// The folder that a build makes.
pub fn folder() -> PathBuf {
    root().join("dist")
}

/// Files of `www` that are offered as they are.
const STATIC: &[&str] = &["boot.js", "worker.js", "theme.js", "icon.svg", "styles", "vendor"];

/// Builds everything into `dist`.
pub fn build(build: Build) -> Result<(), TaskError> {
    setup::page()?;
    run(program("npm", &["--prefix", "www", "run", "--silent", "vendor"]))?;
    let profile = build.profile();
    run(cargo(&["build", "--package", "web", "--target", WASM_TARGET, "--profile", profile]))?;
    let dist = folder();
    if dist.exists() {
        fs::remove_dir_all(&dist).map_err(|why| TaskError::File(dist.clone(), why))?;
    }
    let module = root().join("target").join(WASM_TARGET).join(profile).join("web.wasm");
    let mut bindgen = program(setup::bindgen_path(), &[]);
    bindgen.arg(module).arg(&dist);
    if build == Build::Quick {
        bindgen.arg("--keep-names");
    }
    run(bindgen)?;
    for name in STATIC {
        copy(&root().join("www").join(name), &dist.join(name))?;
    }
    write_index(&dist)?;
    write_descriptions(&dist)?;
    say(&format!("The page is in {}", dist.display()));
    Ok(())
}

/// The page itself, without what it says to Trunk.
fn write_index(dist: &Path) -> Result<(), TaskError> {
    let from = root().join("www/index.html");
    let text = fs::read_to_string(&from).map_err(|why| TaskError::File(from, why))?;
    let lines = text.lines().filter(|line| !line.contains("data-trunk"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let to = dist.join("index.html");
    fs::write(&to, text).map_err(|why| TaskError::File(to, why))
}

/// What `kubectl explain` says, which the page loads when somebody asks for it.
fn write_descriptions(dist: &Path) -> Result<(), TaskError> {
    let text = output(cargo(&["run", "--quiet", "--package", "descriptions"]))?;
    let to = dist.join("descriptions.tsv");
    fs::write(&to, text).map_err(|why| TaskError::File(to, why))
}

fn copy(from: &Path, to: &Path) -> Result<(), TaskError> {
    let failed = |why| TaskError::File(from.to_owned(), why);
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ()).map_err(failed);
    }
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        copy(&path, &to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}
