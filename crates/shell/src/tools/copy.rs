//! `cp`, `mv`, `ln`

use super::{Options, Tool, env::missing_operand, options::misuse, rm::confirm};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{Metadata, OpenOptions, base_name, join};

pub(crate) const CP: Tool = Tool {
    name: "cp",
    directory: "/bin",
    usage: "[-arPLHpfinlsTu] SOURCE DEST or: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }",
    about: "Copy SOURCEs to DEST",
    options: "a,archive r,recursive R d P,no-dereference L,dereference H p ,preserve:: f,force i,interactive n,no-clobber l,link s,symbolic-link t,target-directory: T,no-target-directory u,update v,verbose",
    run: |context| Box::pin(cp(context)),
    ..super::TOOL
};

pub(crate) const MV: Tool = Tool {
    name: "mv",
    directory: "/bin",
    usage: "[-finT] SOURCE DEST or: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }",
    about: "Rename SOURCE to DEST, or move SOURCEs to DIRECTORY",
    options: "f,force i,interactive n,no-clobber t,target-directory: T,no-target-directory u,update v,verbose",
    run: |context| Box::pin(mv(context)),
    ..super::TOOL
};

pub(crate) const LN: Tool = Tool {
    name: "ln",
    directory: "/bin",
    usage: "[-sfnbtv] [-S SUF] TARGET... LINK|DIR",
    about: "Create a link LINK or DIR/TARGET to the specified TARGET(s)",
    options: "s,symbolic f,force n,no-dereference v,verbose T,no-target-directory t,target-directory: !r,relative !L,logical !P,physical",
    run: |context| Box::pin(async move { ln(&context) }),
    ..super::TOOL
};

/// How deep directories may be nested.
const LIMIT_DEPTH: u32 = 200;

/// Sources and where each goes.
fn pairs(context: &Context, options: &Options, tool: &Tool) -> Result<Vec<(String, String)>, i32> {
    let mut sources = options.operands.clone();
    let (target, must_be_directory) = match options.value("t") {
        Some(directory) => (directory.to_owned(), true),
        None => {
            let Some(target) = sources.pop() else {
                let missing = if context.is_busybox() { "" } else { "missing file operand" };
                return Err(misuse(context, tool, missing));
            };
            if sources.is_empty() {
                let message = format!(
                    "missing destination file operand after {}",
                    context.quoted_always(&target)
                );
                return Err(misuse(
                    context,
                    tool,
                    if context.is_busybox() { "" } else { &message },
                ));
            }
            (target, sources.len() > 1)
        }
    };
    let is_directory = context.is_directory(&target) && !options.has("T");
    if must_be_directory && !is_directory {
        let message = match (context.is_busybox(), context.exists(&target)) {
            (true, _) => format!("target '{target}' is not a directory"),
            (false, true) => format!("target '{target}': Not a directory"),
            (false, false) => format!("target '{target}': No such file or directory"),
        };
        context.fail(message);
        return Err(1);
    }
    let pair = |source: String| {
        let to = match is_directory {
            true => join(&target, base_name(&source)),
            false => target.clone(),
        };
        (source, to)
    };
    Ok(sources.into_iter().map(pair).collect())
}

struct Copier {
    context: Context,
    recursive: bool,
    keeps_links: bool,
    preserves: bool,
    force: bool,
    no_clobber: bool,
    asks: bool,
    update: bool,
    verbose: bool,
    link: bool,
    symbolic: bool,
    status: i32,
}

