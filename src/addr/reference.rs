//! A name as written in an expression, as far as it names an object.

use std::fmt;

use super::{ResourceName, Text};

/// What a traversal refers to. Its first `steps` attribute steps (after the root word) are used up by the name;
/// what follows is a way into the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    pub subject: Subject,
    /// How many attribute steps after the root word belong to the name: 1 for `var.x`, 2 for `data.t.n`.
    pub steps: usize,
}

/// The kinds of things that have names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Variable(Text),
    Local(Text),
    /// A module call; the output's name is a step into it.
    Module(Text),
    Resource(ResourceName),
    /// `each.key`, `each.value`
    Each(Text),
    /// `count.index`
    Count(Text),
    /// `path.module`, `path.root`, `path.cwd`
    Path(Text),
    /// `terraform.workspace`, `terraform.applying`
    Terraform(Text),
    /// `self`
    Itself,
    /// A bare word that is no known kind of name: a `for` variable, or a mistake.
    Bare(Text),
}

impl Reference {
    /// Reads a root word and the attribute names that follow it directly. The error is a full sentence.
    pub fn parse(root: &str, attributes: &[&str]) -> Result<Self, String> {
        let one = |make: fn(Text) -> Subject, example: &str| match attributes.first() {
            Some(name) => Ok(Self {
                subject: make((*name).into()),
                steps: 1,
            }),
            None => Err(format!(
                "The \"{root}\" object cannot be accessed directly. Instead, access one of its attributes, as in \"{root}.{example}\"."
            )),
        };
        let resource = |name: ResourceName, steps| {
            Ok(Self {
                subject: Subject::Resource(name),
                steps,
            })
        };
        match root {
            "var" => one(Subject::Variable, "name"),
            "local" => one(Subject::Local, "name"),
            "module" => one(Subject::Module, "name"),
            "each" => one(Subject::Each, "key"),
            "count" => one(Subject::Count, "index"),
            "path" => one(Subject::Path, "module"),
            "terraform" => one(Subject::Terraform, "workspace"),
            "self" => Ok(Self { subject: Subject::Itself, steps: 0 }),
            "data" => match attributes {
                [ty, name, ..] => resource(ResourceName::data(*ty, *name), 2),
                _ => Err("The \"data\" object must be followed by two attribute names: the data source type and the resource name.".into()),
            },
            "ephemeral" => match attributes {
                [ty, name, ..] => resource(ResourceName::ephemeral(*ty, *name), 2),
                _ => Err("The \"ephemeral\" object must be followed by two attribute names: the ephemeral resource type and the resource name.".into()),
            },
            "resource" => match attributes {
                [ty, name, ..] => resource(ResourceName::managed(*ty, *name), 2),
                _ => Err("The \"resource\" object must be followed by two attribute names: the resource type and the resource name.".into()),
            },
            ty => match attributes.first() {
                Some(name) => resource(ResourceName::managed(ty, *name), 1),
                None => Ok(Self { subject: Subject::Bare(ty.into()), steps: 0 }),
            },
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "var.{name}"),
            Self::Local(name) => write!(f, "local.{name}"),
            Self::Module(name) => write!(f, "module.{name}"),
            Self::Resource(name) => name.fmt(f),
            Self::Each(name) => write!(f, "each.{name}"),
            Self::Count(name) => write!(f, "count.{name}"),
            Self::Path(name) => write!(f, "path.{name}"),
            Self::Terraform(name) => write!(f, "terraform.{name}"),
            Self::Itself => f.write_str("self"),
            Self::Bare(name) => f.write_str(name),
        }
    }
}
