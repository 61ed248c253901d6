//! Profiles: those of the command line's JSON file, and those of the SDKs' files with sections.
//!
//! A section is read into the members that a profile in JSON has, so that nobody else tells the two apart.

use serde_json::{Map, Value as Json};

use crate::clouds::credentials::{FILE_SEPARATOR, read_files};
use crate::clouds::profile::{Profiles, Properties};
use crate::clouds::retry::Failure;
use crate::clouds::settings::{Settings, says_yes};

const FILE: &[&str] = &[
    "ALICLOUD_SHARED_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CONFIG_FILE",
];

/// Where sections are looked for when nobody says where.
const SECTIONS: [&str; 3] = [
    "~/.alibabacloud/credentials",
    "~/.alibabacloud/credentials.ini",
    "~/.aliyun/credentials.ini",
];

/// The modes of sections, and what they are called in JSON.
const MODES: [(&str, &str); 6] = [
    ("access_key", "AK"),
    ("sts", "StsToken"),
    ("sts_token", "StsToken"),
    ("ecs_ram_role", "EcsRamRole"),
    ("ram_role_arn", "RamRoleArn"),
    ("oidc_role_arn", "OIDC"),
];

/// Properties of sections that JSON has by another name.
const NAMES: [(&str, &str); 6] = [
    ("security_token", "sts_token"),
    ("role_name", "ram_role_name"),
    ("role_arn", "ram_role_arn"),
    ("role_session_name", "ram_session_name"),
    ("session_expiration", "expired_seconds"),
    ("oidc_token_file_path", "oidc_token_file"),
];

/// One profile.
pub struct Profile {
    pub name: String,
    members: Json,
}

impl Profile {
    /// A member's text; none where it is empty.
    pub fn text(&self, name: &str) -> Option<String> {
        text(&self.members, name)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.members.get(name)?.as_i64()
    }

    /// Whether a member says yes.
    pub fn flag(&self, name: &str) -> bool {
        self.members.get(name).and_then(Json::as_bool) == Some(true)
    }
}

/// A member of a JSON object as text; none where it is empty.
pub fn text(members: &Json, name: &str) -> Option<String> {
    match members.get(name)? {
        Json::String(text) => (!text.is_empty()).then(|| text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The profile of this name: in the JSON file, else the section.
pub fn named(settings: &Settings, name: &str) -> Result<Option<Profile>, Failure> {
    match in_json(settings, Some(name))? {
        Some(found) => Ok(Some(found)),
        None => section(settings, name),
    }
}

/// The profile of the JSON file that is in use when nobody names one.
pub fn current(settings: &Settings) -> Result<Option<Profile>, Failure> {
    in_json(settings, None)
}

/// The section of this name in the files with sections.
pub fn section(settings: &Settings, name: &str) -> Result<Option<Profile>, Failure> {
    let path = settings.text("shared_credentials_file", FILE);
    let paths = match &path {
        Some(path) => vec![path.as_str()],
        None => SECTIONS.to_vec(),
    };
    let mut found = None;
    for path in paths {
        let text = content(settings, path)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        if found.is_none() && !text.trim_start().starts_with('{') {
            found = Profiles::parse("", &text).profile(name);
        }
    }
    found.map_or(Ok(None), |section| of_section(name, section))
}

/// The file that is read for profiles in JSON.
pub fn file(settings: &Settings) -> String {
    let path = settings.text("shared_credentials_file", FILE);
    path.unwrap_or_else(|| "~/.aliyun/config.json".to_owned())
}

/// The files that are read for sections.
pub fn files_of_sections(settings: &Settings) -> String {
    let path = settings.text("shared_credentials_file", FILE);
    path.unwrap_or_else(|| SECTIONS.join(", "))
}

/// All files of profiles, whether they are there or not.
pub fn files(settings: &Settings) -> Vec<String> {
    let path = settings.text("shared_credentials_file", FILE);
    let paths = match path {
        Some(path) => vec![path],
        None => SECTIONS
            .map(str::to_owned)
            .into_iter()
            .chain([file(settings)])
            .collect(),
    };
    paths.iter().map(|path| settings.expand(path)).collect()
}

fn in_json(settings: &Settings, name: Option<&str>) -> Result<Option<Profile>, Failure> {
    let path = file(settings);
    let text = content(settings, &path)?;
    // The same variable may name a file with sections.
    if !text.trim_ascii().starts_with(b"{") {
        return Ok(None);
    }
    let file: Json = serde_json::from_slice(&text).map_err(|error| {
        unreadable(format!(
            "The configuration file {path} is not valid JSON: {error}"
        ))
    })?;
    let name = name
        .or_else(|| file.get("current")?.as_str())
        .unwrap_or("default");
    let profiles = file.get("profiles").and_then(Json::as_array);
    let mut profiles = profiles.into_iter().flatten();
    let found = profiles.find(|profile| profile.get("name").and_then(Json::as_str) == Some(name));
    Ok(found.map(|members| Profile {
        name: name.to_owned(),
        members: members.clone(),
    }))
}

fn content(settings: &Settings, path: &str) -> Result<Vec<u8>, Failure> {
    let path = settings.expand(path).replace(FILE_SEPARATOR, "");
    let found = read_files(&path, |path, content| settings.look_at(path, content));
    found.map_err(|error| unreadable(error.to_string()))
}

/// A section as a profile in JSON; none where it is switched off.
fn of_section(name: &str, section: Properties) -> Result<Option<Profile>, Failure> {
    let says_no = |value: &String| !says_yes(value) && !["yes", "on"].contains(&&*value.to_ascii_lowercase());
    if section.get("enable").is_some_and(says_no) {
        return Ok(None);
    }
    let kind = section.get("type").map_or("access_key", String::as_str);
    let mode = MODES.iter().find(|(of_section, _)| *of_section == kind);
    let Some((_, mode)) = mode else {
        return Err(Failure::denied(
            "UnknownMode",
            format!("The section {name} of the credentials file has the type {kind}, which is not supported"),
        ));
    };
    let mut members = Map::new();
    for (property, value) in section {
        let known = NAMES.iter().find(|(of_section, _)| *of_section == property);
        let member = known.map_or(&*property, |(_, member)| member);
        members.insert(member.to_owned(), Json::from(value));
    }
    members.insert("mode".to_owned(), Json::from(*mode));
    Ok(Some(Profile {
        name: name.to_owned(),
        members: Json::from(members),
    }))
}

fn unreadable(why: String) -> Failure {
    Failure::denied("UnreadableProfiles", why)
}
