//! What the parts of the page call. Made once, so that parts see that nothing is new for them.

use crate::app::{App, Message};
use crate::locale::Language;
use session::Aspect;
use yew::Callback;
use yew::html::Scope;

/// One callback for each message that a part of the page can send.
pub struct Callbacks {
    pub run: Callback<bool>,
    pub speed: Callback<f64>,
    pub step: Callback<()>,
    pub new_session: Callback<()>,
    pub copy: Callback<()>,
    pub again: Callback<()>,
    pub theme: Callback<()>,
    pub language: Callback<Language>,
    pub open: Callback<String>,
    pub draft: Callback<(String, String)>,
    pub save: Callback<String>,
    pub apply: Callback<String>,
    pub create: Callback<String>,
    pub close_editor: Callback<bool>,
    pub select: Callback<String>,
    pub close: Callback<()>,
    pub aspect: Callback<Aspect>,
    pub command: Callback<String>,
    pub bytes: Callback<Vec<u8>>,
    pub submit: Callback<String>,
    pub line: Callback<String>,
    pub complete: Callback<(String, usize)>,
    pub choose: Callback<isize>,
    pub take: Callback<usize>,
    pub dismiss: Callback<()>,
    pub clear: Callback<()>,
}

impl Callbacks {
    /// Callbacks that send messages to the page.
    pub fn new(link: &Scope<App>) -> Callbacks {
        Callbacks {
            run: link.callback(Message::Run),
            speed: link.callback(Message::Speed),
            step: link.callback(|()| Message::Step),
            new_session: link.callback(|()| Message::NewSession),
            copy: link.callback(|()| Message::Copy),
            again: link.callback(|()| Message::Again),
            theme: link.callback(|()| Message::Theme),
            language: link.callback(Message::Language),
            open: link.callback(Message::Open),
            draft: link.callback(|(path, text)| Message::Draft(path, text)),
            save: link.callback(Message::Save),
            apply: link.callback(Message::Apply),
            create: link.callback(Message::Create),
            close_editor: link.callback(Message::CloseEditor),
            select: link.callback(Message::Select),
            close: link.callback(|()| Message::Select(String::new())),
            aspect: link.callback(Message::Aspect),
            command: link.callback(Message::Command),
            bytes: link.callback(Message::Bytes),
            submit: link.callback(Message::Submit),
            line: link.callback(Message::Line),
            complete: link.callback(|(line, cursor)| Message::Complete(line, cursor)),
            choose: link.callback(Message::Choose),
            take: link.callback(Message::Take),
            dismiss: link.callback(|()| Message::Dismiss),
            clear: link.callback(|()| Message::Clear),
        }
    }
}
