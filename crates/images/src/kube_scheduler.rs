//! kube-scheduler: finds a node for every Pod.

use crate::Image;
use crate::component::{Component, klog};

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/kube-scheduler",
    tags: &["v1.29.0"],
    size_bytes: 18_500_000,
    entrypoint: &["kube-scheduler"],
    service: Some(|_| Box::new(Component { ports: &[10259], tls_ports: &[10259], log })),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let line = |place: &str, text: &str| klog(context, place, text);
    vec![
        line("server.go:154", "\"Starting Kubernetes Scheduler\" version=\"v1.29.0\""),
        line("secure_serving.go:213", "Serving securely on 127.0.0.1:10259"),
        line("leaderelection.go:260", "successfully acquired lease kube-system/kube-scheduler"),
    ]
}
