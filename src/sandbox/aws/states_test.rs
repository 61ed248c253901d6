//! Which actions a key allows in which state, by the table of the developer guide.

use super::world::KeyState;
use super::*;

const NOW: i64 = 1_700_000_000_000;
const FINE: &str = "";
const STATE: &str = "KMSInvalidStateException";
const DISABLED: &str = "DisabledException";
const UNSUPPORTED: &str = "UnsupportedOperationException";

/// What becomes of a call, by its code; nothing where it succeeds.
fn ask(world: &mut Aws, action: &str, params: &Value, region: &str) -> Result<Value, Error> {
    let caller = Caller {
        account: "123456789012".into(),
        arn: "arn:aws:iam::123456789012:user/sandbox".into(),
        user_id: "AIDA".into(),
        role: None,
    };
    let call = Call {
        region,
        caller: &caller,
        now: NOW,
        input: Input(params.as_object().unwrap()),
    };
    let (_, handler) = ACTIONS.iter().find(|(name, _)| *name == action).unwrap();
    world.settle(&caller.account, region, NOW);
    handler(world, &call)
}

const REGION: &str = "eu-west-1";

/// A world with one key, which is brought into a state, and an alias and a grant of it.
fn with_key(state: KeyState) -> (Aws, String) {
    let mut world = Aws::default();
    let mut ask = |action: &str, params: Value| ask(&mut world, action, &params, REGION).unwrap();
    let origin = if state == KeyState::PendingImport {
        "EXTERNAL"
    } else {
        "AWS_KMS"
    };
    let made = ask("CreateKey", json!({ "Origin": origin }));
    let id = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let key = || json!({ "KeyId": id });
    ask("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": id}));
    if state != KeyState::PendingImport {
        let grant = json!({"KeyId": id, "GranteePrincipal": "arn:aws:iam::123456789012:root", "Operations": ["Decrypt"]});
        ask("CreateGrant", grant);
    }
    match state {
        KeyState::Disabled => drop(ask("DisableKey", key())),
        KeyState::PendingDeletion => drop(ask("ScheduleKeyDeletion", key())),
        _ => {}
    }
    (world, id)
}

/// How an action ends with a key that is enabled, disabled, without material, and waiting for its deletion.
#[track_caller]
fn check(action: &str, more: &Value, expected: [&str; 4]) {
    let states = [
        KeyState::Enabled,
        KeyState::Disabled,
        KeyState::PendingImport,
        KeyState::PendingDeletion,
    ];
    for (state, expected) in states.into_iter().zip(expected) {
        let (mut world, id) = with_key(state);
        let mut params = json!({ "KeyId": id });
        for (name, value) in more.as_object().unwrap() {
            params[name] = match value.as_str() {
                Some("<KEY>") => json!(id),
                _ => value.clone(),
            };
        }
        let found = ask(&mut world, action, &params, REGION);
        let code = found.err().map_or(String::new(), |why| why.code);
        assert_eq!(code, expected, "{action} of a key in the state {state:?}");
    }
}

#[test]
fn reading_never_minds_the_state() {
    for action in [
        "DescribeKey",
        "GetKeyPolicy",
        "ListGrants",
        "ListKeyPolicies",
        "ListResourceTags",
        "ListAliases",
        "GetKeyLastUsage",
    ] {
        check(action, &json!({}), [FINE; 4]);
    }
    check(
        "GetKeyRotationStatus",
        &json!({}),
        [FINE, FINE, UNSUPPORTED, FINE],
    );
}

#[test]
fn words_about_a_key_can_change_until_its_deletion() {
    let expected = [FINE, FINE, FINE, STATE];
    check("UpdateKeyDescription", &json!({"Description": "d"}), expected);
    let tag = json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]});
    check("TagResource", &tag, expected);
    check("UntagResource", &json!({"TagKeys": ["a"]}), expected);
    let alias = json!({"AliasName": "alias/b", "TargetKeyId": "<KEY>"});
    check("CreateAlias", &alias, expected);
    check("ScheduleKeyDeletion", &json!({}), expected);
}

#[test]
fn policies_and_the_ends_of_grants_and_aliases_are_free() {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    check("PutKeyPolicy", &json!({ "Policy": policy }), [FINE; 4]);
    check("DeleteAlias", &json!({"AliasName": "alias/a"}), [FINE; 4]);
    for action in ["RevokeGrant", "RetireGrant"] {
        for state in [KeyState::Enabled, KeyState::Disabled, KeyState::PendingDeletion] {
            let (mut world, id) = with_key(state);
            let listed = ask(&mut world, "ListGrants", &json!({ "KeyId": id }), REGION).unwrap();
            let grant = &listed["Grants"][0];
            let params = json!({"KeyId": grant["KeyId"], "GrantId": grant["GrantId"]});
            assert_eq!(
                ask(&mut world, action, &params, REGION).err(),
                None,
                "{action} {state:?}"
            );
        }
    }
}

#[test]
fn a_key_is_switched_only_when_it_has_material() {
    for action in ["EnableKey", "DisableKey"] {
        check(action, &json!({}), [FINE, FINE, STATE, STATE]);
    }
    check("CancelKeyDeletion", &json!({}), [STATE, STATE, STATE, FINE]);
    for action in ["EnableKeyRotation", "DisableKeyRotation"] {
        check(action, &json!({}), [FINE, DISABLED, UNSUPPORTED, STATE]);
    }
}

