//! `pwd`, `readlink`, `realpath`, `which`, `mktemp`

use super::{Options, Tool, env::missing_operand, names::parent};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{OpenOptions, join, normalise};

pub(crate) const PWD: Tool = Tool {
    name: "pwd",
    directory: "/bin",
    about: "Print the full filename of the current working directory",
    options: "L,logical P,physical",
    run: |context| Box::pin(async move { pwd(&context) }),
    ..super::TOOL
};

pub(crate) const READLINK: Tool = Tool {
    name: "readlink",
    usage: "[-fnv] FILE",
    about: "Display the value of a symlink",
    options: "f,canonicalize e,canonicalize-existing m,canonicalize-missing n,no-newline q,quiet s,silent v,verbose !z,zero",
    run: |context| Box::pin(async move { readlink(&context) }),
    ..super::TOOL
};

pub(crate) const REALPATH: Tool = Tool {
    name: "realpath",
    usage: "FILE...",
    about: "Print absolute pathnames of FILEs",
    options: "!e,canonicalize-existing !m,canonicalize-missing !s,strip,no-symlinks !q,quiet !z,zero !,relative-to:",
    run: |context| Box::pin(async move { realpath(&context) }),
    ..super::TOOL
};

pub(crate) const WHICH: Tool = Tool {
    name: "which",
    usage: "[-a] COMMAND...",
    about: "Locate COMMAND",
    options: "a",
    run: |context| Box::pin(async move { which(&context) }),
    ..super::TOOL
};

pub(crate) const MKTEMP: Tool = Tool {
    name: "mktemp",
    directory: "/bin",
    usage: "[-dt] [-p DIR] [TEMPLATE]",
    about: "Create a temporary file with name based on TEMPLATE and print its name",
    options: "d,directory q,quiet t u,dry-run p,tmpdir: !,suffix:",
    run: |context| Box::pin(async move { mktemp(&context) }),
    ..super::TOOL
};

fn pwd(context: &Context) -> i32 {
    let options = match Options::parse(context, &PWD) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let directory = context.directory();
    let caller = context.caller();
    let physical = context.machine().files().canonical(&caller, &directory);
    let physical = physical.map_or(directory.to_string(), |(path, _)| path);
    let named = context.variable("PWD").filter(|_| options.last_of(&["L", "P"]) == Some("L"));
    context.put(format!("{}\n", named.as_deref().unwrap_or(&physical)));
    0
}

/// The path without links, dots and doubled slashes. `strict`: all of it must exist; `loose`:
/// nothing of it need exist.
fn canonical(context: &Context, path: &str, strict: bool, loose: bool) -> Result<String, Errno> {
    context.prepare_proc(path);
    let found = context.machine().files().canonical(&context.caller(), path);
    match found {
        Ok((_, false)) if strict => Err(Errno::ENOENT),
        Ok((path, _)) => Ok(path),
        Err(_) if loose => Ok(normalise(&join(&context.directory(), path))),
        Err(error) => Err(error),
    }
}

fn readlink(context: &Context) -> i32 {
    let options = match Options::parse(context, &READLINK) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(context, &READLINK);
    }
    let mut status = 0;
    for path in &options.operands {
        let canonicalises = ["f", "e", "m"].iter().any(|key| options.has(key));
        let found = match canonicalises {
            true => canonical(context, path, options.has("e"), options.has("m")),
            false => {
                context.prepare_proc(path);
                let files = context.machine().files();
                files.read_link(&context.caller(), path).map(|target| target.to_string())
            }
        };
        match found {
            Ok(text) if options.has("n") && options.operands.len() == 1 => context.put(text),
            Ok(text) => context.put(text + "\n"),
            Err(error) => {
                if options.has("v") {
                    context.fail(format!("{path}: {error}"));
                }
                status = 1;
            }
        }
    }
    status
}

