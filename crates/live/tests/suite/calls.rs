//! Calls by name, as a script has them.

use diffusion_live::{FIGURES, Learns, Lessons, PartH, Refused};
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::TrainingConfig;

use crate::{REFUSED, SIDE, page};

const UNKNOWN: Result<(), Refused> = Err(Refused::Unknown);

/// Lessons with a picture and a figure of this name.
fn lessons(name: &str) -> (Lessons, usize) {
    let mut lessons = Lessons::default();
    lessons.page = page();
    let figure = lessons.begin(name).unwrap();
    (lessons, figure)
}

#[test]
fn what_no_figure_has_is_refused() {
    let mut lessons = Lessons::default();
    assert_eq!(lessons.begin("part-z"), Err(Refused::Unknown));
    assert_eq!(lessons.call(1, ("trajectory", &[])), UNKNOWN, "there is no figure yet");
    for name in ["part-z", "", "Part-A", "\u{fffd}"] {
        lessons.page.given = name.into();
        assert_eq!(lessons.call(0, ("begin", &[])), UNKNOWN, "{name}");
    }
    lessons.page.given = b"part-\xff".to_vec();
    assert_eq!(lessons.call(0, ("begin", &[])), UNKNOWN);
    for (number, (name, _)) in (1..).zip(FIGURES) {
        lessons.page.given = (*name).into();
        assert_eq!(lessons.call(0, ("begin", &[])), Ok(()));
        assert_eq!(lessons.page.numbers, [number as f64]);
        for method in ["", "no such method", "call"] {
            assert_eq!(lessons.call(number, (method, &[])), UNKNOWN, "{name}: {method}");
        }
        assert_eq!(lessons.call(number + 1, ("state", &[])), UNKNOWN);
    }
    assert_eq!(lessons.call(usize::MAX, ("state", &[])), UNKNOWN);
}

/// Every method of every figure takes its own number of numbers, and no other.
#[test]
fn another_number_of_numbers_is_refused() {
    let methods = [
        ("forward", "jump", 6),
        ("forward", "schedule", 3),
        ("part-a", "trajectory", 5),
        ("part-b", "trajectory", 4),
        ("part-b", "schedule", 3),
        ("part-c", "fixed", 4),
        ("part-c", "schedule", 3),
        ("part-c", "draw", 0),
        ("part-c", "trajectory", 2),
        ("part-d", "jump", 6),
        ("part-d", "schedule", 3),
        ("walk-or-jump", "begin", 5),
        ("walk-or-jump", "at", 1),
        ("walk-or-jump", "value", 2),
        ("two-peaks", "after", 6),
        ("part-e", "published", 5),
        ("part-e", "config", 0),
        ("part-e", "states", 3),
        ("part-f", "begin", 5),
        ("part-f", "step", 0),
        ("part-f", "state", 1),
        ("part-f", "field", 2),
        ("part-f", "posterior_mean", 3),
        ("part-g", "begin", 4),
        ("part-g", "advance", 0),
        ("part-g", "state", 0),
        ("part-h", "data", 3),
        ("part-h", "begin", 6),
        ("part-h", "optimal_loss", 0),
        ("part-h", "update", 1),
        ("part-h", "loss", 0),
        ("part-h", "sample", 1),
        ("part-h", "step", 0),
        ("part-h", "samples", 0),
        ("part-h", "field", 4),
        ("part-l", "network", 0),
        ("part-l", "begin", 5),
        ("part-l", "advance", 0),
        ("part-l", "state", 0),
        ("part-h-digits", "network", 0),
        ("part-h-digits", "begin", 3),
        ("part-h-digits", "guide", 1),
        ("part-h-digits", "advance", 0),
        ("part-h-digits", "sheet", 2),
        ("part-i", "begin", 4),
        ("part-i", "finest", 0),
        ("part-i", "advance", 2),
        ("part-i", "state", 2),
        ("part-i", "choose", 3),
        ("part-i", "coverage", 2),
        ("part-i", "trail", 2),
        ("part-i-digits", "network", 0),
        ("part-i-digits", "begin", 5),
        ("part-i-digits", "advance", 0),
        ("part-i-digits", "sheet", 2),
        ("part-j", "begin", 4),
        ("part-j", "follow", 0),
        ("part-j", "path", 3),
        ("part-j", "pairs", 2),
        ("part-j", "euler", 2),
        ("part-k", "network", 0),
        ("part-k", "begin", 1),
        ("part-k", "photograph", 1),
        ("part-k", "grow", 0),
        ("part-k", "grown", 1),
        ("part-k", "advance", 0),
        ("part-k", "state", 0),
        ("part-k", "pixel", 3),
        ("part-n", "network", 0),
        ("part-n", "observe", 5),
        ("part-n", "begin", 3),
        ("part-n", "advance", 0),
        ("part-n", "state", 2),
        ("part-n-guidance", "data", 0),
        ("part-n-guidance", "begin", 6),
        ("part-n-guidance", "step", 0),
        ("part-n-guidance", "density", 3),
        ("draw", "csv", 0),
        ("draw", "begin", 6),
        ("draw", "step", 0),
        ("draw", "distances", 0),
        ("draw", "learn", 6),
        ("draw", "optimal_loss", 0),
        ("draw", "update", 1),
        ("draw", "loss", 0),
        ("draw", "field", 4),
        ("convolution", "convolve", 6),
        ("matrix-product", "product", 5),
    ];
    let takes = |lessons: &mut Lessons, figure, method, count| {
        // No number of which is whole: nothing is computed.
        lessons.call(figure, (method, &vec![0.5; count])) != UNKNOWN
    };
    for (name, method, count) in methods {
        let (mut lessons, figure) = lessons(name);
        let taken: Vec<usize> =
            (0..9).filter(|&other| takes(&mut lessons, figure, method, other)).collect();
        assert_eq!(taken, [count], "{name}: {method}");
    }
    // A count, and any number of places.
    let (mut lessons, figure) = lessons("draw");
    let taken: Vec<usize> =
        (0..9).filter(|&other| takes(&mut lessons, figure, "points", other)).collect();
    assert_eq!(taken, [1, 3, 5, 7]);
    for (name, _) in FIGURES {
        assert!(methods.iter().any(|(other, ..)| other == name), "{name}");
    }
    for (method, count) in
        [("set_square", 1), ("set_picture", 3), ("clean", 1), ("frame", 1)]
    {
        let mut lessons = Lessons::default();
        let taken: Vec<usize> =
            (0..9).filter(|&other| takes(&mut lessons, 0, method, other)).collect();
        assert_eq!(taken, [count], "{method}");
    }
}

