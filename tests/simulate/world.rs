//! A key management service in memory that has bad moments: it answers late, twice nothing, or something old, and loses
//! answers after it has done what they would tell.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use keyform::cloud::{Answer, ApiError, Call, Class, Cloud, Effect};
use keyform::value::json::{read_plain_json, to_plain_json};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use crate::dice::Dice;

/// Ends the run at its n-th step as a kill does: nothing more of it happens.
pub struct Life {
    /// Steps that are left; negative for no end.
    steps: AtomicI64,
    dead: AtomicBool,
    pub ended: tokio::sync::Notify,
}

impl Life {
    /// A life of so many steps, or without end.
    pub fn new(steps: Option<usize>) -> Arc<Self> {
        Arc::new(Self {
            steps: AtomicI64::new(steps.map_or(-1, |steps| i64::try_from(steps).unwrap())),
            dead: AtomicBool::new(false),
            ended: tokio::sync::Notify::new(),
        })
    }

    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// A step; whether there is life after it.
    pub fn step(&self) -> bool {
        match self.steps.load(Ordering::Relaxed) {
            0 => {
                self.dead.store(true, Ordering::Relaxed);
                self.ended.notify_one();
            }
            left if left > 0 => self.steps.store(left - 1, Ordering::Relaxed),
            _ => {}
        }
        !self.is_over()
    }
}

/// A key as the service keeps it.
#[derive(Clone, Debug)]
pub struct Key {
    pub description: String,
    pub spec: String,
    pub usage: String,
    pub enabled: bool,
    pub rotates: bool,
    pub leaving: bool,
    pub tags: BTreeMap<String, String>,
    born: Instant,
}

impl Key {
    /// A new symmetric key.
    pub fn new(description: String, tags: BTreeMap<String, String>) -> Self {
        Self {
            description,
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            enabled: true,
            rotates: false,
            leaving: false,
            tags,
            born: Instant::now(),
        }
    }
}

/// The cloud whose door the service stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Aws,
    Alicloud,
}

impl Door {
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Alicloud => "alicloud",
        }
    }
}

/// What the service keeps.
#[derive(Default)]
pub struct Books {
    pub keys: BTreeMap<String, Key>,
    pub aliases: BTreeMap<String, String>,
    /// The ids of keys whose deletion was asked for.
    pub scheduled: BTreeSet<String>,
    made: usize,
}

/// The service with its moods.
pub struct World {
    pub door: Door,
    pub books: RefCell<Books>,
    pub dice: RefCell<Dice>,
    /// One call in so many goes wrong; none where this is null.
    pub faults: Cell<Option<usize>>,
}

/// A client of the service, which dies with its run.
pub struct Client {
    pub world: Rc<World>,
    pub life: Arc<Life>,
}

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long reads may not know of a new key.
const STALE: Duration = Duration::from_secs(20);
pub const ACCOUNT: &str = "123456789012";

pub type Reply = Result<Json, (&'static str, Class)>;

impl Cloud for Client {
    fn call(&self, call: Call) -> Answer<'_> {
        Box::pin(async move {
            if !self.life.step() {
                return std::future::pending().await;
            }
            let answer = self.world.clone().send(call).await;
            if !self.life.step() {
                return std::future::pending().await;
            }
            answer
        })
    }

    fn facts(&self) -> Answer<'_> {
        Box::pin(async { Ok(value(&json!({"account_id": ACCOUNT, "partition": "aws"}))) })
    }
}

impl World {
    fn chance(&self) -> bool {
        let faults = self.faults.get();
        faults.is_some_and(|many| self.dice.borrow_mut().one_in(many))
    }

    fn below(&self, end: usize) -> u64 {
        self.dice.borrow_mut().below(end) as u64
    }

    /// Sends a request. Once it is on its way it arrives, whatever becomes of the one who sent it.
    async fn send(self: Rc<Self>, call: Call) -> Result<keyform::value::Value, ApiError> {
        let failed = |code: &str, class| error(&call, code, class);
        if self.chance() && call.effect != Effect::Read {
            // It never arrives; whether that is known depends.
            return Err(match self.below(3) {
                0 => failed("ThrottlingException", Class::Throttled),
                1 => failed("ConnectionFailed", Class::Transient),
                _ => failed("ConnectionLost", Class::Unclear),
            });
        }
        let way = if self.chance() {
            Duration::from_secs(self.below(600))
        } else {
            Duration::from_millis(self.below(200))
        };
        let (tell, told) = tokio::sync::oneshot::channel();
        let (world, request) = (self.clone(), call.clone());
        tokio::task::spawn_local(async move {
            sleep(way).await;
            let reply = world.carry_out(&request);
            sleep(Duration::from_millis(world.below(200))).await;
            let _ = tell.send(reply);
        });
        let lost = self.chance();
        let answer = tokio::time::timeout(PATIENCE, told).await;
        let unclear = if call.effect == Effect::Read {
            Class::Transient
        } else {
            Class::Unclear
        };
        match answer {
            Ok(Ok(reply)) if !lost => reply
                .map(|json| value(&json))
                .map_err(|(code, class)| failed(code, class)),
            _ => Err(failed("ConnectionLost", unclear)),
        }
    }

    /// Whether reads know of a key yet.
    pub fn is_seen(&self, key: &Key) -> bool {
        key.born.elapsed() > STALE || !self.chance()
    }

