//! Training on other machines.
