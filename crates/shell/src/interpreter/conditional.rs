//! `[[ .. ]]`

use super::ast::{Conditional, Word};
use super::{Content, Shell, Unwind};
use crate::pattern::Pattern;
use crate::regex::{Regex, Syntax};
use crate::tools::test::{compare_files, test_file};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

impl Shell {
    /// Whether it holds; `None`: something in it was wrong, and that was complained about.
    pub(super) fn test_conditional<'a>(
        &'a mut self,
        conditional: &'a Conditional,
    ) -> Pin<Box<dyn Future<Output = Result<Option<bool>, Unwind>> + 'a>> {
        Box::pin(async move {
            match conditional {
                Conditional::Not(inner) => {
                    Ok(self.test_conditional(inner).await?.map(|holds| !holds))
                }
                Conditional::And(left, right) => match self.test_conditional(left).await? {
                    Some(true) => self.test_conditional(right).await,
                    other => Ok(other),
                },
                Conditional::Or(left, right) => match self.test_conditional(left).await? {
                    Some(false) => self.test_conditional(right).await,
                    other => Ok(other),
                },
                Conditional::Word(word) => {
                    let text = self.expand_text(word).await?;
                    self.trace(&format!("[[ -n {text} ]]")).await;
                    Ok(Some(!text.is_empty()))
                }
                Conditional::Unary(operator, word) => {
                    let text = self.expand_text(word).await?;
                    self.trace(&format!("[[ {operator} {text} ]]")).await;
                    Ok(Some(self.test_unary(operator, &text)))
                }
                Conditional::Binary(left, operator, right) => {
                    self.test_binary(left, operator, right).await
                }
            }
        })
    }

    pub(crate) fn test_unary(&mut self, operator: &str, text: &str) -> bool {
        match operator {
            "-n" => !text.is_empty(),
            "-z" => text.is_empty(),
            "-v" => match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
                Some((name, "@" | "*")) => !self.elements(name).is_empty(),
                Some((name, index)) => {
                    let key = self.key(name, index);
                    key.is_ok_and(|key| self.element_text(name, &key).is_some())
                }
                None => self.variable_text(text).is_some(),
            },
            "-R" => self.variables.get(text).is_some_and(|variable| variable.reference),
            "-o" => {
                let mut options = self.options;
                options.all().iter().any(|(name, _, on)| *name == text && **on)
            }
            operator => test_file(&self.context, operator, text),
        }
    }

    async fn test_binary(
        &mut self,
        left: &Word,
        operator: &str,
        right: &Word,
    ) -> Result<Option<bool>, Unwind> {
        let left = self.expand_text(left).await?;
        match operator {
            "=" | "==" | "!=" => {
                let pattern = self.expand_pattern(right).await?;
                self.trace(&format!("[[ {left} {operator} {pattern} ]]")).await;
                let holds =
                    Pattern::new(&pattern, true, self.shell_options.nocasematch).matches(&left);
                Ok(Some(holds == (operator != "!=")))
            }
            "=~" => {
                let pattern = self.expand_regex(right).await?;
                self.trace(&format!("[[ {left} =~ {pattern} ]]")).await;
                Ok(self.test_regex(&left, &pattern))
            }
            "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                let right = self.expand_text(right).await?;
                self.trace(&format!("[[ {left} {operator} {right} ]]")).await;
                let left = self.evaluate_or_leave(&left, Some("[["));
                let right = self.evaluate_or_leave(&right, Some("[["));
                let (Ok(left), Ok(right)) = (left, right) else {
                    return Ok(Some(false));
                };
                Ok(Some(match operator {
                    "-eq" => left == right,
                    "-ne" => left != right,
                    "-lt" => left < right,
                    "-le" => left <= right,
                    "-gt" => left > right,
                    _ => left >= right,
                }))
            }
            _ => {
                let right = self.expand_text(right).await?;
                self.trace(&format!("[[ {left} {operator} {right} ]]")).await;
                Ok(Some(match operator {
                    "<" => left < right,
                    ">" => left > right,
                    _ => compare_files(&self.context, &left, operator, &right),
                }))
            }
        }
    }

    fn test_regex(&mut self, text: &str, pattern: &str) -> Option<bool> {
        let syntax = Syntax { extended: true, ignore_case: self.shell_options.nocasematch };
        let Ok(regex) = Regex::new(pattern, syntax) else {
            return None;
        };
        let found = regex.find(text, 0);
        let groups = found.map(|found| {
            let group = |n| found.text(text, n).unwrap_or_default().to_owned();
            (0..found.len()).map(|n| (n as i64, group(n))).collect::<BTreeMap<_, _>>()
        });
        let holds = groups.is_some();
        self.variables.entry("BASH_REMATCH").content = Content::List(groups.unwrap_or_default());
        Some(holds)
    }
}
