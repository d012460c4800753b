//! The functions of a Rust source: which there are, what is said of them, and which of
//! them mention others.

use std::collections::BTreeSet;

use proc_macro2::{LineColumn, Span};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprLit, ExprMethodCall, ExprPath, File, Ident, ImplItem,
    Item, Lit, Macro, Meta, Token, TraitItem, Type, Visibility,
};

/// A function with a body.
pub struct Function {
    /// The modules and the type that it is in, and its name: `inner::Walker::step`.
    pub path: String,
    /// Whether it belongs to a type or a trait.
    is_method: bool,
    /// Whether it stands under `#[test]`.
    pub is_test: bool,
    /// Whether it stands under `#[ignore]`, always or under a condition.
    pub is_ignored: bool,
    /// The text of its documentation.
    pub docs: String,
    /// The line, counted from 1, in which it starts with its attributes and
    /// documentation.
    pub line: usize,
    mentions: Vec<Mention>,
}

/// `name`, `path::name` or `value.name(…)`.
struct Mention {
    name: String,
    /// What stands before `::`, if it is a name.
    qualifier: Option<String>,
    is_on_value: bool,
}

/// The functions of a source, in their order, without those that are inside of functions.
#[derive(Default)]
pub struct Functions(pub Vec<Function>);

impl Functions {
    /// Reads a source, or says at which line it is no Rust.
    pub fn of(text: &str) -> Result<Self, (usize, String)> {
        let file: File = syn::parse_str(text).map_err(|error| {
            let LineColumn { line, .. } = error.span().start();
            (line, format!("this is no Rust: {error}"))
        })?;
        let mut functions = Functions::default();
        file.items.iter().for_each(|item| functions.collect("", item));
        Ok(functions)
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

    /// Whether a function of this source calls `called`, itself or by way of others here,
    /// as far as its words tell.
    pub fn calls(&self, caller: &Function, called: &Function) -> bool {
        let mut seen = BTreeSet::new();
        let mut callers = vec![caller];
        while let Some(caller) = callers.pop() {
            if caller.mentions(called) {
                return true;
            }
            let next = self.0.iter().filter(|function| caller.mentions(function));
            callers.extend(next.filter(|function| seen.insert(&function.path)));
        }
        false
    }

    fn collect(&mut self, path: &str, item: &Item) {
        match item {
            Item::Fn(item) => {
                let (ident, fn_) = (&item.sig.ident, item.sig.fn_token.span);
                self.push(path, ident, &item.attrs, fn_, &item.block);
            }
            Item::Mod(module) => {
                let path = below(path, &module.ident.to_string());
                let items = module.content.iter().flat_map(|(_, items)| items);
                items.for_each(|item| self.collect(&path, item));
            }
            Item::Impl(of) => {
                let path = below(path, &name_of(&of.self_ty));
                for item in &of.items {
                    if let ImplItem::Fn(item) = item {
                        let (ident, fn_) = (&item.sig.ident, item.sig.fn_token.span);
                        self.push(&path, ident, &item.attrs, fn_, &item.block);
                        self.is_method();
                    }
                }
            }
            Item::Trait(of) => {
                let path = below(path, &of.ident.to_string());
                for item in &of.items {
                    if let TraitItem::Fn(item) = item
                        && let Some(block) = &item.default
                    {
                        let (ident, fn_) = (&item.sig.ident, item.sig.fn_token.span);
                        self.push(&path, ident, &item.attrs, fn_, block);
                        self.is_method();
                    }
                }
            }
            // Such as `proptest!`.
            Item::Macro(item) => {
                let tokens = item.mac.tokens.clone();
                for one in Parser::parse2(InMacro::all, tokens).unwrap_or_default() {
                    self.push(path, &one.ident, &one.attributes, one.fn_, &one.block);
                }
            }
            _ => {}
        }
    }

    fn push(
        &mut self,
        path: &str,
        name: &Ident,
        attributes: &[Attribute],
        fn_: Span,
        body: &Block,
    ) {
        let start = attributes.first().map_or(fn_, |first| first.pound_token.span);
        let mut mentions = Mentions(Vec::new());
        mentions.visit_block(body);
        self.0.push(Function {
            path: below(path, &name.to_string()),
            is_method: false,
            is_test: attributes.iter().any(|it| it.path().is_ident("test")),
            is_ignored: attributes.iter().any(is_ignore),
            docs: attributes.iter().filter_map(doc).collect::<Vec<_>>().join("\n"),
            line: start.start().line,
            mentions: mentions.0,
        });
    }

    fn is_method(&mut self) {
        self.0.last_mut().expect("it was pushed").is_method = true;
    }
}

impl Function {
    /// Whether its body has the name of a function, in the form in which it is called.
    fn mentions(&self, function: &Function) -> bool {
        let (before, name) =
            function.path.rsplit_once("::").unwrap_or(("", &function.path));
        let kind = before.rsplit("::").next().unwrap_or_default();
        self.mentions.iter().any(|mention| {
            mention.name == name
                && match (function.is_method, mention.qualifier.as_deref()) {
                    (true, Some(qualifier)) => qualifier == kind,
                    (true, None) => mention.is_on_value,
                    // What starts with a capital is a type.
                    (false, Some(qualifier)) => {
                        !qualifier.starts_with(char::is_uppercase)
                    }
                    (false, None) => !mention.is_on_value,
                }
        })
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
}

/// The name of the type that an `impl` is for.
fn name_of(kind: &Type) -> String {
    match kind {
        Type::Path(kind) => {
            kind.path.segments.last().map_or_else(String::new, |it| it.ident.to_string())
        }
        Type::Reference(kind) => name_of(&kind.elem),
        _ => String::new(),
    }
}

/// `#[ignore]`, or `#[cfg_attr(…, ignore)]`.
fn is_ignore(attribute: &Attribute) -> bool {
    attribute.path().is_ident("ignore") || has_argument(attribute, "cfg_attr", "ignore")
}

/// `#[NAME(…, ARGUMENT, …)]`
pub fn has_argument(attribute: &Attribute, name: &str, argument: &str) -> bool {
    let all = Punctuated::<Meta, Token![,]>::parse_terminated;
    let is_it = |meta: &Meta| meta.path().is_ident(argument);
    attribute.path().is_ident(name)
        && attribute.parse_args_with(all).is_ok_and(|all| all.iter().any(is_it))
}

/// The text of a `///` line, which is an attribute to the compiler.
fn doc(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if pair.path.is_ident("doc") => {
            Some(text.value())
        }
        _ => None,
    }
}

/// What a body mentions.
struct Mentions(Vec<Mention>);

impl<'a> Visit<'a> for Mentions {
    fn visit_expr_path(&mut self, expression: &'a ExprPath) {
        let mut names =
            expression.path.segments.iter().rev().map(|it| it.ident.to_string());
        let name = names.next().unwrap_or_default();
        let qualifier = names.next();
        self.0.push(Mention { name, qualifier, is_on_value: false });
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let name = call.method.to_string();
        self.0.push(Mention { name, qualifier: None, is_on_value: true });
        visit::visit_expr_method_call(self, call);
    }

