//! The keys of a config, each with its type and range. A missing key is its default, and
//! null is not missing.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::FolderError;

/// The keys of a file.
pub struct Keys {
    /// Which file.
    pub file: &'static str,
    keys: Map<String, Value>,
}

impl Keys {
    /// Those in the bytes of a file.
    pub fn parse(file: &'static str, bytes: &[u8]) -> Result<Self, FolderError> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(keys)) => Ok(Keys { file, keys }),
            Ok(_) => Err(FolderError::NotAnObject { file }),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                Err(FolderError::NotJson { file, line, column })
            }
        }
    }

    /// The error with a key's value.
    pub fn wrong(&self, key: &'static str, expected: impl Into<String>) -> FolderError {
        let found = match self.keys.get(key) {
            None => "missing".to_owned(),
            // As Rust writes it: without anything that a terminal would obey.
            Some(Value::String(text)) if text.chars().count() <= 40 => {
                format!("{text:?}")
            }
            Some(Value::String(_)) => "a long text".to_owned(),
            Some(Value::Object(_)) => "an object".to_owned(),
            Some(list @ Value::Array(_)) => {
                let text = list.to_string();
                let is_short = text.len() <= 120 && text.is_ascii();
                if is_short { text } else { "a list".to_owned() }
            }
            Some(value) => value.to_string(),
        };
        FolderError::Value { file: self.file, key, found, expected: expected.into() }
    }

    /// A key's value, if there is one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.keys.get(key)
    }

    /// The names of all keys.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// Whether a key is there and null.
    pub fn is_null(&self, key: &str) -> bool {
        self.get(key).is_some_and(Value::is_null)
    }

    pub fn flag(&self, key: &'static str, default: bool) -> Result<bool, FolderError> {
        self.get(key).map_or(Ok(default), |value| {
            value.as_bool().ok_or_else(|| self.wrong(key, "true or false"))
        })
    }

    /// A whole number.
    pub fn whole(
        &self,
        key: &'static str,
        default: usize,
        range: RangeInclusive<usize>,
    ) -> Result<usize, FolderError> {
        let Some(value) = self.get(key) else { return Ok(default) };
        whole(value, &range).ok_or_else(|| self.wrong(key, expected(&range)))
    }

    /// A whole number, or null.
    pub fn whole_or_null(
        &self,
        key: &'static str,
        default: Option<usize>,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, FolderError> {
        match self.get(key) {
            None => Ok(default),
            Some(Value::Null) => Ok(None),
            Some(value) => match whole(value, &range) {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(key, format!("null, or {}", expected(&range)))),
            },
        }
    }

    /// A number in a range.
    pub fn number(
        &self,
        key: &'static str,
        default: f64,
        range: RangeInclusive<f64>,
    ) -> Result<f64, FolderError> {
        let Some(value) = self.get(key) else { return Ok(default) };
        let number = value.as_f64().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            self.wrong(key, format!("a number from {least} to {most}"))
        })
    }

    /// One of some names.
    pub fn name<T: Copy>(
        &self,
        key: &'static str,
        default: T,
        known: &[(&str, T)],
    ) -> Result<T, FolderError> {
        self.get(key).map_or(Ok(default), |value| {
            named(value, known).ok_or_else(|| self.wrong(key, or(known)))
        })
    }

    /// A list, each of it read by itself.
    pub fn list<T>(
        &self,
        key: &'static str,
        default: Vec<T>,
        expected: &str,
        one: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, FolderError> {
        let Some(value) = self.get(key) else { return Ok(default) };
        let list = value.as_array().and_then(|list| list.iter().map(one).collect());
        let list = list.filter(|list: &Vec<T>| (1..=MOST).contains(&list.len()));
        list.ok_or_else(|| self.wrong(key, format!("a list of 1 to {MOST} {expected}")))
    }
}

/// The most sizes of pictures that a network has.
const MOST: usize = 10;

pub fn whole(value: &Value, range: &RangeInclusive<usize>) -> Option<usize> {
    // Python's json writes a float such as 1.0 with its point.
    let float = value.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0);
    let number = value.as_u64().or(float.map(|float| float as u64))?;
    usize::try_from(number).ok().filter(|number| range.contains(number))
}

fn expected(range: &RangeInclusive<usize>) -> String {
    let (least, most) = (range.start(), range.end());
    match least == most {
        true => least.to_string(),
        false => format!("a whole number from {least} to {most}"),
    }
}

pub fn named<T: Copy>(value: &Value, known: &[(&str, T)]) -> Option<T> {
    let name = value.as_str()?;
    known.iter().find(|(known, _)| *known == name).map(|(_, it)| *it)
}

/// The names in a sentence.
pub fn or<T>(known: &[(&str, T)]) -> String {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    names.join(" or ")
}
