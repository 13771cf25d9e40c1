//! What the columns of a history hold: chosen, or guessed from their headings
//! and cells.

use super::HistoryError;
use super::names::{Named, named};
use super::words::{COUNTS, MARKETS, MONEY, SIZES, is_count, is_exposure, is_outcome, spend_of};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Date of the period.
    Date,
    /// Name of the channel (long files).
    Channel,
    /// Name of the market, pooled over.
    Market,
    /// Spend of a channel.
    Spend {
        /// The channel's name, without what marks spend.
        channel: String,
    },
    /// The outcome to be explained.
    Outcome {
        /// Counts customers or conversions rather than money.
        customers: bool,
    },
    /// A part of the outcome that stands in a column of its own.
    Added,
    /// Money per customer or conversion.
    RevenuePerOutcome,
    /// What a channel's spend bought: the effect runs through it.
    Exposure {
        /// The channel's name.
        channel: String,
    },
    /// People, households or the like in a market: its size.
    Size,
    /// Something else that moves the outcome.
    Control,
    /// A volume without a cost: a control, and no channel that money could move.
    Costless,
    /// A day of the week or the like as a number, which the dates say already.
    Calendar,
    /// Not used: exposures of a channel whose spend is there, sizes.
    Ignored,
}

/// Columns chosen by name; everything else is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The sheet of a workbook; the first if none.
    pub sheet: Option<String>,
    /// The date column.
    pub date: Option<String>,
    /// The column of channel names.
    pub channel: Option<String>,
    /// The column of market names.
    pub market: Option<String>,
    /// The outcome column.
    pub outcome: Option<String>,
    /// Whether outcomes count customers rather than money.
    pub customers: Option<bool>,
    /// All spend columns; none means guessed.
    pub spend: Vec<String>,
    /// Controls, besides those guessed.
    pub control: Vec<String>,
    /// Columns to leave out.
    pub ignore: Vec<String>,
    /// What an empty cell of spend is.
    pub blank: Blank,
}

/// What an empty cell of spend is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blank {
    /// Not known, and so an error.
    #[default]
    Refused,
    /// Nothing spent.
    Zero,
}

impl Chosen {
    /// Every column named.
    fn columns(&self) -> impl Iterator<Item = &String> {
        let single = [&self.date, &self.channel, &self.market, &self.outcome];
        let many = [&self.spend, &self.control, &self.ignore];
        single.into_iter().flatten().chain(many.into_iter().flatten())
    }
}

/// Whether a heading is one of a history: some date, some outcome.
pub(super) fn is_history(header: &[String], chosen: &Chosen) -> bool {
    let cells = Cells { dated: &|_| false, moneyed: &|_| false, varied: &|_| true };
    guess(header, chosen, &cells).is_ok_and(|roles| {
        let outcome = roles.iter().any(|r| matches!(r, Role::Outcome { .. }));
        outcome && roles.contains(&Role::Date)
    })
}

/// What a column's cells tell where no name does.
pub(super) struct Cells<'a> {
    /// Whether they are dates.
    pub(super) dated: &'a dyn Fn(usize) -> bool,
    /// Whether they carry the sign of a currency.
    pub(super) moneyed: &'a dyn Fn(usize) -> bool,
    /// Whether they are not all the same.
    pub(super) varied: &'a dyn Fn(usize) -> bool,
}