    /// Most macros take expressions, as `assert!` does.
    fn visit_macro(&mut self, call: &'a Macro) {
        let expressions = Punctuated::<Expr, Token![,]>::parse_terminated;
        let Ok(expressions) = call.parse_body_with(expressions) else { return };
        let mut inner = Mentions(Vec::new());
        expressions.iter().for_each(|expression| inner.visit_expr(expression));
        self.0.append(&mut inner.0);
    }
}

/// A function as `proptest!` takes it: its arguments are no Rust.
struct InMacro {
    attributes: Vec<Attribute>,
    fn_: Span,
    ident: Ident,
    block: Block,
}

impl InMacro {
    fn all(input: ParseStream) -> syn::Result<Vec<Self>> {
        input.call(Attribute::parse_inner)?;
        let mut all = Vec::new();
        while !input.is_empty() {
            all.push(input.parse()?);
        }
        Ok(all)
    }
}

impl Parse for InMacro {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let fn_ = input.parse::<Token![fn]>()?.span;
        let ident = input.parse()?;
        let arguments;
        syn::parenthesized!(arguments in input);
        arguments.parse::<proc_macro2::TokenStream>()?;
        Ok(InMacro { attributes, fn_, ident, block: input.parse()? })
    }
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
             \x20   fn in_a_macro(x in 0..1, y: u8) { \"fn in_a_string() {}\"; }\n\
             }\n\
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
            ("in_a_macro", 16, true),
        ];
        assert_eq!(lines, expected);
        assert!(functions.find("step").is_err());
        assert!(functions.find("Walker::step").is_err());
        assert_eq!(functions.find("deep::Walker::step").unwrap().line, 12);
        assert_eq!(functions.find("self::Walker::step").unwrap().line, 8);
    }
}
