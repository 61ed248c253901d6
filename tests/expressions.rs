//! Expressions that nobody thought of: made from a seed, and given to the real `terraform console` and to ours.
//!
//! The functions and the types of their parameters are those that terraform itself lists. Arguments are mostly of
//! the right type, sometimes not. Both must give the same value in the same form, or both an error; that they give
//! the same words is not asked. `KEYFORM_EXPRESSIONS=5000` makes so many, `KEYFORM_SEED=7` makes others.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use crate::dice::{Dice, number};
use crate::encodings::{ENCODINGS, encoded_and_decoded};
use crate::program;

/// What differs from run to run, reads files, or takes long; and what differs in its last digits or bytes, on purpose or
/// harmlessly: compressed text, and doubles, whose text is exact here (they have tables of their own).
const LEFT_OUT: [&str; 23] = [
    "abspath",
    "base64gzip",
    "basename",
    "bcrypt",
    "dirname",
    "file",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "fileexists",
    "filemd5",
    "fileset",
    "filesha1",
    "filesha256",
    "filesha512",
    "log",
    "pathexpand",
    "plantimestamp",
    "pow",
    "templatefile",
    "templatestring",
    "timestamp",
    "uuid",
];

/// What an expression shall be.
#[derive(Clone, PartialEq)]
enum Wanted {
    Any,
    Bool,
    Number,
    String,
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
}

impl Wanted {
    /// A type as terraform's list of functions has it.
    fn read(ty: &Json) -> Self {
        match ty {
            Json::String(name) if name == "bool" => Self::Bool,
            Json::String(name) if name == "number" => Self::Number,
            Json::String(name) if name == "string" => Self::String,
            Json::Array(parts) => {
                let inner = Box::new(Self::read(&parts[1]));
                match parts[0].as_str() {
                    Some("list") => Self::List(inner),
                    Some("set") => Self::Set(inner),
                    Some("map") => Self::Map(inner),
                    _ => Self::Any,
                }
            }
            _ => Self::Any,
        }
    }
}

struct Function {
    name: String,
    returns: Wanted,
    params: Vec<Wanted>,
    further: Option<Wanted>,
}

