//! `$name` and `${name..}`.

use super::ast::{Operation, Parameter, Subscript, Which, Word};
use super::expand::{Expansion, Fields, emit};
use super::lookup::Key;
use super::quote::{ansi_quote, quote_always};
use super::{Dialect, Shell, is_name};
use crate::pattern::Pattern;

/// What a parameter's name stands for.
enum Found {
    Unset,
    One(String),
    /// All of a list; `joined`: `*` rather than `@`.
    Many(Vec<String>, bool),
}

/// Whether it is `$@` or `${name[@]}`, which as such may be no argument at all.
pub(super) fn is_each(parameter: &Parameter) -> bool {
    parameter.name == "@" || parameter.subscript == Some(Subscript::Each)
}

impl Shell {
    pub(super) async fn expand_parameter(
        &mut self,
        parameter: &Parameter,
        quoted: bool,
        out: &mut Fields,
    ) -> Expansion<()> {
        let mut parameter = std::borrow::Cow::Borrowed(parameter);
        if parameter.operation == Operation::Names {
            let names = self.names_with(&parameter.name);
            self.emit_found(Found::Many(names, false), quoted, out);
            return Ok(());
        }
        if parameter.indirect {
            let target = self.indirect_target(&parameter).await?;
            let parameter = parameter.to_mut();
            (parameter.name, parameter.subscript) = target;
        }
        let parameter = &*parameter;
        let found = self.find(parameter).await?;
        let is_null = match &found {
            Found::Unset => true,
            Found::One(text) => text.is_empty(),
            Found::Many(list, _) => list.iter().all(String::is_empty),
        };
        let is_unset = match &found {
            Found::Unset => true,
            Found::One(_) => false,
            Found::Many(list, _) => list.is_empty(),
        };
        let lacks = |colon: bool| if colon { is_null } else { is_unset };
        match &parameter.operation {
            Operation::Default { colon, word } if lacks(*colon) => {
                self.expand_parts(&word.0, quoted, !quoted, out).await
            }
            Operation::Alternative { colon, word } => {
                if lacks(*colon) {
                    return Ok(());
                }
                self.expand_parts(&word.0, quoted, !quoted, out).await
            }
            Operation::Assign { colon, word } if lacks(*colon) => {
                let value = self.assign_default(parameter, word).await?;
                emit(&value, quoted, out);
                Ok(())
            }
            Operation::Demand { colon, word } if lacks(*colon) => {
                self.demand_failed(parameter, word, *colon).await
            }
            Operation::Bad => {
                let message = if self.dialect.is_bash() {
                    format!("${}: bad substitution", parameter.text)
                } else {
                    "Bad substitution".to_owned()
                };
                self.complain(message);
                Err(self.leave_line())
            }
            Operation::Default { .. } | Operation::Assign { .. } | Operation::Demand { .. } => {
                self.emit_found(found, quoted, out);
                Ok(())
            }
            operation => {
                let is_list = matches!(found, Found::Many(..));
                let reads_unset = !matches!(operation, Operation::Keys);
                if is_unset && !is_list && reads_unset && self.options.nounset {
                    let is_name = is_name(&parameter.name);
                    let sign = if self.dialect.is_bash() && !is_name { "$" } else { "" };
                    let index = match &parameter.subscript {
                        Some(Subscript::Index(index)) => format!("[{}]", index.unquoted()),
                        _ => String::new(),
                    };
                    let name = format!("{sign}{}{index}", parameter.name);
                    let message = self.unset_message(&name);
                    self.complain(message);
                    return Err(self.leave_shell());
                }
                let changed = self.operate(parameter, operation, found).await?;
                self.emit_found(changed, quoted, out);
                Ok(())
            }
        }
    }

