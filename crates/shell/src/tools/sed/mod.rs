//! `sed`

mod parse;
mod run;
mod substitute;

use super::{Options, Tool, options::misuse};
use crate::context::Context;
use crate::regex::Regex;
use std::rc::Rc;

pub(crate) const TOOL: Tool = Tool {
    name: "sed",
    directory: "/bin",
    usage: "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...",
    about: "",
    options: "n,quiet,silent e,expression: f,file: i,in-place:: r E,regexp-extended s,separate !u,unbuffered !z,null-data !,posix !,debug !l,line-length: !b,binary",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// What a command applies to.
#[derive(Clone, Debug)]
enum Address {
    Line(u64),
    Last,
    /// `None`: the expression used last.
    Match(Option<Rc<Regex>>),
    /// `first~step`
    Step(u64, u64),
    /// As a second address, `+N`.
    After(u64),
    /// As a second address, `~N`.
    Multiple(u64),
}

#[derive(Clone, Debug)]
struct Command {
    first: Option<Address>,
    second: Option<Address>,
    negated: bool,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    /// Where the block ends: there it goes on if the address does not match.
    Block(usize),
    BlockEnd,
    Append(String),
    Insert(String),
    Change(String),
    /// Where to go on; `None`: at the end.
    Branch(Option<usize>),
    BranchIf(Option<usize>),
    BranchUnless(Option<usize>),
    Delete,
    DeleteFirst,
    Number,
    FileName,
    Get,
    GetAppend,
    Hold,
    HoldAppend,
    List,
    Next,
    NextAppend,
    Print,
    PrintFirst,
    Quit(i32),
    QuitSilently(i32),
    Read(String),
    Write(String),
    Substitute(Rc<Substitution>),
    Exchange,
    Translate(Vec<(char, char)>),
    Zap,
    Nothing,
}

#[derive(Debug)]
struct Substitution {
    /// `None`: the expression used last.
    regex: Option<Rc<Regex>>,
    replacement: Vec<Piece>,
    global: bool,
    print: bool,
    /// Which match is replaced first.
    number: usize,
    write: Option<String>,
}

/// A part of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
    Case(Case),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Upper,
    Lower,
    UpperNext,
    LowerNext,
    End,
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut operands = options.operands.clone();
    let mut scripts = Vec::new();
    for (key, value) in options.iter() {
        match (key, value) {
            ("e", Some(text)) => scripts.push(text.to_owned()),
            ("f", Some(path)) => match context.read_operand_quietly(path).await {
                Ok(bytes) => {
                    let text = crate::text::decode(&bytes);
                    scripts.push(text.strip_suffix('\n').unwrap_or(&text).to_owned());
                }
                Err(error) => {
                    context.fail(match context.is_busybox() {
                        true => format!("can't open '{path}': {error}"),
                        false => format!("couldn't open file {path}: {error}"),
                    });
                    return 1;
                }
            },
            _ => {}
        }
    }
    if scripts.is_empty() {
        if operands.is_empty() {
            if context.is_busybox() {
                return misuse(&context, &TOOL, "");
            }
            context.complain(format!(
                "Usage: {} [OPTION]... {{script-only-if-no-other-script}} [input-file]...\n",
                context.name()
            ));
            return 1;
        }
        scripts.push(operands.remove(0));
    }
    let extended = options.has("E") || options.has("r");
    let parsed = parse::parse(&scripts, extended, context.is_busybox());
    let (commands, quiet_by_script) = match parsed {
        Ok(parsed) => parsed,
        Err(message) => {
            context.fail(message);
            return 1;
        }
    };
    let in_place = options.iter().find(|(key, _)| *key == "i");
    let settings = run::Settings {
        quiet: options.has("n") || quiet_by_script,
        in_place: in_place.map(|(_, suffix)| suffix.unwrap_or_default().to_owned()),
        separate: options.has("s") || options.has("i"),
        end: if options.has("z") { b'\0' } else { b'\n' },
    };
    run::Editor::new(context, commands, settings).run(operands).await
}
