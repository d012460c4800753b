//! The module's exports. Memory is handed over as an address in it, and each call that can be
//! refused returns 0 or the number of a [`Refused`].
#![allow(unsafe_code, reason = "a name that is exported counts as unsafe")]

use std::cell::RefCell;

use crate::{Live, Refused};

thread_local! {
    /// A module has one page, and a page has one module.
    static LIVE: RefCell<Live> = RefCell::default();
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn code(result: Result<(), Refused>) -> u32 {
    result.map_or_else(|refused| refused as u32, |()| 0)
}

fn call(run: impl FnOnce(&mut Live) -> Result<(), Refused>) -> u32 {
    code(LIVE.with_borrow_mut(run))
}

/// The address of so many bytes, for the page to write a picture into.
#[unsafe(no_mangle)]
pub extern "C" fn input(bytes: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        *input = vec![0; bytes];
        input.as_mut_ptr()
    })
}

/// See [`Live::set_square`]; the bytes are the input.
#[unsafe(no_mangle)]
pub extern "C" fn set_square(side: u32) -> u32 {
    let rgb = INPUT.take();
    call(|live| live.set_square(rgb, side))
}

/// See [`Live::set_picture`]; the bytes are the input.
#[unsafe(no_mangle)]
pub extern "C" fn set_picture(width: u32, height: u32, small: u32, large: u32) -> u32 {
    let rgba = INPUT.take();
    call(|live| live.set_picture(rgba, width, height, &[small, large]))
}

/// See [`Live::part_a`].
#[unsafe(no_mangle)]
pub extern "C" fn part_a(side: u32, a: f32, b: f32, steps: usize, seed: u32) -> u32 {
    call(|live| live.part_a(side, a, b, steps, seed.into()))
}

/// See [`Live::part_b`].
#[unsafe(no_mangle)]
pub extern "C" fn part_b(side: u32, beta: f64, steps: usize, seed: u32) -> u32 {
    call(|live| live.part_b(side, beta, steps, seed.into()))
}

/// See [`Live::part_c`].
#[unsafe(no_mangle)]
pub extern "C" fn part_c(
    side: u32,
    start: f64,
    end: f64,
    steps: usize,
    seed: u32,
) -> u32 {
    call(|live| live.part_c(side, start, end, steps, seed.into()))
}

/// See [`Live::part_d`].
#[unsafe(no_mangle)]
pub extern "C" fn part_d(
    side: u32,
    start: f64,
    end: f64,
    steps: usize,
    t: usize,
    seed: u32,
) -> u32 {
    call(|live| live.part_d(side, start, end, steps, t, seed.into()))
}

/// See [`Live::begin_walk`].
#[unsafe(no_mangle)]
pub extern "C" fn begin_walk(
    side: u32,
    start: f64,
    end: f64,
    steps: usize,
    seed: u32,
) -> u32 {
    call(|live| live.begin_walk(side, start, end, steps, seed.into()))
}

/// See [`Live::step`].
#[unsafe(no_mangle)]
pub extern "C" fn step(side: u32) -> u32 {
    call(|live| live.step(side))
}

/// See [`Live::schedule`].
#[unsafe(no_mangle)]
pub extern "C" fn schedule(start: f64, end: f64, steps: usize) -> u32 {
    call(|live| live.schedule(start, end, steps))
}

/// The address of [`Live::frames`].
#[unsafe(no_mangle)]
pub extern "C" fn frames() -> *const u8 {
    LIVE.with_borrow(|live| live.frames.as_ptr())
}

/// How many bytes [`Live::frames`] has.
#[unsafe(no_mangle)]
pub extern "C" fn frames_length() -> usize {
    LIVE.with_borrow(|live| live.frames.len())
}

/// The address of [`Live::numbers`].
#[unsafe(no_mangle)]
pub extern "C" fn numbers() -> *const f64 {
    LIVE.with_borrow(|live| live.numbers.as_ptr())
}

/// How many [`Live::numbers`] there are.
#[unsafe(no_mangle)]
pub extern "C" fn numbers_length() -> usize {
    LIVE.with_borrow(|live| live.numbers.len())
}
