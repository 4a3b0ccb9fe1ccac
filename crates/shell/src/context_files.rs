//! The file system as a program sees it.

use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{Device, Kind, Metadata, OpenOptions, Opened};
use crate::stream::{Handle, Null, Random, Zero};
use std::cell::RefCell;
use std::rc::Rc;

impl Context {
    /// Opens a path.
    pub fn open(&self, path: &str, options: OpenOptions) -> Result<Handle, Errno> {
        if let Some(stream) = self.own_descriptor(path) {
            return stream;
        }
        self.prepare_proc(path);
        let opened = self.machine().files().open(&self.caller(), path, options)?;
        Ok(match opened {
            Opened::File(file) => Rc::new(file),
            Opened::Device(Device::Null) => Rc::new(Null),
            Opened::Device(Device::Zero) => Rc::new(Zero { is_full: false }),
            Opened::Device(Device::Full) => Rc::new(Zero { is_full: true }),
            Opened::Device(Device::Random) => {
                Rc::new(Random(RefCell::new(self.machine().split_rng())))
            }
            Opened::Device(Device::Tty) => Rc::new(self.terminal().ok_or(Errno::ENOTTY)?),
        })
    }

    /// Opens a path to read it, `-` being standard input; a directory is an error at once.
    pub fn open_input(&self, path: &str) -> Result<Handle, Errno> {
        if path == "-" { self.stream(0) } else { self.open(path, OpenOptions::READ) }
    }

    /// Paths that mean a descriptor, one's own or (`/proc/1/fd/1`, the container's log) another
    /// process's.
    fn own_descriptor(&self, path: &str) -> Option<Result<Handle, Errno>> {
        let (process, number) = match path {
            "/dev/stdin" => (None, 0),
            "/dev/stdout" => (None, 1),
            "/dev/stderr" => (None, 2),
            _ => {
                if let Some(number) = path.strip_prefix("/dev/fd/") {
                    (None, number.parse().ok()?)
                } else {
                    let (pid, number) = path.strip_prefix("/proc/")?.split_once("/fd/")?;
                    let process = if pid == "self" { None } else { Some(pid.parse().ok()?) };
                    (process, number.parse().ok()?)
                }
            }
        };
        let stream = match process {
            None => self.stream(number),
            Some(pid) => self
                .machine()
                .process(pid)
                .ok_or(Errno::ENOENT)
                .and_then(|process| process.descriptor(number)),
        };
        Some(stream.map_err(|_| Errno::ENOENT))
    }

    /// The content of `/proc` is made when somebody looks.
    pub(crate) fn prepare_proc(&self, path: &str) {
        if path.contains("proc") || self.directory().contains("proc") {
            crate::fs::proc::refresh(self.machine(), self.pid());
        }
    }

    /// What is at `path`; `follow`: look behind a link at its end.
    pub fn metadata(&self, path: &str, follow: bool) -> Result<Metadata, Errno> {
        self.prepare_proc(path);
        if let Some(stream) = self.own_descriptor(path) {
            let stream = stream?;
            if let Some(file) = stream.file() {
                return file.metadata();
            }
            return Ok(stream_metadata(self));
        }
        self.machine().files().metadata(&self.caller(), path, follow)
    }

    /// What a descriptor is.
    pub fn descriptor_metadata(&self, descriptor: u32) -> Result<Metadata, Errno> {
        let stream = self.stream(descriptor)?;
        match stream.file() {
            Some(file) => file.metadata(),
            None => Ok(stream_metadata(self)),
        }
    }

    /// Whether something is at `path`.
    pub fn exists(&self, path: &str) -> bool {
        self.metadata(path, false).is_ok()
    }

    /// Whether `path` is a directory, behind links.
    pub fn is_directory(&self, path: &str) -> bool {
        self.metadata(path, true).is_ok_and(|metadata| metadata.is_directory())
    }

    /// The names in a directory, in order.
    pub fn names(&self, path: &str) -> Result<Vec<Rc<str>>, Errno> {
        self.prepare_proc(path);
        self.machine().files().names(&self.caller(), path)
    }

    /// A whole regular file.
    pub fn read_file(&self, path: &str) -> Result<Rc<Vec<u8>>, Errno> {
        self.prepare_proc(path);
        self.machine().files().read_file(&self.caller(), path)
    }

    /// Writes a whole file.
    pub fn write_file(&self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        self.machine().files().write_file(&self.caller(), path, bytes)
    }

    /// Goes to another directory.
    pub fn change_directory(&self, path: &str) -> Result<(), Errno> {
        let metadata = self.metadata(path, true)?;
        if !metadata.is_directory() {
            return Err(Errno::ENOTDIR);
        }
        self.machine().files().may(&self.caller(), path, 1)?;
        let path = crate::fs::normalise(&crate::fs::join(&self.directory(), path));
        *self.process().directory.borrow_mut() = path.into();
        Ok(())
    }
}

fn stream_metadata(context: &Context) -> Metadata {
    let user = context.caller().user;
    Metadata {
        kind: Kind::Stream,
        mode: 0o600,
        uid: user.uid,
        gid: user.gid,
        links: 1,
        size: 0,
        modified: context.now(),
        inode: 0,
        device: 0,
    }
}
