//! The tools: one file for each, and one line here.
//!
//! A tool is a program for one process. It reads and writes through its
//! [`Context`](crate::Context), takes options as its GNU and busybox models do, and complains in
//! their words.

mod attributes;
mod base64;
pub(crate) mod calendar;
mod cat;
mod checksum;
mod comm;
mod copy;
mod count;
mod cut;
mod date;
mod dd;
mod diff;
mod directory;
mod disk;
pub(crate) mod duration;
pub(crate) mod echo;
mod env;
mod expand;
mod expr;
mod find;
pub(crate) mod float;
mod fold;
mod grep;
mod head;
mod identity;
pub(crate) mod input;
mod join;
pub(crate) mod kill;
mod less;
mod ls;
pub(crate) mod mode;
mod names;
mod nl;
mod od;
mod options;
mod paste;
mod paths;
pub(crate) mod printf;
mod ps;
mod rev;
mod rm;
mod sed;
mod seq;
mod shells;
mod shuf;
mod sleep;
mod sort;
mod split;
mod stat;
mod system;
mod tac;
mod tail;
mod tar;
mod tee;
pub(crate) mod test;
mod timing;
mod tr;
mod truth;
mod uniq;
pub(crate) mod users;
mod wc;
mod xargs;
mod xxd;
mod yes;

pub(crate) use options::{Options, usage_text};

use crate::context::Context;
use crate::program::{Program, Run};
use crate::userland::Flavour;

/// Who has a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// Both GNU and busybox.
    Both,
    /// Only the GNU system.
    Gnu,
    /// Only busybox.
    Busybox,
}

/// A program that comes with the system.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// Other names for the same file.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) home: Home,
    /// Where its file is.
    pub(crate) directory: &'static str,
    /// What follows the name in `Usage:`.
    pub(crate) usage: &'static str,
    /// What it does, in a line.
    pub(crate) about: &'static str,
    /// Its options; see [`Options::parse`].
    pub(crate) options: &'static str,
    /// The status of a wrong command line under GNU.
    pub(crate) misuse: i32,
    pub(crate) run: fn(Context) -> Run,
}

/// What most tools have in common.
pub(crate) const TOOL: Tool = Tool {
    name: "",
    aliases: &[],
    home: Home::Both,
    directory: "/usr/bin",
    usage: "",
    about: "",
    options: "",
    misuse: 1,
    run: |_| Box::pin(async { 0 }),
};

/// All tools.
pub(crate) const TOOLS: &[&Tool] = &[
    &attributes::CHGRP,
    &attributes::CHMOD,
    &attributes::CHOWN,
    &attributes::TOUCH,
    &attributes::TRUNCATE,
    &base64::TOOL,
    &cat::TOOL,
    &checksum::CKSUM,
    &checksum::MD5SUM,
    &checksum::SHA1SUM,
    &checksum::SHA256SUM,
    &checksum::SHA512SUM,
    &comm::TOOL,
    &copy::CP,
    &copy::LN,
    &copy::MV,
    &crate::awk::TOOL,
    &cut::TOOL,
    &date::TOOL,
    &dd::TOOL,
    &diff::CMP,
    &diff::DIFF,
    &directory::MKDIR,
    &directory::RMDIR,
    &disk::DF,
    &disk::DU,
    &echo::TOOL,
    &env::ENV,
    &env::PRINTENV,
    &expand::EXPAND,
    &expand::UNEXPAND,
    &expr::TOOL,
    &find::TOOL,
    &fold::TOOL,
    &grep::TOOL,
    &head::TOOL,
    &identity::GROUPS,
    &identity::ID,
    &identity::LOGNAME,
    &identity::TTY,
    &identity::WHOAMI,
    &join::TOOL,
    &kill::TOOL,
    &less::LESS,
    &less::MORE,
    &ls::TOOL,
    &names::BASENAME,
    &names::DIRNAME,
    &nl::TOOL,
    &od::TOOL,
    &paste::TOOL,
    &paths::MKTEMP,
    &paths::PWD,
    &paths::READLINK,
    &paths::REALPATH,
    &paths::WHICH,
    &printf::TOOL,
    &ps::KILLALL,
    &ps::PGREP,
    &ps::PIDOF,
    &ps::PKILL,
    &ps::PS,
    &ps::TOP,
    &rev::TOOL,
    &rm::RM,
    &rm::UNLINK,
    &sed::TOOL,
    &seq::TOOL,
    &shells::ASH,
    &shells::BASH,
    &shells::BUSYBOX,
    &shells::DASH,
    &shuf::TOOL,
    &sleep::SLEEP,
    &sleep::USLEEP,
    &sort::TOOL,
    &split::TOOL,
    &stat::TOOL,
    &system::ARCH,
    &system::FREE,
    &system::HOSTNAME,
    &system::NPROC,
    &system::UNAME,
    &system::UPTIME,
    &tac::TOOL,
    &tail::TOOL,
    &tar::TOOL,
    &tee::TOOL,
    &test::TOOL,
    &timing::NOHUP,
    &timing::TIME,
    &timing::TIMEOUT,
    &timing::WATCH,
    &tr::TOOL,
    &truth::CLEAR,
    &truth::FALSE,
    &truth::SYNC,
    &truth::TRUE,
    &uniq::TOOL,
    &wc::TOOL,
    &xargs::TOOL,
    &xxd::HEXDUMP,
    &xxd::XXD,
    &yes::TOOL,
];

/// The tool that is called so.
pub(crate) fn find(name: &str) -> Option<&'static Tool> {
    let named = |tool: &&&Tool| tool.name == name || tool.aliases.contains(&name);
    TOOLS.iter().find(named).copied()
}

impl Program for &'static Tool {
    fn run(&self, context: Context) -> Run {
        (self.run)(context)
    }
}

/// Tells `add` every file of a system: its path, the name of its program, the program.
pub(crate) fn install(flavour: Flavour, add: &mut dyn FnMut(&str, &str, &'static Tool)) {
    for tool in TOOLS {
        let is_here = match tool.home {
            Home::Both => true,
            Home::Gnu => flavour == Flavour::Gnu,
            Home::Busybox => flavour == Flavour::Busybox,
        };
        if !is_here {
            continue;
        }
        // busybox's image has everything in /bin.
        let directory = if flavour == Flavour::Busybox { "/bin" } else { tool.directory };
        for name in std::iter::once(&tool.name).chain(tool.aliases) {
            add(&format!("{directory}/{name}"), tool.name, tool);
        }
    }
}
