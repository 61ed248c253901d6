//! Data keys of a key management service: it makes one and encrypts it, and decrypts it again for who may.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::addr::ProviderConfig;
use crate::cli::connector::CloudConnector;
use crate::cloud::{Call, Effect};
use crate::clouds;
use crate::plan::live::Connector as _;
use crate::secret;
use crate::value::Value;

/// A key of a cloud under which data keys are encrypted.
pub struct Service {
    pub cloud: Kind,
    pub key_id: String,
    /// `AES_256` or `AES_128`.
    pub key_spec: String,
    /// The arguments of the cloud's provider.
    pub arguments: Value,
    pub environment: clouds::Environment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Aws,
    Alicloud,
}

impl Kind {
    fn provider(self) -> &'static str {
        match self {
            Self::Aws => r#"provider["registry.terraform.io/hashicorp/aws"]"#,
            Self::Alicloud => r#"provider["registry.terraform.io/aliyun/alicloud"]"#,
        }
    }
}

type Bytes = Zeroizing<Vec<u8>>;

impl Service {
    /// A new data key, and the same encrypted by the service.
    pub fn data_key(&self) -> Result<(Bytes, Vec<u8>), String> {
        let params = Value::object_of([
            ("KeyId", Value::string(&self.key_id)),
            ("KeySpec", Value::string(&self.key_spec)),
        ]);
        let answer = self.ask("GenerateDataKey", params)?;
        Ok((decoded(&answer.plaintext)?, self.blob(&answer.blob)?))
    }

    /// A data key that the service has encrypted.
    pub fn decrypt(&self, blob: &[u8]) -> Result<Bytes, String> {
        let text = match self.cloud {
            Kind::Aws => BASE64.encode(blob),
            Kind::Alicloud => String::from_utf8(blob.to_vec())
                .map_err(|_| "the encrypted data key is no text, as those of Alibaba Cloud are".to_owned())?,
        };
        let mut params = vec![("CiphertextBlob", Value::string(&text))];
        if self.cloud == Kind::Aws {
            params.push(("KeyId", Value::string(&self.key_id)));
        }
        decoded(&self.ask("Decrypt", Value::object_of(params))?.plaintext)
    }

    /// The encrypted data key in bytes: AWS sends base64 of them, Alibaba Cloud a text of its own.
    fn blob(&self, text: &str) -> Result<Vec<u8>, String> {
        match self.cloud {
            Kind::Aws => Ok(decoded(text)?.to_vec()),
            Kind::Alicloud => Ok(text.as_bytes().to_vec()),
        }
    }

    /// Asks on a thread of its own: states are read and written where no other future may be waited for. The secrets that
    /// are met on the way are known to that thread alone, so it hides them in what it has to tell.
    fn ask(&self, action: &'static str, params: Value) -> Result<Reply, String> {
        let ask = || {
            let answer = self.ask_here(action, params);
            answer.map_err(|why| secret::hidden(&why).into_owned())
        };
        std::thread::scope(|scope| scope.spawn(ask).join())
            .map_err(|_| "the service could not be asked".to_owned())?
    }

    fn ask_here(&self, action: &'static str, params: Value) -> Result<Reply, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("the service could not be asked: {error}"))?;
        let mut connector = CloudConnector {
            environment: self.environment.clone(),
            sandbox: None,
            read_only: false,
            quotas: clouds::Quotas::default(),
            // The log is written by the thread of the command alone.
            log: std::rc::Rc::default(),
        };
        let config = ProviderConfig::parse(self.cloud.provider()).expect("the address of a provider");
        runtime.block_on(async {
            let opened = connector.open(&config, self.arguments.clone()).await;
            let opened = opened.map_err(|problems| {
                let told = problems
                    .iter()
                    .map(|one| format!("{}: {}", one.summary, one.detail));
                told.collect::<Vec<_>>().join("; ")
            })?;
            let cloud = opened.cloud.ok_or("its arguments are not known yet")?;
            let call = Call {
                service: "kms".into(),
                action: action.into(),
                region: None,
                endpoint: None,
                params,
                effect: Effect::Repeatable,
                until: None,
            };
            let answer = cloud.call(call).await.map_err(|error| error.to_string())?;
            let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
            Ok(Reply {
                plaintext: Zeroizing::new(text("Plaintext").ok_or("the service sent no data key")?),
                blob: text("CiphertextBlob").unwrap_or_default(),
            })
        })
    }
}

struct Reply {
    plaintext: Zeroizing<String>,
    blob: String,
}

fn decoded(text: &str) -> Result<Bytes, String> {
    let bytes = BASE64.decode(text);
    bytes
        .map(Zeroizing::new)
        .map_err(|_| "the service sent a data key that is not in base64".to_owned())
}
