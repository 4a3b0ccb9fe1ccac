//! Lists, pipelines, subshells.

use super::ast::{AndOr, Command, Item, Join, List, Pipeline, Redirect, RedirectKind};
use super::expand::Expansion;
use super::{Dialect, Flow, Shell, Trap, Unwind};
use crate::context::Context;
use crate::errno::Errno;
use crate::machine::Child;
use crate::pipe::pipe;
use crate::process::Status;
use crate::program::Run;
use crate::signal::Signal;
use crate::stream::Null;
use std::rc::Rc;

/// How deep commands may run within one another in one process. Each level takes real stack.
const LIMIT_DEPTH: u32 = 400;

/// What a subshell runs.
pub(super) enum Work {
    Command(Rc<Command>),
    List(List),
    AndOr(Rc<AndOr>),
}

impl Shell {
    /// Runs commands one after another. `last`: nothing comes after them, so that the process
    /// may become the last program.
    pub(crate) async fn run_list(&mut self, list: &List, last: bool) -> Flow {
        let count = list.0.len();
        for (number, item) in list.0.iter().enumerate() {
            if item.background {
                self.run_in_background(item).await?;
            } else {
                self.run_and_or(&item.and_or, last && number + 1 == count).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn run_and_or(&mut self, and_or: &AndOr, last: bool) -> Flow {
        let count = and_or.rest.len();
        self.run_condition_if(count > 0, &and_or.first, last && count == 0).await?;
        for (number, (join, pipeline)) in and_or.rest.iter().enumerate() {
            if (*join == Join::And) != (self.status == 0) {
                continue;
            }
            let is_last = number + 1 == count;
            self.run_condition_if(!is_last, pipeline, last && is_last).await?;
        }
        Ok(())
    }

    async fn run_condition_if(&mut self, condition: bool, pipeline: &Pipeline, last: bool) -> Flow {
        if !condition {
            return self.run_pipeline(pipeline, last).await;
        }
        self.conditions += 1;
        let flow = self.run_pipeline(pipeline, last).await;
        self.conditions -= 1;
        flow
    }

    /// Runs commands whose failure is an answer and no accident.
    pub(super) async fn run_as_condition(&mut self, list: &List) -> Flow {
        self.conditions += 1;
        let flow = self.run_list(list, false).await;
        self.conditions -= 1;
        flow
    }

    async fn run_pipeline(&mut self, pipeline: &Pipeline, last: bool) -> Flow {
        if self.options.noexec {
            return Ok(());
        }
        let started = self.context.now();
        let plain = !pipeline.negated && !pipeline.timed;
        if pipeline.negated {
            self.conditions += 1;
        }
        let flow = match pipeline.commands.as_slice() {
            [(command, _)] => Box::pin(self.run_command(command, last && plain)).await,
            _ => self.run_stages(pipeline).await,
        };
        if pipeline.negated {
            self.conditions -= 1;
            self.status = i32::from(self.status == 0);
        }
        if pipeline.timed {
            self.report_time(started);
        }
        flow?;
        let may_fail = match pipeline.commands.as_slice() {
            [(command, _)] => can_fail(command),
            _ => true,
        };
        if self.status != 0 && may_fail && !pipeline.negated && self.conditions == 0 {
            self.on_failure().await?;
        }
        Ok(())
    }

    /// What `set -e` and the ERR trap do when a command failed.
    async fn on_failure(&mut self) -> Flow {
        if let Some(action) = self.traps.get(Trap::Err).cloned() {
            self.run_trap(&action).await?;
        }
        if self.options.errexit { Err(Unwind::Exit) } else { Ok(()) }
    }

    fn report_time(&self, started: sim::Time) {
        let took = self.context.now().since(started);
        let (minutes, rest) = (took.as_secs() / 60, took.as_secs() % 60);
        let real = format!("{minutes}m{rest}.{:03}s", took.subsec_millis());
        self.context.complain(format!("\nreal\t{real}\nuser\t0m0.000s\nsys\t0m0.000s\n"));
    }

    /// Runs the commands of a pipeline side by side.
    async fn run_stages(&mut self, pipeline: &Pipeline) -> Flow {
        self.context.settle().await;
        let mut children: Vec<Child> = Vec::new();
        let mut input = None;
        let count = pipeline.commands.len();
        let mut failed = false;
        for (number, (command, with_errors)) in pipeline.commands.iter().enumerate() {
            let stdin = input.take();
            let mut stdout = None;
            if number + 1 < count {
                let (reader, writer) = pipe();
                (input, stdout) = (Some(reader), Some((writer, *with_errors)));
            }
            if number + 1 == count && self.shell_options.lastpipe && !self.is_interactive() {
                let flow = self.run_last_here(command, stdin).await;
                return self.finish_stages(children, Some(self.status)).await.and(flow);
            }
            let group = children.first().map(Child::pid);
            let child = self.fork_work(Work::Command(command.clone()), group, move |context| {
                if let Some(stdin) = stdin {
                    let _ = context.process().set_descriptor(0, stdin);
                }
                if let Some((stdout, with_errors)) = stdout {
                    if with_errors {
                        let _ = context.process().set_descriptor(2, stdout.clone());
                    }
                    let _ = context.process().set_descriptor(1, stdout);
                }
            });
            match child {
                Some(child) => children.push(child),
                None => failed = true,
            }
        }
        drop(input);
        if failed {
            self.status = 254;
            return Ok(());
        }
        self.wait_for_foreground(&children, &pipeline.text).await?;
        self.finish_stages(children, None).await
    }

    /// `shopt -s lastpipe`: the last command of a pipeline runs in the shell itself.
    async fn run_last_here(&mut self, command: &Command, stdin: Option<crate::Handle>) -> Flow {
        let old = self.context.stream(0).ok();
        if let Some(stdin) = stdin {
            let _ = self.context.process().set_descriptor(0, stdin);
        }
        let flow = Box::pin(self.run_command(command, false)).await;
        match old {
            Some(old) => drop(self.context.process().set_descriptor(0, old)),
            None => self.context.process().close_descriptor(0),
        }
        flow
    }

    async fn finish_stages(&mut self, children: Vec<Child>, last: Option<i32>) -> Flow {
        let mut statuses = Vec::new();
        for child in &children {
            statuses.push(self.context.wait(child).await.code());
        }
        statuses.extend(last);
        let failed = statuses.iter().rev().find(|status| **status != 0);
        self.status = match (self.options.pipefail, failed) {
            (true, Some(failed)) => *failed,
            _ => statuses.last().copied().unwrap_or(0),
        };
        self.pipe_statuses = statuses;
        Ok(())
    }

    /// Runs one command.
    pub(super) async fn run_command(&mut self, command: &Command, last: bool) -> Flow {
        self.depth += 1;
        if self.depth > LIMIT_DEPTH {
            self.depth = 0;
            self.complain("maximum function nesting level exceeded (too deep)");
            self.status = 1;
            return Err(if self.is_interactive() { Unwind::Discard } else { Unwind::Exit });
        }
        let flow = match command {
            Command::Simple(simple) => self.run_simple(simple, last).await,
            Command::Function(name, function) => {
                self.define(name, function);
                Ok(())
            }
            Command::Compound(compound, redirects, line) => {
                Box::pin(self.run_compound(compound, redirects, *line, last)).await
            }
        };
        self.depth = self.depth.saturating_sub(1);
        if self.context.has_signal() {
            flow?;
            return Box::pin(self.run_traps()).await;
        }
        flow
    }
}

/// Other processes.
impl Shell {
    /// Forks a subshell that does `work`. `prepare` sets up its descriptors. `None`: it could not
    /// be forked, and that was complained about.
    pub(super) fn fork_work(
        &mut self,
        work: Work,
        group: Option<u32>,
        prepare: impl FnOnce(&Context),
    ) -> Option<Child> {
        let mut shell = self.forked();
        let own_group = self.is_interactive() && self.options.monitor;
        let forked = self.context.fork(move |context| {
            if own_group {
                context.process().group.set(group.unwrap_or(context.pid()));
            }
            prepare(&context);
            shell.context = context;
            shell.run_forked(work)
        });
        self.context.machine().budget().note(50);
        match forked {
            Ok(child) => Some(child),
            Err(error) => {
                match self.dialect {
                    Dialect::Bash => self.complain(format!("fork: retry: {error}")),
                    Dialect::Dash => self.complain("Cannot fork"),
                    Dialect::Ash => self.complain(format!("can't fork: {error}")),
                }
                self.status = if self.dialect.is_bash() { 254 } else { 2 };
                None
            }
        }
    }

    /// The life of a subshell: its exit status.
    fn run_forked(mut self, work: Work) -> Run {
        Box::pin(async move {
            self.context.work(1).await;
            let _: Flow = match &work {
                Work::Command(command) => self.run_command(command, true).await,
                Work::List(list) => self.run_list(list, true).await,
                Work::AndOr(and_or) => self.run_and_or(and_or, true).await,
            };
            // Whatever reason there was to leave, there is nothing around to leave to.
            self.run_exit_trap().await;
            self.status
        })
    }

    async fn run_in_background(&mut self, item: &Item) -> Flow {
        self.context.work(1).await;
        self.context.settle().await;
        let has_jobs = self.is_interactive();
        let child = self.fork_work(Work::AndOr(item.and_or.clone()), None, |context| {
            if !has_jobs {
                let _ = context.process().set_descriptor(0, Rc::new(Null));
                context.ignore(Signal::INT);
                context.ignore(Signal::QUIT);
            }
        });
        let Some(child) = child else {
            return Ok(());
        };
        let pid = child.pid();
        self.last_background = Some(pid);
        let number = self.jobs.add(vec![child], item.text.clone());
        if has_jobs {
            self.context.complain(format!("[{number}] {pid}\n"));
        }
        self.status = 0;
        Ok(())
    }

    /// What commands print, and `$?` set to how they ended.
    pub(super) async fn captured(&mut self, list: &List) -> Expansion<Vec<u8>> {
        self.context.work(1).await;
        self.context.settle().await;
        if let Some(redirect) = file_only(list, self.dialect) {
            return Box::pin(self.captured_file(redirect)).await;
        }
        let (reader, writer) = pipe();
        self.trace_depth += 1;
        let child = self.fork_work(Work::List(list.clone()), None, move |context| {
            let _ = context.process().set_descriptor(1, writer);
        });
        self.trace_depth -= 1;
        let Some(child) = child else {
            return Err(if self.is_interactive() { Unwind::Discard } else { Unwind::Exit });
        };
        let bytes = self.context.read_to_end(&reader).await.unwrap_or_default();
        drop(reader);
        let status = self.context.wait(&child).await;
        self.substituted = Some(status.code());
        if self.dialect.is_bash() {
            // In the others `$?` changes when the command is over.
            self.status = status.code();
        }
        if status == Status::Signalled(Signal::INT) && self.is_interactive() {
            return Err(Unwind::Interrupt);
        }
        Ok(bytes)
    }

    /// `$(< file)`
    async fn captured_file(&mut self, redirect: &Redirect) -> Expansion<Vec<u8>> {
        let Some(saved) = self.redirect(std::slice::from_ref(redirect)).await? else {
            self.substituted = Some(1);
            return Ok(Vec::new());
        };
        let bytes = match self.context.stream(redirect.descriptor.unwrap_or(0)) {
            Ok(stream) => self.context.read_to_end(&stream).await.unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        self.unredirect(saved).await;
        self.substituted = Some(0);
        Ok(bytes)
    }

    /// `<(..)`: the path of a descriptor that is connected to the commands.
    pub(super) fn process_substitution(
        &mut self,
        substitution: &super::ast::Substitution,
        is_output: bool,
    ) -> Expansion<String> {
        let (reader, writer) = pipe();
        let (own, theirs) = if is_output { (writer, reader) } else { (reader, writer) };
        self.fork_work(Work::List(substitution.0.clone()), None, move |context| {
            let _ = context.process().set_descriptor(u32::from(!is_output), theirs);
        });
        let number = self.context.process().descriptors.borrow().free_number(63);
        let _ = self.context.process().set_descriptor(number, own);
        self.process_descriptors.push(number);
        Ok(format!("/dev/fd/{number}"))
    }

    /// Closes what process substitutions opened for the command that just ended.
    pub(super) fn close_process_descriptors(&mut self, kept: usize) {
        for number in self.process_descriptors.drain(kept.min(self.process_descriptors.len())..) {
            self.context.process().close_descriptor(number);
        }
    }

    /// Waits for processes in the foreground; `$?` becomes the last one's status.
    pub(super) async fn wait_for_foreground(&mut self, children: &[Child], text: &str) -> Flow {
        self.context.settle().await;
        let terminal = self.context.terminal().filter(|_| self.is_interactive());
        let own_group = self.context.process().group.get();
        if let (Some(terminal), Some(child)) = (&terminal, children.first()) {
            terminal.set_foreground(self.context.machine(), child.process().group.get());
        }
        let mut last = Status::Exited(0);
        for child in children {
            last = child.wait().await;
        }
        if let Some(terminal) = &terminal {
            terminal.set_foreground(self.context.machine(), own_group);
            terminal.set_raw(false);
        }
        self.status = last.code();
        if let Status::Signalled(signal) = last {
            let pid = children.last().map_or(0, Child::pid);
            self.report_killed(signal, pid, text);
            if signal == Signal::INT && self.is_interactive() {
                return Err(Unwind::Interrupt);
            }
        }
        Ok(())
    }

    /// What the shell says when a signal ended a program.
    pub(crate) fn report_killed(&self, signal: Signal, pid: u32, text: &str) {
        if matches!(signal, Signal::INT | Signal::PIPE) {
            return;
        }
        let description = signal.description();
        if self.dialect.is_bash() && !self.is_interactive() {
            self.complain(format!("{pid:5} {description:24}{text}"));
        } else {
            self.context.complain(format!("{description}\n"));
        }
    }

    /// Says that a program could not be started; gives the status.
    pub(super) fn cannot_start(&self, name: &str, error: Errno) -> i32 {
        match (error, self.dialect) {
            (Errno::EAGAIN, Dialect::Bash) => {
                self.complain(format!("fork: retry: {error}"));
                254
            }
            (Errno::EAGAIN, Dialect::Dash) => {
                self.complain("Cannot fork");
                2
            }
            (Errno::EAGAIN, Dialect::Ash) => {
                self.complain(format!("can't fork: {error}"));
                2
            }
            _ => self.command_not_found(name, error),
        }
    }
}

/// Whether a failure of this command is a failure that `set -e` minds: those of groups and loops
/// are failures of what is in them.
fn can_fail(command: &Command) -> bool {
    use super::ast::Compound;
    match command {
        Command::Simple(_) => true,
        Command::Compound(compound, redirects, _) => {
            !redirects.is_empty()
                || matches!(
                    compound,
                    Compound::Subshell(_) | Compound::Arithmetic(_) | Compound::Conditional(_)
                )
        }
        Command::Function(..) => false,
    }
}

/// The redirection of `< file`, if that is the whole list.
fn file_only(list: &List, dialect: Dialect) -> Option<&Redirect> {
    let [item] = &*list.0 else {
        return None;
    };
    let [(command, _)] = item.and_or.first.commands.as_slice() else {
        return None;
    };
    let Command::Simple(simple) = &**command else {
        return None;
    };
    let [redirect] = simple.redirects.as_slice() else {
        return None;
    };
    let is_alone = simple.words.is_empty()
        && simple.assignments.is_empty()
        && item.and_or.rest.is_empty()
        && !item.background;
    let reads = matches!(redirect.kind, RedirectKind::Read);
    (is_alone && reads && dialect.is_bash()).then_some(redirect)
}
