//! What is typed into a chapter by hand, and that nothing would notice.

use super::*;

/// The fault of lines behind the chapter, of which the first is empty.
fn at(line: usize, message: &str) -> String {
    format!("book/src/chapter.md:{}: {message}", 18 + line)
}

#[test]
fn code() {
    for info in ["rust", "text", "console", "toml", "sh,x", "sh \"><b>", ""] {
        let message = at(2, &format!("a block of '{info}' is typed by hand"));
        assert_fault_of(&format!("\n```{info}\n42\n```\n"), &message);
    }
    assert_fault_of("\n    fn indented() {}\n", &at(2, "a block of '' is typed by hand"));
    let message = at(4, "'step  mean' is typed by hand; expected a directive");
    assert_fault_of("\n```directives\n{{#number half .2}}\nstep  mean\n```\n", &message);
    let message = at(3, "'{{#eq X.1}} 42' is typed by hand; expected a directive");
    assert_fault_of("\n```directives\n{{#eq X.1}} 42\n```\n", &message);
    let directives = "\n```directives\n{{#number NAME}}\n{{#eq LABEL}}\n```\n";
    assert_eq!(faults(CHAPTER, "`$` and", directives), "");
}

#[test]
fn commands() {
    for right in [
        "cargo run -p lesson",
        "cargo test --package lesson",
        "cargo run -p lesson -- --seed 7 -p other",
        "cargo xtask book --check",
        "cargo run -p lesson -- --seed=-7 -h",
        "cargo xtask draw-all",
        "cargo xtask draw-all --help",
    ] {
        let block = format!("```sh\n{right}\n```\n\n`{right}` and");
        assert_eq!(faults(CHAPTER, "`$` and", &block), "");
    }
    let no_package = "there is no package 'lessen'; expected one of lesson";
    let no_chore = "there is no chore 'boook'; expected one of book, draw-all";
    for (wrong, message) in [
        ("cargo run -p lessen", no_package),
        ("cargo test --release -p lessen", no_package),
        ("cargo bench -p lesson", "the package 'lesson' has no benchmark"),
        ("cargo xtask boook", no_chore),
        (
            "cargo run -p lesson -- --sede 7",
            "lesson has no option '--sede'; expected one of --help, --seed, -h, -p",
        ),
        ("cargo run -p lesson -- --this", "lesson has no option '--this'"),
        (
            "cargo xtask book --chekc",
            "`cargo xtask book` has no option '--chekc'; expected one of --check, --help, -h",
        ),
        (
            "cargo xtask draw-all --check",
            "`cargo xtask draw-all` has no option '--check'",
        ),
        (
            "cargo run -p lesson --features flux",
            "the package 'lesson' has no feature 'flux'",
        ),
        (
            "cargo test -p lesson --relase",
            "cargo, as the book uses it, has no option '--relase'; expected one of --example",
        ),
    ] {
        assert_fault_of(
            &format!("\n```sh\ncargo xtask book\n{wrong}\n```\n"),
            &at(4, message),
        );
        assert_fault_of(&format!("\nText\n`{wrong}`\n"), &at(3, message));
    }
    for wrong in [
        "cargo run",
        "cargo xtask",
        "| step | mean |",
        "# prints 42",
        "cargo run -p lesson > file",
        "cargo run -p lesson; ls",
        "",
    ] {
        let message =
            at(3, &format!("'{wrong}' is typed by hand; expected `cargo xtask"));
        assert_fault_of(&format!("\n```sh\n{wrong}\n```\n"), &message);
    }
}

#[test]
fn references_to_nowhere() {
    for (link, told) in [
        ("[the paper][ho]", "[the paper][ho]"),
        ("[ho][]", "[ho]"),
        ("![a picture][ho]", "![a picture][ho]"),
    ] {
        let message = at(3, &format!("'{told}' refers to what is nowhere defined"));
        assert_fault_of(&format!("\nText\nand {link}.\n"), &message);
        let defined = "\n\n[ho]: chapter.md\n\n`$` and";
        assert_eq!(faults(CHAPTER, "`$` and", &format!("{link}{defined}")), "");
    }
    assert_eq!(faults(CHAPTER, "`$` and", "Values in [0, 1] and [x] and"), "");
}

#[test]
fn left_over_braces() {
    for wrong in [
        "{{number half .2}}",
        "{#number half .2}",
        "{{ #number half .2}}",
        "｛｛#number half .2｝｝",
        "{number half .2}",
        "{{#number half .2}}}",
        "\\\\{",
    ] {
        assert_fault_of(&format!("\nText\n{wrong}\n"), &at(3, "a brace is left over"));
    }
    for right in ["`{{number}}`", "$\\frac{1}{2}$", "\\{1, 2\\}"] {
        assert_eq!(faults(CHAPTER, "`$` and", &format!("{right} and")), "", "{right}");
    }
}

#[test]
fn addresses() {
    for wrong in ["", "javascript:alert(1)", "file:///etc/passwd", "https:", "data:,x"] {
        let message = at(3, &format!("a link leads to '{wrong}'; expected https:"));
        assert_fault_of(&format!("\nText\n[x]({wrong})\n"), &message);
        assert_fault_of(&format!("\nText\n![x]({wrong})\n"), &message);
    }
    let message = at(3, "a link leads to 'a b.md'; expected https:");
    assert_fault_of("\nText\n[x](<a b.md>)\n", &message);
    assert_fault_of("\nText\n[x](a b.md)\n", &at(3, "this is no link"));
    for right in ["chapter.md#x", "#x", "https://a.b/c", "mailto:a@b.c"] {
        assert_eq!(faults(CHAPTER, "`$` and", &format!("[x]({right}) and")), "");
    }
    assert_eq!(faults(CHAPTER, "`$` and", "`a[0](b c)` and $f[x](y z)$ and"), "");
}

#[test]
fn links_to_sources() {
    let message = at(3, "there is no file 'crates/no.rs'");
    assert_fault_of("\nText\n[x](source:crates/no.rs)\n", &message);
    let mut files = true_book();
    let chapter = files.get_mut(CHAPTER).unwrap();
    *chapter += &format!("\nSee [`once`](source:{LESSON}) and [x](source:{TEST}).\n");
    let (chapter, faults) = expanded(&files);
    assert_eq!(faults, "");
    let links = "See [`once`](source/lesson/src/lib.rs.html) and \
                 [x](source/lesson/tests/lesson.rs.html).";
    assert!(chapter.contains(links), "{chapter}");
}

#[test]
fn marks_of_a_merge() {
    for mark in ["<<<<<<< HEAD", "=======", ">>>>>>> other", "||||||| 9fead88"] {
        let message = at(4, &format!("'{mark}' is left of a merge"));
        assert_fault_of(&format!("\nText\n\n{mark}\n"), &message);
    }
}

/// No line ends between a number and its per cent sign, and no line of the chapter is
/// found elsewhere for that.
#[test]
fn per_cents() {
    let mut files = true_book();
    *files.get_mut(CHAPTER).unwrap() += "\n{{#number half .0}} % and 5\n%, but not `5 %` or $5\\ \\%$.\n\
         See [x](source:no.rs).\n";
    let (chapter, faults) = expanded(&files);
    let unbroken = "\n0\u{a0}% and 5\u{a0}%,\n but not `5 %` or ";
    assert!(chapter.contains(unbroken), "{chapter}");
    assert!(faults.starts_with(&at(4, "there is no file 'no.rs'")), "{faults}");
}
