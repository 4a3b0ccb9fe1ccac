//! Open files.

use super::{Body, FileSystem, Inode, Metadata};
use crate::errno::Errno;
use crate::stream::Stream;
use std::cell::Cell;

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Every write goes to the end.
    pub append: bool,
    /// Made if it is missing.
    pub create: bool,
    /// Must be missing.
    pub exclusive: bool,
    /// Emptied.
    pub truncate: bool,
}

impl OpenOptions {
    /// To read it.
    pub const READ: OpenOptions = OpenOptions {
        read: true,
        write: false,
        append: false,
        create: false,
        exclusive: false,
        truncate: false,
    };
    /// To write it anew.
    pub const WRITE: OpenOptions =
        OpenOptions { read: false, write: true, create: true, truncate: true, ..Self::READ };
    /// To write at its end.
    pub const APPEND: OpenOptions =
        OpenOptions { read: false, write: true, create: true, append: true, ..Self::READ };
}

/// An open file: a place in it, shared by all descriptors that were copied from one another.
pub struct OpenFile {
    files: FileSystem,
    inode: Inode,
    generation: u32,
    offset: Cell<u64>,
    options: OpenOptions,
    metadata_device: usize,
}

impl OpenFile {
    pub(crate) fn new(
        files: FileSystem,
        inode: Inode,
        options: OpenOptions,
        device: usize,
    ) -> OpenFile {
        files.acquire(inode);
        let generation = files.generation();
        let offset = Cell::new(0);
        OpenFile { files, inode, generation, offset, options, metadata_device: device }
    }

    /// Where the next read or write takes place.
    pub fn offset(&self) -> u64 {
        self.offset.get()
    }

    /// Goes to a place in the file.
    pub fn seek(&self, offset: u64) {
        self.offset.set(offset);
    }

    /// Bytes in the file.
    pub fn len(&self) -> u64 {
        self.files.node(self.inode).map_or(0, |node| node.size())
    }

    /// Whether the file has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both are the same file.
    pub fn is_same(&self, other: &OpenFile) -> bool {
        self.inode == other.inode && self.files.is_same(&other.files)
    }

    /// Cuts or extends the file.
    pub fn truncate(&self, length: u64) -> Result<(), Errno> {
        self.files.truncate(self.inode, length)
    }

    /// What `fstat` tells.
    pub fn metadata(&self) -> Result<Metadata, Errno> {
        let node = self.files.node(self.inode)?;
        Ok(super::operations::describe(&self.files, self.inode, &node, self.metadata_device))
    }

    fn is_stale(&self) -> bool {
        self.files.generation() != self.generation
    }
}

impl Stream for OpenFile {
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno> {
        if !self.options.read {
            return Err(Errno::EBADF);
        }
        if self.is_stale() {
            return Ok(Vec::new());
        }
        let node = self.files.node(self.inode)?;
        let Body::File(content) = &node.body else {
            return Err(Errno::EISDIR);
        };
        let start = (self.offset.get() as usize).min(content.len());
        let end = start.saturating_add(limit).min(content.len());
        let bytes = content.get(start..end).unwrap_or_default().to_vec();
        self.offset.set(self.offset.get() + bytes.len() as u64);
        Ok(bytes)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        if !self.options.write {
            return Err(Errno::EBADF);
        }
        if self.is_stale() {
            return Err(Errno::EIO);
        }
        if self.options.append {
            self.offset.set(self.len());
        }
        self.files.write_at(self.inode, self.offset.get(), bytes)?;
        self.offset.set(self.offset.get() + bytes.len() as u64);
        Ok(bytes.len())
    }

    fn unread(&self, bytes: &[u8]) -> bool {
        self.offset.set(self.offset.get().saturating_sub(bytes.len() as u64));
        true
    }

    fn file(&self) -> Option<&OpenFile> {
        Some(self)
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.files.release(self.inode, self.generation);
    }
}
