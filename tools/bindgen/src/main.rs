//! `bindgen`: what `wasm-bindgen --target web` does, without its command-line program, which takes
//! twice as long to install; and what parts the module that is published.

use anyhow::{Context as _, Result, bail, ensure};
use bindgen::links::{Links, without_names, without_notes};
use bindgen::{marks, split};
use std::path::Path;
use std::{env, fs};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "Usage:
  bindgen MODULE DIRECTORY
      make the page's JavaScript and module
  bindgen --instrument MODULE RESULT
      a copy of a made module that notes what of it runs
  bindgen --split LINKED MODULE NUMBERS NAMED
      keep in a made module what has these numbers and what the page calls, and put the
      rest beside it; LINKED is what it was made of, with the linker's notes. NAMED is what the
      module is with the names of its functions";

/// How `web.js` hands its own functions to the module, and what has to follow.
const IMPORTS: &str = "\"./web_bg.js\": import0,";
const IMPORT_OF_REST: &str = "\"./rest.js\": { load: () => load(wasm) },";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--instrument", module, result] => write(result, &marks::instrument(&read(module)?)?),
        ["--split", linked, module, numbers, named] => {
            part(linked, module.as_ref(), numbers, named)
        }
        [module, directory] if !module.starts_with('-') => make(module, directory),
        _ => bail!(USAGE),
    }
}

fn read(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    fs::read(&path).with_context(|| path.as_ref().display().to_string())
}

fn write(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    fs::write(&path, bytes).with_context(|| path.as_ref().display().to_string())
}

/// Names stay: what splits the module needs them, and what is only tried out may keep them.
fn make(module: &str, directory: &str) -> Result<()> {
    let name = Path::new(module).file_stem().and_then(|stem| stem.to_str()).unwrap_or("web");
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, without_notes(&read(module)?)?);
    bindgen.typescript(false).demangle(false).remove_name_section(false);
    bindgen.web(true)?.generate(directory)
}

/// Splits `NAME_bg.wasm`, and has `web.js` beside it load the rest.
fn part(linked: &str, module: &Path, numbers: &str, named: &str) -> Result<()> {
    let numbers = String::from_utf8(read(numbers)?)?;
    let numbers = numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let parts = split::split(&read(module)?, &Links::read(&read(linked)?)?, &numbers)?;
    write(named, &parts.first)?;
    write(module, &without_names(&parts.first)?)?;
    let directory = module.parent().unwrap_or(Path::new("."));
    write(directory.join("web_rest.wasm"), &without_names(&parts.rest)?)?;
    let script = directory.join("web.js");
    let text = String::from_utf8(read(&script)?)?;
    ensure!(text.contains(IMPORTS), "{} is not what wasm-bindgen used to make", script.display());
    let text = text.replacen(IMPORTS, &format!("{IMPORTS}\n        {IMPORT_OF_REST}"), 1);
    write(&script, format!("import {{ load }} from \"./rest.js\";\n{text}").as_bytes())
}
