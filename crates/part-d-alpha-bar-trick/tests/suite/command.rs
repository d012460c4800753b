//! Real runs of the real command. Their transcripts are what the book shows.

diffusion_testing::command_tests! {
    program: "part-d-alpha-bar-trick",
    shown: [default_run],
    filmstrip: (2592, 2592),
    csv: "--size 64 --steps 2 --csv",
    errors: [
        "--beta-start 0",
        "--beta-end 1",
        "--beta-start inf",
        "--beta-end -0.6",
        "--beta-start 0.7",
        "--steps 0",
        "--steps 1e3",
    ],
}
