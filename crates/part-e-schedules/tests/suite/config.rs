//! Are a model's schedule and alpha_bar those that diffusers makes of its config?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::config::{
    ConfigError, ModelConfig, SchedulerConfig, class_names, flow_class_names,
};
use part_e_schedules::{PredictionType, Summary};
use proptest::prelude::*;

/// The values of a case of `data/reference/schedules_diffusers.csv` at its timesteps.
struct Case {
    config: String,
    rows: Vec<Row>,
}

struct Row {
    t: usize,
    beta_f32: f64,
    alpha_bar_f32: f64,
    beta_f64: f64,
    alpha_bar_f64: f64,
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn config_file(name: &str) -> String {
    fs::read_to_string(here().join("tests/suite/configs").join(name)).unwrap()
}

fn cases() -> BTreeMap<String, Case> {
    let path = here().join("../../data/reference/schedules_diffusers.csv");
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("case;config;t;beta_f32;alpha_bar_f32;beta_f64;alpha_bar_f64")
    );
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(';').collect();
        let case = cases.entry(cells[0].to_owned()).or_insert_with(|| Case {
            config: match cells[0].ends_with(".json") {
                true => config_file(cells[0]),
                false => cells[1].to_owned(),
            },
            rows: Vec::new(),
        });
        let value = |cell: usize| cells[cell].parse::<f64>().unwrap();
        case.rows.push(Row {
            t: cells[2].parse().unwrap(),
            beta_f32: value(3),
            alpha_bar_f32: value(4),
            beta_f64: value(5),
            alpha_bar_f64: value(6),
        });
    }
    cases
}

/// Fails if a value is further from the reference than a fraction of it, or than so much.
fn assert_close(what: &str, value: f64, reference: f64, relative: f64, absolute: f64) {
    let error = (value - reference).abs();
    assert!(
        error <= (relative * reference).max(absolute),
        "{what}: {value} for {reference}"
    );
}

/// Once with diffusers' own code in float64, and once with what it computes in float32.
#[test]
fn configs_agree_with_diffusers() {
    let cases = cases();
    assert_eq!(cases.len(), 30 + 1 + 2 * class_names().len() + 5);
    for (name, case) in cases {
        let config = SchedulerConfig::parse(&case.config).unwrap();
        let scheduler = NoiseScheduler::from_betas(config.betas().unwrap()).unwrap();
        let last = scheduler.steps() - 1;
        assert_eq!(case.rows.last().unwrap().t, last, "{name}");
        for row in case.rows {
            let t = row.t;
            let (beta, alpha_bar) = (scheduler.beta()[t], scheduler.alpha_bar()[t]);
            let what = format!("{name}, t = {t}");
            // diffusers changes the last alpha_bar, and leaves the beta as it was.
            let is_lifted = row.alpha_bar_f64 == 1.0 / f64::from(1 << 24);
            if !is_lifted {
                assert_close(&what, beta, row.beta_f64, 1e-11, 0.0);
            }
            let relative = if is_lifted { 1e-11 } else { 1e-12 };
            assert_close(&what, alpha_bar, row.alpha_bar_f64, relative, 0.0);
            if config.zero_snr {
                // Differences of numbers that are nearly 1, in float32, and divided by
                // small ones.
                if !is_lifted {
                    assert_close(&what, beta, row.beta_f32, 0.0, 5e-5);
                }
                assert_close(&what, alpha_bar, row.alpha_bar_f32, 0.0, 5e-6);
            } else {
                assert_close(&what, beta, row.beta_f32, 1e-6, 0.0);
                // In float32, 1 - 0.999 is off by a hundred thousandth of itself.
                let is_clipped = beta == 0.999;
                let relative = if is_clipped { 2e-5 } else { 1e-6 };
                assert_close(&what, alpha_bar, row.alpha_bar_f32, relative, 0.0);
            }
        }
    }
}

