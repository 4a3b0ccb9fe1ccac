//! `ls`

use super::calendar::strftime;
use super::{Options, Tool, count, date, sort::compare_versions, users};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{Kind, Metadata, join};
use crate::text::width;
use std::cmp::Ordering;
use std::rc::Rc;

pub(crate) const TOOL: Tool = Tool {
    name: "ls",
    aliases: &[],
    directory: "/bin",
    usage: "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...",
    about: "List directory contents",
    options: "1 A,almost-all a,all C d,directory F,classify:: p g G,no-group H L,dereference R,recursive S X h,human-readable i,inode l n,numeric-uid-gid o r,reverse s,size t c u v w,width: x !m !Q,quote-name !N,literal !U f ,color:: !,group-directories-first !,time-style: !,full-time !,sort:",
    misuse: 2,
    run: |context| Box::pin(async move { run(&context) }),
    ..super::TOOL
};

/// How deep `-R` goes.
const LIMIT_DEPTH: u32 = 100;

struct Entry {
    name: String,
    /// How to reach it.
    path: String,
    metadata: Metadata,
}

struct Lister<'a> {
    context: &'a Context,
    options: Options,
    long: bool,
    /// Columns of the terminal, if names stand side by side.
    columns: Option<usize>,
    colours: bool,
    status: i32,
    printed_any: bool,
}

