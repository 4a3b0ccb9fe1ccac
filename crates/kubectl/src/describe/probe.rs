//! Probes on one line.

use super::text::go_list;
use api::core::v1::Probe;

/// `http-get http://:80/healthz delay=2s timeout=1s period=3s #success=1 #failure=3`
pub(super) fn text(probe: Probe<'_>) -> String {
    let how_often = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.initial_delay_seconds(),
        probe.timeout_seconds(),
        probe.period_seconds(),
        probe.success_threshold(),
        probe.failure_threshold()
    );
    let what = if let Some(exec) = probe.exec() {
        format!("exec {}", go_list(exec.command()))
    } else if let Some(get) = probe.http_get() {
        let scheme = get.scheme().to_lowercase();
        let path = get.path();
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let host = join_host_port(get.host(), &get.port().to_string());
        format!("http-get {scheme}://{host}{slash}{}", encode_path(path))
    } else if let Some(socket) = probe.tcp_socket() {
        format!("tcp-socket {}:{}", socket.host(), socket.port())
    } else if let Some(grpc) = probe.grpc() {
        format!("grpc <pod>:{} {}", grpc.port(), grpc.service().unwrap_or_default())
    } else {
        "unknown".to_owned()
    };
    format!("{what} {how_often}")
}

/// Host and port; IPv6 addresses stand in brackets.
pub(super) fn join_host_port(host: &str, port: &str) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The path of a URL as Go prints it.
fn encode_path(path: &str) -> String {
    let keeps = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!'()*[]".contains(&byte);
    let mut text = String::new();
    for byte in path.bytes() {
        match keeps(byte) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
