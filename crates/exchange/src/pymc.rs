//! Models of pymc-marketing 1.x (`mmm.save`), draw by draw.
//!
//! A model's mean outcome is `target_scale` times the sum over channels of
//! saturation(adstock(spend / channel_scale)). At steady spend x the adstock is
//! W x, W being the sum of its weights, so that each draw is a curve of spend
//! per period at steady state.

use jiff::civil::Date;
use outlay_scenario::library::LibraryFile;
use outlay_scenario::spec::{CurveSpec, Outcome};
use serde_json::Value;

use crate::arrays::{Array, Arrays};
use crate::averaged::{KEPT, Posterior};
use crate::error::ImportError;
use crate::format::{Format, Imported, Source};
use crate::netcdf::{Netcdf, is_hdf5};
use crate::pymc_adstock::Adstock;
use crate::pymc_saturation::Saturation;

const NAME: &str = "pymc-marketing model (.nc)";

/// Models of pymc-marketing.
pub(crate) struct Pymc;

impl Format for Pymc {
    fn name(&self) -> &'static str {
        NAME
    }

    fn recognises(&self, source: &Source<'_>) -> bool {
        let open = || Netcdf::open(source.bytes, NAME).ok();
        is_hdf5(source.bytes) && open().is_some_and(|f| f.has("posterior") || f.has("saturation_beta"))
    }

    fn read(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        read(&Netcdf::open(source.bytes, NAME)?, source)
    }
}

/// A model that a program holds, by the recipe of its file.
///
/// # Errors
/// As for the file.
pub fn pymc_model(model: Arrays, source: &Source<'_>) -> Result<Imported, ImportError> {
    read(&Netcdf::of(model, NAME), source)
}

fn read(file: &Netcdf, source: &Source<'_>) -> Result<Imported, ImportError> {
    if !file.has("posterior") || !file.has("constant_data") {
        return Err(file.broken(
                "it holds a posterior without the model around it (scales, data, classes); save the model with `mmm.save(...)`".to_owned(),
            ));
    }
    Model::read(file)?.library(source)
}

/// What a model's file says.
struct Model<'a> {
    file: &'a Netcdf,
    adstock: Adstock,
    saturation: Saturation,
    adstock_first: bool,
    /// Names of the dimensions besides date and channel, with their labels.
    dims: Vec<(String, Vec<String>)>,
    channels: Vec<String>,
    priors: [Value; 2],
}

/// One channel in one place: its name, and an index for each dimension.
struct Cell {
    name: String,
    dims: Vec<usize>,
    channel: usize,
}

impl<'a> Model<'a> {
    fn read(file: &'a Netcdf) -> Result<Model<'a>, ImportError> {
        let refused = |what: String, remedy| ImportError::Refused { format: NAME, what, remedy };
        let json = |name: &str| -> Value {
            file.text(name).and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Value::Null)
        };
        const REFIT: &str = "fit a model without it, or import response curves of its own";
        if let Some(link) =
            json("link").as_str().or(file.text("link").as_deref()).filter(|l| *l != "identity")
        {
            return Err(refused(format!("its link is `{link}`: channels multiply"), REFIT));
        }
        match json("time_varying_media") {
            Value::Null | Value::Bool(false) => {}
            _ => return Err(refused("its media effects vary over time".to_owned(), REFIT)),
        }
        for effect in json("mu_effects").as_array().into_iter().flatten() {
            let text = effect.to_string();
            let class = effect.get("__type__").or(effect.get("class")).and_then(Value::as_str).unwrap_or("?");
            let media = ["channel", "media", "saturation", "adstock"].iter().any(|w| text.contains(w));
            if media {
                return Err(refused(format!("its effect `{class}` carries media of its own"), REFIT));
            }
        }
        let (adstock, saturation) = (json("adstock"), json("saturation"));
        let made = |e: String| refused(e, "fit a model with one of the library's own classes");
        let channels = file.texts("constant_data/channel").or_else(|_| file.texts("posterior/channel"))?;
        let mut dims = Vec::new();
        for dim in json("dims").as_array().into_iter().flatten().filter_map(Value::as_str) {
            dims.push((dim.to_owned(), file.texts(&format!("constant_data/{dim}"))?));
        }
        Ok(Model {
            file,
            adstock: Adstock::of(&adstock).map_err(made)?,
            saturation: Saturation::of(&saturation).map_err(made)?,
            adstock_first: json("adstock_first").as_bool().unwrap_or(true),
            dims,
            channels,
            priors: [adstock, saturation].map(|v| v.get("priors").cloned().unwrap_or(Value::Null)),
        })
    }

