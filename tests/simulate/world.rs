//! A key management service in memory that has bad moments: it refuses, answers late, not at all, or something old, and fails
//! before or after it has done what was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use keyform::cloud::{Answer, ApiError, Call, Class, Cloud, Effect};
use keyform::value::json::{read_plain_json, to_plain_json};
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use super::time::Life;
use crate::dice::Dice;

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
    born: Duration,
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
            born: Duration::ZERO,
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

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is refused because of too many calls.
    Throttled,
    /// It is never sent, and that is known.
    NotSent,
    /// It gets lost on its way, and that is not known.
    LostBefore,
    /// The service fails before it has done anything, and that is not known.
    FailedBefore,
    /// It arrives late; the answer may come when nobody waits any more.
    Slow,
    /// It is done, and the answer gets lost.
    LostAfter,
    /// It is done, and the answer is that the service has failed.
    FailedAfter,
    /// A read does not know of a new key.
    Stale,
    /// It comes when its signature has expired.
    Expired,
}

impl Fault {
    /// What happens to runs that nobody stops for longer.
    pub const ALL: [Self; 8] = [
        Self::Throttled,
        Self::NotSent,
        Self::LostBefore,
        Self::FailedBefore,
        Self::Slow,
        Self::LostAfter,
        Self::FailedAfter,
        Self::Stale,
    ];
}

/// A request on its way. It arrives, whatever becomes of the one who sent it.
struct Request {
    number: usize,
    signed: Duration,
    arrives: Duration,
    action: String,
    params: Json,
}

/// What is on its way, there and back.
#[derive(Default)]
struct Traffic {
    sent: usize,
    requests: Vec<Request>,
    /// What was answered, by the number of the request.
    replies: BTreeMap<usize, Reply>,
}

/// The service with its moods.
pub struct World {
    pub door: Door,
    pub books: Mutex<Books>,
    dice: Mutex<Dice>,
    /// One call in so many goes wrong; none where this is null.
    pub faults: Mutex<Option<usize>>,
    /// How often something went wrong.
    pub met: Mutex<BTreeMap<Fault, usize>>,
    traffic: Mutex<Traffic>,
    /// The time at which it does what it does.
    time: Mutex<Duration>,
}

/// A client of the service, which dies with its run.
pub struct Client {
    pub world: Arc<World>,
    pub life: Arc<Life>,
}

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long reads may not know of a new key.
const STALE: Duration = Duration::from_secs(20);
/// How long a signature lives.
const SIGNATURE: Duration = Duration::from_mins(15);
pub const ACCOUNT: &str = "123456789012";

