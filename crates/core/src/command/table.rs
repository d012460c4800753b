//! The table that every run prints: aligned for people, or CSV for programs.

use std::io::{self, Write};

use crate::Moments;

/// What a cell holds.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// A step or timestep.
    Index(usize),
    /// A value of the schedule, which may be very small.
    Schedule(f64),
    /// A mean or a standard deviation.
    Moment(f64),
    /// Nothing, as the beta of the input.
    Empty,
}

/// Rows of cells under the names of their columns.
pub struct Table {
    names: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table: an index, then columns of the schedule, then the measured and the
    /// predicted moments.
    pub fn new(index: &'static str, schedule: &[&'static str]) -> Self {
        let moments = ["mean", "std", "expected_mean", "expected_std"];
        let names = [&[index], schedule, &moments].concat();
        Table { names, rows: Vec::new() }
    }

    /// Adds a row. Without values of the schedule, their cells stay empty.
    pub fn push(
        &mut self,
        index: usize,
        schedule: Option<&[f64]>,
        measured: Moments,
        expected: Moments,
    ) {
        let moments = [measured.mean, measured.std, expected.mean, expected.std];
        let mut row = vec![Cell::Index(index)];
        match schedule {
            Some(values) => row.extend(values.iter().map(|&value| Cell::Schedule(value))),
            None => row.resize(self.names.len() - moments.len(), Cell::Empty),
        }
        row.extend(moments.map(Cell::Moment));
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
            Cell::Schedule(value) if value < 1e-3 => format!("{value:.2e}"),
            Cell::Schedule(value) => format!("{value:.6}"),
            Cell::Moment(value) if value.abs() >= 1e6 => format!("{value:.2e}"),
            // The sum with zero turns a negative zero into a positive one.
            Cell::Moment(value) => format!("{:.4}", (value * 1e4).round() / 1e4 + 0.0),
            Cell::Empty => String::new(),
        }
    }

    fn exact(&self) -> String {
        match *self {
            Cell::Index(index) => index.to_string(),
            Cell::Schedule(value) | Cell::Moment(value) => value.to_string(),
            Cell::Empty => String::new(),
        }
    }
}
