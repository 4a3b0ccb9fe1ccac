//! Simple commands: assignments, functions, builtins, programs.

use super::ast::{Assignment, Function, Simple, Value, Word};
use super::expand::Expansion;
use super::quote::quote_if_needed;
use super::{Dialect, Flow, Frame, Key, Origin, Shell, Source, Unwind, Variable};
use crate::builtins::{self, Builtin};
use crate::errno::Errno;
use crate::machine::Child;
use std::rc::Rc;

/// How deep functions may call one another.
const LIMIT_FUNCTION_DEPTH: usize = 90;

/// Builtins whose arguments may be assignments, which are expanded as such.
const DECLARING: [&str; 6] = ["declare", "typeset", "local", "export", "readonly", "alias"];

impl Shell {
    pub(super) async fn run_simple(&mut self, simple: &Simple, last: bool) -> Flow {
        self.line = simple.line;
        self.context.work(1).await;
        self.substituted = None;
        let open = self.process_descriptors.len();
        let words = self.command_words(simple).await?;
        let flow = if words.is_empty() {
            self.run_assignments(simple).await
        } else {
            self.run_words(simple, words, last).await
        };
        if self.process_descriptors.len() > open {
            self.close_process_descriptors(open);
        }
        flow
    }

    async fn command_words(&mut self, simple: &Simple) -> Expansion<Vec<String>> {
        let first = simple.words.first().and_then(Word::as_literal).unwrap_or_default();
        if !DECLARING.contains(&first) || (first == "alias" && self.dialect.is_bash()) {
            return self.expand_words(&simple.words).await;
        }
        // `export A=$x` does not split `$x`.
        let mut words = Vec::with_capacity(simple.words.len());
        for word in &simple.words {
            match word.split_assignment() {
                Some((name, value)) => words.push(name + &self.expand_value(&value).await?),
                None => words.extend(self.expand_words(std::slice::from_ref(word)).await?),
            }
        }
        Ok(words)
    }

    /// A command of nothing but assignments and redirections.
    async fn run_assignments(&mut self, simple: &Simple) -> Flow {
        let Some(saved) = self.redirect(&simple.redirects).await? else {
            return Ok(());
        };
        let mut result = Ok(());
        for assignment in &simple.assignments {
            result = self.perform(assignment).await;
            if result.is_err() {
                break;
            }
        }
        self.unredirect(saved).await;
        result?;
        self.status = self.substituted.unwrap_or(0);
        self.pipe_statuses.clear();
        self.pipe_statuses.push(self.status);
        Ok(())
    }

    /// Assigns in the shell itself.
    pub(crate) async fn perform(&mut self, assignment: &Assignment) -> Flow {
        let name = &*assignment.name;
        let done = match &assignment.value {
            Value::Array(elements) => {
                let elements = self.array_elements(name, elements).await?;
                self.assign_list(name, elements, assignment.append)
            }
            Value::Word(word) => {
                let value = self.expand_value(word).await?;
                self.trace_assignment(assignment, &value).await;
                match &assignment.subscript {
                    Some(subscript) => {
                        let index = self.expand_text(subscript).await?;
                        let key = self.key_or_leave(name, &index)?;
                        let value = match assignment.append {
                            true => self.element_text(name, &key).unwrap_or_default() + &value,
                            false => value,
                        };
                        self.assign_element(name, &key, value)
                    }
                    None if assignment.append => self.append(name, value),
                    None => self.assign(name, value),
                }
            }
        };
        match done {
            Ok(()) => Ok(()),
            Err(_) => Err(self.complain_read_only(name)),
        }
    }

    fn append(&mut self, name: &str, value: String) -> Result<(), super::lookup::ReadOnly> {
        let old = self.variable_text(name).unwrap_or_default();
        let is_integer = self.variables.get(name).is_some_and(|variable| variable.integer);
        let joined = if is_integer { format!("{old}+({value})") } else { old + &value };
        self.assign(name, joined)
    }

    async fn array_elements(
        &mut self,
        name: &str,
        elements: &[(Option<Word>, Word)],
    ) -> Expansion<Vec<(Option<Key>, String)>> {
        let mut values = Vec::new();
        for (key, word) in elements {
            match key {
                Some(key) => {
                    let index = self.expand_text(key).await?;
                    let key = self.key_or_leave(name, &index)?;
                    values.push((Some(key), self.expand_value(word).await?));
                }
                None => {
                    let words = self.expand_words(std::slice::from_ref(word)).await?;
                    values.extend(words.into_iter().map(|value| (None, value)));
                }
            }
        }
        Ok(values)
    }

