//! Reading files line by line, and complaining when they cannot be read.

use crate::context::Context;
use crate::errno::Errno;
use crate::stream::Handle;

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A stream read in lines. What was put is written out whenever it has to wait.
pub(crate) struct Lines {
    context: Context,
    stream: Handle,
    buffer: Vec<u8>,
    /// Where the next line begins in the buffer.
    start: usize,
    end: u8,
    is_over: bool,
}

impl Lines {
    pub(crate) fn new(context: &Context, stream: Handle) -> Lines {
        Lines::ending(context, stream, b'\n')
    }

    /// Lines that end in another byte than a newline.
    pub(crate) fn ending(context: &Context, stream: Handle, end: u8) -> Lines {
        let context = context.clone();
        Lines { context, stream, buffer: Vec::new(), start: 0, end, is_over: false }
    }

    /// The next line with its end; the last one may lack it. `None`: there is none.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Errno> {
        let mut searched = self.start;
        loop {
            let rest = self.buffer.get(searched..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|byte| *byte == self.end) {
                let end = searched + found + 1;
                let line = self.buffer.get(self.start..end).unwrap_or_default().to_vec();
                self.start = end;
                return Ok(Some(line));
            }
            if self.is_over {
                let line = self.buffer.split_off(self.start.min(self.buffer.len()));
                self.buffer.clear();
                self.start = 0;
                return Ok(Some(line).filter(|line| !line.is_empty()));
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            searched = self.buffer.len();
            let more = self.context.read_stream(&self.stream, CHUNK_BYTES).await?;
            self.is_over = more.is_empty();
            self.buffer.extend(more);
            self.context.hold(self.buffer.len()).await;
        }
    }

    /// Puts what was read too much back into the stream, if it takes it.
    pub(crate) fn give_back(&mut self) {
        let rest = self.buffer.split_off(self.start.min(self.buffer.len()));
        if !rest.is_empty() && self.stream.file().is_some() {
            self.stream.unread(&rest);
        }
        self.buffer.clear();
        self.start = 0;
    }

    /// The next line as text without its end, and whether the end was there.
    pub(crate) async fn text(&mut self) -> Result<Option<(String, bool)>, Errno> {
        let Some(mut line) = self.next().await? else {
            return Ok(None);
        };
        let ended = line.last() == Some(&self.end);
        if ended {
            line.pop();
        }
        Ok(Some((crate::text::decode(&line), ended)))
    }
}

impl Context {
    /// Complains that a file cannot be opened or read, in the flavour's words.
    pub(crate) fn cannot_open(&self, path: &str, error: Errno) {
        // busybox's tools differ by which of its helpers they call.
        const ASKING: [&str; 9] =
            ["cat", "tail", "uniq", "md5sum", "sha1sum", "sha256sum", "sha512sum", "wc", "tee"];
        let name = self.name();
        let asks = self.is_busybox() && ASKING.contains(&name.as_str());
        match (asks, error) {
            (true, Errno::EISDIR) if name == "cat" || name == "tail" => {
                self.fail(format!("read error: {error}"));
            }
            (true, Errno::EISDIR) if name.ends_with("sum") => {
                self.fail(format!("can't read '{path}': {error}"));
            }
            (true, Errno::ENOENT | Errno::EACCES | Errno::ENOTDIR)
                if name != "wc" && name != "tee" =>
            {
                self.fail(format!("can't open '{path}': {error}"));
            }
            _ => self.fail(format!("{path}: {error}")),
        }
    }

    /// How GNU's tools quote a name in messages: with the quotes of the language.
    pub(crate) fn quoted(&self, text: &str) -> String {
        let language = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| self.variable(name).filter(|value| !value.is_empty()));
        let is_unicode = language.is_some_and(|language| {
            let language = language.to_ascii_lowercase();
            language.ends_with("utf-8") || language.ends_with("utf8")
        });
        if is_unicode && !self.is_busybox() {
            format!("\u{2018}{text}\u{2019}")
        } else {
            format!("'{text}'")
        }
    }

    /// Everything in the file at `path` (`-`: standard input), without a word if it fails.
    pub(crate) async fn read_operand_quietly(&self, path: &str) -> Result<Vec<u8>, Errno> {
        let stream = self.open_input(path)?;
        self.read_to_end(&stream).await
    }

    /// Everything in the file at `path` (`-`: standard input). `None`: it was complained about.
    pub(crate) async fn read_operand(&self, path: &str) -> Option<Vec<u8>> {
        let read = match self.open_input(path) {
            Ok(stream) => self.read_to_end(&stream).await,
            Err(error) => Err(error),
        };
        read.map_err(|error| self.cannot_open(path, error)).ok()
    }
}

/// The operands, or standard input if there are none.
pub(crate) fn or_stdin(operands: &[String]) -> Vec<String> {
    if operands.is_empty() { vec!["-".to_owned()] } else { operands.to_vec() }
}

/// A line without the newline at its end.
pub(crate) fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

/// Calls `each` with every line of all operands (standard input if there are none). The status
/// is 1 if one of them could not be read.
pub(crate) async fn each_line(
    context: &Context,
    operands: &[String],
    mut each: impl FnMut(&[u8]),
) -> i32 {
    let mut status = 0;
    for path in or_stdin(operands) {
        let stream = match context.open_input(&path) {
            Ok(stream) => stream,
            Err(error) => {
                context.cannot_open(&path, error);
                status = 1;
                continue;
            }
        };
        let mut lines = Lines::new(context, stream);
        loop {
            match lines.next().await {
                Ok(Some(line)) => each(&line),
                Ok(None) => break,
                Err(error) => {
                    context.cannot_open(&path, error);
                    status = 1;
                    break;
                }
            }
            if context.flush_some().await.is_err() {
                return 1;
            }
        }
    }
    status
}

impl Context {
    /// How GNU's tools quote a file's name in messages: for a shell.
    pub(crate) fn quoted_always(&self, text: &str) -> String {
        if self.is_busybox() || !text.contains('\'') {
            return format!("'{text}'");
        }
        format!("\"{text}\"")
    }
}
