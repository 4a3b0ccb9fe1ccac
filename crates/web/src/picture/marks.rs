//! The marks: one shape for each state, drawn once and used everywhere.

use session::view::PodState;
use yew::prelude::*;

/// The name of a state: of its mark and of its class.
pub fn name(state: PodState) -> &'static str {
    match state {
        PodState::Pending => "pending",
        PodState::Creating | PodState::Pulling { .. } => "creating",
        PodState::NotReady => "notready",
        PodState::Ready => "ready",
        PodState::CrashLoop { .. } | PodState::Crashed => "crash",
        PodState::ImageError { .. } | PodState::CreateError => "image",
        PodState::Terminating { .. } => "terminating",
        PodState::Succeeded => "done",
        PodState::Failed => "failed",
        PodState::Unknown => "unknown",
    }
}

/// The mark of a state. `rest` of a countdown ring is left, from 1 to 0.
pub fn mark(state: PodState, rest: Option<f64>) -> Html {
    let name = name(state);
    html! {
        <svg class={classes!("mark", format!("mark-{name}"))} viewBox="0 0 24 24" aria-hidden="true">
            <use href={format!("#mark-{name}")} />
            if let Some(rest) = rest {
                <circle class="mark-ring" cx="12" cy="12" r="10.5" pathLength="1"
                    transform="rotate(-90 12 12)" stroke-dasharray={format!("{rest:.3} 1")} />
            }
        </svg>
    }
}

