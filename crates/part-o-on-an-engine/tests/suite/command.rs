//! Real runs of the real command.
