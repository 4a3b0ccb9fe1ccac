//! What the server says of its health, and of that of the rest of the control plane.

use crate::codec;
use crate::request::{Request, ResourceTarget, Verb};
use crate::response::{Response, ResponseBody};
use crate::server::{ApiServer, Handled};
use api::{Status, Value, list, object};

/// The checks of a real server, in its order.
const CHECKS: &[&str] = &[
    "ping",
    "log",
    "etcd",
    "poststarthook/start-kube-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/aggregator-reload-proxy-client-cert",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-status-available-controller",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
    "poststarthook/apiservice-discovery-controller",
];
/// What `/readyz` looks at beyond that, after `etcd`.
const READINESS: &[&str] = &["etcd-readiness", "informer-sync"];
const BEFORE_READINESS: usize = 3;

/// The answer at `/healthz`, `/livez` and `/readyz`, of all checks or of one.
pub(crate) fn answer(request: &Request, path: &str) -> Option<Response> {
    let path = path.split('?').next().unwrap_or_default();
    let (endpoint, check) = match path.trim_start_matches('/').split_once('/') {
        Some((endpoint, check)) => (endpoint, Some(check)),
        None => (path.trim_start_matches('/'), None),
    };
    let mut checks = CHECKS.to_vec();
    match endpoint {
        "healthz" | "livez" => {}
        "readyz" => {
            checks.splice(BEFORE_READINESS..BEFORE_READINESS, READINESS.iter().copied());
            checks.push("shutdown");
        }
        _ => return None,
    }
    let is_verbose = request.options.query.iter().any(|(key, _)| key == "verbose");
    let text = match check {
        Some(check) if !checks.contains(&check) => return None,
        None if is_verbose => {
            let excluded: Vec<&str> = request.options.query_all("exclude").collect();
            let line = |check: &&str| match excluded.contains(check) {
                true => format!("[+]{check} excluded: ok\n"),
                false => format!("[+]{check} ok\n"),
            };
            format!("{}{endpoint} check passed\n", checks.iter().map(line).collect::<String>())
        }
        _ => "ok".to_owned(),
    };
    Some(Response { code: 200, body: ResponseBody::Text(text), warnings: Vec::new() })
}

impl ApiServer {
    /// The parts of the control plane, all of which are well.
    pub(crate) fn component_statuses(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
    ) -> Handled {
        let status = |name: &'static str| {
            object! {
                "metadata": object! { "name": name, "creationTimestamp": Value::Null },
                "conditions": list![object! {
                    "type": "Healthy",
                    "status": "True",
                    "message": "ok",
                }],
            }
        };
        let components = ["etcd-0", "scheduler", "controller-manager"];
        match target.verb {
            Verb::Get => {
                let found = components.iter().find(|name| **name == &*target.name);
                let found = found.ok_or_else(|| target.not_found())?;
                Ok(self.answer(200, request, target.kind, &status(found)))
            }
            Verb::List => {
                let objects: Vec<Value> = components.map(status).into();
                let metadata: Value = object! {};
                let now = self.now();
                let list = codec::encode_list(target.kind, &objects, metadata, request, now);
                Ok(Response::ok(list))
            }
            verb => Err(Status::method_not_supported(target.qualified(), verb.as_str())),
        }
    }
}
