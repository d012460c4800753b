//! Real runs of the real command. Their transcripts are what the book shows.

diffusion_testing::command_tests! {
    program: "part-c-schedule-for-beta",
    shown: [default_run],
    filmstrip: (2592, 2592),
    csv: "--size 64 --steps 2 --csv",
    errors: [
        "--beta-start 0",
        "--beta-end 1",
        "--beta-start -1e-4",
        "--beta-end nan",
        "--beta-start 0.7",
        "--beta-start 0.02 --beta-end 0.01",
        "--steps 0",
        "--beta 0.3",
    ],
}
