//! kindnetd: the Pod network of kind.

use crate::Image;
use crate::component::{Component, klog};

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/kindest/kindnetd",
    tags: &["v20230511-dc714da8", "v20240202-8f1494ea"],
    size_bytes: 27_800_000,
    entrypoint: &["/bin/kindnetd"],
    service: Some(|_| Box::new(Component { ports: &[], tls_ports: &[], log })),
    ..Image::BASE
};

fn log(context: &crate::ServiceContext<'_>) -> Vec<String> {
    let address = context.environment.get("HOST_IP").map_or("", String::as_str);
    let line = |place: &str, text: &str| klog(context, place, text);
    vec![
        line("main.go:102", "connected to apiserver: https://10.96.0.1:443"),
        line("main.go:107", &format!("hostIP = {address}")),
        format!("podIP = {address}"),
        line("main.go:116", "setting mtu 1500 for CNI "),
        line("main.go:223", &format!("Handling node with IPs: map[{address}:{{}}]")),
        line("main.go:227", "handling current node"),
    ]
}
