//! The fit of a panel, with the fits that keep it honest beside it.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::super::candidate::Candidate;
use super::super::diagnose;
use super::super::expected::{Range, expected};
use super::super::joint;
use super::super::mode;
use super::super::model::{Choice, Model};
use super::super::sample::{left_open, possible, sample};
use super::super::watch::{Heard, Watch};
use super::super::{
    Carry, ChannelFit, Convergence, Family, Fit, FitError, History, HoldOut, LiftTest, Options, Parameters,
    Rests, Sampling, Warning, tested,
};
use super::agreement::{self, Normal};
use super::design::Design;
use super::estimate;
use super::ground::{Ground, Shared};
use super::national::{of_market, together};
use super::stacked::{self, Stack, effects, residuals};
use super::unexplained::Explained;
use super::{Contradiction, Estimates, MarketCurve, MarketFit, Panel};

/// A panel fitted three ways.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelFit {
    /// The curves to use: of the panel, or of the sum where the two contradict
    /// each other.
    pub fit: Fit,
    /// Marginal returns three ways, one entry a channel.
    pub estimates: Vec<Estimates>,
    /// Whether the sum and the differences between markets agree.
    pub agreement: Contradiction,
    /// Deviation between markets of a channel's effect, over its mean.
    pub between: f64,
    /// Share of what varies unexplained, in a market of middling size, that
    /// all markets share.
    pub common: f64,
    /// Curves of every market, from the panel.
    pub markets: Vec<MarketFit>,
}

/// Draws kept of every market's curves.
const MARKET_DRAWS: usize = 200;

/// Fits a panel; `history` is the sum of its markets.
///
/// # Errors
/// What is wrong with the history, the panel or a lift test, or that no most
/// probable point was found.
pub fn fit_panel(
    history: &History,
    panel: &Panel,
    tests: &[LiftTest],
    options: &Options,
    heard: Heard<'_>,
) -> Result<PanelFit, FitError> {
    history.check()?;
    panel.check(history)?;
    let summed = joint::fit_until(history, tests, options, &|share| (heard.0)(0.4 * share), heard.1)?;
    let told = |share: f64| (heard.0)(0.4 + 0.6 * share);
    let watch = Watch::new(20, (&told, heard.1));
    if watch.stopped() {
        return Ok(left_out(summed));
    }
    let together = Together::new(history, panel, tests, options);
    let Some(settled) = together.settle(&watch)? else { return Ok(left_out(summed)) };
    let Some(drawn) = together.draw(&settled, &watch)? else { return Ok(left_out(summed)) };
    together.finish(summed, &settled, drawn, &watch)
}

/// The sum's curves, where time was up before markets could be told apart.
fn left_out(mut summed: Fit) -> PanelFit {
    for outcome in &mut summed.outcomes {
        outcome.convergence.cut_short = true;
    }
    for channel in &mut summed.channels {
        channel.warnings.push(Warning::MarketsLeftOut);
    }
    let agreement = Contradiction { ratio: 1.0, probability: 1.0, clear: false };
    let (estimates, markets) = Default::default();
    PanelFit { fit: summed, estimates, agreement, between: 0.0, common: 0.0, markets }
}

/// Everything that the steps of the fit share.
struct Together<'a> {
    history: &'a History,
    panel: &'a Panel,
    tests: &'a [LiftTest],
    options: &'a Options,
    design: Design,
    stacks: Vec<Stack>,
}

/// Kinds of carry-over, and the variances that go with them.
struct Settled {
    carries: Vec<Carry>,
    ground: Shared,
    /// The most probable curves at which effects differ.
    reference: Vec<Parameters>,
    /// What they earn, per head.
    earned: Vec<Vec<f64>>,
}

/// One draw: curves per head, and every market's effect over the mean.
struct Draw {
    curves: Vec<Parameters>,
    /// Markets x channels.
    factors: DMatrix<f64>,
}

/// The families by probability, and their draws.
struct Drawn {
    candidates: Vec<Candidate>,
    draws: Vec<Draw>,
    convergence: Convergence,
    /// As [`Outcome::beyond`](super::super::Outcome).
    beyond: f64,
}

impl<'a> Together<'a> {
    fn new(history: &'a History, panel: &'a Panel, tests: &'a [LiftTest], options: &'a Options) -> Self {
        let all: Vec<usize> = (0..history.channels.len()).collect();
        // The sum has to do without periods in which any market is missing.
        let whole = History { left_out: panel.left_out.clone(), ..history.clone() };
        let left_out: Vec<bool> = whole.counted(&all, tests).iter().map(|m| *m == 0.0).collect();
        let design = Design::of(history, panel, options.seasons, &left_out);
        let stacks = Stack::all(history, panel, &design);
        Together { history, panel, tests, options, design, stacks }
    }

