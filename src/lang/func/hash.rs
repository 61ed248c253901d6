//! Checksums of text and files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Digest as _;

use super::file::read;
use super::{Args, Func, FuncError, Kind, Param, text};
use crate::value::Value;

const STR: &[Param] = &[text("str")];
const PATH: &[Param] = &[text("path")];

const fn on(
    name: &'static str,
    params: &'static [Param],
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params,
        variadic: None,
        returns: Kind::String,
        about,
        examples,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on(
        "md5",
        STR,
        "The MD5 checksum in hexadecimal.",
        &[("md5(\"hello\")", "\"5d41402abc4b2a76b9719d911017c592\"")],
        |args| of_text(args, |bytes| hex::encode(md5::Md5::digest(bytes))),
    ),
    on(
        "sha1",
        STR,
        "The SHA-1 checksum in hexadecimal.",
        &[("sha1(\"hello\")", "\"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\"")],
        |args| of_text(args, |bytes| hex::encode(sha1::Sha1::digest(bytes))),
    ),
    on(
        "sha256",
        STR,
        "The SHA-256 checksum in hexadecimal.",
        &[(
            "sha256(\"hello\")",
            "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"",
        )],
        |args| of_text(args, |bytes| hex::encode(sha2::Sha256::digest(bytes))),
    ),
    on(
        "sha512",
        STR,
        "The SHA-512 checksum in hexadecimal.",
        &[(
            "sha512(\"hello\")",
            "\"9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043\"",
        )],
        |args| of_text(args, |bytes| hex::encode(sha2::Sha512::digest(bytes))),
    ),
    on(
        "base64sha256",
        STR,
        "The SHA-256 checksum in Base64.",
        &[(
            "base64sha256(\"hello\")",
            "\"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\"",
        )],
        |args| of_text(args, |bytes| STANDARD.encode(sha2::Sha256::digest(bytes))),
    ),
    on(
        "base64sha512",
        STR,
        "The SHA-512 checksum in Base64.",
        &[(
            "base64sha512(\"hello\")",
            "\"m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==\"",
        )],
        |args| of_text(args, |bytes| STANDARD.encode(sha2::Sha512::digest(bytes))),
    ),
    on(
        "filemd5",
        PATH,
        "The MD5 checksum of a file in hexadecimal.",
        &[(
            "filemd5(\"keys/app.txt\")",
            "\"b1946ac92492d2347c6235b4d2611184\"",
        )],
        |args| of_file(args, |bytes| hex::encode(md5::Md5::digest(bytes))),
    ),
    on(
        "filesha1",
        PATH,
        "The SHA-1 checksum of a file in hexadecimal.",
        &[(
            "filesha1(\"keys/app.txt\")",
            "\"f572d396fae9206628714fb2ce00f72e94f2258f\"",
        )],
        |args| of_file(args, |bytes| hex::encode(sha1::Sha1::digest(bytes))),
    ),
    on(
        "filesha256",
        PATH,
        "The SHA-256 checksum of a file in hexadecimal.",
        &[(
            "filesha256(\"keys/app.txt\")",
            "\"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\"",
        )],
        |args| of_file(args, |bytes| hex::encode(sha2::Sha256::digest(bytes))),
    ),
    on(
        "filesha512",
        PATH,
        "The SHA-512 checksum of a file in hexadecimal.",
        &[(
            "filesha512(\"keys/app.txt\")",
            "\"e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629\"",
        )],
        |args| of_file(args, |bytes| hex::encode(sha2::Sha512::digest(bytes))),
    ),
    on(
        "filebase64sha256",
        PATH,
        "The SHA-256 checksum of a file in Base64.",
        &[(
            "filebase64sha256(\"keys/app.txt\")",
            "\"WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=\"",
        )],
        |args| of_file(args, |bytes| STANDARD.encode(sha2::Sha256::digest(bytes))),
    ),
    on(
        "filebase64sha512",
        PATH,
        "The SHA-512 checksum of a file in Base64.",
        &[(
            "filebase64sha512(\"keys/app.txt\")",
            "\"58IrmUxZ2c8rSOVJseJGZmNgRZMNPafBrLKZ0cO3+TH5Sq5B7dosKyB6NuEPi8uNRSI+VIePWzFufOO2vAGWKQ==\"",
        )],
        |args| of_file(args, |bytes| STANDARD.encode(sha2::Sha512::digest(bytes))),
    ),
];

fn of_text(args: &Args<'_>, digest: fn(&[u8]) -> String) -> Result<Value, FuncError> {
    Ok(digest(args.text(0)?.as_bytes()).into())
}

fn of_file(args: &Args<'_>, digest: fn(&[u8]) -> String) -> Result<Value, FuncError> {
    Ok(digest(&read(args, 0)?).into())
}
