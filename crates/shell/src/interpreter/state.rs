//! The parts of a shell's state, and its beginning.

use super::{Content, Dialect, Jobs, Shell, Traps, Variable, Variables};
use crate::context::Context;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where the commands come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `-c`
    Text,
    /// A script file.
    File,
    /// Standard input that is not a terminal.
    Input,
    /// A person.
    Interactive,
}

/// Why commands are left early. Statuses are in [`Shell::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwind {
    Break(u32),
    Continue(u32),
    Return,
    Exit,
    /// An error that ends the present line: of a script file in bash only that.
    Discard,
    /// `^C` at an interactive shell.
    Interrupt,
}

/// A text that is running within another.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// What dash and ash put before messages; functions have none.
    pub(crate) name: Option<Rc<str>>,
    pub(crate) bash_name: Option<Rc<str>>,
    /// An `eval`, not a file.
    pub(crate) is_text: bool,
    pub(crate) is_function: bool,
}

/// What a function call put aside.
#[derive(Clone, Default)]
pub(crate) struct Frame {
    pub(crate) name: Rc<str>,
    /// The variables as they were before `local`.
    pub(crate) locals: BTreeMap<Rc<str>, Option<Variable>>,
}

/// `set -o`
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub(crate) struct Options {
    pub(crate) allexport: bool,
    pub(crate) errexit: bool,
    pub(crate) ignoreeof: bool,
    pub(crate) monitor: bool,
    pub(crate) noclobber: bool,
    pub(crate) noexec: bool,
    pub(crate) noglob: bool,
    pub(crate) nounset: bool,
    pub(crate) pipefail: bool,
    pub(crate) verbose: bool,
    pub(crate) xtrace: bool,
}

impl Options {
    /// Name, letter and value of every option, by name.
    pub(crate) fn all(&mut self) -> [(&'static str, char, &mut bool); 11] {
        [
            ("allexport", 'a', &mut self.allexport),
            ("errexit", 'e', &mut self.errexit),
            ("ignoreeof", 'I', &mut self.ignoreeof),
            ("monitor", 'm', &mut self.monitor),
            ("noclobber", 'C', &mut self.noclobber),
            ("noexec", 'n', &mut self.noexec),
            ("noglob", 'f', &mut self.noglob),
            ("nounset", 'u', &mut self.nounset),
            ("pipefail", '\0', &mut self.pipefail),
            ("verbose", 'v', &mut self.verbose),
            ("xtrace", 'x', &mut self.xtrace),
        ]
    }
}

/// `shopt`
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShellOptions {
    pub(crate) dotglob: bool,
    pub(crate) extglob: bool,
    pub(crate) failglob: bool,
    pub(crate) globstar: bool,
    pub(crate) nocaseglob: bool,
    pub(crate) nocasematch: bool,
    pub(crate) nullglob: bool,
    pub(crate) expand_aliases: bool,
    pub(crate) lastpipe: bool,
}

impl ShellOptions {
    /// Name and value of every option, by name.
    pub(crate) fn all(&mut self) -> [(&'static str, &mut bool); 9] {
        [
            ("dotglob", &mut self.dotglob),
            ("expand_aliases", &mut self.expand_aliases),
            ("extglob", &mut self.extglob),
            ("failglob", &mut self.failglob),
            ("globstar", &mut self.globstar),
            ("lastpipe", &mut self.lastpipe),
            ("nocaseglob", &mut self.nocaseglob),
            ("nocasematch", &mut self.nocasematch),
            ("nullglob", &mut self.nullglob),
        ]
    }
}

impl Shell {
    /// A shell in the process of `context`, with the variables of its environment. `name` is
    /// `$0`.
    pub fn new(context: Context, dialect: Dialect, name: &str) -> Shell {
        let mut variables = Variables::new(&context.environment());
        set_initial(&mut variables, &context, dialect);
        let rng = context.machine().split_rng();
        Shell {
            main_pid: context.pid(),
            started: context.now(),
            context,
            dialect,
            options: Options::default(),
            shell_options: ShellOptions {
                expand_aliases: !dialect.is_bash(),
                ..ShellOptions::default()
            },
            variables,
            functions: Rc::default(),
            aliases: Rc::default(),
            positional: Rc::default(),
            name: name.into(),
            origin: Origin::Text,
            sources: Vec::new(),
            frames: Vec::new(),
            status: 0,
            pipe_statuses: Vec::new(),
            substituted: None,
            line: 1,
            loops: 0,
            conditions: 0,
            depth: 0,
            traps: Traps::default(),
            jobs: Jobs::default(),
            last_background: None,
            is_subshell: false,
            rng,
            last_argument: "".into(),
            getopts_offset: 0,
            trace_depth: 0,
            process_descriptors: Vec::new(),
        }
    }

