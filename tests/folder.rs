//! A folder in which the program runs, on a sandbox of its own.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use fs_err as fs;

use crate::program;

/// A fresh folder; it goes with the value.
pub struct Folder {
    _home: tempfile::TempDir,
    dir: PathBuf,
    /// What this folder is about, for messages.
    name: String,
    environment: Vec<(String, String)>,
    /// `-sandbox`, or nothing where something else plays the clouds.
    clouds: Option<&'static str>,
}

impl Folder {
    /// A folder whose clouds are the sandbox.
    pub fn new(name: &str) -> Self {
        let (home, dir) = program::folder();
        Self {
            _home: home,
            dir,
            name: name.to_owned(),
            environment: Vec::new(),
            clouds: Some("-sandbox"),
        }
    }

    /// A folder whose configuration says where the clouds are.
    pub fn without_sandbox(name: &str) -> Self {
        Self {
            clouds: None,
            ..Self::new(name)
        }
    }

    pub fn set(&mut self, variable: &str, value: &str) {
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.dir.join(file), text).unwrap();
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.dir.join(file)).unwrap()
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    /// Runs a command; gives the exit code and all that was printed.
    pub fn run(&self, command: &str, arguments: &[&str]) -> (i32, String) {
        let words = command.split(' ').map(str::to_owned);
        let asks_clouds = ["plan", "apply", "destroy", "refresh", "drift", "import"].contains(&command);
        let destroys = ["apply", "destroy"].contains(&command);
        let named = destroys.then(|| program::naming_all(&self.dir));
        let output = program::keyform(&self.dir)
            .args(words)
            .args(self.clouds.filter(|_| asks_clouds))
            .args(named.into_iter().flatten())
            .args(arguments)
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap_or(-1), text)
    }

    /// Runs a command that must end with this exit code.
    #[track_caller]
    pub fn expect(&self, exit: i32, command: &str, arguments: &[&str]) -> String {
        let (found, text) = self.run(command, arguments);
        assert_eq!(
            found,
            exit,
            "{}: {command} {} ended with {found}, not {exit}:\n{text}",
            self.name,
            arguments.join(" ")
        );
        text
    }

    #[track_caller]
    pub fn apply(&self) -> String {
        self.expect(0, "apply", &["-auto-approve"])
    }

    /// Nothing is left to plan, and nothing was changed outside.
    #[track_caller]
    pub fn is_settled(&self) {
        self.expect(0, "plan", &["-detailed-exitcode"]);
        self.expect(0, "drift", &[]);
    }

    /// Destroys everything; nothing stays behind.
    #[track_caller]
    pub fn destroy(&self) {
        self.expect(0, "destroy", &["-auto-approve"]);
        assert_eq!(self.expect(0, "state list", &[]), "", "{}", self.name);
    }

    /// What is recorded of an object, `type.name`.
    pub fn recorded(&self, address: &str) -> serde_json::Value {
        let state: serde_json::Value = serde_json::from_str(&self.read("terraform.tfstate")).unwrap();
        let found = state["resources"].as_array().unwrap().iter().find(|one| {
            one["mode"] == "managed" && format!("{}.{}", one["type"], one["name"]).replace('"', "") == address
        });
        found.unwrap_or_else(|| panic!("{}: {address} is not recorded", self.name))["instances"][0]["attributes"]
            .clone()
    }

    /// The arguments of an object that the state does not hold, with their values by the configuration.
    fn withheld(&self, address: &str) -> BTreeMap<String, String> {
        let state: serde_json::Value = serde_json::from_str(&self.read("terraform.tfstate")).unwrap();
        let all = state["resources"].as_array().unwrap().iter();
        let mut found = all.filter(|one| {
            one["mode"] == "managed" && address == format!("{}.{}", one["type"], one["name"]).replace('"', "")
        });
        let withheld = found.next().unwrap()["instances"][0]["withheld"]
            .as_array()
            .cloned();
        let withheld = withheld.unwrap_or_default();
        let names = withheld
            .iter()
            .filter(|one| one["path"].as_array().unwrap().len() == 1);
        names
            .map(|one| {
                let name = one["path"][0]["value"].as_str().unwrap();
                let value = self.evaluate(&format!("nonsensitive({address}.{name})"));
                (name.to_owned(), serde_json::from_str(&value).unwrap())
            })
            .collect()
    }

    /// What an expression is worth when everything is planned.
    fn evaluate(&self, expression: &str) -> String {
        let mut child = program::keyform(&self.dir)
            .args(["console", "-plan"])
            .args(self.clouds)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{expression}").unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    /// Forgets an object and imports it again, by command and by block; each time nothing is left to plan. Where
    /// nothing refers to it, the program can also write its configuration.
    #[track_caller]
    pub fn import_again(&mut self, address: &str) {
        let recorded = self.recorded(address);
        let secrets = self.withheld(address);
        let mut id = recorded["id"].as_str().unwrap().to_owned();
        // The types of AWS find what is in another region than the provider's by its name.
        let elsewhere = recorded["region"]
            .as_str()
            .filter(|region| *region != "eu-west-1");
        if let Some(region) = elsewhere.filter(|_| address.starts_with("aws_")) {
            id = format!("{id}@{region}");
        }
        self.expect(0, "state rm", &[address]);
        // Ids by chance may look like options, or like templates.
        self.expect(0, "import", &["--", address, &id]);
        self.is_settled();
        self.expect(0, "state rm", &[address]);
        let configuration = self.read("main.tf");
        let text = id.replace("${", "$${").replace("%{", "%%{");
        let block = format!("\nimport {{\n  to = {address}\n  id = \"{text}\"\n}}\n");
        self.write("main.tf", &(configuration.clone() + &block));
        let plan = self.expect(2, "plan", &["-detailed-exitcode"]);
        assert!(
            plan.contains("Plan: 1 to import, 0 to add, 0 to change, 0 to destroy."),
            "{}: an import changes something:\n{plan}",
            self.name
        );
        self.write("main.tf", &(without(&configuration, address) + &block));
        self.expect(0, "plan", &["-generate-config-out=generated.tf"]);
        for line in self.read("generated.tf").lines() {
            let variable = line
                .strip_prefix("variable \"")
                .and_then(|rest| rest.split('"').next());
            if let Some(variable) = variable {
                let (_, argument) = variable.split_once('_').unwrap();
                let value = secrets.get(argument).cloned();
                let value = value.unwrap_or_else(|| recorded[argument].as_str().unwrap().to_owned());
                self.set(&format!("TF_VAR_{variable}"), &value);
            }
        }
        let plan = self.expect(2, "plan", &["-detailed-exitcode"]);
        assert!(
            plan.contains("Plan: 1 to import, 0 to add, 0 to change, 0 to destroy."),
            "{}: generated configuration changes something:\n{plan}\n{}",
            self.name,
            self.read("generated.tf")
        );
        self.apply();
        self.is_settled();
        fs::remove_file(self.path("generated.tf")).unwrap();
        // What no cloud tells, the generated configuration did not say.
        self.write("main.tf", &configuration);
        self.apply();
    }
}

/// Where the block of a resource stands in a text.
pub fn block(text: &str, address: &str) -> std::ops::Range<usize> {
    let (ty, name) = address.split_once('.').unwrap();
    let start = text.find(&format!("resource \"{ty}\" \"{name}\"")).unwrap();
    let end = text[start..]
        .find("\n}")
        .map_or(text.len(), |end| start + end + 2);
    start..end
}

/// The text without the block of a resource.
fn without(text: &str, address: &str) -> String {
    let block = block(text, address);
    format!("{}{}", &text[..block.start], &text[block.end..])
}
