//! `ps`, `top`, `pidof`, `pgrep`, `pkill`, `killall`

use super::calendar::strftime;
use super::kill::{Request, parse};
use super::{Home, Options, Tool, date, options::misuse, users};
use crate::context::Context;
use crate::process::Process;
use crate::regex::{Regex, Syntax};
use std::rc::Rc;

pub(crate) const PS: Tool = Tool {
    name: "ps",
    directory: "/bin",
    usage: "[-o COL1,COL2=HEADER] [-T]",
    about: "Show list of processes",
    options: "^o: ^T",
    run: |context| Box::pin(async move { ps(&context) }),
    ..super::TOOL
};

pub(crate) const TOP: Tool = Tool {
    name: "top",
    usage: "[-bmH] [-n COUNT] [-d SECONDS]",
    about: "Show a view of process activity in real time",
    options: "b n: d: m H !o: !p: !u:",
    run: |context| Box::pin(top(context)),
    ..super::TOOL
};

pub(crate) const PIDOF: Tool = Tool {
    name: "pidof",
    directory: "/bin",
    usage: "[OPTIONS] [NAME]...",
    about: "List PIDs of all processes with names that match NAMEs",
    options: "s o: !x !c !q",
    run: |context| Box::pin(async move { pidof(&context) }),
    ..super::TOOL
};

pub(crate) const PGREP: Tool = Tool {
    name: "pgrep",
    usage: "[-flanovx] [-s SID|-P PPID|PATTERN]",
    about: "Display process(es) selected by regex PATTERN",
    options: "f,full l,list-name a,list-full n,newest o,oldest v,inverse x,exact s: P,parent: !c,count !u,euid: !i,ignore-case",
    misuse: 2,
    run: |context| Box::pin(async move { pgrep(&context, false) }),
    ..super::TOOL
};

pub(crate) const PKILL: Tool = Tool {
    name: "pkill",
    usage: "[-l|-SIGNAL] [-xfvnoe] [-s SID|-P PPID|PATTERN]",
    about: "Send signal to processes selected by regex PATTERN",
    options: "f,full l n,newest o,oldest v,inverse x,exact s: P,parent: e !,signal: !u,euid:",
    misuse: 2,
    run: |context| Box::pin(async move { pgrep(&context, true) }),
    ..super::TOOL
};

pub(crate) const KILLALL: Tool = Tool {
    name: "killall",
    home: Home::Both,
    usage: "[-lq] [-SIG] PROCESS_NAME...",
    about: "Send a signal (default: TERM) to given processes",
    run: |context| Box::pin(async move { killall(&context) }),
    ..super::TOOL
};

