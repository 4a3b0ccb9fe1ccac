//! `complete`, `compopt`, `bind`: accepted so that start files run; the line editor completes by
//! itself.

use super::{BASH, Builtin};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "complete",
        special: false,
        dialects: BASH,
        run: |_, _| Box::pin(async { Ok(0) }),
    },
    Builtin {
        name: "compopt",
        special: false,
        dialects: BASH,
        run: |_, _| Box::pin(async { Ok(0) }),
    },
    Builtin { name: "bind", special: false, dialects: BASH, run: |_, _| Box::pin(async { Ok(0) }) },
];