    async fn indirect_target(
        &mut self,
        parameter: &Parameter,
    ) -> Expansion<(String, Option<Subscript>)> {
        // `${!reference}` names what the reference refers to.
        if self.variables.get(&parameter.name).is_some_and(|variable| variable.reference) {
            let target = self.resolve(&parameter.name);
            self.variables.set("_", target);
            return Ok(("_".to_owned(), None));
        }
        let name = match self.find(parameter).await? {
            Found::One(name) => name,
            _ => String::new(),
        };
        if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            let subscript = match index {
                "@" => Subscript::Each,
                "*" => Subscript::Joined,
                _ => Subscript::Index(Word::literal(index)),
            };
            return Ok((array.to_owned(), Some(subscript)));
        }
        let is_parameter =
            |name: &str| is_name(name) || name.parse::<u32>().is_ok() || name.len() == 1;
        if !is_parameter(&name) {
            let message = if name.is_empty() {
                format!("{}: invalid indirect expansion", parameter.name)
            } else {
                format!("{name}: invalid variable name")
            };
            self.complain(message);
            return Err(self.leave_line());
        }
        Ok((name, None))
    }

    fn names_with(&self, prefix: &str) -> Vec<String> {
        let named = self.variables.iter().filter(|(_, variable)| variable.is_set());
        let names = named.map(|(name, _)| name.to_string());
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    async fn find(&mut self, parameter: &Parameter) -> Expansion<Found> {
        let name = parameter.name.as_str();
        match &parameter.subscript {
            Some(Subscript::Each) => return Ok(Found::Many(self.elements(name), false)),
            Some(Subscript::Joined) => return Ok(Found::Many(self.elements(name), true)),
            Some(Subscript::Index(index)) => {
                let text = self.expand_text(index).await?;
                let key = self.key_or_leave(name, &text)?;
                return Ok(self.element_text(name, &key).map_or(Found::Unset, Found::One));
            }
            None => {}
        }
        let value = match name {
            "@" => return Ok(Found::Many(self.positional.to_vec(), false)),
            "*" => return Ok(Found::Many(self.positional.to_vec(), true)),
            "#" => Some(self.positional.len().to_string()),
            "?" => Some(self.status.to_string()),
            "-" => Some(self.flags()),
            "$" => Some(self.main_pid.to_string()),
            "!" => self.last_background.map(|pid| pid.to_string()),
            "0" => Some(self.name.to_string()),
            _ => match name.parse::<usize>() {
                Ok(number) => self.positional.get(number.wrapping_sub(1)).cloned(),
                Err(_) => self.variable_text(name),
            },
        };
        Ok(value.map_or(Found::Unset, Found::One))
    }

    pub(super) fn key_or_leave(&mut self, name: &str, index: &str) -> Expansion<Key> {
        self.key(name, index).map_err(|failure| {
            let message = self.arithmetic_message(&failure);
            self.complain(message);
            self.leave_line()
        })
    }

    fn emit_found(&mut self, found: Found, quoted: bool, out: &mut Fields) {
        match found {
            Found::Unset if quoted => out.push("", true),
            Found::Unset => {}
            Found::One(text) => emit(&text, quoted, out),
            Found::Many(list, true) if quoted => out.push(&list.join(&self.joint()), true),
            Found::Many(list, joined) if !out.is_splitting() => {
                let joint = if joined { self.joint() } else { " ".to_owned() };
                out.push(&list.join(&joint), quoted);
            }
            Found::Many(list, _) => {
                for (number, text) in list.iter().enumerate() {
                    if number > 0 {
                        out.finish();
                    }
                    emit(text, quoted, out);
                }
            }
        }
    }

    async fn assign_default(&mut self, parameter: &Parameter, word: &Word) -> Expansion<String> {
        let value = self.expand_value(word).await?;
        if !is_name(&parameter.name) {
            let message = if self.dialect.is_bash() {
                format!("${}: cannot assign in this way", parameter.name)
            } else {
                format!("{}: bad variable name", parameter.name)
            };
            self.complain(message);
            return Err(self.leave_shell());
        }
        let assigned = match &parameter.subscript {
            Some(Subscript::Index(index)) => {
                let text = self.expand_text(index).await?;
                let key = self.key_or_leave(&parameter.name, &text)?;
                self.assign_element(&parameter.name, &key, value.clone())
            }
            _ => self.assign(&parameter.name, value.clone()),
        };
        if assigned.is_err() {
            return Err(self.complain_read_only(&parameter.name));
        }
        Ok(value)
    }

    async fn demand_failed(
        &mut self,
        parameter: &Parameter,
        word: &Word,
        colon: bool,
    ) -> Expansion<()> {
        let text = self.expand_text(word).await?;
        let text = match (text.is_empty(), colon) {
            (false, _) => text,
            (true, true) if self.dialect.is_bash() => "parameter null or not set".to_owned(),
            (true, true) => "parameter not set or null".to_owned(),
            (true, false) => "parameter not set".to_owned(),
        };
        let subscript = if parameter.subscript.is_some() { "[@]" } else { "" };
        self.complain(format!("{}{subscript}: {text}", parameter.name));
        Err(self.leave_shell())
    }

    /// Applies an operation that makes texts of texts.
    async fn operate(
        &mut self,
        parameter: &Parameter,
        operation: &Operation,
        found: Found,
    ) -> Expansion<Found> {
        match operation {
            Operation::Length => {
                let length = match found {
                    Found::Unset => 0,
                    Found::One(text) => text.chars().count(),
                    Found::Many(list, _) => list.len(),
                };
                Ok(Found::One(length.to_string()))
            }
            Operation::Keys => {
                let joined = parameter.subscript == Some(Subscript::Joined);
                Ok(Found::Many(self.keys(&parameter.name), joined))
            }
            Operation::Substring { offset, length } => {
                self.substring(parameter, found, offset, length.as_ref()).await
            }
            Operation::RemovePrefix { longest, pattern } => {
                let pattern = self.compiled(pattern).await?;
                Ok(each(found, |text| {
                    let chars: Vec<char> = text.chars().collect();
                    let cut = pattern.prefix(&chars, *longest).unwrap_or(0);
                    chars.into_iter().skip(cut).collect()
                }))
            }
            Operation::RemoveSuffix { longest, pattern } => {
                let pattern = self.compiled(pattern).await?;
                Ok(each(found, |text| {
                    let chars: Vec<char> = text.chars().collect();
                    let kept = chars.len() - pattern.suffix(&chars, *longest).unwrap_or(0);
                    chars.into_iter().take(kept).collect()
                }))
            }
            Operation::Replace { pattern, replacement, which } => {
                let pattern = self.expand_pattern(pattern).await?;
                let replacement = self.expand_text(replacement).await?;
                if pattern.is_empty() {
                    return Ok(match which {
                        Which::AtStart => each(found, |text| format!("{replacement}{text}")),
                        Which::AtEnd => each(found, |text| format!("{text}{replacement}")),
                        _ => found,
                    });
                }
                let ignore_case = self.shell_options.nocasematch;
                let pattern = Pattern::new(&pattern, self.shell_options.extglob, ignore_case);
                Ok(each(found, |text| replace(&text, &pattern, &replacement, *which)))
            }
            Operation::ChangeCase { upper, all, pattern } => {
                let text = self.expand_pattern(pattern).await?;
                let pattern = Pattern::new(if text.is_empty() { "?" } else { &text }, false, false);
                Ok(each(found, |text| change_case(&text, *upper, *all, &pattern)))
            }
            Operation::Transform(kind) => Ok(self.transform(parameter, *kind, found)),
            _ => Ok(found),
        }
    }

    async fn compiled(&mut self, pattern: &Word) -> Expansion<Pattern> {
        let text = self.expand_pattern(pattern).await?;
        Ok(Pattern::new(&text, self.shell_options.extglob, false))
    }

    async fn substring(
        &mut self,
        parameter: &Parameter,
        found: Found,
        offset: &Word,
        length: Option<&Word>,
    ) -> Expansion<Found> {
        let offset = self.arithmetic_value(offset).await?;
        let length = match length {
            Some(length) => Some(self.arithmetic_value(length).await?),
            None => None,
        };
        let (from_end, count) = match &found {
            Found::Many(list, _) => (list.len() as i64, list.len() as i64),
            Found::One(text) => (text.chars().count() as i64, text.chars().count() as i64),
            Found::Unset => (0, 0),
        };
        // `${@:0}` begins with `$0`.
        let is_positional = matches!(parameter.name.as_str(), "@" | "*");
        let base = i64::from(is_positional);
        let start = if offset < 0 { from_end + base + offset } else { offset };
        if start < 0 {
            return Ok(Found::One(String::new()));
        }
        let end = match length {
            Some(length) if length < 0 && !matches!(found, Found::Many(..)) => count + length,
            Some(length) if length < 0 => {
                self.complain(format!("{length}: substring expression < 0"));
                return Err(self.leave_line());
            }
            Some(length) => start.saturating_add(length),
            None => i64::MAX,
        };
        if end < start {
            let message = format!("{}: substring expression < 0", end - count);
            self.complain(message);
            return Err(self.leave_line());
        }
        let (start, count) = (start as usize, usize::try_from(end - start).unwrap_or(usize::MAX));
        Ok(match found {
            Found::Unset => Found::Unset,
            Found::One(text) => Found::One(text.chars().skip(start).take(count).collect()),
            Found::Many(list, joined) => {
                let first = is_positional.then(|| self.name.to_string());
                let all = first.into_iter().chain(list);
                Found::Many(all.skip(start).take(count).collect(), joined)
            }
        })
    }

    fn transform(&mut self, parameter: &Parameter, kind: char, found: Found) -> Found {
        match kind {
            'U' => each(found, |text| text.to_uppercase()),
            'L' => each(found, |text| text.to_lowercase()),
            'u' => each(found, |text| {
                let mut chars = text.chars();
                let first = chars.next().map(|c| c.to_uppercase().to_string());
                first.unwrap_or_default() + chars.as_str()
            }),
            'E' => each(found, |text| crate::escapes::ansi_quoted(&text)),
            'a' => {
                let flags = self.attributes(&parameter.name);
                each(found, |_| flags.clone())
            }
            'A' => {
                let flags = self.attributes(&parameter.name);
                let name = parameter.name.clone();
                each(found, |text| {
                    let declare =
                        if flags.is_empty() { String::new() } else { format!("declare -{flags} ") };
                    format!("{declare}{name}={}", quote_always(&text, Dialect::Bash))
                })
            }
            _ => each(found, |text| {
                if text.chars().any(char::is_control) {
                    ansi_quote(&text)
                } else {
                    quote_always(&text, Dialect::Bash)
                }
            }),
        }
    }

    /// The letters of a variable's attributes, as `declare -p` shows them.
    pub(crate) fn attributes(&self, name: &str) -> String {
        let Some(variable) = self.variables.get(name) else {
            return String::new();
        };
        let flags = [
            (matches!(variable.content, super::Content::List(_)), 'a'),
            (matches!(variable.content, super::Content::Map(_)), 'A'),
            (variable.integer, 'i'),
            (variable.upper == Some(false), 'l'),
            (variable.reference, 'n'),
            (variable.read_only, 'r'),
            (variable.upper == Some(true), 'u'),
            (variable.exported, 'x'),
        ];
        flags.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
    }
}

