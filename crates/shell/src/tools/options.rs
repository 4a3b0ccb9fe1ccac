//! Command lines, read as `getopt_long` does.

use super::{TOOLS, Tool};
use crate::context::Context;
use crate::userland::Flavour;

/// The version that busybox's messages name.
pub(crate) const BUSYBOX_BANNER: &str =
    "BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.";

/// An option as the specification describes it.
struct Known<'s> {
    /// What [`Options::has`] is asked for: the letter, or the long name if there is none.
    key: &'s str,
    letter: Option<char>,
    long: Vec<&'s str>,
    value: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    None,
    Required,
    Optional,
}

/// A command line that was understood.
#[derive(Debug, Default)]
pub(crate) struct Options {
    found: Vec<(&'static str, Option<String>)>,
    pub(crate) operands: Vec<String>,
}

impl Options {
    /// Reads the command line by the tool's specification: entries separated by blanks, each the
    /// names of one option (`n,lines`), with `:` if it takes a value and `::` if it may take one.
    /// `!` before an entry: busybox does not have it; `^`: only busybox has it. A first entry `+`:
    /// options end at the first operand.
    ///
    /// The error is the status: it has been complained about, or `--help` was answered.
    pub(crate) fn parse(context: &Context, tool: &Tool) -> Result<Options, i32> {
        let words = context.operands();
        Options::parse_words(context, tool, &words)
    }

    /// The same for another command line than the process's.
    pub(crate) fn parse_words(
        context: &Context,
        tool: &Tool,
        words: &[String],
    ) -> Result<Options, i32> {
        let busybox = context.is_busybox();
        let (in_order, known) = specification(tool.options, busybox);
        let mut options = Options::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                options.operands.extend(words.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                options.long(context, tool, &known, long, &mut words)?;
            } else if let Some(cluster) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                options.cluster(context, tool, &known, cluster, &mut words)?;
            } else {
                options.operands.push(word.clone());
                if in_order {
                    options.operands.extend(words.cloned());
                    break;
                }
            }
        }
        Ok(options)
    }

    fn cluster(
        &mut self,
        context: &Context,
        tool: &Tool,
        known: &[Known<'static>],
        cluster: &str,
        words: &mut std::slice::Iter<String>,
    ) -> Result<(), i32> {
        let mut letters = cluster.chars();
        while let Some(letter) = letters.next() {
            let Some(option) = known.iter().find(|option| option.letter == Some(letter)) else {
                return Err(misuse(context, tool, &format!("invalid option -- '{letter}'")));
            };
            let attached = letters.as_str();
            let value = match option.value {
                Value::None => None,
                Value::Optional => (!attached.is_empty()).then(|| attached.to_owned()),
                Value::Required if !attached.is_empty() => Some(attached.to_owned()),
                Value::Required => match words.next() {
                    Some(word) => Some(word.clone()),
                    None => {
                        let message = format!("option requires an argument -- '{letter}'");
                        return Err(misuse(context, tool, &message));
                    }
                },
            };
            self.found.push((option.key, value));
            if option.value != Value::None {
                break;
            }
        }
        Ok(())
    }

    fn long(
        &mut self,
        context: &Context,
        tool: &Tool,
        known: &[Known<'static>],
        word: &str,
        words: &mut std::slice::Iter<String>,
    ) -> Result<(), i32> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let exact = known.iter().find(|option| option.long.contains(&name));
        let begins = |option: &&Known| option.long.iter().any(|long| long.starts_with(name));
        let option = match exact {
            Some(option) => option,
            None => {
                let mut candidates = known.iter().filter(begins);
                match (candidates.next(), candidates.next()) {
                    (Some(only), None) => only,
                    (None, _) if name == "help" => {
                        context.put(help_text(context, tool));
                        return Err(0);
                    }
                    (None, _) if name == "version" && !context.is_busybox() => {
                        context.put(format!("{} (GNU coreutils) 9.1\n", tool.name));
                        return Err(0);
                    }
                    (Some(_), Some(_)) => {
                        let possibilities: Vec<String> = known
                            .iter()
                            .flat_map(|option| option.long.iter())
                            .filter(|long| long.starts_with(name))
                            .map(|long| format!(" '--{long}'"))
                            .collect();
                        let message = format!(
                            "option '--{name}' is ambiguous; possibilities:{}",
                            possibilities.concat()
                        );
                        return Err(misuse(context, tool, &message));
                    }
                    _ => {
                        let message = format!("unrecognized option '--{word}'");
                        return Err(misuse(context, tool, &message));
                    }
                }
            }
        };
        let shown = option.long.iter().find(|long| long.starts_with(name)).unwrap_or(&"");
        let value = match (option.value, value) {
            (Value::None, Some(_)) => {
                let message = format!("option '--{shown}' doesn't allow an argument");
                return Err(misuse(context, tool, &message));
            }
            (Value::Required, None) => match words.next() {
                Some(word) => Some(word.clone()),
                None => {
                    let message = format!("option '--{shown}' requires an argument");
                    return Err(misuse(context, tool, &message));
                }
            },
            (_, value) => value,
        };
        self.found.push((option.key, value));
        Ok(())
    }

    /// Whether an option was given.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.found.iter().any(|(found, _)| *found == key)
    }

    /// The last value that an option was given.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        let last = self.found.iter().rev().find(|(found, value)| *found == key && value.is_some());
        last.and_then(|(_, value)| value.as_deref())
    }

    /// All values of an option, in order.
    pub(crate) fn values<'o>(&'o self, key: &'o str) -> impl Iterator<Item = &'o str> {
        self.found.iter().filter(move |(found, _)| *found == key).filter_map(|(_, v)| v.as_deref())
    }

    /// Which of these options was given last.
    pub(crate) fn last_of(&self, keys: &[&str]) -> Option<&'static str> {
        self.found.iter().rev().map(|(found, _)| *found).find(|found| keys.contains(found))
    }

    /// All options in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        self.found.iter().map(|(key, value)| (*key, value.as_deref()))
    }
}

