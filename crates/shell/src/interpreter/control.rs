//! Compound commands.

use super::ast::{Arm, ArmEnd, Compound, List, Redirect, Word};
use super::execute::Work;
use super::{Dialect, Flow, Shell, Unwind, is_name};
use crate::pattern::Pattern;

impl Shell {
    pub(super) async fn run_compound(
        &mut self,
        compound: &Compound,
        redirects: &[Redirect],
        line: u32,
        last: bool,
    ) -> Flow {
        let open = self.process_descriptors.len();
        let Some(saved) = self.redirect(redirects).await? else {
            return Ok(());
        };
        let flow = self.run_redirected(compound, line, last && redirects.is_empty()).await;
        self.unredirect(saved).await;
        self.close_process_descriptors(open);
        flow
    }

    async fn run_redirected(&mut self, compound: &Compound, line: u32, last: bool) -> Flow {
        // bash keeps its own process for groups; busybox's shell becomes the last program.
        let last = last && (self.is_subshell || self.dialect == Dialect::Ash);
        match compound {
            Compound::Group(list) => self.run_list(list, last).await,
            Compound::Subshell(list) => self.run_subshell(list, last).await,
            Compound::If { branches, otherwise } => {
                self.run_if(branches, otherwise.as_ref(), last).await
            }
            Compound::While { condition, until, body } => {
                self.run_while(condition, *until, body).await
            }
            Compound::For { name, words, body } => {
                let (values, text) = match words {
                    Some((words, text)) => (self.expand_words(words).await?, &**text),
                    None => (self.positional.to_vec(), "\"$@\""),
                };
                self.run_for(name, values, text, body).await
            }
            Compound::Count { start, test, step, body } => {
                self.run_count([start, test, step], body).await
            }
            Compound::Select { name, words, body } => {
                self.run_select(name, words.as_deref(), body).await
            }
            Compound::Case { word, arms } => self.run_case(word, arms).await,
            Compound::Arithmetic(word) => {
                self.line = line;
                self.context.work(1).await;
                let expression = self.expand_quoted(word).await?;
                self.trace(&format!("(( {} ))", expression.trim())).await;
                let value = self.evaluate_or_leave(&expression, Some("(("));
                self.status = match value {
                    Ok(value) => i32::from(value == 0),
                    // Not an expansion: only this command fails.
                    Err(_) => 1,
                };
                Ok(())
            }
            Compound::Conditional(conditional) => {
                self.line = line;
                self.context.work(1).await;
                self.status = match self.test_conditional(conditional).await? {
                    Some(holds) => i32::from(!holds),
                    None => 2,
                };
                Ok(())
            }
        }
    }

    async fn run_subshell(&mut self, list: &List, last: bool) -> Flow {
        if last && self.traps.are_idle() {
            // Nothing comes after it: this process can be the subshell.
            self.is_subshell = true;
            self.run_list(list, true).await?;
            return Err(Unwind::Exit);
        }
        self.context.settle().await;
        let Some(child) = self.fork_work(Work::List(list.clone()), None, |_| {}) else {
            return Ok(());
        };
        self.wait_for_foreground(&[child], "").await?;
        self.pipe_statuses = vec![self.status];
        Ok(())
    }

    async fn run_if(
        &mut self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
        last: bool,
    ) -> Flow {
        for (condition, body) in branches {
            self.run_as_condition(condition).await?;
            if self.status == 0 {
                return self.run_list(body, last).await;
            }
        }
        match otherwise {
            Some(body) => self.run_list(body, last).await,
            None => {
                self.status = 0;
                Ok(())
            }
        }
    }

    /// What a loop makes of how its body ended: whether it goes on.
    fn after_body(&mut self, flow: Flow) -> Result<bool, Unwind> {
        match flow {
            Ok(()) => Ok(true),
            Err(Unwind::Break(levels)) if levels > 1 && self.loops > 1 => {
                Err(Unwind::Break(levels - 1))
            }
            Err(Unwind::Break(_)) => Ok(false),
            Err(Unwind::Continue(levels)) if levels > 1 && self.loops > 1 => {
                Err(Unwind::Continue(levels - 1))
            }
            Err(Unwind::Continue(_)) => Ok(true),
            Err(unwind) => Err(unwind),
        }
    }

