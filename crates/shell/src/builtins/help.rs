//! `help`

use super::{Builtin, NOT_DASH, names};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "help",
    special: false,
    dialects: NOT_DASH,
    run: |shell, _| {
        Box::pin(async move {
            let mut text = String::from("Built-in commands:\n------------------\n");
            let mut line = String::from("\t");
            for name in names(shell.dialect) {
                if line.len() + name.len() > 64 {
                    text.push_str(line.trim_end_matches(' '));
                    text.push('\n');
                    line = String::from("\t");
                }
                line.push_str(name);
                line.push(' ');
            }
            text.push_str(line.trim_end_matches(' '));
            shell.context.put(text + "\n");
            Ok(0)
        })
    },
}];
