//! Plays every recording in `tests/golden` and compares each command's output with that of the
//! real cluster. The cases in `kubectl` were recorded with the real kubectl against Kobako's own API
//! server. Those in `own` were written by hand: of what no recording shows.
//!
//! Commands that do not hold yet stand in `known-failures.tsv`. A case fails when a command that is
//! not listed differs, and also when one that is listed holds: then its line has to go.
//! `UPDATE=1 cargo test -p tests --test golden` writes the list anew; a word after `--` chooses
//! cases; `DIFF=1` shows what differs in the listed ones too.

use libtest_mimic::{Arguments, Failed, Trial};
use recordings::compare::{self, Failure, Score};
use recordings::{cases, golden, name_of, normalize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const SEED: u64 = 1;
const LIST_HEAD: &str = "case\tcommand\toccurrence\n";

/// A command of a case: its line and how many equal ones came before.
type Key = (String, usize);

fn list_path() -> PathBuf {
    golden().join("known-failures.tsv")
}

fn read_list() -> BTreeMap<String, BTreeSet<Key>> {
    let text = fs::read_to_string(list_path()).unwrap_or_default();
    let mut list: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut fields = line.split('\t');
        let (Some(case), Some(command), Some(occurrence)) =
            (fields.next(), fields.next(), fields.next())
        else {
            panic!("a line of known-failures.tsv has three fields, not {line:?}");
        };
        let occurrence = occurrence.parse().expect("a number");
        list.entry(case.to_owned()).or_default().insert((command.to_owned(), occurrence));
    }
    list
}

fn write_list(found: &BTreeMap<String, BTreeSet<Key>>) {
    let mut text = LIST_HEAD.to_owned();
    for (case, keys) in found {
        for (command, occurrence) in keys {
            let _ = writeln!(text, "{case}\t{command}\t{occurrence}");
        }
    }
    fs::write(list_path(), text).expect("the list can be written");
}

fn play(case: &Path) -> Result<Score, Failed> {
    let transcript = server::play::play(case, SEED).map_err(|why| why.to_string())?;
    Ok(compare::score(case, &golden(), &String::from_utf8_lossy(&transcript)))
}

fn check(case: &Path, known: &BTreeSet<Key>) -> Result<BTreeSet<Key>, Failed> {
    let score = play(case)?;
    let failed: BTreeSet<Key> = score.failures.iter().map(|failure| failure.key.clone()).collect();
    let mut report = String::new();
    for failure in score.failures.iter().filter(|failure| !known.contains(&failure.key)) {
        let _ = writeln!(report, "{}", failure.diff());
    }
    for (command, occurrence) in known.difference(&failed) {
        let _ = writeln!(
            report,
            "this holds now; take it off known-failures.tsv (UPDATE=1 does): \
             {command:?}, occurrence {occurrence}"
        );
    }
    if std::env::var_os("DIFF").is_some() {
        let listed = score.failures.iter().filter(|failure| known.contains(&failure.key));
        report.extend(listed.map(Failure::diff));
    }
    if report.is_empty() { Ok(failed) } else { Err(report.into()) }
}

/// What fails in each case.
fn play_all() -> BTreeMap<String, BTreeSet<Key>> {
    let cases = cases();
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(2).max(1)) {
            let found = &found;
            scope.spawn(move || {
                for case in part {
                    let score = play(case).expect("the case can be played");
                    let keys = score.failures.into_iter().map(|failure| failure.key).collect();
                    found.lock().expect("no case panicked").insert(name_of(case), keys);
                }
            });
        }
    });
    found.into_inner().expect("no case panicked")
}

fn main() {
    let arguments = Arguments::from_args();
    if std::env::var_os("UPDATE").is_some() {
        write_list(&play_all());
        return;
    }
    let mut known = read_list();
    let mut trials: Vec<Trial> = cases()
        .into_iter()
        .map(|case| {
            let known = known.remove(&name_of(&case)).unwrap_or_default();
            Trial::test(name_of(&case), move || check(&case, &known).map(drop))
        })
        .collect();
    let unknown: Vec<String> = known.into_keys().collect();
    trials.push(Trial::test("known_failures_name_cases", move || {
        if unknown.is_empty() { Ok(()) } else { Err(format!("no such cases: {unknown:?}").into()) }
    }));
    trials.push(Trial::test("normalising_equals_the_recorders", || {
        normalize::check_against_hashes(&golden()).map_err(Failed::from)
    }));
    libtest_mimic::run(&arguments, trials).exit();
}