/// The functions that terraform lists.
fn functions(folder: &Path) -> Option<Vec<Function>> {
    let mut command = program::terraform(folder)?;
    let output = command.args(["metadata", "functions", "-json"]).output().unwrap();
    let listed: Json = serde_json::from_slice(&output.stdout).unwrap();
    let all = listed["function_signatures"].as_object().unwrap().iter();
    let kept = all.filter(|(name, _)| !name.contains("::") && !LEFT_OUT.contains(&name.as_str()));
    Some(
        kept.map(|(name, signature)| Function {
            name: name.clone(),
            returns: Wanted::read(&signature["return_type"]),
            params: signature["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|param| Wanted::read(&param["type"]))
                .collect(),
            further: signature
                .get("variadic_parameter")
                .map(|param| Wanted::read(&param["type"])),
        })
        .collect(),
    )
}

struct Maker {
    dice: Dice,
    functions: Vec<Function>,
    /// Names of `for` variables around.
    bound: usize,
}

const NUMBERS: [&str; 24] = [
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "10",
    "16",
    "-1",
    "-2",
    "1.5",
    "0.1",
    "-0.5",
    "2.50",
    "100",
    "255",
    "1e3",
    "1e-3",
    "9007199254740993",
    "18446744073709551616",
    "123456789012345678901234567890",
    "0.30000000000000004",
    "3.14159265358979323846",
    "1e50",
];

const TEXTS: [&str; 40] = [
    r#""""#,
    r#""a""#,
    r#""b""#,
    r#""ab""#,
    r#""abc""#,
    r#""A b-c_d""#,
    r#""hello world""#,
    r#""1""#,
    r#""12""#,
    r#""-3""#,
    r#""1.5""#,
    r#""0x1f""#,
    r#""true""#,
    r#""false""#,
    r#""null""#,
    r#"" a ""#,
    r#""a,b,c""#,
    r#""a\nb\n""#,
    r#""tab\there""#,
    r#""quote\"d""#,
    r#""back\\slash""#,
    r#""ünïcödé""#,
    r#""日本語""#,
    r#""e\u0301""#,
    r#""👩‍👩‍👧""#,
    r#""$${x}""#,
    r#""%%{x}""#,
    r#""10.0.0.0/8""#,
    r#""192.168.1.0/24""#,
    r#""2001:db8::/32""#,
    r#""fd00::1""#,
    r#""2024-02-29T12:30:45Z""#,
    r#""2017-11-22T00:00:00+01:00""#,
    r#""YYYY-MM-DD'T'hh:mm""#,
    r#""1h30m""#,
    r#""%s-%d""#,
    r#""%05.2f|%x|%q""#,
    r#""[a-z]+""#,
    r#""(\\w)(?P<n>\\d)""#,
    r#""{\"a\":[1,null,true]}""#,
];

const KEYS: [&str; 8] = ["a", "b", "c", "name", "x-y", "1", "key", "ä"];

impl Maker {
    fn expression(&mut self, wanted: &Wanted, depth: usize) -> String {
        if self.bound > 0 && self.dice.one_in(4) {
            return format!("v{}", self.dice.below(self.bound));
        }
        if depth == 0 {
            return self.leaf(wanted);
        }
        match self.dice.below(12) {
            0..4 => self.call(wanted, depth),
            4 => self.conditional(wanted, depth),
            5 => format!("({})", self.expression(wanted, depth - 1)),
            6 if self.dice.one_in(3) => "null".to_owned(),
            7 => self.part(wanted, depth),
            _ => self.composed(wanted, depth),
        }
    }

    fn leaf(&mut self, wanted: &Wanted) -> String {
        match wanted {
            Wanted::Bool => (*self.dice.pick(&["true", "false"])).to_owned(),
            Wanted::Number => (*self.dice.pick(&NUMBERS)).to_owned(),
            Wanted::String => (*self.dice.pick(&TEXTS)).to_owned(),
            Wanted::List(_) | Wanted::Set(_) => "[]".to_owned(),
            Wanted::Map(_) => "{}".to_owned(),
            Wanted::Any => {
                let wanted = self.some_type();
                if wanted == Wanted::Any {
                    "null".to_owned()
                } else {
                    self.leaf(&wanted)
                }
            }
        }
    }

    fn some_type(&mut self) -> Wanted {
        let inner = |maker: &mut Self| {
            let simple = [
                Wanted::Bool,
                Wanted::Number,
                Wanted::String,
                Wanted::String,
                Wanted::Any,
            ];
            Box::new(maker.dice.pick(&simple).clone())
        };
        match self.dice.below(9) {
            0 => Wanted::Bool,
            1 | 2 => Wanted::Number,
            3 | 4 => Wanted::String,
            5 => Wanted::List(inner(self)),
            6 => Wanted::Set(inner(self)),
            7 => Wanted::Map(inner(self)),
            _ => Wanted::Any,
        }
    }

    /// Written out, of parts.
    fn composed(&mut self, wanted: &Wanted, depth: usize) -> String {
        match wanted {
            Wanted::Bool => self.truth(depth),
            Wanted::Number => self.arithmetic(depth),
            Wanted::String => self.template(depth),
            Wanted::List(inner) => self.sequence(inner, depth),
            Wanted::Set(inner) => format!("toset({})", self.sequence(inner, depth)),
            Wanted::Map(inner) => self.object(inner, depth),
            Wanted::Any => {
                let wanted = self.some_type();
                if wanted == Wanted::Any {
                    self.leaf(&wanted)
                } else {
                    self.composed(&wanted, depth)
                }
            }
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        match self.dice.below(4) {
            0 => {
                let operator = *self.dice.pick(&["&&", "||"]);
                // An operand that fails beside one that decides is forgiven here, as in Terraform from 1.12 on.
                let (left, right) = (self.leaf(&Wanted::Bool), self.leaf(&Wanted::Bool));
                format!("({left} {operator} {right})")
            }
            1 => {
                let operator = *self.dice.pick(&["<", "<=", ">", ">="]);
                self.between(&Wanted::Number, operator, depth)
            }
            2 => {
                let operator = *self.dice.pick(&["==", "!="]);
                let wanted = self.some_type();
                self.between(&wanted, operator, depth)
            }
            _ => format!("!{}", self.expression(&Wanted::Bool, depth - 1)),
        }
    }

    fn arithmetic(&mut self, depth: usize) -> String {
        if self.dice.one_in(5) {
            return format!("-{}", self.expression(&Wanted::Number, depth - 1));
        }
        let operator = *self.dice.pick(&["+", "-", "*", "/", "%"]);
        self.between(&Wanted::Number, operator, depth)
    }

    fn between(&mut self, wanted: &Wanted, operator: &str, depth: usize) -> String {
        let left = self.expression(wanted, depth - 1);
        let right = self.expression(wanted, depth - 1);
        format!("{left} {operator} {right}")
    }

    fn template(&mut self, depth: usize) -> String {
        let mut text = String::from("\"");
        for _ in 0..=self.dice.below(3) {
            match self.dice.below(4) {
                0 => text.push_str("text "),
                1 => {
                    let wanted = self
                        .dice
                        .pick(&[Wanted::Number, Wanted::String, Wanted::Bool])
                        .clone();
                    let _ = write!(text, "${{{}}}", self.expression(&wanted, depth - 1));
                }
                2 => {
                    let condition = self.expression(&Wanted::Bool, depth - 1);
                    let trim = *self.dice.pick(&["", "~"]);
                    let _ = write!(
                        text,
                        "%{{ if {condition} {trim}}} yes %{{ else }} no %{{{trim} endif }}"
                    );
                }
                _ => {
                    let list = self.expression(&Wanted::List(Wanted::String.into()), depth - 1);
                    let _ = write!(text, "%{{ for t in {list} }}<${{t}}>%{{ endfor }}");
                }
            }
        }
        text + "\""
    }

    fn sequence(&mut self, inner: &Wanted, depth: usize) -> String {
        if self.dice.one_in(4) {
            return self.loop_over(inner, depth, false);
        }
        let count = self.dice.below(4);
        let parts: Vec<String> = (0..count).map(|_| self.expression(inner, depth - 1)).collect();
        format!("[{}]", parts.join(", "))
    }

    fn object(&mut self, inner: &Wanted, depth: usize) -> String {
        if self.dice.one_in(4) {
            return self.loop_over(inner, depth, true);
        }
        let count = self.dice.below(4);
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let key = *self.dice.pick(&KEYS);
            entries.insert(key, self.expression(inner, depth - 1));
        }
        let entries: Vec<String> = entries
            .into_iter()
            .map(|(key, value)| format!("\"{key}\" = {value}"))
            .collect();
        format!("{{{}}}", entries.join(", "))
    }

    fn loop_over(&mut self, inner: &Wanted, depth: usize, as_object: bool) -> String {
        let list = self.dice.one_in(2);
        let over = if list {
            Wanted::List(Wanted::String.into())
        } else {
            Wanted::Map(Wanted::Number.into())
        };
        let over = self.expression(&over, depth - 1);
        let name = self.bound;
        self.bound += 1;
        let value = self.expression(inner, depth - 1);
        let filter = if self.dice.one_in(3) {
            format!(" if {}", self.expression(&Wanted::Bool, depth - 1))
        } else {
            String::new()
        };
        self.bound -= 1;
        if as_object {
            let group = if self.dice.one_in(3) { "..." } else { "" };
            format!("{{for k, v{name} in {over} : k => {value}{group}{filter}}}")
        } else {
            format!("[for v{name} in {over} : {value}{filter}]")
        }
    }

    fn conditional(&mut self, wanted: &Wanted, depth: usize) -> String {
        let condition = self.expression(&Wanted::Bool, depth - 1);
        let yes = self.expression(wanted, depth - 1);
        let no = self.expression(wanted, depth - 1);
        format!("({condition} ? {yes} : {no})")
    }

    /// A part of something larger.
    fn part(&mut self, wanted: &Wanted, depth: usize) -> String {
        match self.dice.below(3) {
            0 => {
                let list = self.sequence(wanted, depth);
                format!("{list}[{}]", self.dice.below(2))
            }
            1 => {
                let object = self.object(wanted, depth);
                format!("{object}[\"{}\"]", self.dice.pick(&KEYS))
            }
            _ => format!(
                "try({}, {})",
                self.expression(wanted, depth - 1),
                self.leaf(wanted)
            ),
        }
    }

    fn call(&mut self, wanted: &Wanted, depth: usize) -> String {
        let fits = |function: &Function| {
            *wanted == Wanted::Any || function.returns == *wanted || function.returns == Wanted::Any
        };
        let fitting: Vec<usize> = (0..self.functions.len())
            .filter(|&i| fits(&self.functions[i]))
            .collect();
        let i = *self.dice.pick(&fitting);
        let mut params = self.functions[i].params.clone();
        let further = self.functions[i].further.clone();
        for _ in 0..self.dice.below(3) {
            params.extend(further.clone());
        }
        let name = self.functions[i].name.clone();
        let arguments: Vec<String> = params
            .iter()
            .map(|param| {
                let param = if self.dice.one_in(15) { &Wanted::Any } else { param };
                self.expression(param, depth - 1)
            })
            .collect();
        format!("{name}({})", arguments.join(", "))
    }
}

/// What stands in the place of an expression that is an error.
const FAILED: &str = "\"an error\"";

/// What a console prints for all of the expressions as one list; none when that fails as a whole.
fn answer(mut command: Command, expressions: &[String]) -> Option<String> {
    let tried = expressions.iter().map(|one| format!("try({one}, {FAILED})"));
    let text = format!("[{}]", tried.collect::<Vec<_>>().join(", "));
    let mut child = command.arg("console").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    output.status.success().then(|| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ZERO.replace_all(&text, "0$1").into_owned()
    })
}

