//! `--profile`: what the new container may do.

use crate::errors::{Result, bail};
use api::{Value, list, object};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Legacy,
    General,
    Baseline,
    NetAdmin,
    Restricted,
}

impl Profile {
    pub(super) fn parse(name: &str) -> Result<Profile> {
        Ok(match name {
            "legacy" => Profile::Legacy,
            "general" => Profile::General,
            "baseline" => Profile::Baseline,
            "netadmin" => Profile::NetAdmin,
            "restricted" => Profile::Restricted,
            other => bail!("unknown profile: {other}"),
        })
    }

    /// Gives a container in a Pod what it may do.
    pub(super) fn secure(self, container: &mut Value) {
        let context = match self {
            Profile::Legacy | Profile::Baseline => return,
            Profile::General => object! {
                "capabilities": object! { "add": list!["SYS_PTRACE"] },
            },
            Profile::NetAdmin => object! {
                "capabilities": object! { "add": list!["NET_ADMIN", "NET_RAW"] },
            },
            Profile::Restricted => object! {
                "allowPrivilegeEscalation": false,
                "capabilities": object! { "drop": list!["ALL"] },
                "runAsNonRoot": true,
                "seccompProfile": object! { "type": "RuntimeDefault" },
            },
        };
        container.make_map().insert("securityContext", context);
    }

    /// The same for the container of a Pod on a node, which may see the node itself.
    pub(super) fn prepare_node(self, spec: &mut Value, container: &mut Value) {
        let sees_host = matches!(self, Profile::Legacy | Profile::General | Profile::NetAdmin);
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if sees_host {
                spec.make_map().insert(field, true);
            }
        }
        if matches!(self, Profile::Legacy | Profile::General) {
            let root = object! { "name": "host-root", "hostPath": object! { "path": "/" } };
            spec.make_map().insert("volumes", list![root]);
            let mount = object! { "name": "host-root", "mountPath": "/host" };
            container.make_map().insert("volumeMounts", list![mount]);
        } else {
            self.secure(container);
        }
    }
}
