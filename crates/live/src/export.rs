//! Exporting what a part has for its figure.

/// Exports a method of [`Page`] under its name, with the same arguments.
///
/// Only a module has exports: in a native program, a bare name such as `step` would be in
/// the way of others.
macro_rules! export {
    ($(#[$doc:meta])* $method:ident($($argument:ident: $kind:ty),*)) => {
        $(#[$doc])*
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, reason = "a name that is exported counts as unsafe")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $method($($argument: $kind),*) -> u32 {
            crate::exports::call(|page| page.$method($($argument),*))
        }
    };
}
