//! `kobako bench-scale`: what a large cluster costs, in CPU time and in memory.
//!
//! Creates Deployments in the shape of SIG Scalability's throughput test (namespaces of 5,000
//! Pods: a third of them in one Deployment, a third in Deployments of 120, a third in Deployments
//! of 10), waits until all are available, rolls all of them, and deletes them. Whatever it does to
//! the cluster goes through the API server.

use api::{Text, Value, list, object};
use apiserver::{Body, HttpRequest, Method, User};
use cluster::{Cluster, ClusterConfig, NodeRole, Profile};
use sim::{Cause, Duration, Time};
use std::fs;

const NAMESPACE_PODS: usize = 5_000;
const SIZES: [usize; 3] = [NAMESPACE_PODS / 3, 120, 10];
/// How often is looked whether a phase is over.
const POLL: Duration = Duration::from_secs(1);
/// A phase that takes longer than this in virtual time has failed.
const PHASE_MAX: Duration = Duration::from_secs(7_200);
/// 27 November 2026: any instant would do.
const START: Time = Time::from_seconds(1_795_737_600);

/// What the benchmark is asked for.
pub struct Options {
    /// Nodes that run Pods.
    pub nodes: usize,
    /// Pods in sum.
    pub pods: usize,
}

/// Runs the benchmark; the result is one JSON document.
pub fn run(options: &Options) -> Result<String, String> {
    let mut config = ClusterConfig::single_node(Profile::Kind, 1, START);
    config.nodes.extend(std::iter::repeat_n(NodeRole::Worker, options.nodes));
    let mut bench = Bench { cluster: Cluster::new(config), deployments: Vec::new() };
    let empty_bytes = peak_resident_bytes();

    let create = bench.timed(|bench| {
        bench.create(options.pods)?;
        bench.run_until(Bench::is_settled)
    })?;
    let idle = bench.timed(|bench| {
        bench.advance(Duration::from_secs(60));
        Ok(())
    })?;
    let roll = bench.timed(|bench| {
        bench.roll()?;
        bench.run_until(Bench::is_settled)
    })?;
    let peak_bytes = peak_resident_bytes();
    let delete = bench.timed(|bench| {
        bench.delete()?;
        bench.run_until(Bench::is_empty)
    })?;
    let server = bench.cluster.server().borrow();
    let pods = options.pods.max(1) as f64;
    let bytes = peak_bytes.saturating_sub(empty_bytes) as f64;
    Ok(format!(
        "{{\"nodes\": {}, \"pods\": {}, \"create_cpu_s\": {create:.3}, \"roll_cpu_s\": {roll:.3}, \
         \"delete_cpu_s\": {delete:.3}, \"idle60_cpu_s\": {idle:.3}, \"pods_per_s\": {:.0}, \
         \"requests\": {}, \"store_writes\": {}, \"bytes_per_pod\": {:.0}}}\n",
        options.nodes,
        options.pods,
        pods / create.max(1e-9),
        server.request_count(),
        server.store().revision(),
        bytes / pods,
    ))
}

/// A Deployment of the benchmark.
struct Workload {
    namespace: String,
    name: String,
}

struct Bench {
    cluster: Cluster,
    deployments: Vec<Workload>,
}

impl Bench {
    /// Seconds of CPU that `phase` takes.
    fn timed(
        &mut self,
        phase: impl FnOnce(&mut Bench) -> Result<(), String>,
    ) -> Result<f64, String> {
        let before = cpu_seconds();
        phase(self)?;
        Ok(cpu_seconds() - before)
    }

