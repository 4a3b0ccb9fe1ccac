//! Label selectors: `app=web,tier in (a,b),!old`.
//!
//! Models `k8s.io/apimachinery/pkg/labels`.

use crate::meta::v1::LabelSelector as LabelSelectorView;
use crate::{StringMap, Value, View, go, validation};
use std::fmt;

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`, `==` or `in`
    In,
    /// `!=` or `notin`
    NotIn,
    /// the key alone
    Exists,
    /// `!key`
    DoesNotExist,
    /// `>`
    GreaterThan,
    /// `<`
    LessThan,
}

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, sorted.
    pub values: Vec<String>,
    /// Whether it was written as an equality, and is printed as one.
    pub is_equality: bool,
}

/// A text that is no selector, in the words of the API server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SelectorError(pub String);

/// A set of requirements that labels fulfil or not. The empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
    matches_nothing: bool,
}

impl Selector {
    /// Matches every object.
    pub fn everything() -> Selector {
        Selector::default()
    }

    /// Matches no object.
    pub fn nothing() -> Selector {
        Selector { requirements: Vec::new(), matches_nothing: true }
    }

    /// Whether every object matches.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty() && !self.matches_nothing
    }

    /// The requirements, sorted by key.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Exactly these labels, as Services and ReplicationControllers select; no labels match
    /// everything (the caller decides whether that is meant).
    pub fn from_labels(labels: StringMap<'_>) -> Selector {
        let requirements = labels.iter().map(|(key, value)| Requirement {
            key: key.to_owned(),
            operator: Operator::In,
            values: vec![value.to_owned()],
            is_equality: true,
        });
        Selector { requirements: requirements.collect(), matches_nothing: false }
    }

    /// What a `LabelSelector` document means: `null` matches nothing, `{}` everything. A selector
    /// that validation would have refused matches nothing.
    pub fn from_document(document: &Value) -> Selector {
        if document.is_null() {
            return Selector::nothing();
        }
        let view = LabelSelectorView::of(document);
        let mut selector = Selector::from_labels(view.match_labels());
        for expression in view.match_expressions() {
            let operator = match expression.operator() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => return Selector::nothing(),
            };
            let mut values: Vec<String> = expression.values().map(str::to_owned).collect();
            values.sort();
            let key = expression.key().to_owned();
            selector.requirements.push(Requirement { key, operator, values, is_equality: false });
        }
        selector.requirements.sort_by(|a, b| a.key.cmp(&b.key));
        selector
    }

    /// Reads a selector as `kubectl -l` and `?labelSelector=` take it.
    pub fn parse(text: &str) -> Result<Selector, SelectorError> {
        Parser::new(text).parse().map_err(SelectorError)
    }

    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: StringMap<'_>) -> bool {
        !self.matches_nothing && self.requirements.iter().all(|r| r.matches(labels))
    }
}

impl Requirement {
    fn matches(&self, labels: StringMap<'_>) -> bool {
        let value = labels.get(&self.key);
        let has = |value: &str| self.values.iter().any(|v| v == value);
        match self.operator {
            Operator::In => value.is_some_and(has),
            Operator::NotIn => !value.is_some_and(has),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan | Operator::LessThan => {
                let bound = self.values.first().and_then(|v| v.parse::<i64>().ok());
                let number = value.and_then(|v| v.parse::<i64>().ok());
                match (number, bound) {
                    (Some(n), Some(b)) if self.operator == Operator::GreaterThan => n > b,
                    (Some(n), Some(b)) => n < b,
                    _ => false,
                }
            }
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values.join(",");
        let key = &self.key;
        match self.operator {
            Operator::In if self.is_equality => write!(f, "{key}={values}"),
            Operator::NotIn if self.is_equality => write!(f, "{key}!={values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, requirement) in self.requirements.iter().enumerate() {
            write!(f, "{}{requirement}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// The words of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    Comma,
    Bang,
    Equals,
    DoubleEquals,
    NotEquals,
    Greater,
    Less,
    In,
    NotIn,
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(word) => word,
            Token::Open => "(",
            Token::Close => ")",
            Token::Comma => ",",
            Token::Bang => "!",
            Token::Equals => "=",
            Token::DoubleEquals => "==",
            Token::NotEquals => "!=",
            Token::Greater => ">",
            Token::Less => "<",
            Token::In => "in",
            Token::NotIn => "notin",
            Token::End => "",
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

fn is_symbol(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn tokens_of(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut follows = |expected: char| chars.next_if_eq(&expected).is_some();
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            '>' => tokens.push(Token::Greater),
            '<' => tokens.push(Token::Less),
            '!' if follows('=') => tokens.push(Token::NotEquals),
            '!' => tokens.push(Token::Bang),
            '=' if follows('=') => tokens.push(Token::DoubleEquals),
            '=' => tokens.push(Token::Equals),
            first => {
                let mut word = String::from(first);
                while let Some(c) = chars.next_if(|c| !is_symbol(*c) && !c.is_whitespace()) {
                    word.push(c);
                }
                tokens.push(match word.as_str() {
                    "in" => Token::In,
                    "notin" => Token::NotIn,
                    _ => Token::Word(word),
                });
            }
        }
    }
    tokens
}

impl Parser {
    fn new(text: &str) -> Parser {
        Parser { tokens: tokens_of(text), at: 0 }
    }

    fn peek(&self) -> Token {
        self.tokens.get(self.at).cloned().unwrap_or(Token::End)
    }

    /// Where only a key or a value can stand, `in` and `notin` are ordinary words.
    fn peek_word(&self) -> Token {
        match self.peek() {
            Token::In => Token::Word("in".into()),
            Token::NotIn => Token::Word("notin".into()),
            other => other,
        }
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn parse(mut self) -> Result<Selector, String> {
        let mut requirements = Vec::new();
        loop {
            match self.peek_word() {
                Token::Word(_) | Token::Bang => {
                    let requirement = self.requirement();
                    let unreadable = |why| format!("unable to parse requirement: {why}");
                    requirements.push(requirement.map_err(unreadable)?);
                    match self.peek() {
                        Token::End => break,
                        Token::Comma => {
                            self.advance();
                            let next = self.peek_word();
                            if !matches!(next, Token::Word(_) | Token::Bang) {
                                return Err(format!(
                                    "found '{}', expected: identifier after ','",
                                    next.text()
                                ));
                            }
                        }
                        other => {
                            return Err(format!(
                                "found '{}', expected: ',' or 'end of string'",
                                other.text()
                            ));
                        }
                    }
                }
                Token::End => break,
                other => {
                    return Err(format!(
                        "found '{}', expected: !, identifier, or 'end of string'",
                        other.text()
                    ));
                }
            }
        }
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Selector { requirements, matches_nothing: false })
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == Token::Bang;
        if negated {
            self.advance();
        }
        let Token::Word(key) = self.peek_word() else {
            return Err(format!("found '{}', expected: identifier", self.peek().text()));
        };
        check_key(&key)?;
        self.advance();
        let plain = |operator| Requirement {
            key: key.clone(),
            operator,
            values: Vec::new(),
            is_equality: false,
        };
        if negated {
            return Ok(plain(Operator::DoesNotExist));
        }
        let token = self.peek();
        let (operator, is_equality) = match token {
            Token::End | Token::Comma => return Ok(plain(Operator::Exists)),
            Token::Equals | Token::DoubleEquals => (Operator::In, true),
            Token::NotEquals => (Operator::NotIn, true),
            Token::In => (Operator::In, false),
            Token::NotIn => (Operator::NotIn, false),
            Token::Greater => (Operator::GreaterThan, true),
            Token::Less => (Operator::LessThan, true),
            other => {
                return Err(format!(
                    "found '{}', expected: in, notin, =, ==, !=, gt, lt",
                    other.text()
                ));
            }
        };
        self.advance();
        let mut values = if is_equality { vec![self.single_value()?] } else { self.values()? };
        values.sort();
        values.dedup();
        check_values(&key, operator, &values)?;
        Ok(Requirement { key, operator, values, is_equality })
    }

    fn single_value(&mut self) -> Result<String, String> {
        match self.peek_word() {
            Token::End | Token::Comma => Ok(String::new()),
            Token::Word(word) => {
                self.advance();
                Ok(word)
            }
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        if self.peek() != Token::Open {
            return Err(format!("found '{}' expected: '('", self.peek().text()));
        }
        self.advance();
        let mut values = Vec::new();
        loop {
            match self.peek_word() {
                Token::Word(word) => {
                    self.advance();
                    values.push(word);
                    match self.peek() {
                        Token::Comma => self.advance(),
                        Token::Close => {}
                        other => {
                            return Err(format!("found '{}', expected: ',' or ')'", other.text()));
                        }
                    }
                }
                Token::Comma => {
                    self.advance();
                    values.push(String::new());
                }
                Token::Close => {
                    self.advance();
                    if values.is_empty() {
                        values.push(String::new());
                    }
                    return Ok(values);
                }
                other => {
                    return Err(format!(
                        "found '{}', expected: ',', ')' or identifier",
                        other.text()
                    ));
                }
            }
        }
    }
}

fn check_key(key: &str) -> Result<(), String> {
    let problems = validation::qualified_name(key);
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("key: Invalid value: {}: {}", go::quote(key), problems.join("; ")))
}

fn check_values(key: &str, operator: Operator, values: &[String]) -> Result<(), String> {
    for (i, value) in values.iter().enumerate() {
        if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
            if value.parse::<i64>().is_err() {
                return Err(format!(
                    "values[{i}]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
                    go::quote(value)
                ));
            }
            continue;
        }
        let problems = validation::label_value(value);
        if !problems.is_empty() {
            return Err(format!(
                "values[{i}][{key}]: Invalid value: {}: {}",
                go::quote(value),
                problems.join("; ")
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Map, list, object};

    fn matches(selector: &str, labels: &[(&'static str, &'static str)]) -> bool {
        let labels: Map = labels.iter().copied().collect();
        Selector::parse(selector).expect("a selector").matches(StringMap(&labels))
    }

    #[test]
    fn selectors_select() {
        let web = [("app", "web"), ("tier", "front")];
        for (selector, expected) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app=db", false),
            ("app!=db", true),
            ("other!=db", true),
            ("app in (db, web)", true),
            ("app notin (db)", true),
            ("tier", true),
            ("!tier", false),
            ("!other", true),
            ("other in ()", false),
        ] {
            assert_eq!(matches(selector, &web), expected, "{selector}");
        }
        assert!(matches("cores>2", &[("cores", "4")]));
        assert!(!matches("cores<2", &[("cores", "4")]));
    }

    #[test]
    fn selectors_print_in_canonical_form() {
        let check = |text: &str, canonical: &str| {
            assert_eq!(Selector::parse(text).expect("a selector").to_string(), canonical);
        };
        check("b = 2 , a==1", "a=1,b=2");
        check("a in (z,y)", "a in (y,z)");
        check("a notin(x)", "a notin (x)");
        check("!a,b", "!a,b");
        check("a!=", "a!=");
    }

    #[test]
    fn a_text_that_is_no_selector_is_refused() {
        let check = |text: &str, message: &str| {
            let error = Selector::parse(text).expect_err("not a selector");
            assert_eq!(error.0, message, "{text}");
        };
        check("=web", "found '=', expected: !, identifier, or 'end of string'");
        check("a=b,", "found '', expected: identifier after ','");
        let unreadable = "unable to parse requirement: found 'b'";
        check("a b", &format!("{unreadable}, expected: in, notin, =, ==, !=, gt, lt"));
        check("a in b", &format!("{unreadable} expected: '('"));
        check("a=b c", "found 'c', expected: ',' or 'end of string'");
    }

    #[test]
    fn documents_mean_what_they_say() {
        let labels: Map = [("app", "web")].into_iter().collect();
        let matches =
            |document: &Value| Selector::from_document(document).matches(StringMap(&labels));
        assert!(!matches(&Value::Null));
        assert!(matches(&Value::EMPTY_MAP));
        assert!(matches(&object! { "matchLabels": object! { "app": "web" } }));
        assert!(!matches(&object! { "matchExpressions": list![
            object! { "key": "app", "operator": "NotIn", "values": list!["web"] }
        ] }));
    }
}
