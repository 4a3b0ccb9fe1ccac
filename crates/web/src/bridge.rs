//! The page's end of the wire to the worker.

use crate::protocol::{Report, Request, decode, encode};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

/// The script that loads this same module as a worker.
const SCRIPT: &str = "./worker.js";

/// A worker and what listens to it.
pub struct Bridge {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Bridge {
    /// Starts a worker. It reports in batches.
    ///
    /// # Errors
    /// If the browser has none for us.
    pub fn start(reports: Callback<Vec<Report>>) -> Result<Bridge, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(SCRIPT, &options)?;
        let failures = reports.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            if let Some(batch) = decode(&bytes) {
                reports.emit(batch);
            }
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            failures.emit(vec![Report::Failed(event.message())]);
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Bridge { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a request.
    pub fn send(&self, request: &Request) {
        // It fails only for what cannot be copied, which bytes can.
        let _ = self.worker.post_message(&Uint8Array::from(encode(request).as_slice()));
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
