//! `echo`

use crate::escapes::{Style, expand};

pub(crate) const TOOL: super::Tool = super::Tool {
    name: "echo",
    usage: "[-neE] [ARG]...",
    about: "Print ARGs to stdout",
    run: |context| {
        Box::pin(async move {
            let manner = match context.is_busybox() {
                true => Manner::Busybox,
                false => Manner::Options,
            };
            context.put(echo_text(&context.operands(), manner));
            0
        })
    },
    ..super::TOOL
};

/// Which `echo` it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// `-n`, `-e`, `-E`
    Options,
    /// busybox's, which differs in its escapes.
    Busybox,
    /// dash's: `-n`, and escapes are always replaced.
    AlwaysEscapes,
}

/// What `echo` prints for these arguments.
pub(crate) fn echo_text(words: &[String], manner: Manner) -> String {
    let mut newline = true;
    let mut escapes = manner == Manner::AlwaysEscapes;
    let mut words = words;
    while let Some((first, rest)) = words.split_first() {
        let allowed = if manner == Manner::AlwaysEscapes { "n" } else { "neE" };
        let letters = first.strip_prefix('-').filter(|letters| !letters.is_empty());
        let Some(letters) = letters.filter(|letters| letters.chars().all(|c| allowed.contains(c)))
        else {
            break;
        };
        if manner == Manner::AlwaysEscapes && letters != "n" {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    let style = match manner {
        Manner::Options => Style::ECHO,
        Manner::Busybox => Style::BOTH,
        Manner::AlwaysEscapes => Style::DASH,
    };
    let (mut text, goes_on) = if escapes { expand(&text, style) } else { (text, true) };
    if newline && goes_on {
        text.push('\n');
    }
    text
}