/// A column of `ps`: its names, its heading, how wide GNU's and busybox's are, and whether its
/// values stand at the right.
struct Column {
    names: &'static [&'static str],
    gnu: (&'static str, usize, bool),
    busybox: (&'static str, usize),
    value: fn(&Context, &Process) -> String,
}

const COLUMNS: [Column; 19] = [
    column(&["pid"], ("PID", 5, true), ("PID", 5), |_, p| p.pid.to_string()),
    column(&["ppid"], ("PPID", 5, true), ("PPID", 5), |_, p| p.parent.get().to_string()),
    column(&["pgid", "pgrp"], ("PGID", 5, true), ("PGID", 5), |_, p| p.group.get().to_string()),
    column(&["user", "euser", "ruser"], ("USER", 8, false), ("USER", 8), user_name),
    column(&["uid", "euid"], ("UID", 5, true), ("UID", 5), |_, p| p.user.get().uid.to_string()),
    column(&["group", "egroup"], ("GROUP", 8, false), ("GROUP", 8), |c, p| {
        users::group_name(c, p.user.get().gid).unwrap_or_else(|| p.user.get().gid.to_string())
    }),
    column(&["comm", "ucomm"], ("COMMAND", 15, false), ("COMMAND", 16), |_, p| p.name()),
    column(&["args", "cmd", "command"], ("COMMAND", 0, false), ("COMMAND", 256), |_, p| command(p)),
    column(&["stat", "state", "s"], ("STAT", 4, false), ("STAT", 4), |_, _| "S".to_owned()),
    column(&["tty", "tt", "tname"], ("TT", 8, false), ("TT", 6), |_, p| terminal(p).to_owned()),
    column(&["time", "cputime"], ("TIME", 8, true), ("TIME", 6), |_, _| "00:00:00".to_owned()),
    column(&["etime"], ("ELAPSED", 11, true), ("ELAPSED", 7), elapsed),
    column(&["start", "stime", "lstart", "start_time"], ("STIME", 5, false), ("STIME", 6), started),
    column(&["rss"], ("RSS", 5, true), ("RSS", 4), |_, p| {
        (p.memory_bytes.get() / 1024).to_string()
    }),
    column(&["vsz"], ("VSZ", 6, true), ("VSZ", 5), |_, p| {
        (p.memory_bytes.get() / 1024).to_string()
    }),
    column(&["pcpu", "%cpu"], ("%CPU", 4, true), ("%CPU", 4), |_, _| "0.0".to_owned()),
    column(&["pmem", "%mem"], ("%MEM", 4, true), ("%MEM", 4), |c, p| {
        let total = c.machine().config().hardware.memory_bytes.max(1);
        let tenths = p.memory_bytes.get().saturating_mul(1000) / total;
        format!("{}.{}", tenths / 10, tenths % 10)
    }),
    column(&["nice", "ni"], ("NI", 3, true), ("NI", 5), |_, _| "0".to_owned()),
    column(&["c"], ("C", 2, true), ("C", 2), |_, _| "0".to_owned()),
];

const fn column(
    names: &'static [&'static str],
    gnu: (&'static str, usize, bool),
    busybox: (&'static str, usize),
    value: fn(&Context, &Process) -> String,
) -> Column {
    Column { names, gnu, busybox, value }
}

fn user_name(context: &Context, process: &Process) -> String {
    let uid = process.user.get().uid;
    users::name(context, uid).unwrap_or_else(|| uid.to_string())
}

fn command(process: &Process) -> String {
    process.arguments.borrow().join(" ")
}

fn terminal(process: &Process) -> &'static str {
    if process.terminal.is_some() { "pts/0" } else { "?" }
}

fn elapsed(context: &Context, process: &Process) -> String {
    let seconds = context.now().since(process.started).as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        1..24 => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        _ => format!("{}-{:02}:{minutes:02}:{seconds:02}", hours / 24, hours % 24),
    }
}

fn started(context: &Context, process: &Process) -> String {
    strftime("%H:%M", process.started, &date::zone(context))
}

fn ps(context: &Context) -> i32 {
    if context.is_busybox() {
        let options = match Options::parse(context, &PS) {
            Ok(options) => options,
            Err(status) => return status,
        };
        let wanted: Vec<&str> = options.values("o").collect();
        let wanted = if wanted.is_empty() { vec!["pid,user,args"] } else { wanted };
        return match chosen(context, &wanted) {
            Ok(columns) => {
                show(context, &columns, &context.machine().processes());
                0
            }
            Err(status) => status,
        };
    }
    gnu_ps(context)
}

