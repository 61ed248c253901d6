//! Registries of modules: which versions there are, and where one of them is.

use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::Value as Json;

use super::package::named_by;
use super::{Fetched, Installer, credentials};
use crate::clouds::{self, Answer};
use crate::config::version::{Constraint, Version};
use crate::config::{Published, Remote};

/// What was asked before: the address of the service of each host.
#[derive(Default)]
pub(super) struct Registries(BTreeMap<String, Url>);

/// A version of a module.
pub(super) struct Found {
    pub(super) version: String,
    pub(super) package: Remote,
}

impl Installer {
    /// Finds the newest version that is wanted, and where it is.
    pub(super) fn find(&mut self, module: &Published, wanted: Option<&str>) -> Fetched<Found> {
        let service = self.service(&module.host)?;
        let token = self.token(&module.host)?;
        let Published {
            namespace,
            name,
            system,
            ..
        } = module;
        let path = format!("{namespace}/{name}/{system}");
        let wanted = wanted.map(Constraint::parse).transpose()?;
        let versions = self.answer(&module.host, &service, &format!("{path}/versions"), token.clone())?;
        let version = choose(&versions_of(&versions.body), wanted.as_ref())?;
        let answer = self.answer(
            &module.host,
            &service,
            &format!("{path}/{version}/download"),
            token,
        )?;
        let package = location(&answer)?;
        Ok(Found { version, package })
    }

    /// Where a host has its registry of modules.
    fn service(&mut self, host: &str) -> Fetched<Url> {
        if let Some(known) = self.registries.0.get(host) {
            return Ok(known.clone());
        }
        let address = |scheme: &str| Url::parse(&format!("{scheme}://{host}/.well-known/terraform.json"));
        let invalid = |_| format!("{host} is no name of a host");
        let mut discovery = address("https").map_err(invalid)?;
        // Nobody listens between a program and its own machine.
        if clouds::is_loopback(&discovery) && host.contains(':') {
            discovery = address("http").map_err(invalid)?;
        }
        let answer = self.ask(discovery.as_str(), self.token(host)?)?;
        let json: Json = match answer.status {
            200 => serde_json::from_slice(&answer.body).unwrap_or_default(),
            404 => Json::Null,
            status => {
                return Err(format!(
                    "{host} answers with the status {status} when it is asked for its services"
                ));
            }
        };
        let named = json["modules.v1"].as_str();
        let named = named.ok_or_else(|| format!("The host {host} has no registry of modules"))?;
        let with_slash = format!("{}/", named.trim_end_matches('/'));
        let service = answer.url.join(&with_slash);
        let service = service
            .map_err(|_| format!("{host} names {named:?} as its registry of modules, which is no address"))?;
        let is_plain = service.scheme() != "https" && !clouds::is_loopback(&service);
        if is_plain || (clouds::is_loopback(&service) && !clouds::is_loopback(&answer.url)) {
            return Err(format!(
                "{host} names {service} as its registry of modules, which is not reached by https or not elsewhere"
            ));
        }
        self.registries.0.insert(host.to_owned(), service.clone());
        Ok(service)
    }

    fn token(&self, host: &str) -> Fetched<Option<String>> {
        credentials::token(host, &self.environment)
    }

    fn answer(&self, host: &str, service: &Url, path: &str, token: Option<String>) -> Fetched<Answer> {
        let address = service
            .join(path)
            .map_err(|_| format!("{path:?} is no address in {service}"))?;
        let is_known = token.is_some();
        let answer = self.ask(address.as_str(), token)?;
        match answer.status {
            200 | 204 => Ok(answer),
            404 => Err(format!("The registry {host} has no such module")),
            401 | 403 if is_known => Err(format!(
                "The registry {host} refuses the token that is set for it"
            )),
            401 | 403 => {
                let name = host.replace('-', "__").replace(['.', ':'], "_");
                Err(format!(
                    "The registry {host} wants to know who asks: set TF_TOKEN_{name}, or write a token into ~/.terraform.d/credentials.tfrc.json"
                ))
            }
            status => Err(format!("The registry {host} answers with the status {status}")),
        }
    }
}

/// The versions that a registry lists.
fn versions_of(body: &[u8]) -> Vec<String> {
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let versions = json["modules"][0]["versions"].as_array().into_iter().flatten();
    versions
        .filter_map(|version| version["version"].as_str().map(str::to_owned))
        .collect()
}

/// The newest version that is wanted. A pre-release is taken only where exactly that one is asked for.
fn choose(versions: &[String], wanted: Option<&Constraint>) -> Fetched<String> {
    // What will be part of an address must look like a version.
    let known = versions
        .iter()
        .filter_map(|text| Some((Version::parse(text)?, text)));
    let is_wanted = |version: &Version| match wanted {
        Some(wanted) if version.is_prerelease() => wanted.names(version),
        Some(wanted) => wanted.allows(version),
        None => !version.is_prerelease(),
    };
    let newest = known.clone().max_by(|(one, _), (other, _)| one.cmp(other));
    let chosen = known
        .filter(|(version, _)| is_wanted(version))
        .max_by(|(one, _), (other, _)| one.cmp(other));
    match (chosen, newest) {
        (Some((_, text)), _) => Ok(text.trim_end_matches('?').to_owned()),
        (None, Some((_, newest))) => Err(format!(
            "There is no available version which matches the version constraint. The newest available version is {newest}"
        )),
        (None, None) => Err("The registry lists no version of it".into()),
    }
}

/// Where a registry says that a version is: in a header, or in the answer.
fn location(answer: &Answer) -> Fetched<Remote> {
    let json: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    let named = answer.module.as_deref().or_else(|| json["location"].as_str());
    let named = named.ok_or("The registry does not say where the module is")?;
    if ["/", "./", "../"].iter().any(|start| named.starts_with(start)) {
        let resolved = answer
            .url
            .join(named)
            .map_err(|_| format!("The registry names {named:?}, which is no address"))?;
        return named_by(answer, resolved.as_str());
    }
    named_by(answer, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(versions: &[&str], wanted: Option<&str>, expected: Result<&str, &str>) {
        let versions: Vec<String> = versions.iter().map(|version| (*version).to_owned()).collect();
        let wanted = wanted.map(|text| Constraint::parse(text).unwrap());
        match (choose(&versions, wanted.as_ref()), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(said), Err(why)) => assert!(said.contains(why), "{said}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_newest_version_that_is_wanted_is_taken() {
        let all = ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "../evil"];
        check(&all, None, Ok("1.10.0"));
        check(&all, Some("~> 1.9.0"), Ok("1.9.0"));
        check(&all, Some("2.0.0-rc.1"), Ok("2.0.0-rc.1"));
        check(
            &all,
            Some(">= 2.0.0-rc.1"),
            Err("newest available version is 2.0.0-rc.1"),
        );
        check(&all, Some("> 3"), Err("no available version"));
        check(&["../evil"], None, Err("lists no version"));
    }
}
