//! A model that Meridian saved (`save_meridian`, `.binpb`), as its data and the
//! draws of its parameters.
//!
//! The file is one message of Meridian's published schema `mmm.v1`: the data
//! that the model was fitted to, point by point, the settings that its response
//! depends on, and the posterior as a NetCDF file of its own.

use indexmap::IndexMap;
use jiff::civil::Date;

use crate::arrays::{Array, Arrays};
use crate::netcdf::is_hdf5;
use crate::netcdf3;
use crate::wire::{Cut, Field, Message};

/// A model as saved.
pub(crate) struct Saved {
    /// The version of Meridian that wrote it.
    pub(crate) version: String,
    pub(crate) geos: Vec<String>,
    /// People in each geo.
    pub(crate) population: Vec<f64>,
    /// First days of the periods that media were seen in.
    pub(crate) media_times: Vec<Date>,
    /// The last so many of them have an outcome.
    pub(crate) times: usize,
    /// Money of one unit of the outcome, by geo and period; none where the file
    /// does not say.
    pub(crate) worth: Option<Vec<Vec<f64>>>,
    /// The outcome by geo and period.
    pub(crate) outcome: Vec<Vec<f64>>,
    pub(crate) outcome_name: String,
    pub(crate) currency: Option<String>,
    pub(crate) channels: Vec<Channel>,
    /// Periods after the first that spend works in.
    pub(crate) max_lag: Option<usize>,
    pub(crate) hill_before_adstock: bool,
    pub(crate) posterior: Arrays,
}

/// A paid channel.
pub(crate) struct Channel {
    pub(crate) name: String,
    /// Whether it is modelled by reach and frequency.
    pub(crate) reached: bool,
    /// Its place among channels of its kind.
    pub(crate) index: usize,
    /// Media units, or reach, by geo and media period.
    pub(crate) media: Vec<Vec<f64>>,
    /// Mean frequency, where reach is modelled.
    pub(crate) frequency: Vec<Vec<f64>>,
    /// Spend of every period with an outcome, over all geos.
    pub(crate) spend: Vec<f64>,
    pub(crate) binomial: bool,
    /// Whether its response saturates.
    pub(crate) saturates: bool,
}

/// The message of the model within a file, if it is one.
pub(crate) fn found(bytes: &[u8]) -> Option<Message<'_>> {
    // Data first, then the model by its type.
    let any = (bytes.first() == Some(&0x0a)).then(|| Message::read(bytes).ok())??.message(2).ok()?;
    any.get(1)?.text()?.ends_with("MeridianModel").then(|| any.message(2).ok())?
}

/// Reads a model.
///
/// # Errors
/// What the file lacks, in words.
pub(crate) fn read(bytes: &[u8]) -> Result<Saved, String> {
    let model = found(bytes).ok_or("its message is cut short")?;
    let inference = whole(model.message(14))?;
    let posterior = inference.get(3).and_then(Field::bytes).filter(|b| !b.is_empty());
    let posterior = posterior.ok_or("it holds no posterior: save the model after `sample_posterior`")?;
    if is_hdf5(posterior) {
        return Err("its posterior is NetCDF-4 inside, which Meridian 2.x does not write".to_owned());
    }
    let posterior = netcdf3::read(posterior).map_err(|e| format!("its posterior: {e}"))?;
    let data = whole(whole(Message::read(bytes))?.message(1))?;
    let metadata = whole(data.message(2))?;
    let names = Names::read(&metadata)?;
    let points = whole(data.messages(1))?;
    let table = Points::read(&points, &names)?;
    let settings = whole(model.message(3))?;
    let mut saved = Saved {
        version: model.get(2).and_then(Field::text).unwrap_or("?").to_owned(),
        max_lag: settings.get(3).and_then(Field::whole).and_then(|n| usize::try_from(n).ok()),
        hill_before_adstock: settings.get(2).and_then(Field::whole) == Some(1),
        currency: metadata.get(7).and_then(Field::text).filter(|c| c.len() == 3).map(str::to_owned),
        posterior,
        ..table.saved(&names)?
    };
    let decays = choice(&settings, 23, 24)?;
    let saturations = choice(&settings, 26, 27)?;
    for channel in &mut saved.channels {
        let of = |(all, each): &(Option<String>, IndexMap<String, String>)| {
            each.get(&channel.name).or(all.as_ref()).cloned()
        };
        channel.binomial = match of(&decays).as_deref() {
            None | Some("geometric") => false,
            Some("binomial") => true,
            Some(other) => return Err(format!("its adstock decay `{other}` is not known")),
        };
        channel.saturates = match of(&saturations).as_deref() {
            None | Some("hill") => true,
            Some("none") => false,
            Some(other) => return Err(format!("its saturation `{other}` is not known")),
        };
    }
    Ok(saved)
}

