//! What moves: tiles travel to where they belong now.
//!
//! After every change the tiles that got a node travel from where they waited to where they belong
//! now. Marks, outlines and levels move by CSS.

use js_sys::{Array, Object, Reflect};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

/// How long a tile travels at the speed 1, and the least at any.
const TRAVEL_MS: f64 = 560.0;
const TRAVEL_LEAST_MS: f64 = 120.0;
/// No more than three tiles set out at once; the others wait.
const AT_ONCE: usize = 3;
const WAIT_MS: f64 = 60.0;
/// With more tiles than these, nothing travels.
const TILES_MAX: u32 = 400;

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

/// Where the tiles were that had no node yet, by uid: only these will travel, and to measure all of
/// a hundred at every change would cost a frame.
#[derive(Default)]
pub struct Places(BTreeMap<String, Place>);

impl Places {
    /// Looks where the tiles below `root` are now, and lets those travel that have got a node.
    pub fn update(&mut self, root: &Element, speed: f64) {
        let tiles = root.query_selector_all(".pod").map_or(0, |tiles| tiles.length());
        let is_calm = tiles > TILES_MAX || prefers_calm();
        let waiting: Vec<_> = all(root, ".pod[data-node='']").collect();
        if is_calm || waiting.is_empty() && self.0.is_empty() {
            self.0.clear();
            return;
        }
        let duration = (TRAVEL_MS / speed.max(0.1)).clamp(TRAVEL_LEAST_MS, TRAVEL_MS);
        let origin = Origin::of(root);
        let mut moving = 0;
        for (uid, old) in std::mem::take(&mut self.0) {
            let selector = format!(".node .pod[data-uid='{uid}']");
            let Some(tile) = all(root, &selector).next() else { continue };
            let place = origin.place(&tile);
            let delay = (moving / AT_ONCE) as f64 * WAIT_MS + (moving % AT_ONCE) as f64 * 20.0;
            travel(&tile, old.left - place.left, old.top - place.top, duration, delay);
            moving += 1;
        }
        let measured = waiting.iter().map(|tile| (uid(tile), origin.place(tile)));
        self.0.extend(measured);
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
