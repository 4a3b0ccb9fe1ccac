//! `uname`, `arch`, `hostname`, `nproc`, `free`, `uptime`

use super::{Options, Tool, calendar, count};
use crate::context::Context;
use crate::userland::Flavour;

pub(crate) const UNAME: Tool = Tool {
    name: "uname",
    usage: "[-amnrspvio]",
    about: "Print system information",
    options: "a,all s,kernel-name n,nodename r,kernel-release v,kernel-version m,machine p,processor i,hardware-platform o,operating-system",
    run: |context| Box::pin(async move { uname(&context) }),
    ..super::TOOL
};

pub(crate) const ARCH: Tool = Tool {
    name: "arch",
    about: "Print system architecture",
    run: |context| {
        Box::pin(async move {
            context.put(format!("{}\n", context.machine().config().hardware.architecture));
            0
        })
    },
    ..super::TOOL
};

pub(crate) const HOSTNAME: Tool = Tool {
    name: "hostname",
    directory: "/bin",
    usage: "[-sidf] [HOSTNAME | -F FILE]",
    about: "Show or set hostname or DNS domain name",
    options: "s,short i,ip-address d,domain f,fqdn,long F,file: !I,all-ip-addresses",
    run: |context| Box::pin(async move { hostname(&context) }),
    ..super::TOOL
};

pub(crate) const NPROC: Tool = Tool {
    name: "nproc",
    usage: "--all --ignore=N",
    about: "Print number of available CPUs",
    options: ",all ,ignore:",
    run: |context| Box::pin(async move { nproc(&context) }),
    ..super::TOOL
};

pub(crate) const FREE: Tool = Tool {
    name: "free",
    usage: "[-bkmgh]",
    about: "Display free and used memory",
    options: "b,bytes k,kibi m,mebi g,gibi h,human !t,total !w,wide",
    run: |context| Box::pin(async move { free(&context) }),
    ..super::TOOL
};

pub(crate) const UPTIME: Tool = Tool {
    name: "uptime",
    about: "Display the time since the last boot",
    options: "!p,pretty !s,since",
    run: |context| Box::pin(async move { uptime(&context) }),
    ..super::TOOL
};

fn uname(context: &Context) -> i32 {
    let options = match Options::parse(context, &UNAME) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let config = context.machine().config();
    let hardware = &config.hardware;
    let all = options.has("a");
    let unknown = if all { "" } else { "unknown" };
    let parts = [
        ("s", "Linux"),
        ("n", &config.hostname),
        ("r", &hardware.kernel_release),
        ("v", &hardware.kernel_version),
        ("m", &hardware.architecture),
        ("p", unknown),
        ("i", unknown),
        ("o", "GNU/Linux"),
    ];
    let any = options.iter().next().is_some();
    let wanted = |key: &str| options.has(key) || all || (!any && key == "s");
    let shown: Vec<&str> = parts
        .iter()
        .filter(|(key, text)| wanted(key) && !text.is_empty())
        .map(|(_, text)| *text)
        .collect();
    context.put(shown.join(" ") + "\n");
    0
}

fn hostname(context: &Context) -> i32 {
    let options = match Options::parse(context, &HOSTNAME) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(name) = options.operands.first() {
        if context.caller().user.uid != 0 {
            context.fail("you must be root to change the host name");
            return 1;
        }
        context.machine().configure(|config| config.hostname = name.as_str().into());
        return 0;
    }
    let config = context.machine().config();
    let short = config.hostname.split('.').next().unwrap_or_default().to_owned();
    let hosts = context.read_file("/etc/hosts").unwrap_or_default();
    let hosts = crate::text::decode(&hosts);
    let address = hosts
        .lines()
        .find(|line| line.split_whitespace().skip(1).any(|name| name == &*config.hostname))
        .and_then(|line| line.split_whitespace().next());
    let text = match options.last_of(&["s", "i", "I", "d", "f"]) {
        Some("s") => short,
        Some("i" | "I") => address.unwrap_or("127.0.0.1").to_owned(),
        Some("d") => config.hostname.split_once('.').map_or(String::new(), |(_, d)| d.to_owned()),
        _ => config.hostname.to_string(),
    };
    context.put(text + "\n");
    0
}

fn nproc(context: &Context) -> i32 {
    let options = match Options::parse(context, &NPROC) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let ignored = options.value("ignore").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let count = context.machine().config().hardware.processors;
    context.put(format!("{}\n", count.saturating_sub(ignored).max(1)));
    0
}

fn free(context: &Context) -> i32 {
    let options = match Options::parse(context, &FREE) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let total = context.machine().config().hardware.memory_bytes;
    let used = context.machine().memory_bytes().min(total);
    let free = total - used;
    let show = |bytes: u64| match options.last_of(&["b", "k", "m", "g", "h"]) {
        Some("b") => bytes.to_string(),
        Some("m") => (bytes >> 20).to_string(),
        Some("g") => (bytes >> 30).to_string(),
        Some("h") if context.flavour() == Flavour::Gnu => {
            let text = count::human(bytes);
            if text.ends_with(|c: char| c.is_ascii_digit()) { text + "B" } else { text + "i" }
        }
        Some("h") => count::human(bytes),
        _ => (bytes >> 10).to_string(),
    };
    let [total, used, free, none] = [show(total), show(used), show(free), show(0)];
    context.put(format!(
        "               total        used        free      shared  buff/cache   available\n\
         Mem:    {total:>12}{used:>12}{free:>12}{none:>12}{none:>12}{free:>12}\n\
         Swap:   {none:>12}{none:>12}{none:>12}\n"
    ));
    0
}

fn uptime(context: &Context) -> i32 {
    let options = match Options::parse(context, &UPTIME) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let booted = context.machine().config().hardware.booted;
    let zone = super::date::zone(context);
    if options.has("s") {
        context.put(calendar::strftime("%Y-%m-%d %H:%M:%S\n", booted, &zone));
        return 0;
    }
    let up = context.now().since(booted).as_secs();
    let (days, hours, minutes) = (up / 86_400, up / 3600 % 24, up / 60 % 60);
    if options.has("p") {
        context.put(format!("up {days} days, {hours} hours, {minutes} minutes\n"));
        return 0;
    }
    let days_text = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    let clock =
        if hours > 0 { format!("{hours:2}:{minutes:02}") } else { format!("{minutes} min") };
    let now = calendar::strftime("%H:%M:%S", context.now(), &zone);
    let users = if context.is_busybox() { " 0 users" } else { "  0 users" };
    context
        .put(format!(" {now} up {days_text}{clock}, {users},  load average: 0.00, 0.00, 0.00\n"));
    0
}
