//! Is a flow's config read as diffusers reads it, and refused for what is wrong with it?

use std::fs;
use std::path::Path;

use part_e_schedules::PredictionType;
use part_e_schedules::config::{
    ConfigError, FlowConfig, FlowShift, ModelConfig, SchedulerConfig, TimeShift,
};
use part_e_schedules::flow_sigmas::Mu;
use proptest::prelude::*;

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/configs/flows");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn parse(text: &str) -> Result<FlowConfig, ConfigError> {
    ModelConfig::parse(text).map(|config| match config {
        ModelConfig::Flow(config) => config,
        ModelConfig::Betas(config) => panic!("{config}"),
    })
}

fn with(class: &str, keys: &str) -> Result<FlowConfig, ConfigError> {
    let comma = if keys.is_empty() { "" } else { ", " };
    parse(&format!(r#"{{"_class_name": "{class}"{comma}{keys}}}"#))
}

fn euler(keys: &str) -> Result<FlowConfig, ConfigError> {
    with("FlowMatchEulerDiscreteScheduler", keys)
}

fn multistep(solver: &str, keys: &str) -> Result<FlowConfig, ConfigError> {
    let keys = format!(r#""use_flow_sigmas": true{keys}"#);
    with(&format!("{solver}MultistepScheduler"), &keys)
}

#[test]
fn configs_of_real_models_are_told() {
    let told = |name: &str| parse(&file(name)).unwrap().to_string();
    let euler = "FlowMatchEulerDiscreteScheduler: a flow with 1000 timesteps, shifted by";
    for (name, sentence) in [
        ("stable-diffusion-3.json", format!("{euler} 3; its model predicts flow.")),
        ("auraflow.json", format!("{euler} 1.73; its model predicts flow.")),
        ("lumina-2.json", format!("{euler} 6; its model predicts flow.")),
        (
            "flux-dev.json",
            format!(
                "{euler} e^mu, where its pipeline says what mu is; its model predicts flow."
            ),
        ),
        (
            "sana.json",
            "DPMSolverMultistepScheduler: a flow with 1000 timesteps, shifted by 3; its model \
             predicts flow (flow_prediction)."
                .to_owned(),
        ),
        (
            "wan-2.1.json",
            "UniPCMultistepScheduler: a flow with 1000 timesteps, shifted by 3; its model \
             predicts flow (flow_prediction)."
                .to_owned(),
        ),
    ] {
        assert_eq!(told(name), sentence);
    }
    let unused = |name: &str| parse(&file(name)).unwrap().unused.join(" ");
    assert_eq!(unused("stable-diffusion-3.json"), "_diffusers_version");
    // With a dynamic shift, diffusers never asks for the other one.
    assert_eq!(unused("flux-dev.json"), "_diffusers_version shift");
    let of_lumina =
        "_diffusers_version base_image_seq_len base_shift max_image_seq_len max_shift";
    assert_eq!(unused("lumina-2.json"), of_lumina);
}

#[test]
fn what_else_is_done_to_sigmas_is_told() {
    let keys = r#""shift_terminal": 0.1, "use_karras_sigmas": true, "invert_sigmas": true,
        "use_dynamic_shifting": true, "time_shift_type": "linear", "num_train_timesteps": 1"#;
    let config = euler(keys).unwrap();
    assert_eq!(
        config.to_string(),
        "FlowMatchEulerDiscreteScheduler: a flow with 1 timestep, shifted by mu, which its \
         pipeline says, spaced as Karras has it, inverted, stretched to end at sigma 0.1; its \
         model predicts flow."
    );
    assert_eq!(
        config.shift,
        FlowShift::Dynamic { kind: TimeShift::Linear, mu: Mu::FLUX }
    );
    assert!(config.unused.is_empty());
}

#[test]
fn a_missing_key_and_null_are_what_diffusers_takes_for_them() {
    for name in ["FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler"] {
        let config = with(name, "").unwrap();
        assert_eq!((config.shift, config.train_steps()), (FlowShift::Fixed(1.0), 1000));
        assert_eq!(config.prediction, PredictionType::Flow);
    }
    for solver in ["DPMSolver", "UniPC"] {
        let config = multistep(solver, "").unwrap();
        assert_eq!(config.shift, FlowShift::Fixed(1.0));
        assert_eq!(config.prediction, PredictionType::Noise);
    }
    let nulls = r#""shift_terminal": null, "use_karras_sigmas": null, "sigma_max": null,
        "use_dynamic_shifting": null, "invert_sigmas": null"#;
    let config = euler(nulls).unwrap();
    assert_eq!(config.scheduler(), euler("").unwrap().scheduler());
    // As in Python, 0 is no value.
    let none = euler(r#""shift_terminal": 0"#).unwrap();
    assert_eq!(none.scheduler(), config.scheduler());
    // A key that UniPC does not know.
    let uni_pc = multistep("UniPC", r#", "use_lu_lambdas": true"#).unwrap();
    assert_eq!(uni_pc.unused, ["use_lu_lambdas"]);
    // Without flow sigmas, the solvers have betas.
    let betas = r#"{"_class_name": "UniPCMultistepScheduler", "flow_shift": 3}"#;
    assert!(matches!(ModelConfig::parse(betas), Ok(ModelConfig::Betas(_))));
    // This class has no dynamic shift, and no sigmas of its own.
    let heun = r#""use_dynamic_shifting": true, "use_karras_sigmas": true, "shift": 2"#;
    let heun = with("FlowMatchHeunDiscreteScheduler", heun).unwrap();
    assert_eq!(heun.shift, FlowShift::Fixed(2.0));
    assert_eq!(heun.unused, ["use_dynamic_shifting", "use_karras_sigmas"]);
}

#[test]
fn what_is_no_config_of_a_flow_is_told_with_the_key() {
    for (keys, sentence) in [
        (r#""shift": "3.0""#, r#"shift is "3.0"; expected a number above 0"#),
        (r#""shift": null"#, "shift is null; expected a number above 0"),
        (r#""shift": 0"#, "shift is 0; expected a number above 0"),
        (r#""shift": -3.0"#, "shift is -3.0; expected a number above 0"),
        (r#""shift": NaN"#, "shift is NaN; expected a number above 0"),
        (r#""shift": Infinity"#, "shift is Infinity; expected a number above 0"),
        (r#""shift": [3]"#, "shift is a list; expected a number above 0"),
        (r#""shift": true"#, "shift is true; expected a number above 0"),
        (
            r#""num_train_timesteps": 0"#,
            "num_train_timesteps is 0; expected a whole number from 1 to 10000",
        ),
        (
            r#""use_dynamic_shifting": 1"#,
            "use_dynamic_shifting is 1; expected true or false",
        ),
        (
            r#""use_dynamic_shifting": true, "time_shift_type": "cubic""#,
            r#"time_shift_type is "cubic"; expected exponential or linear"#,
        ),
        (
            r#""use_dynamic_shifting": true, "base_shift": null"#,
            "base_shift is null; expected a number",
        ),
        (
            r#""use_dynamic_shifting": true, "max_image_seq_len": 1e9"#,
            "max_image_seq_len is 1000000000.0; expected a whole number from 1 to 1000000000",
        ),
        (
            r#""use_dynamic_shifting": true, "max_image_seq_len": -1"#,
            "max_image_seq_len is -1; expected a whole number from 1 to 1000000000",
        ),
        (
            r#""use_dynamic_shifting": true, "base_image_seq_len": 4096"#,
            "base_image_seq_len and max_image_seq_len are both 4096; expected different \
             numbers of tokens, for which mu is base_shift and max_shift",
        ),
        (
            r#""shift_terminal": 1"#,
            "shift_terminal is 1; expected null, or a number above 0 and below 1",
        ),
        (r#""shift_terminal": "0.1""#, r#"shift_terminal is "0.1"; expected a number"#),
        (
            r#""use_karras_sigmas": true, "use_beta_sigmas": true"#,
            "use_beta_sigmas is true; expected false, as use_karras_sigmas is true",
        ),
        (
            r#""use_karras_sigmas": true, "sigma_max": 80"#,
            "sigma_max is 80; expected null, or a number above 0 and at most 1",
        ),
        (
            r#""invert_sigmas": "yes""#,
            r#"invert_sigmas is "yes"; expected true or false"#,
        ),
    ] {
        assert_eq!(euler(keys).unwrap_err().to_string(), sentence);
    }
    for (keys, sentence) in [
        (r#", "flow_shift": -1"#, "flow_shift is -1; expected a number above 0"),
        (
            r#", "use_karras_sigmas": true"#,
            "use_karras_sigmas is true; expected false beside use_flow_sigmas: diffusers takes \
             the sigmas of the betas then",
        ),
        (
            r#", "use_lu_lambdas": true"#,
            "use_lu_lambdas is true; expected false beside use_flow_sigmas: diffusers takes the \
             sigmas of the betas then",
        ),
        (
            r#", "final_sigmas_type": "last""#,
            r#"final_sigmas_type is "last"; expected zero or sigma_min"#,
        ),
        (
            r#", "use_dynamic_shifting": true, "time_shift_type": "linear""#,
            r#"time_shift_type is "linear"; expected exponential"#,
        ),
        (
            r#", "prediction_type": "flow""#,
            r#"prediction_type is "flow"; expected epsilon, sample, v_prediction or flow_prediction"#,
        ),
        (
            r#", "final_sigmas_type": "sigma_min", "beta_start": 2"#,
            "beta_start is 2; expected a number above 0 and below 1",
        ),
    ] {
        let error = multistep("DPMSolver", keys).unwrap_err().to_string();
        assert_eq!(error, sentence);
    }
    let other = with("DEISMultistepScheduler", r#""use_flow_sigmas": true"#);
    assert_eq!(
        other.unwrap_err().to_string(),
        "use_flow_sigmas is true of DEISMultistepScheduler; expected \
         DPMSolverMultistepScheduler or UniPCMultistepScheduler, whose flow sigmas are known \
         here"
    );
    let unknown = with("FlowMatchScheduler", "").unwrap_err().to_string();
    assert!(
        unknown.ends_with("or one of a flow, such as FlowMatchEulerDiscreteScheduler")
    );
}

/// For those who ask for betas.
#[test]
fn a_flow_is_no_schedule_of_betas() {
    for name in ["stable-diffusion-3.json", "wan-2.1.json"] {
        let error = SchedulerConfig::parse(&file(name)).unwrap_err();
        assert!(matches!(error, ConfigError::Flow { .. }), "{error}");
    }
}

#[test]
fn a_byte_order_mark_and_what_python_writes_are_read() {
    let text = format!("\u{feff}{}", file("sana.json"));
    assert_eq!(parse(&text), parse(&file("sana.json")));
}

/// Of the betas that a flow's config has beside, only the first can count.
#[test]
fn a_last_sigma_of_betas_is_that_of_the_first() {
    let end = |keys: &str| {
        let config = multistep("DPMSolver", keys).unwrap();
        let end = config.scheduler().of_steps(10).unwrap().sigmas()[10];
        (end, config.unused)
    };
    let (zero, unused) = end(r#", "trained_betas": [0.5, 0.9]"#);
    assert_eq!((zero, unused), (0.0, vec!["trained_betas".to_owned()]));
    let own = r#", "final_sigmas_type": "sigma_min", "trained_betas": [0.0001, 0.9],
                 "num_train_timesteps": 2"#;
    let (own, unused) = end(own);
    assert!((own - (1e-4_f64 / 0.9999).sqrt()).abs() < 1e-12 && unused.is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(at in 0..700_usize, byte: u8, steps in 0..5_usize, mu: f64) {
        for name in ["flux-dev.json", "sana.json", "wan-2.1.json", "lumina-2.json"] {
            let mut bytes = file(name).into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(ModelConfig::Flow(config)) = ModelConfig::parse(&text) {
                let _ = config.scheduler_of_mu(mu).of_steps(steps);
                let _ = config.scheduler().of_sigmas(&[mu]);
                prop_assert!(config.scheduler().of_steps(2).is_ok());
            }
        }
    }
}
