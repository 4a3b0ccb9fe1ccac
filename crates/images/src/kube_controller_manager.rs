//! kube-controller-manager: runs the controllers.

use crate::Image;
use crate::component::{Component, klog};

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/kube-controller-manager",
    tags: &["v1.29.0"],
    size_bytes: 33_400_000,
    entrypoint: &["kube-controller-manager"],
    service: Some(|_| Box::new(Component { ports: &[10257], tls_ports: &[10257], log })),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let line = |place: &str, text: &str| klog(context, place, text);
    vec![
        line("controllermanager.go:187", "\"Starting\" version=\"v1.29.0\""),
        line("secure_serving.go:213", "Serving securely on 127.0.0.1:10257"),
        line(
            "leaderelection.go:260",
            "successfully acquired lease kube-system/kube-controller-manager",
        ),
        line("shared_informer.go:318", "Caches are synced for deployment"),
        line("shared_informer.go:318", "Caches are synced for garbage collector"),
    ]
}
