//! What a machine sees: a root, mounts on it, and how a path finds its file.

use super::{Body, FileSystem, Inode, Node, ROOT};
use crate::errno::Errno;
use std::rc::Rc;

/// As many links as Linux follows in one path.
const LIMIT_LINKS: u32 = 40;
/// PATH_MAX and NAME_MAX.
const LIMIT_PATH_BYTES: usize = 4096;
const LIMIT_NAME_BYTES: usize = 255;

/// Who a process runs as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

impl User {
    /// The one who may do everything.
    pub const ROOT: User = User { uid: 0, gid: 0 };
}

/// Whoever names a path: it is relative to their directory, and they need permission.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub user: User,
    /// What relative paths are relative to.
    pub directory: Rc<str>,
    /// Permission bits that new files do not get.
    pub umask: u16,
}

impl Caller {
    /// Root at `/`.
    pub fn root() -> Caller {
        Caller { user: User::ROOT, directory: "/".into(), umask: 0 }
    }

    pub(crate) fn may(&self, node: &Node, wanted: u16) -> bool {
        if self.user.uid == 0 {
            // Root needs some x bit to execute a file, and nothing else.
            return wanted & 1 == 0 || node.is_directory() || node.mode & 0o111 != 0;
        }
        let shift = if node.uid == self.user.uid {
            6
        } else if node.gid == self.user.gid {
            3
        } else {
            0
        };
        (node.mode >> shift) & wanted == wanted
    }

    pub(crate) fn demand(&self, node: &Node, wanted: u16) -> Result<(), Errno> {
        if self.may(node, wanted) { Ok(()) } else { Err(Errno::EACCES) }
    }
}

/// A file on one of the file systems of a namespace.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) files: FileSystem,
    pub(crate) inode: Inode,
    pub(crate) read_only: bool,
    /// Number of the mount; 0 is the root.
    pub(crate) mount: usize,
}

impl Place {
    pub(crate) fn node(&self) -> Result<Node, Errno> {
        self.files.node(self.inode)
    }

    pub(crate) fn is_same(&self, other: &Place) -> bool {
        self.inode == other.inode && self.files.is_same(&other.files)
    }

    pub(crate) fn demand_writable(&self) -> Result<(), Errno> {
        if self.read_only { Err(Errno::EROFS) } else { Ok(()) }
    }
}

/// Where a path leads.
pub(crate) struct Target {
    /// The directory that the last name is in.
    pub(crate) parent: Place,
    /// The last name; empty for the root and for paths that end in `..`.
    pub(crate) name: String,
    /// What is there, if anything.
    pub(crate) found: Option<Place>,
    /// The absolute path without links in it.
    pub(crate) path: String,
    /// Whether the path ended in a slash.
    pub(crate) wants_directory: bool,
}

#[derive(Clone)]
struct Mount {
    at: Place,
    path: Rc<str>,
    root: Place,
    source: Rc<str>,
}

/// The files that a machine sees.
#[derive(Clone)]
pub struct Namespace {
    root: FileSystem,
    read_only: bool,
    mounts: Vec<Mount>,
}

impl Namespace {
    /// A namespace of one file system.
    pub fn new(root: FileSystem) -> Namespace {
        Namespace { root, read_only: false, mounts: Vec::new() }
    }

    /// The file system at `/`.
    pub fn root(&self) -> &FileSystem {
        &self.root
    }

    /// Makes the root file system read-only, as `readOnlyRootFilesystem` does.
    pub fn set_read_only(&mut self, read_only: bool) {
        self.read_only = read_only;
    }

    /// Mounts what is at `sub_path` in `files` (`/` for all of it, or a single file) at `path`.
    /// A missing mount point is made. `source` is what `df` and `mount` call it.
    pub fn mount(
        &mut self,
        path: &str,
        files: &FileSystem,
        sub_path: &str,
        read_only: bool,
        source: &str,
    ) -> Result<(), Errno> {
        let inner = Namespace::new(files.clone());
        let target = inner.walk(&Caller::root(), sub_path, true)?;
        let mut root = target.found.ok_or(Errno::ENOENT)?;
        root.read_only = read_only;
        root.mount = self.mounts.len() + 1;
        let is_directory = root.node()?.is_directory();
        let at = self.mount_point(path, is_directory)?;
        self.mounts.push(Mount { at, path: path.into(), root, source: source.into() });
        Ok(())
    }

    fn mount_point(&mut self, path: &str, is_directory: bool) -> Result<Place, Errno> {
        let caller = Caller::root();
        // The runtime makes mount points before the root becomes read-only.
        let read_only = std::mem::replace(&mut self.read_only, false);
        let made = self.make_mount_point(&caller, path, is_directory);
        self.read_only = read_only;
        made?;
        self.walk(&caller, path, true)?.found.ok_or(Errno::ENOENT)
    }

