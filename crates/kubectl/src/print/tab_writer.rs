//! Columns that line up, as Go's `text/tabwriter` lays them out.
//!
//! A cell ends with a tab; what stands behind the last tab of a line belongs to no column. A
//! column reaches over neighbouring lines that all have a cell there. With remembered widths (a
//! kubectl addition) a column never becomes narrower than it was in what was printed before.

/// Lays out text.
#[derive(Clone, Debug)]
pub struct TabWriter {
    width_min: usize,
    padding: usize,
    remembers: bool,
    remembered: Vec<usize>,
    lines: Vec<Vec<String>>,
}

impl TabWriter {
    /// The layout of `kubectl get`.
    pub fn for_tables() -> TabWriter {
        TabWriter { width_min: 6, padding: 3, remembers: true, ..TabWriter::new(0, 0) }
    }

    /// The layout of `kubectl describe`.
    pub fn for_descriptions() -> TabWriter {
        TabWriter::new(0, 2)
    }

    /// A layout with columns of a width, at least, and so many spaces between them.
    pub fn new(width_min: usize, padding: usize) -> TabWriter {
        TabWriter {
            width_min,
            padding,
            remembers: false,
            remembered: Vec::new(),
            lines: vec![Vec::new()],
        }
    }

    /// Adds text; `\t` ends a cell, `\n` a line, `\f` a line and everything that lines up with it.
    pub fn write(&mut self, text: &str) {
        let mut lines = text.split('\n');
        if let Some(first) = lines.next() {
            self.write_line_part(first);
        }
        for line in lines {
            self.lines.push(Vec::new());
            self.write_line_part(line);
        }
    }

    fn write_line_part(&mut self, part: &str) {
        let Some(line) = self.lines.last_mut() else { return };
        let mut cells = part.split('\t');
        let first = cells.next().unwrap_or_default();
        match line.last_mut() {
            Some(open) => open.push_str(first),
            None => line.push(first.to_owned()),
        }
        line.extend(cells.map(str::to_owned));
    }

    /// Adds a line of cells.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.as_ref().to_owned()).collect();
        self.write(&cells.join("\t"));
        self.write("\n");
    }

    /// Forgets the widths of what was printed before.
    pub fn forget(&mut self) {
        self.remembered.clear();
    }

    /// Lays out what was written since the last time.
    pub fn flush(&mut self) -> String {
        let lines = std::mem::replace(&mut self.lines, vec![Vec::new()]);
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths: Vec<Vec<usize>> =
            lines.iter().map(|l| Vec::with_capacity(l.len())).collect();
        for column in 0..columns {
            let mut start = 0;
            while start < lines.len() {
                let has_cell = |line: &Vec<String>| line.len() > column + 1;
                let Some(found) = lines[start..].iter().position(has_cell) else { break };
                let first = start + found;
                let rest = &lines[first..];
                let end = first + rest.iter().position(|l| !has_cell(l)).unwrap_or(rest.len());
                let width = self.width(&lines[first..end], column);
                for line in &mut widths[first..end] {
                    line.push(width);
                }
                start = end;
            }
        }
        let mut out = String::new();
        for (at, (line, widths)) in lines.iter().zip(&widths).enumerate() {
            for (cell, width) in line.iter().zip(widths) {
                out.push_str(cell);
                let missing = width.saturating_sub(cell.chars().count());
                out.extend(std::iter::repeat_n(' ', missing));
            }
            out.push_str(line.get(widths.len()..).unwrap_or_default().concat().as_str());
            if at + 1 < lines.len() {
                out.push('\n');
            }
        }
        out
    }

    /// The width of a column over some lines, with its padding.
    fn width(&mut self, lines: &[Vec<String>], column: usize) -> usize {
        let longest = lines.iter().filter_map(|line| line.get(column));
        let longest = longest.map(|cell| cell.chars().count() + self.padding).max().unwrap_or(0);
        let mut width = longest.max(self.width_min);
        if self.remembers {
            match self.remembered.get_mut(column) {
                Some(known) => {
                    width = width.max(*known);
                    *known = width;
                }
                None => self.remembered.push(width),
            }
        }
        width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut writer = TabWriter::for_tables();
        writer.row(["NAME", "READY", "AGE"]);
        writer.row(["web-b86dd6984-gpq2w", "1/1", "7s"]);
        assert_eq!(
            writer.flush(),
            "NAME                  READY   AGE\nweb-b86dd6984-gpq2w   1/1     7s\n"
        );
        writer.row(["x", "1/1", "8s"]);
        assert_eq!(writer.flush(), "x                     1/1     8s\n");
    }

    #[test]
    fn narrow_columns_have_a_least_width() {
        let mut writer = TabWriter::for_tables();
        writer.row(["web", "2/2", "2", "9s"]);
        assert_eq!(writer.flush(), "web   2/2   2     9s\n");
    }

    #[test]
    fn a_column_ends_where_a_line_has_no_cell() {
        let mut writer = TabWriter::for_descriptions();
        writer.write("Name:\tx\nEvents:\n  Type\tReason\n");
        writer.write("  Normal\tScheduled\n");
        assert_eq!(writer.flush(), "Name:  x\nEvents:\n  Type    Reason\n  Normal  Scheduled\n");
    }
}
