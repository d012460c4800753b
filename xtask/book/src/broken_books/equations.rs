//! Formulas and numbered equations.

use super::*;

#[test]
fn formulas() {
    assert_fault(
        CHAPTER,
        "$x$",
        "$\\unknown x$",
        "book/src/chapter.md:3: the formula '\\unknown x' does not parse",
    );
    assert_fault(
        CHAPTER,
        "$$y = x^2$$",
        "$$y = \\unknown$$",
        "book/src/chapter.md:10: the formula 'y = \\unknown' does not parse",
    );
    assert_fault(
        CHAPTER,
        "$x$",
        "x$",
        "book/src/chapter.md:3: a dollar sign is left over",
    );
}

#[test]
fn prices() {
    let mut files = true_book();
    let chapter = files.get_mut(CHAPTER).unwrap();
    *chapter = chapter.replace("`$` and", "It costs \\$5, not \\$6 or $x$, and");
    let (chapter, faults) = expanded(&files);
    assert_eq!(faults, "");
    assert!(chapter.contains("It costs \\$5, not \\$6 or <span class=\"katex\">"));
    let message = "book/src/chapter.md:18: a dollar sign is left over";
    assert_fault(CHAPTER, "`$` and", "It costs \\\\$5, and", message);
    assert_fault(CHAPTER, "`$` and", "It costs \\$5 or $6, and", message);
}

#[test]
fn equations() {
    let line = "book/src/chapter.md:12: ";
    assert_fault(
        CHAPTER,
        "lib.rs once\n",
        "lib.rs one\n",
        &format!("{line}in '{LESSON}', there is no function 'one'"),
    );
    assert_fault(
        CHAPTER,
        "it_adds",
        "it_multiplies",
        &format!("{line}in '{TEST}', there is no function 'it_multiplies'"),
    );
    assert_fault(
        CHAPTER,
        "it_adds",
        "helper",
        &format!("{line}'helper' in '{TEST}' is no test"),
    );
    for ignored in ["#[ignore]", "#[ignore = \"slow\"]", "#[cfg_attr(windows, ignore)]"] {
        let message = format!("{line}the test 'it_adds' in '{TEST}' is ignored");
        assert_fault(TEST, "fn it_adds", &format!("{ignored}\nfn it_adds"), &message);
    }
    assert_fault(
        CHAPTER,
        "test: crates",
        "tests: crates",
        &format!("{line}expected a line 'test: FILE NAME'"),
    );
    assert_fault(
        CHAPTER,
        "tests/lesson.rs it_adds",
        "tests/no.rs it_adds",
        &format!("{line}cannot read 'crates/lesson/tests/no.rs'"),
    );
    assert_fault(CHAPTER, "y = x + 1", "y = \\frac{x", &format!("{line}the formula"));
    assert_fault(
        CHAPTER,
        "{{#eq X.1}}",
        "{{#eq X.2}}",
        "book/src/chapter.md:3: there is no equation (X.2); expected one of X.1",
    );
    assert_fault(
        CHAPTER,
        "`$` and",
        "```equation X.1\n```\n",
        "book/src/chapter.md:18: the equation (X.1) is there twice",
    );
}

#[test]
fn equations_without_a_label() {
    for info in [
        "equation",
        "equation  ",
        "equation,X.1",
        "equation A",
        "equation 1.A",
        "equation A.",
        "equation A.1b",
        "equation \">",
    ] {
        let message = format!(
            "book/src/chapter.md:12: '{}' is no label of an equation",
            info["equation".len()..].trim()
        );
        assert_fault(CHAPTER, "equation X.1", info, &message);
    }
    let message = "book/src/chapter.md:12: a block of 'equations X.1' is typed by hand";
    assert_fault(CHAPTER, "equation X.1", "equations X.1", message);
}

