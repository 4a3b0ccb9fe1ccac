//! What the level `baseline` forbids, in the order in which it is told.

use super::checks::{Violation, containers, many, named, note, quoted_name, sorted, text};
use api::Value;

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
];

const SE_LINUX_TYPES: [&str; 4] = ["", "container_t", "container_init_t", "container_kvm_t"];
const APP_ARMOR_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Notes what is wrong. The level `restricted` has stricter rules in place of some of these.
pub(super) fn check(
    metadata: &Value,
    spec: &Value,
    is_restricted: bool,
    violations: &mut Vec<Violation>,
) {
    app_armor(metadata, violations);
    if !is_restricted {
        capabilities(spec, violations);
    }
    host_namespaces(spec, violations);
    if !is_restricted {
        host_path_volumes(spec, violations);
    }
    host_ports(spec, violations);
    flag(
        spec,
        "privileged",
        |context| context["privileged"].as_bool() == Some(true),
        "must not set securityContext.privileged=true",
        violations,
    );
    proc_mount(spec, violations);
    se_linux(spec, violations);
    if !is_restricted {
        seccomp(spec, violations);
    }
    sysctls(spec, violations);
    host_process(spec, violations);
}

fn flag(
    spec: &Value,
    reason: &'static str,
    is_bad: impl Fn(&Value) -> bool,
    rule: &str,
    violations: &mut Vec<Violation>,
) {
    let bad = named(spec, |container| is_bad(&container["securityContext"]));
    note(
        violations,
        reason,
        many("container", &bad).map(|who| format!("{who} {rule}")).into_iter().collect(),
    );
}

fn app_armor(metadata: &Value, violations: &mut Vec<Violation>) {
    let annotations = metadata["annotations"].as_map().into_iter().flat_map(|map| map.iter());
    let bad: Vec<String> = annotations
        .filter(|(key, value)| {
            let value = text(value);
            let is_allowed =
                value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
            key.as_str().starts_with(APP_ARMOR_PREFIX) && !is_allowed
        })
        .map(|(key, value)| {
            format!("\"{}={}\"", key.as_str(), api::go::quote(text(value)).replace('"', "\\\""))
        })
        .collect();
    let detail = many("annotation", &bad);
    note(violations, "forbidden AppArmor profile", detail.into_iter().collect());
}

fn capabilities(spec: &Value, violations: &mut Vec<Violation>) {
    let is_extra = |capability: &&Value| !CAPABILITIES.contains(&text(capability));
    let added = |container: &Value| -> Vec<String> {
        let added = container["securityContext"]["capabilities"]["add"].items().iter();
        added.filter(is_extra).map(|c| api::go::quote(text(c))).collect()
    };
    let bad = named(spec, |container| !added(container).is_empty());
    let extra = sorted(containers(spec).flat_map(added).collect());
    let detail = many("container", &bad).map(|who| {
        format!("{who} must not include {} in securityContext.capabilities.add", extra.join(", "))
    });
    note(violations, "non-default capabilities", detail.into_iter().collect());
}

fn host_namespaces(spec: &Value, violations: &mut Vec<Violation>) {
    let bad: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .into_iter()
        .filter(|key| spec[*key].as_bool() == Some(true))
        .map(|key| format!("{key}=true"))
        .collect();
    let detail = if bad.is_empty() { Vec::new() } else { vec![bad.join(", ")] };
    note(violations, "host namespaces", detail);
}

fn host_path_volumes(spec: &Value, violations: &mut Vec<Violation>) {
    let volumes = spec["volumes"].items().iter();
    let bad: Vec<String> =
        volumes.filter(|volume| !volume["hostPath"].is_null()).map(quoted_name).collect();
    note(violations, "hostPath volumes", many("volume", &bad).into_iter().collect());
}

fn host_ports(spec: &Value, violations: &mut Vec<Violation>) {
    let ports = |container: &Value| -> Vec<i64> {
        let ports = container["ports"].items().iter();
        ports.filter_map(|port| port["hostPort"].as_i64()).filter(|port| *port != 0).collect()
    };
    let bad = named(spec, |container| !ports(container).is_empty());
    let numbers = containers(spec).flat_map(ports).map(|n| n.to_string());
    let numbers = sorted(numbers.collect());
    let detail = many("container", &bad).map(|who| {
        let verb = if bad.len() == 1 { "uses" } else { "use" };
        let word = if numbers.len() == 1 { "hostPort" } else { "hostPorts" };
        format!("{who} {verb} {word} {}", numbers.join(", "))
    });
    note(violations, "hostPort", detail.into_iter().collect());
}

