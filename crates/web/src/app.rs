//! The page as a whole: what it knows, and what changes it.

mod typing;
mod views;
mod wire;

use crate::bridge::Bridge;
use crate::callbacks::Callbacks;
use crate::failure::FailureCard;
use crate::inspector::{Inspector, Subject};
use crate::locale::{Language, Texts};
use crate::picture::{Picture, sprite};
use crate::protocol::{Report, Request};
use crate::storage;
use crate::terminal::{Screen, Suggestions};
use crate::toolbar::{focus, set_root};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use session::Aspect;
use session::view::Changes;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// How long a Pod is shown to leave.
const LEAVE_MS: u32 = 900;
/// How long the inspector waits for a change to settle before it asks again.
const ASK_AGAIN_MS: u32 = 600;
/// What is shown of the time changes that often.
const CLOCK_MS: u64 = 100;
/// How long "Copied" is shown.
const COPIED_MS: u32 = 1_600;

/// The files that a new session begins with.
const SAMPLES: [(&str, &str); 4] = [
    ("nginx.yaml", include_str!("../samples/nginx.yaml")),
    ("hello-server.yaml", include_str!("../samples/hello-server.yaml")),
    ("broken-image.yaml", include_str!("../samples/broken-image.yaml")),
    ("crash.yaml", include_str!("../samples/crash.yaml")),
];

/// The same, as a session begins with them.
pub fn samples() -> Vec<(String, String)> {
    SAMPLES.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

/// What the page needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Gives a worker that runs this module (`www/boot.js`).
    pub start_worker: js_sys::Function,
}

/// What of the page is shown where there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The terminal.
    Terminal,
    /// Files and editor.
    Files,
    /// The picture.
    Cluster,
}

/// What happens to the page.
pub enum Message {
    /// The worker reports.
    Reports(Vec<Report>),
    /// Time is to run or stand still.
    Run(bool),
    /// Time is to run that fast.
    Speed(f64),
    /// A step is to be made.
    Step,
    /// The page is hidden, or shown again.
    Visible(bool),
    /// Bytes for the terminal's program.
    Bytes(Vec<u8>),
    /// A line was entered.
    Submit(String),
    /// The line that is typed has changed.
    Line(String),
    /// Completion is asked for.
    Complete(String, usize),
    /// Another suggestion is chosen.
    Choose(isize),
    /// A suggestion is taken.
    Take(usize),
    /// Suggestions are sent away.
    Dismiss,
    /// The screen is to be cleared.
    Clear,
    /// The terminal's field has another width.
    Columns(u32),
    /// A file is shown.
    Open(String),
    /// A draft has changed.
    Draft(String, String),
    /// A draft is to be written.
    Save(String),
    /// The same, and applied.
    Apply(String),
    /// A file is to be made.
    Create(String),
    /// The editor that a program waits for is closed; what it holds is saved, or not.
    CloseEditor(bool),
    /// A command is put into the terminal.
    Command(String),
    /// Something in the picture is selected; nothing, if it is empty.
    Select(String),
    /// Another aspect of it is shown.
    Aspect(Aspect),
    /// The inspector asks again.
    Ask,
    /// Pods have left.
    Left(Vec<String>),
    /// A tab is chosen.
    Tab(Tab),
    /// A new session is to begin.
    NewSession,
    /// The session goes on after a failure, with its files.
    Again,
    /// The session is copied.
    Copy,
    /// "Copied" has been shown long enough.
    Copied,
    /// Light and dark are exchanged.
    Theme,
    /// A language is chosen.
    Language(Language),
}

