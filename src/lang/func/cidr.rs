//! Functions on networks and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Args, Func, FuncError, Kind, LIST_OF_STRING, number, text};
use crate::value::{Type, Value};

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "cidrhost",
        params: &[text("prefix"), number("hostnum")],
        variadic: None,
        returns: Kind::String,
        about: "The address of a host in a network.",
        examples: &[
            ("cidrhost(\"10.12.112.0/20\", 16)", "\"10.12.112.16\""),
            (
                "cidrhost(\"2001:db8::/64\", -1)",
                "\"2001:db8::ffff:ffff:ffff:ffff\"",
            ),
        ],
        call: cidrhost,
    },
    Func {
        name: "cidrnetmask",
        params: &[text("prefix")],
        variadic: None,
        returns: Kind::String,
        about: "The netmask of an IPv4 network.",
        examples: &[("cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\"")],
        call: |args| {
            let network = Network::parse(args.text(0)?)?;
            if network.bits == 128 {
                return Err(FuncError::new(format!(
                    "IPv6 addresses cannot have a netmask: {}",
                    args.text(0)?
                )));
            }
            Ok(network.with(network.mask()).to_string().into())
        },
    },
    Func {
        name: "cidrsubnet",
        params: &[text("prefix"), number("newbits"), number("netnum")],
        variadic: None,
        returns: Kind::String,
        about: "A network inside a network.",
        examples: &[("cidrsubnet(\"10.0.0.0/8\", 8, 2)", "\"10.2.0.0/16\"")],
        call: cidrsubnet,
    },
    Func {
        name: "cidrsubnets",
        params: &[text("prefix")],
        variadic: Some(number("newbits")),
        returns: LIST_OF_STRING,
        about: "Consecutive networks inside a network.",
        examples: &[(
            "jsonencode(cidrsubnets(\"10.1.0.0/16\", 4, 4, 8))",
            "\"[\\\"10.1.0.0/20\\\",\\\"10.1.16.0/20\\\",\\\"10.1.32.0/24\\\"]\"",
        )],
        call: cidrsubnets,
    },
    Func {
        name: "cidrcontains",
        params: &[text("containing_prefix"), text("contained_ip_or_prefix")],
        variadic: None,
        returns: Kind::Bool,
        about: "Whether a network contains an address or another network.",
        examples: &[
            ("cidrcontains(\"10.0.0.0/8\", \"10.1.2.3\")", "true"),
            ("cidrcontains(\"10.0.0.0/16\", \"10.0.0.0/8\")", "false"),
        ],
        call: cidrcontains,
    },
];

/// A network: the leading `length` of `bits` bits of an address.
#[derive(Clone, Copy)]
struct Network {
    start: u128,
    length: u32,
    bits: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, FuncError> {
        let wrong = || FuncError::new(format!("invalid CIDR expression: invalid CIDR address: {text}"));
        let (address, length) = text.split_once('/').ok_or_else(wrong)?;
        // A length has digits only, no sign.
        let length = Some(length).filter(|length| length.bytes().all(|digit| digit.is_ascii_digit()));
        let length: u32 = length.and_then(|length| length.parse().ok()).ok_or_else(wrong)?;
        let (start, bits) = match address.parse().or_else(|why| with_zeros(address).ok_or(why)) {
            Ok(IpAddr::V4(address)) => (u128::from(u32::from(address)), 32),
            Ok(IpAddr::V6(address)) => (u128::from(address), 128),
            Err(_) => return Err(wrong()),
        };
        if length > bits {
            return Err(wrong());
        }
        let network = Self { start, length, bits };
        Ok(Self {
            start: start & network.mask(),
            ..network
        })
    }

    /// How many bits number the hosts.
    fn host_bits(self) -> u32 {
        self.bits - self.length
    }

    fn mask(self) -> u128 {
        let all = if self.bits == 128 {
            u128::MAX
        } else {
            u128::from(u32::MAX)
        };
        all & !low_bits(self.host_bits())
    }

    fn with(self, address: u128) -> IpAddr {
        if self.bits == 32 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(address).unwrap_or(u32::MAX)))
        } else {
            IpAddr::V6(Ipv6Addr::from(address))
        }
    }

    fn show(self) -> String {
        format!("{}/{}", self.with(self.start), self.length)
    }
}

/// Leading zeros in the parts of an IPv4 address are read as decimal.
fn with_zeros(address: &str) -> Option<IpAddr> {
    let parts: Vec<u8> = address
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let parts: [u8; 4] = parts.try_into().ok()?;
    Some(IpAddr::V4(Ipv4Addr::from(parts)))
}

fn low_bits(count: u32) -> u128 {
    1u128.checked_shl(count).map_or(u128::MAX, |bit| bit - 1)
}

