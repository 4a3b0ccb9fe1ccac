//! `comm`

use super::{Options, Tool, input::Lines, options::misuse};
use crate::context::Context;
use std::cmp::Ordering;

pub(crate) const TOOL: Tool = Tool {
    name: "comm",
    usage: "[-123] FILE1 FILE2",
    about: "Compare FILE1 with FILE2",
    options: "1 2 3 !,check-order !,nocheck-order !,output-delimiter: !,total z,zero-terminated",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (first, second) = match options.operands.as_slice() {
        [first, second] => (first, second),
        [] => return misuse(&context, &TOOL, "missing operand"),
        [only] => {
            let message = format!("missing operand after {}", context.quoted(only));
            return misuse(&context, &TOOL, &message);
        }
        [_, _, extra, ..] => {
            let message = format!("extra operand {}", context.quoted(extra));
            return misuse(&context, &TOOL, &message);
        }
    };
    let mut files = Vec::new();
    for path in [first, second] {
        match context.open_input(path) {
            Ok(stream) => files.push(Lines::new(&context, stream)),
            Err(error) => {
                context.cannot_open(path, error);
                return 1;
            }
        }
    }
    let joint = options.value("output-delimiter").unwrap_or("\t").to_owned();
    let column = |number: usize, line: &str| {
        let keys = ["1", "2", "3"];
        if keys.get(number).is_some_and(|key| options.has(key)) {
            return;
        }
        let before = keys.iter().take(number).filter(|key| !options.has(key)).count();
        context.put(format!("{}{line}\n", joint.repeat(before)));
    };
    let mut heads: Vec<Option<String>> = Vec::new();
    for file in &mut files {
        heads.push(file.text().await.unwrap_or(None).map(|(line, _)| line));
    }
    loop {
        let ordering = match (heads.first().cloned().flatten(), heads.get(1).cloned().flatten()) {
            (None, None) => return 0,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(&b),
        };
        let number = match ordering {
            Ordering::Less => 0,
            Ordering::Greater => 1,
            Ordering::Equal => 2,
        };
        let shown = heads.get(number % 2).cloned().flatten().unwrap_or_default();
        column(number, &shown);
        for (which, file) in files.iter_mut().enumerate() {
            if number == 2 || number == which {
                let next = file.text().await.unwrap_or(None).map(|(line, _)| line);
                if let Some(head) = heads.get_mut(which) {
                    *head = next;
                }
            }
        }
    }
}
