//! What stands in an SVG.

use super::*;

#[test]
fn an_alternative_text_may_hold_any_character() {
    let alt = "a < b & \"c\" > d &lt; e";
    let svg = svg(20, 10, alt, |_| {});
    assert!(
        svg.contains("<title>a &lt; b &amp; \"c\" &gt; d &amp;lt; e</title>"),
        "{svg}"
    );
}
