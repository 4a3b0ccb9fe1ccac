//! etcd: where a cluster keeps its objects.

use crate::Image;
use crate::component::{Component, log_time_iso};

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/etcd",
    tags: &["3.5.9-0", "3.5.10-0"],
    size_bytes: 56_649_232,
    entrypoint: &["etcd"],
    service: Some(|_| {
        Box::new(Component { ports: &[2379, 2380, 2381], tls_ports: &[2379, 2380], log })
    }),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let time = log_time_iso(context);
    [
        ("embed/etcd.go:309", "starting an etcd server"),
        ("membership/cluster.go:421", "added member"),
        ("etcdserver/server.go:2571", "cluster version is updated"),
        ("embed/serve.go:103", "ready to serve client requests"),
    ]
    .iter()
    .map(|(caller, message)| {
        format!(
            "{{\"level\":\"info\",\"ts\":\"{time}\",\"caller\":\"{caller}\",\"msg\":\"{message}\"}}"
        )
    })
    .collect()
}
