//! One file system: inodes over a shared image.

use super::namespace::{Caller, Namespace};
use super::{Body, DEFAULT_LIMIT_BYTES, Inode, LIMIT_INODES, Metadata, Node, ROOT, User};
use crate::errno::Errno;
use sim::{Sim, Time};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A tree that machines share and never change: a container image, or the content of a volume.
#[derive(Clone, Debug, Default)]
pub struct Image(Rc<Vec<Option<Node>>>);

impl Image {
    fn node(&self, inode: Inode) -> Option<&Node> {
        self.0.get(inode as usize)?.as_ref()
    }

    /// The number that the next file gets.
    fn end(&self) -> Inode {
        (self.0.len() as Inode).max(ROOT + 1)
    }
}

struct State {
    base: Image,
    /// What differs from the image; `None` is a file that is gone.
    changed: BTreeMap<Inode, Option<Node>>,
    /// How many open files there are of each inode.
    open: BTreeMap<Inode, u32>,
    next: Inode,
    used_bytes: u64,
    limit_bytes: u64,
    /// How often the whole content was replaced: open files of an older content are stale.
    generation: u32,
}

struct Inner {
    sim: Sim,
    state: RefCell<State>,
}

/// A handle to a file system; cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct FileSystem(Rc<Inner>);

impl FileSystem {
    /// An empty file system.
    pub fn new(sim: &Sim) -> FileSystem {
        FileSystem::of_image(sim, &Image::default())
    }

    /// A file system that begins as `image`. This costs little: nothing is copied.
    pub fn of_image(sim: &Sim, image: &Image) -> FileSystem {
        let mut state = State {
            base: image.clone(),
            changed: BTreeMap::new(),
            open: BTreeMap::new(),
            next: image.end(),
            used_bytes: 0,
            limit_bytes: DEFAULT_LIMIT_BYTES,
            generation: 0,
        };
        state.ensure_root(sim.now());
        FileSystem(Rc::new(Inner { sim: sim.clone(), state: RefCell::new(state) }))
    }

    /// The present content, to be shared.
    pub fn image(&self) -> Image {
        let state = self.0.state.borrow();
        let nodes = (0..state.next).map(|inode| state.node(inode).cloned());
        Image(Rc::new(nodes.collect()))
    }

    /// Puts another content in place of the present one, at one instant.
    pub fn replace(&self, image: &Image) {
        let mut state = self.0.state.borrow_mut();
        state.base = image.clone();
        state.changed.clear();
        state.open.clear();
        state.next = image.end();
        state.used_bytes = 0;
        state.generation += 1;
        let now = self.0.sim.now();
        state.ensure_root(now);
    }

    /// How many bytes it may hold beyond its image; a write past it fails with `ENOSPC`.
    pub fn set_limit_bytes(&self, limit_bytes: u64) {
        self.0.state.borrow_mut().limit_bytes = limit_bytes;
    }

    /// Bytes used beyond the image, and the limit.
    pub fn usage(&self) -> (u64, u64) {
        let state = self.0.state.borrow();
        (state.used_bytes, state.limit_bytes)
    }

    /// Whether both are the same file system.
    pub fn is_same(&self, other: &FileSystem) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn now(&self) -> Time {
        self.0.sim.now()
    }

    pub(crate) fn generation(&self) -> u32 {
        self.0.state.borrow().generation
    }
}

/// Building a tree from outside a machine, as root and by absolute path.
impl FileSystem {
    fn tree(&self) -> (Namespace, Caller) {
        (Namespace::new(self.clone()), Caller::root())
    }

