//! `id`, `whoami`, `groups`, `logname`, `tty`

use super::{Home, Options, Tool, users};
use crate::context::Context;

pub(crate) const ID: Tool = Tool {
    name: "id",
    usage: "[-ugGnr] [USER]",
    about: "Print information about USER or the current user",
    options: "u,user g,group G,groups n,name r,real !a !z,zero",
    run: |context| Box::pin(async move { id(&context) }),
    ..super::TOOL
};

pub(crate) const WHOAMI: Tool = Tool {
    name: "whoami",
    about: "Print the user name associated with the current effective user id",
    run: |context| Box::pin(async move { whoami(&context) }),
    ..super::TOOL
};

pub(crate) const GROUPS: Tool = Tool {
    name: "groups",
    usage: "[USER]",
    about: "Print the groups USER is in",
    run: |context| Box::pin(async move { groups(&context) }),
    ..super::TOOL
};

pub(crate) const LOGNAME: Tool = Tool {
    name: "logname",
    home: Home::Both,
    about: "Print the name of the current user",
    run: |context| Box::pin(async move { whoami(&context) }),
    ..super::TOOL
};

pub(crate) const TTY: Tool = Tool {
    name: "tty",
    usage: "[-s]",
    about: "Print file name of stdin's terminal",
    options: "s,silent,quiet",
    run: |context| Box::pin(async move { tty(&context) }),
    ..super::TOOL
};

fn id(context: &Context) -> i32 {
    let options = match Options::parse(context, &ID) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let user = context.caller().user;
    let (uid, gid) = match options.operands.first() {
        None => (user.uid, user.gid),
        Some(name) => match users::ids_of(context, name) {
            Some(ids) => ids,
            None => {
                match context.is_busybox() {
                    true => context.fail(format!("unknown user {name}")),
                    false => context.fail(format!("{}: no such user", context.quoted(name))),
                }
                return 1;
            }
        },
    };
    let named = |id: u32, name: Option<String>, what: &str| {
        if !options.has("n") {
            return id.to_string();
        }
        name.unwrap_or_else(|| {
            context.fail(format!("cannot find name for {what} ID {id}"));
            id.to_string()
        })
    };
    let text = match options.last_of(&["u", "g", "G"]) {
        Some("u") => named(uid, users::name(context, uid), "user"),
        Some(_) => named(gid, users::group_name(context, gid), "group"),
        None => {
            let shown = |id: u32, name: Option<String>| match name {
                Some(name) => format!("{id}({name})"),
                None => id.to_string(),
            };
            let group = shown(gid, users::group_name(context, gid));
            format!("uid={} gid={group} groups={group}", shown(uid, users::name(context, uid)))
        }
    };
    context.put(text + "\n");
    0
}

fn whoami(context: &Context) -> i32 {
    let uid = context.caller().user.uid;
    match users::name(context, uid) {
        Some(name) => {
            context.put(name + "\n");
            0
        }
        None if context.is_busybox() => {
            context.fail(format!("unknown uid {uid}"));
            1
        }
        None => {
            context.fail(format!("cannot find name for user ID {uid}: No such file or directory"));
            1
        }
    }
}

fn groups(context: &Context) -> i32 {
    let gid = context.caller().user.gid;
    let name = users::group_name(context, gid).unwrap_or_else(|| gid.to_string());
    context.put(name + "\n");
    0
}

fn tty(context: &Context) -> i32 {
    let options = match Options::parse(context, &TTY) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let is_terminal = context.is_terminal(0);
    if !options.has("s") {
        context.put(if is_terminal { "/dev/pts/0\n" } else { "not a tty\n" });
    }
    i32::from(!is_terminal)
}
