//! The finished book: what is in its files, and what a reader sees in a real browser.
//!
//! The variable FINISHED_BOOK names a folder of pages that were built from this checkout,
//! from anywhere or from the repository's root: with `book/book`, those of
//! `cargo xtask book` are tested. Without it, they are built once for all tests.
//!
//! The browser is what CHROMIUM names, or a Chromium on PATH; axe-core, which looks for
//! what keeps readers out, is the file that AXE_CORE names. Where one of them is missing,
//! a line says what is not tested. Where the variable CI is set, the tests fail instead.
//! With SCREENSHOTS set, pictures of all chapters are left in `target/tmp/screenshots`.

mod book;
mod browser;
mod finished_book;
