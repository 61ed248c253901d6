//! Errors that have to do with secrets: they name the place and the trouble, never the secret.

use super::{check_silent, count};
use crate::faults::Project;

const CANARY: &str = "canary-in-errors-4711";

/// The same in one word.
fn word() -> String {
    CANARY.replace('-', "_")
}

/// A configuration with a sensitive variable, and what follows it.
fn with(rest: &str) -> String {
    format!("variable \"s\" {{\n  type      = string\n  sensitive = true\n}}\n{rest}")
}

/// Files of a folder, by name.
type Files = Vec<(&'static str, String)>;

/// Types of variables, files of values, what stands in them, and the summary of the error.
const VALUES: [(&str, &str, &str, &str); 17] = [
    (
        "string",
        "terraform.tfvars",
        "s = \"CANARY\n",
        "Invalid multi-line string",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = CANARY \"CANARY\"\n",
        "Missing newline after argument",
    ),
    (
        "number",
        "terraform.tfvars",
        "s = \"CANARY\"\n",
        "Invalid value for input variable",
    ),
    (
        "list(number)",
        "a.auto.tfvars",
        "s = [\"CANARY\"]\n",
        "Invalid value for input variable",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = \"CANARY\"\ns = \"CANARY\"\n",
        "Attribute redefined",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = file(\"CANARY\")\n",
        "Invalid function argument",
    ),
    (
        "string",
        "terraform.tfvars.json",
        "{\"s\": \"CANARY\" \"CANARY\"}",
        "Missing item separator",
    ),
    (
        "bool",
        "terraform.tfvars.json",
        "{\"s\": \"CANARY\"}",
        "Invalid value for input variable",
    ),
    (
        "string",
        "terraform.tfvars.json",
        "{\"s\": WORD}",
        "Invalid JSON keyword",
    ),
    (
        "any",
        "terraform.tfvars.json",
        "{\"s\": {\"CANARY\": 1, \"CANARY\": 2}}",
        "Duplicate object attribute",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = CANARY(1)\n",
        "Call to unknown function",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = provider::CANARY::x(1)\n",
        "Unknown provider function",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = \"%{CANARY}\"\n",
        "Invalid template control keyword",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = <<CANARY\n",
        "Unterminated template string",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = tonumber(\"CANARY\")\n",
        "Invalid function argument",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = regex(\"(CANARY\", \"a\")\n",
        "Invalid function argument",
    ),
    (
        "string",
        "terraform.tfvars",
        "s = {a=1}.CANARY\n",
        "Unsupported attribute",
    ),
];

/// The same of values on the command line, all of which do not fit.
const ARGUMENTS: [(&str, &str); 3] = [
    ("number", "-var=s=CANARY"),
    ("list(string)", "-var=s=[CANARY"),
    ("map(string)", "-var=s={a=CANARY}"),
];

/// Cases of variables files and of values from elsewhere: files, arguments of `plan`, and the summary of the error.
fn of_values() -> Vec<(Files, Vec<String>, &'static str)> {
    let typed = |ty: &str| format!("variable \"s\" {{\n  type      = {ty}\n  sensitive = true\n}}\n");
    let filled = |text: &str| text.replace("CANARY", CANARY).replace("WORD", &word());
    let files = VALUES.map(|(ty, file, text, summary)| {
        (
            vec![("main.tf", typed(ty)), (file, filled(text))],
            Vec::new(),
            summary,
        )
    });
    let arguments = ARGUMENTS.map(|(ty, text)| {
        let summary = "Invalid value for input variable";
        (vec![("main.tf", typed(ty))], vec![filled(text)], summary)
    });
    files.into_iter().chain(arguments).collect()
}

/// Cases of defaults that cannot be: the configuration, and the summary of the error.
fn of_defaults() -> Vec<(&'static str, String, &'static str)> {
    let block = |default: &str| {
        let default = default.replace("CANARY", CANARY);
        format!("variable \"d\" {{\n  type      = number\n  default   = {default}\n  sensitive = true\n}}\n")
    };
    vec![
        (
            "main.tf",
            block("\"CANARY\""),
            "Invalid default value for variable",
        ),
        ("main.tf", block("\"CANARY"), "Invalid multi-line string"),
        (
            "main.tf",
            block("{\n    a = \"CANARY\" \"CANARY\"\n  }"),
            "Missing",
        ),
        (
            "main.tf",
            block("upper(\"CANARY\")"),
            "Invalid default value for variable",
        ),
        ("main.tf", block("local.x == \"CANARY\""), "Variables not allowed"),
        (
            "main.tf.json",
            format!(
                "{{\"variable\": {{\"d\": {{\n  \"type\": \"number\",\n  \"default\": \"{CANARY}\",\n  \"sensitive\": true}}}}}}"
            ),
            "Invalid default value for variable",
        ),
        (
            "main.tf.json",
            format!(
                "{{\"variable\": {{\"d\": {{\"sensitive\": true, \"default\": {}}}}}}}",
                word()
            ),
            "Invalid JSON keyword",
        ),
        (
            "main.tf.json",
            format!(
                "{{\"resource\": {{\"aws_kms_ciphertext\": {{\"c\": {{\"key_id\": \"x\", \"plaintext\": \"{CANARY}${{local.no}}\"}}}}}}}}"
            ),
            "Reference to undeclared local value",
        ),
    ]
}

/// Cases of expressions with a secret: what follows the variable, and the summary of the error.
const EXPRESSIONS: [(&str, &str); 17] = [
    (
        "output \"o\" {\n  value = var.s\n}",
        "Output refers to sensitive values",
    ),
    (
        "output \"o\" {\n  value = tonumber(var.s)\n}",
        "Invalid function argument",
    ),
    (
        "output \"o\" {\n  value = jsondecode(var.s)\n}",
        "Error in function call",
    ),
    (
        "output \"o\" {\n  value = yamldecode(\"a: [${var.s}\")\n}",
        "Error in function call",
    ),
    (
        "output \"o\" {\n  value = file(var.s)\n}",
        "Invalid function argument",
    ),
    (
        "output \"o\" {\n  value = templatefile(var.s, {})\n}",
        "Invalid function argument",
    ),
    (
        "output \"o\" {\n  value = base64decode(var.s)\n}",
        "Error in function call",
    ),
    (
        "output \"o\" {\n  value = regex(\"(${var.s}\", \"a\")\n}",
        "Invalid function argument",
    ),
    (
        "output \"o\" {\n  value = formatdate(\"YYYY\", var.s)\n}",
        "Invalid function argument",
    ),
    (
        "output \"o\" {\n  value = cidrhost(var.s, 1)\n}",
        "Error in function call",
    ),
    ("output \"o\" {\n  value = { a = 1 }[var.s]\n}", "Invalid index"),
    ("output \"o\" {\n  value = var.s + 1\n}", "Invalid operand"),
    (
        "resource \"terraform_data\" \"d\" {\n  for_each = toset([var.s])\n}",
        "Invalid for_each argument",
    ),
    (
        "resource \"terraform_data\" \"d\" {\n  count = var.s\n}",
        "Incorrect value type",
    ),
    (
        "check \"c\" {\n  assert {\n    condition     = var.s == \"\"\n    error_message = \"It is ${var.s}.\"\n  }\n}\noutput \"o\" {\n  value = var.s\n}",
        "Check block assertion failed",
    ),
    (
        "output \"o\" {\n  value = \"x\"\n  precondition {\n    condition     = var.s == \"\"\n    error_message = \"It is ${var.s}.\"\n  }\n}",
        "Module output value precondition failed",
    ),
    (
        "resource \"random_password\" \"p\" {\n  length = var.s\n}",
        "Incorrect attribute value type",
    ),
];

/// Cases of secrets that stand in the configuration itself.
const LITERALS: [(&str, &str); 10] = [
    (
        "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name    = \"s\"\n  secret_data_wo = \"CANARY\"\n}",
        "Missing required argument",
    ),
    (
        "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  version_id = \"v\"\n  secret_data = [\"CANARY\"]\n}",
        "Incorrect attribute value type",
    ),
    (
        "provider \"alicloud\" {\n  region     = \"cn-hangzhou\"\n  access_key = \"a\"\n  secret_key = \"b\"\n}\nresource \"alicloud_kms_client_key\" \"k\" {\n  aap_name = \"a\"\n  password = \"CANARYCANARYCANARYCANARY\"\n}",
        "Invalid argument value",
    ),
    (
        "provider \"alicloud\" {\n  region     = \"nowhere\"\n  access_key = \"a\"\n  secret_key = \"CANARY\"\n}\nresource \"alicloud_kms_key\" \"k\" {}",
        "Invalid Alibaba Cloud region",
    ),
    (
        "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  version_id  = \"v\"\n  secret_data = <<EOT\nCANARY ${local.nope}\nEOT\n}",
        "Reference to undeclared local value",
    ),
    (
        "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  version_id  = \"v\"\n  secret_data = jsonencode({\n    pin = \"CANARY ${local.nope}\"\n  })\n}",
        "Reference to undeclared local value",
    ),
    (
        "resource \"aws_kms_ciphertext\" \"c\" {\n  key_id    = \"k\"\n  plaintext = base64decode(\"CANARY!!\")\n}",
        "Error in function call",
    ),
    (
        "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  version_id  = \"v\"\n  secret_data = tonumber(\"CANARY\")\n}",
        "Invalid function argument",
    ),
    (
        "terraform {\n  encryption {\n    key_provider \"pbkdf2\" \"k\" {\n      passphrase = \"CANARY\" \"CANARY\"\n    }\n    method \"aes_gcm\" \"m\" {\n      keys = key_provider.pbkdf2.k\n    }\n    state {\n      method = method.aes_gcm.m\n    }\n  }\n}",
        "Missing newline after argument",
    ),
    (
        "terraform {\n  encryption {\n    key_provider \"pbkdf2\" \"k\" {\n      passphrase = nonsuch(\"CANARY\")\n    }\n    method \"aes_gcm\" \"m\" {\n      keys = key_provider.pbkdf2.k\n    }\n    state {\n      method = method.aes_gcm.m\n    }\n  }\n}",
        "Call to unknown function",
    ),
];

/// Whether the secret is told; the error must be the expected one.
#[track_caller]
fn tells(files: &[(&str, String)], arguments: &[String], summary: &str) -> bool {
    let project = Project::new("");
    fs_err::remove_file(project.path("main.tf")).unwrap();
    for (name, text) in files {
        project.write(name, text);
    }
    let mut told = false;
    for command in ["plan", "validate"] {
        let mut all = vec![command];
        all.extend(arguments.iter().map(String::as_str).filter(|_| command == "plan"));
        let mut ran = project.run(&all);
        if command == "plan" {
            assert_eq!(ran.code, Some(1), "{files:?}: {ran:?}");
            ran.says(&[summary]);
        } else {
            ran = project.run(&["validate", "-json"]);
        }
        let said = format!("{}{}", ran.stderr, ran.stdout);
        let times = count(said.as_bytes(), CANARY) + count(said.as_bytes(), &word());
        if times > 0 {
            println!("told by {command}: {ran:?}");
            told = true;
        }
    }
    told
}

#[test]
fn errors_and_what_is_shown_hold_no_secret() {
    let mut cases = 0;
    let mut told = 0;
    let mut check = |files: &[(&str, String)], arguments: &[String], summary: &str| {
        cases += 1;
        told += usize::from(tells(files, arguments, summary));
    };
    for (files, arguments, summary) in of_values() {
        check(&files, &arguments, summary);
    }
    for (name, text, summary) in of_defaults() {
        check(&[(name, text)], &[], summary);
    }
    let given = [format!("-var=s={CANARY}")];
    for (rest, summary) in EXPRESSIONS {
        check(&[("main.tf", with(rest))], &given, summary);
    }
    for (text, summary) in LITERALS {
        check(&[("main.tf", text.replace("CANARY", CANARY))], &[], summary);
    }
    let shown = shown();
    println!("R21: secrets in {cases} error messages = {told}, in show and state show = {shown}");
    assert_eq!((told, shown), (0, 0));
}

/// How many of the commands that show a state tell a secret in it, or a copy.
fn shown() -> usize {
    let project = Project::new(&with(
        "resource \"terraform_data\" \"d\" {\n  input = { key = var.s, other = \"plain\" }\n}\nresource \"terraform_data\" \"copy\" {\n  input = terraform_data.d.output\n}\n",
    ));
    let given = format!("-var=s={CANARY}");
    project.good(&["apply", "-auto-approve", &given]);
    let commands: [&[&str]; 4] = [
        &["show"],
        &["state", "show", "terraform_data.d"],
        &["state", "show", "terraform_data.copy"],
        &["state", "list"],
    ];
    let tells = |command: &&&[&str]| count(project.good(command).as_bytes(), CANARY) > 0;
    commands.iter().filter(tells).count()
}

#[test]
fn a_command_that_fails_is_told_without_the_secrets_in_it() {
    let project = Project::new(&with(
        "resource \"terraform_data\" \"d\" {\n  provisioner \"local-exec\" {\n    command = \"echo ${var.s} >&2; exit 3\"\n  }\n}",
    ));
    let ran = project.bad(
        &["apply", "-auto-approve", &format!("-var=s={CANARY}")],
        &["local-exec"],
    );
    check_silent(&ran, &[CANARY]);
}

#[test]
fn what_is_computed_of_a_secret_is_told_by_nobody_either() {
    let computed = CANARY.to_uppercase();
    let cases = [
        (
            "provider \"aws\" {\n  region  = \"eu-west-1\"\n  profile = upper(var.s)\n}\nresource \"aws_kms_key\" \"k\" {}\n",
            "profile",
        ),
        (
            "provider \"aws\" {\n  region = upper(var.s)\n}\nresource \"aws_kms_key\" \"k\" {}\n",
            "region",
        ),
        (
            "data \"terraform_remote_state\" \"r\" {\n  backend = upper(var.s)\n}\n",
            "backend",
        ),
        (
            "resource \"local_file\" \"f\" {\n  content  = \"x\"\n  filename = \"/proc/${upper(var.s)}/x\"\n}\n",
            "Unwritable",
        ),
    ];
    for (text, said) in cases {
        let project = Project::new(&with(text));
        let ran = project.bad(&["apply", "-auto-approve", &format!("-var=s={CANARY}")], &[said]);
        check_silent(&ran, &[CANARY, &computed]);
    }
}

/// `fmt` reads files of variables too, and it reads what nobody has named.
#[test]
fn what_cannot_be_formatted_is_told_without_the_values_of_variables() {
    let project = Project::new("");
    let texts = [
        format!("s = {CANARY}!x\n"),
        format!("s = [{CANARY}\n"),
        format!("s \"{CANARY}\"\n"),
        format!("s = \"{CANARY}\"\ns = \"{CANARY}\"\n"),
        format!("s = '{CANARY}'\n"),
        format!("s = \"%{{{CANARY}}}\"\n"),
    ];
    for text in texts {
        project.write("terraform.tfvars", &text);
        for command in [
            "$keyform fmt",
            "$keyform fmt -check",
            "$keyform fmt - <terraform.tfvars",
        ] {
            let ran = project.shell(command);
            assert_eq!(ran.code, Some(2), "{ran:?}");
            ran.says(&["--> "]);
            check_silent(&ran, &[CANARY]);
        }
    }
}

#[test]
fn a_name_in_a_sensitive_map_is_not_told_where_its_element_does_not_fit() {
    let project = Project::new(&with(
        "module \"m\" {\n  source = \"./m\"\n  x      = { (upper(var.s)) = [] }\n}\n",
    ));
    fs_err::create_dir(project.path("m")).unwrap();
    project.write("m/main.tf", "variable \"x\" {\n  type = map(number)\n}\n");
    let given = format!("-var=s={CANARY}");
    let ran = project.bad(&["plan", &given], &["not suitable for", "the reason is hidden"]);
    check_silent(&ran, &[CANARY, &CANARY.to_uppercase()]);
    // Shorter ones, too, which no filter knows.
    let ran = project.bad(&["plan", "-var=s=abcde"], &["the reason is hidden"]);
    check_silent(&ran, &["ABCDE"]);
}
