//! Real runs of the real command.

use diffusion_testing::transcript::Terminal;

use crate::PROGRAM;

/// What chapter L's command prints of the same samples, and this one.
#[test]
fn it_samples_as_chapter_l_does() {
    let terminal = Terminal::new(PROGRAM);
    let table = terminal.succeeds("--samples 4 --steps 5 --csv");
    assert_eq!(table.lines().count(), 5, "{table}");
}

/// A network that learns here goes on in chapter L's folder, and comes back.
#[test]
fn it_learns_and_saves_and_loads() {
    let terminal = Terminal::new(PROGRAM);
    let learned = terminal.succeeds(
        "--train --data digits --widths 8,16 --updates 30 --batch 8 --samples 2 --steps 3 \
         --save-diffusers learned --devices flex,flex --sheets sheets",
    );
    assert!(learned.contains("Over the last 30 updates, the loss was"), "{learned}");
    let again = terminal
        .succeeds("--load learned --train --updates 3 --batch 4 --samples 2 --steps 3");
    assert!(again.contains("Over the last 3 updates, the loss was"), "{again}");
    let half = terminal.succeeds(
        "--load learned --train --updates 3 --batch 4 --samples 2 --steps 3 --precision bf16",
    );
    assert!(half.contains("Over the last 3 updates, the loss was"), "{half}");
}

#[test]
fn what_is_refused() {
    let terminal = Terminal::new(PROGRAM);
    for (arguments, told) in [
        (
            "--device gpu",
            "error: --device: 'gpu' is no device; expected cuda, cuda:1, rocm",
        ),
        ("--devices flex,rocm", "error: --devices: this program was built without rocm"),
        ("--device flex --devices flex", "cannot be used with"),
        ("--precision f8", "invalid value 'f8'"),
        ("--serve here", "invalid value 'here'"),
        ("--serve 127.0.0.1:0 --train", "cannot be used with"),
        ("--resume missing", "cannot load 'missing'"),
    ] {
        let sentence = terminal.transcript(arguments);
        assert!(
            sentence.contains("[exit code ") && sentence.contains(told),
            "{arguments}: {sentence}"
        );
    }
}
