//! What every module exports. Memory is handed over as an address in it.
#![allow(unsafe_code, reason = "a name that is exported counts as unsafe")]

use std::cell::RefCell;

use crate::Lessons;

thread_local! {
    /// A page has one instance of a module.
    static LESSONS: RefCell<Lessons> = RefCell::default();
    static SAID: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The address of so many bytes, for the page to hand something in: a picture, a text.
#[unsafe(no_mangle)]
pub extern "C" fn given(bytes: usize) -> *mut u8 {
    LESSONS.with_borrow_mut(|lessons| room(&mut lessons.page.given, bytes))
}

/// The address of so many bytes, for the page to say what is called: the numbers, eight
/// bytes each, and the name of the method.
#[unsafe(no_mangle)]
pub extern "C" fn said(bytes: usize) -> *mut u8 {
    SAID.with_borrow_mut(|said| room(said, bytes))
}

fn room(buffer: &mut Vec<u8>, bytes: usize) -> *mut u8 {
    *buffer = vec![0; bytes];
    buffer.as_mut_ptr()
}

/// See [`Lessons::call`]; so many numbers have been [`said`], and the method. Returns 0,
/// or the number of a [`Refused`](crate::Refused).
#[unsafe(no_mangle)]
pub extern "C" fn call(figure: usize, numbers: usize) -> u32 {
    let said = SAID.take();
    let (numbers, method) = said.split_at_checked(8 * numbers).unwrap_or_default();
    let numbers = numbers.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes));
    let numbers: Vec<f64> = numbers.collect();
    let method = str::from_utf8(method).unwrap_or_default();
    let called =
        LESSONS.with_borrow_mut(|lessons| lessons.call(figure, (method, &numbers)));
    called.map_or_else(|refused| refused as u32, |()| 0)
}

/// The address of [`Page::text`](crate::Page::text), which is UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    LESSONS.with_borrow(|lessons| lessons.page.text.as_ptr())
}

/// How many bytes [`text`] has.
#[unsafe(no_mangle)]
pub extern "C" fn text_length() -> usize {
    LESSONS.with_borrow(|lessons| lessons.page.text.len())
}

/// The address of [`Page::frame`](crate::Page::frame).
#[unsafe(no_mangle)]
pub extern "C" fn pixels() -> *const u8 {
    LESSONS.with_borrow(|lessons| lessons.page.frame.as_ptr())
}

/// How many bytes [`pixels`] has.
#[unsafe(no_mangle)]
pub extern "C" fn pixels_length() -> usize {
    LESSONS.with_borrow(|lessons| lessons.page.frame.len())
}

/// The address of [`Page::numbers`](crate::Page::numbers).
#[unsafe(no_mangle)]
pub extern "C" fn numbers() -> *const f64 {
    LESSONS.with_borrow(|lessons| lessons.page.numbers.as_ptr())
}

/// How many [`numbers`] there are.
#[unsafe(no_mangle)]
pub extern "C" fn numbers_length() -> usize {
    LESSONS.with_borrow(|lessons| lessons.page.numbers.len())
}
