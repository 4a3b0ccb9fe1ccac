//! The catalogue of container images, and what the programs in them do.
//!
//! One file per image. An image that only serves requests is described, not run: its containers
//! cost no process until somebody looks inside. What has a shell runs on a `shell::Machine`.

mod alpine;
mod busybox;
mod component;
mod coredns;
mod curl;
mod debian;
mod etcd;
mod hello_server;
mod http;
mod httpd;
mod kindnetd;
mod kube_apiserver;
mod kube_controller_manager;
mod kube_proxy;
mod kube_scheduler;
mod local_path_provisioner;
mod nginx;
mod pause;
mod postgres;
mod redis;
mod reference;
mod service;
mod ubuntu;

pub use http::{format_response, parse_request};
pub use reference::{Reference, ReferenceError};
pub use service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};

use shell::{Context, Userland};
use sim::Sim;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// The programs of an image that use the network. The network brings them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkTools {
    /// None.
    None,
    /// `curl`
    Curl,
    /// busybox's `wget` and `nslookup`
    Busybox,
}

/// An image of the catalogue.
pub struct Image {
    /// The full name of its repository: `docker.io/library/nginx`.
    pub repository: &'static str,
    /// The tags that exist in the registry.
    pub tags: &'static [&'static str],
    /// The size that a node reports, in bytes.
    pub size_bytes: u64,
    /// `ENTRYPOINT`
    pub entrypoint: &'static [&'static str],
    /// `CMD`
    pub command: &'static [&'static str],
    /// `ENV`, besides `PATH`.
    pub environment: &'static [(&'static str, &'static str)],
    /// A variable more, which depends on the tag.
    pub tag_variable: Option<(&'static str, fn(tag: &str) -> String)>,
    /// `WORKDIR`
    pub working_directory: &'static str,
    /// `STOPSIGNAL`
    pub stop_signal: &'static str,
    /// Its tools, and the files that come with them.
    pub userland: fn(&Sim) -> Userland,
    /// Its own files: path and content.
    pub files: &'static [(&'static str, &'static str)],
    /// Its own programs, beside the server that it starts: path and what runs.
    pub programs: &'static [(&'static str, ImageProgram)],
    /// The programs in it that use the network.
    pub network_tools: NetworkTools,
    /// The server that its entrypoint starts, for the tag; `None` if it runs a plain program.
    pub service: Option<fn(tag: &str) -> Box<dyn Service>>,
}

impl Image {
    /// What an image looks like that states nothing else.
    pub const BASE: Image = Image {
        repository: "",
        tags: &[],
        size_bytes: 0,
        entrypoint: &[],
        command: &[],
        environment: &[],
        tag_variable: None,
        working_directory: "/",
        stop_signal: "SIGTERM",
        userland: Userland::scratch,
        files: &[],
        programs: &[],
        network_tools: NetworkTools::None,
        service: None,
    };
}

/// A program of an image.
pub type ImageProgram = fn(Context) -> Pin<Box<dyn Future<Output = i32>>>;

impl Image {
    /// Its own file at this path.
    pub fn file(&self, path: &str) -> Option<&'static str> {
        self.files.iter().find(|(own, _)| *own == path).map(|(_, content)| *content)
    }

    fn complete(&self, sim: &Sim) -> Userland {
        let tools = (self.userland)(sim);
        let with_files = self
            .files
            .iter()
            .fold(tools, |made, (path, content)| made.with_file(sim, path, content.as_bytes()));
        let with_program = |made: Userland, (path, program): &(&str, ImageProgram)| {
            made.with_program(sim, path, *program)
        };
        self.programs.iter().fold(with_files, with_program)
    }
}

/// Every image.
static ALL: &[&Image] = &[
    &alpine::IMAGE,
    &busybox::IMAGE,
    &coredns::IMAGE,
    &curl::IMAGE,
    &debian::IMAGE,
    &etcd::IMAGE,
    &hello_server::IMAGE,
    &httpd::IMAGE,
    &kindnetd::IMAGE,
    &kube_apiserver::IMAGE,
    &kube_controller_manager::IMAGE,
    &kube_proxy::IMAGE,
    &kube_scheduler::IMAGE,
    &local_path_provisioner::IMAGE,
    &nginx::IMAGE,
    &pause::IMAGE,
    &postgres::IMAGE,
    &redis::IMAGE,
    &ubuntu::IMAGE,
];

/// What a registry answers about an image.
pub enum Lookup {
    /// It exists.
    Found(&'static Image),
    /// The repository has no such tag.
    NoTag,
    /// The registry has no such repository, or hides it.
    Denied,
    /// There is no such registry.
    NoHost,
}

/// The images that can be pulled, and the userlands that their containers share.
pub struct Catalogue {
    userlands: BTreeMap<&'static str, Userland>,
}

impl Catalogue {
    /// The catalogue.
    pub fn new() -> Catalogue {
        Catalogue { userlands: BTreeMap::new() }
    }

    /// Looks a reference up, as the registry that it names would.
    pub fn find(&self, reference: &Reference) -> Lookup {
        let repository = reference.repository();
        let image = ALL.iter().find(|image| image.repository == repository);
        match image {
            Some(image) if image.tags.contains(&reference.tag.as_str()) => Lookup::Found(image),
            Some(_) => Lookup::NoTag,
            None if is_known_registry(&reference.registry) => Lookup::Denied,
            None => Lookup::NoHost,
        }
    }

    /// All images.
    pub fn images(&self) -> &'static [&'static Image] {
        ALL
    }

    /// The files and tools that containers of an image begin with.
    pub fn userland(&mut self, image: &'static Image, sim: &Sim) -> Userland {
        self.userlands.entry(image.repository).or_insert_with(|| image.complete(sim)).clone()
    }
}

impl Default for Catalogue {
    fn default() -> Catalogue {
        Catalogue::new()
    }
}

fn is_known_registry(host: &str) -> bool {
    matches!(host, "docker.io" | "registry.k8s.io" | "ghcr.io" | "quay.io" | "gcr.io")
}

/// 64 hexadecimal digits that depend on nothing but the name: stands for a digest.
pub fn digest(name: &str) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut out = String::with_capacity(64);
    for round in 0..4_u64 {
        for byte in name.bytes() {
            state = (state ^ u64::from(byte) ^ round).wrapping_mul(0x0000_0100_0000_01b3);
        }
        state ^= state >> 29;
        out.push_str(&format!("{state:016x}"));
    }
    out
}
