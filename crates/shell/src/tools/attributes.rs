//! `touch`, `chmod`, `chown`, `chgrp`, `truncate`

use super::calendar::parse_date;
use super::{Options, Tool, count, date, env::missing_operand, mode::Mode, options::misuse, users};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{OpenOptions, join};

pub(crate) const TOUCH: Tool = Tool {
    name: "touch",
    usage: "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...",
    about: "Update mtime of FILEs",
    options: "a c,no-create d,date: h,no-dereference m r,reference: t:",
    run: |context| Box::pin(async move { touch(&context) }),
    ..super::TOOL
};

pub(crate) const CHMOD: Tool = Tool {
    name: "chmod",
    directory: "/bin",
    usage: "[-Rcvf] MODE[,MODE]... FILE...",
    about: "MODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]",
    options: "R,recursive c,changes v,verbose f,silent,quiet ,reference:",
    run: |context| Box::pin(async move { chmod(&context) }),
    ..super::TOOL
};

pub(crate) const CHOWN: Tool = Tool {
    name: "chown",
    directory: "/bin",
    usage: "[-Rhcvf]... USER[:[GRP]] FILE...",
    about: "Change the owner and/or group of FILEs to USER and/or GRP",
    options: "R,recursive h,no-dereference c,changes v,verbose f,silent,quiet !L !H !P",
    run: |context| Box::pin(async move { chown(&context, false) }),
    ..super::TOOL
};

pub(crate) const CHGRP: Tool = Tool {
    name: "chgrp",
    directory: "/bin",
    usage: "[-Rhcvf]... GROUP FILE...",
    about: "Change the group membership of FILEs to GROUP",
    options: "R,recursive h,no-dereference c,changes v,verbose f,silent,quiet",
    run: |context| Box::pin(async move { chown(&context, true) }),
    ..super::TOOL
};

pub(crate) const TRUNCATE: Tool = Tool {
    name: "truncate",
    usage: "[-c] -s SIZE FILE...",
    about: "Truncate FILEs to SIZE",
    options: "c,no-create s,size: !r,reference:",
    run: |context| Box::pin(async move { truncate(&context) }),
    ..super::TOOL
};

fn touch(context: &Context) -> i32 {
    let options = match Options::parse(context, &TOUCH) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        if context.is_busybox() {
            return missing_operand(context, &TOUCH);
        }
        return misuse(context, &TOUCH, "missing file operand");
    }
    let zone = date::zone(context);
    let time = if let Some(path) = options.value("r") {
        match context.metadata(path, true) {
            Ok(metadata) => metadata.modified,
            Err(error) => {
                context.fail(match context.is_busybox() {
                    true => format!("{path}: {error}"),
                    false => format!("failed to get attributes of '{path}': {error}"),
                });
                return 1;
            }
        }
    } else if let Some(text) = options.value("d").or(options.value("t")) {
        let stamped = options.value("t").and_then(stamp);
        match parse_date(stamped.as_deref().unwrap_or(text), context.now(), &zone) {
            Some(time) => time,
            None => {
                context.fail(match context.is_busybox() {
                    true => format!("invalid date '{text}'"),
                    false => format!("invalid date format {}", context.quoted(text)),
                });
                return 1;
            }
        }
    } else {
        context.now()
    };
    let caller = context.caller();
    let mut status = 0;
    for path in &options.operands {
        if context.metadata(path, true).is_err() {
            if options.has("c") {
                continue;
            }
            let append = OpenOptions { truncate: false, ..OpenOptions::WRITE };
            if let Err(error) = context.open(path, append) {
                context.fail(match context.is_busybox() {
                    true => format!("{path}: {error}"),
                    false => format!("cannot touch {}: {error}", context.quoted_always(path)),
                });
                status = 1;
                continue;
            }
        }
        if let Err(error) = context.machine().files().set_modified(&caller, path, time) {
            context.fail(match context.is_busybox() {
                true => format!("{path}: {error}"),
                false => format!("cannot touch '{path}': {error}"),
            });
            status = 1;
        }
    }
    status
}

/// `[[CC]YY]MMDDhhmm[.ss]` as a date that [`parse_date`] reads.
fn stamp(text: &str) -> Option<String> {
    let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
    let part = |from: usize, to: usize| digits.get(from..to);
    let at = digits.len().checked_sub(8)?;
    let year = match at {
        4 => part(0, 4)?.to_owned(),
        2 => format!("20{}", part(0, 2)?),
        _ => return None,
    };
    let (month, day) = (part(at, at + 2)?, part(at + 2, at + 4)?);
    let (hour, minute) = (part(at + 4, at + 6)?, part(at + 6, at + 8)?);
    Some(format!("{year}-{month}-{day} {hour}:{minute}:{seconds}"))
}

/// Calls `each` for a path and, if asked, for all that is below it.
fn walk(
    context: &Context,
    path: &str,
    recursive: bool,
    each: &mut dyn FnMut(&str) -> Result<(), Errno>,
) -> Result<(), (String, Errno)> {
    each(path).map_err(|error| (path.to_owned(), error))?;
    let is_directory = context.metadata(path, false).is_ok_and(|metadata| metadata.is_directory());
    if recursive && is_directory && path.len() < 4096 {
        for name in context.names(path).unwrap_or_default() {
            walk(context, &join(path, &name), true, each)?;
        }
    }
    Ok(())
}

