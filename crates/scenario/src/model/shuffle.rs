//! Seeded shuffles: the same for the same line, whatever the machine.

/// `own` numbers repeated and shuffled to `count`, the same for the same line.
pub(crate) fn shuffled(own: usize, count: usize, line: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).map(|d| d % own).collect();
    let mut state = line as u64;
    // SplitMix64.
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for k in (1..count).rev() {
        order.swap(k, (next() % (k as u64 + 1)) as usize);
    }
    order
}
