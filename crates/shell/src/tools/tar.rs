//! `tar`

use super::{Options, Tool, options::misuse};
use crate::archive::{self, Content, Entry};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{base_name, join};

pub(crate) const TOOL: Tool = Tool {
    name: "tar",
    directory: "/bin",
    usage: "c|x|t [-hvO] [-f TARFILE] [-C DIR] [FILE]...",
    about: "Create, extract, or list files from a tar file",
    options: "c,create x,extract,get t,list f,file: C,directory: v,verbose O,to-stdout m,touch \
              p,preserve-permissions k,keep-old-files h,dereference \
              ,no-same-owner ,no-same-permissions z,gzip,gunzip,ungzip j,bzip2 J,xz \
              ,strip-components:",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How deep directories may be nested.
const DEPTH_MAX: usize = 200;

async fn run(context: Context) -> i32 {
    let mut words = context.operands();
    // The first word may name options without a dash.
    if let Some(first) = words.first_mut().filter(|first| !first.starts_with('-')) {
        first.insert(0, '-');
    }
    let options = match Options::parse_words(&context, &TOOL, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if ["z", "j", "J"].into_iter().any(|compressed| options.has(compressed)) {
        context.fail("compressed archives are not simulated");
        return 2;
    }
    let actions = ["c", "x", "t"].map(|action| options.has(action));
    match actions {
        [true, false, false] => create(&context, &options).await,
        [false, true, false] | [false, false, true] => read(&context, &options).await,
        _ => misuse(&context, &TOOL, "You must specify one of the '-Acdtrux' options"),
    }
}

/// Complains of what ends everything: in GNU's words and busybox's.
fn fatal(context: &Context, gnu: &str, busybox: &str) -> i32 {
    if context.is_busybox() {
        context.fail(busybox);
        return 1;
    }
    for line in gnu.lines() {
        context.fail(line);
    }
    2
}

/// The status when something went wrong on the way.
fn delayed(context: &Context) -> i32 {
    if context.is_busybox() {
        context.fail("error exit delayed from previous errors");
        return 1;
    }
    context.fail("Exiting with failure status due to previous errors");
    2
}

/// The directory that names are relative to.
fn directory(context: &Context, options: &Options) -> String {
    match options.value("C") {
        Some(directory) => join(&context.directory(), directory),
        None => context.directory().to_string(),
    }
}

async fn create(context: &Context, options: &Options) -> i32 {
    if options.operands.is_empty() {
        if context.is_busybox() {
            context.fail("empty archive");
            return 1;
        }
        context.fail("Cowardly refusing to create an empty archive");
        context.complain("Try 'tar --help' or 'tar --usage' for more information.\n");
        return 2;
    }
    let base = directory(context, options);
    let (mut entries, mut is_complete) = (Vec::new(), true);
    for path in &options.operands {
        if path.starts_with('/') && !context.is_busybox() {
            context.fail("Removing leading `/' from member names");
        }
        let name = path.trim_start_matches('/').trim_end_matches('/');
        // A name below the working directory is told as it was given.
        let shown = |below: &str| match below.strip_prefix(&join(&base, path)) {
            Some(rest) => format!("{path}{rest}"),
            None => below.to_owned(),
        };
        if let Err((below, why)) = gather(context, &join(&base, path), name, 0, &mut entries) {
            context.fail(match context.is_busybox() {
                true => format!("{}: {why}", shown(&below)),
                false => format!("{}: Cannot stat: {why}", shown(&below)),
            });
            is_complete = false;
        }
    }
    let to_stdout = matches!(options.value("f"), None | Some("-"));
    if options.has("v") {
        let names: String = entries.iter().map(line).collect();
        if to_stdout { context.complain(names) } else { context.put(names) }
    }
    let bytes = archive::write(&entries);
    match options.value("f").filter(|_| !to_stdout) {
        None => context.put(bytes),
        Some(file) => {
            if let Err(why) = context.write_file(&join(&base, file), &bytes) {
                return fatal(
                    context,
                    &format!("{file}: Cannot open: {why}\nError is not recoverable: exiting now"),
                    &format!("can't open '{file}': {why}"),
                );
            }
        }
    }
    if is_complete { 0 } else { delayed(context) }
}

/// A file, or a directory with all that is in it.
fn gather(
    context: &Context,
    path: &str,
    name: &str,
    depth: usize,
    entries: &mut Vec<Entry>,
) -> Result<(), (String, Errno)> {
    let failed = |why| (path.to_owned(), why);
    let metadata = context.metadata(path, false).map_err(failed)?;
    let mut add = |content| entries.push(Entry { name: name.to_owned(), content });
    if metadata.is_link() {
        let files = context.machine().files();
        let target = files.read_link(&context.caller(), path).map_err(failed)?;
        add(Content::Link(target.to_string()));
        return Ok(());
    }
    if !metadata.is_directory() {
        add(Content::File(context.read_file(path).map_err(failed)?.to_vec()));
        return Ok(());
    }
    add(Content::Directory);
    if depth >= DEPTH_MAX {
        return Ok(());
    }
    for inner in context.names(path).map_err(failed)? {
        let below = format!("{}/{inner}", path.trim_end_matches('/'));
        let inner = if name.is_empty() { inner.to_string() } else { format!("{name}/{inner}") };
        gather(context, &below, &inner, depth + 1, entries)?;
    }
    Ok(())
}

/// A line about an entry, as `-t` and `-v` print it.
fn line(entry: &Entry) -> String {
    match entry.content {
        Content::Directory => format!("{}/\n", entry.name),
        Content::File(_) | Content::Link(_) => format!("{}\n", entry.name),
    }
}

async fn read(context: &Context, options: &Options) -> i32 {
    let file = options.value("f").unwrap_or("-");
    let stream = if file == "-" { context.stream(0) } else { context.open_input(file) };
    let bytes = match stream {
        Ok(stream) => context.read_to_end(&stream).await,
        Err(why) => Err(why),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(why) => {
            return fatal(
                context,
                &format!("{file}: Cannot open: {why}\nError is not recoverable: exiting now"),
                &format!("can't open '{file}': {why}"),
            );
        }
    };
    let entries = archive::read(&bytes);
    if entries.is_empty() && bytes.iter().any(|byte| *byte != 0) {
        return fatal(
            context,
            "This does not look like a tar archive\n\
             Exiting with failure status due to previous errors",
            "short read",
        );
    }
    let base = directory(context, options);
    let mut is_complete = true;
    for entry in entries.into_iter().filter(|entry| is_wanted(options, &entry.name)) {
        if options.has("t") || options.has("v") {
            context.put(line(&entry));
        }
        if options.has("x")
            && let Err(why) = extract(context, options, &base, &entry)
        {
            context.fail(format!("{}: Cannot open: {why}", entry.name));
            is_complete = false;
        }
    }
    if is_complete { 0 } else { delayed(context) }
}

/// Operands choose entries, and all that is below them.
fn is_wanted(options: &Options, name: &str) -> bool {
    let is_below = |wanted: &String| {
        let wanted = wanted.trim_start_matches('/').trim_end_matches('/');
        name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    options.operands.is_empty() || options.operands.iter().any(is_below)
}

fn extract(context: &Context, options: &Options, base: &str, entry: &Entry) -> Result<(), Errno> {
    let stripped = options.value("strip-components").and_then(|n| n.parse().ok()).unwrap_or(0);
    // Nothing is written outside of the directory.
    let parts = entry.name.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<&str> = parts.skip(stripped).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let path = join(base, &parts.join("/"));
    let make =
        |path: &str| context.machine().files().create_directories(&context.caller(), path, 0o755);
    if let Content::File(bytes) = &entry.content
        && options.has("O")
    {
        context.put(bytes.as_slice());
        return Ok(());
    }
    let parent = path.strip_suffix(base_name(&path)).unwrap_or("/");
    match &entry.content {
        Content::Directory => make(&path),
        Content::File(bytes) => {
            make(parent)?;
            context.write_file(&path, bytes)
        }
        Content::Link(target) => {
            make(parent)?;
            context.machine().files().create_link(&context.caller(), target, &path)
        }
    }
}
