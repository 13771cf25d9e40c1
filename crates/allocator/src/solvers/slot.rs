//! The state of one variable and of one row of the interior-point method.

/// Longest step that keeps `(1 - fraction)` of a distance.
#[inline]
pub(crate) fn shorten(step: &mut f64, distance: f64, change: f64, fraction: f64) {
    if change < 0.0 && *step * -change > fraction * distance {
        *step = fraction * distance / -change;
    }
}

/// Lengths of a step in the primal and the dual variables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) primal: f64,
    pub(crate) dual: f64,
}

impl Lengths {
    pub(crate) const FULL: Lengths = Lengths { primal: 1.0, dual: 1.0 };
}

/// Sums from which the complementarity after any two steps follows.
#[derive(Debug, Default)]
pub(crate) struct After {
    now: f64,
    primal: f64,
    dual: f64,
    both: f64,
}

impl After {
    #[inline]
    fn add(&mut self, distance: f64, z: f64, change: f64, dz: f64) {
        self.now += distance * z;
        self.primal += change * z;
        self.dual += distance * dz;
        self.both += change * dz;
    }

    pub(crate) fn at(&self, step: Lengths) -> f64 {
        self.now + step.primal * self.primal + step.dual * self.dual + step.primal * step.dual * self.both
    }
}

/// A variable's state.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slot {
    pub(crate) y: f64,
    /// Distance to the upper bound, possibly infinite.
    pub(crate) room: f64,
    /// Multipliers of the two bounds.
    pub(crate) below: f64,
    pub(crate) above: f64,
    /// `1 / y` and `1 / room`.
    pub(crate) per_y: f64,
    pub(crate) per_room: f64,
    /// Value of the curve where the variable starts, and its slope now.
    pub(crate) base: f64,
    pub(crate) slope: f64,
    /// Slope of the goal less what the prices charge for it.
    pub(crate) reduced: f64,
    /// One over the diagonal of the condensed system.
    pub(crate) inverse: f64,
    pub(crate) dy: f64,
    d_below: f64,
    d_above: f64,
}

impl Slot {
    /// At `y` of `length`, possibly infinite, with nothing known yet.
    pub(crate) fn at(y: f64, length: f64) -> Self {
        let room = length - y;
        let per_room = if length < f64::INFINITY { 1.0 / room } else { 0.0 };
        Slot { y, room, per_y: 1.0 / y, per_room, ..Slot::default() }
    }

    #[inline]
    pub(crate) fn bounded(&self) -> bool {
        self.per_room > 0.0
    }

    /// Takes the step worked out last, and never leaves a product of a
    /// distance and its multiplier below `least`.
    #[inline]
    pub(crate) fn advance(&mut self, step: Lengths, length: f64, least: f64) {
        self.y += step.primal * self.dy;
        self.per_y = 1.0 / self.y;
        self.below = (self.below + step.dual * self.d_below).max(least * self.per_y);
        if length < f64::INFINITY {
            self.room = (self.room - step.primal * self.dy).min(length);
            self.per_room = 1.0 / self.room;
            self.above = (self.above + step.dual * self.d_above).max(least * self.per_room);
        }
    }

    /// Moves of the multipliers that lead to the products `mu` after a step `dy`.
    #[inline]
    fn multipliers(&self, mu: (f64, f64), dy: f64) -> (f64, f64) {
        let below = (mu.0 - self.below * dy) * self.per_y - self.below;
        let above = (mu.1 + self.above * dy) * self.per_room - self.above;
        (below, above)
    }

    /// The step towards products of 0, given how the prices' change charges
    /// the variable. Returns what its second order adds to the reduced slope.
    #[inline]
    pub(crate) fn predict(&mut self, charged: f64, step: &mut Lengths, after: &mut After) -> f64 {
        self.dy = (self.reduced - charged) * self.inverse;
        let (below, above) = self.multipliers((0.0, 0.0), self.dy);
        shorten(&mut step.primal, self.y, self.dy, 1.0);
        shorten(&mut step.dual, self.below, below, 1.0);
        after.add(self.y, self.below, self.dy, below);
        let mut second = -self.dy * below * self.per_y;
        if self.bounded() {
            shorten(&mut step.primal, self.room, -self.dy, 1.0);
            shorten(&mut step.dual, self.above, above, 1.0);
            after.add(self.room, self.above, -self.dy, above);
            second -= self.dy * above * self.per_room;
        }
        second
    }

    /// The step towards products `mu`, less the predictor's second order.
    #[inline]
    pub(crate) fn correct(&mut self, mu: f64, charged: f64, step: &mut Lengths, fraction: f64) {
        let (below, above) = self.multipliers((0.0, 0.0), self.dy);
        let aim = (mu - self.dy * below, mu + self.dy * above);
        let right = self.reduced + aim.0 * self.per_y - aim.1 * self.per_room;
        self.dy = (right - charged) * self.inverse;
        (self.d_below, self.d_above) = self.multipliers(aim, self.dy);
        shorten(&mut step.primal, self.y, self.dy, fraction);
        shorten(&mut step.dual, self.below, self.d_below, fraction);
        if self.bounded() {
            shorten(&mut step.primal, self.room, -self.dy, fraction);
            shorten(&mut step.dual, self.above, self.d_above, fraction);
        }
    }
}

