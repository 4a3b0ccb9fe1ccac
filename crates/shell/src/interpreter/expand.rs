//! From words to arguments: expansion, splitting, pathname expansion, quote removal.

use super::ast::{Part, Substitution, Word};
use super::{Shell, Unwind};
use crate::pattern;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// How many arguments one command may have.
const LIMIT_FIELDS: usize = 200_000;
/// How large all of them may be together.
const LIMIT_BYTES: usize = 32 * 1024 * 1024;

pub(crate) type Expansion<T> = Result<T, Unwind>;
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// An argument in the making: runs of text, each quoted or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    runs: Vec<(String, bool)>,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        match self.runs.last_mut() {
            Some((last, same)) if *same == quoted => last.push_str(text),
            _ => self.runs.push((text.to_owned(), quoted)),
        }
    }

    fn text(&self) -> String {
        self.runs.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// As a pattern, in which what was quoted stands for itself.
    fn pattern(&self) -> String {
        let run = |(text, quoted): &(String, bool)| {
            if *quoted { pattern::escape(text) } else { text.clone() }
        };
        self.runs.iter().map(run).collect()
    }

    fn may_be_pattern(&self) -> bool {
        let special = |text: &str| text.contains(['*', '?', '[']) || text.contains("(");
        self.runs.iter().any(|(text, quoted)| !quoted && special(text))
    }
}

/// Arguments in the making.
pub(super) struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
    /// A blank ended the last field: a separator that follows belongs to the same gap.
    after_blank: bool,
    /// Characters that split unquoted expansions; `None`: nothing is split.
    separators: Option<Rc<str>>,
    bytes: usize,
}

impl Fields {
    fn new(separators: Option<Rc<str>>) -> Fields {
        Fields { done: Vec::new(), current: None, after_blank: false, separators, bytes: 0 }
    }

    pub(super) fn is_splitting(&self) -> bool {
        self.separators.is_some()
    }

    /// Adds text that is not split.
    pub(super) fn push(&mut self, text: &str, quoted: bool) {
        self.bytes += text.len();
        self.after_blank = false;
        self.current.get_or_insert_default().push(text, quoted);
    }

    /// Ends the present argument, if one has begun.
    pub(super) fn finish(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Adds the result of an unquoted expansion.
    pub(super) fn split(&mut self, text: &str) {
        let Some(separators) = self.separators.clone() else {
            self.push(text, false);
            return;
        };
        let mut start = 0;
        for (at, character) in text.char_indices() {
            if !separators.contains(character) {
                continue;
            }
            if at > start {
                self.push(text.get(start..at).unwrap_or_default(), false);
            }
            start = at + character.len_utf8();
            if matches!(character, ' ' | '\t' | '\n') {
                if self.current.is_some() {
                    self.finish();
                    self.after_blank = true;
                }
            } else if self.after_blank {
                self.after_blank = false;
            } else {
                self.current.get_or_insert_default();
                self.finish();
            }
        }
        if start < text.len() {
            self.push(text.get(start..).unwrap_or_default(), false);
        }
    }

    fn is_too_large(&self) -> bool {
        self.done.len() > LIMIT_FIELDS || self.bytes > LIMIT_BYTES
    }
}

impl Shell {
    fn separators(&self) -> Rc<str> {
        match self.variables.text("IFS") {
            Some(separators) => separators.into(),
            None => " \t\n".into(),
        }
    }

    /// The first separator, which joins `"$*"`.
    pub(super) fn joint(&self) -> String {
        match self.variables.text("IFS") {
            Some(separators) => separators.chars().take(1).collect(),
            None => " ".to_owned(),
        }
    }

    /// Expands words to arguments.
    pub(crate) async fn expand_words(&mut self, words: &[Word]) -> Expansion<Vec<String>> {
        let mut arguments = Vec::with_capacity(words.len());
        for word in words {
            self.expand_word(word, &mut arguments).await?;
            if arguments.len() > LIMIT_FIELDS {
                return Err(self.too_large());
            }
        }
        Ok(arguments)
    }

    fn too_large(&mut self) -> Unwind {
        self.complain("cannot allocate memory");
        self.status = 1;
        if self.is_interactive() { Unwind::Discard } else { Unwind::Exit }
    }

    async fn expand_word(&mut self, word: &Word, arguments: &mut Vec<String>) -> Expansion<()> {
        if let Some(text) = word.as_literal()
            && !text.starts_with('~')
            && !text.contains(['*', '?', '['])
        {
            arguments.push(text.to_owned());
            return Ok(());
        }
        let mut fields = Fields::new(Some(self.separators()));
        self.expand_parts(&word.0, false, false, &mut fields).await?;
        fields.finish();
        for field in fields.done {
            self.add_field(&field, arguments)?;
        }
        Ok(())
    }

