//! Starting a container: its command, its files, its process.

use crate::container::{Console, Container, Exit, LogBuffer, Process};
use crate::environment::Resolved;
use crate::image_manager::Present;
use crate::node::Node;
use crate::pod::{EnvironmentMap, PodWorker};
use crate::{Ended, Shared, environment, exec};
use api::View;
use images::{NetworkTools, Service, ServiceContext, Start};
use network::Host;
use shell::fs::Caller;
use shell::{Child, Environment, Errno, Handle, Launch, Machine, MachineConfig, Null, Stream, Tty};
use sim::{Sim, Time};
use std::rc::Rc;

/// Standard output and error of a container.
struct LogStream {
    log: LogBuffer,
    sim: Sim,
}

impl Stream for LogStream {
    fn read(&self, _: usize) -> Result<Vec<u8>, Errno> {
        Err(Errno::EBADF)
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.log.append(self.sim.now(), bytes);
        Ok(bytes.len())
    }
}

/// Starts a container whose environment is known.
pub(crate) fn start(
    node: &Node,
    worker: &PodWorker,
    index: usize,
    present: Present,
    environment: Resolved,
    shared: &mut Shared,
) -> Container {
    let spec = worker.spec_of(index);
    let texts = |list: api::Strings<'_>| -> Vec<String> {
        list.map(|text| expand(text, &environment)).collect()
    };
    let (command, arguments) = (texts(spec.command()), texts(spec.args()));
    let of_image = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>();
    let image = present.image;
    let arguments = match (command.is_empty(), arguments.is_empty()) {
        (false, _) => [command, arguments].concat(),
        (true, false) => [of_image(image.entrypoint), arguments].concat(),
        (true, true) => [of_image(image.entrypoint), of_image(image.command)].concat(),
    };
    let mut container = Container {
        id: shared.ids.hex(64),
        image: Some(image),
        image_name: present.name,
        image_id: present.id,
        spec_image: spec.value().get(&api::names::IMAGE).as_text().cloned().unwrap_or_default(),
        started: shared.sim.now(),
        process: Process::None,
        environment: Rc::new(environment.variables),
        links: environment.links,
        exit: None,
        log: LogBuffer::default(),
        console: Console::None,
        is_published: false,
        kill_at: None,
    };
    let service = image.service.filter(|_| runs_service(image, &arguments));
    match service {
        Some(make) => start_service(&mut container, make(&present.tag), worker, index, shared),
        None => start_process(&mut container, node, worker, index, arguments, shared),
    }
    container
}

/// Puts variables into a word of a command line.
fn expand(text: &str, environment: &Resolved) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut all = EnvironmentMap::clone(&environment.links);
    all.extend(environment.variables.clone());
    environment::expand(text, &all)
}

/// Refuses a container that must not run as root and would: every image of the catalogue does when
/// nobody says otherwise.
pub(crate) fn check_user(worker: &PodWorker, index: usize) -> Result<(), String> {
    let of_pod = worker.pod().spec().security_context();
    let of_container = worker.spec_of(index).security_context();
    let user = of_container
        .and_then(|context| context.run_as_user())
        .or_else(|| of_pod.and_then(|context| context.run_as_user()));
    let must_not_be_root = of_container
        .and_then(|context| context.run_as_non_root())
        .or_else(|| of_pod.and_then(|context| context.run_as_non_root()))
        .unwrap_or(false);
    let why = match user {
        _ if !must_not_be_root => return Ok(()),
        Some(0) => "container's runAsUser breaks non-root policy",
        Some(_) => return Ok(()),
        None => "container has runAsNonRoot and image will run as root",
    };
    let pod = crate::node::pod_name(&worker.object);
    let name = worker.spec_of(index).name();
    Err(format!("{why} (pod: \"{pod}({})\", container: {name})", worker.uid))
}

/// Whether a command line starts the server of the image.
fn runs_service(image: &images::Image, arguments: &[String]) -> bool {
    let main = image.entrypoint.first().or(image.command.first());
    let first = arguments.first().map(String::as_str);
    first == main.copied()
        || first == image.command.first().copied().filter(|_| !image.command.is_empty())
}

fn start_service(
    container: &mut Container,
    service: Box<dyn Service>,
    worker: &PodWorker,
    index: usize,
    shared: &Shared,
) {
    let now = shared.sim.now();
    let read = |path: &str| read_file(worker, (index, container), path);
    let started = service.start(&service_context(container, &read, shared));
    match started {
        Start::Listening { ports, log } => {
            if shared.prints_server_logs {
                print_lines(&container.log, &log, now);
            }
            container.process = Process::Service { service, ports, machine: None };
        }
        Start::Exit { code, log } => {
            print_lines(&container.log, &log, now);
            let reason = if code == 0 { "Completed" } else { "Error" };
            container.exit = Some(Exit { code, reason, message: String::new(), at: now });
        }
    }
}

