//! Comma-separated text to records of cells, each with its line. Strict about quotes, which the
//! usual readers are not: a quote that is never closed would swallow the rest of the file in
//! silence; here it is told, and reading goes on with the next line.

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// The line of the file it begins on, from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// One row, which may stretch over several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line of the file it begins on, from 1.
    pub(super) line: usize,
    /// Its cells; those before the broken one when a quote is not closed.
    pub(super) cells: Vec<Cell>,
    pub(super) unclosed_quote: bool,
}

impl Record {
    /// Whether it is an empty line, or one of nothing but commas.
    pub(super) fn is_empty(&self) -> bool {
        !self.unclosed_quote && self.cells.iter().all(|cell| cell.text.trim().is_empty())
    }
}

/// The records of a text. Line ends are `\n`, `\r\n` or `\r`.
pub(super) fn records(text: &str) -> impl Iterator<Item = Record> + '_ {
    let mut scanner = Scanner { rest: text, line: 1 };
    std::iter::from_fn(move || (!scanner.rest.is_empty()).then(|| scanner.record()))
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Scanner<'a> {
    fn record(&mut self) -> Record {
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            let cell_line = self.line;
            let before = self.rest;
            match if self.rest.starts_with('"') { self.quoted() } else { Some(self.plain()) } {
                Some(text) => cells.push(Cell { line: cell_line, text }),
                None => {
                    (self.rest, self.line) = (before, cell_line);
                    self.plain_line();
                    self.line_end();
                    return Record { line: cell_line, cells, unclosed_quote: true };
                }
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else {
                self.line_end();
                return Record { line, cells, unclosed_quote: false };
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn plain(&mut self) -> String {
        self.take(self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len())).to_owned()
    }

    fn plain_line(&mut self) {
        self.take(self.rest.find(['\n', '\r']).unwrap_or(self.rest.len()));
    }

    fn line_end(&mut self) {
        if self.rest.is_empty() {
            return;
        }
        let length = if self.rest.starts_with("\r\n") { 2 } else { 1 };
        self.take(length);
        self.line += 1;
    }

    /// The text of a quoted cell; `None` when its quote is never closed or something other than a
    /// comma or a line end follows.
    fn quoted(&mut self) -> Option<String> {
        self.take(1);
        let mut text = String::new();
        loop {
            let part = self.take(self.rest.find('"')?);
            text.push_str(part);
            self.line += part.matches('\n').count() + part.matches('\r').count() - part.matches("\r\n").count();
            self.take(1);
            if self.rest.starts_with('"') {
                self.take(1);
                text.push('"');
            } else {
                return (self.rest.is_empty() || self.rest.starts_with([',', '\n', '\r'])).then_some(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Vec<String>, bool)> {
        records(text).map(|record| (record.line, record.cells.into_iter().map(|cell| cell.text).collect(), record.unclosed_quote)).collect()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>, bool) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect(), false)
    }

    #[test]
    fn cells_lines_and_quotes() {
        assert_eq!(read("a,b\nc,d\n"), vec![row(1, &["a", "b"]), row(2, &["c", "d"])]);
        assert_eq!(read("a,b\r\nc,\r\n"), vec![row(1, &["a", "b"]), row(2, &["c", ""])]);
        assert_eq!(read("a\rb"), vec![row(1, &["a"]), row(2, &["b"])]);
        assert_eq!(read("\"a,\"\"x\"\"\",b"), vec![row(1, &["a,\"x\"", "b"])]);
        assert_eq!(read("a\"b,c"), vec![row(1, &["a\"b", "c"])]);
        assert_eq!(read("\"a\nb\r\nc\",d\ne,f"), vec![row(1, &["a\nb\r\nc", "d"]), row(4, &["e", "f"])]);
        assert_eq!(read("\n\na"), vec![row(1, &[""]), row(2, &[""]), row(3, &["a"])]);
        assert_eq!(read(""), vec![]);
    }

    #[test]
    fn cells_know_the_line_they_begin_on() {
        let lines: Vec<usize> = records("a,\"b\nc\",d,\"e\nf\"\ng").flat_map(|record| record.cells).map(|cell| cell.line).collect();
        assert_eq!(lines, [1, 1, 2, 2, 4]);
    }

    #[test]
    fn an_unclosed_quote_spoils_one_line_only() {
        let broken = |line: usize, cells: &[&str]| (line, cells.iter().map(|cell| (*cell).to_owned()).collect(), true);
        assert_eq!(read("a,\"b\nc,d\n"), vec![broken(1, &["a"]), row(2, &["c", "d"])]);
        assert_eq!(read("a,\"b,x\nc,\"d\",e\nf"), vec![broken(1, &["a"]), row(2, &["c", "d", "e"]), row(3, &["f"])]);
        assert_eq!(read("a,\"b\"x,c\nd"), vec![broken(1, &["a"]), row(2, &["d"])]);
    }
}
