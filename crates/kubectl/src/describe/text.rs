//! The text of a description, and the forms that many descriptions share.

use crate::print::TabWriter;
use api::core::v1::Toleration;
use api::{Quantity, StringMap, Value, Views};
use sim::Time;

/// A description before it is laid out: lines whose cells end with tabs.
#[derive(Clone, Debug, Default)]
pub(super) struct Description(String);

/// Adds a line to a description: `line!(out, 1, "IP:\t{}", ip)`. The number tells how deep it
/// stands.
macro_rules! line {
    ($out:expr, $level:expr, $($argument:tt)*) => {
        $out.write($level, &format!($($argument)*))
    };
}
pub(super) use line;

/// Values longer than this are not shown on the line of their annotation.
const ANNOTATION_LENGTH_MAX: usize = 140;

impl Description {
    /// Adds a line, two spaces further right for each level.
    pub(super) fn write(&mut self, level: usize, text: &str) {
        for _ in 0..level {
            self.0.push_str("  ");
        }
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// Adds the lines of another description, deeper by `level`.
    pub(super) fn nest(&mut self, level: usize, inner: &Description) {
        for text in inner.0.lines() {
            self.write(level, text);
        }
    }

    /// A line with a label, unless the value is empty.
    pub(super) fn field_if(&mut self, level: usize, label: &str, value: &str) {
        if !value.is_empty() {
            self.write(level, &format!("{label}:\t{value}"));
        }
    }

    /// Labels, each on a line of its own.
    pub(super) fn labels(&mut self, indent: &str, title: &str, labels: StringMap<'_>) {
        if labels.is_empty() {
            self.write(0, &format!("{indent}{title}:\t<none>"));
        }
        let mut start = format!("{indent}{title}:");
        for (key, value) in sorted(labels) {
            self.write(0, &format!("{start}\t{key}={value}"));
            start.clear();
        }
    }

    /// Annotations, each on a line of its own; long ones on further lines.
    pub(super) fn annotations(&mut self, title: &str, annotations: StringMap<'_>) {
        let mut shown = sorted(annotations);
        shown.retain(|(key, _)| *key != crate::commands::common::LAST_APPLIED);
        if shown.is_empty() {
            self.write(0, &format!("{title}:\t<none>"));
        }
        let mut start = format!("{title}:");
        for (key, value) in shown {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if key.len() + value.len() + 2 > ANNOTATION_LENGTH_MAX || value.contains('\n') {
                self.write(0, &format!("{start}\t{key}:"));
                for part in value.split('\n') {
                    self.write(0, &format!("\t  {}", shorten(part, ANNOTATION_LENGTH_MAX - 2)));
                }
            } else {
                self.write(0, &format!("{start}\t{key}: {value}"));
            }
            start.clear();
        }
    }

    /// Tolerations by their keys, each on a line of its own.
    pub(super) fn tolerations(&mut self, title: &str, tolerations: Views<'_, Toleration<'_>>) {
        let mut sorted: Vec<Toleration<'_>> = tolerations.collect();
        sorted.sort_by_key(|toleration| toleration.key());
        if sorted.is_empty() {
            self.write(0, &format!("{title}:\t<none>"));
        }
        let mut start = format!("{title}:");
        for toleration in sorted {
            self.write(0, &format!("{start}\t{}", toleration_text(toleration)));
            start.clear();
        }
    }

    /// Amounts by the names of their resources.
    pub(super) fn resources(&mut self, level: usize, amounts: api::ResourceList<'_>) {
        let mut sorted: Vec<(&str, Quantity)> = amounts.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (name, amount) in sorted {
            line!(self, level, "{name}:\t{amount}");
        }
    }

    /// The description as it stands, with its tabs.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// The description as it is printed.
    pub(super) fn layout(&self) -> String {
        let mut writer = TabWriter::for_descriptions();
        // A terminal must not obey what objects say.
        writer.write(&self.0.replace('\u{1b}', "^[").replace('\r', "\\r"));
        writer.flush()
    }
}

/// Entries in the order of their keys.
pub(super) fn sorted(entries: StringMap<'_>) -> Vec<(&str, &str)> {
    let mut sorted: Vec<(&str, &str)> = entries.iter().collect();
    sorted.sort_unstable();
    sorted
}

/// `a=b,c=d`, or `<none>`.
pub(super) fn labels_line(labels: StringMap<'_>) -> String {
    let pairs: Vec<String> = sorted(labels).iter().map(|(k, v)| format!("{k}={v}")).collect();
    or_none(&pairs.join(",")).to_owned()
}

/// A `LabelSelector` document as text, or `<none>`.
pub(super) fn selector_line(document: &Value) -> String {
    if document.is_null() {
        return "<none>".to_owned();
    }
    or_none(&api::labels::Selector::from_document(document).to_string()).to_owned()
}

/// The text, or `<none>`.
pub(super) fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

/// The value, or `<unset>`.
pub(super) fn or_unset(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "<unset>".to_owned(), |value| value.to_string())
}

/// `True` or `False`.
pub(super) fn title_case(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}

/// `[a b]`: a list as Go prints it.
pub(super) fn go_list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(" "))
}

fn toleration_text(toleration: Toleration<'_>) -> String {
    let mut text = toleration.key().to_owned();
    if !toleration.value().is_empty() {
        text.push_str(&format!("={}", toleration.value()));
    }
    if !toleration.effect().is_empty() {
        text.push_str(&format!(":{}", toleration.effect()));
    }
    if toleration.operator() == "Exists" && toleration.value().is_empty() {
        text.push_str(if text.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration.toleration_seconds() {
        text.push_str(&format!(" for {seconds}s"));
    }
    text
}

/// A text that is cut off when it is too long.
fn shorten(text: &str, length_max: usize) -> String {
    if text.len() <= length_max {
        return text.to_owned();
    }
    let end = (0..=length_max).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}...", &text[..end])
}

/// `Mon, 23 Nov 2026 12:46:12 +0000`; what Go prints for no time at all if there is none.
pub(super) fn date(time: Option<Time>) -> String {
    let Some(time) = time else { return "Mon, 01 Jan 0001 00:00:00 +0000".to_owned() };
    let utc = time.to_utc();
    let (weekday, month) = (utc.weekday().to_string(), utc.month().to_string());
    format!(
        "{:.3}, {:02} {:.3} {:04} {:02}:{:02}:{:02} +0000",
        weekday,
        utc.day(),
        month,
        utc.year(),
        utc.hour(),
        utc.minute(),
        utc.second()
    )
}

/// `2026-11-23 13:09:51 +0000 UTC`: a time as Go prints it by itself.
pub(super) fn go_time(time: Option<Time>) -> String {
    match time {
        Some(time) => {
            let text = time.rfc3339();
            format!("{} +0000 UTC", text.trim_end_matches('Z').replace('T', " "))
        }
        None => "0001-01-01 00:00:00 +0000 UTC".to_owned(),
    }
}

/// How long ago something happened.
pub(super) fn since(then: Option<Time>, now: Time) -> String {
    then.map_or_else(|| "<unknown>".to_owned(), |then| api::human::age(then, now))
}