async fn cp(context: Context) -> i32 {
    let options = match Options::parse(&context, &CP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let archive = options.has("a");
    let recursive = archive || options.has("r") || options.has("R");
    let pairs = match pairs(&context, &options, &CP) {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let mut copier = Copier {
        recursive,
        keeps_links: !options.has("L") && (recursive || options.has("P") || options.has("d")),
        preserves: archive || options.has("p") || options.has("preserve"),
        force: options.has("f"),
        no_clobber: options.last_of(&["n", "i", "f"]) == Some("n"),
        asks: options.last_of(&["n", "i", "f"]) == Some("i"),
        update: options.has("u"),
        verbose: options.has("v"),
        link: options.has("l"),
        symbolic: options.has("s"),
        status: 0,
        context,
    };
    for (from, to) in pairs {
        copier.copy(&from, &to, 0).await;
    }
    copier.status
}

impl Copier {
    fn fail(&mut self, message: String) {
        self.context.fail(message);
        self.status = 1;
    }

    async fn copy(&mut self, from: &str, to: &str, depth: u32) {
        let follow = !self.keeps_links || (depth == 0 && !self.recursive);
        let metadata = match self.context.metadata(from, follow) {
            Ok(metadata) => metadata,
            Err(error) => {
                let verb = if self.context.is_busybox() { "can't" } else { "cannot" };
                let quoted = self.context.quoted_always(from);
                return self.fail(format!("{verb} stat {quoted}: {error}"));
            }
        };
        let there = self.context.metadata(to, true).ok();
        if let Some(there) = &there
            && (there.device, there.inode) == (metadata.device, metadata.inode)
        {
            return self.fail(format!("'{from}' and '{to}' are the same file"));
        }
        if metadata.is_directory() {
            if !self.recursive {
                return match self.context.is_busybox() {
                    true => self.fail(format!("omitting directory '{from}'")),
                    false => self.fail(format!("-r not specified; omitting directory '{from}'")),
                };
            }
            return Box::pin(self.copy_directory(from, to, &metadata, depth)).await;
        }
        if let Some(there) = there {
            if self.no_clobber || (self.update && there.modified >= metadata.modified) {
                return;
            }
            if there.is_directory() {
                return match self.context.is_busybox() {
                    true => self.fail(format!("'{to}' is a directory")),
                    false => self.fail(format!(
                        "cannot overwrite directory '{to}' with non-directory '{from}'"
                    )),
                };
            }
            if self.asks {
                self.context.complain(format!("{}: overwrite '{to}'? ", self.context.name()));
                if !confirm(&self.context).await {
                    return;
                }
            }
        }
        if let Err(error) = self.copy_file(from, to, &metadata).await {
            let quoted = self.context.quoted_always(to);
            return match self.context.is_busybox() {
                true => self.fail(format!("can't create {quoted}: {error}")),
                false => self.fail(format!("cannot create regular file {quoted}: {error}")),
            };
        }
        if self.verbose {
            self.context.put(format!("'{from}' -> '{to}'\n"));
        }
        self.keep_attributes(to, &metadata);
    }

    async fn copy_file(&self, from: &str, to: &str, metadata: &Metadata) -> Result<(), Errno> {
        let caller = self.context.caller();
        let makes_link = metadata.is_link() || self.link || self.symbolic;
        if makes_link && self.context.exists(to) && (self.force || metadata.is_link()) {
            self.context.machine().files().remove_file(&caller, to)?;
        }
        if self.symbolic {
            return self.context.machine().files().create_link(&caller, from, to);
        }
        if self.link {
            return self.context.machine().files().hard_link(&caller, from, to);
        }
        if metadata.is_link() {
            let target = self.context.machine().files().read_link(&caller, from)?;
            return self.context.machine().files().create_link(&caller, &target, to);
        }
        let is_new = !self.context.exists(to);
        let input = self.context.open(from, OpenOptions::READ)?;
        let output = self.context.open(to, OpenOptions::WRITE)?;
        loop {
            let bytes = self.context.read_stream(&input, 65_536).await?;
            if bytes.is_empty() {
                break;
            }
            self.context.write_stream(&output, &bytes).await?;
        }
        if is_new {
            let mode = metadata.mode & !caller.umask;
            self.context.machine().files().set_mode(&caller, to, mode)?;
        }
        Ok(())
    }

    async fn copy_directory(&mut self, from: &str, to: &str, metadata: &Metadata, depth: u32) {
        if depth > LIMIT_DEPTH {
            return;
        }
        let caller = self.context.caller();
        let inside = self.context.machine().files().canonical(&caller, to).ok();
        let outside = self.context.machine().files().canonical(&caller, from).ok();
        if let (Some((inside, _)), Some((outside, _))) = (inside, outside)
            && inside.starts_with(&format!("{outside}/"))
        {
            return match self.context.is_busybox() {
                true => self.fail(format!("recursion detected, omitting directory '{from}'")),
                false => {
                    self.fail(format!("cannot copy a directory, '{from}', into itself, '{to}'"));
                }
            };
        }
        let made = self.context.machine().files().create_directory(&caller, to, 0o777);
        match made {
            Ok(()) => {
                if self.verbose {
                    self.context.put(format!("'{from}' -> '{to}'\n"));
                }
            }
            Err(Errno::EEXIST) if self.context.is_directory(to) => {}
            Err(Errno::EEXIST) => {
                return self.fail(format!(
                    "cannot overwrite non-directory '{to}' with directory '{from}'"
                ));
            }
            Err(error) => {
                let quoted = self.context.quoted_always(to);
                return match self.context.is_busybox() {
                    true => self.fail(format!("can't create directory {quoted}: {error}")),
                    false => self.fail(format!("cannot create directory {quoted}: {error}")),
                };
            }
        }
        for name in self.context.names(from).unwrap_or_default() {
            self.copy(&join(from, &name), &join(to, &name), depth + 1).await;
        }
        self.keep_attributes(to, metadata);
    }

    fn keep_attributes(&self, to: &str, metadata: &Metadata) {
        if !self.preserves || metadata.is_link() {
            return;
        }
        let caller = self.context.caller();
        let files = self.context.machine().files();
        // What may not be kept is not an error, as with `cp -p` by an ordinary user.
        let _ = files.set_owner(&caller, to, Some(metadata.uid), Some(metadata.gid), true);
        let _ = files.set_mode(&caller, to, metadata.mode);
        let _ = files.set_modified(&caller, to, metadata.modified);
    }
}

async fn mv(context: Context) -> i32 {
    let options = match Options::parse(&context, &MV) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let pairs = match pairs(&context, &options, &MV) {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let last = options.last_of(&["f", "i", "n"]);
    let mut status = 0;
    for (from, to) in pairs {
        if let Ok(there) = context.metadata(&to, false) {
            if last == Some("n") {
                continue;
            }
            let newer = |source: &Metadata| source.modified > there.modified;
            if options.has("u")
                && !context.metadata(&from, false).is_ok_and(|source| newer(&source))
            {
                continue;
            }
            if last == Some("i") {
                context.complain(format!("{}: overwrite '{to}'? ", context.name()));
                if !confirm(&context).await {
                    continue;
                }
            }
        }
        match move_one(&context, &from, &to).await {
            Ok(()) if options.has("v") => {
                context.put(match context.is_busybox() {
                    true => format!("'{from}' -> '{to}'\n"),
                    false => format!("renamed '{from}' -> '{to}'\n"),
                });
            }
            Ok(()) => {}
            Err(error) => {
                complain_of_move(&context, &from, &to, error);
                status = 1;
            }
        }
    }
    status
}

async fn move_one(context: &Context, from: &str, to: &str) -> Result<(), Errno> {
    let caller = context.caller();
    let source = context.metadata(from, false)?;
    if let Ok(there) = context.metadata(to, false)
        && (there.device, there.inode) == (source.device, source.inode)
    {
        return Err(Errno::EEXIST);
    }
    let moved = context.machine().files().rename(&caller, from, to);
    if moved != Err(Errno::EXDEV) {
        return moved;
    }
    // On another file system: copy, then remove.
    let mut copier = Copier {
        context: context.clone(),
        recursive: true,
        keeps_links: true,
        preserves: true,
        force: true,
        no_clobber: false,
        asks: false,
        update: false,
        verbose: false,
        link: false,
        symbolic: false,
        status: 0,
    };
    copier.copy(from, to, 0).await;
    if copier.status != 0 {
        return Err(Errno::EIO);
    }
    context.machine().files().remove_all(&caller, from)
}

fn complain_of_move(context: &Context, from: &str, to: &str, error: Errno) {
    let busybox = context.is_busybox();
    let message = match error {
        Errno::ENOENT if !context.exists(from) && busybox => {
            format!("can't rename '{from}': {error}")
        }
        Errno::ENOENT if !context.exists(from) => {
            format!("cannot stat {}: {error}", context.quoted_always(from))
        }
        Errno::EEXIST => format!("'{from}' and '{to}' are the same file"),
        Errno::EINVAL if !busybox => {
            format!("cannot move '{from}' to a subdirectory of itself, '{to}'")
        }
        Errno::ENOTDIR if !busybox && context.is_directory(from) => {
            format!("cannot overwrite non-directory '{to}' with directory '{from}'")
        }
        Errno::EISDIR if !busybox => {
            format!("cannot overwrite directory '{to}' with non-directory '{from}'")
        }
        _ if busybox => format!("can't rename '{from}': {error}"),
        _ => format!("cannot move '{from}' to '{to}': {error}"),
    };
    context.fail(message);
}

fn ln(context: &Context) -> i32 {
    let mut options = match Options::parse(context, &LN) {
        Ok(options) => options,
        Err(status) => return status,
    };
    match options.operands.as_slice() {
        [] => return missing_operand_of_ln(context),
        [only] if options.value("t").is_none() => {
            let here = base_name(only).to_owned();
            options.operands.push(format!("./{here}"));
        }
        _ => {}
    }
    let is_link_kept = options.has("n") || options.has("T");
    let target = options.operands.last().cloned().unwrap_or_default();
    let points_to_directory =
        context.metadata(&target, false).is_ok_and(|metadata| metadata.is_link());
    let pairs = if is_link_kept && points_to_directory && options.operands.len() == 2 {
        vec![(options.operands.first().cloned().unwrap_or_default(), target)]
    } else {
        match pairs(context, &options, &LN) {
            Ok(pairs) => pairs,
            Err(status) => return status,
        }
    };
    let caller = context.caller();
    let symbolic = options.has("s");
    let mut status = 0;
    for (from, to) in pairs {
        let files = context.machine().files();
        if options.has("f")
            && context.exists(&to)
            && !context.metadata(&to, false).is_ok_and(|m| m.is_directory())
        {
            let _ = files.remove_file(&caller, &to);
        }
        let linked = match symbolic {
            true => files.create_link(&caller, &from, &to),
            false => files.hard_link(&caller, &from, &to),
        };
        match linked {
            Ok(()) if options.has("v") => {
                let arrow = if symbolic { "->" } else { "=>" };
                context.put(format!("'{to}' {arrow} '{from}'\n"));
            }
            Ok(()) => {}
            Err(error) => {
                complain_of_link(context, symbolic, &from, &to, error);
                status = 1;
            }
        }
    }
    status
}

fn complain_of_link(context: &Context, symbolic: bool, from: &str, to: &str, error: Errno) {
    let message = match (context.is_busybox(), symbolic) {
        (true, _) if error == Errno::EPERM || (!symbolic && error == Errno::ENOENT) => {
            format!("{from}: {error}")
        }
        (true, _) => format!("{to}: {error}"),
        (false, true) => format!("failed to create symbolic link '{to}': {error}"),
        (false, false) if error == Errno::ENOENT => {
            format!("failed to access '{from}': {error}")
        }
        (false, false) if error == Errno::EPERM => {
            format!("{from}: hard link not allowed for directory")
        }
        (false, false) => format!("failed to create hard link '{to}': {error}"),
    };
    context.fail(message);
}

fn missing_operand_of_ln(context: &Context) -> i32 {
    if context.is_busybox() {
        return missing_operand(context, &LN);
    }
    misuse(context, &LN, "missing file operand")
}
