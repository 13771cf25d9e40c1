//! `cargo +nightly fuzz run experiment --features libfuzzer -- -max_total_time=600`; without the feature a
//! program that reads the files it is given.
#![cfg_attr(feature = "libfuzzer", no_main)]

outlay_fuzz::target!(experiment);
