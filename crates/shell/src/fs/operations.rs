//! The system calls that take a path.

use super::namespace::{Caller, Namespace, Place, Target};
use super::{Body, Device, FileSystem, Inode, Kind, Metadata, Node, OpenFile, OpenOptions};
use crate::errno::Errno;
use sim::Time;
use std::rc::Rc;

/// What opening a path gave.
pub(crate) enum Opened {
    File(OpenFile),
    Device(Device),
}

pub(crate) fn describe(files: &FileSystem, inode: Inode, node: &Node, device: usize) -> Metadata {
    let (kind, links) = match &node.body {
        Body::File(_) => (Kind::File, node.links),
        Body::Link(_) => (Kind::Link, node.links),
        Body::Device(device) => (Kind::Device(*device), node.links),
        Body::Directory(entries) => {
            let is_directory =
                |inode: &&Inode| files.node(**inode).is_ok_and(|node| node.is_directory());
            (Kind::Directory, 2 + entries.values().filter(is_directory).count() as u32)
        }
    };
    Metadata {
        kind,
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        links,
        size: node.size(),
        modified: node.modified,
        inode,
        device,
    }
}

impl Namespace {
    fn find(&self, caller: &Caller, path: &str, follow: bool) -> Result<Place, Errno> {
        self.walk(caller, path, follow)?.found.ok_or(Errno::ENOENT)
    }

    /// Where a new file may be made; fails if something is there.
    fn vacancy(&self, caller: &Caller, path: &str, is_directory: bool) -> Result<Target, Errno> {
        let target = self.walk(caller, path, false)?;
        if target.found.is_some() {
            return Err(Errno::EEXIST);
        }
        if target.wants_directory && !is_directory {
            return Err(Errno::ENOENT);
        }
        self.demand_entry_change(caller, &target.parent)?;
        Ok(target)
    }

    fn demand_entry_change(&self, caller: &Caller, directory: &Place) -> Result<(), Errno> {
        directory.demand_writable()?;
        caller.demand(&directory.node()?, 3)
    }

    pub(crate) fn open(
        &self,
        caller: &Caller,
        path: &str,
        options: OpenOptions,
    ) -> Result<Opened, Errno> {
        let target = self.walk(caller, path, !options.exclusive)?;
        let Some(place) = target.found else {
            return self.create_to_open(caller, &target, options);
        };
        if options.create && options.exclusive {
            return Err(Errno::EEXIST);
        }
        let node = place.node()?;
        match node.body {
            Body::Directory(_) if options.write => return Err(Errno::EISDIR),
            Body::Device(device) => return Ok(Opened::Device(device)),
            Body::Link(_) => return Err(Errno::ELOOP),
            _ => {}
        }
        let wanted = if options.read { 4 } else { 0 } | if options.write { 2 } else { 0 };
        caller.demand(&node, wanted)?;
        if options.write {
            place.demand_writable()?;
        }
        if options.truncate && options.write {
            place.files.truncate(place.inode, 0)?;
        }
        Ok(Opened::File(OpenFile::new(place.files, place.inode, options, place.mount)))
    }

    fn create_to_open(
        &self,
        caller: &Caller,
        target: &Target,
        options: OpenOptions,
    ) -> Result<Opened, Errno> {
        if !options.create {
            return Err(Errno::ENOENT);
        }
        if target.wants_directory {
            return Err(Errno::EISDIR);
        }
        self.demand_entry_change(caller, &target.parent)?;
        let parent = &target.parent;
        let now = parent.files.now();
        let mode = 0o666 & !caller.umask;
        let node = Node::new(Body::File(Rc::default()), mode, caller.user, now);
        let inode = parent.files.insert(parent.inode, &target.name, node)?;
        let files = parent.files.clone();
        Ok(Opened::File(OpenFile::new(files, inode, options, parent.mount)))
    }

    /// What is at `path`; `follow`: look behind a link at its end.
    pub fn metadata(&self, caller: &Caller, path: &str, follow: bool) -> Result<Metadata, Errno> {
        let place = self.find(caller, path, follow)?;
        Ok(describe(&place.files, place.inode, &place.node()?, place.mount))
    }

    /// Whether the caller may read (4), write (2), execute (1) it.
    pub fn may(&self, caller: &Caller, path: &str, wanted: u16) -> Result<(), Errno> {
        let place = self.find(caller, path, true)?;
        if wanted & 2 != 0 {
            place.demand_writable()?;
        }
        caller.demand(&place.node()?, wanted)
    }

