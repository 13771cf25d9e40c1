//! Functions of many numbers at once, written so that lanes of a vector fill.

/// Every number's exponential in its place, to some 1e-14 of it, between e^-700
/// and e^700.
///
/// `e^x = 2^n e^r` with n the whole number nearest to `x / ln 2` and e^r by
/// Taylor's series, even and odd terms apart so that neither waits for the other.
/// Adding 1.5 2^52 rounds, and leaves n in the last bits.
pub(crate) fn exp(numbers: &mut [f64]) {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const FURTHEST: f64 = 700.0;
    // ln 2 in two parts; n times the first is exact.
    const LN_2: [f64; 2] = [0.693_145_751_953_125, 1.428_606_820_309_417_2e-6];
    const MANTISSA: u32 = 52;
    const ONE: u64 = 1023 << MANTISSA;
    for x in numbers {
        let near = x.clamp(-FURTHEST, FURTHEST);
        let shifted = near * std::f64::consts::LOG2_E + ROUND;
        let n = shifted - ROUND;
        let r = near - n * LN_2[0] - n * LN_2[1];
        let square = r * r;
        let (mut even, mut odd) = (SERIES[TERMS - 2], SERIES[TERMS - 1]);
        let mut j = TERMS - 2;
        while j > 0 {
            j -= 2;
            even = even * square + SERIES[j];
            odd = odd * square + SERIES[j + 1];
        }
        *x = (even + r * odd) * f64::from_bits((shifted.to_bits() << MANTISSA).wrapping_add(ONE));
    }
}

const TERMS: usize = 12;

/// 1 / j!
const SERIES: [f64; TERMS] = {
    let mut terms = [1.0; TERMS];
    let mut j = 1;
    while j < TERMS {
        terms[j] = terms[j - 1] / j as f64;
        j += 1;
    }
    terms
};

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    #[test]
    fn lanes_are_the_function_itself() {
        let all: Vec<f64> =
            (-70_000..=70_000).map(|i| f64::from(i) * 0.009_99).chain([0.0, -1e-12]).collect();
        let mut found = all.clone();
        super::exp(&mut found);
        for (found, x) in found.iter().zip(&all) {
            assert_relative_eq!(*found, x.exp(), max_relative = 2e-14);
        }
        let mut far = [-1e9, 1e9];
        super::exp(&mut far);
        assert!(far[0] < 1e-300 && far[1] > 1e300);
    }
}