    /// Says that a variable cannot be changed, and how far that leads.
    pub(crate) fn complain_read_only(&mut self, name: &str) -> Unwind {
        let message = match self.dialect {
            Dialect::Bash => format!("{name}: readonly variable"),
            _ => format!("{name}: is read only"),
        };
        self.complain(message);
        self.leave_line()
    }

    async fn run_words(&mut self, simple: &Simple, words: Vec<String>, last: bool) -> Flow {
        let name = words.first().cloned().unwrap_or_default();
        let builtin = builtins::find(&name, self.dialect);
        let is_special = builtin.is_some_and(|builtin| builtin.special);
        let function = self.functions.get(&*name).cloned();
        let function = function.filter(|_| self.dialect.is_bash() || !is_special);
        if let Some((function, source)) = function {
            return Box::pin(self.run_function(simple, function, source, words)).await;
        }
        match builtin {
            Some(builtin) => self.run_builtin(simple, builtin, words).await,
            None => Box::pin(self.run_program(simple, &name, words, last)).await,
        }
    }

    async fn run_function(
        &mut self,
        simple: &Simple,
        function: Rc<Function>,
        source: Option<Rc<str>>,
        words: Vec<String>,
    ) -> Flow {
        let Some(saved) = self.redirect(&simple.redirects).await? else {
            return Ok(());
        };
        let before = match self.assign_temporarily(simple).await {
            Ok(before) => before,
            Err(unwind) => {
                self.unredirect(saved).await;
                return Err(unwind);
            }
        };
        self.trace_words(simple, &words).await;
        let flow = self.call_function(&function, source, words).await;
        self.restore_variables(before);
        self.unredirect(saved).await;
        flow
    }

    /// Calls a function with `words` as its name and arguments.
    pub(crate) async fn call_function(
        &mut self,
        function: &Function,
        source: Option<Rc<str>>,
        words: Vec<String>,
    ) -> Flow {
        let mut words = words.into_iter();
        let name: Rc<str> = words.next().unwrap_or_default().into();
        if self.frames.len() >= LIMIT_FUNCTION_DEPTH {
            self.complain(format!(
                "{name}: maximum function nesting level exceeded ({LIMIT_FUNCTION_DEPTH})"
            ));
            self.status = 1;
            return Err(if self.is_interactive() { Unwind::Discard } else { Unwind::Exit });
        }
        let positional = std::mem::replace(&mut self.positional, words.collect());
        let loops = std::mem::take(&mut self.loops);
        self.frames.push(Frame { name, ..Frame::default() });
        self.sources.push(Source {
            name: None,
            bash_name: source,
            is_text: false,
            is_function: true,
        });
        let depth = self.frames.len();
        let flow = self.run_command(&function.body, false).await;
        self.sources.pop();
        self.positional = positional;
        self.loops = loops;
        if self.frames.len() == depth
            && let Some(frame) = self.frames.pop()
        {
            for (name, variable) in frame.locals {
                self.variables.restore(&name, variable);
            }
        }
        match flow {
            Err(Unwind::Return) => Ok(()),
            other => other,
        }
    }

    /// Defines a function. It remembers the file it is from, which bash names in messages.
    pub(super) fn define(&mut self, name: &Rc<str>, function: &Rc<Function>) {
        let source = match self.sources.iter().rev().find_map(|source| source.bash_name.clone()) {
            Some(source) => source,
            None => match self.origin {
                Origin::Text => "environment".into(),
                Origin::Input | Origin::Interactive => "main".into(),
                Origin::File => self.name.clone(),
            },
        };
        Rc::make_mut(&mut self.functions).insert(name.clone(), (function.clone(), Some(source)));
        self.status = 0;
    }

    pub(crate) fn function(&self, name: &str) -> Option<&Rc<Function>> {
        self.functions.get(name).map(|(function, _)| function)
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.functions.iter().map(|(name, (function, _))| (&**name, &*function.text))
    }

