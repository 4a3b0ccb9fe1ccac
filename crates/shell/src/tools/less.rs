//! `less`, `more`: a pager. Without a terminal they copy.

use super::{Options, Tool, input::or_stdin};
use crate::context::Context;
use crate::errno::Errno;
use crate::regex::{Regex, Syntax};
use crate::tty::Tty;

pub(crate) const LESS: Tool = Tool {
    name: "less",
    usage: "[-EFIMmNSRh~] [FILE]...",
    about: "View FILE (or stdin) one screenful at a time",
    options: "E F I M m N S R h ~ X i e r n q s",
    run: |context| Box::pin(less(context)),
    ..super::TOOL
};

pub(crate) const MORE: Tool = Tool {
    name: "more",
    directory: "/bin",
    usage: "[FILE]...",
    about: "View FILE (or stdin) one screenful at a time",
    options: "!d !f !l !c !p !s !u",
    run: |context| Box::pin(more(context)),
    ..super::TOOL
};

struct Pager {
    context: Context,
    terminal: Tty,
    lines: Vec<String>,
    top: usize,
    numbers: bool,
    search: Option<Regex>,
    message: String,
    name: String,
}

async fn less(context: Context) -> i32 {
    let options = match Options::parse(&context, &LESS) {
        Ok(options) => options,
        Err(status) => return status,
    };
    page(context, options, false).await
}

async fn more(context: Context) -> i32 {
    let options = match Options::parse(&context, &MORE) {
        Ok(options) => options,
        Err(status) => return status,
    };
    page(context, options, true).await
}

async fn page(context: Context, options: Options, is_more: bool) -> i32 {
    if options.operands.is_empty() && context.is_terminal(0) {
        context.complain(match context.is_busybox() {
            true => super::usage_text(&context.name()),
            false => format!("Missing filename (\"{} --help\" for help)\n", context.name()),
        });
        return 1;
    }
    let mut text = String::new();
    let paths = or_stdin(&options.operands);
    let mut status = 0;
    for path in &paths {
        let read = match context.is_directory(path) {
            true => Err(Errno::EISDIR),
            false => context.read_operand_quietly(path).await,
        };
        match read {
            Ok(bytes) => {
                if is_more && paths.len() > 1 {
                    text.push_str(&format!("::::::::::::::\n{path}\n::::::::::::::\n"));
                }
                text.push_str(&crate::text::decode(&bytes));
            }
            Err(Errno::EISDIR) if !context.is_busybox() => {
                context.complain(match is_more {
                    true => format!("\n*** {path}: directory ***\n\n"),
                    false => format!("{path} is a directory\n"),
                });
                status = 1;
            }
            Err(error) => {
                context.complain(match (context.is_busybox(), is_more) {
                    (true, _) => format!("{}: can't open '{path}': {error}\n", context.name()),
                    (false, true) => format!("more: cannot open {path}: {error}\n"),
                    (false, false) => format!("{path}: {error}\n"),
                });
                status = 1;
            }
        }
    }
    let Some(terminal) = context.stream(1).ok().and_then(|stream| stream.terminal()) else {
        context.put(text);
        return status;
    };
    let rows = terminal.size().1;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.len() < rows && (is_more || options.has("F")) {
        context.put(text);
        return status;
    }
    terminal.set_raw(true);
    let mut pager = Pager {
        context: context.clone(),
        terminal: terminal.clone(),
        lines,
        top: 0,
        numbers: options.has("N"),
        search: None,
        message: String::new(),
        name: paths.first().filter(|path| *path != "-").cloned().unwrap_or_default(),
    };
    pager.run(is_more).await;
    terminal.set_raw(false);
    status
}

impl Pager {
    fn room(&self) -> usize {
        self.terminal.size().1.saturating_sub(1).max(1)
    }

    fn last_top(&self) -> usize {
        self.lines.len().saturating_sub(self.room())
    }

