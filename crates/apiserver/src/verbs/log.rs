//! The subresource `log` of a Pod.

use crate::node_proxy::LogRequest;
use crate::request::{Options, Request, ResourceTarget};
use crate::response::{Response, ResponseBody};
use crate::server::{ApiServer, Handled};
use api::core::v1::Pod;
use api::{Status, View};
use sim::{Duration, Time, channel};

impl ApiServer {
    pub(crate) fn log(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let pod = self.stored(target)?.object.clone();
        let wanted = log_request(Pod::of(&pod), &request.options, self.now())?;
        let body = match &self.node_proxy {
            Some(proxy) => proxy.log(&pod, &wanted)?,
            None => (Vec::new(), None),
        };
        let body = match body {
            (text, None) => ResponseBody::Text(String::from_utf8_lossy(&text).into_owned()),
            (text, Some(mut following)) => {
                let (sender, receiver) = channel();
                // Whoever follows first reads what there is.
                let _ = sender.send(text);
                self.sim.spawn(async move {
                    while let Some(bytes) = following.recv().await {
                        if sender.send(bytes).is_err() {
                            break;
                        }
                    }
                });
                ResponseBody::Stream(receiver)
            }
        };
        Ok(Response { code: 200, body, warnings: Vec::new() })
    }
}

fn log_request(pod: Pod<'_>, options: &Options, now: Time) -> Result<LogRequest, Status> {
    let name = pod.metadata().name();
    let spec = pod.spec();
    let given = options.query("container");
    let regular: Vec<&str> = spec.containers().map(|c| c.name()).collect();
    let init: Vec<&str> = spec.init_containers().map(|c| c.name()).collect();
    let all = || regular.iter().chain(&init).any(|container| *container == given);
    let is_ephemeral = spec.ephemeral_containers().any(|c| c.name() == given);
    let container = match (given, regular.as_slice()) {
        ("", [only]) if init.is_empty() => (*only).to_owned(),
        ("", []) => String::new(),
        ("", _) => {
            let mut message = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                regular.join(" ")
            );
            if !init.is_empty() {
                message.push_str(&format!(" or one of the init containers: [{}]", init.join(" ")));
            }
            return Err(Status::bad_request(message));
        }
        (given, _) if all() || is_ephemeral => given.to_owned(),
        (given, _) => {
            return Err(Status::bad_request(format!(
                "container {given} is not valid for pod {name}"
            )));
        }
    };
    let number = |name: &str| options.query(name).parse::<u64>().ok();
    let since = match (number("sinceSeconds"), options.query("sinceTime")) {
        (Some(seconds), _) => Some(now - Duration::from_secs(seconds)),
        (None, text) => Time::parse_rfc3339(text),
    };
    Ok(LogRequest {
        container,
        previous: options.query_flag("previous"),
        follow: options.query_flag("follow"),
        timestamps: options.query_flag("timestamps"),
        tail_lines: number("tailLines").map(|n| n as usize),
        since,
        limit_bytes: number("limitBytes").map(|n| n as usize),
    })
}
