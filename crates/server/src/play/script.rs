//! The lines of a recording that say what to do.

use super::PlayError;
use sim::Duration;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `# What the case shows`
    Title(String),
    /// `$ command`
    Command(String),
    /// `@settle`, `@settle 20`
    Settle(Option<Duration>),
    /// `@wait 5s`
    Wait(Duration),
    /// `@until command`
    Until(String),
    /// `@set NAME = command`
    Set(String, String),
    /// `@async $ command`
    Background(String),
    /// `@output $ command`
    Output(String),
    /// `@fault kubelet-stop NODE`
    StopKubelet(String),
    /// `@fault kubelet-start NODE`
    StartKubelet(String),
}

const STARTS: [&str; 8] =
    ["$ ", "@settle", "@wait ", "@until ", "@set ", "@async ", "@output ", "@fault "];

/// The steps of a transcript. Everything that is no step is output and is passed over; so is the
/// body of a here-document, which belongs to its command.
pub fn parse(transcript: &str) -> Result<Vec<Step>, PlayError> {
    let mut steps = Vec::new();
    for (number, line) in transcript.lines().enumerate() {
        if number == 0 && line.starts_with("# ") {
            steps.push(Step::Title(line[2..].to_owned()));
        } else if STARTS.iter().any(|start| line.starts_with(start)) {
            let step =
                parse_line(line).ok_or_else(|| PlayError::Line(number + 1, line.to_owned()))?;
            steps.push(step);
        }
    }
    Ok(steps)
}

fn parse_line(line: &str) -> Option<Step> {
    if let Some(command) = line.strip_prefix("$ ") {
        return Some(Step::Command(command.to_owned()));
    }
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim_end();
    Some(match word {
        "@settle" if rest.is_empty() => Step::Settle(None),
        "@settle" => Step::Settle(Some(parse_duration(rest)?)),
        "@wait" => Step::Wait(parse_duration(rest)?),
        "@until" => Step::Until(rest.to_owned()),
        "@set" => {
            let (name, command) = rest.split_once('=')?;
            Step::Set(name.trim().to_owned(), command.trim().to_owned())
        }
        "@async" => Step::Background(rest.strip_prefix("$ ")?.to_owned()),
        "@output" => Step::Output(rest.strip_prefix("$ ")?.to_owned()),
        "@fault" => match rest.split_once(' ')? {
            ("kubelet-stop", node) => Step::StopKubelet(node.to_owned()),
            ("kubelet-start", node) => Step::StartKubelet(node.to_owned()),
            _ => return None,
        },
        _ => return None,
    })
}

/// `5s`, `1.5`, `2m`
fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit_seconds) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60.0),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let seconds: f64 = number.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds * unit_seconds).ok()
}

impl Step {
    /// The line as it stands in a transcript.
    pub fn line(&self) -> String {
        let seconds = |time: &Duration| time.as_secs_f64();
        match self {
            Step::Title(title) => format!("# {title}"),
            Step::Command(command) => format!("$ {command}"),
            Step::Settle(None) => "@settle".to_owned(),
            Step::Settle(Some(limit)) => format!("@settle {}", seconds(limit)),
            Step::Wait(time) => format!("@wait {}s", seconds(time)),
            Step::Until(command) => format!("@until {command}"),
            Step::Set(name, command) => format!("@set {name} = {command}"),
            Step::Background(command) => format!("@async $ {command}"),
            Step::Output(command) => format!("@output $ {command}"),
            Step::StopKubelet(node) => format!("@fault kubelet-stop {node}"),
            Step::StartKubelet(node) => format!("@fault kubelet-start {node}"),
        }
    }
}
