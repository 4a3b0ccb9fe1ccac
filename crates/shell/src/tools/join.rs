//! `join`

use super::{Home, Options, Tool, options::misuse};
use crate::context::Context;
use std::cmp::Ordering;

pub(crate) const TOOL: Tool = Tool {
    name: "join",
    home: Home::Gnu,
    usage: "[OPTION]... FILE1 FILE2",
    about: "For each pair of input lines with identical join fields, write a line to standard output.",
    options: "a: e: i,ignore-case j: 1: 2: t: v: o: ,header ,check-order ,nocheck-order",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

struct Table {
    rows: Vec<Vec<String>>,
    field: usize,
}

impl Table {
    fn key(&self, row: usize) -> &str {
        let row = self.rows.get(row);
        row.and_then(|row| row.get(self.field)).map_or("", String::as_str)
    }

    fn others(&self, row: usize) -> Vec<&str> {
        let row = self.rows.get(row).map_or(&[][..], Vec::as_slice);
        let others = row.iter().enumerate().filter(|(number, _)| *number != self.field);
        others.map(|(_, field)| field.as_str()).collect()
    }
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [first, second] = options.operands.as_slice() else {
        let message = match options.operands.as_slice() {
            [] => "missing operand".to_owned(),
            [only] => format!("missing operand after {}", context.quoted(only)),
            [.., extra] => format!("extra operand {}", context.quoted(extra)),
        };
        return misuse(&context, &TOOL, &message);
    };
    let separator = options.value("t").and_then(|text| text.chars().next());
    let field = |key: &str| {
        let text = options.value(key).or(options.value("j"));
        text.and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).saturating_sub(1)
    };
    let mut tables = Vec::new();
    for (path, key) in [(first, "1"), (second, "2")] {
        let Some(bytes) = context.read_operand(path).await else {
            return 1;
        };
        let text = crate::text::decode(&bytes);
        let split = |line: &str| match separator {
            Some(separator) => line.split(separator).map(str::to_owned).collect(),
            None => line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        };
        tables.push(Table { rows: text.lines().map(split).collect(), field: field(key) });
    }
    let joint = separator.map_or(" ".to_owned(), |separator| separator.to_string());
    let unpaired = |number: &str| {
        options.values("a").any(|value| value == number)
            || options.values("v").any(|value| value == number)
    };
    let only_unpaired = options.value("v").is_some();
    let put = |fields: &[&str]| context.put(fields.join(&joint) + "\n");
    let [left, right] = tables.as_slice() else {
        return 1;
    };
    let fold = |text: &str| if options.has("i") { text.to_lowercase() } else { text.to_owned() };
    let (mut i, mut j) = (0, 0);
    while i < left.rows.len() || j < right.rows.len() {
        let ordering = match (i < left.rows.len(), j < right.rows.len()) {
            (true, false) => Ordering::Less,
            (false, _) => Ordering::Greater,
            _ => fold(left.key(i)).cmp(&fold(right.key(j))),
        };
        match ordering {
            Ordering::Less => {
                if unpaired("1") {
                    put(&[vec![left.key(i)], left.others(i)].concat());
                }
                i += 1;
            }
            Ordering::Greater => {
                if unpaired("2") {
                    put(&[vec![right.key(j)], right.others(j)].concat());
                }
                j += 1;
            }
            Ordering::Equal => {
                let key = left.key(i).to_owned();
                let same_left = (i..left.rows.len()).take_while(|n| left.key(*n) == key).count();
                let same_right = (j..right.rows.len()).take_while(|n| right.key(*n) == key).count();
                for x in i..i + same_left.max(1) {
                    for y in j..j + same_right.max(1) {
                        if !only_unpaired {
                            put(&[vec![key.as_str()], left.others(x), right.others(y)].concat());
                        }
                    }
                    context.work(same_right as u32).await;
                }
                i += same_left.max(1);
                j += same_right.max(1);
            }
        }
    }
    0
}