/// A row's state; `low` and `high` are the slack's distances to its ends.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Row {
    pub(crate) activity: f64,
    pub(crate) slack: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) below: f64,
    pub(crate) above: f64,
    pub(crate) price: f64,
    right: f64,
    inverse: f64,
    ds: f64,
    d_below: f64,
    d_above: f64,
    d_price: f64,
}

impl Row {
    pub(crate) fn fixed(&self) -> bool {
        self.low == 0.0 && self.high == 0.0
    }

    /// Number of ends with a multiplier.
    pub(crate) fn bounds(&self) -> usize {
        if self.fixed() { 0 } else { usize::from(self.low.is_finite()) + usize::from(self.high.is_finite()) }
    }

    /// Sum of the products of distances and multipliers.
    pub(crate) fn complementarity(&self) -> f64 {
        let side = |z: f64, distance: f64| if distance.is_finite() { z * distance } else { 0.0 };
        if self.fixed() { 0.0 } else { side(self.below, self.low) + side(self.above, self.high) }
    }

    /// Puts the slack inside `[low, high]`, near the activity, and splits the
    /// price over its ends.
    pub(crate) fn start(&mut self, low: f64, high: f64, mu: f64) {
        if high <= low {
            self.slack = low;
            return;
        }
        let margin = if low.is_finite() && high.is_finite() { 0.1 * (high - low) } else { 0.1 };
        self.slack = self.activity.max(low + margin).min(high - margin);
        (self.low, self.high) = (self.slack - low, high - self.slack);
        let part =
            |p: f64, distance: f64| if distance.is_finite() { p.max(0.0) + mu / distance } else { 0.0 };
        (self.below, self.above) = (part(-self.price, self.low), part(self.price, self.high));
        self.price = self.above - self.below;
    }

    /// Prepares the slack's part of a step towards products `mu`. Returns what
    /// the row's equation lacks.
    fn prepare(&mut self, mu: (f64, f64)) -> f64 {
        if self.fixed() {
            (self.inverse, self.right) = (0.0, 0.0);
        } else {
            self.inverse = 1.0 / (self.below / self.low + self.above / self.high);
            self.right = self.price + mu.0 / self.low - mu.1 / self.high;
        }
        self.activity - self.slack - self.inverse * self.right
    }

    /// Prepares the predictor. Returns what the row adds to the diagonal of the
    /// system and to its right-hand side.
    pub(crate) fn prepare_prediction(&mut self) -> (f64, f64) {
        let lacking = self.prepare((0.0, 0.0));
        (self.inverse, lacking)
    }

    /// Prepares the corrector towards products `mu`. Returns what the row adds
    /// to the right-hand side.
    pub(crate) fn prepare_correction(&mut self, mu: f64) -> f64 {
        let aim = (mu - self.ds * self.d_below, mu + self.ds * self.d_above);
        (self.d_below, self.d_above) = aim;
        self.prepare(aim)
    }

    /// The predictor for a change of the price.
    pub(crate) fn predict(&mut self, d_price: f64, step: &mut Lengths, after: &mut After) {
        self.respond(d_price, (0.0, 0.0));
        self.shorten(step, 1.0);
        if !self.fixed() && self.low.is_finite() {
            after.add(self.low, self.below, self.ds, self.d_below);
        }
        if !self.fixed() && self.high.is_finite() {
            after.add(self.high, self.above, -self.ds, self.d_above);
        }
    }

    /// The corrector for a change of the price.
    pub(crate) fn correct(&mut self, d_price: f64, step: &mut Lengths, fraction: f64) {
        self.respond(d_price, (self.d_below, self.d_above));
        self.shorten(step, fraction);
    }

    fn respond(&mut self, d_price: f64, mu: (f64, f64)) {
        self.d_price = d_price;
        self.ds = self.inverse * (self.right + d_price);
        // An infinite distance has no multiplier.
        let change = |mu: f64, z: f64, distance: f64, ds: f64| {
            if distance.is_finite() && distance > 0.0 { (mu - z * ds) / distance - z } else { 0.0 }
        };
        self.d_below = change(mu.0, self.below, self.low, self.ds);
        self.d_above = change(mu.1, self.above, self.high, -self.ds);
    }

    fn shorten(&self, step: &mut Lengths, fraction: f64) {
        if !self.fixed() {
            shorten(&mut step.primal, self.low, self.ds, fraction);
            shorten(&mut step.primal, self.high, -self.ds, fraction);
            shorten(&mut step.dual, self.below, self.d_below, fraction);
            shorten(&mut step.dual, self.above, self.d_above, fraction);
        }
    }

    /// Takes the step; false if the row is no longer finite.
    pub(crate) fn advance(&mut self, step: Lengths) -> bool {
        self.price += step.dual * self.d_price;
        if !self.fixed() {
            self.slack += step.primal * self.ds;
            self.low += step.primal * self.ds;
            self.high -= step.primal * self.ds;
            self.below += step.dual * self.d_below;
            self.above += step.dual * self.d_above;
            self.price = self.above - self.below;
        }
        self.price.is_finite() && self.slack.is_finite()
    }
}
