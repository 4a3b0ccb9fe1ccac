//! `md5sum`, `sha1sum`, `sha256sum`, `sha512sum`, `cksum`

use super::{Options, Tool, input::or_stdin};
use crate::context::Context;
use sha2::Digest;

const OPTIONS: &str = "b,binary c,check t,text !,tag !z,zero s,status !,status !,quiet w,warn !,strict !,ignore-missing";

pub(crate) const MD5SUM: Tool = sum_tool("md5sum", |context| Box::pin(sums(context, md5)));
pub(crate) const SHA1SUM: Tool = sum_tool("sha1sum", |context| Box::pin(sums(context, sha1)));
pub(crate) const SHA256SUM: Tool = sum_tool("sha256sum", |context| Box::pin(sums(context, sha256)));
pub(crate) const SHA512SUM: Tool = sum_tool("sha512sum", |context| Box::pin(sums(context, sha512)));

pub(crate) const CKSUM: Tool = Tool {
    name: "cksum",
    usage: "FILE...",
    about: "Calculate CRC32 checksum of FILEs",
    options: "!a,algorithm:",
    run: |context| Box::pin(cksum(context)),
    ..super::TOOL
};

const fn sum_tool(name: &'static str, run: fn(Context) -> crate::program::Run) -> Tool {
    Tool {
        name,
        usage: "[-c[sw]] [FILE]...",
        about: "Print or check checksums",
        options: OPTIONS,
        run,
        ..super::TOOL
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn md5(bytes: &[u8]) -> String {
    hex(&md5::Md5::digest(bytes))
}

fn sha1(bytes: &[u8]) -> String {
    hex(&sha1::Sha1::digest(bytes))
}

fn sha256(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

fn sha512(bytes: &[u8]) -> String {
    hex(&sha2::Sha512::digest(bytes))
}

async fn sums(context: Context, sum: fn(&[u8]) -> String) -> i32 {
    // All four have the same options.
    let options = match Options::parse(&context, &MD5SUM) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    for path in or_stdin(&options.operands) {
        let Some(bytes) = context.read_operand(&path).await else {
            status = 1;
            continue;
        };
        if options.has("c") {
            status |= check(&context, &path, &bytes, &options, sum).await;
        } else if options.has("tag") {
            let name = context.name().trim_end_matches("sum").to_uppercase();
            context.put(format!("{name} ({path}) = {}\n", sum(&bytes)));
        } else {
            let mode = if options.has("b") && !context.is_busybox() { '*' } else { ' ' };
            context.put(format!("{} {mode}{path}\n", sum(&bytes)));
        }
    }
    status
}

async fn check(
    context: &Context,
    list: &str,
    bytes: &[u8],
    options: &Options,
    sum: fn(&[u8]) -> String,
) -> i32 {
    let (mut wrong, mut unreadable, mut good) = (0, 0, 0);
    for line in crate::text::decode(bytes).lines() {
        let Some((expected, path)) = line.split_once(' ') else {
            continue;
        };
        let path = path.strip_prefix([' ', '*']).unwrap_or(path);
        let quiet = options.has("s") || options.has("status");
        match context.read_operand(path).await {
            None => {
                unreadable += 1;
                if !quiet && !context.is_busybox() {
                    context.put(format!("{path}: FAILED open or read\n"));
                } else if !quiet {
                    context.put(format!("{path}: FAILED\n"));
                }
            }
            Some(content) if sum(&content) == expected.to_ascii_lowercase() => {
                good += 1;
                if !quiet && !options.has("quiet") {
                    context.put(format!("{path}: OK\n"));
                }
            }
            Some(_) => {
                wrong += 1;
                if !quiet {
                    context.put(format!("{path}: FAILED\n"));
                }
            }
        }
    }
    if wrong + unreadable + good == 0 {
        context.fail(format!("{list}: no properly formatted checksum lines found"));
        return 1;
    }
    let total = wrong + unreadable + good;
    if context.is_busybox() {
        if wrong + unreadable > 0 {
            context.fail(format!(
                "WARNING: {} of {total} computed checksums did NOT match",
                wrong + unreadable
            ));
        }
    } else {
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        if unreadable > 0 {
            context.fail(format!(
                "WARNING: {unreadable} listed file{} could not be read",
                plural(unreadable)
            ));
        }
        if wrong > 0 {
            context
                .fail(format!("WARNING: {wrong} computed checksum{} did NOT match", plural(wrong)));
        }
    }
    i32::from(wrong + unreadable > 0)
}

/// POSIX's CRC, which includes the length.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: u8| {
        let mut crc = crc ^ u32::from(byte) << 24;
        for _ in 0..8 {
            crc = if crc & 0x8000_0000 != 0 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 };
        }
        crc
    };
    let mut value = bytes.iter().fold(0, |crc, byte| step(crc, *byte));
    let mut length = bytes.len() as u64;
    while length > 0 {
        value = step(value, length as u8);
        length >>= 8;
    }
    !value
}

async fn cksum(context: Context) -> i32 {
    let options = match Options::parse(&context, &CKSUM) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    for path in or_stdin(&options.operands) {
        match context.read_operand(&path).await {
            Some(bytes) => {
                let name =
                    if options.operands.is_empty() { String::new() } else { format!(" {path}") };
                context.put(format!("{} {}{name}\n", crc(&bytes), bytes.len()));
            }
            None => status = 1,
        }
    }
    status
}
