//! A hand-made plan, judged.

use outlay_scenario::judged::{Better, JudgedFile};
use outlay_scenario::result::{Broken, FlightResult, Lead, LimitResult};
use outlay_scenario::{MemberKind, Scenario, Status};

use super::words;
use crate::blocks::{self, Block, Entry, Rows};
use crate::layout::Align;
use crate::metric::Key;
use crate::number::{Kind, full, short, signed};
use crate::sentence;
use crate::table::Page;
use crate::view::{Aim, aim_of, goal_metric, member_of};

/// A hand-made plan, judged, for a terminal.
pub fn judgement(file: &JudgedFile, scenario: &Scenario, page: Page) -> String {
    blocks::text(&Judged { file, scenario }.all(), page)
}

/// A hand-made plan, judged, for chat and pull requests.
pub fn judgement_markdown(file: &JudgedFile, scenario: &Scenario) -> String {
    blocks::markdown(&Judged { file, scenario }.all())
}

pub(super) fn all(file: &JudgedFile, scenario: &Scenario) -> Vec<Block> {
    Judged { file, scenario }.all()
}

struct Judged<'a> {
    file: &'a JudgedFile,
    scenario: &'a Scenario,
}

/// Most lines listed.
const MOST_LINES: usize = 40;

/// Most moves listed.
const MOST_MOVES: usize = 12;

