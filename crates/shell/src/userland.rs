//! Files and programs that machines begin with.

use crate::fs::{Device, FileSystem, Image};
use crate::program::{Programs, executable};
use crate::tools;
use sim::Sim;

/// Where programs are looked for when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Whose tools a machine has: their options and their messages differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// GNU coreutils and bash, as on Debian; `sh` is dash.
    Gnu,
    /// busybox; `sh` is ash.
    Busybox,
}

/// A root file system and the programs in it. Make it once, then many machines from it.
#[derive(Clone)]
pub struct Userland {
    /// The tree.
    pub image: Image,
    /// What its executable files run.
    pub programs: Programs,
    /// Whose tools these are.
    pub flavour: Flavour,
}

impl Userland {
    /// What Debian brings: bash, dash, GNU tools.
    pub fn gnu(sim: &Sim) -> Userland {
        Userland::with_tools(sim, Flavour::Gnu)
    }

    /// What the busybox image brings.
    pub fn busybox(sim: &Sim) -> Userland {
        Userland::with_tools(sim, Flavour::Busybox)
    }

    /// What an image built from scratch has: devices and nothing else.
    pub fn scratch(sim: &Sim) -> Userland {
        let files = FileSystem::new(sim);
        // Writing into an empty file system can only fail past its limits.
        let _ = add_devices(&files);
        Userland { image: files.image(), programs: Programs::new(), flavour: Flavour::Busybox }
    }

    fn with_tools(sim: &Sim, flavour: Flavour) -> Userland {
        let files = FileSystem::new(sim);
        let mut programs = Programs::new();
        let _ = add_devices(&files).and_then(|()| add_directories(&files, flavour));
        tools::install(flavour, &mut |path, name, program| {
            programs.add(name, program);
            let _ = files.write_file(path, &executable(name), 0o755);
        });
        Userland { image: files.image(), programs, flavour }
    }

    /// The same with another file in it.
    pub fn with_file(mut self, sim: &Sim, path: &str, bytes: &[u8]) -> Userland {
        let files = FileSystem::of_image(sim, &self.image);
        if files.write_file(path, bytes, 0o644).is_ok() {
            self.image = files.image();
        }
        self
    }

    /// The same with another program in it.
    pub fn with_program(
        mut self,
        sim: &Sim,
        path: &str,
        program: impl crate::Program + 'static,
    ) -> Userland {
        let files = FileSystem::of_image(sim, &self.image);
        if files.write_file(path, &executable(path), 0o755).is_ok() {
            self.programs.add(path, program);
            self.image = files.image();
        }
        self
    }
}

fn add_devices(files: &FileSystem) -> Result<(), crate::Errno> {
    let devices = [
        ("null", Device::Null),
        ("zero", Device::Zero),
        ("full", Device::Full),
        ("random", Device::Random),
        ("urandom", Device::Random),
        ("tty", Device::Tty),
    ];
    files.create_directories("/dev")?;
    for (name, device) in devices {
        files.create_device(&format!("/dev/{name}"), device)?;
    }
    files.create_link("/dev/fd", "/proc/self/fd")?;
    for (number, name) in ["stdin", "stdout", "stderr"].iter().enumerate() {
        files.create_link(&format!("/dev/{name}"), &format!("/proc/self/fd/{number}"))?;
    }
    files.create_directories("/proc")
}

fn add_directories(files: &FileSystem, flavour: Flavour) -> Result<(), crate::Errno> {
    for directory in ["/bin", "/etc", "/home", "/root", "/tmp", "/usr/bin", "/usr/sbin", "/var"] {
        files.create_directories(directory)?;
    }
    files.set_mode("/tmp", 0o1777)?;
    files.set_mode("/root", 0o700)?;
    let (shell, passwd_more) = match flavour {
        Flavour::Gnu => ("/bin/bash", "learner:x:1000:1000:learner:/home/learner:/bin/bash\n"),
        Flavour::Busybox => ("/bin/sh", ""),
    };
    let passwd = format!(
        "root:x:0:0:root:/root:{shell}\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n\
         nobody:x:65534:65534:nobody:/home:/bin/false\n{passwd_more}"
    );
    let group_more = if passwd_more.is_empty() { "" } else { "learner:x:1000:\n" };
    let group = format!("root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n{group_more}");
    files.write_file("/etc/passwd", passwd.as_bytes(), 0o644)?;
    files.write_file("/etc/group", group.as_bytes(), 0o644)?;
    files.write_file("/etc/hosts", b"127.0.0.1\tlocalhost\n", 0o644)
}
