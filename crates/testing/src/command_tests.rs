//! The tests that every part's command has.

/// Real runs of a part's real command: the tests `help`, `default_run`, `csv` and
/// `errors`, each with a snapshot, for `tests/suite/command.rs` of a part.
///
/// The chapter shows the snapshots named under `shown`, and the book's checks hold both
/// to it. An error has to leave nothing behind.
#[macro_export]
macro_rules! command_tests {
    (
        program: $program:literal,
        shown: [$($shown:ident),*],
        filmstrip: $size:expr,
        csv: $csv:literal,
        errors: [$($error:literal),* $(,)?] $(,)?
    ) => {
        const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", $program));

        /// Holds a transcript against its snapshot, marked if a chapter shows it.
        pub fn hold(name: &str, transcript: String) {
            let mut settings = $crate::insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            if [$(stringify!($shown)),*].contains(&name) {
                settings.set_description("shown in the book");
            }
            settings.bind(|| $crate::insta::assert_snapshot!(name, transcript));
        }

        #[test]
        fn help() {
            let terminal = $crate::transcript::Terminal::new(PROGRAM);
            hold("help", terminal.transcript("--help"));
        }

        #[test]
        fn default_run() {
            let terminal = $crate::transcript::Terminal::new(PROGRAM);
            hold("default_run", terminal.transcript(""));
            let filmstrip = terminal.folder().join(concat!("output/", $program, ".png"));
            assert_eq!(image::image_dimensions(filmstrip).unwrap(), $size);
        }

        #[test]
        fn csv() {
            let terminal = $crate::transcript::Terminal::new(PROGRAM);
            hold("csv", terminal.transcript($csv));
        }

        #[test]
        fn errors() {
            let terminal = $crate::transcript::Terminal::new(PROGRAM);
            hold("errors", terminal.transcripts(&[$($error),*]));
            assert!(terminal.is_empty(), "an error writes nothing");
        }
    };
}