fn chmod(context: &Context) -> i32 {
    // `chmod -x file`: a mode that looks like an option.
    let words = context.operands();
    let is_mode = |word: &String| {
        word.len() > 1
            && word.starts_with('-')
            && word.chars().skip(1).all(|c| "rwxXst".contains(c))
    };
    let mut words = words;
    if let Some(at) = words.iter().position(is_mode) {
        let mode = words.remove(at);
        words.insert(0, mode);
        words.insert(0, "--".to_owned());
        if words.iter().skip(2).any(|word| word == "-R") {
            words.retain(|word| word != "-R");
            words.insert(0, "-R".to_owned());
        }
    }
    let options = match Options::parse_words(context, &CHMOD, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some((text, paths)) = options.operands.split_first() else {
        return missing_operand(context, &CHMOD);
    };
    if paths.is_empty() {
        let message = format!("missing operand after {}", context.quoted(text));
        return misuse(context, &CHMOD, if context.is_busybox() { "" } else { &message });
    }
    let Some(mode) = Mode::parse(text) else {
        if context.is_busybox() {
            context.fail(format!("invalid mode '{text}'"));
            return 1;
        }
        return misuse(context, &CHMOD, &format!("invalid mode: {}", context.quoted(text)));
    };
    let caller = context.caller();
    let mut status = 0;
    for path in paths {
        let changed = walk(context, path, options.has("R"), &mut |path| {
            let metadata = context.metadata(path, true)?;
            let new = mode.apply(metadata.mode, metadata.is_directory(), caller.umask);
            context.machine().files().set_mode(&caller, path, new)?;
            if options.has("v") || (options.has("c") && new != metadata.mode) {
                context.put(format!("mode of '{path}' changed to {new:04o}\n"));
            }
            Ok(())
        });
        if let Err((path, error)) = changed {
            if !options.has("f") {
                context.fail(match (context.is_busybox(), error) {
                    (true, _) => format!("{path}: {error}"),
                    (false, Errno::ENOENT) => {
                        format!("cannot access {}: {error}", context.quoted_always(&path))
                    }
                    (false, _) => format!("changing permissions of '{path}': {error}"),
                });
            }
            status = 1;
        }
    }
    status
}

fn chown(context: &Context, group_only: bool) -> i32 {
    let tool = if group_only { &CHGRP } else { &CHOWN };
    let options = match Options::parse(context, tool) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some((text, paths)) = options.operands.split_first() else {
        return missing_operand(context, tool);
    };
    if paths.is_empty() {
        let message = format!("missing operand after {}", context.quoted(text));
        return misuse(context, tool, if context.is_busybox() { "" } else { &message });
    }
    let (user, group) = match group_only {
        true => ("", text.as_str()),
        false => text.split_once([':', '.']).unwrap_or((text.as_str(), "")),
    };
    let uid = user.parse().ok().or_else(|| users::ids_of(context, user).map(|(uid, _)| uid));
    let gid = group.parse().ok().or_else(|| users::gid_of(context, group));
    if (uid.is_none() && !user.is_empty()) || (gid.is_none() && !group.is_empty()) {
        let what = if uid.is_none() && !user.is_empty() { "user" } else { "group" };
        let bad = if what == "user" { user } else { group };
        context.fail(match (context.is_busybox(), group_only) {
            (true, _) => format!("unknown user/group {text}"),
            (false, true) => format!("invalid group: {}", context.quoted(bad)),
            (false, false) => format!("invalid {what}: {}", context.quoted(text)),
        });
        return 1;
    }
    let caller = context.caller();
    let mut status = 0;
    for path in paths {
        let changed = walk(context, path, options.has("R"), &mut |path| {
            let files = context.machine().files();
            files.set_owner(&caller, path, uid, gid, !options.has("h"))
        });
        if let Err((path, error)) = changed {
            if !options.has("f") {
                context.fail(match (context.is_busybox(), error) {
                    (true, _) => format!("{path}: {error}"),
                    (false, Errno::ENOENT) => {
                        format!("cannot access {}: {error}", context.quoted_always(&path))
                    }
                    (false, _) if group_only => format!("changing group of '{path}': {error}"),
                    (false, _) => format!("changing ownership of '{path}': {error}"),
                });
            }
            status = 1;
        }
    }
    status
}

fn truncate(context: &Context) -> i32 {
    let options = match Options::parse(context, &TRUNCATE) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(text) = options.value("s") else {
        return misuse(context, &TRUNCATE, "you must specify either '--size' or '--reference'");
    };
    let (sign, digits) = match text.chars().next() {
        Some(sign @ ('+' | '-' | '<' | '>')) => (sign, text.get(1..).unwrap_or_default()),
        _ => (' ', text),
    };
    let Some(amount) = count::parse(digits) else {
        context.fail(match context.is_busybox() {
            true => format!("invalid number '{text}'"),
            false => format!("Invalid number: {}", context.quoted(text)),
        });
        return 1;
    };
    let mut status = 0;
    for path in &options.operands {
        let mode = OpenOptions { truncate: false, create: !options.has("c"), ..OpenOptions::WRITE };
        let cut = match context.open(path, mode) {
            Ok(stream) => stream.file().map_or(Err(Errno::EINVAL), |file| {
                let old = file.len();
                file.truncate(match sign {
                    '+' => old.saturating_add(amount),
                    '-' => old.saturating_sub(amount),
                    '<' => old.min(amount),
                    '>' => old.max(amount),
                    _ => amount,
                })
            }),
            Err(Errno::ENOENT) if options.has("c") => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = cut {
            context.fail(match context.is_busybox() {
                true => format!("{path}: open: {error}"),
                false => format!("cannot open '{path}' for writing: {error}"),
            });
            status = 1;
        }
    }
    status
}
