//! `set`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Content, Dialect, Shell, quote_always, quote_if_needed};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "set",
    special: true,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { set(shell, &words) }),
}];

fn set(shell: &mut Shell, words: &[String]) -> Outcome {
    if words.len() == 1 {
        show_variables(shell);
        return Ok(0);
    }
    let mut rest = words.get(1..).unwrap_or_default().iter();
    while let Some(word) = rest.as_slice().first() {
        let (on, letters) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
            (Some(letters), _) => (true, letters),
            (_, Some(letters)) if !letters.is_empty() => (false, letters),
            _ => break,
        };
        rest.next();
        if letters == "-" {
            shell.positional = rest.as_slice().into();
            return Ok(0);
        }
        if letters.is_empty() {
            // `set -`: traces no more.
            (shell.options.xtrace, shell.options.verbose) = (false, false);
            break;
        }
        for letter in letters.chars() {
            if letter == 'o' {
                let Some(name) = rest.next() else {
                    show_options(shell, on);
                    return Ok(0);
                };
                if !shell.set_option(name, on) {
                    return bad_name(shell, name, on);
                }
            } else if !shell.set_option_letter(letter, on) {
                return bad_letter(shell, letter, on);
            }
        }
    }
    if !rest.as_slice().is_empty() {
        shell.positional = rest.as_slice().into();
    }
    Ok(0)
}

fn bad_letter(shell: &mut Shell, letter: char, on: bool) -> Outcome {
    let sign = if on { '-' } else { '+' };
    match shell.dialect {
        Dialect::Bash => {
            shell.complain_as("set", format!("{sign}{letter}: invalid option"));
            let usage =
                "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n";
            shell.context.complain(usage);
            Ok(2)
        }
        Dialect::Dash => {
            shell.complain_as("set", format!("Illegal option {sign}{letter}"));
            shell.fatal("set", 2)
        }
        Dialect::Ash => {
            shell.complain_as("set", format!("illegal option {sign}{letter}"));
            shell.fatal("set", 2)
        }
    }
}

fn bad_name(shell: &mut Shell, name: &str, on: bool) -> Outcome {
    let sign = if on { '-' } else { '+' };
    match shell.dialect {
        Dialect::Bash => {
            shell.complain_as("set", format!("{name}: invalid option name"));
            Ok(2)
        }
        Dialect::Dash => {
            shell.complain_as("set", format!("Illegal option {sign}o {name}"));
            shell.fatal("set", 2)
        }
        Dialect::Ash => {
            shell.complain_as("set", format!("illegal option {sign}o {name}"));
            Ok(1)
        }
    }
}

fn show_options(shell: &mut Shell, readable: bool) {
    let mut options = shell.options;
    let mut text = String::new();
    if !readable {
        for (name, _, on) in options.all() {
            text.push_str(&format!("set {}o {name}\n", if *on { '-' } else { '+' }));
        }
    } else {
        if shell.dialect == Dialect::Dash {
            text.push_str("Current option settings\n");
        }
        for (name, _, on) in options.all() {
            let state = if *on { "on" } else { "off" };
            match shell.dialect {
                Dialect::Bash => text.push_str(&format!("{name:15}\t{state}\n")),
                _ => text.push_str(&format!("{name:16}{state}\n")),
            }
        }
    }
    shell.context.put(text);
}

/// All variables as assignments.
fn show_variables(shell: &mut Shell) {
    let mut text = String::new();
    for (name, variable) in shell.variables.iter() {
        match &variable.content {
            Content::Unset => {}
            Content::Text(value) if shell.dialect.is_bash() => {
                let value = if value.is_empty() {
                    String::new()
                } else {
                    quote_if_needed(value, shell.dialect)
                };
                text.push_str(&format!("{name}={value}\n"));
            }
            Content::Text(value) => {
                text.push_str(&format!("{name}={}\n", quote_always(value, shell.dialect)))
            }
            Content::List(_) | Content::Map(_) => {
                let pairs = variable.keys().into_iter().zip(variable.elements());
                let pairs = pairs.map(|(key, value)| format!("[{key}]=\"{value}\""));
                text.push_str(&format!("{name}=({})\n", pairs.collect::<Vec<_>>().join(" ")));
            }
        }
    }
    if shell.dialect.is_bash() {
        for (_, source) in shell.functions() {
            text.push_str(source);
            text.push('\n');
        }
    }
    shell.context.put(text);
}

impl Shell {
    /// Sets an option by its letter; `false`: there is none.
    pub(crate) fn set_option_letter(&mut self, letter: char, on: bool) -> bool {
        if let Some((_, _, value)) =
            self.options.all().into_iter().find(|(_, known, _)| *known == letter)
        {
            *value = on;
            return true;
        }
        // Known to bash and without effect here.
        "bhkptBEHPT".contains(letter)
    }

    /// Sets an option by its name; `false`: there is none.
    pub(crate) fn set_option(&mut self, name: &str, on: bool) -> bool {
        let has_pipefail = self.dialect != Dialect::Dash;
        if let Some((_, _, value)) = self
            .options
            .all()
            .into_iter()
            .find(|(known, _, _)| *known == name && (has_pipefail || name != "pipefail"))
        {
            *value = on;
            return true;
        }
        let inert = [
            "braceexpand",
            "emacs",
            "errtrace",
            "functrace",
            "hashall",
            "histexpand",
            "history",
            "interactive-comments",
            "notify",
            "nolog",
            "physical",
            "posix",
            "privileged",
            "vi",
        ];
        inert.contains(&name)
    }
}