fn print_lines(log: &LogBuffer, lines: &[String], now: Time) {
    for line in lines {
        log.append(now, format!("{line}\n").as_bytes());
    }
}

/// `2026/11/23 12:46:12`
pub(crate) fn log_time(now: Time) -> String {
    now.rfc3339().replace('-', "/").replace('T', " ").trim_end_matches('Z').to_owned()
}

/// What a described server sees of its container.
pub(crate) fn service_context<'a>(
    container: &'a Container,
    read_file: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    shared: &Shared,
) -> ServiceContext<'a> {
    let now = shared.sim.now();
    ServiceContext {
        environment: &container.environment,
        read_file,
        log_time: log_time(now),
        now,
        logs_requests: shared.prints_server_logs,
    }
}

/// A file of a container, whether or not it has a machine yet.
pub(crate) fn read_file(
    worker: &PodWorker,
    (index, container): (usize, &Container),
    path: &str,
) -> Option<Vec<u8>> {
    if let Process::Service { machine: Some(machine), .. } = &container.process {
        return machine.files().read_file(&Caller::root(), path).ok().map(|bytes| bytes.to_vec());
    }
    let mounts = worker.spec_of(index).volume_mounts();
    let mount = mounts
        .filter(|mount| is_below(path, mount.mount_path()))
        .max_by_key(|mount| mount.mount_path().len());
    let Some(mount) = mount else {
        let content = container.image.and_then(|image| image.file(path))?;
        return Some(content.as_bytes().to_vec());
    };
    let files = worker.volumes.as_ref()?.get(mount.name())?;
    let rest = path[mount.mount_path().len()..].trim_start_matches('/');
    let within = match mount.sub_path() {
        "" => format!("/{rest}"),
        sub => format!("/{sub}/{rest}"),
    };
    files.read_file(within.trim_end_matches('/')).ok().map(|bytes| bytes.to_vec())
}

fn is_below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn start_process(
    container: &mut Container,
    node: &Node,
    worker: &PodWorker,
    index: usize,
    arguments: Vec<String>,
    shared: &mut Shared,
) {
    let machine = machine_of(container, node, worker, index, shared);
    let directory = working_directory(container, worker, index);
    let name = arguments.first().cloned().unwrap_or_default();
    let launch =
        Launch::new(arguments).environment(environment_of(container)).directory(&directory);
    let launch = with_streams(launch, container, worker, index, shared);
    match machine.spawn(launch) {
        Ok(child) => {
            let (id, uid) = (container.id.clone(), worker.uid.clone());
            report_end(shared, node.index, uid, id, child.clone());
            container.process = Process::Running { machine, child };
        }
        Err(errno) => container.exit = Some(start_error(&name, errno)),
    }
}

/// Gives a container's program its input, as the spec has it, and its log for output.
fn with_streams(
    launch: Launch,
    container: &mut Container,
    worker: &PodWorker,
    index: usize,
    shared: &Shared,
) -> Launch {
    let spec = worker.spec_of(index);
    let log: Handle = Rc::new(LogStream { log: container.log.clone(), sim: shared.sim.clone() });
    if spec.tty() {
        let (columns, rows) = exec::TERMINAL_SIZE;
        let tty = Tty::new(columns, rows);
        exec::copy_terminal(&shared.sim, &tty, log);
        container.console = Console::Terminal(tty.clone());
        return launch.on_terminal(&tty);
    }
    let stdin: Handle = match spec.stdin() {
        true => {
            let (sender, stdin) = exec::input_pipe(&shared.sim);
            container.console = Console::Pipe(sender);
            stdin
        }
        false => Rc::new(Null),
    };
    launch.streams(stdin, log.clone(), log)
}