    fn carry_out(&self, call: &Call) -> Reply {
        let params = to_plain_json(&call.params);
        let text = |name: &str| params[name].as_str().unwrap_or_default().to_owned();
        if self.door == Door::Alicloud {
            return self.carry_out_alicloud(&call.action, &params);
        }
        match &*call.action {
            "CreateKey" => Ok(self.create(&params)),
            "ListKeys" => {
                let books = self.books.borrow();
                let seen = books.keys.iter().filter(|(_, key)| self.is_seen(key));
                let keys: Vec<Json> = seen.map(|(id, _)| json!({"KeyId": id})).collect();
                Ok(json!({"Keys": keys}))
            }
            "ListAliases" => {
                let books = self.books.borrow();
                let all = books.aliases.iter();
                let all: Vec<Json> = all
                    .map(|(name, id)| json!({"AliasName": name, "AliasArn": format!("arn:aws:kms:eu-west-1:{ACCOUNT}:{name}"), "TargetKeyId": id}))
                    .collect();
                Ok(json!({"Aliases": all}))
            }
            "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
                self.alias(&call.action, &text("AliasName"), &text("TargetKeyId"))
            }
            action => self.on_key(action, &text("KeyId"), &params),
        }
    }

    fn create(&self, params: &Json) -> Json {
        let tags = params["Tags"].as_array().into_iter().flatten();
        let tag = |tag: &Json| {
            Some((
                tag["TagKey"].as_str()?.to_owned(),
                tag["TagValue"].as_str()?.to_owned(),
            ))
        };
        let text = |name: &str, otherwise: &str| params[name].as_str().unwrap_or(otherwise).to_owned();
        let mut key = Key::new(text("Description", ""), tags.filter_map(tag).collect());
        key.spec = text("KeySpec", &key.spec);
        key.usage = text("KeyUsage", &key.usage);
        let (id, key) = self.enter(key);
        json!({ "KeyMetadata": metadata(&id, &key) })
    }

    /// Takes in a new key; gives its id.
    pub fn enter(&self, key: Key) -> (String, Key) {
        let mut books = self.books.borrow_mut();
        books.made += 1;
        let id = match self.door {
            Door::Aws => format!("{:08x}-0000-4000-8000-000000000000", books.made),
            Door::Alicloud => format!("key-{:016x}", books.made),
        };
        books.keys.insert(id.clone(), key.clone());
        (id, key)
    }

    pub fn alias(&self, action: &str, name: &str, target: &str) -> Reply {
        let mut books = self.books.borrow_mut();
        let is_there = books.aliases.contains_key(name);
        match action {
            "CreateAlias" if is_there => return Err(("AlreadyExistsException", Class::Refused)),
            "UpdateAlias" | "DeleteAlias" if !is_there => return Err(("NotFoundException", Class::Gone)),
            "DeleteAlias" => drop(books.aliases.remove(name)),
            _ if !books.keys.contains_key(target) => return Err(("NotFoundException", Class::Gone)),
            _ => drop(books.aliases.insert(name.to_owned(), target.to_owned())),
        }
        Ok(json!({}))
    }

    fn on_key(&self, action: &str, id: &str, params: &Json) -> Reply {
        let mut books = self.books.borrow_mut();
        let books = &mut *books;
        let Some(key) = books.keys.get_mut(id) else {
            return Err(("NotFoundException", Class::Gone));
        };
        let reads = action.starts_with("Get") || action.starts_with("List") || action == "DescribeKey";
        if reads && !self.is_seen(key) {
            return Err(("NotFoundException", Class::Gone));
        }
        if !reads && key.leaving && !["CancelKeyDeletion", "ScheduleKeyDeletion"].contains(&action) {
            return Err(("KMSInvalidStateException", Class::Refused));
        }
        match action {
            "DescribeKey" => return Ok(json!({"KeyMetadata": metadata(id, key)})),
            "GetKeyPolicy" => return Ok(json!({"Policy": "{}"})),
            "GetKeyRotationStatus" => return Ok(json!({"KeyRotationEnabled": key.rotates, "KeyId": id})),
            "ListResourceTags" => {
                let tags: Vec<Json> = key
                    .tags
                    .iter()
                    .map(|(k, v)| json!({"TagKey": k, "TagValue": v}))
                    .collect();
                return Ok(json!({ "Tags": tags }));
            }
            "EnableKeyRotation" if key.spec != "SYMMETRIC_DEFAULT" => {
                return Err(("UnsupportedOperationException", Class::Refused));
            }
            "EnableKeyRotation" | "DisableKeyRotation" if !key.enabled => {
                return Err(("DisabledException", Class::Refused));
            }
            "EnableKeyRotation" => key.rotates = true,
            "DisableKeyRotation" => key.rotates = false,
            "EnableKey" => key.enabled = true,
            "DisableKey" => key.enabled = false,
            "UpdateKeyDescription" => {
                params["Description"]
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut key.description);
            }
            "ScheduleKeyDeletion" => {
                key.leaving = true;
                key.enabled = false;
                books.scheduled.insert(id.to_owned());
            }
            "CancelKeyDeletion" => key.leaving = false,
            other => panic!("the service knows no {other}"),
        }
        Ok(json!({}))
    }
}

fn metadata(id: &str, key: &Key) -> Json {
    let state = match (key.leaving, key.enabled) {
        (true, _) => "PendingDeletion",
        (false, true) => "Enabled",
        (false, false) => "Disabled",
    };
    json!({
        "KeyId": id, "Arn": format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{id}"), "Description": key.description,
        "Enabled": key.enabled, "KeyState": state, "KeyUsage": key.usage, "KeySpec": key.spec,
        "Origin": "AWS_KMS", "MultiRegion": false,
    })
}

fn error(call: &Call, code: &str, class: Class) -> ApiError {
    ApiError {
        class,
        code: code.to_owned(),
        message: "A bad moment.".to_owned(),
        service: call.service.clone(),
        action: call.action.clone(),
        status: None,
        request_id: None,
        after_unclear: false,
    }
}

fn value(json: &Json) -> keyform::value::Value {
    read_plain_json(json).unwrap()
}
