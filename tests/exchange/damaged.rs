//! A model as HDF5, damaged: read or refused, without a panic and without
//! memory for what it only states.
//!
//! `INPUTS=20000 cargo test -p outlay-exchange --test exchange damaged` tries
//! that many.

use outlay_exchange::{Options, Source, import};

use crate::pymc;

/// A small generator: the tests of this crate need no other.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

#[test]
fn damaged_models_are_read_or_refused() {
    let inputs = std::env::var("INPUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    let whole = pymc::plain_bytes();
    let mut random = Random(7);
    let mut read = 0;
    for _ in 0..inputs {
        let mut bytes = whole.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len());
            match random.below(6) {
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                // Sizes and addresses are numbers of 8 bytes.
                2 => bytes.iter_mut().skip(at & !7).take(8).for_each(|b| *b = 0xff),
                3 => bytes
                    .iter_mut()
                    .skip(at & !7)
                    .take(8)
                    .enumerate()
                    .for_each(|(i, b)| *b = u8::from(i == 5)),
                4 => bytes.truncate(at.max(16)),
                _ => {
                    let (from, len) = (random.below(bytes.len()), random.below(64));
                    let copy: Vec<u8> = bytes.iter().skip(from).take(len).copied().collect();
                    bytes.iter_mut().skip(at).zip(copy).for_each(|(b, c)| *b = c);
                }
            }
        }
        let found = import(&Source { name: "model.nc", bytes: &bytes, options: &Options::default() });
        read += usize::from(found.is_ok());
    }
    // Damage that always refuses, or never does, tests nothing.
    assert!(read > 0 && read < inputs, "{read} of {inputs} read");
}
