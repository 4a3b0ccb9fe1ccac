//! From tokens to the tree.

use super::format::quote;
use super::lex::{Kind, Token, tokens};
use super::literal;
use super::node::{Branch, List, Node};
use std::collections::BTreeMap;

/// The main template and those it defines.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) main: List,
    pub(super) defined: BTreeMap<String, List>,
}

/// Actions and parentheses may be nested so deeply; Go has no limit.
pub(super) const DEEPEST: usize = 100;

/// Parses a template; the error is Go's, with the name that kubectl gives to templates.
pub(super) fn parse(text: &str, functions: &[&str]) -> Result<Tree, String> {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        furthest: 0,
        functions,
        variables: vec!["$".to_owned()],
        ranges: 0,
        depth: 0,
        action_line: None,
        defined: BTreeMap::new(),
    };
    match parser.template() {
        Ok(main) => Ok(Tree { main, defined: parser.defined }),
        Err(problem) => {
            let line = parser.tokens[parser.furthest].line;
            Err(format!("template: output:{line}: {problem}"))
        }
    }
}

/// What ends a list of nodes.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    End,
    /// Whether an `if` follows.
    Else {
        with_if: bool,
    },
}

impl Ending {
    fn show(self) -> &'static str {
        match self {
            Ending::End => "{{end}}",
            Ending::Else { .. } => "{{else}}",
        }
    }
}

/// A node, or what ends the list.
enum Item {
    Node(Node),
    Ending(Ending),
}

pub(super) type Parsed<T> = Result<T, String>;

pub(super) struct Parser<'a> {
    tokens: Vec<Token>,
    pub(super) at: usize,
    /// The last token that was looked at: its line is named in errors.
    furthest: usize,
    pub(super) functions: &'a [&'a str],
    /// The names of the variables that are known here.
    pub(super) variables: Vec<String>,
    /// How many ranges we are in.
    ranges: usize,
    pub(super) depth: usize,
    /// The line where the present action begins.
    action_line: Option<usize>,
    defined: BTreeMap<String, List>,
}

