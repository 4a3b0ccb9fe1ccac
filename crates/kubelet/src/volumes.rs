//! Volumes: file systems made of ConfigMaps, Secrets, fields of the Pod, or nothing.
//!
//! Files of ConfigMaps and Secrets are laid out as the kubelet's atomic writer does: the keys are
//! links into a dated directory, and an update changes one link.

use crate::Shared;
use crate::environment::{data_of_object, secret_kind};
use crate::node::Node;
use crate::pod::{EnvironmentMap, PodWorker};
use api::Views;
use api::core::v1::{KeyToPath, Volume};
use kinds::Kind;
use kinds::core::config_map;
use shell::fs::FileSystem;
use sim::Time;
use std::collections::BTreeMap;

/// The volumes of a Pod, by name.
#[derive(Default)]
pub(crate) struct MountedVolumes {
    volumes: BTreeMap<String, FileSystem>,
    /// Whether any of them shows an object that can change.
    pub(crate) can_change: bool,
}

/// A volume that cannot be mounted yet.
pub(crate) struct MountError {
    pub(crate) volume: String,
    pub(crate) message: String,
}

impl MountedVolumes {
    /// Mounts all volumes of a Pod.
    pub(crate) fn mount(
        node: &Node,
        worker: &PodWorker,
        shared: &Shared,
    ) -> Result<MountedVolumes, MountError> {
        let mut mounted = MountedVolumes::default();
        for volume in worker.pod().spec().volumes() {
            let files = FileSystem::new(&shared.sim);
            let mounting = match is_token(volume) {
                true => check_sources(worker, volume, shared).map(|()| false),
                false => fill(&files, node, worker, volume, shared),
            };
            mounted.can_change |= mounting
                .map_err(|message| MountError { volume: volume.name().to_owned(), message })?;
            mounted.volumes.insert(volume.name().to_owned(), files);
        }
        Ok(mounted)
    }

    /// Brings the files up to date with the objects they show.
    pub(crate) fn refresh(&self, node: &Node, worker: &PodWorker, shared: &Shared) {
        for volume in worker.pod().spec().volumes() {
            if let Some(files) = self.volumes.get(volume.name())
                && is_projected(volume)
                && !is_token(volume)
            {
                // What is gone keeps its last content, as on a real node.
                let _ = fill(files, node, worker, volume, shared);
            }
        }
    }

    /// Writes the files of the service account's token, which most Pods never read, for a
    /// container that runs processes.
    pub(crate) fn write_tokens(&self, node: &Node, worker: &PodWorker, shared: &Shared) {
        for volume in worker.pod().spec().volumes().filter(|volume| is_token(*volume)) {
            if let Some(files) = self.volumes.get(volume.name()) {
                // It was there when the volume was mounted.
                let _ = fill(files, node, worker, volume, shared);
            }
        }
    }

    /// The file system of a volume.
    pub(crate) fn get(&self, name: &str) -> Option<&FileSystem> {
        self.volumes.get(name)
    }
}

fn is_projected(volume: Volume<'_>) -> bool {
    volume.config_map().is_some()
        || volume.secret().is_some()
        || volume.projected().is_some()
        || volume.downward_api().is_some()
}

type Files = BTreeMap<String, Vec<u8>>;

/// Writes what the volume shows; true if that can change later.
fn fill(
    files: &FileSystem,
    node: &Node,
    worker: &PodWorker,
    volume: Volume<'_>,
    shared: &Shared,
) -> Result<bool, String> {
    let mut content = Files::new();
    let mut mode = 0o644;
    if let Some(source) = volume.config_map() {
        mode = source.default_mode().unwrap_or(mode);
        let optional = source.optional().unwrap_or(false);
        let what = Wanted { resource: "configmap", name: source.name(), optional };
        collect(&mut content, Some(&config_map::KIND), what, source.items(), worker, shared)?;
    } else if let Some(source) = volume.secret() {
        mode = source.default_mode().unwrap_or(mode);
        let optional = source.optional().unwrap_or(false);
        let what = Wanted { resource: "secret", name: source.secret_name(), optional };
        collect(&mut content, secret_kind(shared), what, source.items(), worker, shared)?;
    } else if let Some(source) = volume.projected() {
        mode = source.default_mode().unwrap_or(mode);
        for source in source.sources() {
            project(&mut content, node, worker, source, shared)?;
        }
    } else if let Some(source) = volume.downward_api() {
        mode = source.default_mode().unwrap_or(mode);
        downward(&mut content, node, worker, source.items());
    } else {
        return Ok(false);
    }
    write(files, &content, mode as u16, shared.sim.now());
    Ok(is_projected(volume) && !is_token(volume))
}

/// Whether it is the volume with a service account's token that admission adds: it shows nothing
/// that anybody changes.
fn is_token(volume: Volume<'_>) -> bool {
    volume.name().starts_with("kube-api-access-") && volume.projected().is_some()
}

