//! A session with many Pods, to see how much memory they take.

use crate::random_session;
use session::{Input, Session, Start};
use sim::Duration;

/// Replicas of one Deployment, as in a large namespace.
const REPLICAS_MAX: u32 = 1_000;
/// Time for so many Pods to start.
const START: Duration = Duration::from_secs(120);

/// A session whose cluster has `nodes` workers and runs `pods` Pods, and how many are there.
///
/// # Panics
/// If the session refuses what it is asked for, which would be a mistake of this file.
pub fn with_pods(nodes: u32, pods: u32) -> (Session, u32) {
    let workers = "- role: worker\n".repeat(nodes as usize);
    let kind_config = format!(
        "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n{workers}"
    );
    let start = Start { kind_config, profile: "recorded".to_owned(), ..random_session::start(1) };
    let mut session = Session::new(start).expect("a session begins");
    let mut rest = pods;
    let mut number = 0;
    while rest > 0 {
        let replicas = rest.min(REPLICAS_MAX);
        let line = format!(
            "kubectl create deployment d{number} --image=nginx:1.25.3 --replicas={replicas}"
        );
        let input = Input::Command { line, variables: Vec::new() };
        session.input(input).expect("a command is taken");
        session.run_until(session.now() + START);
        rest -= replicas;
        number += 1;
    }
    let count = count_pods(&session);
    (session, count)
}

fn count_pods(session: &Session) -> u32 {
    let server = session.cluster().server().borrow();
    let pods =
        server.registry().find_kind("", "v1", "Pod").map(|kind| server.registry().resource(kind));
    pods.map_or(0, |pods| server.store().count(pods, None) as u32)
}
