//! `find`

mod parse;

use super::Tool;
use crate::context::Context;
use crate::fs::{Kind, Metadata, base_name, join};
use crate::pattern::Pattern;
use parse::Parser;
use sim::Time;

pub(crate) const TOOL: Tool = Tool {
    name: "find",
    usage: "[-HL] [PATH]... [OPTIONS] [ACTIONS]",
    about: "Search for files and perform actions on them",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How deep directories are searched.
const LIMIT_DEPTH: usize = 200;
/// How many conditions there may be.
const LIMIT_TERMS: usize = 10_000;

enum Test {
    Name(Pattern),
    Path(Pattern),
    Type(String),
    Size(char, u64, u64),
    /// Minutes since the last change: less, more or just so many.
    Age(char, u64, u64),
    Newer(Time),
    Empty,
    Mode(char, u16),
    User(String),
    Executable,
    True,
    False,
    Print(char),
    PrintFormat(String),
    Prune,
    Quit,
    Delete,
    /// The command; whether it gets all names at once; whether it asks.
    Exec(Vec<String>, bool),
}

enum Term {
    Test(Test),
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
}

struct Finder {
    context: Context,
    expression: Term,
    least: usize,
    most: usize,
    depth_first: bool,
    follow: bool,
    status: i32,
    prune: bool,
    quit: bool,
    /// Names for `-exec .. +`, by command.
    gathered: Vec<(Vec<String>, Vec<String>)>,
}

async fn run(context: Context) -> i32 {
    let words = context.operands();
    let mut follow = false;
    let mut start = 0;
    while let Some(word) = words.get(start) {
        match word.as_str() {
            "-L" => follow = true,
            "-H" | "-P" => {}
            _ => break,
        }
        start += 1;
    }
    let is_expression =
        |word: &String| (word.len() > 1 && word.starts_with('-')) || word == "(" || word == "!";
    let end = words.iter().skip(start).position(is_expression).map_or(words.len(), |at| at + start);
    let mut paths: Vec<String> = words.get(start..end).unwrap_or_default().to_vec();
    if paths.is_empty() {
        paths.push(".".to_owned());
    }
    let mut parser = Parser {
        context: &context,
        words: words.get(end..).unwrap_or_default(),
        position: 0,
        least: 0,
        most: LIMIT_DEPTH,
        depth_first: false,
        has_action: false,
    };
    let expression = match parser.whole() {
        Ok(expression) => expression,
        Err(message) => {
            context.fail(message);
            return 1;
        }
    };
    let (least, most, depth_first) = (parser.least, parser.most, parser.depth_first);
    let mut finder = Finder {
        expression: Term::And(Vec::new()),
        least,
        most,
        depth_first,
        follow,
        status: 0,
        prune: false,
        quit: false,
        gathered: Vec::new(),
        context,
    };
    for path in &paths {
        finder.visit(path, 0, &expression).await;
    }
    finder.expression = expression;
    for (command, names) in std::mem::take(&mut finder.gathered) {
        for some in names.chunks(5_000) {
            let words = command.iter().cloned().chain(some.iter().cloned()).collect();
            if !finder.execute(words).await {
                finder.status = 1;
            }
        }
    }
    finder.status
}

impl Finder {
    async fn visit(&mut self, path: &str, depth: usize, expression: &Term) {
        let metadata = match self.context.metadata(path, self.follow) {
            Ok(metadata) => metadata,
            Err(error) => {
                self.context.fail(match self.context.is_busybox() {
                    true => format!("{path}: {error}"),
                    false => format!("{}: {error}", self.context.quoted(path)),
                });
                self.status = 1;
                return;
            }
        };
        self.context.work(1).await;
        self.prune = false;
        let is_within = depth >= self.least;
        if is_within && !self.depth_first {
            self.test(path, &metadata, expression).await;
        }
        if metadata.is_directory() && depth < self.most && !self.prune && !self.quit {
            match self.context.names(path) {
                Ok(names) => {
                    for name in names {
                        if self.quit {
                            return;
                        }
                        Box::pin(self.visit(&join(path, &name), depth + 1, expression)).await;
                    }
                }
                Err(error) => {
                    self.context.fail(match self.context.is_busybox() {
                        true => format!("{path}: {error}"),
                        false => format!("{}: {error}", self.context.quoted(path)),
                    });
                    self.status = 1;
                }
            }
        }
        if is_within && self.depth_first && !self.quit {
            self.test(path, &metadata, expression).await;
        }
    }

    fn test<'a>(
        &'a mut self,
        path: &'a str,
        metadata: &'a Metadata,
        term: &'a Term,
    ) -> std::pin::Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            match term {
                Term::Test(test) => self.answer(path, metadata, test).await,
                Term::Not(inner) => !self.test(path, metadata, inner).await,
                Term::And(terms) => {
                    for term in terms {
                        if self.quit || !self.test(path, metadata, term).await {
                            return false;
                        }
                    }
                    true
                }
                Term::Or(terms) => {
                    for term in terms {
                        if self.test(path, metadata, term).await {
                            return true;
                        }
                    }
                    false
                }
            }
        })
    }

    async fn answer(&mut self, path: &str, metadata: &Metadata, test: &Test) -> bool {
        let context = self.context.clone();
        match test {
            Test::Name(pattern) => pattern.matches(base_name(path)),
            Test::Path(pattern) => pattern.matches(path),
            Test::Type(letters) => letters.split(',').any(|letter| letter == kind_letter(metadata)),
            Test::Size(sign, number, unit) => {
                compare(*sign, metadata.size.div_ceil(*unit), *number)
            }
            Test::Age(sign, number, unit) => {
                let age = context.now().since(metadata.modified).as_secs() / unit;
                compare(*sign, age, *number)
            }
            Test::Newer(time) => metadata.modified > *time,
            Test::Empty => match metadata.kind {
                Kind::Directory => context.names(path).is_ok_and(|names| names.is_empty()),
                Kind::File => metadata.size == 0,
                _ => false,
            },
            Test::Mode(sign, mode) => match sign {
                '-' => metadata.mode & mode == *mode,
                '/' => metadata.mode & mode != 0 || *mode == 0,
                _ => metadata.mode == *mode,
            },
            Test::User(name) => {
                let uid = super::users::ids_of(&context, name).map(|(uid, _)| uid);
                uid.or(name.parse().ok()) == Some(metadata.uid)
            }
            Test::Executable => context.machine().files().may(&context.caller(), path, 1).is_ok(),
            Test::True => true,
            Test::False => false,
            Test::Print(end) => {
                context.put(format!("{path}{end}"));
                let _ = context.flush_some().await;
                true
            }
            Test::PrintFormat(format) => {
                context.put(formatted(&context, format, path, metadata));
                true
            }
            Test::Prune => {
                self.prune = true;
                true
            }
            Test::Quit => {
                self.quit = true;
                true
            }
            Test::Delete => self.delete(path, metadata),
            Test::Exec(command, true) => {
                match self.gathered.iter_mut().find(|(known, _)| known == command) {
                    Some((_, names)) => names.push(path.to_owned()),
                    None => self.gathered.push((command.clone(), vec![path.to_owned()])),
                }
                true
            }
            Test::Exec(command, false) => {
                let words = command.iter().map(|word| word.replace("{}", path)).collect();
                self.execute(words).await
            }
        }
    }

    fn delete(&mut self, path: &str, metadata: &Metadata) -> bool {
        if path == "." {
            return true;
        }
        let caller = self.context.caller();
        let removed = match metadata.is_directory() {
            true => self.context.machine().files().remove_directory(&caller, path),
            false => self.context.machine().files().remove_file(&caller, path),
        };
        if let Err(error) = removed {
            self.context.fail(match self.context.is_busybox() {
                true => format!("{path}: {error}"),
                false => format!("cannot delete {}: {error}", self.context.quoted(path)),
            });
            self.status = 1;
        }
        removed.is_ok()
    }

    async fn execute(&mut self, words: Vec<String>) -> bool {
        let name = words.first().cloned().unwrap_or_default();
        let _ = self.context.flush().await;
        match self.context.spawn(words) {
            Ok(child) => self.context.wait(&child).await.code() == 0,
            Err(error) => {
                self.context.fail(match self.context.is_busybox() {
                    true => format!("{name}: {error}"),
                    false => format!("{}: {error}", self.context.quoted(&name)),
                });
                false
            }
        }
    }
}

