//! `mapfile`, `readarray`

use super::{BASH, Builtin, Outcome, options};
use crate::interpreter::{Key, Shell};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "mapfile",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(mapfile(shell, words)),
    },
    Builtin {
        name: "readarray",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(mapfile(shell, words)),
    },
];

async fn mapfile(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let (flags, operands) = match options(&words, "d:n:O:s:tu:C:c:") {
        Ok(parsed) => parsed,
        Err(letter) => {
            let usage = "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]";
            return shell.bad_option("mapfile", letter, usage);
        }
    };
    let value = |wanted: char| flags.iter().find(|(letter, _)| *letter == wanted).map(|(_, v)| v);
    let number = |wanted: char| value(wanted).and_then(|text| text.parse::<usize>().ok());
    let end = value('d').map_or(b'\n', |text| text.bytes().next().unwrap_or(0));
    let name = operands.first().map_or("MAPFILE", String::as_str);
    let stream = match shell.context.stream(number('u').unwrap_or(0) as u32) {
        Ok(stream) => stream,
        Err(_) => return Ok(1),
    };
    let most = number('n').filter(|count| *count > 0).unwrap_or(usize::MAX);
    let skip = number('s').unwrap_or(0);
    let mut lines = Vec::new();
    let mut seen = 0;
    while lines.len() < most {
        let mut line = shell.context.read_line(&stream, end).await.unwrap_or_default();
        if line.is_empty() {
            break;
        }
        seen += 1;
        if seen <= skip {
            continue;
        }
        if value('t').is_some() && line.last() == Some(&end) {
            line.pop();
        }
        shell.context.hold(lines.len() * 16).await;
        lines.push(crate::text::decode(&line));
    }
    let origin = number('O').unwrap_or(0) as i64;
    let elements = (origin..).map(|n| Some(Key::Number(n))).zip(lines).collect();
    if shell.assign_list(name, elements, value('O').is_some()).is_err() {
        return Err(shell.complain_read_only(name));
    }
    Ok(0)
}
