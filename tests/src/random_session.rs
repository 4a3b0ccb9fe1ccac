//! Sessions that a seed chooses: somebody who types at random into a cluster.
//!
//! Determinism is tested with them, and so is everything that must hold whatever a person does.

use session::{Input, InputError, Session, Start};
use sim::{Duration, Rng};

const BEGIN_SECONDS: u64 = 1_795_435_200;
const STEPS_MIN: u32 = 4;
const STEPS_MAX: u32 = 12;
/// The longest that one pauses between two inputs.
const PAUSE_MS_MAX: u32 = 20_000;

const NAMES: [&str; 3] = ["web", "api", "cache"];
const IMAGES: [&str; 6] = [
    "nginx:1.25.3",
    "nginx:1.24.0",
    "nginx:none",
    "busybox:1.36",
    "blux2/hello-server:1.0",
    "blux2/hello-server:1.2",
];
const NODES: [&str; 3] = ["kind-control-plane", "kind-worker", "kind-worker2"];
const KIND_CONFIG: &str = "\
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
- role: worker
- role: worker
";

/// The start of the session that `seed` chooses.
pub fn start(seed: u64) -> Start {
    let has_workers = seed.is_multiple_of(3);
    Start {
        profile: if seed.is_multiple_of(2) { "recorded" } else { "kind" }.to_owned(),
        kind_config: if has_workers { KIND_CONFIG } else { "" }.to_owned(),
        seed,
        begin_seconds: BEGIN_SECONDS,
        kubeconfig: "/home/learner/.kube/config".to_owned(),
        columns: 200,
    }
}

/// Plays the session that `seed` chooses to its end. `look` is called after every event.
///
/// # Panics
/// If the start is no start, which would be a mistake of this file.
pub fn play(seed: u64, mut look: impl FnMut(&Session)) -> Session {
    let mut session = Session::new(start(seed)).expect("a session begins");
    let mut random = Rng::new(seed);
    let steps = STEPS_MIN + random.below(STEPS_MAX - STEPS_MIN);
    for _ in 0..steps {
        let input = choose(&mut random);
        match session.input(input) {
            // A node of a larger cluster than this one.
            Ok(()) | Err(InputError::NoNode(_)) => {}
            Err(why) => panic!("the session of seed {seed} refuses an input: {why}"),
        }
        let pause = Duration::from_millis(u64::from(random.below(PAUSE_MS_MAX)));
        let until = session.now() + pause;
        while session.step(until) {
            look(&session);
        }
        session.run_until(until);
    }
    session
}

fn pick<'a>(random: &mut Rng, list: &[&'a str]) -> &'a str {
    let at = random.below(u32::try_from(list.len()).unwrap_or(1));
    list[at as usize]
}

fn choose(random: &mut Rng) -> Input {
    match random.below(20) {
        0..3 => {
            Input::WriteFile { path: "web.yaml".to_owned(), bytes: manifest(random).into_bytes() }
        }
        3 => {
            let node = pick(random, &NODES).to_owned();
            Input::StopKubelet { node }
        }
        4 => {
            let node = pick(random, &NODES).to_owned();
            Input::StartKubelet { node }
        }
        _ => Input::Command { line: command(random), variables: Vec::new() },
    }
}

fn manifest(random: &mut Rng) -> String {
    let (name, image) = (pick(random, &NAMES), pick(random, &IMAGES));
    let replicas = random.below(7);
    let surge = pick(random, &["25%", "1", "100%", "0"]);
    let unavailable = pick(random, &["25%", "0", "1", "50%"]);
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: {name}
  strategy:
    rollingUpdate:
      maxSurge: {surge}
      maxUnavailable: {unavailable}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
      - name: main
        image: {image}
"
    )
}

fn command(random: &mut Rng) -> String {
    let (name, image) = (pick(random, &NAMES), pick(random, &IMAGES));
    let count = random.below(6);
    match random.below(14) {
        0..3 => "kubectl apply -f web.yaml".to_owned(),
        3 => format!("kubectl create deployment {name} --image={image} --replicas={count}"),
        4 => format!("kubectl scale deployment {name} --replicas={count}"),
        5 => format!("kubectl set image deployment/{name} '*={image}'"),
        6 => format!("kubectl rollout undo deployment {name}"),
        7 => format!("kubectl rollout restart deployment {name}"),
        8 => format!("kubectl delete pod -l app={name} --wait=false"),
        9 => format!("kubectl delete deployment {name}"),
        10 => "kubectl get pods -A -o wide".to_owned(),
        11 => format!("kubectl describe deployment {name}"),
        12 => "kubectl get events | tail -3".to_owned(),
        _ => "kubectl get pods -o yaml | grep -c image: | tee count".to_owned(),
    }
}
