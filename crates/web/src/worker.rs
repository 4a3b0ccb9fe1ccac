//! The worker: it owns the session, lets time pass and reports what changes.

use crate::protocol::{Report, Request, decode, encode};
use gloo::timers::callback::Interval;
use js_sys::Uint8Array;
use session::view::View;
use session::{Input, Log, ReplayError, Session, Start};
use sim::{Duration, Time};
use std::cell::RefCell;
use std::panic;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, XmlHttpRequest};

/// How often time goes on and changes are reported.
const TICK_MS: u32 = 33;
/// The most that one tick computes, so that requests are answered in between.
const BUDGET_MS: f64 = 24.0;
/// How far a step goes if nothing changes.
const STEP_MAX: Duration = Duration::from_secs(10);
/// How much virtual time passes at once between two looks at the budget.
const SLICE: Duration = Duration::from_millis(20);
/// With more Pods than these, the picture follows at every third tick: tiles are small then, nobody
/// sees the difference, and the page has time to draw.
const PODS_FEW: usize = 40;
const PICTURE_TICKS: u32 = 3;
/// Ticks between two looks at the files.
const FILES_TICKS: u32 = 8;
/// Ticks between two savings of a session that only time has changed.
const SAVE_TICKS: u32 = 150;
/// The longest file that the editor shows, and how many.
const FILE_BYTES_MAX: usize = 256 * 1024;
const FILES_MAX: usize = 64;

/// The cluster that a session of the page has.
const KIND_CONFIG: &str = "\
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
- role: worker
- role: worker
";

/// A session and what of it has been reported.
struct Worker {
    session: Session,
    view: View,
    shown: u64,
    is_raw: bool,
    files: Vec<(String, String)>,
    editing: Option<(String, String)>,
    saved_inputs: usize,
    speed: f64,
    last_tick_ms: f64,
    tick: u32,
}

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    static REPORTS: RefCell<Vec<Report>> = const { RefCell::new(Vec::new()) };
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn wall_ms() -> f64 {
    js_sys::Date::now()
}

/// Notes what the page is to be told by the next [`send_reports`].
fn report(report: Report) {
    REPORTS.with_borrow_mut(|reports| reports.push(report));
}

/// Tells the page at once what has been noted, so that it draws itself once for all of it.
fn send_reports() {
    let reports = REPORTS.take();
    if !reports.is_empty() {
        let bytes = Uint8Array::from(encode(&reports).as_slice());
        // Nobody is left to be told if the page is gone.
        let _ = scope().post_message(&bytes);
    }
}

