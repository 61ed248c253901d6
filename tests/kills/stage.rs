//! What is interrupted: commands on a folder in which twenty objects are recorded, and how the books are checked after it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use fs_err as fs;
use keyform::sandbox::{self, Options, Running, store};
use keyform::state::journal::{Record, read};
use keyform::state::{Manner, Secrets};

use crate::faults::{Project, Ran, UNSETTLED, at, ran, reported};
use crate::program;

/// What is recorded before each command.
const BEFORE: &str = "resource \"terraform_data\" \"d\" {\n  count = 14\n  input = \"one\"\n}\nresource \"aws_kms_key\" \"k\" {\n  count = 6\n  description = \"one\"\n}\n";

/// A command, and what the configuration is by then.
pub struct Workload {
    pub name: &'static str,
    /// What takes the place of what.
    edits: &'static [(&'static str, &'static str)],
    more: &'static str,
    arguments: &'static [&'static str],
    /// How many keys are there in the end.
    pub keys: usize,
    /// How many entries the state has in the end.
    pub entries: usize,
}

/// One at a time, so that there are many moments between.
const APPLY: &[&str] = &["apply", "-auto-approve", "-parallelism=1"];

/// What is done at the end so that nothing is left to plan.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "create",
        edits: &[],
        more: "resource \"terraform_data\" \"n\" {\n  count = 2\n}\nresource \"aws_kms_key\" \"n\" {\n  count = 3\n  description = \"new\"\n}\n",
        arguments: APPLY,
        keys: 9,
        entries: 25,
    },
    Workload {
        name: "update",
        edits: &[("\"one\"", "\"two\"")],
        more: "",
        arguments: APPLY,
        keys: 6,
        entries: 20,
    },
    Workload {
        name: "replace",
        edits: &[
            (
                "description = \"one\"",
                "customer_master_key_spec = \"ECC_NIST_P256\"\n  key_usage = \"SIGN_VERIFY\"",
            ),
            ("input = \"one\"", "triggers_replace = \"two\""),
        ],
        more: "",
        arguments: APPLY,
        keys: 6,
        entries: 20,
    },
    Workload {
        name: "create before destroy",
        edits: &[
            (
                "description = \"one\"",
                "customer_master_key_spec = \"ECC_NIST_P256\"\n  key_usage = \"SIGN_VERIFY\"\n  lifecycle {\n    create_before_destroy = true\n  }",
            ),
            (
                "input = \"one\"",
                "triggers_replace = \"two\"\n  lifecycle {\n    create_before_destroy = true\n  }",
            ),
        ],
        more: "",
        arguments: APPLY,
        keys: 6,
        entries: 20,
    },
    Workload {
        name: "destroy",
        edits: &[("count = 14", "count = 4"), ("count = 6", "count = 2")],
        more: "",
        arguments: APPLY,
        keys: 2,
        entries: 6,
    },
    Workload {
        name: "grow",
        edits: &[("count = 14", "count = 24"), ("count = 6", "count = 9")],
        more: "output \"o\" {\n  value = aws_kms_key.k[*].id\n}\n",
        arguments: APPLY,
        keys: 9,
        entries: 33,
    },
    Workload {
        name: "all at once",
        edits: &[
            ("count = 14\n  input = \"one\"", "count = 4\n  input = \"two\""),
            (
                "description = \"one\"",
                "customer_master_key_spec = \"ECC_NIST_P256\"\n  key_usage = \"SIGN_VERIFY\"",
            ),
        ],
        more: "resource \"aws_kms_key\" \"n\" {\n  count = 3\n  description = \"new\"\n}\n",
        arguments: APPLY,
        keys: 9,
        entries: 13,
    },
    Workload {
        name: "state mv",
        edits: &[("\"d\"", "\"e\"")],
        more: "",
        arguments: &["state", "mv", "terraform_data.d", "terraform_data.e"],
        keys: 6,
        entries: 20,
    },
    Workload {
        name: "state rm",
        edits: &[("count = 14", "count = 0")],
        more: "",
        arguments: &["state", "rm", "terraform_data.d"],
        keys: 6,
        entries: 6,
    },
    Workload {
        name: "plan -out",
        edits: &[("\"one\"", "\"two\"")],
        more: "",
        arguments: &["plan", "-out=saved"],
        keys: 6,
        entries: 20,
    },
];

/// A state and a cloud from which a workload can start any number of times.
pub struct Stage {
    pub workload: &'static Workload,
    state: Vec<u8>,
    cloud: Vec<u8>,
}

/// One time that it starts.
pub struct Scene {
    workload: &'static Workload,
    cloud: Running,
    data: PathBuf,
    pub project: Project,
    /// The ids that were recorded before.
    known: BTreeSet<String>,
    _folder: tempfile::TempDir,
}

/// What was found afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Objects that exist and are recorded nowhere, or were reported and are not recorded.
    pub lost: usize,
    /// Objects more than declared.
    pub twice: usize,
    /// The next apply did not get there.
    pub stuck: usize,
    /// It was told to wait until no request could arrive any more.
    pub waited: usize,
}

impl Stage {
    /// Twenty objects, recorded.
    pub fn of(workload: &'static Workload) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("cloud.json");
        let cloud = start(data.clone());
        let project = Project::new(&at(cloud.address, BEFORE));
        project.good(APPLY);
        cloud.stop().unwrap();
        Self {
            workload,
            state: project.read("terraform.tfstate"),
            cloud: fs::read(data).unwrap(),
        }
    }

