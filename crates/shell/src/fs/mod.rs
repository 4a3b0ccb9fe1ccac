//! The in-memory file system.
//!
//! A [`FileSystem`] is a tree of inodes: an [`Image`] that any number of machines share, and over
//! it the inodes that were changed since. A machine sees one of them as its root and may have
//! others mounted ([`Namespace`]). Files have the modes, owners, links and times that `ls -l`
//! shows; the numbers that identify them make hard links and deleted open files work.
//!
//! Deliberately missing: access times, extended attributes, FIFOs and sockets as files.

mod file_system;
mod namespace;
mod open;
mod operations;
pub(crate) mod proc;

pub use file_system::{FileSystem, Image};
pub use namespace::{Caller, Namespace, User};
pub use open::{OpenFile, OpenOptions};
pub(crate) use operations::Opened;

use sim::Time;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Identifies a file within its file system.
pub type Inode = u32;

/// The inode of every file system's root.
pub(crate) const ROOT: Inode = 1;

/// How much a file system holds unless it is told otherwise.
pub const DEFAULT_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// How many files a file system holds at most.
pub(crate) const LIMIT_INODES: Inode = 100_000;

/// Devices, by what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// `/dev/null`
    Null,
    /// `/dev/zero`
    Zero,
    /// `/dev/full`
    Full,
    /// `/dev/random`, `/dev/urandom`
    Random,
    /// `/dev/tty`: the terminal of whoever opens it.
    Tty,
}

impl Device {
    /// The numbers that `ls -l` shows in place of a size.
    pub(crate) fn numbers(self) -> (u32, u32) {
        match self {
            Device::Null => (1, 3),
            Device::Zero => (1, 5),
            Device::Full => (1, 7),
            Device::Random => (1, 9),
            Device::Tty => (5, 0),
        }
    }
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A character device.
    Device(Device),
    /// A pipe or a terminal: only descriptors are that.
    Stream,
}

/// What `stat` tells.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// What it is.
    pub kind: Kind,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// How many names it has.
    pub links: u32,
    /// Bytes.
    pub size: u64,
    /// When its content changed last.
    pub modified: Time,
    /// Its number.
    pub inode: Inode,
    /// Which of the mounted file systems it is on: equal for files on the same one.
    pub device: usize,
}

impl Metadata {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.kind == Kind::Link
    }

    /// `drwxr-xr-x`
    pub fn mode_text(&self) -> String {
        let kind = match self.kind {
            Kind::File => '-',
            Kind::Directory => 'd',
            Kind::Link => 'l',
            Kind::Device(_) => 'c',
            Kind::Stream => 'p',
        };
        let mut text = String::from(kind);
        for shift in [6, 3, 0] {
            let bits = self.mode >> shift;
            text.push(if bits & 4 != 0 { 'r' } else { '-' });
            text.push(if bits & 2 != 0 { 'w' } else { '-' });
            let special = match shift {
                6 => (self.mode & 0o4000 != 0, 's', 'S'),
                3 => (self.mode & 0o2000 != 0, 's', 'S'),
                _ => (self.mode & 0o1000 != 0, 't', 'T'),
            };
            text.push(match (special, bits & 1 != 0) {
                ((true, with_x, _), true) => with_x,
                ((true, _, without_x), false) => without_x,
                (_, true) => 'x',
                (_, false) => '-',
            });
        }
        text
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    File(Rc<Vec<u8>>),
    Directory(Rc<BTreeMap<Rc<str>, Inode>>),
    Link(Rc<str>),
    Device(Device),
}

/// A file's content and attributes, whatever its names.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) body: Body,
    pub(crate) mode: u16,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) links: u32,
    pub(crate) modified: Time,
}

impl Node {
    pub(crate) fn new(body: Body, mode: u16, user: User, now: Time) -> Node {
        Node { body, mode, uid: user.uid, gid: user.gid, links: 1, modified: now }
    }

    pub(crate) fn directory(mode: u16, user: User, now: Time) -> Node {
        Node::new(Body::Directory(Rc::default()), mode, user, now)
    }

    pub(crate) fn is_directory(&self) -> bool {
        matches!(self.body, Body::Directory(_))
    }

    pub(crate) fn size(&self) -> u64 {
        match &self.body {
            Body::File(bytes) => bytes.len() as u64,
            Body::Link(target) => target.len() as u64,
            Body::Directory(_) => 4096,
            Body::Device(_) => 0,
        }
    }

    /// What it counts against the limit.
    fn charge(&self) -> u64 {
        if let Body::File(bytes) = &self.body { bytes.len() as u64 } else { 0 }
    }
}

/// Joins a path to the directory it is relative to. Nothing is resolved.
pub fn join(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else if directory.ends_with('/') {
        format!("{directory}{path}")
    } else {
        format!("{directory}/{path}")
    }
}

/// Removes `.`, `..` and doubled slashes from an absolute path by looking at its text only, as
/// the shell's `cd` does.
pub fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The part of a path after its last slash.
pub fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}
