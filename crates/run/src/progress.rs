//! Progress bars.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar on stderr. It is hidden when either output is piped: then nobody
/// watches, or another program does.
pub fn bar(steps: usize) -> ProgressBar {
    let target = match io::stdout().is_terminal() && io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")
        .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(steps as u64), target).with_style(style)
}
