//! `terraform_remote_state`: the outputs of another configuration, from its state file or from where it is served.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Result};
use crate::resource::operate::{Download, Machine};
use crate::state::v4;
use crate::value::{Text, Type, Value, go_quote};

/// What a backend may be told, and whether it must be.
struct Backend {
    name: &'static str,
    arguments: &'static [(&'static str, bool)],
}

/// The backends that are read. Of `http`, the arguments about writing and locking are known and not needed.
const BACKENDS: [Backend; 2] = [
    Backend {
        name: "local",
        arguments: &[("path", false), ("workspace_dir", false)],
    },
    Backend {
        name: "http",
        arguments: &[
            ("address", true),
            ("username", false),
            ("password", false),
            ("update_method", false),
            ("lock_address", false),
            ("unlock_address", false),
            ("lock_method", false),
            ("unlock_method", false),
            ("retry_max", false),
            ("retry_wait_min", false),
            ("retry_wait_max", false),
        ],
    },
];

/// Backends that Terraform has and that are not read.
const OTHERS: [&str; 11] = [
    "azurerm",
    "consul",
    "cos",
    "gcs",
    "inmem",
    "kubernetes",
    "oci",
    "oss",
    "pg",
    "remote",
    "s3",
];

const DEFAULT_WORKSPACE: &str = "default";
const STATE_FILE: &str = "terraform.tfstate";

/// Reads the data source by its configuration.
pub(in crate::resource) async fn read(config: &Value, machine: &dyn Machine) -> Result<Value> {
    let part = |name: &str| {
        config
            .get(name)
            .cloned()
            .unwrap_or_else(|| Value::null(Type::Dynamic))
    };
    let defaults = defaults(&part("defaults"))?;
    let backend = backend(&part("backend"))?;
    let settings = Settings::new(backend, &part("config"))?;
    let workspace = part("workspace");
    let workspace = workspace.as_str().unwrap_or(DEFAULT_WORKSPACE);
    let text = match backend.name {
        "local" => settings.on_disk(workspace, machine)?,
        _ => settings.in_network(workspace, machine).await?,
    };
    let Some(text) = text else {
        return Err(refused(
            "Unable to find remote state",
            "No stored state was found for the given workspace in the given backend.",
            "workspace",
        ));
    };
    let outputs = outputs(text)?;
    Ok(Value::object_of([
        ("backend", part("backend")),
        ("config", part("config")),
        ("defaults", part("defaults")),
        (
            "outputs",
            Value::object(defaults.into_iter().chain(outputs).collect()),
        ),
        ("workspace", part("workspace")),
    ]))
}

fn refused(summary: &str, detail: impl Into<String>, argument: &str) -> crate::diag::Diagnostics {
    Diagnostic::error(summary, detail)
        .of(vec![(argument.to_owned(), 0)])
        .into()
}

fn defaults(defaults: &Value) -> Result<BTreeMap<Text, Value>> {
    if defaults.is_null() {
        return Ok(BTreeMap::new());
    }
    let marks = defaults.marks();
    let entries = defaults.as_entries().ok_or_else(|| {
        let detail = "Defaults must be given in an object value.";
        refused("Invalid default values", detail, "defaults")
    })?;
    let marked = entries
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().with_marks(marks)));
    Ok(marked.collect())
}

fn backend(name: &Value) -> Result<&'static Backend> {
    let name = name.as_str().unwrap_or_default();
    if let Some(found) = BACKENDS.iter().find(|backend| backend.name == name) {
        return Ok(found);
    }
    let detail = if OTHERS.contains(&name) {
        format!(
            "States in the backend \"{name}\" cannot be read yet, only those in \"local\" and \"http\". Fetch the state first (terraform state pull > FILE) and read the file with the backend \"local\"."
        )
    } else {
        format!("There is no backend type named {}.", go_quote(name))
    };
    Err(refused("Invalid backend configuration", detail, "backend"))
}