    /// A whole file.
    pub fn read_file(&self, caller: &Caller, path: &str) -> Result<Rc<Vec<u8>>, Errno> {
        let node = self.find(caller, path, true)?.node()?;
        caller.demand(&node, 4)?;
        match node.body {
            Body::File(content) => Ok(content),
            Body::Directory(_) => Err(Errno::EISDIR),
            Body::Link(_) | Body::Device(_) => Ok(Rc::default()),
        }
    }

    /// Writes a whole file.
    pub fn write_file(&self, caller: &Caller, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        use crate::stream::Stream as _;
        if let Opened::File(file) = self.open(caller, path, OpenOptions::WRITE)? {
            file.write(bytes)?;
        }
        Ok(())
    }

    /// The names in a directory, in order.
    pub fn names(&self, caller: &Caller, path: &str) -> Result<Vec<Rc<str>>, Errno> {
        let node = self.find(caller, path, true)?.node()?;
        caller.demand(&node, 4)?;
        match node.body {
            Body::Directory(entries) => Ok(entries.keys().cloned().collect()),
            _ => Err(Errno::ENOTDIR),
        }
    }

    /// Makes a directory.
    pub fn create_directory(&self, caller: &Caller, path: &str, mode: u16) -> Result<(), Errno> {
        let target = self.vacancy(caller, path, true)?;
        let parent = &target.parent;
        let node = Node::directory(mode & !caller.umask, caller.user, parent.files.now());
        parent.files.insert(parent.inode, &target.name, node)?;
        Ok(())
    }

