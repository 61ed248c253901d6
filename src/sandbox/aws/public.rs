//! Public halves of asymmetric keys. A pair is made when its public half is first asked for.
//!
//! The arithmetic of curves here is plain, not constant in time: it guards nothing but a sandbox.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, PrivateKeyInfo};
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPrivateKey};
use serde_json::{Value, json};

use super::errors::{Error, unsupported};
use super::world::{Key, Names};
use super::{Aws, Call, random, specs};

/// Shows the public half of a key.
pub fn get(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    call.input.texts("GrantTokens")?;
    let key = world.key(call, Names::Any)?;
    key.check_enabled()?;
    if key.spec == "SYMMETRIC_DEFAULT" || key.spec.starts_with("HMAC_") {
        return Err(unsupported(format!(
            "{} key spec is {} which is not valid for GetPublicKey.",
            key.arn, key.spec
        )));
    }
    let fresh = key.private.is_none();
    let public = public_half(key)?;
    let (member, algorithms) = specs::algorithms(&key.spec, &key.usage);
    let mut reply = json!({
        "KeyId": key.arn,
        "PublicKey": STANDARD.encode(public),
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
    });
    reply[member] = json!(algorithms);
    world.changed |= fresh;
    Ok(reply)
}

/// The DER `SubjectPublicKeyInfo` of a key, whose pair is made if there is none yet.
fn public_half(key: &mut Key) -> Result<Vec<u8>, Error> {
    let private = match &key.private {
        Some(text) => STANDARD.decode(text).map_err(|_| broken())?,
        None => make(&key.spec)?,
    };
    let public = match curve(&key.spec) {
        Some(curve) => curve.public(&private).ok_or_else(broken)?,
        None => rsa_public(&private)?,
    };
    key.private = Some(STANDARD.encode(private));
    Ok(public)
}

/// Whether pairs of this spec are emulated.
pub fn is_emulated(spec: &str) -> bool {
    bits(spec).is_some() || curve(spec).is_some()
}

/// The private half, as it is kept, that somebody brings in PKCS #8; none where it is that of another spec.
pub fn imported(spec: &str, material: &[u8]) -> Option<Vec<u8>> {
    if let Some(bits) = bits(spec) {
        let key = RsaPrivateKey::from_pkcs8_der(material).ok()?;
        return (key.n().bits() == bits).then(|| material.to_vec());
    }
    let curve = curve(spec)?;
    let info = PrivateKeyInfo::try_from(material).ok()?;
    let of_curve = info.algorithm.parameters_oid().ok()?;
    let is_ours = info.algorithm.oid.as_bytes() == EC_PUBLIC_KEY && of_curve.as_bytes() == curve.oid;
    let secret = BigUint::from_bytes_be(scalar(info.private_key)?);
    let is_sound = secret != BigUint::default() && secret < number(curve.order);
    (is_ours && is_sound).then(|| secret.to_bytes_be())
}

/// The number in a private key on a curve (RFC 5915): a sequence of the version and the number, and of more.
fn scalar(key: &[u8]) -> Option<&[u8]> {
    let content = match key {
        [0x30, 0x81, _, rest @ ..] => rest,
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        _ => return None,
    };
    let [2, 1, 1, 4, length, rest @ ..] = content else {
        return None;
    };
    rest.get(..usize::from(*length))
}

/// How many bits a key of RSA has.
fn bits(spec: &str) -> Option<usize> {
    match spec {
        "RSA_2048" => Some(2048),
        "RSA_3072" => Some(3072),
        "RSA_4096" => Some(4096),
        _ => None,
    }
}

/// A private half: a number for curves, PKCS #8 for RSA.
fn make(spec: &str) -> Result<Vec<u8>, Error> {
    if let Some(curve) = curve(spec) {
        // 64 bits more than the order, so that no number is much likelier than another.
        let mut bytes = vec![0; curve.size() + 8];
        random(&mut bytes)?;
        let one = BigUint::from(1_u8);
        return Ok((BigUint::from_bytes_be(&bytes) % (number(curve.order) - &one) + one).to_bytes_be());
    }
    let bits = bits(spec).ok_or_else(|| {
        unsupported(format!(
            "Public keys of key spec {spec} are not emulated by the sandbox."
        ))
    })?;
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).map_err(|_| broken())?;
    Ok(key.to_pkcs8_der().map_err(|_| broken())?.as_bytes().to_vec())
}

fn rsa_public(private: &[u8]) -> Result<Vec<u8>, Error> {
    let key = RsaPrivateKey::from_pkcs8_der(private).map_err(|_| broken())?;
    Ok(key
        .to_public_key()
        .to_public_key_der()
        .map_err(|_| broken())?
        .into_vec())
}

fn broken() -> Error {
    Error::bare("KMSInternalException").status(500)
}

/// A curve y² = x³ + ax + b over a prime field; b is not needed to multiply.
struct Curve {
    /// The object identifier in DER, without its head.
    oid: &'static [u8],
    prime: &'static str,
    a: &'static str,
    x: &'static str,
    y: &'static str,
    order: &'static str,
}