/// `ps` in the many dialects that the real one takes.
fn gnu_ps(context: &Context) -> i32 {
    let mut formats: Vec<String> = Vec::new();
    let mut wanted_pids: Option<Vec<u32>> = None;
    let (mut all, mut full, mut by_user, mut headings) = (false, false, false, true);
    let mut words = context.operands().into_iter();
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            match name.split_once('=').unwrap_or((name, "")) {
                ("no-headers" | "no-heading", _) => headings = false,
                ("sort" | "forest", _) => {}
                ("pid", list) => wanted_pids = Some(numbers(list)),
                _ => {
                    context.complain(format!(
                        "error: unknown gnu long option\n\nUsage:\n {} [options]\n",
                        context.name()
                    ));
                    return 1;
                }
            }
            continue;
        }
        let has_dash = word.starts_with('-');
        let letters: Vec<char> = word.trim_start_matches('-').chars().collect();
        let mut at = 0;
        while let Some(letter) = letters.get(at).copied() {
            at += 1;
            let rest: String = letters.get(at..).unwrap_or_default().iter().collect();
            let mut value =
                || if rest.is_empty() { words.next().unwrap_or_default() } else { rest.clone() };
            match letter {
                'e' | 'A' => all = true,
                'a' | 'x' | 'g' | 'r' => all = true,
                'f' => full = true,
                'l' | 'w' | 'H' | 'c' => {}
                'u' if !has_dash => by_user = true,
                'u' | 'U' | 'G' | 't' | 'C' | 'k' => {
                    value();
                    all = true;
                    break;
                }
                'o' | 'O' => {
                    formats.push(value());
                    break;
                }
                'p' | 'q' => {
                    wanted_pids = Some(numbers(&value()));
                    break;
                }
                'h' => headings = false,
                digit if digit.is_ascii_digit() => {
                    wanted_pids = Some(numbers(&word));
                    break;
                }
                _ => {
                    context.complain(format!(
                        "error: unsupported option (BSD syntax)\n\nUsage:\n {} [options]\n",
                        context.name()
                    ));
                    return 1;
                }
            }
        }
    }
    let own_terminal = context.terminal().is_some();
    let processes: Vec<Rc<Process>> = context
        .machine()
        .processes()
        .into_iter()
        .filter(|process| match &wanted_pids {
            Some(pids) => pids.contains(&process.pid),
            None => all || process.terminal.is_some() == own_terminal,
        })
        .collect();
    let format = if by_user {
        "user,pid,%cpu,%mem,vsz,rss,tty=TTY,stat,start=START,time,args"
    } else if full {
        "user=UID,pid,ppid,c,stime,tty=TTY,time,args=CMD"
    } else {
        "pid,tty=TTY,time,comm=CMD"
    };
    let formats: Vec<&str> = match formats.is_empty() {
        true => vec![format],
        false => formats.iter().map(String::as_str).collect(),
    };
    let columns = match chosen(context, &formats) {
        Ok(mut columns) => {
            if !headings {
                columns.iter_mut().for_each(|(_, heading)| *heading = String::new());
            }
            columns
        }
        Err(status) => return status,
    };
    show(context, &columns, &processes);
    i32::from(processes.is_empty())
}

fn numbers(list: &str) -> Vec<u32> {
    list.split([',', ' ']).filter_map(|text| text.parse().ok()).collect()
}

fn chosen<'c>(context: &Context, formats: &[&str]) -> Result<Vec<(&'c Column, String)>, i32> {
    let mut columns = Vec::new();
    for name in formats.iter().flat_map(|format| format.split([',', ' '])).filter(|n| !n.is_empty())
    {
        let (name, heading) = match name.split_once('=') {
            Some((name, heading)) => (name, Some(heading.to_owned())),
            None => (name, None),
        };
        let Some(column) = COLUMNS.iter().find(|column| column.names.contains(&name)) else {
            if context.is_busybox() {
                context.fail(format!("bad -o argument '{name}', supported arguments: user,group,comm,args,pid,ppid,pgid,etime,nice,rgroup,ruser,time,tty,vsz,sid,stat,rss"));
            } else {
                context.complain(format!("error: unknown user-defined format specifier \"{name}\"\n\nUsage:\n {} [options]\n", context.name()));
            }
            return Err(1);
        };
        let default = if context.is_busybox() { column.busybox.0 } else { column.gnu.0 };
        columns.push((column, heading.unwrap_or_else(|| default.to_owned())));
    }
    Ok(columns)
}

