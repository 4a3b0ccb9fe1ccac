//! The Rust client of Kubernetes against our server, in a workspace of its own because it takes
//! minutes to compile: `cargo xtask kube-client`.

use clients::front::Front;
use server::serve::ClockKind;
use std::env;
use std::path::Path;
use std::process::Command;

#[test]
fn the_rust_client() {
    let kubeconfig = env::temp_dir().join(format!("kobako-kube-{}", std::process::id()));
    let front = Front::start(ClockKind::Real, &kubeconfig, String::new());
    let _front = front.expect("the cluster is served");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ended = Command::new(cargo)
        .args(["run", "--quiet", "--locked", "--target-dir", "../../../.tools/kube-client"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("kube"))
        .env("KUBECONFIG", &kubeconfig)
        .status();
    std::fs::remove_file(&kubeconfig).expect("the server has written it");
    assert!(ended.expect("cargo can be started").success());
}
