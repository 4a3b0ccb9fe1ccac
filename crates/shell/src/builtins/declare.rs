//! `declare`, `typeset`, `local`

use super::{ALL, BASH, Builtin, Outcome, export::bad_name};
use crate::interpreter::{Content, Shell, is_name};
use std::collections::BTreeMap;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "declare",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(async move { declare(shell, &words) }),
    },
    Builtin {
        name: "typeset",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(async move { declare(shell, &words) }),
    },
    Builtin {
        name: "local",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { local(shell, &words) }),
    },
];

/// Which attributes are given or taken away.
#[derive(Default)]
struct Request {
    changes: Vec<(char, bool)>,
    prints: bool,
    functions: Option<bool>,
    global: bool,
}

fn local(shell: &mut Shell, words: &[String]) -> Outcome {
    if shell.frames.is_empty() {
        if shell.dialect.is_bash() {
            shell.complain_as("local", "can only be used in a function");
            return Ok(1);
        }
        shell.complain_as("local", "not in a function");
        return shell.fatal("local", 2);
    }
    declare(shell, words)
}

fn declare(shell: &mut Shell, words: &[String]) -> Outcome {
    let builtin = words.first().cloned().unwrap_or_default();
    let mut request = Request::default();
    let mut operands = Vec::new();
    let mut only_operands = !shell.dialect.is_bash();
    for word in words.iter().skip(1) {
        let letters = word.strip_prefix('-').or(word.strip_prefix('+'));
        let Some(letters) = letters.filter(|letters| !only_operands && !letters.is_empty()) else {
            only_operands = true;
            operands.push(word.clone());
            continue;
        };
        if letters == "-" {
            only_operands = true;
            continue;
        }
        for letter in letters.chars() {
            match letter {
                'p' => request.prints = true,
                'f' => request.functions = Some(true),
                'F' => request.functions = Some(false),
                'g' => request.global = true,
                'a' | 'A' | 'i' | 'l' | 'n' | 'r' | 'u' | 'x' => {
                    request.changes.push((letter, word.starts_with('-')));
                }
                _ => {
                    let usage = format!(
                        "{builtin} [-aAfFgiIlnrtux] [name[=value] ...] or {builtin} -p [-aAfFilnrtux] [name ...]"
                    );
                    return shell.bad_option(&builtin, letter, &usage);
                }
            }
        }
    }
    if let Some(with_body) = request.functions {
        return Ok(show_functions(shell, &operands, with_body));
    }
    if operands.is_empty() || request.prints {
        return Ok(show(shell, &builtin, &request, &operands));
    }
    let mut status = 0;
    for operand in &operands {
        status = declare_one(shell, &builtin, &request, operand)?.max(status);
    }
    Ok(status)
}

fn declare_one(shell: &mut Shell, builtin: &str, request: &Request, operand: &str) -> Outcome {
    let (target, value) = match operand.split_once('=') {
        Some((target, value)) => (target, Some(value)),
        None => (operand, None),
    };
    let (target, append) = match target.strip_suffix('+') {
        Some(target) if value.is_some() => (target, true),
        _ => (target, false),
    };
    let (name, index) = match target.strip_suffix(']').and_then(|target| target.split_once('[')) {
        Some((name, index)) => (name, Some(index)),
        None => (target, None),
    };
    if name == "-" && builtin == "local" {
        return Ok(0);
    }
    if !is_name(name) {
        return bad_name(shell, builtin, operand);
    }
    let is_read_only = shell.variables.get(name).is_some_and(|variable| variable.read_only);
    if is_read_only && (value.is_some() || shell.frames.is_empty()) {
        let message = format!("{name}: readonly variable");
        shell.complain_as(builtin, message);
        return Ok(1);
    }
    if !shell.frames.is_empty() && !request.global {
        shell.make_local(name);
    }
    for (letter, on) in &request.changes {
        let variable = shell.variables.entry(name);
        match letter {
            'i' => variable.integer = *on,
            'l' => variable.upper = on.then_some(false),
            'u' => variable.upper = on.then_some(true),
            'x' => variable.exported = *on,
            'n' => variable.reference = *on,
            'a' if *on && !variable.is_array() => {
                let old = variable.text().map(|text| (0, text.to_owned()));
                variable.content = Content::List(old.into_iter().collect());
            }
            'A' if *on && !matches!(variable.content, Content::Map(_)) => {
                variable.content = Content::Map(BTreeMap::new());
            }
            _ => {}
        }
    }
    set_value(shell, name, index, value, append);
    if request.changes.contains(&('r', true)) {
        shell.variables.entry(name).read_only = true;
    }
    Ok(0)
}

