//! `bindgen MODULE DIRECTORY [--keep-names]`: what `wasm-bindgen --target web` does, without its
//! command-line program, which takes twice as long to install.

use std::env;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (module, directory) = match arguments.as_slice() {
        [module, directory, ..] => (module, directory),
        _ => {
            eprintln!("Usage: bindgen MODULE DIRECTORY [--keep-names]");
            return ExitCode::FAILURE;
        }
    };
    let keeps_names = arguments.iter().any(|argument| argument == "--keep-names");
    let made = Bindgen::new()
        .input_path(module)
        .typescript(false)
        .remove_name_section(!keeps_names)
        .web(true)
        .and_then(|bindgen| bindgen.generate(directory));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bindgen: {why:#}");
            ExitCode::FAILURE
        }
    }
}