    /// Makes a directory and those above it; content if it is there.
    pub fn create_directories(&self, caller: &Caller, path: &str, mode: u16) -> Result<(), Errno> {
        for (end, _) in path.char_indices().filter(|(_, c)| *c == '/').chain([(path.len(), '/')]) {
            let above = path.get(..end).unwrap_or_default();
            if above.is_empty() {
                continue;
            }
            match self.create_directory(caller, above, mode) {
                Ok(()) => {}
                Err(error) => match self.metadata(caller, above, true) {
                    Ok(metadata) if metadata.is_directory() => {}
                    Ok(_) if end < path.len() => return Err(Errno::ENOTDIR),
                    Ok(_) => return Err(Errno::EEXIST),
                    Err(_) => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Makes a symbolic link at `path`.
    pub fn create_link(&self, caller: &Caller, target: &str, path: &str) -> Result<(), Errno> {
        let place = self.vacancy(caller, path, false)?;
        let parent = &place.parent;
        let node = Node::new(Body::Link(target.into()), 0o777, caller.user, parent.files.now());
        parent.files.insert(parent.inode, &place.name, node)?;
        Ok(())
    }

    /// Makes a device file.
    pub fn create_device(&self, caller: &Caller, path: &str, device: Device) -> Result<(), Errno> {
        let target = self.vacancy(caller, path, false)?;
        let parent = &target.parent;
        let node = Node::new(Body::Device(device), 0o666, caller.user, parent.files.now());
        parent.files.insert(parent.inode, &target.name, node)?;
        Ok(())
    }

    /// Gives a file one more name.
    pub fn hard_link(&self, caller: &Caller, from: &str, to: &str) -> Result<(), Errno> {
        let place = self.find(caller, from, false)?;
        if place.node()?.is_directory() {
            return Err(Errno::EPERM);
        }
        let target = self.vacancy(caller, to, false)?;
        if !target.parent.files.is_same(&place.files) {
            return Err(Errno::EXDEV);
        }
        place.files.add_name(target.parent.inode, &target.name, place.inode)
    }

    /// What a symbolic link points to.
    pub fn read_link(&self, caller: &Caller, path: &str) -> Result<Rc<str>, Errno> {
        match self.find(caller, path, false)?.node()?.body {
            Body::Link(target) => Ok(target),
            _ => Err(Errno::EINVAL),
        }
    }

    /// Removes a name that is no directory's.
    pub fn remove_file(&self, caller: &Caller, path: &str) -> Result<(), Errno> {
        let target = self.walk(caller, path, false)?;
        let place = target.found.ok_or(Errno::ENOENT)?;
        if place.node()?.is_directory() {
            return Err(Errno::EISDIR);
        }
        self.remove(caller, &target.parent, &target.name, &place)
    }

    /// Removes an empty directory.
    pub fn remove_directory(&self, caller: &Caller, path: &str) -> Result<(), Errno> {
        let target = self.walk(caller, path, false)?;
        let place = target.found.ok_or(Errno::ENOENT)?;
        match place.node()?.body {
            Body::Directory(entries) if !entries.is_empty() => return Err(Errno::ENOTEMPTY),
            Body::Directory(_) => {}
            _ => return Err(Errno::ENOTDIR),
        }
        if path.rsplit('/').find(|part| !part.is_empty()) == Some(".") {
            return Err(Errno::EINVAL);
        }
        self.remove(caller, &target.parent, &target.name, &place)
    }

    fn remove(
        &self,
        caller: &Caller,
        parent: &Place,
        name: &str,
        place: &Place,
    ) -> Result<(), Errno> {
        self.demand_removal(caller, parent, place)?;
        parent.files.remove_name(parent.inode, name)
    }

    fn demand_removal(&self, caller: &Caller, parent: &Place, place: &Place) -> Result<(), Errno> {
        if self.is_mount_point(place) || parent.is_same(place) {
            return Err(Errno::EBUSY);
        }
        self.demand_entry_change(caller, parent)?;
        let (above, node) = (parent.node()?, place.node()?);
        let owners = [0, above.uid, node.uid];
        if above.mode & 0o1000 != 0 && !owners.contains(&caller.user.uid) {
            return Err(Errno::EPERM);
        }
        Ok(())
    }

    /// Removes a file, or a directory with all that is in it.
    pub fn remove_all(&self, caller: &Caller, path: &str) -> Result<(), Errno> {
        if self.metadata(caller, path, false)?.is_directory() {
            for name in self.names(caller, path)? {
                self.remove_all(caller, &super::join(path, &name))?;
            }
            return self.remove_directory(caller, path);
        }
        self.remove_file(caller, path)
    }

    /// Moves a file within its file system, replacing what was there.
    pub fn rename(&self, caller: &Caller, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.walk(caller, from, false)?;
        let moved = source.found.ok_or(Errno::ENOENT)?;
        let target = self.walk(caller, to, false)?;
        if !source.parent.files.is_same(&target.parent.files) {
            return Err(Errno::EXDEV);
        }
        self.demand_removal(caller, &source.parent, &moved)?;
        self.demand_entry_change(caller, &target.parent)?;
        let is_directory = moved.node()?.is_directory();
        if target.path.starts_with(&format!("{}/", source.path)) {
            return Err(Errno::EINVAL);
        }
        if let Some(there) = &target.found {
            if there.is_same(&moved) {
                return Ok(());
            }
            match (is_directory, there.node()?.body) {
                (true, Body::Directory(entries)) if entries.is_empty() => {}
                (true, Body::Directory(_)) => return Err(Errno::ENOTEMPTY),
                (true, _) => return Err(Errno::ENOTDIR),
                (false, Body::Directory(_)) => return Err(Errno::EISDIR),
                (false, _) => {}
            }
            self.remove(caller, &target.parent, &target.name, there)?;
        }
        let files = &source.parent.files;
        files.move_name((source.parent.inode, &source.name), (target.parent.inode, &target.name))
    }

    /// Sets permission bits.
    pub fn set_mode(&self, caller: &Caller, path: &str, mode: u16) -> Result<(), Errno> {
        self.change(caller, path, true, |node| node.mode = mode)
    }

    /// Sets owner and group; `follow`: of what a link points to.
    pub fn set_owner(
        &self,
        caller: &Caller,
        path: &str,
        uid: Option<u32>,
        gid: Option<u32>,
        follow: bool,
    ) -> Result<(), Errno> {
        let node = self.find(caller, path, follow)?.node()?;
        let changes_owner = uid.is_some_and(|uid| uid != node.uid);
        if caller.user.uid != 0 && changes_owner {
            return Err(Errno::EPERM);
        }
        self.change(caller, path, follow, |node| {
            node.uid = uid.unwrap_or(node.uid);
            node.gid = gid.unwrap_or(node.gid);
        })
    }

    /// Sets the time of the last change.
    pub fn set_modified(&self, caller: &Caller, path: &str, modified: Time) -> Result<(), Errno> {
        self.change(caller, path, true, |node| node.modified = modified)
    }

    fn change(
        &self,
        caller: &Caller,
        path: &str,
        follow: bool,
        change: impl FnOnce(&mut Node),
    ) -> Result<(), Errno> {
        let place = self.find(caller, path, follow)?;
        place.demand_writable()?;
        let owner = place.node()?.uid;
        if caller.user.uid != 0 && caller.user.uid != owner {
            return Err(Errno::EPERM);
        }
        place.files.update(place.inode, change)
    }

    /// The absolute path without links, `.` and `..`; the last name need not exist.
    pub fn canonical(&self, caller: &Caller, path: &str) -> Result<(String, bool), Errno> {
        let target = self.walk(caller, path, true)?;
        Ok((target.path, target.found.is_some()))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