/// What every column holds, from its name, from what was chosen, and where no
/// name decides from its cells.
pub(super) fn guess(
    header: &[String],
    chosen: &Chosen,
    cells: &Cells<'_>,
) -> Result<Vec<Role>, HistoryError> {
    let missing = chosen.columns().filter(|name| !header.contains(name));
    HistoryError::gather(missing.map(|name| Err::<(), _>(unknown(name, header))))?;
    let long = chosen.channel.is_some() || is_long(header);
    let own = |name: &String| match role(name, chosen, long) {
        Role::Outcome { customers: false } if chosen.outcome.is_none() && is_billed(name, header) => {
            Role::Ignored
        }
        role => role,
    };
    let mut roles: Vec<Role> = header.iter().map(own).collect();
    let channels: Vec<String> = roles
        .iter()
        .filter_map(|r| match r {
            Role::Spend { channel } => Some(channel.to_lowercase()),
            _ => None,
        })
        .collect();
    for (name, role) in header.iter().zip(&mut roles) {
        if *role == Role::Control && !chosen.control.contains(name) && is_exposure(name, &channels) {
            *role = Role::Ignored;
        }
    }
    if !long {
        expose(header, chosen, &mut roles);
        costless(header, chosen, &mut roles);
    }
    if !roles.contains(&Role::Date) {
        let free = |r: &Role| matches!(r, Role::Control | Role::Ignored);
        if let Some(i) = (0..roles.len()).find(|&i| free(&roles[i]) && (cells.dated)(i)) {
            roles[i] = Role::Date;
        }
    }
    if !long && chosen.spend.is_empty() && !roles.iter().any(|r| matches!(r, Role::Spend { .. })) {
        // Columns of money that nothing else claims, named like channels.
        for (i, name) in header.iter().enumerate() {
            if roles[i] == Role::Control && (cells.moneyed)(i) {
                roles[i] = Role::Spend { channel: name.clone() };
            }
        }
    }
    if !roles.contains(&Role::Market) || long {
        // Without markets a size may be anything; it was never a control.
        roles.iter_mut().filter(|r| **r == Role::Size).for_each(|r| *r = Role::Ignored);
    }
    let date = |i: usize| (!(cells.dated)(i), rank(&header[i]));
    keep_best(&mut roles, &Role::Date, date);
    keep_best(&mut roles, &Role::Size, |i| i);
    // One campaign for all rows tells nothing where insertion orders differ.
    keep_best(&mut roles, &Role::Channel, |i| (level(&header[i]), !(cells.varied)(i), rank(&header[i])));
    keep_best(&mut roles, &Role::Outcome { customers: false }, |i| rank(&header[i]));
    keep_best(&mut roles, &Role::Outcome { customers: true }, |i| rank(&header[i]));
    billed(header, chosen, &mut roles);
    if chosen.outcome.is_none() {
        parts(header, &mut roles);
    }
    if roles.contains(&Role::Outcome { customers: false }) {
        // Money is what gets explained; how many it came from is then not used.
        let count = Role::Outcome { customers: true };
        roles
            .iter_mut()
            .filter(|r| **r == count || **r == Role::RevenuePerOutcome)
            .for_each(|r| *r = Role::Ignored);
    }
    Ok(roles)
}

fn role(name: &str, chosen: &Chosen, long: bool) -> Role {
    if name.is_empty() || chosen.ignore.iter().any(|m| m == name) {
        return Role::Ignored;
    }
    picked(name, chosen).unwrap_or_else(|| by_name(name, chosen, long))
}

/// The role a column was chosen for.
fn picked(name: &str, chosen: &Chosen) -> Option<Role> {
    let is = |one: &Option<String>| one.as_deref() == Some(name);
    let among = |many: &[String]| many.iter().any(|m| m == name);
    if is(&chosen.date) {
        Some(Role::Date)
    } else if is(&chosen.channel) {
        Some(Role::Channel)
    } else if is(&chosen.market) {
        Some(Role::Market)
    } else if is(&chosen.outcome) {
        Some(Role::Outcome { customers: chosen.customers.unwrap_or(is_count(name)) })
    } else if among(&chosen.spend) {
        Some(Role::Spend { channel: spend_of(name).unwrap_or_else(|| name.to_owned()) })
    } else if among(&chosen.control) {
        Some(Role::Control)
    } else {
        None
    }
}

