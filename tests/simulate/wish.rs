//! What is wished for: keys with aliases, in a configuration that changes from run to run.

use std::path::Path;

use keyform::config::Files;

use super::world::Door;
use crate::dice::Dice;

/// A folder with one file.
pub struct One(pub String);

impl Files for One {
    fn list(&self, _: &Path) -> Result<Vec<String>, String> {
        Ok(vec!["main.tf".into()])
    }

    fn read(&self, _: &Path) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

/// What is wished for.
#[derive(Clone)]
pub struct Wish {
    pub door: Door,
    /// The keys that are declared, each with an alias.
    pub keys: Vec<Key>,
}

/// A key as it is declared.
#[derive(Clone, Copy)]
pub struct Key {
    pub number: usize,
    pub rotates: bool,
    /// How often it was replaced. A key that was is no longer symmetric.
    pub replaced: usize,
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {:?}", self.door, self.keys)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rotates = if self.rotates { "+" } else { "" };
        write!(f, "{}{rotates}", self.description())
    }
}

impl Key {
    /// What no other key carries, nor another one in its place.
    pub fn description(&self) -> String {
        format!("k{}.{}", self.number, self.replaced)
    }

    fn text(&self, door: Door) -> String {
        match door {
            Door::Aws => self.text_aws(),
            Door::Alicloud => self.text_alicloud(),
        }
    }

    fn text_alicloud(&self) -> String {
        let n = self.number;
        let symmetric = "key_usage = \"ENCRYPT/DECRYPT\"\n  key_spec = \"Aliyun_AES_256\"";
        let kind = match self.replaced {
            0 if self.rotates => {
                format!("automatic_rotation = \"Enabled\"\n  rotation_interval = \"7d\"\n  {symmetric}")
            }
            0 => format!("automatic_rotation = \"Disabled\"\n  {symmetric}"),
            often => {
                let spec = ["RSA_2048", "EC_P256"][often % 2];
                format!(
                    "automatic_rotation = \"Disabled\"\n  key_usage = \"SIGN/VERIFY\"\n  key_spec = \"{spec}\""
                )
            }
        };
        format!(
            "resource \"alicloud_kms_key\" \"k{n}\" {{\n  description = \"{}\"\n  {kind}\n  lifecycle {{\n    create_before_destroy = {}\n  }}\n}}\n\
             resource \"alicloud_kms_alias\" \"a{n}\" {{\n  alias_name = \"alias/a{n}\"\n  key_id = alicloud_kms_key.k{n}.id\n}}\n",
            self.description(),
            n.is_multiple_of(2),
        )
    }

    /// Keys with even numbers are replaced by one that is made first.
    fn text_aws(&self) -> String {
        let n = self.number;
        let kind = match self.replaced {
            0 => format!("enable_key_rotation = {}", self.rotates),
            often => {
                let spec = ["ECC_NIST_P256", "ECC_NIST_P384"][often % 2];
                format!("key_usage = \"SIGN_VERIFY\"\n  customer_master_key_spec = \"{spec}\"")
            }
        };
        format!(
            "resource \"aws_kms_key\" \"k{n}\" {{\n  description = \"{}\"\n  {kind}\n  lifecycle {{\n    create_before_destroy = {}\n  }}\n}}\n\
             resource \"aws_kms_alias\" \"a{n}\" {{\n  name = \"alias/a{n}\"\n  target_key_id = aws_kms_key.k{n}.key_id\n}}\n",
            self.description(),
            n.is_multiple_of(2),
        )
    }
}

impl Wish {
    /// Nothing is wished for.
    pub fn new(door: Door) -> Self {
        Self {
            door,
            keys: Vec::new(),
        }
    }

    /// The configuration.
    pub fn text(&self) -> String {
        let region = match self.door {
            Door::Aws => "eu-west-1",
            Door::Alicloud => "cn-hangzhou",
        };
        let mut text = format!(
            "provider \"{}\" {{\n  region = \"{region}\"\n}}\n",
            self.door.word()
        );
        for key in &self.keys {
            text += &key.text(self.door);
        }
        text
    }

    /// Adds a key, takes one out or changes one, or leaves all as it is.
    pub fn change(&mut self, dice: &mut Dice, next: &mut usize) {
        match dice.below(5) {
            0 => self.add(dice, next),
            1 if !self.keys.is_empty() => {
                let at = dice.below(self.keys.len());
                self.keys.remove(at);
            }
            2 if !self.keys.is_empty() => {
                let at = dice.below(self.keys.len());
                self.keys[at].rotates ^= true;
            }
            3 if !self.keys.is_empty() => {
                let at = dice.below(self.keys.len());
                self.keys[at].replaced += 1;
            }
            _ => {}
        }
    }

    /// Declares one more key.
    pub fn add(&mut self, dice: &mut Dice, next: &mut usize) {
        self.keys.push(Key {
            number: *next,
            rotates: dice.one_in(2),
            replaced: 0,
        });
        *next += 1;
    }
}
