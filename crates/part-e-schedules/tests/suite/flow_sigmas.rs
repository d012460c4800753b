//! Are a flow's sigmas those of diffusers, and is a shift what its formula says?

use std::fs;
use std::path::Path;

use part_e_schedules::config::{FlowConfig, FlowScheduler, FlowShift, ModelConfig};
use part_e_schedules::flow_sigmas::{
    FinalSigma, FlowDpmSolver, FlowMatchEuler, FlowMatchHeun, FlowSigmas,
    FlowSigmasError, FlowUniPc, MAX_STEPS, Mu, Shift, SigmaSpacing, even_sigmas,
    flow_log_snr, shifted,
};
use proptest::prelude::*;

/// diffusers computes some sigmas in float32, a few operations each: one is off by 2⁻²⁴ at
/// most of a value up to 1, and so a handful by less than this.
const TOLERANCE: f64 = 1e-6;

/// The same of a thousand times as much.
const TIMESTEP_TOLERANCE: f64 = 1e-3;

/// A case of `data/reference/flow_sigmas.csv`.
struct Case {
    name: String,
    config: String,
    steps: Option<usize>,
    given: Vec<f64>,
    tokens: Option<usize>,
    mu: Option<f64>,
    sigmas: Vec<f64>,
    timesteps: Vec<f64>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/reference/flow_sigmas.csv");
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("case;config;steps;given;tokens;mu;sigmas;timesteps"));
    let numbers = |text: &str| -> Vec<f64> {
        text.split_whitespace().map(|number| number.parse().unwrap()).collect()
    };
    let case = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        let whole =
            |cell: &str| (!cell.is_empty()).then(|| cell.parse::<usize>().unwrap());
        Case {
            name: cells[0].to_owned(),
            config: cells[1].to_owned(),
            steps: whole(cells[2]),
            given: numbers(cells[3]),
            tokens: whole(cells[4]),
            mu: numbers(cells[5]).first().copied(),
            sigmas: numbers(cells[6]),
            timesteps: numbers(cells[7]),
        }
    };
    lines.map(case).collect()
}

fn flow(config: &str) -> FlowConfig {
    match ModelConfig::parse(config).unwrap() {
        ModelConfig::Flow(config) => config,
        ModelConfig::Betas(config) => panic!("{config}"),
    }
}

fn assert_close(what: &str, values: &[f64], reference: &[f64], tolerance: f64) {
    assert_eq!(values.len(), reference.len(), "{what}");
    for (i, (value, reference)) in values.iter().zip(reference).enumerate() {
        let error = (value - reference).abs();
        assert!(error <= tolerance, "{what}, [{i}]: {value} for {reference}");
    }
}

#[test]
fn sigmas_agree_with_diffusers() {
    let cases = cases();
    assert_eq!(cases.len(), 234);
    for case in cases {
        let config = flow(&case.config);
        if let (Some(tokens), FlowShift::Dynamic { mu, .. }) = (case.tokens, config.shift)
        {
            let mu = mu.of_tokens(tokens).unwrap();
            assert_close(&case.name, &[mu], &[case.mu.unwrap()], 1e-14);
        }
        let scheduler = match case.mu {
            Some(mu) => config.scheduler_of_mu(mu),
            None => config.scheduler().clone(),
        };
        let mut flow = match case.steps {
            Some(steps) => scheduler.of_steps(steps).unwrap(),
            None => scheduler.of_sigmas(&case.given).unwrap().unwrap(),
        };
        if matches!(scheduler, FlowScheduler::Heun(_)) {
            flow = flow.with_both_evaluations();
        }
        assert_close(&case.name, flow.sigmas(), &case.sigmas, TOLERANCE);
        assert_close(&case.name, flow.timesteps(), &case.timesteps, TIMESTEP_TOLERANCE);
    }
}

/// Beta-spaced sigmas from 1 to next to nothing are the quantiles themselves.
#[test]
fn quantiles_agree_with_scipy() {
    let spacing = SigmaSpacing::Beta;
    let sigma_range = [Some(1.0), Some(1e-300)];
    let scheduler = FlowMatchEuler { spacing, sigma_range, ..Default::default() };
    let flow = scheduler.of_steps(21).unwrap();
    let quantiles: Vec<f64> = flow.sigmas()[..21].iter().rev().copied().collect();
    assert_close("quantiles", &quantiles, &BETA_PPF, 4.0 * f64::EPSILON);
}