fn specification(text: &'static str, busybox: bool) -> (bool, Vec<Known<'static>>) {
    let mut in_order = false;
    let mut known = Vec::new();
    for entry in text.split_ascii_whitespace() {
        if entry == "+" {
            in_order = true;
            continue;
        }
        let is_missing =
            (entry.starts_with('!') && busybox) || (entry.starts_with('^') && !busybox);
        if is_missing {
            continue;
        }
        let names = entry.trim_start_matches(['!', '^']);
        let (names, value) = if let Some(names) = names.strip_suffix("::") {
            (names, Value::Optional)
        } else if let Some(names) = names.strip_suffix(':') {
            (names, Value::Required)
        } else {
            (names, Value::None)
        };
        let mut long: Vec<&str> = names.split(',').collect();
        let letter = long.first().filter(|name| name.chars().count() == 1);
        let letter = letter.and_then(|name| name.chars().next());
        let key = long.iter().copied().find(|name| !name.is_empty()).unwrap_or_default();
        if letter.is_some() {
            long.remove(0);
        }
        known.push(Known { key, letter, long, value });
    }
    (in_order, known)
}

/// Complains of a wrong command line; gives the status.
pub(crate) fn misuse(context: &Context, tool: &Tool, message: &str) -> i32 {
    if !message.is_empty() {
        context.fail(message);
    }
    if context.is_busybox() {
        context.complain(busybox_usage(tool));
        return 1;
    }
    context.complain(format!("Try '{} --help' for more information.\n", context.name()));
    tool.misuse
}

fn busybox_usage(tool: &Tool) -> String {
    let space = if tool.usage.is_empty() { "" } else { " " };
    let about = if tool.about.is_empty() { String::new() } else { format!("\n{}\n", tool.about) };
    format!("{BUSYBOX_BANNER}\n\nUsage: {}{space}{}\n{about}", tool.name, tool.usage)
}

fn help_text(context: &Context, tool: &Tool) -> String {
    match context.flavour() {
        Flavour::Busybox => busybox_usage(tool),
        Flavour::Gnu => {
            let space = if tool.usage.is_empty() { "" } else { " " };
            format!("Usage: {}{space}{}\n{}\n", context.name(), tool.usage, tool.about)
        }
    }
}

/// What busybox prints about how to use a tool.
pub(crate) fn usage_text(name: &str) -> String {
    TOOLS.iter().find(|tool| tool.name == name).map(|tool| busybox_usage(tool)).unwrap_or_default()
}