fn run(context: &Context) -> i32 {
    let options = match Options::parse(context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let long = matches!(
        options.last_of(&["l", "1", "C", "x", "g", "n", "o", "full-time"]),
        Some("l" | "g" | "n" | "o" | "full-time")
    ) || ["l", "g", "n", "o", "full-time"].iter().any(|key| options.has(key))
        && !options.has("C");
    let terminal = context.window_size().map(|(columns, _)| columns);
    let wants_columns = match options.last_of(&["1", "C", "x"]) {
        Some("1") => false,
        Some(_) => true,
        None => terminal.is_some(),
    };
    let given = options.value("w").and_then(|text| text.parse().ok());
    let environment = context.variable("COLUMNS").and_then(|text| text.parse().ok());
    let columns = given.or(terminal).or(environment).unwrap_or(80);
    let colours = match options.value("color") {
        Some("always" | "yes" | "force") => true,
        Some("never" | "no" | "none") => false,
        _ => options.has("color") && terminal.is_some(),
    };
    let mut lister = Lister {
        context,
        long,
        columns: (wants_columns && !long).then_some(columns),
        colours,
        options,
        status: 0,
        printed_any: false,
    };
    lister.operands();
    lister.status
}

impl Lister<'_> {
    fn has(&self, key: &str) -> bool {
        self.options.has(key)
    }

    fn operands(&mut self) {
        let mut paths = self.options.operands.clone();
        if paths.is_empty() {
            paths.push(".".to_owned());
        }
        let mut files = Vec::new();
        let mut directories = Vec::new();
        for path in &paths {
            // A link on the command line is followed unless the listing is long.
            let follow =
                self.has("L") || self.has("H") || (!self.long && !self.has("d") && !self.has("F"));
            let metadata =
                self.context.metadata(path, follow).or_else(|_| self.context.metadata(path, false));
            match metadata {
                Ok(metadata) => {
                    let entry = Entry { name: path.clone(), path: path.clone(), metadata };
                    if entry.metadata.is_directory() && !self.has("d") {
                        directories.push(entry);
                    } else {
                        files.push(entry);
                    }
                }
                Err(error) => self.complain(path, error, 2),
            }
        }
        self.sort(&mut files);
        self.sort(&mut directories);
        if !files.is_empty() {
            self.show(&files, false);
            self.printed_any = true;
        }
        let titled = paths.len() > 1 || self.has("R");
        for entry in &directories {
            self.directory(&entry.path, titled, 0);
        }
    }

    fn complain(&mut self, path: &str, error: Errno, status: i32) {
        let context = self.context;
        if context.is_busybox() {
            context.fail(format!("{path}: {error}"));
            self.status = 1;
        } else {
            let verb =
                if error == Errno::EACCES && status == 1 { "open directory" } else { "access" };
            context.fail(format!("cannot {verb} {}: {error}", context.quoted_always(path)));
            self.status = self.status.max(status);
        }
    }

    fn directory(&mut self, path: &str, titled: bool, depth: u32) {
        let names = match self.context.names(path) {
            Ok(names) => names,
            Err(error) => {
                return self.complain(path, error, if depth == 0 { 2 } else { 1 });
            }
        };
        if titled {
            let gap = if self.printed_any { "\n" } else { "" };
            self.context.put(format!("{gap}{path}:\n"));
        }
        self.printed_any = true;
        let mut entries = Vec::new();
        let all = self.has("a") || self.has("f");
        let dots = [".", ".."].into_iter().filter(|_| all).map(Rc::from);
        for name in dots.chain(names) {
            if name.starts_with('.') && !all && !self.has("A") {
                continue;
            }
            let full = join(path, &name);
            let metadata = self.context.metadata(&full, self.has("L"));
            if let Ok(metadata) = metadata.or_else(|_| self.context.metadata(&full, false)) {
                entries.push(Entry { name: name.to_string(), path: full, metadata });
            }
        }
        self.sort(&mut entries);
        self.show(&entries, true);
        if self.has("R") && depth < LIMIT_DEPTH {
            for entry in &entries {
                let is_dot = entry.name == "." || entry.name == "..";
                if entry.metadata.is_directory() && !is_dot {
                    self.directory(&entry.path, true, depth + 1);
                }
            }
        }
    }

    fn sort(&self, entries: &mut [Entry]) {
        let by = match self.options.last_of(&["S", "t", "v", "X", "U", "f", "sort"]) {
            Some("sort") => match self.options.value("sort") {
                Some("size") => "S",
                Some("time") => "t",
                Some("version") => "v",
                Some("extension") => "X",
                Some("none") => "U",
                _ => "",
            },
            other => other.unwrap_or(""),
        };
        let by_name = |a: &Entry, b: &Entry| a.name.as_bytes().cmp(b.name.as_bytes());
        let extension = |entry: &Entry| match entry.name.rsplit_once('.') {
            Some((_, extension)) => extension.to_owned(),
            None => String::new(),
        };
        entries.sort_by(|a, b| {
            let ordering = match by {
                "S" => b.metadata.size.cmp(&a.metadata.size),
                "t" => b.metadata.modified.cmp(&a.metadata.modified),
                "v" => compare_versions(&a.name, &b.name),
                "X" => extension(a).cmp(&extension(b)),
                "U" | "f" => return Ordering::Equal,
                _ => Ordering::Equal,
            };
            let ordering = ordering.then_with(|| by_name(a, b));
            if self.has("r") { ordering.reverse() } else { ordering }
        });
        if self.has("group-directories-first") {
            entries.sort_by_key(|entry| !entry.metadata.is_directory());
        }
    }

    fn show(&self, entries: &[Entry], in_directory: bool) {
        if (self.long || self.has("s")) && in_directory {
            let blocks: u64 = entries.iter().map(|entry| blocks(&entry.metadata)).sum();
            let total = match self.has("h") {
                true => count::human(blocks * 1024),
                false => blocks.to_string(),
            };
            self.context.put(format!("total {total}\n"));
        }
        if self.long {
            return self.show_long(entries);
        }
        let names: Vec<(String, usize)> = entries.iter().map(|entry| self.shown(entry)).collect();
        if self.has("m") {
            let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
            self.context.put(names.join(", ") + "\n");
            return;
        }
        match self.columns {
            Some(columns) if !names.is_empty() => {
                self.context.put(arrange(&names, columns, self.has("x")));
            }
            _ => {
                for (name, _) in names {
                    self.context.put(name + "\n");
                }
            }
        }
    }

    /// A name as it is shown, and how wide that is.
    fn shown(&self, entry: &Entry) -> (String, usize) {
        let mut prefix = String::new();
        if self.has("i") {
            prefix.push_str(&format!("{} ", entry.metadata.inode));
        }
        if self.has("s") {
            prefix.push_str(&format!("{} ", blocks(&entry.metadata)));
        }
        let name = self.quoted(&entry.name);
        let mark = self.mark(&entry.metadata);
        let columns = width(&prefix) + width(&name) + width(mark);
        (format!("{prefix}{}{mark}", self.coloured(&name, &entry.metadata)), columns)
    }

    /// GNU's `ls` quotes odd names when a person looks.
    fn quoted(&self, name: &str) -> String {
        let is_terminal = self.context.is_terminal(1);
        if self.has("Q") {
            return format!("\"{name}\"");
        }
        let odd = |c: char| c.is_whitespace() || "'\"\\|&;()<>!{}*[]?^$`#".contains(c);
        if self.context.is_busybox() || !is_terminal || self.has("N") || !name.chars().any(odd) {
            return name.to_owned();
        }
        if name.contains('\'') { format!("\"{name}\"") } else { format!("'{name}'") }
    }

    fn mark(&self, metadata: &Metadata) -> &'static str {
        match metadata.kind {
            Kind::Directory if self.has("F") || self.has("p") => "/",
            Kind::Link if self.has("F") && !self.long => "@",
            Kind::File if self.has("F") && metadata.mode & 0o111 != 0 => "*",
            _ => "",
        }
    }

    fn coloured(&self, name: &str, metadata: &Metadata) -> String {
        if !self.colours {
            return name.to_owned();
        }
        let code = match metadata.kind {
            Kind::Directory => "01;34",
            Kind::Link => "01;36",
            Kind::Device(_) => "40;33;01",
            Kind::File if metadata.mode & 0o111 != 0 => "01;32",
            _ => return name.to_owned(),
        };
        format!("\u{1b}[0m\u{1b}[{code}m{name}\u{1b}[0m")
    }

    fn show_long(&self, entries: &[Entry]) {
        let rows: Vec<[String; 6]> = entries.iter().map(|entry| self.cells(entry)).collect();
        let busybox = self.context.is_busybox();
        let widest = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
        };
        // busybox has fixed columns.
        let widths = match busybox {
            true => [0, 5, 8, 8, 9],
            false => [widest(0), widest(1), widest(2), widest(3), widest(4)],
        };
        for (entry, row) in entries.iter().zip(&rows) {
            let [links, owner, group, size, time, mode] = row;
            let mut line = String::new();
            if self.has("i") {
                line.push_str(&format!("{} ", entry.metadata.inode));
            }
            if self.has("s") {
                line.push_str(&format!("{} ", blocks(&entry.metadata)));
            }
            let [_, w1, w2, w3, w4] = widths;
            line.push_str(mode);
            if busybox {
                line.push_str(&format!(" {links:>w1$}"));
            } else {
                line.push_str(&format!(
                    " {links:>width$}",
                    width = widths.first().copied().unwrap_or(0)
                ));
            }
            if busybox {
                line.push_str(&format!(" {owner:<w2$} {group:<w3$} {size:>w4$} {time} "));
            } else {
                if !self.has("g") {
                    line.push_str(&format!(" {}", padded(owner, w1)));
                }
                if !self.has("o") && !self.has("G") {
                    line.push_str(&format!(" {}", padded(group, w2)));
                }
                line.push_str(&format!(" {size:>w3$} {time:>w4$} "));
            }
            let name = self.quoted(&entry.name);
            line.push_str(&self.coloured(&name, &entry.metadata));
            line.push_str(self.mark(&entry.metadata));
            if entry.metadata.is_link() {
                let caller = self.context.caller();
                if let Ok(target) = self.context.machine().files().read_link(&caller, &entry.path) {
                    line.push_str(&format!(" -> {target}"));
                }
            }
            self.context.put(line + "\n");
        }
    }

    /// Links, owner, group, size, time, mode.
    fn cells(&self, entry: &Entry) -> [String; 6] {
        let metadata = &entry.metadata;
        let numeric = self.has("n");
        let named = |id: u32, name: Option<String>| match name {
            Some(name) if !numeric => name,
            _ => id.to_string(),
        };
        let size = match metadata.kind {
            Kind::Device(device) => {
                let (major, minor) = device.numbers();
                if self.context.is_busybox() {
                    format!("{major:4}, {minor:3}")
                } else {
                    format!("{major}, {minor}")
                }
            }
            _ if self.has("h") => count::human(metadata.size),
            _ => metadata.size.to_string(),
        };
        [
            metadata.links.to_string(),
            named(metadata.uid, users::name(self.context, metadata.uid)),
            named(metadata.gid, users::group_name(self.context, metadata.gid)),
            size,
            self.time(metadata),
            metadata.mode_text(),
        ]
    }

    fn time(&self, metadata: &Metadata) -> String {
        let zone = date::zone(self.context);
        let full = self.has("full-time");
        let format = match self.options.value("time-style") {
            _ if full => "%Y-%m-%d %H:%M:%S.%N %z",
            Some("full-iso") => "%Y-%m-%d %H:%M:%S.%N %z",
            Some("long-iso") => "%Y-%m-%d %H:%M",
            Some(style) if style.starts_with('+') => style.get(1..).unwrap_or_default(),
            _ => {
                // Half a year ago the year is more telling than the time of day.
                let now = self.context.now();
                let half_year = sim::Duration::from_secs(31_556_952 / 2);
                let is_recent =
                    metadata.modified <= now && now.since(metadata.modified) < half_year;
                if is_recent { "%b %e %H:%M" } else { "%b %e  %Y" }
            }
        };
        strftime(format, metadata.modified, &zone)
    }
}

