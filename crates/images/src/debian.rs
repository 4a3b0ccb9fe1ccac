//! debian: a distribution with GNU's tools.

use crate::Image;
use shell::Userland;

/// Which system this is.
pub(crate) const RELEASE: (&str, &str) = (
    "/etc/os-release",
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
     VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n\
     HOME_URL=\"https://www.debian.org/\"\n",
);

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/debian",
    tags: &["latest", "stable", "bookworm", "bookworm-slim", "bullseye", "11", "12", "stable-slim"],
    size_bytes: 49_600_000,
    command: &["bash"],
    userland: Userland::gnu,
    files: &[RELEASE, ("/etc/debian_version", "12.5\n")],
    ..Image::BASE
};
