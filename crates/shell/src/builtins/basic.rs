//! `:`, `true`, `false`

use super::{ALL, Builtin};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: ":", special: true, dialects: ALL, run: |_, _| Box::pin(async { Ok(0) }) },
    Builtin { name: "true", special: false, dialects: ALL, run: |_, _| Box::pin(async { Ok(0) }) },
    Builtin { name: "false", special: false, dialects: ALL, run: |_, _| Box::pin(async { Ok(1) }) },
];
