//! `kobako-fuzz TARGET [--seconds N] [--seed N]`: tries a target with random inputs.
//!
//! Inputs are made from the seeds in `seeds/TARGET` and from inputs that led to something new.
//! What panics, takes too long or makes the process too large is written to `artifacts/TARGET`, and
//! tried again with `kobako-fuzz TARGET FILE...`.

// The time that an input takes is real, and somebody has to look at the clock meanwhile.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use kobako_fuzz::{TARGETS, Target, mutate::mutate};
use sim::Rng;
use std::collections::BTreeSet;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Nothing small takes longer than this.
const INPUT_MAX: Duration = Duration::from_secs(10);
const RESIDENT_BYTES_MAX: u64 = 2 << 30;
const PAGE_BYTES: u64 = 4_096;
/// More inputs than these are not kept.
const POOL_MAX: usize = 4_096;
const FINDINGS_MAX: usize = 20;

/// The input that is being tried, and since when.
type Current = Arc<Mutex<(Vec<u8>, Instant)>>;

struct Options {
    target: &'static Target,
    seconds: u64,
    seed: u64,
    files: Vec<PathBuf>,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let names = TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    let name = words.next().ok_or(format!("a target is needed: {names}"))?;
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.ok_or(format!("{name:?} is none of the targets: {names}"))?;
    let mut options = Options { target, seconds: 60, seed: 1, files: Vec::new() };
    while let Some(word) = words.next() {
        let mut number = || words.next().unwrap_or_default().parse::<u64>();
        match word.as_str() {
            "--seconds" => options.seconds = number()?,
            "--seed" => options.seed = number()?,
            _ => options.files.push(word.into()),
        }
    }
    Ok(options)
}

fn root(folder: &str, target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target.name)
}

fn seeds(target: &Target) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root("seeds", target))?.flatten().map(|file| file.path()).collect();
    paths.sort();
    Ok(paths.iter().map(std::fs::read).collect::<Result<_, _>>()?)
}

fn keep(target: &Target, what: &str, input: &[u8]) -> PathBuf {
    let folder = root("artifacts", target);
    let digest = input
        .iter()
        .fold(7_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let path = folder.join(format!("{what}-{digest:016x}"));
    if let Err(why) = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input)) {
        println!("cannot write {}: {why}", path.display());
    }
    path
}

/// Ends the process when an input takes too long or too much.
fn watch_over(target: &'static Target, current: Current) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let (input, since) =
                current.lock().map_or_else(|e| e.into_inner().clone(), |c| c.clone());
            let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
            let pages: u64 =
                statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
            let what = if since.elapsed() > INPUT_MAX {
                "hang"
            } else if pages * PAGE_BYTES > RESIDENT_BYTES_MAX {
                "growth"
            } else {
                continue;
            };
            println!("{what}: {}", keep(target, what, &input).display());
            std::process::exit(1);
        }
    });
}

/// What came of an input; `None` if it panicked.
fn attempt(target: &Target, current: &Current, input: &[u8]) -> Option<u64> {
    if let Ok(mut current) = current.lock() {
        *current = (input.to_vec(), Instant::now());
    }
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).ok()
}

/// The places where something panicked.
fn note_panics() -> Arc<Mutex<Vec<String>>> {
    let places: Arc<Mutex<Vec<String>>> = Arc::default();
    let notes = places.clone();
    std::panic::set_hook(Box::new(move |info| {
        if let Ok(mut notes) = notes.lock() {
            notes.push(info.to_string());
        }
    }));
    places
}

fn fuzz(options: &Options, current: &Current) -> Result<bool, Box<dyn Error>> {
    let panics = note_panics();
    let take = || panics.lock().map(|mut panics| panics.pop()).ok().flatten().unwrap_or_default();
    let target = options.target;
    let mut pool = seeds(target)?;
    let mut outcomes = BTreeSet::new();
    let mut findings = BTreeSet::new();
    let mut rng = Rng::new(options.seed);
    let begin = Instant::now();
    let mut count = 0_u64;
    while begin.elapsed() < Duration::from_secs(options.seconds) && findings.len() < FINDINGS_MAX {
        // The seeds themselves come first.
        let input = match pool.get(count as usize) {
            Some(seed) if outcomes.len() <= count as usize => seed.clone(),
            _ => mutate(&mut rng, &pool),
        };
        count += 1;
        match attempt(target, current, &input) {
            Some(outcome) => {
                if outcomes.insert(outcome) && pool.len() < POOL_MAX {
                    pool.push(input);
                }
            }
            None => {
                let message = take();
                let place = message.lines().next().unwrap_or_default().to_owned();
                if findings.insert(place) {
                    println!("{message}\n  {}", keep(target, "crash", &input).display());
                }
            }
        }
    }
    println!(
        "{}: {count} inputs in {:.0} s, {} outcomes, {} findings",
        target.name,
        begin.elapsed().as_secs_f64(),
        outcomes.len(),
        findings.len()
    );
    Ok(findings.is_empty())
}

fn run() -> Result<bool, Box<dyn Error>> {
    let options = options()?;
    let current: Current = Arc::new(Mutex::new((Vec::new(), Instant::now())));
    watch_over(options.target, current.clone());
    if options.files.is_empty() {
        return fuzz(&options, &current);
    }
    for file in &options.files {
        let outcome = attempt(options.target, &current, &std::fs::read(file)?);
        println!("{}: {}", file.display(), outcome.map_or("panics", |_| "is fine"));
    }
    Ok(true)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}
