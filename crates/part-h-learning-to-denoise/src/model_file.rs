//! Networks as files.
