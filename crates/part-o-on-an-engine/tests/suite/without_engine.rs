//! What a build without an engine says.

use diffusion_testing::transcript::Terminal;

use crate::PROGRAM;

#[test]
fn it_says_how_to_get_an_engine() {
    let terminal = Terminal::new(PROGRAM);
    assert_eq!(
        terminal.transcript("--train --updates 10"),
        "$ cargo run -p part-o-on-an-engine -- --train --updates 10\n\
         error: this program was built without an engine; expected it to be built with one, as by \
         `cargo run --release -p part-o-on-an-engine --features flex`\n\
         [exit code 1]\n"
    );
}
