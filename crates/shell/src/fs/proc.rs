//! `/proc`, as far as `ps`, `free`, `uptime` and curious learners read it.

use super::{FileSystem, Namespace, join};
use crate::machine::Machine;
use crate::process::{Pid, Process};
use std::fmt::Write as _;

/// Where it is mounted. Machines without this directory have no `/proc`.
const MOUNT_POINT: &str = "/proc";

/// Makes the content of `/proc` that of this instant, as the process `own` sees it.
pub(crate) fn refresh(machine: &Machine, own: Pid) {
    let files = FileSystem::new(machine.sim());
    if build(machine, own, &files).is_err() {
        return;
    }
    let mounted = machine
        .files()
        .mounts()
        .find(|(source, ..)| *source == "proc")
        .map(|(_, _, mounted, _)| mounted.clone());
    match mounted {
        Some(mounted) => mounted.replace(&files.image()),
        None => mount(&mut machine.files_mut(), &files),
    }
}

fn mount(namespace: &mut Namespace, files: &FileSystem) {
    // An image without `/proc` simply has none, which is not worth an error.
    let _ = namespace.mount(MOUNT_POINT, files, "/", true, "proc");
}

fn build(machine: &Machine, own: Pid, files: &FileSystem) -> Result<(), crate::errno::Errno> {
    let config = machine.config();
    let hardware = &config.hardware;
    let put = |path: &str, text: String| files.write_file(path, text.as_bytes(), 0o444);
    let up = machine.sim().now().since(hardware.booted).as_secs_f64();
    let total_kb = hardware.memory_bytes / 1024;
    let used_kb = (machine.memory_bytes() / 1024).min(total_kb);
    let free_kb = total_kb - used_kb;
    put("/uptime", format!("{up:.2} {up:.2}\n"))?;
    put("/loadavg", format!("0.00 0.00 0.00 1/{} {own}\n", machine.pids().len()))?;
    put(
        "/meminfo",
        format!(
            "MemTotal:       {total_kb:8} kB\nMemFree:        {free_kb:8} kB\n\
             MemAvailable:   {free_kb:8} kB\nBuffers:               0 kB\n\
             Cached:                0 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n"
        ),
    )?;
    let mut processors = String::new();
    for number in 0..hardware.processors {
        let _ = write!(processors, "processor\t: {number}\nmodel name\t: Kobako virtual CPU\n\n");
    }
    put("/cpuinfo", processors)?;
    let (release, version) = (&hardware.kernel_release, &hardware.kernel_version);
    put("/version", format!("Linux version {release} {version}\n"))?;
    let mut mounts = String::new();
    for (source, path, _, read_only) in machine.files().mounts() {
        let kind = if matches!(source, "overlay" | "proc") { source } else { "ext4" };
        let mode = if read_only { "ro" } else { "rw" };
        let _ = writeln!(mounts, "{source} {path} {kind} {mode},relatime 0 0");
    }
    put("/mounts", mounts)?;
    files.create_link("/self", &own.to_string())?;
    for process in machine.processes() {
        put_process(machine, &process, files)?;
    }
    Ok(())
}

fn put_process(
    machine: &Machine,
    process: &Process,
    files: &FileSystem,
) -> Result<(), crate::errno::Errno> {
    let directory = format!("/{}", process.pid);
    let put = |name: &str, text: String| {
        files.write_file(&join(&directory, name), text.as_bytes(), 0o444)
    };
    let name = process.name();
    let arguments = process.arguments.borrow().clone();
    put("cmdline", arguments.iter().flat_map(|word| [word.as_str(), "\0"]).collect())?;
    put("comm", format!("{name}\n"))?;
    let environment = process.environment.borrow().clone();
    put("environ", environment.iter().map(|(name, value)| format!("{name}={value}\0")).collect())?;
    let (parent, user) = (process.parent.get(), process.user.get());
    let memory_kb = process.memory_bytes.get() / 1024;
    put(
        "status",
        format!(
            "Name:\t{name}\nState:\tS (sleeping)\nTgid:\t{0}\nPid:\t{0}\nPPid:\t{parent}\n\
             Uid:\t{1}\t{1}\t{1}\t{1}\nGid:\t{2}\t{2}\t{2}\t{2}\nVmRSS:\t{memory_kb:8} kB\n\
             Threads:\t1\n",
            process.pid, user.uid, user.gid
        ),
    )?;
    let started = process.started.since(machine.config().hardware.booted).as_millis() / 10;
    let group = process.group.get();
    put(
        "stat",
        format!(
            "{} ({name}) S {parent} {group} {group} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {started} 0 {}\n",
            process.pid,
            memory_kb / 4
        ),
    )?;
    files.create_link(&join(&directory, "cwd"), &process.directory.borrow())?;
    files.create_directories(&join(&directory, "fd"))?;
    for number in process.descriptors.borrow().numbers() {
        files.create_link(&format!("{directory}/fd/{number}"), "pipe:[1]")?;
    }
    Ok(())
}
