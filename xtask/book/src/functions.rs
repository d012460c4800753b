//! The functions of a Rust source: which there are, what is said of them, and what they
//! call.

mod calls;

use std::mem;

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// A function with a body.
pub struct Function {
    /// The modules and the type that it is in, and its name: `inner::Walker::step`.
    pub path: String,
    /// Whether it belongs to a type or a trait.
    is_method: bool,
    /// Whether it stands under `#[test]`.
    pub is_test: bool,
    /// The text of its documentation.
    pub docs: String,
    /// The line, counted from 1, in which it starts with its attributes and
    /// documentation.
    pub line: usize,
    body: TokenStream,
}

/// The functions of a source, in their order, without those that are inside of functions.
pub struct Functions(pub Vec<Function>);

impl Functions {
    /// Reads a source, or says at which line it is no Rust.
    pub fn of(text: &str) -> Result<Self, (usize, String)> {
        let tokens = text.parse().map_err(|error: LexError| {
            (error.span().start().line, format!("this is no Rust: {error}"))
        })?;
        let mut functions = Vec::new();
        collect(tokens, "", false, &mut functions);
        Ok(Functions(functions))
    }

    /// The function called `name`: `step`, or as much of its path as it takes to tell it
    /// from others, as in `Walker::step`. One that is in no module and no type is
    /// `self::step`.
    pub fn find(&self, name: &str) -> Result<&Function, String> {
        let from_self = |function: &Function| format!("self::{}", function.path);
        let end = format!("::{name}");
        let is_meant = |path: &String| path == name || path.ends_with(&end);
        let found: Vec<&Function> =
            self.0.iter().filter(|function| is_meant(&from_self(function))).collect();
        match found[..] {
            [] => Err(format!("there is no function '{name}'")),
            [function] => Ok(function),
            _ => {
                let place = |function: &&Function| {
                    format!("'{}' (line {})", from_self(function), function.line)
                };
                let places: Vec<String> = found.iter().map(place).collect();
                Err(format!(
                    "'{name}' may be {}; expected a path that only one of them has",
                    places.join(" or ")
                ))
            }
        }
    }

    /// Whether no other function has the same path.
    pub fn is_unique(&self, function: &Function) -> bool {
        self.0.iter().filter(|other| other.path == function.path).count() == 1
    }
}

/// Collects the functions of a module, a type, or what a macro is given, such as
/// `proptest!`.
fn collect(
    tokens: TokenStream,
    path: &str,
    is_in_type: bool,
    functions: &mut Vec<Function>,
) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}::{name}"),
    };
    // What stands before the braces or the semicolon that end an item.
    let mut head: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let body = match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                group.stream()
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => {
                let head = mem::take(&mut head);
                if let Some(arguments) = macro_arguments(&head) {
                    collect(arguments, path, is_in_type, functions);
                }
                continue;
            }
            _ => {
                head.push(token);
                continue;
            }
        };
        let head = mem::take(&mut head);
        match item(&head) {
            Item::Function(name) => functions.push(Function {
                path: below(&name),
                is_method: is_in_type,
                is_test: attributes(&head)
                    .any(|attribute| attribute.to_string() == "test"),
                docs: docs(&head),
                line: head[0].span().start().line,
                body,
            }),
            Item::Module(name) => collect(body, &below(&name), false, functions),
            Item::Type(name) => collect(body, &below(&name), true, functions),
            Item::Macro => collect(body, path, is_in_type, functions),
            Item::Other => {}
        }
    }
}

enum Item {
    Function(String),
    Module(String),
    Type(String),
    Macro,
    Other,
}

/// What the tokens before a pair of braces begin.
fn item(head: &[TokenTree]) -> Item {
    for (index, token) in head.iter().enumerate() {
        let next = head.get(index + 1).and_then(identifier);
        match (identifier(token).as_deref(), next) {
            (Some("fn"), Some(name)) => return Item::Function(name),
            (Some("mod"), Some(name)) => return Item::Module(name),
            (Some("trait"), Some(name)) => return Item::Type(name),
            (Some("impl"), _) => return Item::Type(type_of_impl(&head[index + 1..])),
            _ => {}
        }
    }
    match head.last() {
        Some(TokenTree::Punct(mark)) if mark.as_char() == '!' => Item::Macro,
        _ => Item::Other,
    }
}