/// The page.
pub struct App {
    calls: Callbacks,
    texts: Rc<Texts>,
    bridge: Option<Bridge>,
    is_ready: bool,
    restoring: Option<u32>,
    failure: Option<String>,
    notice: Option<String>,
    now_ms: u64,
    is_running: bool,
    is_visible: bool,
    speed: f64,
    picture: Rc<Picture>,
    screen: Rc<Screen>,
    is_raw: bool,
    line: String,
    /// The line that was entered last, and the session before it.
    submitted: Option<(String, Option<String>)>,
    suggestions: Option<Rc<Suggestions>>,
    question: u32,
    files: Rc<Vec<(String, String)>>,
    drafts: Rc<BTreeMap<String, String>>,
    open: Option<String>,
    /// The file that a program waits for: path and content.
    editing: Option<(String, String)>,
    selected: Option<String>,
    aspect: Aspect,
    answer: Option<AttrValue>,
    asking: Option<Timeout>,
    tab: Tab,
    saved: Option<String>,
    /// What the next worker begins with instead of what is kept.
    fresh_files: Option<Vec<(String, String)>>,
    is_copied: bool,
    live: String,
    columns: u32,
    field: NodeRef,
    _visibility: Option<EventListener>,
}

impl Component for App {
    type Message = Message;
    type Properties = Props;

    fn create(ctx: &Context<App>) -> App {
        let document = web_sys::window().and_then(|window| window.document());
        let tag = document.as_ref().and_then(|document| document.document_element());
        let tag = tag.and_then(|root| root.get_attribute("lang")).unwrap_or_default();
        let texts = Texts::new(Language::find(&tag).unwrap_or(Language::English));
        set_title(&texts);
        let link = ctx.link().clone();
        let visibility = document.map(|document| {
            EventListener::new(&document.clone(), "visibilitychange", move |_| {
                link.send_message(Message::Visible(!document.hidden()));
            })
        });
        let mut app = App {
            calls: Callbacks::new(ctx.link()),
            texts: Rc::new(texts),
            bridge: None,
            is_ready: false,
            restoring: None,
            failure: None,
            notice: None,
            now_ms: 0,
            is_running: true,
            is_visible: true,
            speed: 1.0,
            picture: Rc::default(),
            screen: Rc::default(),
            is_raw: false,
            line: storage::get(storage::LINE).unwrap_or_default(),
            submitted: None,
            suggestions: None,
            question: 0,
            files: Rc::default(),
            drafts: Rc::new(storage::drafts()),
            open: None,
            editing: None,
            selected: None,
            aspect: Aspect::Describe,
            answer: None,
            asking: None,
            tab: Tab::Terminal,
            saved: None,
            fresh_files: None,
            is_copied: false,
            live: String::new(),
            columns: 0,
            field: NodeRef::default(),
            _visibility: visibility,
        };
        app.start(ctx);
        app
    }

