//! kube-proxy: carries what is sent to Services.

use crate::Image;
use crate::component::{Component, klog};

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/kube-proxy",
    tags: &["v1.29.0"],
    size_bytes: 28_400_000,
    entrypoint: &["/usr/local/bin/kube-proxy"],
    service: Some(|_| Box::new(Component { ports: &[10249, 10256], tls_ports: &[], log })),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let line = |place: &str, text: &str| klog(context, place, text);
    vec![
        line("server_others.go:72", "\"Using iptables proxy\""),
        line("server.go:865", "\"Version info\" version=\"v1.29.0\""),
        line("config.go:188", "\"Starting service config controller\""),
        line("config.go:97", "\"Starting endpoint slice config controller\""),
        line("shared_informer.go:318", "Caches are synced for service config"),
    ]
}