/// Terraform has a zero with a sign. It equals the other and shows only where it is printed.
static ZERO: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"-0([^.\de]|$)").unwrap());

const UNKNOWN: &str = "(known after apply)";

/// How both answer.
struct Both<'a> {
    folder: &'a Path,
    /// Values that terraform gave.
    values: usize,
    different: Vec<String>,
}

impl Both<'_> {
    /// Asks both, and halves what differs until it is one expression.
    fn compare(&mut self, expressions: &[String]) {
        let theirs = answer(program::terraform(self.folder).unwrap(), expressions);
        let ours = answer(program::keyform(self.folder), expressions);
        if expressions.len() > 1 && (theirs != ours || theirs.is_none()) {
            let (left, right) = expressions.split_at(expressions.len() / 2);
            self.compare(left);
            return self.compare(right);
        }
        // A null without a type as argument makes terraform take the result for unknown, for ever.
        let forever = theirs.as_ref().is_some_and(|text| text.contains(UNKNOWN));
        if theirs != ours && !forever {
            let shown = |answer: Option<String>| answer.unwrap_or_else(|| "refused\n".to_owned());
            let text = format!(
                "{}\nterraform: {}keyform: {}",
                expressions[0],
                shown(theirs.clone()),
                shown(ours)
            );
            self.different.push(text);
        }
        let failed = theirs.as_ref().map(|text| text.matches(FAILED).count());
        self.values += failed.map_or(0, |failed| expressions.len().saturating_sub(failed));
    }
}

