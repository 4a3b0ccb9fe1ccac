//! kube-apiserver: the front of the control plane.

use crate::Image;
use crate::component::{Component, klog};

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/kube-apiserver",
    tags: &["v1.29.0"],
    size_bytes: 35_000_000,
    entrypoint: &["kube-apiserver"],
    service: Some(|_| Box::new(Component { ports: &[6443], tls_ports: &[6443], log })),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let line = |place: &str, text: &str| klog(context, place, text);
    vec![
        line("server.go:148", "Version: v1.29.0"),
        line("handler.go:275", "Adding GroupVersion v1 to ResourceManager"),
        line("secure_serving.go:213", "Serving securely on [::]:6443"),
        line("shared_informer.go:318", "Caches are synced for crd-autoregister"),
        line(
            "controller.go:624",
            "quota admission added evaluator for: leases.coordination.k8s.io",
        ),
    ]
}
