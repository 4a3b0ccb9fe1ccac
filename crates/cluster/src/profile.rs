//! Cluster profiles: what hardware and what images a cluster has, as data.

use api::{Value, object};
use apiserver::Build;
use kubelet::Pulls;
use sim::Duration;

/// A kind of cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What a learner gets: plausible hardware, images that have to be pulled.
    Kind,
    /// What the recordings ran on.
    Recorded,
}

/// Amounts by resource.
pub(crate) type Amounts = &'static [(&'static str, &'static str)];

/// The facts of a profile.
pub(crate) struct Facts {
    /// What each machine has, and what of it Pods may use.
    pub(crate) capacity: Amounts,
    pub(crate) allocatable: Amounts,
    pub(crate) os_image: &'static str,
    pub(crate) kernel_version: &'static str,
    pub(crate) container_runtime: &'static str,
    pub(crate) machine_id: &'static str,
    /// What the API server was built from.
    pub(crate) build: Build,
    /// The images that are on every node from the start.
    pub(crate) images: &'static [&'static str],
    /// Whether every other image of the catalogue but these is there too.
    pub(crate) all_images_but: Option<&'static [&'static str]>,
    pub(crate) pulls: Pulls,
    /// Whether servers print what they print when they start.
    pub(crate) prints_server_logs: bool,
    /// Whether the control plane and the add-ons of kind run as Pods.
    pub(crate) has_system_pods: bool,
    /// Whether the only node of a cluster keeps the taint of the control plane.
    pub(crate) taints_single_node: bool,
}

const RECORDED_RESOURCES: Amounts = &[
    ("cpu", "2"),
    ("ephemeral-storage", "264212084Ki"),
    ("hugepages-1Gi", "0"),
    ("hugepages-2Mi", "0"),
    ("memory", "24684084Ki"),
    ("pods", "110"),
];

/// What a node image of kind brings.
const KIND_IMAGES: &[&str] = &[
    "docker.io/kindest/kindnetd:v20240202-8f1494ea",
    "docker.io/kindest/local-path-provisioner:v20240202-8f1494ea",
    "registry.k8s.io/coredns/coredns:v1.11.1",
    "registry.k8s.io/etcd:3.5.10-0",
    "registry.k8s.io/kube-apiserver:v1.29.0",
    "registry.k8s.io/kube-controller-manager:v1.29.0",
    "registry.k8s.io/kube-proxy:v1.29.0",
    "registry.k8s.io/kube-scheduler:v1.29.0",
    "registry.k8s.io/pause:3.9",
];

const KIND_RESOURCES: Amounts = &[
    ("cpu", "4"),
    ("ephemeral-storage", "61202244Ki"),
    ("hugepages-1Gi", "0"),
    ("hugepages-2Mi", "0"),
    ("memory", "8125424Ki"),
    ("pods", "110"),
];

impl Profile {
    /// The name by which a session chooses it.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Kind => "kind",
            Profile::Recorded => "recorded",
        }
    }

    /// The profile of that name.
    pub fn find(name: &str) -> Option<Profile> {
        [Profile::Kind, Profile::Recorded].into_iter().find(|profile| profile.name() == name)
    }

    pub(crate) fn facts(self) -> Facts {
        match self {
            Profile::Recorded => Facts {
                capacity: RECORDED_RESOURCES,
                allocatable: RECORDED_RESOURCES,
                os_image: "Debian GNU/Linux 12 (bookworm)",
                kernel_version: "6.6.0",
                container_runtime: "containerd://1.7.1",
                machine_id: "00000000000000000000000000000001",
                // Built from an archive of the source, which knows no commit.
                build: Build {
                    major: "",
                    minor: "",
                    git_commit: "$Format:%H$",
                    git_tree_state: "",
                    build_date: "1970-01-01T00:00:00Z",
                    go_version: "go1.21.13",
                    ..Build::RELEASE
                },
                images: &[],
                all_images_but: Some(&[
                    "docker.io/library/nginx:1.14.2",
                    "docker.io/library/nginx:1.21.6",
                ]),
                pulls: Pulls::Fixed(Duration::from_millis(1_500), Duration::from_millis(400)),
                prints_server_logs: false,
                has_system_pods: false,
                taints_single_node: false,
            },
            Profile::Kind => Facts {
                capacity: KIND_RESOURCES,
                allocatable: KIND_RESOURCES,
                os_image: "Debian GNU/Linux 11 (bullseye)",
                kernel_version: "6.6.16-linuxkit",
                container_runtime: "containerd://1.7.1",
                machine_id: "5f3c1e0a9d2b4c6e8f7a6b5c4d3e2f10",
                build: Build::RELEASE,
                images: KIND_IMAGES,
                all_images_but: None,
                // A home connection: about 80 Mbit/s of compressed layers.
                pulls: Pulls::BySize(24_000_000),
                prints_server_logs: true,
                has_system_pods: true,
                taints_single_node: false,
            },
        }
    }
}

impl Facts {
    /// `status.nodeInfo`
    pub(crate) fn node_info(&self) -> Value {
        let id = self.machine_id;
        let uuid =
            format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]);
        object! {
            "architecture": "amd64",
            "bootID": uuid.clone(),
            "containerRuntimeVersion": self.container_runtime,
            "kernelVersion": self.kernel_version,
            "kubeProxyVersion": "v1.29.0",
            "kubeletVersion": "v1.29.0",
            "machineID": id,
            "operatingSystem": "linux",
            "osImage": self.os_image,
            "systemUUID": uuid,
        }
    }
}
