//! Calls to Pods: finding who listens, and letting described servers answer.

use crate::container::{Container, Process};
use crate::pod::PodWorker;
use crate::start;
use crate::{Ended, Kubelets, Shared};
use images::{HttpRequest, HttpResponse, Service, format_response, parse_request};
use network::{Connection, Dial, Pods, pair};
use sim::Duration;
use std::cell::RefCell;
use std::rc::Rc;

/// The Pods of all nodes, for the network.
pub struct PodNetwork(pub Rc<RefCell<Kubelets>>);

impl Pods for PodNetwork {
    fn dial(&self, from: &str, ip: &str, port: u16) -> Dial {
        let kubelets = self.0.borrow();
        let Some(worker) = kubelets.worker_at(ip) else {
            return Dial::NoPod;
        };
        if listener(worker, port).is_none() {
            return Dial::Refused;
        }
        let (ours, theirs) = pair();
        let (shared, from, ip) = (self.0.clone(), from.to_owned(), ip.to_owned());
        kubelets.shared.sim.spawn(serve(shared, from, (ip, port), theirs));
        Dial::Connected(ours)
    }
}

/// The container that listens at a port.
fn listener(worker: &PodWorker, port: u16) -> Option<usize> {
    let mut running = worker.running();
    let found = running.find(|(_, container)| {
        matches!(&container.process, Process::Service { ports, .. } if ports.contains(&port))
    });
    found.map(|(index, _)| index)
}

impl Kubelets {
    /// The Pod that has an address.
    fn worker_at(&self, ip: &str) -> Option<&PodWorker> {
        let network = ip.rsplit_once('.').map_or("", |(network, _)| network);
        let is_here = |cidr: &str| cidr.rsplit_once('.').is_some_and(|(other, _)| other == network);
        let nodes = self.nodes.iter().filter(|node| is_here(&node.config.pod_cidr));
        let mut workers = nodes.flat_map(|node| node.workers.values());
        workers.find(|worker| worker.ip.as_ref().is_some_and(|other| *other == ip))
    }

    /// The answer of whoever listens; `None` if it never comes.
    fn respond(&self, ip: &str, port: u16, request: &HttpRequest) -> Option<HttpResponse> {
        let worker = self.worker_at(ip)?;
        let index = listener(worker, port)?;
        let container = worker.containers[index].current.as_ref()?;
        let Process::Service { service, .. } = &container.process else {
            return None;
        };
        answer(worker, (index, container), service.as_ref(), request, &self.shared)
    }
}

/// What the service of a container answers, also to its probes; it logs what it has answered.
/// `None` if it never answers.
pub(crate) fn answer(
    worker: &PodWorker,
    (index, container): (usize, &Container),
    service: &dyn Service,
    request: &HttpRequest,
    shared: &Shared,
) -> Option<HttpResponse> {
    let now = shared.sim.now();
    let read_file = |path: &str| start::read_file(worker, (index, container), path);
    let context = start::service_context(container, &read_file, shared);
    let response = service.respond(request, &context)?;
    if let Some(line) = &response.log {
        container.log.append(now, format!("{line}\n").as_bytes());
    }
    Some(response)
}

/// Answers the requests that come over a connection, one after the other.
async fn serve(
    kubelets: Rc<RefCell<Kubelets>>,
    from: String,
    (ip, port): (String, u16),
    connection: Connection,
) {
    let Connection { send, mut receive } = connection;
    let mut bytes = Vec::new();
    while let Some(piece) = receive.recv().await {
        bytes.extend(piece);
        let Some(request) = parse_request(&bytes, &from) else {
            continue;
        };
        let is_last = is_last(&bytes);
        bytes.clear();
        let answer = kubelets.borrow().respond(&ip, port, &request);
        let Some(response) = answer else {
            leak(&kubelets, &ip, port, &request);
            // The server is busy with this request for ever.
            std::future::pending::<()>().await;
            return;
        };
        let now = kubelets.borrow().shared.sim.now();
        if send.send(format_response(&request, &response, &now.rfc1123("GMT"))).is_err() || is_last
        {
            return;
        }
    }
}

/// Whether the client wants the connection to be closed after the answer to this request.
fn is_last(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message);
    let mut head = text.lines().take_while(|line| !line.is_empty());
    let is_old = head.next().is_some_and(|line| line.ends_with("HTTP/1.0"));
    let closes = |line: &str| {
        let header = line.split_once(':');
        header.is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("connection") && value.trim().eq_ignore_ascii_case("close")
        })
    };
    is_old || head.any(closes)
}

/// A request that makes a server's memory grow gets its container killed when the limit is reached,
/// or when the node has no more.
fn leak(kubelets: &Rc<RefCell<Kubelets>>, ip: &str, port: u16, request: &HttpRequest) {
    let kubelets = kubelets.borrow();
    let Some((index, worker)) =
        kubelets.worker_at(ip).and_then(|worker| Some((listener(worker, port)?, worker)))
    else {
        return;
    };
    let Some(container) = worker.containers[index].current.as_ref() else {
        return;
    };
    let Process::Service { service, .. } = &container.process else {
        return;
    };
    let Some(rate) = service.leak_bytes_per_second(request).filter(|rate| *rate > 0) else {
        return;
    };
    let limits = worker.spec_of(index).resources().limits();
    let limit = limits.get("memory").map_or(NODE_MEMORY_BYTES, |limit| limit.value().max(0) as u64);
    let node = kubelets.by_name.get(worker.pod().spec().node_name()).copied();
    let end = Ended {
        node: node.unwrap_or_default(),
        pod: worker.uid.clone(),
        container_id: container.id.clone(),
        code: 137,
        out_of_memory: true,
    };
    let (sim, ended) = (kubelets.shared.sim.clone(), kubelets.shared.ended.clone());
    let time = Duration::from_millis(limit.saturating_mul(1_000) / rate);
    sim.clone().spawn(async move {
        sim.sleep(time).await;
        ended.borrow_mut().push(end);
    });
}

/// What a container without a limit can take before its node has no more.
const NODE_MEMORY_BYTES: u64 = 8 << 30;

#[cfg(test)]
mod tests {
    use super::is_last;

    #[test]
    fn clients_say_when_a_connection_ends() {
        let check = |text: &str, expected| assert_eq!(is_last(text.as_bytes()), expected, "{text}");
        check("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", true);
        check("GET / HTTP/1.1\r\nHost: x\r\n\r\nConnection: close", false);
        check("GET / HTTP/1.0\r\n\r\n", true);
    }
}
