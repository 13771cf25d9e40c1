//! Channels that meet, in a model: what they earn together in a period.
//!
//! With `f_i` what channel i earns in a period beside the others as usual, `Z`
//! the mean of what the members earn together, `M` of what makers and `H` of
//! what harvesters earn (constants, from the fit without a meeting):
//!
//! ```text
//! overlap  Z (1 - e^(-q z / Z)) / (1 - e^-q)                    z = sum f_i
//! pool     sum_makers f_i ((1 - w) + w F / H) + F               F = sum_harvesters f_j
//! ```
//!
//! Both earn what the sum does where everything is as usual, so that the number
//! says how channels meet and no more: `q`, today's sum over the audience's
//! ceiling, or `w`, the share of what makers earn that runs through harvesters.

use super::{FitError, History};

/// ln of the median of `q` beforehand, with deviation 1: the members overlap by
/// 21%, with 90% probability by 5 to 64%.
const LN_Q: f64 = -std::f64::consts::LN_2;
/// Deviation beforehand of the logit of `w`, whose median is a half.
const LOGIT: f64 = 1.5;

/// How channels may meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Meeting {
    /// They reach the same people: together they earn less than one by one.
    Overlap {
        /// Their names, two at least.
        channels: Vec<String>,
    },
    /// Some make demand that others harvest.
    Pool {
        /// Names of those that make it.
        makes: Vec<String>,
        /// Names of those that harvest it.
        harvests: Vec<String>,
    },
}

impl Meeting {
    /// What lists of channels ask for: that some overlap, or that some make what
    /// others harvest; nothing where all are empty. Blanks around names are none
    /// of theirs.
    ///
    /// # Errors
    /// [`FitError::Meeting`] where both are asked for: one meeting is estimated.
    pub fn among(
        overlap: &[String],
        makes: &[String],
        harvests: &[String],
    ) -> Result<Option<Self>, FitError> {
        let names = |all: &[String]| all.iter().map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let pool = !makes.is_empty() || !harvests.is_empty();
        Ok(match (overlap.is_empty(), pool) {
            (false, true) => {
                let reason = "one meeting is estimated: channels that overlap, or channels that make \
                              demand and channels that harvest it";
                return Err(FitError::Meeting { reason: reason.into() });
            }
            (false, false) => Some(Meeting::Overlap { channels: names(overlap) }),
            (true, true) => Some(Meeting::Pool { makes: names(makes), harvests: names(harvests) }),
            (true, false) => None,
        })
    }

    /// Every channel named.
    pub fn channels(&self) -> Vec<&str> {
        let all: Vec<&String> = match self {
            Meeting::Overlap { channels } => channels.iter().collect(),
            Meeting::Pool { makes, harvests } => makes.iter().chain(harvests).collect(),
        };
        all.into_iter().map(String::as_str).collect()
    }

    /// Refuses names that the history does not have, or that stand twice.
    pub(crate) fn check(&self, history: &History) -> Result<(), FitError> {
        let wrong = |reason: String| Err(FitError::Meeting { reason });
        let names = self.channels();
        if let Some(name) = names.iter().find(|n| !history.channels.iter().any(|c| c.name == **n)) {
            let known: Vec<&str> = history.channels.iter().map(|c| c.name.as_str()).collect();
            return wrong(format!("no channel `{name}` in the history; there are {}", known.join(", ")));
        }
        if let Some((_, name)) = names.iter().enumerate().find(|(k, n)| names[..*k].contains(n)) {
            return wrong(match self {
                Meeting::Overlap { .. } => format!("{name} is named twice"),
                Meeting::Pool { .. } => {
                    format!("{name} is named twice; a channel makes demand or harvests it")
                }
            });
        }
        match self {
            Meeting::Overlap { channels } if channels.len() < 2 => {
                return wrong("an overlap needs two channels or more".into());
            }
            Meeting::Pool { makes, harvests } if makes.is_empty() || harvests.is_empty() => {
                return wrong("a pool needs channels that make demand and channels that harvest it".into());
            }
            _ => {}
        }
        if history.outcome.is_none() {
            let reason = "what channels do to each other shows in an outcome of all of them; \
                          here each channel has its own";
            return wrong(reason.into());
        }
        Ok(())
    }
}

