//! `paste`

use super::{Options, Tool, input::Lines, input::or_stdin};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "paste",
    usage: "[-d LIST] [-s] [FILE]...",
    about: "Paste lines from each input file together using tab(s) between",
    options: "d,delimiters: s,serial !z,zero-terminated",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let list = options.value("d").unwrap_or("\t").replace("\\0", "\u{0}");
    let (list, _) = crate::escapes::expand(&list, crate::escapes::Style::FORMAT);
    let delimiters: Vec<char> = list.chars().collect();
    let delimiter = |number: usize| match delimiters.get(number % delimiters.len().max(1)) {
        Some('\0') | None => String::new(),
        Some(character) => character.to_string(),
    };
    let mut files = Vec::new();
    // Whose line stands in which column: standard input is one file, however often it is named.
    let mut columns = Vec::new();
    let mut stdin = None;
    for path in or_stdin(&options.operands) {
        if let (Some(at), "-") = (stdin, path.as_str()) {
            columns.push(at);
            continue;
        }
        if path == "-" {
            stdin = Some(files.len());
        }
        match context.open_input(&path) {
            Ok(stream) => {
                columns.push(files.len());
                files.push(Lines::new(&context, stream));
            }
            Err(error) => {
                context.cannot_open(&path, error);
                return 1;
            }
        }
    }
    if options.has("s") {
        for mut file in files {
            let mut text = String::new();
            let mut number = 0;
            while let Ok(Some((line, _))) = file.text().await {
                if number > 0 {
                    text.push_str(&delimiter(number - 1));
                }
                text.push_str(&line);
                number += 1;
            }
            context.put(text + "\n");
        }
        return 0;
    }
    loop {
        let mut fields = Vec::new();
        let mut any = false;
        for at in &columns {
            let line = match files.get_mut(*at) {
                Some(file) => file.text().await.unwrap_or(None),
                None => None,
            };
            any |= line.is_some();
            fields.push(line.map_or(String::new(), |(line, _)| line));
        }
        if !any {
            return 0;
        }
        let mut text = String::new();
        for (number, field) in fields.iter().enumerate() {
            if number > 0 {
                text.push_str(&delimiter(number - 1));
            }
            text.push_str(field);
        }
        context.put(text + "\n");
        if context.flush_some().await.is_err() {
            return 1;
        }
    }
}