fn each(found: Found, mut change: impl FnMut(String) -> String) -> Found {
    match found {
        Found::Unset => Found::Unset,
        Found::One(text) => Found::One(change(text)),
        Found::Many(list, joined) => Found::Many(list.into_iter().map(change).collect(), joined),
    }
}

fn replace(text: &str, pattern: &Pattern, replacement: &str, which: Which) -> String {
    let chars: Vec<char> = text.chars().collect();
    let collect = |chars: &[char]| chars.iter().collect::<String>();
    match which {
        Which::AtStart => match pattern.prefix(&chars, true) {
            Some(end) => format!("{replacement}{}", collect(chars.get(end..).unwrap_or_default())),
            None => text.to_owned(),
        },
        Which::AtEnd => match pattern.suffix(&chars, true) {
            Some(length) => {
                let kept = chars.get(..chars.len() - length).unwrap_or_default();
                format!("{}{replacement}", collect(kept))
            }
            None => text.to_owned(),
        },
        Which::First | Which::All => {
            let mut result = String::with_capacity(text.len());
            let mut at = 0;
            while at < chars.len() {
                let end = pattern.longest_at(&chars, at).filter(|end| *end > at);
                match (end, chars.get(at)) {
                    (Some(end), _) => {
                        result.push_str(replacement);
                        at = end;
                        if which == Which::First {
                            break;
                        }
                    }
                    (None, Some(character)) => {
                        result.push(*character);
                        at += 1;
                    }
                    (None, None) => break,
                }
            }
            result.extend(chars.get(at..).unwrap_or_default());
            result
        }
    }
}

fn change_case(text: &str, upper: bool, all: bool, pattern: &Pattern) -> String {
    let mut result = String::with_capacity(text.len());
    for (number, character) in text.chars().enumerate() {
        let applies = (all || number == 0) && pattern.matches(&character.to_string());
        if applies && upper {
            result.extend(character.to_uppercase());
        } else if applies {
            result.extend(character.to_lowercase());
        } else {
            result.push(character);
        }
    }
    result
}
