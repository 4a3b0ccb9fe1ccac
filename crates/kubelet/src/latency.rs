//! How long things take on a node. Each figure names what it stands for.

use sim::Duration;

/// `--sync-frequency` of the relist: the kubelet asks the runtime for changes once a second, and
/// notices only then that a container has started or ended.
pub(crate) const RELIST_PERIOD: Duration = Duration::from_secs(1);
/// From the news of a Pod to the first look at it.
pub(crate) const POD_UPDATE: Duration = Duration::from_millis(4);
/// The volume manager mounts in a loop of 100 ms, and the Pod waits in steps of 300 ms.
pub(crate) const MOUNT_VOLUMES: Duration = Duration::from_millis(120);
/// Making the sandbox: pause container and network. Measured on kind: 200 to 500 ms.
pub(crate) const CREATE_SANDBOX: Duration = Duration::from_millis(220);
/// Creating a container in containerd.
pub(crate) const CREATE_CONTAINER: Duration = Duration::from_millis(40);
/// Starting a container in containerd.
pub(crate) const START_CONTAINER: Duration = Duration::from_millis(60);
/// How long a server that obeys a signal needs to end.
pub(crate) const STOP_SERVICE: Duration = Duration::from_millis(30);
/// From the end of the last process to the status that says so.
pub(crate) const KILL_POD: Duration = Duration::from_millis(120);
/// From that status to the removal of the Pod: volumes are unmounted, the sandbox is removed.
pub(crate) const CLEAN_UP_POD: Duration = Duration::from_millis(650);
/// What the status manager takes for the status of one Pod: it reads the Pod and patches it, one
/// Pod after the other.
pub(crate) const WRITE_STATUS: Duration = Duration::from_millis(12);
/// `backOffPeriod`: a Pod whose sync failed is looked at again after this time, and up to half as
/// much again.
pub(crate) const SYNC_RETRY: Duration = Duration::from_secs(10);
/// `--sync-frequency`: a Pod is looked at anyway after this time, and up to half as much again.
pub(crate) const RESYNC: Duration = Duration::from_secs(60);
/// `MaxContainerBackOff` and the first back-off, for containers that end and for images that
/// cannot be pulled.
pub(crate) const BACKOFF_INITIAL: Duration = Duration::from_secs(10);
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// The most that latencies vary either way, in percent.
pub(crate) const VARIATION_PERCENT: u32 = 25;
/// `nodeLeaseDurationSeconds` is 40; the lease is renewed after a quarter of it.
pub(crate) const LEASE_RENEWAL: Duration = Duration::from_secs(10);
/// `nodeStatusReportFrequency`: the node's status is reported anyway after this time.
pub(crate) const NODE_STATUS_REPORT: Duration = Duration::from_secs(300);
