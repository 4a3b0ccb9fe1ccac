//! The page: everything that a person sees and touches in a browser.
//!
//! One module runs twice: as the page, which draws and listens ([`start_page`]), and in a Web
//! Worker, which owns the session and lets time pass ([`start_worker`]). They exchange messages of
//! [`protocol`]; the page gets changes only, in the picture's terms. Nothing here decides anything
//! about Kubernetes: `session::view` does.

mod app;
mod bridge;
mod callbacks;
mod editor;
mod failure;
mod inspector;
mod locale;
mod picture;
pub mod protocol;
mod rehearsal;
mod storage;
mod terminal;
mod toolbar;
mod worker;

use wasm_bindgen::prelude::*;

/// Draws the page. `start_worker` gives a worker that runs this same module.
#[wasm_bindgen]
pub fn start_page(start_worker: js_sys::Function) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("page"));
    if let Some(root) = root {
        root.set_inner_html("");
        let props = app::Props { start_worker };
        yew::Renderer::<app::App>::with_root_and_props(root, props).render();
    }
}

/// Makes this thread the worker.
#[wasm_bindgen]
pub fn start_worker() {
    worker::run();
}