    /// Every channel in every place.
    fn cells(&self) -> Vec<Cell> {
        let mut places: Vec<(Vec<usize>, Vec<&str>)> = vec![(Vec::new(), Vec::new())];
        for (_, labels) in &self.dims {
            places = places
                .into_iter()
                .flat_map(|(index, names)| {
                    labels.iter().enumerate().map(move |(i, label)| {
                        ([index.clone(), vec![i]].concat(), [names.clone(), vec![label.as_str()]].concat())
                    })
                })
                .collect();
        }
        let mut cells = Vec::new();
        for (dims, names) in places {
            for (channel, name) in self.channels.iter().enumerate() {
                let name = [vec![name.as_str()], names.clone()].concat().join(", ");
                cells.push(Cell { name, dims: dims.clone(), channel });
            }
        }
        cells
    }

    /// The draws of a parameter.
    fn parameter(&self, prefix: &str, name: &str, which: usize) -> Result<Parameter, ImportError> {
        let prior = self.priors[which].get(name);
        if let Some(fixed) = prior.and_then(Value::as_f64) {
            return Ok(Parameter { array: Array { shape: vec![1], values: vec![fixed] }, dims: None });
        }
        let array = self.file.array(&format!("posterior/{prefix}_{name}"))?;
        let dims = prior.and_then(|p| p.get("dims").or_else(|| p.get("kwargs")?.get("dims")));
        let named = |v: &Value| match v {
            Value::String(one) => vec![one.clone()],
            Value::Array(all) => all.iter().filter_map(|d| d.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        let mut dims: Vec<String> = dims.map(named).unwrap_or_default();
        let own = array.shape.len().saturating_sub(2);
        if dims.len() != own {
            dims = self.dims_by_size(&array.shape[2.min(array.shape.len())..], prefix, name)?;
        }
        Ok(Parameter { array, dims: Some(dims) })
    }

    /// Names of a variable's dimensions from their sizes, where those tell.
    fn dims_by_size(&self, shape: &[usize], prefix: &str, name: &str) -> Result<Vec<String>, ImportError> {
        let all = self.dims.iter().map(|(n, l)| (n.clone(), l.len()));
        let all: Vec<(String, usize)> = all.chain([("channel".to_owned(), self.channels.len())]).collect();
        let mut found: Vec<String> = Vec::new();
        for size in shape {
            let mut fitting = all.iter().filter(|(n, s)| s == size && !found.contains(n));
            match (fitting.next(), fitting.next()) {
                (Some((name, _)), None) => found.push(name.clone()),
                _ => {
                    let what = format!("the dimensions of `posterior/{prefix}_{name}` cannot be told");
                    return Err(self.file.broken(what));
                }
            }
        }
        Ok(found)
    }

    fn place(&self, cell: &Cell, dim: &str) -> usize {
        let own = self.dims.iter().position(|(name, _)| name == dim);
        own.map_or(cell.channel, |i| cell.dims[i])
    }

    /// A scale: one number, or one for every place or channel.
    fn scale(&self, array: &Array, cell: &Cell) -> Result<f64, ImportError> {
        if array.values.len() == 1 {
            return Ok(array.values[0]);
        }
        let dims = self.dims_by_size(&array.shape, "..", "scale")?;
        let index: Vec<usize> = dims.iter().map(|d| self.place(cell, d)).collect();
        Ok(array.at(&index))
    }

    fn library(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        let file = self.file;
        let (spends, channel_scale) =
            (file.array("constant_data/channel_data")?, file.array("constant_data/channel_scale")?);
        let target_scale = file.array("constant_data/target_scale")?;
        let carried = self.adstock.parameters().iter();
        let carried: Vec<(&str, Parameter)> = carried
            .map(|name| Ok((*name, self.parameter(&self.adstock.prefix, name, 0)?)))
            .collect::<Result<_, ImportError>>()?;
        let shaped = self.saturation.parameters().iter();
        let shaped: Vec<(&str, Parameter)> = shaped
            .map(|name| Ok((*name, self.parameter(&self.saturation.prefix, name, 1)?)))
            .collect::<Result<_, ImportError>>()?;
        let sampled = carried.iter().chain(&shaped).find(|(_, p)| p.dims.is_some());
        let Some((_, any)) = sampled else { return Err(file.broken("no parameter was sampled".to_owned())) };
        let (chains, draws) = (any.array.shape[0], any.array.shape.get(1).copied().unwrap_or(1));
        let (unit, last) = self.calendar()?;
        let each = source.options.revenue_per_outcome.unwrap_or(1.0);
        let mut curves = Vec::new();
        let mut notes = Vec::new();
        for cell in self.cells() {
            let height = self.scale(&target_scale, &cell)? * each;
            let width = self.scale(&channel_scale, &cell)?;
            let spend = self.spend(&spends, &cell);
            if !(width > 0.0 && spend.iter().sum::<f64>() > 0.0) {
                notes.push(format!("`{}` has no spend and is left out", cell.name));
                continue;
            }
            let mut specs: Vec<CurveSpec> = Vec::with_capacity(chains * draws);
            let mut kernel = vec![0.0; self.adstock.length];
            for chain in 0..chains {
                for draw in 0..draws {
                    let value = |from: &[(&str, Parameter)], name: &str| {
                        let found = from.iter().find(|(n, _)| *n == name);
                        found.map_or(f64::NAN, |(_, p)| p.at(chain, draw, |d| self.place(&cell, d)))
                    };
                    let weights = self.adstock.kernel(|name| value(&carried, name));
                    let sum: f64 = weights.iter().sum();
                    for (mean, w) in kernel.iter_mut().zip(&weights) {
                        *mean += w / sum / (chains * draws) as f64;
                    }
                    let (width, height) =
                        if self.adstock_first { (width / sum, height) } else { (width, height * sum) };
                    specs.push(self.saturation.curve(width, height, |name| value(&shaped, name)));
                }
            }
            let posterior =
                Posterior { name: cell.name, outcome: Outcome::Revenue, draws: specs, kernel, spend };
            curves.push(posterior.curve().map_err(|what| file.broken(what))?);
        }
        notes.insert(
            0,
            format!(
                "{} curves from {} draws; each curve is the mean of its draws, which are kept{}",
                curves.len(),
                chains * draws,
                if chains * draws > KEPT { format!(" as {KEPT} evenly chosen ones") } else { String::new() },
            ),
        );
        if source.options.revenue_per_outcome.is_none() {
            let target = file.text("target_column").unwrap_or_else(|| "target".to_owned());
            notes.push(format!(
                "outcomes are `{target}` and taken for revenue; if it counts something else, say what one is worth with --revenue-per-outcome"
            ));
        }
        let library = LibraryFile {
            outlay: 1,
            currency: source.options.currency.clone(),
            unit: source.options.unit.clone().or(unit),
            fitted_at: last,
            source: Some(source.name.to_owned()),
            curves,
            meeting: None,
        };
        Ok(Imported { library, notes })
    }

    /// Spend of every period, in time.
    fn spend(&self, data: &Array, cell: &Cell) -> Vec<f64> {
        let periods = data.shape.first().copied().unwrap_or(0);
        let index = |t: usize| [vec![t], cell.dims.clone(), vec![cell.channel]].concat();
        (0..periods).map(|t| data.at(&index(t))).map(|x| if x.is_nan() { 0.0 } else { x }).collect()
    }

    /// Length of a period and the last date.
    fn calendar(&self) -> Result<(Option<String>, Option<String>), ImportError> {
        let path = "constant_data/date";
        let (Ok(days), Some(units)) = (self.file.array(path), self.file.attribute(path, "units")) else {
            return Ok((None, None));
        };
        let since =
            units.strip_prefix("days since ").and_then(|d| d.get(..10)).and_then(|d| d.parse::<Date>().ok());
        let (Some(since), Some(&last)) = (since, days.values.last()) else { return Ok((None, None)) };
        let date = since.checked_add(jiff::Span::new().days(last as i64)).ok().map(|d| d.to_string());
        let step = days.values.get(1).zip(days.values.first()).map(|(b, a)| (b - a) as i64);
        let unit = match step {
            Some(1) => Some("day"),
            Some(7) => Some("week"),
            Some(28..=31) => Some("month"),
            _ => None,
        };
        Ok((unit.map(str::to_owned), date))
    }
}

/// The draws of a parameter, or its fixed value.
struct Parameter {
    array: Array,
    /// Its dimensions after chain and draw; none for a fixed value.
    dims: Option<Vec<String>>,
}

impl Parameter {
    fn at(&self, chain: usize, draw: usize, place: impl Fn(&str) -> usize) -> f64 {
        match &self.dims {
            None => self.array.values[0],
            Some(dims) => {
                let own = dims.iter().map(|d| place(d));
                self.array.at(&[chain, draw].into_iter().chain(own).collect::<Vec<_>>())
            }
        }
    }
}
