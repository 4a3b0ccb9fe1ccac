// The JavaScript client of Kubernetes against `kobako serve`, whose kubeconfig KUBECONFIG names.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";

import * as k8s from "@kubernetes/client-node";

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const namespace = "default";

const pod = (name, command) => ({
  metadata: { name, labels: { from: "javascript" } },
  spec: { containers: [{ name: "box", image: "busybox:1.36", command }] },
});

/** Waits until `look` gives something. */
async function until(look) {
  for (let attempts = 0; attempts < 200; attempts += 1) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not happen");
}

/**
 * Reads, changes and writes anew when a controller wrote in between, as every client of an object
 * that controllers write must: the server refuses the change of an older version with 409.
 */
async function onConflictAgain(change) {
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (error.code !== 409) throw error;
    }
  }
}

const phaseOf = async (name) => (await core.readNamespacedPod({ name, namespace })).status.phase;

before(async () => {
  await core.createNamespacedPod({ namespace, body: pod("box", ["sleep", "3600"]) });
  await until(async () => (await phaseOf("box")) === "Running");
});

after(() => core.deleteNamespacedPod({ name: "box", namespace, gracePeriodSeconds: 0 }));

test("objects are created, read, changed and deleted", async () => {
  const name = "colours";
  const created = await core.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name }, data: { sky: "blue" } },
  });
  assert.ok(created.metadata.uid);
  created.data.grass = "green";
  const replaced = await core.replaceNamespacedConfigMap({ name, namespace, body: created });
  assert.deepEqual(replaced.data, { sky: "blue", grass: "green" });
  const listed = await core.listNamespacedConfigMap({ namespace });
  assert.ok(listed.items.some((item) => item.metadata.name === name));
  await core.deleteNamespacedConfigMap({ name, namespace });
  await assert.rejects(core.readNamespacedConfigMap({ name, namespace }), (error) => {
    assert.equal(error.code, 404);
    return true;
  });
});

test("a scale is read and replaced", async () => {
  const name = "web";
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "nginx:1.25.3" }] } };
  const body = { metadata: { name }, spec: { selector: { matchLabels: labels }, template } };
  await apps.createNamespacedDeployment({ namespace, body });
  await onConflictAgain(async () => {
    const scale = await apps.readNamespacedDeploymentScale({ name, namespace });
    assert.equal(scale.spec.replicas, 1);
    scale.spec.replicas = 2;
    await apps.replaceNamespacedDeploymentScale({ name, namespace, body: scale });
  });
  await until(async () => {
    const read = await apps.readNamespacedDeployment({ name, namespace });
    return read.status.readyReplicas === 2;
  });
  await apps.deleteNamespacedDeployment({ name, namespace });
});

test("a watch tells of what happens", async () => {
  const seen = [];
  const watch = new k8s.Watch(config);
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const controller = await watch.watch(
    path,
    { fieldSelector: "metadata.name=watched" },
    (phase, object) => seen.push(`${phase} ${object.metadata.name}`),
    () => {},
  );
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "watched" } } });
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "other" } } });
  await core.deleteNamespacedConfigMap({ name: "watched", namespace });
  await until(() => seen.length === 2);
  controller.abort();
  assert.deepEqual(seen, ["ADDED watched", "DELETED watched"]);
});

test("an informer keeps a list", async () => {
  const list = () => core.listNamespacedPod({ namespace, labelSelector: "from=javascript" });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const informer = k8s.makeInformer(config, path, list, "from=javascript");
  const seen = [];
  informer.on("add", (object) => seen.push(object.metadata.name));
  await informer.start();
  await core.createNamespacedPod({ namespace, body: pod("second", ["sleep", "3600"]) });
  await until(() => seen.includes("second") && seen.includes("box"));
  await core.deleteNamespacedPod({ name: "second", namespace, gracePeriodSeconds: 0 });
  await until(() => informer.list(namespace).length === 1);
  await informer.stop();
});

test("a log is read", async () => {
  await core.createNamespacedPod({ namespace, body: pod("talker", ["echo", "hello"]) });
  await until(async () => (await phaseOf("talker")) !== "Pending");
  const log = await until(() => core.readNamespacedPodLog({ name: "talker", namespace }));
  assert.equal(log, "hello\n");
});

/** Runs a program in the container; gives what it prints and how it ends. */
function exec(command, input) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let printed = "";
  stdout.on("data", (piece) => (printed += piece));
  stderr.on("data", (piece) => (printed += piece));
  const stdin = input === undefined ? null : new PassThrough();
  const client = new k8s.Exec(config);
  return new Promise((resolve, reject) => {
    const ended = (status) => setImmediate(() => resolve({ printed, status }));
    client.exec(namespace, "box", "box", command, stdout, stderr, stdin, false, ended).then(
      () => stdin?.end(input),
      reject,
    );
  });
}

test("a program runs in a container", async () => {
  const { printed, status } = await exec(["sh", "-c", "echo out; echo err >&2"]);
  assert.deepEqual([printed.split("\n").sort().join(" ").trim(), status.status], ["err out", "Success"]);
  const failed = await exec(["sh", "-c", "exit 3"]);
  assert.equal(failed.status.details.causes[0].message, "3");
});

test("a program reads what is typed", async () => {
  const { printed } = await exec(["head", "-n", "1"], "typed\n");
  assert.equal(printed, "typed\n");
});
