//! curl, as version 7.88 behaves, for what people do with it in a cluster.

use crate::connection::ConnectError;
use crate::host::Host;
use crate::http::{Request, RequestError, send};
use crate::message::{Response, Url};
use crate::network::Network;
use shell::{Context, Either, Program, race};
use sim::Duration;

const USAGE: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";
const HELP: &str = "\
Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -H, --header <header>      Pass custom header(s) to server
 -I, --head                 Show document info only
 -i, --include              Include protocol response headers in the output
 -m, --max-time <seconds>   Maximum time allowed for the transfer
 -o, --output <file>        Write to file instead of stdout
 -S, --show-error           Show error even when -s is used
 -s, --silent               Silent mode
 -v, --verbose              Make the operation more talkative
 -w, --write-out <format>   Use output FORMAT after completion
 -X, --request <method>     Specify request method to use
";
/// How long is waited when nobody says.
const TIME_MAX: Duration = Duration::from_secs(24 * 3600);

/// What the command line asks for.
#[derive(Default)]
struct Options {
    urls: Vec<String>,
    request: Request,
    output: Option<String>,
    write_out: Option<String>,
    connect_timeout: Option<Duration>,
    max_time: Option<Duration>,
    is_silent: bool,
    shows_errors: bool,
    includes_head: bool,
    is_verbose: bool,
    fails: bool,
}

/// Why a command line is wrong: the exit code and what is said.
type Wrong = (i32, String);

/// The program `curl` on a machine of the network.
pub fn curl(network: Network, from: Host) -> impl Program {
    move |context: Context| run(context, network.clone(), from.clone())
}

async fn run(context: Context, network: Network, from: Host) -> i32 {
    let words = context.operands();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        context.put(HELP);
        return 0;
    }
    let options = match parse(&words) {
        Ok(options) => options,
        Err((code, text)) => {
            context.complain(text);
            return code;
        }
    };
    let mut code = 0;
    for url in &options.urls {
        code = fetch(&context, &network, &from, &options, url).await;
    }
    code
}

/// The long names of options that have a letter.
const NAMES: [(&str, char); 14] = [
    ("silent", 's'),
    ("show-error", 'S'),
    ("include", 'i'),
    ("head", 'I'),
    ("verbose", 'v'),
    ("fail", 'f'),
    ("location", 'L'),
    ("insecure", 'k'),
    ("output", 'o'),
    ("write-out", 'w'),
    ("max-time", 'm'),
    ("header", 'H'),
    ("request", 'X'),
    ("data", 'd'),
];

fn parse(words: &[String]) -> Result<Options, Wrong> {
    let mut options = Options::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if let Some(name) = word.strip_prefix("--").filter(|name| !name.is_empty()) {
            let letter = NAMES.iter().find(|(other, _)| *other == name).map(|(_, letter)| *letter);
            match (name, letter) {
                ("connect-timeout", _) => {
                    options.connect_timeout = Some(seconds(&value(word, None, &mut rest)?)?);
                }
                ("no-progress-meter" | "http1.1" | "compressed", _) => {}
                (_, Some(letter)) => apply(&mut options, letter, word, None, &mut rest)?,
                _ => return Err((2, format!("curl: option {word}: is unknown\n{USAGE}"))),
            }
        } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                let attached = Some(letters.as_str()).filter(|text| !text.is_empty());
                let takes_value = "owmHXd".contains(letter);
                apply(&mut options, letter, &format!("-{letter}"), attached, &mut rest)?;
                if takes_value {
                    break;
                }
            }
        } else {
            options.urls.push(word.clone());
        }
    }
    if options.urls.is_empty() {
        return Err((2, format!("curl: no URL specified!\n{USAGE}")));
    }
    if options.request.method.is_empty() {
        let method = if options.request.body.is_empty() { "GET" } else { "POST" };
        options.request.method = method.to_owned();
    }
    Ok(options)
}

fn value<'a>(
    option: &str,
    attached: Option<&str>,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<String, Wrong> {
    match attached {
        Some(text) => Ok(text.to_owned()),
        None => rest
            .next()
            .cloned()
            .ok_or_else(|| (2, format!("curl: option {option}: requires parameter\n{USAGE}"))),
    }
}

fn seconds(text: &str) -> Result<Duration, Wrong> {
    let parsed = text.parse::<f64>().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
    parsed.ok_or_else(|| {
        (2, format!("curl: option -m: expected a proper numerical parameter\n{USAGE}"))
    })
}