fn whole<T>(read: Result<T, Cut>) -> Result<T, String> {
    read.map_err(|Cut| "a message in it is cut short".to_owned())
}

/// A setting for all channels, or by their names.
fn choice(
    settings: &Message<'_>,
    all: u64,
    each: u64,
) -> Result<(Option<String>, IndexMap<String, String>), String> {
    let text = |m: &Message<'_>, n| m.get(n).and_then(Field::text).map(str::to_owned);
    let pairs = whole(whole(settings.message(each))?.messages(1))?;
    let by_name = pairs.iter().filter_map(|p| Some((text(p, 1)?, text(p, 2)?))).collect();
    Ok((text(settings, all), by_name))
}

/// Coordinates of the data.
struct Names {
    media_times: Vec<Date>,
    times: Vec<Date>,
    /// Paid channels by kind.
    media: Vec<String>,
    reach: Vec<String>,
}

impl Names {
    fn read(metadata: &Message<'_>) -> Result<Names, String> {
        let named = |number, wanted: &str| -> Result<Option<Message<'_>>, String> {
            let all = whole(metadata.messages(number))?;
            Ok(all.into_iter().find(|m| m.get(1).and_then(Field::text) == Some(wanted)))
        };
        let dates = |wanted: &str| -> Result<Vec<Date>, String> {
            let found = named(1, wanted)?.ok_or_else(|| format!("it has no dates called `{wanted}`"))?;
            whole(found.messages(2))?.iter().map(date).collect()
        };
        let channels = |wanted: &str| -> Result<Vec<String>, String> {
            let found = named(3, wanted)?;
            let texts = |m: Message<'_>| m.all(2).filter_map(Field::text).map(str::to_owned).collect();
            Ok(found.map_or(Vec::new(), texts))
        };
        let names = Names {
            media_times: dates("media_time")?,
            times: dates("time")?,
            media: channels("media")?,
            reach: channels("reach")?,
        };
        let late = names.media_times.len().checked_sub(names.times.len());
        if names.times.is_empty() || late.is_none_or(|late| names.media_times[late..] != names.times) {
            return Err("its dates of media do not end with its dates of outcomes".to_owned());
        }
        Ok(names)
    }
}

fn date(message: &Message<'_>) -> Result<Date, String> {
    let part = |n| message.get(n).and_then(Field::whole).unwrap_or(0);
    let made = || {
        let (year, month, day) =
            (part(1).try_into().ok()?, part(2).try_into().ok()?, part(3).try_into().ok()?);
        Date::new(year, month, day).ok()
    };
    made().ok_or_else(|| format!("{}-{}-{} in it is no date", part(1), part(2), part(3)))
}

/// The data, point by point.
struct Points {
    geos: IndexMap<String, f64>,
    cells: Vec<Cell>,
    /// Spend over all geos and periods, by channel.
    totals: IndexMap<String, f64>,
    worth: bool,
    outcome: String,
}

struct Cell {
    geo: usize,
    time: usize,
    /// Channel, media or reach, frequency, spend.
    media: Vec<(String, f64, f64, Option<f64>)>,
    /// Outcome, and money of one unit.
    kpi: Option<(f64, Option<f64>)>,
}

