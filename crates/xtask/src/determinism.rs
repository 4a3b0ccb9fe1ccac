//! The same sessions must give the same bytes natively and as WebAssembly.

use crate::command::{TaskError, cargo, output, program, root, say};
use crate::setup::{self, WASM_TARGET};

/// Plays `count` random sessions both ways and compares their digests.
pub fn run(count: u32) -> Result<(), TaskError> {
    setup::run()?;
    let count_text = count.to_string();
    crate::command::run(cargo(&["build", "--package", "determinism", "--target", WASM_TARGET]))?;
    let native = output(cargo(&["run", "--quiet", "--package", "determinism", "--", &count_text]))?;
    let module = root().join("target").join(WASM_TARGET).join("debug/determinism.wasm");
    let script = root().join("tests/determinism/run.mjs");
    let mut node = program("node", &[]);
    node.arg(script).arg(module).arg(&count_text);
    let wasm = output(node)?;
    compare(&native, &wasm, count)
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
