//! debian: a distribution with GNU's tools.

use crate::Image;
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/debian",
    tags: &["latest", "stable", "bookworm", "bookworm-slim", "bullseye", "11", "12", "stable-slim"],
    size_bytes: 49_600_000,
    command: &["bash"],
    userland: Userland::gnu,
    ..Image::BASE
};
