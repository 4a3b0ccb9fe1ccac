//! What containers may do on their node.

use crate::internal;
use crate::rules::{INT32_MAX, Seen, in_range, local_descending_path, one_of, one_of_required};
use api::core::v1::{
    Container, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext,
    WindowsSecurityContextOptions,
};
use api::field::{ErrorList, Path};
use api::{View, names};

const SYSCTL_MAX: usize = 253;
const SYSCTL_FORMAT: &str = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

/// Checks the security context of a Pod.
pub(super) fn validate_pod(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(context) = spec.security_context() else {
        return;
    };
    for (field, id) in [
        ("fsGroup", context.fs_group()),
        ("runAsUser", context.run_as_user()),
        ("runAsGroup", context.run_as_group()),
    ] {
        if let Some(id) = id {
            in_range(id, 0, INT32_MAX, &at.child(field), errors);
        }
    }
    let groups_at = at.child("supplementalGroups");
    for (i, group) in context.supplemental_groups().iter().enumerate() {
        in_range(group.as_i64().unwrap_or(0), 0, INT32_MAX, &groups_at.index(i), errors);
    }
    if spec.host_pid() && spec.share_process_namespace() == Some(true) {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&at.child("shareProcessNamespace"), true, detail);
    }
    validate_sysctls(spec, context, &at.child("sysctls"), errors);
    if let Some(policy) = context.fs_group_change_policy() {
        let policies = ["Always", "OnRootMismatch"];
        one_of(policy, &policies, &at.child("fsGroupChangePolicy"), errors);
    }
    validate_seccomp(context.seccomp_profile(), &at.child("seccompProfile"), errors);
    validate_windows(context.windows_options(), &at.child("windowsOptions"), errors);
}

