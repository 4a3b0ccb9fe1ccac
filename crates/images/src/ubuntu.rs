//! ubuntu: a distribution with GNU's tools.

use crate::Image;
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/ubuntu",
    tags: &["latest", "20.04", "22.04", "23.10", "24.04", "focal", "jammy", "noble"],
    size_bytes: 29_500_000,
    command: &["/bin/bash"],
    userland: Userland::gnu,
    files: &[(
        "/etc/os-release",
        "PRETTY_NAME=\"Ubuntu 22.04.4 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\n\
         VERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n",
    )],
    ..Image::BASE
};