fn by_name(name: &str, chosen: &Chosen, long: bool) -> Role {
    let low = name.to_lowercase();
    let (money, counts) = (is_outcome(name, &MONEY), is_outcome(name, &COUNTS));
    let spend = spend_of(name);
    let known =
        if low.starts_with("revenue_per_") || low.starts_with("revenue per ") { None } else { named(name) };
    match known {
        Some(Named::Date { .. }) if chosen.date.is_none() => return Role::Date,
        Some(Named::Channel { .. }) if chosen.channel.is_none() && long => return Role::Channel,
        Some(Named::Spend) if chosen.spend.is_empty() => return Role::Spend { channel: name.to_owned() },
        Some(Named::Money { .. }) if chosen.outcome.is_none() => {
            return Role::Outcome { customers: chosen.customers.unwrap_or(false) };
        }
        Some(Named::Count { .. }) if chosen.outcome.is_none() => {
            return Role::Outcome { customers: chosen.customers.unwrap_or(true) };
        }
        Some(Named::Rate | Named::Exposure | Named::Currency | Named::BilledCost) => return Role::Ignored,
        Some(Named::Spend | Named::Money { .. } | Named::Count { .. }) => return Role::Ignored,
        _ => {}
    }
    if chosen.market.is_none() && MARKETS.contains(&low.as_str()) {
        Role::Market
    } else if chosen.outcome.is_none() && (money || counts) {
        Role::Outcome { customers: chosen.customers.unwrap_or(!money) }
    } else if low.starts_with("revenue_per_") || low.starts_with("revenue per ") {
        Role::RevenuePerOutcome
    } else if SIZES.contains(&low.as_str()) {
        Role::Size
    } else if money || counts || low == "id" {
        Role::Ignored
    } else if let Some(channel) = spend.filter(|_| chosen.spend.is_empty()) {
        Role::Spend { channel }
    } else if long {
        // A long file has no controls: they would repeat in every channel.
        Role::Ignored
    } else {
        Role::Control
    }
}

/// Gives every channel the column of what its spend bought, the plainest if
/// there are several.
fn expose(header: &[String], chosen: &Chosen, roles: &mut [Role]) {
    const VOLUMES: [&str; 8] = ["grp", "trp", "impression", "spot", "view", "click", "_i", "_p"];
    let free = |i: usize| {
        matches!(roles[i], Role::Ignored | Role::Control)
            && ![&chosen.control, &chosen.ignore].into_iter().any(|c| c.contains(&header[i]))
    };
    let volume = |name: &str| {
        VOLUMES.iter().position(|v| if v.starts_with('_') { name.ends_with(v) } else { name.contains(v) })
    };
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
    let mut found: Vec<(usize, String)> = Vec::new();
    for role in roles.iter() {
        let Role::Spend { channel } = role else { continue };
        let own = plain(channel);
        let of = |name: &str| {
            let rest = plain(name).strip_prefix(own.as_str())?.trim().to_owned();
            let words = rest.split_whitespace().count();
            volume(&name.to_lowercase()).filter(|_| (1..=2).contains(&words)).map(|v| (v, words))
        };
        let ranked = (0..header.len()).filter(|&i| free(i)).filter_map(|i| Some((of(&header[i])?, i)));
        found.extend(ranked.min().map(|(_, i)| (i, channel.clone())));
    }
    for (i, channel) in found {
        roles[i] = Role::Exposure { channel };
    }
}

/// Volumes of what costs nothing (`email_sends`, `pr_impressions`) beside
/// channels that cost: controls, so that their effect is not read as another's.
/// Only where spend columns are named by channel: a platform's own report has
/// volumes that its spend bought.
fn costless(header: &[String], chosen: &Chosen, roles: &mut [Role]) {
    const PARTS: [&str; 12] = [
        "link", "video", "page", "post", "outbound", "landing", "unique", "total", "all", "paid", "thruplay",
        "engaged",
    ];
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
    let mut channels = Vec::new();
    for (name, role) in header.iter().zip(roles.iter()) {
        if let Role::Spend { channel } = role {
            if spend_of(name).is_none() {
                return;
            }
            channels.push(plain(channel));
        }
    }
    for (name, role) in header.iter().zip(roles.iter_mut()) {
        let words = plain(name);
        let own = words.split_whitespace().next().unwrap_or("");
        let bought = channels.iter().any(|c| words.starts_with(c.as_str()) || c.starts_with(own));
        let named = words.split_whitespace().count() > 1 && !PARTS.contains(&own);
        if *role == Role::Ignored
            && named
            && !bought
            && !chosen.ignore.contains(name)
            && self::named(name) == Some(Named::Exposure)
        {
            *role = Role::Costless;
        }
    }
}

