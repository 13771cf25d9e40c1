//! Exports as ad platforms write them say what a plain table says.

use outlay_scenario::Data;
use outlay_scenario::history::{
    Chosen, HistoryError, HistoryFile, Role, TableError, Unit, Why, read_history,
};

/// A day of a campaign: date, name, spend, revenue.
type Day = (jiff::civil::Date, &'static str, f64, f64);

/// Four weeks of three campaigns, one with a comma in its name.
fn days() -> Vec<Day> {
    let names = ["Brand search", "Generic, broad", "Retargeting"];
    let day = |d: i64| jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().days(d));
    let figure = |d: i64, c: usize, times: f64| ((1200 + 37 * d * (c as i64 + 1) % 977) as f64) * times;
    let rows = (0..28).flat_map(|d| (0..3).map(move |c| (d, c)));
    rows.map(|(d, c)| (day(d), names[c], figure(d, c, 1.01), figure(d, c, 1.43))).collect()
}

fn read_bytes(bytes: &[u8]) -> Result<HistoryFile, HistoryError> {
    read_history(&Data::bytes("export", bytes), &Chosen::default())
}

/// Asserts that a file says what [`days`] say.
fn same(what: &str, bytes: &[u8]) -> HistoryFile {
    let read = read_bytes(bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
    let names: Vec<&str> = read.history.channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["Brand search", "Generic, broad", "Retargeting"], "{what}");
    assert_eq!((read.unit, read.history.periods()), (Unit::Day, 28), "{what}");
    let close = |a: f64, b: f64| (a - b).abs() < 0.006;
    for (i, (_, _, spend, revenue)) in days().into_iter().enumerate() {
        let channel = &read.history.channels[i % 3];
        let earned = channel.outcome.as_ref().unwrap()[i / 3];
        assert!(close(channel.spend[i / 3], spend) && close(earned, revenue), "{what}, row {i}");
    }
    assert!(!read.customers, "{what}");
    read
}

/// `1,234.56`.
fn grouped(x: f64) -> String {
    let text = format!("{x:.2}");
    match text.len() {
        7.. => format!("{},{}", &text[..text.len() - 6], &text[text.len() - 6..]),
        _ => text,
    }
}

fn sums() -> (f64, f64) {
    days().iter().fold((0.0, 0.0), |(s, r), d| (s + d.2, r + d.3))
}

/// A line per day of a campaign.
fn lines(write: impl Fn(&Day) -> String) -> String {
    days().iter().map(|d| write(d) + "\n").collect()
}