/// `scipy.stats.beta.ppf(k / 20, 0.6, 0.6)`.
const BETA_PPF: [f64; 21] = [
    0.0,
    0.012554456873611399,
    0.03958440558878085,
    0.07704854849374813,
    0.12292175045833292,
    0.17568037865269498,
    0.23401700387523572,
    0.2967352964353557,
    0.3627009907532143,
    0.430815501976733,
    0.5000000000000001,
    0.569184498023267,
    0.6372990092467856,
    0.7032647035646443,
    0.7659829961247643,
    0.824319621347305,
    0.8770782495416671,
    0.9229514515062519,
    0.9604155944112192,
    0.9874455431263885,
    1.0,
];

#[test]
fn one_number_is_several_lists_of_sigmas() {
    let rounded = |flow: FlowSigmas| -> Vec<f64> {
        flow.sigmas().iter().map(|sigma| (sigma * 1e4).round() / 1e4).collect()
    };
    let (train_steps, shift) = (1000, Shift::Fixed(3.0));
    let euler = FlowMatchEuler { shift, ..Default::default() };
    let twice = [1.0, 0.8577, 0.6022, 0.0089, 0.0];
    assert_eq!(rounded(euler.of_steps(4).unwrap()), twice);
    let heun = FlowMatchHeun { train_steps, shift: 3.0 };
    assert_eq!(rounded(heun.of_steps(4).unwrap()), twice);
    let given = euler.of_sigmas(&even_sigmas(4).unwrap()).unwrap();
    assert_eq!(rounded(given), [1.0, 0.9, 0.75, 0.5, 0.0]);
    let dpm = FlowDpmSolver { train_steps, shift, end: 0.0 };
    assert_eq!(rounded(dpm.of_steps(4).unwrap()), [0.9997, 0.8996, 0.7496, 0.4997, 0.0]);
    let end = FinalSigma::Zero;
    let uni_pc = FlowUniPc { train_steps, shift, shift_terminal: None, end };
    let flow = uni_pc.of_steps(4).unwrap();
    // A millionth below 1, and told a whole number.
    assert_eq!((flow.sigmas()[0], flow.timesteps()[0]), (1.0 - 1e-6, 999.0));
    assert_eq!(rounded(flow), [1.0, 0.9001, 0.7504, 0.501, 0.0]);
    // Where it isn't twice: there, the shift isn't known when the scheduler is made.
    let dynamic = FlowMatchEuler { shift: Shift::Linear { mu: 3.0 }, ..euler };
    assert_eq!(rounded(dynamic.of_steps(4).unwrap()), [1.0, 0.8573, 0.6007, 0.003, 0.0]);
}

#[test]
fn inverted_sigmas_are_the_scale_of_the_signal() {
    let plain = FlowMatchEuler { shift: Shift::Fixed(3.0), ..Default::default() };
    let inverted = FlowMatchEuler { invert_sigmas: true, ..plain.clone() };
    let (plain, inverted) = (plain.of_steps(4).unwrap(), inverted.of_steps(4).unwrap());
    assert!(inverted.is_inverted() && !plain.is_inverted());
    assert_eq!((inverted.sigmas()[0], inverted.sigmas()[4]), (0.0, 1.0));
    assert_close("b", &inverted.b(), &plain.b(), f64::EPSILON);
    assert_eq!(plain.b(), plain.sigmas());
}

#[test]
fn a_single_step_goes_from_noise_to_data() {
    for shift in [1.0 / 3.0, 1.0, 7.0] {
        let euler = FlowMatchEuler { shift: Shift::Fixed(shift), ..Default::default() };
        let flow = euler.of_steps(1).unwrap();
        assert_eq!((flow.sigmas(), flow.timesteps()), (&[1.0, 0.0][..], &[1000.0][..]));
        assert_eq!(flow, flow.with_both_evaluations());
    }
}

