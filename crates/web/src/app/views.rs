//! The parts of the page, put together.

use super::{App, CLOCK_MS, Message, Tab};
use crate::editor::Files;
use crate::picture::{Legend, PictureView, icon};
use crate::terminal::Terminal;
use crate::toolbar::Toolbar;
use yew::prelude::*;

/// The parts of the page.
impl App {
    pub(super) fn toolbar(&self) -> Html {
        html! {
            <Toolbar texts={self.texts.clone()} now_ms={self.now_ms / 1_000 * 1_000}
                is_running={self.is_running} speed={self.speed}
                on_run={self.calls.run.clone()} on_speed={self.calls.speed.clone()}
                on_step={self.calls.step.clone()}
                on_new={self.calls.new_session.clone()}
                on_copy={self.calls.copy.clone()} is_copied={self.is_copied}
                on_theme={self.calls.theme.clone()}
                on_language={self.calls.language.clone()} />
        }
    }

    pub(super) fn tabs(&self, ctx: &Context<App>) -> Html {
        let tabs = [
            (Tab::Terminal, "terminal", "tab.terminal"),
            (Tab::Files, "files", "tab.files"),
            (Tab::Cluster, "cluster", "tab.cluster"),
        ];
        let tab = |(tab, drawing, name): (Tab, &'static str, &'static str)| {
            let is_chosen = tab == self.tab;
            html! {
                <button type="button" aria-pressed={is_chosen.to_string()}
                    class={is_chosen.then_some("on")}
                    onclick={ctx.link().callback(move |_: MouseEvent| Message::Tab(tab))}>
                    { icon(drawing) }<span>{ self.texts.get(name) }</span>
                </button>
            }
        };
        html! { <nav class="page-tabs">{ for tabs.into_iter().map(tab) }</nav> }
    }

    pub(super) fn files_view(&self) -> Html {
        html! {
            <Files texts={self.texts.clone()} files={self.files.clone()}
                drafts={self.drafts.clone()} open={self.open.clone()}
                editing={self.editing.clone()} on_close={self.calls.close_editor.clone()}
                on_open={self.calls.open.clone()}
                on_draft={self.calls.draft.clone()}
                on_save={self.calls.save.clone()} on_apply={self.calls.apply.clone()}
                on_create={self.calls.create.clone()} />
        }
    }

    pub(super) fn picture_view(&self) -> Html {
        let texts = &self.texts;
        let counts = [self.picture.nodes.len().to_string(), self.picture.pods.len().to_string()];
        html! {
            <section class="cluster" aria-label={texts.get("cluster.picture")}>
                <header class="panel-head">
                    <h2>{ texts.get("cluster") }</h2>
                    <span>{ texts.with("cluster.summary", &[&counts[0], &counts[1]]) }</span>
                    <Legend texts={texts.clone()} />
                </header>
                if !self.is_ready {
                    <p class="loading" role="status">
                        { match self.restoring {
                            Some(percent) => texts.with("restoring", &[&percent.to_string()]),
                            None => texts.get("loading").to_owned(),
                        } }
                    </p>
                }
                <PictureView texts={texts.clone()} picture={self.picture.clone()}
                    now_ms={self.now_ms / CLOCK_MS * CLOCK_MS} speed={self.speed} selected={self.selected.clone()}
                    on_select={self.calls.select.clone()}
                    on_command={self.calls.command.clone()} />
            </section>
        }
    }

    pub(super) fn terminal_view(&self) -> Html {
        let texts = &self.texts;
        html! {
            <section class="console" aria-label={texts.get("terminal")}>
                <header class="panel-head">
                    <h2>{ texts.get("terminal") }</h2>
                    if let Some(notice) = &self.notice {
                        <span class="notice" role="alert">{ notice }</span>
                    } else if !self.is_running {
                        <span class="notice">{ texts.get("terminal.paused") }</span>
                    }
                    <span class="hints">
                        <kbd>{ "Tab" }</kbd>{ texts.get("terminal.complete") }
                        <kbd>{ "↑" }</kbd>{ texts.get("terminal.history") }
                        <span>{ texts.get("terminal.leave") }</span>
                    </span>
                </header>
                <Terminal texts={texts.clone()} screen={self.screen.clone()}
                    line={self.line.clone()} suggestions={self.suggestions.clone()}
                    is_raw={self.is_raw} is_paused={!self.is_running} field={self.field.clone()}
                    on_bytes={self.calls.bytes.clone()}
                    on_submit={self.calls.submit.clone()}
                    on_line={self.calls.line.clone()}
                    on_complete={self.calls.complete.clone()}
                    on_choose={self.calls.choose.clone()}
                    on_take={self.calls.take.clone()}
                    on_dismiss={self.calls.dismiss.clone()}
                    on_clear={self.calls.clear.clone()} />
            </section>
        }
    }
}