/// A meeting in a model, by numbers of its channels.
#[derive(Debug, Clone)]
pub(crate) struct Meets {
    kind: Kind,
    /// What each channel earns as usual, over mean outcome.
    usual: Vec<f64>,
}

#[derive(Debug, Clone)]
enum Kind {
    Overlap { members: Vec<usize> },
    Pool { makes: Vec<usize>, harvests: Vec<usize> },
}

/// What one test of a channel that meets others does, with slopes.
pub(crate) struct Moved {
    pub(crate) value: f64,
    pub(crate) by_from: f64,
    pub(crate) by_to: f64,
    pub(crate) by_number: f64,
    pub(crate) by_others: f64,
}

/// What a draw says of a meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Met {
    /// `q` or `w`; 0 for a draw without a meeting.
    pub number: f64,
    /// Part of what the members would earn one by one that they lose together,
    /// in today's mix; or part of what makers earn that runs through harvesters.
    pub share: f64,
    /// Part of what harvesters harvest that makers made; 0 for an overlap.
    pub made: f64,
}

impl Meets {
    /// Of channels by name, which earn `usual` over mean outcome; `None` where
    /// one of them is missing or earns nothing.
    pub(crate) fn of(meeting: &Meeting, names: &[&str], usual: Vec<f64>) -> Option<Meets> {
        let find = |all: &[String]| {
            all.iter().map(|own| names.iter().position(|n| n == own)).collect::<Option<Vec<usize>>>()
        };
        let kind = match meeting {
            Meeting::Overlap { channels } => Kind::Overlap { members: find(channels)? },
            Meeting::Pool { makes, harvests } => {
                Kind::Pool { makes: find(makes)?, harvests: find(harvests)? }
            }
        };
        let meets = Meets { kind, usual };
        let (first, second) = meets.usual();
        (first > 0.0 && second > 0.0).then_some(meets)
    }

    /// What members earn as usual, or makers and harvesters, over mean outcome.
    pub(crate) fn usual(&self) -> (f64, f64) {
        let sum = |which: &[usize]| which.iter().map(|&i| self.usual[i]).sum::<f64>();
        match &self.kind {
            Kind::Overlap { members } => (sum(members), sum(members)),
            Kind::Pool { makes, harvests } => (sum(makes), sum(harvests)),
        }
    }

    /// The number behind the parameter, which is standard Normal beforehand, and
    /// its slope.
    pub(crate) fn number(&self, at: f64) -> (f64, f64) {
        match &self.kind {
            Kind::Overlap { .. } => {
                let q = (LN_Q + at.clamp(-12.0, 5.0)).exp();
                (q, q)
            }
            Kind::Pool { .. } => {
                let (w, rest) = crate::families::logistic(LOGIT * at.clamp(-12.0, 12.0));
                (w, LOGIT * w * rest)
            }
        }
    }

    /// Which of [`Meets::pulls`] is a channel's.
    pub(crate) fn part(&self, channel: usize) -> Option<usize> {
        match &self.kind {
            Kind::Overlap { members } => members.contains(&channel).then_some(0),
            Kind::Pool { makes, harvests } => match makes.contains(&channel) {
                true => Some(0),
                false => harvests.contains(&channel).then_some(1),
            },
        }
    }

    /// What all earn together less what they would one by one, in a period in
    /// which channel i earns `own(i)`.
    pub(crate) fn together(&self, number: f64, own: impl Fn(usize) -> f64) -> f64 {
        let sum = |which: &[usize]| which.iter().map(|&i| own(i)).sum::<f64>();
        match &self.kind {
            Kind::Overlap { members } => {
                let z = sum(members);
                let usual = self.usual().0;
                usual * Bend::new(number, z / usual).value - z
            }
            Kind::Pool { makes, harvests } => number * sum(makes) * (sum(harvests) / self.usual().1 - 1.0),
        }
    }

