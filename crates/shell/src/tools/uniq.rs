//! `uniq`

use super::{Options, Tool, input::Lines};
use crate::context::Context;
use crate::fs::OpenOptions;

pub(crate) const TOOL: Tool = Tool {
    name: "uniq",
    usage: "[-cduiz] [-f,s,w N] [FILE [OUTFILE]]",
    about: "Discard duplicate lines",
    options: "c,count d,repeated u,unique i,ignore-case f,skip-fields: s,skip-chars: w,check-chars: !D z,zero-terminated",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

struct Compare {
    fields: usize,
    chars: usize,
    most: usize,
    ignore_case: bool,
}

impl Compare {
    fn key(&self, line: &str) -> String {
        let mut rest = line;
        for _ in 0..self.fields {
            rest = rest.trim_start_matches([' ', '\t']);
            rest = rest.trim_start_matches(|c| c != ' ' && c != '\t');
        }
        let key: String = rest.chars().skip(self.chars).take(self.most).collect();
        if self.ignore_case { key.to_lowercase() } else { key }
    }
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let number = |key: &str, default: usize| {
        options.value(key).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let compare = Compare {
        fields: number("f", 0),
        chars: number("s", 0),
        most: number("w", usize::MAX),
        ignore_case: options.has("i"),
    };
    let path = options.operands.first().map_or("-", String::as_str);
    let stream = match context.open_input(path) {
        Ok(stream) => stream,
        Err(error) => {
            context.cannot_open(path, error);
            return 1;
        }
    };
    if let Some(output) = options.operands.get(1).filter(|path| *path != "-") {
        match context.open(output, OpenOptions::WRITE) {
            Ok(stream) => drop(context.process().set_descriptor(1, stream)),
            Err(error) => {
                context.cannot_open(output, error);
                return 1;
            }
        }
    }
    let show = |line: &str, count: u64| {
        let wanted = match (options.has("d"), options.has("u")) {
            (true, true) => false,
            (true, false) => count > 1,
            (false, true) => count == 1,
            (false, false) => true,
        };
        if wanted && options.has("c") {
            context.put(format!("{count:7} {line}\n"));
        } else if wanted {
            context.put(format!("{line}\n"));
        }
    };
    let mut lines = Lines::new(&context, stream);
    let mut current: Option<(String, String, u64)> = None;
    loop {
        let line = match lines.text().await {
            Ok(Some((line, _))) => line,
            Ok(None) => break,
            Err(_) => {
                context.fail(format!("error reading '{path}'"));
                return 1;
            }
        };
        let key = compare.key(&line);
        match &mut current {
            Some((_, last, count)) if *last == key => *count += 1,
            _ => {
                if let Some((line, _, count)) = current.replace((line, key, 1)) {
                    show(&line, count);
                }
            }
        }
    }
    if let Some((line, _, count)) = current {
        show(&line, count);
    }
    0
}
