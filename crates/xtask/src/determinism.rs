//! The same sessions must give the same bytes natively and as WebAssembly; and how much memory a
//! session takes there.

use crate::command::{TaskError, cargo, output, program, root, run as run_command, say};
use crate::setup::{self, WASM_TARGET};

/// From so many sessions on, optimising takes less time than it saves.
const OPTIMISED_FROM: u32 = 500;

/// Plays `count` random sessions both ways and compares their digests.
pub fn run(count: u32) -> Result<(), TaskError> {
    let profile = if count < OPTIMISED_FROM { "dev" } else { "release" };
    run_command(cargo(&["build", "--package", "determinism", "--bins", "--profile", profile]))?;
    run_built(count, profile)
}

/// The same with the native program that is there, which is the one that tests have built.
pub fn run_after_tests(count: u32) -> Result<(), TaskError> {
    run_built(count, "dev")
}

fn run_built(count: u32, profile: &str) -> Result<(), TaskError> {
    setup::run()?;
    let count_text = count.to_string();
    let folder = if profile == "dev" { "debug" } else { profile };
    let mut build = cargo(&["build", "--lib", "--target", WASM_TARGET]);
    build.args(["--package", "determinism", "--profile", profile]);
    run_command(build)?;
    let native = root().join("target").join(folder).join("determinism");
    let native = output(program(native, &[&count_text]))?;
    let module = root().join("target").join(WASM_TARGET).join(folder).join("determinism.wasm");
    let script = root().join("tests/determinism/run.mjs");
    let mut node = program("node", &[]);
    node.arg(script).arg(module).arg(&count_text);
    let wasm = output(node)?;
    compare(&native, &wasm, count)
}

/// Tells how many bytes of WebAssembly memory a Pod takes on a cluster of `nodes` workers that runs
/// `pods` Pods, Events and history included.
pub fn measure_memory(nodes: u32, pods: u32) -> Result<(), TaskError> {
    setup::run()?;
    let arguments = ["build", "--release", "--package", "determinism", "--target", WASM_TARGET];
    run_command(cargo(&arguments))?;
    let module = root().join("target").join(WASM_TARGET).join("release/determinism.wasm");
    let mut node = program("node", &[]);
    node.arg(root().join("tests/determinism/memory.mjs")).arg(module);
    node.arg(nodes.to_string()).arg(pods.to_string());
    say(output(node)?.trim_end());
    Ok(())
}

fn compare(native: &str, wasm: &str, count: u32) -> Result<(), TaskError> {
    let lines = native.lines().count();
    if lines != count as usize {
        return Err(TaskError::Different(format!("{lines} sessions were played, not {count}")));
    }
    for (seed, (native, wasm)) in native.lines().zip(wasm.lines()).enumerate() {
        if native != wasm {
            return Err(TaskError::Different(format!(
                "the session of seed {seed} gives {native} natively and {wasm} as WebAssembly"
            )));
        }
    }
    if native != wasm {
        return Err(TaskError::Different("WebAssembly played fewer sessions".to_owned()));
    }
    say(&format!("{count} random sessions: equal digests natively and as WebAssembly"));
    Ok(())
}
