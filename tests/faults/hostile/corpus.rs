//! The corpus of hostile input: small texts with huge values, deep ones, damaged and special files.

use std::os::unix::fs::symlink;

use fs_err as fs;

use super::Project;

/// A folder and a command that must end with an error.
pub struct Case {
    pub name: String,
    pub command: Vec<&'static str>,
    files: Vec<(String, Vec<u8>)>,
    prepare: Option<fn(&Project)>,
}

impl Case {
    /// The folder of the case.
    pub fn project(&self) -> Project {
        let project = Project::new("");
        for (name, content) in &self.files {
            let path = project.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        if let Some(prepare) = self.prepare {
            prepare(&project);
        }
        project
    }

    /// The bytes of its files.
    pub fn size(&self) -> usize {
        self.files.iter().map(|(_, content)| content.len()).sum()
    }

    pub fn beside(mut self, file: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.push((file.into(), content.as_ref().to_vec()));
        self
    }

    pub fn by(mut self, command: &[&'static str]) -> Self {
        self.command = command.to_vec();
        self
    }

    fn after(mut self, prepare: fn(&Project)) -> Self {
        self.prepare = Some(prepare);
        self
    }
}

/// All cases, each with a name of its own.
pub fn cases() -> Vec<Case> {
    let families = [
        nested(),
        nested_elsewhere(),
        doubled(),
        asked_for_much(),
        patterns(),
        numbers(),
        special_files(),
        garbage(),
        circles(),
        masses(),
        super::repeated::repeated(),
        super::records::states(),
        super::records::plans_and_journals(),
    ];
    families.into_iter().flatten().collect()
}

pub fn case(name: impl Into<String>, configuration: impl AsRef<[u8]>) -> Case {
    let case = Case {
        name: name.into(),
        command: vec!["plan"],
        files: Vec::new(),
        prepare: None,
    };
    case.beside("main.tf", configuration)
}

/// An output of this value.
fn worth(name: impl Into<String>, value: &str) -> Case {
    case(name, format!("output \"o\" {{\n  value = {value}\n}}\n"))
}

fn nested() -> Vec<Case> {
    let kinds = [
        ("brackets", "[", "", "]"),
        ("parentheses", "(", "1", ")"),
        ("braces", "{a=", "1", "}"),
        ("templates", "\"${", "1", "}\""),
        ("calls", "abs(", "1", ")"),
        ("nots", "!", "true", ""),
        ("minuses", "-", "1", ""),
        ("conditions", "true ? 1 : ", "1", ""),
        ("sums", "1 + ", "1", ""),
        ("loops", "[for x in ", "[]", ": x]"),
        ("indices", "local.a[", "0", "]"),
        ("keys", "{(", "1", ")=1}"),
        ("directives", "\"%{ if true }", "x", "%{ endif }\""),
    ];
    let mut cases = Vec::new();
    for (kind, open, inner, close) in kinds {
        let opened = open.repeat(100_000);
        let closed = format!("{opened}{inner}{}", close.repeat(100_000));
        cases.push(case(
            format!("nested {kind}"),
            format!("locals {{ a = {closed} }}"),
        ));
        cases.push(case(format!("open {kind}"), format!("locals {{ a = {opened}")));
    }
    cases.push(case(
        "nested blocks",
        "a {\n".repeat(100_000) + &"}\n".repeat(100_000),
    ));
    cases.push(case("open blocks", "a {\n".repeat(100_000)));
    let types = format!("{}any{}", "list(".repeat(100_000), ")".repeat(100_000));
    cases.push(case(
        "nested types",
        format!("variable \"v\" {{ type = {types} }}"),
    ));
    cases
}

fn nested_elsewhere() -> Vec<Case> {
    let lists = "[".repeat(100_000) + &"]".repeat(100_000);
    let objects = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    let variable = "variable \"v\" {}\n";
    vec![
        case("JSON lists", "").beside("a.tf.json", format!("{{\"locals\":{{\"a\":{lists}}}}}")),
        case("JSON objects", "").beside("a.tf.json", format!("{{\"locals\":{objects}}}")),
        case("JSON templates", "").beside(
            "a.tf.json",
            format!("{{\"locals\":{{\"a\":\"{}\"}}}}", "${[".repeat(50_000)),
        ),
        case("variables", variable).beside("terraform.tfvars", format!("v = {lists}")),
        case("variables in JSON", variable).beside("terraform.tfvars.json", format!("{{\"v\":{lists}}}")),
        worth("decoded JSON", "jsondecode(file(\"d\"))").beside("d", &lists),
        worth("decoded YAML", "yamldecode(file(\"d\"))").beside("d", &lists),
        worth("decoded YAML of lines", "yamldecode(file(\"d\"))").beside("d", "- ".repeat(100_000)),
        worth("a template file", "templatefile(\"t\", {})").beside("t", "${[".repeat(100_000)),
        worth("template directives", "templatefile(\"t\", {})").beside("t", "%{ if true }".repeat(100_000)),
        worth(
            "decoded variables",
            "provider::terraform::decode_tfvars(file(\"d\"))",
        )
        .beside("d", format!("a = {lists}")),
        case("a policy", "")
            .beside("keyform.policy", &lists)
            .by(&["plan", "-nosuch"]),
        case("an index of modules", "module \"m\" {\n  source = \"a/b/c\"\n}")
            .beside(".terraform/modules/modules.json", &lists),
        case("state pushed", "")
            .beside("s.json", &lists)
            .by(&["state", "push", "s.json"]),
        case("formatted", format!("locals {{ a = {lists} }}")).by(&["fmt"]),
        case("values one in another", {
            let lines = (1..=5_000).map(|at| format!("  a{at} = [local.a{}]\n", at - 1));
            format!("locals {{\n  a0 = 1\n{}}}\n", lines.collect::<String>())
        }),
    ]
}

/// Each local value twice the one before.
fn doubled() -> Vec<Case> {
    let doubling = |name: &str, first: &str, next: &str| {
        let line = |at: usize| format!("a{at} = {}\n", next.replace('@', &format!("local.a{}", at - 1)));
        let lines: String = (1..40).map(line).collect();
        case(
            format!("doubled {name}"),
            format!("locals {{\na0 = {first}\n{lines}}}\noutput \"o\" {{ value = local.a39 }}"),
        )
    };
    vec![
        doubling("text", "\"xxxxxxxx\"", "\"${@}${@}\""),
        doubling("text by join", "\"xxxxxxxx\"", "join(\"\", [@, @])"),
        doubling("text by format", "\"xxxxxxxx\"", "format(\"%s%s\", @, @)"),
        doubling("text by replace", "\"xxxxxxxx\"", "replace(@, \"x\", \"xx\")"),
        doubling("text by JSON", "\"xxxxxxxx\"", "jsonencode([@, @])"),
        doubling("lists", "[1, 2, 3, 4]", "concat(@, @)"),
        doubling("lists by flatten", "[1, 2, 3, 4]", "flatten([@, @])"),
        doubling("lists in lists", "[1]", "[@, @]"),
        doubling("lists by product", "range(10)", "setproduct(@, @)"),
        doubling("maps", "{ a = 1 }", "{ for k in [\"x\", \"y\"] : k => @ }"),
        doubling(
            "sets",
            "[\"a\"]",
            "setunion([for x in @ : \"${x}a\"], [for x in @ : \"${x}b\"])",
        ),
    ]
}

fn asked_for_much() -> Vec<Case> {
    let thousand = "range(1000)";
    let loops = |inner: &str| {
        format!("[for a in {thousand} : [for b in {thousand} : [for c in {thousand} : {inner}]]]")
    };
    let mut cases: Vec<Case> = [
        (
            "a product of sets",
            "setproduct(range(1000), range(1000), range(1000), range(1000))".into(),
        ),
        ("three loops", loops("a")),
        ("three loops of nothing", format!("length({})", loops("[]"))),
        ("a wide text", "format(\"%2000000000s\", \"a\")".into()),
        ("a wide number", "format(\"%999999999d\", 1)".into()),
        ("a precise number", "format(\"%.999999999f\", 1)".into()),
        ("a left-hand text", "format(\"%-999999999s\", 1)".into()),
        ("leading zeros", "format(\"%0999999999d\", 1)".into()),
        (
            "many widths",
            format!("format(\"{}\", 1)", "%[1]65000d".repeat(5_000)),
        ),
        ("a deep indent", "indent(2000000000, \"a\\nb\")".into()),
        ("a long range", "range(1000000000)".into()),
        ("a range of small steps", "range(0, 1, 0.000000001)".into()),
        (
            "a wide replacement",
            format!(
                "replace(\"{}\", \"/a/\", \"{}\")",
                "a".repeat(30_000),
                "b".repeat(30_000)
            ),
        ),
        (
            "a replacement of nothing",
            format!("replace(\"{0}\", \"//\", \"{0}\")", "b".repeat(30_000)),
        ),
        ("a costly hash", "bcrypt(\"a\", 31)".into()),
        (
            "networks",
            "[for n in range(100000) : [for m in range(1000) : cidrsubnet(\"10.0.0.0/8\", 16, 1)]]".into(),
        ),
        (
            "times",
            "[for n in range(1000000) : formatdate(\"YYYY\", \"2020-01-01T00:00:00Z\")]".into(),
        ),
        (
            "sorted much",
            "[for a in range(1000) : sort([for b in range(1000) : \"${b}\"])]".into(),
        ),
        (
            "chunks",
            "[for n in range(100000) : chunklist(range(1000), 1)]".into(),
        ),
    ]
    .map(|(name, value): (&str, String)| worth(name, &value))
    .into();
    cases.extend(asked_of_blocks());
    cases
}

/// The same of what decodes and of blocks.
fn asked_of_blocks() -> Vec<Case> {
    let mut cases = Vec::new();
    let aliases: String = ('b'..='j')
        .zip('a'..)
        .map(|(this, last)| format!("{this}: &{this} [{}]\\n", vec![format!("*{last}"); 9].join(",")))
        .collect::<Vec<_>>()
        .concat();
    cases.push(worth(
        "aliases of YAML",
        &format!("yamldecode(\"a: &a [x]\\n{aliases}\")"),
    ));
    cases.push(worth("an alias of itself", "yamldecode(\"a: &a [*a]\\n\")"));
    cases.push(case(
        "a count",
        "resource \"terraform_data\" \"d\" { count = 1e9 }",
    ));
    cases.push(case(
        "a count that is honest no more",
        "resource \"terraform_data\" \"d\" { count = 200000 }",
    ));
    cases.push(case(
        "a huge count",
        "resource \"terraform_data\" \"d\" { count = 1e300 }",
    ));
    cases.push(case(
        "a for_each",
        "resource \"terraform_data\" \"d\" {\n  for_each = toset([for a in range(300000) : \"${a}\"])\n}\n",
    ));
    cases.push(
        case(
            "a count of modules",
            "module \"m\" {\n  source = \"./m\"\n  count = 1000000000\n}\n",
        )
        .beside("m/main.tf", "resource \"terraform_data\" \"d\" {}\n"),
    );
    cases
}

fn patterns() -> Vec<Case> {
    let long = "a".repeat(120_000);
    let deep = "(".repeat(60_000);
    let classes = "[\\\\p{L}\\\\p{N}]".repeat(5_000);
    let pattern = |name: &str, pattern: &str| {
        worth(
            format!("a pattern: {name}"),
            &format!("regex(\"{pattern}\", \"a\")"),
        )
    };
    vec![
        pattern("long", &long),
        pattern("deep", &deep),
        pattern("repeated", "((((a{10}){10}){10}){10}){10}"),
        pattern("repeated twice", "(a{1000}){1000}"),
        pattern("of classes", &classes),
        worth(
            "a pattern that replaces",
            &format!("replace(\"a\", \"/{long}/\", \"b\")"),
        ),
    ]
}

fn numbers() -> Vec<Case> {
    vec![
        worth("a long number", &format!("1{}", "0".repeat(1_000_000))),
        worth("a long fraction", &format!("0.{}", "1".repeat(1_000_000))),
        worth("a large exponent", "1e999999999"),
        worth("a small exponent", "1e-999999999"),
        worth("an exponent beyond a word", &format!("1e{}", "9".repeat(100))),
        worth("nothing by nothing", "0 / 0"),
        worth(
            "a number of digits",
            &format!("parseint(\"{}\", 62) * 1e308", "z".repeat(100_000)),
        ),
        worth(
            "a number in text",
            &format!("tonumber(\"{}\")", "9".repeat(200_000)),
        ),
        worth(
            "a number in JSON",
            &format!("jsondecode(\"1e{}\")", "9".repeat(20)),
        ),
        worth("an index", "[1][1e30]"),
        worth("a fraction for an index", "[1][0.5]"),
    ]
}

fn special_files() -> Vec<Case> {
    let mut cases: Vec<Case> = ["file", "filebase64", "filemd5", "filesha512", "filebase64sha256"]
        .iter()
        .flat_map(|function| {
            ["/dev/zero", "/proc/kmsg", "."].map(|path| {
                worth(
                    format!("{function} of {path}"),
                    &format!("{function}(\"{path}\")"),
                )
            })
        })
        .collect();
    cases.extend([
        worth("a template of zeros", "templatefile(\"/dev/zero\", {})"),
        worth("all files there are", "fileset(\"/\", \"**\")"),
        worth("a sparse file", "file(\"s\")").after(|project| sparse(project, "s")),
        worth("a pipe", "file(\"p\")").after(|project| crate::files::pipe(&project.path("p"))),
        case("a pipe of configuration", "").after(|project| crate::files::pipe(&project.path("z.tf"))),
        case("a pipe of variables", "")
            .after(|project| crate::files::pipe(&project.path("terraform.tfvars"))),
        case("a pipe for a state", "")
            .after(|project| crate::files::pipe(&project.path("terraform.tfstate"))),
        case("a pipe for a journal", "")
            .after(|project| crate::files::pipe(&project.path("terraform.tfstate.journal"))),
        case("zeros of configuration", "").after(|project| link(project, "z.tf")),
        case("zeros of variables", "").after(|project| link(project, "terraform.tfvars")),
        case("zeros for a state", "").after(|project| link(project, "terraform.tfstate")),
        case("zeros for a plan", "").by(&["apply", "/dev/zero"]),
        case("zeros to push", "").by(&["state", "push", "/dev/zero"]),
        case("zeros of other variables", "").by(&["plan", "-var-file=/dev/zero"]),
        case("sparse configuration", "").after(|project| sparse(project, "z.tf")),
        case("sparse variables", "").after(|project| sparse(project, "terraform.tfvars")),
        case("a sparse state", "").after(|project| sparse(project, "terraform.tfstate")),
        case("a sparse journal", "").after(|project| sparse(project, "terraform.tfstate.journal")),
        case("a sparse plan", "")
            .after(|project| sparse(project, "p"))
            .by(&["apply", "p"]),
        case("a folder for a state", "").beside("terraform.tfstate/x", ""),
    ]);
    cases
}

fn link(project: &Project, name: &str) {
    symlink("/dev/zero", project.path(name)).unwrap();
}

/// A file of 3 GiB that takes no room.
fn sparse(project: &Project, name: &str) {
    let file = fs::File::create(project.path(name)).unwrap();
    file.set_len(3 << 30).unwrap();
}

fn garbage() -> Vec<Case> {
    let bytes: Vec<u8> = (0_u32..10_000_000)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let letters: Vec<u8> = bytes.iter().map(|byte| b' ' + byte % 95).collect();
    let short = &bytes[..100_000];
    vec![
        case("bytes", &bytes),
        case("letters", &letters),
        case("bytes in JSON", "").beside("a.tf.json", &bytes),
        case("letters in JSON", "").beside("a.tf.json", &letters),
        case("bytes of variables", "").beside("terraform.tfvars", short),
        case("letters of variables", "").beside("terraform.tfvars", &letters),
        case("bytes for a state", "").beside("terraform.tfstate", &bytes),
        case("letters for a state", "").beside("terraform.tfstate", &letters),
        case("bytes for a plan", "")
            .beside("p", short)
            .by(&["apply", "p"]),
        case(
            "bytes of a module index",
            "module \"m\" {\n  source = \"a/b/c\"\n}",
        )
        .beside(".terraform/modules/modules.json", short),
        case("bytes formatted", short).by(&["fmt"]),
        case("letters formatted", &letters).by(&["fmt"]),
        case("no Unicode", b"locals { a = \"\xff\xfe\" }"),
        case("zeros", "locals { a = 1 }\n\0\0"),
        case("an open text", "locals { a = \""),
        case("an open heredoc", "locals { a = <<E\n"),
        case("an open comment", "locals { a = 1 }\n/*"),
        case("half a character", "locals { a = \"\\ud800\" }"),
        case("half a character in JSON", "").beside("a.tf.json", "{\"locals\":{\"a\":\"\\ud800\"}"),
        case("UTF-16", b"\xff\xfel\0o\0c\0a\0l\0s\0 \0{\0}\0"),
    ]
}

fn circles() -> Vec<Case> {
    let ring: String = (0..20_000)
        .map(|n| format!("a{n} = local.a{}\n", (n + 1) % 20_000))
        .collect::<Vec<_>>()
        .concat();
    vec![
        case("a ring of local values", format!("locals {{\n{ring}}}")),
        case("a module that calls itself", "module \"m\" { source = \"./\" }"),
        case(
            "modules that call each other",
            "module \"m\" { source = \"./m\" }",
        )
        .beside("m/main.tf", "module \"m\" { source = \"../m\" }"),
        case(
            "a resource of itself",
            "resource \"terraform_data\" \"a\" { input = terraform_data.a.id }",
        ),
        case(
            "moves in a ring",
            "moved {\n  from = terraform_data.a\n  to = terraform_data.b\n}\nmoved {\n  from = terraform_data.b\n  to = terraform_data.a\n}\n",
        ),
        worth("a template of itself", "templatefile(\"t\", {})").beside("t", "${templatefile(\"t\", {})}"),
        worth("a link to itself", "file(\"l\")").after(|project| symlink("l", project.path("l")).unwrap()),
    ]
}

fn masses() -> Vec<Case> {
    let words = |word: &str, count: usize| format!("locals {{\n  a = [{}]\n}}\n", word.repeat(count));
    let blocks = |kind: &str, count: usize| {
        (0..count)
            .map(|n| kind.replace('@', &n.to_string()))
            .collect::<String>()
    };
    vec![
        case("millions of lists", words("[],", 3_000_000)),
        case("millions of names", words("a.b,", 3_000_000)),
        case(
            "millions of lines",
            format!("locals {{\n  a = <<E\n{}E\n}}\n", "x\n".repeat(5_000_000)),
        ),
        case("millions of blocks", "b {}\n".repeat(1_000_000)),
        case("millions of values in JSON", "").beside(
            "a.tf.json",
            format!("{{\"locals\":{{\"a\":[{}[]]}}}}", "[],".repeat(3_000_000)),
        ),
        case("undeclared names", words("nosuch.b,", 200_000)),
        case("unknown functions", words("nosuch(),", 200_000)),
        case("wrong indices", words("1[0],", 200_000)),
        case(
            "wrong blocks",
            blocks("resource \"terraform_data\" \"r@\" {\n  nosuch = 1\n}\n", 20_000),
        ),
        case(
            "unknown types",
            blocks("resource \"nosuch_x\" \"r@\" {}\n", 20_000),
        ),
        case(
            "the same block",
            "resource \"terraform_data\" \"r\" {}\n".repeat(20_000),
        ),
        case(
            "the same argument",
            format!(
                "resource \"terraform_data\" \"r\" {{\n{}}}\n",
                "input = 1\n".repeat(50_000)
            ),
        ),
        case("an endless name", "x".repeat(10_000_000)),
        case("endless labels", "a ".repeat(1_000_000) + "{}"),
        worth("decoded CSV", "csvdecode(file(\"d\"))").beside("d", "a\n".repeat(1_000_000)),
        worth("decoded objects", "jsondecode(file(\"d\"))")
            .beside("d", format!("[{}{{}}]", "{\"a\":1},".repeat(1_000_000))),
        worth("decoded lines of YAML", "yamldecode(file(\"d\"))").beside("d", "- {a: 1}\n".repeat(300_000)),
    ]
}
