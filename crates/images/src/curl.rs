//! curlimages/curl: curl, and busybox's tools around it.

use crate::{Image, NetworkTools};
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/curlimages/curl",
    tags: &["latest", "7.88.1", "8.4.0", "8.5.0", "8.6.0", "8.8.0", "8.11.0"],
    size_bytes: 9_500_000,
    entrypoint: &["/entrypoint.sh"],
    command: &["curl"],
    working_directory: "/home/curl_user",
    userland: |sim| {
        let userland = Userland::busybox(sim);
        let files = shell::fs::FileSystem::of_image(sim, &userland.image);
        // Writing two small files into a fresh file system cannot fail.
        let _ = files.write_file("/entrypoint.sh", ENTRYPOINT.as_bytes(), 0o755);
        let _ = files.create_directories("/home/curl_user");
        Userland { image: files.image(), ..userland }
    },
    network_tools: NetworkTools::Curl,
    ..Image::BASE
};

/// Options alone are options of curl.
const ENTRYPOINT: &str =
    "#!/bin/sh\ncase \"$1\" in\n-*) set -- curl \"$@\" ;;\nesac\nexec \"$@\"\n";
