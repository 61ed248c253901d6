//! The functions of the provider `aws`: names of objects in the cloud, taken apart and put together.

use crate::lang::func::{Args, Func, FuncError, Kind, text};
use crate::value::Value;

const ARN: Kind = Kind::Object(&[
    ("account_id", Kind::String),
    ("partition", Kind::String),
    ("region", Kind::String),
    ("resource", Kind::String),
    ("service", Kind::String),
]);

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "arn_build",
        params: &[
            text("partition"),
            text("service"),
            text("region"),
            text("account_id"),
            text("resource"),
        ],
        variadic: None,
        returns: Kind::String,
        about: "Puts an ARN together.",
        examples: &[(
            "provider::aws::arn_build(\"aws\", \"kms\", \"eu-central-1\", \"111122223333\", \"alias/app\")",
            "\"arn:aws:kms:eu-central-1:111122223333:alias/app\"",
        )],
        call: |args| {
            let parts = (0..5).map(|at| args.text(at)).collect::<Result<Vec<_>, _>>()?;
            Ok(format!("arn:{}", parts.join(":")).into())
        },
    },
    Func {
        name: "arn_parse",
        params: &[text("arn")],
        variadic: None,
        returns: ARN,
        about: "Takes an ARN apart.",
        examples: &[(
            "jsonencode(provider::aws::arn_parse(\"arn:aws:kms:eu-central-1:111122223333:key/0a1b\"))",
            "\"{\\\"account_id\\\":\\\"111122223333\\\",\\\"partition\\\":\\\"aws\\\",\\\"region\\\":\\\"eu-central-1\\\",\\\"resource\\\":\\\"key/0a1b\\\",\\\"service\\\":\\\"kms\\\"}\"",
        )],
        call: arn_parse,
    },
    Func {
        name: "trim_iam_role_path",
        params: &[text("arn")],
        variadic: None,
        returns: Kind::String,
        about: "Removes the path from the ARN of an IAM role.",
        examples: &[(
            "provider::aws::trim_iam_role_path(\"arn:aws:iam::111122223333:role/team/admin\")",
            "\"arn:aws:iam::111122223333:role/admin\"",
        )],
        call: trim_iam_role_path,
    },
    Func {
        name: "user_agent",
        params: &[text("product_name"), text("product_version"), text("comment")],
        variadic: None,
        returns: Kind::String,
        about: "Formats a product with its version and a comment as in a User-Agent header.",
        examples: &[(
            "provider::aws::user_agent(\"example\", \"0.0.1\", \"a comment\")",
            "\"example/0.0.1 (a comment)\"",
        )],
        call: user_agent,
    },
];

/// An ARN: `arn:partition:service:region:account:resource`.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Result<Self, FuncError> {
        let wrong = |why: &str| {
            let message = format!(
                "{} is no ARN: {why}; an ARN has the form arn:partition:service:region:account-id:resource",
                crate::addr::quote(text)
            );
            FuncError::argument(0, message)
        };
        let rest = text
            .strip_prefix("arn:")
            .ok_or_else(|| wrong("it does not begin with \"arn:\""))?;
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        let [partition, service, region, account, resource] = *parts.as_slice() else {
            return Err(wrong("it has not enough sections"));
        };
        Ok(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }
}

fn arn_parse(args: &Args<'_>) -> Result<Value, FuncError> {
    let arn = Arn::parse(args.text(0)?)?;
    Ok(Value::object_of([
        ("partition", arn.partition.into()),
        ("service", arn.service.into()),
        ("region", arn.region.into()),
        ("account_id", arn.account.into()),
        ("resource", arn.resource.into()),
    ]))
}

fn trim_iam_role_path(args: &Args<'_>) -> Result<Value, FuncError> {
    let arn = Arn::parse(args.text(0)?)?;
    if arn.service != "iam" {
        return Err(FuncError::argument(0, "the service of the ARN must be \"iam\""));
    }
    if !arn.region.is_empty() {
        return Err(FuncError::argument(0, "the ARN of an IAM role has no region"));
    }
    let path = arn
        .resource
        .strip_prefix("role/")
        .ok_or_else(|| FuncError::argument(0, "the resource of the ARN must begin with \"role/\""))?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let Arn {
        partition, account, ..
    } = arn;
    Ok(format!("arn:{partition}:iam::{account}:role/{name}").into())
}

fn user_agent(args: &Args<'_>) -> Result<Value, FuncError> {
    let (product, version, comment) = (args.text(0)?, args.text(1)?, args.text(2)?);
    if product.is_empty() {
        return Err(FuncError::argument(0, "the name of a product must not be empty"));
    }
    let mut agent = product.to_owned();
    if !version.is_empty() {
        agent.push('/');
        agent.push_str(version);
    }
    if !comment.is_empty() {
        agent.extend([" (", comment, ")"]);
    }
    Ok(agent.into())
}
