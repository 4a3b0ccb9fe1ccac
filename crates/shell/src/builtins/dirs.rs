//! `dirs`, `pushd`, `popd`

use super::{BASH, Builtin, Outcome, cd};
use crate::interpreter::{Content, Shell};
use std::collections::BTreeMap;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "dirs",
        special: false,
        dialects: BASH,
        run: |shell, _| {
            Box::pin(async move {
                show(shell);
                Ok(0)
            })
        },
    },
    Builtin {
        name: "pushd",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(async move { pushd(shell, &words) }),
    },
    Builtin {
        name: "popd",
        special: false,
        dialects: BASH,
        run: |shell, _| Box::pin(async move { popd(shell) }),
    },
];

/// The directories below the present one.
fn stack(shell: &Shell) -> Vec<String> {
    shell.variables.get("DIRSTACK").map(|variable| variable.elements()).unwrap_or_default()
}

fn set_stack(shell: &mut Shell, stack: Vec<String>) {
    let list: BTreeMap<i64, String> = (0..).zip(stack).collect();
    shell.variables.entry("DIRSTACK").content = Content::List(list);
}

fn show(shell: &mut Shell) {
    let home = shell.variable_text("HOME").unwrap_or_default();
    let here = shell.variable_text("PWD").unwrap_or_default();
    let all = std::iter::once(here).chain(stack(shell));
    let short = all.map(|path| match path.strip_prefix(&home) {
        Some(rest) if home.len() > 1 && (rest.is_empty() || rest.starts_with('/')) => {
            format!("~{rest}")
        }
        _ => path,
    });
    let text = short.collect::<Vec<_>>().join(" ");
    shell.context.put(text + "\n");
}

fn pushd(shell: &mut Shell, words: &[String]) -> Outcome {
    let here = shell.variable_text("PWD").unwrap_or_default();
    let mut below = stack(shell);
    let target = match words.get(1) {
        Some(target) => target.clone(),
        None if below.is_empty() => {
            shell.complain_as("pushd", "no other directory");
            return Ok(1);
        }
        None => below.remove(0),
    };
    let status = cd::change(shell, "pushd", &target, false, false)?;
    if status == 0 {
        below.insert(0, here);
        set_stack(shell, below);
        show(shell);
    }
    Ok(status)
}

fn popd(shell: &mut Shell) -> Outcome {
    let mut below = stack(shell);
    if below.is_empty() {
        shell.complain_as("popd", "directory stack empty");
        return Ok(1);
    }
    let target = below.remove(0);
    let status = cd::change(shell, "popd", &target, false, false)?;
    if status == 0 {
        set_stack(shell, below);
        show(shell);
    }
    Ok(status)
}
