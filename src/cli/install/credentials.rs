//! The tokens with which registries are asked: from the environment, or from where `terraform login` writes them.

use crate::cli::disk;
use crate::clouds::Environment;

/// Where the file is, below the home folder.
const FILE: &str = ".terraform.d/credentials.tfrc.json";

/// The token for a host: `TF_TOKEN_app_example_com`, or what the file says. An error is a sentence without full stop.
pub(super) fn token(host: &str, environment: &Environment) -> Result<Option<String>, String> {
    let variables = environment.variables.iter();
    let named = variables
        .filter(|(_, token)| !token.is_empty())
        .find(|(name, _)| {
            name.strip_prefix("TF_TOKEN_")
                .is_some_and(|name| means(name, host))
        });
    match named {
        Some((_, token)) => Ok(Some(token.clone())),
        None => from_file(host, environment),
    }
}

/// Names of variables have no dots, dashes and colons: `_` stands for a dot, and `__` for a dash.
fn means(name: &str, host: &str) -> bool {
    name.replace("__", "-")
        .replace('_', ".")
        .eq_ignore_ascii_case(&host.replace(':', "."))
}

fn from_file(host: &str, environment: &Environment) -> Result<Option<String>, String> {
    let Some(path) = environment.home.as_ref().map(|home| home.join(FILE)) else {
        return Ok(None);
    };
    let failed = |why: String| format!("The credentials in {} cannot be read: {why}", path.display());
    let text = match disk::read_text(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| failed(disk::reason(&error)))?,
    };
    // What the parser would say of it could hold a part of a token.
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| failed("it is no valid JSON".into()))?;
    Ok(json["credentials"][host]["token"].as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use fs_err as fs;

    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], file: Option<&str>, host: &str, expected: Option<&str>) {
        let home = tempfile::tempdir().unwrap();
        if let Some(text) = file {
            fs::create_dir(home.path().join(".terraform.d")).unwrap();
            fs::write(home.path().join(FILE), text).unwrap();
        }
        let variables = variables.iter();
        let environment = Environment {
            variables: variables
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            home: Some(home.path().to_owned()),
        };
        assert_eq!(token(host, &environment).unwrap().as_deref(), expected);
    }

    #[test]
    fn tokens_are_for_one_host() {
        let file = r#"{"credentials":{"a.example":{"token":"filed"}}}"#;
        check(
            &[("TF_TOKEN_a_example", "named")],
            Some(file),
            "a.example",
            Some("named"),
        );
        check(
            &[("TF_TOKEN_a_example", "")],
            Some(file),
            "a.example",
            Some("filed"),
        );
        check(
            &[("TF_TOKEN_b_example", "named")],
            Some(file),
            "a.example",
            Some("filed"),
        );
        check(&[("TF_TOKEN_b_example", "named")], Some("{}"), "a.example", None);
        check(
            &[("TF_TOKEN_my__own_example", "x")],
            None,
            "my-own.example",
            Some("x"),
        );
        check(&[("TF_TOKEN_127_0_0_1_80", "x")], None, "127.0.0.1:80", Some("x"));
        check(&[], None, "a.example", None);
    }

    #[test]
    fn a_damaged_file_is_said_to_be_so_without_a_word_of_it() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".terraform.d")).unwrap();
        fs::write(home.path().join(FILE), "secret").unwrap();
        let environment = Environment {
            variables: std::collections::BTreeMap::new(),
            home: Some(home.path().to_owned()),
        };
        let said = token("a.example", &environment).unwrap_err();
        assert!(
            said.contains("no valid JSON") && !said.contains("secret"),
            "{said}"
        );
    }
}
