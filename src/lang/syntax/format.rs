//! Canonical formatting, byte for byte as `terraform fmt`.
//!
//! Only white space between tokens changes, and a few outdated forms are rewritten (see [`rewrite`]). Each line is
//! cut in three cells: what leads, the assignment, the comment. Lines are indented by the brackets that are
//! open; then the cells of neighbouring lines are aligned.

mod rewrite;
mod space;

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::diag::{FileId, Result};

use super::scan::{Kind, scan};

/// A token on its way to the output.
#[derive(Clone)]
struct Piece<'t> {
    kind: Kind,
    text: Cow<'t, str>,
    /// How many spaces stand before it.
    spaces: usize,
}

/// A line's cells, as ranges of pieces that follow each other.
struct Line {
    lead: Range<usize>,
    assign: Range<usize>,
    comment: Range<usize>,
}

/// Formats a configuration file. A text that is no configuration gives its syntax errors; they point into a
/// file of number 0.
pub fn format(text: &str) -> Result<String> {
    super::parse_body(FileId(0), text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut pieces = rewrite::rewrite(&cut(text));
    let lines = lines(&pieces);
    indent(&lines, &mut pieces);
    for line in &lines {
        space::within(&mut pieces[line.lead.clone()]);
        space::within(&mut pieces[line.assign.clone()]);
    }
    align(&lines, &mut pieces);
    Ok(join(&pieces, text.len()))
}

fn cut(text: &str) -> Vec<Piece<'_>> {
    let mut end = 0;
    scan(text)
        .into_iter()
        .map(|token| {
            let spaces = token.start as usize - end;
            end = token.end as usize;
            Piece {
                kind: token.kind,
                text: Cow::Borrowed(&text[token.range()]),
                spaces,
            }
        })
        .collect()
}

fn join(pieces: &[Piece<'_>], size: usize) -> String {
    let mut out = String::with_capacity(size + size / 8);
    for piece in pieces {
        out.extend(std::iter::repeat_n(' ', piece.spaces));
        out.push_str(&piece.text);
    }
    out
}

impl Piece<'_> {
    fn ends_line(&self) -> bool {
        self.kind == Kind::Newline || (self.kind == Kind::Comment && self.text.ends_with('\n'))
    }

    /// How many brackets it opens or closes.
    fn brackets(&self) -> isize {
        match self.kind {
            Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::OpenParen
            | Kind::OpenInterpolation
            | Kind::OpenDirective => 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::CloseTemplate => -1,
            _ => 0,
        }
    }
}

// ---- lines -----------------------------------------------------------------------------------------------------

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, piece) in pieces.iter().enumerate() {
        if piece.kind == Kind::End {
            lines.push(line(pieces, start..at));
        } else if piece.ends_line() {
            lines.push(line(pieces, start..at + 1));
            start = at + 1;
        }
    }
    lines
}