    fn make_mount_point(
        &self,
        caller: &Caller,
        path: &str,
        is_directory: bool,
    ) -> Result<(), Errno> {
        if self.metadata(caller, path, true).is_ok() {
            return Ok(());
        }
        if is_directory {
            return self.create_directories(caller, path, 0o755);
        }
        if let Some((above, _)) = path.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
            self.create_directories(caller, above, 0o755)?;
        }
        self.write_file(caller, path, b"")
    }

    /// Takes away what was mounted last at `path`.
    pub fn unmount(&mut self, path: &str) -> Result<(), Errno> {
        let found = self.mounts.iter().rposition(|mount| &*mount.path == path);
        self.mounts.remove(found.ok_or(Errno::EINVAL)?);
        Ok(())
    }

    /// What is mounted where: (source, path, file system, read-only), the root first.
    pub fn mounts(&self) -> impl Iterator<Item = (&str, &str, &FileSystem, bool)> {
        let root = ("overlay", "/", &self.root, self.read_only);
        let others = self
            .mounts
            .iter()
            .map(|mount| (&*mount.source, &*mount.path, &mount.root.files, mount.root.read_only));
        std::iter::once(root).chain(others)
    }

    pub(crate) fn is_mount_point(&self, place: &Place) -> bool {
        self.mounts.iter().any(|mount| mount.root.is_same(place))
    }

    fn cross_mounts(&self, mut place: Place) -> Place {
        // Later mounts lie over earlier ones, and a mount may lie on another's root.
        while let Some(mount) = self.mounts.iter().rev().find(|mount| mount.at.is_same(&place)) {
            if mount.root.is_same(&place) {
                break;
            }
            place = mount.root.clone();
        }
        place
    }

    fn root_place(&self) -> Place {
        let root =
            Place { files: self.root.clone(), inode: ROOT, read_only: self.read_only, mount: 0 };
        self.cross_mounts(root)
    }

    /// Finds where `path` leads. `follow_last`: whether a link at its end is followed.
    pub(crate) fn walk(
        &self,
        caller: &Caller,
        path: &str,
        follow_last: bool,
    ) -> Result<Target, Errno> {
        if path.is_empty() {
            return Err(Errno::ENOENT);
        }
        if path.len() > LIMIT_PATH_BYTES {
            return Err(Errno::ENAMETOOLONG);
        }
        let mut walk = Walk {
            namespace: self,
            caller,
            stack: vec![(self.root_place(), String::new())],
            pending: Vec::new(),
            links_left: LIMIT_LINKS,
            wants_directory: false,
        };
        walk.push(path);
        if !path.starts_with('/') {
            walk.push(&caller.directory);
            walk.wants_directory = path.ends_with('/');
        }
        walk.run(follow_last)
    }
}

struct Walk<'a> {
    namespace: &'a Namespace,
    caller: &'a Caller,
    /// The directories from the root down to where the walk is.
    stack: Vec<(Place, String)>,
    /// The names still to be looked up, the next one last.
    pending: Vec<String>,
    links_left: u32,
    wants_directory: bool,
}

impl Walk<'_> {
    fn push(&mut self, path: &str) {
        if self.pending.is_empty() {
            self.wants_directory |= path.ends_with('/');
        }
        let names = path.split('/').filter(|name| !name.is_empty() && *name != ".");
        let start = self.pending.len();
        self.pending.extend(names.map(str::to_owned));
        if let Some(added) = self.pending.get_mut(start..) {
            added.reverse();
        }
    }

    fn run(mut self, follow_last: bool) -> Result<Target, Errno> {
        while let Some(name) = self.pending.pop() {
            if name == ".." {
                if self.stack.len() > 1 {
                    self.stack.pop();
                }
                continue;
            }
            let Some((here, _)) = self.stack.last().cloned() else {
                return Err(Errno::ENOENT);
            };
            let node = here.node()?;
            if !node.is_directory() {
                return Err(Errno::ENOTDIR);
            }
            self.caller.demand(&node, 1)?;
            if name.len() > LIMIT_NAME_BYTES {
                return Err(Errno::ENAMETOOLONG);
            }
            let is_last = self.pending.is_empty();
            let Some(inode) = here.files.child(here.inode, &name)? else {
                if is_last {
                    return Ok(self.target(here, name, None));
                }
                return Err(Errno::ENOENT);
            };
            let place = self.namespace.cross_mounts(Place { inode, ..here.clone() });
            match place.node()?.body {
                Body::Link(target) if !is_last || follow_last || self.wants_directory => {
                    self.follow(&target)?;
                }
                Body::Directory(_) => self.stack.push((place, name)),
                _ if !is_last || self.wants_directory => return Err(Errno::ENOTDIR),
                _ => return Ok(self.target(here, name, Some(place))),
            }
        }
        let (place, name) = self.stack.pop().ok_or(Errno::ENOENT)?;
        let parent = self.stack.last().map_or_else(|| place.clone(), |(parent, _)| parent.clone());
        Ok(self.target(parent, name, Some(place)))
    }

    fn follow(&mut self, target: &str) -> Result<(), Errno> {
        self.links_left = self.links_left.checked_sub(1).ok_or(Errno::ELOOP)?;
        if target.starts_with('/') {
            self.stack.truncate(1);
        }
        self.push(target);
        Ok(())
    }

    fn target(self, parent: Place, name: String, found: Option<Place>) -> Target {
        let names = self.stack.iter().skip(1).map(|(_, name)| name.as_str());
        let last = (!name.is_empty()).then_some(name.as_str());
        let path: String = names.chain(last).flat_map(|name| ["/", name]).collect();
        let path = if path.is_empty() { "/".to_owned() } else { path };
        Target { parent, name, found, path, wants_directory: self.wants_directory }
    }
}
