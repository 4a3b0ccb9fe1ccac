//! Replaces what differs between two runs of the same real cluster: ages, random suffixes,
//! addresses, times, uids, digests.

use fancy_regex::{Captures, Regex};
use std::fs;
use std::path::Path;

/// An age: `5s`, `2m3s`, `4d`
const AGE: &str = r"(?:\d+y(?:\d+d)?|\d+d(?:\d+h)?|\d+h(?:\d+m)?|\d+m(?:\d+s)?|\d+s)";
/// The alphabet of random names: no vowels, nothing that looks like another character.
const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";
/// Words of that alphabet that are no suffix.
const WORDS: [&str; 4] = ["httpd", "https", "xhtml", "grpcs"];

type Replacement = fn(&Captures) -> String;

/// The rules, in order.
pub struct Normalizer {
    before_ages: Vec<(Regex, Replacement)>,
    age: Regex,
    mentions_cpu: Regex,
    millicores: Regex,
    invalid: Regex,
    spaces: Regex,
}

fn group(captures: &Captures, number: usize) -> String {
    captures.get(number).map_or_else(String::new, |group| group.as_str().to_owned())
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

impl Default for Normalizer {
    fn default() -> Normalizer {
        Normalizer::new()
    }
}

impl Normalizer {
    /// All rules.
    pub fn new() -> Normalizer {
        let mut rules = Vec::new();
        let mut rule = |pattern: &str, replacement: Replacement| {
            rules.push((regex(pattern), replacement));
        };
        times(&mut rule);
        identities(&mut rule);
        machine(&mut rule);
        addresses(&mut rule);
        names(&mut rule);
        durations(&mut rule);
        Normalizer {
            before_ages: rules,
            age: regex(&format!(r"(?<![\w.:=/-])(?<! for )(?:{AGE})(?=\s|$)(?! \(\d+%\))")),
            mentions_cpu: regex("(?i)cpu|limit of"),
            millicores: regex(r"^\d+m$"),
            invalid: regex(r"<invalid>(?=\s|$)"),
            spaces: regex(r" {2,}"),
        }
    }

    /// The line without what differs.
    pub fn line(&self, line: &str) -> String {
        let mut text = line.to_owned();
        for (pattern, replacement) in &self.before_ages {
            text = pattern.replace_all(&text, *replacement).into_owned();
        }
        let may_be_cpu = self.mentions_cpu.is_match(&text).unwrap_or(false);
        text = self
            .age
            .replace_all(&text, |captures: &Captures| {
                let age = group(captures, 0);
                let is_cpu = may_be_cpu && self.millicores.is_match(&age).unwrap_or(false);
                if is_cpu { age } else { "<AGE>".to_owned() }
            })
            .into_owned();
        text = self.invalid.replace_all(&text, "<AGE>").into_owned();
        let rest = text.trim_start_matches(' ');
        let indent = &text[..text.len() - rest.len()];
        let spaced = self.spaces.replace_all(rest, "  ");
        format!("{indent}{}", spaced.trim_end())
    }
}

fn times(rule: &mut impl FnMut(&str, Replacement)) {
    let time: Replacement = |_| "<TIME>".to_owned();
    rule(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?Z|[ ]?[+-]\d\d:?\d\d)?", time);
    rule(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", time);
    rule(r"\b\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", time);
    rule(r"\.\.\d{4}(?:_\d\d){5}\.\d+", |_| "..<TIME>".to_owned());
    rule(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +\d\d:\d\d\b", time);
}

fn identities(rule: &mut impl FnMut(&str, Replacement)) {
    rule(
        "(?<![0-9a-fA-F])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\
         (?![0-9a-fA-F])",
        |_| "<UID>".to_owned(),
    );
    rule(r"\b0x[0-9a-f]{6,}\b", |_| "<PTR>".to_owned());
    rule(r"^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", |found| {
        format!("{}<TIME> ", group(found, 1))
    });
    rule(r"\b[0-9a-f]{64}\b", |_| "<SHA>".to_owned());
    rule(r#"(resourceVersion\\?"?: ?\\?"?)\d+"#, |found| format!("{}<RV>", group(found, 1)));
    rule(r"(Resource Version:\s+)\d+", |found| format!("{}<RV>", group(found, 1)));
    rule(r"(LIVE|MERGED)-\d+", |found| format!("{}-<ID>", group(found, 1)));
    rule(r"kubectl-edit-\d+", |_| "kubectl-edit-<ID>".to_owned());
}

fn machine(rule: &mut impl FnMut(&str, Replacement)) {
    rule(r"\b\d+\.\d+\.\d+-[a-z]\w*-v\d+\b", |_| "<KERNEL>".to_owned());
    rule(
        "((?:Machine ID|System UUID|Boot ID|machineID|systemUUID|bootID|Kernel Version|\
         kernelVersion|OS Image|osImage)\"?: *\"?).*?(\"?,?)$",
        |found| format!("{}<HOST>{}", group(found, 1), group(found, 2)),
    );
    rule(r"\bDebian GNU/Linux \S+ \(\w+\)", |_| "<OS>".to_owned());
}

fn addresses(rule: &mut impl FnMut(&str, Replacement)) {
    rule(r"\b(?:10\.(?:96|244)|172\.18)\.\d{1,3}\.\d{1,3}\b(?!/)", |_| "<IP>".to_owned());
    rule(r"(?<=:)3[0-2]\d{3}(?=/(?:TCP|UDP|SCTP))", |found| {
        let port = group(found, 0);
        if ("30000"..="32767").contains(&port.as_str()) { "<NODEPORT>".to_owned() } else { port }
    });
    rule(r#"(nodePort"?: ?|NodePort:.*\s)(3[0-2]\d{3})"#, |found| {
        format!("{}<NODEPORT>", group(found, 1))
    });
}

fn names(rule: &mut impl FnMut(&str, Replacement)) {
    let suffix = format!("[{ALPHABET}]{{5}}");
    let hash = format!("[{ALPHABET}]{{5,10}}");
    rule(&format!(r"\bkube-api-access-{suffix}\b"), |_| "kube-api-access-<ID>".to_owned());
    rule(&format!(r"\b([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)-({hash})-{suffix}\b"), |found| {
        let name = group(found, 0);
        format!("{}<ID>", &name[..name.len() - 5])
    });
    rule(
        &format!(
            r"(?<![<\w.:])((?:[a-z0-9]+(?:\.[a-z0-9]+)*/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)-({suffix})(?![\w<.:-])"
        ),
        |found| {
            let is_word = WORDS.contains(&group(found, 2).as_str());
            if is_word { group(found, 0) } else { format!("{}-<ID>", group(found, 1)) }
        },
    );
    rule(r"\b([a-z][a-z0-9-]*)-(2\d{7})\b", |found| format!("{}-<MINUTE>", group(found, 1)));
    rule(r"(?<=[a-z0-9>])\.1[0-9a-f]{15}\b", |_| ".<ID>".to_owned());
}

fn durations(rule: &mut impl FnMut(&str, Replacement)) {
    rule(&format!(r"\((x\d+) over {AGE}\)"), |found| format!("({} over <AGE>)", group(found, 1)));
    rule(&format!(r"\({AGE} ago\)"), |_| "(<AGE> ago)".to_owned());
    rule(r"\bin \d+(?:\.\d+)?(?:ms|s|µs) \(\d+(?:\.\d+)?(?:ms|s|µs) including waiting\)", |_| {
        "in <AGE> (<AGE> including waiting)".to_owned()
    });
}

/// 64-bit FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Compares with what the recorder's own normaliser, a program in another language, made of every
/// recording: `normalized.tsv` holds a hash for each.
pub fn check_against_hashes(golden: &Path) -> Result<(), String> {
    let table = fs::read_to_string(golden.join("normalized.tsv")).map_err(|e| e.to_string())?;
    let normalizer = Normalizer::new();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for line in table.lines().skip(1) {
        let (file, expected) = line.split_once('\t').ok_or("a line has two fields")?;
        let text = fs::read_to_string(golden.join(file)).map_err(|e| e.to_string())?;
        let lines: Vec<String> =
            text.trim_end_matches('\n').split('\n').map(|line| normalizer.line(line)).collect();
        checked += 1;
        if format!("{:016x}", hash(&lines.join("\n"))) != expected {
            wrong.push(file);
        }
    }
    match (checked, wrong.is_empty()) {
        (0, _) => Err("there are no hashes".to_owned()),
        (_, true) => Ok(()),
        (_, false) => Err(format!("normalised otherwise than by the recorder: {wrong:?}")),
    }
}