    fn request(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, String> {
        let content_type = match method {
            Method::Patch => "application/strategic-merge-patch+json",
            _ => "application/json",
        };
        let response = self.cluster.handle(HttpRequest {
            method,
            path: path.into(),
            body: body.map_or(Body::None, Body::Value),
            content_type: content_type.into(),
            accept: "application/json".into(),
            credentials: User::new("kubernetes-admin", &["system:masters", "system:authenticated"])
                .into(),
            user_agent: Text::from("kobako-bench/v0"),
            cause: Cause::Setup,
        });
        response.into_result().map_err(|status| format!("{path}: {}", status.message))
    }

    fn advance(&mut self, pause: Duration) {
        let until = self.cluster.sim().now() + pause;
        self.cluster.run_until(until);
    }

    fn run_until(&mut self, is_over: fn(&mut Bench) -> Result<bool, String>) -> Result<(), String> {
        let limit = self.cluster.sim().now() + PHASE_MAX;
        while !is_over(self)? {
            if self.cluster.sim().now() > limit {
                return Err(format!("not done after {} s of virtual time", PHASE_MAX.as_secs()));
            }
            self.advance(POLL);
        }
        Ok(())
    }

    fn create(&mut self, pods: usize) -> Result<(), String> {
        let mut left = pods;
        let mut namespaces = 0;
        while left > 0 {
            let in_namespace = left.min(NAMESPACE_PODS);
            left -= in_namespace;
            namespaces += 1;
            let namespace = format!("test-{namespaces}");
            let body = object! {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": object! { "name": namespace.clone() },
            };
            self.request(Method::Post, "/api/v1/namespaces", Some(body))?;
            // The namespace gets its service account.
            self.advance(POLL);
            self.fill(&namespace, in_namespace)?;
        }
        Ok(())
    }

    fn fill(&mut self, namespace: &str, pods: usize) -> Result<(), String> {
        let mut left = pods;
        for (index, size) in SIZES.iter().enumerate() {
            let share = if index + 1 == SIZES.len() { left } else { (pods / 3).min(left) };
            let mut rest = share;
            let mut count = 0;
            while rest > 0 {
                let replicas = rest.min(*size);
                rest -= replicas;
                count += 1;
                let name = format!("size-{size}-{count}");
                let body = deployment(&name, replicas);
                self.request(Method::Post, &collection(namespace), Some(body))?;
                self.deployments.push(Workload { namespace: namespace.into(), name });
            }
            left -= share;
        }
        Ok(())
    }

    fn roll(&mut self) -> Result<(), String> {
        let patch = object! { "spec": object! { "template": object! { "spec": object! {
            "containers": list![object! {
                "name": "pause",
                "env": list![object! { "name": "VERSION", "value": "2" }],
            }],
        } } } };
        for path in self.paths() {
            self.request(Method::Patch, &path, Some(patch.clone()))?;
        }
        Ok(())
    }

    fn delete(&mut self) -> Result<(), String> {
        for path in self.paths() {
            self.request(Method::Delete, &path, None)?;
        }
        Ok(())
    }

    fn paths(&self) -> Vec<String> {
        let path = |d: &Workload| format!("{}/{}", collection(&d.namespace), d.name);
        self.deployments.iter().map(path).collect()
    }

    /// Whether every Deployment has what it asks for, and nothing else.
    fn is_settled(&mut self) -> Result<bool, String> {
        let listed = self.request(Method::Get, "/apis/apps/v1/deployments", None)?;
        Ok(listed["items"].items().iter().all(|deployment| {
            let count = |part: &str, field: &str| deployment[part][field].as_i64().unwrap_or(0);
            let wanted = count("spec", "replicas");
            let fields = ["replicas", "updatedReplicas", "availableReplicas"];
            count("status", "observedGeneration") == count("metadata", "generation")
                && fields.iter().all(|field| count("status", field) == wanted)
        }))
    }

    /// Whether no Pod is left but those of the cluster itself.
    fn is_empty(&mut self) -> Result<bool, String> {
        let mut namespaces: Vec<&str> =
            self.deployments.iter().map(|workload| workload.namespace.as_str()).collect();
        namespaces.dedup();
        let paths: Vec<String> = namespaces
            .into_iter()
            .map(|namespace| format!("/api/v1/namespaces/{namespace}/pods?limit=1"))
            .collect();
        for path in paths {
            if !self.request(Method::Get, &path, None)?["items"].items().is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn collection(namespace: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/deployments")
}

fn deployment(name: &str, replicas: usize) -> Value {
    let labels = object! { "app": name.to_owned() };
    object! {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": object! { "name": name.to_owned(), "labels": labels.clone() },
        "spec": object! {
            "replicas": replicas as i64,
            "selector": object! { "matchLabels": labels.clone() },
            "template": object! {
                "metadata": object! { "labels": labels },
                "spec": object! { "containers": list![object! {
                    "name": "pause",
                    "image": "registry.k8s.io/pause:3.9",
                    "resources": object! { "requests": object! { "cpu": "10m", "memory": "20Mi" } },
                }] },
            },
        },
    }
}

/// The CPU time of this process; 0 where the kernel does not tell.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos: f64 = text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
    nanos / 1e9
}

/// The most memory that this process has occupied; 0 where the kernel does not tell.
fn peak_resident_bytes() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_comes_to_its_end() {
        let result = run(&Options { nodes: 2, pods: 20 }).expect("a result");
        assert!(result.starts_with("{\"nodes\": 2, \"pods\": 20,"), "{result}");
    }
}