    /// From what every period pulls: what it pulls each part's channels by, and
    /// the slope by the number.
    pub(crate) fn pulls(
        &self,
        number: f64,
        own: impl Fn(usize, usize) -> f64,
        pull: &[f64],
        parts: &mut [Vec<f64>; 2],
    ) -> f64 {
        let mut by_number = 0.0;
        let sum = |which: &[usize], t: usize| which.iter().map(|&i| own(i, t)).sum::<f64>();
        for part in parts.iter_mut() {
            part.resize(pull.len(), 0.0);
        }
        let (first, second) = self.usual();
        let [a, b] = parts;
        for (t, &pull) in pull.iter().enumerate() {
            match &self.kind {
                Kind::Overlap { members } => {
                    let bend = Bend::new(number, sum(members, t) / first);
                    a[t] = pull * bend.slope;
                    by_number += pull * first * bend.by_number;
                }
                Kind::Pool { makes, harvests } => {
                    let (made, share) = (sum(makes, t), sum(harvests, t) / second);
                    a[t] = pull * (1.0 + number * (share - 1.0));
                    b[t] = pull * (1.0 + number * made / second);
                    by_number += pull * made * (share - 1.0);
                }
            }
        }
        by_number
    }

    /// Channels whose earnings matter to what a channel's test shows.
    pub(crate) fn others(&self, channel: usize) -> Vec<usize> {
        match (&self.kind, self.part(channel)) {
            (Kind::Overlap { members }, Some(_)) => {
                members.iter().copied().filter(|&k| k != channel).collect()
            }
            (Kind::Pool { harvests, .. }, Some(0)) => harvests.clone(),
            (Kind::Pool { makes, .. }, Some(_)) => makes.clone(),
            _ => Vec::new(),
        }
    }

    /// What changes in a period in which a channel earns `to` instead of `from`
    /// and [`Meets::others`] earn so much. What a maker's test measures holds
    /// what its harvesters gained.
    pub(crate) fn moved(&self, channel: usize, number: f64, others: f64, (from, to): (f64, f64)) -> Moved {
        let (first, second) = self.usual();
        let times = |times: f64, by_number: f64| Moved {
            value: times * (to - from),
            by_from: -times,
            by_to: times,
            by_number: (to - from) * by_number,
            by_others: (to - from) * number / second,
        };
        match (&self.kind, self.part(channel)) {
            (Kind::Overlap { .. }, _) => {
                let [a, b] = [from, to].map(|own| Bend::new(number, (others + own) / first));
                Moved {
                    value: first * (b.value - a.value),
                    by_from: -a.slope,
                    by_to: b.slope,
                    by_number: first * (b.by_number - a.by_number),
                    by_others: b.slope - a.slope,
                }
            }
            (Kind::Pool { .. }, Some(0)) => {
                let share = others / second;
                times(1.0 + number * (share - 1.0), share - 1.0)
            }
            (Kind::Pool { .. }, _) => times(1.0 + number * others / second, others / second),
        }
    }

    /// What a draw says, where channels earn `earned` in the mean.
    pub(crate) fn met(&self, number: f64, earned: &[f64]) -> Met {
        let sum = |which: &[usize]| which.iter().map(|&i| earned[i]).sum::<f64>();
        match &self.kind {
            Kind::Overlap { members } => {
                let usual = self.usual().0;
                let r = (sum(members) / usual).max(1e-9);
                let share = 1.0 - Bend::new(number, r).value / (r * steeper(number));
                Met { number, share, made: 0.0 }
            }
            Kind::Pool { makes, harvests } => {
                let second = self.usual().1;
                let through = number * sum(harvests) / second;
                let made = number * sum(makes) / second;
                Met { number, share: through / (1.0 - number + through), made: made / (1.0 + made) }
            }
        }
    }
}

/// Slope at 0 of what an audience returns, where it returns today's sum today.
pub fn steeper(q: f64) -> f64 {
    if q < 1e-9 { 1.0 } else { q / -(-q).exp_m1() }
}

/// `(1 - e^(-q r)) / (1 - e^-q)` with its slopes by r and q.
struct Bend {
    value: f64,
    slope: f64,
    by_number: f64,
}