#[test]
fn using_needs_an_enabled_key() {
    let grant = json!({"GranteePrincipal": "arn:aws:iam::123456789012:root", "Operations": ["Decrypt"]});
    check("CreateGrant", &grant, [FINE, DISABLED, STATE, STATE]);
    check(
        "Encrypt",
        &json!({"Plaintext": "eA=="}),
        [FINE, DISABLED, STATE, STATE],
    );
    check(
        "GenerateDataKey",
        &json!({"KeySpec": "AES_256"}),
        [FINE, DISABLED, STATE, STATE],
    );
    let offer = json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    check(
        "GetParametersForImport",
        &offer,
        [UNSUPPORTED, UNSUPPORTED, FINE, UNSUPPORTED],
    );
}

#[test]
fn a_deletion_that_is_called_back_leaves_a_disabled_key() {
    let (mut world, id) = with_key(KeyState::PendingDeletion);
    ask(&mut world, "CancelKeyDeletion", &json!({ "KeyId": id }), REGION).unwrap();
    let shown = ask(&mut world, "DescribeKey", &json!({ "KeyId": id }), REGION).unwrap();
    assert_eq!(shown["KeyMetadata"]["KeyState"], "Disabled");
    assert_eq!(shown["KeyMetadata"].get("DeletionDate"), None);
}

/// A primary key here, with a replica there that somebody has looked at.
fn family() -> (Aws, String) {
    let mut world = Aws::default();
    let made = ask(&mut world, "CreateKey", &json!({"MultiRegion": true}), REGION).unwrap();
    let id = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let params = json!({"KeyId": id, "ReplicaRegion": THERE});
    ask(&mut world, "ReplicateKey", &params, REGION).unwrap();
    ask(&mut world, "DescribeKey", &json!({ "KeyId": id }), THERE).unwrap();
    (world, id)
}

const THERE: &str = "us-west-2";

#[test]
fn another_key_of_a_family_becomes_the_primary_one() {
    let (mut world, id) = family();
    let key = json!({ "KeyId": id });
    ask(&mut world, "EnableKeyRotation", &key, REGION).unwrap();
    let to = |region: &str| json!({"KeyId": id, "PrimaryRegion": region});
    ask(&mut world, "UpdatePrimaryRegion", &to(THERE), REGION).unwrap();
    let refused = |world: &mut Aws, action: &str, params: &Value, region: &str| {
        ask(world, action, params, region).unwrap_err().code
    };
    for region in [REGION, THERE] {
        assert_eq!(
            refused(&mut world, "DisableKey", &key, region),
            STATE,
            "it is being updated"
        );
        let plain = json!({"KeyId": id, "Plaintext": "eA=="});
        assert!(
            ask(&mut world, "Encrypt", &plain, region).is_ok(),
            "it serves as before"
        );
        for (state, enabled) in [("Updating", false), ("Enabled", true)] {
            let shown = ask(&mut world, "DescribeKey", &key, region).unwrap();
            let shown = &shown["KeyMetadata"];
            assert_eq!(
                (&shown["KeyState"], &shown["Enabled"]),
                (&json!(state), &json!(enabled))
            );
            let family = &shown["MultiRegionConfiguration"];
            assert_eq!(family["PrimaryKey"]["Region"], THERE);
            assert_eq!(family["ReplicaKeys"][0]["Region"], REGION);
        }
        let status = ask(&mut world, "GetKeyRotationStatus", &key, region).unwrap();
        assert_eq!(status["KeyRotationEnabled"], true, "the rotation moves along");
    }
    assert_eq!(
        refused(&mut world, "DisableKeyRotation", &key, REGION),
        UNSUPPORTED
    );
    ask(&mut world, "DisableKeyRotation", &key, THERE).unwrap();
    assert_eq!(
        refused(&mut world, "UpdatePrimaryRegion", &to(THERE), REGION),
        UNSUPPORTED
    );
}

#[test]
fn not_every_key_becomes_a_primary_one() {
    let refused = |world: &mut Aws, id: &str, region: &str| {
        let params = json!({"KeyId": id, "PrimaryRegion": region});
        ask(world, "UpdatePrimaryRegion", &params, REGION)
            .unwrap_err()
            .code
    };
    let (mut world, id) = with_key(KeyState::Enabled);
    assert_eq!(refused(&mut world, &id, THERE), UNSUPPORTED, "of a single Region");
    let (mut world, id) = family();
    assert_eq!(refused(&mut world, &id, "us-east-1"), "NotFoundException");
    assert_eq!(refused(&mut world, &id, REGION), "ValidationException");
    ask(&mut world, "DisableKey", &json!({ "KeyId": id }), THERE).unwrap();
    assert_eq!(refused(&mut world, &id, THERE), DISABLED);
    let (mut world, id) = family();
    ask(&mut world, "DisableKey", &json!({ "KeyId": id }), REGION).unwrap();
    assert_eq!(refused(&mut world, &id, THERE), DISABLED);
}
