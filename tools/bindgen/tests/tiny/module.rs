//! The module of the tests: a page and a worker, of which a visit calls only a part.

#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

trait Speak {
    fn speak(&self, at: usize) -> u32;
}

struct Often(&'static str);
struct Seldom(&'static str);
struct OfPage(&'static str);

impl Speak for Often {
    #[inline(never)]
    fn speak(&self, at: usize) -> u32 {
        self.0.as_bytes()[at % self.0.len()].into()
    }
}

impl Speak for Seldom {
    #[inline(never)]
    fn speak(&self, at: usize) -> u32 {
        1_000 + u32::from(self.0.as_bytes()[at % self.0.len()])
    }
}

impl Speak for OfPage {
    #[inline(never)]
    fn speak(&self, at: usize) -> u32 {
        3_000 + u32::from(self.0.as_bytes()[at % self.0.len()])
    }
}

static SPEAKERS: [&(dyn Speak + Sync); 2] =
    [&Often("said on every visit"), &Seldom("said on few visits only")];
static PAGE: &(dyn Speak + Sync) = &OfPage("what the page may say at any time");
static mut CALLS: u32 = 0;

fn count() -> u32 {
    // One thread, one caller.
    unsafe {
        CALLS += 1;
        CALLS
    }
}

#[inline(never)]
fn only_of_rest(at: usize) -> u32 {
    2_000 + u32::from("nobody says this on a first visit".as_bytes()[at % 33]) + count() * 10_000
}

/// The page may take any of its ways at any time.
#[unsafe(no_mangle)]
pub extern "C" fn start_page(at: usize) -> u32 {
    if at > 100 { PAGE.speak(at) } else { at as u32 }
}

/// The worker takes the way that it is told.
#[unsafe(no_mangle)]
pub extern "C" fn start_worker(way: usize, at: usize) -> u32 {
    count();
    match way {
        2 => only_of_rest(at),
        way => SPEAKERS[way].speak(at),
    }
}

/// The way that a first visit takes.
#[unsafe(no_mangle)]
pub extern "C" fn rehearsal_way() -> usize {
    0
}