    fn model(&self, family: Family, carries: &[Carry], ground: Option<Shared>) -> Model {
        let choice = Choice { family, carries, prior_width: self.options.prior_width };
        stacked::model(self.history, &self.design, &self.stacks, self.tests, ground, &choice)
    }

    /// Carry-over and variances: in turns with the most probable curves. None if
    /// time is up before any are found.
    fn settle(&self, watch: &Watch<'_>) -> Result<Option<Settled>, FitError> {
        const ROUNDS: usize = 3;
        let family = self.options.families.first().copied().unwrap_or(Family::MichaelisMenten);
        let mut carries = vec![joint::first_carry(self.options); self.stacks.len()];
        let mut components = estimate::begin(&self.design);
        let mut at = self.model(family, &carries, None).starts()[0].clone();
        for round in 0.. {
            let model = self.model(family, &carries, None);
            let earned = effects(&model, &at);
            if round > 0 && !watch.stopped() {
                let rest = residuals(&model, &earned);
                components = estimate::improve(&self.design, &earned, &rest, &components);
            }
            let ground = Ground::new(&self.design, &earned, &components);
            let ground = Arc::new(ground.ok_or(FitError::NoMode { steps: round })?);
            watch.tick(1);
            if round == ROUNDS || (round > 0 && watch.stopped()) {
                let reference = (0..carries.len()).map(|i| model.parameters(i, &at)).collect();
                return Ok(Some(Settled { carries, ground, reference, earned }));
            }
            if round == 1 {
                let build =
                    |family, carries: &[Carry]| self.model(family, carries, Some(Arc::clone(&ground)));
                carries = joint::choose_carries(self.stacks.len(), self.options, watch, &build)?.0;
            }
            let model = self.model(family, &carries, Some(ground));
            let starts = if round < 2 { model.starts().to_vec() } else { vec![at] };
            let found = mode::find(&model, &starts, watch)?;
            if !found.reached {
                return Ok(None);
            }
            at = found.at;
        }
        Err(FitError::NoMode { steps: ROUNDS })
    }

    /// Draws from the families worth it. None if time is up before the first is
    /// found.
    fn draw(&self, settled: &Settled, watch: &Watch<'_>) -> Result<Option<Drawn>, FitError> {
        let mut candidates: Vec<Candidate> = Vec::new();
        // Straight lines are compared for the sum.
        for &family in self.options.families.iter().filter(|f| **f != Family::Linear) {
            let model = self.model(family, &settled.carries, Some(Arc::clone(&settled.ground)));
            let mode = match candidates.first() {
                Some(_) if watch.stopped() => break,
                Some(first) => mode::near(&model, &first.model, &first.mode, watch),
                None => mode::find(&model, &model.starts(), watch)?,
            };
            if !mode.reached {
                break;
            }
            candidates.push(Candidate::new(model, mode));
            watch.tick(1);
        }
        if candidates.is_empty() {
            return Ok(None);
        }
        joint::weigh(&mut candidates);
        let asked = self.options.sampling;
        // A panel's posterior is nearer to Normal than a series', and dearer.
        let (chains, warm_up, draws) = (asked.chains.min(2), asked.warm_up.min(120), asked.draws.min(500));
        let sampling = Sampling { chains, warm_up, draws, ..asked };
        let mut random = Pcg64::seed_from_u64(sampling.seed);
        let (mut draws, mut trusts, mut beyond) = (Vec::new(), Vec::new(), 0.0);
        let cut_short = watch.stopped();
        let worth = |c: &&Candidate| c.score.weight >= joint::WORTH;
        let kept: f64 = candidates.iter().filter(worth).map(|c| c.score.weight).sum();
        for c in candidates.iter().filter(worth) {
            let part = c.score.weight / kept;
            let (points, trust) =
                sample(&c.model, &c.mode, &sampling, (part, left_open(&trusts, part)), watch);
            trusts.push((part, trust));
            let (points, over) = possible(&c.model, points);
            beyond += part * over;
            let wanted = (sampling.chains * sampling.draws) as f64 * part;
            for at in joint::thin(&points, wanted.round() as usize) {
                draws.push(self.one(settled, &c.model, at, &mut random));
            }
        }
        let convergence = joint::mixed(&trusts, cut_short);
        Ok(Some(Drawn { candidates, draws, convergence, beyond }))
    }

    /// A draw of the curves per head, with one of how markets differ from it.
    fn one(&self, settled: &Settled, model: &Model, at: &DVector<f64>, random: &mut Pcg64) -> Draw {
        // An effect below this share of the mean is none.
        const LEAST: f64 = 0.02;
        let k = self.stacks.len();
        let curves: Vec<Parameters> = (0..k).map(|i| model.parameters(i, at)).collect();
        let rest = residuals(model, &effects(model, at));
        let mut factors = settled.ground.differences(&rest, k, random);
        for (c, mut column) in factors.column_iter_mut().enumerate() {
            let size = settled.reference[c].marginal / curves[c].marginal;
            column.iter_mut().for_each(|d| *d = (1.0 + *d * size).max(LEAST));
        }
        Draw { curves, factors }
    }

