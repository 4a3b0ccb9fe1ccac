//! `sh`, `bash`: the programs around the interpreter.

use super::run::{Completeness, Lines, check_syntax};
use super::{Dialect, Flow, Origin, Shell, Source, Unwind};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::OpenOptions;
use crate::signal::Signal;
use std::rc::Rc;

/// What the command line asks for.
#[derive(Default)]
struct Invocation {
    command: Option<String>,
    operands: Vec<String>,
    interactive: bool,
    login: bool,
    from_input: bool,
    settings: Vec<(bool, char)>,
    long_settings: Vec<(bool, String)>,
    shell_options: Vec<(bool, String)>,
}

/// Runs a shell of this dialect.
pub(crate) async fn main(context: Context, dialect: Dialect) -> i32 {
    let words = context.arguments();
    let argument_zero = words.first().cloned().unwrap_or_default();
    let invocation = match parse_arguments(&words, dialect) {
        Ok(invocation) => invocation,
        Err(bad) => {
            if bad == "--version" && dialect.is_bash() {
                context.put("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n");
                return 0;
            }
            let message = match dialect {
                _ if bad == "-c" => match dialect {
                    Dialect::Dash => format!("{argument_zero}: 0: -c requires an argument\n"),
                    Dialect::Ash => format!("{argument_zero}: -c requires an argument\n"),
                    Dialect::Bash => format!("{argument_zero}: -c: option requires an argument\n"),
                },
                Dialect::Bash => format!("{argument_zero}: {bad}: invalid option\n"),
                Dialect::Dash => format!("{argument_zero}: 0: Illegal option {bad}\n"),
                Dialect::Ash => format!("{argument_zero}: illegal option {bad}\n"),
            };
            context.complain(message);
            return 2;
        }
    };
    let mut shell = Shell::new(context, dialect, argument_zero.trim_start_matches('-'));
    let _ = Box::pin(shell.run_invocation(invocation)).await;
    shell.leave().await
}

fn parse_arguments(words: &[String], dialect: Dialect) -> Result<Invocation, String> {
    let mut invocation = Invocation::default();
    let mut wants_command = false;
    let mut rest = words.iter().skip(1).peekable();
    invocation.login = words.first().is_some_and(|word| word.starts_with('-'));
    while let Some(word) = rest.peek() {
        let (on, letters) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
            (Some(letters), _) => (true, letters),
            (_, Some(letters)) => (false, letters),
            _ => break,
        };
        let word = (*word).clone();
        rest.next();
        match letters {
            "" | "-" => break,
            "-login" => invocation.login = true,
            "-norc" | "-noprofile" | "-posix" | "-noediting" => {}
            long if long.starts_with('-') => return Err(word),
            _ => {}
        }
        if letters.starts_with('-') {
            continue;
        }
        for letter in letters.chars() {
            match letter {
                'c' => wants_command = true,
                'i' => invocation.interactive = true,
                'l' => invocation.login = true,
                's' => invocation.from_input = true,
                'o' => {
                    let name = rest.next().cloned().unwrap_or_default();
                    invocation.long_settings.push((on, name));
                }
                'O' if dialect.is_bash() => {
                    let name = rest.next().cloned().unwrap_or_default();
                    invocation.shell_options.push((on, name));
                }
                _ if "aefhkmnuvxCbEB".contains(letter) => invocation.settings.push((on, letter)),
                _ => return Err(format!("-{letter}")),
            }
        }
    }
    let mut rest = rest.cloned();
    if wants_command {
        invocation.command = Some(rest.next().ok_or("-c")?);
    }
    invocation.operands = rest.collect();
    Ok(invocation)
}

impl Shell {
    async fn run_invocation(&mut self, invocation: Invocation) -> Flow {
        for (on, letter) in &invocation.settings {
            self.set_option_letter(*letter, *on);
        }
        for (on, name) in &invocation.long_settings {
            self.set_option(name, *on);
        }
        for (on, name) in &invocation.shell_options {
            let found = self.shell_options.all().into_iter().find(|(known, _)| known == name);
            if let Some((_, value)) = found {
                *value = *on;
            }
        }
        let mut operands = invocation.operands.into_iter();
        if let Some(command) = invocation.command {
            if let Some(name) = operands.next() {
                self.name = name.into();
            }
            self.positional = operands.collect();
            return self.run_command_text(&command).await;
        }
        if !invocation.from_input
            && let Some(path) = operands.next()
        {
            self.positional = operands.collect();
            return self.run_script(&path).await;
        }
        self.positional = operands.collect();
        let is_terminal = self.context.is_terminal(0) && self.context.is_terminal(2);
        if is_terminal || invocation.interactive {
            self.converse(invocation.login).await
        } else {
            self.origin = Origin::Input;
            self.run_input().await
        }
    }

    /// `-c`
    async fn run_command_text(&mut self, text: &str) -> Flow {
        self.origin = Origin::Text;
        let mut lines = Lines::new(text, self.dialect, 1);
        // dash forks for every program, also for the last.
        let last = self.dialect != Dialect::Dash;
        while self.run_next_line(&mut lines, last).await? {}
        Ok(())
    }

