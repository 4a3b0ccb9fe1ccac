//! `dd`

use super::{Tool, count};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::OpenOptions;
use crate::stream::Handle;

pub(crate) const TOOL: Tool = Tool {
    name: "dd",
    directory: "/bin",
    usage: "[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N] [conv=notrunc|noerror|sync|fsync] [status=none|noxfer]",
    about: "Copy a file with converting and formatting",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// The largest block: more would be held in memory.
const LIMIT_BLOCK: u64 = 64 * 1024 * 1024;

#[derive(Default)]
struct Request {
    input: Option<String>,
    output: Option<String>,
    input_block: u64,
    output_block: u64,
    count: Option<u64>,
    skip: u64,
    seek: u64,
    keep: bool,
    quiet: bool,
    no_speed: bool,
    append: bool,
}

fn parse(context: &Context) -> Result<Request, String> {
    let mut request = Request { input_block: 512, output_block: 512, ..Request::default() };
    for word in context.operands() {
        let Some((name, value)) = word.split_once('=') else {
            return Err(match context.is_busybox() {
                true => format!("invalid argument '{word}'"),
                false => format!("unrecognized operand {}", context.quoted(&word)),
            });
        };
        let number = || {
            count::parse(value).ok_or_else(|| match context.is_busybox() {
                true => format!("invalid number '{value}'"),
                false => format!("invalid number: {}", context.quoted(value)),
            })
        };
        match name {
            "if" => request.input = Some(value.to_owned()),
            "of" => request.output = Some(value.to_owned()),
            "bs" => (request.input_block, request.output_block) = (number()?, number()?),
            "ibs" => request.input_block = number()?,
            "obs" => request.output_block = number()?,
            "count" => request.count = Some(number()?),
            "skip" | "iseek" => request.skip = number()?,
            "seek" | "oseek" => request.seek = number()?,
            "conv" => request.keep = value.split(',').any(|one| one == "notrunc"),
            "oflag" => request.append = value.split(',').any(|one| one == "append"),
            "iflag" => {}
            "status" => {
                request.quiet = value == "none";
                request.no_speed = value == "noxfer";
            }
            _ => return Err(format!("unrecognized operand {}", context.quoted(&word))),
        }
    }
    request.input_block = request.input_block.clamp(1, LIMIT_BLOCK);
    Ok(request)
}

async fn run(context: Context) -> i32 {
    let request = match parse(&context) {
        Ok(request) => request,
        Err(message) => {
            context.fail(message);
            return 1;
        }
    };
    let started = context.now();
    let complain = |path: &str, error: Errno| match context.is_busybox() {
        true => context.fail(format!("can't open '{path}': {error}")),
        false => context.fail(format!("failed to open '{path}': {error}")),
    };
    let input = match &request.input {
        Some(path) => context.open(path, OpenOptions::READ).map_err(|error| (path.clone(), error)),
        None => context.stream(0).map_err(|error| ("stdin".to_owned(), error)),
    };
    let truncates = !request.keep && request.seek == 0 && !request.append;
    let options = OpenOptions {
        write: true,
        create: true,
        truncate: truncates,
        append: request.append,
        ..OpenOptions::default()
    };
    let output = match &request.output {
        Some(path) => context.open(path, options).map_err(|error| (path.clone(), error)),
        None => context.stream(1).map_err(|error| ("stdout".to_owned(), error)),
    };
    let (input, output) = match (input, output) {
        (Ok(input), Ok(output)) => (input, output),
        (Err((path, error)), _) | (_, Err((path, error))) => {
            complain(&path, error);
            return 1;
        }
    };
    if let Some(file) = output.file()
        && request.seek > 0
    {
        let offset = request.seek.saturating_mul(request.output_block);
        file.seek(offset);
        if !request.keep {
            let _ = file.truncate(offset);
        }
    }
    let copied = copy(&context, &request, &input, &output).await;
    if !request.quiet {
        report(&context, &request, &copied, started);
    }
    match copied.error {
        None => 0,
        Some(error) => {
            let path = request.output.as_deref().unwrap_or("standard output");
            match context.is_busybox() {
                true => context.fail(format!("error writing '{path}': {error}")),
                false => context.fail(format!("error writing '{path}': {error}")),
            }
            1
        }
    }
}

#[derive(Default)]
struct Copied {
    read: (u64, u64),
    written: (u64, u64),
    bytes: u64,
    error: Option<Errno>,
}

async fn copy(context: &Context, request: &Request, input: &Handle, output: &Handle) -> Copied {
    let mut copied = Copied::default();
    let mut skipped = 0;
    let size = request.input_block as usize;
    loop {
        let is_enough = request.count.is_some_and(|count| copied.read.0 + copied.read.1 >= count);
        if is_enough {
            return copied;
        }
        let block = match context.read_stream(input, size).await {
            Ok(block) => block,
            Err(error) => {
                copied.error = Some(error);
                return copied;
            }
        };
        if block.is_empty() {
            return copied;
        }
        if skipped < request.skip {
            skipped += 1;
            continue;
        }
        let is_full = block.len() == size;
        let tally = |counts: &mut (u64, u64)| match is_full {
            true => counts.0 += 1,
            false => counts.1 += 1,
        };
        tally(&mut copied.read);
        if let Err(error) = context.write_stream(output, &block).await {
            copied.error = Some(error);
            return copied;
        }
        tally(&mut copied.written);
        copied.bytes += block.len() as u64;
    }
}

fn report(context: &Context, request: &Request, copied: &Copied, started: sim::Time) {
    let bytes = copied.bytes;
    let mut text = format!(
        "{}+{} records in\n{}+{} records out\n",
        copied.read.0, copied.read.1, copied.written.0, copied.written.1
    );
    if !request.no_speed {
        let micros = context.now().since(started).as_micros().max(1) as u64;
        let speed = bytes.saturating_mul(1_000_000) / micros;
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        if context.is_busybox() {
            let size = count::human(bytes);
            text.push_str(&format!(
                "{bytes} bytes ({size}B) copied, {seconds} seconds, {}B/s\n",
                count::human(speed)
            ));
        } else {
            let sizes = match bytes {
                0..1000 => String::new(),
                1000..1024 => format!(" ({})", decimal(bytes)),
                _ => format!(" ({}, {}iB)", decimal(bytes), binary(bytes)),
            };
            text.push_str(&format!(
                "{bytes} byte{}{sizes} copied, {seconds} s, {}/s\n",
                if bytes == 1 { "" } else { "s" },
                decimal(speed)
            ));
        }
    }
    context.complain(text);
}

/// `1.0 kB`, `34 MB`
fn decimal(bytes: u64) -> String {
    scaled(bytes, 1000, &["B", "kB", "MB", "GB", "TB"], " ")
}

/// `1.0 K`
fn binary(bytes: u64) -> String {
    scaled(bytes, 1024, &["", "K", "M", "G", "T"], " ")
}

fn scaled(bytes: u64, base: u64, units: &[&str], gap: &str) -> String {
    let mut unit = 1;
    for (number, name) in units.iter().enumerate() {
        let next = unit * base;
        if bytes < next || number + 1 == units.len() {
            let tenths = bytes.saturating_mul(10) / unit;
            return match (number, tenths < 100) {
                (0, _) => format!("{bytes}{gap}{name}"),
                (_, true) => format!("{}.{}{gap}{name}", tenths / 10, tenths % 10),
                _ => format!("{}{gap}{name}", tenths / 10),
            };
        }
        unit = next;
    }
    String::new()
}