impl Judged<'_> {
    fn all(&self) -> Vec<Block> {
        let file = self.file;
        let mut about = vec![file.plan.path.clone(), file.currency.clone().unwrap_or_default()];
        about.retain(|part| !part.is_empty());
        let mut out = vec![
            Block::Title(file.scenario.clone(), about.join(" · ")),
            Block::Paragraph(self.headline()),
            self.figures(),
        ];
        let warnings = file.warnings.iter().map(sentence::warned).map(Block::Paragraph);
        out.splice(2..2, warnings.chain(self.evenly().map(Block::Paragraph)));
        if !file.broken.is_empty() {
            out.push(Block::Heading("Broken".to_owned()));
            out.push(Block::Bullets(file.broken.iter().map(|b| self.broken(b)).collect()));
        }
        out.extend(self.sure().map(Block::Paragraph));
        out.push(Block::Heading("By line".to_owned()));
        out.push(self.lines());
        let rest = file.lines.len().saturating_sub(MOST_LINES);
        if rest > 0 {
            out.push(Block::Paragraph(format!("and {rest} more; --format json has all.")));
        }
        out.push(Block::Heading("Limits".to_owned()));
        out.push(self.limits());
        if !file.conflict.is_empty() {
            let currency = file.currency.as_deref().unwrap_or_default();
            let say = |m| sentence::demand(currency, &member_of(m, Some(self.scenario)));
            out.push(Block::Heading("No plan can keep these together".to_owned()));
            out.push(Block::Bullets(file.conflict.iter().map(say).collect()));
        }
        out.extend(self.left().map(Block::Paragraph));
        out.extend(self.left_at_same_spend().map(Block::Paragraph));
        if let Some(nearest) = &file.nearest {
            out.push(Block::Heading("The smallest change that makes it legal".to_owned()));
            out.push(Block::Paragraph(self.nearest_words(nearest.moved, nearest.least, nearest.plan.value)));
            out.push(self.moves(&nearest.plan));
        }
        if let Some(within) = &file.within {
            let percent = short(Kind::Percent, Some(within.max_change));
            match &within.plan {
                Some(plan) => {
                    out.push(Block::Heading(format!("The best plan within {percent} of it, line by line")));
                    out.push(Block::Paragraph(self.within_words(plan)));
                    out.push(self.moves(plan));
                }
                None if within.status == Status::Infeasible => out.push(Block::Paragraph(format!(
                    "No plan within {percent} of every line keeps all limits; that is proven."
                ))),
                None => out.push(Block::Paragraph(format!(
                    "Neither a legal plan within {percent} of every line nor a proof that there is none was found. Allow more with --nodes."
                ))),
            }
        }
        out
    }

    fn kind(&self) -> Kind {
        goal_metric(&self.file.goal).1.kind()
    }

    fn aim(&self) -> Aim {
        aim_of(&self.file.goal, self.file.value, None)
    }

    fn goal(&self) -> String {
        sentence::over_draws(&self.aim())
    }

    fn headline(&self) -> String {
        let total = self.file.limits.len();
        match self.file.broken.len() {
            0 if total == 0 => "The plan keeps every rule.".to_owned(),
            0 => format!(
                "The plan keeps every rule: {total} {} and what the lines state.",
                sentence::plural(total, "limit", "limits")
            ),
            n => format!("The plan breaks {n} {}.", sentence::plural(n, "rule", "rules")),
        }
    }

    /// What a plan by period is where its file has one spend a line.
    fn evenly(&self) -> Option<String> {
        let flights: Vec<_> = self.file.lines.iter().filter_map(|l| l.flight.as_ref()).collect();
        let same = |f: &&FlightResult| f.periods.windows(2).all(|two| two[0].spend == two[1].spend);
        let several = flights.first().is_some_and(|f| f.periods.len() > 1);
        (several && flights.iter().all(same)).then(|| {
            "Every line spends the same in every period. A plan that does not has a column `period`, with a row for each line and period.".to_owned()
        })
    }

    fn figures(&self) -> Block {
        let best = self.file.best.as_ref();
        let mut rows = Rows::new(&[Align::Left, Align::Right, Align::Right]);
        rows.row(["", "this plan", "best plan"]);
        let figures: [(&str, Kind, words::Total); 6] = [
            ("Spend", Kind::Money, |t| t.spend),
            ("Revenue", Kind::Money, |t| t.revenue),
            ("Profit", Kind::Money, |t| t.profit),
            ("New customers", Kind::Count, |t| t.customers),
            ("Blended CAC", Kind::Price, |t| t.cac),
            ("iROAS", Kind::Ratio, |t| t.iroas),
        ];
        for (label, kind, of) in figures {
            let (this, that) = (of(&self.file.totals), best.and_then(|b| of(&b.totals)));
            if this.is_some() || that.is_some() {
                rows.row([label.into(), Entry::figure(kind, this), Entry::figure(kind, that)]);
            }
        }
        Block::Table(rows)
    }

    /// What every line earns, with intervals where some have them.
    fn lines(&self) -> Block {
        let lines = &self.file.lines;
        let revenue = lines.iter().any(|l| l.revenue.is_some());
        let sure = lines.iter().any(|l| l.uncertainty.is_some());
        let (earned, average, marginal) =
            if revenue { ("revenue", "iROAS", "mROAS") } else { ("customers", "CAC", "next CAC") };
        let level = self.file.uncertainty.as_ref().map_or(0.0, |u| u.level);
        let between = format!("{}: from", short(Kind::Percent, Some(level)));
        let mut rows = Rows::new(&[Align::Left]);
        rows.columns.resize(if sure { 7 } else { 5 }, Align::Right);
        let head = ["line", "spend", earned, marginal, average, between.as_str(), "to"];
        rows.row(head.into_iter().take(rows.columns.len()));
        for line in lines.iter().take(MOST_LINES) {
            let range = line.uncertainty.and_then(|u| if revenue { u.iroas } else { u.cac });
            let kind = if revenue { Kind::Ratio } else { Kind::Price };
            let (earned, average, marginal) = if revenue {
                (Entry::figure(Kind::Money, line.revenue), line.iroas, line.mroas)
            } else {
                (Entry::figure(Kind::Count, line.customers), line.cac, line.marginal_cac)
            };
            let mut row =
                vec![line.name.clone().into(), Entry::figure(Kind::Money, Some(line.spend)), earned];
            let ends = [range.map(|r| r.low), range.map(|r| r.high)].into_iter().filter(|_| sure);
            row.extend([marginal, average].into_iter().chain(ends).map(|figure| Entry::figure(kind, figure)));
            rows.row(row);
        }
        Block::Table(rows)
    }

    /// The goal's interval, and the probability that the plan is better than
    /// today.
    fn sure(&self) -> Option<String> {
        let sure = self.file.uncertainty.as_ref()?;
        let row = |l: &LimitResult| Some((Key::from(&l.metric).kind(), l.uncertainty?));
        let limits = self.file.limits.iter();
        let limits = limits.filter_map(|l| row(l).map(|(kind, sure)| (l.name.as_str(), kind, sure)));
        sentence::told(&self.aim(), sure, limits)
    }

    fn limits(&self) -> Block {
        let mut rows = Rows::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left]);
        rows.row(["limit", "owner", "allowed", "plan", ""]);
        for limit in &self.file.limits {
            let kind = Key::from(&limit.metric).kind();
            let name = if limit.name == "budget" { "Budget" } else { &limit.name };
            rows.row([
                name.into(),
                limit.owner.clone().unwrap_or_default().into(),
                words::allowed(kind, limit.min, limit.max).into(),
                Entry::figure(kind, limit.value),
                self.verdict(kind, limit).into(),
            ]);
        }
        Block::Table(rows)
    }

    /// Kept, with what is left; or broken, by how much.
    fn verdict(&self, kind: Kind, limit: &LimitResult) -> String {
        let same = |b: &&Broken| {
            let budget = b.member.kind == MemberKind::Budget && limit.name == "budget";
            budget || b.member.kind == MemberKind::Limit && b.member.name == limit.name
        };
        let over = limit.max.zip(limit.value).map(|(max, v)| v - max);
        let under = limit.min.zip(limit.value).map(|(min, v)| min - v);
        let beyond = over.into_iter().chain(under).fold(f64::NEG_INFINITY, f64::max);
        let number = limit.min.into_iter().chain(limit.max).map(f64::abs).fold(0.0, f64::max);
        match self.file.broken.iter().find(same) {
            Some(_) if beyond.is_finite() => format!("broken by {}", short(kind, Some(beyond))),
            Some(_) => "broken".to_owned(),
            None if beyond.is_finite() && -beyond > 1e-6 * number => {
                format!("kept, {} left", short(kind, Some(-beyond)))
            }
            None => "kept, nothing left".to_owned(),
        }
    }

    fn broken(&self, broken: &Broken) -> String {
        let currency = self.file.currency.as_deref().unwrap_or_default();
        let member = member_of(&broken.member, Some(self.scenario));
        // As many digits as it takes to tell the figure from the number.
        let apart = |v: f64| {
            let shown = sentence::exact(member.figure, v);
            match broken.number.filter(|n| *n != v && sentence::exact(member.figure, *n) == shown) {
                Some(n) => format!(
                    "{} {} than that",
                    short(member.figure, Some((v - n).abs())),
                    if v > n { "more" } else { "less" }
                ),
                None => shown,
            }
        };
        let figure = broken.value.map_or_else(String::new, |v| format!("; the plan has {}", apart(v)));
        sentence::demand(currency, &member) + &figure
    }

    fn left(&self) -> Option<String> {
        let left = self.file.left_on_table?;
        let best = self.file.best.as_ref()?;
        let kind = self.kind();
        let size = best.value.map_or(0.0, f64::abs);
        let value = short(kind, best.value);
        let goal = self.goal();
        let most = left.most.map_or_else(String::new, |most| {
            let most = full(most.max(0.0), if size < 1000.0 { 4 } else { 0 });
            format!(" Proven: no plan that keeps all rules is better by more than {most}.")
        });
        let most = most + &self.lead(left.uncertainty);
        Some(if left.found > 1e-6 * size {
            let share = short(Kind::Percent, Some(left.found / size));
            format!(
                "Left on the table: {} of {goal} ({share}). The best legal plan has {value}.{most}",
                short(kind, Some(left.found))
            )
        } else if left.found < -1e-6 * size {
            format!(
                "By breaking its limits the plan does better, by {}, than any legal one: the best has {value} of {goal}.",
                short(kind, Some(-left.found))
            )
        } else {
            format!("Nothing is left on the table: the best legal plan has {value} of {goal} too.{most}")
        })
    }

    /// How sure the draws are that another plan is better.
    fn lead(&self, lead: Option<Lead>) -> String {
        let Some(lead) = lead.filter(|l| l.low < l.high) else { return String::new() };
        let percent = |share| short(Kind::Percent, Some(share));
        let level = self.file.uncertainty.as_ref().map_or(0.0, |u| u.level);
        format!(
            " Over the draws that one is better by {} to {} ({} interval), and better at all with probability {}.",
            signed(self.kind(), Some(lead.low)),
            signed(self.kind(), Some(lead.high)),
            percent(level),
            percent(lead.probability_better)
        )
    }

    /// What is left on the table at the plan's own spend.
    fn left_at_same_spend(&self) -> Option<String> {
        let (left, best) = self.file.left_at_same_spend.zip(self.file.best_at_same_spend.as_ref())?;
        Some(format!(
            "For no more money than the plan spends, the best legal plan has {} of {}, {} against it.{}",
            short(self.kind(), best.value),
            self.goal(),
            signed(self.kind(), best.value.zip(self.file.value).map(|(best, own)| best - own)),
            self.lead(left.uncertainty)
        ))
    }

    fn nearest_words(&self, moved: f64, least: Option<f64>, value: Option<f64>) -> String {
        let proven = match least {
            Some(least) if moved - least <= 1e-6 * moved.abs() => ", and no legal plan moves less".to_owned(),
            Some(least) => format!("; no legal plan moves less than {}", short(Kind::Money, Some(least))),
            None => String::new(),
        };
        format!(
            "Moving {} of spend keeps every rule{proven}. It then has {} of {}.",
            short(Kind::Money, Some(moved)),
            short(self.kind(), value),
            self.goal()
        )
    }

    fn within_words(&self, plan: &Better) -> String {
        let change = plan.value.zip(self.file.value).map(|(a, b)| a - b);
        let stopped = if plan.status == Status::Optimal {
            ""
        } else {
            " The search stopped before this was proven best."
        };
        format!(
            "It has {} of {}, {} against this plan.{stopped}",
            short(self.kind(), plan.value),
            self.goal(),
            signed(self.kind(), change)
        )
    }

    fn moves(&self, plan: &Better) -> Block {
        let total: f64 = self.file.lines.iter().map(|l| l.spend).sum();
        let pairs = self.file.lines.iter().zip(&plan.lines);
        let mut moves: Vec<(&str, f64, f64)> =
            pairs.map(|(a, b)| (a.name.as_str(), a.spend, b.spend)).collect();
        moves.retain(|(_, a, b)| (a - b).abs() > 1e-6 * total);
        moves.sort_by(|x, y| (y.2 - y.1).abs().total_cmp(&(x.2 - x.1).abs()));
        let rest = moves.len().saturating_sub(MOST_MOVES);
        let mut rows = Rows::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
        rows.row(["line", "this plan", "then", "change"]);
        for (name, from, to) in moves.into_iter().take(MOST_MOVES) {
            let money = |x| Entry::figure(Kind::Money, Some(x));
            rows.row([name.into(), money(from), money(to), Entry::moved(Kind::Money, Some(to - from))]);
        }
        if rest > 0 {
            rows.row([format!("and {rest} smaller {}", sentence::plural(rest, "move", "moves"))]);
        }
        Block::Table(rows)
    }
}