fn show(context: &Context, columns: &[(&Column, String)], processes: &[Rc<Process>]) {
    let busybox = context.is_busybox();
    let line = |cells: &[String], is_heading: bool| {
        let mut text = String::new();
        for (number, ((column, _), cell)) in columns.iter().zip(cells).enumerate() {
            let is_last = number + 1 == columns.len();
            let (width, right) = match busybox {
                true => (
                    column.busybox.1,
                    !is_heading
                        && matches!(
                            column.names.first(),
                            Some(&("pid" | "ppid" | "pgid" | "uid" | "rss" | "vsz"))
                        ),
                ),
                false => (column.gnu.1, column.gnu.2),
            };
            if number > 0 {
                text.push(' ');
            }
            text.push_str(&match (right, is_last) {
                (true, _) => format!("{cell:>width$}"),
                (false, true) => cell.clone(),
                (false, false) => format!("{cell:<width$}"),
            });
        }
        text + "\n"
    };
    let headings: Vec<String> = columns.iter().map(|(_, heading)| heading.clone()).collect();
    if headings.iter().any(|heading| !heading.is_empty()) {
        context.put(line(&headings, true));
    }
    for process in processes {
        let cells: Vec<String> =
            columns.iter().map(|(column, _)| (column.value)(context, process)).collect();
        context.put(line(&cells, false));
    }
}

async fn top(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let is_screen = context.is_terminal(1) && !options.has("b");
    let rounds = options.value("n").and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
    let pause = options.value("d").and_then(super::duration::parse);
    let pause = pause.unwrap_or(sim::Duration::from_secs(5)).max(sim::Duration::from_millis(100));
    for round in 0..rounds {
        if is_screen {
            context.put("\u{1b}[H\u{1b}[2J");
        }
        show_top(&context);
        if context.flush().await.is_err() {
            return 1;
        }
        if round + 1 < rounds && (is_screen || options.has("n") || options.has("b")) {
            context.sleep(pause).await;
        }
    }
    0
}

fn show_top(context: &Context) {
    let machine = context.machine();
    let total = machine.config().hardware.memory_bytes / 1024;
    let used = machine.memory_bytes() / 1024;
    let free = total.saturating_sub(used);
    let processes = machine.processes();
    let count = processes.len();
    if context.is_busybox() {
        context.put(format!(
            "Mem: {used}K used, {free}K free, 0K shrd, 0K buff, 0K cached\n\
             CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n\
             Load average: 0.00 0.00 0.00 1/{count} {}\n  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND\n",
            context.pid()
        ));
    } else {
        let now = strftime("%H:%M:%S", context.now(), &date::zone(context));
        let mebi = |kibi: u64| format!("{}.{}", kibi / 1024, kibi % 1024 * 10 / 1024);
        context.put(format!(
            "top - {now} up  0 min,  0 users,  load average: 0.00, 0.00, 0.00\n\
             Tasks: {count:3} total,   1 running, {:3} sleeping,   0 stopped,   0 zombie\n\
             %Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st \n\
             MiB Mem : {:>8} total, {:>8} free, {:>8} used,      0.0 buff/cache     \n\
             MiB Swap:      0.0 total,      0.0 free,      0.0 used. {:>8} avail Mem \n\n\
             \u{20}   PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n",
            count.saturating_sub(1),
            mebi(total),
            mebi(free),
            mebi(used),
            mebi(free)
        ));
    }
    for process in processes {
        let (user, memory) = (user_name(context, &process), process.memory_bytes.get() / 1024);
        context.put(match context.is_busybox() {
            true => format!(
                "{:5} {:5} {user:8} S    {memory:5}   0%   0% {}\n",
                process.pid,
                process.parent.get(),
                command(&process)
            ),
            false => format!(
                "{:7} {user:9} 20   0 {memory:7} {memory:6}      0 S   0.0   0.0   0:00.00 {}\n",
                process.pid,
                process.name()
            ),
        });
    }
}

