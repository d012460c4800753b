//! How figures are drawn: plots, photographs, and both on top of each other. What they
//! show is the parts' own business.

pub mod blocks;
pub mod digits;
pub mod histogram;
pub mod photograph;
pub mod plane;
pub mod plot;

/// Numbers as a sentence lists them: `0, 1 and 6`.
pub fn listed(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().map(usize::to_string).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// How wide the page is that a figure is drawn for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PageWidth {
    /// That of a window with room for a chapter's whole width.
    Wide,
    /// That of a phone: text is as large, and half as much fits beside each other.
    Narrow,
}

impl PageWidth {
    /// The width of a figure.
    pub const fn units(self) -> i32 {
        match self {
            PageWidth::Wide => 720,
            PageWidth::Narrow => 360,
        }
    }
}
