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
