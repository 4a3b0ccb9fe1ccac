//! Prints the digests of so many random sessions, one a line.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1);
    let mut output = std::io::stdout().lock();
    for seed in 0..count {
        writeln!(output, "{:016x}", determinism::digest(seed))?;
    }
    Ok(())
}