    pub fn set(&self) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("cloud.json");
        fs::write(&data, &self.cloud).unwrap();
        let cloud = start(data.clone());
        let mut text = BEFORE.to_owned();
        for (from, to) in self.workload.edits {
            assert!(text.contains(from));
            text = text.replace(from, to);
        }
        let project = Project::new(&at(cloud.address, &(text + self.workload.more)));
        project.write("terraform.tfstate", &self.state);
        Scene {
            workload: self.workload,
            cloud,
            data,
            known: ids(&self.state),
            project,
            _folder: folder,
        }
    }
}

fn start(data: PathBuf) -> Running {
    sandbox::start(Options {
        data: Some(data),
        ..Options::default()
    })
    .unwrap()
}

/// The ids of keys in a state.
fn ids(state: &[u8]) -> BTreeSet<String> {
    let state: serde_json::Value = serde_json::from_slice(state).unwrap();
    let mut found = BTreeSet::new();
    for resource in state["resources"].as_array().unwrap() {
        let instances = resource["instances"].as_array().unwrap();
        let keys = instances.iter().filter(|_| resource["type"] == "aws_kms_key");
        found.extend(keys.map(|one| one["attributes"]["id"].as_str().unwrap().to_owned()));
    }
    found
}

/// How many objects a state records.
fn entries(state: &[u8]) -> usize {
    let state: serde_json::Value = serde_json::from_slice(state).unwrap();
    let resources = state["resources"].as_array().unwrap().iter();
    resources
        .map(|one| one["instances"].as_array().unwrap().len())
        .sum()
}

impl Scene {
    /// The command, about to run.
    pub fn command(&self) -> Command {
        self.project.command(&self.arguments())
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = self
            .workload
            .arguments
            .iter()
            .map(|&word| word.to_owned())
            .collect();
        if arguments[0] == "apply" {
            arguments.extend(program::naming_all(&self.project.dir));
        }
        arguments
    }

    /// Looks at what an interrupted command has left, lets an apply go on, and looks at the books.
    pub fn judge(self, interrupted: &Ran) -> (Verdict, String) {
        let mut verdict = Verdict::default();
        let mut said = Vec::new();
        let mut known = self.known.clone();
        known.extend(reported(&interrupted.stdout));
        let pulled = self.project.run(&["state", "pull"]);
        let recorded = if pulled.code == Some(0) {
            ids(pulled.stdout.as_bytes())
        } else {
            said.push(format!("the state cannot be read: {pulled:?}"));
            BTreeSet::new()
        };
        said.extend(self.is_put_right(&mut verdict));
        let state = self.project.read("terraform.tfstate");
        if entries(&state) != self.workload.entries {
            verdict.lost += 1;
            said.push(format!("{} entries", entries(&state)));
        }
        let keys = self.workload.keys;
        let alive = self.alive();
        verdict.lost += alive.difference(&ids(&state)).count();
        // What was known and is still there was never out of the state.
        let unrecorded = |id: &&String| !recorded.contains(*id);
        verdict.lost += alive.intersection(&known).filter(unrecorded).count();
        verdict.twice += alive.len().saturating_sub(keys);
        verdict.lost += keys.saturating_sub(alive.len());
        (verdict, said.join("\n"))
    }

    /// Lets an apply go on; tells what is not as it should be after it.
    fn is_put_right(&self, verdict: &mut Verdict) -> Vec<String> {
        let mut said = Vec::new();
        let last = self.go_on(verdict);
        if last.code != Some(0) {
            said.push(format!("{last:?}"));
        }
        let plan = self.project.run(&["plan", "-detailed-exitcode"]);
        if plan.code != Some(0) {
            said.push(format!("{plan:?}"));
        }
        let files = self.project.names();
        if files
            .iter()
            .any(|name| name.contains("journal") || name.contains(".tmp"))
        {
            said.push(format!("{files:?}"));
        }
        verdict.stuck += usize::from(!said.is_empty());
        said
    }

    /// The next apply. Where it must wait until a request can no longer arrive, that time passes.
    fn go_on(&self, verdict: &mut Verdict) -> Ran {
        let apply = || {
            let mut arguments = vec!["apply".to_owned(), "-auto-approve".to_owned()];
            arguments.extend(program::naming_all(&self.project.dir));
            ran(self.project.command(&arguments))
        };
        if self.workload.name.starts_with("state") {
            // What was not moved or taken out is.
            self.project.run(self.workload.arguments);
        }
        let first = apply();
        if first.code != Some(UNSETTLED) {
            return first;
        }
        verdict.waited += 1;
        self.age();
        apply()
    }

    /// Half an hour passes over what is open.
    fn age(&self) {
        let (records, _) = read(
            &self.project.read("terraform.tfstate.journal"),
            "journal",
            &Manner::default(),
        )
        .unwrap();
        let older = records.into_iter().map(|record| match record {
            Record::Intent(mut intent) => {
                intent.begun.since -= 30 * 60;
                Record::Intent(intent)
            }
            other => other,
        });
        let text: String = older.map(|record| record.line(&Secrets::default())).collect();
        self.project.write("terraform.tfstate.journal", text);
    }

    /// The ids of the keys that exist and are not about to go.
    fn alive(self) -> BTreeSet<String> {
        self.cloud.stop().unwrap();
        let world = serde_json::to_value(store::load(&self.data).unwrap()).unwrap();
        let keys = &world["aws"]["accounts"][sandbox::AWS_ACCOUNT]["eu-west-1"]["keys"];
        let keys = keys.as_object().unwrap().iter();
        keys.filter(|(_, key)| key["state"] != "PendingDeletion")
            .map(|(id, _)| id.clone())
            .collect()
    }
}
