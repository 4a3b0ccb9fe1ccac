//! `rm`, `unlink`

use super::{Options, Tool, env::missing_operand};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::join;

pub(crate) const RM: Tool = Tool {
    name: "rm",
    directory: "/bin",
    usage: "[-irf] FILE...",
    about: "Remove (unlink) FILEs",
    options: "f,force i I r,recursive R d,dir v,verbose ,preserve-root:: ,no-preserve-root ,one-file-system",
    run: |context| Box::pin(rm(context)),
    ..super::TOOL
};

pub(crate) const UNLINK: Tool = Tool {
    name: "unlink",
    usage: "FILE",
    about: "Delete FILE by calling unlink()",
    run: |context| Box::pin(async move { unlink(&context) }),
    ..super::TOOL
};

struct Remover {
    context: Context,
    force: bool,
    asks: bool,
    recursive: bool,
    directories: bool,
    verbose: bool,
    status: i32,
}

async fn rm(context: Context) -> i32 {
    let options = match Options::parse(&context, &RM) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let last = options.last_of(&["f", "i", "I"]);
    let mut remover = Remover {
        force: last == Some("f"),
        asks: last == Some("i"),
        recursive: options.has("r") || options.has("R"),
        directories: options.has("d"),
        verbose: options.has("v"),
        status: 0,
        context,
    };
    let context = remover.context.clone();
    if options.operands.is_empty() {
        return if remover.force { 0 } else { missing_operand(&context, &RM) };
    }
    for path in &options.operands {
        let trimmed = path.trim_end_matches('/');
        let last = trimmed.rsplit('/').next().unwrap_or_default();
        if matches!(last, "." | "..") && !trimmed.is_empty() {
            match context.is_busybox() {
                true => context.fail("can't remove '.' or '..'"),
                false => context
                    .fail(format!("refusing to remove '.' or '..' directory: skipping '{path}'")),
            }
            remover.status = 1;
            continue;
        }
        if trimmed.is_empty() && remover.recursive && !options.has("no-preserve-root") {
            match context.is_busybox() {
                true => context.fail("can't remove '/'"),
                false => {
                    context.fail("it is dangerous to operate recursively on '/'");
                    context.fail("use --no-preserve-root to override this failsafe");
                }
            }
            remover.status = 1;
            continue;
        }
        remover.remove(path, 0).await;
    }
    remover.status
}

/// How deep directories may be nested.
const LIMIT_DEPTH: u32 = 200;

impl Remover {
    async fn remove(&mut self, path: &str, depth: u32) {
        let metadata = match self.context.metadata(path, false) {
            Ok(metadata) => metadata,
            Err(Errno::ENOENT | Errno::ENOTDIR) if self.force => return,
            Err(error) => return self.complain(path, error),
        };
        if metadata.is_directory() && !self.recursive {
            let is_empty = self.context.names(path).is_ok_and(|names| names.is_empty());
            if !self.directories || !is_empty {
                let error = if self.directories { Errno::ENOTEMPTY } else { Errno::EISDIR };
                return self.complain(path, error);
            }
        }
        if metadata.is_directory() && depth < LIMIT_DEPTH {
            if self.asks && !self.confirm(&format!("descend into directory '{path}'? ")).await {
                return;
            }
            for name in self.context.names(path).unwrap_or_default() {
                Box::pin(self.remove(&join(path, &name), depth + 1)).await;
            }
        }
        if self.asks {
            let what = match metadata.is_directory() {
                true => "directory",
                false if metadata.size == 0 => "regular empty file",
                false => "regular file",
            };
            let question = match self.context.is_busybox() {
                true => format!("remove '{path}'? "),
                false => format!("remove {what} '{path}'? "),
            };
            if !self.confirm(&question).await {
                return;
            }
        }
        let caller = self.context.caller();
        let removed = match metadata.is_directory() {
            true => self.context.machine().files().remove_directory(&caller, path),
            false => self.context.machine().files().remove_file(&caller, path),
        };
        match removed {
            Ok(()) if self.verbose => {
                let what = if metadata.is_directory() { "removed directory " } else { "removed " };
                self.context.put(match self.context.is_busybox() {
                    true => format!("removed '{path}'\n"),
                    false => format!("{what}'{path}'\n"),
                });
            }
            Ok(()) => {}
            Err(error) => self.complain(path, error),
        }
    }

    fn complain(&mut self, path: &str, error: Errno) {
        self.status = 1;
        let context = &self.context;
        match (context.is_busybox(), error) {
            (true, Errno::EISDIR) => context.fail(format!("'{path}' is a directory")),
            (true, _) => context.fail(format!("can't remove '{path}': {error}")),
            (false, _) => {
                context.fail(format!("cannot remove {}: {error}", context.quoted_always(path)));
            }
        }
    }

    async fn confirm(&self, question: &str) -> bool {
        self.context.complain(format!("{}: {question}", self.context.name()));
        confirm(&self.context).await
    }
}

/// Reads an answer: whether it begins with a `y`.
pub(super) async fn confirm(context: &Context) -> bool {
    let Ok(stdin) = context.stream(0) else {
        return false;
    };
    let line = context.read_line(&stdin, b'\n').await.unwrap_or_default();
    matches!(line.first(), Some(b'y' | b'Y'))
}

fn unlink(context: &Context) -> i32 {
    let options = match Options::parse(context, &UNLINK) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(path) = options.operands.first() else {
        return missing_operand(context, &UNLINK);
    };
    match context.machine().files().remove_file(&context.caller(), path) {
        Ok(()) => 0,
        Err(error) => {
            match context.is_busybox() {
                true => context.fail(format!("can't remove file '{path}': {error}")),
                false => context.fail(format!("cannot unlink '{path}': {error}")),
            }
            1
        }
    }
}