impl Bend {
    fn new(q: f64, r: f64) -> Bend {
        if q < 1e-6 {
            let value = r + 0.5 * q * r * (1.0 - r);
            return Bend { value, slope: 1.0 + q * (0.5 - r), by_number: 0.5 * r * (1.0 - r) };
        }
        let (all, here) = (-(-q).exp_m1(), -(-q * r).exp_m1());
        let by_number = (r * (1.0 - here) * all - here * (1.0 - all)) / (all * all);
        Bend { value: here / all, slope: q * (1.0 - here) / all, by_number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn pair(pool: bool) -> Meets {
        let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let meeting = match pool {
            true => Meeting::Pool { makes: names(&["a"]), harvests: names(&["b", "c"]) },
            false => Meeting::Overlap { channels: names(&["a", "c"]) },
        };
        Meets::of(&meeting, &["a", "b", "c"], vec![0.2, 0.1, 0.05]).unwrap()
    }

    #[test]
    fn as_usual_nothing_changes_and_slopes_are_those_of_what_is_earned() {
        const H: f64 = 1e-6;
        for (pool, at) in [(true, 0.4), (true, -1.0), (false, 0.7), (false, -11.9), (false, 2.0)] {
            let meets = pair(pool);
            let (number, by_at) = meets.number(at);
            assert_relative_eq!(
                by_at,
                (meets.number(at + H).0 - meets.number(at - H).0) / (2.0 * H),
                max_relative = 1e-6
            );
            assert!(meets.together(number, |i| [0.2, 0.1, 0.05][i]).abs() < 1e-12);
            let own = [[0.3, 0.02], [0.07, 0.3], [0.0, 0.11]];
            let pull = [0.7, -0.4];
            let worth = |number: f64, moved: (usize, usize, f64)| -> f64 {
                let one = |t: usize| {
                    let own = |i: usize| own[i][t] + if (i, t) == (moved.0, moved.1) { moved.2 } else { 0.0 };
                    pull[t] * (meets.together(number, own) + own(0) + own(1) + own(2))
                };
                one(0) + one(1)
            };
            let mut parts = [Vec::new(), Vec::new()];
            let by_number = meets.pulls(number, |i, t| own[i][t], &pull, &mut parts);
            let difference = |up: f64, down: f64| (up - down) / (2.0 * H);
            let found = difference(worth(number + H, (0, 0, 0.0)), worth(number - H, (0, 0, 0.0)));
            assert_relative_eq!(by_number, found, max_relative = 1e-5, epsilon = 1e-8);
            for i in 0..3 {
                for t in 0..2 {
                    let found = difference(worth(number, (i, t, H)), worth(number, (i, t, -H)));
                    let own = meets.part(i).map_or(pull[t], |part| parts[part][t]);
                    assert_relative_eq!(own, found, max_relative = 1e-5);
                }
            }
            for i in (0..3).filter(|&i| meets.part(i).is_some()) {
                let (from, to) = (0.04, 0.17);
                let usual = [0.25, 0.07, 0.06];
                let others: f64 = meets.others(i).iter().map(|&k| usual[k]).sum();
                let all = |own: f64| {
                    let at = |k: usize| if k == i { own } else { usual[k] };
                    meets.together(number, at) + at(0) + at(1) + at(2)
                };
                let moved = meets.moved(i, number, others, (from, to));
                assert_relative_eq!(moved.value, all(to) - all(from), max_relative = 1e-9);
                let value = |a: f64, b: f64, n: f64, o: f64| meets.moved(i, n, o, (a, b)).value;
                for (slope, k) in
                    [(moved.by_from, 0), (moved.by_to, 1), (moved.by_number, 2), (moved.by_others, 3)]
                {
                    let at = |by: f64| {
                        let mut at = [from, to, number, others];
                        at[k] += by;
                        value(at[0], at[1], at[2], at[3])
                    };
                    assert_relative_eq!(
                        slope,
                        difference(at(H), at(-H)),
                        max_relative = 1e-5,
                        epsilon = 1e-8
                    );
                }
            }
        }
    }
}
