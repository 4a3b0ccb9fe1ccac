//! The subresources `exec`, `attach` and `portforward` of a Pod.

use crate::node_proxy::{ExecRefusal, ExecRequest, ExecStreams, NodeProxy};
use crate::request::{HttpRequest, Request, ResourceTarget, Target};
use crate::response::{Response, ResponseBody};
use crate::server::{ApiServer, Handled};
use api::core::v1::Pod;
use api::{Status, Value, View};
use std::rc::Rc;

/// The code with which a kubelet refuses to switch protocols.
const INTERNAL_ERROR: u16 = 500;

/// What a request to switch protocols leads to.
pub enum Upgrade {
    /// A program in a container.
    Exec(PreparedStreams),
    /// Connections to ports of a Pod; those that the request names.
    Forward(ForwardTarget, Vec<u16>),
}

impl ApiServer {
    /// Checks a request that switches protocols.
    ///
    /// # Errors
    /// The refusal, as the client gets it.
    pub fn prepare_upgrade(&mut self, http: HttpRequest) -> Result<Upgrade, Box<Response>> {
        let request = self.receive(http)?;
        match &request.target {
            Target::Resource(target) if target.subresource == "portforward" => {
                let ports = request.options.query_all("ports").flat_map(|list| list.split(','));
                let ports = ports.filter_map(|port| port.parse().ok()).collect();
                Ok(Upgrade::Forward(self.target_of(&request)?, ports))
            }
            _ => self.streams_of(&request).map(Upgrade::Exec),
        }
    }

    /// Checks a request for the streams of a program. They are opened in a second step, when the
    /// server is free again: the kubelet may ask it for something on the way.
    ///
    /// # Errors
    /// The refusal, as the client gets it.
    pub fn prepare_streams(&mut self, http: HttpRequest) -> Result<PreparedStreams, Box<Response>> {
        let request = self.receive(http)?;
        self.streams_of(&request)
    }

    fn streams_of(&self, request: &Request) -> Result<PreparedStreams, Box<Response>> {
        let refuse = |status: Status| Box::new(Response::from(status));
        let Target::Resource(target) = &request.target else {
            return Err(refuse(Status::unknown_path()));
        };
        let pod = self.stored(target).map_err(refuse)?.object.clone();
        let wanted = exec_request(Pod::of(&pod), request, target).map_err(refuse)?;
        let proxy = self.node_proxy.clone().ok_or_else(|| refuse(Status::unknown_path()))?;
        Ok(PreparedStreams { proxy, pod, wanted })
    }

    /// Answers a request for streams that does not ask to switch protocols.
    pub(crate) fn refuse_without_upgrade(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
    ) -> Handled {
        let pod = self.stored(target)?.object.clone();
        if target.subresource != "portforward" {
            exec_request(Pod::of(&pod), request, target)?;
        }
        Err(Status::bad_request("Upgrade request required"))
    }
}

/// A request for streams that the server has nothing against.
pub struct PreparedStreams {
    proxy: Rc<dyn NodeProxy>,
    pod: Value,
    wanted: ExecRequest,
}

impl PreparedStreams {
    /// Opens the streams of a program in a container.
    ///
    /// # Errors
    /// The kubelet's refusal, as the client gets it.
    pub fn open(self) -> Result<ExecStreams, Box<Response>> {
        self.proxy.exec(&self.pod, &self.wanted).map_err(|refusal| match refusal {
            ExecRefusal::Status(status) => Box::new(Response::from(*status)),
            ExecRefusal::Text(text) => Box::new(Response {
                code: INTERNAL_ERROR,
                body: ResponseBody::Text(text),
                warnings: Vec::new(),
            }),
        })
    }
}

/// The Pod that ports are forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardTarget {
    /// Its address.
    pub ip: String,
    /// The id of its sandbox, for messages.
    pub sandbox_id: String,
    namespace: String,
    name: String,
    uid: String,
}

impl ForwardTarget {
    /// Whether the Pod still exists.
    pub fn exists(&self, server: &ApiServer) -> bool {
        let pods = server.resource(&kinds::core::pod::KIND);
        let stored = server.store().get(pods, &self.namespace, &self.name);
        stored.is_some_and(|stored| Pod::of(&stored.object).metadata().uid() == self.uid)
    }
}

impl ApiServer {
    /// Answers a request to forward ports with the Pod that it is about.
    ///
    /// # Errors
    /// The refusal, as the client gets it.
    pub fn forward_target(&mut self, http: HttpRequest) -> Result<ForwardTarget, Box<Response>> {
        let request = self.receive(http)?;
        self.target_of(&request)
    }

    fn target_of(&self, request: &Request) -> Result<ForwardTarget, Box<Response>> {
        let refuse = |status: Status| Box::new(Response::from(status));
        let Target::Resource(target) = &request.target else {
            return Err(refuse(Status::unknown_path()));
        };
        let stored = self.stored(target).map_err(refuse)?;
        let pod = Pod::of(&stored.object);
        let metadata = pod.metadata();
        if pod.spec().node_name().is_empty() {
            let why = format!("pod {} does not have a host assigned", metadata.name());
            return Err(refuse(Status::bad_request(why)));
        }
        Ok(ForwardTarget {
            ip: pod.status().pod_ip().to_owned(),
            sandbox_id: metadata.uid().replace('-', ""),
            namespace: metadata.namespace().to_owned(),
            name: metadata.name().to_owned(),
            uid: metadata.uid().to_owned(),
        })
    }
}

fn exec_request(
    pod: Pod<'_>,
    request: &Request,
    target: &ResourceTarget,
) -> Result<ExecRequest, Status> {
    let options = &request.options;
    let name = pod.metadata().name();
    let spec = pod.spec();
    let given = options.query("container");
    let regular: Vec<&str> = spec.containers().map(|c| c.name()).collect();
    let mut others = spec
        .init_containers()
        .map(|c| c.name())
        .chain(spec.ephemeral_containers().map(|c| c.name()));
    let container = match (given, regular.as_slice()) {
        ("", [only]) => *only,
        ("", _) => {
            return Err(Status::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                regular.join(" ")
            )));
        }
        (given, _) if regular.contains(&given) || others.any(|other| other == given) => given,
        (given, _) => {
            return Err(Status::bad_request(format!(
                "container {given} is not valid for pod {name}"
            )));
        }
    };
    if spec.node_name().is_empty() {
        return Err(Status::bad_request(format!("pod {name} does not have a host assigned")));
    }
    let command = match &*target.subresource {
        "exec" => options.query_all("command").map(str::to_owned).collect(),
        "attach" => Vec::new(),
        _ => return Err(Status::unknown_path()),
    };
    Ok(ExecRequest {
        container: container.to_owned(),
        command,
        stdin: options.query_flag("stdin"),
        tty: options.query_flag("tty"),
    })
}
