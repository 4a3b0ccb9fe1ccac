//! What the level `restricted` asks for beyond `baseline`, in the order in which it is told.

use super::baseline::seccomp_details;
use super::checks::{Violation, containers, many, named, note, quoted_name, sorted, text};
use api::Value;

/// The sources of volumes that Pods may use.
const VOLUMES: [&str; 8] = [
    "configMap",
    "downwardAPI",
    "emptyDir",
    "projected",
    "secret",
    "persistentVolumeClaim",
    "ephemeral",
    "csi",
];

/// Notes what is wrong.
pub(super) fn check(spec: &Value, violations: &mut Vec<Violation>) {
    let is_windows = spec["os"]["name"] == "windows";
    if !is_windows {
        allow_privilege_escalation(spec, violations);
        capabilities(spec, violations);
    }
    volumes(spec, violations);
    run_as_non_root(spec, violations);
    run_as_user(spec, violations);
    if !is_windows {
        seccomp(spec, violations);
    }
}

fn allow_privilege_escalation(spec: &Value, violations: &mut Vec<Violation>) {
    let bad = named(spec, |container| {
        container["securityContext"]["allowPrivilegeEscalation"].as_bool() != Some(false)
    });
    let detail = many("container", &bad)
        .map(|who| format!("{who} must set securityContext.allowPrivilegeEscalation=false"));
    note(violations, "allowPrivilegeEscalation != false", detail.into_iter().collect());
}

fn capabilities(spec: &Value, violations: &mut Vec<Violation>) {
    let of = |container: &Value| container["securityContext"]["capabilities"].clone();
    let keeping =
        named(spec, |container| !of(container)["drop"].items().iter().any(|c| *c == "ALL"));
    let added = |container: &Value| -> Vec<String> {
        let capabilities = of(container);
        let added = capabilities["add"].items().iter();
        added.filter(|c| **c != "NET_BIND_SERVICE").map(|c| api::go::quote(text(c))).collect()
    };
    let adding = named(spec, |container| !added(container).is_empty());
    let extra = sorted(containers(spec).flat_map(added).collect());
    let mut details: Vec<String> = Vec::new();
    details.extend(
        many("container", &keeping)
            .map(|who| format!("{who} must set securityContext.capabilities.drop=[\"ALL\"]")),
    );
    details.extend(many("container", &adding).map(|who| {
        format!("{who} must not include {} in securityContext.capabilities.add", extra.join(", "))
    }));
    note(violations, "unrestricted capabilities", details);
}

fn volumes(spec: &Value, violations: &mut Vec<Violation>) {
    let source = |volume: &Value| -> Option<String> {
        let map = volume.as_map()?;
        let mut sources = map.iter().map(|(key, _)| key.as_str()).filter(|key| *key != "name");
        sources.find(|source| !VOLUMES.contains(source)).map(str::to_owned)
    };
    let items = spec["volumes"].items();
    let bad: Vec<String> =
        items.iter().filter(|volume| source(volume).is_some()).map(quoted_name).collect();
    let kinds = sorted(items.iter().filter_map(source).map(|s| api::go::quote(&s)).collect());
    let detail = many("volume", &bad).map(|which| {
        let verb = if bad.len() == 1 { "uses" } else { "use" };
        let word = if kinds.len() == 1 { "type" } else { "types" };
        format!("{which} {verb} restricted volume {word} {}", kinds.join(", "))
    });
    note(violations, "restricted volume types", detail.into_iter().collect());
}

fn run_as_non_root(spec: &Value, violations: &mut Vec<Violation>) {
    const REASON: &str = "runAsNonRoot != true";
    let of = |part: &Value| part["securityContext"]["runAsNonRoot"].as_bool();
    let explicit = named(spec, |container| of(container) == Some(false));
    let mut setters: Vec<String> = Vec::new();
    if of(spec) == Some(false) {
        setters.push("pod".into());
    }
    setters.extend(many("container", &explicit));
    if !setters.is_empty() {
        let who = setters.join(" and ");
        let detail = format!("{who} must not set securityContext.runAsNonRoot=false");
        note(violations, REASON, vec![detail]);
        return;
    }
    let open = named(spec, |container| of(container).is_none());
    if of(spec) != Some(true)
        && let Some(who) = many("container", &open)
    {
        let detail = format!("pod or {who} must set securityContext.runAsNonRoot=true");
        note(violations, REASON, vec![detail]);
    }
}

fn run_as_user(spec: &Value, violations: &mut Vec<Violation>) {
    let is_root = |part: &Value| part["securityContext"]["runAsUser"].as_i64() == Some(0);
    let mut setters: Vec<String> = Vec::new();
    if is_root(spec) {
        setters.push("pod".into());
    }
    setters.extend(many("container", &named(spec, is_root)));
    if !setters.is_empty() {
        let detail = format!("{} must not set runAsUser=0", setters.join(" and "));
        note(violations, "runAsUser=0", vec![detail]);
    }
}

fn seccomp(spec: &Value, violations: &mut Vec<Violation>) {
    let mut details = seccomp_details(spec);
    let of = |part: &Value| text(&part["securityContext"]["seccompProfile"]["type"]).to_owned();
    if details.is_empty() && of(spec).is_empty() {
        let open = named(spec, |container| of(container).is_empty());
        details.extend(many("container", &open).map(|who| {
            format!(
                "pod or {who} must set securityContext.seccompProfile.type to \"RuntimeDefault\" \
                 or \"Localhost\""
            )
        }));
    }
    note(violations, "seccompProfile", details);
}
