//! `getopts`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "getopts",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { getopts(shell, &words) }),
}];

fn getopts(shell: &mut Shell, words: &[String]) -> Outcome {
    let (Some(known), Some(name)) = (words.get(1), words.get(2)) else {
        match shell.dialect {
            Dialect::Bash => {
                shell.context.complain("getopts: usage: getopts optstring name [arg ...]\n");
                return Ok(2);
            }
            Dialect::Dash => {
                shell.complain_as("getopts", "Usage: getopts optstring var [arg...]");
                return shell.fatal("getopts", 2);
            }
            Dialect::Ash => {
                shell.complain_as("getopts", "usage: getopts optstring var [arg]");
                return Ok(2);
            }
        }
    };
    let arguments: Vec<String> = match words.get(3..) {
        Some(arguments) if !arguments.is_empty() => arguments.to_vec(),
        _ => shell.positional.to_vec(),
    };
    let silent = known.starts_with(':');
    let mut index = shell.variable_text("OPTIND").and_then(|text| text.parse::<usize>().ok());
    let place = index.get_or_insert(1);
    let offset = shell.getopts_offset.max(1);
    let word = arguments.get(place.wrapping_sub(1)).cloned().unwrap_or_default();
    let letters: Vec<char> = word.chars().collect();
    if !word.starts_with('-') || letters.len() < 2 || word == "--" {
        let end = if word == "--" { *place + 1 } else { *place };
        return finish(shell, name, "?", None, end, 0).map(|_| 1);
    }
    let letter = letters.get(offset).copied().unwrap_or('?');
    let is_last = offset + 1 >= letters.len();
    let (mut next_place, next_offset) =
        if is_last { (*place + 1, 0) } else { (*place, offset + 1) };
    let known_at = known.trim_start_matches(':').find(letter).filter(|_| letter != ':');
    let Some(known_at) = known_at else {
        let shown = letter.to_string();
        if !silent {
            complain(shell, letter, false);
        }
        let argument = silent.then_some(shown);
        return finish(shell, name, "?", argument, next_place, next_offset);
    };
    let after = known.trim_start_matches(':').get(known_at + letter.len_utf8()..);
    if !after.unwrap_or_default().starts_with(':') {
        return finish(shell, name, &letter.to_string(), None, next_place, next_offset);
    }
    // It takes an argument: the rest of the word, or the next one.
    let argument = if is_last {
        let argument = arguments.get(*place).cloned();
        next_place = *place + 2;
        argument
    } else {
        next_place = *place + 1;
        Some(letters.iter().skip(offset + 1).collect())
    };
    let next_offset = 0;
    match argument {
        Some(argument) => {
            finish(shell, name, &letter.to_string(), Some(argument), next_place, next_offset)
        }
        None if silent => {
            finish(shell, name, ":", Some(letter.to_string()), next_place - 1, next_offset)
        }
        None => {
            complain(shell, letter, true);
            finish(shell, name, "?", None, next_place - 1, next_offset)
        }
    }
}

fn complain(shell: &mut Shell, letter: char, lacks_argument: bool) {
    let name = shell.name.clone();
    let text = match (shell.dialect, lacks_argument) {
        (Dialect::Bash, false) => format!("{name}: illegal option -- {letter}\n"),
        (Dialect::Bash, true) => format!("{name}: option requires an argument -- {letter}\n"),
        (_, false) => format!("Illegal option -{letter}\n"),
        (_, true) => format!("No arg for -{letter} option\n"),
    };
    shell.context.complain(text);
}

fn finish(
    shell: &mut Shell,
    name: &str,
    value: &str,
    argument: Option<String>,
    place: usize,
    offset: usize,
) -> Outcome {
    match argument {
        Some(argument) => shell.variables.set("OPTARG", argument),
        None => drop(shell.variables.remove("OPTARG")),
    }
    shell.variables.set("OPTIND", place.to_string());
    shell.getopts_offset = offset;
    if shell.assign(name, value.to_owned()).is_err() {
        return Err(shell.complain_read_only(name));
    }
    Ok(0)
}
