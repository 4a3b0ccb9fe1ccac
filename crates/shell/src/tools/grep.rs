//! `grep`, `egrep`, `fgrep`

use super::{Options, Tool, input::Lines, options::misuse};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::join;
use crate::regex::{Regex, Syntax};
use std::collections::VecDeque;

pub(crate) const TOOL: Tool = Tool {
    name: "grep",
    aliases: &["egrep", "fgrep"],
    directory: "/bin",
    usage: "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...",
    about: "Search for PATTERN in FILEs (or stdin)",
    options: "E,extended-regexp F,fixed-strings !G,basic-regexp !P,perl-regexp e,regexp: f,file: i,ignore-case !y v,invert-match w,word-regexp x,line-regexp c,count !,color:: !,colour:: L,files-without-match l,files-with-matches m,max-count: o,only-matching q,quiet,silent s,no-messages !b,byte-offset H,with-filename h,no-filename n,line-number r,recursive R,dereference-recursive A,after-context: B,before-context: C,context: !a,text !I !,binary-files: !,include: !,exclude: !,exclude-dir: !,line-buffered z,null-data !Z,null !T,initial-tab !U !,label:",
    misuse: 2,
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

struct Searcher {
    context: Context,
    patterns: Vec<Regex>,
    invert: bool,
    words: bool,
    lines: bool,
    count: bool,
    list: Option<bool>,
    only: bool,
    quiet: bool,
    silent: bool,
    numbers: bool,
    offsets: bool,
    names: Option<bool>,
    most: usize,
    before: usize,
    after: usize,
    colours: bool,
    recursive: bool,
    include: Vec<crate::pattern::Pattern>,
    exclude: Vec<crate::pattern::Pattern>,
    exclude_directories: Vec<crate::pattern::Pattern>,
    found: bool,
    failed: bool,
    /// Something was printed with context: the next group is set apart.
    printed_group: bool,
}

async fn run(context: Context) -> i32 {
    // `grep -5` is `grep -C 5`.
    let mut words = context.operands();
    for word in &mut words {
        let digits = word.strip_prefix('-').unwrap_or_default();
        if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
            *word = format!("-C{digits}");
        }
    }
    let options = match Options::parse_words(&context, &TOOL, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut operands = options.operands.clone();
    let mut texts: Vec<String> = Vec::new();
    for text in options.values("e") {
        texts.extend(text.split('\n').map(str::to_owned));
    }
    for path in options.values("f") {
        match context.open_input(path) {
            Ok(stream) => {
                let bytes = context.read_to_end(&stream).await.unwrap_or_default();
                texts.extend(crate::text::decode(&bytes).lines().map(str::to_owned));
            }
            Err(error) => {
                context.fail(format!("{path}: {error}"));
                return 2;
            }
        }
    }
    if !options.has("e") && !options.has("f") {
        if operands.is_empty() {
            if context.is_busybox() {
                return misuse(&context, &TOOL, "");
            }
            context.complain(format!(
                "Usage: {0} [OPTION]... PATTERNS [FILE]...\nTry '{0} --help' for more information.\n",
                context.name()
            ));
            return 2;
        }
        texts.extend(operands.remove(0).split('\n').map(str::to_owned));
    }
    let patterns = match compile(&context, &options, &texts) {
        Ok(patterns) => patterns,
        Err(message) => {
            context.fail(message);
            return 2;
        }
    };
    if let Some(text) = options.value("m")
        && text.parse::<i64>().is_err()
    {
        let message = match context.is_busybox() {
            true => format!("invalid number '{text}'"),
            false => "invalid max count".to_owned(),
        };
        context.fail(message);
        return 2;
    }
    let mut searcher = searcher(&context, &options, patterns);
    if operands.is_empty() {
        operands.push(if searcher.recursive { "." } else { "-" }.to_owned());
    }
    if searcher.names.is_none() {
        // A single file is not named, even where directories would be searched.
        let is_directory = |path: &String| {
            path != "-" && context.metadata(path, true).is_ok_and(|found| found.is_directory())
        };
        let many = operands.len() > 1
            || (searcher.recursive && operands.first().is_some_and(is_directory));
        searcher.names = Some(many);
    }
    let strips_dot = searcher.recursive && options.operands.len() < 2 && operands == ["."];
    for path in &operands {
        searcher.operand(path, 0, strips_dot).await;
        if searcher.quiet && searcher.found {
            return 0;
        }
    }
    match (searcher.failed, searcher.found, searcher.quiet) {
        (true, true, true) => 0,
        (true, ..) => 2,
        (_, true, _) => 0,
        _ => 1,
    }
}

fn compile(context: &Context, options: &Options, texts: &[String]) -> Result<Vec<Regex>, String> {
    let name = context.name();
    let kind = options.last_of(&["E", "F", "G", "P"]);
    let extended = matches!(kind, Some("E" | "P")) || (kind.is_none() && name.ends_with("egrep"));
    let fixed = kind == Some("F") || (kind.is_none() && name.ends_with("fgrep"));
    let ignore_case = options.has("i") || options.has("y");
    let mut patterns = Vec::new();
    for text in texts {
        let text = match (fixed, kind) {
            (true, _) => escape(text),
            (_, Some("P")) => from_perl(text),
            _ => text.clone(),
        };
        let syntax = Syntax { extended: extended && !fixed, ignore_case };
        let regex = Regex::new(&text, syntax).map_err(|error| match context.is_busybox() {
            true => format!("bad regex '{text}': {error}"),
            false => error.to_string(),
        })?;
        patterns.push(regex);
    }
    Ok(patterns)
}

/// Quotes a text for basic syntax.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if "\\.*[]^$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The most common of what Perl adds, for `-P`.
fn from_perl(text: &str) -> String {
    text.replace("\\d", "[0-9]").replace("\\D", "[^0-9]").replace("(?:", "(").replace("\\t", "\t")
}

fn searcher(context: &Context, options: &Options, patterns: Vec<Regex>) -> Searcher {
    let number = |key: &str| options.value(key).and_then(|text| text.parse::<usize>().ok());
    let around = number("C").unwrap_or(0);
    let colour = options.values("color").chain(options.values("colour")).last();
    let globs = |key: &'static str| {
        options.values(key).map(|text| crate::pattern::Pattern::new(text, false, false)).collect()
    };
    Searcher {
        context: context.clone(),
        patterns,
        invert: options.has("v"),
        words: options.has("w"),
        lines: options.has("x"),
        count: options.has("c"),
        list: options.last_of(&["l", "L"]).map(|key| key == "l"),
        only: options.has("o"),
        quiet: options.has("q"),
        silent: options.has("s"),
        numbers: options.has("n"),
        offsets: options.has("b"),
        names: options.last_of(&["H", "h"]).map(|key| key == "H"),
        most: number("m").unwrap_or(usize::MAX),
        before: number("B").unwrap_or(around),
        after: number("A").unwrap_or(around),
        colours: match colour {
            Some("always") => true,
            Some("never") => false,
            _ => (options.has("color") || options.has("colour")) && context.is_terminal(1),
        },
        recursive: options.has("r") || options.has("R"),
        include: globs("include"),
        exclude: globs("exclude"),
        exclude_directories: globs("exclude-dir"),
        found: false,
        failed: false,
        printed_group: false,
    }
}

