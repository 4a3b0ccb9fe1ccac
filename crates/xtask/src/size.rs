//! How much a browser has to load before the page can be used.

use crate::command::{TaskError, output, program, root, say};
use crate::page;

/// The most that a first visit may load, compressed, in bytes.
const FIRST_VISIT_MAX: u64 = 800_000;

/// Measures what `dist` holds, writes `target/size.json`, and fails above the budget.
pub fn run() -> Result<(), TaskError> {
    let script = root().join("www/tools/size.mjs");
    let file = root().join("target/size.json");
    let mut node = program("node", &[]);
    node.arg(script).arg(page::folder()).arg(&file);
    let printed = output(node)?;
    say(printed.trim_end());
    let first_visit = printed
        .lines()
        .find_map(|line| line.strip_prefix("first visit "))
        .and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok())
        .ok_or_else(|| TaskError::Different("the sizes could not be read".to_owned()))?;
    if first_visit > FIRST_VISIT_MAX {
        let message = format!("a first visit loads {first_visit} bytes, above {FIRST_VISIT_MAX}");
        return Err(TaskError::Different(message));
    }
    Ok(())
}
