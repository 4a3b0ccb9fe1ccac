//! Reading a command line.
//!
//! Models pflag: flags stand anywhere, `--name value`, `--name=value`, `-n value`, `-nvalue`,
//! `-n=value`, letters together (`-it`), and `--` ends the flags.

use super::values::Flags;
use super::{Flag, csv};
use crate::errors::quote;

/// A command line that has been read.
#[derive(Debug)]
pub struct Parsed {
    /// The values of the flags.
    pub flags: Flags,
    /// What is no flag.
    pub arguments: Vec<String>,
    /// How many of the arguments stand before `--`, if there is one.
    pub dash: Option<usize>,
    /// Whether help is asked for.
    pub wants_help: bool,
    /// What is to be said about deprecated flags.
    pub notices: Vec<String>,
    /// The flags and their values, in the order in which they were given.
    pub given: Vec<(&'static str, String)>,
}

/// Reads `arguments` against the flags of `groups`. The error is pflag's.
pub fn parse(groups: &[&'static [Flag]], arguments: &[String]) -> Result<Parsed, String> {
    let mut parser = Parser {
        parsed: Parsed {
            flags: Flags::new(groups),
            arguments: Vec::new(),
            dash: None,
            wants_help: false,
            notices: Vec::new(),
            given: Vec::new(),
        },
        rest: arguments,
    };
    parser.run()?;
    Ok(parser.parsed)
}

const HELP: Flag = Flag::bool("help", "false", "").short('h');

struct Parser<'a> {
    parsed: Parsed,
    rest: &'a [String],
}

impl<'a> Parser<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(word) = self.take() {
            if word == "--" {
                self.parsed.dash = Some(self.parsed.arguments.len());
                self.parsed.arguments.extend_from_slice(self.rest);
                return Ok(());
            }
            match word.strip_prefix("--") {
                Some(long) => self.long(word, long)?,
                None => match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                    Some(letters) => self.letters(word, letters)?,
                    None => self.parsed.arguments.push(word.to_owned()),
                },
            }
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<Flag> {
        match name {
            "help" => Some(HELP),
            _ => self.parsed.flags.declaration(name).copied(),
        }
    }

    fn find_letter(&self, letter: char) -> Option<Flag> {
        match letter {
            'h' => Some(HELP),
            _ => self.parsed.flags.declaration_of_letter(letter).copied(),
        }
    }

    fn long(&mut self, word: &str, long: &str) -> Result<(), String> {
        if long.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: {word}"));
        }
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        // kubectl takes an underscore for a dash.
        let name = name.replace('_', "-");
        let flag = self.find(&name).ok_or_else(|| format!("unknown flag: --{name}"))?;
        let value = match (value, flag.implied) {
            (Some(value), _) => value,
            (None, Some(implied)) => implied,
            (None, None) => {
                self.take().ok_or_else(|| format!("flag needs an argument: --{name}"))?
            }
        };
        self.set(&flag, value)
    }

    fn letters(&mut self, word: &str, letters: &str) -> Result<(), String> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            let within = rest;
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            let flag = self.find_letter(letter).ok_or_else(|| {
                format!("unknown shorthand flag: {} in -{within}", quote_letter(letter))
            })?;
            let value = if let Some(value) = rest.strip_prefix('=') {
                rest = "";
                value
            } else if let Some(implied) = flag.implied {
                implied
            } else if !rest.is_empty() {
                std::mem::take(&mut rest)
            } else {
                let missing =
                    || format!("flag needs an argument: {} in {word}", quote_letter(letter));
                self.take().ok_or_else(missing)?
            };
            self.set(&flag, value)?;
        }
        Ok(())
    }

    fn set(&mut self, flag: &Flag, value: &str) -> Result<(), String> {
        let invalid = |why: String| {
            let name = match flag.short {
                Some(letter) => format!("-{letter}, --{}", flag.name),
                None => format!("--{}", flag.name),
            };
            format!("invalid argument {} for \"{name}\" flag: {why}", quote(value))
        };
        if flag.name == "help" {
            self.parsed.wants_help = super::values::parse_bool(value).map_err(invalid)?;
            return Ok(());
        }
        self.parsed.flags.set(flag.name, value).map_err(invalid)?;
        self.parsed.given.push((flag.name, value.to_owned()));
        if !flag.deprecated.is_empty() {
            let notice = format!("Flag --{} has been deprecated, {}", flag.name, flag.deprecated);
            self.parsed.notices.push(notice);
        }
        Ok(())
    }
}

fn quote_letter(letter: char) -> String {
    format!("'{letter}'")
}

/// Splits a value at its commas.
pub(super) fn split(value: &str) -> Result<Vec<String>, String> {
    if value.is_empty() {
        return Ok(Vec::new());
    }
    csv::record(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag::string("output", "", "").short('o'),
        Flag::string("namespace", "", "").short('n'),
        Flag::bool("stdin", "false", "").short('i'),
        Flag::bool("tty", "false", "").short('t'),
        Flag::int32("replicas", "0", ""),
        Flag::string_slice("filename", "", "").short('f'),
        Flag::string_array("env", "", ""),
        Flag::string("dry-run", "none", "").implied("unchanged"),
        Flag::bool("record", "false", "").deprecated("use something else"),
    ];

    fn read(line: &str) -> Result<Parsed, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(&[FLAGS], &words)
    }

    #[test]
    fn flags_come_in_many_forms() {
        for line in
            ["-o yaml a -n x", "-oyaml a -nx", "-o=yaml -n=x a", "--output yaml --namespace=x a"]
        {
            let parsed = read(line).expect(line);
            assert_eq!(parsed.flags.string("output"), "yaml", "{line}");
            assert_eq!(parsed.flags.string("namespace"), "x", "{line}");
            assert_eq!(parsed.arguments, ["a"], "{line}");
        }
        let parsed = read("-it a -- b -c").expect("valid");
        assert!(parsed.flags.bool("stdin") && parsed.flags.bool("tty"));
        assert_eq!((parsed.arguments.len(), parsed.dash), (3, Some(1)));
        let parsed = read("-f a,b -f c --env x,y --dry-run --dry_run=client").expect("valid");
        assert_eq!(parsed.flags.strings("filename"), ["a", "b", "c"]);
        assert_eq!(parsed.flags.strings("env"), ["x,y"]);
        assert_eq!(parsed.flags.string("dry-run"), "client");
    }

    #[test]
    fn errors_are_those_of_pflag() {
        let check = |line: &str, message: &str| {
            assert_eq!(read(line).expect_err(line), message);
        };
        check("--foo", "unknown flag: --foo");
        check("-z", "unknown shorthand flag: 'z' in -z");
        check("-itz", "unknown shorthand flag: 'z' in -z");
        check("--output", "flag needs an argument: --output");
        check("-o", "flag needs an argument: 'o' in -o");
        check("--=x", "bad flag syntax: --=x");
        check(
            "--replicas=abc",
            "invalid argument \"abc\" for \"--replicas\" flag: \
             strconv.ParseInt: parsing \"abc\": invalid syntax",
        );
        check(
            "-i=x",
            "invalid argument \"x\" for \"-i, --stdin\" flag: \
             strconv.ParseBool: parsing \"x\": invalid syntax",
        );
        check(
            "-fa\"b",
            "invalid argument \"a\\\"b\" for \"-f, --filename\" flag: \
             parse error on line 1, column 2: bare \" in non-quoted-field",
        );
    }

    #[test]
    fn deprecated_flags_are_complained_about() {
        let parsed = read("--record").expect("valid");
        assert_eq!(parsed.notices, ["Flag --record has been deprecated, use something else"]);
    }
}
