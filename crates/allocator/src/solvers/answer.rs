//! What a variable answers to prices by itself, kept off its bounds by a
//! barrier: the maximum of `r(y) + mu log y + mu log (length - y)`.

/// An answer and what is left above it; both are exact where they are small.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Answer {
    pub(crate) y: f64,
    pub(crate) room: f64,
}

impl Answer {
    fn below(y: f64, length: f64) -> Self {
        Answer { y, room: length - y }
    }

    fn above(room: f64, length: f64) -> Self {
        Answer { y: length - room, room }
    }
}

/// The root of `slope + mu / y - mu / (length - y)`; without a length the slope
/// has to be negative.
#[inline]
pub(crate) fn straight(slope: f64, length: f64, mu: f64) -> Answer {
    if length == f64::INFINITY {
        return Answer { y: -mu / slope, room: f64::INFINITY };
    }
    let steep = (slope * length / mu).abs();
    let near = 2.0 * length / (steep + 2.0 + (steep * steep + 4.0).sqrt());
    if slope <= 0.0 { Answer::below(near, length) } else { Answer::above(near, length) }
}

/// The root of `slope - bend * y + mu / y - mu / (length - y)`, up to the bound
/// that is further away, whose barrier is taken as straight near `old`.
#[inline]
pub(crate) fn bent(slope: f64, bend: f64, length: f64, mu: f64, old: f64) -> Answer {
    if length == f64::INFINITY || slope <= 0.5 * bend * length {
        Answer::below(near_bound(slope, bend, length, mu, old), length)
    } else {
        Answer::above(near_bound(bend * length - slope, bend, length, mu, length - old), length)
    }
}

#[inline]
fn near_bound(mut slope: f64, mut bend: f64, length: f64, mu: f64, old: f64) -> f64 {
    if length < f64::INFINITY {
        let old = old.min(0.5 * length);
        let per_room = 1.0 / (length - old);
        let steeper = mu * per_room * per_room;
        slope += steeper * old - mu * per_room;
        bend += steeper;
    }
    let root = (slope * slope + 4.0 * bend * mu).sqrt();
    let y = if slope > 0.0 { (slope + root) / (2.0 * bend) } else { 2.0 * mu / (root - slope) };
    y.min(0.5 * length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By bisection.
    fn root(slope: f64, bend: f64, length: f64, mu: f64) -> f64 {
        let (mut low, mut high) = (0.0, length);
        for _ in 0..200 {
            let y = 0.5 * (low + high);
            let rises = slope - bend * y + mu / y - mu / (length - y) > 0.0;
            if rises { low = y } else { high = y }
        }
        low
    }

    proptest! {
        #[test]
        fn straight_answers_are_roots(slope in -5.0..5.0f64, length in 0.1..10.0f64, mu in 1e-6..1.0f64) {
            let Answer { y, room } = straight(slope, length, mu);
            let expected = root(slope, 0.0, length, mu);
            prop_assert!((y - expected).abs() <= 1e-9 * length);
            prop_assert!((y + room - length).abs() <= 1e-12 * length);
            prop_assert!(y > 0.0 && room > 0.0);
        }

        #[test]
        fn bent_answers_repeated_are_roots(
            slope in -5.0..5.0f64, bend in 0.01..5.0f64, length in 0.1..10.0f64, mu in 1e-6..1.0f64,
        ) {
            let mut y = 0.5 * length;
            for _ in 0..50 {
                y = bent(slope, bend, length, mu, y).y;
            }
            prop_assert!((y - root(slope, bend, length, mu)).abs() <= 1e-6 * length);
        }
    }

    #[test]
    fn an_answer_without_a_length_is_the_barriers_share() {
        assert_eq!(straight(-2.0, f64::INFINITY, 0.5), Answer { y: 0.25, room: f64::INFINITY });
    }
}
