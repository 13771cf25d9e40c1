use super::HistoryError;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Date of the period.
    Date,
    /// Name of the channel (long files).
    Channel,
    /// Spend of a channel.
    Spend {
        /// The channel's name, without the suffix that marks spend.
        channel: String,
    },
    /// The outcome to be explained.
    Outcome {
        /// Counts customers or conversions rather than money.
        customers: bool,
    },
    /// Money per customer or conversion.
    RevenuePerOutcome,
    /// Something else that moves the outcome.
    Control,
    /// Not used: exposures of a channel whose spend is there, groups, sizes.
    Ignored,
}

/// Columns chosen by name; everything else is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The date column.
    pub date: Option<String>,
    /// The outcome column.
    pub outcome: Option<String>,
    /// All spend columns; none means guessed.
    pub spend: Vec<String>,
    /// Controls, besides those guessed.
    pub control: Vec<String>,
    /// Columns to leave out.
    pub ignore: Vec<String>,
}

const DATES: [&str; 7] = ["date", "time", "week", "day", "month", "period", "ds"];
const CHANNELS: [&str; 3] = ["channel", "media", "platform"];
const MONEY: [&str; 4] = ["revenue", "sales", "turnover", "gmv"];
const COUNTS: [&str; 6] = ["customers", "conversions", "new_customers", "orders", "kpi", "outcome"];
const GROUPS: [&str; 6] = ["geo", "region", "market", "dma", "population", "id"];
const SPENDS: [&str; 5] = ["_spend", "_cost", " spend", "_s", " cost"];
const EXPOSURES: [&str; 11] = [
    "_impression",
    "_impressions",
    "_clicks",
    "_i",
    "_p",
    "_grp",
    "_grps",
    "_reach",
    "_frequency",
    "_views",
    " impressions",
];

/// What every column holds, from its name and what was chosen.
pub fn guess(header: &[String], chosen: &Chosen) -> Result<Vec<Role>, HistoryError> {
    let named = chosen.date.iter().chain(&chosen.outcome).chain(&chosen.spend).chain(&chosen.control);
    for name in named.chain(&chosen.ignore) {
        if !header.contains(name) {
            return Err(unknown(name, header));
        }
    }
    let mut roles: Vec<Role> = header.iter().map(|name| by_name(name, header, chosen)).collect();
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
    keep_first(&mut roles, &Role::Date);
    keep_first(&mut roles, &Role::Channel);
    keep_first(&mut roles, &Role::Outcome { customers: false });
    keep_first(&mut roles, &Role::Outcome { customers: true });
    Ok(roles)
}

fn by_name(name: &str, header: &[String], chosen: &Chosen) -> Role {
    let low = name.to_lowercase();
    let is = |one: &Option<String>| one.as_deref() == Some(name);
    let among = |many: &[String]| many.iter().any(|m| m == name);
    let counts = COUNTS.contains(&low.as_str());
    if among(&chosen.ignore) || name.is_empty() {
        Role::Ignored
    } else if is(&chosen.date) {
        Role::Date
    } else if is(&chosen.outcome) {
        Role::Outcome { customers: counts }
    } else if among(&chosen.spend) {
        Role::Spend { channel: stem(name, &SPENDS).unwrap_or(name).to_owned() }
    } else if among(&chosen.control) {
        Role::Control
    } else if chosen.date.is_none() && DATES.contains(&low.as_str()) {
        Role::Date
    } else if CHANNELS.contains(&low.as_str()) {
        Role::Channel
    } else if chosen.outcome.is_none() && MONEY.contains(&low.as_str()) {
        Role::Outcome { customers: false }
    } else if chosen.outcome.is_none() && counts {
        Role::Outcome { customers: true }
    } else if low.starts_with("revenue_per_") {
        Role::RevenuePerOutcome
    } else if GROUPS.contains(&low.as_str()) || MONEY.contains(&low.as_str()) || counts {
        Role::Ignored
    } else if chosen.spend.is_empty() && (low == "spend" || low == "cost") {
        Role::Spend { channel: name.to_owned() }
    } else if let Some(channel) = stem(name, &SPENDS).filter(|_| chosen.spend.is_empty()) {
        Role::Spend { channel: channel.to_owned() }
    } else if header.iter().any(|h| CHANNELS.contains(&h.to_lowercase().as_str())) {
        // A long file has no controls: they would repeat in every channel.
        Role::Ignored
    } else {
        Role::Control
    }
}

/// Exposures of a channel whose spend is known say the same thing twice.
fn is_exposure(name: &str, channels: &[String]) -> bool {
    let low = name.to_lowercase();
    stem(&low, &EXPOSURES).is_some_and(|s| channels.iter().any(|c| s.starts_with(c.as_str())))
}

fn stem<'a>(name: &'a str, suffixes: &[&str]) -> Option<&'a str> {
    suffixes.iter().find_map(|suffix| {
        let cut = name.len().checked_sub(suffix.len()).filter(|c| *c > 0 && name.is_char_boundary(*c))?;
        name[cut..].eq_ignore_ascii_case(suffix).then(|| name[..cut].trim())
    })
}

/// Further columns of a role that only one can have are not used.
fn keep_first(roles: &mut [Role], role: &Role) {
    roles.iter_mut().filter(|r| *r == role).skip(1).for_each(|r| *r = Role::Ignored);
}

fn unknown(name: &str, header: &[String]) -> HistoryError {
    let near = header.iter().map(|h| (strsim::damerau_levenshtein(h, name), h)).min();
    let nearest = near.filter(|(d, _)| *d <= 1 + name.chars().count() / 3).map(|(_, h)| h.clone());
    HistoryError::UnknownColumn { name: name.to_owned(), nearest, columns: header.to_vec() }
}