    /// Makes a directory and those above it.
    pub fn create_directories(&self, path: &str) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.create_directories(&caller, path, 0o755)
    }

    /// Writes a whole file, making the directories above it.
    pub fn write_file(&self, path: &str, bytes: &[u8], mode: u16) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        if let Some((above, _)) = path.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
            tree.create_directories(&caller, above, 0o755)?;
        }
        tree.write_file(&caller, path, bytes)?;
        tree.set_mode(&caller, path, mode)
    }

    /// Makes a symbolic link at `path`.
    pub fn create_link(&self, path: &str, target: &str) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.create_link(&caller, target, path)
    }

    /// Makes a device file at `path`.
    pub fn create_device(&self, path: &str, device: super::Device) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.create_device(&caller, path, device)
    }

    /// A file's content.
    pub fn read_file(&self, path: &str) -> Result<Rc<Vec<u8>>, Errno> {
        let (tree, caller) = self.tree();
        tree.read_file(&caller, path)
    }

    /// What is at `path`, following links.
    pub fn metadata(&self, path: &str) -> Result<Metadata, Errno> {
        let (tree, caller) = self.tree();
        tree.metadata(&caller, path, true)
    }

    /// The names in a directory, in order.
    pub fn names(&self, path: &str) -> Result<Vec<Rc<str>>, Errno> {
        let (tree, caller) = self.tree();
        tree.names(&caller, path)
    }

    /// Sets the owner of a file.
    pub fn set_owner(&self, path: &str, user: User) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.set_owner(&caller, path, Some(user.uid), Some(user.gid), true)
    }

    /// Sets the permission bits of a file.
    pub fn set_mode(&self, path: &str, mode: u16) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.set_mode(&caller, path, mode)
    }

    /// Moves a file, replacing what was there.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.rename(&caller, from, to)
    }

    /// Removes a file or a whole directory.
    pub fn remove_all(&self, path: &str) -> Result<(), Errno> {
        let (tree, caller) = self.tree();
        tree.remove_all(&caller, path)
    }
}

impl State {
    fn ensure_root(&mut self, now: Time) {
        if self.base.node(ROOT).is_none() {
            let root = Node::directory(0o755, User::ROOT, now);
            self.changed.insert(ROOT, Some(root));
        }
    }

    fn node(&self, inode: Inode) -> Option<&Node> {
        match self.changed.get(&inode) {
            Some(node) => node.as_ref(),
            None => self.base.node(inode),
        }
    }

    fn forget_if_unused(&mut self, inode: Inode) {
        let is_unused = self.node(inode).is_some_and(|node| node.links == 0);
        if is_unused && !self.open.contains_key(&inode) {
            let gone = self.changed.insert(inode, None);
            let freed = gone.flatten().map_or(0, |node| node.charge());
            self.used_bytes = self.used_bytes.saturating_sub(freed);
            if self.base.node(inode).is_none() {
                self.changed.remove(&inode);
            }
        }
    }
}

/// Single inodes: what paths are resolved to.
impl FileSystem {
    pub(crate) fn node(&self, inode: Inode) -> Result<Node, Errno> {
        self.0.state.borrow().node(inode).cloned().ok_or(Errno::ENOENT)
    }

    pub(crate) fn child(&self, directory: Inode, name: &str) -> Result<Option<Inode>, Errno> {
        match self.0.state.borrow().node(directory).map(|node| &node.body) {
            Some(Body::Directory(entries)) => Ok(entries.get(name).copied()),
            Some(_) => Err(Errno::ENOTDIR),
            None => Err(Errno::ENOENT),
        }
    }

    /// Changes a node, copying it out of the image first if it is still there.
    pub(crate) fn update<R>(
        &self,
        inode: Inode,
        change: impl FnOnce(&mut Node) -> R,
    ) -> Result<R, Errno> {
        let mut state = self.0.state.borrow_mut();
        let state = &mut *state;
        if !state.changed.contains_key(&inode) {
            let node = state.base.node(inode).cloned().ok_or(Errno::ENOENT)?;
            state.used_bytes += node.charge();
            state.changed.insert(inode, Some(node));
        }
        let node = state.changed.get_mut(&inode).and_then(Option::as_mut).ok_or(Errno::ENOENT)?;
        let before = node.charge();
        let result = change(node);
        state.used_bytes = (state.used_bytes + node.charge()).saturating_sub(before);
        Ok(result)
    }

    fn update_entries(
        &self,
        directory: Inode,
        change: impl FnOnce(&mut BTreeMap<Rc<str>, Inode>),
    ) -> Result<(), Errno> {
        let now = self.now();
        self.update(directory, |node| {
            let Body::Directory(entries) = &mut node.body else {
                return Err(Errno::ENOTDIR);
            };
            change(Rc::make_mut(entries));
            node.modified = now;
            Ok(())
        })?
    }

