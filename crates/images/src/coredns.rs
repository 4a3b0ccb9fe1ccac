//! coredns: the DNS server of a cluster.

use crate::Image;
use crate::component::Component;

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/coredns/coredns",
    tags: &["v1.11.1"],
    size_bytes: 18_182_961,
    entrypoint: &["/coredns"],
    service: Some(|_| Box::new(Component { ports: &[53, 8080, 8181, 9153], tls_ports: &[], log })),
    ..Image::BASE
};

fn log(_: &crate::ServiceContext<'_>) -> Vec<String> {
    [
        ".:53",
        "[INFO] plugin/reload: Running configuration SHA512 = \
         591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d\
         180f52594972691cd6ff41be96639138a43908",
        "CoreDNS-1.11.1",
        "linux/amd64, go1.20.7, ae2bbc2",
    ]
    .map(str::to_owned)
    .into()
}
