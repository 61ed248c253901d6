//! Custom key stores: where keys are kept outside KMS. Every cluster and every proxy is there and answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errors::{Error, constraint, invalid, limit};
use super::params::{Input, Paging, missing, page};
use super::world::Region;
use super::{Aws, Call, random_hex, seconds};

/// The most stores of a region.
const MOST: usize = 10;

/// One store. Passwords are checked for form and not kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Store {
    name: String,
    kind: String,
    state: State,
    created: i64,
    cluster: Option<String>,
    certificate: Option<String>,
    proxy: Proxy,
}

/// How the proxy of an external key manager is reached.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Proxy {
    connectivity: Option<String>,
    access_key_id: Option<String>,
    endpoint: Option<String>,
    path: Option<String>,
    service: Option<String>,
}

/// What a store is to the keys in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Connected,
    Connecting,
    Disconnected,
    Disconnecting,
}

/// Where the material of a key is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    store: String,
    cluster: Option<String>,
    external: Option<String>,
}

impl Kept {
    /// Adds what the metadata of a key tells.
    pub fn show(&self, shown: &mut Value) {
        shown["CustomKeyStoreId"] = json!(self.store);
        if let Some(cluster) = &self.cluster {
            shown["CloudHsmClusterId"] = json!(cluster);
        }
        if let Some(external) = &self.external {
            shown["XksKeyConfiguration"] = json!({ "Id": external });
        }
    }
}

/// Where a new key of that origin is kept.
pub fn keep(
    world: &mut Aws,
    call: &Call,
    id: &str,
    origin: &str,
    external: Option<&str>,
) -> Result<Kept, Error> {
    let here = world.here(call);
    let store = here.stores.get(id).ok_or_else(gone)?;
    let wanted = if store.kind == "AWS_CLOUDHSM" {
        "AWS_CLOUDHSM"
    } else {
        "EXTERNAL_KEY_STORE"
    };
    if origin != wanted {
        return Err(invalid(format!(
            "Keys in the custom key store {id} have the origin {wanted}, not {origin}."
        )));
    }
    if store.state != State::Connected {
        return Err(wrong_state(id, "is not connected"));
    }
    if wanted == "EXTERNAL_KEY_STORE" && external.is_none() {
        return Err(missing("XksKeyId"));
    }
    let others = here.keys.values().filter_map(|key| key.kept.as_ref());
    let mut others = others.filter(|kept| kept.store == id);
    if external.is_some() && others.any(|kept| kept.external.as_deref() == external) {
        return Err(Error::new(
            "XksKeyAlreadyInUseException",
            "The external key is used by another KMS key already.",
        ));
    }
    Ok(Kept {
        store: id.to_owned(),
        cluster: store.cluster.clone(),
        external: external.map(str::to_owned),
    })
}

/// Makes a store, which is not connected.
pub fn create(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let name = call.input.required("CustomKeyStoreName", 1..=256)?;
    let kinds = &["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];
    let kind = call
        .input
        .choice("CustomKeyStoreType", kinds)?
        .unwrap_or("AWS_CLOUDHSM");
    let mut store = Store {
        name: name.to_owned(),
        kind: kind.to_owned(),
        state: State::Disconnected,
        created: call.now,
        cluster: cluster(call)?,
        certificate: text(call.input, "TrustAnchorCertificate", 1..=5000)?,
        proxy: Proxy::default(),
    };
    let password = call.input.text("KeyStorePassword", 7..=32)?.is_some();
    store.proxy.change(call)?;
    let in_cluster = store.cluster.is_some() && store.certificate.is_some() && password;
    let proxy = &store.proxy;
    let by_proxy = proxy.connectivity.is_some()
        && proxy.endpoint.is_some()
        && proxy.path.is_some()
        && proxy.access_key_id.is_some();
    if !(if kind == "AWS_CLOUDHSM" {
        in_cluster
    } else {
        by_proxy
    }) {
        return Err(invalid(format!(
            "A custom key store of the type {kind} lacks required parameters."
        )));
    }
    let here = world.here(call);
    check_free(here, None, &store)?;
    if here.stores.len() >= MOST {
        return Err(limit(format!(
            "An account cannot have more than {MOST} custom key stores in a Region."
        )));
    }
    let id = format!("cks-{}", random_hex(17)?);
    here.stores.insert(id.clone(), store);
    Ok(json!({ "CustomKeyStoreId": id }))
}

fn text(
    input: Input,
    member: &str,
    length: std::ops::RangeInclusive<usize>,
) -> Result<Option<String>, Error> {
    Ok(input.text(member, length)?.map(str::to_owned))
}

fn cluster(call: &Call) -> Result<Option<String>, Error> {
    let Some(cluster) = text(call.input, "CloudHsmClusterId", 19..=24)? else {
        return Ok(None);
    };
    let good = cluster.strip_prefix("cluster-").is_some_and(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(&byte))
    });
    if good {
        return Ok(Some(cluster));
    }
    Err(constraint(
        "CloudHsmClusterId",
        &cluster,
        "Member must satisfy regular expression pattern: cluster-[2-7a-zA-Z]{11,16}",
    ))
}

