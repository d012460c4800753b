//! What a function calls, as far as its words tell.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{Function, Functions, identifier};

impl Functions {
    /// Whether a function of this source calls `called`, itself or by way of others here.
    pub fn calls(&self, caller: &Function, called: &Function) -> bool {
        let mut seen = BTreeSet::new();
        let mut callers = vec![caller];
        while let Some(caller) = callers.pop() {
            let mut calls = Vec::new();
            collect_calls(caller.body.clone(), &mut calls);
            if calls.iter().any(|call| call.may_be_of(called)) {
                return true;
            }
            callers.extend(self.0.iter().filter(|function| {
                calls.iter().any(|call| call.may_be_of(function))
                    && seen.insert(&function.path)
            }));
        }
        false
    }
}

/// `name(…)`, `path::name(…)` or `value.name(…)`.
struct Call {
    name: String,
    /// What stands before `::`, if it is a name.
    qualifier: Option<String>,
    is_on_value: bool,
}

impl Call {
    /// Whether it has the form of a call of this function.
    fn may_be_of(&self, function: &Function) -> bool {
        let (before, name) =
            function.path.rsplit_once("::").unwrap_or(("", &function.path));
        let kind = before.rsplit("::").next().unwrap_or_default();
        self.name == name
            && match (function.is_method, &self.qualifier) {
                (true, Some(qualifier)) => qualifier == kind,
                (true, None) => self.is_on_value,
                // What starts with a capital is a type.
                (false, Some(qualifier)) => !qualifier.starts_with(char::is_uppercase),
                (false, None) => !self.is_on_value,
            }
    }
}

fn collect_calls(tokens: TokenStream, calls: &mut Vec<Call>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            collect_calls(group.stream(), calls);
        }
        let Some(name) = identifier(token) else { continue };
        let (before, after) = (&tokens[..index], &tokens[index + 1..]);
        let is_call = matches!(
            &after[types(after)..],
            [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Parenthesis
        );
        let is_definition =
            before.last().and_then(identifier).is_some_and(|word| word == "fn");
        if !is_call || is_definition {
            continue;
        }
        let qualifier = match before {
            [.., qualifier, one, other] if is_mark(one, ':') && is_mark(other, ':') => {
                identifier(qualifier)
            }
            _ => None,
        };
        let is_on_value = before.last().is_some_and(|token| is_mark(token, '.'));
        calls.push(Call { name, qualifier, is_on_value });
    }
}

fn is_mark(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == wanted)
}

/// How many tokens name types, as in `name::<f32>(…)`, before the arguments of a call.
fn types(tokens: &[TokenTree]) -> usize {
    let [one, other, third, ..] = tokens else { return 0 };
    if !is_mark(one, ':') || !is_mark(other, ':') || !is_mark(third, '<') {
        return 0;
    }
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate() {
        depth += usize::from(is_mark(token, '<'));
        if is_mark(token, '>') {
            depth -= 1;
            if depth == 0 {
                return index + 1;
            }
        }
    }
    0
}