/// The name of the type between `impl` and its braces.
fn type_of_impl(head: &[TokenTree]) -> String {
    let mut name = String::new();
    let mut depth = 0;
    let mut last = ' ';
    for token in head {
        match token {
            TokenTree::Punct(mark) => {
                match mark.as_char() {
                    '<' => depth += 1,
                    // The arrow of a function's type closes nothing.
                    '>' if last != '-' => depth -= 1,
                    _ => {}
                }
                last = mark.as_char();
                continue;
            }
            TokenTree::Ident(ident) if depth == 0 => match ident.to_string().as_str() {
                "where" => break,
                "for" => name.clear(),
                ident => name = ident.to_owned(),
            },
            _ => {}
        }
        last = ' ';
    }
    name
}

/// What a macro is given that ends with a semicolon.
fn macro_arguments(head: &[TokenTree]) -> Option<TokenStream> {
    let [.., TokenTree::Punct(mark), TokenTree::Group(group)] = head else { return None };
    (mark.as_char() == '!').then(|| group.stream())
}

fn identifier(token: &TokenTree) -> Option<String> {
    let TokenTree::Ident(ident) = token else { return None };
    Some(ident.to_string())
}

/// What stands in the brackets of `#[…]`.
fn attributes(head: &[TokenTree]) -> impl Iterator<Item = TokenStream> {
    head.windows(2).filter_map(|pair| match pair {
        [TokenTree::Punct(mark), TokenTree::Group(group)]
            if mark.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group.stream())
        }
        _ => None,
    })
}

/// The text of `///` lines, which are attributes to the compiler.
fn docs(head: &[TokenTree]) -> String {
    let line = |attribute: TokenStream| {
        let tokens: Vec<TokenTree> = attribute.into_iter().collect();
        let [TokenTree::Ident(name), _, TokenTree::Literal(text)] = &tokens[..] else {
            return None;
        };
        (name == "doc").then(|| text.to_string().trim_matches('"').to_owned())
    };
    attributes(head).filter_map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_every_kind_are_found() {
        let functions = Functions::of(
            "//! A source.\n\
             use a::{b, c};\n\
             pub(crate) const fn one() -> [u8; { 1 }] { fn inner() {} }\n\
             async fn two() where u8: Copy {}\n\
             pub unsafe extern \"C\" fn three() {}\n\
             struct Walker<'a, T> { f: fn(&'a T) -> T }\n\
             impl<'a, T: Fn(T) -> T> Walker<'a, T> where T: Copy {\n\
             \x20   /// fn not_me() {}\n\
             \x20   #[inline]\n\
             \x20   pub(super) fn step(self) {}\n\
             }\n\
             mod deep { impl super::Step for &crate::Walker<u8> { fn step() {} } }\n\
             trait Step { fn step(); fn steps() { loop {} } }\n\
             proptest! {\n\
             \x20   #![proptest_config(fn_of())]\n\
             \x20   #[test]\n\
             \x20   fn in_a_macro(x in 0..1) { \"fn in_a_string() {}\"; }\n\
             }\n\
             macro!(fn in_parentheses() {});\n\
             // fn in_a_comment() {}\n",
        )
        .unwrap();
        let lines: Vec<(&str, usize, bool)> = functions
            .0
            .iter()
            .map(|it| (it.path.as_str(), it.line, it.is_test))
            .collect();
        let expected = [
            ("one", 3, false),
            ("two", 4, false),
            ("three", 5, false),
            ("Walker::step", 8, false),
            ("deep::Walker::step", 12, false),
            ("Step::steps", 13, false),
            ("in_a_macro", 15, true),
            ("in_parentheses", 19, false),
        ];
        assert_eq!(lines, expected);
        assert!(functions.find("step").is_err());
        assert!(functions.find("Walker::step").is_err());
        assert_eq!(functions.find("deep::Walker::step").unwrap().line, 12);
        assert_eq!(functions.find("self::Walker::step").unwrap().line, 8);
    }
}
