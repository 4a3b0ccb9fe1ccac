//! A small module, linked and split as the page's is, and played under Node.

use bindgen::{links::Links, marks, split};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What each part of the module should have for itself.
const SAID_ON_EVERY_VISIT: &[u8] = b"said on every visit";
const SAID_BY_PAGE: &[u8] = b"what the page may say at any time";
const SAID_BY_REST: &[u8] = b"nobody says this on a first visit";

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny").join(name)
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn play(task: &str, modules: &[&Path]) -> String {
    run(Command::new("node").arg(source("play.mjs")).arg(task).args(modules))
}

fn compile(name: &str, more: &[&str]) -> PathBuf {
    let module = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    run(Command::new(rustc)
        .args(["--edition=2024", "--crate-type=cdylib", "--target=wasm32-unknown-unknown"])
        .args(["-Copt-level=s", "-Cpanic=abort", "-Cstrip=debuginfo"])
        .args(more)
        .arg("-o")
        .arg(&module)
        .arg(source("module.rs")));
    module
}

fn contains(module: &[u8], text: &[u8]) -> bool {
    module.windows(text.len()).any(|window| window == text)
}

#[test]
fn the_rest_is_loaded_when_it_is_called_and_not_before() {
    let path = compile("whole.wasm", &["-Clink-arg=--emit-relocs"]);
    let module = fs::read(&path).expect("compiled");
    let instrumented = path.with_file_name("instrumented.wasm");
    fs::write(&instrumented, marks::instrument(&module).expect("instrumented")).unwrap();
    let ran = play("ran", &[&instrumented]);
    let ran = ran.split_whitespace().map(|number| number.parse().expect("a number")).collect();

    let links = Links::read(&module).expect("links");
    let parts = split::split(&module, &links, &ran).expect("split");
    for (text, is_in_first) in
        [(SAID_ON_EVERY_VISIT, true), (SAID_BY_PAGE, true), (SAID_BY_REST, false)]
    {
        assert_eq!(contains(&parts.first, text), is_in_first);
        assert_eq!(contains(&parts.rest, text), !is_in_first);
    }

    let [first, rest] = ["first.wasm", "rest.wasm"].map(|name| path.with_file_name(name));
    fs::write(&first, &parts.first).unwrap();
    fs::write(&rest, &parts.rest).unwrap();
    let said = play("visit", &[&first, &rest]);
    let said: Vec<&str> = said.lines().collect();
    assert_eq!(
        said,
        [
            "page 7 3097",
            "often 100 loads 0",
            "offline loads 1",
            "seldom 1100 loads 2",
            "rest 52111 loads 2",
            "often 100 loads 2",
            "published",
        ]
    );
}

#[test]
fn a_module_without_the_linkers_notes_is_refused() {
    let module = fs::read(compile("bare.wasm", &[])).expect("compiled");
    let why = Links::read(&module).expect_err("no notes").to_string();
    assert!(why.contains("--emit-relocs"), "{why}");
}