impl Parser<'_> {
    /// The next token, which is not taken.
    pub(super) fn peek(&mut self) -> &Token {
        let last = self.tokens.len() - 1;
        let at = self.at.min(last);
        self.furthest = self.furthest.max(at);
        &self.tokens[at]
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    pub(super) fn peek_non_space(&mut self) -> &Token {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
        self.peek()
    }

    pub(super) fn next_non_space(&mut self) -> Token {
        self.peek_non_space();
        self.next()
    }

    pub(super) fn backup(&mut self) {
        self.at -= 1;
    }

    pub(super) fn unexpected<T>(&self, token: &Token, place: &str) -> Parsed<T> {
        if token.kind != Kind::Error {
            return Err(format!("unexpected {} in {place}", token.show()));
        }
        let mut problem = token.text.clone();
        if let Some(line) = self.action_line.filter(|line| *line != token.line) {
            let within = if problem.ends_with(" action") { "" } else { " in action" };
            problem += &format!("{within} started at output:{line}");
        }
        Err(problem)
    }

    fn expect(&mut self, kind: Kind, place: &str) -> Parsed<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, place) }
    }

    fn is_keyword(token: &Token, word: &str) -> bool {
        token.kind == Kind::Keyword && token.text == word
    }

    fn template(&mut self) -> Parsed<List> {
        let mut list = List::new();
        while self.peek().kind != Kind::End {
            if self.peek().kind == Kind::LeftDelimiter {
                let delimiter = self.at;
                self.next();
                if Self::is_keyword(&self.next_non_space(), "define") {
                    self.definition()?;
                    continue;
                }
                self.at = delimiter;
            }
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                Item::Ending(ending) => return Err(format!("unexpected {}", ending.show())),
            }
        }
        Ok(list)
    }

    /// A template with a name; it knows no variables of the one around it.
    fn definition(&mut self) -> Parsed<()> {
        const PLACE: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, PLACE)?;
        self.expect(Kind::RightDelimiter, PLACE)?;
        let list = self.separate_list(PLACE)?;
        self.define(name, list)
    }

    /// The nodes of another template, up to its end.
    fn separate_list(&mut self, place: &str) -> Parsed<List> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let (list, ending) = self.list()?;
        self.variables = variables;
        self.ranges = ranges;
        match ending {
            Ending::End => Ok(list),
            ending => Err(format!("unexpected {} in {place}", ending.show())),
        }
    }

    /// A definition without content gives way to one with content.
    fn define(&mut self, name: String, list: List) -> Parsed<()> {
        if self.defined.get(&name).is_none_or(is_empty) {
            self.defined.insert(name, list);
        } else if !is_empty(&list) {
            let name = quote(&name);
            return Err(format!("template: multiple definition of template {name}"));
        }
        Ok(())
    }

    fn list(&mut self) -> Parsed<(List, Ending)> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("actions are nested more than {DEEPEST} deep"));
        }
        let mut list = List::new();
        while self.peek_non_space().kind != Kind::End {
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                Item::Ending(ending) => {
                    self.depth -= 1;
                    return Ok((list, ending));
                }
            }
        }
        Err("unexpected EOF".to_owned())
    }

    fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.text))),
            Kind::LeftDelimiter => {
                self.action_line = Some(token.line);
                let item = self.action()?;
                self.action_line = None;
                Ok(item)
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let word = match token.kind {
            Kind::Keyword => token.text.as_str(),
            _ => "",
        };
        Ok(Item::Node(match word {
            "if" => self.condition("if")?,
            "with" => self.condition("with")?,
            "range" => self.condition("range")?,
            "break" => self.jump("{{break}}", Node::Break)?,
            "continue" => self.jump("{{continue}}", Node::Continue)?,
            "template" => self.call()?,
            "block" => self.block()?,
            "end" => {
                self.expect(Kind::RightDelimiter, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            "else" => return Ok(Item::Ending(self.otherwise()?)),
            _ => {
                self.backup();
                let pipe = self.pipe("command", Kind::RightDelimiter)?;
                Node::Action(pipe)
            }
        }))
    }

    fn otherwise(&mut self) -> Parsed<Ending> {
        let token = self.peek_non_space();
        let with_if = Self::is_keyword(token, "if");
        if !with_if {
            self.expect(Kind::RightDelimiter, "else")?;
        }
        Ok(Ending::Else { with_if })
    }

    fn jump(&mut self, text: &str, node: Node) -> Parsed<Node> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelimiter {
            return self.unexpected(&token, text);
        }
        if self.ranges == 0 {
            return Err(format!("{text} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    /// `if`, `with` or `range` up to the end. Its variables are known only there.
    fn condition(&mut self, word: &str) -> Parsed<Node> {
        let known = self.variables.len();
        let pipe = self.pipe(word, Kind::RightDelimiter)?;
        let is_range = word == "range";
        self.ranges += usize::from(is_range);
        let (list, ending) = self.list()?;
        self.ranges -= usize::from(is_range);
        let otherwise = match ending {
            Ending::End => List::new(),
            Ending::Else { with_if: true } if word == "if" => {
                // `{{else if}}` shares the end of the first `{{if}}`.
                self.next_non_space();
                self.depth += 1;
                let inner = self.condition("if")?;
                self.depth -= 1;
                vec![inner]
            }
            Ending::Else { .. } => {
                let (list, ending) = self.list()?;
                if ending != Ending::End {
                    return Err(format!("expected end; found {}", ending.show()));
                }
                list
            }
        };
        self.variables.truncate(known);
        let branch = Branch { pipe, list, otherwise };
        Ok(match word {
            "if" => Node::If(branch),
            "with" => Node::With(branch),
            _ => Node::Range(branch),
        })
    }

    fn template_name(&mut self, token: &Token, place: &str) -> Parsed<String> {
        match token.kind {
            Kind::String | Kind::RawString => literal::string(&token.text),
            _ => self.unexpected(token, place),
        }
    }

    fn call(&mut self) -> Parsed<Node> {
        const PLACE: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, PLACE)?;
        let mut pipe = None;
        if self.next_non_space().kind != Kind::RightDelimiter {
            self.backup();
            pipe = Some(self.pipe(PLACE, Kind::RightDelimiter)?);
        }
        let at = token.at;
        Ok(Node::Template { name, pipe, at })
    }

    fn block(&mut self) -> Parsed<Node> {
        const PLACE: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, PLACE)?;
        let pipe = Some(self.pipe(PLACE, Kind::RightDelimiter)?);
        let list = self.separate_list(PLACE)?;
        self.define(name.clone(), list)?;
        let at = token.at;
        Ok(Node::Template { name, pipe, at })
    }
}

/// Whether a template prints nothing but white space.
fn is_empty(list: &List) -> bool {
    list.iter().all(|node| match node {
        Node::Text(text) => text.trim().is_empty(),
        _ => false,
    })
}