impl Searcher {
    async fn operand(&mut self, path: &str, depth: u32, strips_dot: bool) {
        if path != "-" && self.context.is_directory(path) {
            if !self.recursive {
                self.complain(path, Errno::EISDIR);
                return;
            }
            if depth > 100 {
                return;
            }
            let name = crate::fs::base_name(path);
            if depth > 0 && self.exclude_directories.iter().any(|pattern| pattern.matches(name)) {
                return;
            }
            let names = self.context.names(path).unwrap_or_default();
            for name in names {
                let below = join(path, &name);
                let metadata = self.context.metadata(&below, false);
                if metadata.is_ok_and(|metadata| metadata.is_link() && depth > 0) {
                    continue;
                }
                Box::pin(self.operand(&below, depth + 1, strips_dot)).await;
            }
            return;
        }
        if depth > 0 {
            let name = crate::fs::base_name(path);
            let left_out = self.exclude.iter().any(|pattern| pattern.matches(name));
            let taken =
                self.include.is_empty() || self.include.iter().any(|pattern| pattern.matches(name));
            if left_out || !taken {
                return;
            }
        }
        let shown = match path {
            "-" => "(standard input)",
            path if strips_dot => path.strip_prefix("./").unwrap_or(path),
            path => path,
        };
        let shown = shown.to_owned();
        match self.context.open_input(path) {
            Ok(stream) => {
                let lines = Lines::new(&self.context, stream);
                if let Err(error) = self.file(&shown, lines).await {
                    self.complain(path, error);
                }
            }
            Err(error) => self.complain(path, error),
        }
    }

    fn complain(&mut self, path: &str, error: Errno) {
        // busybox passes over directories without a word.
        if self.context.is_busybox() && error == Errno::EISDIR {
            return;
        }
        self.failed = true;
        if !self.silent {
            self.context.fail(format!("{path}: {error}"));
        }
    }

    async fn file(&mut self, name: &str, mut lines: Lines) -> Result<(), Errno> {
        let mut count = 0;
        let mut number = 0_u64;
        let mut offset = 0_u64;
        let mut waiting: VecDeque<(u64, u64, String)> = VecDeque::new();
        let mut trailing = 0;
        let mut last_shown = 0;
        let plain = !self.count && self.list.is_none() && !self.quiet;
        while count < self.most || trailing > 0 {
            let Some((line, ended)) = lines.text().await? else {
                break;
            };
            number += 1;
            let start = offset;
            offset += line.len() as u64 + u64::from(ended);
            if line.contains('\0') && plain && !self.only {
                return self.binary(name, &line, lines).await;
            }
            let hit = count < self.most && self.matches(&line) != self.invert;
            if hit {
                count += 1;
                self.found = true;
                if self.quiet || self.list == Some(true) {
                    break;
                }
            }
            if !plain {
                continue;
            }
            if hit {
                let has_context = self.before + self.after > 0;
                let first = waiting.front().map_or(number, |(number, ..)| *number);
                if has_context && !self.only {
                    if self.printed_group && first > last_shown + 1 {
                        self.context.put("--\n");
                    }
                    self.printed_group = true;
                }
                for (number, start, line) in waiting.drain(..) {
                    self.show(name, number, start, &line, '-');
                }
                self.show(name, number, start, &line, ':');
                last_shown = number;
                trailing = self.after;
            } else if trailing > 0 {
                trailing -= 1;
                self.show(name, number, start, &line, '-');
                last_shown = number;
            } else if self.before > 0 {
                waiting.push_back((number, start, line));
                if waiting.len() > self.before {
                    waiting.pop_front();
                }
            }
            self.context.flush_some().await?;
        }
        self.summary(name, count);
        Ok(())
    }