    pub(crate) fn undefine(&mut self, name: &str) -> bool {
        Rc::make_mut(&mut self.functions).remove(name).is_some()
    }

    async fn run_builtin(
        &mut self,
        simple: &Simple,
        builtin: &'static Builtin,
        words: Vec<String>,
    ) -> Flow {
        let Some(saved) = self.redirect(&simple.redirects).await? else {
            // POSIX: a special builtin's failed redirection ends the shell.
            let ends = builtin.special && !self.dialect.is_bash() && !self.is_interactive();
            return if ends { Err(Unwind::Exit) } else { Ok(()) };
        };
        let keeps_redirects = builtin.name == "exec" && words.len() == 1;
        let keeps_variables = builtin.special && !self.dialect.is_bash();
        let before = match self.assign_temporarily(simple).await {
            Ok(before) => before,
            Err(unwind) => {
                self.unredirect(saved).await;
                return Err(unwind);
            }
        };
        self.trace_words(simple, &words).await;
        let last_word: Rc<str> = words.last().map_or("", String::as_str).into();
        let result = (builtin.run)(self, words).await;
        let result = match result {
            Ok(status) => {
                self.status = self.after_builtin(builtin.name, status).await;
                Ok(())
            }
            Err(unwind) => Err(unwind),
        };
        for assignment in &simple.arrays {
            self.perform(assignment).await?;
        }
        if !keeps_variables {
            self.restore_variables(before);
        }
        if keeps_redirects && result.is_ok() {
            self.context.settle().await;
        } else {
            self.unredirect(saved).await;
        }
        self.last_argument = last_word;
        self.pipe_statuses.clear();
        self.pipe_statuses.push(self.status);
        result
    }

    /// Writes out what a builtin put; a failure to do so is the builtin's.
    async fn after_builtin(&mut self, name: &str, status: i32) -> i32 {
        let written = self.context.flush().await;
        let error = written.err().or(self.context.take_write_error());
        let Some(error) = error else {
            return status;
        };
        match self.dialect {
            Dialect::Bash => self.complain_as(name, format!("write error: {error}")),
            Dialect::Dash => self.complain_as(name, format!("{name}: I/O error")),
            Dialect::Ash => self.context.complain(format!("{}: write error: {error}\n", self.name)),
        }
        if status == 0 { 1 } else { status }
    }

    /// Assignments before a command hold for it alone; what the variables were before.
    async fn assign_temporarily(
        &mut self,
        simple: &Simple,
    ) -> Expansion<Vec<(Rc<str>, Option<Variable>)>> {
        let mut before = Vec::new();
        for assignment in &simple.assignments {
            let name = &assignment.name;
            before.push((name.clone(), self.variables.get(name).cloned()));
            self.perform(assignment).await?;
            self.variables.entry(name).exported = true;
        }
        Ok(before)
    }

    fn restore_variables(&mut self, before: Vec<(Rc<str>, Option<Variable>)>) {
        for (name, variable) in before.into_iter().rev() {
            self.variables.restore(&name, variable);
        }
    }

    async fn run_program(
        &mut self,
        simple: &Simple,
        name: &str,
        words: Vec<String>,
        last: bool,
    ) -> Flow {
        let Some(saved) = self.redirect(&simple.redirects).await? else {
            return Ok(());
        };
        let before = match self.assign_temporarily(simple).await {
            Ok(before) => before,
            Err(unwind) => {
                self.unredirect(saved).await;
                return Err(unwind);
            }
        };
        self.trace_words(simple, &words).await;
        self.context.settle().await;
        self.last_argument = words.last().map_or("", String::as_str).into();
        let may_become = last
            && self.traps.are_idle()
            && !self.options.monitor
            && (self.is_subshell || self.dialect != Dialect::Dash);
        if may_become {
            let flow = self.become_program(name, words).await;
            self.restore_variables(before);
            self.unredirect(saved).await;
            return flow;
        }
        let child = self.start_program(name, words);
        self.restore_variables(before);
        self.unredirect(saved).await;
        self.finish_program(child, &simple.text).await
    }

