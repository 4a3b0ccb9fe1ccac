//! What a file descriptor refers to.

use crate::errno::Errno;
use crate::fs::OpenFile;
use crate::notify::Notify;
use crate::tty::Tty;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Something that can be read from or written to. Nothing here waits: a stream that cannot go
/// on says `EAGAIN`, and the reader waits for the stream's bell.
pub trait Stream {
    /// Takes up to `limit` bytes; an empty answer is the end. `EAGAIN`: nothing is there *yet*.
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno>;

    /// Accepts as many bytes as there is room for, at least one. `EAGAIN`: no room *yet*.
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno>;

    /// Rings whenever a read or write that said `EAGAIN` is worth trying again.
    fn bell(&self) -> Option<&Notify> {
        None
    }

    /// Puts back bytes that were just read, as a file can by seeking. Streams that cannot say
    /// `false`; who must not read too much then reads byte by byte.
    fn unread(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// The terminal that this is.
    fn terminal(&self) -> Option<Tty> {
        None
    }

    /// The file that this is.
    fn file(&self) -> Option<&OpenFile> {
        None
    }

    /// Whether a write that fails with `EPIPE` also raises SIGPIPE.
    fn is_pipe(&self) -> bool {
        false
    }
}

/// A shared stream: what descriptors hold. Dropping the last one closes it.
pub type Handle = Rc<dyn Stream>;

/// `/dev/null`.
#[derive(Debug, Default)]
pub struct Null;

impl Stream for Null {
    fn read(&self, _limit: usize) -> Result<Vec<u8>, Errno> {
        Ok(Vec::new())
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        Ok(bytes.len())
    }
}

/// `/dev/zero`, and `/dev/full` which differs in that nothing can be written.
#[derive(Debug)]
pub(crate) struct Zero {
    pub(crate) is_full: bool,
}

impl Stream for Zero {
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno> {
        Ok(vec![0; limit])
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        if self.is_full { Err(Errno::ENOSPC) } else { Ok(bytes.len()) }
    }
}

/// `/dev/urandom`: random bytes from the machine's seeded source.
pub(crate) struct Random(pub(crate) RefCell<sim::Rng>);

impl Stream for Random {
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno> {
        let mut rng = self.0.borrow_mut();
        Ok((0..limit).map(|_| rng.next_u32() as u8).collect())
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        Ok(bytes.len())
    }
}

/// Keeps what is written to it, within a bound; past it the rest is dropped and counted.
#[derive(Debug)]
pub struct Capture {
    bytes: RefCell<Vec<u8>>,
    limit: usize,
    bell: Notify,
}

impl Capture {
    /// A capture of at most `limit` bytes.
    pub fn new(limit: usize) -> Rc<Capture> {
        Rc::new(Capture { bytes: RefCell::default(), limit, bell: Notify::default() })
    }

    /// What was written so far, taken out.
    pub fn take(&self) -> Vec<u8> {
        self.bytes.take()
    }

    /// Rings at every write.
    pub fn written(&self) -> &Notify {
        &self.bell
    }
}

impl Stream for Capture {
    fn read(&self, _limit: usize) -> Result<Vec<u8>, Errno> {
        Err(Errno::EBADF)
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let mut kept = self.bytes.borrow_mut();
        let room = self.limit.saturating_sub(kept.len()).min(bytes.len());
        kept.extend(bytes.iter().take(room));
        drop(kept);
        self.bell.ring();
        Ok(bytes.len())
    }
}

/// Bytes to be read once, such as a text given as standard input.
#[derive(Debug)]
pub struct Source(RefCell<VecDeque<u8>>);

impl Source {
    /// A stream of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Rc<Source> {
        Rc::new(Source(RefCell::new(VecDeque::from(bytes.into()))))
    }
}

impl Stream for Source {
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno> {
        let mut bytes = self.0.borrow_mut();
        let count = bytes.len().min(limit);
        Ok(bytes.drain(..count).collect())
    }
    fn write(&self, _bytes: &[u8]) -> Result<usize, Errno> {
        Err(Errno::EBADF)
    }
    fn unread(&self, bytes: &[u8]) -> bool {
        let mut kept = self.0.borrow_mut();
        for byte in bytes.iter().rev() {
            kept.push_front(*byte);
        }
        true
    }
}