    /// Adds a new node under a name that is not taken.
    pub(crate) fn insert(&self, directory: Inode, name: &str, node: Node) -> Result<Inode, Errno> {
        let inode = {
            let mut state = self.0.state.borrow_mut();
            if state.next >= LIMIT_INODES {
                return Err(Errno::ENOSPC);
            }
            let inode = state.next;
            state.next += 1;
            state.used_bytes += node.charge();
            state.changed.insert(inode, Some(node));
            inode
        };
        self.update_entries(directory, |entries| {
            entries.insert(name.into(), inode);
        })?;
        Ok(inode)
    }

    /// Gives a node one more name.
    pub(crate) fn add_name(&self, directory: Inode, name: &str, inode: Inode) -> Result<(), Errno> {
        self.update(inode, |node| node.links += 1)?;
        self.update_entries(directory, |entries| {
            entries.insert(name.into(), inode);
        })
    }

    /// Takes a name away, and the node with its last name.
    pub(crate) fn remove_name(&self, directory: Inode, name: &str) -> Result<(), Errno> {
        let inode = self.child(directory, name)?.ok_or(Errno::ENOENT)?;
        self.update_entries(directory, |entries| {
            entries.remove(name);
        })?;
        self.update(inode, |node| node.links = node.links.saturating_sub(1))?;
        self.0.state.borrow_mut().forget_if_unused(inode);
        Ok(())
    }

    /// Moves a name without touching the node's links.
    pub(crate) fn move_name(&self, from: (Inode, &str), to: (Inode, &str)) -> Result<(), Errno> {
        let inode = self.child(from.0, from.1)?.ok_or(Errno::ENOENT)?;
        self.update_entries(from.0, |entries| {
            entries.remove(from.1);
        })?;
        self.update_entries(to.0, |entries| {
            entries.insert(to.1.into(), inode);
        })
    }

    pub(crate) fn acquire(&self, inode: Inode) {
        *self.0.state.borrow_mut().open.entry(inode).or_insert(0) += 1;
    }

    pub(crate) fn release(&self, inode: Inode, generation: u32) {
        let mut state = self.0.state.borrow_mut();
        if state.generation != generation {
            return;
        }
        if let Some(count) = state.open.get_mut(&inode) {
            *count -= 1;
            if *count == 0 {
                state.open.remove(&inode);
                state.forget_if_unused(inode);
            }
        }
    }

    /// Writes into a file, filling a gap before `offset` with zeros.
    pub(crate) fn write_at(&self, inode: Inode, offset: u64, bytes: &[u8]) -> Result<(), Errno> {
        let end = offset.saturating_add(bytes.len() as u64);
        self.check_room(inode, end)?;
        let (start, end) = (offset as usize, end as usize);
        self.change_content(inode, |content| {
            if content.len() < end {
                content.resize(end, 0);
            }
            if let Some(target) = content.get_mut(start..end) {
                target.copy_from_slice(bytes);
            }
        })
    }

    /// Cuts a file, or fills it with zeros up to `length`.
    pub(crate) fn truncate(&self, inode: Inode, length: u64) -> Result<(), Errno> {
        self.check_room(inode, length)?;
        self.change_content(inode, |content| content.resize(length as usize, 0))
    }

    fn check_room(&self, inode: Inode, new_length: u64) -> Result<(), Errno> {
        let state = self.0.state.borrow();
        let node = state.node(inode).ok_or(Errno::ENOENT)?;
        let grown = new_length.saturating_sub(node.charge());
        if grown > 0 && state.used_bytes.saturating_add(grown) > state.limit_bytes {
            return Err(Errno::ENOSPC);
        }
        Ok(())
    }

    fn change_content(&self, inode: Inode, change: impl FnOnce(&mut Vec<u8>)) -> Result<(), Errno> {
        let now = self.now();
        self.update(inode, |node| {
            let Body::File(content) = &mut node.body else {
                return Err(Errno::EINVAL);
            };
            change(Rc::make_mut(content));
            node.modified = now;
            Ok(())
        })?
    }
}
