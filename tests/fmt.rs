//! `fmt` beside Terraform's: configurations that nobody would write, made from a seed, and those of the tests with
//! something changed.
//!
//! Both must make the same text of them, or both refuse them. `KEYFORM_FORMATS=5000` makes so many,
//! `KEYFORM_SEED=7` makes others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::dice::{Dice, number};
use crate::program;

const NAMES: [&str; 12] = [
    "a",
    "bb",
    "foo",
    "for",
    "in",
    "if",
    "null",
    "x-y",
    "é",
    "日本",
    "_z",
    "a_long_name",
];
const BLANKS: [&str; 8] = ["", "", " ", " ", "  ", "\t", "   ", " \t "];
const LEAVES: [&str; 24] = [
    "1",
    "1.5",
    "1e5",
    "-1",
    "- 1",
    "007",
    "true",
    "null",
    "var.x",
    "a.b.c",
    "a[0]",
    "a.0.b",
    "a[\"k\"]",
    "[]",
    "{}",
    "a.*.b",
    "a[*].c",
    "-a",
    "!b",
    "\"${a}\"",
    "\"s\"",
    "\"é $ %% $${ \\n\"",
    "\"x ${ a } y\"",
    "f()",
];
const ENDS: [&str; 12] = [
    "", "", "", "", "", "", " # c", "  // cc", " /* c */", "#c", "//c  ", "   # é",
];
const BREAKS: [&str; 8] = [
    "\n",
    "\n",
    "\n\n",
    "\n  ",
    "\n\t\n",
    "\n# c\n",
    "\n  // c  \n",
    "\n/* c */\n",
];
const OPERATORS: [&str; 13] = [
    "+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||",
];

/// Makes texts that are mostly valid.
struct Writer {
    dice: Dice,
    text: String,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn pick(&mut self, all: &[&str]) {
        let text = *self.dice.pick(all);
        self.put(text);
    }

    fn blank(&mut self) {
        self.pick(&BLANKS);
    }

    /// A line break, in some places only.
    fn break_here(&mut self) {
        if self.dice.one_in(4) {
            self.pick(&BREAKS);
        } else {
            self.blank();
        }
    }

    fn body(&mut self, depth: usize, indent: &str) {
        for _ in 0..self.dice.below(6) {
            match self.dice.below(20) {
                0..=10 => self.attribute(indent),
                11..=13 if depth > 0 => self.block(depth, indent),
                14 | 15 => {
                    self.put(indent);
                    self.pick(&[
                        "# x",
                        "//  y",
                        "#",
                        "/* c */",
                        "/* a\n  b */",
                        "#!",
                        "/**/",
                        "# \"q ${",
                    ]);
                    self.put("\n");
                }
                16 => {
                    self.put(indent);
                    self.pick(&["/* a */ c = 1\n", "c /* b */ = 1\n", "c = /* c */ 1\n"]);
                }
                _ => self.pick(&["\n", "  \n", "\n\n", "\t\n"]),
            }
        }
    }

    fn attribute(&mut self, indent: &str) {
        self.put(indent);
        self.pick(&NAMES);
        self.blank();
        self.put("=");
        self.blank();
        let depth = self.dice.below(4);
        self.expression(depth);
        if !self.text.ends_with("EOT") {
            self.pick(&ENDS);
        }
        self.put("\n");
    }

    fn block(&mut self, depth: usize, indent: &str) {
        self.put(indent);
        self.pick(&NAMES);
        for _ in 0..self.dice.below(4) {
            self.pick(&[" ", "  ", "\t"]);
            self.pick(&[
                "\"a\"",
                "\"b c\"",
                "a",
                "\"é\"",
                "foo-bar",
                "\"\\u00e9\\\"\"",
                "\"a\tb\"",
                "/* l */ \"z\"",
            ]);
        }
        self.pick(&[" ", " ", "\t", "  "]);
        self.put("{");
        match self.dice.below(5) {
            0 => self.blank(),
            1 => {
                self.blank();
                self.pick(&NAMES);
                self.put("=");
                self.leaf();
                self.blank();
            }
            _ => {
                self.pick(&["", "", "", " # c", "/* x */", "  "]);
                self.put("\n");
                let further = *self.dice.pick(&["", "  ", "\t", "    "]);
                self.body(depth - 1, &format!("{indent}{further}"));
                self.put(indent);
            }
        }
        self.put("}");
        self.pick(&ENDS);
        self.put("\n");
    }