fn validate_sysctls(
    spec: PodSpec<'_>,
    context: PodSecurityContext<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut seen = Seen::new();
    for (i, sysctl) in context.sysctls().enumerate() {
        let at = at.index(i);
        let at = at.child("name");
        let name = sysctl.name();
        if name.is_empty() {
            errors.required(&at, "");
        } else if !is_sysctl(name) {
            let detail = format!(
                "must have at most {SYSCTL_MAX} characters and match regex {SYSCTL_FORMAT}"
            );
            errors.invalid(&at, name, detail);
        } else if seen.has(name) {
            errors.duplicate(&at, name);
        }
        seen.insert(name);
        let is_net = name.starts_with("net.") || name.starts_with("net/");
        let is_ipc = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."]
            .iter()
            .any(|prefix| name.starts_with(prefix));
        if is_net && spec.host_network() {
            errors.invalid(&at, name, "may not be specified when 'hostNetwork' is true");
        }
        if is_ipc && spec.host_ipc() {
            errors.invalid(&at, name, "may not be specified when 'hostIPC' is true");
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let is_end = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.first().is_some_and(|b| is_end(*b))
            && bytes.last().is_some_and(|b| is_end(*b))
            && bytes.iter().all(|b| is_end(*b) || matches!(b, b'-' | b'_'))
    };
    name.len() <= SYSCTL_MAX && name.split(['.', '/']).all(is_part)
}

/// Checks the security context of a container.
pub(super) fn validate_container(container: Container<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(context) = container.security_context() else {
        return;
    };
    for (field, id) in
        [("runAsUser", context.run_as_user()), ("runAsGroup", context.run_as_group())]
    {
        if let Some(id) = id {
            in_range(id, 0, INT32_MAX, &at.child(field), errors);
        }
    }
    if let Some(mount) = context.proc_mount() {
        one_of(mount, &["Default", "Unmasked"], &at.child("procMount"), errors);
    }
    validate_seccomp(context.seccomp_profile(), &at.child("seccompProfile"), errors);
    validate_escalation(context, at, errors);
    validate_windows(context.windows_options(), &at.child("windowsOptions"), errors);
}

fn validate_escalation(context: SecurityContext<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if context.allow_privilege_escalation() != Some(false) {
        return;
    }
    let shown = || internal::print(SecurityContext::TYPE, context.value());
    if context.privileged() == Some(true) {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        errors.invalid(at, shown(), detail);
    }
    let added = context.capabilities().map(|capabilities| capabilities.add());
    for _ in added.into_iter().flatten().filter(|added| *added == "CAP_SYS_ADMIN") {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` \
            CAP_SYS_ADMIN";
        errors.invalid(at, shown(), detail);
    }
}

fn validate_seccomp(profile: Option<SeccompProfile<'_>>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(profile) = profile else { return };
    let types = ["Localhost", "RuntimeDefault", "Unconfined"];
    match profile.type_() {
        "" => errors.required(&at.child("type"), "type is required when seccompProfile is set"),
        ty => one_of(ty, &types, &at.child("type"), errors),
    }
    let at = at.child("localhostProfile");
    match (profile.type_(), profile.localhost_profile()) {
        ("Localhost", None) => {
            errors.required(&at, "must be set when seccomp type is Localhost");
        }
        ("Localhost", Some(path)) => local_descending_path(path, &at, errors),
        (_, Some(_)) => {
            let shown = internal::print(SeccompProfile::TYPE, profile.value());
            errors.invalid(&at, shown, "can only be set when seccomp type is Localhost");
        }
        (_, None) => {}
    }
}

fn validate_windows(
    options: Option<WindowsSecurityContextOptions<'_>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let Some(options) = options else { return };
    if let Some(name) = options.gmsa_credential_spec_name() {
        let at = at.child("gmsaCredentialSpecName");
        crate::rules::check(api::validation::dns1123_subdomain, name, &at, errors);
    }
    if options.gmsa_credential_spec() == Some("") {
        let at = at.child("gmsaCredentialSpec");
        errors.invalid(&at, "", "gmsaCredentialSpec cannot be an empty string");
    }
    if options.run_as_user_name() == Some("") {
        let at = at.child("runAsUserName");
        errors.invalid(&at, "", "runAsUserName cannot be an empty string");
    }
}

/// Checks what a Pod with users of its own must not share with its node.
pub(super) fn validate_host_users(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if spec.host_users() != Some(false) {
        return;
    }
    for (field, is_set) in [
        ("hostNetwork", spec.host_network()),
        ("HostPID", spec.host_pid()),
        ("HostIPC", spec.host_ipc()),
    ] {
        if is_set {
            errors.forbidden(&at.child(field), "when `hostUsers` is false");
        }
    }
}

/// Checks the operating system, and what each does not have.
pub(super) fn validate_os(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(os) = spec.os() else { return };
    let os_at = at.child("os");
    match os.name() {
        "" => errors.required(&os_at.child("name"), "cannot be empty"),
        "linux" => validate_linux(spec, at, errors),
        "windows" => validate_not_linux(spec, at, errors),
        other => one_of_required(other, &["linux", "windows"], &os_at.child("name"), errors),
    }
}

fn validate_linux(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let detail = "windows options cannot be set for a linux pod";
    let has_options = |context: &api::Value| !context.get(&names::WINDOWS_OPTIONS).is_null();
    if has_options(spec.value().get(&names::SECURITY_CONTEXT)) {
        let at = at.child("securityContext");
        errors.forbidden(&at.child("windowsOptions"), detail);
    }
    for (field, key) in CONTAINER_LISTS {
        let list = at.child(field);
        for (i, container) in spec.value().get(key).items().iter().enumerate() {
            if has_options(container.get(&names::SECURITY_CONTEXT)) {
                let at = list.index(i);
                let at = at.child("securityContext");
                errors.forbidden(&at.child("windowsOptions"), detail);
            }
        }
    }
}

const CONTAINER_LISTS: [(&str, &api::Key); 3] = [
    ("initContainers", &names::INIT_CONTAINERS),
    ("containers", &names::CONTAINERS),
    ("ephemeralContainers", &names::EPHEMERAL_CONTAINERS),
];

fn validate_not_linux(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let detail = "cannot be set for a windows pod";
    let pod = spec.value();
    let context_at = at.child("securityContext");
    let context = pod.get(&names::SECURITY_CONTEXT);
    for (field, key) in WINDOWS_LACKS_IN_POD_CONTEXT {
        if !context.get(key).is_null() {
            errors.forbidden(&context_at.child(field), detail);
        }
    }
    for (field, is_set) in [
        ("hostPID", spec.host_pid()),
        ("hostIPC", spec.host_ipc()),
        ("shareProcessNamespace", spec.share_process_namespace().is_some()),
    ] {
        if is_set {
            errors.forbidden(&at.child(field), detail);
        }
    }
    for (field, key) in CONTAINER_LISTS {
        let list = at.child(field);
        for (i, container) in pod.get(key).items().iter().enumerate() {
            let at = list.index(i);
            let at = at.child("securityContext");
            let context = container.get(&names::SECURITY_CONTEXT);
            for (field, key) in WINDOWS_LACKS_IN_CONTEXT {
                if !context.get(key).is_null() {
                    errors.forbidden(&at.child(field), detail);
                }
            }
        }
    }
}

const WINDOWS_LACKS_IN_POD_CONTEXT: [(&str, &api::Key); 9] = [
    ("seLinuxOptions", &names::SE_LINUX_OPTIONS),
    ("seccompProfile", &names::SECCOMP_PROFILE),
    ("fsGroup", &names::FS_GROUP),
    ("fsGroupChangePolicy", &names::FS_GROUP_CHANGE_POLICY),
    ("sysctls", &names::SYSCTLS),
    ("runAsUser", &names::RUN_AS_USER),
    ("runAsGroup", &names::RUN_AS_GROUP),
    ("supplementalGroups", &names::SUPPLEMENTAL_GROUPS),
    ("hostUsers", &names::HOST_USERS),
];

const WINDOWS_LACKS_IN_CONTEXT: [(&str, &api::Key); 9] = [
    ("seLinuxOptions", &names::SE_LINUX_OPTIONS),
    ("seccompProfile", &names::SECCOMP_PROFILE),
    ("capabilities", &names::CAPABILITIES),
    ("readOnlyRootFilesystem", &names::READ_ONLY_ROOT_FILESYSTEM),
    ("privileged", &names::PRIVILEGED),
    ("allowPrivilegeEscalation", &names::ALLOW_PRIVILEGE_ESCALATION),
    ("procMount", &names::PROC_MOUNT),
    ("runAsUser", &names::RUN_AS_USER),
    ("runAsGroup", &names::RUN_AS_GROUP),
];
