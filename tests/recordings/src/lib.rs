//! The recordings of a real cluster in `tests/golden`, and when a command of them holds.

pub mod compare;
pub mod normalize;

use std::fs;
use std::path::{Path, PathBuf};

/// The directory of all recordings: a folder for each area, in it one for each case.
pub fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("golden")
}

/// The directories of all cases, in order.
pub fn cases() -> Vec<PathBuf> {
    let is_case = |path: &PathBuf| path.join("transcript.console").exists();
    let mut cases: Vec<PathBuf> =
        directories(&golden()).iter().flat_map(|area| directories(area)).filter(is_case).collect();
    cases.sort();
    cases
}

fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("a readable directory");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths.filter(|path| path.is_dir()).collect()
}

/// The area and the name of a case: `seed/broken-image`.
pub fn name_of(case: &Path) -> String {
    let name = case.strip_prefix(golden()).unwrap_or(case);
    name.to_string_lossy().replace('\\', "/")
}
