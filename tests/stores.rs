//! Keys in custom key stores, which somebody has connected: no type does that, since it takes minutes and a password.

use std::net::SocketAddr;
use std::sync::Arc;

use keyform::cloud::{Call, Effect};
use keyform::clouds::{Environment, Options, connect};
use keyform::sandbox::{self, Faults};
use keyform::schema::Catalog;
use keyform::value::Value;

use crate::faults::{at, clouds, control};
use crate::folder::Folder;

const STORES: &str = r#"
resource "aws_kms_custom_key_store" "one" {
  custom_key_store_name    = "one"
  cloud_hsm_cluster_id     = "cluster-2b3c4d5e6f7"
  key_store_password       = "noplaintextpasswords1"
  trust_anchor_certificate = "certificate"
}

resource "aws_kms_custom_key_store" "other" {
  custom_key_store_name    = "other"
  cloud_hsm_cluster_id     = "cluster-2b3c4d5e6f6"
  key_store_password       = "noplaintextpasswords1"
  trust_anchor_certificate = "certificate"
}

resource "aws_kms_custom_key_store" "outside" {
  custom_key_store_name  = "outside"
  custom_key_store_type  = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "PUBLIC_ENDPOINT"
  xks_proxy_uri_endpoint = "https://keys.example.com"
  xks_proxy_uri_path     = "/example/kms/xks/v1"

  xks_proxy_authentication_credential {
    access_key_id         = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    raw_secret_access_key = "0123456789abcdef0123456789abcdef0123456789abcdef"
  }
}
"#;

/// A key in a store.
fn key(arguments: &str) -> String {
    format!("resource \"aws_kms_key\" \"a\" {{\n  deletion_window_in_days = 7\n  {arguments}\n}}\n")
}

#[test]
fn a_key_lives_in_a_store_and_moves_to_another() {
    let cloud = clouds(Faults::default());
    let mut folder = Folder::without_sandbox("stores");
    let write =
        |folder: &Folder, rest: &str| folder.write("main.tf", &at(cloud.address, &format!("{STORES}{rest}")));
    write(&folder, "");
    folder.apply();
    let in_one = key("custom_key_store_id = aws_kms_custom_key_store.one.id");
    write(&folder, &in_one);
    let refused = folder.expect(1, "apply", &["-auto-approve"]);
    assert!(
        refused.contains("CustomKeyStoreInvalidStateException"),
        "{refused}"
    );
    let ids = ["one", "other", "outside"].map(|name| {
        let id = &folder.recorded(&format!("aws_kms_custom_key_store.{name}"))["id"];
        id.as_str().unwrap().to_owned()
    });
    for id in &ids {
        connected(cloud.address, id);
    }

    folder.apply();
    folder.is_settled();
    assert_eq!(
        folder.recorded("aws_kms_key.a")["custom_key_store_id"],
        ids[0].as_str()
    );
    let steps = [
        (
            "custom_key_store_id = aws_kms_custom_key_store.other.id",
            &ids[1],
            None,
        ),
        (
            "custom_key_store_id = aws_kms_custom_key_store.outside.id\n  xks_key_id = \"key-1\"",
            &ids[2],
            Some("key-1"),
        ),
        (
            "custom_key_store_id = aws_kms_custom_key_store.outside.id\n  xks_key_id = \"key-2\"",
            &ids[2],
            Some("key-2"),
        ),
    ];
    for (arguments, store, external) in steps {
        write(&folder, &key(arguments));
        let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
        assert!(plan.contains("# aws_kms_key.a must be replaced"), "{plan}");
        folder.apply();
        folder.is_settled();
        let recorded = folder.recorded("aws_kms_key.a");
        assert_eq!(recorded["custom_key_store_id"], store.as_str());
        assert_eq!(recorded["xks_key_id"].as_str(), external);
    }
    folder.import_again("aws_kms_key.a");

    // A store with keys stays; they are gone when their days are over.
    let refused = folder.expect(1, "destroy", &["-auto-approve"]);
    assert!(refused.contains("CustomKeyStoreHasCMKsException"), "{refused}");
    control(cloud.address, "POST", "advance?seconds=691200", "");
    folder.destroy();
    cloud.stop().unwrap();
}

/// Connects a store, as its owner does.
fn connected(address: SocketAddr, id: &str) {
    let url = format!("http://{address}");
    let variables = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ACCESS_KEY_ID", sandbox::AWS_ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", sandbox::AWS_SECRET_ACCESS_KEY),
    ];
    let environment = Environment {
        variables: variables.map(|(name, value)| (name.into(), value.into())).into(),
        home: None,
    };
    let schema = Catalog::get().provider("aws").unwrap().unwrap();
    let configuration = Value::object_of([("region", Value::from("eu-west-1"))]);
    let cloud = connect(
        &Arc::new(schema.clone()),
        &configuration,
        &environment,
        Options::default(),
    )
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // Who looks at a store that is being connected finds it connected the next time.
    for (action, effect) in [
        ("ConnectCustomKeyStore", Effect::Repeatable),
        ("DescribeCustomKeyStores", Effect::Read),
    ] {
        let call = Call {
            service: "kms".into(),
            action: action.into(),
            region: None,
            endpoint: None,
            params: Value::object_of([("CustomKeyStoreId", Value::from(id))]),
            effect,
            until: None,
        };
        runtime.block_on(cloud.call(call)).unwrap();
    }
}