/// Makes this thread the worker.
pub fn run() {
    panic::set_hook(Box::new(|info| {
        report(Report::Failed(info.to_string()));
        send_reports();
    }));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let bytes = Uint8Array::new(&event.data()).to_vec();
        if let Some(request) = decode(&bytes) {
            answer(request);
            send_reports();
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    Interval::new(TICK_MS, || {
        with_worker(Worker::tick);
        send_reports();
    })
    .forget();
}

fn with_worker(act: impl FnOnce(&mut Worker)) {
    WORKER.with_borrow_mut(|worker| worker.as_mut().map(act));
}

fn answer(request: Request) {
    match request {
        Request::Begin { seed, now_seconds, files, saved } => {
            let worker = begin(seed, now_seconds, &files, saved.as_deref());
            WORKER.set(Some(worker));
            with_worker(Worker::report_everything);
        }
        Request::Panic => panic!("the page asked for it"),
        request => with_worker(|worker| worker.answer(request)),
    }
}

fn begin(seed: u64, now_seconds: u64, files: &[(String, String)], saved: Option<&[u8]>) -> Worker {
    let restored = saved.map(|bytes| {
        let log = Log::decode(bytes).map_err(|why| why.to_string())?;
        restore(&log).map_err(|why| why.to_string())
    });
    let (session, restored, problem) = match restored {
        Some(Ok(session)) => (session, true, None),
        Some(Err(why)) => (new_session(seed, now_seconds, files), false, Some(why)),
        None => (new_session(seed, now_seconds, files), false, None),
    };
    report(Report::Ready { restored, problem });
    Worker {
        session,
        view: View::default(),
        shown: 0,
        is_raw: false,
        files: Vec::new(),
        editing: None,
        saved_inputs: 0,
        speed: 1.0,
        last_tick_ms: wall_ms(),
        tick: 0,
    }
}

/// Lets the server say what fields are for, once somebody asks: few do, and it is a long text.
fn describe(session: &Session) {
    session.set_descriptions(|| load("descriptions.tsv").map(Into::into));
}

/// A file beside the page's own. The session waits for it, so that it computes the same again when
/// it is replayed.
fn load(address: &str) -> Option<String> {
    let request = XmlHttpRequest::new().ok()?;
    request.open_with_async("GET", address, false).ok()?;
    request.send().ok()?;
    let text = request.response_text().ok()?;
    text.filter(|_| request.status().is_ok_and(|status| status == 200))
}

fn new_session(seed: u64, now_seconds: u64, files: &[(String, String)]) -> Session {
    let start = Start {
        profile: "kind".to_owned(),
        kind_config: KIND_CONFIG.to_owned(),
        seed,
        begin_seconds: now_seconds,
        kubeconfig: "/home/learner/.kube/config".to_owned(),
        columns: 120,
    };
    let mut session = Session::new(start).unwrap_or_else(|why| panic!("{why}"));
    describe(&session);
    for (path, text) in files {
        let input = Input::WriteFile { path: path.clone(), bytes: text.as_bytes().to_vec() };
        if let Err(why) = session.input(input) {
            report(Report::Refused(why.to_string()));
        }
    }
    if let Err(why) = session.input(Input::OpenTerminal { columns: 100, rows: 24 }) {
        report(Report::Refused(why.to_string()));
    }
    // The shell's prompt comes with the first report, and need not wait for the first tick.
    session.run_until(session.now() + SLICE);
    session
}

/// Computes a session again and says how far it has come.
fn restore(log: &Log) -> Result<Session, ReplayError> {
    let mut session = Session::new(log.start.clone())?;
    describe(&session);
    let begin = session.begin();
    let mut told = wall_ms();
    let mut run_to = |session: &mut Session, at_ns: u64| {
        let target = begin + Duration::from_nanos(at_ns);
        while session.now() < target {
            session.run_until((session.now() + Duration::from_secs(1)).min(target));
            if wall_ms() - told > 100.0 {
                told = wall_ms();
                let done = session.now().since(begin).as_nanos() as u64;
                let percent = done.saturating_mul(100) / log.end_ns.max(1);
                report(Report::Restoring { percent: percent as u32 });
                send_reports();
            }
        }
    };
    for (number, entry) in log.entries.iter().enumerate() {
        run_to(&mut session, entry.at_ns);
        session.input(entry.input.clone()).map_err(|why| ReplayError::Input(number, why))?;
    }
    run_to(&mut session, log.end_ns);
    Ok(session)
}

impl Worker {
    fn answer(&mut self, request: Request) {
        match request {
            Request::Input(input) => {
                if let Err(why) = self.session.input(input) {
                    report(Report::Refused(why.to_string()));
                }
                self.report_changes();
                self.save();
            }
            Request::Speed(speed) => {
                self.speed = speed.clamp(0.0, 1_000.0);
                self.last_tick_ms = wall_ms();
            }
            Request::Step => self.step(),
            Request::Look { number, object, aspect } => {
                let text = self.session.look(&object, aspect);
                report(Report::Answer { number, text });
            }
            Request::Complete { number, line, cursor } => {
                let found = self.session.complete(&line, cursor as usize);
                let (start, words) = (found.start as u32, found.words);
                report(Report::Completions { number, start, words });
            }
            Request::Begin { .. } | Request::Panic => {}
        }
    }

    fn report_everything(&mut self) {
        self.report_files();
        self.report_changes();
        self.save();
    }

    /// Lets as much time pass as the wall clock and the speed say, within the budget. What cannot
    /// be computed in time is not made up for: the session is slower then.
    fn tick(&mut self) {
        let began = wall_ms();
        let wall = (began - self.last_tick_ms).clamp(0.0, 250.0);
        self.last_tick_ms = began;
        self.tick = self.tick.wrapping_add(1);
        if self.speed > 0.0 {
            let target = self.session.now() + Duration::from_secs_f64(wall * self.speed / 1e3);
            self.run_to(target, began);
        }
        self.report_clock();
        if self.view.pod_count() <= PODS_FEW || self.tick.is_multiple_of(PICTURE_TICKS) {
            self.report_picture();
        }
        self.report_terminal();
        if self.tick.is_multiple_of(FILES_TICKS) {
            self.report_files();
        }
        if self.session.entries().len() != self.saved_inputs
            || self.speed > 0.0 && self.tick.is_multiple_of(SAVE_TICKS)
        {
            self.save();
        }
    }

    fn run_to(&mut self, target: Time, began: f64) {
        while self.session.now() < target && wall_ms() - began < BUDGET_MS {
            let slice = (self.session.now() + SLICE).min(target);
            self.session.run_until(slice);
        }
    }

    fn step(&mut self) {
        let limit = self.session.now() + STEP_MAX;
        let began = wall_ms();
        loop {
            let goes_on = self.session.step(limit);
            let changes = self.view.look(&self.session);
            if !changes.is_empty() {
                report(Report::Changes(changes));
                break;
            }
            if !goes_on || wall_ms() - began > 1_000.0 {
                break;
            }
        }
        // An input counts as the last thing of its instant.
        self.session.run_until(self.session.now());
        self.report_changes();
    }

    fn report_changes(&mut self) {
        self.report_clock();
        self.report_picture();
        self.report_terminal();
    }

    fn report_clock(&self) {
        let elapsed = self.session.now().since(self.session.begin());
        report(Report::Clock(elapsed.as_millis() as u64));
    }

    fn report_picture(&mut self) {
        let changes = self.view.look(&self.session);
        if !changes.is_empty() {
            report(Report::Changes(changes));
        }
    }

    fn report_terminal(&mut self) {
        if let Some(terminal) = self.session.terminal(0) {
            let bytes = terminal.shown_since(self.shown);
            self.shown = terminal.shown_bytes();
            if !bytes.is_empty() {
                report(Report::Shown { terminal: 0, bytes });
            }
            let is_raw = terminal.is_raw();
            if std::mem::replace(&mut self.is_raw, is_raw) != is_raw {
                report(Report::Raw(is_raw));
            }
        }
        self.report_editing();
    }

    fn report_editing(&mut self) {
        let editing = self.session.editing();
        if editing != self.editing {
            self.editing.clone_from(&editing);
            report(Report::Editing(editing));
        }
    }

    fn report_files(&mut self) {
        let files = self.session.workstation().text_files(FILES_MAX, FILE_BYTES_MAX);
        if files != self.files {
            self.files.clone_from(&files);
            report(Report::Files(files));
        }
    }

    fn save(&mut self) {
        self.saved_inputs = self.session.entries().len();
        report(Report::Saved(self.session.log_without_digest().encode()));
    }
}