    fn leaf(&mut self) {
        self.pick(&LEAVES);
    }

    fn expression(&mut self, depth: usize) {
        if depth == 0 {
            return self.leaf();
        }
        let inner = depth - 1;
        match self.dice.below(14) {
            0 => {
                self.pick(&["f(", "x-y(", "provider::a::b(", "provider::  a :: b("]);
                self.items(inner, true);
                self.put(")");
            }
            1 | 2 => {
                self.put("[");
                self.items(inner, false);
                self.put("]");
            }
            3 | 4 => self.object(inner),
            5 | 6 => {
                self.expression(inner);
                self.blank();
                self.pick(&OPERATORS);
                self.blank();
                self.expression(inner);
            }
            7 => {
                self.expression(inner);
                self.pick(&["?", " ? ", "  ?"]);
                self.expression(inner);
                self.pick(&[":", " : ", ":  "]);
                self.expression(inner);
            }
            8 => {
                self.pick(&["!", "-", "! ", "- ", "!!", "--"]);
                self.expression(inner);
            }
            9 => {
                self.put("(");
                self.break_here();
                self.expression(inner);
                self.break_here();
                self.put(")");
            }
            10 => self.template(inner),
            11 => self.loop_over(inner),
            12 => {
                self.expression(inner);
                self.pick(&[
                    ".a", "[ 0 ]", "[0]", ".*", "[*]", "[ * ]", ".*.b", "[\"k\"]", ".0", " .a", " [0]", ". a",
                ]);
            }
            _ => self.heredoc(),
        }
    }

    fn items(&mut self, depth: usize, may_expand: bool) {
        let count = self.dice.below(4);
        self.break_here();
        for at in 0..count {
            self.expression(depth);
            self.blank();
            if at + 1 < count {
                self.put(",");
                self.pick(&["", " ", " # t\n", "  /* u */ "]);
                self.break_here();
            }
        }
        if count > 0 {
            self.pick(if may_expand {
                &["", "", "...", ",", ",\n"]
            } else {
                &["", "", ",", ",\n", "\n"]
            });
        }
    }

    fn object(&mut self, depth: usize) {
        self.put("{");
        self.pick(&["", " ", "\n", " # c\n", "\n\n"]);
        let count = self.dice.below(4);
        for at in 0..count {
            self.blank();
            self.pick(&[
                "a",
                "long_name",
                "\"k\"",
                "(a.b)",
                "\"${a}\"",
                "1",
                "\"a b\"",
                "a.b",
            ]);
            self.blank();
            self.pick(&["=", "=", ":"]);
            self.blank();
            self.expression(depth);
            if at + 1 < count {
                self.pick(&[", ", "\n", "\n\n", ",\n", " # tc\n", "\n  # own\n"]);
            } else {
                self.pick(&["", " ", "\n", ",", ",\n", " # tc\n"]);
            }
        }
        self.put("}");
    }

    fn template(&mut self, depth: usize) {
        self.put("\"");
        for _ in 0..self.dice.below(3) {
            self.pick(&["x", " ", "$", "%%", "$${", "é", "\\\""]);
            self.pick(&["${", "${~", "${ ", "%{if true}a%{ else ~}b%{endif}${"]);
            self.expression(depth);
            self.pick(&["}", "~}", " }", " ~}"]);
        }
        self.put("\"");
    }

    fn loop_over(&mut self, depth: usize) {
        let is_object = self.dice.one_in(2);
        self.put(if is_object { "{" } else { "[" });
        self.blank();
        self.pick(&["for x in ", "for k,v in ", "for  k , v  in "]);
        self.expression(depth);
        self.pick(&[":", " : ", ":\n"]);
        if is_object {
            self.expression(depth);
            self.pick(&["=>", " => "]);
        }
        self.expression(depth);
        if is_object {
            self.pick(&["", "", "...", " ..."]);
        }
        if self.dice.one_in(3) {
            self.put(" if ");
            self.leaf();
        }
        self.break_here();
        self.put(if is_object { "}" } else { "]" });
    }

    fn heredoc(&mut self) {
        self.pick(&["<<EOT\n", "<<-EOT\n"]);
        for _ in 0..self.dice.below(4) {
            self.pick(&["", "  ", "    ", "\t"]);
            self.pick(&[
                "",
                "x",
                "a  b",
                "# no",
                "  x = 1",
                "}",
                "é",
                "%{if true}y%{endif}",
                "${  a+b }  z",
            ]);
            self.put("\n");
        }
        self.pick(&["", "  ", "\t"]);
        self.put("EOT");
    }