/// The texts of `config`.
struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    #[expect(clippy::disallowed_methods, reason = "credentials may be arguments")]
    fn new(backend: &Backend, config: &Value) -> Result<Self> {
        let wrong = |why: String| {
            let detail = format!(
                "The given configuration is not valid for backend \"{}\": {why}.",
                backend.name
            );
            refused("Invalid backend configuration", detail, "config")
        };
        let config = config.reveal();
        let none = BTreeMap::new();
        let given = match config.as_entries() {
            Some(given) => given,
            None if config.is_null() => &none,
            None => return Err(wrong("an object is required".into())),
        };
        let known = |name: &str| backend.arguments.iter().find(|(known, _)| *known == name);
        let mut settings = BTreeMap::new();
        for (name, value) in given {
            let (name, _) = known(name).ok_or_else(|| wrong(unexpected(backend, name)))?;
            if value.is_null() {
                continue;
            }
            let text = crate::value::convert::convert(value, &Type::String)
                .map_err(|_| wrong(format!(".{name}: string required")))?;
            settings.insert(*name, text.as_str().unwrap_or_default().to_owned());
        }
        let missing = backend
            .arguments
            .iter()
            .find(|(name, required)| *required && !settings.contains_key(name));
        match missing {
            Some((name, _)) => Err(wrong(format!("attribute \"{name}\" is required"))),
            None => Ok(Self(settings)),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// The text of the state file of a workspace.
    fn on_disk(&self, workspace: &str, machine: &dyn Machine) -> Result<Option<String>> {
        let path = if workspace == DEFAULT_WORKSPACE {
            self.text("path").unwrap_or(STATE_FILE).to_owned()
        } else {
            let plain = !workspace.is_empty() && !workspace.contains(['/', '\\']) && workspace != "..";
            if !plain {
                let detail = format!(
                    "{} is no name of a workspace: it stands for a folder.",
                    go_quote(workspace)
                );
                return Err(refused("Invalid workspace name", detail, "workspace"));
            }
            let folder = self.text("workspace_dir").unwrap_or("terraform.tfstate.d");
            format!("{folder}/{workspace}/{STATE_FILE}")
        };
        let bytes = machine.read_file(&path).map_err(|why| {
            let detail = format!("The state file {path} cannot be read: {why}.");
            refused("Failed to read remote state", detail, "config")
        })?;
        bytes.map(text).transpose()
    }

    /// What the address answers.
    async fn in_network(&self, workspace: &str, machine: &dyn Machine) -> Result<Option<String>> {
        if workspace != DEFAULT_WORKSPACE {
            let detail = "The backend \"http\" has no workspaces.";
            return Err(refused("Workspaces not supported", detail, "workspace"));
        }
        let user = self.text("username").map(|name| {
            let password = self.text("password").unwrap_or_default();
            (name.to_owned(), password.to_owned())
        });
        let download = Download {
            address: self.text("address").unwrap_or_default().to_owned(),
            user,
        };
        let failed = |why: String| {
            refused(
                "Failed to read remote state",
                format!("The state cannot be fetched: {why}."),
                "config",
            )
        };
        let (status, body) = machine.download(&download).await.map_err(failed)?;
        match status {
            200 if body.is_empty() => Ok(None),
            200 => text(body).map(Some),
            204 | 404 => Ok(None),
            401 => Err(failed(
                "the address asks for a username and a password (status 401)".into(),
            )),
            403 => Err(failed(
                "the address does not accept these credentials (status 403)".into(),
            )),
            other => Err(failed(format!("the address answered with the status {other}"))),
        }
    }
}

fn unexpected(backend: &Backend, name: &str) -> String {
    let names = backend.arguments.iter().map(|(name, _)| *name);
    let guess = crate::diag::nearest(name, names)
        .map_or(String::new(), |near| format!(" (did you mean \"{near}\"?)"));
    format!("unexpected attribute {}{guess}", go_quote(name))
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        let detail = "What is there is no state: it is not valid UTF-8.";
        refused("Failed to read remote state", detail, "config")
    })
}