#[test]
fn configs_of_real_models_are_told() {
    let told = |file| {
        let config = SchedulerConfig::parse(&config_file(file)).unwrap();
        (config.to_string(), config.unused.join(" "))
    };
    assert_eq!(
        told("ddpm-cifar10.json"),
        (
            "DDPMScheduler: linear from 0.0001 to 0.02 in 1000 steps; its model predicts noise \
             (epsilon)."
                .to_owned(),
            "_diffusers_version clip_sample variance_type".to_owned()
        )
    );
    assert_eq!(
        told("stable-diffusion-1.5.json"),
        (
            "PNDMScheduler: scaled_linear from 0.00085 to 0.012 in 1000 steps; its model \
             predicts noise (epsilon)."
                .to_owned(),
            "_diffusers_version clip_sample set_alpha_to_one skip_prk_steps steps_offset"
                .to_owned()
        )
    );
    let (sentence, _) = told("stable-diffusion-2.1-v.json");
    assert!(sentence.ends_with("predicts velocity (v_prediction)."), "{sentence}");
    let (sentence, unused) = told("euler-zero-snr.json");
    assert!(
        sentence.contains("in 1000 steps, mended to zero-terminal SNR;"),
        "{sentence}"
    );
    assert_eq!(unused, "timestep_spacing");
    let (sentence, _) = told("own-betas.json");
    assert_eq!(
        sentence,
        "DDPMScheduler: its own betas in 8 steps; its model predicts x0 (sample)."
    );
}

#[test]
fn a_key_without_effect_is_named() {
    let unused = |text| SchedulerConfig::parse(text).unwrap().unused;
    // This class does not know the key.
    let pndm = r#"{"_class_name": "PNDMScheduler", "rescale_betas_zero_snr": true}"#;
    assert_eq!(unused(pndm), ["rescale_betas_zero_snr"]);
    let cosine = r#"{"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2",
                     "beta_start": 0.5, "clip\u001b": 1}"#;
    assert_eq!(unused(cosine), ["beta_start", "clip\\u{1b}"]);
}

