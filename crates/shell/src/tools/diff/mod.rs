//! `diff`, `cmp`

mod lines;
mod show;

use super::calendar::strftime;
use super::{Options, Tool, date, options::misuse};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{Metadata, base_name, join};
use std::collections::BTreeSet;

pub(crate) const DIFF: Tool = Tool {
    name: "diff",
    usage: "[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2",
    about: "Compare files line by line and output the differences between them. This implementation supports unified diffs only.",
    options: "a,text b,ignore-space-change B,ignore-blank-lines d,minimal i,ignore-case N,new-file q,brief r,recursive s,report-identical-files t,expand-tabs T,initial-tab u U,unified: w,ignore-all-space L,label: S,starting-file: !c !C,context: !y,side-by-side !,color:: !,strip-trailing-cr !x,exclude: !p,show-c-function !,normal",
    misuse: 2,
    run: |context| Box::pin(diff(context)),
    ..super::TOOL
};

pub(crate) const CMP: Tool = Tool {
    name: "cmp",
    usage: "[-ls] [-n NUM] FILE1 [FILE2]",
    about: "Compare FILE1 with FILE2 (or stdin)",
    options: "l,verbose s,silent,quiet n,bytes: !b,print-bytes !i,ignore-initial:",
    misuse: 2,
    run: |context| Box::pin(cmp(context)),
    ..super::TOOL
};

/// One of the two files compared.
struct Side {
    path: String,
    /// What the header calls it.
    label: String,
    bytes: Vec<u8>,
}

struct Comparer {
    context: Context,
    options: Options,
    /// Lines around a difference; `None`: the old format.
    unified: Option<usize>,
    status: i32,
}

async fn diff(context: Context) -> i32 {
    let options = match Options::parse(&context, &DIFF) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [first, second] = options.operands.as_slice() else {
        if context.is_busybox() {
            return misuse(&context, &DIFF, "");
        }
        let message = match options.operands.as_slice() {
            [] => format!("missing operand after '{}'", context.name()),
            [only] => format!("missing operand after '{only}'"),
            [_, _, extra, ..] => format!("extra operand '{extra}'"),
            _ => String::new(),
        };
        context.fail(message);
        context.fail(format!("Try '{} --help' for more information.", context.name()));
        return 2;
    };
    let (first, second) = (first.clone(), second.clone());
    let lines = options.value("U").or(options.value("C")).and_then(|text| text.parse().ok());
    let wants = context.is_busybox() || ["u", "U", "c", "C"].iter().any(|key| options.has(key));
    let mut comparer =
        Comparer { unified: wants.then_some(lines.unwrap_or(3)), options, status: 0, context };
    comparer.compare(&first, &second, true).await;
    comparer.status
}

impl Comparer {
    fn has(&self, key: &str) -> bool {
        self.options.has(key)
    }

    fn trouble(&mut self, path: &str, error: Errno) {
        let context = &self.context;
        context.fail(match context.is_busybox() {
            true => format!("can't stat '{path}': {error}"),
            false => format!("{path}: {error}"),
        });
        self.status = 2;
    }

    fn metadata(&self, path: &str) -> Result<Metadata, Errno> {
        if path == "-" {
            self.context.descriptor_metadata(0)
        } else {
            self.context.metadata(path, true)
        }
    }

    async fn compare(&mut self, first: &str, second: &str, is_top: bool) {
        let (mut first, mut second) = (first.to_owned(), second.to_owned());
        let mut found = (self.metadata(&first), self.metadata(&second));
        let is_directory =
            |found: &Result<Metadata, Errno>| found.as_ref().is_ok_and(Metadata::is_directory);
        if is_top && is_directory(&found.0) != is_directory(&found.1) {
            // A file is compared with the one of its name in the directory.
            if is_directory(&found.0) && found.1.is_ok() {
                first = join(&first, base_name(&second));
                found.0 = self.metadata(&first);
            } else if found.0.is_ok() && is_directory(&found.1) {
                second = join(&second, base_name(&first));
                found.1 = self.metadata(&second);
            }
        }
        match (&found.0, &found.1) {
            (Ok(a), Ok(b)) if a.is_directory() && b.is_directory() => {
                return Box::pin(self.directories(&first, &second, is_top)).await;
            }
            (Err(error), other) => {
                let is_excused = self.has("N") && other.is_ok();
                if !is_excused {
                    self.trouble(&first, *error);
                    if let Err(error) = found.1
                        && !self.context.is_busybox()
                    {
                        self.trouble(&second, error);
                    }
                    return;
                }
            }
            (_, Err(error)) if !self.has("N") => return self.trouble(&second, *error),
            _ => {}
        }
        let (Some(a), Some(b)) =
            (self.side(&first, found.0, 0).await, self.side(&second, found.1, 1).await)
        else {
            return;
        };
        self.files(a, b, is_top);
    }

