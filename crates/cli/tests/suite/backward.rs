//! Does a way back take no more than what is asked for?

use clap::Parser;
use diffusion_cli::{BackwardArguments, Signal};
use diffusion_core::cancellation::Cancelled;
use diffusion_testing::checkpoints::{cancelled_after, counted};
use tempfile::TempDir;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    backward: BackwardArguments,
}

fn arguments(folder: &TempDir, arguments: &str) -> BackwardArguments {
    let output = folder.path().join("strip.png");
    let output = ["test", "--output", output.to_str().unwrap()];
    let given = output.into_iter().chain(arguments.split_whitespace());
    Arguments::parse_from(given).backward
}

/// The distances of the data from each other, of which there are as many as data squared,
/// are told of pictures only.
#[test]
fn points_are_not_compared_with_each_other() {
    let folder = TempDir::new().unwrap();
    let backward = arguments(&folder, "--data moons --points 3000 --samples 1 --csv");
    let data = backward.data.load().unwrap();
    let (result, checkpoints) = counted(|| {
        backward
            .sample(&data, &[(0.0, Signal::AlphaBar(0.5))], &[], |x, _, _| Ok(x.clone()))
    });
    result.unwrap();
    // Two states are measured.
    assert!((1..100).contains(&checkpoints), "{checkpoints}");
}

#[test]
fn as_many_are_sampled_as_there_are_points_up_to_a_bound() {
    let folder = TempDir::new().unwrap();
    for (given, count) in [
        ("--points 300", 300),
        ("--points 4000", 4000),
        ("--points 100000", 4000),
        ("--points 100000 --samples 5000", 5000),
    ] {
        let backward = arguments(&folder, &format!("--data moons {given}"));
        assert_eq!(backward.count(&backward.data.load().unwrap()).unwrap(), count);
    }
}

/// A signal is noticed while a table is read.
#[test]
fn reading_a_table_is_cancelled() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, "1,2\n".repeat(1000)).unwrap();
    let read = || diffusion_cli::load::numbers(&path).map(|_| ()).unwrap();
    assert_eq!(counted(read), ((), 1000));
    assert_eq!(cancelled_after(10, read), (Err(Cancelled), 11));
}