pub type Reply = Result<Json, (&'static str, Class)>;

impl Cloud for Client {
    fn call(&self, call: Call) -> Answer<'_> {
        Box::pin(async move {
            if !self.life.step() {
                return std::future::pending().await;
            }
            let answer = self.send(&call).await;
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

impl Client {
    fn now(&self) -> Duration {
        self.life.clock.now()
    }

    /// Signs a request, sends it and waits for the answer.
    async fn send(&self, call: &Call) -> Result<keyform::value::Value, ApiError> {
        let failed = |code: &str, class| error(call, code, class);
        let unclear = if call.effect == Effect::Read {
            Class::Transient
        } else {
            Class::Unclear
        };
        if let Some(fault) = self.world.fails_before() {
            return Err(match fault {
                Fault::Throttled => failed("ThrottlingException", Class::Throttled),
                Fault::NotSent => failed("ConnectionFailed", Class::Transient),
                Fault::LostBefore => failed("ConnectionLost", unclear),
                _ => failed("KMSInternalException", unclear),
            });
        }
        let too_late = |until: i64| super::time::seconds(self.now()) > until;
        if call.until.is_some_and(too_late) {
            return Err(failed("TooLate", Class::Refused));
        }
        let (number, arrives) = self.world.send(call, self.now());
        // Once it is on its way it arrives.
        if !self.life.step() {
            return std::future::pending().await;
        }
        let fault = self.world.fails_after();
        let back = arrives + Duration::from_millis(self.world.below(200));
        let until = self.now() + PATIENCE;
        sleep(back.min(until).saturating_sub(self.now())).await;
        self.world.happen(self.now());
        let reply = self.world.take_reply(number).filter(|_| back <= self.now());
        match (reply, fault) {
            (Some(reply), None) => reply
                .map(|json| value(&json))
                .map_err(|(code, class)| failed(code, class)),
            (Some(_), Some(Fault::FailedAfter)) => Err(failed("KMSInternalException", unclear)),
            _ => Err(failed("ConnectionLost", unclear)),
        }
    }
}

impl World {
    pub fn new(door: Door, seed: u64) -> Self {
        Self {
            door,
            books: Mutex::default(),
            dice: Mutex::new(Dice(seed ^ 0x5eed)),
            faults: Mutex::new(None),
            met: Mutex::default(),
            traffic: Mutex::default(),
            time: Mutex::default(),
        }
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    fn chance(&self) -> bool {
        let faults = *self.faults.lock().unwrap();
        faults.is_some_and(|many| self.dice.lock().unwrap().one_in(many))
    }

    fn below(&self, end: usize) -> u64 {
        self.dice.lock().unwrap().below(end) as u64
    }

    fn meets(&self, fault: Fault) -> Fault {
        *self.met.lock().unwrap().entry(fault).or_default() += 1;
        fault
    }

    /// What goes wrong before a request has any effect.
    fn fails_before(&self) -> Option<Fault> {
        self.chance().then(|| {
            self.meets(match self.below(4) {
                0 => Fault::Throttled,
                1 => Fault::NotSent,
                2 => Fault::LostBefore,
                _ => Fault::FailedBefore,
            })
        })
    }

    /// What goes wrong after it had its effect.
    fn fails_after(&self) -> Option<Fault> {
        self.chance().then(|| {
            self.meets(match self.below(3) {
                0 => Fault::FailedAfter,
                _ => Fault::LostAfter,
            })
        })
    }

    /// Puts a request on its way; gives its number, and when it arrives.
    fn send(&self, call: &Call, now: Duration) -> (usize, Duration) {
        let way = if self.chance() {
            self.meets(Fault::Slow);
            Duration::from_secs(self.below(600))
        } else {
            Duration::from_millis(self.below(200))
        };
        let mut traffic = self.traffic.lock().unwrap();
        traffic.sent += 1;
        let number = traffic.sent;
        traffic.requests.push(Request {
            number,
            signed: now,
            arrives: now + way,
            action: call.action.to_string(),
            params: to_plain_json(&call.params),
        });
        (number, now + way)
    }

    fn take_reply(&self, number: usize) -> Option<Reply> {
        self.traffic.lock().unwrap().replies.remove(&number)
    }

    /// All that has arrived by now is done, in its order.
    pub fn happen(&self, now: Duration) {
        loop {
            let next = {
                let mut traffic = self.traffic.lock().unwrap();
                let due = traffic.requests.iter().enumerate();
                let due = due.filter(|(_, request)| request.arrives <= now);
                let first = due.min_by_key(|(_, request)| (request.arrives, request.number));
                first.map(|(at, _)| at).map(|at| traffic.requests.remove(at))
            };
            let Some(request) = next else { break };
            *self.time.lock().unwrap() = request.arrives;
            let reply = if request.arrives > request.signed + SIGNATURE {
                self.meets(Fault::Expired);
                Err(("RequestExpired", Class::Refused))
            } else {
                self.carry_out(&request.action, &request.params)
            };
            self.traffic.lock().unwrap().replies.insert(request.number, reply);
        }
    }

    /// Whether reads know of a key yet.
    pub fn is_seen(&self, key: &Key) -> bool {
        let age = self.time.lock().unwrap().saturating_sub(key.born);
        if age > STALE || !self.chance() {
            return true;
        }
        self.meets(Fault::Stale);
        false
    }

    fn carry_out(&self, action: &str, params: &Json) -> Reply {
        let text = |name: &str| params[name].as_str().unwrap_or_default().to_owned();
        if self.door == Door::Alicloud {
            return self.carry_out_alicloud(action, params);
        }
        match action {
            "CreateKey" => Ok(self.create(params)),
            "ListKeys" => {
                let books = self.books();
                let seen = books.keys.iter().filter(|(_, key)| self.is_seen(key));
                let keys: Vec<Json> = seen.map(|(id, _)| json!({"KeyId": id})).collect();
                Ok(json!({"Keys": keys}))
            }
            "ListAliases" => {
                let books = self.books();
                let all = books.aliases.iter();
                let all: Vec<Json> = all
                    .map(|(name, id)| json!({"AliasName": name, "AliasArn": format!("arn:aws:kms:eu-west-1:{ACCOUNT}:{name}"), "TargetKeyId": id}))
                    .collect();
                Ok(json!({"Aliases": all}))
            }
            "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
                self.alias(action, &text("AliasName"), &text("TargetKeyId"))
            }
            action => self.on_key(action, &text("KeyId"), params),
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
    pub fn enter(&self, mut key: Key) -> (String, Key) {
        key.born = *self.time.lock().unwrap();
        let mut books = self.books();
        books.made += 1;
        let id = match self.door {
            Door::Aws => format!("{:08x}-0000-4000-8000-000000000000", books.made),
            Door::Alicloud => format!("key-{:016x}", books.made),
        };
        books.keys.insert(id.clone(), key.clone());
        (id, key)
    }

    pub fn alias(&self, action: &str, name: &str, target: &str) -> Reply {
        let mut books = self.books();
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
        let mut books = self.books();
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