fn proc_mount(spec: &Value, violations: &mut Vec<Violation>) {
    let of = |container: &Value| text(&container["securityContext"]["procMount"]).to_owned();
    let is_bad = |kind: &str| !kind.is_empty() && kind != "Default";
    let bad = named(spec, |container| is_bad(&of(container)));
    let kinds = sorted(
        containers(spec).map(of).filter(|kind| is_bad(kind)).map(|k| api::go::quote(&k)).collect(),
    );
    let detail = many("container", &bad)
        .map(|who| format!("{who} must not set securityContext.procMount to {}", kinds.join(", ")));
    note(violations, "procMount", detail.into_iter().collect());
}

fn se_linux(spec: &Value, violations: &mut Vec<Violation>) {
    let options = |part: &Value| part["securityContext"]["seLinuxOptions"].clone();
    let is_bad = |options: &Value| {
        !SE_LINUX_TYPES.contains(&text(&options["type"]))
            || !text(&options["user"]).is_empty()
            || !text(&options["role"]).is_empty()
    };
    let mut setters: Vec<String> = Vec::new();
    if is_bad(&options(spec)) {
        setters.push("pod".into());
    }
    setters.extend(many("container", &named(spec, |container| is_bad(&options(container)))));
    if setters.is_empty() {
        return;
    }
    let all: Vec<Value> = [spec].into_iter().chain(containers(spec)).map(options).collect();
    let types = all.iter().map(|o| text(&o["type"])).filter(|ty| !SE_LINUX_TYPES.contains(ty));
    let types = sorted(types.map(api::go::quote).collect());
    let mut bad: Vec<String> = Vec::new();
    match types.len() {
        0 => {}
        1 => bad.push(format!("type {}", types[0])),
        _ => bad.push(format!("types {}", types.join(", "))),
    }
    for key in ["user", "role"] {
        if all.iter().any(|options| !text(&options[key]).is_empty()) {
            bad.push(format!("{key} may not be set"));
        }
    }
    let who = setters.join(" and ");
    let detail = format!("{who} set forbidden securityContext.seLinuxOptions: {}", bad.join("; "));
    note(violations, "seLinuxOptions", vec![detail]);
}

fn seccomp(spec: &Value, violations: &mut Vec<Violation>) {
    let details = seccomp_details(spec);
    note(violations, "seccompProfile", details);
}

/// Who asks for a seccomp profile that no level but `privileged` allows.
pub(super) fn seccomp_details(spec: &Value) -> Vec<String> {
    let of = |part: &Value| text(&part["securityContext"]["seccompProfile"]["type"]).to_owned();
    let is_bad = |kind: &str| !matches!(kind, "" | "RuntimeDefault" | "Localhost");
    let mut setters: Vec<String> = Vec::new();
    let mut kinds: Vec<String> = Vec::new();
    if is_bad(&of(spec)) {
        setters.push("pod".into());
        kinds.push(api::go::quote(&of(spec)));
    }
    setters.extend(many("container", &named(spec, |container| is_bad(&of(container)))));
    kinds.extend(containers(spec).map(of).filter(|kind| is_bad(kind)).map(|k| api::go::quote(&k)));
    if setters.is_empty() {
        return Vec::new();
    }
    let kinds = sorted(kinds).join(", ");
    let who = setters.join(" and ");
    vec![format!("{who} must not set securityContext.seccompProfile.type to {kinds}")]
}

fn sysctls(spec: &Value, violations: &mut Vec<Violation>) {
    let used = spec["securityContext"]["sysctls"].items().iter();
    let bad: Vec<String> = used
        .map(|sysctl| text(&sysctl["name"]))
        .filter(|name| !SYSCTLS.contains(name))
        .map(str::to_owned)
        .collect();
    let detail = if bad.is_empty() { Vec::new() } else { vec![bad.join(", ")] };
    note(violations, "forbidden sysctls", detail);
}

fn host_process(spec: &Value, violations: &mut Vec<Violation>) {
    let is_bad = |part: &Value| {
        part["securityContext"]["windowsOptions"]["hostProcess"].as_bool() == Some(true)
    };
    let mut setters: Vec<String> = Vec::new();
    if is_bad(spec) {
        setters.push("pod".into());
    }
    setters.extend(many("container", &named(spec, is_bad)));
    if setters.is_empty() {
        return;
    }
    let who = setters.join(" and ");
    let detail = format!("{who} must not set securityContext.windowsOptions.hostProcess=true");
    note(violations, "hostProcess", vec![detail]);
}
