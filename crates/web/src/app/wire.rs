//! The worker: how it is started and told things, and what happens when it cannot go on.

use super::{App, Message, samples};
use crate::bridge::Bridge;
use crate::protocol::Request;
use crate::storage;
use std::rc::Rc;
use yew::prelude::*;

/// The worker.
impl App {
    pub(super) fn start(&mut self, ctx: &Context<App>) {
        let reports = ctx.link().callback(Message::Reports);
        match Bridge::start(&ctx.props().start_worker, reports) {
            Ok(bridge) => self.bridge = Some(bridge),
            Err(why) => self.failure = Some(format!("{why:?}")),
        }
        self.begin();
    }

    pub(super) fn send(&self, request: &Request) {
        if let Some(bridge) = self.bridge.as_ref().filter(|_| self.failure.is_none()) {
            bridge.send(request);
        }
    }

    pub(super) fn send_speed(&self) {
        let runs = self.is_running && self.is_visible;
        self.send(&Request::Speed(if runs { self.speed } else { 0.0 }));
    }

    fn begin(&mut self) {
        let now_seconds = (js_sys::Date::now() / 1e3) as u64;
        let seed = (js_sys::Math::random() * (1u64 << 48) as f64) as u64;
        let (files, saved) = match self.fresh_files.take() {
            Some(files) => (files, None),
            None => {
                let kept = storage::get(storage::SESSION);
                (samples(), kept.and_then(|text| storage::from_base64(&text)))
            }
        };
        self.send(&Request::Begin { seed, now_seconds, files, saved });
        self.send_speed();
        if query("panic") {
            self.send(&Request::Panic);
        }
    }

    pub(super) fn begin_anew(&mut self, ctx: &Context<App>, files: Vec<(String, String)>) {
        storage::remove(storage::SESSION);
        self.fresh_files = Some(files);
        self.failure = None;
        self.notice = None;
        self.selected = None;
        self.is_running = true;
        self.restart(ctx);
    }

    fn restart(&mut self, ctx: &Context<App>) {
        self.is_ready = false;
        self.picture = Rc::default();
        self.screen = Rc::default();
        self.now_ms = 0;
        self.columns = 0;
        self.start(ctx);
    }

    /// The worker stopped because a part of the simulator could not be loaded. The session goes on
    /// from before the last line, which is most likely what needed it and can be sent again.
    pub(super) fn go_on_without(&mut self, ctx: &Context<App>) {
        let why = self.texts.get("problem.rest").to_owned();
        match self.submitted.take() {
            Some((line, Some(before))) if self.is_ready => {
                storage::set(storage::SESSION, &before);
                self.restart(ctx);
                self.set_line(line);
                self.notice = Some(why);
            }
            _ => self.failure = Some(why),
        }
    }
}

/// Whether the page's address asks for something: `?panic`.
fn query(name: &str) -> bool {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    search.is_some_and(|search| search.trim_start_matches('?').split('&').any(|part| part == name))
}
