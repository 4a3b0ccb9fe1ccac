//! `find`

use super::Tool;
use crate::context::Context;
use crate::fs::{Kind, Metadata, base_name, join};
use crate::pattern::Pattern;
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

struct Parser<'a> {
    context: &'a Context,
    words: &'a [String],
    position: usize,
    least: usize,
    most: usize,
    depth_first: bool,
    has_action: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.position).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.position).cloned();
        self.position += 1;
        word
    }

    fn whole(&mut self) -> Result<Term, String> {
        if self.words.len() > LIMIT_TERMS {
            return Err("too many arguments".to_owned());
        }
        let expression = match self.peek() {
            None => Term::And(Vec::new()),
            Some(_) => self.or(0)?,
        };
        if let Some(extra) = self.peek() {
            return Err(match extra {
                ")" => "invalid expression; you have too many ')'".to_owned(),
                _ => format!("paths must precede expression: `{extra}'"),
            });
        }
        if self.has_action {
            return Ok(expression);
        }
        Ok(Term::And(vec![expression, Term::Test(Test::Print('\n'))]))
    }

    fn or(&mut self, depth: u32) -> Result<Term, String> {
        let mut terms = vec![self.and(depth)?];
        while matches!(self.peek(), Some("-o" | "-or" | ",")) {
            self.next();
            terms.push(self.and(depth)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::Or(terms) })
    }

    fn and(&mut self, depth: u32) -> Result<Term, String> {
        let mut terms = Vec::new();
        loop {
            match self.peek() {
                None | Some("-o" | "-or" | ")" | ",") => break,
                Some("-a" | "-and") => {
                    self.next();
                }
                Some(_) => terms.push(self.term(depth)?),
            }
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::And(terms) })
    }

    fn term(&mut self, depth: u32) -> Result<Term, String> {
        if depth > 50 {
            return Err("expression too deep".to_owned());
        }
        let Some(word) = self.next() else {
            return Ok(Term::And(Vec::new()));
        };
        match word.as_str() {
            "!" | "-not" => {
                if self.peek().is_none() {
                    return Err("expected an expression after '!'".to_owned());
                }
                Ok(Term::Not(Box::new(self.term(depth + 1)?)))
            }
            "(" => {
                let inner = self.or(depth + 1)?;
                if self.next().as_deref() != Some(")") {
                    return Err("invalid expression; I was expecting to find a ')' somewhere but did not see one.".to_owned());
                }
                Ok(inner)
            }
            _ => self.test(&word).map(Term::Test),
        }
    }

    fn argument(&mut self, test: &str) -> Result<String, String> {
        self.next().ok_or_else(|| match self.context.is_busybox() {
            true => format!("'{test}' requires an argument"),
            false => format!("missing argument to `{test}'"),
        })
    }

    fn number(&mut self, test: &str) -> Result<(char, u64, String), String> {
        let text = self.argument(test)?;
        let sign = text.chars().next().filter(|c| "+-".contains(*c)).unwrap_or('=');
        let digits = text.trim_start_matches(['+', '-']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (digits, suffix) = digits.split_at(end);
        let bad = || match self.context.is_busybox() {
            true => format!("invalid number '{text}'"),
            false => format!("invalid argument `{text}' to `{test}'"),
        };
        let number = digits.parse().map_err(|_| bad())?;
        Ok((sign, number, suffix.to_owned()))
    }

    fn test(&mut self, word: &str) -> Result<Test, String> {
        let pattern = |text: &str, ignore_case: bool| Pattern::new(text, false, ignore_case);
        Ok(match word {
            "-name" => Test::Name(pattern(&self.argument(word)?, false)),
            "-iname" => Test::Name(pattern(&self.argument(word)?, true)),
            "-path" | "-wholename" => Test::Path(pattern(&self.argument(word)?, false)),
            "-ipath" => Test::Path(pattern(&self.argument(word)?, true)),
            "-type" => Test::Type(self.argument(word)?),
            "-size" => {
                let (sign, number, suffix) = self.number(word)?;
                let unit = match suffix.as_str() {
                    "c" => 1,
                    "w" => 2,
                    "k" => 1024,
                    "M" => 1 << 20,
                    "G" => 1 << 30,
                    _ => 512,
                };
                Test::Size(sign, number, unit)
            }
            "-mtime" | "-ctime" | "-atime" => {
                let (sign, number, _) = self.number(word)?;
                Test::Age(sign, number, 86_400)
            }
            "-mmin" | "-cmin" | "-amin" => {
                let (sign, number, _) = self.number(word)?;
                Test::Age(sign, number, 60)
            }
            "-newer" => {
                let path = self.argument(word)?;
                let metadata = self.context.metadata(&path, true);
                Test::Newer(metadata.map_err(|error| format!("'{path}': {error}"))?.modified)
            }
            "-empty" => Test::Empty,
            "-perm" => {
                let text = self.argument(word)?;
                let sign = text.chars().next().filter(|c| "-/".contains(*c)).unwrap_or('=');
                let mode = super::mode::Mode::parse(text.trim_start_matches(['-', '/']));
                Test::Mode(sign, mode.ok_or(format!("invalid mode '{text}'"))?.apply(0, false, 0))
            }
            "-user" => Test::User(self.argument(word)?),
            "-executable" => Test::Executable,
            "-true" => Test::True,
            "-false" => Test::False,
            "-maxdepth" => {
                self.most = self.depth(word)?;
                Test::True
            }
            "-mindepth" => {
                self.least = self.depth(word)?;
                Test::True
            }
            "-depth" => {
                self.depth_first = true;
                Test::True
            }
            "-xdev" | "-mount" | "-noleaf" | "-follow" => Test::True,
            "-prune" => Test::Prune,
            "-print" => self.action(Test::Print('\n')),
            "-print0" => self.action(Test::Print('\0')),
            "-printf" => {
                let format = self.argument(word)?;
                self.action(Test::PrintFormat(format))
            }
            "-quit" => self.action(Test::Quit),
            "-ls" => self.action(Test::PrintFormat("%i %b %M %n %u %g %s %p\\n".to_owned())),
            "-delete" => {
                self.depth_first = true;
                self.action(Test::Delete)
            }
            "-exec" | "-ok" | "-execdir" => {
                let mut command = Vec::new();
                loop {
                    match self.next().as_deref() {
                        Some(";") => return Ok(self.action(Test::Exec(command, false))),
                        Some("+") if command.last().is_some_and(|word: &String| word == "{}") => {
                            command.pop();
                            return Ok(self.action(Test::Exec(command, true)));
                        }
                        Some(word) => command.push(word.to_owned()),
                        None => {
                            return Err(match self.context.is_busybox() {
                                true => format!("'{word}' requires an argument"),
                                false => format!("missing argument to `{word}'"),
                            });
                        }
                    }
                }
            }
            _ if !word.starts_with('-') => {
                return Err(match self.context.is_busybox() {
                    true => format!("unrecognized: {word}"),
                    false => format!("paths must precede expression: `{word}'"),
                });
            }
            _ => {
                return Err(match self.context.is_busybox() {
                    true => format!("unrecognized: {word}"),
                    false => format!("unknown predicate `{word}'"),
                });
            }
        })
    }

    fn action(&mut self, test: Test) -> Test {
        self.has_action = true;
        test
    }

    fn depth(&mut self, word: &str) -> Result<usize, String> {
        let text = self.argument(word)?;
        let depth = text.parse::<usize>().map_err(|_| match self.context.is_busybox() {
            true => format!("invalid number '{text}'"),
            false => format!(
                "Expected a positive decimal integer argument to {word}, but got {}",
                self.context.quoted(&text)
            ),
        })?;
        Ok(depth.min(LIMIT_DEPTH))
    }
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
