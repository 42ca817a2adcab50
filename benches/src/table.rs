//! Markdown tables with aligned columns, readable as plain text.

use std::fmt;

/// A table. The first two columns contain text, and the other columns contain numbers.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

const TEXTS: usize = 2;
/// The first word of a cell that contains the reason why there are no numbers.
pub(crate) const INVALID: &str = "INVALID";

impl Table {
    pub(crate) fn new(columns: &[String]) -> Table {
        Table { rows: vec![columns.to_vec()] }
    }

    /// Adds a row, and fills it up with empty cells.
    pub(crate) fn add(&mut self, mut cells: Vec<String>) {
        cells.resize(self.rows[0].len(), String::new());
        self.rows.push(cells);
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row[column]);
        // A long reason must not widen a column of numbers.
        cells.filter(|cell| !cell.starts_with(INVALID)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = (0..self.rows[0].len()).map(|column| self.width(column)).collect::<Vec<_>>();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if column < TEXTS { write!(f, "| {cell:<width$} ")? } else { write!(f, "| {cell:>width$} ")? }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    let end = if column < TEXTS { '-' } else { ':' };
                    write!(f, "|-{}{end}", "-".repeat(width))?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_aligns_left_and_numbers_right() {
        let mut table = Table::new(&["room", "server", "µs"].map(str::to_owned));
        table.add(["10", "floor", "0.125"].map(str::to_owned).to_vec());
        table.add(vec!["1000".to_owned()]);
        let expected = "\
            | room | server |    µs |\n\
            |------|--------|------:|\n\
            | 10   | floor  | 0.125 |\n\
            | 1000 |        |       |\n";
        assert_eq!(table.to_string(), expected);
    }
}