    async fn side(
        &mut self,
        path: &str,
        metadata: Result<Metadata, Errno>,
        number: usize,
    ) -> Option<Side> {
        let is_missing = metadata.is_err();
        let bytes = match is_missing {
            true => Vec::new(),
            false => match self.context.read_operand_quietly(path).await {
                Ok(bytes) => bytes,
                Err(error) => {
                    self.trouble(path, error);
                    return None;
                }
            },
        };
        let label = match self.options.values("L").nth(number) {
            Some(label) => label.to_owned(),
            None => {
                let time = match (&metadata, is_missing) {
                    (_, true) => sim::Time::EPOCH,
                    (Ok(metadata), _) if path != "-" => metadata.modified,
                    _ => self.context.now(),
                };
                let zone = date::zone(&self.context);
                match self.context.is_busybox() {
                    true => path.to_owned(),
                    false => {
                        format!("{path}\t{}", strftime("%Y-%m-%d %H:%M:%S.%N %z", time, &zone))
                    }
                }
            }
        };
        Some(Side { path: path.to_owned(), label, bytes })
    }

    async fn directories(&mut self, first: &str, second: &str, is_top: bool) {
        if !is_top && !self.has("r") {
            self.context.put(format!("Common subdirectories: {first} and {second}\n"));
            return;
        }
        let list = |path: &str| self.context.names(path).unwrap_or_default();
        let (left, right) = (list(first), list(second));
        let names: BTreeSet<_> = left.iter().chain(&right).cloned().collect();
        for name in names {
            let (a, b) = (join(first, &name), join(second, &name));
            let only = match (left.contains(&name), right.contains(&name)) {
                (true, true) => None,
                (true, false) => Some(first),
                _ => Some(second),
            };
            match only {
                Some(directory) if !self.has("N") => {
                    self.context.put(format!("Only in {directory}: {name}\n"));
                    self.status = self.status.max(1);
                }
                _ => Box::pin(self.compare(&a, &b, false)).await,
            }
        }
    }

    fn files(&mut self, a: Side, b: Side, is_top: bool) {
        if a.bytes == b.bytes {
            if self.has("s") {
                self.context.put(format!("Files {} and {} are identical\n", a.path, b.path));
            }
            return;
        }
        let is_binary = |side: &Side| side.bytes.contains(&0);
        if (is_binary(&a) || is_binary(&b)) && !self.has("a") {
            let what = if self.context.is_busybox() { "Files" } else { "Binary files" };
            self.context.put(format!("{what} {} and {} differ\n", a.path, b.path));
            self.status = self.status.max(1);
            return;
        }
        let (left, right) = (split(&a.bytes), split(&b.bytes));
        let key = |line: &[u8]| self.key(line);
        let keys = (
            left.iter().map(|line| key(line)).collect::<Vec<_>>(),
            right.iter().map(|line| key(line)).collect::<Vec<_>>(),
        );
        let mut changes = lines::changes(&keys.0, &keys.1);
        if self.has("B") {
            let blank = |lines: &[&[u8]], from: usize, to: usize| {
                lines
                    .get(from..to)
                    .unwrap_or_default()
                    .iter()
                    .all(|line| line.trim_ascii().is_empty())
            };
            changes.retain(|change| {
                !blank(&left, change.left.0, change.left.1)
                    || !blank(&right, change.right.0, change.right.1)
            });
        }
        if changes.is_empty() {
            return;
        }
        self.status = self.status.max(1);
        if self.has("q") {
            self.context.put(format!("Files {} and {} differ\n", a.path, b.path));
            return;
        }
        if !is_top && !self.context.is_busybox() {
            self.context.put(self.command_line(&a.path, &b.path));
        }
        let text = match self.unified {
            Some(around) => show::unified(&a.label, &b.label, &left, &right, &changes, around),
            None => show::normal(&left, &right, &changes),
        };
        self.context.put(text);
    }