fn line(pieces: &[Piece<'_>], all: Range<usize>) -> Line {
    let mut lead = all.clone();
    let mut comment = all.end..all.end;
    if all.len() > 1 && pieces[all.end - 1].kind == Kind::Comment {
        comment.start -= 1;
        lead.end -= 1;
    }
    let mut assign = lead.end..lead.end;
    let equals = lead.clone().skip(1).find(|&at| pieces[at].kind == Kind::Assign);
    if let Some(equals) = equals {
        // An expression that goes on in the next line is not aligned.
        let open: isize = pieces[equals..lead.end].iter().map(Piece::brackets).sum();
        if open == 0 {
            assign.start = equals;
            lead.end = equals;
        }
    }
    Line {
        lead,
        assign,
        comment,
    }
}

// ---- indent ----------------------------------------------------------------------------------------------------

/// A line that opens brackets indents the following ones by one step, however many it opens; the step ends when
/// as many are closed.
fn indent(lines: &[Line], pieces: &mut [Piece<'_>]) {
    let mut opened: Vec<isize> = Vec::new();
    for line in lines {
        if line.lead.is_empty() {
            continue;
        }
        if pieces[line.lead.start].kind == Kind::Newline {
            pieces[line.lead.start].spaces = 0;
            continue;
        }
        let net = net_brackets(&pieces[line.lead.clone()]) + net_brackets(&pieces[line.assign.clone()]);
        close(&mut opened, -net);
        pieces[line.lead.start].spaces = 2 * opened.len();
        if net > 0 {
            opened.push(net);
        }
    }
}

fn net_brackets(cell: &[Piece<'_>]) -> isize {
    let heredoc = cell.iter().position(|piece| piece.kind == Kind::OpenHeredoc);
    cell[..heredoc.unwrap_or(cell.len())]
        .iter()
        .map(Piece::brackets)
        .sum()
}

fn close(opened: &mut Vec<isize>, mut closed: isize) {
    while closed > 0
        && let Some(last) = opened.last_mut()
    {
        if closed < *last {
            *last -= closed;
            return;
        }
        closed -= *last;
        opened.pop();
    }
}

// ---- alignment -------------------------------------------------------------------------------------------------

fn align(lines: &[Line], pieces: &mut [Piece<'_>]) {
    align_cells(
        lines,
        pieces,
        |line| line.assign.clone(),
        |line| line.lead.clone(),
    );
    align_cells(
        lines,
        pieces,
        |line| line.comment.clone(),
        |line| line.lead.start..line.assign.end,
    );
}

/// Puts the `cell` of neighbouring lines that have one into one column, after the widest of what stands before.
fn align_cells(
    lines: &[Line],
    pieces: &mut [Piece<'_>],
    cell: fn(&Line) -> Range<usize>,
    before: fn(&Line) -> Range<usize>,
) {
    for chain in lines.chunk_by(|a, b| cell(a).is_empty() == cell(b).is_empty()) {
        if chain.first().is_none_or(|line| cell(line).is_empty()) {
            continue;
        }
        let columns: Vec<usize> = chain.iter().map(|line| columns(&pieces[before(line)])).collect();
        let widest = columns.iter().copied().max().unwrap_or(0);
        for (line, columns) in chain.iter().zip(columns) {
            pieces[cell(line).start].spaces = widest - columns + 1;
        }
    }
}

fn columns(pieces: &[Piece<'_>]) -> usize {
    let width = |text: &str| {
        if text.is_ascii() && !text.contains('\r') {
            text.len()
        } else {
            text.graphemes(true).count()
        }
    };
    pieces.iter().map(|piece| piece.spaces + width(&piece.text)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts before and after, as `terraform fmt` 1.11.4 gave them.
    const CORPUS: &str = include_str!("format/corpus.txt");

    fn corpus() -> Vec<(&'static str, &'static str)> {
        CORPUS
            .split("====\n")
            .skip(1)
            .map(|pair| pair.split_once("----\n").expect("two texts"))
            .collect()
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(format(text).expect("is valid"), expect, "of {text:?}");
    }

    #[test]
    fn formatting_is_as_terraform_recorded_it() {
        assert!(corpus().len() > 200);
        for (text, expect) in corpus() {
            check(text, expect);
        }
    }

    #[test]
    fn formatting_twice_changes_nothing_more() {
        for (_, once) in corpus() {
            let twice = format(once).expect("is valid");
            // An assignment whose comment made room for another may move once more, in Terraform too.
            assert_eq!(format(&twice).expect("is valid"), twice);
        }
    }

    #[test]
    fn line_ends_and_marks_are_as_terraform_leaves_them() {
        check("a=1", "a = 1");
        check("", "");
        check("\u{feff}a=1\n", "a = 1\n");
        check("a=1\r\nbb=2\r\n", "a  = 1\r\nbb = 2\r\n");
        check("a=<<E\r\nx\r\nE\r\nb=1\r\n", "a = <<E\r\nx\r\nE\r\nb = 1\r\n");
        check("a=1 # c\r\nbb=2 # d\r\n", "a  = 1 # c\r\nbb = 2 # d\r\n");
        check("a = [\r\n1,\r\n]\r\n", "a = [\r\n  1,\r\n]\r\n");
    }

    #[test]
    fn no_text_cut_short_makes_a_panic() {
        for (text, _) in corpus() {
            for (at, _) in text.char_indices() {
                let cut = (format(&text[..at]).is_ok(), format(&text[at..]).is_ok());
                assert!(at > 0 || cut.0);
            }
        }
    }

    #[test]
    fn a_text_with_mistakes_is_refused() {
        let errors = format("a = (\n").expect_err("has a mistake");
        assert!(errors.has_errors());
    }

    /// Formats the whole corpus with the real program, where it is installed.
    #[test]
    fn formatting_is_as_the_installed_terraform_does_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for (at, (text, _)) in corpus().iter().enumerate() {
            fs_err::write(folder.path().join(format!("{at}.tf")), text).expect("writes");
        }
        let run = std::process::Command::new("terraform")
            .args(["fmt", "-list=false", "-no-color"])
            .arg(folder.path())
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("CHECKPOINT_DISABLE", "1")
            .output();
        match run {
            Err(_) => eprintln!("SKIPPED: no terraform to compare formatting with"),
            Ok(run) => {
                assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
                for (at, (text, _)) in corpus().iter().enumerate() {
                    let theirs =
                        fs_err::read_to_string(folder.path().join(format!("{at}.tf"))).expect("reads");
                    check(text, &theirs);
                }
            }
        }
    }
}
