//! Terminals.
//!
//! A [`Tty`] has two sides. Outside, somebody types bytes in and takes what is to be shown;
//! inside, it is a stream that programs read lines from and write to. In cooked mode, which it
//! begins in, it echoes what is typed, lets the line be corrected (backspace, `^U`, `^W`), hands
//! it over at Enter, and turns `^C` and `^\` into signals for the foreground process group and
//! `^D` into an end of input. In raw mode it passes every byte on.
//!
//! Deliberately missing: `^Z`, flow control, and the translation of `\n` into `\r\n`.

use crate::errno::Errno;
use crate::machine::{Machine, WeakMachine};
use crate::notify::Notify;
use crate::process::Pid;
use crate::signal::Signal;
use crate::stream::Stream;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// What a program writes to a terminal that nobody looks at: then it must wait.
const LIMIT_OUTPUT_BYTES: usize = 1024 * 1024;
/// The kernel's limit on a line in cooked mode.
const LIMIT_LINE_BYTES: usize = 4096;

#[derive(Default)]
struct Inner {
    /// What can be read; an empty piece is an end of input, to be seen once.
    ready: RefCell<VecDeque<Vec<u8>>>,
    /// The line being typed in cooked mode.
    line: RefCell<Vec<u8>>,
    output: RefCell<Vec<u8>>,
    raw: Cell<bool>,
    hung_up: Cell<bool>,
    size: Cell<(usize, usize)>,
    foreground: RefCell<Option<(WeakMachine, Pid)>>,
    inside: Notify,
    outside: Notify,
}

/// A terminal. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Tty(Rc<Inner>);

/// The outer side.
impl Tty {
    /// A terminal of so many columns and rows.
    pub fn new(columns: usize, rows: usize) -> Tty {
        let inner = Inner { size: Cell::new((columns, rows)), ..Inner::default() };
        Tty(Rc::new(inner))
    }

    /// Types `bytes`.
    pub fn input(&self, bytes: &[u8]) {
        if self.0.raw.get() {
            self.0.ready.borrow_mut().push_back(bytes.to_vec());
        } else {
            for byte in bytes {
                self.cooked_input(*byte);
            }
        }
        self.0.inside.ring();
        self.0.outside.ring();
    }

    /// Takes what programs have written, and what was echoed, since it was asked last.
    pub fn take_output(&self) -> Vec<u8> {
        let output = self.0.output.take();
        if output.len() >= LIMIT_OUTPUT_BYTES {
            self.0.inside.ring();
        }
        output
    }

    /// Rings when there is something to show.
    pub fn output_bell(&self) -> &Notify {
        &self.0.outside
    }

    /// Changes the size of the window and tells the foreground processes.
    pub fn resize(&self, columns: usize, rows: usize) {
        self.0.size.set((columns, rows));
        self.signal_foreground(Signal::WINCH);
    }

    /// The window is closed: reads end, and the foreground processes get SIGHUP.
    pub fn hang_up(&self) {
        self.0.hung_up.set(true);
        self.0.inside.ring();
        self.signal_foreground(Signal::HUP);
    }
}