/// How many KiB a file takes.
fn blocks(metadata: &Metadata) -> u64 {
    match metadata.kind {
        Kind::Directory => 4,
        Kind::File => metadata.size.div_ceil(4096) * 4,
        _ => 0,
    }
}

fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Names side by side: down the columns, or along the rows.
fn arrange(names: &[(String, usize)], line_columns: usize, across: bool) -> String {
    let count = names.len();
    let mut best = (1, vec![0]);
    for columns in 1..=count.min(line_columns / 2).max(1) {
        let rows = count.div_ceil(columns);
        let used = count.div_ceil(rows);
        if used != columns && !across {
            continue;
        }
        let mut widths = vec![0; columns];
        for (number, (_, width)) in names.iter().enumerate() {
            let column = if across { number % columns } else { number / rows };
            if let Some(widest) = widths.get_mut(column) {
                *widest = (*widest).max(width + 2);
            }
        }
        let total: usize = widths.iter().sum::<usize>().saturating_sub(2);
        if total < line_columns {
            best = (columns, widths);
        }
    }
    let (columns, widths) = best;
    let rows = count.div_ceil(columns);
    let mut text = String::new();
    for row in 0..rows {
        for (column, widest) in widths.iter().enumerate() {
            let number = if across { row * columns + column } else { column * rows + row };
            let next = if across { number + 1 } else { number + rows };
            let Some((name, width)) = names.get(number) else {
                break;
            };
            text.push_str(name);
            let is_last = next >= count || (across && column + 1 == columns);
            if !is_last {
                text.push_str(&" ".repeat(widest - width));
            }
        }
        text.push('\n');
    }
    text
}