    /// The file of a program, looked for in `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Result<String, Errno> {
        let search = self.variables.text("PATH").unwrap_or("").to_owned();
        let caller = self.context.caller();
        self.context.machine().find_executable(&caller, name, &search)
    }

    /// Starts a program; `None`: it could not be, which was complained about.
    fn start_program(&mut self, name: &str, words: Vec<String>) -> Option<Child> {
        self.context.set_environment(self.variables.environment());
        let started =
            self.find_program(name).and_then(|path| self.context.spawn_file(&path, words));
        match started {
            Ok(child) => {
                if self.is_interactive() && self.options.monitor {
                    child.process().group.set(child.pid());
                }
                Some(child)
            }
            Err(error) => {
                self.status = self.cannot_start(name, error);
                None
            }
        }
    }

    async fn finish_program(&mut self, child: Option<Child>, text: &str) -> Flow {
        if let Some(child) = child {
            self.wait_for_foreground(std::slice::from_ref(&child), text).await?;
        }
        self.pipe_statuses.clear();
        self.pipe_statuses.push(self.status);
        Ok(())
    }

    /// Runs a program whatever functions and builtins there are of its name: its status.
    pub(crate) async fn run_program_words(&mut self, words: Vec<String>) -> Result<i32, Unwind> {
        let name = words.first().cloned().unwrap_or_default();
        let text = words.join(" ");
        self.context.settle().await;
        let child = self.start_program(&name, words);
        Box::pin(self.finish_program(child, &text)).await?;
        Ok(self.status)
    }

    /// Turns this process into the program, since nothing comes after it.
    pub(crate) async fn become_program(&mut self, name: &str, words: Vec<String>) -> Flow {
        let mut environment = self.variables.environment();
        if self.dialect.is_bash() && !self.is_subshell {
            // The program takes the shell's place, not one below it.
            let level = environment.get("SHLVL").and_then(|level| level.parse::<i32>().ok());
            environment.set("SHLVL", &(level.unwrap_or(1) - 1).to_string());
        }
        self.context.set_environment(environment);
        let run = self.find_program(name).and_then(|path| self.context.execute(&path, words));
        match run {
            Ok(run) => {
                self.status = run.await;
                Err(Unwind::Exit)
            }
            Err(error) => {
                self.status = self.cannot_start(name, error);
                Ok(())
            }
        }
    }
}

/// `set -x`
impl Shell {
    /// Shows a command that is about to run.
    pub(crate) async fn trace(&mut self, text: &str) {
        if !self.options.xtrace {
            return;
        }
        let mut prefix = self.trace_prefix().await;
        if let Some(first) = prefix.chars().next() {
            // bash shows by it how deep substitutions are nested.
            let depth = if self.dialect.is_bash() { self.trace_depth } else { 0 };
            prefix.insert_str(0, &first.to_string().repeat(depth));
        }
        self.context.complain(format!("{prefix}{text}\n"));
    }

    async fn trace_words(&mut self, simple: &Simple, words: &[String]) {
        if !self.options.xtrace {
            return;
        }
        let dialect = self.dialect;
        let quote = |word: &String| match dialect {
            Dialect::Dash => word.clone(),
            _ => quote_if_needed(word, dialect),
        };
        let mut shown: Vec<String> = Vec::new();
        if !dialect.is_bash() {
            for assignment in &simple.assignments {
                let value = self.variable_text(&assignment.name).unwrap_or_default();
                shown.push(format!("{}={}", assignment.name, quote(&value)));
            }
        }
        shown.extend(words.iter().map(quote));
        self.trace(&shown.join(" ")).await;
    }

    async fn trace_assignment(&mut self, assignment: &Assignment, value: &str) {
        if !self.options.xtrace {
            return;
        }
        let value = match self.dialect {
            Dialect::Dash => value.to_owned(),
            _ if value.is_empty() => String::new(),
            dialect => quote_if_needed(value, dialect),
        };
        let operator = if assignment.append { "+=" } else { "=" };
        self.trace(&format!("{}{operator}{value}", assignment.name)).await;
    }

    async fn trace_prefix(&mut self) -> String {
        // The prompt is expanded; it must not trace itself.
        let prompt = self.variables.text("PS4").unwrap_or("+ ").to_owned();
        if !prompt.contains(['$', '`']) {
            return prompt;
        }
        let traces = std::mem::replace(&mut self.options.xtrace, false);
        let status = self.status;
        let expanded = Box::pin(self.expand_prompt_text(&prompt)).await;
        self.options.xtrace = traces;
        self.status = status;
        expanded
    }
}
