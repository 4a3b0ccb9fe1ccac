//! busybox: a shell and its tools.

use crate::{Image, NetworkTools};
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/busybox",
    tags: &[
        "latest", "1", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.36.0", "1.36.1", "1.37",
        "glibc", "musl", "stable", "unstable", "uclibc", "1.28", "1.28.4",
    ],
    size_bytes: 2_154_000,
    command: &["sh"],
    userland: Userland::busybox,
    network_tools: NetworkTools::Busybox,
    ..Image::BASE
};
