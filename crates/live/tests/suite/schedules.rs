//! The figure of chapter E.

use diffusion_core::{Picture, generator};
use diffusion_live::{PartE, Refused};
use part_e_schedules::beta_schedule::Ends;
use part_e_schedules::{Summary, cosine_schedule, log_snr, zero_terminal_snr};

use crate::{REFUSED, SIDE, page, picture, rgb};

#[test]
fn schedules_are_those_of_part_e() {
    let (mut figure, mut page) = (PartE::default(), page());
    for is_mended in [false, true] {
        figure
            .published(
                &mut page,
                2,
                Ends { beta_start: 0.0, beta_end: 0.0 },
                1000,
                is_mended,
            )
            .unwrap();
        let mut beta = cosine_schedule(1000).unwrap();
        if is_mended {
            beta = zero_terminal_snr(&beta).unwrap();
        }
        let scheduler = part_d_alpha_bar_trick::NoiseScheduler::from_betas(beta).unwrap();
        assert_eq!(page.text, Summary::of(&scheduler).to_string());
        assert_eq!(page.numbers.len(), 3 * 201);
        for point in page.numbers.as_chunks::<3>().0 {
            let alpha_bar = scheduler.alpha_bar()[point[0] as usize];
            assert_eq!(point[1..], [alpha_bar, log_snr(alpha_bar)]);
        }
        assert_eq!((page.numbers[0], page.numbers[600]), (0.0, 999.0));

        figure.states(&mut page, SIDE, 5, 70).unwrap();
        let alpha_bar = scheduler.alpha_bar()[70];
        let timesteps = [70.0, 0.0, 199.0, 399.0, 599.0, 799.0, 999.0];
        assert_eq!(page.numbers[..7], timesteps);
        assert_eq!(page.numbers[7..], [alpha_bar, log_snr(alpha_bar)]);
        assert_eq!(figure.states(&mut page, SIDE, 5, 1000), REFUSED);
        let (picture, mut rng) = (Picture::from_pixels(&picture()), generator(5));
        for (state, t) in [70, 0, 199, 399, 599, 799, 999].into_iter().enumerate() {
            let x = scheduler.add_noise(&picture.x, t, &mut rng).unwrap();
            assert!(rgb(&mut page, state) == picture.pixels_of(&x).into_raw());
        }
    }
}

#[test]
fn a_config_is_explained_or_refused_with_a_reason() {
    let (mut figure, mut page) = (PartE::default(), page());
    let config = br#"{"_class_name": "DDPMScheduler", "trained_betas": [0.1, 0.5]}"#;
    figure.config(&mut page, config).unwrap();
    assert!(page.text.starts_with("DDPMScheduler: its own betas in 2 steps;"));
    assert!(
        page.text.contains(" There is more signal") || page.text.contains(" Signal and")
    );
    assert_eq!(page.numbers.len(), 3 * 2);
    figure.states(&mut page, SIDE, 0, 1).unwrap();
    assert_eq!(page.numbers[..3], [1.0, 0.0, 1.0]);

    let explained = Err(Refused::Explained);
    assert_eq!(figure.config(&mut page, br#"{"_class_name": "X"}"#), explained);
    assert!(page.text.starts_with("_class_name is \"X\"; expected"), "{}", page.text);
    assert_eq!(figure.config(&mut page, b"\xff"), explained);
    assert!(page.text.starts_with("not JSON"), "{}", page.text);
    assert_eq!(
        figure.published(
            &mut page,
            0,
            Ends { beta_start: 0.5, beta_end: 0.1 },
            10,
            false
        ),
        explained
    );
    assert!(page.text.contains("above beta_end"), "{}", page.text);
    assert_eq!(
        figure.published(&mut page, 0, Ends { beta_start: 0.1, beta_end: 0.2 }, 1, true),
        explained
    );
    assert_eq!(
        figure.published(&mut page, 2, Ends { beta_start: 0.1, beta_end: 0.2 }, 0, false),
        explained
    );
    assert_eq!(
        figure.published(
            &mut page,
            4,
            Ends { beta_start: 0.1, beta_end: 0.2 },
            10,
            false
        ),
        REFUSED
    );
    assert_eq!(
        figure.published(
            &mut page,
            0,
            Ends { beta_start: 0.1, beta_end: 0.2 },
            10_001,
            false
        ),
        REFUSED
    );
    assert_eq!(PartE::default().states(&mut page, SIDE, 0, 0), REFUSED);
}