/// A number that should be whole, and in the range of 32 bits, is neither truncated nor
/// wrapped.
#[test]
fn numbers_that_are_not_whole_are_refused() {
    let (mut lessons, figure) = lessons("part-b");
    let side = f64::from(SIDE);
    let right = [side, 0.3, 4.0, 7.0];
    assert_eq!(lessons.call(figure, ("trajectory", &right)), Ok(()));
    let seven = lessons.page.numbers.clone();
    for place in [0, 2, 3] {
        for wrong in [
            0.5,
            -1.0,
            4.000_000_1,
            4_294_967_296.0,
            4_294_967_303.0,
            f64::NAN,
            f64::INFINITY,
        ] {
            let mut numbers = right;
            numbers[place] = wrong;
            let refused = lessons.call(figure, ("trajectory", &numbers));
            assert_eq!(refused, REFUSED, "{numbers:?}");
        }
    }
    assert_eq!(lessons.page.numbers, seven, "what was refused has made nothing");
    let largest = [side, 0.3, 4.0, 4_294_967_295.0];
    assert_eq!(lessons.call(figure, ("trajectory", &largest)), Ok(()));
    assert_ne!(lessons.page.numbers, seven);
}

/// Of two figures of a page, though they be of one kind, neither knows of the other.
#[test]
fn each_figure_has_a_state_of_its_own() {
    let (mut lessons, one) = lessons("part-i");
    let other = lessons.begin("part-i").unwrap();
    lessons.call(one, ("begin", &[0.0, 30.0, 10.0, 1.0])).unwrap();
    lessons.call(one, ("advance", &[2.0, 3.0])).unwrap();
    lessons.call(one, ("state", &[2.0, 3.0])).unwrap();
    let state = lessons.page.numbers[3..].to_vec();
    assert_eq!(lessons.call(other, ("state", &[2.0, 3.0])), REFUSED);
    lessons.call(other, ("begin", &[1.0, 20.0, 5.0, 2.0])).unwrap();
    lessons.call(one, ("state", &[2.0, 3.0])).unwrap();
    assert_eq!(lessons.page.numbers[3..], state);
}

#[test]
fn a_training_is_called_with_all_of_its_numbers() {
    let (mut lessons, figure) = lessons("part-h");
    lessons.call(figure, ("data", &[1.0, 60.0, 8.0])).unwrap();
    let numbers = [2.0, 12.0, 70.0, 30.0, 0.01, 5.0];
    lessons.call(figure, ("begin", &numbers)).unwrap();
    let config = TrainingConfig {
        kind: PredictionType::Velocity,
        updates: 30,
        batch: 70,
        learning_rate: 0.01,
        ..TrainingConfig::default()
    };
    let (mut native, mut page) = (PartH::default(), page());
    native.data(&mut page, 1, 60, 8).unwrap();
    native.begin(&mut page, config, 12, 5).unwrap();
    assert_eq!(lessons.page.numbers, page.numbers);
    for _ in 0..30 {
        native.update(&mut page, 1).unwrap();
        lessons.call(figure, ("update", &[1.0])).unwrap();
        assert_eq!(lessons.page.numbers, page.numbers);
    }
    assert_eq!(lessons.call(figure, ("update", &[1.0])), REFUSED, "no update is left");
    let fifth = [4.0, 12.0, 70.0, 30.0, 0.01, 5.0];
    assert_eq!(lessons.call(figure, ("begin", &fifth)), REFUSED);
}