fn apply<'a>(
    options: &mut Options,
    letter: char,
    word: &str,
    attached: Option<&str>,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<(), Wrong> {
    match letter {
        's' => options.is_silent = true,
        'S' => options.shows_errors = true,
        'i' => options.includes_head = true,
        'I' => {
            options.request.method = "HEAD".to_owned();
            options.includes_head = true;
        }
        'v' => options.is_verbose = true,
        'f' => options.fails = true,
        'L' | 'k' | '4' | 'g' => {}
        'o' => options.output = Some(value(word, attached, rest)?),
        'w' => options.write_out = Some(value(word, attached, rest)?),
        'm' => options.max_time = Some(seconds(&value(word, attached, rest)?)?),
        'H' => options.request.headers.push(value(word, attached, rest)?),
        'X' => options.request.method = value(word, attached, rest)?,
        'd' => {
            let data = value(word, attached, rest)?;
            if !options.request.body.is_empty() {
                options.request.body.push(b'&');
            }
            options.request.body.extend(data.into_bytes());
        }
        _ => return Err((2, format!("curl: option {word}: is unknown\n{USAGE}"))),
    }
    Ok(())
}

async fn fetch(
    context: &Context,
    network: &Network,
    from: &Host,
    options: &Options,
    text: &str,
) -> i32 {
    let complain = |code: i32, why: String| {
        if !options.is_silent || options.shows_errors {
            context.complain(format!("curl: ({code}) {why}\n"));
        }
        code
    };
    let Some(url) = Url::parse(text) else {
        return complain(3, "URL using bad/illegal format or missing URL".to_owned());
    };
    if !matches!(url.scheme.as_str(), "http" | "https") {
        return complain(
            1,
            format!("Protocol \"{}\" not supported or disabled in libcurl", url.scheme),
        );
    }
    if options.is_verbose {
        let port = url.port();
        context.complain(format!("*   Trying {}:{port}...\n", url.host));
    }
    let _ = context.flush().await;
    let begun = network.sim().now();
    let limit = options.max_time.unwrap_or(TIME_MAX);
    let limit = options.connect_timeout.map_or(limit, |connect| connect.min(limit));
    let sent = race(send(network, from, &url, &options.request), network.sim().sleep(limit)).await;
    let millis = network.sim().now().since(begun).as_millis();
    match sent {
        Either::Second(()) => {
            complain(28, format!("Connection timed out after {} milliseconds", limit.as_millis()))
        }
        Either::First(Err(why)) => {
            let (code, why) = failure(why, &url, millis);
            complain(code, why)
        }
        Either::First(Ok(_)) if url.scheme == "https" => {
            complain(35, "error:0A00010B:SSL routines::wrong version number".to_owned())
        }
        Either::First(Ok(response)) => show(context, options, &url, &response).await,
    }
}

fn failure(why: RequestError, url: &Url, millis: u128) -> (i32, String) {
    let (host, port) = (&url.host, url.port());
    match why {
        RequestError::Connect(ConnectError::UnknownHost) => {
            (6, format!("Could not resolve host: {host}"))
        }
        RequestError::Connect(ConnectError::Refused) => (
            7,
            format!(
                "Failed to connect to {host} port {port} after {millis} ms: Couldn't connect to \
                 server"
            ),
        ),
        RequestError::Connect(ConnectError::TimedOut) => (
            28,
            format!(
                "Failed to connect to {host} port {port} after {millis} ms: Connection timed out"
            ),
        ),
        RequestError::Empty => (52, "Empty reply from server".to_owned()),
    }
}

async fn show(context: &Context, options: &Options, url: &Url, response: &Response) -> i32 {
    if options.is_verbose {
        for line in options.request.head(url).lines() {
            context.complain(format!("> {line}\n"));
        }
        for line in response.head.lines() {
            context.complain(format!("< {line}\n"));
        }
    }
    if options.fails && response.code >= 400 {
        if !options.is_silent || options.shows_errors {
            let code = response.code;
            context.complain(format!("curl: (22) The requested URL returned error: {code}\n"));
        }
        return 22;
    }
    let mut bytes = Vec::new();
    if options.includes_head {
        bytes.extend(response.head.as_bytes());
    }
    if options.request.method != "HEAD" {
        bytes.extend(&response.body);
    }
    match options.output.as_deref() {
        None | Some("-") => context.put(bytes),
        Some("/dev/null") => {}
        Some(path) => {
            if let Err(why) = context.write_file(path, &bytes) {
                context.complain(format!("Warning: Failed to open the file {path}: {why}\n"));
                return 23;
            }
        }
    }
    if let Some(format) = &options.write_out {
        context.put(write_out(format, response));
    }
    0
}

/// `%{http_code}` and what a backslash means.
fn write_out(format: &str, response: &Response) -> String {
    let code = format!("{:03}", response.code);
    format
        .replace("%{http_code}", &code)
        .replace("%{response_code}", &code)
        .replace("%{size_download}", &response.body.len().to_string())
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\r", "\r")
}