    /// A copy for a subshell, which gets a context of its own.
    pub(crate) fn forked(&self) -> Shell {
        Shell {
            context: self.context.clone(),
            dialect: self.dialect,
            options: Options { monitor: false, ..self.options },
            shell_options: self.shell_options,
            variables: self.variables.clone(),
            functions: self.functions.clone(),
            aliases: self.aliases.clone(),
            positional: self.positional.clone(),
            name: self.name.clone(),
            origin: self.origin,
            sources: self.sources.clone(),
            frames: self.frames.clone(),
            status: self.status,
            pipe_statuses: self.pipe_statuses.clone(),
            substituted: None,
            line: self.line,
            loops: self.loops,
            conditions: self.conditions,
            depth: 0,
            traps: self.traps.inherited(),
            jobs: Jobs::default(),
            last_background: self.last_background,
            main_pid: self.main_pid,
            is_subshell: true,
            started: self.started,
            rng: self.context.machine().split_rng(),
            last_argument: self.last_argument.clone(),
            getopts_offset: self.getopts_offset,
            trace_depth: self.trace_depth,
            process_descriptors: Vec::new(),
        }
    }

    /// Whether a person types the commands.
    pub(crate) fn is_interactive(&self) -> bool {
        self.origin == Origin::Interactive && !self.is_subshell
    }

    /// Names the shell goes by in `$-`.
    pub(crate) fn flags(&self) -> String {
        let mut options = self.options;
        let mut flags: String = options
            .all()
            .iter()
            .filter(|(_, letter, on)| **on && *letter != '\0')
            .map(|(_, letter, _)| *letter)
            .collect();
        if self.dialect.is_bash() {
            flags.insert(0, 'h');
            flags.push('B');
        }
        if self.origin == Origin::Interactive {
            flags.push('i');
        }
        match self.origin {
            Origin::Text if self.dialect != Dialect::Dash => flags.push('c'),
            Origin::Input | Origin::Interactive => flags.push('s'),
            _ => {}
        }
        flags
    }
}

/// The variables that a shell sets when it starts.
fn set_initial(variables: &mut Variables, context: &Context, dialect: Dialect) {
    let export = |variables: &mut Variables, name: &str, value: String| {
        let entry = variables.entry(name);
        entry.content = Content::Text(value);
        entry.exported = true;
    };
    variables.set("IFS", " \t\n");
    variables.entry("IFS").exported = false;
    variables.set("OPTIND", "1");
    if variables.text("PATH").is_none() {
        match dialect {
            Dialect::Ash => {
                export(variables, "PATH", "/sbin:/usr/sbin:/bin:/usr/bin".to_owned());
            }
            _ => variables.set("PATH", crate::userland::DEFAULT_PATH),
        }
    }
    if dialect != Dialect::Dash {
        let level = variables.text("SHLVL").and_then(|level| level.parse::<i32>().ok());
        export(variables, "SHLVL", level.unwrap_or(0).saturating_add(1).to_string());
    }
    let directory = context.directory();
    let inherited = variables.text("PWD").map(str::to_owned);
    let is_right = |path: &str| {
        let files = context.machine().files();
        let caller = context.caller();
        path.starts_with('/')
            && files.canonical(&caller, path).ok() == files.canonical(&caller, &directory).ok()
    };
    let path = inherited.filter(|path| is_right(path)).unwrap_or_else(|| directory.to_string());
    export(variables, "PWD", path);
    if variables.text("PS4").is_none() {
        variables.set("PS4", "+ ");
    }
}
