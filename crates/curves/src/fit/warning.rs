//! What a careful analyst would say of a fit.

/// What a careful analyst would say of a fit. Codes and figures; the words
/// are made where they are shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Spend hardly varies: `variation` is its coefficient of variation.
    LittleVariation {
        /// Standard deviation over mean.
        variation: f64,
    },
    /// Few periods for each effect to be estimated.
    FewPoints {
        /// Periods per effect.
        per_effect: f64,
    },
    /// The channel spends in few periods.
    FewActive {
        /// Periods with spend.
        periods: usize,
    },
    /// Moves together with another channel.
    Collinear {
        /// The other channel.
        with: String,
        /// Correlation of the two spends.
        correlation: f64,
    },
    /// The other channels together nearly determine this one's spend.
    Inflated {
        /// Variance inflation factor.
        factor: f64,
    },
    /// Trend, season and controls nearly determine this channel's spend.
    FollowsBaseline {
        /// Share of the spend's variance that they explain.
        share: f64,
    },
    /// Spend rises after the outcome did: demand may drive it.
    FollowsOutcome {
        /// Correlation with the error of the period before.
        correlation: f64,
    },
    /// A control moves with the spend: one may cause the other, and which way
    /// round decides whether the control belongs into the model.
    ControlFollows {
        /// The one that moves most with it.
        control: String,
        /// Correlation of the two, less trend, season and what carries over.
        correlation: f64,
    },
    /// Spend stays below half-saturation: the ceiling is a guess.
    BelowHalfSaturation {
        /// Largest spend observed.
        max: f64,
        /// Fitted half-saturation.
        half_saturation: f64,
    },
    /// Nearly all spend lies where the curve is flat.
    Saturated {
        /// Lower quartile of spend.
        spend: f64,
        /// Fitted half-saturation.
        half_saturation: f64,
    },
    /// Returns may hardly diminish.
    StraightLine {
        /// Probability of the draws that are nearly straight over that of the others.
        odds: f64,
    },
    /// Returns rise over a part of what was spent: an average says nothing.
    RisingReturns {
        /// Probability that they do.
        probability: f64,
    },
    /// A test came out clearly below nothing, which no curve here can follow.
    NegativeTest {
        /// Measured lift per unit of spend.
        measured: f64,
        /// Its standard error.
        standard_error: f64,
    },
    /// The price of what was bought has moved since.
    PriceMoved {
        /// Mean price, at which the curve is money.
        fitted: f64,
        /// Price of the last quarter of the history.
        latest: f64,
    },
    /// Bought in flights: figures hold at the level of the flights.
    Flighted {
        /// Mean spend of the periods that spend.
        level: f64,
        /// How many do.
        periods: usize,
    },
    /// Average return is hard to believe.
    HighReturn {
        /// Outcome per unit of spend.
        value: f64,
    },
    /// Average return of next to nothing, where more is spent than earned.
    LowReturn {
        /// Outcome per unit of spend.
        value: f64,
        /// Spend of all channels over the whole outcome.
        spent: f64,
    },
    /// Carry-over at the end of its range.
    LongMemory {
        /// Fitted retention.
        retention: f64,
    },
    /// The history adds little to the prior: a lift test would.
    PriorDominates {
        /// Width of the interval of the ln marginal return over the prior's.
        ratio: f64,
    },
    /// A lift test and the history disagree.
    Conflict {
        /// Measured lift.
        measured: f64,
        /// What the history expects.
        expected: f64,
        /// The difference in standard deviations.
        z: f64,
    },
    /// Lift tests of the channel disagree with each other.
    TestsDisagree {
        /// Measured lift.
        measured: f64,
        /// What history and the other tests expect.
        expected: f64,
        /// The difference in standard deviations.
        z: f64,
    },
    /// The season of the year was seen less than twice.
    ShortHistory {
        /// Years of history.
        years: f64,
    },
    /// Errors run on from period to period: something slow is missing.
    Autocorrelated {
        /// Correlation of an error with the one before.
        correlation: f64,
    },
    /// Periods far from anything the model explains.
    OddPeriods {
        /// The worst one, from 0.
        period: usize,
        /// Its distance in (robust) standard deviations.
        z: f64,
        /// Number of such periods.
        count: usize,
    },
    /// Periods without any outcome: perhaps not recorded.
    NoOutcome {
        /// Number of such periods.
        periods: usize,
    },
    /// History and tests want channels that earn more than the whole outcome.
    AboveOutcome {
        /// Share of the draws in which they do.
        probability: f64,
    },
    /// The model predicts held-out periods worse than last year's values.
    WorseThanNaive {
        /// Error of the model over mean outcome.
        error: f64,
        /// Error of repeating last year.
        naive: f64,
    },
    /// Markets that spend more than others in the same period earn more, or
    /// less, than the sum of all markets lets expect.
    MarketsContradict {
        /// Mean ratio of the returns within periods to those of the sum.
        ratio: f64,
        /// Probability of such a distance if both were right.
        probability: f64,
    },
    /// Time ran out before all was tried and drawn.
    CutShort,
    /// Time ran out before markets could be told apart: the curve of their sum.
    MarketsLeftOut,
    /// Time ran out before the most probable curves were found.
    NotReached,
    /// The sampler's chains disagree: do not trust the intervals.
    NotConverged {
        /// Largest R-hat.
        r_hat: f64,
        /// Smallest effective number of draws.
        effective: f64,
    },
}
