//! local-path-provisioner: makes volumes of directories of a node.

use crate::Image;
use crate::component::{Component, log_time_iso};

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/kindest/local-path-provisioner",
    tags: &["v20240202-8f1494ea"],
    size_bytes: 17_800_000,
    entrypoint: &["local-path-provisioner"],
    service: Some(|_| Box::new(Component { ports: &[], tls_ports: &[], log })),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let time = log_time_iso(context);
    [
        r#"Applied config: {\"nodePathMap\":[{\"node\":\"DEFAULT_PATH_FOR_NON_LISTED_NODES\",\"paths\":[\"/var/local-path-provisioner\"]}]}"#,
        "Provisioner started",
    ]
    .map(|text| format!("time=\"{time}\" level=debug msg=\"{text}\""))
    .into()
}
