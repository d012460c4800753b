//! Progress bars.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar on stderr. It is hidden when either output is piped: then nobody
/// watches, or another program does.
pub fn bar(steps: usize) -> ProgressBar {
    with_style(steps, "{bar:40} {pos}/{len} {msg}")
}

/// A progress bar with an estimate of the time that is left, for a run that takes so long
/// that one would like to know how long.
pub fn bar_with_estimate(steps: usize) -> ProgressBar {
    with_style(steps, "{bar:40} {pos}/{len} {eta} left {msg}")
}

fn with_style(steps: usize, template: &str) -> ProgressBar {
    let target = match io::stdout().is_terminal() && io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style =
        ProgressStyle::with_template(template).expect("the template is well-formed");
    let bar = ProgressBar::with_draw_target(Some(steps as u64), target).with_style(style);
    // Before the first step, which may take long.
    bar.tick();
    bar
}
