use super::*;
use crate::{Input, Session, Start};
use sim::Duration;

const MANIFEST: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.25.3
        resources: {requests: {cpu: 250m, memory: 64Mi}}
";

/// What the control plane, two Pods of coredns and three of kindnet ask for.
const SYSTEM_CPU_MILLI: i64 = 650 + 200 + 300;

/// A session, and the picture as somebody knows it who is told of changes only.
struct Watched {
    session: Session,
    view: View,
    nodes: BTreeMap<String, NodePiece>,
    pods: BTreeMap<String, PodPiece>,
    deployments: BTreeMap<String, DeploymentPiece>,
    /// The states in which Pods were seen.
    states: Vec<String>,
}

impl Watched {
    fn new() -> Watched {
        let start = Start {
            profile: "kind".to_owned(),
            kind_config: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n\
                          - role: control-plane\n- role: worker\n- role: worker\n"
                .to_owned(),
            seed: 7,
            begin_seconds: 1_795_435_200,
            kubeconfig: "/home/learner/.kube/config".to_owned(),
            columns: 120,
        };
        let mut watched = Watched {
            session: Session::new(start).expect("a session begins"),
            view: View::default(),
            nodes: BTreeMap::new(),
            pods: BTreeMap::new(),
            deployments: BTreeMap::new(),
            states: Vec::new(),
        };
        watched.look();
        watched
    }

    fn look(&mut self) {
        let changes = self.view.look(&self.session);
        for uid in &changes.removed {
            let pod = self.pods.remove(uid).is_some();
            assert!(
                pod | self.deployments.remove(uid).is_some() | self.nodes.remove(uid).is_some()
            );
        }
        for node in changes.nodes {
            self.nodes.insert(node.uid.clone(), node);
        }
        for deployment in changes.deployments {
            self.deployments.insert(deployment.uid.clone(), deployment);
        }
        for pod in changes.pods {
            let state = format!("{:?}", pod.state);
            let word = state.split(' ').next().unwrap_or_default().to_owned();
            if !self.states.contains(&word) {
                self.states.push(word);
            }
            self.pods.insert(pod.uid.clone(), pod);
        }
    }

    fn run(&mut self, line: &str) {
        let command = self.session.next_command();
        let input = Input::Command { line: line.to_owned(), variables: Vec::new() };
        self.session.input(input).expect("a command starts");
        self.pass(Duration::from_secs(1));
        let ended = self.session.command(command).and_then(crate::Command::status);
        assert!(ended.is_some(), "{line:?} goes on for more than a second");
    }

    fn pass(&mut self, span: Duration) {
        let limit = self.session.now() + span;
        while self.session.step(limit) {
            self.look();
        }
        self.session.run_until(limit);
        self.look();
    }

    /// What is known from changes is what there is to see.
    fn check(&self) {
        let mut whole = View::default().look(&self.session);
        whole.pods.sort_by(|a, b| a.uid.cmp(&b.uid));
        assert_eq!(whole.pods, self.pods.values().cloned().collect::<Vec<_>>());
        assert_eq!(whole.nodes, self.nodes.values().cloned().collect::<Vec<_>>());
        assert_eq!(whole.deployments, self.deployments.values().cloned().collect::<Vec<_>>());
    }
}

fn apply(watched: &mut Watched) {
    let bytes = MANIFEST.as_bytes().to_vec();
    let input = Input::WriteFile { path: "web.yaml".to_owned(), bytes };
    watched.session.input(input).expect("a file can be written");
    watched.run("kubectl apply -f web.yaml");
}

#[test]
fn a_rollout_from_nothing_to_ready_and_its_end() {
    let mut watched = Watched::new();
    assert_eq!((watched.nodes.len(), watched.pods.len()), (3, 0));
    apply(&mut watched);
    watched.pass(Duration::from_secs(40));
    watched.check();
    assert_eq!(watched.states, ["Pending", "Creating", "Pulling", "Ready"]);
    let deployment = watched.deployments.values().next().expect("a Deployment");
    assert_eq!(deployment.state, RolloutState::Complete);
    assert_eq!((deployment.floor, deployment.ceiling, deployment.ready), (3, 4, 3));
    let requested: i64 = watched.nodes.values().map(|node| node.cpu.requested).sum();
    assert_eq!(requested, SYSTEM_CPU_MILLI + 750);

    watched.run("kubectl delete deployment web --wait=false");
    watched.pass(Duration::from_secs(1));
    watched.check();
    watched.pass(Duration::from_secs(40));
    assert!(watched.states.contains(&"Terminating".to_owned()));
    assert!(watched.pods.is_empty() && watched.deployments.is_empty());
}

#[test]
fn a_broken_image_holds_the_rollout_and_counts_down() {
    let mut watched = Watched::new();
    apply(&mut watched);
    watched.pass(Duration::from_secs(40));
    watched.run("kubectl set image deploy/web nginx=nginx:none");
    watched.pass(Duration::from_secs(40));
    watched.check();
    let deployment = watched.deployments.values().next().expect("a Deployment");
    assert_eq!(deployment.state, RolloutState::Held);
    assert_eq!(deployment.replica_sets.len(), 2);
    let broken = watched.pods.values().find(|pod| pod.state != PodState::Ready);
    let broken = broken.expect("a Pod with a broken image");
    let PodState::ImageError { from_ms, to_ms } = broken.state else {
        panic!("{:?}", broken.state);
    };
    assert!(to_ms >= from_ms + 10_000, "{from_ms} {to_ms}");
    assert!(broken.message.contains("nginx:none"), "{}", broken.message);
}

#[test]
fn a_crash_loop_counts_down() {
    let mut watched = Watched::new();
    watched.run("kubectl run crash --image=busybox:1.36 --restart=Always -- sh -c 'exit 1'");
    watched.pass(Duration::from_secs(60));
    watched.check();
    assert!(watched.states.contains(&"CrashLoop".to_owned()), "{:?}", watched.states);
}

#[test]
fn looking_leaves_no_trace() {
    let mut watched = Watched::new();
    apply(&mut watched);
    watched.pass(Duration::from_secs(20));
    let before = watched.session.digest();
    let pod = watched.pods.values().next().expect("a Pod");
    let object = crate::ObjectName {
        kind: "pod".to_owned(),
        namespace: pod.namespace.clone(),
        name: pod.name.clone(),
    };
    let described = watched.session.look(&object, crate::Aspect::Describe);
    assert!(described.starts_with("Name:"), "{described}");
    let yaml = watched.session.look(&object, crate::Aspect::Yaml);
    assert!(yaml.starts_with("apiVersion: v1\n"), "{yaml}");
    assert_eq!(watched.session.digest(), before);
}

#[test]
fn lines_go_on_with_what_there_is() {
    let mut watched = Watched::new();
    apply(&mut watched);
    let check = |line: &str, start: usize, words: &[&str]| {
        let found = watched.session.complete(line, line.len());
        assert_eq!(
            (found.start, found.words.as_slice()),
            (start, words.map_to_strings().as_slice())
        );
    };
    check("kubec", 0, &["kubectl "]);
    check("kubectl rol", 8, &["rollout "]);
    check("kubectl rollout und", 16, &["undo "]);
    check("kubectl get deploy w", 19, &["web "]);
    check("kubectl scale deployment/w", 25, &["web "]);
    check("kubectl apply -f w", 17, &["web.yaml "]);
}

trait Strings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl Strings for [&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|&word| word.to_owned()).collect()
    }
}
