//! What has to be there before anything is built or tested.

use crate::command::{self, TaskError, exists, output, program, say};

/// The target that runs in browsers.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Installs what is missing and can be installed; names what else is missing.
pub fn run() -> Result<(), TaskError> {
    if !exists("node") {
        return Err(TaskError::Missing {
            program: "node",
            remedy: "Install Node 20 or newer: https://nodejs.org.",
        });
    }
    if !exists("rustup") {
        return Err(TaskError::Missing {
            program: "rustup",
            remedy: "Install it from https://rustup.rs.",
        });
    }
    let installed = output(program("rustup", &["target", "list", "--installed"]))?;
    if !installed.lines().any(|target| target == WASM_TARGET) {
        say("Installing the WebAssembly target of Rust (about 10 s)");
        command::run(program("rustup", &["target", "add", WASM_TARGET]))?;
    }
    Ok(())
}