#[test]
fn values_that_make_no_sense_make_no_sigmas() {
    use FlowSigmasError::{
        Mu as MuError, NotFalling, NothingToStretch, Shift as ShiftError, Sigma, Steps,
        Terminal, Tokens, TrainSteps,
    };
    let euler = FlowMatchEuler::default();
    for steps in [0, MAX_STEPS + 1, usize::MAX] {
        assert_eq!(euler.of_steps(steps), Err(Steps(steps)));
        assert_eq!(even_sigmas(steps), Err(Steps(steps)));
        let few = FlowMatchEuler { train_steps: steps, ..euler.clone() };
        assert_eq!(few.of_steps(2), Err(TrainSteps(steps)));
        assert_eq!(few.of_sigmas(&[1.0]), Err(TrainSteps(steps)));
        let heun = FlowMatchHeun { train_steps: steps, shift: 1.0 };
        assert_eq!(heun.of_steps(2), Err(TrainSteps(steps)));
    }
    for (sigmas, error) in [
        (&[][..], Steps(0)),
        (&[1.0, 0.5, 0.5], NotFalling { before: 0.5, sigma: 0.5 }),
        (&[0.5, 1.0], NotFalling { before: 0.5, sigma: 1.0 }),
        (&[1.5, 0.5], Sigma(1.5)),
        (&[1.0, 0.0], Sigma(0.0)),
        (&[1.0, -0.5], Sigma(-0.5)),
        (&[f64::INFINITY], Sigma(f64::INFINITY)),
    ] {
        assert_eq!(euler.of_sigmas(sigmas), Err(error));
    }
    assert!(matches!(euler.of_sigmas(&[f64::NAN]), Err(Sigma(sigma)) if sigma.is_nan()));
    for shift in [0.0, -3.0, f64::INFINITY] {
        let error = Err(ShiftError(shift));
        assert_eq!(Shift::Fixed(shift).factor(), error);
        let euler = FlowMatchEuler { shift: Shift::Fixed(shift), ..euler.clone() };
        assert_eq!(euler.of_steps(2).map(|_| 0.0), error);
        assert_eq!(euler.of_sigmas(&[1.0]).map(|_| 0.0), error);
    }
    assert!(Shift::Fixed(f64::NAN).factor().is_err());
    assert!(Shift::Exponential { mu: f64::NAN }.factor().is_err());
    let [low, high] = [-1000.0, 1000.0].map(|mu| Shift::Exponential { mu }.factor());
    assert_eq!(low, Err(MuError { mu: -1000.0, shift: 0.0 }));
    assert_eq!(high, Err(MuError { mu: 1000.0, shift: f64::INFINITY }));
    assert_eq!(
        Shift::Linear { mu: -1.0 }.factor(),
        Err(MuError { mu: -1.0, shift: -1.0 })
    );
    let mu = Mu { base_image_seq_len: 4096, ..Mu::FLUX };
    assert_eq!(mu.of_tokens(1), Err(Tokens(4096)));
    let to = |shift_terminal, steps| {
        FlowMatchEuler { shift_terminal: Some(shift_terminal), ..euler.clone() }
            .of_steps(steps)
    };
    for terminal in [0.0, 1.0, -0.1, 1.1] {
        assert_eq!(to(terminal, 2), Err(Terminal(terminal)));
    }
    assert!(to(f64::NAN, 2).is_err());
    assert_eq!(to(0.1, 1), Err(NothingToStretch(0.1)));
    let range = FlowMatchEuler {
        spacing: SigmaSpacing::Karras,
        sigma_range: [Some(0.1), Some(0.9)],
        ..euler.clone()
    };
    assert!(matches!(range.of_steps(2), Err(NotFalling { .. })));
    let none = FlowMatchEuler { sigma_range: [None, Some(0.0)], ..range };
    assert_eq!(none.of_steps(2), Err(Sigma(0.0)));
    // All sigmas of a training with one step are 1.
    let one = FlowMatchEuler { train_steps: 1, ..euler };
    assert!(matches!(one.of_steps(2), Err(NotFalling { .. })));
    let shift = Shift::Fixed(1.0);
    let dpm = |train_steps, end| FlowDpmSolver { train_steps, shift, end }.of_steps(10);
    assert!(dpm(1, 0.0).is_err() && dpm(1000, f64::NAN).is_err());
    assert!(matches!(dpm(1000, 0.5), Err(NotFalling { .. })));
    assert_eq!(dpm(1000, -0.5), Err(Sigma(-0.5)));
    // The guard would put the first sigma below the second.
    let (shift_terminal, end) = (None, FinalSigma::Zero);
    let shift = Shift::Fixed(1e8);
    let far = FlowUniPc { train_steps: 1000, shift, shift_terminal, end };
    assert!(matches!(far.of_steps(2), Err(NotFalling { .. })));
}

fn any_shift() -> impl Strategy<Value = f64> {
    (-4.0..4.0_f64).prop_map(|mu| Shift::Exponential { mu }.factor().unwrap())
}

