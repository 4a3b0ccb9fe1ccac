//! From words to conditions.

use super::{LIMIT_DEPTH, LIMIT_TERMS, Term, Test};
use crate::context::Context;
use crate::pattern::Pattern;

pub(super) struct Parser<'a> {
    pub(super) context: &'a Context,
    pub(super) words: &'a [String],
    pub(super) position: usize,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) depth_first: bool,
    pub(super) has_action: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.position).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.position).cloned();
        self.position += 1;
        word
    }

    pub(super) fn whole(&mut self) -> Result<Term, String> {
        if self.words.len() > LIMIT_TERMS {
            return Err("too many arguments".to_owned());
        }
        let expression = match self.peek() {
            None => Term::And(Vec::new()),
            Some(_) => self.or(0)?,
        };
        if let Some(extra) = self.peek() {
            return Err(match extra {
                ")" => "invalid expression; you have too many ')'".to_owned(),
                _ => format!("paths must precede expression: `{extra}'"),
            });
        }
        if self.has_action {
            return Ok(expression);
        }
        Ok(Term::And(vec![expression, Term::Test(Test::Print('\n'))]))
    }

    fn or(&mut self, depth: u32) -> Result<Term, String> {
        let mut terms = vec![self.and(depth)?];
        while matches!(self.peek(), Some("-o" | "-or" | ",")) {
            self.next();
            terms.push(self.and(depth)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::Or(terms) })
    }

    fn and(&mut self, depth: u32) -> Result<Term, String> {
        let mut terms = Vec::new();
        loop {
            match self.peek() {
                None | Some("-o" | "-or" | ")" | ",") => break,
                Some("-a" | "-and") => {
                    self.next();
                }
                Some(_) => terms.push(self.term(depth)?),
            }
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::And(terms) })
    }

    fn term(&mut self, depth: u32) -> Result<Term, String> {
        if depth > 50 {
            return Err("expression too deep".to_owned());
        }
        let Some(word) = self.next() else {
            return Ok(Term::And(Vec::new()));
        };
        match word.as_str() {
            "!" | "-not" => {
                if self.peek().is_none() {
                    return Err("expected an expression after '!'".to_owned());
                }
                Ok(Term::Not(Box::new(self.term(depth + 1)?)))
            }
            "(" => {
                let inner = self.or(depth + 1)?;
                if self.next().as_deref() != Some(")") {
                    return Err("invalid expression; I was expecting to find a ')' somewhere but did not see one.".to_owned());
                }
                Ok(inner)
            }
            _ => self.test(&word).map(Term::Test),
        }
    }

    fn argument(&mut self, test: &str) -> Result<String, String> {
        self.next().ok_or_else(|| match self.context.is_busybox() {
            true => format!("'{test}' requires an argument"),
            false => format!("missing argument to `{test}'"),
        })
    }

    fn number(&mut self, test: &str) -> Result<(char, u64, String), String> {
        let text = self.argument(test)?;
        let sign = text.chars().next().filter(|c| "+-".contains(*c)).unwrap_or('=');
        let digits = text.trim_start_matches(['+', '-']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (digits, suffix) = digits.split_at(end);
        let bad = || match self.context.is_busybox() {
            true => format!("invalid number '{text}'"),
            false => format!("invalid argument `{text}' to `{test}'"),
        };
        let number = digits.parse().map_err(|_| bad())?;
        Ok((sign, number, suffix.to_owned()))
    }

    fn test(&mut self, word: &str) -> Result<Test, String> {
        let pattern = |text: &str, ignore_case: bool| Pattern::new(text, false, ignore_case);
        Ok(match word {
            "-name" => Test::Name(pattern(&self.argument(word)?, false)),
            "-iname" => Test::Name(pattern(&self.argument(word)?, true)),
            "-path" | "-wholename" => Test::Path(pattern(&self.argument(word)?, false)),
            "-ipath" => Test::Path(pattern(&self.argument(word)?, true)),
            "-type" => Test::Type(self.argument(word)?),
            "-size" => {
                let (sign, number, suffix) = self.number(word)?;
                let unit = match suffix.as_str() {
                    "c" => 1,
                    "w" => 2,
                    "k" => 1024,
                    "M" => 1 << 20,
                    "G" => 1 << 30,
                    _ => 512,
                };
                Test::Size(sign, number, unit)
            }
            "-mtime" | "-ctime" | "-atime" => {
                let (sign, number, _) = self.number(word)?;
                Test::Age(sign, number, 86_400)
            }
            "-mmin" | "-cmin" | "-amin" => {
                let (sign, number, _) = self.number(word)?;
                Test::Age(sign, number, 60)
            }
            "-newer" => {
                let path = self.argument(word)?;
                let metadata = self.context.metadata(&path, true);
                Test::Newer(metadata.map_err(|error| format!("'{path}': {error}"))?.modified)
            }
            "-empty" => Test::Empty,
            "-perm" => {
                let text = self.argument(word)?;
                let sign = text.chars().next().filter(|c| "-/".contains(*c)).unwrap_or('=');
                let mode = crate::tools::mode::Mode::parse(text.trim_start_matches(['-', '/']));
                Test::Mode(sign, mode.ok_or(format!("invalid mode '{text}'"))?.apply(0, false, 0))
            }
            "-user" => Test::User(self.argument(word)?),
            "-executable" => Test::Executable,
            "-true" => Test::True,
            "-false" => Test::False,
            "-maxdepth" => {
                self.most = self.depth(word)?;
                Test::True
            }
            "-mindepth" => {
                self.least = self.depth(word)?;
                Test::True
            }
            "-depth" => {
                self.depth_first = true;
                Test::True
            }
            "-xdev" | "-mount" | "-noleaf" | "-follow" => Test::True,
            "-prune" => Test::Prune,
            "-print" => self.action(Test::Print('\n')),
            "-print0" => self.action(Test::Print('\0')),
            "-printf" => {
                let format = self.argument(word)?;
                self.action(Test::PrintFormat(format))
            }
            "-quit" => self.action(Test::Quit),
            "-ls" => self.action(Test::PrintFormat("%i %b %M %n %u %g %s %p\\n".to_owned())),
            "-delete" => {
                self.depth_first = true;
                self.action(Test::Delete)
            }
            "-exec" | "-ok" | "-execdir" => {
                let mut command = Vec::new();
                loop {
                    match self.next().as_deref() {
                        Some(";") => return Ok(self.action(Test::Exec(command, false))),
                        Some("+") if command.last().is_some_and(|word: &String| word == "{}") => {
                            command.pop();
                            return Ok(self.action(Test::Exec(command, true)));
                        }
                        Some(word) => command.push(word.to_owned()),
                        None => {
                            return Err(match self.context.is_busybox() {
                                true => format!("'{word}' requires an argument"),
                                false => format!("missing argument to `{word}'"),
                            });
                        }
                    }
                }
            }
            _ if !word.starts_with('-') => {
                return Err(match self.context.is_busybox() {
                    true => format!("unrecognized: {word}"),
                    false => format!("paths must precede expression: `{word}'"),
                });
            }
            _ => {
                return Err(match self.context.is_busybox() {
                    true => format!("unrecognized: {word}"),
                    false => format!("unknown predicate `{word}'"),
                });
            }
        })
    }

    fn action(&mut self, test: Test) -> Test {
        self.has_action = true;
        test
    }

    fn depth(&mut self, word: &str) -> Result<usize, String> {
        let text = self.argument(word)?;
        let depth = text.parse::<usize>().map_err(|_| match self.context.is_busybox() {
            true => format!("invalid number '{text}'"),
            false => format!(
                "Expected a positive decimal integer argument to {word}, but got {}",
                self.context.quoted(&text)
            ),
        })?;
        Ok(depth.min(LIMIT_DEPTH))
    }
}
