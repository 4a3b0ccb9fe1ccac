//! Writes the descriptions, for those who offer them as a file: to the standard output, or into the
//! folder of a page that Trunk is building.

use std::io::{self, Write as _};
use std::path::Path;
use std::{env, fs};

fn main() -> io::Result<()> {
    match env::var_os("TRUNK_STAGING_DIR") {
        Some(folder) => fs::write(Path::new(&folder).join("descriptions.tsv"), descriptions::TEXT),
        None => io::stdout().write_all(descriptions::TEXT.as_bytes()),
    }
}
