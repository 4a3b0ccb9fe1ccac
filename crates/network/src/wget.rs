//! busybox's wget and nslookup.

use crate::connection::ConnectError;
use crate::host::Host;
use crate::http::{Request, RequestError, send};
use crate::message::Url;
use crate::network::Network;
use shell::{Context, Either, Program, race};
use sim::Duration;

/// `-T`, when nobody says.
const TIMEOUT_SECONDS: u64 = 900;
/// The address of the cluster's DNS server, as kubeadm chooses it.
const DNS_SERVER: &str = "10.96.0.10";

#[derive(Default)]
struct Options {
    url: String,
    output: Option<String>,
    is_quiet: bool,
    is_spider: bool,
    timeout: Option<Duration>,
}

/// The program `wget` on a machine of the network.
pub fn wget(network: Network, from: Host) -> impl Program {
    move |context: Context| run(context, network.clone(), from.clone())
}

/// The program `nslookup` on a machine of the network.
pub fn nslookup(network: Network, from: Host) -> impl Program {
    move |context: Context| look_up(context, network.clone(), from.clone())
}

fn parse(words: &[String]) -> Option<Options> {
    let mut options = Options::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--spider" => options.is_spider = true,
            "-O" => options.output = Some(rest.next()?.clone()),
            "-T" | "--timeout" => {
                options.timeout = Some(Duration::from_secs(rest.next()?.parse().ok()?));
            }
            _ => match word.strip_prefix("--") {
                Some(long) => {
                    let seconds = long.strip_prefix("timeout=").map(str::parse);
                    if let Some(seconds) = seconds {
                        options.timeout = Some(Duration::from_secs(seconds.ok()?));
                    }
                }
                None => letters(&mut options, word, &mut rest)?,
            },
        }
    }
    (!options.url.is_empty()).then_some(options)
}

/// `-qO-`, `-q`, or the URL.
fn letters<'a>(
    options: &mut Options,
    word: &str,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Option<()> {
    let Some(cluster) = word.strip_prefix('-').filter(|cluster| !cluster.is_empty()) else {
        options.url = word.to_owned();
        return Some(());
    };
    let mut cluster = cluster.chars();
    while let Some(letter) = cluster.next() {
        let attached = cluster.as_str();
        let mut value = || match attached {
            "" => rest.next().cloned(),
            text => Some(text.to_owned()),
        };
        match letter {
            'q' => options.is_quiet = true,
            'S' | 'c' => {}
            'O' => {
                options.output = Some(value()?);
                return Some(());
            }
            'T' => {
                options.timeout = Some(Duration::from_secs(value()?.parse().ok()?));
                return Some(());
            }
            _ => return None,
        }
    }
    Some(())
}

async fn run(context: Context, network: Network, from: Host) -> i32 {
    let Some(options) = parse(&context.operands()) else {
        context.complain("Usage: wget [-cqS] [--spider] [-O FILE] [-T SEC] URL...\n");
        return 1;
    };
    let Some(url) = Url::parse(&options.url) else {
        context.complain(format!("wget: bad address '{}'\n", options.url));
        return 1;
    };
    let fail = |why: String| {
        context.complain(format!("wget: {why}\n"));
        1
    };
    let Some(ip) = network.lookup(&from, &url.host) else {
        return fail(format!("bad address '{}'", url.authority()));
    };
    if !options.is_quiet {
        context.complain(format!("Connecting to {} ({ip}:{})\n", url.authority(), url.port()));
    }
    let request = Request {
        method: if options.is_spider { "HEAD" } else { "GET" }.to_owned(),
        headers: vec!["User-Agent: Wget".to_owned()],
        body: Vec::new(),
    };
    let limit = options.timeout.unwrap_or(Duration::from_secs(TIMEOUT_SECONDS));
    let sent = race(send(&network, &from, &url, &request), network.sim().sleep(limit)).await;
    let response = match sent {
        Either::Second(()) => return fail("download timed out".to_owned()),
        Either::First(Err(RequestError::Empty)) => {
            return fail("error getting response".to_owned());
        }
        Either::First(Err(RequestError::Connect(why))) => {
            let why = match why {
                ConnectError::Refused => "Connection refused",
                _ => "Connection timed out",
            };
            return fail(format!("can't connect to remote host ({ip}): {why}"));
        }
        Either::First(Ok(response)) => response,
    };
    if response.code >= 400 {
        let status = response.head.lines().next().unwrap_or_default();
        return fail(format!("server returned error: {status}"));
    }
    if options.is_spider {
        return 0;
    }
    save(&context, &options, &url, &response.body)
}

fn save(context: &Context, options: &Options, url: &Url, body: &[u8]) -> i32 {
    let of_url = url.target.split('?').next().and_then(|path| path.rsplit('/').next());
    let name = match options.output.as_deref() {
        Some(name) => name,
        None => of_url.filter(|name| !name.is_empty()).unwrap_or("index.html"),
    };
    if name == "-" {
        if !options.is_quiet {
            context.complain("writing to stdout\n");
        }
        context.put(body);
        return 0;
    }
    if let Err(why) = context.write_file(name, body) {
        context.complain(format!("wget: can't open '{name}': {why}\n"));
        return 1;
    }
    if !options.is_quiet {
        context.complain(format!("saving to '{name}'\n'{name}' saved\n"));
    }
    0
}

async fn look_up(context: Context, network: Network, from: Host) -> i32 {
    let Some(name) = context.operands().into_iter().find(|word| !word.starts_with('-')) else {
        context.complain("Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n");
        return 1;
    };
    context.put(format!("Server:\t\t{DNS_SERVER}\nAddress:\t{DNS_SERVER}:53\n\n"));
    match network.lookup(&from, &name) {
        Some(ip) => {
            context.put(format!("Name:\t{name}\nAddress: {ip}\n\n"));
            0
        }
        None => {
            context.put(format!("** server can't find {name}: NXDOMAIN\n\n"));
            1
        }
    }
}