/// Of columns of a role that only one can have, all but the best are not used.
fn keep_best<K: Ord>(roles: &mut [Role], role: &Role, rank: impl Fn(usize) -> K) {
    let all: Vec<usize> = (0..roles.len()).filter(|&i| roles[i] == *role).collect();
    let best = all.iter().copied().min_by_key(|&i| rank(i));
    all.into_iter().filter(|&i| Some(i) != best).for_each(|i| roles[i] = Role::Ignored);
}

/// How plainly a heading says what it says.
fn rank(name: &str) -> usize {
    match named(name) {
        Some(
            Named::Date { rank }
            | Named::Channel { rank, .. }
            | Named::Money { rank }
            | Named::Count { rank },
        ) => rank,
        _ => usize::MAX - 1,
    }
}

/// Channels, then campaigns, then what a campaign is made of.
fn level(name: &str) -> usize {
    match named(name) {
        Some(Named::Channel { level, .. }) => level,
        _ => usize::MAX,
    }
}

/// One row per period and channel: a column names channels, or campaigns whose
/// spend stands in a column of its own.
fn is_long(header: &[String]) -> bool {
    let any = |is: fn(Named) -> bool| header.iter().any(|h| named(h).is_some_and(is));
    any(|n| matches!(n, Named::Channel { level: 0, .. }))
        || (any(|n| matches!(n, Named::Channel { .. }))
            && any(|n| matches!(n, Named::Spend | Named::BilledCost))
            && !header.iter().any(|h| named(h).is_none() && spend_of(h).is_some()))
}

/// What Display & Video 360 calls revenue is spend where no media cost stands
/// beside it, and never an outcome; its total media cost is the media cost with
/// fees.
fn billed(header: &[String], chosen: &Chosen, roles: &mut [Role]) {
    if !chosen.spend.is_empty() {
        return;
    }
    let words = |i: usize| outlay_table::plain(&header[i]);
    let spends: Vec<usize> = (0..roles.len()).filter(|&i| matches!(roles[i], Role::Spend { .. })).collect();
    let media = spends.iter().any(|&i| words(i).starts_with("media cost"));
    let whole = spends.iter().find(|&&i| words(i).starts_with("total media cost"));
    match (header.iter().position(|h| is_billed(h, header)), whole) {
        (Some(_), Some(&whole)) if media => roles[whole] = Role::Ignored,
        (Some(at), _) if spends.is_empty() && roles[at] == Role::Ignored => {
            roles[at] = Role::Spend { channel: header[at].clone() };
        }
        _ => {}
    }
}

/// Whether a column is what an advertiser pays, called revenue.
fn is_billed(name: &str, header: &[String]) -> bool {
    let order = |h: &String| outlay_table::plain(h).starts_with("insertion order");
    named(name) == Some(Named::BilledCost)
        || (outlay_table::plain(name) == "revenue" && header.iter().any(order))
}

/// Revenue after a click and after a view of an ad are parts of one outcome,
/// where a report has both and no total.
fn parts(header: &[String], roles: &mut [Role]) {
    let words = |i: usize| outlay_table::plain(&header[i]);
    let Some(kept) = roles.iter().position(|r| *r == Role::Outcome { customers: false }) else { return };
    let name = words(kept);
    for (one, other) in [("post click", "post view"), ("post view", "post click")] {
        if name.contains(one) {
            let rest = name.replace(one, other);
            let part = (0..roles.len()).find(|&i| roles[i] == Role::Ignored && words(i) == rest);
            part.into_iter().for_each(|i| roles[i] = Role::Added);
        }
    }
}

/// Whether the channels are campaigns of a platform's export.
pub(super) fn is_export(header: &[String], roles: &[Role]) -> bool {
    let at = roles.iter().position(|r| *r == Role::Channel);
    at.is_some_and(|i| matches!(named(&header[i]), Some(Named::Channel { level: 1.., .. })))
}

fn unknown(name: &str, header: &[String]) -> HistoryError {
    let near = header.iter().map(|h| (strsim::damerau_levenshtein(h, name), h)).min();
    let nearest = near.filter(|(d, _)| *d <= 1 + name.chars().count() / 3).map(|(_, h)| h.clone());
    HistoryError::UnknownColumn { name: name.to_owned(), nearest, columns: header.to_vec() }
}