/// The machine that a container's processes run on.
pub(crate) fn machine_of(
    container: &Container,
    node: &Node,
    worker: &PodWorker,
    index: usize,
    shared: &mut Shared,
) -> Machine {
    let userland = match container.image {
        Some(image) => shared.catalogue.userland(image, &shared.sim),
        None => shell::Userland::scratch(&shared.sim),
    };
    let spec = worker.spec_of(index);
    let limit = spec.resources().limits().get("memory").map(|m| m.value().max(0) as u64);
    let config = MachineConfig {
        hostname: crate::node::name_of(&worker.object).into(),
        memory_limit_bytes: limit,
        ..MachineConfig::default()
    };
    if let Some(volumes) = &worker.volumes {
        volumes.write_tokens(node, worker, shared);
    }
    let machine = Machine::new(&shared.sim, &userland, config);
    write_network_files(&machine, worker);
    for mount in spec.volume_mounts() {
        let Some(files) = worker.volumes.as_ref().and_then(|v| v.get(mount.name())) else {
            continue;
        };
        let sub_path = match mount.sub_path() {
            "" => "/",
            sub_path => sub_path,
        };
        let (path, read_only) = (mount.mount_path(), mount.read_only());
        // A sub-path that does not exist leaves the mount out; the container starts without it.
        let _ = machine.files_mut().mount(path, files, sub_path, read_only, mount.name());
    }
    install_network_tools(&machine, container, worker, shared);
    machine
}

/// The files that the kubelet and the runtime put into every container.
fn write_network_files(machine: &Machine, worker: &PodWorker) {
    let name = crate::node::name_of(&worker.object);
    let ip = worker.ip.as_ref().map(|ip| ip.to_string()).unwrap_or_default();
    let namespace = worker.pod().metadata().namespace();
    let hosts = format!(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost \
         ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\t\
         ip6-allnodes\nfe00::2\tip6-allrouters\n{ip}\t{name}\n"
    );
    let resolver = format!(
        "search {namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver \
         10.96.0.10\noptions ndots:5\n"
    );
    let files = machine.files();
    let root = files.root();
    // An image from scratch has no /etc; the disk of a new machine has room for it.
    let _ = root.create_directories("/etc");
    let _ = root.write_file("/etc/hostname", format!("{name}\n").as_bytes(), 0o644);
    let _ = root.write_file("/etc/hosts", hosts.as_bytes(), 0o644);
    let _ = root.write_file("/etc/resolv.conf", resolver.as_bytes(), 0o644);
}

fn install_network_tools(
    machine: &Machine,
    container: &Container,
    worker: &PodWorker,
    shared: &Shared,
) {
    let host = || Host::Pod {
        namespace: worker.pod().metadata().namespace().to_owned(),
        ip: worker.ip.as_ref().map(|ip| ip.to_string()).unwrap_or_default(),
    };
    let network = || shared.network.clone();
    // A file system of an image has room for a program.
    let _ = match container.image.map_or(NetworkTools::None, |image| image.network_tools) {
        NetworkTools::None => Ok(()),
        NetworkTools::Curl => machine.install("/usr/bin/curl", network::curl(network(), host())),
        NetworkTools::Busybox => machine
            .install("/bin/wget", network::wget(network(), host()))
            .and_then(|()| machine.install("/bin/nslookup", network::nslookup(network(), host()))),
    };
}

pub(crate) fn working_directory(container: &Container, worker: &PodWorker, index: usize) -> String {
    match (worker.spec_of(index).working_dir(), container.image) {
        ("", Some(image)) => image.working_directory.to_owned(),
        ("", None) => "/".to_owned(),
        (given, _) => given.to_owned(),
    }
}

/// A container's environment as its processes have it.
pub(crate) fn environment_of(container: &Container) -> Environment {
    let mut environment = Environment::new();
    for (name, value) in container.links.iter().chain(container.environment.iter()) {
        environment.set(name, value);
    }
    environment
}

/// Lets the kubelet know when a process ends.
pub(crate) fn report_end(
    shared: &Shared,
    node: usize,
    pod: Rc<str>,
    container_id: String,
    child: Child,
) {
    let ended = shared.ended.clone();
    shared.sim.spawn(async move {
        let status = child.wait().await;
        let out_of_memory = child.was_out_of_memory();
        let code = status.code();
        ended.borrow_mut().push(Ended { node, pod, container_id, code, out_of_memory });
    });
}

/// How a container ends whose process cannot be started.
fn start_error(name: &str, errno: Errno) -> Exit {
    let quoted = api::go::quote(name);
    let why = cannot_execute(name, errno);
    let message = format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: \
         runc create failed: unable to start container process: exec: {quoted}: {why}: unknown"
    );
    Exit { code: 128, reason: "StartError", message, at: Time::EPOCH }
}

/// Why a program cannot be executed, in Go's words.
pub(crate) fn cannot_execute(name: &str, errno: Errno) -> String {
    match errno {
        Errno::ENOENT if name.contains('/') => format!("stat {name}: no such file or directory"),
        Errno::ENOENT => "executable file not found in $PATH".to_owned(),
        Errno::EACCES => "permission denied".to_owned(),
        other => other.to_string(),
    }
}
