//! Probes and lifecycle hooks.

use crate::rules::{nonnegative, one_of, port_number, port_number_or_name, required};
use api::core::v1::{
    Container, ExecAction, GRPCAction, HTTPGetAction, LifecycleHandler, Probe, TCPSocketAction,
};
use api::field::{ErrorList, Path};
use api::validation;

/// Checks the hooks and the probes of a container that runs for as long as its Pod.
pub(super) fn validate_of_container(
    container: Container<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(lifecycle) = container.lifecycle() {
        let at = at.child("lifecycle");
        for (field, hook) in
            [("postStart", lifecycle.post_start()), ("preStop", lifecycle.pre_stop())]
        {
            if let Some(hook) = hook {
                Handler::of_hook(hook).validate(&at.child(field), errors);
            }
        }
    }
    if let Some(probe) = container.liveness_probe() {
        validate_once_successful(probe, &at.child("livenessProbe"), errors);
    }
    if let Some(probe) = container.readiness_probe() {
        let at = at.child("readinessProbe");
        validate(probe, &at, errors);
        if let Some(seconds) = probe.termination_grace_period_seconds() {
            let detail = "must not be set for readinessProbes";
            errors.invalid(&at.child("terminationGracePeriodSeconds"), seconds, detail);
        }
    }
    if let Some(probe) = container.startup_probe() {
        validate_once_successful(probe, &at.child("startupProbe"), errors);
    }
}

fn validate_once_successful(probe: Probe<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate(probe, at, errors);
    if probe.success_threshold() != 1 {
        errors.invalid(&at.child("successThreshold"), probe.success_threshold(), "must be 1");
    }
}

fn validate(probe: Probe<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    Handler::of_probe(probe).validate(at, errors);
    for (field, number) in [
        ("initialDelaySeconds", probe.initial_delay_seconds()),
        ("timeoutSeconds", probe.timeout_seconds()),
        ("periodSeconds", probe.period_seconds()),
        ("successThreshold", probe.success_threshold()),
        ("failureThreshold", probe.failure_threshold()),
    ] {
        nonnegative(number, &at.child(field), errors);
    }
    if let Some(seconds) = probe.termination_grace_period_seconds() {
        crate::rules::positive(seconds, &at.child("terminationGracePeriodSeconds"), errors);
    }
}

/// What a probe or a hook does.
struct Handler<'a> {
    exec: Option<ExecAction<'a>>,
    http_get: Option<HTTPGetAction<'a>>,
    tcp_socket: Option<TCPSocketAction<'a>>,
    grpc: Option<GRPCAction<'a>>,
}

impl<'a> Handler<'a> {
    fn of_probe(probe: Probe<'a>) -> Handler<'a> {
        Handler {
            exec: probe.exec(),
            http_get: probe.http_get(),
            tcp_socket: probe.tcp_socket(),
            grpc: probe.grpc(),
        }
    }

    fn of_hook(hook: LifecycleHandler<'a>) -> Handler<'a> {
        Handler {
            exec: hook.exec(),
            http_get: hook.http_get(),
            tcp_socket: hook.tcp_socket(),
            grpc: None,
        }
    }

    /// Of several actions only the first is looked into.
    fn validate(self, at: &Path<'_>, errors: &mut ErrorList) {
        let mut count = 0;
        let mut is_first = |is_set: bool, at: &Path<'_>, errors: &mut ErrorList| {
            count += usize::from(is_set);
            if is_set && count > 1 {
                errors.forbidden(at, "may not specify more than 1 handler type");
            }
            is_set && count == 1
        };
        let exec_at = at.child("exec");
        if is_first(self.exec.is_some(), &exec_at, errors)
            && let Some(exec) = self.exec
            && exec.command().is_empty()
        {
            errors.required(&exec_at.child("command"), "");
        }
        let http_at = at.child("httpGet");
        if is_first(self.http_get.is_some(), &http_at, errors)
            && let Some(http) = self.http_get
        {
            validate_http_get(http, &http_at, errors);
        }
        let tcp_at = at.child("tcpSocket");
        if is_first(self.tcp_socket.is_some(), &tcp_at, errors)
            && let Some(tcp) = self.tcp_socket
        {
            port_number_or_name(tcp.port(), &tcp_at.child("port"), errors);
        }
        let grpc_at = at.child("grpc");
        if is_first(self.grpc.is_some(), &grpc_at, errors)
            && let Some(grpc) = self.grpc
        {
            port_number(grpc.port(), &grpc_at.child("port"), errors);
        }
        if count == 0 {
            errors.required(at, "must specify a handler type");
        }
    }
}

fn validate_http_get(http: HTTPGetAction<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    required(http.path(), &at.child("path"), errors);
    port_number_or_name(http.port(), &at.child("port"), errors);
    one_of(http.scheme(), &["HTTP", "HTTPS"], &at.child("scheme"), errors);
    for header in http.http_headers() {
        for problem in validation::http_header_name(header.name()) {
            errors.invalid(&at.child("httpHeaders"), header.name(), problem);
        }
    }
}
