//! Plays recordings with the real kubectl in place of ours, against our server. What differs from
//! the recordings is then the API server's fault, not our kubectl's.
//!
//! `KUBECTL` names the program; `cargo xtask differential [AREA|CASE...]` fetches it. `--all` plays
//! every case, nothing named plays [`CHECKED_AREAS`]; `--diff` shows what differs.

use clients::player;
use lexopt::prelude::*;
use recordings::compare::{self, Failure};
use recordings::{cases, golden, name_of};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The areas that are played on every run: 65 recordings that say most about the API server.
const CHECKED_AREAS: [&str; 3] = ["errors", "defaults", "printing"];

/// What is to be played.
struct Options {
    /// The real kubectl.
    kubectl: PathBuf,
    /// Areas and cases; empty for all.
    chosen: Vec<String>,
    /// Whether differences are shown line by line.
    shows_differences: bool,
}

/// The share of its counted commands that an area must hold, in percent.
const BARS: [(&str, usize); 4] =
    [("errors", 97), ("defaults", 97), ("printing", 92), ("mutations", 85)];

/// How an area goes.
#[derive(Default)]
struct Tally {
    cases: usize,
    counted: usize,
    held: usize,
}

/// Plays what is chosen. The error says which areas lie under their bars.
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let is_chosen = |case: &PathBuf| {
        let name = name_of(case);
        let area = name.split('/').next();
        let is = |word: &String| *word == name || Some(word.as_str()) == area;
        options.chosen.is_empty() || options.chosen.iter().any(is)
    };
    let cases: Vec<PathBuf> = cases().into_iter().filter(is_chosen).collect();
    if cases.is_empty() {
        return Err("no such area or case".into());
    }
    let areas = play_all(&cases, options)?;
    let mut low = Vec::new();
    for (area, tally) in &areas {
        let Tally { cases, counted, held } = tally;
        say(&format!("{area}: {held} of {counted} commands hold ({cases} cases)"));
        let bar = BARS.iter().find(|(name, _)| name == area);
        // A single case has no bar.
        let is_whole = options.chosen.is_empty() || options.chosen.contains(area);
        if let Some((_, percent)) = bar.filter(|(_, percent)| held * 100 < counted * percent)
            && is_whole
        {
            low.push(format!("less than {percent} % of {area} hold"));
        }
    }
    if low.is_empty() { Ok(()) } else { Err(low.join("; ").into()) }
}

/// Plays the cases, as many at a time as there are processors.
fn play_all(cases: &[PathBuf], options: &Options) -> Result<BTreeMap<String, Tally>, String> {
    let next = AtomicUsize::new(0);
    let areas = Mutex::new(BTreeMap::<String, Tally>::new());
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = name_of(case);
            match player::play(case, &options.kubectl) {
                Ok(transcript) => {
                    let score = compare::score(case, &golden(), &transcript);
                    report(&name, &score.failures, options.shows_differences);
                    let area = name.split('/').next().unwrap_or_default().to_owned();
                    let mut areas = areas.lock().expect("no case panicked");
                    let tally = areas.entry(area).or_default();
                    tally.cases += 1;
                    tally.counted += score.counted;
                    tally.held += score.counted - score.failures.len();
                }
                Err(why) => wrong.lock().expect("no case panicked").push(format!("{name}: {why}")),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("no case panicked");
    if wrong.is_empty() {
        Ok(areas.into_inner().expect("no case panicked"))
    } else {
        Err(wrong.join("\n"))
    }
}

fn report(name: &str, failures: &[Failure], shows_differences: bool) {
    let lines = failures.iter().map(|failure| match shows_differences {
        true => failure.diff(),
        false => format!("{}\n", failure.key.0),
    });
    let lines: String = lines.map(|line| format!("{name}: {line}")).collect();
    if !lines.is_empty() {
        say(lines.trim_end());
    }
}

fn say(line: &str) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn parse() -> Result<Options, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let (mut chosen, mut plays_all, mut shows_differences) = (Vec::new(), false, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("diff") => shows_differences = true,
            Long("all") => plays_all = true,
            Value(word) => chosen.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    if chosen.is_empty() && !plays_all {
        chosen = CHECKED_AREAS.map(str::to_owned).to_vec();
    }
    let kubectl = std::env::var_os("KUBECTL");
    let kubectl = kubectl.ok_or("KUBECTL names no program: use cargo xtask differential")?;
    Ok(Options { kubectl: kubectl.into(), chosen, shows_differences })
}

fn main() -> ExitCode {
    let result = parse().map_err(Into::into).and_then(|options| run(&options));
    if let Err(why) = &result {
        // Nobody is left to tell if this fails.
        let _ = writeln!(std::io::stderr(), "differential: {why}");
    }
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