/// The inner side.
impl Tty {
    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        self.0.size.get()
    }

    /// Whether every byte is passed on as it is typed.
    pub fn is_raw(&self) -> bool {
        self.0.raw.get()
    }

    /// Goes to raw mode or back to cooked mode. What was typed of a line is not lost.
    pub fn set_raw(&self, raw: bool) {
        self.0.raw.set(raw);
        let line = self.0.line.take();
        if raw && !line.is_empty() {
            self.0.ready.borrow_mut().push_back(line);
        } else if !raw {
            *self.0.line.borrow_mut() = line;
        }
    }

    /// Says whom `^C` is for.
    pub fn set_foreground(&self, machine: &Machine, group: Pid) {
        *self.0.foreground.borrow_mut() = Some((machine.downgrade(), group));
    }

    /// The process group that `^C` is for.
    pub fn foreground(&self) -> Option<Pid> {
        self.0.foreground.borrow().as_ref().map(|(_, group)| *group)
    }

    /// Writes without waiting for room: for echo and messages of the terminal itself.
    pub fn show(&self, bytes: &[u8]) {
        self.0.output.borrow_mut().extend_from_slice(bytes);
        self.0.outside.ring();
    }

    fn signal_foreground(&self, signal: Signal) {
        let foreground = self.0.foreground.borrow().clone();
        if let Some((machine, group)) = foreground
            && let Some(machine) = machine.get()
        {
            machine.signal_group(group, signal, false);
        }
    }

    fn cooked_input(&self, byte: u8) {
        match byte {
            0x03 => self.interrupt(b"^C", Signal::INT),
            0x1c => self.interrupt(b"^\\", Signal::QUIT),
            0x04 => {
                let line = self.0.line.take();
                self.0.ready.borrow_mut().push_back(line);
            }
            b'\r' | b'\n' => {
                let mut line = self.0.line.take();
                line.push(b'\n');
                self.0.ready.borrow_mut().push_back(line);
                self.show(b"\n");
            }
            0x7f | 0x08 => self.erase(1),
            0x15 => self.erase(usize::MAX),
            0x17 => self.erase_word(),
            _ if self.0.line.borrow().len() < LIMIT_LINE_BYTES => {
                self.0.line.borrow_mut().push(byte);
                let echo =
                    if byte < 0x20 && byte != b'\t' { vec![b'^', byte + 0x40] } else { vec![byte] };
                self.show(&echo);
            }
            _ => {}
        }
    }

    fn interrupt(&self, echo: &[u8], signal: Signal) {
        self.0.line.take();
        self.0.ready.borrow_mut().clear();
        self.show(echo);
        self.signal_foreground(signal);
    }

    /// Takes characters off the end of the line, on the screen too.
    fn erase(&self, count: usize) {
        for _ in 0..count {
            let line = self.0.line.take();
            let text = crate::text::decode(&line);
            let mut rest = text.chars();
            let Some(last) = rest.next_back() else {
                return;
            };
            let width = crate::text::width(last.encode_utf8(&mut [0; 4]));
            *self.0.line.borrow_mut() = crate::text::encode(rest.as_str()).into_owned();
            self.show("\u{8} \u{8}".repeat(width).as_bytes());
        }
    }

    fn erase_word(&self) {
        let text = crate::text::decode(&self.0.line.borrow());
        let kept = text.trim_end_matches(' ').trim_end_matches(|c| c != ' ');
        self.erase(text.chars().count() - kept.chars().count());
    }
}

impl Stream for Tty {
    fn read(&self, limit: usize) -> Result<Vec<u8>, Errno> {
        let mut ready = self.0.ready.borrow_mut();
        let Some(mut piece) = ready.pop_front() else {
            return if self.0.hung_up.get() { Ok(Vec::new()) } else { Err(Errno::EAGAIN) };
        };
        if piece.len() > limit {
            ready.push_front(piece.split_off(limit));
        }
        Ok(piece)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        if self.0.hung_up.get() {
            return Err(Errno::EIO);
        }
        let waiting = self.0.output.borrow().len();
        let room = LIMIT_OUTPUT_BYTES.saturating_sub(waiting).min(bytes.len());
        if room == 0 && !bytes.is_empty() {
            return Err(Errno::EAGAIN);
        }
        self.show(bytes.get(..room).unwrap_or_default());
        Ok(room)
    }

    fn bell(&self) -> Option<&Notify> {
        Some(&self.0.inside)
    }

    fn unread(&self, bytes: &[u8]) -> bool {
        if !bytes.is_empty() {
            self.0.ready.borrow_mut().push_front(bytes.to_vec());
        }
        true
    }

    fn terminal(&self) -> Option<Tty> {
        Some(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, read: &[&str], shown: &str) {
        let tty = Tty::new(80, 24);
        tty.input(typed.as_bytes());
        for line in read {
            assert_eq!(tty.read(100).as_deref(), Ok(line.as_bytes()), "{typed:?}");
        }
        assert_eq!(tty.read(100), Err(Errno::EAGAIN), "{typed:?}");
        assert_eq!(String::from_utf8_lossy(&tty.take_output()), shown, "{typed:?}");
    }

    #[test]
    fn lines_are_echoed_corrected_and_handed_over() {
        check("ab\rc", &["ab\n"], "ab\nc");
        check("ax\x7fb\n", &["ab\n"], "ax\u{8} \u{8}b\n");
        check("日\x7fb\n", &["b\n"], "日\u{8} \u{8}\u{8} \u{8}b\n");
        check("ls foo\x17\n", &["ls \n"], &format!("ls foo{}\n", "\u{8} \u{8}".repeat(3)));
        check("abc\x03d\n", &["d\n"], "abc^Cd\n");
        check("ab\x04\x04", &["ab", ""], "ab");
    }

    #[test]
    fn raw_mode_passes_everything_on() {
        let tty = Tty::new(80, 24);
        tty.set_raw(true);
        tty.input(b"\x03\x1b[A");
        assert_eq!(tty.read(100).as_deref(), Ok(&b"\x03\x1b[A"[..]));
        assert!(tty.take_output().is_empty());
    }
}