/// The object identifier of keys on curves, in DER without its head.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

/// Nothing is the point at infinity.
type Point = Option<(BigUint, BigUint)>;

impl Curve {
    /// How many bytes a coordinate has.
    fn size(&self) -> usize {
        number(self.prime).bits().div_ceil(8)
    }

    fn public(&self, private: &[u8]) -> Option<Vec<u8>> {
        let (x, y) = self.multiply(&BigUint::from_bytes_be(private))?;
        let mut point = vec![0, 4];
        for coordinate in [x, y] {
            let bytes = coordinate.to_bytes_be();
            point.extend(std::iter::repeat_n(0, self.size() - bytes.len()));
            point.extend(bytes);
        }
        let algorithm = [der(6, EC_PUBLIC_KEY), der(6, self.oid)].concat();
        Some(der(0x30, &[der(0x30, &algorithm), der(3, &point)].concat()))
    }

    /// So many times the generator, by doubling and adding.
    fn multiply(&self, times: &BigUint) -> Point {
        let (prime, a) = (number(self.prime), number(self.a));
        let mut sum: Point = None;
        let mut power: Point = Some((number(self.x), number(self.y)));
        for byte in times.to_bytes_le() {
            for bit in 0..8 {
                if byte >> bit & 1 == 1 {
                    sum = add(sum, power.clone(), &prime, &a);
                }
                power = add(power.clone(), power, &prime, &a);
            }
        }
        sum
    }
}

/// The sum of two points; nothing is the point at infinity.
fn add(one: Point, two: Point, prime: &BigUint, a: &BigUint) -> Point {
    let (Some((x1, y1)), Some((x2, y2))) = (&one, &two) else {
        return one.or(two);
    };
    let minus = |left: &BigUint, right: &BigUint| (left + prime - right) % prime;
    let (rise, run) = if x1 != x2 {
        (minus(y2, y1), minus(x2, x1))
    } else if y1 == y2 && *y1 != BigUint::default() {
        (BigUint::from(3_u8) * x1 * x1 + a, y1 + y1)
    } else {
        return None;
    };
    // By Fermat: the power of p − 2 is the inverse.
    let inverse = run.modpow(&(prime - BigUint::from(2_u8)), prime);
    let slope = rise * inverse % prime;
    let x = minus(&minus(&(&slope * &slope % prime), x1), x2);
    let y = minus(&(slope * minus(x1, &x) % prime), y1);
    Some((x, y))
}

fn number(digits: &str) -> BigUint {
    BigUint::parse_bytes(digits.as_bytes(), 16).expect("the curves are written in hexadecimal digits")
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length @ ..=127) => bytes.push(length),
        Ok(length) => bytes.extend([0x81, length]),
        Err(_) => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

fn curve(spec: &str) -> Option<&'static Curve> {
    match spec {
        "ECC_NIST_P256" => Some(&P256),
        "ECC_NIST_P384" => Some(&P384),
        "ECC_NIST_P521" => Some(&P521),
        "ECC_SECG_P256K1" => Some(&P256K1),
        "SM2" => Some(&SM2),
        _ => None,
    }
}

const P256: Curve = Curve {
    oid: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    a: "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
    x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
};

const P384: Curve = Curve {
    oid: &[0x2b, 0x81, 0x04, 0x00, 0x22],
    prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ff\
        ffffff",
    a: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ff\
        fffffc",
    x: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872\
        760ab7",
    y: "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90\
        ea0e5f",
    order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196acc\
        c52973",
};

const P521: Curve = Curve {
    oid: &[0x2b, 0x81, 0x04, 0x00, 0x23],
    prime: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
        fffffffffffffffffffffffffffffffffffffffff",
    a: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
        ffffffffffffffffffffffffffffffffffffffffc",
    x: "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127\
        a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    y: "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b90\
        13fad0761353c7086a272c24088be94769fd16650",
    order: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc014\
        8f709a5d03bb5c9b8899c47aebb6fb71e91386409",
};

const P256K1: Curve = Curve {
    oid: &[0x2b, 0x81, 0x04, 0x00, 0x0a],
    prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    a: "0",
    x: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    y: "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
    order: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
};

const SM2: Curve = Curve {
    oid: &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d],
    prime: "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff",
    a: "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc",
    x: "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
    y: "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
    order: "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(spec: &str) {
        let curve = curve(spec).unwrap();
        let generator = Some((number(curve.x), number(curve.y)));
        assert_eq!(curve.multiply(&BigUint::from(1_u8)), generator, "once");
        assert_eq!(
            curve.multiply(&number(curve.order)),
            None,
            "as often as the order says"
        );
        let after = curve.multiply(&(number(curve.order) + BigUint::from(1_u8)));
        assert_eq!(after, generator, "once more");
    }

    #[test]
    fn every_curve_closes_after_its_order() {
        for spec in [
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "SM2",
        ] {
            check(spec);
        }
    }
}