fn google(separator: &str, quote: &str) -> String {
    let s = separator;
    let (spent, earned) = sums();
    let q = |t: &str| format!("{quote}{t}{quote}");
    let row = |d: &Day| {
        format!(
            "{}{s}Enabled{s}{}{s}USD{s}{}{s}{}{s}{}{s}28.60{s}{}",
            d.0,
            q(d.1),
            q(&grouped(d.2)),
            q("211,851"),
            q("0.50"),
            q(&grouped(d.3))
        )
    };
    let head = [
        "Day",
        "Campaign status",
        "Campaign",
        "Currency code",
        "Cost",
        "Impr.",
        "Avg. CPC",
        "Conversions",
        "Conv. value",
    ];
    let total = format!(
        "Total: Account{s}--{s}--{s}USD{s}{}{s}--{s}0.50{s}99{s}{}\n",
        q(&grouped(spent)),
        q(&grouped(earned))
    );
    format!(
        "Campaign report\n{}\n{}\n{}{total}",
        q("January 5, 2026 - February 1, 2026"),
        head.join(s),
        lines(row)
    )
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.replace('\n', "\r\n");
    [0xff, 0xfe].into_iter().chain(units.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn google_ads() {
    let read = same("Google Ads", google(",", "\"").as_bytes());
    assert_eq!(read.source.heading, 3);
    let why: Vec<Why> = read.source.skipped.iter().map(|s| s.why).collect();
    assert_eq!(why, [Why::Above, Why::Above, Why::Total]);
    let excel = same("Google Ads for Excel", &utf16(&google("\t", "")));
    assert_eq!(excel.source.encoding, Some("UTF-16LE"));
    let row = |d: &Day| {
        let comma = |x: f64| format!("{x:.2}").replace('.', ",");
        format!("{};{};EUR;{};211.851;{}", d.0.strftime("%d.%m.%Y"), d.1, comma(d.2), comma(d.3))
    };
    let german = format!(
        "Kampagnenbericht\n5. Januar 2026 - 1. Februar 2026\nTag;Kampagne;Währungscode;Kosten;Impr.;Conv.-Wert\n{}Gesamt: Konto;--;EUR;1;2;3\n",
        lines(row)
    );
    same("Google Ads in German", german.as_bytes());
    let latin: Vec<u8> = german.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(same("the same in Latin-1", &latin).source.encoding, Some("Windows-1252 (Latin-1)"));
}

#[test]
fn meta_and_tiktok() {
    let row =
        |d: &Day| format!("{0},{0},\"{1}\",active,{0},{2:.2},211851,2542,28,{3:.2}", d.0, d.1, d.2, d.3);
    let head = "Reporting starts,Reporting ends,Campaign name,Campaign delivery,Day,Amount spent (USD),Impressions,Link clicks,Purchases,Purchases conversion value";
    let (spent, earned) = sums();
    let total = format!("2026-01-05,2026-02-01,,,,{spent:.2},17795484,213528,2352,{earned:.2}");
    same("Meta", format!("\u{feff}{head}\n{}", lines(row)).as_bytes());
    let first =
        same("Meta with its totals on top", format!("\u{feff}{head}\n{total}\n{}", lines(row)).as_bytes());
    assert_eq!(first.source.skipped[0].why, Why::Total);
    let whole = format!(
        "Reporting starts,Reporting ends,Campaign name,Amount spent (USD),Purchases conversion value\n2026-01-05,2026-02-01,A,{spent},1\n2026-01-05,2026-02-01,B,5,1\n"
    );
    let refused = read_bytes(whole.as_bytes());
    assert!(matches!(refused, Err(HistoryError::Span { row: 2, .. })), "{refused:?}");
    let row = |d: &Day| format!("{} 00:00:00,\"{}\",{:.2},0.50,211851,28,{:.2}", d.0, d.1, d.2, d.3);
    let tiktok = format!(
        "\u{feff}Date,Campaign name,Cost,CPC (destination),Impressions,Conversions,Total purchase value\n{}Total of 84 results,-,\"1,1\",0.5,2,3,4\n",
        lines(row)
    );
    same("TikTok", tiktok.as_bytes());
}

#[test]
fn linkedin_and_microsoft() {
    let row = |d: &Day| {
        let day = d.0.strftime("%-m/%-d/%Y");
        format!(
            "{day}\tAcme\tUSD\tGroup A\t900001\t{}\t1/1/2026\t50.00\t{}\t211851\t0.50\t28\t{}",
            d.1,
            grouped(d.2),
            grouped(d.3)
        )
    };
    let head = "Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group Name\tCampaign ID\tCampaign Name\tCampaign Start Date\tDaily Budget\tTotal Spent\tImpressions\tAverage CPC\tConversions\tTotal Conversion Value";
    let linkedin = format!(
        "Campaign Performance Report (in UTC)\nReport Start: January 5, 2026, 12:00 AM\nReport End: February 1, 2026, 11:59 PM\nDate Generated: February 2, 2026, 9:00 AM\n\n{head}\n{}",
        lines(row)
    );
    same("LinkedIn", &utf16(&linkedin));
    let row = |d: &Day| {
        let day = d.0.strftime("%-m/%-d/%Y");
        format!(
            "\"{day}\",\"Acme\",\"{}\",\"Active\",\"USD\",\"211851\",\"1.20%\",\"0.50\",\"{:.2}\",\"28\",\"{:.2}\",\"--\"",
            d.1, d.2, d.3
        )
    };
    let above = "\"Report Name: Campaigns\"\n\"Report Time: 1/5/2026,2/1/2026\"\n\"Time Zone: (GMT-08:00) Pacific Time (US & Canada); Tijuana\"\n\"Last Completed Available Day: 2/2/2026 10:15:00 PM (GMT)\"\n\"Report Filter: \"\n\"Potential Incomplete Data: false\"\n\"Rows: 84\"\n\n";
    let head = "\"Gregorian date\",\"Account name\",\"Campaign name\",\"Campaign status\",\"Currency code\",\"Impressions\",\"CTR\",\"Avg. CPC\",\"Spend\",\"Conversions\",\"Revenue\",\"Return on ad spend\"";
    let microsoft =
        format!("{above}{head}\n{}\n\"©2026 Microsoft Corporation. All rights reserved. \"\n", lines(row));
    let read = same("Microsoft Advertising", microsoft.as_bytes());
    assert_eq!(read.source.skipped.last().unwrap().why, Why::Footer);
    let api = microsoft
        .replace("Gregorian date", "TimePeriod")
        .replace("Campaign name", "CampaignName")
        .replace("Avg. CPC", "AverageCpc")
        .replace("Return on ad spend", "ReturnOnAdSpend");
    same("Microsoft Advertising by its interface", api.as_bytes());
}

#[test]
fn amazon_and_analytics() {
    let row = |d: &Day| {
        format!(
            "\"{}\",Not grouped,USD,\"{}\",211851,1.2%,$0.50,\"${}\",\"${}\",74.1%,28",
            d.0.strftime("%b %d, %Y"),
            d.1,
            grouped(d.2),
            grouped(d.3)
        )
    };
    let head = "Date,Portfolio name,Currency,Campaign Name,Impressions,Click-Thru Rate (CTR),Cost Per Click (CPC),Spend,7 Day Total Sales ,Total Advertising Cost of Sales (ACOS) ,7 Day Total Orders (#)";
    let amazon = same("Amazon", format!("{head}\n{}", lines(row)).as_bytes());
    let role = |name: &str| amazon.columns.iter().find(|c| c.0 == name).unwrap().1.clone();
    assert_eq!(role("7 Day Total Sales"), Role::Outcome { customers: false });
    assert_eq!(role("Cost Per Click (CPC)"), Role::Ignored);
    let row = |d: &Day| format!("{},\"{}\",2542,28.60,{:.2},{:.2}", d.0.strftime("%Y%m%d"), d.1, d.2, d.3);
    let analytics = format!(
        "# ---\n# Traffic acquisition\n# Account: Acme\n# Start date: 20260105\nDate,Session campaign,Sessions,Key events,Total ad spend,Total revenue\n,Grand total,1,2,{:.2},{:.2}\n{}",
        sums().0,
        sums().1,
        lines(row)
    );
    same("Google Analytics", analytics.as_bytes());
}

#[test]
fn display_and_video() {
    let row = |d: &Day| {
        format!(
            "{},\"{}\",USD,211851,{:.4},{:.6},{:.6}",
            d.0.strftime("%Y/%m/%d"),
            d.1,
            d.3 / 60.0,
            1.15 * d.2,
            d.2
        )
    };
    let head = "Date,Insertion Order,Advertiser Currency,Impressions,Total Conversions,Revenue (Adv Currency),Media Cost (Advertiser Currency)";
    let (spent, earned) = sums();
    let text = format!(
        "{head}\n{},,,17795484,{:.4},{:.6},{spent:.6}\n\nReport Time:,2026/02/02 09:15 GMT\nDate Range:,2026/01/05 to 2026/02/01\nGroup By:,Date\nMRC Accredited Metrics,Only some are\nFilter by Advertiser ID:,1234\n",
        lines(row),
        earned / 60.0,
        1.15 * spent
    );
    let read = read_bytes(text.as_bytes()).unwrap();
    // It knows conversions but no value of theirs; what it calls revenue is
    // what the advertiser pays.
    assert!(read.customers);
    let channel = &read.history.channels[1];
    assert_eq!((channel.name.as_str(), channel.spend[3]), ("Generic, broad", days()[10].2));
    assert!((channel.outcome.as_ref().unwrap()[3] - days()[10].3 / 60.0).abs() < 1e-3);
    let why: Vec<Why> = read.source.skipped.iter().map(|s| s.why).collect();
    assert_eq!(why, [[Why::Total].as_slice(), &[Why::Footer; 5]].concat());
    let two = "Date,Insertion Order,Media Cost,Spend,Conversions\n2026-01-05,A,1,2,3\n2026-01-06,A,1,2,3\n";
    let refused = read_bytes(two.as_bytes());
    assert!(matches!(refused, Err(HistoryError::Spends { .. })), "{refused:?}");
}

#[test]
fn what_an_export_leaves_out_is_zero_and_told() {
    let text = google(",", "\"");
    let cut: String = text
        .lines()
        .filter(|l| !(l.starts_with("2026-01-09") && l.contains("Retargeting")))
        .map(|l| format!("{l}\n"))
        .collect();
    let read = read_bytes(cut.as_bytes()).unwrap();
    assert_eq!((read.zeros, read.history.channels[2].spend[4]), (1, 0.0));
}

#[test]
fn two_currencies_are_refused() {
    let text = "date,country,tv_spend,revenue\n2024-01-01,UK,£5,£50\n2024-01-08,UK,£5,£50\n2024-01-01,DE,€5,€50\n2024-01-08,DE,€5,€50\n";
    let refused = read_bytes(text.as_bytes());
    assert!(
        matches!(refused, Err(HistoryError::Table(TableError::Currencies { row: 4, .. }))),
        "{refused:?}"
    );
    let headings = "date,TV spend (GBP),Search spend (EUR),revenue\n2024-01-01,5,5,50\n2024-01-08,5,5,50\n";
    assert!(matches!(
        read_bytes(headings.as_bytes()),
        Err(HistoryError::Table(TableError::Currencies { row: 1, .. }))
    ));
    let codes = google(",", "\"").replacen(",USD,", ",EUR,", 1);
    assert!(matches!(read_bytes(codes.as_bytes()), Err(HistoryError::Table(TableError::Currencies { .. }))));
}

#[test]
fn parts_of_a_cost_and_of_an_outcome_are_told_apart() {
    let row =
        |d: &Day| format!("{},Acme,\"{}\",CPC,USD,211851,{:.2},1.00,2.00,6.0,28,{:.2}", d.0, d.1, d.2, d.3);
    let dsp = format!(
        "Date,Advertiser,Order,Cost Type,Order currency,Impressions,Total cost,Total fee,Supply cost,eCPM,Total purchases,Total product sales\n{}",
        lines(row)
    );
    same("Amazon DSP", dsp.as_bytes());
    // One campaign for all: its insertion orders are the channels.
    let row = |d: &Day| {
        format!(
            "{},Always on,\"{}\",USD,211851,28.6,{:.6},{:.6},{:.6},{:.6},{:.6}",
            d.0.strftime("%Y/%m/%d"),
            d.1,
            1.2 * d.2,
            d.2,
            1.1 * d.2,
            0.7 * d.3,
            0.3 * d.3
        )
    };
    let head = "Date,Campaign,Insertion Order,Advertiser Currency,Impressions,Total Conversions,Revenue (USD),Media Cost (USD),Total Media Cost (USD)";
    let dv360 = format!(
        "{head},CM360 Post-Click Revenue,CM360 Post-View Revenue\n{}Filter by Advertiser:,Acme\n",
        lines(row)
    );
    let read = same("Display & Video 360 with revenue", dv360.as_bytes());
    let added: Vec<&str> =
        read.columns.iter().filter(|(_, role)| *role == Role::Added).map(|(name, _)| name.as_str()).collect();
    assert_eq!(added, ["CM360 Post-View Revenue"]);
}

#[test]
fn a_total_is_known_by_two_sums_among_prices() {
    let (spent, earned) = sums();
    let row = |d: &Day| format!("{0},{0},\"{1}\",1.1,6.2,41.0,{2:.2},{3:.2},0.5,1.4", d.0, d.1, d.2, d.3);
    let text = format!(
        "Reporting starts,Reporting ends,Campaign name,Frequency,CPM (USD),Cost per results,Amount spent (USD),Purchases conversion value,CPC (USD),CTR (all)\n2026-01-05,2026-02-01,,1.3,6.1,40.0,{spent:.2},{earned:.2},0.5,1.4\n{}",
        lines(row)
    );
    assert_eq!(same("Meta with its totals among prices", text.as_bytes()).source.skipped[0].why, Why::Total);
}

#[test]
fn what_is_wrong_alike_is_told_once() {
    let weeks = (0..12).map(|w| jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().days(7 * w)));
    let rows: String = weeks.enumerate().map(|(i, d)| format!("{d},{},,1000\n", 100 + i)).collect();
    let text = format!("date,tv_spend,radio_spend,revenue\n{rows}2026-03-30,x,5,1000\n");
    let said = read_bytes(text.as_bytes()).unwrap_err().to_string();
    assert!(said.starts_with("2 things are wrong"), "{said}");
    assert!(said.contains("column `radio_spend`: the cell is empty; write 0 if it was zero; so it is in rows 3, 4, 5, 6, 7 and 6 more"), "{said}");
}

/// What a platform's report looks like in a language: heading, separator,
/// numbers and dates.
struct Written {
    heading: &'static str,
    /// Between groups of three digits, and before the fraction.
    separators: [&'static str; 2],
    date: fn(jiff::civil::Date) -> String,
    total: &'static str,
}

#[test]
fn reports_in_other_languages_say_the_same() {
    const POINT: [&str; 2] = [".", ","];
    let dots = |d: jiff::civil::Date| d.strftime("%d.%m.%Y").to_string();
    let slashes = |d: jiff::civil::Date| d.strftime("%d/%m/%Y").to_string();
    let all = [
        (
            "Tag;Kampagne;Währungscode;Kosten;Impr.;Durchschn. CPC;Conversions;Conv.-Wert",
            POINT,
            dots as fn(_) -> _,
            "Gesamt: Kampagnen",
        ),
        (
            "Jour;Nom de la campagne;Devise;Montant dépensé (EUR);Impressions;CPC moy.;Achats;Valeur de conversion des achats",
            ["\u{202f}", ","],
            slashes,
            "",
        ),
        (
            "Startdatum (in UTC);Kampagnenname;Währung;Gesamtausgaben;Impressions;CPC;Conversions;Gesamter Conversion-Wert",
            POINT,
            dots,
            "",
        ),
        (
            "Datum;Kampagnenname;Währung;Kosten;Impressionen;CPC;Conversions;Gesamter Kaufwert",
            POINT,
            dots,
            "Gesamt",
        ),
        (
            "Date grégorienne;Campagne;Code devise;Dépenses;Impressions;CPC moy.;Conversions;Revenu",
            ["\u{a0}", ","],
            slashes,
            "",
        ),
        (
            "Fecha;Nombre de la campaña;Divisa;Gasto;Impresiones;CPC medio;Pedidos totales de 7 días (#);Ventas totales de 7 días",
            POINT,
            slashes,
            "",
        ),
        (
            "Data;Nome campagna;Valuta;Spesa;Impression;CPC;Totale ordini a 7 giorni (#);Vendite totali a 7 giorni ",
            POINT,
            slashes,
            "Totale",
        ),
        (
            "Dag;Kampanjnamn;Valutakod;Spenderat belopp (EUR);Visningar;CPC;Köp;Konverteringsvärde för köp",
            ["\u{a0}", ","],
            |d| d.to_string(),
            "Totalt",
        ),
        (
            "Dzień;Nazwa kampanii;Kod waluty;Wydana kwota (EUR);Wyświetlenia;CPC;Zakupy;Wartość konwersji zakupu",
            [" ", ","],
            |d| format!("{} {} {}", d.day(), ["sty", "lut"][usize::from(d.month() > 1)], d.year()),
            "Łącznie",
        ),
        (
            "Dia;Nome da campanha;Código da moeda;Valor usado (EUR);Impressões;CPC;Compras;Valor de conversão da compra",
            POINT,
            |d| format!("{} de {}. de {}", d.day(), ["jan", "fev"][usize::from(d.month() > 1)], d.year()),
            "",
        ),
        (
            "日付;キャンペーン名;通貨;消費額;インプレッション数;CPC;コンバージョン数;合計購入額",
            [",", "."],
            |d| format!("{}年{}月{}日", d.year(), d.month(), d.day()),
            "合計",
        ),
        (
            "Datum;Kampagne der Sitzung;Währung;Google Ads-Kosten;Google Ads-Impressionen;CPC;Schlüsselereignisse;Gesamtumsatz",
            POINT,
            |d| d.strftime("%Y%m%d").to_string(),
            "",
        ),
    ];
    for (heading, separators, date, total) in all {
        let as_written = Written { heading, separators, date, total };
        for encoded in [|t: &str| t.as_bytes().to_vec(), |t: &str| utf16(&t.replace(';', "\t"))] {
            same(heading, &encoded(&report(&as_written)));
        }
    }
}

fn report(written: &Written) -> String {
    let [group, point] = written.separators;
    let number = |x: f64| grouped(x).replace(',', "_").replace('.', point).replace('_', group);
    let mut text = format!("{}\n", written.heading);
    for (date, name, spend, revenue) in days() {
        let counts = number((revenue / 60.0).floor());
        text += &format!(
            "{};\"{name}\";EUR;{};{};0{point}50;{counts};{}\n",
            (written.date)(date),
            number(spend),
            number(900.0 * spend),
            number(revenue)
        );
    }
    if !written.total.is_empty() {
        let (spend, revenue) = sums();
        text += &format!("{};;;{};;;;{}\n", written.total, number(spend), number(revenue));
    }
    text
}

#[test]
fn money_under_a_name_that_is_not_known_is_never_passed_over() {
    let text = lines(|(date, name, spend, revenue)| {
        format!(
            "{date},\"{name}\",{spend:.2},{},{:.2},{revenue:.2}\n",
            (revenue / 60.0).floor(),
            spend / 900.0
        )
    });
    let text = format!("Day,Campaign,Cost,Conversions,Quality,Myynnin määrä\n{text}");
    match read_bytes(text.as_bytes()) {
        Err(HistoryError::MaybeMoney { column, count }) => {
            assert_eq!((column.as_str(), count.as_str()), ("Myynnin määrä", "Conversions"));
        }
        other => panic!("{other:?}"),
    }
    let read = |chosen: Chosen| read_history(&Data::bytes("export", text.as_bytes()), &chosen).unwrap();
    let money =
        Chosen { outcome: Some("Myynnin määrä".into()), customers: Some(false), ..Chosen::default() };
    assert!(!read(money).customers);
    assert!(read(Chosen { outcome: Some("Conversions".into()), ..Chosen::default() }).customers);
}

#[test]
fn wide_tables_of_other_languages_know_spend_from_outcome() {
    let headings = [
        ("Woche;TV Ausgaben;Suche-Ausgaben;Umsatz", ["TV", "Suche"]),
        ("Datum;TV-Kosten;Kosten Suche;Umsatz", ["TV", "Suche"]),
        ("Semaine;Coût TV;Dépenses Recherche;Chiffre d'affaires", ["TV", "Recherche"]),
        ("Fecha;Gasto TV;Búsqueda Coste;Ingresos", ["TV", "Búsqueda"]),
        ("Data;Spesa TV;Ricerca Costo;Fatturato", ["TV", "Ricerca"]),
    ];
    for (heading, channels) in headings {
        let mut text = format!("{heading}\n");
        for week in 0..20 {
            let date = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
            let date = date.strftime("%d.%m.%Y");
            text.push_str(&format!(
                "{date};{},50;{},25;{},00\n",
                1000 + 7 * week % 5,
                800 + week,
                9000 + week
            ));
        }
        let read = read_bytes(text.as_bytes()).unwrap_or_else(|e| panic!("{heading}: {e}"));
        let names: Vec<&str> = read.history.channels.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, channels, "{heading}");
        assert_eq!(read.history.channels[1].spend[3], 803.25, "{heading}");
        assert_eq!((read.history.outcome.as_ref().unwrap()[3], read.customers), (9003.0, false), "{heading}");
    }
}
