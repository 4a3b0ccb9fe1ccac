//! Redirections.

use super::ast::{Redirect, RedirectKind, Word};
use super::expand::Expansion;
use super::{Dialect, Shell};
use crate::errno::Errno;
use crate::fs::OpenOptions;
use crate::stream::{Handle, Source};

/// What the descriptors were before redirections, the last change first.
#[derive(Default)]
pub(crate) struct Saved(Vec<(u32, Option<Handle>)>);

impl Shell {
    /// Redirects descriptors of this process. `None`: one could not be, it has been complained
    /// about, and everything is as before.
    pub(crate) async fn redirect(&mut self, redirects: &[Redirect]) -> Expansion<Option<Saved>> {
        let mut saved = Saved::default();
        if redirects.is_empty() {
            return Ok(Some(saved));
        }
        // What was written so far belongs to where it was written.
        self.context.settle().await;
        for redirect in redirects {
            let done = self.redirect_one(redirect, &mut saved).await;
            match done {
                Ok(true) => {}
                Ok(false) => {
                    self.unredirect(saved).await;
                    self.status = match self.dialect {
                        Dialect::Dash => 2,
                        _ => 1,
                    };
                    return Ok(None);
                }
                Err(unwind) => {
                    self.unredirect(saved).await;
                    return Err(unwind);
                }
            }
        }
        Ok(Some(saved))
    }

    /// Puts the descriptors back.
    pub(crate) async fn unredirect(&mut self, saved: Saved) {
        if saved.0.is_empty() {
            return;
        }
        self.context.settle().await;
        for (number, handle) in saved.0.into_iter().rev() {
            match handle {
                // It was there before, so there is room for it.
                Some(handle) => drop(self.context.process().set_descriptor(number, handle)),
                None => self.context.process().close_descriptor(number),
            }
        }
    }

    fn put_descriptor(&mut self, number: u32, handle: Option<Handle>, saved: &mut Saved) -> bool {
        let process = self.context.process().clone();
        saved.0.push((number, process.descriptor(number).ok()));
        match handle {
            None => process.close_descriptor(number),
            Some(handle) => {
                if let Err(error) = process.set_descriptor(number, handle) {
                    self.complain(format!("{number}: {error}"));
                    return false;
                }
            }
        }
        true
    }

    async fn redirect_one(&mut self, redirect: &Redirect, saved: &mut Saved) -> Expansion<bool> {
        let reads = matches!(
            redirect.kind,
            RedirectKind::Read
                | RedirectKind::ReadWrite
                | RedirectKind::CopyInput
                | RedirectKind::HereDocument(_)
                | RedirectKind::HereString
        );
        let number = match &redirect.variable {
            None => redirect.descriptor.unwrap_or(u32::from(!reads)),
            Some(name) => {
                let number = self.context.process().descriptors.borrow().free_number(10);
                let _ = self.assign(name, number.to_string());
                // It stays open after the command.
                let mut kept = Saved::default();
                return Box::pin(self.redirect_number(redirect, number, &mut kept)).await;
            }
        };
        self.redirect_number(redirect, number, saved).await
    }