#[test]
fn what_is_no_config_is_told_with_the_key() {
    let error = |text: &str| SchedulerConfig::parse(text).unwrap_err();
    let with = |keys: &str| {
        error(&format!(r#"{{"_class_name": "DDPMScheduler", {keys}}}"#)).to_string()
    };
    assert_eq!(error("{"), ConfigError::NotJson { line: 1, column: 1 });
    assert_eq!(error("[]"), ConfigError::NotAnObject);
    assert_eq!(error("{}"), ConfigError::NoClass);
    assert!(matches!(error(&"[".repeat(100_000)), ConfigError::NotJson { .. }));
    for (keys, sentence) in [
        (r#""beta_start": "small""#, r#"beta_start is "small"; expected a number"#),
        (r#""beta_start": 2"#, "beta_start is 2; expected a number above 0 and below 1"),
        (
            r#""beta_start": 0.5, "beta_end": 0.4"#,
            "beta_start 0.5 is above beta_end 0.4; expected a schedule that does not fall",
        ),
        (
            r#""beta_schedule": "cosine""#,
            r#"beta_schedule is "cosine"; expected linear, scaled_linear, squaredcos_cap_v2, laplace or sigmoid"#,
        ),
        (
            r#""num_train_timesteps": 1000.5"#,
            "num_train_timesteps is 1000.5; expected a whole number from 1 to 10000",
        ),
        (
            r#""num_train_timesteps": 1000000000"#,
            "num_train_timesteps is 1000000000; expected a whole number from 1 to 10000",
        ),
        (
            r#""trained_betas": [0.1, null]"#,
            "trained_betas is a list; expected null, or 1 to 10000 numbers",
        ),
        (
            r#""trained_betas": [0.1, 2]"#,
            "trained_betas: beta[1] is 2; expected a number above 0 and at most 1",
        ),
        (
            r#""trained_betas": [0.1, 0.2], "num_train_timesteps": 3"#,
            "trained_betas has 2 values, and num_train_timesteps is 3; expected as many",
        ),
        (
            r#""rescale_betas_zero_snr": 1"#,
            "rescale_betas_zero_snr is 1; expected true or false",
        ),
        (
            r#""rescale_betas_zero_snr": true, "num_train_timesteps": 1"#,
            "there is 1 step; expected at least 2, a first that stays and a last that changes",
        ),
        (
            r#""prediction_type": "\u001b[31mred""#,
            r#"prediction_type is "\u{1b}[31mred"; expected epsilon, sample or v_prediction"#,
        ),
        (
            r#""use_flow_sigmas": true"#,
            "use_flow_sigmas is true: a flow has no betas; expected a scheduler whose alpha_bar \
             is the product of 1 - beta, such as DDPMScheduler (--config of chapter E's command \
             shows what becomes of a flow's sigmas)",
        ),
    ] {
        assert_eq!(with(keys), sentence);
    }
    let flow = error(r#"{"_class_name": "FlowMatchEulerDiscreteScheduler"}"#).to_string();
    assert!(flow.contains("such as DDPMScheduler"), "{flow}");
    // This class knows fewer schedules.
    let ddim = r#"{"_class_name": "DDIMScheduler", "beta_schedule": "sigmoid"}"#;
    assert!(
        error(ddim).to_string().ends_with("linear, scaled_linear or squaredcos_cap_v2")
    );
}

fn any_config() -> impl Strategy<Value = String> {
    let classes =
        ["DDPMScheduler", "PNDMScheduler", "EulerDiscreteScheduler", "LCMScheduler"];
    let schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"];
    let predictions = ["epsilon", "sample", "v_prediction"];
    let betas = prop::collection::vec(1e-6..0.999_f64, 2..40);
    (
        prop::sample::select(classes.to_vec()),
        prop::sample::select(schedules.to_vec()),
        prop::sample::select(predictions.to_vec()),
        (2..2000_usize, any::<bool>(), 1e-6..0.5_f64, 0.5..0.999_f64),
        prop::option::weighted(0.2, betas),
    )
        .prop_map(
            |(class, schedule, prediction, (steps, zero_snr, start, end), betas)| {
                let steps = betas.as_ref().map_or(steps, Vec::len);
                let betas = betas.map_or("null".to_owned(), |betas| format!("{betas:?}"));
                format!(
                    r#"{{"_class_name": "{class}", "beta_schedule": "{schedule}",
                "prediction_type": "{prediction}", "num_train_timesteps": {steps},
                "rescale_betas_zero_snr": {zero_snr}, "beta_start": {start:e},
                "beta_end": {end:e}, "trained_betas": {betas}}}"#
                )
            },
        )
}

proptest! {
    #[test]
    fn a_config_that_is_written_is_read_again(text in any_config()) {
        let config = SchedulerConfig::parse(&text).unwrap();
        let mut again = SchedulerConfig::parse(&config.to_json()).unwrap();
        prop_assert!(again.unused.is_empty());
        again.unused = config.unused.clone();
        prop_assert_eq!(again.betas(), config.betas());
        prop_assert_eq!(again, config);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*", at in 0..200_usize, byte: u8) {
        let _ = SchedulerConfig::parse(&text);
        let mut bytes = config_file("stable-diffusion-1.5.json").into_bytes();
        bytes[at] = byte;
        if let Ok(config) = SchedulerConfig::parse(&String::from_utf8_lossy(&bytes)) {
            prop_assert!(config.betas().is_ok());
        }
    }
}

#[test]
fn predictions_have_the_names_of_the_field() {
    let prediction = |name: &str| {
        let text =
            format!(r#"{{"_class_name": "DDPMScheduler", "prediction_type": "{name}"}}"#);
        SchedulerConfig::parse(&text).unwrap().prediction
    };
    assert_eq!(prediction("epsilon"), PredictionType::Noise);
    assert_eq!(prediction("sample"), PredictionType::X0);
    assert_eq!(prediction("v_prediction"), PredictionType::Velocity);
}

/// The file that each scheduler of diffusers 0.42 saves by default, and the first and last
/// of its `alphas_cumprod`, if it has any. They are read, or refused for what they are.
/// Those of flows are read where flows may be.
#[test]
fn default_files_of_diffusers_are_read_or_refused_for_what_they_are() {
    let mut read = Vec::new();
    for line in include_str!("diffusers_defaults.tsv").lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        match SchedulerConfig::parse(cells[1]) {
            Ok(config) => {
                let scheduler =
                    NoiseScheduler::from_betas(config.betas().unwrap()).unwrap();
                let alpha_bar = scheduler.alpha_bar();
                for (value, cell) in
                    [(alpha_bar[0], cells[2]), (alpha_bar[alpha_bar.len() - 1], cells[3])]
                {
                    assert_close(line, value, cell.parse().unwrap(), 0.0, 1e-6);
                }
                read.push(config.class_name());
            }
            Err(error) => {
                let is_flow = matches!(error, ConfigError::Flow { .. });
                assert_eq!(is_flow, flow_class_names().contains(&cells[0]), "{error}");
                assert_eq!(is_flow, ModelConfig::parse(cells[1]).is_ok(), "{error}");
                let error = error.to_string();
                assert!(error.contains(cells[0]), "{error}");
                assert!(
                    error.contains("alpha_bar is the product of 1 - beta"),
                    "{error}"
                );
            }
        }
    }
    assert_eq!(read, class_names());
}

/// What Python and Windows' editors write.
#[test]
fn numbers_that_are_not_finite_and_a_byte_order_mark_are_read() {
    let parse = |keys: &str| {
        let text = format!("\u{feff}{{\"_class_name\": \"DDIMScheduler\", {keys}}}");
        SchedulerConfig::parse(&text)
    };
    let keys = r#""a \\\" NaN": -Infinity, "b": [NaN, Infinity], "c": "\\""#;
    assert_eq!(parse(keys).unwrap().unused, ["a \\\\\\\" NaN", "b", "c"]);
    let error = |keys| parse(keys).unwrap_err().to_string();
    assert_eq!(error(r#""beta_start": NaN"#), "beta_start is NaN; expected a number");
    let broken = |number| SchedulerConfig::parse(&format!("[{number}, oh]")).unwrap_err();
    assert_eq!(broken("-Infinity"), broken("-12345678"));
}

/// Stable Video Diffusion begins at sigma 700, whatever its betas end in.
#[test]
fn a_model_with_noise_levels_of_its_own_is_summed_up_with_them() {
    let parse = |class: &str, keys: &str| {
        let text = format!(r#"{{"_class_name": "{class}", {keys}}}"#);
        SchedulerConfig::parse(&text).unwrap()
    };
    let keys = r#""sigma_max": 700.0, "sigma_min": 0.002, "timestep_type": "continuous",
        "use_karras_sigmas": true, "prediction_type": "v_prediction""#;
    let video = parse("EulerDiscreteScheduler", keys);
    assert_eq!((video.sigmas, video.unused.len()), ([Some(700.0), Some(0.002)], 0));
    assert!(video.to_string().ends_with("and is sampled from sigma 700 to 0.002."));
    assert_eq!(SchedulerConfig::parse(&video.to_json()), Ok(video.clone()));
    let scheduler = NoiseScheduler::from_betas(video.betas().unwrap()).unwrap();
    let summary = Summary::of(&scheduler).sampled_from(video.sigmas[0]);
    assert!((summary.fraction / 2.040_812e-6 - 1.0).abs() < 1e-6);
    assert!(summary.to_string().contains(
        "sampling begins at sigma 700, where 2.04e-6 of the picture's variance is left"
    ));
    // Without a way to go by them, or in a class that has none, they change nothing.
    let keys = r#""sigma_max": 700.0, "use_karras_sigmas": false"#;
    assert_eq!(parse("EulerDiscreteScheduler", keys).sigmas, [None, None]);
    let keys = r#""sigma_max": 700.0, "use_karras_sigmas": true"#;
    assert_eq!(parse("DDIMScheduler", keys).sigmas, [None, None]);
}

#[test]
fn a_class_that_changes_what_its_betas_make_is_refused_for_that() {
    let error = |class: &str| {
        let text = format!(r#"{{"_class_name": "{class}"}}"#);
        SchedulerConfig::parse(&text).unwrap_err().to_string()
    };
    assert!(
        error("CogVideoXDPMScheduler")
            .contains("which shifts the signal-to-noise ratio that its betas make;")
    );
    assert!(error("IPNDMScheduler").contains("which makes new betas for each number"));
}

#[test]
fn the_old_key_of_a_prediction_counts_where_the_new_one_is_not_there() {
    let prediction = |keys: &str| {
        let text = format!(r#"{{"_class_name": "DDPMScheduler", {keys}}}"#);
        let config = SchedulerConfig::parse(&text).unwrap();
        (config.prediction, config.unused.len())
    };
    let old = r#""predict_epsilon": false"#;
    assert_eq!(prediction(old), (PredictionType::X0, 0));
    assert_eq!(prediction(r#""predict_epsilon": true"#), (PredictionType::Noise, 0));
    let both = format!(r#"{old}, "prediction_type": "v_prediction""#);
    assert_eq!(prediction(&both), (PredictionType::Velocity, 1));
}
