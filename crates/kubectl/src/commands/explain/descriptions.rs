//! Descriptions of types and fields, as far as they are known.

/// One description after the other: a line with the name, then the text on lines that begin with
/// a tab.
const DESCRIPTIONS: &str = include_str!("descriptions.txt");

/// What is said of a field: `core/v1.PodSpec.restartPolicy`. What all objects have is kept once.
pub(super) fn of_field(key: &str, is_of_object: bool) -> Option<String> {
    let name = key.rsplit('.').next().unwrap_or(key);
    let is_common = is_of_object || name == "metadata";
    find(key).or_else(|| if is_common { find(&format!("*.{name}")) } else { None })
}

/// What is said of a type: `core/v1.Pod`.
pub(super) fn of_type(key: &str) -> Option<String> {
    find(key)
}

fn find(key: &str) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    DESCRIPTIONS.split("\n\n").find_map(|entry| {
        let (name, text) = entry.split_once('\n')?;
        let line = |line: &'static str| line.strip_prefix('\t').unwrap_or(line);
        (name == key).then(|| text.lines().map(line).collect::<Vec<_>>().join("\n"))
    })
}