/// Whether the ConfigMaps that a volume shows are there.
fn check_sources(worker: &PodWorker, volume: Volume<'_>, shared: &Shared) -> Result<(), String> {
    let sources = volume.projected().map(|projected| projected.sources());
    for source in sources.into_iter().flatten().filter_map(|source| source.config_map()) {
        let optional = source.optional().unwrap_or(false);
        let what = Wanted { resource: "configmap", name: source.name(), optional };
        let config_maps = Some(&config_map::KIND);
        collect(&mut Files::new(), config_maps, what, source.items(), worker, shared)?;
    }
    Ok(())
}

struct Wanted<'a> {
    resource: &'static str,
    name: &'a str,
    optional: bool,
}

fn collect(
    content: &mut Files,
    kind: Option<&'static Kind>,
    wanted: Wanted<'_>,
    items: Views<'_, KeyToPath<'_>>,
    worker: &PodWorker,
    shared: &Shared,
) -> Result<(), String> {
    let namespace = worker.pod().metadata().namespace();
    let object =
        kind.and_then(|kind| Some((kind, shared.client.get(kind, namespace, wanted.name)?)));
    let Some((kind, object)) = object else {
        if wanted.optional {
            return Ok(());
        }
        return Err(format!("{} \"{}\" not found", wanted.resource, wanted.name));
    };
    let data: EnvironmentMap = data_of_object(kind, &object);
    if items.is_empty() {
        content.extend(data.into_iter().map(|(key, text)| (key, text.into_bytes())));
        return Ok(());
    }
    for item in items {
        match data.get(item.key()) {
            Some(text) => {
                content.insert(item.path().to_owned(), text.clone().into_bytes());
            }
            None if wanted.optional => {}
            None => {
                return Err(format!("references non-existent config key: {}", item.key()));
            }
        }
    }
    Ok(())
}

fn project(
    content: &mut Files,
    node: &Node,
    worker: &PodWorker,
    source: api::core::v1::VolumeProjection<'_>,
    shared: &Shared,
) -> Result<(), String> {
    if let Some(source) = source.config_map() {
        let optional = source.optional().unwrap_or(false);
        let what = Wanted { resource: "configmap", name: source.name(), optional };
        collect(content, Some(&config_map::KIND), what, source.items(), worker, shared)?;
    }
    if let Some(source) = source.secret() {
        let optional = source.optional().unwrap_or(false);
        let what = Wanted { resource: "secret", name: source.name(), optional };
        collect(content, secret_kind(shared), what, source.items(), worker, shared)?;
    }
    if let Some(token) = source.service_account_token() {
        content.insert(token.path().to_owned(), token_of(worker).into_bytes());
    }
    if let Some(source) = source.downward_api() {
        downward(content, node, worker, source.items());
    }
    Ok(())
}

/// A text in the form of a signed token; nothing in the simulator verifies one.
fn token_of(worker: &PodWorker) -> String {
    let body = images::digest(&format!("token/{}", worker.uid));
    format!("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtvYmFrbyJ9.{body}.{}", images::digest(&body))
}

fn downward(
    content: &mut Files,
    node: &Node,
    worker: &PodWorker,
    items: Views<'_, api::core::v1::DownwardAPIVolumeFile<'_>>,
) {
    for item in items {
        let (name, ip) = (&node.config.name, &node.config.internal_ip);
        if let Some(field) = item.field_ref()
            && let Some(text) = worker.field(field.field_path(), name, ip)
        {
            content.insert(item.path().to_owned(), text.into_bytes());
        }
    }
}

fn write(files: &FileSystem, content: &Files, mode: u16, now: Time) {
    if shows(files, content) {
        return;
    }
    let date = now.rfc3339().replace(['-', 'T', ':'], "_");
    let directory =
        format!("..{}.{:010}", date.trim_end_matches('Z'), now.nanos() % 10_000_000_000);
    for name in files.names("/").unwrap_or_default() {
        let _ = files.remove_all(&format!("/{name}"));
    }
    // A volume past its size limit is cut short; the file system says so to whoever writes.
    let _ = files.create_directories(&format!("/{directory}"));
    for (path, bytes) in content {
        if let Some((parent, _)) = path.rsplit_once('/') {
            let _ = files.create_directories(&format!("/{directory}/{parent}"));
        }
        let _ = files.write_file(&format!("/{directory}/{path}"), bytes, mode);
        let first = path.split('/').next().unwrap_or(path);
        let _ = files.create_link(&format!("/{first}"), &format!("..data/{first}"));
    }
    let _ = files.create_link("/..data", &directory);
}

fn shows(files: &FileSystem, content: &Files) -> bool {
    let names = files.names("/..data").unwrap_or_default();
    let top: std::collections::BTreeSet<&str> =
        content.keys().map(|path| path.split('/').next().unwrap_or(path)).collect();
    !names.is_empty()
        && names.len() == top.len()
        && content.iter().all(|(path, bytes)| {
            files.read_file(&format!("/..data/{path}")).is_ok_and(|there| *there == *bytes)
        })
}
