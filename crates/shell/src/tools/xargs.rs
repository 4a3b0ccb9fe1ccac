//! `xargs`

use super::{Options, Tool, options::misuse};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::OpenOptions;
use crate::process::Status;
use crate::stream::Null;
use std::rc::Rc;

pub(crate) const TOOL: Tool = Tool {
    name: "xargs",
    usage: "[OPTIONS] [PROG ARGS]",
    about: "Run PROG on every item given by stdin",
    options: "+ 0,null r,no-run-if-empty t,verbose p,interactive x,exit n,max-args: s,max-chars: L,max-lines: !l,lines:: E,eof: e:: I,replace: i:: a,arg-file: !d,delimiter: P,max-procs: o,open-tty",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How long one command line may become.
const LIMIT_COMMAND_BYTES: usize = 128 * 1024;

struct Runner {
    context: Context,
    command: Vec<String>,
    verbose: bool,
    asks: bool,
    status: i32,
    stop: bool,
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut command = options.operands.clone();
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    let number = |key: &str| -> Result<Option<usize>, i32> {
        let Some(text) = options.value(key) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ if context.is_busybox() => {
                context.fail(format!("invalid number '{text}'"));
                Err(1)
            }
            Ok(_) => {
                context.fail(format!("value {text} for -{key} option should be >= 1"));
                Err(misuse(&context, &TOOL, ""))
            }
            Err(_) => {
                context.fail(format!("invalid number \"{text}\" for -{key} option"));
                Err(misuse(&context, &TOOL, ""))
            }
        }
    };
    let (most, lines) = match (number("n"), number("L")) {
        (Ok(most), Ok(lines)) => (most, lines),
        (Err(status), _) | (_, Err(status)) => return status,
    };
    let replace =
        options.last_of(&["I", "i"]).map(|key| options.value(key).unwrap_or("{}").to_owned());
    let bytes = match read_input(&context, &options).await {
        Ok(bytes) => bytes,
        Err((path, error)) => {
            context.fail(match context.is_busybox() {
                true => format!("can't open '{path}': {error}"),
                false => format!("Cannot open input file '{path}': {error}"),
            });
            return 1;
        }
    };
    // The commands do not read what is left of the input.
    let _ = context.process().set_descriptor(0, Rc::new(Null));
    let mut runner = Runner {
        verbose: options.has("t"),
        asks: options.has("p"),
        command,
        status: 0,
        stop: false,
        context: context.clone(),
    };
    let text = crate::text::decode(&bytes);
    let delimiter = match options.value("d") {
        _ if options.has("0") => Some('\0'),
        Some(text) => crate::escapes::expand(text, crate::escapes::Style::FORMAT).0.chars().next(),
        None => None,
    };
    if let Some(replace) = replace {
        runner.replacing(&text, delimiter, &replace).await;
        return runner.status;
    }
    let items = match delimiter {
        Some(delimiter) => {
            let text = text.strip_suffix(delimiter).unwrap_or(&text);
            let items = text.split(delimiter).map(|item| (item.to_owned(), true));
            if text.is_empty() { Vec::new() } else { items.collect() }
        }
        None => match split(&text, options.value("E").or(options.value("e"))) {
            Ok(items) => items,
            Err(quote) => {
                let kind = if quote == '\'' { "single" } else { "double" };
                context.fail(match context.is_busybox() {
                    true => format!("unmatched {kind} quote"),
                    false => format!(
                        "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                    ),
                });
                return 1;
            }
        },
    };
    if items.is_empty() {
        if !options.has("r") {
            runner.execute(Vec::new()).await;
        }
        return runner.status;
    }
    runner.in_groups(items, most, lines).await;
    runner.status
}

async fn read_input(context: &Context, options: &Options) -> Result<Vec<u8>, (String, Errno)> {
    let path = options.value("a").unwrap_or("-");
    let stream = match path {
        "-" => context.stream(0),
        path => context.open(path, OpenOptions::READ),
    };
    let stream = stream.map_err(|error| (path.to_owned(), error))?;
    context.read_to_end(&stream).await.map_err(|error| (path.to_owned(), error))
}

/// Items by blanks and quotes; each with whether its line ends after it.
fn split(text: &str, end: Option<&str>) -> Result<Vec<(String, bool)>, char> {
    let mut items: Vec<(String, bool)> = Vec::new();
    let mut current: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        match character {
            ' ' | '\t' | '\n' => {
                if let Some(item) = current.take() {
                    if end == Some(item.as_str()) {
                        return Ok(items);
                    }
                    items.push((item, false));
                }
                if character == '\n'
                    && let Some(last) = items.last_mut()
                {
                    last.1 = true;
                }
            }
            quote @ ('\'' | '"') => {
                let item = current.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(next) if next == quote => break,
                        Some('\n') | None => return Err(quote),
                        Some(next) => item.push(next),
                    }
                }
            }
            '\\' => {
                let item = current.get_or_insert_default();
                item.extend(chars.next());
            }
            other => current.get_or_insert_default().push(other),
        }
    }
    if let Some(item) = current.filter(|item| end != Some(item.as_str())) {
        items.push((item, true));
    }
    Ok(items)
}