    async fn run_while(&mut self, condition: &List, until: bool, body: &List) -> Flow {
        let mut status = 0;
        self.loops += 1;
        let result = loop {
            self.context.work(1).await;
            let flow = self.run_as_condition(condition).await;
            match self.after_body(flow) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(unwind) => break Err(unwind),
            }
            if (self.status == 0) == until {
                break Ok(());
            }
            let flow = self.run_list(body, false).await;
            status = self.status;
            match self.after_body(flow) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(unwind) => break Err(unwind),
            }
        };
        self.loops -= 1;
        if result.is_ok() {
            self.status = status;
        }
        result
    }

    /// `text`: the words as they stand in the source, which `set -x` shows.
    async fn run_for(&mut self, name: &str, values: Vec<String>, text: &str, body: &List) -> Flow {
        if !is_name(name) {
            self.complain(format!("`{name}': not a valid identifier"));
            self.status = 1;
            return Ok(());
        }
        self.status = 0;
        self.loops += 1;
        let mut result = Ok(());
        for value in values {
            self.context.work(1).await;
            if self.options.xtrace && self.dialect.is_bash() {
                self.trace(&format!("for {name} in {text}")).await;
            }
            if self.assign(name, value).is_err() {
                result = Err(self.complain_read_only(name));
                break;
            }
            let flow = self.run_list(body, false).await;
            match self.after_body(flow) {
                Ok(true) => {}
                Ok(false) => break,
                Err(unwind) => {
                    result = Err(unwind);
                    break;
                }
            }
        }
        self.loops -= 1;
        result
    }

    async fn run_count(&mut self, [start, test, step]: [&Word; 3], body: &List) -> Flow {
        self.arithmetic_value(start).await?;
        self.status = 0;
        self.loops += 1;
        let result = loop {
            self.context.work(1).await;
            match self.counting_test(test).await {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(unwind) => break Err(unwind),
            }
            let flow = self.run_list(body, false).await;
            match self.after_body(flow) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(unwind) => break Err(unwind),
            }
            if let Err(unwind) = self.arithmetic_value(step).await {
                break Err(unwind);
            }
        };
        self.loops -= 1;
        result
    }

    async fn counting_test(&mut self, test: &Word) -> Result<bool, Unwind> {
        let text = self.expand_quoted(test).await?;
        if text.trim().is_empty() {
            return Ok(true);
        }
        self.evaluate_or_leave(&text, Some("((")).map(|value| value != 0)
    }

    async fn run_select(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Flow {
        let values = match words {
            Some(words) => self.expand_words(words).await?,
            None => self.positional.to_vec(),
        };
        self.loops += 1;
        let result = loop {
            for (number, value) in values.iter().enumerate() {
                self.context.complain(format!("{}) {value}\n", number + 1));
            }
            let prompt = self.variables.text("PS3").unwrap_or("#? ").to_owned();
            self.context.complain(prompt);
            let Ok(stdin) = self.context.stream(0) else {
                break Ok(());
            };
            let line = self.context.read_line(&stdin, b'\n').await.unwrap_or_default();
            if line.is_empty() {
                break Ok(());
            }
            let reply = crate::text::decode(&line).trim_end_matches('\n').to_owned();
            let chosen = reply.trim().parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let chosen = chosen.and_then(|n| values.get(n)).cloned().unwrap_or_default();
            self.variables.set("REPLY", reply);
            if self.assign(name, chosen).is_err() {
                break Err(self.complain_read_only(name));
            }
            let flow = self.run_list(body, false).await;
            match self.after_body(flow) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(unwind) => break Err(unwind),
            }
        };
        self.loops -= 1;
        result
    }

    async fn run_case(&mut self, word: &Word, arms: &[Arm]) -> Flow {
        let text = self.expand_text(word).await?;
        self.context.work(1).await;
        self.status = 0;
        let mut falling = false;
        for arm in arms {
            if !falling && !self.arm_matches(arm, &text).await? {
                continue;
            }
            self.run_list(&arm.body, false).await?;
            match arm.end {
                ArmEnd::Leave => return Ok(()),
                ArmEnd::FallThrough => falling = true,
                ArmEnd::TestNext => falling = false,
            }
        }
        Ok(())
    }

    async fn arm_matches(&mut self, arm: &Arm, text: &str) -> Result<bool, Unwind> {
        for pattern in &arm.patterns {
            let pattern = self.expand_pattern(pattern).await?;
            let options = self.shell_options;
            if Pattern::new(&pattern, options.extglob, options.nocasematch).matches(text) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
