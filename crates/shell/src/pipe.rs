//! Pipes: a bounded buffer between a reader and a writer.

use crate::errno::Errno;
use crate::notify::Notify;
use crate::stream::{Handle, Stream};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Linux's default capacity of a pipe.
const CAPACITY_BYTES: usize = 64 * 1024;

#[derive(Default)]
struct Shared {
    bytes: RefCell<VecDeque<u8>>,
    reader_is_gone: Cell<bool>,
    writer_is_gone: Cell<bool>,
    bell: Notify,
}

struct Reader(Rc<Shared>);
struct Writer(Rc<Shared>);

/// A new pipe: what is written to the second end comes out of the first.
pub fn pipe() -> (Handle, Handle) {
    let shared = Rc::<Shared>::default();
    (Rc::new(Reader(shared.clone())), Rc::new(Writer(shared)))
}

impl Stream for Reader {
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno> {
        let mut bytes = self.0.bytes.borrow_mut();
        if bytes.is_empty() {
            return if self.0.writer_is_gone.get() { Ok(Vec::new()) } else { Err(Errno::EAGAIN) };
        }
        let was_full = bytes.len() >= CAPACITY_BYTES;
        let count = bytes.len().min(limit);
        let taken = bytes.drain(..count).collect();
        drop(bytes);
        if was_full {
            self.0.bell.ring();
        }
        Ok(taken)
    }
    fn write(&self, _bytes: &[u8]) -> Result<usize, Errno> {
        Err(Errno::EBADF)
    }
    fn bell(&self) -> Option<&Notify> {
        Some(&self.0.bell)
    }
    fn unread(&self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let mut kept = self.0.bytes.borrow_mut();
        for byte in bytes.iter().rev() {
            kept.push_front(*byte);
        }
        drop(kept);
        // Another reader may have found the pipe empty meanwhile.
        self.0.bell.ring();
        true
    }
    fn is_pipe(&self) -> bool {
        true
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.reader_is_gone.set(true);
        self.0.bell.ring();
    }
}

impl Stream for Writer {
    fn read(&self, _limit: usize) -> Result<Vec<u8>, Errno> {
        Err(Errno::EBADF)
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        if self.0.reader_is_gone.get() {
            return Err(Errno::EPIPE);
        }
        let mut kept = self.0.bytes.borrow_mut();
        let room = CAPACITY_BYTES.saturating_sub(kept.len()).min(bytes.len());
        if room == 0 && !bytes.is_empty() {
            return Err(Errno::EAGAIN);
        }
        kept.extend(bytes.iter().take(room));
        drop(kept);
        self.0.bell.ring();
        Ok(room)
    }
    fn bell(&self) -> Option<&Notify> {
        Some(&self.0.bell)
    }
    fn is_pipe(&self) -> bool {
        true
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.writer_is_gone.set(true);
        self.0.bell.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_pipe_takes_no_more_until_it_is_read() {
        let (reader, writer) = pipe();
        assert_eq!(reader.read(10), Err(Errno::EAGAIN));
        assert_eq!(writer.write(&vec![b'x'; 70_000]), Ok(CAPACITY_BYTES));
        assert_eq!(writer.write(b"y"), Err(Errno::EAGAIN));
        assert_eq!(reader.read(4).as_deref(), Ok(&b"xxxx"[..]));
        assert_eq!(writer.write(b"yyyyy"), Ok(4));
        drop(reader);
        assert_eq!(writer.write(b"z"), Err(Errno::EPIPE));
    }

    #[test]
    fn the_end_comes_after_the_last_byte() {
        let (reader, writer) = pipe();
        assert_eq!(writer.write(b"ab"), Ok(2));
        drop(writer);
        assert_eq!(reader.read(10).as_deref(), Ok(&b"ab"[..]));
        assert_eq!(reader.read(10).as_deref(), Ok(&b""[..]));
    }
}
