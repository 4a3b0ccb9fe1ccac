//! The page's end of the wire to the worker.

use crate::protocol::{Report, Request, decode, encode};
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

/// What an error says if the rest of the module cannot be loaded; `www/rest.js` knows it, too.
const MISSING: &str = "The rest of the simulator could not be loaded";

/// A worker and what listens to it.
pub struct Bridge {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Bridge {
    /// Starts a worker. It hears what is sent before it can listen, later, and reports in batches.
    ///
    /// # Errors
    /// If the browser has none for us.
    pub fn start(
        start_worker: &Function,
        reports: Callback<Vec<Report>>,
    ) -> Result<Bridge, JsValue> {
        let worker: Worker = start_worker.call0(&JsValue::NULL)?.dyn_into()?;
        let failures = reports.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            if let Some(batch) = decode(&bytes) {
                reports.emit(batch);
            }
        });
        let failed = worker.clone();
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            let why = event.message();
            if why.contains(MISSING) {
                // It stopped in the middle of something.
                failed.terminate();
                failures.emit(vec![Report::Missing]);
            } else {
                failures.emit(vec![Report::Failed(why)]);
            }
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
