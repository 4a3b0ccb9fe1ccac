//! The texts of the page, one folder per language.
//!
//! What kubectl prints is never translated.

use std::collections::BTreeMap;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// Japanese.
    Japanese,
}

/// Every language with its texts.
const LANGUAGES: [(Language, &str, &str); 2] = [
    (Language::English, "en", include_str!("../locales/en/page.txt")),
    (Language::Japanese, "ja", include_str!("../locales/ja/page.txt")),
];

impl Language {
    /// Its tag: `en`, `ja`.
    pub fn tag(self) -> &'static str {
        LANGUAGES.iter().find(|(language, ..)| *language == self).map_or("en", |found| found.1)
    }

    /// The language of a tag such as `ja-JP`, if the page has it.
    pub fn find(tag: &str) -> Option<Language> {
        let primary = tag.split('-').next().unwrap_or_default();
        LANGUAGES.iter().find(|(_, known, _)| *known == primary).map(|found| found.0)
    }
}

/// The texts of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The language.
    pub language: Language,
    texts: BTreeMap<&'static str, &'static str>,
}

impl Texts {
    /// The texts of `language`.
    pub fn new(language: Language) -> Texts {
        let source = LANGUAGES.iter().find(|(known, ..)| *known == language);
        Texts { language, texts: source.map(|found| parse(found.2)).unwrap_or_default() }
    }

    /// The text of that name.
    pub fn get(&self, name: &'static str) -> &'static str {
        self.texts.get(name).copied().unwrap_or(name)
    }

    /// The text of that name with `values` in the places of `{0}`, `{1}`, ….
    pub fn with(&self, name: &'static str, values: &[&str]) -> String {
        let mut text = self.get(name).to_owned();
        for (number, value) in values.iter().enumerate() {
            text = text.replace(&format!("{{{number}}}"), value);
        }
        text
    }
}

fn parse(source: &'static str) -> BTreeMap<&'static str, &'static str> {
    let lines = source.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" = ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    fn places(text: &str) -> BTreeSet<char> {
        text.match_indices('{').filter_map(|(at, _)| text[at + 1..].chars().next()).collect()
    }

    #[test]
    fn every_language_has_every_text() {
        let english = parse(LANGUAGES[0].2);
        for (_, tag, source) in LANGUAGES {
            let texts = parse(source);
            assert_eq!(
                texts.keys().collect::<Vec<_>>(),
                english.keys().collect::<Vec<_>>(),
                "locales/{tag}/page.txt and locales/en/page.txt name different texts"
            );
            for (name, text) in &texts {
                assert_eq!(places(text), places(english[name]), "{tag}: {name}");
            }
        }
    }

    fn sources(directory: &Path, found: &mut String) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push_str(&fs::read_to_string(path).expect("a source"));
            }
        }
    }

    #[test]
    fn every_text_is_used() {
        let mut source = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        for name in parse(LANGUAGES[0].2).keys() {
            assert!(source.contains(&format!("\"{name}\"")), "nothing shows the text {name}");
        }
    }
}
