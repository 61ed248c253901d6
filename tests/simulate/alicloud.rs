//! The same service behind the door of Alibaba Cloud.

use std::collections::BTreeMap;

use keyform::cloud::Class;
use serde_json::{Value as Json, json};

use super::world::{ACCOUNT, Books, Key, Reply, World};

impl World {
    /// Carries out an action of Alibaba Cloud.
    pub fn carry_out_alicloud(&self, action: &str, params: &Json) -> Reply {
        let text = |name: &str| params[name].as_str().unwrap_or_default().to_owned();
        match action {
            "CreateKey" => Ok(self.create_alicloud(params)),
            "ListTagResources" => Ok(self.tags_alicloud(params)),
            "ListAliases" => {
                let books = self.books();
                let all = books.aliases.iter();
                let all: Vec<Json> = all
                    .map(|(name, id)| json!({"AliasName": name, "KeyId": id, "AliasArn": format!("acs:kms:cn-hangzhou:{ACCOUNT}:{name}")}))
                    .collect();
                Ok(
                    json!({"RequestId": "r", "TotalCount": all.len(), "PageNumber": 1, "PageSize": 100, "Aliases": {"Alias": all}}),
                )
            }
            "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
                let reply = self.alias(action, &text("AliasName"), &text("KeyId"));
                reply.map_err(|(code, class)| match code {
                    "AlreadyExistsException" => ("Rejected.AlreadyExist", class),
                    _ => ("Forbidden.AliasNotFound", class),
                })
            }
            action => self.on_key_alicloud(action, &text("KeyId"), params),
        }
    }

    fn create_alicloud(&self, params: &Json) -> Json {
        let text = |name: &str, otherwise: &str| params[name].as_str().unwrap_or(otherwise).to_owned();
        let tags: Vec<BTreeMap<String, String>> =
            serde_json::from_str(params["Tags"].as_str().unwrap_or("[]")).unwrap();
        let tags = tags
            .into_iter()
            .map(|tag| (tag["TagKey"].clone(), tag["TagValue"].clone()));
        let mut key = Key::new(text("Description", ""), tags.collect());
        key.spec = text("KeySpec", "Aliyun_AES_256");
        key.usage = text("KeyUsage", "ENCRYPT/DECRYPT");
        key.rotates = params["EnableAutomaticRotation"].as_bool().unwrap_or_default();
        let (id, key) = self.enter(key);
        json!({"RequestId": "r", "KeyMetadata": metadata(&id, &key)})
    }

    fn tags_alicloud(&self, params: &Json) -> Json {
        let books = self.books();
        let ids = params["ResourceId"].as_array();
        let wanted = params["Tag"].as_array().and_then(|tags| tags.first());
        let mut found = Vec::new();
        for (id, key) in books.keys.iter().filter(|(_, key)| self.is_seen(key)) {
            for (name, value) in &key.tags {
                let named = ids.is_none_or(|ids| ids.iter().any(|one| one == id));
                let carried = wanted.is_none_or(|tag| tag["Key"] == **name && tag["Value"] == **value);
                if named && carried {
                    found.push(
                        json!({"ResourceId": id, "ResourceType": "key", "TagKey": name, "TagValue": value}),
                    );
                }
            }
        }
        json!({"RequestId": "r", "NextToken": "", "TagResources": {"TagResource": found}})
    }

    fn on_key_alicloud(&self, action: &str, id: &str, params: &Json) -> Reply {
        let mut books = self.books();
        let Books { keys, scheduled, .. } = &mut *books;
        let Some(key) = keys.get_mut(id) else {
            return Err(("Forbidden.KeyNotFound", Class::Gone));
        };
        if action == "DescribeKey" {
            if !self.is_seen(key) {
                return Err(("Forbidden.KeyNotFound", Class::Gone));
            }
            return Ok(json!({"RequestId": "r", "KeyMetadata": metadata(id, key)}));
        }
        if key.leaving && action != "CancelKeyDeletion" {
            return Err(("Rejected.StateModifiedFailed", Class::Refused));
        }
        match action {
            "UpdateRotationPolicy" => {
                key.rotates = params["EnableAutomaticRotation"].as_bool().unwrap_or_default();
            }
            "EnableKey" => key.enabled = true,
            "DisableKey" => key.enabled = false,
            "UpdateKeyDescription" => {
                let description = params["Description"].as_str().unwrap_or_default();
                description.clone_into(&mut key.description);
            }
            "ScheduleKeyDeletion" => {
                key.leaving = true;
                scheduled.insert(id.to_owned());
            }
            "CancelKeyDeletion" => key.leaving = false,
            other => panic!("the service knows no {other}"),
        }
        Ok(json!({"RequestId": "r"}))
    }
}

fn metadata(id: &str, key: &Key) -> Json {
    let state = match (key.leaving, key.enabled) {
        (true, _) => "PendingDeletion",
        (false, true) => "Enabled",
        (false, false) => "Disabled",
    };
    let rotates = if key.rotates { "Enabled" } else { "Disabled" };
    let mut told = json!({
        "KeyId": id, "Arn": format!("acs:kms:cn-hangzhou:{ACCOUNT}:key/{id}"), "Description": key.description,
        "KeyState": state, "KeyUsage": key.usage, "KeySpec": key.spec, "Origin": "Aliyun_KMS", "Creator": ACCOUNT,
        "ProtectionLevel": "SOFTWARE", "DeletionProtection": "Disabled", "AutomaticRotation": rotates,
        "CreationDate": "2027-01-15T08:00:00Z", "DeleteDate": "", "LastRotationDate": "", "NextRotationDate": "",
        "MaterialExpireTime": "", "PrimaryKeyVersion": format!("{id}-v"),
    });
    if key.rotates {
        told["RotationInterval"] = "604800s".into();
    }
    told
}
