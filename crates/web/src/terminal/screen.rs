//! What a terminal shows: lines of coloured text, from the bytes that programs write.
//!
//! A line terminal: carriage return, backspace, colours, erasing to the end of the line and
//! clearing the screen. Deliberately missing: moving the cursor to another line.

use std::rc::Rc;

/// How many lines are kept.
const LINES_MAX: usize = 5_000;

/// How a run of characters looks. Colours are the eight of ECMA-48, plus 8 if bright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The colour of the characters.
    pub foreground: Option<u8>,
    /// Bold.
    pub is_bold: bool,
    /// Faint.
    pub is_faint: bool,
    /// Underlined.
    pub is_underlined: bool,
    /// With foreground and background exchanged.
    pub is_inverse: bool,
}

impl Style {
    /// The names of its classes.
    pub fn classes(self) -> String {
        let mut names = Vec::new();
        if let Some(colour) = self.foreground {
            names.push(format!("ansi-{colour}"));
        }
        let flags = [
            (self.is_bold, "bold"),
            (self.is_faint, "faint"),
            (self.is_underlined, "underline"),
            (self.is_inverse, "inverse"),
        ];
        names.extend(flags.iter().filter(|flag| flag.0).map(|flag| format!("ansi-{}", flag.1)));
        names.join(" ")
    }

    fn apply(&mut self, parameters: &str) {
        for parameter in parameters.split(';') {
            match parameter.parse::<u8>().unwrap_or(0) {
                0 => *self = Style::default(),
                1 => self.is_bold = true,
                2 => self.is_faint = true,
                4 => self.is_underlined = true,
                7 => self.is_inverse = true,
                22 => (self.is_bold, self.is_faint) = (false, false),
                24 => self.is_underlined = false,
                27 => self.is_inverse = false,
                colour @ 30..=37 => self.foreground = Some(colour - 30),
                39 => self.foreground = None,
                colour @ 90..=97 => self.foreground = Some(colour - 90 + 8),
                _ => {}
            }
        }
    }
}

/// A run of characters that look alike.
pub type Run = (Style, String);

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    cells: Vec<(Style, char)>,
    cursor: usize,
}

impl Line {
    fn put(&mut self, style: Style, character: char) {
        if self.cursor < self.cells.len() {
            self.cells[self.cursor] = (style, character);
        } else {
            self.cells.resize(self.cursor, (Style::default(), ' '));
            self.cells.push((style, character));
        }
        self.cursor += 1;
    }

    /// Its runs.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (style, character) in &self.cells {
            match runs.last_mut() {
                Some((last, text)) if last == style => text.push(*character),
                _ => runs.push((*style, character.to_string())),
            }
        }
        runs
    }
}

/// The lines from one prompt to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its number, which stays.
    pub number: u64,
    /// Its lines; the last block's last one is [`Screen::current`] instead.
    pub lines: Vec<Rc<Line>>,
}

/// What a terminal shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Finished lines.
    pub blocks: Vec<Rc<Block>>,
    /// The line that is being written: at rest, the prompt.
    pub current: Line,
    /// Whether anything has been written yet, be it a prompt.
    pub is_begun: bool,
    style: Style,
    pending: Vec<u8>,
    lines: usize,
    next_block: u64,
}

impl Screen {
    /// Begins a new block: what was typed last is being answered.
    pub fn open_block(&mut self) {
        let number = self.next_block;
        self.next_block += 1;
        self.blocks.push(Rc::new(Block { number, lines: Vec::new() }));
    }

