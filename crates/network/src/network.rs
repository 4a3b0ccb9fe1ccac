//! Who answers where.

use crate::connection::{ConnectError, Connection, Dial, Pods, pair};
use crate::dns::{Answer, resolve};
use crate::host::{Host, PortMapping};
use crate::service;
use apiserver::{ApiServer, ForwardTarget, User};
use client::Client;
use sim::{Duration, Rng, Sim};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// One way through the cluster's network: a fraction of a millisecond on one machine.
const LATENCY: Duration = Duration::from_micros(200);
/// How long a connection is tried to an address at which nothing answers. Linux gives up after
/// about two minutes.
const TIMEOUT: Duration = Duration::from_secs(130);
/// The first port that is given out to those who want any free one.
const FREE_PORT_FIRST: u16 = 32_768;

/// Where calls within a Pod come from.
const LOOPBACK: &str = "127.0.0.1";
/// Where calls from outside of the Pods' network seem to come from: the node's end of it.
pub const GATEWAY: &str = "10.244.0.1";

type Listeners = BTreeMap<u16, Rc<dyn Accept>>;

struct Inner {
    sim: Sim,
    client: Client,
    pods: RefCell<Option<Rc<dyn Pods>>>,
    /// Ports of the learner's machine that programs listen on.
    listeners: RefCell<Listeners>,
    mappings: Vec<PortMapping>,
    rng: RefCell<Rng>,
}

/// A handle to the network; cloning it gives another one to the same.
#[derive(Clone)]
pub struct Network(Rc<Inner>);

/// A program that listens on a port of the learner's machine.
pub trait Accept {
    /// Whether it still listens.
    fn is_listening(&self) -> bool;

    /// Takes a connection; false if it does not.
    fn accept(&self, connection: Connection) -> bool;
}

impl Network {
    /// The network of a cluster; `mappings` are the ports that kind carries to its node.
    pub fn new(server: &Rc<RefCell<ApiServer>>, sim: &Sim, mappings: Vec<PortMapping>) -> Network {
        let user = User::new("system:kube-proxy", &["system:node-proxier"]);
        Network(Rc::new(Inner {
            sim: sim.clone(),
            client: Client::new(server, user, "kube-proxy"),
            pods: RefCell::default(),
            listeners: RefCell::default(),
            mappings,
            rng: RefCell::new(sim.rng("network")),
        }))
    }