impl Points {
    fn read(points: &[Message<'_>], names: &Names) -> Result<Points, String> {
        let places: IndexMap<Date, usize> = names.media_times.iter().copied().zip(0..).collect();
        let mut table = Points {
            geos: IndexMap::new(),
            cells: Vec::new(),
            totals: IndexMap::new(),
            worth: true,
            outcome: String::new(),
        };
        for point in points {
            let place = whole(point.message(1))?;
            let mut media = Vec::new();
            for own in whole(point.messages(4))? {
                let value = whole(own.message(2))?.get(2).and_then(Field::double).unwrap_or(0.0);
                media.push((text(&own), value, 1.0, own.get(4).and_then(Field::double)));
            }
            for own in whole(point.messages(6))? {
                let reach = own.get(2).and_then(Field::whole).unwrap_or(0) as f64;
                let frequency = own.get(3).and_then(Field::double).unwrap_or(0.0);
                media.push((text(&own), reach, frequency, own.get(4).and_then(Field::double)));
            }
            let geo = place.get(1).and_then(Field::text).unwrap_or("");
            if geo.is_empty() {
                // Spend that is known in total only.
                table.totals.extend(media.into_iter().filter_map(|m| Some((m.0, m.3?))));
                continue;
            }
            let people = place.get(3).and_then(Field::double);
            let people = people.or(place.get(2).and_then(Field::whole).map(|n| n as f64)).unwrap_or(0.0);
            let entry = table.geos.entry(geo.to_owned());
            let index = entry.index();
            entry.or_insert(people);
            let start = date(&whole(whole(point.message(2))?.message(1))?)?;
            let time = *places.get(&start).ok_or_else(|| format!("{start} is none of its dates"))?;
            let kpi = point.get(5).map(|_| table.kpi(&whole(point.message(5))?)).transpose()?;
            table.cells.push(Cell { geo: index, time, media, kpi });
        }
        Ok(table)
    }

    fn kpi(&mut self, kpi: &Message<'_>) -> Result<(f64, Option<f64>), String> {
        self.outcome = text(kpi);
        let value = |m: &Message<'_>, n| m.get(n).and_then(Field::double);
        if kpi.get(2).is_some() {
            return Ok((value(&whole(kpi.message(2))?, 1).unwrap_or(0.0), Some(1.0)));
        }
        let other = whole(kpi.message(3))?;
        let worth = value(&other, 2);
        self.worth &= worth.is_some();
        Ok((value(&other, 1).unwrap_or(0.0), worth))
    }

    fn saved(self, names: &Names) -> Result<Saved, String> {
        let (geos, all, times) = (self.geos.len(), names.media_times.len(), names.times.len());
        let grid = |periods: usize, value: f64| vec![vec![value; periods]; geos];
        let late = all - times;
        let (mut outcome, mut worth) = (grid(times, f64::NAN), grid(times, 1.0));
        let kinds = [(&names.media, false), (&names.reach, true)];
        let mut channels: IndexMap<String, Channel> = IndexMap::new();
        let mut known = vec![vec![false; times]; names.media.len() + names.reach.len()];
        for (list, reached) in kinds {
            for (index, name) in list.iter().enumerate() {
                let own = Channel {
                    name: name.clone(),
                    reached,
                    index,
                    media: grid(all, f64::NAN),
                    frequency: grid(if reached { all } else { 0 }, f64::NAN),
                    spend: vec![0.0; times],
                    binomial: false,
                    saturates: true,
                };
                channels.insert(name.clone(), own);
            }
        }
        for cell in &self.cells {
            if let (Some((value, each)), Some(t)) = (cell.kpi, cell.time.checked_sub(late)) {
                outcome[cell.geo][t] = value;
                worth[cell.geo][t] = each.unwrap_or(1.0);
            }
            for (name, value, frequency, spend) in &cell.media {
                // Organic channels cost nothing and stay where they are.
                let Some((at, _, own)) = channels.get_full_mut(name) else { continue };
                own.media[cell.geo][cell.time] = *value;
                if own.reached {
                    own.frequency[cell.geo][cell.time] = *frequency;
                }
                if let (Some(spend), Some(t)) = (spend, cell.time.checked_sub(late)) {
                    own.spend[t] += spend;
                    known[at][t] = true;
                }
            }
        }
        let gap = |rows: &[Vec<f64>]| rows.iter().flatten().any(|x| !x.is_finite());
        if geos == 0 || gap(&outcome) {
            return Err("its outcomes are not there for every geo and period".to_owned());
        }
        for (at, own) in channels.values_mut().enumerate() {
            if gap(&own.media) || gap(&own.frequency) {
                return Err(format!("channel `{}` has no media for some geo and period", own.name));
            }
            if known[at].iter().all(|k| !k) {
                own.spend = spread(own, *self.totals.get(&own.name).unwrap_or(&0.0), late);
            }
        }
        Ok(Saved {
            version: String::new(),
            geos: self.geos.keys().cloned().collect(),
            population: self.geos.values().copied().collect(),
            media_times: names.media_times.clone(),
            times,
            worth: self.worth.then_some(worth),
            outcome,
            outcome_name: self.outcome,
            currency: None,
            channels: channels.into_values().collect(),
            max_lag: None,
            hill_before_adstock: false,
            posterior: Arrays::default(),
        })
    }
}

/// A total by period, as media units were bought.
fn spread(channel: &Channel, total: f64, late: usize) -> Vec<f64> {
    let bought = |t: usize| -> f64 {
        let of = |g: usize| channel.media[g][t] * channel.frequency[g].get(t).copied().unwrap_or(1.0);
        (0..channel.media.len()).map(of).sum()
    };
    let periods = late..channel.media.first().map_or(late, Vec::len);
    let all: f64 = periods.clone().map(bought).sum();
    periods.map(|t| if all > 0.0 { total * bought(t) / all } else { 0.0 }).collect()
}

fn text(message: &Message<'_>) -> String {
    message.get(1).and_then(Field::text).unwrap_or("").to_owned()
}

impl Saved {
    /// Draws of a parameter: chains, draws, and the sizes that follow.
    pub(crate) fn draws(&self, name: &str, sizes: &[usize]) -> Result<&Array, String> {
        let found =
            self.posterior.numbers.get(name).ok_or_else(|| format!("its posterior has no `{name}`"))?;
        if found.shape.len() < 2 || found.shape[2..] != *sizes || found.values.is_empty() {
            return Err(format!("`{name}` in its posterior has the sizes {:?}", found.shape));
        }
        Ok(found)
    }
}