    fn update(&mut self, ctx: &Context<App>, message: Message) -> bool {
        match message {
            Message::Reports(reports) => {
                let mut is_changed = false;
                for report in reports {
                    is_changed |= self.report(ctx, report);
                }
                return is_changed;
            }
            Message::Run(is_running) => {
                self.is_running = is_running;
                self.send_speed();
            }
            Message::Speed(speed) => {
                self.speed = speed;
                self.send_speed();
            }
            Message::Step => {
                self.is_running = false;
                self.send_speed();
                self.send(&Request::Step);
            }
            Message::Visible(is_visible) => {
                self.is_visible = is_visible;
                self.send_speed();
            }
            Message::Bytes(bytes) => {
                if bytes == [3] {
                    self.set_line(String::new());
                }
                self.type_bytes(bytes);
            }
            Message::Submit(line) => self.submit(&line),
            Message::Line(line) => {
                self.suggestions = None;
                self.set_line(line);
            }
            Message::Complete(line, cursor) => {
                self.question += 1;
                let number = self.question;
                self.send(&Request::Complete { number, line, cursor: cursor as u32 });
                return false;
            }
            Message::Choose(by) => self.choose(by),
            Message::Take(number) => self.take(number),
            Message::Dismiss => self.suggestions = None,
            Message::Clear => Rc::make_mut(&mut self.screen).clear(),
            Message::Columns(columns) => return self.resize(columns),
            Message::Open(path) => self.open = Some(path),
            Message::Draft(path, text) => {
                Rc::make_mut(&mut self.drafts).insert(path, text);
                storage::set_drafts(&self.drafts);
            }
            Message::Save(path) => self.save(&path),
            Message::Apply(path) => {
                self.save(&path);
                self.tab = Tab::Terminal;
                self.submit(&format!("kubectl apply -f {path}"));
            }
            Message::Create(path) => {
                self.send_file(&path, "");
                self.open = Some(path);
            }
            Message::CloseEditor(is_saved) => self.close_editor(is_saved),
            Message::Command(line) => {
                self.tab = Tab::Terminal;
                self.set_line(line);
                focus("command-line");
            }
            Message::Select(uid) => self.select(uid),
            Message::Aspect(aspect) => {
                self.aspect = aspect;
                self.answer = None;
                self.ask();
            }
            Message::Ask => {
                self.asking = None;
                self.ask();
                return false;
            }
            Message::Left(uids) => Rc::make_mut(&mut self.picture).forget(&uids),
            Message::Tab(tab) => self.tab = tab,
            Message::NewSession => {
                storage::remove(storage::DRAFTS);
                self.drafts = Rc::default();
                self.begin_anew(ctx, samples());
            }
            Message::Again => {
                let mut files: BTreeMap<_, _> = self.files.iter().cloned().collect();
                files.extend(self.drafts.iter().map(|(path, text)| (path.clone(), text.clone())));
                self.begin_anew(ctx, files.into_iter().collect());
            }
            Message::Copy => self.copy(ctx),
            Message::Copied => self.is_copied = false,
            Message::Theme => exchange_theme(),
            Message::Language(language) => {
                self.texts = Rc::new(Texts::new(language));
                set_root("lang", language.tag());
                set_title(&self.texts);
                storage::set(storage::LANGUAGE, language.tag());
            }
        }
        true
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        let texts = &self.texts;
        let tab = match self.tab {
            Tab::Terminal => "terminal",
            Tab::Files => "files",
            Tab::Cluster => "cluster",
        };
        let subject = self.subject();
        html! {
            <>
                { sprite() }
                <a class="skip" href="#command-line">{ texts.get("skip") }</a>
                <div class={classes!("app", subject.is_some().then_some("has-inspector"))}
                    data-tab={tab} data-ready={self.is_ready.to_string()}>
                    { self.toolbar() }
                    { self.tabs(ctx) }
                    <div class="left">{ self.files_view() }</div>
                    <main class="middle">
                        { self.picture_view() }
                        { self.terminal_view() }
                    </main>
                    if let Some(subject) = subject {
                        <Inspector texts={texts.clone()} {subject} aspect={self.aspect}
                            answer={self.answer.clone()}
                            on_aspect={self.calls.aspect.clone()}
                            on_close={self.calls.close.clone()} />
                    }
                </div>
                <div class="visually-hidden" aria-live="polite" role="status">{ &self.live }</div>
                if let Some(report) = &self.failure {
                    <FailureCard texts={texts.clone()} report={report.clone()}
                        session={self.saved.clone().unwrap_or_default()}
                        is_copied={self.is_copied}
                        on_copy={self.calls.copy.clone()}
                        on_again={self.calls.again.clone()} />
                }
            </>
        }
    }

    fn rendered(&mut self, ctx: &Context<App>, first: bool) {
        if first {
            let columns = measure_columns();
            ctx.link().send_message(Message::Columns(columns));
        }
    }
}

/// What the worker reports.
impl App {
    fn report(&mut self, ctx: &Context<App>, report: Report) -> bool {
        match report {
            Report::Clock(now_ms) => {
                let before_ms = std::mem::replace(&mut self.now_ms, now_ms);
                return before_ms / CLOCK_MS != now_ms / CLOCK_MS;
            }
            Report::Restoring { percent } => self.restoring = Some(percent),
            Report::Ready { problem, .. } => {
                self.is_ready = true;
                self.restoring = None;
                if let Some(why) = problem {
                    self.notice = Some(self.texts.with("problem.restore", &[&why]));
                }
                let columns = measure_columns();
                ctx.link().send_message(Message::Columns(columns));
            }
            Report::Changes(changes) => self.changes(ctx, &changes),
            Report::Shown { bytes, .. } => Rc::make_mut(&mut self.screen).write(&bytes),
            Report::Raw(is_raw) => self.is_raw = is_raw,
            Report::Files(files) => self.take_files(files),
            Report::Editing(editing) => {
                self.tab = if editing.is_some() { Tab::Files } else { Tab::Terminal };
                self.editing = editing;
            }
            Report::Answer { number, text } if number == self.question => {
                self.answer = Some(text.into());
            }
            Report::Answer { .. } => return false,
            Report::Completions { start, words, .. } => self.offer(start as usize, words),
            Report::Saved(bytes) => {
                let text = storage::to_base64(&bytes);
                storage::set(storage::SESSION, &text);
                self.saved = Some(text);
                return false;
            }
            Report::Refused(why) => self.notice = Some(why),
            Report::Failed(why) => {
                self.failure.get_or_insert(why);
            }
            Report::Missing => self.go_on_without(ctx),
        }
        true
    }

