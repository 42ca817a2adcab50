//! A bar chart as SVG. It has a panel per case and a bar per server, with the value at the end of the bar.
//!
//! Every panel has its own scale, since rooms of 10 and of 1000 members are an order of magnitude apart.

use std::fmt::{self, Write};

use crate::figures::{Figure, number};

/// The bars of one case.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    /// The servers, and the deliveries per second of each server; `None` if a run was invalid.
    pub(crate) bars: Vec<(String, Option<f64>)>,
}

const MARGIN: usize = 24;
const PANEL: usize = 400;
const NAMES: usize = 96;
const NUMBERS: usize = 70;
const BAR: usize = 20;
const GAP: usize = 6;
const COLUMNS: usize = 2;
const COLOURS: [&str; 7] = ["#c8553d", "#8a8d91", "#4a7c9b", "#5b8c5a", "#a2768e", "#b08d3f", "#6a6fa8"];

/// Draws the whole chart.
pub(crate) fn draw(title: &str, below: &str, panels: &[Panel]) -> String {
    let mut svg = String::new();
    write(&mut svg, title, below, panels).expect("a String takes everything");
    svg
}

fn write(svg: &mut String, title: &str, below: &str, panels: &[Panel]) -> fmt::Result {
    let bars = panels.iter().map(|panel| panel.bars.len()).max().unwrap_or(0);
    let height = bars * (BAR + GAP) + 44;
    let columns = panels.len().min(COLUMNS);
    let total = (columns * (PANEL + MARGIN) + MARGIN, panels.len().div_ceil(COLUMNS) * height + 3 * MARGIN + 24);
    write!(svg, r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" "#, total.0, total.1)?;
    write!(svg, r#"width="{}" height="{}" "#, total.0, total.1)?;
    writeln!(svg, r##"font-family="sans-serif" font-size="13" fill="#222">"##)?;
    writeln!(svg, r##"<rect width="100%" height="100%" rx="6" fill="#fcfcfa"/>"##)?;
    writeln!(svg, r#"<text x="{MARGIN}" y="36" font-size="18" font-weight="bold">{}</text>"#, escape(title))?;
    for (index, panel) in panels.iter().enumerate() {
        let (x, y) = (MARGIN + index % COLUMNS * (PANEL + MARGIN), 52 + index / COLUMNS * height);
        writeln!(svg, r#"<g transform="translate({x} {y})">"#)?;
        write_panel(svg, panel)?;
        writeln!(svg, "</g>")?;
    }
    let y = total.1 - MARGIN / 2;
    writeln!(svg, r##"<text x="{MARGIN}" y="{y}" font-size="11" fill="#666">{}</text>"##, escape(below))?;
    writeln!(svg, "</svg>")
}

fn write_panel(svg: &mut String, panel: &Panel) -> fmt::Result {
    writeln!(svg, r#"<text y="18" font-weight="bold">{}</text>"#, escape(&panel.title))?;
    let longest = panel.bars.iter().filter_map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    for (index, (server, value)) in panel.bars.iter().enumerate() {
        let y = 28 + index * (BAR + GAP);
        let middle = y + BAR / 2 + 4;
        let colour = COLOURS[index % COLOURS.len()];
        let length = value.unwrap_or(0.0) / longest * number(PANEL - NAMES - NUMBERS);
        let shown = value.map_or("INVALID".to_owned(), |value| Figure::Deliveries.show(value));
        writeln!(svg, r#"<text x="{}" y="{middle}" text-anchor="end">{}</text>"#, NAMES - 8, escape(server))?;
        writeln!(svg, r#"<rect x="{NAMES}" y="{y}" width="{length:.1}" height="{BAR}" rx="2" fill="{colour}"/>"#)?;
        writeln!(svg, r#"<text x="{:.1}" y="{middle}">{shown}</text>"#, number(NAMES) + length + 6.0)?;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_drawn_to_scale() {
        let bars = vec![("ours".to_owned(), Some(2e6)), ("<peer>".to_owned(), Some(1e6)), ("bad".to_owned(), None)];
        let svg = draw("Deliveries", "below", &[Panel { title: "10 members".to_owned(), bars }]);
        assert!(svg.contains(r#"width="234.0""#) && svg.contains(r#"width="117.0""#), "{svg}");
        assert!(svg.contains("2.00 M") && svg.contains("1.00 M") && svg.contains("INVALID"), "{svg}");
        assert!(svg.contains("&lt;peer&gt;") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