impl Runner {
    /// `-I`: once for every line.
    async fn replacing(&mut self, text: &str, delimiter: Option<char>, mark: &str) {
        let lines: Vec<&str> = match delimiter {
            Some(delimiter) => text.split(delimiter).collect(),
            None => text.lines().collect(),
        };
        for line in lines {
            let line =
                if delimiter.is_none() { line.trim_start_matches([' ', '\t']) } else { line };
            if line.is_empty() || self.stop {
                continue;
            }
            let words = self.command.iter().map(|word| word.replace(mark, line)).collect();
            self.run_command(words).await;
        }
    }

    async fn in_groups(
        &mut self,
        items: Vec<(String, bool)>,
        most: Option<usize>,
        lines: Option<usize>,
    ) {
        let own: usize = self.command.iter().map(|word| word.len() + 1).sum();
        let (mut group, mut bytes, mut ended) = (Vec::new(), own, 0);
        for (item, ends_line) in items {
            let too_long = bytes + item.len() >= LIMIT_COMMAND_BYTES;
            let is_full = most.is_some_and(|most| group.len() >= most);
            let enough_lines = lines.is_some_and(|lines| ended >= lines);
            if !group.is_empty() && (too_long || is_full || enough_lines) {
                self.execute(std::mem::take(&mut group)).await;
                (bytes, ended) = (own, 0);
                if self.stop {
                    return;
                }
            }
            bytes += item.len() + 1;
            ended += usize::from(ends_line);
            group.push(item);
        }
        self.execute(group).await;
    }

    async fn execute(&mut self, items: Vec<String>) {
        let words = self.command.iter().cloned().chain(items).collect();
        self.run_command(words).await;
    }

    async fn run_command(&mut self, words: Vec<String>) {
        let name = words.first().cloned().unwrap_or_default();
        if self.verbose || self.asks {
            let question = if self.asks { " ?..." } else { "\n" };
            self.context.complain(format!("{}{question}", words.join(" ")));
            if self.asks {
                // Nobody is asked: the input is what the items come from.
                return;
            }
        }
        let _ = self.context.flush().await;
        let status = match self.context.spawn(words) {
            Ok(child) => self.context.wait(&child).await,
            Err(error) => {
                self.context.fail(format!("{name}: {error}"));
                self.status = if error == Errno::ENOENT { 127 } else { 126 };
                self.stop = true;
                return;
            }
        };
        match status {
            Status::Exited(0) => {}
            Status::Exited(255) => {
                self.context.fail(format!("{name}: exited with status 255; aborting"));
                (self.status, self.stop) = (124, true);
            }
            Status::Exited(_) => self.status = 123,
            Status::Signalled(signal) => {
                self.context.fail(format!("{name}: terminated by signal {}", signal.number()));
                (self.status, self.stop) = (125, true);
            }
        }
    }
}
