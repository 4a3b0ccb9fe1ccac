//! What moves: tiles travel to where they belong now.
//!
//! After every change the tiles that got a node travel from where they waited to where they belong
//! now. Marks, outlines and levels move by CSS.

use js_sys::{Array, Object, Reflect};
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

/// How long a tile travels at the speed 1, and the least at any.
const TRAVEL_MS: f64 = 560.0;
const TRAVEL_LEAST_MS: f64 = 120.0;
/// No more than three tiles set out at once; the others wait.
const AT_ONCE: usize = 3;
const WAIT_MS: f64 = 60.0;
/// With more tiles than these, nothing travels.
const TILES_MAX: usize = 400;
/// With more tiles than these, only those travel that were seen to wait.
const UNSEEN_MAX: usize = 40;
/// Where those that were not would have waited, from the corner of the scheduling tray.
const UNSEEN_LEFT_PX: f64 = 160.0;
const UNSEEN_TOP_PX: f64 = 8.0;
const UNSEEN_STEP_PX: f64 = 124.0;

#[wasm_bindgen]
extern "C" {
    /// Elements that can be animated. (`web_sys` has this only as an unstable API.)
    type Animatable;
    #[wasm_bindgen(method)]
    fn animate(this: &Animatable, keyframes: &JsValue, options: &JsValue) -> JsValue;
}

/// Where a tile is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    left: f64,
    top: f64,
}

/// What places are measured from.
struct Origin(Place);

impl Origin {
    fn of(root: &Element) -> Origin {
        let corner = root.get_bounding_client_rect();
        Origin(Place {
            left: corner.left() - f64::from(root.scroll_left()),
            top: corner.top() - f64::from(root.scroll_top()),
        })
    }

    fn place(&self, tile: &Element) -> Place {
        let corner = tile.get_bounding_client_rect();
        Place { left: corner.left() - self.0.left, top: corner.top() - self.0.top }
    }
}

/// What was to be seen at the last look. Only tiles that wait are measured: to measure all of a
/// hundred at every change would cost a frame.
#[derive(Default)]
pub struct Places {
    /// Where the tiles were that had no node yet, by uid.
    waiting: BTreeMap<String, Place>,
    /// The uids of the tiles on nodes; nothing before there are nodes, so that nothing travels when
    /// a session is shown for the first time.
    placed: Option<BTreeSet<String>>,
}

impl Places {
    /// Looks where the tiles below `root` are now, and lets those travel that have got a node. Many
    /// get it before anybody can have seen them wait; unless there are many, these come from the
    /// scheduling tray, too.
    pub fn update(&mut self, root: &Element, speed: f64) {
        if all(root, ".node").next().is_none() {
            return;
        }
        let waiting: Vec<_> = all(root, ".pod[data-node='']").collect();
        let on_nodes: Vec<_> = all(root, ".node .pod[data-uid]").collect();
        let placed = on_nodes.iter().map(uid).collect();
        let before = self.placed.replace(placed);
        let was_waiting = std::mem::take(&mut self.waiting);
        let tiles = waiting.len() + on_nodes.len();
        if tiles > TILES_MAX || prefers_calm() {
            return;
        }
        let new = on_nodes.iter().filter(|tile| {
            let uid = uid(tile);
            let is_new = before.as_ref().is_some_and(|before| !before.contains(&uid));
            is_new && (was_waiting.contains_key(&uid) || tiles <= UNSEEN_MAX)
        });
        let new: Vec<_> = new.collect();
        if new.is_empty() && waiting.is_empty() {
            return;
        }
        let duration = (TRAVEL_MS / speed.max(0.1)).clamp(TRAVEL_LEAST_MS, TRAVEL_MS);
        let origin = Origin::of(root);
        let tray = all(root, ".scheduling").next().map(|tray| origin.place(&tray));
        for (number, tile) in new.into_iter().enumerate() {
            let unseen = tray.map(|tray| Place {
                left: tray.left + UNSEEN_LEFT_PX + (number % AT_ONCE) as f64 * UNSEEN_STEP_PX,
                top: tray.top + UNSEEN_TOP_PX,
            });
            let Some(old) = was_waiting.get(&uid(tile)).copied().or(unseen) else { continue };
            let place = origin.place(tile);
            let delay = (number / AT_ONCE) as f64 * WAIT_MS + (number % AT_ONCE) as f64 * 20.0;
            travel(tile, old.left - place.left, old.top - place.top, duration, delay);
        }
        self.waiting = waiting.iter().map(|tile| (uid(tile), origin.place(tile))).collect();
    }
}

/// The elements below `root` that a selector picks.
fn all(root: &Element, selector: &str) -> impl Iterator<Item = HtmlElement> {
    let list = root.query_selector_all(selector).ok();
    let count = list.as_ref().map_or(0, |list| list.length());
    (0..count).filter_map(move |number| list.as_ref()?.item(number)?.dyn_into().ok())
}

fn uid(tile: &HtmlElement) -> String {
    tile.get_attribute("data-uid").unwrap_or_default()
}

/// Whether less motion is asked for.
fn prefers_calm() -> bool {
    let window = web_sys::window();
    let query =
        window.and_then(|w| w.match_media("(prefers-reduced-motion: reduce)").ok().flatten());
    query.is_some_and(|query| query.matches())
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        // A plain object takes everything.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// Lifts the tile off its old place, along the tray, and down into its compartment.
fn travel(tile: &HtmlElement, left: f64, top: f64, duration: f64, delay: f64) {
    let frame = |x: f64, y: f64, offset: f64| {
        object(&[
            ("transform", JsValue::from_str(&format!("translate({x:.1}px,{y:.1}px)"))),
            ("offset", JsValue::from_f64(offset)),
            ("zIndex", JsValue::from_f64(3.0)),
        ])
    };
    let frames = Array::of4(
        &frame(left, top, 0.0),
        &frame(left, top - 3.0, 0.12),
        &frame(0.0, top - 3.0, 0.56),
        &frame(0.0, 0.0, 1.0),
    );
    let options = object(&[
        ("duration", JsValue::from_f64(duration)),
        ("delay", JsValue::from_f64(delay)),
        ("easing", JsValue::from_str("cubic-bezier(.5,0,.1,1)")),
        ("fill", JsValue::from_str("backwards")),
    ]);
    tile.unchecked_ref::<Animatable>().animate(&frames, &options);
}
