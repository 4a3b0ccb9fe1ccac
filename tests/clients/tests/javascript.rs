//! The JavaScript client of Kubernetes against our server. `cargo xtask clients` installs it.

use clients::front::Front;
use server::serve::ClockKind;
use std::env;
use std::path::Path;
use std::process::Command;

#[test]
fn the_javascript_client() {
    let kubeconfig = env::temp_dir().join(format!("kobako-javascript-{}", std::process::id()));
    let front = Front::start(ClockKind::Real, &kubeconfig, String::new());
    let _front = front.expect("the cluster is served");
    let ended = Command::new("node")
        .args(["--test", "--test-concurrency=1", "client.test.mjs"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript"))
        .env("KUBECONFIG", &kubeconfig)
        .status();
    std::fs::remove_file(&kubeconfig).expect("the server has written it");
    assert!(ended.expect("node can be started").success());
}
