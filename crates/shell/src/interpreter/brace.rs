//! Brace expansion: `{a,b}` and `{1..5}`.

use super::ast::{Part, Word};

/// How many words one word may become; past it, it stays as it is.
const LIMIT_WORDS: usize = 65_536;

/// A piece of a word: an unquoted character, or something braces cannot look into.
#[derive(Clone)]
enum Atom {
    Character(char),
    Opaque(Part),
}

/// The words that `word` stands for: itself if it has no braces to expand.
pub(crate) fn expand(word: &Word) -> Vec<Word> {
    let has_brace = |part: &Part| matches!(part, Part::Literal(text) if text.contains('{'));
    if !word.0.iter().any(has_brace) {
        return vec![word.clone()];
    }
    let mut atoms = Vec::new();
    for part in &word.0 {
        match part {
            Part::Literal(text) => atoms.extend(text.chars().map(Atom::Character)),
            other => atoms.push(Atom::Opaque(other.clone())),
        }
    }
    match expand_atoms(&atoms, 0) {
        Some(words) => words.iter().map(|atoms| to_word(atoms)).collect(),
        None => vec![word.clone()],
    }
}

fn to_word(atoms: &[Atom]) -> Word {
    let mut parts = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Character(character) => {
                super::lexer::push_literal(&mut parts, Some(*character));
            }
            Atom::Opaque(part) => parts.push(part.clone()),
        }
    }
    Word(parts)
}

fn is(atom: Option<&Atom>, wanted: char) -> bool {
    matches!(atom, Some(Atom::Character(character)) if *character == wanted)
}

/// All expansions; `None` if there are too many.
fn expand_atoms(atoms: &[Atom], depth: u32) -> Option<Vec<Vec<Atom>>> {
    if depth > 32 {
        return None;
    }
    for open in (0..atoms.len()).filter(|at| is(atoms.get(*at), '{')) {
        let Some((close, commas)) = matching_brace(atoms, open) else {
            continue;
        };
        let inner = atoms.get(open + 1..close)?;
        let choices = if commas.is_empty() {
            match sequence(inner) {
                Some(choices) => choices,
                None => continue,
            }
        } else {
            alternatives(atoms, open, close, &commas, depth)?
        };
        let rest = expand_atoms(atoms.get(close + 1..)?, depth + 1)?;
        if choices.len().checked_mul(rest.len())? > LIMIT_WORDS {
            return None;
        }
        let before = atoms.get(..open)?;
        let mut words = Vec::with_capacity(choices.len() * rest.len());
        for choice in &choices {
            for end in &rest {
                words.push([before, choice, end].concat());
            }
        }
        return Some(words);
    }
    Some(vec![atoms.to_vec()])
}

/// The brace that closes the one at `open`, and the commas that belong to the pair.
fn matching_brace(atoms: &[Atom], open: usize) -> Option<(usize, Vec<usize>)> {
    let mut depth = 0;
    let mut commas = Vec::new();
    for at in open + 1..atoms.len() {
        let atom = atoms.get(at);
        if is(atom, '{') {
            depth += 1;
        } else if is(atom, ',') && depth == 0 {
            commas.push(at);
        } else if is(atom, '}') {
            if depth == 0 {
                return Some((at, commas));
            }
            depth -= 1;
        }
    }
    None
}

fn alternatives(
    atoms: &[Atom],
    open: usize,
    close: usize,
    commas: &[usize],
    depth: u32,
) -> Option<Vec<Vec<Atom>>> {
    let mut choices = Vec::new();
    let mut start = open + 1;
    for end in commas.iter().copied().chain([close]) {
        choices.extend(expand_atoms(atoms.get(start..end)?, depth + 1)?);
        start = end + 1;
    }
    (choices.len() <= LIMIT_WORDS).then_some(choices)
}

/// `1..5`, `05..10`, `a..e`, with an optional step.
fn sequence(inner: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let mut text = String::new();
    for atom in inner {
        match atom {
            Atom::Character(character) => text.push(*character),
            Atom::Opaque(_) => return None,
        }
    }
    let mut ends = text.split("..");
    let (first, last, step) = (ends.next()?, ends.next()?, ends.next());
    if ends.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |step| step.parse::<i64>().ok())?.checked_abs()?.max(1);
    let to_atoms = |text: String| text.chars().map(Atom::Character).collect();
    if let (Ok(from), Ok(to)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let is_padded =
            |text: &str| text.trim_start_matches('-').starts_with('0') && text.len() > 1;
        let width =
            if is_padded(first) || is_padded(last) { first.len().max(last.len()) } else { 0 };
        let numbers = numbers(from, to, step)?;
        return Some(numbers.iter().map(|number| to_atoms(format!("{number:0width$}"))).collect());
    }
    let letter = |text: &str| {
        let mut characters = text.chars();
        let letter = characters.next().filter(char::is_ascii_alphabetic)?;
        characters.next().is_none().then_some(i64::from(u32::from(letter)))
    };
    let letters = numbers(letter(first)?, letter(last)?, step)?;
    let character = |code: &i64| u32::try_from(*code).ok().and_then(char::from_u32);
    letters.iter().map(|code| character(code).map(|c| vec![Atom::Character(c)])).collect()
}

fn numbers(from: i64, to: i64, step: i64) -> Option<Vec<i64>> {
    let count = from.abs_diff(to) / step.unsigned_abs() + 1;
    if count > LIMIT_WORDS as u64 {
        return None;
    }
    let signed = if from <= to { step } else { -step };
    (0..count as i64).map(|n| from.checked_add(n.checked_mul(signed)?)).collect()
}
