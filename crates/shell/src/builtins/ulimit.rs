//! `ulimit`: limits are shown and may be set, but nothing enforces them.

use super::{ALL, Builtin, Outcome};
use crate::interpreter::Shell;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "ulimit",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { ulimit(shell, &words) }),
}];

fn ulimit(shell: &mut Shell, words: &[String]) -> Outcome {
    let mut which = 'f';
    let mut value = None;
    for word in words.iter().skip(1) {
        match word.strip_prefix('-') {
            Some(letters) => which = letters.chars().find(|c| !"HS".contains(*c)).unwrap_or(which),
            None => value = Some(word.as_str()),
        }
    }
    if value.is_some() {
        return Ok(0);
    }
    if !"acdefilmnpqrstuvxRPb".contains(which) {
        return shell.bad_option("ulimit", which, "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]");
    }
    let limit = match which {
        'n' => "1048576",
        'c' => "0",
        's' => "8192",
        _ => "unlimited",
    };
    shell.context.put(format!("{limit}\n"));
    Ok(0)
}