fn any_scheduler() -> impl Strategy<Value = FlowMatchEuler> {
    use SigmaSpacing::{Beta, Exponential, Karras, Shifted};
    let spacing = prop::sample::select(vec![Shifted, Karras, Exponential, Beta]);
    let shift = prop_oneof![
        any_shift().prop_map(Shift::Fixed),
        any_shift().prop_map(|mu| Shift::Linear { mu }),
        (-4.0..4.0_f64).prop_map(|mu| Shift::Exponential { mu }),
    ];
    let terminal = prop::option::of(1e-3..0.999_f64);
    (100..2000_usize, shift, terminal, spacing, any::<bool>()).prop_map(
        |(train_steps, shift, shift_terminal, spacing, invert_sigmas)| FlowMatchEuler {
            train_steps,
            shift,
            shift_terminal,
            spacing,
            sigma_range: [None, None],
            invert_sigmas,
        },
    )
}

proptest! {
    #[test]
    fn a_shift_and_another_are_one(sigma in 0.0..=1.0_f64, s in any_shift(), other in any_shift()) {
        let twice = shifted(shifted(sigma, s), other);
        prop_assert!((twice - shifted(sigma, s * other)).abs() <= 1e-14);
        prop_assert!((shifted(shifted(sigma, s), 1.0 / s) - sigma).abs() <= 1e-13);
        prop_assert_eq!(shifted(sigma, 1.0), sigma);
    }

    #[test]
    fn a_shift_lowers_the_log_snr_by_twice_its_logarithm(
        sigma in 1e-3..0.999_f64,
        mu in -4.0..4.0_f64,
    ) {
        let shift = Shift::Exponential { mu }.factor().unwrap();
        let moved = flow_log_snr(shifted(sigma, shift)) - flow_log_snr(sigma);
        prop_assert!((moved + 2.0 * mu).abs() <= 1e-11);
    }

    #[test]
    fn a_shift_keeps_the_order_and_both_ends(
        sigma in 0.0..1.0_f64,
        more in 1e-9..1.0_f64,
        s in any_shift(),
    ) {
        prop_assert_eq!([0.0, 1.0].map(|end| shifted(end, s)), [0.0, 1.0]);
        let larger = (sigma + more).min(1.0);
        prop_assert!(shifted(sigma, s) <= shifted(larger, s));
        prop_assert!((0.0..=1.0).contains(&shifted(sigma, s)));
        // More than 1 is towards noise.
        prop_assert_eq!(shifted(sigma, s) >= sigma, s >= 1.0 || sigma == 0.0);
    }

    #[test]
    fn sigmas_go_from_noise_to_data(scheduler in any_scheduler(), steps in 2..60_usize) {
        for flow in [scheduler.of_steps(steps), scheduler.of_sigmas(&even_sigmas(steps).unwrap())] {
            let flow = flow.unwrap();
            let b = flow.b();
            prop_assert_eq!((b.len(), flow.timesteps().len()), (steps + 1, steps));
            prop_assert_eq!((b[0], b[steps]), (1.0, 0.0));
            prop_assert!(b.windows(2).all(|pair| pair[1] < pair[0]));
            if let Some(terminal) = scheduler.shift_terminal {
                prop_assert!((b[steps - 1] - terminal).abs() <= 1e-14);
            }
            for (timestep, sigma) in flow.timesteps().iter().zip(flow.sigmas()) {
                prop_assert_eq!(*timestep, sigma * scheduler.train_steps as f64);
            }
        }
    }

    #[test]
    fn no_number_makes_it_panic(
        steps in 0..30_usize,
        train_steps in 0..30_usize,
        given in prop::collection::vec(any::<f64>(), 0..4),
        [shift, terminal, max, min] in any::<[f64; 4]>(),
        scheduler in any_scheduler(),
    ) {
        let scheduler = FlowMatchEuler {
            train_steps,
            shift: Shift::Fixed(shift),
            shift_terminal: Some(terminal),
            sigma_range: [Some(max), Some(min)],
            ..scheduler
        };
        let _ = (scheduler.of_steps(steps), scheduler.of_sigmas(&given));
        let shift = Shift::Exponential { mu: shift };
        let _ = FlowDpmSolver { train_steps, shift, end: min }.of_steps(steps);
        let end = FinalSigma::SigmaMin;
        let uni_pc = FlowUniPc { train_steps, shift, shift_terminal: None, end };
        let _ = (uni_pc.of_steps(steps), uni_pc.of_sigmas(&given));
    }
}