    /// Markets that spend on channel `c`, and their curves in one draw.
    fn markets(&self, draw: &Draw, c: usize) -> Vec<(usize, Parameters)> {
        let sites = self.design.sites.iter().zip(&self.stacks[c].intensity).enumerate();
        let spends = sites.filter(|(_, (_, intensity))| **intensity > 0.0);
        spends
            .map(|(g, (site, &intensity))| {
                (g, of_market(&draw.curves[c], draw.factors[(g, c)], site.share, intensity))
            })
            .collect()
    }

    /// Curves of the nation and of every market, beside what the sum and the
    /// differences within periods say by themselves.
    fn finish(
        &self,
        summed: Fit,
        settled: &Settled,
        drawn: Drawn,
        watch: &Watch<'_>,
    ) -> Result<PanelFit, FitError> {
        let best = drawn.candidates.first().ok_or(FitError::NoMode { steps: 0 })?;
        let tests = tested::compare(&best.model, &best.mode, self.options.sampling.seed, watch);
        let rests = best.model.rests(&best.mode.at);
        let within = self.within(settled, best, watch)?;
        let prior = best.model.prior_precision();
        let agreement = agreement::compare(&of_draws(&summed), &within, &prior);
        let mut outcome = summed.outcomes[0].clone();
        outcome.convergence = drawn.convergence;
        outcome.beyond = drawn.beyond;
        outcome.hold_out = self.hold_out(settled, best, watch);
        outcome.lines = None;
        outcome.models = drawn.candidates.iter().map(|c| c.score).collect();
        let explained =
            Explained::of(&self.design, &settled.ground, &settled.earned, &best.model, &best.mode.at);
        let (mut channels, mut estimates): (Vec<ChannelFit>, Vec<Estimates>) = Default::default();
        let mut markets: Vec<MarketFit> = self
            .panel
            .markets
            .iter()
            .map(|m| MarketFit { market: m.clone(), channels: Vec::new() })
            .collect();
        for (c, rests) in rests.into_iter().enumerate() {
            let all: Vec<Vec<(usize, Parameters)>> = drawn.draws.iter().map(|d| self.markets(d, c)).collect();
            let national = |(draw, markets): (&Draw, &Vec<(usize, Parameters)>)| {
                together(&draw.curves[c], &markets.iter().map(|m| m.1).collect::<Vec<_>>())
            };
            let draws: Vec<Parameters> = drawn.draws.iter().zip(&all).map(national).collect();
            let old = &summed.channels[c];
            let mut channel = self.channel(old, best, draws, (c, rests));
            channel.points = explained.points(c, self.stacks[c].level, &best.model.stock(c, &best.mode.at));
            let at = old.central.level;
            estimates.push(Estimates {
                channel: old.name.clone(),
                summed: old.marginal(at, self.options.level),
                within: agreement::interval(&within, c, self.options.level),
                panel: channel.marginal(at, self.options.level),
            });
            self.add_markets(&mut markets, c, &all);
            channels.push(channel);
        }
        for (c, channel) in channels.iter_mut().enumerate() {
            let said = diagnose::of_panel(&best.model, c, channel, &tests, &outcome);
            channel.warnings.extend(said);
        }
        let fit = Fit { channels, outcomes: vec![outcome], tests, meeting: None };
        let components = &settled.ground.components;
        let mut errors = components.error.clone();
        errors.sort_by(f64::total_cmp);
        let own = errors[errors.len() / 2].powi(2) / (1.0 - components.phi.powi(2));
        let common = components.shock.powi(2) / (components.shock.powi(2) + own);
        let fit = if agreement.clear { warned(summed, &agreement) } else { fit };
        Ok(PanelFit { fit, estimates, agreement, between: components.between, common, markets })
    }

    /// The panel with any shock in any period: what differs within periods.
    fn within(&self, settled: &Settled, best: &Candidate, watch: &Watch<'_>) -> Result<Normal, FitError> {
        let components = settled.ground.components.any_shock();
        let ground = Ground::new(&self.design, &settled.earned, &components);
        let ground = Arc::new(ground.ok_or(FitError::NoMode { steps: 0 })?);
        let model = self.model(best.model.family, &settled.carries, Some(ground));
        let mode = mode::near(&model, &best.model, &best.mode, watch);
        let covariance = mode.covariance();
        let at: Vec<usize> = model.channels.iter().map(|c| c.first).collect();
        let mean = DVector::from_iterator(at.len(), at.iter().map(|&j| mode.at[j]));
        Ok((mean, DMatrix::from_fn(at.len(), at.len(), |i, j| covariance[(at[i], at[j])])))
    }

