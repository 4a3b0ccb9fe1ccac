//! alpine: a small distribution around busybox's tools.

use crate::{Image, NetworkTools};
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/alpine",
    tags: &["latest", "edge", "3", "3.16", "3.17", "3.18", "3.18.4", "3.19", "3.19.1", "3.20"],
    size_bytes: 3_400_000,
    command: &["/bin/sh"],
    userland: Userland::busybox,
    files: &[
        (
            "/etc/os-release",
            "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.1\n\
             PRETTY_NAME=\"Alpine Linux v3.19\"\n",
        ),
        ("/etc/alpine-release", "3.19.1\n"),
    ],
    network_tools: NetworkTools::Busybox,
    ..Image::BASE
};