    async fn run_script(&mut self, path: &str) -> Flow {
        let found = match self.context.metadata(path, true) {
            Ok(metadata) if metadata.is_directory() => Err(Errno::EISDIR),
            Err(Errno::ENOENT) if !path.contains('/') => self.find_program(path),
            Err(error) => Err(error),
            Ok(_) => Ok(path.to_owned()),
        };
        let text = match found.and_then(|path| self.context.open(&path, OpenOptions::READ)) {
            Ok(stream) => self.context.read_to_end(&stream).await,
            Err(error) => Err(error),
        };
        let text = match text {
            Ok(text) => crate::text::decode(&text),
            Err(error) => {
                self.complain_of_script(path, error);
                return Err(Unwind::Exit);
            }
        };
        self.origin = Origin::File;
        self.name = path.into();
        self.run_lines(&text).await
    }

    fn complain_of_script(&mut self, path: &str, error: Errno) {
        let name = self.name.clone();
        let (message, status) = match self.dialect {
            Dialect::Bash if error == Errno::EISDIR => (format!("{path}: {path}: {error}\n"), 126),
            Dialect::Bash => (
                format!("{name}: {path}: {error}\n"),
                if error == Errno::ENOENT { 127 } else { 126 },
            ),
            Dialect::Dash if error == Errno::ENOENT => {
                (format!("{name}: 0: cannot open {path}: No such file\n"), 2)
            }
            Dialect::Dash => (format!("{name}: 0: cannot open {path}: {error}\n"), 2),
            Dialect::Ash => (format!("{name}: can't open '{path}': {error}\n"), 2),
        };
        self.context.complain(message);
        self.status = status;
    }

    /// Commands from a standard input that nobody types at: line by line, so that commands can
    /// read what follows them.
    async fn run_input(&mut self) -> Flow {
        let mut text = String::new();
        let (mut first_line, mut next_line) = (1, 1);
        loop {
            let stdin = self.context.stream(0);
            let line = match stdin {
                Ok(stdin) => self.context.read_line(&stdin, b'\n').await.unwrap_or_default(),
                Err(_) => Vec::new(),
            };
            let is_end = line.is_empty();
            text.push_str(&crate::text::decode(&line));
            next_line += 1;
            if !is_end && check_syntax(&text, self.dialect) == Completeness::Incomplete {
                continue;
            }
            self.run_lines_from(&std::mem::take(&mut text), first_line).await?;
            if is_end {
                return Ok(());
            }
            first_line = next_line;
        }
    }

    /// Talks to a person at a terminal.
    async fn converse(&mut self, login: bool) -> Flow {
        self.origin = Origin::Interactive;
        self.options.monitor = true;
        self.shell_options.expand_aliases = true;
        if let Some(terminal) = self.context.terminal() {
            let group = self.context.process().group.get();
            terminal.set_foreground(self.context.machine(), group);
        }
        self.context.handle(Signal::INT);
        self.context.ignore(Signal::TERM);
        self.context.ignore(Signal::QUIT);
        self.read_start_files(login).await?;
        loop {
            match self.converse_once().await {
                Ok(true) | Err(Unwind::Discard | Unwind::Interrupt) => {}
                Ok(false) => return Ok(()),
                Err(Unwind::Exit) => return Err(Unwind::Exit),
                Err(_) => {}
            }
        }
    }

    async fn read_start_files(&mut self, login: bool) -> Flow {
        let home = self.variable_text("HOME").unwrap_or_default();
        let mut files = Vec::new();
        if login {
            files.extend(["/etc/profile".to_owned(), format!("{home}/.profile")]);
        }
        if self.dialect.is_bash() {
            files.push(format!("{home}/.bashrc"));
        } else if let Some(file) = self.variable_text("ENV") {
            files.push(file);
        }
        for file in files {
            if let Ok(text) = self.context.read_file(&file) {
                self.run_file(&file, &crate::text::decode(&text)).await?;
            }
        }
        Ok(())
    }

    /// Runs the text of a file in this shell.
    pub(crate) async fn run_file(&mut self, name: &str, text: &str) -> Flow {
        let name: Rc<str> = name.into();
        self.sources.push(Source {
            name: Some(name.clone()),
            bash_name: Some(name),
            is_text: false,
            is_function: false,
        });
        let line = self.line;
        let flow = Box::pin(self.run_lines(text)).await;
        self.sources.pop();
        self.line = line;
        match flow {
            Err(Unwind::Return) => Ok(()),
            other => other,
        }
    }

    /// One prompt and what is typed at it; `false` at the end of the input.
    async fn converse_once(&mut self) -> Result<bool, Unwind> {
        self.report_jobs();
        let mut text = String::new();
        loop {
            let variable = if text.is_empty() { "PS1" } else { "PS2" };
            let prompt = self.prompt(variable).await;
            self.context.complain(prompt);
            self.context.settle().await;
            let Ok(stdin) = self.context.stream(0) else {
                return Ok(false);
            };
            let read = self.context.read_line(&stdin, b'\n');
            let Some(line) = self.context.interruptible(read).await else {
                // `^C`: a new prompt.
                while self.context.take_signal().is_some() {}
                self.context.complain("\n");
                self.status = 130;
                return Ok(true);
            };
            let line = line.unwrap_or_default();
            if line.is_empty() {
                self.context.complain(if self.dialect.is_bash() { "exit\n" } else { "\n" });
                return Ok(false);
            }
            text.push_str(&crate::text::decode(&line));
            if check_syntax(&text, self.dialect) != Completeness::Incomplete {
                break;
            }
        }
        let flow = self.run_lines(&text).await;
        if flow == Err(Unwind::Interrupt) {
            self.context.complain("\n");
        }
        flow.map(|()| true)
    }
}