fn pidof(context: &Context) -> i32 {
    let options = match Options::parse(context, &PIDOF) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut pids: Vec<String> = context
        .machine()
        .processes()
        .iter()
        .rev()
        .filter(|process| options.operands.contains(&process.name()))
        .map(|process| process.pid.to_string())
        .collect();
    if options.has("s") {
        pids.truncate(1);
    }
    if pids.is_empty() {
        return 1;
    }
    context.put(pids.join(" ") + "\n");
    0
}

fn pgrep(context: &Context, kills: bool) -> i32 {
    let tool = if kills { &PKILL } else { &PGREP };
    let mut words = context.operands();
    let mut signal = Some(crate::Signal::TERM);
    if kills && let Some(first) = words.first().cloned() {
        let name = first.strip_prefix('-').unwrap_or_default().to_owned();
        if let Some(found) = crate::Signal::parse(&name) {
            signal = Some(found);
            words.remove(0);
        }
    }
    let options = match Options::parse_words(context, tool, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(name) = options.value("signal") {
        signal = crate::Signal::parse(name);
    }
    if options.operands.is_empty() && !options.has("P") {
        let message = match context.is_busybox() {
            true => String::new(),
            false => "no matching criteria specified".to_owned(),
        };
        return misuse(context, tool, &message);
    }
    let pattern = options.operands.first().cloned().unwrap_or_default();
    let syntax = Syntax { extended: true, ignore_case: options.has("i") };
    let Ok(regex) = Regex::new(&pattern, syntax) else {
        context.fail(format!("bad regex '{pattern}'"));
        return 2;
    };
    let parent = options.value("P").and_then(|text| text.parse::<u32>().ok());
    let mut found: Vec<Rc<Process>> = context
        .machine()
        .processes()
        .into_iter()
        .filter(|process| process.pid != context.pid())
        .filter(|process| {
            let text = if options.has("f") { command(process) } else { process.name() };
            let matches = match options.has("x") {
                true => {
                    regex.find(&text, 0).is_some_and(|m| (m.start(), m.end()) == (0, text.len()))
                }
                false => regex.is_match(&text),
            };
            let is_child = parent.is_none_or(|parent| process.parent.get() == parent);
            (matches && is_child) != options.has("v")
        })
        .collect();
    if options.has("n") {
        found = found.pop().into_iter().collect();
    } else if options.has("o") {
        found.truncate(1);
    }
    if options.has("c") {
        context.put(format!("{}\n", found.len()));
        return i32::from(found.is_empty());
    }
    for process in &found {
        if kills {
            let _ = context.kill(i64::from(process.pid), signal);
        } else if options.has("a") || (options.has("l") && context.is_busybox() && options.has("f"))
        {
            context.put(format!("{} {}\n", process.pid, command(process)));
        } else if options.has("l") {
            context.put(format!("{} {}\n", process.pid, process.name()));
        } else {
            context.put(format!("{}\n", process.pid));
        }
    }
    i32::from(found.is_empty())
}

fn killall(context: &Context) -> i32 {
    let mut words = context.operands();
    let quiet = words.iter().any(|word| word == "-q");
    words.retain(|word| word != "-q");
    let (signal, names) = match parse(&words) {
        Ok(Request::Send(signal, names)) => (signal, names),
        Ok(Request::List(_)) => return 0,
        Err(bad) => {
            context.fail(match context.is_busybox() {
                true => format!("bad signal name '{bad}'"),
                false => format!("{bad}: unknown signal"),
            });
            return 1;
        }
    };
    if names.is_empty() {
        context.fail("you need to specify whom to kill");
        return 1;
    }
    let mut status = 0;
    for name in &names {
        let found: Vec<_> = context
            .machine()
            .processes()
            .into_iter()
            .filter(|process| process.name() == *name && process.pid != context.pid())
            .collect();
        if found.is_empty() {
            status = 1;
            if !quiet {
                context.complain(match context.is_busybox() {
                    true => format!("killall: {name}: no process killed\n"),
                    false => format!("{name}: no process found\n"),
                });
            }
        }
        for process in found {
            let _ = context.kill(i64::from(process.pid), signal);
        }
    }
    status
}