    fn add_field(&mut self, field: &Field, arguments: &mut Vec<String>) -> Expansion<()> {
        if self.options.noglob || !field.may_be_pattern() {
            arguments.push(field.text());
            return Ok(());
        }
        let found = self.glob(&field.pattern());
        if found.is_empty() {
            if self.shell_options.failglob {
                self.complain(format!("no match: {}", field.text()));
                self.status = 1;
                return Err(Unwind::Discard);
            }
            if !self.shell_options.nullglob {
                arguments.push(field.text());
            }
        }
        arguments.extend(found);
        Ok(())
    }

    /// Expands to one text without splitting: the value of an assignment, `case`'s word.
    pub(crate) async fn expand_text(&mut self, word: &Word) -> Expansion<String> {
        match word.0.as_slice() {
            [] => return Ok(String::new()),
            [Part::Literal(text)] if !text.starts_with('~') => return Ok(text.clone()),
            _ => {}
        }
        let mut fields = Fields::new(None);
        self.expand_parts(&word.0, false, false, &mut fields).await?;
        Ok(joined(fields, Field::text))
    }

    /// Expands the value of an assignment: `~` is also special after each colon.
    pub(crate) async fn expand_value(&mut self, word: &Word) -> Expansion<String> {
        let has_tilde = |part: &Part| matches!(part, Part::Literal(text) if text.contains(":~"));
        if !word.0.iter().any(has_tilde) {
            return self.expand_text(word).await;
        }
        let mut fields = Fields::new(None);
        for (number, part) in word.0.iter().enumerate() {
            let Part::Literal(text) = part else {
                self.expand_parts(std::slice::from_ref(part), false, false, &mut fields).await?;
                continue;
            };
            for (piece_number, piece) in text.split(':').enumerate() {
                if piece_number > 0 {
                    fields.push(":", false);
                }
                let rest = match number + piece_number {
                    0 => self.tilde(piece, word.0.len() == 1, &mut fields),
                    _ if piece_number > 0 => self.tilde(piece, true, &mut fields),
                    _ => piece,
                };
                fields.push(rest, false);
            }
        }
        Ok(joined(fields, Field::text))
    }

    /// Expands to a pattern, in which what is quoted stands for itself.
    pub(crate) async fn expand_pattern(&mut self, word: &Word) -> Expansion<String> {
        let mut fields = Fields::new(None);
        self.expand_parts(&word.0, false, false, &mut fields).await?;
        Ok(joined(fields, Field::pattern))
    }

    /// Expands to a regular expression, in which what is quoted stands for itself.
    pub(crate) async fn expand_regex(&mut self, word: &Word) -> Expansion<String> {
        let mut fields = Fields::new(None);
        self.expand_parts(&word.0, false, false, &mut fields).await?;
        let escape = |text: &str| {
            let mut escaped = String::new();
            for character in text.chars() {
                if "\\^$.[]|()?*+{}".contains(character) {
                    escaped.push('\\');
                }
                escaped.push(character);
            }
            escaped
        };
        let run = |(text, quoted): &(String, bool)| {
            if *quoted { escape(text) } else { text.clone() }
        };
        Ok(joined(fields, |field| field.runs.iter().map(run).collect()))
    }

    /// Expands as within double quotes: here-documents, prompts.
    pub(crate) async fn expand_quoted(&mut self, word: &Word) -> Expansion<String> {
        let mut fields = Fields::new(None);
        self.expand_parts(&word.0, true, false, &mut fields).await?;
        Ok(joined(fields, Field::text))
    }

