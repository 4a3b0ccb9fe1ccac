//! Which commands of a recording hold, by the rules with which the project is judged.
//!
//! A command holds if its normalised output equals that of the first or of the second recording.
//! Commands whose two recordings differ do not count, nor do those in `not-required.tsv`.

use crate::normalize::Normalizer;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const HEADS: [&str; 8] =
    ["$ ", "@settle", "@wait", "@until", "@set ", "@async", "@output", "@fault"];
/// How many lines of a script may be missing before the next that is found.
const LOOK_AHEAD: usize = 4;

/// A command that does not hold.
pub struct Failure {
    /// The command and how many equal ones came before it.
    pub key: (String, usize),
    recorded: Vec<String>,
    played: Option<Vec<String>>,
}

/// How a case went.
pub struct Score {
    /// How many commands count.
    pub counted: usize,
    /// What does not hold.
    pub failures: Vec<Failure>,
}

impl Failure {
    /// What differs, line by line.
    pub fn diff(&self) -> String {
        let mut text = format!("{}\n", self.key.0);
        let Some(played) = &self.played else {
            text.push_str("   (no such command in the output)\n");
            return text;
        };
        let same = self.recorded.iter().zip(played).take_while(|(a, b)| a == b).count();
        for line in self.recorded.iter().take(same).skip(same.saturating_sub(1)) {
            let _ = writeln!(text, "    {line}");
        }
        for line in self.recorded.iter().skip(same) {
            let _ = writeln!(text, "   -{line}");
        }
        for line in played.iter().skip(same) {
            let _ = writeln!(text, "   +{line}");
        }
        text
    }
}

type Steps<'a> = Vec<(&'a str, Vec<&'a str>)>;

fn steps(text: &str) -> Steps<'_> {
    let mut steps: Steps = Vec::new();
    for line in text.trim_end_matches('\n').split('\n') {
        let is_title = steps.is_empty() && line.starts_with("# ");
        if is_title || HEADS.iter().any(|head| line.starts_with(head)) {
            steps.push((line, Vec::new()));
        } else if let Some((_, body)) = steps.last_mut() {
            body.push(line);
        }
    }
    steps
}

/// The same, where only lines of `script` count as heads, in their order.
fn steps_of<'a>(text: &'a str, script: &[&str]) -> Steps<'a> {
    let mut steps: Steps = Vec::new();
    let mut next = 0;
    for line in text.trim_end_matches('\n').split('\n') {
        let ahead = script.iter().enumerate().skip(next).take(LOOK_AHEAD);
        let found = ahead.filter(|(_, head)| **head == line.trim_end()).map(|(at, _)| at).next();
        if let Some(at) = found {
            steps.push((line.trim_end(), Vec::new()));
            next = at + 1;
        } else if let Some((_, body)) = steps.last_mut() {
            body.push(line);
        }
    }
    steps
}

/// How often a watch repeats a line depends on timing: equal neighbours count once.
fn collapses(head: &str) -> bool {
    head.starts_with("@output")
        || head.contains("rollout status")
        || head.contains(" -w")
        || head.contains("--watch")
}

type Commands = Vec<((String, usize), Vec<String>)>;

fn commands(normalizer: &Normalizer, steps: &Steps) -> Commands {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut commands = Vec::new();
    for (head, body) in steps {
        if !(head.starts_with("$ ") || head.starts_with("@output")) {
            continue;
        }
        let count = seen.entry(head).or_default();
        let mut lines: Vec<String> = body.iter().map(|line| normalizer.line(line)).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        if collapses(head) {
            lines.dedup();
        }
        commands.push((((*head).to_owned(), *count), lines));
        *count += 1;
    }
    commands
}

fn not_required(golden: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(golden.join("not-required.tsv")).unwrap_or_default();
    let fields = text.lines().skip(1).filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
    });
    fields.collect()
}

/// Compares what was played with the recordings in `case`.
pub fn score(case: &Path, golden: &Path, played: &str) -> Score {
    let normalizer = Normalizer::new();
    let first = fs::read_to_string(case.join("transcript.console")).expect("a recording");
    let second = fs::read_to_string(case.join("transcript.second.console")).ok();
    let first_steps = steps(&first);
    let script: Vec<&str> = first_steps.iter().map(|(head, _)| head.trim_end()).collect();
    let recorded = commands(&normalizer, &first_steps);
    let again: BTreeMap<_, _> =
        second.iter().flat_map(|text| commands(&normalizer, &steps(text))).collect();
    let played: BTreeMap<_, _> =
        commands(&normalizer, &steps_of(played, &script)).into_iter().collect();
    let excused = not_required(golden);
    let name = case.strip_prefix(golden).unwrap_or(case).to_string_lossy().into_owned();
    let counts = |key: &(String, usize), lines: &Vec<String>| {
        again.get(key).is_none_or(|other| other == lines)
            && !excused.contains(&(name.clone(), key.0.clone()))
    };
    let mut counted = 0;
    let mut failures = Vec::new();
    for (key, recorded) in recorded.into_iter().filter(|(key, lines)| counts(key, lines)) {
        counted += 1;
        if played.get(&key) != Some(&recorded) {
            failures.push(Failure { played: played.get(&key).cloned(), key, recorded });
        }
    }
    Score { counted, failures }
}
