//! Views made by hand, for the renderers' tests.

use crate::metric::Key;
use crate::number::Kind;
use crate::view::{
    Aim, At, Ending, Figure, FlightPeriod, FlightRow, Flights, Group, GroupRow, LimitRow, LineRow, Member,
    MemberField, MemberKind, Proof, Repair, Side, View,
};
use outlay_scenario::spec::Metric;

fn line(name: &str, stage: &str, current: f64, spend: f64, at: At) -> LineRow {
    let revenue = 3.0 * spend.powf(0.9) * 4.0;
    LineRow {
        name: name.to_owned(),
        channel: "Meta".to_owned(),
        stage: stage.to_owned(),
        method: "auction".to_owned(),
        owner: String::new(),
        current,
        spend,
        fee: 0.0,
        share: spend / 1_000_000.0,
        change: (current > 0.0).then(|| spend / current - 1.0),
        min: 0.0,
        max: Some(600_000.0),
        revenue: Some(revenue),
        revenue_today: Some(12.0 * current.powf(0.9)),
        customers: Some(revenue / 180.0),
        customers_today: Some(12.0 * current.powf(0.9) / 180.0),
        cac: (spend > 0.0).then(|| spend * 180.0 / revenue),
        marginal_cac: Some(200.0),
        iroas: (spend > 0.0).then(|| revenue / spend),
        mroas: Some(1.25),
        at,
        extrapolated: name.starts_with("TikTok"),
        meeting: None,
        sure: None,
        judgement: name.starts_with("Meta").then(|| "planning team".to_owned()),
    }
}

/// A plan of three lines.
pub(crate) fn plan() -> View {
    let lines = vec![
        line("Meta prospecting", "awareness", 400_000.0, 333_333.3, At::Price),
        line("TikTok, the new & shiny", "awareness", 100_000.0, 500_000.4, At::Max),
        line("=Search", "conversion", 500_000.0, 166_666.3, At::Price),
    ];
    let group = |name: &str, current: f64, spend: f64| GroupRow {
        name: name.to_owned(),
        current,
        spend,
        share_today: current / 1_000_000.0,
        share: spend / 1_000_000.0,
        revenue: Some(2.0 * spend),
        customers: None,
    };
    let figure = |metric: Metric, today: f64, plan: f64| Figure {
        kind: Key::from(&metric).kind(),
        metric: metric.into(),
        today: Some(today),
        plan: Some(plan),
    };
    View {
        name: "Sample".to_owned(),
        source: "sample.toml".to_owned(),
        set: Vec::new(),
        currency: "USD".to_owned(),
        period: "13 weeks".to_owned(),
        warnings: Vec::new(),
        reported: Vec::new(),
        goal: Aim {
            maximize: true,
            metric: Metric::Revenue.into(),
            value: Some(3_456_789.0),
            today: Some(3_300_000.0),
            moves_cost: false,
            over: crate::view::Over::Mean,
        },
        ending: Ending::Optimal(Proof {
            bound: 3_456_789.03,
            gap: 8.7e-9,
            violation: 0.0,
            nodes: 1,
            parts: 1,
        }),
        figures: vec![
            figure(Metric::Revenue, 3_300_000.0, 3_456_789.0),
            figure(Metric::Spend, 1_000_000.0, 1_000_000.0),
            figure(Metric::Cac, 55.1, 51.834),
        ],
        lines,
        flights: None,
        groups: vec![Group {
            by: "stage",
            rows: vec![group("awareness", 500_000.0, 833_333.7), group("conversion", 500_000.0, 166_666.3)],
        }],
        limits: vec![
            LimitRow {
                name: "Blended CAC".to_owned(),
                owner: "finance".to_owned(),
                metric: Metric::Cac.into(),
                kind: Kind::Price,
                value: Some(51.834),
                today: Some(55.1),
                min: None,
                max: Some(51.834),
                binding: Some(Side::Max),
                slack: Some(0.0),
                price: Some(12_345.6),
                local: false,
                sure: None,
                broken_today: true,
            },
            LimitRow {
                name: "Conversion share".to_owned(),
                owner: "brand".to_owned(),
                metric: Metric::SpendShare.into(),
                kind: Kind::Percent,
                value: Some(0.1666663),
                today: Some(0.5),
                min: Some(0.1),
                max: Some(0.5),
                binding: None,
                slack: Some(0.0666663),
                price: None,
                local: false,
                sure: None,
                broken_today: false,
            },
        ],
        conflict: Vec::new(),
        repairs: Vec::new(),
        cheapest_repair: Vec::new(),
        later_goals: Vec::new(),
        uncertainty: None,
        meeting: None,
        rounding: None,
    }
}

/// A scenario without a plan.
pub(crate) fn infeasible() -> View {
    let cap = Member {
        kind: MemberKind::Limit,
        name: "Blended CAC".to_owned(),
        field: MemberField::Max,
        owner: "finance".to_owned(),
        number: Some(44.0),
        figure: Kind::Price,
        metric: Metric::Cac.into(),
        probability: None,
    };
    let budget = Member {
        kind: MemberKind::Budget,
        name: String::new(),
        field: MemberField::Min,
        owner: String::new(),
        number: Some(2_150_000.0),
        figure: Kind::Money,
        metric: Metric::Spend.into(),
        probability: None,
    };
    let repair = |member: &Member, to: f64| Repair {
        member: member.clone(),
        from: member.number,
        to: Some(to),
        unproven: false,
    };
    View {
        ending: Ending::Infeasible { parts: 1 },
        lines: Vec::new(),
        groups: Vec::new(),
        limits: Vec::new(),
        figures: Vec::new(),
        repairs: vec![repair(&cap, 48.2519), repair(&budget, 1_812_345.6)],
        cheapest_repair: vec![repair(&cap, 48.2519)],
        conflict: vec![cap, budget],
        ..plan()
    }
}

/// Flights of two lines over a quarter.
pub(crate) fn flights() -> Flights {
    let day = |t: u32| {
        let days = 4 + 7 * t;
        format!("2026-{:02}-{:02}", 1 + days / 30, 1 + days % 30)
    };
    let period = |t: u32| FlightPeriod {
        name: day(t),
        end: day(t + 1),
        spend: Some(30_000.0),
        revenue: Some(70_000.0 + 1_000.0 * f64::from(t)),
    };
    let row = |line: &str, spend: fn(u32) -> f64| FlightRow {
        line: line.to_owned(),
        spends: (0..13).map(spend).collect(),
    };
    Flights {
        unit: "week".to_owned(),
        periods: (0..13).map(period).collect(),
        rows: vec![
            row("TV <national>", |t| if t % 4 < 2 { 40_000.0 } else { 0.0 }),
            row("Search", |t| 10_000.0 + 500.0 * f64::from(t)),
        ],
        tail: Some(123_456.0),
        carried_in: Some(20_000.0),
    }
}