#[test]
fn functions_with_the_same_name() {
    let line = "book/src/chapter.md:12: ";
    let methods = "// ANCHOR: once\n\
                   struct Walker;\n\
                   impl<T: Into<u8>> From<T> for Walker {\n    fn once() {}\n}\n";
    let twice = format!(
        "{line}in '{LESSON}', 'once' may be 'self::Walker::once' (line 4) or 'self::once' (line 6); expected a path \
         that only one of them has"
    );
    assert_fault(LESSON, "// ANCHOR: once\n", methods, &twice);

    let mut files = true_book();
    let lesson = files.get_mut(LESSON).unwrap();
    *lesson = lesson.replacen("// ANCHOR: once\n", methods, 1);
    let chapter = files.get_mut(CHAPTER).unwrap();
    *chapter = chapter.replacen("lib.rs once\n", "lib.rs self::once\n", 1);
    let (chapter, faults) = expanded(&files);
    assert_eq!(faults, "");
    assert!(
        chapter
            .contains("source/lesson/src/lib.rs.html#fn-once\"><code>self::once</code>")
    );

    let same = "// ANCHOR: once\n#[cfg(unix)]\npub fn once() {}\n";
    let line = format!(
        "{line}in '{LESSON}', 'once' may be 'self::once' (line 2) or 'self::once' (line 4)"
    );
    assert_fault(LESSON, "// ANCHOR: once\n", same, &line);
}

#[test]
fn sources_that_are_no_rust() {
    let fault = format!("book/src/chapter.md:12: {LESSON}:4: this is no Rust");
    assert_fault(LESSON, "    x + 1\n", "    x + 1)\n", &fault);
}

#[test]
fn ties_that_do_not_hold() {
    let line = "book/src/chapter.md:12: ";
    let not_named = format!(
        "{line}the documentation of 'once' in '{LESSON}' doesn't name the equation"
    );
    assert_fault(LESSON, "(equation X.1)", "", &not_named);
    assert_fault(LESSON, "(equation X.1)", "(equation X.11)", &not_named);
    assert_fault(LESSON, "/// One more (equation X.1).", "// (equation X.1)", &not_named);

    let not_called = format!("{line}'it_adds' in '{TEST}' doesn't call 'once'");
    let other_ways = [
        "once(1);\n",
        "let once = 2; // once(1)\n",
        "\"once(1)\";\n",
        "fn once(x: i32) -> i32 { x }\n",
        "x.once(1);\n",
        "Other::once(1);\n",
        "helper();\n",
    ];
    for other_way in &other_ways[1..] {
        assert_fault(TEST, "assert_eq!(once(1), 2);\n", other_way, &not_called);
    }
    assert_eq!(faults(TEST, "assert_eq!(once(1), 2);\n", other_ways[0]), "");
    let by_a_helper = "helper();\n}\n\nfn helper() { more(); }\n\nfn more() {\n    \
                       vec![lesson::once(1)]\n";
    let faults = faults(TEST, "assert_eq!(once(1), 2);\n", by_a_helper);
    assert_eq!(faults, "");
}

/// The method of another type, or a function, is not the method that is meant.
#[test]
fn ties_to_methods() {
    let of_the_type = "// ANCHOR: once\nstruct Walker;\nimpl Walker {\n    \
                       /// A step (equation X.1).\n    fn walk(&self) {}\n}\n";
    let mut files = true_book();
    let lesson = files.get_mut(LESSON).unwrap();
    *lesson = lesson.replacen("// ANCHOR: once\n", of_the_type, 1);
    let chapter = files.get_mut(CHAPTER).unwrap();
    *chapter = chapter.replacen("lib.rs once\n", "lib.rs Walker::walk\n", 1);
    for (call, is_right) in [
        ("walker.walk()", true),
        ("walker.walk::<Vec<u8>>()", true),
        ("Walker::walk(&walker)", true),
        ("lesson::Walker::walk(&walker)", true),
        ("Runner::walk(&walker)", false),
        ("walk(&walker)", false),
        ("walker.walk", false),
    ] {
        let test = format!("#[test]\nfn it_adds() {{\n    {call};\n}}\n");
        files.insert(TEST, test);
        let (_, faults) = expanded(&files);
        assert_eq!(faults.is_empty(), is_right, "{call}: {faults}");
    }
}
