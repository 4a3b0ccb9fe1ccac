//! `shuf`

use super::{Options, Tool};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "shuf",
    usage: "[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]",
    about: "Randomly permute lines",
    options: "n,head-count: o,output: z,zero-terminated e,echo i,input-range: r,repeat !,random-source:",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How many items there may be.
const LIMIT_ITEMS: u64 = 1_000_000;

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let end = if options.has("z") { '\0' } else { '\n' };
    let mut items: Vec<String> = if options.has("e") {
        options.operands.clone()
    } else if let Some(range) = options.value("i") {
        let bounds = range
            .split_once('-')
            .and_then(|(low, high)| Some((low.parse::<u64>().ok()?, high.parse::<u64>().ok()?)));
        match bounds {
            Some((low, high)) if low <= high && high - low < LIMIT_ITEMS => {
                (low..=high).map(|number| number.to_string()).collect()
            }
            _ => {
                context.fail(match context.is_busybox() {
                    true => format!("bad range '{range}'"),
                    false => format!("invalid input range: {}", context.quoted(range)),
                });
                return 1;
            }
        }
    } else {
        let path = options.operands.first().map_or("-", String::as_str);
        let Some(bytes) = context.read_operand(path).await else {
            return 1;
        };
        let text = crate::text::decode(&bytes);
        let text = text.strip_suffix(end).unwrap_or(&text);
        if text.is_empty() { Vec::new() } else { text.split(end).map(str::to_owned).collect() }
    };
    let count = options.value("n").and_then(|text| text.parse::<usize>().ok());
    let mut chosen = Vec::new();
    if options.has("r") && !items.is_empty() {
        for _ in 0..count.unwrap_or(1_000).min(LIMIT_ITEMS as usize) {
            let at = context.machine().random() as usize % items.len();
            chosen.extend(items.get(at).cloned());
        }
    } else {
        for left in (1..items.len()).rev() {
            items.swap(left, context.machine().random() as usize % (left + 1));
        }
        items.truncate(count.unwrap_or(usize::MAX));
        chosen = items;
    }
    let text: String = chosen.iter().flat_map(|item| [item.clone(), end.to_string()]).collect();
    match options.value("o") {
        Some(path) => {
            if let Err(error) = context.write_file(path, &crate::text::encode(&text)) {
                context.cannot_open(path, error);
                return 1;
            }
        }
        None => context.put(text),
    }
    0
}