    /// Says who carries calls to Pods.
    pub fn set_pods(&self, pods: Rc<dyn Pods>) {
        *self.0.pods.borrow_mut() = Some(pods);
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn sim(&self) -> &Sim {
        &self.0.sim
    }

    /// One of `count` things, at random: how kube-proxy spreads connections.
    pub(crate) fn choose(&self, count: usize) -> usize {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.0.rng.borrow_mut().below(count) as usize
    }

    /// Calls a Pod by its address.
    pub(crate) fn dial(&self, from: &str, ip: &str, port: u16) -> Dial {
        let pods = self.0.pods.borrow().clone();
        pods.map_or(Dial::NoPod, |pods| pods.dial(from, ip, port))
    }

    /// Calls a Pod from the loopback of its own network, as port forwarding does.
    ///
    /// # Errors
    /// The words of the runtime that cannot reach the port.
    pub fn forward(&self, target: &ForwardTarget, port: u16) -> Result<Connection, String> {
        match self.dial(LOOPBACK, &target.ip, port) {
            Dial::Connected(connection) => Ok(connection),
            _ => Err(format!(
                "error forwarding port {port} to pod {}, uid : failed to execute portforward in \
                 network namespace \"/var/run/netns/cni\": failed to connect to localhost:{port} \
                 inside namespace \"{}\", IPv4: dial tcp4 127.0.0.1:{port}: connect: connection \
                 refused IPv6 dial tcp6 [::1]:{port}: connect: connection refused ",
                target.sandbox_id, target.sandbox_id
            )),
        }
    }

    /// Calls a port that a Service opens on every node.
    ///
    /// # Errors
    /// If nobody answers there.
    pub fn node_port(&self, port: u16) -> Result<Connection, ConnectError> {
        service::node_port(self, GATEWAY, port)
    }

    /// Listens on a port of the learner's machine; 0 means any free one. Gives the port, or nothing
    /// if it is taken.
    pub fn listen(&self, port: u16, listener: Rc<dyn Accept>) -> Option<u16> {
        let mut listeners = self.0.listeners.borrow_mut();
        listeners.retain(|_, other| other.is_listening());
        let is_mapped = |port| self.0.mappings.iter().any(|mapping| mapping.host_port == port);
        let is_free = |port: &u16| !listeners.contains_key(port) && !is_mapped(*port);
        let port = match port {
            0 => (FREE_PORT_FIRST..=u16::MAX).find(is_free)?,
            port if is_free(&port) => port,
            _ => return None,
        };
        listeners.insert(port, listener);
        Some(port)
    }

    /// The address that a name has, seen from `from`.
    pub fn lookup(&self, from: &Host, name: &str) -> Option<String> {
        match resolve(self, from, name) {
            Some(Answer::Loopback) => Some("127.0.0.1".to_owned()),
            Some(Answer::Address(ip)) => Some(ip),
            None => None,
        }
    }

    /// Connects a program that runs at `from` with whoever answers at `host` and `port`.
    pub fn connect(
        &self,
        from: &Host,
        host: &str,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = Result<Connection, ConnectError>>>> {
        let (network, from, host) = (self.clone(), from.clone(), host.to_owned());
        Box::pin(async move {
            network.0.sim.sleep(LATENCY).await;
            let found = match resolve(&network, &from, &host) {
                None => Err(ConnectError::UnknownHost),
                Some(Answer::Loopback) => network.loopback(&from, port),
                Some(Answer::Address(ip)) => network.reach(&from, &ip, port),
            };
            if found.as_ref().is_err_and(|why| *why == ConnectError::TimedOut) {
                network.0.sim.sleep(TIMEOUT).await;
            }
            found
        })
    }

    fn loopback(&self, from: &Host, port: u16) -> Result<Connection, ConnectError> {
        if let Host::Pod { ip, .. } = from {
            return connected(self.dial(LOOPBACK, ip, port));
        }
        let listener = self.0.listeners.borrow().get(&port).cloned();
        if let Some(listener) = listener {
            let (ours, theirs) = pair();
            return if listener.accept(theirs) { Ok(ours) } else { Err(ConnectError::Refused) };
        }
        let mapping = self.0.mappings.iter().find(|mapping| mapping.host_port == port);
        let mapping = mapping.ok_or(ConnectError::Refused)?;
        // The proxy of the container runtime accepts before it knows whether anybody answers.
        let answer = service::node_port(self, GATEWAY, mapping.container_port);
        Ok(answer.unwrap_or_else(|_| pair().0))
    }

    fn reach(&self, from: &Host, ip: &str, port: u16) -> Result<Connection, ConnectError> {
        let source = match from {
            Host::Pod { ip, .. } => ip,
            Host::Desk => GATEWAY,
        };
        if service::is_node(self, ip) {
            return service::node_port(self, source, port);
        }
        if *from == Host::Desk {
            // Of the cluster's addresses, the learner's machine knows those of nodes alone.
            return Err(ConnectError::TimedOut);
        }
        if let Some(result) = service::cluster_ip(self, source, ip, port) {
            return result;
        }
        connected(self.dial(source, ip, port))
    }
}

/// What a program sees of a call.
pub(crate) fn connected(dial: Dial) -> Result<Connection, ConnectError> {
    match dial {
        Dial::Connected(connection) => Ok(connection),
        Dial::Refused => Err(ConnectError::Refused),
        Dial::NoPod => Err(ConnectError::TimedOut),
    }
}