fn realpath(context: &Context) -> i32 {
    let options = match Options::parse(context, &REALPATH) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(context, &REALPATH);
    }
    let mut status = 0;
    for path in &options.operands {
        let found = match options.has("s") {
            true => Ok(normalise(&join(&context.directory(), path))),
            false => canonical(context, path, options.has("e"), options.has("m")),
        };
        match found {
            Ok(text) => {
                let text = match options.value("relative-to") {
                    Some(base) => {
                        relative(&text, &canonical(context, base, false, true).unwrap_or_default())
                    }
                    None => text,
                };
                context.put(text + "\n");
            }
            Err(error) => {
                if !options.has("q") {
                    context.fail(format!("{path}: {error}"));
                }
                status = 1;
            }
        }
    }
    status
}

fn relative(path: &str, base: &str) -> String {
    let parts = |path: &str| {
        path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (path, base) = (parts(path), parts(base));
    let common = path.iter().zip(&base).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), base.len() - common);
    let all: Vec<String> = up.chain(path.into_iter().skip(common)).collect();
    if all.is_empty() { ".".to_owned() } else { all.join("/") }
}

fn which(context: &Context) -> i32 {
    let options = match Options::parse(context, &WHICH) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let search = context.variable("PATH");
    let search = search.as_deref().unwrap_or(crate::userland::DEFAULT_PATH).to_owned();
    let mut status = i32::from(options.operands.is_empty());
    for name in &options.operands {
        let directories: Vec<&str> =
            if name.contains('/') { vec![""] } else { search.split(':').collect() };
        let mut found = false;
        for directory in directories {
            let path = if directory.is_empty() { name.clone() } else { join(directory, name) };
            let is_file = context.metadata(&path, true).is_ok_and(|metadata| metadata.is_file());
            let may = context.machine().files().may(&context.caller(), &path, 1).is_ok();
            if is_file && may {
                context.put(format!("{path}\n"));
                found = true;
                if !options.has("a") {
                    break;
                }
            }
        }
        if !found {
            status = 1;
        }
    }
    status
}

fn mktemp(context: &Context) -> i32 {
    let options = match Options::parse(context, &MKTEMP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    // Each mark of a template becomes a random letter.
    let default = format!("tmp.{}", "X".repeat(if context.is_busybox() { 6 } else { 10 }));
    let template = options.operands.first().unwrap_or(&default).as_str();
    let marks = template.chars().rev().take_while(|c| *c == 'X').count();
    if marks < 3 {
        if context.is_busybox() {
            context.fail(format!("{template}: Invalid argument"));
            return 1;
        }
        let message = format!("too few X's in template {}", context.quoted(template));
        return misuse_without_hint(context, &message);
    }
    let in_directory = options.operands.is_empty() || options.has("t") || options.has("p");
    let directory = match options.value("p") {
        Some(directory) => directory.to_owned(),
        None => context.variable("TMPDIR").map_or("/tmp".to_owned(), |value| value.to_string()),
    };
    let stem = template.get(..template.len() - marks).unwrap_or_default();
    let suffix = options.value("suffix").unwrap_or_default();
    for _ in 0..100 {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let random = (0..marks).map(|_| {
            let index = context.machine().random() as usize % letters.len();
            char::from(letters.get(index).copied().unwrap_or(b'x'))
        });
        let name = format!("{stem}{}{suffix}", random.collect::<String>());
        let path = if in_directory { join(&directory, &name) } else { name };
        let caller = context.caller();
        let made = if options.has("u") {
            Ok(())
        } else if options.has("d") {
            context.machine().files().create_directory(&caller, &path, 0o700)
        } else {
            let exclusive = OpenOptions { exclusive: true, ..OpenOptions::WRITE };
            let opened = context.open(&path, exclusive).map(|_| ());
            opened.and_then(|()| context.machine().files().set_mode(&caller, &path, 0o600))
        };
        match made {
            Ok(()) => {
                context.put(path + "\n");
                return 0;
            }
            Err(Errno::EEXIST) => {}
            Err(error) => {
                let what = if options.has("d") { "directory" } else { "file" };
                let above = parent(&path);
                context.fail(match context.is_busybox() {
                    true => format!("(null): {error}"),
                    false => format!(
                        "failed to create {what} via template {}: {error}",
                        context.quoted(&join(above, template))
                    ),
                });
                return 1;
            }
        }
    }
    1
}

fn misuse_without_hint(context: &Context, message: &str) -> i32 {
    context.fail(message);
    1
}