/// The outputs that a state holds, those that were declared sensitive marked.
fn outputs(text: String) -> Result<BTreeMap<Text, Value>> {
    let state = v4::read(&Arc::new(text), "The remote state")
        .map_err(|error| error.of(vec![("config".to_owned(), 0)]))?;
    let marked = state.outputs.into_iter().map(|(name, output)| {
        let value = if output.sensitive {
            output.value.into_secret()
        } else {
            output.value
        };
        (name, value)
    });
    Ok(marked.collect())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::resource::operate::Downloading;

    /// A machine with one state at the path `here` and at the address `http://here`.
    struct Shelf;

    const STATE: &str = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {
        "open": {"value": "a", "type": "string"}, "secret": {"value": "b", "type": "string", "sensitive": true}}}"#;

    impl Machine for Shelf {
        fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
            Box::pin(std::future::ready(()))
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn write_secret_file(&self, _: &str, _: &str) -> std::io::Result<()> {
            Ok(())
        }

        fn read_file(&self, path: &str) -> std::result::Result<Option<Vec<u8>>, String> {
            match path {
                "here" | "envs/blue/terraform.tfstate" => Ok(Some(STATE.into())),
                "torn" => Ok(Some("{".into())),
                "locked" => Err("permission denied".into()),
                _ => Ok(None),
            }
        }

        fn download<'a>(&'a self, download: &'a Download) -> Downloading<'a> {
            let user = download
                .user
                .as_ref()
                .map(|(name, password)| (&**name, &**password));
            let answer = match (&*download.address, user) {
                ("http://here", None | Some(("u", "p"))) => Ok((200, STATE.into())),
                ("http://here", Some(_)) => Ok((403, Vec::new())),
                ("http://ill", _) => Ok((500, Vec::new())),
                ("http://none", _) => Ok((404, b"no".to_vec())),
                _ => Err("nobody answers".into()),
            };
            Box::pin(std::future::ready(answer))
        }

        fn uuid(&self) -> String {
            String::new()
        }
    }

    fn config(backend: &str, settings: &[(&str, &str)], workspace: Option<&str>) -> Value {
        let settings = settings.iter().map(|(name, value)| (*name, Value::string(value)));
        Value::object_of([
            ("backend", Value::string(backend)),
            ("config", Value::object_of(settings)),
            (
                "defaults",
                Value::object_of([("open", Value::string("no")), ("more", Value::string("yes"))]),
            ),
            (
                "workspace",
                workspace.map_or_else(|| Value::null(Type::String), Value::string),
            ),
        ])
    }

    fn read_now(config: &Value) -> Result<Value> {
        read(config, &Shelf).now_or_never().expect("nothing to wait for")
    }

    #[track_caller]
    fn finds(config: &Value) {
        let found = read_now(config).expect("it is there");
        let outputs = found.get("outputs").expect("there are outputs");
        assert_eq!(outputs.get("open"), Some(&Value::string("a")));
        assert_eq!(outputs.get("more"), Some(&Value::string("yes")));
        assert!(outputs.get("secret").is_some_and(Value::is_sensitive));
    }

    #[track_caller]
    fn fails(config: &Value, why: &str) {
        let errors = read_now(config).expect_err("it is not there");
        let texts: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {}", error.summary, error.detail))
            .collect();
        let text = texts.concat();
        assert!(text.contains(why), "{text}");
    }

    #[test]
    fn states_are_found_on_the_disk_and_in_the_network() {
        finds(&config("local", &[("path", "here")], None));
        finds(&config("local", &[("path", "here")], Some("default")));
        finds(&config("local", &[("workspace_dir", "envs")], Some("blue")));
        finds(&config("http", &[("address", "http://here")], None));
        finds(&config(
            "http",
            &[("address", "http://here"), ("username", "u"), ("password", "p")],
            None,
        ));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let local = |settings: &[(&str, &str)], workspace| config("local", settings, workspace);
        fails(&local(&[], None), "No stored state was found");
        fails(
            &local(&[("path", "locked")], None),
            "locked cannot be read: permission denied",
        );
        fails(&local(&[("path", "torn")], None), "The remote state");
        fails(
            &local(&[("pathh", "here")], None),
            "unexpected attribute \"pathh\" (did you mean \"path\"?)",
        );
        fails(&local(&[], Some("../x")), "is no name of a workspace");
        let http = |address: &str| config("http", &[("address", address)], None);
        fails(&config("http", &[], None), "attribute \"address\" is required");
        fails(
            &config("http", &[("address", "http://here"), ("username", "x")], None),
            "status 403",
        );
        fails(
            &config("http", &[("address", "http://here")], Some("w")),
            "no workspaces",
        );
        fails(&http("http://ill"), "the status 500");
        fails(&http("http://none"), "No stored state was found");
        fails(&http("http://nobody"), "nobody answers");
        fails(&config("s3", &[], None), "\"s3\" cannot be read yet");
        fails(&config("nope", &[], None), "no backend type named \"nope\"");
    }
}