    fn draw(&mut self) {
        let columns = self.terminal.size().0;
        let mut screen = String::from("\u{1b}[H\u{1b}[2J");
        for row in 0..self.room() {
            match self.lines.get(self.top + row) {
                Some(line) => {
                    let number = match self.numbers {
                        true => format!("{:7} ", self.top + row + 1),
                        false => String::new(),
                    };
                    let line: String = format!("{number}{line}").chars().take(columns).collect();
                    screen.push_str(&line);
                }
                None => screen.push('~'),
            }
            screen.push('\n');
        }
        let status = if !self.message.is_empty() {
            std::mem::take(&mut self.message)
        } else if self.top >= self.last_top() {
            "(END)".to_owned()
        } else if self.top == 0 && !self.name.is_empty() {
            self.name.clone()
        } else {
            ":".to_owned()
        };
        screen.push_str(&format!("\u{1b}[7m{status}\u{1b}[0m"));
        self.context.put(screen);
    }

    async fn run(&mut self, ends_at_end: bool) {
        loop {
            self.draw();
            let key = self.key().await;
            let page = self.room();
            match key.as_str() {
                "" | "q" | "Q" | "\u{3}" => break,
                " " | "f" | "\u{6}" | "\u{1b}[6~" => {
                    if ends_at_end && self.top >= self.last_top() {
                        break;
                    }
                    self.top = (self.top + page).min(self.last_top());
                }
                "b" | "\u{2}" | "\u{1b}[5~" => self.top = self.top.saturating_sub(page),
                "d" | "\u{4}" => self.top = (self.top + page / 2).min(self.last_top()),
                "u" | "\u{15}" => self.top = self.top.saturating_sub(page / 2),
                "j" | "\r" | "\n" | "e" | "\u{1b}[B" | "\u{1b}OB" => {
                    self.top = (self.top + 1).min(self.last_top());
                }
                "k" | "y" | "\u{1b}[A" | "\u{1b}OA" => self.top = self.top.saturating_sub(1),
                "g" | "<" | "\u{1b}[H" => self.top = 0,
                "G" | ">" | "\u{1b}[F" => self.top = self.last_top(),
                "/" => self.ask_search().await,
                "n" => self.find(self.top + 1, true),
                "N" => self.find(self.top, false),
                _ => {}
            }
        }
        self.context.put("\r\u{1b}[K");
        if self.context.flush().await.is_err() {
            self.lines.clear();
        }
    }

    /// A key, or the whole sequence of a key that sends one. Nothing: the terminal is gone.
    async fn key(&mut self) -> String {
        let stream: crate::Handle = std::rc::Rc::new(self.terminal.clone());
        let bytes = self.context.read_stream(&stream, 16).await.unwrap_or_default();
        let text = crate::text::decode(&bytes);
        if text.starts_with('\u{1b}') {
            return text;
        }
        let mut chars = text.chars();
        let first = chars.next().map(String::from).unwrap_or_default();
        // Keys typed ahead are for later.
        let rest = bytes.get(first.len()..).unwrap_or_default();
        if !rest.is_empty() {
            stream.unread(rest);
        }
        first
    }

    async fn ask_search(&mut self) {
        let mut text = String::new();
        loop {
            self.context.put(format!("\r\u{1b}[K/{text}"));
            match self.key().await.as_str() {
                "\r" | "\n" => break,
                "" | "\u{3}" | "\u{1b}" => return,
                "\u{7f}" | "\u{8}" => {
                    if text.pop().is_none() {
                        return;
                    }
                }
                key => text.push_str(key),
            }
        }
        if !text.is_empty() {
            let syntax = Syntax { extended: true, ignore_case: false };
            match Regex::new(&text, syntax) {
                Ok(regex) => self.search = Some(regex),
                Err(error) => {
                    self.message = error.to_string();
                    return;
                }
            }
        }
        self.find(self.top + 1, true);
    }

    fn find(&mut self, from: usize, forwards: bool) {
        let Some(regex) = &self.search else {
            self.message = "No previous regular expression".to_owned();
            return;
        };
        let matches = |line: &&String| regex.is_match(line);
        let found = if forwards {
            self.lines.iter().skip(from).position(|line| matches(&line)).map(|at| at + from)
        } else {
            self.lines.iter().take(from).rposition(|line| matches(&line))
        };
        match found {
            Some(line) => self.top = line.min(self.last_top()),
            None => self.message = "Pattern not found  (press RETURN)".to_owned(),
        }
    }
}
