//! The real kubectl, v1.29 and a newer one, against our server: what is more than one request.
//!
//! `KUBECTL` and `NEWEST_KUBECTL` name the programs; `cargo xtask clients` fetches them.

use clients::front::Front;
use clients::process::{Outcome, Process};
use server::serve::ClockKind;
use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a command may take.
const LIMIT: Duration = Duration::from_secs(60);

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.25.3
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
  - port: 80
    nodePort: 30080
---
apiVersion: v1
kind: Pod
metadata:
  name: box
spec:
  containers:
  - name: box
    image: busybox:1.36
    command: [sh, -c, 'echo started; sleep 3600']
";

/// A cluster of its own, and a desk before it.
struct Desk {
    directory: PathBuf,
    environment: Vec<(String, String)>,
    front: Front,
    started: usize,
}

impl Desk {
    fn new(name: &str, variable: &str) -> Desk {
        let kubectl = env::var(variable).unwrap_or_else(|_| {
            panic!("{variable} names no kubectl: run this with cargo xtask clients")
        });
        let directory = env::temp_dir().join(format!("kobako-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory can be made");
        fs::write(directory.join("web.yaml"), WEB).expect("a file can be written");
        let kubeconfig = directory.join("kubeconfig");
        let front = Front::start(ClockKind::Real, &kubeconfig, String::new());
        let front = front.expect("the cluster is served");
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let environment = [
            ("PATH", env::var("PATH").unwrap_or_default()),
            ("HOME", text(&directory)),
            ("KUBECONFIG", text(&kubeconfig)),
            ("KUBECTL", kubectl),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Desk { directory, environment, front, started: 0 }
    }

    fn start(&mut self, line: &str) -> Process {
        self.started += 1;
        let output = self.directory.join(format!("output-{}", self.started));
        let line = format!("kubectl() {{ \"$KUBECTL\" \"$@\"; }}; {line}");
        let started = Process::start(&line, &self.directory, &self.environment, output);
        started.expect("a shell can be started")
    }

    /// Runs a shell line and compares what it prints and how it ends.
    fn check(&mut self, line: &str, expected: &str, code: i32) {
        let ended = self.start(line).finish(LIMIT).expect("a command ends");
        let Outcome { output, code: found } = ended;
        assert_eq!((String::from_utf8_lossy(&output).as_ref(), found), (expected, code), "{line}");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What is left is only in the way.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// What a port answers.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    let head = "Host: localhost\r\nConnection: close\r\n\r\n";
    write!(stream, "GET {path} HTTP/1.1\r\n{head}").expect("a request can be sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer is a text");
    answer
}

/// Everything that goes on for longer than a request.
fn streams(name: &str, variable: &str, settings: &[(&str, &str)]) {
    let mut desk = Desk::new(name, variable);
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    desk.environment.extend(settings);
    let created = "deployment.apps/web created\nservice/web created\npod/box created\n";
    desk.check("kubectl apply -f web.yaml", created, 0);
    desk.check("kubectl wait pod/box --for=condition=Ready", "pod/box condition met\n", 0);
    desk.check("kubectl rollout status deploy/web | tail -1", &format!("{ROLLED_OUT}\n"), 0);
    desk.check("kubectl logs box", "started\n", 0);
    desk.check("kubectl exec box -- echo hello", "hello\n", 0);
    desk.check("echo typed | kubectl exec -i box -- cat", "typed\n", 0);
    let failed = "command terminated with exit code 3\n";
    desk.check("kubectl exec box -- sh -c 'exit 3'", failed, 3);
    terminals(&mut desk);
    copies(&mut desk);
    // Newer clients look for the container themselves.
    let refused = "Error from server (BadRequest): container nope is not valid for pod box\n";
    let path = format!("{EXEC_PATH}?container=nope&command=true&stdout=true");
    desk.check(&format!("kubectl get --raw '{path}'"), refused, 1);
    let server = desk.front.socket();
    assert!(get(server, "/__nodeport/30080/").contains("Welcome to nginx!"));
    assert!(get(server, "/__nodeport/30081/").starts_with("HTTP/1.1 502"));
    forward(&mut desk);
}

/// A terminal within a terminal: `script` gives kubectl one.
fn terminals(desk: &mut Desk) {
    let on_terminal = |columns: u32, line: &str| {
        format!("script -qec 'stty cols {columns} rows 33; {line}' /dev/null </dev/null")
    };
    // Newer clients complain on standard error if their own input ends as the program does.
    let line = "kubectl exec -it box -- sh -c \"test -t 0 && echo one && echo two\" 2>/dev/null";
    desk.check(&on_terminal(80, line), "one\r\ntwo\r\n", 0);
    let failed = "kubectl exec -it box -- sh -c \"exit 3\" 2>/dev/null";
    desk.check(&on_terminal(80, failed), "", 3);
    // Programs hear of the size, a moment after they have begun.
    let listed = "kubectl exec -it box -- sh -c \"sleep 20; ls /\"";
    for (columns, is_narrow) in [(16, "0"), (200, "1")] {
        let lines = format!("test $({} | wc -l) -gt 2; echo $?", on_terminal(columns, listed));
        desk.check(&lines, &format!("{is_narrow}\n"), 0);
    }
    // What a container prints while somebody looks.
    let ticks =
        "kubectl run ticker --image=busybox:1.36 -- sh -c 'while sleep 5; do echo tick; done'";
    desk.check(ticks, "pod/ticker created\n", 0);
    let ready = "kubectl wait pod/ticker --for=condition=Ready";
    desk.check(ready, "pod/ticker condition met\n", 0);
    desk.check("timeout 20 kubectl attach ticker 2>/dev/null | sed -u 2q", "tick\ntick\n", 0);
}

/// Files go there and come back.
fn copies(desk: &mut Desk) {
    desk.check("kubectl cp web.yaml box:/tmp/copy.yaml", "", 0);
    desk.check("kubectl exec box -- cat /tmp/copy.yaml | cmp - web.yaml", "", 0);
    let back = "kubectl cp box:/tmp/copy.yaml back.yaml 2>/dev/null && cmp back.yaml web.yaml";
    desk.check(back, "", 0);
}

const EXEC_PATH: &str = "/api/v1/namespaces/default/pods/box/exec";
const ROLLED_OUT: &str = "deployment \"web\" successfully rolled out";

/// A port of the Deployment's Pod becomes one of this machine.
fn forward(desk: &mut Desk) {
    let mut process = desk.start("kubectl port-forward deploy/web :80");
    let output = process.output().to_owned();
    let shown = || fs::read_to_string(&output).unwrap_or_default();
    process.wait_until(|| shown().contains('\n'), LIMIT).expect("it can be waited for");
    let shown = shown();
    let line = shown.lines().next().unwrap_or_default();
    let port =
        line.strip_prefix("Forwarding from 127.0.0.1:").and_then(|rest| rest.split(' ').next());
    let port = port.unwrap_or_else(|| panic!("{line:?} names a port"));
    for _ in 0..2 {
        let answer = get(&format!("127.0.0.1:{port}"), "/");
        assert!(answer.contains("Welcome to nginx!"), "{answer:?}");
    }
    process.interrupt(LIMIT).expect("it can be stopped");
}

#[test]
fn streams_over_spdy() {
    streams("spdy", "KUBECTL", &[]);
}

#[test]
fn streams_over_websockets() {
    streams("websocket", "NEWEST_KUBECTL", &[]);
}

#[test]
fn a_newer_client_over_spdy() {
    let settings = [
        ("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false"),
        ("KUBECTL_PORT_FORWARD_WEBSOCKETS", "false"),
    ];
    streams("newest-spdy", "NEWEST_KUBECTL", &settings);
}

const FORBIDDEN: &str = "Error from server (Forbidden): pods is forbidden: User \
    \"system:serviceaccount:default:default\" cannot list resource \"pods\" in API group \"\" in \
    the namespace \"default\"\n";

const ANONYMOUS: &str = "Error from server (Forbidden): pods is forbidden: User \
    \"system:anonymous\" cannot list resource \"pods\" in API group \"\" in the namespace \
    \"default\"\n";

/// Who has a token is the service account that it was made for, and may do what that may.
#[test]
fn credentials_say_who_somebody_is() {
    let mut desk = Desk::new("credentials", "KUBECTL");
    let who = "auth whoami -o jsonpath='{.status.userInfo.username}'";
    desk.check(&format!("kubectl {who}"), "kubernetes-admin", 0);
    desk.check(
        "kubectl config set-credentials robot --token=\"$(kubectl create token default)\"",
        "User \"robot\" set.\n",
        0,
    );
    desk.check(&format!("kubectl --user=robot {who}"), "system:serviceaccount:default:default", 0);
    desk.check("kubectl --user=robot get pods", FORBIDDEN, 1);
    let bound = "rolebinding.rbac.authorization.k8s.io/robots created\n";
    let bind =
        "kubectl create rolebinding robots --clusterrole=view --serviceaccount=default:default";
    desk.check(bind, bound, 0);
    desk.check("kubectl --user=robot get pods", "No resources found in default namespace.\n", 0);
    let refused = "Error from server (Forbidden): users \"jane\" is forbidden: User \
        \"system:serviceaccount:default:default\" cannot impersonate resource \"users\" in API group \
        \"\" at the cluster scope\n";
    desk.check("kubectl --user=robot --as=jane get --raw /version", refused, 1);
    let liar = "kubectl config set-credentials liar --token=abc >/dev/null; kubectl --user=liar";
    let unknown = "error: You must be logged in to the server (Unauthorized)\n";
    desk.check(&format!("{liar} get --raw /version"), unknown, 1);
    let acting = "kubectl --as=jane --as-uid=7 --as-group=dev auth whoami";
    let shown = "ATTRIBUTE   VALUE\nUsername    jane\nUID         7\n\
                 Groups      [dev system:authenticated]\n";
    desk.check(acting, shown, 0);
    // Without credentials, with TLS and without.
    desk.check("kubectl config set-credentials nobody", "User \"nobody\" set.\n", 0);
    // A name and a password say nothing to a cluster like this one, and keep kubectl from asking.
    let anonymous = "kubectl --user=nobody --username=x --password=y get";
    desk.check(&format!("{anonymous} --raw /livez"), "ok", 0);
    desk.check(&format!("{anonymous} pods"), ANONYMOUS, 1);
    let listed = get(desk.front.socket(), "/api/v1/pods");
    assert!(listed.starts_with("HTTP/1.1 200 ") && listed.contains("PodList"), "{listed}");
}