impl Proxy {
    /// Takes over what a request says.
    fn change(&mut self, call: &Call) -> Result<(), Error> {
        let input = call.input;
        let ways = &["PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE"];
        if let Some(way) = input.choice("XksProxyConnectivity", ways)? {
            self.connectivity = Some(way.to_owned());
        }
        for (member, length, place) in [
            ("XksProxyUriEndpoint", 10..=128, &mut self.endpoint),
            ("XksProxyUriPath", 10..=128, &mut self.path),
            ("XksProxyVpcEndpointServiceName", 20..=64, &mut self.service),
        ] {
            if let Some(text) = text(input, member, length)? {
                *place = Some(text);
            }
        }
        if let Some(credential) = input.structure("XksProxyAuthenticationCredential")? {
            let id = credential.required("AccessKeyId", 20..=30)?;
            // The secret never reaches a message.
            let secret = credential.text("RawSecretAccessKey", 0..=usize::MAX)?;
            if !secret.is_some_and(|secret| (43..=64).contains(&secret.chars().count())) {
                return Err(invalid(
                    "The length of RawSecretAccessKey must be between 43 and 64.",
                ));
            }
            self.access_key_id = Some(id.to_owned());
        }
        Ok(())
    }
}

/// Names, clusters and proxies belong to one store each.
fn check_free(here: &Region, own: Option<&str>, wanted: &Store) -> Result<(), Error> {
    let mut others = here
        .stores
        .iter()
        .filter(|(id, _)| own != Some(id.as_str()))
        .map(|(_, store)| store);
    if others.clone().any(|store| store.name == wanted.name) {
        return Err(Error::new(
            "CustomKeyStoreNameInUseException",
            format!("A custom key store with the name {} already exists.", wanted.name),
        ));
    }
    if wanted.cluster.is_some() && others.clone().any(|store| store.cluster == wanted.cluster) {
        return Err(Error::bare("CloudHsmClusterInUseException"));
    }
    let uri = |store: &Store| store.proxy.endpoint.clone().zip(store.proxy.path.clone());
    if uri(wanted).is_some() && others.any(|store| uri(store) == uri(wanted)) {
        return Err(Error::bare("XksProxyUriInUseException"));
    }
    Ok(())
}

/// Lists the stores, or the one with that id or name. What was under way has come to its end when it was looked at.
pub fn describe(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let id = call.input.text("CustomKeyStoreId", 1..=64)?;
    let name = call.input.text("CustomKeyStoreName", 1..=256)?;
    if id.is_some() && name.is_some() {
        return Err(invalid(
            "Give CustomKeyStoreId or CustomKeyStoreName, but not both.",
        ));
    }
    let here = world.here(call);
    let is_wanted = |(key, store): &(&String, &Store)| {
        id.is_none_or(|id| id == key.as_str()) && name.is_none_or(|name| name == store.name)
    };
    let found: Vec<(&String, &Store)> = here.stores.iter().filter(is_wanted).collect();
    if found.is_empty() && (id.is_some() || name.is_some()) {
        return Err(gone());
    }
    let paging = Paging {
        member: "CustomKeyStores",
        default: 100,
        most: 1000,
    };
    let items = found.into_iter().map(|(id, store)| (id.as_str(), (id, store)));
    let reply = page(call.input, &paging, items, |(id, store)| store.show(id))?;
    world.changed |= come_to_end(here);
    Ok(reply)
}

/// Whoever asks a second time finds stores connected and disconnected. Says whether there was any under way.
fn come_to_end(here: &mut Region) -> bool {
    let mut changed = false;
    for store in here.stores.values_mut() {
        let next = match store.state {
            State::Connecting => State::Connected,
            State::Disconnecting => State::Disconnected,
            State::Connected | State::Disconnected => continue,
        };
        store.state = next;
        changed = true;
    }
    changed
}