fn compare(sign: char, value: u64, number: u64) -> bool {
    match sign {
        '+' => value > number,
        '-' => value < number,
        _ => value == number,
    }
}

fn kind_letter(metadata: &Metadata) -> &'static str {
    match metadata.kind {
        Kind::File => "f",
        Kind::Directory => "d",
        Kind::Link => "l",
        Kind::Device(_) => "c",
        Kind::Stream => "p",
    }
}

/// `-printf`
fn formatted(context: &Context, format: &str, path: &str, metadata: &Metadata) -> String {
    let (format, _) = crate::escapes::expand(format, crate::escapes::Style::FORMAT);
    let mut text = String::new();
    let mut chars = format.chars();
    while let Some(character) = chars.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match chars.next() {
            Some('p') => text.push_str(path),
            Some('f') => text.push_str(base_name(path)),
            Some('h') => text.push_str(super::names::parent(path)),
            Some('P') => text.push_str(path.split_once('/').map_or("", |(_, rest)| rest)),
            Some('s') => text.push_str(&metadata.size.to_string()),
            Some('y') => text.push_str(kind_letter(metadata)),
            Some('m') => text.push_str(&format!("{:o}", metadata.mode)),
            Some('M') => text.push_str(&metadata.mode_text()),
            Some('i') => text.push_str(&metadata.inode.to_string()),
            Some('n') => text.push_str(&metadata.links.to_string()),
            Some('b') => text.push_str(&(metadata.size.div_ceil(4096) * 8).to_string()),
            Some('d') => text.push_str(&path.matches('/').count().to_string()),
            Some('u') => {
                let name = super::users::name(context, metadata.uid);
                text.push_str(&name.unwrap_or_else(|| metadata.uid.to_string()));
            }
            Some('g') => {
                let name = super::users::group_name(context, metadata.gid);
                text.push_str(&name.unwrap_or_else(|| metadata.gid.to_string()));
            }
            Some('t') => {
                let zone = super::date::zone(context);
                let shown = super::calendar::strftime("%c", metadata.modified, &zone);
                text.push_str(&shown);
            }
            Some('T') => {
                let zone = super::date::zone(context);
                let format = match chars.next() {
                    Some('@') => "%s.%N".to_owned(),
                    Some(letter) => format!("%{letter}"),
                    None => String::new(),
                };
                text.push_str(&super::calendar::strftime(&format, metadata.modified, &zone));
            }
            Some('%') | None => text.push('%'),
            Some(other) => {
                text.push('%');
                text.push(other);
            }
        }
    }
    text
}
