//! What a build without an engine says.

use diffusion_testing::transcript::Terminal;

#[test]
fn it_says_how_to_get_an_engine() {
    let terminal = Terminal::new("part-o-on-an-engine");
    let told = terminal.fails("--train --updates 10");
    assert_eq!(
        told,
        "error: this program was built without an engine; expected it to be built with one, as by \
         `cargo run --release -p part-o-on-an-engine --features flex`\n"
    );
}
