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
const STATIC: &[&str] = &["boot.js", "rest.js", "worker.js", "theme.js", "icon.svg", "vendor"];
/// What the linker is told so that the module can be parted: to leave notes of what refers to what.
const LINKER_NOTES: [&str; 5] = ["--crate-type", "cdylib", "--", "-C", "link-arg=--emit-relocs"];

/// Builds everything into `dist`.
pub fn build(build: Build) -> Result<(), TaskError> {
    setup::page()?;
    bundle("vendor")?;
    let profile = build.profile();
    let mut compile =
        cargo(&["rustc", "--package", "web", "--target", WASM_TARGET, "--profile", profile]);
    if build == Build::Published {
        compile.args(LINKER_NOTES);
    }
    run(compile)?;
    let dist = folder();
    remove(&dist)?;
    let linked = root().join("target").join(WASM_TARGET).join(profile).join("web.wasm");
    let mut bindgen = program(setup::bindgen_path(), &[]);
    bindgen.arg(&linked).arg(&dist);
    run(bindgen)?;
    if build == Build::Published {
        part(&linked, &dist)?;
        bundle("shorten")?;
    }
    bundle("styles")?;
    for name in STATIC {
        copy(&root().join("www").join(name), &dist.join(name))?;
    }
    write_index(&dist)?;
    write_descriptions(&dist)?;
    say(&format!("The page is in {}", dist.display()));
    Ok(())
}

/// Has esbuild put several files into one, or write one shorter: a script of `www/package.json`.
fn bundle(script: &str) -> Result<(), TaskError> {
    run(program("npm", &["--prefix", "www", "run", "--silent", script]))
}

/// Leaves in the module what the page and a first visit call, and puts the rest beside it.
fn part(linked: &Path, dist: &Path) -> Result<(), TaskError> {
    let rehearsal = root().join("target/rehearsal");
    remove(&rehearsal)?;
    copy(dist, &rehearsal)?;
    // Node takes scripts for modules of the older kind unless it is told.
    write(&rehearsal.join("package.json"), "{\"type\": \"module\"}")?;
    let module = dist.join("web_bg.wasm");
    let mut instrument = program(setup::bindgen_path(), &["--instrument"]);
    instrument.arg(&module).arg(rehearsal.join("web_bg.wasm"));
    run(instrument)?;
    let mut rehearse = program("node", &["tools/bindgen/rehearse.mjs"]);
    rehearse.arg(&rehearsal).arg("crates/web/rehearsal.txt");
    let ran = output(rehearse)?;
    let numbers = rehearsal.join("ran.txt");
    write(&numbers, &ran)?;
    let mut split = program(setup::bindgen_path(), &["--split"]);
    split.arg(linked).arg(&module).arg(&numbers).arg(rehearsal.join("web_bg.wasm"));
    run(split)
}

/// The page itself, without what it says to Trunk.
fn write_index(dist: &Path) -> Result<(), TaskError> {
    let from = root().join("www/index.html");
    let text = fs::read_to_string(&from).map_err(|why| TaskError::File(from, why))?;
    let lines = text.lines().filter(|line| !line.contains("data-trunk"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    write(&dist.join("index.html"), &text)
}

fn write(path: &Path, text: &str) -> Result<(), TaskError> {
    fs::write(path, text).map_err(|why| TaskError::File(path.to_owned(), why))
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<(), TaskError> {
    match folder.exists() {
        true => fs::remove_dir_all(folder).map_err(|why| TaskError::File(folder.to_owned(), why)),
        false => Ok(()),
    }
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