/// A whole number as large as an address: whether it is below zero, and its distance from there.
fn numbered(args: &Args<'_>, at: usize) -> Result<(bool, u128), FuncError> {
    let number = args.number(at)?;
    if !number.is_integer() {
        return Err(FuncError::argument(at, "a whole number is required"));
    }
    let text = number.to_string();
    let digits = text.trim_start_matches('-');
    let distance = digits
        .parse()
        .map_err(|_| FuncError::argument(at, "the number is larger than any address"))?;
    Ok((text.len() > digits.len(), distance))
}

fn cidrcontains(args: &Args<'_>) -> Result<Value, FuncError> {
    let outer = Network::parse(args.text(0)?)?;
    let text = args.text(1)?;
    let inner = if text.contains('/') {
        Network::parse(text)?
    } else {
        let length = if text.contains(':') { 128 } else { 32 };
        Network::parse(&format!("{text}/{length}"))
            .map_err(|_| FuncError::argument(1, format!("invalid IP address or prefix: {text}")))?
    };
    if outer.bits != inner.bits {
        let message = format!(
            "address family mismatch: {} and {text} are not both IPv4 or both IPv6",
            args.text(0)?
        );
        return Err(FuncError::new(message));
    }
    let within = inner.length >= outer.length && inner.start & outer.mask() == outer.start;
    Ok(within.into())
}

fn cidrhost(args: &Args<'_>) -> Result<Value, FuncError> {
    let network = Network::parse(args.text(0)?)?;
    let (negative, wanted) = numbered(args, 1)?;
    let shown = args.number(1)?;
    let most = low_bits(network.host_bits());
    let refused = || {
        FuncError::new(format!(
            "prefix of {} does not accommodate a host numbered {shown}",
            network.length
        ))
    };
    let place = if negative {
        most.checked_sub(wanted - 1).ok_or_else(refused)?
    } else {
        wanted
    };
    if place > most {
        return Err(refused());
    }
    Ok(network.with(network.start | place).to_string().into())
}

fn cidrsubnet(args: &Args<'_>) -> Result<Value, FuncError> {
    let network = Network::parse(args.text(0)?)?;
    let new = args.whole(1)?;
    let (negative, place) = numbered(args, 2)?;
    let new = u32::try_from(new).map_err(|_| FuncError::argument(1, "must not be negative"))?;
    if negative {
        return Err(FuncError::argument(2, "must not be negative"));
    }
    if new > network.host_bits() {
        return Err(FuncError::new(format!(
            "insufficient address space to extend prefix of {} by {new}",
            network.length
        )));
    }
    if place > low_bits(new) {
        return Err(FuncError::new(format!(
            "prefix extension of {new} does not accommodate a subnet numbered {place}"
        )));
    }
    let length = network.length + new;
    let shifted = place.checked_shl(network.bits - length).unwrap_or(0);
    let subnet = Network {
        start: network.start | shifted,
        length,
        ..network
    };
    Ok(subnet.show().into())
}

fn cidrsubnets(args: &Args<'_>) -> Result<Value, FuncError> {
    let network = Network::parse(args.text(0)?)?;
    let end = network.start | low_bits(network.host_bits());
    let mut next = Some(network.start);
    let mut last: Option<Network> = None;
    let mut made = Vec::new();
    for at in 1..args.all().len() {
        let new = args.whole(at)?;
        let new = u32::try_from(new)
            .ok()
            .filter(|new| *new >= 1)
            .ok_or_else(|| FuncError::argument(at, "must extend prefix by at least one bit"))?;
        if new > 32 {
            return Err(FuncError::argument(
                at,
                "may not extend prefix by more than 32 bits",
            ));
        }
        let length = network.length + new;
        if length > network.bits {
            let protocol = if network.bits == 32 { "IPv4" } else { "IPv6" };
            return Err(FuncError::argument(
                at,
                format!("would extend prefix to {length} bits, which is too long for an {protocol} address"),
            ));
        }
        let size = low_bits(network.bits - length);
        // The next network starts at a multiple of its own size.
        let start = next
            .and_then(|next| next.checked_add(size))
            .map(|next| next & !size);
        let Some(start) = start.filter(|start| start.checked_add(size).is_some_and(|last| last <= end))
        else {
            return Err(FuncError::argument(
                at,
                format!(
                    "not enough remaining address space for a subnet with a prefix of {length} bits after {}",
                    last.unwrap_or(network).show()
                ),
            ));
        };
        let subnet = Network {
            start,
            length,
            ..network
        };
        next = (start + size).checked_add(1);
        last = Some(subnet);
        made.push(Value::from(subnet.show()));
    }
    Ok(Value::list(Type::String, made))
}
