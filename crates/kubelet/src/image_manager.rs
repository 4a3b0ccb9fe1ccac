//! Images on a node: which are there, and how others come.

use crate::Shared;
use crate::backoff::Backoff;
use crate::node::Pulls;
use api::{List, Value, list, object};
use images::{Image, Lookup, Reference, digest};
use sim::{Duration, Time};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The images of one node.
pub(crate) struct ImageStore {
    present: BTreeSet<String>,
    /// Those that a pull which has begun or waits for its turn will bring.
    coming: BTreeSet<String>,
    /// Pulls that failed, by Pod and image.
    pub(crate) backoff: Backoff<(Rc<str>, String)>,
    /// `--serialize-image-pulls`: one pull at a time; when the present one ends.
    pub(crate) busy_until: Time,
}

/// An image that is there.
pub(crate) struct Present {
    pub(crate) image: &'static Image,
    /// `docker.io/library/nginx:1.25.3`
    pub(crate) name: Rc<str>,
    /// `docker.io/library/nginx@sha256:…`
    pub(crate) id: Rc<str>,
    pub(crate) tag: String,
}

/// Why an image is not there, as the kubelet and the runtime say it.
pub(crate) struct Missing {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// A pull that has begun.
pub(crate) struct Pull {
    pub(crate) reference: Reference,
    pub(crate) began: Time,
    /// When it got its turn.
    pub(crate) started: Time,
    pub(crate) ends: Time,
}

impl ImageStore {
    pub(crate) fn new(images: &[String]) -> ImageStore {
        ImageStore {
            present: images.iter().cloned().collect(),
            coming: BTreeSet::new(),
            backoff: Backoff::default(),
            busy_until: Time::EPOCH,
        }
    }

    /// Whether an image is on the node.
    pub(crate) fn has(&self, reference: &Reference) -> bool {
        self.present.contains(&reference.to_string())
    }

    /// The image, if it is on the node and known.
    pub(crate) fn present(&self, reference: &Reference, shared: &Shared) -> Option<Present> {
        if !self.has(reference) {
            return None;
        }
        match shared.catalogue.find(reference) {
            Lookup::Found(image) => {
                let repository = reference.repository();
                let sha = digest(&format!("{repository}:{}", reference.tag));
                Some(Present {
                    image,
                    name: reference.to_string().into(),
                    id: format!("{repository}@sha256:{sha}").into(),
                    tag: reference.tag.clone(),
                })
            }
            _ => None,
        }
    }

    /// Begins to pull, as soon as the pull before has ended.
    pub(crate) fn begin_pull(
        &mut self,
        reference: Reference,
        pulls: &Pulls,
        shared: &mut Shared,
    ) -> Pull {
        let now = shared.sim.now();
        // Pulls take turns: when this one gets its own, those before it are done, and only looks
        // whether the image is still the one of the registry.
        let will_be_there = self.has(&reference) || self.coming.contains(&reference.to_string());
        let duration = pull_duration(&reference, pulls, will_be_there, shared);
        if let Lookup::Found(_) = shared.catalogue.find(&reference) {
            self.coming.insert(reference.to_string());
        }
        let started = self.busy_until.max(now);
        let ends = started + duration;
        self.busy_until = ends;
        Pull { reference, began: now, started, ends }
    }

    /// What a pull has brought.
    pub(crate) fn end_pull(&mut self, pull: &Pull, shared: &Shared) -> Result<Present, Missing> {
        if let Lookup::Found(_) = shared.catalogue.find(&pull.reference) {
            let name = pull.reference.to_string();
            self.coming.remove(&name);
            self.present.insert(name);
        }
        self.present(&pull.reference, shared).ok_or_else(|| Missing {
            reason: "ErrImagePull",
            message: pull_error(&pull.reference, shared),
        })
    }

    /// The list that the node reports.
    pub(crate) fn to_value(&self) -> Value {
        let image = |name: &String| {
            let repository =
                name.rsplit_once(':').map_or(name.as_str(), |(repository, _)| repository);
            let size = 1_000_000 + (digest(name).len() as i64) * 100_000;
            object! {
                "names": list![format!("{repository}@sha256:{}", digest(name)), name.clone()],
                "sizeBytes": size,
            }
        };
        Value::List(self.present.iter().map(image).collect::<List>())
    }
}

fn pull_duration(
    reference: &Reference,
    pulls: &Pulls,
    is_present: bool,
    shared: &mut Shared,
) -> Duration {
    let found = match shared.catalogue.find(reference) {
        Lookup::Found(image) => Some(image),
        _ => None,
    };
    let middle = match pulls {
        Pulls::Fixed(_, check) if is_present => *check,
        Pulls::Fixed(first, _) => {
            return *first + Duration::from_millis(u64::from(shared.rng.below(12)));
        }
        Pulls::BySize(_) if is_present => Duration::from_millis(1_200),
        Pulls::BySize(bytes_per_second) => {
            let size = found.map_or(0, |image| image.size_bytes);
            Duration::from_millis(1_500 + size * 1_000 / (*bytes_per_second).max(1))
        }
    };
    shared.rng.around(middle, 2)
}

/// The runtime's words; only a missing tag keeps the code that gRPC gave it.
fn pull_error(reference: &Reference, shared: &Shared) -> String {
    let full = reference.to_string();
    let prefix = format!(
        "failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": "
    );
    match shared.catalogue.find(reference) {
        Lookup::Found(_) | Lookup::NoTag => {
            format!("rpc error: code = NotFound desc = {prefix}{full}: not found")
        }
        Lookup::Denied => format!(
            "{prefix}pull access denied, repository does not exist or may require authorization: \
             server message: insufficient_scope: authorization failed"
        ),
        Lookup::NoHost => {
            let (host, path, tag) = (&reference.registry, &reference.path, &reference.tag);
            format!(
                "{prefix}failed to do request: Head \"https://{host}/v2/{path}/manifests/{tag}\": \
                 dial tcp: lookup {host} on 192.168.65.254:53: no such host"
            )
        }
    }
}
