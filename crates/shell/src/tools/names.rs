//! `basename`, `dirname`

use super::{Options, Tool, options::misuse};
use crate::context::Context;
use crate::fs::base_name;

pub(crate) const BASENAME: Tool = Tool {
    name: "basename",
    usage: "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...",
    about: "Strip directory path and SUFFIX from FILE",
    options: "+ a,multiple s,suffix: !z,zero",
    run: |context| Box::pin(async move { basename(&context) }),
    ..super::TOOL
};

pub(crate) const DIRNAME: Tool = Tool {
    name: "dirname",
    usage: "FILENAME",
    about: "Strip non-directory suffix from FILENAME",
    options: "+ !z,zero",
    run: |context| Box::pin(async move { dirname(&context) }),
    ..super::TOOL
};

fn basename(context: &Context) -> i32 {
    let options = match Options::parse(context, &BASENAME) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let many = options.has("a") || options.has("s");
    let (paths, suffix) = match options.operands.as_slice() {
        [] => {
            return misuse(
                context,
                &BASENAME,
                if context.is_busybox() { "" } else { "missing operand" },
            );
        }
        paths if many => (paths, options.value("s").unwrap_or_default()),
        [path] => (std::slice::from_ref(path), ""),
        [path, suffix] => (std::slice::from_ref(path), suffix.as_str()),
        [_, _, extra, ..] => {
            let message = format!("extra operand {}", context.quoted(extra));
            return misuse(context, &BASENAME, if context.is_busybox() { "" } else { &message });
        }
    };
    for path in paths {
        let name = base_name(path);
        let short = name.strip_suffix(suffix).filter(|short| !short.is_empty()).unwrap_or(name);
        context.put(format!("{short}\n"));
    }
    0
}

fn dirname(context: &Context) -> i32 {
    let options = match Options::parse(context, &DIRNAME) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return misuse(
            context,
            &DIRNAME,
            if context.is_busybox() { "" } else { "missing operand" },
        );
    }
    for path in &options.operands {
        context.put(format!("{}\n", parent(path)));
    }
    0
}

/// The directory part of a path, by its text.
pub(crate) fn parent(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return if path.is_empty() { "." } else { "/" };
    }
    match trimmed.rfind('/') {
        None => ".",
        Some(slash) => match trimmed.get(..slash).unwrap_or_default().trim_end_matches('/') {
            "" => "/",
            directory => directory,
        },
    }
}