impl Store {
    fn show(&self, id: &str) -> Value {
        let mut shown = Map::new();
        let mut set = |name: &str, value: Value| {
            if !value.is_null() {
                shown.insert(name.to_owned(), value);
            }
        };
        set("CustomKeyStoreId", json!(id));
        set("CustomKeyStoreName", json!(self.name));
        set("CustomKeyStoreType", json!(self.kind));
        set("ConnectionState", json!(self.state));
        set("CreationDate", seconds(self.created));
        set("CloudHsmClusterId", json!(self.cluster));
        set("TrustAnchorCertificate", json!(self.certificate));
        if self.kind != "AWS_CLOUDHSM" {
            let mut proxy = Map::new();
            for (name, text) in [
                ("Connectivity", &self.proxy.connectivity),
                ("AccessKeyId", &self.proxy.access_key_id),
                ("UriEndpoint", &self.proxy.endpoint),
                ("UriPath", &self.proxy.path),
                ("VpcEndpointServiceName", &self.proxy.service),
            ] {
                if let Some(text) = text {
                    proxy.insert(name.to_owned(), json!(text));
                }
            }
            set("XksProxyConfiguration", Value::Object(proxy));
        }
        Value::Object(shown)
    }
}

/// Changes a store; most of it only while it is disconnected.
pub fn update(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (id, store) = find(world, call)?;
    let mut changed = store.clone();
    if let Some(name) = text(call.input, "NewCustomKeyStoreName", 1..=256)? {
        changed.name = name;
    }
    let password = call.input.text("KeyStorePassword", 7..=32)?.is_some();
    let cluster = cluster(call)?;
    changed.proxy.change(call)?;
    let in_cluster = changed.kind == "AWS_CLOUDHSM";
    let of_proxy = call.input.0.keys().any(|member| member.starts_with("XksProxy"));
    if of_proxy && in_cluster || (password || cluster.is_some()) && !in_cluster {
        return Err(invalid(format!(
            "A parameter is not for custom key stores of the type {}.",
            changed.kind
        )));
    }
    let only_names = call.input.0.keys().all(|member| {
        ["CustomKeyStoreId", "NewCustomKeyStoreName"].contains(&member.as_str())
            || member == "XksProxyAuthenticationCredential"
    });
    if !only_names && changed.state != State::Disconnected {
        return Err(wrong_state(&id, "is not disconnected"));
    }
    changed.cluster = cluster.or(changed.cluster);
    let here = world.here(call);
    check_free(here, Some(&id), &changed)?;
    here.stores.insert(id, changed);
    Ok(json!({}))
}

/// Ends a store that is disconnected and holds no keys.
pub fn delete(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (id, store) = find(world, call)?;
    let state = store.state;
    let here = world.here(call);
    let mut kept = here.keys.values().filter_map(|key| key.kept.as_ref());
    if kept.any(|kept| kept.store == id) {
        return Err(Error::new(
            "CustomKeyStoreHasCMKsException",
            format!("The custom key store {id} contains KMS keys."),
        ));
    }
    if state != State::Disconnected {
        world.changed |= come_to_end(here);
        return Err(wrong_state(&id, "is not disconnected"));
    }
    here.stores.remove(&id);
    Ok(json!({}))
}

/// Connects a store, which takes its time.
pub fn connect(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (id, store) = find(world, call)?;
    if store.state != State::Disconnected {
        return Err(wrong_state(&id, "is not disconnected"));
    }
    store.state = State::Connecting;
    Ok(json!({}))
}

/// Disconnects a store, which takes its time.
pub fn disconnect(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (id, store) = find(world, call)?;
    if matches!(store.state, State::Disconnected | State::Disconnecting) {
        return Err(wrong_state(&id, "is not connected"));
    }
    store.state = State::Disconnecting;
    Ok(json!({}))
}

fn find<'w>(world: &'w mut Aws, call: &Call) -> Result<(String, &'w mut Store), Error> {
    let id = call.input.required("CustomKeyStoreId", 1..=64)?;
    let store = world.here(call).stores.get_mut(id).ok_or_else(gone)?;
    Ok((id.to_owned(), store))
}

fn gone() -> Error {
    Error::bare("CustomKeyStoreNotFoundException")
}

fn wrong_state(id: &str, why: &str) -> Error {
    Error::new(
        "CustomKeyStoreInvalidStateException",
        format!("The custom key store {id} {why}."),
    )
}
