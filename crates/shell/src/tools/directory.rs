//! `mkdir`, `rmdir`

use super::{Options, Tool, env::missing_operand, mode::Mode, names::parent};
use crate::context::Context;
use crate::errno::Errno;

pub(crate) const MKDIR: Tool = Tool {
    name: "mkdir",
    directory: "/bin",
    usage: "[-m MODE] [-p] DIRECTORY...",
    about: "Create DIRECTORY",
    options: "m,mode: p,parents v,verbose",
    run: |context| Box::pin(async move { mkdir(&context) }),
    ..super::TOOL
};

pub(crate) const RMDIR: Tool = Tool {
    name: "rmdir",
    directory: "/bin",
    usage: "[-p] DIRECTORY...",
    about: "Remove DIRECTORY if it is empty",
    options: "p,parents !v,verbose ,ignore-fail-on-non-empty",
    run: |context| Box::pin(async move { rmdir(&context) }),
    ..super::TOOL
};

fn mkdir(context: &Context) -> i32 {
    let options = match Options::parse(context, &MKDIR) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(context, &MKDIR);
    }
    let caller = context.caller();
    let mode = match options.value("m") {
        None => None,
        Some(text) => match Mode::parse(text) {
            Some(mode) => Some(mode.apply(0o777, true, caller.umask)),
            None => {
                context.fail(format!("invalid mode {}", context.quoted(text)));
                return 1;
            }
        },
    };
    let mut status = 0;
    for path in &options.operands {
        let files = context.machine().files();
        let made = if options.has("p") {
            make_all(context, path, options.has("v"))
        } else {
            files.create_directory(&caller, path, 0o777)
        };
        match made {
            Ok(()) => {
                if options.has("v") && !options.has("p") {
                    say_created(context, path);
                }
                if let Some(mode) = mode {
                    let _ = files.set_mode(&caller, path, mode);
                }
            }
            Err(error) => {
                match context.is_busybox() {
                    true => context.fail(format!("can't create directory '{path}': {error}")),
                    false => {
                        let quoted = context.quoted(path);
                        context.fail(format!("cannot create directory {quoted}: {error}"));
                    }
                }
                status = 1;
            }
        }
    }
    status
}

fn say_created(context: &Context, path: &str) {
    let name = context.name();
    context.put(match context.is_busybox() {
        true => format!("created directory: '{path}'\n"),
        false => format!("{name}: created directory '{path}'\n"),
    });
}

fn make_all(context: &Context, path: &str, verbose: bool) -> Result<(), Errno> {
    let caller = context.caller();
    let files = context.machine().files();
    if verbose {
        let mut missing = Vec::new();
        let mut above = path.trim_end_matches('/');
        while !above.is_empty() && files.metadata(&caller, above, true).is_err() {
            missing.push(above);
            above = match parent(above) {
                "." | "/" => "",
                above => above,
            };
        }
        files.create_directories(&caller, path, 0o777)?;
        for made in missing.iter().rev() {
            say_created(context, made);
        }
        return Ok(());
    }
    files.create_directories(&caller, path.trim_end_matches('/'), 0o777)
}

fn rmdir(context: &Context) -> i32 {
    let options = match Options::parse(context, &RMDIR) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(context, &RMDIR);
    }
    let caller = context.caller();
    let mut status = 0;
    for operand in &options.operands {
        let mut path = operand.trim_end_matches('/');
        path = if path.is_empty() { operand } else { path };
        loop {
            let removed = context.machine().files().remove_directory(&caller, path);
            if let Err(error) = removed {
                let is_excused =
                    error == Errno::ENOTEMPTY && options.has("ignore-fail-on-non-empty");
                if !is_excused {
                    match context.is_busybox() {
                        true => context.fail(format!("'{path}': {error}")),
                        false => {
                            let quoted = context.quoted_always(path);
                            context.fail(format!("failed to remove {quoted}: {error}"));
                        }
                    }
                    status = 1;
                }
                break;
            }
            if options.has("v") {
                context.put(format!("{}: removing directory, '{path}'\n", context.name()));
            }
            let above = parent(path);
            if !options.has("p") || matches!(above, "." | "/") {
                break;
            }
            path = above;
        }
    }
    status
}
