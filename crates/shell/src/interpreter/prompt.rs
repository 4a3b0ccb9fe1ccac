//! Prompts.

use super::ast::Word;
use super::lexer::{Lexer, Quoting};
use super::{Dialect, Shell};

impl Shell {
    /// The text of a prompt variable (`PS1`, `PS2`) with its escapes and expansions replaced.
    pub async fn prompt(&mut self, variable: &str) -> String {
        let is_root = self.context.caller().user.uid == 0;
        let default = match (variable, self.dialect) {
            ("PS2", _) => "> ",
            (_, Dialect::Bash) => "\\s-\\v\\$ ",
            (_, Dialect::Dash) if is_root => "# ",
            (_, Dialect::Dash) => "$ ",
            (_, Dialect::Ash) => "\\w \\$ ",
        };
        let text = self.variables.text(variable).unwrap_or(default).to_owned();
        let text = if self.dialect == Dialect::Dash { text } else { self.unescape_prompt(&text) };
        let status = self.status;
        let expanded = self.expand_prompt_text(&text).await;
        self.status = status;
        expanded
    }

    /// Expands a text as within double quotes; what is wrong in it stands for itself.
    pub(super) async fn expand_prompt_text(&mut self, text: &str) -> String {
        let mut lexer = Lexer::new(text, self.dialect);
        let mut parts = Vec::new();
        while lexer.peek().is_some() {
            if lexer.part(&mut parts, Quoting::HereDocument).is_err() {
                return text.to_owned();
            }
        }
        let word = Word(parts);
        self.expand_quoted(&word).await.unwrap_or_else(|_| text.to_owned())
    }

    fn unescape_prompt(&mut self, text: &str) -> String {
        let mut result = String::new();
        let mut chars = text.chars();
        while let Some(character) = chars.next() {
            if character != '\\' {
                result.push(character);
                continue;
            }
            match chars.next() {
                Some('w') => result.push_str(&self.shown_directory()),
                Some('W') => {
                    let directory = self.shown_directory();
                    result.push_str(crate::fs::base_name(&directory));
                }
                Some('u') => {
                    let uid = self.context.caller().user.uid;
                    let name = crate::tools::users::name(&self.context, uid);
                    result.push_str(&name.unwrap_or_else(|| "I have no name!".to_owned()));
                }
                Some('h') => {
                    let hostname = self.context.machine().config().hostname.clone();
                    result.push_str(hostname.split('.').next().unwrap_or_default());
                }
                Some('H') => result.push_str(&self.context.machine().config().hostname),
                Some('$') => {
                    result.push(if self.context.caller().user.uid == 0 { '#' } else { '$' });
                }
                Some('s') => result.push_str(crate::fs::base_name(&self.name)),
                Some('v') => result.push_str("5.2"),
                Some('n') => result.push('\n'),
                Some('t') => {
                    let now = self.context.now().to_utc();
                    let time = format!("{:02}:{:02}:{:02}", now.hour(), now.minute(), now.second());
                    result.push_str(&time);
                }
                Some('A') => {
                    let now = self.context.now().to_utc();
                    result.push_str(&format!("{:02}:{:02}", now.hour(), now.minute()));
                }
                Some('j') => result.push_str(&self.jobs.iter().count().to_string()),
                Some('e') => result.push('\u{1b}'),
                Some('a') => result.push('\u{7}'),
                Some('[' | ']') => {}
                Some('\\') => result.push('\\'),
                Some('0') => {
                    let digits: String = chars.by_ref().take(2).collect();
                    let code = u8::from_str_radix(&digits, 8).unwrap_or(0);
                    result.push(char::from(code));
                }
                Some(other) => {
                    result.push('\\');
                    result.push(other);
                }
                None => result.push('\\'),
            }
        }
        result
    }

    /// The working directory with `~` for the home directory.
    fn shown_directory(&mut self) -> String {
        let directory = self.variable_text("PWD").unwrap_or_default();
        let home = self.variable_text("HOME").filter(|home| home.len() > 1);
        match home.and_then(|home| directory.strip_prefix(&home).map(str::to_owned)) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            _ => directory,
        }
    }
}