    async fn redirect_number(
        &mut self,
        redirect: &Redirect,
        number: u32,
        saved: &mut Saved,
    ) -> Expansion<bool> {
        match &redirect.kind {
            RedirectKind::HereDocument(body) => {
                let text = match body.get() {
                    Some(body) => self.expand_quoted(body).await?,
                    None => String::new(),
                };
                let source = Source::new(crate::text::encode(&text).into_owned());
                return Ok(self.put_descriptor(number, Some(source), saved));
            }
            RedirectKind::HereString => {
                let text = self.expand_text(&redirect.target).await? + "\n";
                let source = Source::new(crate::text::encode(&text).into_owned());
                return Ok(self.put_descriptor(number, Some(source), saved));
            }
            _ => {}
        }
        let Some(target) = self.redirect_target(&redirect.target).await? else {
            return Ok(false);
        };
        match &redirect.kind {
            RedirectKind::CopyInput | RedirectKind::CopyOutput => {
                Ok(self.copy_descriptor(redirect, number, &target, saved))
            }
            RedirectKind::Both { append } => Ok(self.redirect_both(&target, *append, saved)),
            kind => {
                let options = match kind {
                    RedirectKind::Read => OpenOptions::READ,
                    RedirectKind::Append => OpenOptions::APPEND,
                    RedirectKind::ReadWrite => OpenOptions {
                        read: true,
                        write: true,
                        create: true,
                        ..OpenOptions::default()
                    },
                    RedirectKind::Write { clobber } if self.options.noclobber && !clobber => {
                        if !self.may_overwrite(&target) {
                            return Ok(false);
                        }
                        OpenOptions::WRITE
                    }
                    _ => OpenOptions::WRITE,
                };
                let handle = self.open_redirected(&target, options);
                Ok(handle.is_some_and(|handle| self.put_descriptor(number, Some(handle), saved)))
            }
        }
    }

    async fn redirect_target(&mut self, word: &Word) -> Expansion<Option<String>> {
        if !self.dialect.is_bash() {
            return self.expand_text(word).await.map(Some);
        }
        let mut words = self.expand_words(std::slice::from_ref(word)).await?;
        match (words.pop(), words.is_empty()) {
            (Some(target), true) => Ok(Some(target)),
            _ => {
                self.complain(format!("{}: ambiguous redirect", word.unquoted()));
                Ok(None)
            }
        }
    }

    fn may_overwrite(&mut self, path: &str) -> bool {
        let is_file = self.context.metadata(path, true).is_ok_and(|metadata| metadata.is_file());
        if is_file {
            match self.dialect {
                Dialect::Bash => {
                    self.complain(format!("{path}: cannot overwrite existing file"));
                }
                _ => self.cannot_open(path, Errno::EEXIST, true),
            }
        }
        !is_file
    }

    fn open_redirected(&mut self, path: &str, options: OpenOptions) -> Option<Handle> {
        match self.context.open(path, options) {
            Ok(handle) => Some(handle),
            Err(error) => {
                self.cannot_open(path, error, options.create);
                None
            }
        }
    }

    /// `>& target`: a descriptor, `-`, or in bash a file for both outputs.
    fn copy_descriptor(
        &mut self,
        redirect: &Redirect,
        number: u32,
        target: &str,
        saved: &mut Saved,
    ) -> bool {
        if target == "-" {
            return self.put_descriptor(number, None, saved);
        }
        let (digits, moves) = match target.strip_suffix('-') {
            Some(digits) => (digits, true),
            None => (target, false),
        };
        let Ok(source) = digits.parse::<u32>() else {
            let is_output = matches!(redirect.kind, RedirectKind::CopyOutput);
            if is_output && redirect.descriptor.is_none() && self.dialect.has_bash_words() {
                return self.redirect_both(target, false, saved);
            }
            match self.dialect {
                Dialect::Bash => self.complain(format!("{target}: ambiguous redirect")),
                Dialect::Dash => self.complain("Syntax error: Bad fd number"),
                Dialect::Ash => self.complain("syntax error: bad fd number"),
            }
            return false;
        };
        match self.context.stream(source) {
            Ok(handle) => {
                let done = self.put_descriptor(number, Some(handle), saved);
                done && (!moves || self.put_descriptor(source, None, saved))
            }
            Err(error) => {
                self.complain(format!("{source}: {error}"));
                false
            }
        }
    }

    fn redirect_both(&mut self, target: &str, append: bool, saved: &mut Saved) -> bool {
        let options = if append { OpenOptions::APPEND } else { OpenOptions::WRITE };
        let Some(handle) = self.open_redirected(target, options) else {
            return false;
        };
        self.put_descriptor(1, Some(handle.clone()), saved)
            && self.put_descriptor(2, Some(handle), saved)
    }
}