    fn changes(&mut self, ctx: &Context<App>, changes: &Changes) {
        let mut lines: Vec<_> = changes
            .pods
            .iter()
            .filter(|pod| {
                self.picture.pods.get(&pod.uid).is_none_or(|old| old.reason != pod.reason)
            })
            .take(3)
            .map(|pod| self.texts.with("live.pod", &[&pod.name, &pod.reason]))
            .collect();
        let leaving = Rc::make_mut(&mut self.picture).apply(changes);
        if !leaving.is_empty() {
            lines.push(self.texts.with("live.removed", &[&leaving.len().to_string()]));
            let link = ctx.link().clone();
            Timeout::new(LEAVE_MS, move || link.send_message(Message::Left(leaving))).forget();
        }
        if !lines.is_empty() {
            self.live = lines.join(". ");
        }
        if self.selected.is_some() && self.asking.is_none() {
            let link = ctx.link().clone();
            let again = Timeout::new(ASK_AGAIN_MS, move || link.send_message(Message::Ask));
            self.asking = Some(again);
        }
    }

    fn take_files(&mut self, files: Vec<(String, String)>) {
        let is_saved =
            |path: &str, draft: &str| files.iter().any(|(p, text)| p == path && text == draft);
        Rc::make_mut(&mut self.drafts).retain(|path, draft| !is_saved(path, draft));
        storage::set_drafts(&self.drafts);
        let is_there = |path: &String| files.iter().any(|(known, _)| known == path);
        if !self.open.as_ref().is_some_and(is_there) {
            let first = files.iter().find(|(path, _)| path == SAMPLES[0].0);
            self.open = first.or(files.first()).map(|(path, _)| path.clone());
        }
        self.files = Rc::new(files);
    }
}

/// The inspector.
impl App {
    fn select(&mut self, uid: String) {
        let is_same = self.selected.as_ref() == Some(&uid);
        self.selected = Some(uid).filter(|uid| !uid.is_empty() && !is_same);
        self.answer = None;
        if self.subject().is_some_and(|subject| subject.pod.is_none())
            && self.aspect == Aspect::Logs
        {
            self.aspect = Aspect::Describe;
        }
        self.ask();
    }

    fn ask(&mut self) {
        if let Some(subject) = self.subject() {
            self.question += 1;
            let (number, aspect) = (self.question, self.aspect);
            self.send(&Request::Look { number, object: subject.object, aspect });
        }
    }

    fn subject(&self) -> Option<Subject> {
        Subject::find(self.selected.as_ref()?, &self.picture)
    }
}

fn set_title(texts: &Texts) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(texts.get("title"));
    }
}

fn exchange_theme() {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    let now = root.and_then(|root| root.get_attribute("data-theme"));
    let next = if now.as_deref() == Some("dark") { "light" } else { "dark" };
    set_root("data-theme", next);
    storage::set(storage::THEME, next);
}

/// How many characters fit into a line of the terminal.
fn measure_columns() -> u32 {
    let document = web_sys::window().and_then(|window| window.document());
    let find = |selector: &str| -> Option<Element> {
        document.as_ref()?.query_selector(selector).ok().flatten()
    };
    let Some(output) = find(".terminal-output") else {
        return 0;
    };
    // The narrowest face in use is 0.6 of its size wide.
    let columns = (f64::from(output.client_width()) - 32.0) / 7.3;
    columns.clamp(40.0, 400.0) as u32
}