    fn summary(&self, name: &str, count: usize) {
        if self.quiet {
            return;
        }
        let prefix = if self.names == Some(true) { format!("{name}:") } else { String::new() };
        match self.list {
            Some(wanted) if (count > 0) == wanted => self.context.put(format!("{name}\n")),
            Some(_) => {}
            None if self.count => self.context.put(format!("{prefix}{count}\n")),
            None => {}
        }
    }

    /// GNU does not print lines of files that are no text.
    async fn binary(&mut self, name: &str, first: &str, mut lines: Lines) -> Result<(), Errno> {
        let mut hit = self.matches(first) != self.invert;
        while !hit {
            let Some((line, _)) = lines.text().await? else {
                return Ok(());
            };
            hit = self.matches(&line) != self.invert;
        }
        self.found = true;
        match self.context.is_busybox() {
            true => self.context.put(format!("{first}\n")),
            false => {
                self.context.put(format!("{}: {name}: binary file matches\n", self.context.name()))
            }
        }
        Ok(())
    }

    /// The first match at or after a byte that fits the options.
    fn find(&self, line: &str, from: usize) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize)> = None;
        for pattern in &self.patterns {
            let mut at = from;
            while let Some(found) = pattern.find(line, at) {
                let (start, end) = (found.start(), found.end());
                if self.fits(line, start, end) {
                    let better = best.is_none_or(|(s, e)| start < s || (start == s && end > e));
                    if better {
                        best = Some((start, end));
                    }
                    break;
                }
                let step = line.get(start..).and_then(|rest| rest.chars().next());
                match step {
                    Some(character) => at = start + character.len_utf8(),
                    None => break,
                }
            }
        }
        best
    }

    fn fits(&self, line: &str, start: usize, end: usize) -> bool {
        if self.lines && (start != 0 || end != line.len()) {
            return false;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(end..).and_then(|text| text.chars().next());
        !self.words || !(before.is_some_and(is_word) || after.is_some_and(is_word))
    }

    fn matches(&self, line: &str) -> bool {
        if self.lines || self.words {
            return self.find(line, 0).is_some();
        }
        self.patterns.iter().any(|pattern| pattern.is_match(line))
    }

    fn show(&self, name: &str, number: u64, start: u64, line: &str, mark: char) {
        let paint = |text: &str, code: &str| match self.colours {
            true => format!("\u{1b}[{code}m\u{1b}[K{text}\u{1b}[m\u{1b}[K"),
            false => text.to_owned(),
        };
        let mark_text = paint(&mark.to_string(), "36");
        let mut prefix = String::new();
        if self.names == Some(true) {
            prefix.push_str(&paint(name, "35"));
            prefix.push_str(&mark_text);
        }
        if self.numbers {
            prefix.push_str(&paint(&number.to_string(), "32"));
            prefix.push_str(&mark_text);
        }
        if self.only {
            if mark == '-' || self.invert {
                return;
            }
            let mut at = 0;
            while let Some((from, to)) = self.find(line, at) {
                if to == from {
                    let step = line.get(from..).and_then(|rest| rest.chars().next());
                    match step {
                        Some(character) => at = from + character.len_utf8(),
                        None => break,
                    }
                    continue;
                }
                let text = line.get(from..to).unwrap_or_default();
                let offset = match self.offsets {
                    true => format!("{}:", start + from as u64),
                    false => String::new(),
                };
                self.context.put(format!("{prefix}{offset}{}\n", paint(text, "01;31")));
                at = to;
            }
            return;
        }
        if self.offsets {
            prefix.push_str(&format!("{start}{mark}"));
        }
        let shown = match self.colours && mark == ':' && !self.invert {
            true => self.painted(line, &paint),
            false => line.to_owned(),
        };
        self.context.put(format!("{prefix}{shown}\n"));
    }

    fn painted(&self, line: &str, paint: &dyn Fn(&str, &str) -> String) -> String {
        let mut text = String::new();
        let mut at = 0;
        while let Some((from, to)) = self.find(line, at).filter(|(from, to)| to > from) {
            text.push_str(line.get(at..from).unwrap_or_default());
            text.push_str(&paint(line.get(from..to).unwrap_or_default(), "01;31"));
            at = to;
        }
        text.push_str(line.get(at..).unwrap_or_default());
        text
    }
}