#[test]
fn terraform_and_we_agree_on_expressions_nobody_thought_of() {
    let (_home, folder) = program::folder();
    let Some(functions) = functions(&folder) else {
        return;
    };
    assert!(functions.len() > 80, "terraform lists its functions");
    let mut maker = Maker {
        dice: Dice(number("KEYFORM_SEED", 1)),
        functions,
        bound: 0,
    };
    let count = usize::try_from(number("KEYFORM_EXPRESSIONS", 400)).unwrap();
    let expressions: Vec<String> = (0..count)
        .map(|i| {
            let wanted = maker.some_type();
            maker.expression(&wanted, 1 + i % 4)
        })
        .collect();
    let mut both = Both {
        folder: &folder,
        values: 0,
        different: Vec::new(),
    };
    expressions.chunks(50).for_each(|some| both.compare(some));
    eprintln!(
        "expressions: {} of {count} agree; of {} terraform gives a value, of the rest an error",
        count - both.different.len(),
        both.values
    );
    assert!(both.values > count / 3, "most are errors, which says little");
    assert!(both.different.is_empty(), "{}", both.different.join("\n"));
}

/// What once differed.
const SETTLED: [&str; 14] = [
    "try(coalescelist([1], {}), \"-\")",
    "try(coalescelist(null, [1]), \"-\")",
    "coalescelist(tolist(null), [1])",
    "coalescelist([1], uuid())[0]",
    "try(coalescelist(toset([1])), \"-\")",
    "length(bcrypt(\"a\", 3))",
    "length(bcrypt(\"a\", -1))",
    "try(bcrypt(\"a\", 32), \"-\")",
    "\"a\\n👨\u{200d}👩\u{200d}👧\"",
    "try(yamldecode(\"%YAML 1.2\\n---\\na: 1\"), \"-\")",
    "yamldecode(\"# x\\n%YAML 1.1\\n---\\na: 1\")",
    "try(yamldecode(\"%FOO x\\n---\\na: 1\"), \"-\")",
    "yamldecode(\"%TAG ! tag:x,2000:\\n---\\na: 1\")",
    "yamldecode(\"a: |\\n  x\\n  %FOO\\n\")",
];

#[test]
fn terraform_and_we_agree_on_what_once_differed() {
    let (_home, folder) = program::folder();
    if program::terraform(&folder).is_none() {
        return;
    }
    let encodings = ENCODINGS.split_whitespace().flat_map(encoded_and_decoded);
    let expressions: Vec<String> = encodings.chain(SETTLED.map(str::to_owned)).collect();
    let mut both = Both {
        folder: &folder,
        values: 0,
        different: Vec::new(),
    };
    expressions.chunks(20).for_each(|some| both.compare(some));
    assert!(both.different.is_empty(), "{}", both.different.join("\n"));
    // Of one list with something unknown in it nobody can say more.
    assert!(both.values + 3 > expressions.len(), "{}", both.values);
}
