//! `stat`

use super::calendar::strftime;
use super::{Options, Tool, date, env::missing_operand, users};
use crate::context::Context;
use crate::fs::{Kind, Metadata};

pub(crate) const TOOL: Tool = Tool {
    name: "stat",
    usage: "[-ltf] [-c FMT] FILE...",
    about: "Display file (default) or filesystem status",
    options: "c,format: f,file-system L,dereference t,terse !,printf:",
    run: |context| Box::pin(async move { run(&context) }),
    ..super::TOOL
};

fn run(context: &Context) -> i32 {
    let options = match Options::parse(context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(context, &TOOL);
    }
    let mut status = 0;
    for path in &options.operands {
        let metadata = match context.metadata(path, options.has("L")) {
            Ok(metadata) => metadata,
            Err(error) => {
                context.fail(match context.is_busybox() {
                    true => format!("can't stat '{path}': {error}"),
                    false => format!("cannot statx {}: {error}", context.quoted_always(path)),
                });
                status = 1;
                continue;
            }
        };
        let text = if let Some(format) = options.value("c") {
            formatted(context, format, path, &metadata) + "\n"
        } else if let Some(format) = options.value("printf") {
            let (format, _) = crate::escapes::expand(format, crate::escapes::Style::FORMAT);
            formatted(context, &format, path, &metadata)
        } else if options.has("f") {
            let (used, limit) = context.machine().files().root().usage();
            format!(
                "  File: \"{path}\"\n    ID: 0        Namelen: 255     Type: overlayfs\n\
                 Block size: 4096       Fundamental block size: 4096\n\
                 Blocks: Total: {:<10} Free: {:<10} Available: {}\n",
                limit / 4096,
                (limit - used) / 4096,
                (limit - used) / 4096
            )
        } else if options.has("t") {
            formatted(context, "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o", path, &metadata)
                + "\n"
        } else {
            described(context, path, &metadata)
        };
        context.put(text);
    }
    status
}

fn kind_text(metadata: &Metadata) -> &'static str {
    match metadata.kind {
        Kind::File if metadata.size == 0 => "regular empty file",
        Kind::File => "regular file",
        Kind::Directory => "directory",
        Kind::Link => "symbolic link",
        Kind::Device(_) => "character special file",
        Kind::Stream => "fifo",
    }
}

fn kind_bits(metadata: &Metadata) -> u32 {
    let kind = match metadata.kind {
        Kind::File => 0o100_000,
        Kind::Directory => 0o040_000,
        Kind::Link => 0o120_000,
        Kind::Device(_) => 0o020_000,
        Kind::Stream => 0o010_000,
    };
    kind | u32::from(metadata.mode)
}

fn described(context: &Context, path: &str, metadata: &Metadata) -> String {
    let mut name = path.to_owned();
    if metadata.is_link()
        && let Ok(target) = context.machine().files().read_link(&context.caller(), path)
    {
        name = format!("{path} -> {target}");
    }
    let part = |format: &str| formatted(context, format, path, metadata);
    let birth = if context.is_busybox() { "" } else { " Birth: %w\n" };
    let device = if context.is_busybox() { "%Dh/%dd" } else { "%Hd,%Ld" };
    let id = |letter: char| {
        format!(
            "({:>5}/{:>8})",
            part(&format!("%{}", letter.to_ascii_lowercase())),
            part(&format!("%{letter}"))
        )
    };
    format!(
        "  File: {name}\n  Size: {:<10}\tBlocks: {:<10} IO Block: {:<6} {}\nDevice: {}\tInode: {:<11} Links: {}\n\
         Access: ({:04o}/{})  Uid: {}   Gid: {}\n{}",
        metadata.size,
        part("%b"),
        4096,
        kind_text(metadata),
        part(device),
        metadata.inode,
        metadata.links,
        metadata.mode,
        metadata.mode_text(),
        id('U'),
        id('G'),
        part(&format!("Access: %x\nModify: %y\nChange: %z\n{birth}")),
    )
}

fn formatted(context: &Context, format: &str, path: &str, metadata: &Metadata) -> String {
    let zone = date::zone(context);
    let time = || strftime("%Y-%m-%d %H:%M:%S.%N %z", metadata.modified, &zone);
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(character) = chars.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = chars.peek().copied().filter(|c| "-0123456789.HL".contains(*c)) {
            flags.push(flag);
            chars.next();
        }
        let Some(kind) = chars.next() else {
            text.push('%');
            break;
        };
        let value = match kind {
            '%' => "%".to_owned(),
            'a' => format!("{:o}", metadata.mode),
            'A' => metadata.mode_text(),
            'b' => match metadata.kind {
                Kind::Directory => 8,
                Kind::File => metadata.size.div_ceil(4096) * 8,
                _ => 0,
            }
            .to_string(),
            'B' => "512".to_owned(),
            'd' | 'D' if flags.contains('H') => "0".to_owned(),
            'd' => (metadata.device + 1).to_string(),
            'D' => format!("{:x}", metadata.device + 1),
            'f' => format!("{:x}", kind_bits(metadata)),
            'F' => kind_text(metadata).to_owned(),
            'g' => metadata.gid.to_string(),
            'G' => users::group_name(context, metadata.gid).unwrap_or_else(|| "UNKNOWN".to_owned()),
            'h' => metadata.links.to_string(),
            'i' => metadata.inode.to_string(),
            'm' => "/".to_owned(),
            'n' => path.to_owned(),
            'N' => match context.machine().files().read_link(&context.caller(), path) {
                Ok(target) => format!("'{path}' -> '{target}'"),
                Err(_) => format!("'{path}'"),
            },
            'o' => "4096".to_owned(),
            's' => metadata.size.to_string(),
            't' | 'T' => "0".to_owned(),
            'u' => metadata.uid.to_string(),
            'U' => users::name(context, metadata.uid).unwrap_or_else(|| "UNKNOWN".to_owned()),
            'w' => "-".to_owned(),
            'W' => "0".to_owned(),
            'x' | 'y' | 'z' => time(),
            'X' | 'Y' | 'Z' => metadata.modified.seconds().to_string(),
            _ => "?".to_owned(),
        };
        let left = flags.starts_with('-');
        let width: usize = flags.trim_matches(['-', 'H', 'L']).parse().unwrap_or(0).min(1000);
        text.push_str(&match left {
            true => format!("{value:<width$}"),
            false => format!("{value:>width$}"),
        });
    }
    text
}
