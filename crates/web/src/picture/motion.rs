//! What moves: tiles travel to where they belong now.
//!
//! After every change the places of all tiles are compared with those before. Marks, outlines and
//! levels move by CSS.

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
#[derive(Clone, Debug, PartialEq)]
struct Place {
    tray: String,
    left: f64,
    top: f64,
}

/// Where all tiles were.
#[derive(Default)]
pub struct Places(BTreeMap<String, Place>);

impl Places {
    /// Looks where the tiles below `root` are now and lets those travel that have changed trays,
    /// and those nearer home that were pushed aside.
    pub fn update(&mut self, root: &Element, speed: f64) {
        let Ok(tiles) = root.query_selector_all(".pod[data-uid]") else {
            return;
        };
        let is_calm = tiles.length() > TILES_MAX || prefers_calm();
        let duration = (TRAVEL_MS / speed.max(0.1)).clamp(TRAVEL_LEAST_MS, TRAVEL_MS);
        let origin = root.get_bounding_client_rect();
        let (origin_left, origin_top) = (
            origin.left() - f64::from(root.scroll_left()),
            origin.top() - f64::from(root.scroll_top()),
        );
        let mut seen = BTreeMap::new();
        let mut moving = 0;
        for tile in (0..tiles.length()).filter_map(|number| tiles.item(number)) {
            let tile: HtmlElement = tile.unchecked_into();
            let uid = tile.get_attribute("data-uid").unwrap_or_default();
            let rectangle = tile.get_bounding_client_rect();
            let place = Place {
                tray: tile.get_attribute("data-node").unwrap_or_default(),
                left: rectangle.left() - origin_left,
                top: rectangle.top() - origin_top,
            };
            if let Some(old) = self.0.get(&uid)
                && !is_calm
                && old.tray != place.tray
            {
                let delay = (moving / AT_ONCE) as f64 * WAIT_MS + (moving % AT_ONCE) as f64 * 20.0;
                travel(&tile, old.left - place.left, old.top - place.top, duration, delay);
                moving += 1;
            }
            seen.insert(uid, place);
        }
        self.0 = seen;
    }
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