    /// Forgets all finished lines.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.lines = 0;
    }

    /// Shows what programs have written.
    pub fn write(&mut self, bytes: &[u8]) {
        self.is_begun = true;
        self.pending.extend(bytes);
        let pending = std::mem::take(&mut self.pending);
        let text = String::from_utf8_lossy(complete_part(&pending)).into_owned();
        let rest = &pending[complete_part(&pending).len()..];
        let mut characters = text.chars().peekable();
        let mut unfinished = String::new();
        while let Some(character) = characters.next() {
            if character != '\u{1b}' {
                self.character(character);
                continue;
            }
            let mut sequence = String::new();
            let end = loop {
                let Some(next) = characters.next() else { break None };
                sequence.push(next);
                let is_first = sequence.len() == 1;
                if is_first && next != '[' || !is_first && ('@'..='~').contains(&next) {
                    break Some(next);
                }
            };
            match end {
                Some(end) => self.control(&sequence, end),
                None => unfinished = format!("\u{1b}{sequence}"),
            }
        }
        self.pending = unfinished.into_bytes();
        self.pending.extend(rest);
    }

    fn character(&mut self, character: char) {
        match character {
            '\n' => self.new_line(),
            '\r' => self.current.cursor = 0,
            '\u{8}' => self.current.cursor = self.current.cursor.saturating_sub(1),
            '\t' => {
                let stop = (self.current.cursor / 8 + 1) * 8;
                while self.current.cursor < stop {
                    self.current.put(self.style, ' ');
                }
            }
            control if control.is_control() => {}
            character => self.current.put(self.style, character),
        }
    }

    fn new_line(&mut self) {
        if self.blocks.is_empty() {
            self.open_block();
        }
        let line = Rc::new(std::mem::take(&mut self.current));
        if let Some(block) = self.blocks.last_mut() {
            Rc::make_mut(block).lines.push(line);
            self.lines += 1;
        }
        self.forget_old_lines();
    }

    fn forget_old_lines(&mut self) {
        while self.lines > LINES_MAX && self.blocks.len() > 1 {
            self.lines -= self.blocks.remove(0).lines.len();
        }
        if let Some(only) = self.blocks.first_mut().filter(|_| self.lines > LINES_MAX) {
            Rc::make_mut(only).lines.drain(..self.lines - LINES_MAX);
            self.lines = LINES_MAX;
        }
    }

    fn control(&mut self, sequence: &str, end: char) {
        let parameters = sequence.strip_prefix('[').unwrap_or("");
        let parameters = parameters.strip_suffix(end).unwrap_or("");
        match end {
            'm' => self.style.apply(parameters),
            'K' => match parameters {
                "1" | "2" => self.current.cells.clear(),
                _ => self.current.cells.truncate(self.current.cursor),
            },
            'J' if matches!(parameters, "2" | "3") => self.clear(),
            'H' => self.current.cursor = 0,
            'D' => {
                let count = parameters.parse().unwrap_or(1);
                self.current.cursor = self.current.cursor.saturating_sub(count);
            }
            'C' => self.current.cursor += parameters.parse::<usize>().unwrap_or(1).min(500),
            _ => {}
        }
    }
}

/// The part of `bytes` that does not end within a character.
fn complete_part(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(why) if why.error_len().is_none() => &bytes[..why.valid_up_to()],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line) -> String {
        line.runs().into_iter().map(|run| run.1).collect()
    }

    fn check(pieces: &[&[u8]], lines: &[&str], current: &str) {
        let mut screen = Screen::default();
        for piece in pieces {
            screen.write(piece);
        }
        let found: Vec<_> =
            screen.blocks.iter().flat_map(|block| &block.lines).map(|line| text(line)).collect();
        assert_eq!(found, lines);
        assert_eq!(text(&screen.current), current);
    }

    #[test]
    fn lines_and_corrections() {
        check(&[b"a\nb"], &["a"], "b");
        check(&[b"50%\r100%"], &[], "100%");
        check(&[b"abc\x08\x08X"], &[], "aXc");
        check(&[b"a\tb\n"], &["a       b"], "");
        check(&[b"abc\r\x1b[Kd"], &[], "d");
        check(&[b"a\nb\n\x1b[H\x1b[2J$ "], &[], "$ ");
    }

    #[test]
    fn what_is_cut_is_put_together() {
        check(&["ポ".as_bytes().split_at(1).0, "ポ".as_bytes().split_at(1).1], &[], "ポ");
        check(&[b"\x1b[3", b"1mred\x1b[0m"], &[], "red");
    }

    #[test]
    fn colours() {
        let mut screen = Screen::default();
        screen.write(b"\x1b[1;31mbad\x1b[0m ok");
        let runs = screen.current.runs();
        assert_eq!(runs[0].0.classes(), "ansi-1 ansi-bold");
        assert_eq!((runs[0].1.as_str(), runs[1].1.as_str()), ("bad", " ok"));
    }

    #[test]
    fn old_lines_go() {
        let mut screen = Screen::default();
        for number in 0..LINES_MAX + 10 {
            screen.write(format!("{number}\n").as_bytes());
        }
        assert_eq!(screen.blocks[0].lines.len(), LINES_MAX);
    }
}
