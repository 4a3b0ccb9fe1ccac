//! Writes the descriptions, for those who offer them as a file.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(descriptions::TEXT.as_bytes())
}
