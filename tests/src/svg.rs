//! Renders a terminal screen as SVG.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

/// The size of a cell, in SVG user units.
const CELL_WIDTH: f64 = 8.4;
const CELL_HEIGHT: f64 = 19.0;
const MARGIN: f64 = 14.0;

const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d8dee6";

/// The attributes that all cells of a run share.
#[derive(Clone, PartialEq)]
struct Style {
    color: String,
    bold: bool,
    dim: bool,
}

/// Renders the screen with its colours and its cursor, as SVG 1.1.
pub(crate) fn render(screen: &Screen) -> String {
    let (rows, cols) = screen.size();
    let (width, height) = (f64::from(cols) * CELL_WIDTH + 2.0 * MARGIN, f64::from(rows) * CELL_HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n"
    );
    for row in 0..rows {
        let cells = (0..cols).filter_map(|col| screen.cell(row, col).map(|cell| (col, cell)));
        let mut run: Option<(u16, u16, Style, String)> = None;
        for (col, cell) in cells.filter(|(_, cell)| !cell.is_wide_continuation()) {
            let (style, wide) = (style(cell), 1 + u16::from(cell.is_wide()));
            let contents = if cell.has_contents() { cell.contents() } else { " " };
            match &mut run {
                Some((_, length, of, text)) if *of == style => {
                    *length += wide;
                    text.push_str(contents);
                }
                _ => {
                    write_run(&mut svg, row, run.replace((col, wide, style, contents.to_owned())));
                }
            }
        }
        write_run(&mut svg, row, run);
    }
    let (row, col) = screen.cursor_position();
    let (x, y) = cell_origin(row, col);
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{CELL_WIDTH}\" height=\"{CELL_HEIGHT}\" fill=\"{FOREGROUND}\"/>"
    );
    svg + "</g>\n</svg>\n"
}

/// Returns the upper left corner of a cell.
fn cell_origin(row: u16, col: u16) -> (f64, f64) {
    (MARGIN + f64::from(col) * CELL_WIDTH, MARGIN + f64::from(row) * CELL_HEIGHT)
}

fn write_run(svg: &mut String, row: u16, run: Option<(u16, u16, Style, String)>) {
    let Some((col, length, style, text)) = run.filter(|(.., text)| !text.trim().is_empty()) else { return };
    let (x, y) = cell_origin(row, col);
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let weight = if style.bold { " font-weight=\"bold\"" } else { "" };
    let opacity = if style.dim { " opacity=\"0.6\"" } else { "" };
    // `textLength` keeps the columns aligned with any font.
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" fill=\"{}\"{weight}{opacity}>{text}</text>",
        y + 14.0,
        f64::from(length) * CELL_WIDTH,
        style.color,
    );
}

fn style(cell: &Cell) -> Style {
    let color = match cell.fgcolor() {
        Color::Default => FOREGROUND.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Idx(number) => palette_color(number),
    };
    Style { color, bold: cell.bold(), dim: cell.dim() }
}

/// Returns the colour with this number in xterm's palette.
fn palette_color(number: u8) -> String {
    const BASIC: [&str; 16] = [
        "#2e3436", "#ef5350", "#66bb6a", "#fbc02d", "#42a5f5", "#c678dd", "#26c6da", "#d8dee6", "#7f8c98", "#ff8a80",
        "#b9f6ca", "#ffe57f", "#82b1ff", "#ea80fc", "#84ffff", "#ffffff",
    ];
    match number {
        0..16 => BASIC[usize::from(number)].to_owned(),
        16..232 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let number = number - 16;
            format!("#{:02x}{:02x}{:02x}", level(number / 36), level(number / 6 % 6), level(number % 6))
        }
        232.. => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (number - 232)),
    }
}

#[cfg(test)]
mod tests {
    use super::{palette_color, render};

    #[test]
    fn palette_matches_xterm() {
        assert_eq!(palette_color(166), "#d75f00");
        assert_eq!(palette_color(61), "#5f5faf");
        assert_eq!(palette_color(244), "#808080");
    }

    #[test]
    fn adjacent_cells_of_one_style_share_an_element() {
        let mut parser = vt100::Parser::new(2, 20, 0);
        parser.process("a<b \x1b[1;38;5;166mbold\x1b[0m 日本".as_bytes());
        let svg = render(parser.screen());
        assert!(svg.contains("textLength=\"33.6\" fill=\"#d8dee6\">a&lt;b </text>"), "{svg}");
        assert!(svg.contains("fill=\"#d75f00\" font-weight=\"bold\">bold</text>"), "{svg}");
        assert!(svg.contains(">  日本") || svg.contains("> 日本"), "{svg}");
    }
}
