//! Real runs of the real command. Their transcripts are what the book shows.

diffusion_testing::command_tests! {
    program: "part-b-fixed-beta-values",
    shown: [default_run],
    filmstrip: (2592, 2592),
    csv: "--size 64 --steps 2 --csv",
    errors: [
        "--beta 0",
        "--beta 1",
        "--beta -0.3",
        "--beta NaN",
        "--beta -inf",
        "--beta 30%",
        "--steps 0",
        "--steps -24",
    ],
}
