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
         --save-diffusers learned --devices flex,flex --accumulate 2 --sheets sheets",
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

/// A training that was interrupted goes on to the same bytes.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_training_goes_on() {
    use std::fs;

    use part_l_u_net::model_folder::FILES;

    let quick = "--samples 1 --steps 1";
    let train = format!(
        "--train --data digits --widths 8 --attention none --updates 200 --batch 2 {quick}"
    );
    let terminal = interrupted(&train);
    let other = terminal.transcript("--resume half --flip");
    assert!(other.contains("it has begun with other data"), "{other}");
    terminal.succeeds(&format!("--resume half --save-diffusers half {quick}"));
    terminal.succeeds(&format!("{train} --save-diffusers whole"));
    let bytes = |folder: &str| {
        let read = |name: &&str| fs::read(terminal.folder().join(folder).join(name)).ok();
        FILES.iter().map(read).collect::<Vec<_>>()
    };
    assert!(bytes("half") == bytes("whole"));
    // And nothing is left to go on with.
    assert_eq!(bytes("whole").iter().flatten().count(), FILES.len() - 1);
    let nothing = terminal.transcript("--resume half");
    assert!(nothing.contains("nothing is left of its training"), "{nothing}");
}

/// A terminal in which such a training was interrupted.
#[cfg(target_os = "linux")]
fn interrupted(train: &str) -> Terminal {
    use part_l_u_net::command_line::load_folder;

    let begin = || Terminal::new(PROGRAM);
    let arguments = format!("{train} --save-diffusers half");
    let is_half = |terminal: &Terminal| {
        let half = load_folder(&terminal.folder().join("half"));
        let unfinished = half.ok().and_then(|half| half.learned.unfinished);
        unfinished.is_some_and(|unfinished| unfinished.updates > 0)
    };
    let (terminal, printed) = Terminal::interrupted(begin, &arguments, 20, is_half);
    assert!(printed.contains("--resume 'half' goes on."), "{printed}");
    terminal
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
        (
            "--train --data digits --widths 512,512 --blocks 8",
            "takes more than 4 GB of memory",
        ),
        ("--accumulate 0", "expected a whole number from 1 to 65536"),
        (
            "--train --data digits --widths 8 --attention none --updates 900 --batch 2 \
             --learning-rate 1 --precision f16",
            "is no number; expected data of about the scale of the noise",
        ),
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
