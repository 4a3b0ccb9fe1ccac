//! `seq`

use super::{Options, Tool, options::misuse};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "seq",
    usage: "[-w] [-s SEP] [FIRST [INC]] LAST",
    about: "Print numbers from FIRST to LAST, in steps of INC. FIRST, INC default to 1.",
    options: "+ w,equal-width s,separator: f,format:",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// A decimal number as a whole number of units of the smallest digit.
#[derive(Clone, Copy)]
struct Decimal {
    units: i128,
    digits: u32,
}

impl Decimal {
    fn parse(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let fits = whole.len() + fraction.len() <= 30 && !(whole.is_empty() && fraction.is_empty());
        if !is_number(whole) || !is_number(fraction) || !fits {
            return None;
        }
        let units: i128 = format!("0{whole}{fraction}").parse().ok()?;
        Some(Decimal {
            units: if negative { -units } else { units },
            digits: fraction.len() as u32,
        })
    }

    fn scaled(self, digits: u32) -> i128 {
        self.units.saturating_mul(10_i128.saturating_pow(digits - self.digits))
    }
}

fn show(units: i128, digits: u32) -> String {
    if digits == 0 {
        return units.to_string();
    }
    let scale = 10_u128.saturating_pow(digits);
    let sign = if units < 0 { "-" } else { "" };
    let size = units.unsigned_abs();
    format!("{sign}{}.{:0width$}", size / scale, size % scale, width = digits as usize)
}

async fn run(context: Context) -> i32 {
    // Negative numbers look like options.
    let mut words = context.operands();
    let number = words.iter().position(|word| {
        word.starts_with('-') && word.chars().nth(1).is_some_and(|c| c.is_ascii_digit() || c == '.')
    });
    if let Some(number) = number
        && !words.iter().take(number).any(|word| !word.starts_with('-'))
    {
        words.insert(number, "--".to_owned());
    }
    let options = match Options::parse_words(&context, &TOOL, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return misuse(&context, &TOOL, if context.is_busybox() { "" } else { "missing operand" });
    }
    if options.operands.len() > 3 {
        let extra = options.operands.get(3).cloned().unwrap_or_default();
        let message = format!("extra operand {}", context.quoted(&extra));
        return misuse(&context, &TOOL, if context.is_busybox() { "" } else { &message });
    }
    let mut numbers = Vec::new();
    for text in &options.operands {
        let Some(number) = Decimal::parse(text) else {
            if context.is_busybox() {
                context.fail(format!("invalid number '{text}'"));
                return 1;
            }
            let message = format!("invalid floating point argument: {}", context.quoted(text));
            return misuse(&context, &TOOL, &message);
        };
        numbers.push(number);
    }
    let one = Decimal { units: 1, digits: 0 };
    let (first, step, last) = match numbers.as_slice() {
        [last] => (one, one, *last),
        [first, last] => (*first, one, *last),
        [first, step, last, ..] => (*first, *step, *last),
        [] => return 1,
    };
    let shown_digits = first.digits.max(step.digits);
    let digits = shown_digits.max(last.digits);
    let (mut value, step, end) = (first.scaled(digits), step.scaled(digits), last.scaled(digits));
    if step == 0 {
        if context.is_busybox() {
            value = end.saturating_add(1);
        } else {
            let text = options.operands.get(1).cloned().unwrap_or_default();
            let message = format!("invalid Zero increment value: {}", context.quoted(&text));
            return misuse(&context, &TOOL, &message);
        }
    }
    let drop = 10_i128.saturating_pow(digits - shown_digits);
    let text = |value: i128| show(value / drop, shown_digits);
    let width = match options.has("w") {
        true => text(value).len().max(text(end).len()),
        false => 0,
    };
    let separator = options.value("s").unwrap_or("\n");
    let mut any = false;
    while (step > 0 && value <= end) || (step < 0 && value >= end) {
        if any {
            context.put(separator);
        }
        let mut shown = text(value);
        if let Some(format) = options.value("f") {
            shown = super::printf::format(
                format,
                &[shown],
                context.now(),
                super::printf::Manner::Modern,
            )
            .text;
        }
        if shown.len() < width {
            let (sign, digits) = match shown.strip_prefix('-') {
                Some(digits) => ("-", digits.to_owned()),
                None => ("", shown.clone()),
            };
            shown = format!("{sign}{digits:0>width$}", width = width - sign.len());
        }
        context.put(shown);
        any = true;
        value = value.saturating_add(step);
        if context.unwritten_bytes() > 32_768 {
            context.work(10).await;
            if context.flush().await.is_err() {
                return 1;
            }
        }
    }
    if any {
        context.put("\n");
    }
    0
}