    /// What is printed before the differences of two files of directories.
    fn command_line(&self, first: &str, second: &str) -> String {
        let words: Vec<String> =
            self.context.operands().into_iter().filter(|word| word.starts_with('-')).collect();
        format!("{} {} {first} {second}\n", self.context.name(), words.join(" "))
    }

    /// What of a line is compared.
    fn key(&self, line: &[u8]) -> Vec<u8> {
        let mut key = line.to_vec();
        if self.has("i") {
            key.make_ascii_lowercase();
        }
        if self.has("w") {
            key.retain(|byte| !byte.is_ascii_whitespace() || *byte == b'\n');
        } else if self.has("b") {
            let text = key.trim_ascii_end();
            let mut shortened: Vec<u8> = Vec::new();
            for byte in text {
                let is_space = byte.is_ascii_whitespace();
                if is_space && shortened.last() == Some(&b' ') {
                    continue;
                }
                shortened.push(if is_space { b' ' } else { *byte });
            }
            key = shortened;
        }
        key
    }
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

async fn cmp(context: Context) -> i32 {
    let options = match Options::parse(&context, &CMP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (first, second) = match options.operands.as_slice() {
        [] => {
            let message = if context.is_busybox() { "" } else { "missing operand after 'cmp'" };
            return misuse(&context, &CMP, message);
        }
        [only] => (only.clone(), "-".to_owned()),
        [first, second, ..] => (first.clone(), second.clone()),
    };
    let mut contents = Vec::new();
    for path in [&first, &second] {
        match context.read_operand_quietly(path).await {
            Ok(bytes) => contents.push(bytes),
            Err(error) => {
                if !options.has("s") {
                    context.fail(format!("{path}: {error}"));
                }
                return 2;
            }
        }
    }
    let most = options.value("n").and_then(super::count::parse).map_or(usize::MAX, |n| n as usize);
    let [a, b] = contents.as_slice() else {
        return 2;
    };
    let (a, b) = (a.get(..a.len().min(most)).unwrap_or(a), b.get(..b.len().min(most)).unwrap_or(b));
    let pairs = a.iter().zip(b).enumerate();
    let differing: Vec<(usize, u8, u8)> =
        pairs.filter(|(_, (x, y))| x != y).map(|(at, (x, y))| (at, *x, *y)).collect();
    if differing.is_empty() && a.len() == b.len() {
        return 0;
    }
    if options.has("s") {
        return 1;
    }
    if options.has("l") {
        for (at, x, y) in &differing {
            context.put(format!("{} {x:3o} {y:3o}\n", at + 1));
        }
    } else if let Some((at, ..)) = differing.first() {
        let line = a.iter().take(*at).filter(|byte| **byte == b'\n').count() + 1;
        let unit = if context.is_busybox() { "char" } else { "byte" };
        context.put(format!("{first} {second} differ: {unit} {}, line {line}\n", at + 1));
        return 1;
    }
    if a.len() != b.len() {
        let (shorter, bytes) = if a.len() < b.len() { (&first, a) } else { (&second, b) };
        let newlines = bytes.iter().filter(|byte| **byte == b'\n').count();
        context.fail(match (context.is_busybox(), bytes.is_empty(), bytes.ends_with(b"\n")) {
            (true, ..) => format!("EOF on {shorter}"),
            (_, true, _) => format!("EOF on {} which is empty", context.quoted(shorter)),
            (_, _, true) => format!("EOF on {shorter} after byte {}, line {newlines}", bytes.len()),
            _ => format!("EOF on {shorter} after byte {}, in line {}", bytes.len(), newlines + 1),
        });
    }
    1
}
