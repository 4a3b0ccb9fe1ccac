//! Lines as Kubernetes' logger writes them: `W1123 16:26:41.588659   30388 helpers.go:704] …`.

use shell::Context;

/// A line of the given severity (`I`, `W`, `E`), said to come from `place`.
pub(crate) fn line(context: &Context, severity: char, place: &str, message: &str) -> String {
    let now = context.now().to_utc();
    let micros = context.now().nanos() % 1_000_000_000 / 1_000;
    format!(
        "{severity}{:02}{:02} {:02}:{:02}:{:02}.{micros:06} {:7} {place}] {message}\n",
        u8::from(now.month()),
        now.day(),
        now.hour(),
        now.minute(),
        now.second(),
        context.pid(),
    )
}
