//! What every module exports, beside its parts. Memory is handed over as an address in
//! it, and each call that can be refused returns 0 or the number of a [`Refused`].
#![allow(unsafe_code, reason = "a name that is exported counts as unsafe")]

use std::cell::RefCell;

use crate::{Page, Refused};

thread_local! {
    /// A module has one page, and a page has one module.
    static PAGE: RefCell<Page> = RefCell::default();
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Calls a method of the module's page: 0, or the number of a [`Refused`].
pub(crate) fn call(run: impl FnOnce(&mut Page) -> Result<(), Refused>) -> u32 {
    PAGE.with_borrow_mut(run).map_or_else(|refused| refused as u32, |()| 0)
}

/// The address of so many bytes, for the page to write a picture into.
#[unsafe(no_mangle)]
pub extern "C" fn input(bytes: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        *input = vec![0; bytes];
        input.as_mut_ptr()
    })
}

/// See [`Page::set_square`]; the bytes are the input.
#[unsafe(no_mangle)]
pub extern "C" fn set_square(side: u32) -> u32 {
    let rgb = INPUT.take();
    call(|page| page.set_square(rgb, side))
}

/// See [`Page::set_picture`]; the bytes are the input.
#[unsafe(no_mangle)]
pub extern "C" fn set_picture(width: u32, height: u32, side: u32) -> u32 {
    let rgba = INPUT.take();
    call(|page| page.set_picture(rgba, width, height, side))
}

/// See [`Page::set_betas`]; the bytes are the input.
#[cfg(feature = "part-one")]
#[unsafe(no_mangle)]
pub extern "C" fn set_betas() -> u32 {
    let bytes = INPUT.take();
    call(|page| page.set_betas(&bytes))
}

/// See [`Page::set_config`]; the bytes are the input.
#[cfg(feature = "schedules")]
#[unsafe(no_mangle)]
pub extern "C" fn set_config() -> u32 {
    let bytes = INPUT.take();
    call(|page| page.set_config(&bytes))
}

/// See [`Page::set_network`]; the bytes are the input.
#[cfg(any(feature = "learning", feature = "samplers"))]
#[unsafe(no_mangle)]
pub extern "C" fn set_network() -> u32 {
    let bytes = INPUT.take();
    call(|page| page.set_network(&bytes))
}

/// The address of [`Page::text`], which is UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    PAGE.with_borrow(|page| page.text.as_ptr())
}

/// How many bytes [`Page::text`] has.
#[unsafe(no_mangle)]
pub extern "C" fn text_length() -> usize {
    PAGE.with_borrow(|page| page.text.len())
}

/// The address of [`Page::frame`].
#[unsafe(no_mangle)]
pub extern "C" fn pixels() -> *const u8 {
    PAGE.with_borrow(|page| page.frame.as_ptr())
}

/// How many bytes [`Page::frame`] has.
#[unsafe(no_mangle)]
pub extern "C" fn pixels_length() -> usize {
    PAGE.with_borrow(|page| page.frame.len())
}

/// The address of [`Page::numbers`].
#[unsafe(no_mangle)]
pub extern "C" fn numbers() -> *const f64 {
    PAGE.with_borrow(|page| page.numbers.as_ptr())
}

/// How many [`Page::numbers`] there are.
#[unsafe(no_mangle)]
pub extern "C" fn numbers_length() -> usize {
    PAGE.with_borrow(|page| page.numbers.len())
}
