//! The API server's way to the kubelets.

use api::{Status, Value};
use apiserver::{ExecRefusal, ExecRequest, ExecStreams, LogRequest, NodeProxy};
use kubelet::{Kubelets, LogOptions};
use sim::Receiver;
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) struct KubeletProxy(pub(crate) Rc<RefCell<Kubelets>>);

impl NodeProxy for KubeletProxy {
    fn log(
        &self,
        pod: &Value,
        request: &LogRequest,
    ) -> Result<(Vec<u8>, Option<Receiver<Vec<u8>>>), Status> {
        let options = LogOptions {
            container: request.container.clone(),
            previous: request.previous,
            follow: request.follow,
            timestamps: request.timestamps,
            tail_lines: request.tail_lines,
            since: request.since,
            limit_bytes: request.limit_bytes,
        };
        self.0.borrow().log_bytes(pod, &options)
    }

    fn exec(&self, pod: &Value, request: &ExecRequest) -> Result<ExecStreams, ExecRefusal> {
        self.0.borrow_mut().exec(pod, request)
    }
}
