//! State files as they stand: borrowed records in which nothing is decoded that need not be.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A text that borrows from the file where it holds no escapes.
#[derive(serde::Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Str<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Keys that this version does not know.
pub(super) type RestRecord<'a> = Vec<(Str<'a>, &'a RawValue)>;

/// A list that mostly has one element: space is made for no more until there is a second.
pub(super) struct Few<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = Few<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut elements: S) -> Result<Few<T>, S::Error> {
                let mut all = Vec::with_capacity(1);
                while let Some(element) = elements.next_element()? {
                    all.push(element);
                }
                Ok(Few(all))
            }
        }

        deserializer.deserialize_seq(Elements(std::marker::PhantomData))
    }
}

/// Declares a record: every key may be missing or null, and unknown ones are kept.
macro_rules! record {
    ($(#[$about:meta])* $name:ident { $($field:ident: $ty:ty = $key:literal,)* }) => {
        $(#[$about])*
        #[derive(Default)]
        pub(super) struct $name<'a> {
            $(pub(super) $field: Option<$ty>,)*
            pub(super) rest: RestRecord<'a>,
        }

        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields<'a>(std::marker::PhantomData<&'a ()>);

                impl<'de: 'a, 'a> Visitor<'de> for Fields<'a> {
                    type Value = $name<'a>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<$name<'a>, M::Error> {
                        let mut record = $name::default();
                        while let Some(key) = map.next_key::<Str<'a>>()? {
                            match &*key.0 {
                                $($key if record.$field.is_some() => {
                                    return Err(serde::de::Error::duplicate_field($key));
                                })*
                                $($key => record.$field = map.next_value()?,)*
                                _ => record.rest.push((key, map.next_value()?)),
                            }
                        }
                        Ok(record)
                    }
                }

                deserializer.deserialize_map(Fields(std::marker::PhantomData))
            }
        }
    };
}

record! {
    /// The file.
    StateRecord {
        version: &'a RawValue = "version",
        terraform_version: Str<'a> = "terraform_version",
        serial: &'a RawValue = "serial",
        lineage: Str<'a> = "lineage",
        outputs: BTreeMap<Str<'a>, OutputRecord<'a>> = "outputs",
        resources: Vec<ResourceRecord<'a>> = "resources",
        check_results: Vec<CheckRecord<'a>> = "check_results",
    }
}

record! {
    OutputRecord {
        value: &'a RawValue = "value",
        ty: &'a RawValue = "type",
        sensitive: bool = "sensitive",
    }
}

record! {
    ResourceRecord {
        module: Str<'a> = "module",
        mode: Str<'a> = "mode",
        ty: Str<'a> = "type",
        name: Str<'a> = "name",
        each: &'a RawValue = "each",
        provider: Str<'a> = "provider",
        instances: Few<InstanceRecord<'a>> = "instances",
    }
}

record! {
    InstanceRecord {
        index_key: &'a RawValue = "index_key",
        status: Str<'a> = "status",
        deposed: Str<'a> = "deposed",
        schema_version: &'a RawValue = "schema_version",
        attributes: &'a RawValue = "attributes",
        attributes_flat: &'a RawValue = "attributes_flat",
        sensitive_attributes: &'a RawValue = "sensitive_attributes",
        sensitive_within: &'a RawValue = "sensitive_within",
        withheld: &'a RawValue = "withheld",
        identity_schema_version: &'a RawValue = "identity_schema_version",
        identity: &'a RawValue = "identity",
        private: Str<'a> = "private",
        dependencies: &'a RawValue = "dependencies",
        create_before_destroy: bool = "create_before_destroy",
        incomplete: bool = "incomplete",
        prevent_destroy: bool = "prevent_destroy",
        on_destroy: Str<'a> = "on_destroy",
        provider_key: Str<'a> = "provider_key",
    }
}

record! {
    CheckRecord {
        kind: Str<'a> = "object_kind",
        config_addr: Str<'a> = "config_addr",
        status: Str<'a> = "status",
        objects: Vec<CheckObjectRecord<'a>> = "objects",
    }
}

record! {
    CheckObjectRecord {
        address: Str<'a> = "object_addr",
        status: Str<'a> = "status",
        failure_messages: Vec<Str<'a>> = "failure_messages",
    }
}