    /// Expands the parts of a word. `split_literals`: within the operand of an unquoted
    /// expansion plain text is split too.
    pub(super) fn expand_parts<'a>(
        &'a mut self,
        parts: &'a [Part],
        quoted: bool,
        split_literals: bool,
        out: &'a mut Fields,
    ) -> Boxed<'a, Expansion<()>> {
        Box::pin(async move {
            for (number, part) in parts.iter().enumerate() {
                match part {
                    Part::Literal(text) if quoted => out.push(text, true),
                    Part::Literal(text) => {
                        let rest = match number {
                            0 => self.tilde(text, parts.len() == 1, out),
                            _ => text,
                        };
                        if split_literals && out.is_splitting() {
                            out.split(rest);
                        } else if !rest.is_empty() {
                            out.push(rest, false);
                        }
                    }
                    Part::Quoted(text) => out.push(text, true),
                    Part::DoubleQuoted(inner) => self.double_quoted(inner, out).await?,
                    Part::Parameter(parameter) => {
                        self.expand_parameter(parameter, quoted, out).await?;
                    }
                    Part::Command(substitution) => {
                        let text = self.substitute(substitution).await?;
                        emit(&text, quoted, out);
                    }
                    Part::Arithmetic(word) => {
                        let text = self.arithmetic(word).await?;
                        emit(&text, quoted, out);
                    }
                    Part::Process(substitution, is_output) => {
                        let path = self.process_substitution(substitution, *is_output)?;
                        out.push(&path, true);
                    }
                }
                if out.is_too_large() {
                    return Err(self.too_large());
                }
            }
            Ok(())
        })
    }

    async fn double_quoted(&mut self, parts: &[Part], out: &mut Fields) -> Expansion<()> {
        // `"$@"` without parameters is no argument at all; any other quotes make one.
        let is_list = |part: &Part| matches!(part, Part::Parameter(parameter) if super::parameter::is_each(parameter));
        if parts.is_empty() || !parts.iter().all(is_list) {
            out.push("", true);
        }
        self.expand_parts(parts, true, false, out).await
    }

    /// Replaces a `~` at the start of a word; gives the text after it.
    fn tilde<'t>(&self, text: &'t str, is_whole: bool, out: &mut Fields) -> &'t str {
        let Some(rest) = text.strip_prefix('~') else {
            return text;
        };
        let end = rest.find('/').unwrap_or(rest.len());
        if end == rest.len() && !is_whole {
            return text;
        }
        let (user, after) = rest.split_at(end);
        match self.home(user) {
            Some(home) => {
                out.push(&home, true);
                after
            }
            None => text,
        }
    }

    fn home(&self, user: &str) -> Option<String> {
        match user {
            "" => match self.variables.text("HOME") {
                Some(home) => Some(home.to_owned()),
                None => crate::tools::users::home(&self.context, self.context.caller().user.uid),
            },
            "+" if self.dialect.is_bash() => self.variables.text("PWD").map(str::to_owned),
            "-" if self.dialect.is_bash() => self.variables.text("OLDPWD").map(str::to_owned),
            name => crate::tools::users::home_of(&self.context, name),
        }
    }

    /// The value of `$((..))`.
    async fn arithmetic(&mut self, word: &Word) -> Expansion<String> {
        let value = self.arithmetic_value(word).await?;
        Ok(value.to_string())
    }

    /// Evaluates a word as arithmetic; complains if it is none.
    pub(super) async fn arithmetic_value(&mut self, word: &Word) -> Expansion<i64> {
        let expression = self.expand_quoted(word).await?;
        self.evaluate_or_leave(&expression, None)
    }

    pub(super) fn evaluate_or_leave(
        &mut self,
        expression: &str,
        command: Option<&str>,
    ) -> Expansion<i64> {
        match self.evaluate(expression) {
            Ok(value) => Ok(value),
            Err(failure) => {
                let message = self.arithmetic_message(&failure);
                match command {
                    Some(command) => self.complain_as(command, message),
                    None => self.complain(message),
                }
                Err(self.leave_line())
            }
        }
    }

    /// An error in an expansion: bash gives up the line, dash and ash the script.
    pub(crate) fn leave_line(&mut self) -> Unwind {
        if self.dialect.is_bash() {
            self.status = 1;
            return Unwind::Discard;
        }
        self.status = 2;
        if self.is_interactive() { Unwind::Discard } else { Unwind::Exit }
    }

    /// An error that ends any shell that nobody types at.
    pub(crate) fn leave_shell(&mut self) -> Unwind {
        self.status = match self.origin {
            _ if !self.dialect.is_bash() => 2,
            // bash -c leaves through another door than a script.
            super::Origin::Text if !self.is_subshell => 127,
            _ => 1,
        };
        if self.is_interactive() { Unwind::Discard } else { Unwind::Exit }
    }

    /// The output of `$(..)` without the newlines at its end.
    async fn substitute(&mut self, substitution: &Substitution) -> Expansion<String> {
        let bytes = self.captured(&substitution.0).await?;
        let mut bytes: Vec<u8> = bytes;
        if bytes.contains(&0) {
            bytes.retain(|byte| *byte != 0);
            if self.dialect.is_bash() {
                self.complain("warning: command substitution: ignored null byte in input");
            }
        }
        while bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Ok(crate::text::decode(&bytes))
    }
}

/// Adds the result of an expansion that is one text.
pub(super) fn emit(text: &str, quoted: bool, out: &mut Fields) {
    if quoted {
        out.push(text, true);
    } else {
        out.split(text);
    }
}

fn joined(mut fields: Fields, text: impl Fn(&Field) -> String) -> String {
    fields.finish();
    let texts: Vec<String> = fields.done.iter().map(text).collect();
    texts.join(" ")
}
