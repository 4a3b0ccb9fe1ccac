//! `sprintf`

use super::value::Value;
use crate::tools::printf;
use sim::Time;

/// Formats values as C's `printf` does.
pub(super) fn sprintf(format: &str, values: &[Value], convert: &str) -> String {
    let mut arguments = Vec::new();
    let mut values = values.iter();
    let mut chars = format.chars().peekable();
    // What the text formatter is given: no escapes are left to be replaced.
    let plain = format.replace('\\', "\\\\");
    while let Some(character) = chars.next() {
        if character != '%' {
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            continue;
        }
        for next in chars.by_ref() {
            match next {
                '*' => arguments.push(whole(values.next())),
                '-' | '+' | ' ' | '#' | '.' | '0'..='9' | 'h' | 'l' | 'L' | 'q' => {}
                'd' | 'i' | 'o' | 'x' | 'X' | 'u' => {
                    arguments.push(whole(values.next()));
                    break;
                }
                'c' => {
                    arguments.push(character_of(values.next(), convert));
                    break;
                }
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                    arguments.push(format!("{}", values.next().map_or(0.0, Value::number)));
                    break;
                }
                _ => {
                    let text = values.next().map(|value| value.to_text(convert).to_string());
                    arguments.push(text.unwrap_or_default());
                    break;
                }
            }
        }
    }
    // The formatter begins again while arguments are left: there are exactly as many as needed.
    printf::format(&plain, &arguments, Time::EPOCH, printf::Manner::Modern).text
}

fn whole(value: Option<&Value>) -> String {
    let number = value.map_or(0.0, Value::number);
    format!("{}", number.clamp(i64::MIN as f64, i64::MAX as f64) as i64)
}

fn character_of(value: Option<&Value>, convert: &str) -> String {
    match value {
        Some(Value::Number(number) | Value::Numeric(_, number)) => {
            char::from_u32(*number as u32).map(String::from).unwrap_or_default()
        }
        Some(value) => value.to_text(convert).chars().take(1).collect(),
        None => String::new(),
    }
}

/// One number by one conversion.
pub(super) fn format_number(format: &str, number: f64) -> String {
    sprintf(format, &[Value::Number(number)], "%.6g")
}