fn set_value(
    shell: &mut Shell,
    name: &str,
    index: Option<&str>,
    value: Option<&str>,
    append: bool,
) {
    let Some(value) = value else {
        shell.variables.entry(name);
        return;
    };
    let old = if append { shell.variable_text(name).unwrap_or_default() } else { String::new() };
    let value = old + value;
    let is_reference = shell.variables.get(name).is_some_and(|variable| variable.reference);
    // Permission was asked before.
    let _ = match index {
        _ if is_reference => {
            shell.variables.set(name, value);
            Ok(())
        }
        Some(index) => match shell.key(name, index) {
            Ok(key) => shell.assign_element(name, &key, value),
            Err(_) => Ok(()),
        },
        None => shell.assign(name, value),
    };
}

fn show(shell: &mut Shell, builtin: &str, request: &Request, operands: &[String]) -> i32 {
    let mut status = 0;
    let mut text = String::new();
    if !operands.is_empty() {
        for name in operands {
            match shell.variables.get(name) {
                Some(_) => text.push_str(&declaration(shell, name)),
                None => {
                    shell.complain_as(builtin, format!("{name}: not found"));
                    status = 1;
                }
            }
        }
    } else {
        let names: Vec<_> = shell.variables.iter().map(|(name, _)| name.clone()).collect();
        for name in names {
            let attributes = shell.attributes(&name);
            let wanted = request.changes.iter().all(|(letter, _)| attributes.contains(*letter));
            if wanted {
                text.push_str(&declaration(shell, &name));
            }
        }
    }
    shell.context.put(text);
    status
}

/// `declare -x NAME="value"`
pub(super) fn declaration(shell: &Shell, name: &str) -> String {
    let Some(variable) = shell.variables.get(name) else {
        return String::new();
    };
    let attributes = shell.attributes(name);
    let flags = if attributes.is_empty() { "-".to_owned() } else { attributes };
    let head = format!("declare -{flags} {name}");
    match &variable.content {
        Content::Unset => format!("{head}\n"),
        Content::Text(text) => format!("{head}={}\n", double_quoted(text)),
        Content::List(list) => {
            let elements =
                list.iter().map(|(key, value)| format!("[{key}]={}", double_quoted(value)));
            format!("{head}=({})\n", elements.collect::<Vec<_>>().join(" "))
        }
        Content::Map(map) => {
            let elements =
                map.iter().map(|(key, value)| format!("[{key}]={} ", double_quoted(value)));
            format!("{head}=({})\n", elements.collect::<String>())
        }
    }
}

fn double_quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return crate::interpreter::ansi_quote(text);
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        if "\"\\$`".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

fn show_functions(shell: &mut Shell, names: &[String], with_body: bool) -> i32 {
    let mut status = 0;
    let mut text = String::new();
    let all: Vec<(String, String)> = shell
        .functions()
        .map(|(name, source)| (name.to_owned(), source.to_owned()))
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .collect();
    for (name, source) in &all {
        match with_body {
            true => text.push_str(&format!("{source}\n")),
            false if names.is_empty() => text.push_str(&format!("declare -f {name}\n")),
            false => text.push_str(&format!("{name}\n")),
        }
    }
    if all.len() < names.len() {
        status = 1;
    }
    shell.context.put(text);
    status
}
