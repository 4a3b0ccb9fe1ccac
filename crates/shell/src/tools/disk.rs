//! `du`, `df`

use super::{Options, Tool, count};
use crate::context::Context;
use crate::fs::{Kind, Metadata, join};

pub(crate) const DU: Tool = Tool {
    name: "du",
    usage: "[-aHLdclsxhmk] [FILE]...",
    about: "Summarize disk space used for FILEs (or directories)",
    options: "a,all c,total d,max-depth: h,human-readable k m s,summarize x H L l !b,bytes !,apparent-size",
    run: |context| Box::pin(async move { du(&context) }),
    ..super::TOOL
};

pub(crate) const DF: Tool = Tool {
    name: "df",
    directory: "/bin",
    usage: "[-PkmhTa] [-B SIZE] [-t TYPE] [FILESYSTEM]...",
    about: "Print filesystem usage statistics",
    options: "P,portability k m h,human-readable T,print-type a,all B,block-size: t,type: !i,inodes !H,si",
    run: |context| Box::pin(async move { df(&context) }),
    ..super::TOOL
};

struct Summer<'a> {
    context: &'a Context,
    options: Options,
    deepest: usize,
}

fn du(context: &Context) -> i32 {
    let options = match Options::parse(context, &DU) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let deepest = match options.value("d") {
        Some(text) => text.parse().unwrap_or(usize::MAX),
        None if options.has("s") => 0,
        None => usize::MAX,
    };
    let mut paths = options.operands.clone();
    if paths.is_empty() {
        paths.push(".".to_owned());
    }
    let summer = Summer { context, options, deepest };
    let (mut status, mut total) = (0, 0);
    for path in &paths {
        match context.metadata(path, summer.options.has("L")) {
            Ok(metadata) => total += summer.sum(path, &metadata, 0),
            Err(error) => {
                context.fail(match context.is_busybox() {
                    true => format!("{path}: {error}"),
                    false => format!("cannot access {}: {error}", context.quoted_always(path)),
                });
                status = 1;
            }
        }
    }
    if summer.options.has("c") {
        summer.show(total, "total");
    }
    status
}

impl Summer<'_> {
    fn own(&self, metadata: &Metadata) -> u64 {
        if self.options.has("b") || self.options.has("apparent-size") {
            return metadata.size;
        }
        match metadata.kind {
            Kind::Directory => 4096,
            Kind::File => metadata.size.div_ceil(4096) * 4096,
            _ => 0,
        }
    }

    fn sum(&self, path: &str, metadata: &Metadata, depth: usize) -> u64 {
        let mut bytes = self.own(metadata);
        if metadata.is_directory() && depth < 200 {
            for name in self.context.names(path).unwrap_or_default() {
                let below = join(path, &name);
                if let Ok(metadata) = self.context.metadata(&below, false) {
                    bytes += self.sum(&below, &metadata, depth + 1);
                }
            }
        }
        let is_shown = metadata.is_directory() || self.options.has("a") || depth == 0;
        if is_shown && depth <= self.deepest {
            self.show(bytes, path);
        }
        bytes
    }

    fn show(&self, bytes: u64, path: &str) {
        let size = match self.options.last_of(&["h", "m", "k", "b"]) {
            Some("h") => count::human(bytes),
            Some("m") => bytes.div_ceil(1 << 20).to_string(),
            Some("b") => bytes.to_string(),
            _ => bytes.div_ceil(1024).to_string(),
        };
        self.context.put(format!("{size}\t{path}\n"));
    }
}

fn df(context: &Context) -> i32 {
    let options = match Options::parse(context, &DF) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let human = options.has("h") || options.has("H");
    let unit = match options.last_of(&["k", "m", "B"]) {
        Some("m") => 1 << 20,
        Some("B") => options.value("B").and_then(count::parse).unwrap_or(1024).max(1),
        _ => 1024,
    };
    let busybox = context.is_busybox();
    let size = |bytes: u64| match human {
        true => count::human(bytes),
        false => bytes.div_ceil(unit).to_string(),
    };
    let blocks = match (human, unit, options.has("P")) {
        (true, ..) => "Size".to_owned(),
        (_, 1024, true) => "1024-blocks".to_owned(),
        (_, 1024, _) => "1K-blocks".to_owned(),
        (_, 1_048_576, _) => "1M-blocks".to_owned(),
        (_, unit, _) => format!("{unit}-blocks"),
    };
    let available = match (human, busybox) {
        (true, false) => "Avail",
        _ => "Available",
    };
    let share = if options.has("P") && !busybox { "Capacity" } else { "Use%" };
    let mut rows = vec![[
        "Filesystem".to_owned(),
        "Type".to_owned(),
        blocks,
        "Used".to_owned(),
        available.to_owned(),
        share.to_owned(),
        "Mounted on".to_owned(),
    ]];
    let wanted: Vec<usize> = options
        .operands
        .iter()
        .filter_map(|path| match context.metadata(path, true) {
            Ok(metadata) => Some(metadata.device),
            Err(error) => {
                context.fail(format!("{path}: {error}"));
                None
            }
        })
        .collect();
    if wanted.is_empty() && !options.operands.is_empty() {
        return 1;
    }
    let files = context.machine().files();
    for (number, (source, path, mounted, _)) in files.mounts().enumerate() {
        let is_wanted = wanted.is_empty() || wanted.contains(&number);
        if !is_wanted || (source == "proc" && !options.has("a")) {
            continue;
        }
        let (used, limit) = mounted.usage();
        let percent = if limit == 0 { 0 } else { (used * 100).div_ceil(limit) };
        let kind = match source {
            "overlay" | "tmpfs" | "proc" => source,
            _ => "ext4",
        };
        rows.push([
            source.to_owned(),
            kind.to_owned(),
            size(limit),
            size(used),
            size(limit - used),
            format!("{percent}%"),
            path.to_owned(),
        ]);
    }
    drop(files);
    let with_type = options.has("T");
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0)
    };
    let minimum = |column: usize| match (busybox, column) {
        (true, 0) => 20,
        (true, 2..=4) => 9,
        (false, 0) => 14,
        (false, 2) if !human => 9,
        _ => 4,
    };
    let widths: Vec<usize> = (0..7).map(|column| widest(column).max(minimum(column))).collect();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths.get(column).copied().unwrap_or(0);
            match column {
                0 => line.push_str(&format!("{cell:<width$}")),
                1 if with_type => line.push_str(&format!(" {cell:<width$}")),
                1 => {}
                6 => line.push_str(&format!(" {cell}")),
                _ => line.push_str(&format!(" {cell:>width$}")),
            }
        }
        context.put(line + "\n");
    }
    0
}