    /// A whole file, with odd ends of lines and of itself.
    fn file(&mut self) -> String {
        self.text.clear();
        self.body(3, "");
        let mut text = std::mem::take(&mut self.text);
        if self.dice.one_in(10) {
            text = text.replace('\n', "\r\n");
        }
        // An end marker has to end its line.
        if self.dice.one_in(5) && !text.trim_end().ends_with("EOT") {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if self.dice.one_in(10) {
            let end = *self
                .dice
                .pick(&["\n\n", "  ", "\t", "# end", "/* end */", "/* end", "\n  \n"]);
            text.push_str(end);
        }
        text
    }

    /// The text with a few places changed.
    fn change(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..=self.dice.below(5) {
            let at = self.dice.below(letters.len() + 1);
            let end = letters.len().min(at + self.dice.below(6));
            let new = *self.dice.pick(&[
                "", "", " ", "  ", "\t", "\n", "\n\n", "\r\n", " # c\n", "/* c */", ",", "(", ")", "[", "]",
                "{", "}", "\"", "=", ".", "...", "-", "!", "*", "é", "#", "<<E\nE\n", "?", "~", "\\", "a",
                " a ",
            ]);
            letters.splice(at..end, new.chars());
        }
        letters.into_iter().collect()
    }
}

/// The configurations of the tests and the examples, by name.
fn known() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![
        PathBuf::from("examples"),
        PathBuf::from("tests/cases"),
        PathBuf::from("tests/parity"),
    ];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "tf")
                && let Ok(text) = fs::read_to_string(&path)
                // Deeper than we go.
                && !text.contains("[[[[[[[[")
            {
                found.push(text);
            }
        }
    }
    found
}

/// The files that a program refuses, by the places its errors name. Those it does not are formatted.
fn format(program: &str, folder: &Path, count: usize) -> BTreeSet<usize> {
    let mut refused = BTreeSet::new();
    // Of many errors only a part is told.
    let all: Vec<usize> = (0..count).collect();
    for some in all.chunks(30) {
        let mut command = program::start(program, folder);
        command
            .args(["fmt", "-no-color", "-list=false"])
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("CHECKPOINT_DISABLE", "1");
        command.args(some.iter().map(|at| format!("{at}.tf")));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 2)), "{said}");
        let named =
            |at: &&usize| said.contains(&format!(" {at}.tf:")) || said.contains(&format!(" {at}.tf line"));
        refused.extend(some.iter().filter(named));
    }
    refused
}

#[test]
fn terraform_and_we_format_alike_what_nobody_would_write() {
    let (_home, folder) = program::folder();
    if program::terraform(&folder).is_none() {
        return;
    }
    let known = known();
    let mut writer = Writer {
        dice: Dice(number("KEYFORM_SEED", 1)),
        text: String::new(),
    };
    let count = usize::try_from(number("KEYFORM_FORMATS", 300)).unwrap();
    let texts: Vec<String> = (0..count)
        .map(|at| {
            if at % 2 == 0 {
                writer.file()
            } else {
                let text = writer.dice.pick(&known).clone();
                writer.change(&text)
            }
        })
        .collect();
    let (theirs, ours) = (folder.join("theirs"), folder.join("ours"));
    for place in [&theirs, &ours] {
        fs::create_dir(place).unwrap();
        for (at, text) in texts.iter().enumerate() {
            fs::write(place.join(format!("{at}.tf")), text).unwrap();
        }
    }
    let refused = [
        format("terraform", &theirs, count),
        format(env!("CARGO_BIN_EXE_keyform"), &ours, count),
    ];
    let mut different = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let read = |place: &Path| fs::read_to_string(place.join(format!("{at}.tf"))).unwrap();
        let (their, our) = (read(&theirs), read(&ours));
        let [they, we] = [&refused[0], &refused[1]].map(|refused| refused.contains(&at));
        if their != our || they != we {
            different.push(format!(
                "--- of\n{text}\n--- terraform (refuses: {they})\n{their}\n--- keyform (refuses: {we})\n{our}"
            ));
        }
    }
    eprintln!(
        "formats: {} of {count} agree; {} are refused",
        count - different.len(),
        refused[0].len()
    );
    assert!(
        refused[0].len() < count * 2 / 3,
        "most are errors, which says little"
    );
    assert!(different.is_empty(), "{}", different.join("\n"));
}
