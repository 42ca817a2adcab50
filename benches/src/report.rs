//! The report: the measured figures as a table, as JSON and as a plot.

use std::fmt::Write;

use serde_json::json;

use crate::figures::{Figure, Figures, Runs};
use crate::machine::Machine;
use crate::modes::Case;
use crate::options::{Mode, Options};
use crate::peers::{OURS, Server};
use crate::plot;
use crate::table::{INVALID, Table};

/// The results of all servers.
#[derive(Clone, Debug)]
pub struct Report {
    machine: Machine,
    options: Options,
    servers: Vec<(String, String)>,
    results: Vec<(Case, Vec<Row>)>,
}

/// One server's results of one case.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) server: String,
    pub(crate) runs: Runs,
}

impl Report {
    pub(crate) fn new(options: &Options, servers: &[Server]) -> Report {
        let named = |server: &Server| (server.name.clone(), server.version.clone());
        let servers = servers.iter().map(named).collect();
        Report { machine: Machine::detect(), options: options.clone(), servers, results: Vec::new() }
    }

    pub(crate) fn add(&mut self, case: Case, rows: Vec<Row>) {
        self.results.push((case, rows));
    }

    /// Returns whether no server lost, duplicated or reordered a message.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.results.iter().flat_map(|(_, rows)| rows).all(|row| row.runs.fault().is_none())
    }

    /// Returns tables in Markdown, aligned for reading as plain text.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = self.setting();
        for mode in Mode::ALL {
            let results = self.results.iter().filter(|(case, _)| case.mode == mode).collect::<Vec<_>>();
            if let Some((first, _)) = results.first() {
                let _ = write!(text, "\n{}\n\n", headline(mode, &self.options));
                let mut table = Table::new(&columns(*first));
                for (case, rows) in &results {
                    add_rows(&mut table, *case, rows);
                }
                let _ = write!(text, "{table}");
                let _ = write!(text, "{}", disorders(&results));
            }
        }
        text
    }

    /// Returns all runs, their medians, and the ratios of our server to each other server.
    #[must_use]
    pub fn json(&self) -> String {
        let results = self.results.iter().flat_map(|(case, rows)| rows.iter().map(|row| json_row(*case, row, rows)));
        let servers = self.servers.iter().map(|(name, version)| json!({ "name": name, "version": version }));
        let report = json!({
            "machine": self.machine,
            "servers": servers.collect::<Vec<_>>(),
            "window": self.options.window,
            "seconds": self.options.time.as_secs_f64(),
            "results": results.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }

    /// Returns a plot of the capacity measurements, or `None` if there are none.
    #[must_use]
    pub fn svg(&self) -> Option<String> {
        let capacity = self.results.iter().filter(|(case, _)| case.mode == Mode::Capacity);
        let panels = capacity.map(|(case, rows)| plot::Panel {
            title: case.to_string(),
            bars: rows.iter().map(|row| (row.server.clone(), row.runs.median(Figure::Deliveries))).collect(),
        });
        let panels = panels.collect::<Vec<_>>();
        let Machine { processor, processors, date, .. } = &self.machine;
        let below =
            format!("lines of 64 bytes; medians of {} runs; {processors} × {processor}, {date}", self.options.runs);
        (!panels.is_empty()).then(|| plot::draw("Deliveries per second", &below, &panels))
    }

    fn setting(&self) -> String {
        let Machine { processor, processors, kernel, date } = &self.machine;
        let servers = self.servers.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>();
        format!(
            "{date}, {processors} × {processor}, Linux {kernel}. {}. Medians of {} runs, the servers in turns.\n",
            servers.join(", "),
            self.options.runs
        )
    }
}

fn headline(mode: Mode, options: &Options) -> String {
    match mode {
        Mode::Capacity => format!(
            "**Capacity**: lines of 64 bytes, at most {} of them unheard by the slowest member, said {} at a time. \
             \"Load busy\" is the thread that plays all members: near 100 % it may be what was measured.",
            options.window, options.batch
        ),
        Mode::Paced => {
            format!("**Paced**: {} deliveries/s, latency from when each message was due.", options.paced_rate)
        }
        Mode::Idle => "**Idle**: what a connection costs that says nothing, resident and in the kernel.".to_owned(),
        Mode::Storm => {
            "**Storm**: all join at once, until each has received all it must; then one message to all.".to_owned()
        }
        Mode::Endless => format!(
            "**Endless**: a client sends a line without an end, for {} s at most or until it is closed. Guards are at their \
             defaults.",
            options.endless_time.as_secs_f64()
        ),
        Mode::Stalled => format!(
            "**Stalled**: {} deliveries/s, and a tenth of the room stops reading. Guards against that are at their \
             defaults.",
            options.stalled_rate
        ),
    }
}

fn columns(case: Case) -> Vec<String> {
    let mut columns = vec!["room".to_owned(), "server".to_owned()];
    columns.extend(case.figures().iter().map(|figure| figure.title().to_owned()));
    columns.extend(case.compared().iter().map(|figure| format!("ours ÷ it: {}", figure.title())));
    columns
}

fn add_rows(table: &mut Table, case: Case, rows: &[Row]) {
    for row in rows {
        let mark = if row.runs.disorders().1 > 0 { " †" } else { "" };
        let mut cells = vec![case.to_string(), format!("{}{mark}", row.server)];
        if let Some(fault) = row.runs.fault() {
            cells.push(format!("{INVALID}: {}", fault.replace('|', "/")));
            table.add(cells);
            continue;
        }
        let shown = |figure: Figure, value: Option<f64>| value.map_or("–".to_owned(), |value| figure.show(value));
        cells.extend(case.figures().iter().map(|&figure| shown(figure, row.runs.median(figure))));
        for &figure in case.compared() {
            let ratio = ratio(row, rows, figure);
            cells.push(ratio.map_or(String::new(), |ratio| format!("{ratio:.2} ×")));
        }
        table.add(cells);
    }
}

/// Returns a footnote about runs in which members received different orders, which is no fault on that server.
fn disorders(results: &[&(Case, Vec<Row>)]) -> String {
    let rows = results.iter().flat_map(|(case, rows)| rows.iter().map(move |row| (case, row)));
    let notes = rows.filter_map(|(case, row)| match row.runs.disorders() {
        (_, 0) => None,
        (runs, disordered) => Some(format!("{} with {case} in {disordered} of {runs} runs", row.server)),
    });
    let notes = notes.collect::<Vec<_>>().join("; ");
    if notes.is_empty() {
        return notes;
    }
    format!("\n† The order differed from member to member, which this server allows: {notes}.\n")
}

/// Returns the ratio of our server's figure to the figure of `row`, or `None` if `row` is our server.
fn ratio(row: &Row, rows: &[Row], figure: Figure) -> Option<f64> {
    let ours = rows.iter().find(|ours| ours.server == OURS && row.server != OURS)?;
    ours.runs.ratio(&row.runs, figure)
}

fn json_row(case: Case, row: &Row, rows: &[Row]) -> serde_json::Value {
    let figures = || case.figures().iter().copied();
    let medians = figures().filter_map(|figure| Some((figure, row.runs.median(figure)?))).collect::<Figures>();
    let ratios = case.compared().iter().filter_map(|&figure| Some((figure, ratio(row, rows, figure)?)));
    json!({
        "mode": format!("{:?}", case.mode).to_lowercase(),
        "rooms": case.shape.rooms.count,
        "members": case.shape.rooms.members,
        "talkers": case.shape.talkers,
        "server": row.server,
        "invalid": row.runs.fault(),
        "median": medians,
        "ours_by_it": ratios.collect::<Figures>(),
        "runs": row.runs.all().unwrap_or_default(),
    })
}
