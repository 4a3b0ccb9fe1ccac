//! `Did you mean this?`

use crate::command::Command;

/// How many letters may differ.
const DISTANCE_MAX: usize = 2;

/// The commands below `parent` that somebody who typed `word` may have meant.
pub fn similar(word: &str, parent: &Command) -> Vec<&'static str> {
    let lower = word.to_lowercase();
    let is_similar = |command: &&'static Command| {
        !command.is_hidden
            && (distance(&lower, &command.name.to_lowercase()) <= DISTANCE_MAX
                || command.name.to_lowercase().starts_with(&lower))
    };
    parent.children().into_iter().filter(is_similar).map(|command| command.name).collect()
}

/// The number of letters that have to be added, removed or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_recognised() {
        assert_eq!(distance("gte", "get"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert!(similar("gte", &crate::commands::ROOT).contains(&"get"));
    }
}