    /// The last periods, predicted by curves and baselines that have not seen
    /// them, from spend, controls and what shocks and errors carry over.
    fn hold_out(&self, settled: &Settled, best: &Candidate, watch: &Watch<'_>) -> Option<HoldOut> {
        const FEWEST: usize = 26;
        let periods = self.options.hold_out;
        let kept = self.design.periods.checked_sub(periods).filter(|k| periods > 0 && *k >= FEWEST)?;
        let short = self.design.until(kept);
        let ground = Arc::new(Ground::new(&short, &settled.earned, &settled.ground.components)?);
        let model = self.model(best.model.family, &settled.carries, Some(Arc::clone(&ground)));
        let found = mode::point_near(&model, &best.model, &best.mode, watch);
        let at = found.reached.then_some(found.at)?;
        let explained = Explained::of(&short, &ground, &settled.earned, &model, &at);
        Some(explained.ahead(kept, &self.design, self.history.periods_per_year))
    }

    /// One channel of the nation: the sum's, but for what the panel knows better.
    fn channel(
        &self,
        old: &ChannelFit,
        best: &Candidate,
        draws: Vec<Parameters>,
        (c, rests): (usize, Rests),
    ) -> ChannelFit {
        let level = old.central.level;
        let spend: Vec<f64> = old.spend.iter().map(|x| x / level).collect();
        let central = joint::centre(&draws, best.model.parameters(c, &best.mode.at));
        let expected = expected(&draws, central, Range::of(&spend));
        // What the sum's spend says of itself; the rest is said anew.
        let holds = |w: &&Warning| {
            matches!(
                w,
                Warning::FewActive { .. }
                    | Warning::Flighted { .. }
                    | Warning::PriceMoved { .. }
                    | Warning::ControlFollows { .. }
                    | Warning::NegativeTest { .. }
                    | Warning::ShortHistory { .. }
                    | Warning::NoOutcome { .. }
                    | Warning::OddPeriods { .. }
            )
        };
        let warnings = old.warnings.iter().filter(holds).cloned().collect();
        ChannelFit { central, expected, draws, rests, warnings, ..old.clone() }
    }

    fn add_markets(&self, to: &mut [MarketFit], c: usize, all: &[Vec<(usize, Parameters)>]) {
        const RECENT: usize = 13;
        let periods = self.panel.periods();
        let Some(first) = all.first() else { return };
        for (i, &(g, _)) in first.iter().enumerate() {
            let draws: Vec<Parameters> = joint::thin(all, MARKET_DRAWS).map(|d| d[i].1).collect();
            let site = &self.design.sites[g];
            let unit = site.share * self.stacks[c].level;
            let own = &self.stacks[c].spend[g * periods..(g + 1) * periods];
            let here: Vec<f64> =
                (0..periods).filter(|&t| self.panel.present[(g, t)]).map(|t| own[t] * unit).collect();
            let level = draws[0].level;
            let mean = here.iter().sum::<f64>() / here.len().max(1) as f64;
            let central = joint::centre(&draws, draws[0]);
            let relative: Vec<f64> = here.iter().map(|x| x / level).collect();
            let curve = MarketCurve {
                mean,
                range: (
                    here.iter().copied().fold(f64::INFINITY, f64::min),
                    here.iter().copied().fold(0.0, f64::max),
                ),
                periods: here.len(),
                recent: here[here.len().saturating_sub(RECENT)..].to_vec(),
                expected: expected(&draws, central, Range::of(&relative)),
                draws,
            };
            to[g].channels.push((c, curve));
        }
    }
}

/// Mean and covariance of the ln marginal returns over the draws of a fit.
fn of_draws(fit: &Fit) -> Normal {
    let k = fit.channels.len();
    let n = fit.channels.iter().map(|c| c.draws.len()).min().unwrap_or(0);
    let ln = DMatrix::from_fn(n, k, |i, c| fit.channels[c].draws[i].marginal.ln());
    let mean = DVector::from_fn(k, |c, _| ln.column(c).mean());
    let off = DMatrix::from_fn(n, k, |i, c| ln[(i, c)] - mean[c]);
    (mean, off.tr_mul(&off) / n.max(1) as f64)
}

/// The sum's curves, which say that the markets contradict them.
fn warned(mut summed: Fit, agreement: &Contradiction) -> Fit {
    for channel in &mut summed.channels {
        let warning =
            Warning::MarketsContradict { ratio: agreement.ratio, probability: agreement.probability };
        channel.warnings.insert(0, warning);
    }
    summed
}
