//! The table that a run prints: aligned for people, or CSV for programs.

use std::io::{self, Write};

use crate::RunError;
use crate::arguments::RunArguments;
use crate::film::SavedFilm;

/// What a cell holds.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// A step or timestep.
    Index(usize),
    /// A timestep, or a place between two.
    Timestep(f64),
    /// A value of the schedule, which may be very small.
    Schedule(f64),
    /// A value of the state's kind, such as a mean, a standard deviation or sigma, or a
    /// logarithm.
    Moment(f64),
    /// A name.
    Name(&'static str),
    /// Nothing, as the beta of the input.
    Empty,
}

/// Rows of cells under the names of their columns.
pub struct Table {
    names: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(names: Vec<&'static str>) -> Self {
        Table { names, rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// If it has not as many cells as there are columns.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.names.len(), "one cell for each column");
        self.rows.push(row);
    }

    /// Writes the table with aligned columns and rounded values.
    pub fn write_aligned(&self, out: &mut impl Write) -> io::Result<()> {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(Cell::rounded).collect()).collect();
        let widths: Vec<usize> = (0..self.names.len())
            .map(|column| {
                let cells = rows.iter().map(|row| row[column].len());
                cells.chain([self.names[column].len()]).max().unwrap_or(0)
            })
            .collect();
        let mut line = |cells: &[&str]| {
            let aligned: Vec<String> = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:>width$}"))
                .collect();
            writeln!(out, "{}", aligned.join("  "))
        };
        line(&self.names)?;
        for row in &rows {
            line(&row.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Writes the table as CSV, with as many digits as it takes to read the same numbers
    /// back.
    pub fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", self.names.join(","))?;
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(Cell::exact).collect();
            writeln!(out, "{}", cells.join(","))?;
        }
        Ok(())
    }
}

impl Cell {
    fn rounded(&self) -> String {
        match *self {
            Cell::Index(index) => index.to_string(),
            Cell::Timestep(t) if t.fract() != 0.0 => format!("{t:.2}"),
            Cell::Timestep(t) => t.to_string(),
            Cell::Schedule(0.0) => "0".to_owned(),
            Cell::Schedule(value) if value < 1e-3 => format!("{value:.2e}"),
            Cell::Schedule(value) => format!("{value:.6}"),
            Cell::Moment(value) if value.abs() >= 1e6 => format!("{value:.2e}"),
            // The sum with zero turns a negative zero into a positive one.
            Cell::Moment(value) => format!("{:.4}", (value * 1e4).round() / 1e4 + 0.0),
            Cell::Name(name) => name.to_owned(),
            Cell::Empty => String::new(),
        }
    }

    fn exact(&self) -> String {
        match *self {
            Cell::Index(index) => index.to_string(),
            Cell::Timestep(value) | Cell::Schedule(value) | Cell::Moment(value) => {
                value.to_string()
            }
            Cell::Name(name) => name.to_owned(),
            Cell::Empty => String::new(),
        }
    }
}

impl RunArguments {
    /// Prints what a run has to say: the table, notes on it, one a line, and where its
    /// pictures are; or, with `--csv`, the table alone.
    pub fn print(
        &self,
        table: &Table,
        notes: &[String],
        film: Option<&SavedFilm>,
    ) -> Result<(), RunError> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.csv {
            table.write_csv(&mut out)?;
        } else {
            table.write_aligned(&mut out)?;
            if !notes.is_empty() {
                write!(out, "\n{}\n", notes.join("\n"))?;
            }
            if let Some(film) = film {
                write!(out, "\n{film}")?;
            }
        }
        out.flush()?;
        Ok(())
    }
}
