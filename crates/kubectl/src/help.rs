//! Help texts: what `kubectl help`, `--help` and `kubectl options` print.

use crate::command::{Called, Command};
use crate::commands;
use crate::flags::Flag;
use crate::flags::global::GLOBAL;

/// How wide names are padded in lists of commands, at least.
const NAME_WIDTH_MIN: usize = 13;

/// The help of a command.
pub fn help(called: &Called) -> String {
    let command = called.command();
    let mut text = String::new();
    match command.long {
        "" => text.push_str(&format!("{}.", command.short.trim_end_matches('.'))),
        long => text.push_str(split_examples(long).0.trim_end()),
    }
    text.push_str("\n\n");
    text.push_str(&usage(called));
    text
}

fn split_examples(long: &str) -> (&str, Option<&str>) {
    match long.split_once("\n\nExamples:\n") {
        Some((long, examples)) => (long, Some(examples)),
        None => (long, None),
    }
}

/// The help of a command without its first part.
pub fn usage(called: &Called) -> String {
    let command = called.command();
    let mut sections: Vec<String> = Vec::new();
    if !command.aliases.is_empty() {
        let words = [&[command.name], command.aliases].concat();
        sections.push(format!("Aliases:\n{}", words.join(", ")));
    }
    if let Some(examples) = split_examples(command.long).1 {
        sections.push(format!("Examples:\n{}", examples.trim_end()));
    }
    sections.extend(subcommands(command));
    let flags = flags(command.flags.iter().copied().flatten());
    if !flags.is_empty() {
        sections.push(format!("Options:\n{flags}"));
    }
    sections.push(format!("Usage:\n  {}", usage_line(called)));
    let mut text = sections.join("\n\n");
    text.push_str("\n\n");
    let name = called.name();
    if command.is_root() || !command.subcommands.is_empty() {
        let what = "for more information about a given command.";
        text.push_str(&format!("Use \"{name} <command> --help\" {what}\n"));
    }
    text.push_str(
        "Use \"kubectl options\" for a list of global command-line options (applies to all \
         commands).\n",
    );
    text
}

fn usage_line(called: &Called) -> String {
    let parents: String = called
        .path
        .iter()
        .rev()
        .skip(1)
        .rev()
        .map(|command| format!("{} ", command.name))
        .collect();
    let usage = called.command().usage;
    // One command says itself where its options stand.
    let options = if usage.contains("[options]") { "" } else { " [options]" };
    format!("{parents}{usage}{options}")
}

fn subcommands(command: &'static Command) -> Vec<String> {
    if command.is_root() {
        return root_groups();
    }
    if command.subcommands.is_empty() {
        return Vec::new();
    }
    let mut visible: Vec<&Command> =
        command.subcommands.iter().copied().filter(|command| !command.is_hidden).collect();
    visible.sort_by_key(|command| command.name);
    let width = visible.iter().map(|command| command.name.len()).max().unwrap_or(0);
    vec![format!("Available Commands:\n{}", list(&visible, width.max(NAME_WIDTH_MIN - 2)))]
}

/// The groups of commands in the help of kubectl itself.
fn root_groups() -> Vec<String> {
    let all = commands::GROUPS.iter().flat_map(|(_, commands)| commands.iter());
    let width = all.map(|command| command.name.len()).max().unwrap_or(0);
    let mut sections = Vec::new();
    for (title, commands) in commands::GROUPS {
        let visible: Vec<&Command> =
            commands.iter().copied().filter(|command| !command.is_hidden).collect();
        if *title == "Other Commands:" {
            sections.push("Subcommands provided by plugins:".to_owned());
        }
        sections.push(format!("{title}\n{}", list(&visible, width)));
    }
    sections
}

fn list(commands: &[&Command], width: usize) -> String {
    let line = |command: &&Command| format!("  {:width$}   {}", command.name, command.short);
    commands.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Flags in the order of their names.
fn flags<'a>(flags: impl Iterator<Item = &'a Flag>) -> String {
    let mut visible: Vec<&Flag> = flags.filter(|flag| !flag.is_hidden).collect();
    visible.sort_by_key(|flag| flag.name);
    let describe = |flag: &&Flag| {
        let letter = flag.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
        format!("    {letter}--{}={}:\n\t{}", flag.name, flag.default_text(), flag.usage)
    };
    visible.iter().map(describe).collect::<Vec<_>>().join("\n\n")
}

/// What `kubectl options` prints.
pub fn options(home: &str) -> String {
    let cache = format!("{home}/.kube/cache");
    let text = flags(GLOBAL.iter())
        .replace("--cache-dir=''", &format!("--cache-dir='{cache}'"))
        .replace("--vmodule=[]", "--vmodule=");
    format!("The following options can be passed to any command:\n\n{text}\n\n")
}