/// The drawings that [`mark`] and the buttons refer to; once in the page.
pub fn sprite() -> Html {
    html! {
        <svg class="sprite" aria-hidden="true" width="0" height="0">
            <defs>
                <pattern id="hatch-ink" width="4" height="4" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)">
                    <path d="M0 0V4" class="hatch-line" />
                </pattern>
            </defs>
            <symbol id="mark-pending" viewBox="0 0 24 24">
                <rect x="3.5" y="3.5" width="17" height="17" rx="3" class="m-line m-dash" />
                <circle cx="8" cy="12" r="1.3" class="m-ink" />
                <circle cx="12" cy="12" r="1.3" class="m-ink" />
                <circle cx="16" cy="12" r="1.3" class="m-ink" />
            </symbol>
            <symbol id="mark-creating" viewBox="0 0 24 24">
                <path d="M3.5 13.5h17V18a2.5 2.5 0 0 1-2.5 2.5H6A2.5 2.5 0 0 1 3.5 18Z" fill="url(#hatch-ink)" />
                <rect x="3.5" y="3.5" width="17" height="17" rx="3" class="m-line" />
                <path d="M3.5 13.5h17M12 5.5V10M9.8 8l2.2 2.2L14.2 8" class="m-line m-thin" />
            </symbol>
            <symbol id="mark-notready" viewBox="0 0 24 24">
                <path d="M12 3.5H6A2.5 2.5 0 0 0 3.5 6v12A2.5 2.5 0 0 0 6 20.500h6Z" class="m-ink" />
                <rect x="3.5" y="3.5" width="17" height="17" rx="3" class="m-line" />
            </symbol>
            <symbol id="mark-ready" viewBox="0 0 24 24">
                <rect x="2.75" y="2.75" width="18.500" height="18.500" rx="3.500" class="m-ready" />
                <path d="M7 12.300l3.600 3.500 6.600-7.200" class="m-check" />
            </symbol>
            <symbol id="mark-crash" viewBox="0 0 24 24">
                <circle cx="12" cy="12" r="10.500" class="m-track" />
                <path d="M12 5.200l6 10.700H6Z" class="m-signal" />
                <path d="M12 9.200v3M12 14.100v.1" class="m-cut" />
            </symbol>
            <symbol id="mark-image" viewBox="0 0 24 24">
                <path d="M3.500 11v7A2.500 2.500 0 0 0 6 20.500h12a2.500 2.500 0 0 0 2.500-2.500v-7M12 1.800v4.700" class="m-sline" />
                <path d="M8.300 9.300l7.400 7.400M15.700 9.300l-7.400 7.400" class="m-sline m-bold" />
            </symbol>
            <symbol id="mark-terminating" viewBox="0 0 24 24">
                <path d="M3.500 3.500h5v17h-5ZM10.500 3.500h3v17h-3ZM15.600 3.500h1.500v17h-1.500Z" class="m-ink" />
                <path d="M19.600 3.500v17" class="m-line m-dot" />
            </symbol>
            <symbol id="mark-done" viewBox="0 0 24 24">
                <circle cx="12" cy="12" r="8.800" class="m-line" />
                <rect x="8.500" y="8.500" width="7" height="7" rx="1" class="m-ink" />
            </symbol>
            <symbol id="mark-failed" viewBox="0 0 24 24">
                <circle cx="12" cy="12" r="8.800" class="m-sline" />
                <path d="M8.500 8.500l7 7M15.500 8.500l-7 7" class="m-sline m-bold" />
            </symbol>
            <symbol id="mark-unknown" viewBox="0 0 24 24">
                <rect x="3.500" y="3.500" width="17" height="17" rx="3" class="m-line m-dash" />
                <path d="M9.200 9.400a2.800 2.800 0 1 1 4 2.500c-.8.400-1.200.9-1.200 1.800M12 16.600v.1" class="m-line" />
            </symbol>
            <symbol id="icon-box" viewBox="0 0 24 24">
                <path d="M2.500 4.500h19v5h-19ZM4.500 9.500v10h15v-10" class="i-line" />
                <rect x="9" y="12.500" width="6" height="3.600" class="i-signal" />
            </symbol>
            <symbol id="icon-pause" viewBox="0 0 24 24"><path d="M9 6v12M15 6v12" class="i-line i-bold" /></symbol>
            <symbol id="icon-play" viewBox="0 0 24 24"><path d="M8 5.500v13l10.500-6.500Z" class="i-fill" /></symbol>
            <symbol id="icon-step" viewBox="0 0 24 24"><path d="M6 6v12l9-6ZM18 6v12" class="i-line" /></symbol>
            <symbol id="icon-theme" viewBox="0 0 24 24">
                <circle cx="12" cy="12" r="8" class="i-line" /><path d="M12 4a8 8 0 0 1 0 16Z" class="i-fill" />
            </symbol>
            <symbol id="icon-close" viewBox="0 0 24 24"><path d="M6 6l12 12M18 6L6 18" class="i-line i-bold" /></symbol>
            <symbol id="icon-terminal" viewBox="0 0 24 24"><path d="M4 6l6 6-6 6M12 18h8" class="i-line" /></symbol>
            <symbol id="icon-files" viewBox="0 0 24 24"><path d="M4 5h10M4 5v14M8 10h12M8 14.500h9M8 19h12" class="i-line" /></symbol>
            <symbol id="icon-cluster" viewBox="0 0 24 24"><path d="M3.500 6.500h17v11h-17ZM12 6.500v11M3.500 12h17" class="i-line" /></symbol>
            <symbol id="icon-held" viewBox="0 0 44 20">
                <path d="M2 10h12M10 6l4 4-4 4M42 10H30M34 6l-4 4 4 4" class="i-line" /><path d="M22 2v16" class="i-line i-bold" />
            </symbol>
            <symbol id="icon-rolling" viewBox="0 0 44 20">
                <path d="M4 7h34M33 3l5 4-5 4M40 14H6M11 10l-5 4 5 4" class="i-line" />
            </symbol>
            <symbol id="icon-new" viewBox="0 0 24 24"><path d="M12 5v14M5 12h14" class="i-line" /></symbol>
        </svg>
    }
}

/// A drawing of the sprite for a button.
pub fn icon(name: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><use href={format!("#icon-{name}")} /></svg> }
}

/// A wide drawing of the sprite.
pub fn wide_icon(name: &'static str) -> Html {
    html! { <svg class="icon-wide" viewBox="0 0 44 20" aria-hidden="true"><use href={format!("#icon-{name}")} /></svg> }
}
